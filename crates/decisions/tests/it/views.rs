//! A file as people read it, and what its tables leave open.

use tongban_decisions::{Decisions, LogicView, ReviewKind};

use crate::dmn::model;

const ACCEPTANCE: &str = include_str!("../../testdata/受理条件.dmn");

/// A table with conditions on `age` (number) and `kind` (text); rules as `(age, kind, result)`.
fn table(policy: &str, rules: &[(&str, &str, &str)]) -> String {
    let mut text = format!(
        "<inputData id=\"a\" name=\"age\"><variable name=\"age\" typeRef=\"number\"/></inputData><inputData id=\"k\" name=\"kind\"><variable name=\"kind\" typeRef=\"string\"/></inputData>
<decision id=\"d\" name=\"D\"><variable name=\"D\"/><informationRequirement><requiredInput href=\"#a\"/></informationRequirement><informationRequirement><requiredInput href=\"#k\"/></informationRequirement>
<decisionTable hitPolicy=\"{policy}\"><input label=\"年龄\"><inputExpression><text>age</text></inputExpression></input><input><inputExpression><text>kind</text></inputExpression></input><output/>"
    );
    for (age, kind, result) in rules {
        let cell = |text: &str| text.replace('<', "&lt;").replace('>', "&gt;");
        text += &format!(
            "<rule><inputEntry><text>{}</text></inputEntry><inputEntry><text>{}</text></inputEntry><outputEntry><text>{}</text></outputEntry></rule>",
            cell(age),
            cell(kind),
            cell(result)
        );
    }
    model(&(text + "</decisionTable></decision>"))
}

fn told(policy: &str, rules: &[(&str, &str, &str)]) -> Vec<(ReviewKind, String)> {
    let text = table(policy, rules);
    Decisions::parse(text.as_bytes()).expect("it runs");
    let found = Decisions::review(text.as_bytes()).expect("it is read");
    let found = found.into_iter();
    found
        .map(|one| {
            assert_eq!(one.problem.element, "D");
            (one.kind, one.problem.message)
        })
        .collect()
}

#[track_caller]
fn one(found: &[(ReviewKind, String)], kind: ReviewKind, words: &str) {
    match found {
        [(is, message)] if *is == kind => assert!(message.contains(words), "{message}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_table_without_holes_is_not_reproached() {
    let whole = [
        ("< 18", "-", "1"),
        (">= 18", "\"a\"", "2"),
        (">= 18", "not(\"a\")", "3"),
    ];
    for policy in ["UNIQUE", "ANY", "FIRST", "COLLECT", "RULE ORDER"] {
        assert_eq!(told(policy, &whole), [], "{policy}");
    }
    assert_eq!(told("COLLECT", &[("< 18", "-", "1")]), []);
}

#[test]
fn gaps_are_told_with_their_values() {
    let found = told("UNIQUE", &[("< 18", "-", "1"), ("> 18", "-", "2")]);
    one(&found, ReviewKind::Gap, "年龄等于 18");
    let found = told("UNIQUE", &[("[0..18)", "-", "1"), ("[18..60]", "-", "2")]);
    one(&found, ReviewKind::Gap, "年龄小于 0，或大于 60");
    let found = told("FIRST", &[("-", "\"a\",\"b\"", "1"), ("< 18", "-", "2")]);
    one(&found, ReviewKind::Gap, "年龄大于等于 18，kind为其他值");
}

#[test]
fn overlaps_are_told_where_the_policy_forbids_them() {
    let twice = [("<= 18", "-", "1"), (">= 18", "-", "2")];
    one(
        &told("UNIQUE", &twice),
        ReviewKind::Overlap,
        "第 1 条和第 2 条规则会同时符合：年龄等于 18",
    );
    one(&told("ANY", &twice), ReviewKind::Overlap, "年龄等于 18");
    let alike = [("<= 18", "-", "1"), (">= 18", "-", "1")];
    assert_eq!(told("ANY", &alike), []);
    assert_eq!(told("FIRST", &twice), []);
}

#[test]
fn a_rule_that_never_comes_to_its_turn_is_told() {
    let found = told("FIRST", &[("-", "-", "1"), ("> 5", "\"a\"", "2")]);
    one(&found, ReviewKind::Shadowed, "第 2 条规则永远用不上");
}

#[test]
fn what_is_no_comparison_with_constants_is_not_judged() {
    let found = told("UNIQUE", &[("? > 5", "-", "1"), ("<= 5", "-", "2")]);
    one(&found, ReviewKind::Undecided, "没有查清");
    // A gap that stands whatever that cell says is told all the same.
    let found = told("UNIQUE", &[("? > 5", "\"a\"", "1")]);
    assert!(
        found
            .iter()
            .any(|(kind, text)| *kind == ReviewKind::Gap && text.contains("kind为其他值")),
        "{found:?}"
    );
}

#[test]
fn large_tables_are_left_alone_soon() {
    let begin = std::time::Instant::now();
    let cell = (0..900)
        .map(|n| n.to_string())
        .collect::<Vec<_>>()
        .join(",");
    let rules: Vec<_> = (0..400).map(|_| (cell.as_str(), "-", "1")).collect();
    let text = table("UNIQUE", &rules);
    let found = Decisions::review(text.as_bytes()).expect("read");
    assert!(
        found.iter().any(|one| one.kind == ReviewKind::Undecided),
        "{found:?}"
    );
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
}

#[test]
fn a_file_is_shown_as_it_is_written() {
    let (read, _) = Decisions::parse(ACCEPTANCE.as_bytes()).expect("sound");
    assert_eq!((read.id(), read.name()), ("shouli", "受理条件"));
    let names: Vec<&str> = read.views().iter().map(|view| view.name.as_str()).collect();
    assert_eq!(names, ["材料是否齐全", "受理结论"]);
    assert!(matches!(&read.views()[0].logic, LogicView::Text(text) if text.contains("satisfies")));
    let view = read.view("d2").expect("by id");
    assert_eq!(view.line, 20);
    assert_eq!(view.needs, ["材料是否齐全"]);
    let inputs: Vec<_> = view
        .inputs
        .iter()
        .map(|i| (i.name.as_str(), i.kind.as_str()))
        .collect();
    assert_eq!(
        inputs,
        [
            ("主体类型", "string"),
            ("营业面积", "number"),
            ("材料", "材料表"),
            ("申请日", "date")
        ]
    );
    let LogicView::Table(table) = &view.logic else {
        panic!("no table");
    };
    assert_eq!(table.policy, "FIRST");
    assert_eq!(table.rules[1].conditions[2], ">= 500");
    assert_eq!(table.rules[0].conditions[1], "-");
    assert_eq!(table.rules[3].id, "其他");
    assert!(
        Decisions::review(ACCEPTANCE.as_bytes())
            .expect("read")
            .is_empty()
    );
}

#[test]
fn annotations_stand_beside_their_rules() {
    let text = table("UNIQUE", &[("-", "-", "1")])
        .replace("<output/>", "<output/><annotation name=\"依据\"/>")
        .replace(
            "</outputEntry></rule>",
            "</outputEntry><annotationEntry><text>第二十一条</text></annotationEntry></rule>",
        );
    let (read, _) = Decisions::parse(text.as_bytes()).expect("sound");
    let LogicView::Table(table) = &read.view("D").expect("there").logic else {
        panic!("no table");
    };
    assert_eq!(table.annotations, ["依据"]);
    assert_eq!(table.rules[0].annotations, ["第二十一条"]);
}
