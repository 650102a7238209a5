//! The real program under faults: killed in the middle, without room on the disk, with a disk that fails to sync.

mod acts;
mod disks;
mod durable;
mod judge;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use self::judge::judge;
use crate::city::PICTURE;

/// The program in a process of its own.
struct Program {
    child: Child,
    base: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port")
        .port()
}

/// Starts `tongban demo` on `data`; `around` goes before it (strace).
fn start(data: &Path, port: u16, around: &[&str]) -> Program {
    start_on(data, port, around, None)
}

/// As [`start`]; on PostgreSQL if `database` names one.
fn start_on(data: &Path, port: u16, around: &[&str], database: Option<&str>) -> Program {
    let program = env!("CARGO_BIN_EXE_tongban");
    let mut words: Vec<&str> = around.to_vec();
    words.push(program);
    let mut command = Command::new(words[0]);
    command
        .args(&words[1..])
        .args(["demo", "--listen", &format!("127.0.0.1:{port}"), "--data"])
        .arg(data)
        .args(database.iter().flat_map(|url| ["--database", *url]))
        .env("TONGBAN_LOG", "error")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Program {
        child: command.spawn().expect("the program starts"),
        base: format!("http://127.0.0.1:{port}"),
    }
}

fn client() -> Client {
    Client::builder()
        .timeout(Duration::from_secs(10))
        .build()
        .expect("a client")
}

async fn ready(program: &Program, client: &Client) -> Duration {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(120) {
        if let Ok(answer) = client.get(format!("{}/readyz", program.base)).send().await
            && answer.status() == StatusCode::OK
        {
            return begun.elapsed();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the program did not become ready in two minutes");
}

async fn log_in(base: &str, client: &Client, login: &str) -> String {
    let password = tongban::demo::password().expect("a password");
    let answer = client
        .post(format!("{base}/api/v1/sessions"))
        .json(&json!({"login": login, "password": password}))
        .send()
        .await
        .expect("answered");
    assert_eq!(answer.status(), StatusCode::CREATED);
    answer.json::<Value>().await.expect("JSON")["token"]
        .as_str()
        .expect("a token")
        .to_owned()
}

/// One hand of the load: makes drafts and submits them; everything is repeated until it has a definite answer.
struct Hand {
    client: Client,
    base: String,
    token: String,
}

impl Hand {
    /// Sends until there is an answer that is not "busy"; lost connections are repeated with the same key.
    async fn sure(&self, send: impl Fn() -> reqwest::RequestBuilder) -> (StatusCode, Value) {
        loop {
            if let Ok(answer) = send().bearer_auth(&self.token).send().await {
                let status = answer.status();
                if let Ok(body) = answer.text().await
                    && !status.is_server_error()
                {
                    return (status, serde_json::from_str(&body).unwrap_or_default());
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn draft(&self, n: usize) -> String {
        let sample =
            tongban::demo::sample(tongban_kernel::Clock::today(&tongban_storage::SystemClock))
                .expect("a sample");
        let path = format!("{}/api/v1/drafts", self.base);
        let body = json!({"item_code": sample["item"], "situation": sample["situation"]});
        let key = format!("draft-{}-{n}", &self.token[..16]);
        let (status, draft) = self
            .sure(|| {
                self.client
                    .post(&path)
                    .header("idempotency-key", &key)
                    .json(&body)
            })
            .await;
        assert_eq!(status, StatusCode::CREATED, "{draft}");
        let draft = draft["draft"].as_str().expect("an id").to_owned();
        let answers = format!("{path}/{draft}/answers");
        let save = || {
            self.client
                .put(&answers)
                .header("if-match", "\"r1\"")
                .json(&sample["values"])
        };
        let (status, told) = self.sure(save).await;
        // A repeat after a lost answer finds its own save and is told of a newer revision.
        assert!(
            status.is_success() || status.is_client_error(),
            "{status} {told}"
        );
        for material in sample["materials"].as_array().expect("materials") {
            let material = material.as_str().expect("a name");
            let (status, told) = self
                .sure(|| {
                    let part = reqwest::multipart::Part::bytes(PICTURE)
                        .file_name(format!("{material}.png"));
                    let form = reqwest::multipart::Form::new().part(material.to_owned(), part);
                    self.client
                        .post(format!("{path}/{draft}/files"))
                        .header("idempotency-key", format!("{material}-{draft}"))
                        .multipart(form)
                })
                .await;
            assert_eq!(status, StatusCode::CREATED, "{told}");
        }
        draft
    }

    /// Submits; the number of the case.
    async fn submit(&self, draft: &str) -> String {
        let path = format!("{}/api/v1/drafts/{draft}/submission", self.base);
        let (status, receipt) = self
            .sure(|| {
                self.client
                    .post(&path)
                    .header("idempotency-key", format!("submit-{draft}"))
            })
            .await;
        assert_eq!(status, StatusCode::CREATED, "{receipt}");
        receipt["project_no"].as_str().expect("a number").to_owned()
    }

    async fn cases(&self) -> BTreeSet<String> {
        let (mut found, mut path) = (
            BTreeSet::new(),
            format!("{}/api/v1/cases?limit=100", self.base),
        );
        loop {
            let (status, page) = self.sure(|| self.client.get(&path)).await;
            assert_eq!(status, StatusCode::OK);
            let items = page["items"].as_array().expect("items").clone();
            found.extend(
                items
                    .iter()
                    .map(|case| case["project_no"].as_str().expect("a number").to_owned()),
            );
            match page["next"].as_str() {
                Some(next) if !items.is_empty() => {
                    path = format!("{}/api/v1/cases?limit=100&after={next}", self.base)
                }
                _ => return found,
            }
        }
    }
}

/// Check R1: twenty kills under sixteen clients; nothing acknowledged is lost, nothing happens twice.
#[test]
fn twenty_kills_lose_nothing_and_double_nothing() {
    tongban_testkit::block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        twenty_kills(&folder, None).await;
    });
}

/// Check R1 on PostgreSQL: the program is killed, the database goes on.
#[test]
fn twenty_kills_on_postgresql_lose_nothing_and_double_nothing() {
    tongban_testkit::block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let database = tongban_testkit::postgres_schema(&folder).await;
        twenty_kills(&folder, Some(&database)).await;
    });
}

async fn twenty_kills(folder: &tempfile::TempDir, database: Option<&str>) {
    let (data, port) = (folder.path().join("data"), free_port());
    let client = client();
    let mut program = start_on(&data, port, &[], database);
    ready(&program, &client).await;
    let token = log_in(&program.base, &client, "chenxiaoyun").await;
    let acknowledged = Arc::new(Mutex::new(BTreeMap::new()));
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let mut hands = tokio::task::JoinSet::new();
    for hand in 0..16_usize {
        let hand_of = Hand {
            client: client.clone(),
            base: program.base.clone(),
            token: token.clone(),
        };
        let (acknowledged, stop) = (Arc::clone(&acknowledged), Arc::clone(&stop));
        hands.spawn(async move {
            let mut n = hand * 1_000_000;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                n += 1;
                let draft = hand_of.draft(n).await;
                let number = hand_of.submit(&draft).await;
                acknowledged.lock().expect("whole").insert(draft, number);
            }
        });
    }
    let mut slowest = Duration::ZERO;
    for kill in 0..20_u64 {
        tokio::time::sleep(Duration::from_millis(400 + kill * 137 % 900)).await;
        program.child.kill().expect("killed");
        program.child.wait().expect("gone");
        program = start_on(&data, port, &[], database);
        slowest = slowest.max(ready(&program, &client).await);
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    while let Some(joined) = hands.join_next().await {
        joined.expect("no hand panicked");
    }
    let acknowledged = acknowledged.lock().expect("whole").clone();
    let hand = Hand {
        client: client.clone(),
        base: program.base.clone(),
        token,
    };
    println!(
        "{} submissions acknowledged over 20 kills, slowest restart {slowest:?}",
        acknowledged.len()
    );
    assert!(
        acknowledged.len() >= 20,
        "too little happened to judge: {}",
        acknowledged.len()
    );
    judge(&acknowledged, &hand.cases().await).expect("nothing lost, nothing doubled");
}

/// A small file system of its own; needs root.
struct Disk(PathBuf);

/// Files that a small disk holds, whatever their size.
const FILES_MAX: u32 = 4_000;

impl Disk {
    fn new(folder: &Path, megabytes: u32) -> Self {
        std::fs::create_dir_all(folder).expect("a folder");
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o"])
            .arg(format!("size={megabytes}m,nr_inodes={FILES_MAX}"))
            .arg("none")
            .arg(folder)
            .status()
            .expect("mount is installed (apt-get install mount)");
        assert!(
            done.success(),
            "this test mounts a small tmpfs and therefore runs as root"
        );
        Self(folder.to_owned())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Check R7: a full disk refuses writes with a sentence, goes on reading, and recovers without a restart.
#[test]
fn a_full_disk_refuses_writes_and_recovers() {
    tongban_testkit::block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = Disk::new(&folder.path().join("disk"), 64);
        let (data, client) = (disk.0.join("data"), client());
        let program = start(&data, free_port(), &[]);
        ready(&program, &client).await;
        let token = log_in(&program.base, &client, "chenxiaoyun").await;
        let hand = Hand {
            client: client.clone(),
            base: program.base.clone(),
            token: token.clone(),
        };
        let draft = hand.draft(1).await;
        let filler = disk.0.join("filler");
        fill(&filler);
        let submit = |key: &'static str| {
            client
                .post(format!("{}/api/v1/drafts/{draft}/submission", program.base))
                .bearer_auth(&token)
                .header("idempotency-key", key)
                .send()
        };
        let mut refused = None;
        for _ in 0..50 {
            let answer = submit("on-a-full-disk").await.expect("answered");
            if !answer.status().is_success() {
                refused = Some(answer.status());
                break;
            }
        }
        // A submission may still fit into the pages that are there; a larger file never does.
        let part = reqwest::multipart::Part::bytes([PICTURE, &vec![7; 4 << 20]].concat())
            .file_name("large.png");
        let form = reqwest::multipart::Form::new().part("proxy", part);
        let upload = client
            .post(format!("{}/api/v1/drafts/{draft}/files", program.base))
            .bearer_auth(&token)
            .header("idempotency-key", "file-on-a-full-disk")
            .multipart(form)
            .send()
            .await
            .expect("answered");
        assert!(
            matches!(upload.status().as_u16(), 503 | 507 | 409),
            "upload on a full disk: {}",
            upload.status()
        );
        if let Some(status) = refused {
            assert!(
                matches!(status.as_u16(), 503 | 507),
                "submission on a full disk: {status}"
            );
        }
        let home = client
            .get(format!("{}/", program.base))
            .send()
            .await
            .expect("answered");
        assert_eq!(home.status(), StatusCode::OK, "reads go on");
        std::fs::remove_file(&filler).expect("freed");
        let begun = Instant::now();
        loop {
            let answer = submit("on-a-full-disk").await.expect("answered");
            if answer.status() == StatusCode::CREATED {
                break;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(10),
                "no recovery after ten seconds: {}",
                answer.status()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(hand.cases().await.len(), 1);
    });
}

/// Takes all the room there is.
fn fill(path: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(path).expect("a file");
    for size in [1 << 20, 1 << 12, 1] {
        let block = vec![0_u8; size];
        while file.write_all(&block).is_ok() {}
    }
}
