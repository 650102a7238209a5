//! Decisions and conditions, part of `tongban bench process`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use tongban_decisions::{Decisions, Expressions, Feel};
use tongban_kernel::{Error, Result};

/// Median of 31 rounds, in microseconds per call.
fn micros(calls: u32, mut call: impl FnMut()) -> f64 {
    let mut rounds: Vec<f64> = (0..31)
        .map(|_| {
            let begin = Instant::now();
            (0..calls).for_each(|_| call());
            begin.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds.get(rounds.len() / 2).copied().unwrap_or_default()
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

fn broken(what: impl std::fmt::Debug) -> Error {
    Error::internal(format!("bench: {what:?}"))
}

fn named(pairs: &[(&str, Value)]) -> BTreeMap<Arc<str>, Value> {
    let pair = |(name, value): &(&str, Value)| (Arc::from(*name), value.clone());
    pairs.iter().map(pair).collect()
}

/// Conditions as gateways ask them.
fn conditions() -> Result<()> {
    let names = named(&[("outcome", json!("accept")), ("area", json!(620))]);
    let text = "outcome = \"accept\" and area >= 500";
    let condition = Feel.compile(text).map_err(broken)?;
    if !condition.holds(&names).map_err(broken)? {
        return Err(broken("the condition does not hold"));
    }
    println!(
        "条件（{text}）：求值 {:.2} 微秒，编译 {:.1} 微秒",
        micros(20_000, || drop(black_box(condition.holds(&names)))),
        micros(500, || drop(black_box(Feel.compile(text))))
    );
    Ok(())
}

pub(super) fn bench() -> Result<()> {
    conditions()?;
    let last = named(&[
        ("主体类型", json!("企业")),
        ("营业面积", json!(495)),
        ("从业人数", json!(3)),
    ]);
    for policy in ["FIRST", "UNIQUE"] {
        let xml = table(policy);
        let (decisions, _) = Decisions::parse(xml.as_bytes()).map_err(broken)?;
        let decided = decisions.decide("窗口", &last).map_err(broken)?;
        if decided.value != json!("窗口49") {
            return Err(broken(decided.value));
        }
        println!(
            "决策表（50 条规则，{policy}，最后一条命中）：{:.1} 微秒；读入并检查 {:.1} 毫秒",
            micros(2_000, || drop(black_box(decisions.decide("窗口", &last)))),
            micros(10, || drop(black_box(Decisions::parse(xml.as_bytes())))) / 1_000.0
        );
    }
    Ok(())
}
