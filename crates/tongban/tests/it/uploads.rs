//! Uploads nobody meant well: each is refused with a sentence, leaves nothing on the disk, and costs no memory.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::StatusCode;
use tokio::io::AsyncWriteExt as _;
use tongban_cases::{SubmitCase, draft_files, publish_process, submit};
use tongban_kernel::DraftId;

use crate::city::{City, PICTURE, in_the_city};
use crate::door::{Door, kept, multipart};

in_the_city!(
    a_file_of_two_kinds_is_refused_and_leaves_nothing,
    a_length_of_four_gibibytes_is_refused_before_the_body_is_read,
    a_body_without_end_is_cut_off_and_costs_no_memory,
    ten_thousand_parts_are_refused_and_leave_nothing,
    a_file_name_is_only_a_name,
    where_no_file_belongs_little_is_read_and_nothing_kept,
    who_goes_away_in_the_middle_leaves_nothing,
    a_form_with_one_bad_file_takes_the_others_and_a_program_takes_none,
    an_xml_bomb_is_no_process,
);

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
/// More than a process may grow by, whatever is sent (kB).
const GROWTH_MAX: u64 = 48 * 1024;

/// The end record of an empty ZIP.
const ZIP_END: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

fn status_line(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .expect("a figure in kB")
}

/// The memory now; the peak is counted from here on (proc(5), clear_refs 5).
fn resident() -> u64 {
    std::fs::write("/proc/self/clear_refs", "5").expect("Linux");
    status_line("VmRSS")
}

fn no_growth(before: u64, what: &str) {
    let peak = status_line("VmHWM");
    assert!(
        peak < before + GROWTH_MAX,
        "{what}: from {before} to {peak} kB"
    );
}

struct Desk {
    city: City,
    door: Door,
    token: String,
    draft: String,
    before: BTreeSet<String>,
}

impl Desk {
    async fn new(city: City) -> Self {
        let door = city.open().await;
        let token = door.log_in("chenxiaoyun").await;
        let draft = door.draft(&token, "the-draft").await;
        let before = kept(&city);
        Self {
            city,
            door,
            token,
            draft,
            before,
        }
    }

    fn api(&self, more: &str) -> String {
        format!(
            "POST /api/v1/drafts/{}/files HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
             accept: application/json\r\nidempotency-key: hostile-upload\r\n\
             content-type: multipart/form-data; boundary=B\r\n{more}\r\n",
            self.draft, self.door.address, self.token
        )
    }

    async fn page(&self, more: &str) -> String {
        let csrf = self.door.form_token(&self.token).await;
        format!(
            "POST /drafts/{}/materials HTTP/1.1\r\nhost: {}\r\ncookie: zw={}\r\norigin: {}\r\n\
             accept: application/json\r\nx-csrf-token: {csrf}\r\n\
             content-type: multipart/form-data; boundary=B\r\n{more}\r\n",
            self.draft, self.door.address, self.token, self.door.base
        )
    }

    /// Nothing came into the store of files, on its way or whole, and the draft has no file.
    async fn nothing_is_left(&self, what: &str) {
        assert_eq!(kept(&self.city), self.before, "{what}");
        let citizen = self.city.person("chenxiaoyun").await;
        let draft: DraftId = self.draft.parse().expect("an id");
        let files = draft_files(&citizen, draft).await.expect("listed");
        assert!(files.is_empty(), "{what}: {} files", files.len());
    }
}

/// Files that are two things at once, and what is said of each.
fn polyglots() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let far = vec![b' '; 200_000];
    let page = b"<html><script>alert(1)</script>";
    let mixed = "混有网页、程序或压缩包";
    let zip = [b"PK\x03\x04evil.exe", ZIP_END].concat();
    let jpeg = b"\xFF\xD8\xFF\xE0";
    vec![
        ("a.pdf", [PDF, &far, page, PDF].concat(), mixed),
        ("a.pdf", [PDF, &zip].concat(), mixed),
        (
            "a.pdf",
            [PDF, b"=1;alert(1)//"].concat(),
            "结尾之后还有别的内容",
        ),
        (
            "a.pdf",
            b"%PDF-1.7\n<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>\n%%EOF".to_vec(),
            "自动运行的脚本",
        ),
        ("a.gif", b"GIF89a/*..*/=1;alert(1)".to_vec(), "只能上传"),
        ("a.png", b"GIF89a/*..*/=1;alert(1)".to_vec(), "只能上传"),
        ("a.png", [PICTURE, &far, page].concat(), mixed),
        ("a.png", [PICTURE, &zip].concat(), mixed),
        (
            "a.jpg",
            [&jpeg[..], b"<?php system($_GET[0]); ?>"].concat(),
            mixed,
        ),
        ("a.png", PDF.to_vec(), "扩展名不一致"),
        ("a.svg", b"<svg onload=alert(1)>".to_vec(), "只能上传"),
        ("a.ofd", b"MZ\x90\0".to_vec(), "只能上传"),
    ]
}

async fn a_file_of_two_kinds_is_refused_and_leaves_nothing(city: City) {
    let desk = Desk::new(city).await;
    let kind = "multipart/form-data; boundary=B";
    let csrf = desk.door.form_token(&desk.token).await;
    for (n, (name, bytes, sentence)) in polyglots().into_iter().enumerate() {
        let body = multipart(&[("layout", Some(name), &bytes)]);
        let key = format!("polyglot-{n}");
        let (status, told) = desk.door.upload(&desk.token, &desk.draft, &key, body).await;
        assert_eq!(
            status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{n} {name}: {told}"
        );
        assert!(told.to_string().contains(sentence), "{n} {name}: {told}");
        let form = multipart(&[
            ("csrf", None, csrf.as_bytes()),
            ("layout", Some(name), &bytes),
        ]);
        let path = format!("/drafts/{}/materials", desk.draft);
        let (status, page) = desk.door.form(&desk.token, &path, kind, form).await;
        assert_eq!(
            status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{n} {name}: {page}"
        );
        assert!(page.contains(sentence), "{n} {name}: {page}");
        desk.nothing_is_left(name).await;
    }
    // The check does not refuse what is only one thing.
    let body = multipart(&[("layout", Some("a.png"), PICTURE)]);
    let (status, told) = desk
        .door
        .upload(&desk.token, &desk.draft, "one-kind", body)
        .await;
    assert_eq!(status, StatusCode::CREATED, "{told}");
}

/// The beginning of a part with a picture.
fn beginning(material: &str) -> Vec<u8> {
    let head = format!(
        "--B\r\nContent-Disposition: form-data; name=\"{material}\"; filename=\"a.png\"\r\n\r\n"
    );
    [head.as_bytes(), PICTURE].concat()
}

/// `beginning`, then `pieces` of 64 KiB; what was sent is counted.
fn flood(
    material: &'static str,
    pieces: usize,
    chunked: bool,
) -> (
    Arc<AtomicU64>,
    impl FnMut() -> Option<Vec<u8>> + Send + 'static,
) {
    let sent = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&sent);
    let mut n = 0;
    let more = move || {
        let piece = match n {
            0 => beginning(material),
            n if n <= pieces => vec![b'x'; 65_536],
            _ => return None,
        };
        n += 1;
        counted.fetch_add(piece.len() as u64, Ordering::Relaxed);
        Some(if chunked {
            let size = format!("{:x}\r\n", piece.len()).into_bytes();
            [size, piece, b"\r\n".to_vec()].concat()
        } else {
            piece
        })
    };
    (sent, more)
}

async fn a_length_of_four_gibibytes_is_refused_before_the_body_is_read(city: City) {
    let desk = Desk::new(city).await;
    let length = "content-length: 4294967296\r\n";
    for pieces in [0, 1 << 14] {
        for head in [desk.api(length), desk.page(length).await] {
            let before = resident();
            let (sent, more) = flood("layout", pieces, false);
            let answer = desk.door.raw(&head, more).await;
            assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
            assert!(answer.contains("超过了允许的大小"), "{answer}");
            // Some of it lies in the buffers of the connection.
            assert!(
                sent.load(Ordering::Relaxed) < 32 << 20,
                "it was read to the end"
            );
            no_growth(before, "a false length");
            desk.nothing_is_left("a false length").await;
        }
    }
}

async fn a_body_without_end_is_cut_off_and_costs_no_memory(city: City) {
    let desk = Desk::new(city).await;
    let chunked = "transfer-encoding: chunked\r\n";
    for head in [desk.api(chunked), desk.page(chunked).await] {
        let before = resident();
        let (_, more) = flood("layout", usize::MAX, true);
        let answer = desk.door.raw(&head, more).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        no_growth(before, "a body without end");
        desk.nothing_is_left("a body without end").await;
    }
    // The same for what is no upload.
    let path = format!("/api/v1/drafts/{}/answers", desk.draft);
    let head = format!(
        "PUT {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\naccept: application/json\r\n\
         if-match: \"r1\"\r\ncontent-type: application/json\r\n{chunked}\r\n",
        desk.door.address, desk.token
    );
    let before = resident();
    let answer = desk
        .door
        .raw(&head, || {
            Some([&b"10000\r\n"[..], &[b' '; 65_536], b"\r\n"].concat())
        })
        .await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    no_growth(before, "JSON without end");
}

async fn ten_thousand_parts_are_refused_and_leave_nothing(city: City) {
    let desk = Desk::new(city).await;
    // Every file differs, so that each would be one more in the store.
    let bytes: Vec<Vec<u8>> = (0..10_000)
        .map(|n: u32| [PICTURE, &n.to_be_bytes()].concat())
        .collect();
    let files: Vec<_> = bytes
        .iter()
        .map(|bytes| ("layout", Some("a.png"), bytes.as_slice()))
        .collect();
    let texts = vec![("layout", None, &b"x"[..]); 10_000];
    for parts in [&files, &texts] {
        let body = multipart(parts);
        let length = format!("content-length: {}\r\n", body.len());
        for head in [desk.api(&length), desk.page(&length).await] {
            let before = resident();
            let mut rest = Some(body.clone());
            let answer = desk.door.raw(&head, move || rest.take()).await;
            let refused = answer.starts_with("HTTP/1.1 422") || answer.starts_with("HTTP/1.1 413");
            assert!(refused, "{answer}");
            no_growth(before, "many parts");
            desk.nothing_is_left("many parts").await;
        }
    }
}

async fn a_file_name_is_only_a_name(city: City) {
    let desk = Desk::new(city).await;
    let names = [
        ("../../../../etc/cron.d/x.png", "x.png"),
        ("C:\\\\Windows\\\\布局图.png", "布局图.png"),
        ("a\u{202e}gnp.exe.png", "agnp.exe.png"),
        ("a\u{2066}\u{200f}b\u{61c}.png", "ab.png"),
        (
            "<img src=x onerror=alert(1)>.png",
            "<img src=x onerror=alert(1)>.png",
        ),
        (".htaccess.png", "htaccess.png"),
    ];
    for (n, (name, _)) in names.iter().enumerate() {
        let bytes = [PICTURE, &[u8::try_from(n).expect("few")]].concat();
        let body = multipart(&[("layout", Some(name), &bytes)]);
        let key = format!("file-name-{n}");
        let (status, told) = desk.door.upload(&desk.token, &desk.draft, &key, body).await;
        assert_eq!(status, StatusCode::CREATED, "{name:?}: {told}");
    }
    // Control characters are no file name at all.
    let body = multipart(&[("layout", Some("a\u{7}\u{1b}[2J.png"), PICTURE)]);
    let (status, told) = desk
        .door
        .upload(&desk.token, &desk.draft, "control-characters", body)
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{told}");
    let citizen = desk.city.person("chenxiaoyun").await;
    let draft: DraftId = desk.draft.parse().expect("an id");
    let files = draft_files(&citizen, draft).await.expect("listed");
    let mut shown: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let mut wanted: Vec<&str> = names.iter().map(|(_, shown)| *shown).collect();
    shown.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(shown, wanted);
    // In the store a file is called by its digest and nothing else.
    for name in kept(&desk.city).difference(&desk.before) {
        let (folder, digest) = name.split_once('/').expect("a folder");
        assert!(
            digest.len() == 64 && digest.starts_with(folder),
            "{name} is no digest"
        );
    }
    let (status, page) = desk
        .door
        .page(&desk.token, &format!("/drafts/{draft}/materials"))
        .await;
    assert_eq!(status, StatusCode::OK);
    assert!(!page.contains("<img src=x"), "a name is text, not markup");
}

async fn where_no_file_belongs_little_is_read_and_nothing_kept(city: City) {
    let citizen = city.person("chenxiaoyun").await;
    let submitted = city.draft(&citizen).await;
    let wish = SubmitCase {
        draft: submitted,
        key: "k".to_owned(),
        channel: 1,
    };
    submit(&citizen, wish).await.expect("submitted");
    let desk = Desk::new(city).await;
    let stranger = desk.door.log_in("liuyan").await;
    let other = desk.door.draft(&stranger, "not-yours").await;
    let head = desk.api("transfer-encoding: chunked\r\n");
    let cases = [
        ("404", head.replace(&desk.draft, &other)),
        (
            "404",
            head.replace(&desk.draft, "drf_00000000000000000000000000000000"),
        ),
        ("409", head.replace(&desk.draft, &submitted.to_string())),
        ("401", head.replace(&desk.token, "nobody")),
    ];
    for (status, head) in cases {
        let (sent, more) = flood("layout", 1 << 12, true);
        let answer = desk.door.raw(&head, more).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{status}: {answer}"
        );
        assert!(
            sent.load(Ordering::Relaxed) < 32 << 20,
            "{status}: it was read to the end"
        );
    }
    let (sent, unknown) = flood("nothing-of-the-form", 1 << 12, true);
    let answer = desk.door.raw(&head, unknown).await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    assert!(
        sent.load(Ordering::Relaxed) < 32 << 20,
        "it was read to the end"
    );
    desk.nothing_is_left("where no file belongs").await;
}

async fn who_goes_away_in_the_middle_leaves_nothing(city: City) {
    let desk = Desk::new(city).await;
    let length = "content-length: 5000000\r\n";
    for head in [desk.api(length), desk.page(length).await] {
        let mut stream = tokio::net::TcpStream::connect(desk.door.address)
            .await
            .expect("connected");
        let begun = [head.as_bytes(), &beginning("layout"), &[b'x'; 100_000]].concat();
        stream.write_all(&begun).await.expect("sent");
        let mut waited = 0;
        while kept(&desk.city) == desk.before {
            tokio::time::sleep(Duration::from_millis(20)).await;
            waited += 1;
            assert!(waited < 500, "the upload never began");
        }
        drop(stream);
        waited = 0;
        while kept(&desk.city) != desk.before {
            tokio::time::sleep(Duration::from_millis(20)).await;
            waited += 1;
            assert!(waited < 500, "left behind: {:?}", kept(&desk.city));
        }
        desk.nothing_is_left("gone away").await;
    }
}

async fn a_form_with_one_bad_file_takes_the_others_and_a_program_takes_none(city: City) {
    let desk = Desk::new(city).await;
    let parts = [
        ("layout", Some("a.png"), PICTURE),
        ("proxy", Some("b.png"), b"MZ".as_slice()),
    ];
    let (status, told) = desk
        .door
        .upload(&desk.token, &desk.draft, "one-is-bad", multipart(&parts))
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
    desk.nothing_is_left("one of two").await;
    let csrf = desk.door.form_token(&desk.token).await;
    let mut form = vec![("csrf", None, csrf.as_bytes())];
    form.extend_from_slice(&parts);
    let path = format!("/drafts/{}/materials", desk.draft);
    let kind = "multipart/form-data; boundary=B";
    let (status, page) = desk
        .door
        .form(&desk.token, &path, kind, multipart(&form))
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("b.png：只能上传"), "{page}");
    let citizen = desk.city.person("chenxiaoyun").await;
    let draft: DraftId = desk.draft.parse().expect("an id");
    let files = draft_files(&citizen, draft).await.expect("listed");
    assert_eq!(files.len(), 1);
    assert_eq!(kept(&desk.city).len(), desk.before.len() + 1);
}

async fn an_xml_bomb_is_no_process(city: City) {
    let sound = include_str!("../../../process/testdata/licence-approval.bpmn");
    let mut laughs = String::from("<!DOCTYPE bomb [<!ENTITY a0 \"哈哈哈哈哈哈哈哈哈哈\">");
    for n in 1..=12 {
        let again = format!("&a{};", n - 1).repeat(10);
        laughs.push_str(&format!("<!ENTITY a{n} \"{again}\">"));
    }
    laughs.push_str("]>");
    let (declaration, body) = sound.split_once("?>").expect("a declaration");
    let bomb = format!(
        "{declaration}?>{laughs}{}",
        body.replacen("name=\"", "name=\"&a12;", 1)
    );
    let file = format!(
        "{declaration}?><!DOCTYPE d [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>{}",
        body.replacen("name=\"", "name=\"&f;", 1)
    );
    let deep = format!("{declaration}?>{}", "<a>".repeat(2_000_000));
    let before = resident();
    // Each by its own guard: what lies behind it could refuse them too, later and dearer.
    for (what, bpmn, sentence) in [
        ("a bomb", bomb, "不允许 DOCTYPE"),
        ("a file", file, "不允许 DOCTYPE"),
        ("depth", deep, "嵌套超过"),
    ] {
        let ctx = city.app.ctx.clone();
        let refused = city
            .app
            .ctx
            .db
            .write(move |tx| publish_process(&ctx, tx, "bomb", bpmn.as_bytes()).map(|_| ()))
            .await;
        let error = refused.expect_err(what);
        assert_eq!(error.code(), "process.refused", "{what}: {error}");
        let told = &error.field_problems()[0].message;
        assert!(told.contains(sentence), "{what}: {told}");
    }
    no_growth(before, "XML");
    let stored: i64 = city
        .app
        .ctx
        .db
        .read(|tx| {
            tx.one(
                "SELECT count(*) FROM process_definition WHERE name = 'bomb'",
                &[],
                |row| row.get(0),
            )
        })
        .await
        .expect("counted");
    assert_eq!(stored, 0);
}
