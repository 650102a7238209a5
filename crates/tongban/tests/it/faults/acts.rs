//! Kills while officers act: what was acknowledged happened once, and nothing is half done.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

/// Who does what, in the order of the reference process.
const STEPS: [(&str, &str, &str, &str); 6] = [
    (
        "zhouchuang",
        "pre-review",
        "pre-review",
        r#"{"opinion": "齐全"}"#,
    ),
    ("dhscjg-acceptor", "accept", "acceptance", "{}"),
    (
        "dhscjg-reviewer",
        "review",
        "review",
        r#"{"passed": true, "opinion": "符合"}"#,
    ),
    (
        "xfjy-reviewer",
        "review",
        "review",
        r#"{"passed": true, "opinion": "符合"}"#,
    ),
    (
        "sthj-reviewer",
        "review",
        "review",
        r#"{"passed": true, "opinion": "符合"}"#,
    ),
    (
        "dhscjg-decider",
        "decide",
        "decision",
        r#"{"granted": true, "reason": "依法"}"#,
    ),
];

/// The record of a case that went all the way, without what the platform adds by itself.
const RECORD: [&str; 7] = [
    "received",
    "pre-reviewed",
    "accepted",
    "reviewed",
    "reviewed",
    "reviewed",
    "granted",
];

/// The officers, logged in once; a session outlives a kill.
struct House {
    citizen: Hand,
    officers: Vec<Hand>,
}

impl House {
    async fn open(program: &Program, client: &Client) -> Self {
        let hand = async |login: &str| Hand {
            client: client.clone(),
            base: program.base.clone(),
            token: log_in(&program.base, client, login).await,
        };
        let mut officers = Vec::new();
        for (login, ..) in STEPS {
            officers.push(hand(login).await);
        }
        Self {
            citizen: hand("chenxiaoyun").await,
            officers,
        }
    }

    /// A case from the draft to the decision; its number.
    async fn case(&self, n: usize) -> String {
        let draft = self.citizen.draft(n).await;
        let number = self.citizen.submit(&draft).await;
        for ((_, act, noun, body), officer) in STEPS.iter().zip(&self.officers) {
            let task = officer.task(&number, act).await;
            let path = format!("{}/api/v1/tasks/{task}/{noun}", officer.base);
            let body: Value = serde_json::from_str(body).expect("JSON");
            let send = || {
                let request = officer.client.post(&path).json(&body);
                request.header("idempotency-key", format!("{noun}-{task}"))
            };
            let (status, told) = officer.sure(send).await;
            assert!(status.is_success(), "{noun}: {status} {told}");
        }
        number
    }

    async fn record(&self, number: &str) -> Vec<String> {
        let path = format!("{}/api/v1/cases/{number}", self.citizen.base);
        let get = || self.citizen.client.get(&path);
        let (status, case) = self.citizen.sure(get).await;
        assert_eq!(status, StatusCode::OK, "{case}");
        let names = case["events"].as_array().expect("events").iter();
        let names = names.map(|event| event["event"].as_str().expect("a name").to_owned());
        names
            .filter(|name| RECORD.contains(&name.as_str()))
            .collect()
    }
}

impl Hand {
    /// The open task of the case with this act.
    async fn task(&self, number: &str, act: &str) -> String {
        let path = format!("{}/api/v1/tasks?limit=100", self.base);
        let mut next = path.clone();
        loop {
            let (status, page) = self.sure(|| self.client.get(&next)).await;
            assert_eq!(status, StatusCode::OK, "{page}");
            let items = page["items"].as_array().expect("items");
            let mine = |task: &&Value| task["case"]["project_no"] == number && task["act"] == act;
            if let Some(task) = items.iter().find(mine) {
                return task["task"].as_str().expect("an id").to_owned();
            }
            next = match page["next"].as_str() {
                Some(after) if !items.is_empty() => format!("{path}&after={after}"),
                _ => path.clone(),
            };
        }
    }
}

/// Check R1 for approvals: twelve kills while cases are decided.
#[test]
fn kills_amid_approvals_leave_nothing_half_done() {
    tongban_testkit::block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        killed_amid_approvals(&folder, None).await;
    });
}

/// The same on PostgreSQL: the program is killed, the database goes on.
#[test]
fn kills_amid_approvals_on_postgresql_leave_nothing_half_done() {
    tongban_testkit::block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let database = tongban_testkit::postgres_schema(&folder).await;
        killed_amid_approvals(&folder, Some(&database)).await;
    });
}

async fn killed_amid_approvals(folder: &tempfile::TempDir, database: Option<&str>) {
    let (data, port, client) = (folder.path().join("data"), free_port(), client());
    let mut program = start_on(&data, port, &[], database);
    ready(&program, &client).await;
    let house = Arc::new(House::open(&program, &client).await);
    let stop = Arc::new(AtomicBool::new(false));
    let mut hands = tokio::task::JoinSet::new();
    for hand in 0..6_usize {
        let (house, stop) = (Arc::clone(&house), Arc::clone(&stop));
        hands.spawn(async move {
            let mut done = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                done.push(house.case(hand * 1_000_000 + done.len()).await);
            }
            done
        });
    }
    for kill in 0..12_u64 {
        tokio::time::sleep(Duration::from_millis(400 + kill * 137 % 900)).await;
        program.child.kill().expect("killed");
        program.child.wait().expect("gone");
        program = start_on(&data, port, &[], database);
        ready(&program, &client).await;
    }
    stop.store(true, Ordering::Relaxed);
    let mut decided = Vec::new();
    while let Some(joined) = hands.join_next().await {
        decided.extend(joined.expect("no hand panicked"));
    }
    println!("{} cases decided over 12 kills", decided.len());
    assert!(decided.len() >= 12, "too little happened to judge");
    for number in &decided {
        assert_eq!(house.record(number).await, RECORD, "{number}");
    }
    drop(program);
    // Every case is rebuilt from its record; log, files, index and outbox are looked at.
    let doctor = Command::new(env!("CARGO_BIN_EXE_tongban"))
        .args(["doctor", "--data"])
        .arg(&data)
        .args(database.iter().flat_map(|url| ["--database", *url]))
        .env("TONGBAN_LOG", "error")
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&doctor.stdout);
    let crossed = said.lines().filter(|line| line.starts_with('✘'));
    // Late in a year the next one's holidays are not published yet.
    let ill: Vec<&str> = crossed.filter(|line| !line.contains("节假日")).collect();
    assert!(ill.is_empty(), "{said}");
    assert!(
        said.contains(&format!("✔ 抽查办件 {} 件", decided.len())),
        "{said}"
    );
}
