//! The demo content: every file parses, the six items are clean, references lead somewhere.

use std::collections::BTreeSet;

use tongban_catalogue::model::import::{import_item_list, import_native};
use tongban_catalogue::model::{Answers, OneThings, QualityReport, ServiceItem};
use tongban_codes::{TaskCode, Uscc};
use tongban_forms::FormDocument;

use crate::support::{ITEMS, demo, demo_files, item, show};

#[test]
fn the_six_items_are_complete_and_break_no_rule() {
    for id in ITEMS {
        let text = demo(&format!("items/{id}.json"));
        let imported = import_native(&text).unwrap_or_else(|error| panic!("{id}: {error}"));
        let [one] = imported.as_slice() else {
            panic!("{id}: one document")
        };
        assert!(one.notes.is_empty(), "{id}: {:?}", one.notes);
        assert!(one.findings.is_empty(), "{id}:\n{}", show(&one.findings));
        let item = &one.item;
        assert_eq!(item.demo, Some(true), "{id} says 演示");
        assert_eq!(item.form_id.as_deref(), Some(id));
        // The three organs of the large processes, or the implementing organ alone; a sign on a building is countersigned.
        let process = match (item.review_organs(&Answers::new()).len(), id) {
            (1, _) => "licence-approval-single",
            (3, "hwzp") => "licence-approval-countersign",
            (3, _) => "licence-approval",
            (n, _) => panic!("{id}: no process for {n} organs"),
        };
        assert_eq!(item.process_id.as_deref(), Some(process), "{id}");
        assert!(
            item.questions.as_ref().is_some_and(|q| q.len() >= 3),
            "{id}: FAQ"
        );
        let situations = item.situations.as_ref().map_or(0, Vec::len);
        assert!(
            (1..=3).contains(&situations),
            "{id}: {situations} questions"
        );
        TaskCode::parse(item.task_code.as_deref().expect("a code")).expect("check digits");
    }
    let items: Vec<ServiceItem> = ITEMS.iter().map(|id| item(id)).collect();
    assert_eq!(QualityReport::over(&items).clean, ITEMS.len());
}

#[test]
fn three_organs_review_a_food_licence() {
    let item = item("spjy");
    let depts = item.match_depts.as_deref().expect("parallel approval");
    let organs: BTreeSet<&str> = depts
        .iter()
        .map(|d| d.dept_code.as_str())
        .chain(item.dept_code.as_deref())
        .collect();
    assert_eq!(organs.len(), 3);
    let reviewing = item.review_organs(&Answers::new());
    assert_eq!(
        reviewing.first().copied(),
        item.dept_code.as_deref(),
        "its own organ first"
    );
    assert_eq!(reviewing.into_iter().collect::<BTreeSet<_>>(), organs);
    assert!(organs.iter().all(|code| Uscc::parse(code).is_ok()));
}

#[test]
fn the_published_list_has_its_1135_items_and_only_facts() {
    let text = demo("items/guangan-511602.tsv");
    for word in ["http", "://", "sczwfw.gov.cn"] {
        assert!(!text.contains(word), "{word}");
    }
    let imported = import_item_list(&text).expect("imports");
    assert_eq!(imported.len(), 1135);
    let items: Vec<&ServiceItem> = imported.iter().map(|i| &i.item).collect();
    let codes: BTreeSet<_> = items.iter().map(|i| i.local_task_code.as_deref()).collect();
    assert_eq!(codes.len(), 1135, "local codes are unique");
    let depts: BTreeSet<_> = items.iter().map(|i| i.dept_name.as_deref()).collect();
    assert_eq!(depts.len(), 34);
    assert!(
        items
            .iter()
            .all(|i| i.area_code.as_deref() == Some("511602000000"))
    );
    assert!(items.iter().all(|i| {
        i.source
            .as_deref()
            .is_some_and(|s| s.contains("Apache-2.0"))
    }));
    let licences = items.iter().filter(|i| i.task_type.code() == "01").count();
    assert_eq!(licences, 536);
    let coded = items.iter().filter(|i| i.dept_code.is_some()).count();
    assert_eq!(coded, 636, "the others have no credit code in the source");
    assert!(
        items
            .iter()
            .all(|i| i.anticipate_day.is_none() && i.materials.is_none())
    );
}

#[test]
fn one_things_parse_and_state_how_sure_they_are() {
    let things: OneThings = serde_json::from_str(&demo("one-things.json")).expect("parses");
    let counts: Vec<usize> = things
        .batches
        .iter()
        .map(|batch| batch.items.len())
        .collect();
    assert_eq!(counts, [13, 8, 0, 2]);
    assert!(
        things
            .batches
            .iter()
            .all(|batch| !batch.confidence.is_empty())
    );
    let restaurant = things.batches[0]
        .items
        .iter()
        .find(|item| item.name == "开办餐饮店");
    assert!(
        restaurant
            .expect("in the first batch")
            .sub
            .contains(&"食品经营许可".to_owned())
    );
}

#[test]
fn licence_types_fit_the_items_that_issue_and_use_them() {
    let items: Vec<ServiceItem> = ITEMS.iter().map(|id| item(id)).collect();
    let mut codes = BTreeSet::new();
    for file in demo_files("licence-types") {
        let text = std::fs::read_to_string(&file).expect("readable");
        let kind: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let code = kind["code"].as_str().expect("a code");
        assert_eq!(kind["demo"], true);
        assert_eq!(code.len(), 21, "USCC and 3 digits");
        Uscc::parse(&code[..18]).expect("check digit");
        assert_eq!(kind["managing_dept_code"].as_str(), Some(&code[..18]));
        assert!(codes.insert(code.to_owned()), "{code} twice");
        assert!(kind["face_fields"].as_array().is_some_and(|f| f.len() >= 3));
        let named = |key: &str| -> BTreeSet<String> {
            let list = kind[key].as_array().expect("a list");
            list.iter()
                .filter_map(|c| c.as_str().map(str::to_owned))
                .collect()
        };
        let codes_of = |uses: &dyn Fn(&ServiceItem) -> bool| -> BTreeSet<String> {
            items
                .iter()
                .filter(|i| uses(i))
                .filter_map(|i| i.task_code.clone())
                .collect()
        };
        assert_eq!(
            named("result_of"),
            codes_of(&|i| i.issued_licence_types().any(|c| c == code))
        );
        let uses = |i: &ServiceItem| {
            i.materials()
                .iter()
                .flat_map(|m| m.cert_type_code.iter().flatten())
                .any(|c| c == code)
        };
        assert_eq!(named("used_as_material_by"), codes_of(&uses), "{code}");
    }
    for item in &items {
        let used = item
            .materials()
            .iter()
            .flat_map(|m| m.cert_type_code.iter().flatten());
        let used = used.map(String::as_str).chain(item.issued_licence_types());
        for code in used {
            assert!(codes.contains(code), "{}: {code}", item.task_name);
        }
        assert_eq!(item.issued_licence_types().count(), 1);
    }
}

#[test]
fn every_form_is_read_and_passes_the_analysis_for_publishing() {
    for id in ITEMS {
        let form = FormDocument::parse(&demo(&format!("forms/{id}.json")))
            .unwrap_or_else(|errors| panic!("{id}: {errors:#?}"));
        assert_eq!(form.id(), id);
        assert!(form.pages().len() >= 3, "{id}");
        form.publish()
            .unwrap_or_else(|errors| panic!("{id}: {errors:#?}"));
    }
}

#[test]
fn forms_ask_for_the_materials_that_the_items_ask_for() {
    for id in ITEMS {
        let item = item(id);
        let form: serde_json::Value =
            serde_json::from_str(&demo(&format!("forms/{id}.json"))).expect("JSON");
        let in_form: BTreeSet<&str> = form["materials"]
            .as_array()
            .expect("materials")
            .iter()
            .filter_map(|m| m["id"].as_str())
            .collect();
        let asked: BTreeSet<&str> = item
            .materials()
            .iter()
            .filter(|m| m.share_resource_code.is_none())
            .filter_map(|m| m.material_key.as_deref())
            .filter(|key| *key != "application")
            .collect();
        assert_eq!(in_form, asked, "{id}");
        let questions: BTreeSet<&str> = item
            .situations
            .iter()
            .flatten()
            .map(|q| q.code.as_str())
            .collect();
        let mut used = BTreeSet::new();
        situations(&form, &mut used);
        assert!(
            used.is_subset(&questions),
            "{id}: {used:?} of {questions:?}"
        );
    }
}

/// Every `{"sit": name}` in a form.
fn situations<'a>(json: &'a serde_json::Value, found: &mut BTreeSet<&'a str>) {
    match json {
        serde_json::Value::Object(map) => {
            found.extend(map.get("sit").and_then(|name| name.as_str()));
            map.values().for_each(|value| situations(value, found));
        }
        serde_json::Value::Array(list) => list.iter().for_each(|value| situations(value, found)),
        _ => {}
    }
}

#[test]
fn nothing_in_the_demo_is_unlabelled_or_names_a_portal() {
    for folder in ["items", "licence-types", "forms"] {
        for file in demo_files(folder) {
            let text = std::fs::read_to_string(&file).expect("UTF-8");
            assert!(!text.contains("gov.cn"), "{}", file.display());
            assert!(!text.contains('\u{fffd}'), "{}", file.display());
        }
    }
}
