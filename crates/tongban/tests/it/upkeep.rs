//! Backup while serving, restore, doctor: by the program itself, in a process of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tongban_cases::{FileKind, NewFile, SubmitCase, attach, submit};
use tongban_storage::{Db, Engine, Settings};

use crate::city::{City, PICTURE, in_the_city};

in_the_city!(
    doctor_finds_a_changed_case,
    doctor_finds_a_missing_and_a_damaged_file,
    doctor_finds_a_broken_index_and_leaves_it_alone,
);

/// Runs the program on the installation of the city, or on another folder.
fn tongban(city: &City, folder: Option<&Path>, words: &[&str]) -> Output {
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
fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// What the doctor finds wrong. Whether next year's holidays are announced depends on the day of the test.
fn wrong(output: &Output) -> Vec<String> {
    let text = said(output);
    assert!(text.contains('✔'), "no findings at all: {text}");
    let lines = text.lines().filter(|line| !line.starts_with('✔'));
    lines
        .filter(|line| !line.contains("节假日安排"))
        .map(str::to_owned)
        .collect()
}

/// A submitted case, and a draft with a file of its own.
async fn lived_in(city: &City) -> String {
    let (citizen, receipt) = city.submitted().await;
    let draft = city.draft(&citizen).await;
    let bytes = [PICTURE, b"another"].concat();
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
    attach(&citizen, draft, file).await.expect("attached");
    receipt.project_no
}

async fn counts(db: &Db) -> BTreeMap<&'static str, i64> {
    const TABLES: [(&str, &str); 6] = [
        ("case_file", "SELECT count(*) FROM case_file"),
        ("case_event", "SELECT count(*) FROM case_event"),
        ("draft", "SELECT count(*) FROM draft"),
        ("attachment", "SELECT count(*) FROM attachment"),
        ("case_document", "SELECT count(*) FROM case_document"),
        ("task", "SELECT count(*) FROM task"),
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
        let (city2, target2) = (Arc::clone(&city), target.clone());
        let made = tokio::task::spawn_blocking(move || {
            tongban(&city2, None, &["backup", &target2.to_string_lossy()])
        })
        .await
        .expect("no panic");
        let after = done.load(Ordering::Relaxed);
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
        let harms: [Harm<'_>; 6] = [
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
                    std::fs::write(
                        &manifest,
                        text.replace("tongban.db", "../backup/tongban.db"),
                    )
                    .expect("written");
                }),
                "与清单不符",
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

async fn doctor_finds_a_changed_case(city: City) {
    let number = lived_in(&city).await;
    assert_eq!(
        wrong(&tongban(&city, None, &["doctor"])),
        Vec::<String>::new()
    );
    let changed = city
        .app
        .ctx
        .db
        .write(move |tx| {
            tx.execute(
                "UPDATE case_file SET state = (SELECT replace(state, '2026', '2025') FROM case_file WHERE project_no = $1)
                     WHERE project_no = $1",
                tongban_storage::params![number.as_str()],
            )
        })
        .await
        .expect("changed");
    assert_eq!(changed, 1);
    let ill = tongban(&city, None, &["doctor"]);
    assert_eq!(ill.status.code(), Some(3), "{}", said(&ill));
    assert_eq!(wrong(&ill), ["✘ 抽查办件 1 件，记录与状态不一致 1 件"]);
}

async fn doctor_finds_a_missing_and_a_damaged_file(city: City) {
    lived_in(&city).await;
    let named = |name: &str| name.len() == 67 && !name.starts_with("tmp");
    let kept = crate::door::kept(&city);
    let mut files = kept.iter().filter(|name| named(name));
    let root = city.app.ctx.blobs.root().to_owned();
    let (one, two) = (
        root.join(files.next().expect("a file")),
        root.join(files.next().expect("another")),
    );
    std::fs::remove_file(one).expect("removed");
    let ill = tongban(&city, None, &["doctor"]);
    assert_eq!(ill.status.code(), Some(3), "{}", said(&ill));
    assert!(wrong(&ill)[0].contains("缺失或损坏 1 个"), "{}", said(&ill));
    let mut bytes = std::fs::read(&two).expect("read");
    bytes[0] ^= 1;
    std::fs::write(&two, bytes).expect("written");
    let ill = tongban(&city, None, &["doctor"]);
    assert!(wrong(&ill)[0].contains("缺失或损坏 2 个"), "{}", said(&ill));
}

async fn doctor_finds_a_broken_index_and_leaves_it_alone(city: City) {
    tongban_catalogue::http::reindex(&city.app.ctx)
        .await
        .expect("indexed");
    let index = city.app.config.data.join("index");
    assert_eq!(
        wrong(&tongban(&city, None, &["doctor"])),
        Vec::<String>::new()
    );
    let current = std::fs::read_to_string(index.join("CURRENT")).expect("read");
    let mut files = std::fs::read_dir(index.join(&current))
        .expect("listed")
        .map(|entry| entry.expect("an entry").path());
    let segment = files
        .find(|path| path.extension().is_some_and(|kind| kind == "idx"))
        .expect("a segment");
    let mut bytes = std::fs::read(&segment).expect("read");
    bytes[10] ^= 0x40;
    std::fs::write(&segment, bytes).expect("written");
    // What a server that runs beside may be building must not be cleared away.
    std::fs::create_dir(index.join("build-999")).expect("made");
    let ill = tongban(&city, None, &["doctor"]);
    assert_eq!(ill.status.code(), Some(3), "{}", said(&ill));
    assert!(wrong(&ill)[0].contains("校验和不符"), "{}", said(&ill));
    assert_eq!(
        std::fs::read_to_string(index.join("CURRENT")).expect("read"),
        current
    );
    assert!(segment.exists() && index.join("build-999").exists());
}
