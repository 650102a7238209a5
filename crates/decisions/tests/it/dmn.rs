//! Decisions: results, matched rules, sentences.

use serde_json::{Map, Value, json};
use tongban_decisions::{DecideError, Decision, Decisions, Warning};

const ACCEPTANCE: &[u8] = include_bytes!("../../testdata/受理条件.dmn");
const SITUATIONS: &[u8] = include_bytes!("../../testdata/情形引导.dmn");

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is not an object"),
    }
}

pub(crate) fn model(body: &str) -> String {
    format!(
        "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" namespace=\"urn:t\" name=\"t\" id=\"t\">{body}</definitions>"
    )
}

/// A table over one number `n`; a rule is its test and its output; `more` are attributes, `output` what the column declares.
fn table(more: &str, output: &str, rules: &[(&str, &str)]) -> Decisions {
    let rules: String = rules
        .iter()
        .enumerate()
        .map(|(at, (test, out))| {
            let test = test.replace('<', "&lt;").replace('>', "&gt;");
            format!("<rule id=\"r{}\"><inputEntry><text>{test}</text></inputEntry><outputEntry><text>{out}</text></outputEntry></rule>", at + 1)
        })
        .collect();
    let xml = model(&format!(
        "<inputData id=\"i\" name=\"n\"><variable name=\"n\" typeRef=\"number\"/></inputData>\
         <decision id=\"d\" name=\"D\"><variable name=\"D\"/><informationRequirement><requiredInput href=\"#i\"/></informationRequirement>\
         <decisionTable {more}><input><inputExpression><text>n</text></inputExpression></input><output name=\"o\">{output}</output>{rules}</decisionTable></decision>"
    ));
    let (decisions, warnings) =
        Decisions::parse(xml.as_bytes()).unwrap_or_else(|p| panic!("{p:?}"));
    assert_eq!(warnings, []);
    decisions
}

fn decide(decisions: &Decisions, n: i64) -> Result<Decision, DecideError> {
    decisions.decide("D", &map(json!({ "n": n })))
}

#[track_caller]
fn gives(decisions: &Decisions, n: i64, value: Value, rules: &[usize]) {
    let decided = decide(decisions, n).expect("decided");
    let indices: Vec<_> = decided.rules.iter().map(|rule| rule.index).collect();
    assert_eq!((decided.value, &indices[..]), (value, rules));
    assert!(
        decided
            .rules
            .iter()
            .all(|rule| rule.id == format!("r{}", rule.index))
    );
}

#[test]
fn acceptance_with_its_rule() {
    let (decisions, warnings) = Decisions::parse(ACCEPTANCE).unwrap();
    assert_eq!(warnings, []);
    let ask = |kind: &str, area: f64, until: &str| {
        let inputs = json!({
            "主体类型": kind, "营业面积": area, "申请日": "2026-03-02",
            "材料": [{"名称": "身份证", "状态": "已提交", "有效期至": until}, {"名称": "健康证", "状态": "已提交", "有效期至": null}],
        });
        let decided = decisions.decide("受理结论", &map(inputs)).unwrap();
        assert!(decided.table);
        (
            decided.value["结论"].clone(),
            decided.value["说明"].clone(),
            decided.rules[0].id.clone(),
            decided.rules[0].index,
        )
    };
    assert_eq!(
        ask("企业", 620.5, "2026-03-02"),
        (
            json!("受理"),
            json!("面积 620.5 平方米，需现场核查"),
            "大型".into(),
            2
        )
    );
    assert_eq!(
        ask("个体工商户", 499.99, "2030-01-01"),
        (json!("受理"), json!("当场受理"), "一般".into(), 3)
    );
    assert_eq!(ask("企业", 620.0, "2026-03-01").2, "不齐");
    assert_eq!(ask("机关", 100.0, "2030-01-01").2, "其他");
    let decided = decisions
        .decide("d1", &map(json!({"材料": [], "申请日": "2026-03-02"})))
        .unwrap();
    assert_eq!(
        (decided.value, decided.table, decided.name.as_str()),
        (json!(true), false, "材料是否齐全")
    );
}

#[test]
fn situations_collect_materials() {
    let (decisions, _) = Decisions::parse(SITUATIONS).unwrap();
    let inputs = json!({"是否首次申请": true, "经营项目": "热食类", "是否委托办理": true});
    let decided = decisions.decide("所需材料", &map(inputs)).unwrap();
    assert_eq!(
        decided.value,
        json!([
            "申请书",
            "营业执照",
            "设备布局图",
            "从业人员健康证明",
            "授权委托书"
        ])
    );
    let ids: Vec<_> = decided.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["m1", "m2", "m4", "m5", "m6"]);
}

/// Ids and namespaces may be Chinese; texts that look like attributes stay as they are.
#[test]
fn chinese_ids() {
    let xml = "<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' namespace='urn:城市' name='t' id='文件'>\
        <inputData id='输入' name='数'><variable name='数' typeRef='number'/></inputData>\
        <decision id='结论' name='结论'><variable name='结论'/><informationRequirement><requiredInput href='#输入'/></informationRequirement>\
        <decisionTable><input><inputExpression><text>数</text></inputExpression></input><output/>\
        <rule id='第一'><inputEntry><text>7</text></inputEntry><outputEntry><text>\"<![CDATA[<a id='输入'>]]>\"</text></outputEntry></rule>\
        </decisionTable></decision></definitions>";
    let (decisions, warnings) = Decisions::parse(xml.as_bytes()).unwrap();
    assert_eq!(warnings, []);
    let decided = decisions.decide("结论", &map(json!({"数": 7}))).unwrap();
    assert_eq!(
        (
            decided.value,
            decided.id.as_str(),
            decided.rules[0].id.as_str()
        ),
        (json!("<a id='输入'>"), "结论", "第一")
    );
}

#[test]
fn every_hit_policy() {
    let rules = [("> 1", "10"), ("> 2", "30"), ("> 3", "20")];
    gives(
        &table("hitPolicy=\"UNIQUE\"", "", &rules),
        2,
        json!(10),
        &[1],
    );
    gives(
        &table("hitPolicy=\"UNIQUE\"", "", &rules),
        1,
        Value::Null,
        &[],
    );
    gives(
        &table("hitPolicy=\"FIRST\"", "", &rules),
        9,
        json!(10),
        &[1],
    );
    gives(
        &table("hitPolicy=\"RULE ORDER\"", "", &rules),
        9,
        json!([10, 30, 20]),
        &[1, 2, 3],
    );
    gives(
        &table("hitPolicy=\"COLLECT\"", "", &rules),
        3,
        json!([10, 30]),
        &[1, 2],
    );
    for (aggregation, value) in [("SUM", 60), ("COUNT", 3), ("MIN", 10), ("MAX", 30)] {
        let more = format!("hitPolicy=\"COLLECT\" aggregation=\"{aggregation}\"");
        gives(&table(&more, "", &rules), 9, json!(value), &[1, 2, 3]);
    }
    let order = "<outputValues><text>30, 20, 10</text></outputValues>";
    gives(
        &table("hitPolicy=\"PRIORITY\"", order, &rules),
        9,
        json!(30),
        &[2],
    );
    gives(
        &table("hitPolicy=\"OUTPUT ORDER\"", order, &rules),
        9,
        json!([30, 20, 10]),
        &[2, 3, 1],
    );
    gives(
        &table("hitPolicy=\"ANY\"", "", &[("> 1", "1"), ("> 2", "1")]),
        9,
        json!(1),
        &[1, 2],
    );
    let marked = [("? > 1 and even(?)", "1"), ("9, ? = 7", "2")];
    gives(&table("", "", &marked), 4, json!(1), &[1]);
    gives(&table("", "", &marked), 7, json!(2), &[2]);
    gives(&table("", "", &marked), 9, json!(2), &[2]);
    gives(&table("", "", &marked), 5, Value::Null, &[]);
    let default = "<defaultOutputEntry><text>7</text></defaultOutputEntry>";
    gives(&table("", default, &rules), 0, json!(7), &[]);
}

#[test]
fn what_a_policy_forbids_is_a_sentence() {
    let error = decide(&table("", "", &[("> 1", "1"), ("> 2", "2")]), 9).unwrap_err();
    assert!(matches!(&error, DecideError::TwoRules { rules } if rules.len() == 2));
    assert_eq!(
        error.to_string(),
        "决策表规定只能有一条规则符合（UNIQUE），但同时符合的有：第 1 条（r1）、第 2 条（r2）"
    );
    let error = decide(
        &table("hitPolicy=\"ANY\"", "", &[("> 1", "1"), ("> 2", "2")]),
        9,
    )
    .unwrap_err();
    assert!(matches!(error, DecideError::DifferentResults { .. }));
    let decisions = table("", "", &[("> 1", "1")]);
    assert_eq!(
        decisions
            .decide("D", &map(json!({})))
            .unwrap_err()
            .to_string(),
        "缺少输入：n"
    );
    let error = decisions.decide("E", &map(json!({}))).unwrap_err();
    assert_eq!(error.to_string(), "文件中没有决策“E”；有：D");
    let (decisions, _) = Decisions::parse(ACCEPTANCE).unwrap();
    let error = decisions
        .decide("d1", &map(json!({"材料": [], "申请日": "三月"})))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "输入“申请日”的值 三月 不是日期（如 2026-03-01）"
    );
}

/// As tools write tables that belong to a process: no inputs declared, the old namespace, types of Java.
#[test]
fn undeclared_names_become_inputs_and_are_told() {
    let xml = "<definitions xmlns=\"http://www.omg.org/spec/DMN/20151101/dmn.xsd\" namespace=\"urn:t\" name=\"t\" id=\"t\">\
        <decision id=\"d\" name=\"费用\"><decisionTable id=\"x\" hitPolicy=\"FIRST\">\
        <input id=\"a\"><inputExpression id=\"b\" typeRef=\"integer\"><text>人数</text></inputExpression></input>\
        <output id=\"c\" name=\"费用\" typeRef=\"double\"/>\
        <rule id=\"r\"><inputEntry id=\"e\"><text>&gt; 10</text></inputEntry><outputEntry id=\"f\"><text>单价 * 人数</text></outputEntry></rule>\
        </decisionTable></decision></definitions>";
    let (decisions, warnings) = Decisions::parse(xml.as_bytes()).unwrap();
    let told: Vec<String> = warnings
        .iter()
        .map(|Warning(problem)| problem.to_string())
        .collect();
    assert_eq!(
        told,
        [
            "文件为 DMN 1.1，已按 DMN 1.3 读取；请用编辑器另存为新版本",
            "第 1 行“费用”：“人数”没有声明为输入；已当作“费用”的输入",
            "第 1 行“费用”：“单价”没有声明为输入；已当作“费用”的输入",
        ]
    );
    let decided = decisions
        .decide("d", &map(json!({"人数": 12, "单价": 2.5})))
        .unwrap();
    assert_eq!((decided.value, decided.rules.len()), (json!(30), 1));
}

#[test]
fn boxed_expressions_knowledge_and_services() {
    let (decisions, warnings) = Decisions::parse(model(
        "<inputData id=\"i\" name=\"Base Fee\"><variable name=\"Base Fee\" typeRef=\"number\"/></inputData>\
         <businessKnowledgeModel id=\"k\" name=\"With tax\"><variable name=\"With tax\"/><encapsulatedLogic>\
           <formalParameter name=\"amount\" typeRef=\"number\"/><literalExpression><text>amount * 1.06</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>\
         <decision id=\"d\" name=\"Total\"><variable name=\"Total\"/><informationRequirement><requiredInput href=\"#i\"/></informationRequirement>\
           <knowledgeRequirement><requiredKnowledge href=\"#k\"/></knowledgeRequirement>\
           <context><contextEntry><variable name=\"net\"/><literalExpression><text>Base Fee - 10</text></literalExpression></contextEntry>\
           <contextEntry><variable name=\"gross\"/><invocation><literalExpression><text>With tax</text></literalExpression>\
             <binding><parameter name=\"amount\"/><literalExpression><text>net</text></literalExpression></binding></invocation></contextEntry></context></decision>\
         <decisionService id=\"s\" name=\"Fees\"><variable name=\"Fees\"/><outputDecision href=\"#d\"/><inputData href=\"#i\"/></decisionService>",
    ).as_bytes())
    .unwrap();
    assert_eq!(warnings, []);
    let inputs = map(json!({"Base Fee": 110}));
    let expected = json!({"net": 100, "gross": 106});
    assert_eq!(decisions.decide("Total", &inputs).unwrap().value, expected);
    assert_eq!(decisions.decide("Fees", &inputs).unwrap().value, expected);
    let taxed = decisions
        .decide("With tax", &map(json!({"amount": 50})))
        .unwrap();
    assert_eq!(taxed.value, json!(53));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(60))]

    /// The rules told are those whose interval holds the number, whatever the table.
    #[test]
    fn told_rules_are_those_that_hold(bounds in proptest::collection::vec((0i64..20, 0i64..20), 1..12), n in 0i64..20) {
        let texts: Vec<(String, String)> = bounds.iter().enumerate()
            .map(|(at, (a, b))| (format!("[{}..{}]", a.min(b), a.max(b)), at.to_string()))
            .collect();
        let rules: Vec<(&str, &str)> = texts.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let expected: Vec<usize> = bounds.iter().enumerate()
            .filter(|(_, (a, b))| (a.min(b)..=a.max(b)).contains(&&n))
            .map(|(at, _)| at + 1)
            .collect();
        let decided = decide(&table("hitPolicy=\"COLLECT\"", "", &rules), n).unwrap();
        let told: Vec<usize> = decided.rules.iter().map(|rule| rule.index).collect();
        proptest::prop_assert_eq!(&told, &expected);
        let unique = decide(&table("", "", &rules), n);
        proptest::prop_assert_eq!(unique.is_err(), expected.len() > 1);
    }
}
