//! A small log with one case in it, its witnesses and its holder.

use std::collections::BTreeMap;

use serde_json::json;
use tongban_tlog::*;

pub(crate) const ORIGIN: &str = "log.example.gov.cn/2026";
pub(crate) const KEY: CaseKey = [7; 32];

fn sm2_key() -> sm2::dsa::SigningKey {
    sm2::dsa::SigningKey::from_slice("1234567812345678", &[5; 32]).unwrap()
}

pub(crate) fn sm2_public() -> [u8; 65] {
    sm2_key().verifying_key().to_sec1_bytes()[..]
        .try_into()
        .unwrap()
}

pub(crate) fn sm2_raw(message: &[u8]) -> [u8; 64] {
    use sm2::dsa::signature::Signer;
    let signature: sm2::dsa::Signature = sm2_key().try_sign(message).unwrap();
    signature.to_bytes().into()
}

pub(crate) fn sm2_log(name: &str) -> Sm2Signer<impl Fn(&[u8]) -> Result<[u8; 64], TlogError>> {
    Sm2Signer::new(name, &sm2_public(), |m: &[u8]| Ok(sm2_raw(m))).unwrap()
}

/// Salts in a fixed order: SM3 of a counter.
pub(crate) fn salts(start: u64) -> impl FnMut() -> Hash {
    let mut counter = start * 1000;
    move || {
        counter += 1;
        Sm3Tree::leaf(&counter.to_be_bytes())
    }
}

pub(crate) fn event(seq: u64, prev: Option<&Leaf>, decision: &str) -> Leaf {
    let (p, p3) = match prev {
        Some(leaf) => (leaf.hash::<Sha256Tree>(), leaf.hash::<Sm3Tree>()),
        None => ([0; 32], [0; 32]),
    };
    let draft = LeafBuilder::after(LeafKind::Case, &KEY, seq, &p, &p3)
        .field("case_no", "330100260821000017")
        .field("event", decision)
        .field("actor", "clerk-0412")
        .field("actor_role", "综窗人员")
        .field("organ", "11330100002489559F")
        .field("policy_version", 3)
        .field("state_before", "submitted")
        .field("state_after", "accepted")
        .field("files", json!([]))
        .field("basis", "行政许可法 第三十二条")
        .field("applicant", "王芳")
        .field("opinion", json!({"同意": true, "理由": "材料齐全"}))
        .seal(1_787_304_660_000 + 61_000 * seq as i64, salts(seq))
        .unwrap();
    let signature = sm2_raw(&draft.message_to_sign());
    draft
        .with_actor_sig(&signature, [seq as u8; 32])
        .unwrap()
        .finish()
}

/// The key of the log of [`ORIGIN`].
pub(crate) fn log_key() -> Ed25519Signer {
    Ed25519Signer::from_seed(ORIGIN, &[1; 32]).unwrap()
}

/// A look at the data of the case.
pub(crate) fn access(seq: u64, prev: Option<&Leaf>, purpose: &str) -> Leaf {
    let (p, p3) = match prev {
        Some(leaf) => (leaf.hash::<Sha256Tree>(), leaf.hash::<Sm3Tree>()),
        None => ([0; 32], [0; 32]),
    };
    LeafBuilder::after(LeafKind::Access, &KEY, seq, &p, &p3)
        .field("case_no", "330100260821000017")
        .field("event", "viewed")
        .field("actor", "clerk-0412")
        .field("organ_name", "市场监管局")
        .field("purpose", purpose)
        .field("basis", "行政许可法 第二十六条")
        .build(1_787_304_690_000 + 61_000 * seq as i64, salts(500 + seq))
        .unwrap()
}

pub(crate) struct World {
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) leaves: Vec<Leaf>,
    places: Vec<u64>,
    log: Ed25519Signer,
    witnesses: Vec<Cosigner>,
}

impl World {
    /// `others` foreign entries with the events of the case strewn among them.
    pub(crate) fn new(decisions: &[&str]) -> Self {
        let mut world = Self {
            entries: Vec::new(),
            leaves: Vec::new(),
            places: Vec::new(),
            log: Ed25519Signer::from_seed(ORIGIN, &[1; 32]).unwrap(),
            witnesses: (1..=3)
                .map(|n| Cosigner::from_seed(format!("w{n}"), &[n; 32]).unwrap())
                .collect(),
        };
        for (seq, decision) in decisions.iter().enumerate() {
            for i in 0..37 {
                world
                    .entries
                    .push(format!("gov-ops-event/v1\nfiller {seq} {i}\n").into_bytes());
            }
            let leaf = event(seq as u64, world.leaves.last(), decision);
            world.places.push(world.entries.len() as u64);
            world.entries.push(leaf.text.to_string().into_bytes());
            world.leaves.push(leaf);
        }
        world
    }

    pub(crate) fn policy(&self) -> Policy {
        let mut policy = Policy::default();
        policy.add_log(self.log.verifier()).unwrap();
        policy
            .add_log(NoteVerifier::sm2(ORIGIN, &sm2_public()).unwrap())
            .unwrap();
        policy
            .add_log(NoteVerifier::sm2(&format!("{ORIGIN}-sm3"), &sm2_public()).unwrap())
            .unwrap();
        for (n, witness) in self.witnesses.iter().enumerate() {
            policy
                .add_witness(&format!("w{n}"), witness.verifier())
                .unwrap();
        }
        policy
            .add_group("quorum", "2", &["w0", "w1", "w2"])
            .unwrap();
        policy.set_quorum("quorum").unwrap();
        policy
    }

    fn tree<H: TreeHash>(&self) -> (BTreeMap<TileId, Vec<u8>>, TileWriter<H>) {
        let (mut writer, mut full) = (TileWriter::<H>::new(), Vec::new());
        for entry in &self.entries {
            writer.append(H::leaf(entry), &mut full).unwrap();
        }
        full.extend(writer.partials());
        (full.into_iter().map(|t| (t.id, t.bytes)).collect(), writer)
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        let (_, writer) = self.tree::<Sha256Tree>();
        Checkpoint {
            origin: ORIGIN.into(),
            size: writer.size(),
            root: writer.root(),
        }
    }

    /// Signed by the log; cosigned only if the witnesses have agreed.
    pub(crate) fn note(&self, witnessed: bool) -> Note {
        let mut note = self
            .checkpoint()
            .sign(&[&self.log, &sm2_log(ORIGIN)])
            .unwrap();
        for witness in self.witnesses.iter().take(if witnessed { 2 } else { 0 }) {
            note.push(witness.cosign(note.text(), 1_790_000_000).unwrap())
                .unwrap();
        }
        note
    }

    pub(crate) fn bundle_with(&self, note: &Note) -> Bundle {
        let (tiles, writer) = self.tree::<Sha256Tree>();
        let (tiles3, writer3) = self.tree::<Sm3Tree>();
        let size = writer.size();
        let origin = format!("{ORIGIN}-sm3");
        let head3 = Checkpoint {
            origin: origin.clone(),
            size,
            root: writer3.root(),
        };
        let note3 = head3.sign(&[&sm2_log(&origin)]).unwrap();
        let mut events = Vec::new();
        for (leaf, place) in self.leaves.iter().zip(&self.places) {
            let path = inclusion_proof::<Sha256Tree>(
                &TileReader::<Sha256Tree, _>::new(size, &tiles),
                *place,
                size,
            )
            .unwrap();
            let path3 = inclusion_proof::<Sm3Tree>(
                &TileReader::<Sm3Tree, _>::new(size, &tiles3),
                *place,
                size,
            )
            .unwrap();
            let proof = TlogProof {
                extra: None,
                index: *place,
                path,
                checkpoint: note.clone(),
            };
            let proof3 = TlogProof {
                extra: None,
                index: *place,
                path: path3,
                checkpoint: note3.clone(),
            };
            events.push(BundleEvent::new(leaf, &proof, Some(&proof3)).unwrap());
        }
        Bundle::new(KEY, events)
    }

    pub(crate) fn bundle(&self) -> Bundle {
        self.bundle_with(&self.note(true))
    }

    pub(crate) fn completeness(&self, bundle: &Bundle) -> Step {
        let checkpoint = self.checkpoint();
        let mut entries = self.entries.iter().cloned();
        verify_completeness(
            bundle,
            &mut [verify::LogEntries {
                checkpoint: &checkpoint,
                newer: None,
                entries: &mut entries,
            }],
        )
    }
}
