//! Nothing is acknowledged before it is on the disk: with a disk that fails to sync, and with one that only pretends to.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tongban_kernel::Clock as _;
use tongban_storage::{Db, Settings, SystemClock, params};

use super::judge::{Acknowledged, durable, kept, syncs};
use super::{Hand, Program, client, free_port, log_in, ready, start};

/// What the kernel is asked for by every one of these tests.
const TRACE: [&str; 7] = ["strace", "-f", "-qq", "-ttt", "-T", "-y", "-e"];

fn needs_strace() {
    assert!(
        Command::new("strace").arg("--version").output().is_ok(),
        "strace is not installed, and this test makes fsync fail with it: apt-get install -y strace"
    );
}

fn now() -> f64 {
    SystemClock.now().as_nanosecond() as f64 / 1e9
}

/// A data folder with the city in it, a ready draft and a token.
async fn prepared(data: &Path, client: &Client) -> (String, String) {
    let program = start(data, free_port(), &[]);
    ready(&program, client).await;
    let token = log_in(&program.base, client, "chenxiaoyun").await;
    let hand = Hand {
        client: client.clone(),
        base: program.base.clone(),
        token: token.clone(),
    };
    (hand.draft(1).await, token)
}

/// Starts a draft; what was acknowledged, if it was.
async fn draft(
    program: &Program,
    client: &Client,
    token: &str,
    key: usize,
) -> Option<Acknowledged> {
    let body = json!({"item_code": "1133990200990011XN4330190001000", "situation": {}});
    let asked = now();
    let answer = client
        .post(format!("{}/api/v1/drafts", program.base))
        .bearer_auth(token)
        .header("idempotency-key", format!("sync-{key}"))
        .json(&body)
        .send()
        .await
        .ok()?;
    let answered = now();
    if answer.status() != StatusCode::CREATED {
        return None;
    }
    let told: Value = answer.json().await.ok()?;
    Some(Acknowledged {
        what: told["draft"].as_str()?.to_owned(),
        asked,
        answered,
    })
}

/// Runs the program under strace with this injection and asks for drafts until it ends or `most` are acknowledged.
async fn history(
    data: &Path,
    token: &str,
    inject: Option<&str>,
    most: usize,
) -> (Vec<Acknowledged>, String, Option<std::process::ExitStatus>) {
    let (client, path) = (client(), data.with_extension("trace"));
    let output = path.to_string_lossy().into_owned();
    let mut around = TRACE.to_vec();
    around.push("trace=fdatasync,fsync");
    if let Some(inject) = inject {
        around.extend(["-e", inject]);
    }
    around.extend(["-o", &output]);
    let mut program = start(data, free_port(), &around);
    ready(&program, &client).await;
    let mut acknowledged = Vec::new();
    let begun = Instant::now();
    let mut status = None;
    for key in 0.. {
        status = program.child.try_wait().expect("asked");
        if status.is_some() || acknowledged.len() >= most {
            break;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "the program neither acknowledged nor ended"
        );
        acknowledged.extend(draft(&program, &client, token, key).await);
    }
    stop(program).await;
    let trace = std::fs::read_to_string(path).expect("a trace");
    (acknowledged, trace, status)
}

/// Ends the traced program (the child of strace) and waits for strace to write the trace down.
async fn stop(mut program: Program) {
    let strace = program.child.id();
    let children = format!("/proc/{strace}/task/{strace}/children");
    let traced = std::fs::read_to_string(children).unwrap_or_default();
    for pid in traced.split_whitespace() {
        let _ = Command::new("kill").args(["-9", pid]).status();
    }
    tokio::task::spawn_blocking(move || program.child.wait())
        .await
        .expect("no panic")
        .expect("ended");
}

/// The drafts in the store of a stopped program.
async fn drafts_in(data: &Path) -> BTreeSet<String> {
    let settings = Settings::Sqlite {
        path: data.join("tongban.db"),
        readers: 1,
    };
    let db = tokio::task::spawn_blocking(move || Db::open(&settings))
        .await
        .expect("no panic")
        .expect("opened");
    let ids: Vec<tongban_kernel::DraftId> = db
        .read(|tx| {
            tx.all("SELECT id FROM draft ORDER BY id", params![], |row| {
                row.id(0)
            })
        })
        .await
        .expect("read");
    ids.iter().map(ToString::to_string).collect()
}

/// Check R8: after the first failed sync the program acknowledges nothing more and ends; what it had acknowledged is there.
#[test]
fn a_failed_sync_ends_the_program_before_it_acknowledges() {
    needs_strace();
    tongban_testkit::block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let (data, client) = (folder.path().join("data"), client());
        let (ready_draft, token) = prepared(&data, &client).await;
        let fault = "inject=fdatasync,fsync:error=EIO:when=40+";
        let (acknowledged, trace, status) = history(&data, &token, Some(fault), usize::MAX).await;
        let status = status.expect("the program went on after a failed sync");
        assert!(!status.success(), "ended as if nothing had happened");
        let seen = syncs(&trace);
        assert!(
            seen.iter().any(|sync| !sync.done),
            "no sync failed:\n{trace}"
        );
        assert!(!acknowledged.is_empty(), "too little happened to judge");
        durable(&acknowledged, &seen).expect("no acknowledgement without a sync");
        kept(&acknowledged, &drafts_in(&data).await).expect("nothing lost");
        let program = start(&data, free_port(), &[]);
        ready(&program, &client).await;
        let hand = Hand {
            client: client.clone(),
            base: program.base.clone(),
            token,
        };
        hand.submit(&ready_draft).await;
    });
}

/// The tooth of it: the same program on a disk whose syncs do nothing (as with `synchronous=OFF`) acknowledges without a durable
/// write, and the judge that acquits it on an honest disk convicts it.
#[test]
fn a_program_whose_syncs_are_a_pretence_is_convicted() {
    needs_strace();
    tongban_testkit::block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let (data, client) = (folder.path().join("data"), client());
        let (_, token) = prepared(&data, &client).await;
        let (honest, trace, _) = history(&data, &token, None, 25).await;
        assert_eq!(honest.len(), 25);
        durable(&honest, &syncs(&trace)).expect("an honest disk");
        let fault = "inject=fdatasync,fsync:retval=0";
        let (pretended, trace, _) = history(&data, &token, Some(fault), 25).await;
        assert_eq!(pretended.len(), 25, "the program believes the pretence");
        let verdict = durable(&pretended, &syncs(&trace));
        assert!(
            verdict.expect_err("a pretence").contains("without a sync"),
            "the judge has no teeth"
        );
    });
}
