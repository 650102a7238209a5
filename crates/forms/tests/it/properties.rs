//! Invariants over arbitrary input.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value as Json;
use tongban_forms::{
    Answers, ElementRegistry, Entry, Evidence, FormDocument, ItemView, Lang, Stamp, Typed,
    normalise,
};

use crate::common::{ctx, entity, food, freight};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,30}",
        "[0-9０-９,，. 万元年月日一二三十\u{200B}\u{3000}\r\n-]{0,16}",
        "(true|false|hot|raw|online|vending|catering|have|general|2026-03-01|13800138000|11010519491231002x)",
    ]
}

fn typed() -> impl Strategy<Value = Typed> {
    prop_oneof![
        4 => text().prop_map(Typed::One),
        1 => prop::collection::vec(text(), 0..4).prop_map(Typed::Many),
        1 => prop::collection::btree_map("(y|m|d|division|detail)", text(), 0..5).prop_map(Typed::Parts),
    ]
}

fn entry() -> impl Strategy<Value = Entry> {
    typed().prop_map(|typed| Entry {
        typed,
        ..Entry::default()
    })
}

/// Arbitrary answers for the fields of a form.
fn answers(form: &FormDocument) -> impl Strategy<Value = Answers> + use<> {
    let fields: Vec<String> = form.fields().iter().map(|f| f.id.clone()).collect();
    let groups: Vec<String> = form
        .fields()
        .iter()
        .filter(|f| f.group().is_some())
        .map(|f| f.id.clone())
        .collect();
    let row = prop::collection::btree_map(prop::sample::select(fields.clone()), entry(), 0..6);
    let rows = prop::collection::vec(row, 0..4);
    (
        prop::collection::btree_map(prop::sample::select(fields), entry(), 0..40),
        prop::collection::btree_map(prop::sample::select(groups), rows, 0..3),
    )
        .prop_map(|(entries, groups): (BTreeMap<String, Entry>, Rows)| {
            let json = serde_json::json!({"entries": entries, "groups": groups});
            serde_json::from_value(json).expect("the stored shape of a draft")
        })
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".{0,8}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let key = "(id|element|pages|sections|fields|group|rules|range|min|max|show_if|and|eq|q|today|in|not|zwform|version|materials|checks|stop|if|at|prefill|choices|text.line|.{1,4})";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::btree_map(key, inner, 0..6)
                .prop_map(|m| Json::Object(m.into_iter().collect())),
        ]
    })
}

type Rows = BTreeMap<String, Vec<BTreeMap<String, Entry>>>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn normalising_twice_changes_nothing(text in text()) {
        for element in ElementRegistry::standard().all() {
            let once = normalise(element, &text).into_owned();
            let twice = normalise(element, &once);
            prop_assert_eq!(&once, twice.as_ref(), "{}", element.code);
        }
    }

    #[test]
    fn nothing_panics_and_hidden_fields_are_never_sent(a in answers(&food()), b in answers(&freight())) {
        for (form, answers) in [(food(), a), (freight(), b)] {
            for evidence in [Evidence::none(), entity()] {
                let ctx = ctx();
                let reading = form.read(&answers, &evidence, &ctx);
                let outcome = reading.validate();
                for problem in outcome.problems.iter().chain(&outcome.notes) {
                    prop_assert!(!problem.text(Lang::Zh).contains("{label}"), "{:?}", problem);
                    prop_assert!(problem.text(Lang::Zh) != problem.code);
                }
                let sent = reading.submission();
                for id in sent.values.keys() {
                    prop_assert!(reading.cell(id).is_some_and(|c| c.shown), "{} is hidden", id);
                }
                for page in form.pages() {
                    let own = reading.validate_page(&page.id);
                    reading.page_view(&page.id, &own, Lang::En);
                }
                reading.check_answers(Lang::Zh);
                let progress = reading.progress();
                prop_assert!(progress.percent <= 100 && progress.answered <= progress.needed);
                reading.missing_materials(&[]);
                // What is sent is understood the same way when it comes back through the API.
                let values = Json::Object(sent.values.clone());
                let (again, _) = form.answers_from_json(&values, &Stamp::default());
                let again = form.read(&again, &evidence, &ctx).submission();
                prop_assert_eq!(again.values, sent.values);
            }
        }
    }

    #[test]
    fn a_page_is_shown_again_exactly_as_typed(area in ".{0,40}", name in ".{0,40}", y in ".{0,6}", m in ".{0,6}") {
        let form = food();
        let pairs = [("area", &area), ("open_date.y", &y), ("open_date.m", &m)]
            .map(|(k, v)| (k.to_owned(), v.clone()));
        let (mut answers, none, ctx) = (Answers::default(), Evidence::none(), ctx());
        form.parse_post("place", &pairs).merge_into(&form, &mut answers, &none, &ctx, &Stamp::default());
        let staff = [("managers.2.manager_name".to_owned(), name.clone())];
        form.parse_post("staff", &staff).merge_into(&form, &mut answers, &none, &ctx, &Stamp::default());
        let reading = form.read(&answers, &none, &ctx);
        let view = reading.page_view("place", &reading.validate_page("place"), Lang::Zh).expect("shown");
        let fields: Vec<_> = view.sections[0].items.iter().filter_map(|i| match i {
            ItemView::Field(f) => Some(f),
            ItemView::Group(_) => None,
        }).collect();
        let field = |path: &str| fields.iter().find(|f| f.path == path).expect("on the page");
        prop_assert_eq!(field("area").typed.one(), &area);
        prop_assert_eq!(field("open_date").typed.part("y"), &y);
        prop_assert_eq!(field("open_date").typed.part("m"), &m);
        prop_assert_eq!(answers.rows("managers")[2]["manager_name"].typed.one(), &name);
    }

    #[test]
    fn posts_never_touch_verified_fields(pairs in prop::collection::vec(("(op_name|op_uscc|op_address|legal_name|op_name\\.confirm|op_name\\.0|legal_mobile)", text()), 0..12)) {
        let (form, evidence, ctx) = (food(), entity(), ctx());
        let mut answers = Answers::default();
        let input = form.parse_post("operator", &pairs);
        input.merge_into(&form, &mut answers, &evidence, &ctx, &Stamp::default());
        let sent = form.read(&answers, &evidence, &ctx).submission();
        for (id, value) in [("op_name", "同邦小馆"), ("op_uscc", "91330102MA28NBU477"), ("legal_name", "王芳")] {
            prop_assert!(answers.get(id).is_none());
            prop_assert_eq!(&sent.values[id], value);
            prop_assert_eq!(&sent.sources[id]["source"], "verified");
        }
    }

    #[test]
    fn reading_documents_never_panics(value in json(), at in 0..6_usize) {
        let _ = FormDocument::parse(&value.to_string()).map(|form| form.analyse());
        // Also as a part of a document that is otherwise right.
        let mut doc: Json = serde_json::from_str(include_str!("../../testdata/food-operation.json")).expect("JSON");
        let places = ["/pages/1/sections/0/fields/4/show_if", "/checks/0/if", "/pages/2/sections/0/fields/1/rules", "/materials/0", "/pages/0", "/stop/0"];
        if let Some(place) = doc.pointer_mut(places[at]) {
            *place = value.clone();
        }
        if let Ok(form) = FormDocument::parse(&doc.to_string()) {
            form.analyse();
            form.json_schema();
        }
    }

    #[test]
    fn api_values_never_panic(value in json()) {
        let form = food();
        let mut map = serde_json::Map::new();
        for field in form.fields() {
            map.insert(field.id.clone(), value.clone());
        }
        let (answers, _) = form.answers_from_json(&Json::Object(map), &Stamp::default());
        form.validate(&answers, &entity(), &ctx());
    }
}
