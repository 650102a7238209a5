//! Every component and page of the gallery renders in every language and preference, without inline script or style, with
//! labels, and without a key left untranslated.

use crate::house::House;

const PAGES: [&str; 8] = [
    "/dev/gallery",
    "/dev/gallery/home",
    "/dev/gallery/form",
    "/dev/gallery/case",
    "/dev/gallery/workbench",
    "/dev/gallery/error/conflict",
    "/dev/gallery/error/invalid",
    "/nothing",
];

/// The keys of the web floor that contain a `-`, so that they cannot be ordinary words.
fn keys() -> Vec<&'static str> {
    let lines = tongban_webkit::i18n::WEBKIT.zh_cn.lines();
    lines
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, _)| key)
        .filter(|key| key.contains('-') && !key.starts_with([' ', '#']))
        .collect()
}

fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let needle = format!(" {attribute}=\"");
    html.split(needle.as_str())
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[tokio::test]
async fn every_page_renders_in_every_language() {
    let house = House::new().await;
    for path in PAGES {
        for prefs in ["zh-CN", "zh-Hant", "en", "zh-CN.e.c"] {
            let cookie = format!("zw-prefs={prefs}");
            let html = house
                .get(path, &[("accept", "text/html"), ("cookie", &cookie)])
                .await
                .text();
            let place = format!("{path} in {prefs}");
            let lang = prefs.split('.').next().unwrap_or_default();
            assert!(html.contains(&format!("<html lang=\"{lang}\"")), "{place}");
            assert_eq!(html.matches("<main").count(), 1, "{place}");
            // The component page shows a confirmation panel, which brings its own heading.
            let headings = if path == "/dev/gallery" { 2 } else { 1 };
            assert_eq!(html.matches("<h1").count(), headings, "{place}");
            assert_eq!(html.matches("<title>").count(), 1, "{place}");
            assert!(
                !html.contains(" style=") && !html.contains("<style") && !html.contains(" onclick"),
                "{place}: inline style"
            );
            for script in html.split("<script").skip(1) {
                assert!(
                    script.trim_start().starts_with("src=\"/assets/"),
                    "{place}: inline script"
                );
            }
            let visible: String = html
                .split('<')
                .filter_map(|piece| piece.split_once('>'))
                .map(|(_, text)| format!("{text}\n"))
                .collect();
            for key in keys() {
                assert!(
                    !visible.lines().any(|line| line.trim() == key),
                    "{place}: untranslated {key}"
                );
            }
        }
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let house = House::new().await;
    for path in PAGES {
        let html = house.get(path, &[("accept", "text/html")]).await.text();
        let ids = values(&html, "id");
        for wanted in values(&html, "for")
            .into_iter()
            .chain(values(&html, "aria-labelledby"))
            .chain(
                values(&html, "aria-describedby")
                    .into_iter()
                    .flat_map(|list| list.split(' ')),
            )
        {
            assert!(ids.contains(&wanted), "{path}: nothing has the id {wanted}");
        }
        for href in values(&html, "href")
            .into_iter()
            .chain(values(&html, "src"))
            .filter(|href| href.starts_with("/assets/"))
        {
            let file = href.split('#').next().unwrap_or_default();
            assert_eq!(house.get(file, &[]).await.status, 200, "{path}: {href}");
        }
        let sprite = std::str::from_utf8(
            tongban_webkit::assets::find(
                tongban_webkit::assets::path("icons.svg").trim_start_matches("/assets/"),
            )
            .expect("the sprite")
            .raw,
        )
        .expect("UTF-8");
        for icon in values(&html, "href").into_iter().filter_map(|href| {
            href.split_once("icons.")
                .and_then(|(_, rest)| rest.split_once('#'))
        }) {
            assert!(
                sprite.contains(&format!("id=\"{}\"", icon.1)),
                "{path}: no icon {}",
                icon.1
            );
        }
    }
}

#[tokio::test]
async fn an_invalid_form_says_so_in_title_summary_and_field() {
    let answer = House::new().await.get("/dev/gallery/form", &[]).await;
    let html = answer.text();
    assert_eq!(answer.status, 422);
    assert!(html.contains("<title>出错："));
    assert!(html.contains("<a href=\"#f-area\">经营面积请填写数字，例如 86.5</a>"));
    assert!(html.contains("aria-describedby=\"f-area-e\" aria-invalid=\"true\""));
    assert!(
        html.contains("name=\"signs.0.remove\"")
            && html.contains("formenctype=\"multipart/form-data\"")
    );
    // Enter in a text box presses the first button of the form: it must be the main one.
    let first = html
        .split("<form class=\"card form\"")
        .nth(1)
        .and_then(|form| form.split("<button").nth(1))
        .unwrap_or_default();
    assert!(first.contains("name=\"act\" value=\"next\""), "{first}");
}

#[test]
fn text_given_to_a_component_is_escaped() {
    let tag = tongban_webkit::ui::tag(tongban_webkit::ui::Tone::Red, "<script>alert(1)</script>");
    assert!(!tag.0.contains("<script>"));
    assert!(!tongban_webkit::icon("x\"><script>").0.contains("<script>"));
}

#[tokio::test]
async fn another_crate_makes_a_page_with_a_template_of_its_own() {
    let html = House::new()
        .await
        .get("/own", &[("cookie", "zw-prefs=en")])
        .await
        .text();
    assert!(html.contains("<title>我的空间 - Government Services</title>"));
    assert!(
        html.contains("<h1>My space</h1>")
            && html.contains("class=\"steps\"")
            && html.contains("aria-current=\"page\">My space")
    );
    assert!(html.contains("name=\"idem\" value=\"req_") && html.contains("&#60;b&#62;张"));
}
