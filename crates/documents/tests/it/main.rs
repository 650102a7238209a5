//! Every template, made with the embedded fonts only.

mod samples;

use std::fs;

use jiff::Timestamp;
use samples::{KINDS, Kind, sample};
use serde_json::{Value, json};
use tongban_documents::{DocumentError, FontSet, Item, Press};

fn created() -> Timestamp {
    "2026-11-22T09:41:07+08:00".parse().expect("a time")
}

fn press() -> Press {
    Press::new(FontSet::embedded())
}

#[test]
fn every_template_renders_every_sample_without_a_warning() {
    let press = press();
    for template in press.templates() {
        for kind in KINDS {
            let data = sample(&template, kind).expect("every template has samples");
            let made = press
                .render(&template, &data, created())
                .unwrap_or_else(|e| panic!("{template} {kind:?}: {e}"));
            assert_eq!(made.warnings, Vec::<String>::new(), "{template} {kind:?}");
            assert!(made.pdf.starts_with(b"%PDF-1.7"), "{template}");
            let missing: &[char] = if kind == Kind::Rare {
                &['😀', '𡒄', '𪚥']
            } else {
                &[]
            };
            assert_eq!(made.missing, missing, "{template} {kind:?}");
            assert!(
                made.pages >= 1 && made.pages <= 5,
                "{template} {kind:?}: {} pages",
                made.pages
            );
            if template == "licence" || kind == Kind::Normal {
                assert_eq!(made.pages, 1, "{template} {kind:?}");
            }
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let data = sample("licence", Kind::Normal).expect("a sample");
    let first = press()
        .render("licence", &data, created())
        .expect("renders")
        .pdf;
    let press = press();
    press
        .render(
            "receipt",
            &sample("receipt", Kind::Longest).expect("a sample"),
            created(),
        )
        .expect("renders");
    let second = press
        .render("licence", &data, created())
        .expect("renders")
        .pdf;
    assert!(
        first == second,
        "other work in between must not change a document"
    );
    press.rest();
    let third = press
        .render("licence", &data, created())
        .expect("renders")
        .pdf;
    assert!(first == third, "dropping caches must not change a document");
    let later = created() + jiff::SignedDuration::from_secs(1);
    assert!(first != press.render("licence", &data, later).expect("renders").pdf);
}

#[test]
fn many_threads_share_one_press() {
    let press = press();
    let data = sample("decision-grant", Kind::Normal).expect("a sample");
    let one = press
        .render("decision-grant", &data, created())
        .expect("renders")
        .pdf;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..3 {
                    let made = press
                        .render("decision-grant", &data, created())
                        .expect("renders");
                    assert!(made.pdf == one);
                }
            });
        }
    });
}

/// All text of the laid-out pages, without blanks.
fn text(press: &Press, template: &str, data: &Value) -> String {
    let laid = press.lay_out(template, data, created()).expect("lays out");
    let mut text = String::new();
    for page in laid.pages() {
        for item in page.items {
            if let Item::Text(run) = item {
                text.push_str(&run.text);
            }
        }
    }
    text.split_whitespace().collect()
}

#[test]
fn notices_say_what_the_law_asks() {
    let press = press();
    let of = |template: &str| {
        text(
            &press,
            template,
            &sample(template, Kind::Normal).expect("a sample"),
        )
    };
    let accepted = of("acceptance-notice");
    assert!(accepted.contains("第三十二条第一款第五项") && accepted.contains("2026年11月22日"));
    let supplement = of("supplement-notice");
    assert!(supplement.contains("第三十二条第一款第四项") && supplement.contains("共3项"));
    assert!(of("refusal-to-accept").contains("第三十二条第一款第二项"));
    assert!(of("decision-grant").contains("第三十八条第一款"));
    let refused = of("decision-refuse");
    assert!(
        refused.contains("第三十八条第二款")
            && refused.contains("六十日")
            && refused.contains("六个月")
    );
    let ended = of("termination-notice");
    assert!(ended.contains("第八条第二款") && ended.contains("六十日"));
    assert!(ended.contains("不是准予或者不予行政许可的决定"));
    for template in press.templates() {
        assert!(
            of(&template).contains("演示"),
            "{template} carries the mark of a sample"
        );
    }
}

#[test]
fn papers_of_a_case_carry_the_head_of_the_log() {
    let press = press();
    for template in ["receipt", "acceptance-notice", "decision-grant", "licence"] {
        let mut data = sample(template, Kind::Longest).expect("a sample");
        let head = data["log"]["head"]
            .as_str()
            .expect("a head")
            .replace(' ', "");
        assert!(text(&press, template, &data).contains(&head), "{template}");
        data["log"]
            .as_object_mut()
            .expect("an object")
            .remove("head");
        assert!(
            !text(&press, template, &data).contains("总指纹"),
            "{template}"
        );
    }
}

#[test]
fn without_demo_there_is_no_mark() {
    let mut data = sample("decision-grant", Kind::Normal).expect("a sample");
    data["demo"] = json!(false);
    assert!(!text(&press(), "decision-grant", &data).contains("演示"));
}

#[test]
fn a_refusal_without_remedies_is_not_printed() {
    let mut data = sample("decision-refuse", Kind::Normal).expect("a sample");
    data["remedies"] = json!({"text": "应当先申请行政复议。"});
    let printed = text(&press(), "decision-refuse", &data);
    assert!(printed.contains("应当先申请行政复议。") && !printed.contains("六十日"));
    data["remedies"] = json!({});
    let error = press()
        .render("decision-refuse", &data, created())
        .expect_err("unlawful");
    assert!(
        error.to_string().contains("行政许可法第三十八条第二款"),
        "{error}"
    );
    let mut data = sample("termination-notice", Kind::Normal).expect("a sample");
    data["remedies"] = json!({});
    let error = press()
        .render("termination-notice", &data, created())
        .expect_err("unlawful");
    assert!(error.to_string().contains("终止办理告知书"), "{error}");
}

#[test]
fn an_absent_field_is_an_error_that_names_it() {
    let mut data = sample("receipt", Kind::Normal).expect("a sample");
    data.as_object_mut().expect("an object").remove("materials");
    let error = press()
        .render("receipt", &data, created())
        .expect_err("a field is absent");
    assert!(
        error.to_string().contains("materials") && error.to_string().contains("receipt.typ:"),
        "{error}"
    );
}

#[test]
fn data_are_never_markup() {
    let mut data = sample("receipt", Kind::Normal).expect("a sample");
    data["applicant"] = json!("#read(\"/data.json\") *粗* $x$ \\u{41} @a <b>");
    assert!(text(&press(), "receipt", &data).contains("#read(\"/data.json\")*粗*$x$\\u{41}@a<b>"));
}

#[test]
fn a_folder_overrides_and_adds_templates_but_reaches_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write(
        "receipt.typ",
        "#import \"base.typ\": *\n#show: page-of.with(\"回执\")\n= 改过的回执\n#data.number",
    );
    write(
        "own.typ",
        "#set document(title: \"x\")\n#set text(lang: \"zh\", font: \"Noto Serif CJK SC\")\n= 新增",
    );
    write("thief.typ", "#read(\"/etc/passwd\")");
    write("net.typ", "#import \"@preview/cetz:0.3.0\": *");
    write(
        "hole.typ",
        "#set document(title: \"x\")\n#set text(font: \"Noto Serif CJK SC\")\n= 洞😀",
    );
    write(
        "font.typ",
        "#set document(title: \"x\")\n#set text(lang: \"zh\", font: \"No Such Font\")\n= 字",
    );
    let press = press().with_templates(folder.path());
    assert!(press.templates().contains(&"own".to_owned()));
    let data = sample("receipt", Kind::Normal).expect("a sample");
    assert!(text(&press, "receipt", &data).contains("改过的回执HZ2026112200001237"));
    assert!(text(&press, "own", &json!({})).contains("新增"));
    for template in ["thief", "net"] {
        let error = press
            .render(template, &json!({}), created())
            .expect_err("no access");
        assert!(matches!(error, DocumentError::Template { .. }), "{error}");
    }
    let error = press
        .render("hole", &json!({}), created())
        .expect_err("a silent box");
    assert!(
        matches!(&error, DocumentError::NoGlyph { characters, .. } if *characters == ['😀']),
        "{error}"
    );
    let made = press
        .render("font", &json!({}), created())
        .expect("falls back");
    assert!(
        made.warnings.iter().any(|w| w.contains("no such font")),
        "{:?}",
        made.warnings
    );
    assert!(matches!(
        press.render("none", &json!({}), created()),
        Err(DocumentError::UnknownTemplate(_))
    ));
}

#[test]
fn a_font_folder_supplies_what_the_embedded_fonts_lack() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut fonts = FontSet::embedded();
    assert_eq!(
        fonts
            .load_dir(folder.path())
            .expect("an empty folder is fine"),
        0
    );
    fs::write(folder.path().join("broken.ttf"), b"not a font").expect("written");
    assert!(matches!(
        fonts.load_dir(folder.path()),
        Err(DocumentError::Font { .. })
    ));
    assert!(matches!(
        fonts.load_dir(&folder.path().join("absent")),
        Err(DocumentError::Font { .. })
    ));
}

#[test]
fn the_frames_hold_everything_an_ofd_writer_needs() {
    let data = sample("licence", Kind::Normal).expect("a sample");
    let press = press();
    let laid = press
        .lay_out("licence", &data, created())
        .expect("lays out");
    let (pages, fonts) = (laid.pages(), laid.fonts());
    assert_eq!(pages.len(), 1);
    let page = &pages[0];
    assert!((page.width - 297.0).abs() < 0.01 && (page.height - 210.0).abs() < 0.01);
    let mut red = 0;
    for item in &page.items {
        match item {
            Item::Text(run) => {
                assert!(run.font < fonts.len());
                let [.., x, y] = run.matrix;
                assert!(
                    x >= 0.0 && x <= page.width && y >= 0.0 && y <= page.height,
                    "{run:?}"
                );
                assert!(
                    run.glyphs
                        .iter()
                        .all(|g| g.id != 0 && run.text.get(g.text.clone()).is_some())
                );
            }
            Item::Path(path) => {
                red += usize::from(path.fill.is_some_and(|c| (c.r, c.g) == (0xd6, 0)))
            }
            Item::Picture(_) => panic!("QR and seal are vectors"),
        }
    }
    assert_eq!(red, 1, "the seal is one red path");
    assert!(
        fonts
            .iter()
            .all(|f| f.family.starts_with("Noto") && f.data.len() > 100_000)
    );
}
