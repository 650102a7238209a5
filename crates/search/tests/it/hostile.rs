//! Queries nobody meant well.

use proptest::prelude::*;
use tongban_search::{Facet, Query};

use crate::relevance::county;

#[test]
fn hostile_texts_are_answered() {
    let index = county();
    let texts = [
        String::new(),
        " ".repeat(10_000),
        "登".repeat(10_000),
        "登记 ".repeat(5_000),
        "a".repeat(10_000),
        "xian".repeat(3_000),
        "\u{0}\u{1}\u{7f}\u{202e}\u{feff}".to_owned(),
        "title:食品 AND (id:* OR NOT \"经营\"~2^5".to_owned(),
        ".*+?[](){}|\\^$".to_owned(),
        "'; DROP TABLE items; --".to_owned(),
        "<script>alert(1)</script>".to_owned(),
        "😀👨‍👩‍👧🇨🇳".to_owned(),
        "ﷺ".repeat(300),
        "𠀀𠀁𪚥".repeat(50),
        (0..10_000u32)
            .filter_map(|n| char::from_u32(n * 7))
            .collect(),
    ];
    for text in &texts {
        let query = Query {
            after: Some("r99999999999999999999".into()),
            ..Query::new(text)
        };
        let hits = index.search(&query).expect("answered");
        assert!(hits.hits.len() <= 10);
        assert!(index.suggest(text, usize::MAX).expect("answered").len() <= 20);
    }
    assert_eq!(
        index
            .search(&Query::new("!!! *** ???"))
            .expect("answered")
            .total,
        0
    );
}

#[test]
fn operators_are_text() {
    let index = county();
    let plain = index.search(&Query::new("结婚登记")).expect("search");
    let dressed = index
        .search(&Query::new("\"结婚登记\"^5 * ?"))
        .expect("search");
    assert_eq!(plain.hits[0].id, dressed.hits[0].id);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_is_answered_and_titles_are_whole(
        text in "([\\PC]{0,20}|[食品经营许可登记a-z]{0,12}|.{0,40})",
        value in "\\PC{0,4}",
        limit in 0usize..1000,
    ) {
        thread_local!(static INDEX: tongban_search::Index = county());
        INDEX.with(|index| {
            let query = Query { limit, ..Query::new(text.clone()).filter(Facet::Theme, value) };
            let hits = index.search(&query).expect("answered");
            prop_assert!(hits.hits.len() <= 100 && hits.total >= hits.hits.len());
            for s in index.suggest(&text, 8).expect("answered") {
                let title: String = s.title.iter().map(|s| s.text.as_str()).collect();
                prop_assert!(crate::titles::TITLES.contains(&title.as_str()));
            }
            Ok(())
        })?;
    }
}
