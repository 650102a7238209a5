//! How long a condition, a table and a file take: `cargo run --release -p tongban-decisions --example speed`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use tongban_decisions::{Decisions, Expressions, Feel};

/// Median of 31 rounds, in microseconds per call.
fn micros(name: &str, calls: u32, mut call: impl FnMut()) {
    let mut rounds: Vec<f64> = (0..31)
        .map(|_| {
            let begin = Instant::now();
            (0..calls).for_each(|_| call());
            begin.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    println!("{name:58} {:9.2} µs", rounds[rounds.len() / 2]);
}

/// A table of 50 rules over 3 inputs; the rule that matches is the last one.
fn table(policy: &str) -> String {
    let mut rules = String::new();
    for at in 0..50 {
        let (kind, low) = (
            if at % 2 == 0 {
                "个体工商户"
            } else {
                "企业"
            },
            at * 10,
        );
        let _ = write!(
            rules,
            "<rule id='r{at}'><inputEntry><text>\"{kind}\"</text></inputEntry>\
             <inputEntry><text>[{low}..{})</text></inputEntry><inputEntry><text>&gt;= 1</text></inputEntry>\
             <outputEntry><text>\"窗口{at}\"</text></outputEntry></rule>",
            low + 10
        );
    }
    let input = |id: u32, name: &str, kind: &str| {
        format!(
            "<inputData id='i{id}' name='{name}'><variable name='{name}' typeRef='{kind}'/></inputData>"
        )
    };
    let needs: String = (1..4)
        .map(|id| {
            format!(
                "<informationRequirement><requiredInput href='#i{id}'/></informationRequirement>"
            )
        })
        .collect();
    let columns: String = ["主体类型", "营业面积", "从业人数"]
        .iter()
        .map(|name| {
            format!("<input><inputExpression><text>{name}</text></inputExpression></input>")
        })
        .collect();
    format!(
        "<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' namespace='urn:speed' name='speed' id='d'>\
         {}{}{}<decision id='窗口' name='窗口'><variable name='窗口' typeRef='string'/>{needs}\
         <decisionTable hitPolicy='{policy}'>{columns}<output name='窗口'/>{rules}</decisionTable></decision></definitions>",
        input(1, "主体类型", "string"),
        input(2, "营业面积", "number"),
        input(3, "从业人数", "number")
    )
}

fn main() {
    let names: BTreeMap<Arc<str>, Value> = [
        ("outcome".into(), json!("accept")),
        ("area".into(), json!(620)),
    ]
    .into();
    let text = "outcome = \"accept\" and area >= 500";
    let condition = Feel.compile(text).expect("a condition");
    assert!(condition.holds(&names).expect("true or false"));
    micros(&format!("condition: {text}"), 20_000, || {
        black_box(condition.holds(&names).is_ok());
    });
    micros("compile that condition", 500, || {
        drop(black_box(Feel.compile(text)))
    });
    let loops = Feel
        .compile("every m in 材料 satisfies m.状态 = \"齐\"")
        .expect("a condition");
    let materials: BTreeMap<Arc<str>, Value> = [(
        "材料".into(),
        (0..10).map(|n| json!({"编号": n, "状态": "齐"})).collect(),
    )]
    .into();
    micros(
        "condition over a list of 10, with its cost walked",
        2_000,
        || {
            black_box(loops.holds(&materials).is_ok());
        },
    );

    let last: BTreeMap<Arc<str>, Value> = [
        ("主体类型".into(), json!("企业")),
        ("营业面积".into(), json!(495)),
        ("从业人数".into(), json!(3)),
    ]
    .into();
    for policy in ["FIRST", "UNIQUE"] {
        let xml = table(policy);
        let (decisions, warnings) = Decisions::parse(xml.as_bytes()).expect("a model");
        assert!(warnings.is_empty(), "{warnings:?}");
        let decided = decisions.decide("窗口", &last).expect("decided");
        assert_eq!(
            (decided.value, decided.rules[0].index),
            (json!("窗口49"), 50)
        );
        micros(
            &format!("decide: 50 rules × 3 inputs, {policy}, the last matches"),
            2_000,
            || {
                black_box(decisions.decide("窗口", &last).is_ok());
            },
        );
        if policy == "FIRST" {
            micros(
                &format!("parse and check that file, {} KB", xml.len() / 1_000),
                10,
                || {
                    drop(black_box(Decisions::parse(xml.as_bytes())));
                },
            );
        }
    }
}
