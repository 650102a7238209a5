//! Over real published items and with the form reader; files outside the project.

use std::path::PathBuf;

use tongban_catalogue::model::import::import_lingshan;
use tongban_catalogue::model::{Answers, Guide, Rule, from_stored, to_stored};

/// The folder of reference material, if it is there.
fn shared(path: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test finds its reference folder by variable"
    )]
    let root = std::env::var("TONGBAN_SHARED").map_or_else(
        |_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(root.join(path)).ok();
    if text.is_none() {
        println!("skipped: ../shared is absent");
    }
    text
}

#[test]
#[ignore = "needs ../shared; run: .ci/run or cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn four_real_items_are_read_whole_and_their_contradictions_flagged() {
    let Some(text) = shared("data/items/gx-lingshan-4-items.json") else {
        return;
    };
    let imported = import_lingshan(&text).expect("imports");
    assert_eq!(imported.len(), 4);
    let lengths: Vec<(usize, usize)> = imported
        .iter()
        .map(|i| {
            let length = |code: &Option<String>| code.as_ref().map_or(0, String::len);
            (length(&i.item.task_code), length(&i.item.task_handle_item))
        })
        .collect();
    assert_eq!(lengths, [(31, 0), (31, 0), (31, 0), (31, 33)]);
    for one in &imported {
        assert!(
            one.findings.iter().all(|f| f.rule != Rule::G19),
            "{:?}",
            one.findings
        );
        let stored = to_stored(&one.item).expect("writes");
        assert_eq!(from_stored(stored).expect("reads"), one.item);
        assert!(!Guide::of(&one.item, &Answers::new()).title.is_empty());
    }
    let doubts = |at: usize| -> Vec<&str> {
        let findings = imported[at].findings.iter();
        findings
            .filter(|f| f.rule == Rule::G15)
            .map(|f| f.element.as_str())
            .collect()
    };
    assert_eq!(doubts(0), [] as [&str; 0]);
    assert_eq!(
        doubts(1),
        ["anticipate_explain", "promise_explain", "questions[0]"]
    );
    let second = &imported[1].item;
    assert_eq!(
        (second.anticipate_day, second.promise_day),
        (Some(66), Some(24)),
        "kept"
    );
    assert_eq!(imported[0].item.specials.as_ref().map(Vec::len), Some(1));
    assert_eq!(imported[2].item.materials().len(), 5);
    assert!(
        imported[2].item.extend_field.contains_key("wsblsd"),
        "depth 9 is in no list: kept"
    );
    for one in &imported {
        println!(
            "{} {}",
            one.item.task_name,
            one.item.task_code.as_deref().unwrap_or_default()
        );
        for finding in &one.findings {
            println!(
                "  {} {} {}",
                finding.rule.code(),
                finding.element,
                finding.message
            );
        }
        for note in &one.notes {
            println!("  ~ {} {}", note.field, note.message);
        }
    }
}
