//! Backup while serving, and restore: by the program itself, in a process of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tongban_cases::{FileKind, NewFile, SubmitCase, attach, submit};
use tongban_kernel::DraftId;
use tongban_storage::{Ctx, Db, Engine, Settings};

use crate::city::{City, PICTURE};

/// Runs the program on the installation of the city, or on another folder.
pub(crate) fn tongban(city: &City, folder: Option<&Path>, words: &[&str]) -> Output {
    let data = folder.unwrap_or(&city.app.config.data);
    let mut command = Command::new(env!("CARGO_BIN_EXE_tongban"));
    command.args(words).arg("--data").arg(data);
    if let (None, Some(url)) = (folder, &city.app.config.database) {
        command.args(["--database", url]);
    }
    command
        .env("TONGBAN_LOG", "error")
        .output()
        .expect("the program runs")
}

/// What it said, on both outputs.
pub(crate) fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// What the doctor finds wrong. Whether next year's holidays are announced depends on the day of the test.
pub(crate) fn wrong(output: &Output) -> Vec<String> {
    let text = said(output);
    assert!(text.contains('✔'), "no findings at all: {text}");
    let lines = text.lines().filter(|line| !line.starts_with('✔'));
    lines
        .filter(|line| !line.contains("节假日安排"))
        .map(str::to_owned)
        .collect()
}

/// Attaches a file that no other draft has.
async fn own_file(citizen: &Ctx, draft: DraftId, mark: &[u8]) {
    let bytes = [PICTURE, mark].concat();
    let blob = citizen
        .blobs
        .put(&citizen.ids.token(), &bytes)
        .expect("stored");
    let file = NewFile {
        material: "layout".to_owned(),
        name: "b.png".to_owned(),
        kind: FileKind::Png,
        blob,
    };
    attach(citizen, draft, file).await.expect("attached");
}

/// A submitted case, and a draft with a file of its own.
pub(crate) async fn lived_in(city: &City) -> String {
    let (citizen, receipt) = city.submitted().await;
    let draft = city.draft(&citizen).await;
    own_file(&citizen, draft, b"another").await;
    receipt.project_no
}

/// Rows of tables of every owner; nothing of the tests takes one away.
async fn counts(db: &Db) -> BTreeMap<&'static str, i64> {
    const TABLES: [(&str, &str); 12] = [
        ("case_file", "SELECT count(*) FROM case_file"),
        ("case_event", "SELECT count(*) FROM case_event"),
        ("draft", "SELECT count(*) FROM draft"),
        ("attachment", "SELECT count(*) FROM attachment"),
        ("case_document", "SELECT count(*) FROM case_document"),
        ("task", "SELECT count(*) FROM task"),
        ("credential", "SELECT count(*) FROM credential"),
        ("person", "SELECT count(*) FROM person"),
        ("organ", "SELECT count(*) FROM organ"),
        ("item_version", "SELECT count(*) FROM item_version"),
        ("idempotency", "SELECT count(*) FROM idempotency"),
        ("tlog_leaf", "SELECT count(*) FROM tlog_leaf"),
    ];
    let mut found = BTreeMap::new();
    for (table, sql) in TABLES {
        let n = db
            .read(move |tx| tx.one(sql, &[], |row| row.get(0)))
            .await
            .expect("counted");
        found.insert(table, n);
    }
    found
}

fn store(folder: &Path) -> Db {
    Db::open(&Settings::Sqlite {
        path: folder.join("tongban.db"),
        readers: 1,
    })
    .expect("a store")
}

/// A city with a life, and a backup of it taken in peace.
async fn backed_up() -> (City, tempfile::TempDir, PathBuf) {
    let city = City::new(Engine::Sqlite).await;
    lived_in(&city).await;
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("backup");
    let made = tongban(&city, None, &["backup", &target.to_string_lossy()]);
    assert!(made.status.success(), "{}", said(&made));
    (city, folder, target)
}

#[test]
fn a_backup_under_load_restores_whole() {
    tongban_testkit::block_on(async {
        let city = Arc::new(City::new(Engine::Sqlite).await);
        lived_in(&city).await;
        // So many files that copying them takes longer than a submission: the store must have been copied before them.
        for n in 0..300_u32 {
            let ctx = &city.app.ctx;
            ctx.blobs
                .put(&ctx.ids.token(), &n.to_be_bytes())
                .expect("stored");
        }
        let (stop, done) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicUsize::new(1)),
        );
        let load = {
            let (city, stop, done) = (Arc::clone(&city), Arc::clone(&stop), Arc::clone(&done));
            tokio::spawn(async move {
                let citizen = city.person("chenxiaoyun").await;
                while !stop.load(Ordering::Relaxed) {
                    let draft = city.draft(&citizen).await;
                    let key = draft.to_string();
                    own_file(&citizen, draft, key.as_bytes()).await;
                    let wish = SubmitCase {
                        draft,
                        key,
                        channel: 1,
                    };
                    submit(&citizen, wish).await.expect("submitted");
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        while done.load(Ordering::Relaxed) < 4 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("backup");
        let before = done.load(Ordering::Relaxed);
        let rows_before = counts(&city.app.ctx.db).await;
        let (city2, target2) = (Arc::clone(&city), target.clone());
        let made = tokio::task::spawn_blocking(move || {
            tongban(&city2, None, &["backup", &target2.to_string_lossy()])
        })
        .await
        .expect("no panic");
        let after = done.load(Ordering::Relaxed);
        let rows_after = counts(&city.app.ctx.db).await;
        stop.store(true, Ordering::Relaxed);
        load.await.expect("the load went on");
        assert!(made.status.success(), "{}", said(&made));
        assert!(after > before, "nothing was submitted while the backup ran");

        let restored = folder.path().join("restored");
        let into = tongban(
            &city,
            Some(&restored),
            &["restore", &target.to_string_lossy()],
        );
        assert!(into.status.success(), "{}", said(&into));
        let there = counts(&store(&restored)).await;
        assert_eq!(there, counts(&store(&target)).await);
        for (table, rows) in &there {
            let lived = rows_before[table]..=rows_after[table];
            assert!(lived.contains(rows), "{table}: {rows}, not {lived:?}");
        }
        let cases = usize::try_from(there["case_file"]).expect("a count");
        assert!(
            (before..=after + 1).contains(&cases),
            "{cases} of {before} to {after}"
        );
        let healthy = tongban(&city, Some(&restored), &["doctor"]);
        assert_eq!(wrong(&healthy), Vec::<String>::new());
        // The original is untouched by it.
        let original = tongban(&city, None, &["doctor"]);
        assert_eq!(wrong(&original), Vec::<String>::new());
    });
}

#[test]
fn a_tampered_backup_is_refused_and_nothing_is_restored() {
    tongban_testkit::block_on(async {
        let (city, folder, target) = backed_up().await;
        let blob = {
            let all = std::fs::read_dir(target.join("blobs")).expect("listed");
            let mut folders = all.map(|entry| entry.expect("an entry").path());
            let folder = folders.next().expect("a file");
            let mut files = std::fs::read_dir(folder).expect("listed");
            files.next().expect("a file").expect("an entry").path()
        };
        let flipped = |path: &Path| {
            let mut bytes = std::fs::read(path).expect("read");
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(path, bytes).expect("written");
        };
        let manifest = target.join("manifest.json");
        let text = std::fs::read_to_string(&manifest).expect("read");
        let database = target.join("tongban.db");
        type Harm<'a> = (&'a str, &'a Path, Box<dyn Fn() + 'a>, &'a str);
        let without = |name: &str| {
            let mut list: serde_json::Value = serde_json::from_str(&text).expect("a list");
            let files = list["files"].as_object_mut().expect("files");
            files.remove(name).expect(name);
            std::fs::write(&manifest, list.to_string()).expect("written");
        };
        let harms: [Harm<'_>; 8] = [
            (
                "a bit of the store",
                &database,
                Box::new(|| flipped(&database)),
                "与清单不符",
            ),
            (
                "a bit of a file",
                &blob,
                Box::new(|| flipped(&blob)),
                "与清单不符",
            ),
            (
                "a file is gone",
                &blob,
                Box::new(|| std::fs::remove_file(&blob).expect("removed")),
                "与清单不符",
            ),
            (
                "the list leads outside",
                &manifest,
                Box::new(|| {
                    std::fs::write(&manifest, text.replace("blobs/", "../backup/blobs/"))
                        .expect("written");
                }),
                "与清单不符",
            ),
            (
                "the list forgets the store",
                &manifest,
                Box::new(|| without("tongban.db")),
                "备份不完整",
            ),
            (
                "the list forgets the master key",
                &manifest,
                Box::new(|| without("keys/master")),
                "备份不完整",
            ),
            (
                "the list is rubbish",
                &manifest,
                Box::new(|| std::fs::write(&manifest, "{").expect("written")),
                "备份清单损坏",
            ),
            (
                "there is no list",
                &manifest,
                Box::new(|| std::fs::remove_file(&manifest).expect("removed")),
                "不是备份",
            ),
        ];
        let restored = folder.path().join("restored");
        for (what, path, harm, sentence) in &harms {
            let sound = std::fs::read(path).expect("read");
            harm();
            let refused = tongban(
                &city,
                Some(&restored),
                &["restore", &target.to_string_lossy()],
            );
            assert!(!refused.status.success(), "{what}");
            assert!(
                said(&refused).contains(sentence),
                "{what}: {}",
                said(&refused)
            );
            assert!(!restored.exists(), "{what}: something was restored");
            std::fs::write(path, sound).expect("mended");
        }
        let into = tongban(
            &city,
            Some(&restored),
            &["restore", &target.to_string_lossy()],
        );
        assert!(into.status.success(), "{}", said(&into));
    });
}

#[test]
fn nothing_is_overwritten_by_backup_or_restore() {
    tongban_testkit::block_on(async {
        let (city, folder, target) = backed_up().await;
        let before = counts(&city.app.ctx.db).await;
        let over = tongban(&city, None, &["restore", &target.to_string_lossy()]);
        assert!(!over.status.success());
        assert!(said(&over).contains("不是空目录"), "{}", said(&over));
        assert_eq!(counts(&city.app.ctx.db).await, before);
        let again = tongban(&city, None, &["backup", &target.to_string_lossy()]);
        assert!(!again.status.success());
        assert!(said(&again).contains("已存在"), "{}", said(&again));
        // A folder without an installation is not made into one by asking for its backup.
        let empty = folder.path().join("empty");
        let other = folder.path().join("other");
        let nothing = tongban(&city, Some(&empty), &["backup", &other.to_string_lossy()]);
        assert!(!nothing.status.success());
        assert!(!empty.exists() && !other.exists(), "{}", said(&nothing));
    });
}

#[test]
fn postgresql_is_neither_backed_up_nor_restored_into() {
    tongban_testkit::block_on(async {
        let (city, folder, target) = backed_up().await;
        // Nothing listens there: refused before anybody is asked.
        let url = "postgresql://nobody@127.0.0.1:9/nothing";
        let other = folder.path().join("other");
        let refused = tongban(
            &city,
            None,
            &["backup", &other.to_string_lossy(), "--database", url],
        );
        assert!(!refused.status.success());
        assert!(said(&refused).contains("pg_dump"), "{}", said(&refused));
        let refused = tongban(
            &city,
            Some(&other),
            &["restore", &target.to_string_lossy(), "--database", url],
        );
        assert!(!refused.status.success());
        assert!(
            said(&refused).contains("不能恢复到 PostgreSQL"),
            "{}",
            said(&refused)
        );
        assert!(!other.exists());
    });
}

#[test]
fn postgresql_is_backed_up_by_its_own_tools() {
    tongban_testkit::block_on(async {
        let city = City::new(Engine::Postgres).await;
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("backup");
        let refused = tongban(&city, None, &["backup", &target.to_string_lossy()]);
        assert!(!refused.status.success());
        assert!(said(&refused).contains("pg_dump"), "{}", said(&refused));
        assert!(!target.exists());
    });
}
