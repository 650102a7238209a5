//! Entries of the base catalogue, and the strictness of the stored form.

use tongban_catalogue::model::{CatalogueEntry, Law, StoredError, from_stored, to_stored};

use crate::support::item;

#[test]
fn an_implementation_item_agrees_with_its_catalogue_entry_or_says_where_not() {
    let mut item = item("jnsc");
    let entry: CatalogueEntry = serde_json::from_value(serde_json::json!({
        "catalog_code": "000104002000", "task_name": "固定资产投资项目节能审查", "task_type": "01",
        "laws": [{"law_name": "中华人民共和国节约能源法", "clause_number": "第十五条"}],
        "use_level": ["2", "3", "4"], "task_state": "1", "task_version": 1,
    }))
    .expect("reads");
    assert_eq!(entry.differences(&item), [] as [&str; 0]);
    item.task_name.push('（');
    item.laws = Some(vec![Law::new("别的法".into())]);
    assert_eq!(entry.differences(&item), ["task_name", "laws"]);
}

#[test]
fn a_typing_error_in_a_stored_document_does_not_pass_for_not_published() {
    let mut stored = to_stored(&item("spjy")).expect("writes");
    stored["anticipate_days"] = 10.into();
    assert!(matches!(from_stored(stored), Err(StoredError::Shape(_))));
    let untagged = serde_json::json!({"task_name": "x", "task_type": "01"});
    assert!(matches!(
        from_stored(untagged),
        Err(StoredError::Version(_))
    ));
    assert!(matches!(
        from_stored(serde_json::json!([])),
        Err(StoredError::NotAnObject)
    ));
}
