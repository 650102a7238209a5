//! The request `add-checkpoint` and the witness's judgement.

use tongban_tlog::*;

use crate::world::{ORIGIN, log_key};

struct Growing {
    hashes: MemoryHashes,
    frontier: Frontier<Sha256Tree>,
}

impl Growing {
    fn of(size: u64, salt: u8) -> Self {
        let (mut hashes, mut frontier) = (MemoryHashes::default(), Frontier::new());
        for i in 0..size {
            let leaf = Sha256Tree::leaf(&[salt, i as u8]);
            frontier
                .append_with(leaf, |level, index, hash| {
                    hashes.insert(level, index, *hash)
                })
                .unwrap();
        }
        Self { hashes, frontier }
    }

    fn head(&self, size: u64) -> Checkpoint {
        let root = if size == 0 {
            Sha256Tree::empty()
        } else {
            tree_root::<Sha256Tree>(&self.hashes, size).unwrap()
        };
        Checkpoint {
            origin: ORIGIN.into(),
            size,
            root,
        }
    }

    fn request(&self, old: u64) -> AddCheckpoint {
        let size = self.frontier.size();
        AddCheckpoint {
            old,
            proof: if old == 0 || old == size {
                Vec::new()
            } else {
                consistency_proof::<Sha256Tree>(&self.hashes, old, size).unwrap()
            },
            checkpoint: self.head(size).sign(&[&log_key()]).unwrap(),
        }
    }
}

#[test]
fn a_request_is_printed_and_read_back_and_nothing_else_is_read() {
    for (size, old) in [(1, 0), (7, 3), (8, 8), (200, 77)] {
        let request = Growing::of(size, 0).request(old);
        let text = request.to_string();
        assert!(text.starts_with(&format!("old {old}\n")));
        assert_eq!(AddCheckpoint::parse(&text).unwrap(), request);
        for wrong in [
            text.replacen("old ", "old 0", 1),
            text.replacen("old ", "new ", 1),
            text.replacen("\n\n", "\n", 2),
            text.replacen('\n', "\nAAAA\n", 1),
            text.replacen('\n', &format!("\n{}", "A\n".repeat(80)), 1),
            String::new(),
        ] {
            assert!(AddCheckpoint::parse(&wrong).is_err(), "{wrong}");
        }
    }
}

#[test]
fn a_witness_goes_forward_only_and_along_one_tree() {
    let keys = [log_key().verifier()];
    let (log, fork) = (Growing::of(20, 0), Growing::of(20, 1));
    let known = log.head(12);
    assert_eq!(log.request(0).judge(&keys, None), Ok(log.head(20)));
    assert_eq!(log.request(12).judge(&keys, Some(&known)), Ok(log.head(20)));
    assert_eq!(
        log.request(20).judge(&keys, Some(&log.head(20))),
        Ok(log.head(20))
    );
    let refused = |request: &AddCheckpoint, known: Option<&Checkpoint>| {
        request.judge(&keys, known).unwrap_err()
    };
    assert_eq!(
        refused(&log.request(11), Some(&known)),
        Refusal::Conflict(12)
    );
    assert_eq!(refused(&log.request(12), None), Refusal::Conflict(0));
    assert_eq!(refused(&fork.request(12), Some(&known)), Refusal::BadProof);
    assert_eq!(
        refused(&fork.request(20), Some(&log.head(20))),
        Refusal::Conflict(20)
    );
    // Rolled back: the log is shorter than what the witness knows.
    let short = Growing::of(10, 0);
    assert_eq!(
        refused(&short.request(10), Some(&known)),
        Refusal::Conflict(12)
    );
    let mut beyond = short.request(10);
    beyond.old = 12;
    assert_eq!(refused(&beyond, Some(&known)), Refusal::Malformed);
    let mut long = log.request(0);
    long.proof.push([0; 32]);
    assert_eq!(refused(&long, None), Refusal::BadProof);
    assert_eq!(log.request(0).judge(&[], None), Err(Refusal::UnknownLog));
    let stranger = Ed25519Signer::from_seed(ORIGIN, &[9; 32]).unwrap();
    assert_eq!(
        log.request(0).judge(&[stranger.verifier()], None),
        Err(Refusal::Unsigned)
    );
    let statuses: Vec<u16> = [
        Refusal::Malformed,
        Refusal::Unsigned,
        Refusal::UnknownLog,
        Refusal::Conflict(1),
        Refusal::BadProof,
    ]
    .map(Refusal::status)
    .to_vec();
    assert_eq!(statuses, [400, 403, 404, 409, 422]);
}

#[test]
fn a_policy_names_where_its_witnesses_are() {
    let key = Cosigner::from_seed("audit.example", &[2; 32])
        .unwrap()
        .verifier();
    let text = format!(
        "witness audit {} https://audit.example/w\nquorum audit\n",
        key.to_vkey()
    );
    let policy = Policy::parse(&text).unwrap();
    let witness = policy.witnesses().next().unwrap();
    assert_eq!(
        (witness.name, witness.url),
        ("audit", Some("https://audit.example/w"))
    );
    assert_eq!(witness.key, &key);
}
