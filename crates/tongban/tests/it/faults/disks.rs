//! One disk is full and the others are not: the files, or the store with the log in it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode};
use serde_json::Value;

use super::{Disk, Hand, client, fill, free_port, log_in, ready, start};
use crate::city::PICTURE;

/// A person with a program.
struct Person<'a> {
    client: &'a Client,
    base: &'a str,
    token: &'a str,
}

impl Person<'_> {
    async fn get(&self, path: &str) -> (StatusCode, Vec<u8>) {
        let answer = self
            .client
            .get(format!("{}{path}", self.base))
            .bearer_auth(self.token)
            .send()
            .await
            .expect("answered");
        let status = answer.status();
        (status, answer.bytes().await.expect("whole").to_vec())
    }

    /// Uploads a picture with `tail` behind it to a draft: status and, if acknowledged, its id.
    async fn upload(&self, draft: &str, tail: &[u8]) -> (StatusCode, Option<String>) {
        let part = reqwest::multipart::Part::bytes([PICTURE, tail].concat()).file_name("a.png");
        let form = reqwest::multipart::Form::new().part("proxy", part);
        let begun = Instant::now();
        let answer = self
            .client
            .post(format!("{}/api/v1/drafts/{draft}/files", self.base))
            .bearer_auth(self.token)
            .header(
                "idempotency-key",
                format!("upload-{}", tail.last().copied().unwrap_or_default()),
            )
            .multipart(form)
            .send()
            .await
            .expect("answered");
        let status = answer.status();
        if status.is_server_error() {
            assert!(
                begun.elapsed() < Duration::from_secs(1),
                "refused within a second"
            );
            let kind = answer.headers().get("content-type").cloned();
            assert!(
                kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json")),
                "a refusal says why"
            );
            return (status, None);
        }
        let told: Value = answer.json().await.unwrap_or_default();
        let id = told[0]["file"].as_str().map(str::to_owned);
        (status, id)
    }

    /// Every acknowledged file comes back byte for byte.
    async fn judge(&self, draft: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<(), String> {
        for (id, tail) in files {
            let (status, bytes) = self.get(&format!("/drafts/{draft}/files/{id}")).await;
            if status != StatusCode::OK || bytes != [PICTURE, tail].concat() {
                return Err(format!("{id} was acknowledged and comes back as {status}"));
            }
        }
        Ok(())
    }

    async fn submit(&self, draft: &str, key: &str) -> StatusCode {
        self.client
            .post(format!("{}/api/v1/drafts/{draft}/submission", self.base))
            .bearer_auth(self.token)
            .header("idempotency-key", key)
            .send()
            .await
            .expect("answered")
            .status()
    }
}

/// A tail that differs from every other.
fn tail(n: usize, size: usize) -> Vec<u8> {
    let mut bytes = vec![7; size];
    bytes.extend_from_slice(&n.to_be_bytes());
    bytes
}

/// Takes every file name that the disk has left; its bytes stay free.
fn fill_with_names(folder: &Path) {
    std::fs::create_dir(folder).expect("a folder");
    for n in 0.. {
        if std::fs::File::create(folder.join(n.to_string())).is_err() {
            break;
        }
    }
}

/// Check R7, files: what was acknowledged comes back whole, what finds no room is refused, all else goes on.
#[test]
fn a_full_disk_of_files_refuses_files_and_nothing_else() {
    a_disk_of_files_that_takes_no_more(fill, |filler| {
        std::fs::remove_file(filler).expect("freed");
    });
}

/// Check R7, files: a disk may have room and no inode for another file.
#[test]
fn a_disk_without_inodes_refuses_files_and_nothing_else() {
    a_disk_of_files_that_takes_no_more(fill_with_names, |filler| {
        std::fs::remove_dir_all(filler).expect("freed");
    });
}

fn a_disk_of_files_that_takes_no_more(fill: fn(&Path), free: fn(&Path)) {
    tongban_testkit::block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        std::fs::create_dir_all(&data).expect("made");
        let (disk, client) = (Disk::new(&data.join("blobs"), 16), client());
        let program = start(&data, free_port(), &[]);
        ready(&program, &client).await;
        let token = log_in(&program.base, &client, "chenxiaoyun").await;
        let hand = Hand {
            client: client.clone(),
            base: program.base.clone(),
            token: token.clone(),
        };
        let (whole, draft) = (hand.draft(1).await, hand.draft(2).await);
        let her = Person {
            client: &client,
            base: &program.base,
            token: &token,
        };
        let (status, id) = her.upload(&draft, &tail(0, 1 << 20)).await;
        assert_eq!(status, StatusCode::CREATED);
        let mut files = BTreeMap::from([(id.expect("an id"), tail(0, 1 << 20))]);
        let filler = disk.0.join("filler");
        fill(&filler);
        for n in 1..6 {
            let (status, id) = her.upload(&draft, &tail(n, 1 << 18)).await;
            assert!(matches!(status.as_u16(), 503 | 507), "{status}");
            assert_eq!(id, None);
        }
        // The store has room: a draft whose files are there is submitted, and reads go on.
        assert_eq!(
            her.submit(&whole, "a-draft-that-is-whole").await,
            StatusCode::CREATED
        );
        assert_eq!(hand.cases().await.len(), 1);
        her.judge(&draft, &files)
            .await
            .expect("what was acknowledged is there");
        let left: Vec<_> = std::fs::read_dir(disk.0.join("tmp"))
            .into_iter()
            .flatten()
            .collect();
        assert!(
            left.len() <= 1,
            "half-written files are left behind: {left:?}"
        );
        free(&filler);
        let begun = Instant::now();
        loop {
            let (status, id) = her.upload(&draft, &tail(9, 1 << 18)).await;
            if let Some(id) = id {
                files.insert(id, tail(9, 1 << 18));
                break;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(10),
                "no recovery: {status}"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        her.judge(&draft, &files).await.expect("all are there");
        // The tooth: a file that the disk swallowed after it was acknowledged is noticed.
        swallow(&disk.0);
        assert!(
            her.judge(&draft, &files).await.is_err(),
            "the judge has no teeth"
        );
    });
}

/// Empties every large stored file, as a program that ignores "no space left" would have left them.
fn swallow(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            swallow(&path);
        } else if entry.metadata().is_ok_and(|meta| meta.len() > 1 << 17) {
            std::fs::write(path, b"").expect("emptied");
        }
    }
}

/// Check R7, store and log: the leaves of the log are rows of the store, so an act whose leaf finds no room does not happen — nor
/// does an officer's look, while the applicant's own reads go on.
#[test]
fn without_room_for_the_log_nothing_happens_that_would_need_a_leaf() {
    tongban_testkit::block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = Disk::new(&folder.path().join("disk"), 64);
        let data = disk.0.join("data");
        std::fs::create_dir_all(&data).expect("made");
        let blobs = folder.path().join("blobs");
        std::fs::create_dir_all(&blobs).expect("made");
        std::os::unix::fs::symlink(&blobs, data.join("blobs")).expect("files lie elsewhere");
        let client = client();
        let program = start(&data, free_port(), &[]);
        ready(&program, &client).await;
        let token = log_in(&program.base, &client, "chenxiaoyun").await;
        let clerk = log_in(&program.base, &client, "zhouchuang").await;
        let hand = Hand {
            client: client.clone(),
            base: program.base.clone(),
            token: token.clone(),
        };
        let (mut numbers, mut drafts) = (Vec::new(), Vec::new());
        for n in 0..16 {
            let draft = hand.draft(n).await;
            if n < 12 {
                numbers.push(hand.submit(&draft).await);
            } else {
                drafts.push(draft);
            }
        }
        let her = Person {
            client: &client,
            base: &program.base,
            token: &token,
        };
        let officer = Person {
            token: &clerk,
            ..her
        };
        let filler = disk.0.join("filler");
        fill(&filler);
        // Some acts may still fit into pages that are there; then there is no more room, and it stays so.
        let mut acknowledged = numbers.len();
        while let Some(draft) = drafts.pop() {
            let key = format!("on-a-full-disk-{}", drafts.len());
            match her.submit(&draft, &key).await {
                StatusCode::CREATED => acknowledged += 1,
                status => {
                    assert!(matches!(status.as_u16(), 503 | 507), "{status}");
                    drafts.clear();
                }
            }
        }
        // A look needs less room than a submission; each case is another look.
        let mut refused = None;
        for number in &numbers {
            let path = format!("/api/v1/cases/{number}");
            let (status, body) = officer.get(&path).await;
            if status == StatusCode::OK {
                continue;
            }
            assert!(matches!(status.as_u16(), 503 | 507), "{status}");
            assert!(
                !String::from_utf8_lossy(&body).contains("project_no\":"),
                "nothing is shown"
            );
            assert_eq!(
                her.get(&path).await.0,
                StatusCode::OK,
                "her own reads go on"
            );
            refused = Some(number);
            break;
        }
        let number = refused.expect("the disk never became full");
        assert_eq!(hand.cases().await.len(), acknowledged);
        std::fs::remove_file(&filler).expect("freed");
        let begun = Instant::now();
        loop {
            let (status, _) = officer.get(&format!("/api/v1/cases/{number}")).await;
            if status == StatusCode::OK {
                break;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(10),
                "no recovery: {status}"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let page = her.get(&format!("/cases/{number}")).await.1;
        assert!(
            String::from_utf8_lossy(&page).contains("查看办件"),
            "now it is written down"
        );
    });
}
