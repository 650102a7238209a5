//! Witnesses: the log shows them its checkpoints, hands out what their quorum has cosigned, and waits for them with nothing else.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use tongban::translog::{self, Log, Tree};
use tongban_storage::Engine;
use tongban_tlog::witness::SIZE_TYPE;
use tongban_tlog::{
    AddCheckpoint, Checkpoint, Cosigner, Note, NoteVerifier, Policy, Refusal, Status, verify_bundle,
};

use super::{bundle_of, policy_of};
use crate::city::City;

/// A witness as the specification has it, in a server of its own.
struct Witness {
    cosigner: Cosigner,
    /// Keys of the logs that it watches.
    keys: Mutex<Vec<NoteVerifier>>,
    known: Mutex<BTreeMap<String, Checkpoint>>,
    away: AtomicBool,
    /// Cosigns something else than it was shown.
    lies: AtomicBool,
}

impl Witness {
    fn answer(&self, body: &str) -> Response {
        if self.away.load(Ordering::Relaxed) {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        let Ok(request) = AddCheckpoint::parse(body) else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        let text = request.checkpoint.text();
        let origin = text.lines().next().unwrap_or_default().to_owned();
        let mut known = self.known.lock().expect("whole");
        let keys = self.keys.lock().expect("whole");
        match request.judge(&keys, known.get(&origin)) {
            Ok(head) => {
                known.insert(origin, head);
                let text = if self.lies.load(Ordering::Relaxed) {
                    text.replacen("/2026", "/2025", 1)
                } else {
                    text.to_owned()
                };
                let line = self.cosigner.cosign(&text, 1_790_000_000).expect("signed");
                let mut note = Note::new(text).expect("a note");
                note.push(line).expect("a line");
                let note = note.to_string();
                let line = note.lines().last().unwrap_or_default();
                (StatusCode::OK, format!("{line}\n")).into_response()
            }
            Err(Refusal::Conflict(size)) => {
                let headers = [(CONTENT_TYPE, SIZE_TYPE)];
                (StatusCode::CONFLICT, headers, format!("{size}\n")).into_response()
            }
            Err(refusal) => StatusCode::from_u16(refusal.status())
                .expect("a status")
                .into_response(),
        }
    }
}

/// Three witnesses and the lines of a policy that wants two of them.
async fn three() -> (Vec<Arc<Witness>>, String) {
    let (mut witnesses, mut text) = (Vec::new(), String::new());
    for n in 1..=3_u8 {
        let name = format!("w{n}.example");
        let witness = Arc::new(Witness {
            cosigner: Cosigner::from_seed(name.as_str(), &[n; 32]).expect("a key"),
            keys: Mutex::default(),
            known: Mutex::default(),
            away: AtomicBool::new(false),
            lies: AtomicBool::new(false),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let vkey = witness.cosigner.verifier().to_vkey();
        text += &format!("witness w{n} {vkey} http://{address}/\n");
        let serves = Arc::clone(&witness);
        let router = axum::Router::new().route(
            "/add-checkpoint",
            post(move |body: String| async move { serves.answer(&body) }),
        );
        tokio::spawn(async move { axum::serve(listener, router).await });
        witnesses.push(witness);
    }
    (witnesses, text + "group quorum 2 w1 w2 w3\nquorum quorum\n")
}

/// A city whose log has these witnesses, who watch it.
async fn city(engine: Engine, folder: &tempfile::TempDir) -> (City, Vec<Arc<Witness>>) {
    let (witnesses, text) = three().await;
    let path = folder.path().join("witnesses.txt");
    std::fs::write(&path, &text).expect("written");
    let path = path.to_string_lossy().into_owned();
    let city = City::with(engine, &[("log_witnesses", path)]).await;
    let policy = policy_of(&city).await;
    for witness in &witnesses {
        *witness.keys.lock().expect("whole") = policy.logs().to_vec();
    }
    (city, witnesses)
}

async fn size(city: &City) -> Option<u64> {
    let note = translog::checkpoint(&city.app.ctx, None, Tree::Sha256)
        .await
        .ok()?;
    let head = Checkpoint::parse(Note::parse(&note).expect("a note").text());
    Some(head.expect("a checkpoint").size)
}

async fn gather(city: &City) -> usize {
    translog::gather(&city.app.ctx).await.expect("asked")
}

async fn the_quorum_decides_what_is_handed_out(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let (city, witnesses) = city(engine, &folder).await;
    let (citizen, receipt) = city.submitted().await;
    city.sequenced().await;
    // Before anybody has seen it there is nothing to hand out; the citizen is told to wait.
    assert_eq!(size(&city).await, None);
    let provable = tongban_cases::provable_case(&citizen, &receipt.project_no).await;
    let waits = translog::bundle(&city.app.ctx, provable.expect("hers")).await;
    assert_eq!(
        waits.expect_err("no proof yet").kind(),
        tongban_kernel::ErrorKind::Unavailable
    );
    let since = async || {
        translog::unwitnessed_since(&city.app.ctx)
            .await
            .expect("asked")
    };
    assert!(since().await.is_some(), "it waits, and doctor can say so");
    witnesses[2].away.store(true, Ordering::Relaxed);
    assert_eq!(gather(&city).await, 1);
    assert_eq!(since().await, None);
    let seen = translog::last_seen(&city.app.ctx).await.expect("asked");
    let names: Vec<&str> = seen.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["w1", "w2"]);
    let first = size(&city).await.expect("two of three");
    let policy = policy_of(&city).await;
    let report = verify_bundle(
        &bundle_of(&city, &citizen, &receipt.project_no).await,
        &policy,
    );
    assert!(report.is_ok(), "{:?}", report.steps);
    let names: Vec<&str> = report.witnesses.keys().map(String::as_str).collect();
    assert_eq!(names, ["w1", "w2"]);

    // Only one is left: submissions go on, what is handed out stays where it is.
    witnesses[1].away.store(true, Ordering::Relaxed);
    let (_, second) = city.submitted_with("second-one").await;
    city.sequenced().await;
    assert_eq!(gather(&city).await, 0);
    assert_eq!(size(&city).await, Some(first));
    // A witness that signs something else does not count.
    witnesses[1].away.store(false, Ordering::Relaxed);
    witnesses[1].lies.store(true, Ordering::Relaxed);
    assert_eq!(gather(&city).await, 0);
    assert_eq!(size(&city).await, Some(first));
    // Back in order; w1 and w2 were already shown this size, w3 knows nothing: all are asked from where they stand.
    witnesses[1].lies.store(false, Ordering::Relaxed);
    witnesses[2].away.store(false, Ordering::Relaxed);
    assert_eq!(gather(&city).await, 1);
    assert!(size(&city).await > Some(first));
    assert_eq!(gather(&city).await, 0, "nothing new to show");
    let bundle = bundle_of(&city, &citizen, &second.project_no).await;
    let report = verify_bundle(&bundle, &policy);
    assert!(report.is_ok() && report.witnesses.len() == 3, "{report:?}");

    // The quorum is the citizen's: lines cut out of the bundle, and it is not believed.
    let mut bare = bundle.clone();
    for event in &mut bare.events {
        let lines: Vec<&str> = event
            .proof
            .lines()
            .filter(|line| !line.contains("w1.example") && !line.contains("w3.example"))
            .collect();
        event.proof = lines.join("\n") + "\n";
    }
    let failed = verify_bundle(&bare, &policy);
    assert!(
        failed
            .steps
            .iter()
            .any(|step| step.status == Status::Failed && step.detail.contains("见证人数不足")),
        "{:?}",
        failed.steps
    );
}

async fn a_rewritten_or_shortened_log_finds_no_witness(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let (city, witnesses) = city(engine, &folder).await;
    city.submitted().await;
    city.sequenced().await;
    // The witnesses know another tree of this size …
    let origin = translog::volumes(&city.app.ctx).await.expect("logs")[0]
        .origin
        .clone();
    for witness in &witnesses {
        let other = Checkpoint {
            origin: origin.clone(),
            size: 2,
            root: [7; 32],
        };
        witness
            .known
            .lock()
            .expect("whole")
            .insert(origin.clone(), other);
    }
    assert_eq!(gather(&city).await, 0);
    // … or a longer one.
    for witness in &witnesses {
        let mut known = witness.known.lock().expect("whole");
        known.get_mut(&origin).expect("known").size = 5_000;
    }
    assert_eq!(gather(&city).await, 0);
    assert_eq!(size(&city).await, None);
    for witness in &witnesses {
        witness.known.lock().expect("whole").clear();
    }
    assert_eq!(gather(&city).await, 1, "the honest history is cosigned");
}

async fn the_final_checkpoint_of_a_year_is_witnessed_too(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let (city, _witnesses) = city(engine, &folder).await;
    city.submitted().await;
    city.sequenced().await;
    city.clock
        .set("2027-01-02T00:00:00Z".parse().expect("a moment"));
    let (citizen, receipt) = city.submitted_with("new-year").await;
    city.sequenced().await;
    assert_eq!(
        gather(&city).await,
        2,
        "the old log's last and the new log's newest"
    );
    let note = translog::checkpoint(&city.app.ctx, Some(2026), Tree::Sha256).await;
    let policy = policy_of(&city).await;
    let witnessed = policy
        .check(&Note::parse(&note.expect("final")).expect("a note"))
        .expect("believed");
    let volumes = translog::volumes(&city.app.ctx).await.expect("logs");
    assert_eq!(Some(witnessed.checkpoint.size), volumes[0].size);
    let bundle = bundle_of(&city, &citizen, &receipt.project_no).await;
    assert!(verify_bundle(&bundle, &policy).is_ok());
}

macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                tongban_testkit::block_on(super::$name(tongban_storage::Engine::Sqlite));
            }
            #[test]
            fn postgres() {
                tongban_testkit::block_on(super::$name(tongban_storage::Engine::Postgres));
            }
        }
    )+};
}
on_both!(
    the_quorum_decides_what_is_handed_out,
    a_rewritten_or_shortened_log_finds_no_witness,
    the_final_checkpoint_of_a_year_is_witnessed_too,
);

#[test]
fn a_witness_file_with_log_lines_or_without_a_quorum_is_refused() {
    let log = || Log::new(&[1; 32], &[2; 32]).expect("keys");
    let key = Cosigner::from_seed("w.example", &[3; 32])
        .expect("a key")
        .verifier();
    let line = format!("witness w {}\n", key.to_vkey());
    assert!(log().with_witnesses(&format!("{line}quorum w\n")).is_ok());
    assert!(log().with_witnesses(&line).is_err(), "no quorum");
    let own = tongban_tlog::Ed25519Signer::from_seed("log.x/2026", &[1; 32]).expect("a key");
    let text = format!("log {}\n{line}quorum w\n", own.verifier().to_vkey());
    assert!(Policy::parse(&text).is_ok());
    assert!(
        log().with_witnesses(&text).is_err(),
        "log lines are ours to write"
    );
}
