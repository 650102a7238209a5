//! Importers over our own fixtures, and over anything at all.

use proptest::prelude::*;
use tongban_catalogue::model::import::{
    ImportError, import_item_list, import_lingshan, import_native,
};
use tongban_catalogue::model::{OnlineDepth, Rule, ServerType, SpecialKind, TaskState, to_stored};

use crate::support::{item, show};

const FEED: &str = include_str!("../../testdata/regional-feed.json");

#[test]
fn a_regional_feed_is_read_with_its_contradictions() {
    let imported = import_lingshan(FEED).expect("imports");
    let [one] = imported.as_slice() else {
        panic!("{} items", imported.len())
    };
    let item = &one.item;
    assert_eq!(item.task_name, "测试事项许可");
    assert_eq!(
        (item.anticipate_day, item.promise_day),
        (Some(66), Some(24)),
        "kept as published"
    );
    assert_eq!(item.task_version, Some(3), "numbers may arrive as text");
    assert_eq!(item.entrust_name, None, "empty means absent");
    assert_eq!(item.is_schedule, None, "absent means absent");
    assert_eq!(
        item.server_type.as_deref(),
        Some(&[ServerType::NaturalPerson][..])
    );
    assert_eq!(
        item.online_handle_depth.as_deref(),
        Some(&[OnlineDepth::Consultation][..])
    );
    assert_eq!(
        item.extend_field["serve_type"], "8",
        "an unknown code is kept"
    );
    assert_eq!(item.extend_field["wsblsd"], "9");
    assert_eq!(
        item.extend_field["handle_publicity"], "01",
        "a field without a place is kept"
    );
    let special = &item.specials.as_deref().expect("a table")[0];
    assert_eq!(
        (special.special_name.as_str(), special.kind),
        ("机构评审", Some(SpecialKind::Other))
    );
    assert_eq!(item.materials().len(), 1);
    let fields: Vec<&str> = one.notes.iter().map(|note| note.field.as_str()).collect();
    assert_eq!(fields, ["serve_type", "wsblsd", "AUDIT_MATERIAL[1]"]);
    let doubts: Vec<&str> = one
        .findings
        .iter()
        .filter(|f| f.rule == Rule::G15)
        .map(|f| f.element.as_str())
        .collect();
    assert_eq!(
        doubts,
        ["anticipate_explain", "questions[0]"],
        "{}",
        show(&one.findings)
    );
    assert!(
        one.findings.iter().all(|f| f.rule != Rule::G19),
        "{}",
        show(&one.findings)
    );
}

#[test]
fn a_feed_that_is_none_is_refused_with_a_reason() {
    assert!(matches!(import_lingshan("{"), Err(ImportError::Json(_))));
    assert!(matches!(
        import_lingshan("{}"),
        Err(ImportError::Missing("items"))
    ));
    let nameless = r#"{"items":[{"AUDIT_ITEM":{"task_type":"01"}}]}"#;
    assert!(matches!(
        import_lingshan(nameless),
        Err(ImportError::Item { index: 0, .. })
    ));
}

const HEADER: &str =
    "task_name\tmain_item\tdept_name\tdept_code\ttask_type\tlocal_task_code\tarea_code";

#[test]
fn a_list_gives_what_it_has_and_nothing_else() {
    let text = format!(
        "# source: 某门户\n{HEADER}\n甲事项\t\t甲局\t1133990200990011XN\t1\tA-1\t339902000000\n\
         乙事项\t乙类\t乙局\t00990011-X\t20\tB-339902000000-000-1133990200990011XN-1\t339902000000\n\
         丙事项\t\t丙局\t12345\t07\tC-1\t\n"
    );
    let imported = import_item_list(&text).expect("imports");
    let [a, b, c] = imported.as_slice() else {
        panic!("{} items", imported.len())
    };
    assert_eq!(a.item.task_type.code(), "01", "padded");
    assert_eq!(a.item.source.as_deref(), Some("某门户"));
    assert_eq!(a.item.task_state, Some(TaskState::InUse));
    assert!(a.item.materials.is_none() && a.item.anticipate_day.is_none() && a.notes.is_empty());
    assert_eq!(
        b.item.dept_code.as_deref(),
        Some("1133990200990011XN"),
        "from the local code"
    );
    assert_eq!(b.item.extend_field["dept_code"], "00990011-X");
    assert_eq!(b.item.extend_field["main_item"], "乙类");
    assert_eq!((c.item.dept_code.as_deref(), c.notes.len()), (None, 1));
    assert_eq!(c.item.area_code, None);
}

#[test]
fn a_damaged_list_names_the_line() {
    let refused = |rows: &str| {
        import_item_list(&format!("# source: x\n{HEADER}\n{rows}"))
            .expect_err("refused")
            .to_string()
    };
    assert!(refused("甲\t\t甲局\t\t01\tA\t\n乙\t").starts_with("第 4 行"));
    assert!(refused("甲\t\t甲局\t\t77\tA\t").contains("77"));
    assert!(refused("\t\t甲局\t\t01\tA\t").contains("名称"));
    assert!(import_item_list(HEADER).is_err(), "no source");
    assert!(
        import_item_list("# source: x\n名称\t部门\n").is_err(),
        "other columns"
    );
}

#[test]
fn our_own_format_round_trips_and_keeps_what_it_does_not_know() {
    let item = item("hwzp");
    let stored = to_stored(&item).expect("writes");
    assert_eq!(stored["version"], 1);
    let one = import_native(&stored.to_string()).expect("reads");
    assert_eq!(one[0].item, item);
    assert!(one[0].findings.is_empty() && one[0].notes.is_empty());
    let mut strange = stored.clone();
    strange["color"] = "red".into();
    let two = import_native(&serde_json::json!({ "items": [stored, strange] }).to_string());
    let two = two.expect("reads");
    assert_eq!(two[1].item.extend_field["color"], "red");
    assert_eq!(two[1].notes.len(), 1);
    let newer = r#"{"version":2,"task_name":"x","task_type":"01"}"#;
    assert!(
        import_native(newer)
            .expect_err("refused")
            .to_string()
            .contains('2')
    );
    assert!(import_native(r#"{"version":1,"task_name":"x","task_type":"99"}"#).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_an_importer_panic(text in ".{0,400}") {
        let _ = import_lingshan(&text);
        let _ = import_item_list(&text);
        let _ = import_item_list(&format!("# source: x\n{HEADER}\n{text}"));
        let _ = import_native(&text);
    }

    #[test]
    fn no_field_value_makes_the_feed_reader_or_a_rule_panic(
        name in "[\\PC]{0,20}", code in "[0-9A-Z零十百千]{0,40}", day in any::<u64>(), text in "[\\PC]{0,60}",
    ) {
        let feed = serde_json::json!({"items": [{"AUDIT_ITEM": {
            "task_name": name, "task_type": "01", "task_code": code, "ywcode": code,
            "catalog_code": text, "anticipate_day": day, "anticipate_day_explain": text,
            "accept_name": text, "link_way": text, "supervise_way": text, "promise_day": code,
        }, "AUDIT_MATERIAL": [{"material_name": text, "is_need": "1", "materialcode": code}],
           "AUDIT_QA": [{"question": "几日", "answer": text}] }]});
        let _ = import_lingshan(&feed.to_string());
    }
}
