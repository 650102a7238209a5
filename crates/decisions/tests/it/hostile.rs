//! Files that want to hang, overflow or reach out.

use std::time::Instant;

use serde_json::{Map, json};
use tongban_decisions::Decisions;

use crate::dmn::model;

/// The first sentence of the refusal, and that it came soon.
#[track_caller]
fn refused(xml: &[u8]) -> String {
    let begin = Instant::now();
    let problems = match Decisions::parse(xml) {
        Err(problems) => problems,
        Ok((decisions, _)) => {
            match decisions.decide("D", &Map::from_iter([("n".to_owned(), json!(1))])) {
                Err(error) => return error.to_string(),
                Ok(decided) => panic!("decided {decided:?}"),
            }
        }
    };
    assert!(begin.elapsed().as_secs() < 10, "{:?}", begin.elapsed());
    problems[0].to_string()
}

fn literal(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    model(&format!(
        "<decision id=\"d\" name=\"D\"><variable name=\"D\"/><literalExpression><text>{text}</text></literalExpression></decision>"
    ))
}

#[test]
fn entities_and_sizes() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><definitions>&b;</definitions>";
    assert!(refused(bomb.as_bytes()).contains("DOCTYPE"));
    assert!(refused(&vec![b' '; 10 * 1024 * 1024 + 1]).contains("文件过大"));
    assert!(refused(model(&"<context>".repeat(100_000)).as_bytes()).contains("嵌套过深"));
    let long = model(&format!("<decision name=\"{}\"/>", "x".repeat(9_000_000)));
    assert!(refused(long.as_bytes()).contains("属性过长"));
    assert!(
        refused(model(&"<inputData name=\"a\"/>".repeat(300_000)).as_bytes()).contains("元素过多")
    );
    assert!(refused(b"\xff\xfe").contains("UTF-8"));
    assert!(refused(b"").contains("XML"));
    assert!(refused(b"<a>").contains("XML"));
    assert!(refused(b"<a/>").contains("DMN"));
    assert!(refused(model("&unknown;").as_bytes()).contains("XML"));
}

#[test]
fn what_needs_itself() {
    let own = model(
        "<decision id=\"d\" name=\"D\"><informationRequirement><requiredDecision href=\"#d\"/></informationRequirement><literalExpression><text>1</text></literalExpression></decision>",
    );
    assert!(refused(own.as_bytes()).contains("依赖它自己"));
    // Two decisions per layer, each asking both of the layer before: 2³⁰ evaluations.
    let mut body = String::new();
    for layer in 0..30 {
        for side in ["a", "b"] {
            let needs = if layer == 0 {
                String::new()
            } else {
                ["a", "b"].map(|other| format!("<informationRequirement><requiredDecision href=\"#{other}{}\"/></informationRequirement>", layer - 1)).concat()
            };
            body += &format!(
                "<decision id=\"{side}{layer}\" name=\"{side}{layer}\"><variable name=\"{side}{layer}\"/>{needs}<literalExpression><text>1</text></literalExpression></decision>"
            );
        }
    }
    assert!(refused(model(&body).as_bytes()).contains("重复计算"));
    let mut types =
        "<itemDefinition name=\"t0\"><typeRef>string</typeRef></itemDefinition>".to_owned();
    for n in 1..40 {
        let part = |name: &str| {
            format!(
                "<itemComponent name=\"{name}\"><typeRef>t{}</typeRef></itemComponent>",
                n - 1
            )
        };
        types += &format!(
            "<itemDefinition name=\"t{n}\">{}{}</itemDefinition>",
            part("a"),
            part("b")
        );
    }
    assert!(refused(model(&types).as_bytes()).contains("展开后过大"));
    let selves = "<itemDefinition name=\"t\"><itemComponent name=\"a\"><typeRef>t</typeRef></itemComponent></itemDefinition>";
    assert!(refused(model(selves).as_bytes()).contains("包含它自己"));
}

#[test]
fn costly_and_forbidden_texts() {
    assert!(refused(literal("for i in 1..1000000000 return i").as_bytes()).contains("计算量过大"));
    assert!(refused(literal("now()").as_bytes()).contains("now()"));
    assert!(refused(literal("{f: function(n) f(n), r: f(1)}.r").as_bytes()).contains("递归"));
    assert!(refused(literal("1 +").as_bytes()).contains("不是有效的 FEEL"));
    assert!(refused(literal(&format!("1{}", "+1".repeat(3_000))).as_bytes()).contains("过多"));
    let knowledge = model(
        "<businessKnowledgeModel id=\"k\" name=\"K\"><variable name=\"K\"/><encapsulatedLogic><formalParameter name=\"n\"/><literalExpression><text>K(n + 1)</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>\
         <decision id=\"d\" name=\"D\"><variable name=\"D\"/><knowledgeRequirement><requiredKnowledge href=\"#k\"/></knowledgeRequirement><literalExpression><text>K(1)</text></literalExpression></decision>",
    );
    assert!(refused(knowledge.as_bytes()).contains("递归"));
    let java = model(
        "<decision id=\"d\" name=\"D\"><variable name=\"D\"/><functionDefinition kind=\"Java\"/></decision>",
    );
    assert!(refused(java.as_bytes()).contains("Java"));
    let juel = model(
        "<decision id=\"d\" name=\"D\"><literalExpression expressionLanguage=\"juel\"><text>${a}</text></literalExpression></decision>",
    );
    assert!(refused(juel.as_bytes()).contains("juel"));
}

#[test]
fn a_problem_names_its_line() {
    let xml = model(
        "\n\n<decision id=\"d\" name=\"受理\">\n<literalExpression><text>1 +</text></literalExpression></decision>",
    );
    assert_eq!(
        refused(xml.as_bytes()),
        "第 4 行“受理”：“1 +”不是有效的 FEEL 表达式"
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]

    /// A true file with a piece cut out, doubled or replaced is decided or refused.
    #[test]
    fn broken_files_do_not_panic(from in 0usize..4_000, length in 0usize..80, other in "[<>/\"a-z&; =']{0,12}", twice: bool) {
        let text = include_str!("../../testdata/受理条件.dmn");
        let clip = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (a, b) = (clip(from), clip(from + length));
        let again = if twice { &text[a..b] } else { "" };
        let broken = format!("{}{other}{again}{again}{}", &text[..a], &text[b..]);
        if let Ok((decisions, _)) = Decisions::parse(broken.as_bytes()) {
            let inputs = Map::from_iter([("主体类型".to_owned(), json!("企业"))]);
            let names: Vec<String> = decisions.names().map(str::to_owned).collect();
            for name in names {
                let _ = decisions.decide(&name, &inputs);
            }
        }
    }
}
