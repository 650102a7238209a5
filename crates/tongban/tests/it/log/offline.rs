//! `tongban verify` as a citizen runs it: on files, with the log from the platform or from a mirror.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use tongban::translog::{self, Tree};
use tongban_tlog::{Bundle, TileId};

use super::bundle_of;
use crate::city::{City, in_the_city};

in_the_city!(
    what_verify_says_can_be_understood_and_is_true,
    a_mirror_shows_what_was_hidden,
);

/// A folder with the bundle and the policy of a case.
struct Drawer {
    folder: tempfile::TempDir,
    /// `--paper` and its line, or nothing.
    paper: Vec<String>,
}

impl Drawer {
    async fn new(city: &City, bundle: &Bundle) -> Self {
        let drawer = Self {
            folder: tempfile::tempdir().expect("a folder"),
            paper: Vec::new(),
        };
        drawer.put("proof.json", bundle.to_json().expect("written").as_bytes());
        let policy = translog::policy(&city.app.ctx).await.expect("a policy");
        drawer.put("policy.txt", policy.as_bytes());
        drawer
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, bytes).expect("written");
    }

    /// Exit status and what was printed.
    async fn verify(&self, bundle: &str, log: Option<&str>) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tongban"));
        command.arg("verify").arg(self.path(bundle));
        if let Some(log) = log {
            command.args(["--log", log]);
        }
        command.args(&self.paper);
        let output = tokio::task::spawn_blocking(move || command.output())
            .await
            .expect("no panic")
            .expect("the program runs");
        let text = [output.stdout, output.stderr].concat();
        (
            output.status.code().unwrap_or(-1),
            String::from_utf8(text).expect("UTF-8"),
        )
    }
}

async fn what_verify_says_can_be_understood_and_is_true(city: City) {
    let (citizen, receipt) = city.submitted().await;
    city.decided(&receipt.project_no, true)
        .await
        .expect("decided");
    let officer = city.person("dhscjg-decider").await;
    tongban_cases::case_desk(&officer, &receipt.project_no)
        .await
        .expect("a look");
    city.sequenced().await;
    let bundle = bundle_of(&city, &citizen, &receipt.project_no).await;
    let drawer = Drawer::new(&city, &bundle).await;
    let (status, text) = drawer.verify("proof.json", None).await;
    assert_eq!(status, 0, "{text}");
    for said in [
        "✔ 字段与承诺",
        "没有改过一个字",
        "– 完整无隐瞒",
        "没有独立见证人签名",
        "结论：核验通过",
        "另有 1 项没有核对",
    ] {
        assert!(text.contains(said), "{said} is missing in:\n{text}");
    }
    let served = city.served().await + "/tlog";
    let (status, text) = drawer.verify("proof.json", Some(&served)).await;
    assert_eq!(status, 0, "{text}");
    assert!(
        text.contains("✔ 完整无隐瞒") && text.contains("没有瞒下别的"),
        "{text}"
    );
    // Changed, cut and exchanged bundles.
    let json = bundle.to_json().expect("written");
    drawer.put("changed.json", json.replacen("依法", "违法", 1).as_bytes());
    let (status, text) = drawer.verify("changed.json", None).await;
    assert_eq!(status, 3, "{text}");
    let named = "“意见”一项与当时留下的数字指纹不符，被改过";
    assert!(text.contains(named), "{text}");
    assert!(text.contains("结论：核验不通过"));
    for cut in ["event", "look"] {
        let mut shorter = bundle.clone();
        let chain = if cut == "event" {
            &mut shorter.events
        } else {
            &mut shorter.access
        };
        chain.pop().expect("there is one");
        drawer.put(
            "shorter.json",
            shorter.to_json().expect("written").as_bytes(),
        );
        let (status, text) = drawer.verify("shorter.json", None).await;
        assert_eq!(
            status, 0,
            "the bundle alone cannot show it, and says so:\n{text}"
        );
        assert!(text.contains("没有核对平台是否瞒下了别的事件"), "{text}");
        let (status, text) = drawer.verify("shorter.json", Some(&served)).await;
        assert_eq!(status, 3, "{text}");
        assert!(text.contains("有事瞒着您"), "{text}");
    }
    // A log that cannot be had is said, and is no success.
    let (status, text) = drawer.verify("proof.json", Some("/nowhere")).await;
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("取不到日志"), "{text}");
    let (status, text) = drawer
        .verify("proof.json", Some("https://x.example/tlog"))
        .await;
    assert!(status != 0 && text.contains("TLS"), "{text}");
}

/// Copies the log of a year as it is served.
async fn mirror(city: &City, folder: &Path, year: i64) {
    let note = translog::checkpoint(&city.app.ctx, Some(year), Tree::Sha256)
        .await
        .expect("a checkpoint");
    let size: u64 = note
        .lines()
        .nth(1)
        .expect("a size")
        .parse()
        .expect("a number");
    let at = folder.join(year.to_string());
    std::fs::create_dir_all(at.join("tile/entries")).expect("made");
    std::fs::write(at.join("checkpoint"), note).expect("written");
    let id = TileId {
        level: None,
        index: 0,
        width: u16::try_from(size).expect("small"),
    };
    let served = translog::tile(&city.app.ctx, Some(year), Tree::Sha256, &id.to_string())
        .await
        .expect("entries");
    let path = at.join(id.to_string());
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, served.bytes).expect("written");
}

async fn a_mirror_shows_what_was_hidden(city: City) {
    let at = |text: &str| text.parse::<Timestamp>().expect("a moment");
    city.clock.set(at("2026-12-31T09:00:00Z"));
    let (citizen, receipt) = city.submitted().await;
    city.sequenced().await;
    let before = bundle_of(&city, &citizen, &receipt.project_no).await;
    let sheet = tongban_storage::LogHead::for_paper(&city.app.ctx)
        .await
        .expect("asked")
        .expect("a head");
    let drawer = Drawer::new(&city, &before).await;
    let folder = drawer.path("mirror");
    mirror(&city, &folder, 2026).await;
    let log = folder.to_string_lossy().into_owned();
    let (status, text) = drawer.verify("proof.json", Some(&log)).await;
    assert_eq!(status, 0, "{text}");

    // The case goes on in the new year; the old bundle is still good, and told to be old.
    city.clock.set(at("2027-01-04T01:00:00Z"));
    city.decided(&receipt.project_no, true)
        .await
        .expect("decided");
    city.sequenced().await;
    let after = bundle_of(&city, &citizen, &receipt.project_no).await;
    drawer.put("after.json", after.to_json().expect("written").as_bytes());
    for year in [2026, 2027] {
        mirror(&city, &folder, year).await;
    }
    let (status, text) = drawer.verify("after.json", Some(&log)).await;
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("/2026") && text.contains("/2027"), "{text}");
    let (status, text) = drawer.verify("proof.json", Some(&log)).await;
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("请重新下载"), "{text}");

    // What was copied on paper from the first bundle, and what the papers of that day carry, is the beginning of the log of today.
    let note = tongban_tlog::Note::parse(&before.logs[0]).expect("a note");
    let line = note.text().trim().replace('\n', " · ");
    let mut drawer = drawer;
    let scanned = format!(
        "https://tongban.example/cases/1#{}",
        sheet.replace(' ', ",")
    );
    for paper in [&line, &sheet, &scanned] {
        drawer.paper = vec!["--paper".to_owned(), paper.clone()];
        let (status, text) = drawer.verify("after.json", Some(&log)).await;
        assert_eq!(status, 0, "{text}");
        assert!(
            text.contains("✔ 与纸质凭证比对") && text.contains("没有一条被改过"),
            "{text}"
        );
    }
    for (from, to, said) in [
        ("=", "A=", "应为“日志名称 条数 总指纹”"),
        (" 2 ", " 1 ", "算不出纸上的总指纹"),
        (" 2 ", " 4000 ", "日志被截短了"),
        ("/2026", "/2025", "用不着那一年的日志"),
    ] {
        let wrong = line.replace(from, to);
        assert_ne!(wrong, line, "{from}");
        drawer.paper = vec!["--paper".to_owned(), wrong];
        let (status, text) = drawer.verify("after.json", Some(&log)).await;
        assert!(status != 0 && text.contains(said), "{said}:\n{text}");
    }
    drawer.paper.clear();

    // Somebody hides the last event and keeps the heads; the mirror shows it.
    let mut hiding = after.clone();
    hiding.events.pop();
    drawer.put("hiding.json", hiding.to_json().expect("written").as_bytes());
    let (status, text) = drawer.verify("hiding.json", Some(&log)).await;
    assert_eq!(status, 3, "{text}");
    assert!(text.contains("有事瞒着您"), "{text}");

    // One byte of the mirror changed: it is not the signed log.
    let entries = std::fs::read_dir(folder.join("2027/tile/entries/000.p"))
        .expect("a folder")
        .next()
        .expect("a bundle")
        .expect("readable")
        .path();
    let mut bytes = std::fs::read(&entries).expect("read");
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    std::fs::write(&entries, bytes).expect("written");
    let (status, text) = drawer.verify("after.json", Some(&log)).await;
    assert_eq!(status, 3, "{text}");
}
