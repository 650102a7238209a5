use jiff::Timestamp;
use tongban_forms::{Ctx, Date, Evidence, EvidenceItem, FormDocument, Grade};

pub(crate) fn food() -> FormDocument {
    FormDocument::parse(include_str!("../../testdata/food-operation.json")).expect("sample form")
}

pub(crate) fn freight() -> FormDocument {
    FormDocument::parse(include_str!("../../testdata/road-freight.json")).expect("sample form")
}

pub(crate) fn now() -> Timestamp {
    Timestamp::constant(1_772_330_400, 0) // 2026-03-01T10:00+08:00
}

pub(crate) fn ctx() -> Ctx<'static> {
    Ctx::new(Date::constant(2026, 3, 1), now())
}

pub(crate) fn item(resource: &str, value: &str) -> EvidenceItem {
    EvidenceItem {
        id: format!("ev-{value}"),
        resource: resource.into(),
        source_name: "市场监管部门 企业登记信息".into(),
        value: value.into(),
        receipt: Some("R-1".into()),
        at: now(),
        grade: Grade::A,
    }
}

pub(crate) fn entity() -> Evidence {
    let mut evidence = Evidence::none();
    for (path, value) in [
        ("name", "同邦小馆"),
        ("uscc", "91330102MA28NBU477"),
        ("address", "样例市幸福区幸福路1号"),
        ("legal_rep", "王芳"),
    ] {
        evidence.insert(path, item("market.entity", value));
    }
    evidence
}

pub(crate) fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect()
}

/// A document around a list of fields (JSON text) of one page.
pub(crate) fn small(fields: &str) -> String {
    format!(
        r#"{{"zwform":"1","id":"t","version":1,"title":"试","pages":[{{"id":"p","title":"页","sections":[{{"id":"s","fields":[{fields}]}}]}}]}}"#
    )
}
