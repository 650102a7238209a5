//! Reading and analysing documents.

use tongban_forms::{FormDocument, FormErrorKind as Kind, Lang, message_ids};

use crate::common::{food, freight, small};

fn errors(fields: &str) -> Vec<String> {
    match FormDocument::parse(&small(fields)) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn samples_can_be_published_and_are_translated() {
    for form in [food(), freight()] {
        let analysis = form.analyse();
        assert_eq!(analysis.errors, vec![], "{}", form.id());
        assert!(
            !analysis
                .warnings
                .iter()
                .any(|w| w.kind == Kind::Untranslated),
            "{analysis:?}"
        );
        let canonical = form.to_canonical_json();
        let again = FormDocument::parse(&canonical).expect("canonical form reads");
        assert_eq!(again.to_canonical_json(), canonical);
        let published = form.publish().expect("no errors");
        assert!(
            published
                .to_canonical_json()
                .contains("\"status\":\"published\"")
        );
    }
}

#[test]
fn mistakes_are_named_with_their_place() {
    let q = r#"{"id":"a","element":"choice.yes_no"}"#;
    let cases: &[(&str, &str)] = &[
        (
            r#"{"id":"a","element":"no.such"}"#,
            "/pages/0/sections/0/fields/0/element：没有数据元“no.such”",
        ),
        (
            r#"{"id":"A b","element":"text.line"}"#,
            "/fields/0/id：标识“A b”不合规则",
        ),
        (
            r#"{"id":"a","element":"text.line","lable":"x"}"#,
            "不认识的属性“lable”",
        ),
        (
            r#"{"id":"a","element":"text.line"},{"id":"a","element":"text.line"}"#,
            "标识“a”重复",
        ),
        (r#"{"id":"a","element":"choice.one"}"#, "没有值域"),
        (
            r#"{"id":"a","element":"text.line","rules":[{"range":{"min":1}}]}"#,
            "规则“range”不适用",
        ),
        (
            r#"{"id":"a","element":"text.line","show_if":{"eq":[{"q":"zz"},"1"]}}"#,
            "/fields/0/show_if：条件引用了不存在的字段“zz”",
        ),
        (
            r#"{"id":"a","element":"text.line","show_if":{"eq":[{"q":"a"},"1"]}}"#,
            "条件互相依赖成环：a",
        ),
        (
            r#"{"id":"a","element":"text.line","show_if":{"empty":{"q":"b"}}},
               {"id":"b","element":"text.line","show_if":{"empty":{"q":"a"}}}"#,
            "条件互相依赖成环：a → b",
        ),
        (
            &format!(
                r#"{q},{{"id":"b","element":"text.line","show_if":{{"gt":[{{"q":"a"}},3]}}}}"#
            ),
            "类型不能比较：是否 与 数字",
        ),
        (
            r#"{"id":"s","element":"person.sex"},{"id":"b","element":"text.line","show_if":{"eq":[{"q":"s"},"M"]}}"#,
            "“M”不是字段“s”的选项",
        ),
        (
            r#"{"id":"g","group":true,"label":"组","fields":[{"id":"w","element":"text.line"}]},
               {"id":"b","element":"text.line","show_if":{"empty":{"q":"w"}}}"#,
            "字段“w”在重复组内",
        ),
        (
            r#"{"id":"b","element":"text.line","show_if":{"xor":[]}}"#,
            "不认识的条件运算“xor”",
        ),
        (
            r#"{"id":"b","element":"text.line","show_if":{"gt":[{"age":"b"},3]}}"#,
            "没有年龄",
        ),
        (
            r#"{"id":"g","group":true,"label":"组","fields":[{"id":"h","group":true,"fields":[]}]}"#,
            "重复组内不能再有重复组",
        ),
    ];
    for (fields, expected) in cases {
        let found = errors(fields);
        assert!(
            found.iter().any(|e| e.contains(expected)),
            "{expected}\n in {found:?}\n of {fields}"
        );
    }
    assert_eq!(errors(q), Vec::<String>::new());
}

#[test]
fn the_analysis_finds_dead_fields_and_contradictions() {
    let sex = r#"{"id":"s","element":"person.sex"},{"id":"n","element":"count.people","rules":[{"range":{"min":1,"max":10}}]}"#;
    let dead = [
        r#"{"and":[{"eq":[{"q":"s"},"1"]},{"eq":[{"q":"s"},"2"]}]}"#,
        r#"{"and":[{"in":[{"q":"s"},["1","2"]]},{"not":{"in":[{"q":"s"},["1","2","9"]]}}]}"#,
        r#"{"and":[{"gt":[{"q":"n"},5]},{"lt":[{"q":"n"},5]}]}"#,
        r#"{"gt":[{"q":"n"},10]}"#,
        r#"{"and":[{"empty":{"q":"s"}},{"eq":[{"q":"s"},"1"]}]}"#,
        r#"{"and":[{"eq":[{"q":"n"},3]},{"ne":[{"q":"n"},3]}]}"#,
    ];
    let alive = [
        r#"{"or":[{"eq":[{"q":"s"},"1"]},{"eq":[{"q":"s"},"2"]}]}"#,
        r#"{"and":[{"ge":[{"q":"n"},5]},{"le":[{"q":"n"},5]}]}"#,
        r#"{"ge":[{"q":"n"},10]}"#,
        r#"{"not":{"gt":[{"q":"n"},10]}}"#,
        r#"{"and":[{"empty":{"q":"s"}},{"ne":[{"q":"s"},"1"]}]}"#,
    ];
    let unreachable = |condition: &str| {
        let fields = format!(r#"{sex},{{"id":"x","element":"text.line","show_if":{condition}}}"#);
        let form = FormDocument::parse(&small(&fields)).expect(condition);
        form.analyse()
            .errors
            .iter()
            .any(|e| e.path == "/fields/x" && e.kind == Kind::Unreachable)
    };
    for condition in dead {
        assert!(unreachable(condition), "{condition}");
    }
    for condition in alive {
        assert!(!unreachable(condition), "{condition}");
    }
    // Through another field: b needs a, a is shown for men only, b asks for women.
    let chain = r#"{"id":"s","element":"person.sex"},
        {"id":"a","element":"choice.yes_no","show_if":{"eq":[{"q":"s"},"1"]}},
        {"id":"b","element":"text.line","show_if":{"and":[{"eq":[{"q":"a"},true]},{"eq":[{"q":"s"},"2"]}]}}"#;
    let form = FormDocument::parse(&small(chain)).expect("reads");
    assert!(form.clone().publish().is_err());
    assert!(
        form.analyse()
            .errors
            .iter()
            .any(|e| e.path == "/fields/b" && e.kind == Kind::Unreachable)
    );
    let clash =
        r#"{"id":"a","element":"count.people","label":"","rules":[{"range":{"min":5,"max":1}}]}"#;
    let analysis = FormDocument::parse(&small(clash)).expect("reads").analyse();
    assert!(
        analysis
            .errors
            .iter()
            .any(|e| matches!(e.kind, Kind::Contradiction(_)))
    );
    assert!(
        analysis
            .errors
            .iter()
            .any(|e| matches!(e.kind, Kind::MissingWords(_)))
    );
    let many: Vec<String> = (0..8)
        .map(|n| format!(r#"{{"id":"f{n}","element":"text.line"}}"#))
        .collect();
    let analysis = FormDocument::parse(&small(&many.join(",")))
        .expect("reads")
        .analyse();
    assert!(
        analysis
            .warnings
            .iter()
            .any(|w| w.kind == Kind::CrowdedPage(8))
    );
}

#[test]
fn messages_exist_in_both_languages_with_the_same_arguments() {
    assert!(message_ids(Lang::Zh).len() > 60);
    assert_eq!(message_ids(Lang::Zh), message_ids(Lang::En));
    let holes = |text: &str| {
        let mut names: Vec<String> = text
            .split('{')
            .skip(1)
            .filter_map(|t| Some(t.split_once('}')?.0.to_owned()))
            .collect();
        names.sort();
        names
    };
    let zh: serde_json::Value =
        serde_json::from_str(include_str!("../../data/messages.zh-CN.json")).expect("a table");
    let en: serde_json::Value =
        serde_json::from_str(include_str!("../../data/messages.en.json")).expect("a table");
    for id in message_ids(Lang::Zh) {
        let text = |table: &serde_json::Value| table[id].as_str().expect(id).to_owned();
        assert_eq!(holes(&text(&zh)), holes(&text(&en)), "{id}");
    }
}

#[test]
fn the_schema_lists_what_clients_send() {
    let schema = food().json_schema();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert_eq!(schema["properties"]["op_uscc"]["readOnly"], true);
    assert_eq!(schema["properties"]["managers"]["type"], "array");
    assert_eq!(
        schema["properties"]["mode"]["oneOf"][1]["const"],
        "catering"
    );
    let required = schema["required"].as_array().expect("a list");
    assert!(required.contains(&"area".into()) && required.contains(&"managers".into()));
    for absent in ["op_uscc", "email", "kitchen_area", "site", "machines"] {
        assert!(!required.contains(&absent.into()), "{absent}");
    }
    let money = &freight().json_schema()["properties"]["capital"];
    assert_eq!(
        (&money["type"], &money["minimum"]),
        (&"integer".into(), &0.into())
    );
}
