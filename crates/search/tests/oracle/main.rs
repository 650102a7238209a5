//! Every real title of a published catalogue finds itself.

use std::path::PathBuf;

use tongban_search::{Index, IndexDocument, Query};

fn shared() -> PathBuf {
    // Test-only: where the reference material lies is told by the environment.
    #[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
    let told = std::env::var("TONGBAN_SHARED").ok().map(PathBuf::from);
    told.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")))
}

fn initials(title: &str) -> String {
    use pinyin::ToPinyin as _;
    let letters = title.chars().filter_map(|c| match c.to_pinyin() {
        Some(p) => p.plain().chars().next(),
        None => c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase()),
    });
    letters.take(6).collect()
}

/// Share (percent) of titles that are found within `worst` by what `typed` makes of them.
fn share(index: &Index, titles: &[String], worst: usize, typed: impl Fn(&str) -> String) -> f64 {
    let mut missed = Vec::new();
    for title in titles {
        let query = Query {
            limit: worst,
            ..Query::new(typed(title))
        };
        let hits = index.search(&query).expect("search");
        if !hits.hits.iter().any(|h| h.title_text() == *title) {
            missed.push(format!("{} for {title}", typed(title)));
        }
    }
    for miss in missed.iter().take(15) {
        println!("missed: {miss}");
    }
    100.0 * (titles.len() - missed.len()) as f64 / titles.len() as f64
}

#[test]
#[ignore = "needs ../shared; run: .ci/run or cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn every_real_title_finds_itself() {
    let path = shared().join("data/items/sichuan-guangan-511602-items.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: ../shared is absent");
        return;
    };
    let items: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    let titles: Vec<String> = items
        .iter()
        .filter_map(|i| i["name"].as_str().map(|n| n.trim().to_owned()))
        .collect();
    assert!(titles.len() > 1_000);
    let index = Index::in_memory().expect("index");
    let docs: Vec<_> = titles
        .iter()
        .enumerate()
        .map(|(n, t)| IndexDocument {
            id: n.to_string(),
            title: t.clone(),
            ..IndexDocument::default()
        })
        .collect();
    index.put(&docs).expect("put");
    index.commit(1).expect("commit");

    let own = share(&index, &titles, 3, str::to_owned);
    let ten = share(&index, &titles, 3, |t| t.chars().take(10).collect());
    let letters = share(&index, &titles, 20, initials);
    println!(
        "{} titles: by own text in the first 3 {own:.2} %",
        titles.len()
    );
    println!("by the first 10 characters in the first 3 {ten:.2} %");
    println!("by the first 6 initials in the first 20 {letters:.2} %");
    assert!(own >= 99.5, "{own}");
    assert!(letters >= 95.0, "{letters}");
}
