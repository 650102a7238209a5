//! How long reading and checking a model of 200 elements takes.
//!
//! `cargo run --release -p tongban-process --example soundness`

use std::fmt::Write as _;
use std::time::Instant;

use tongban_process::{Definition, check};

/// Twenty blocks of a choice, three parallel tasks with a reminder each and a sub-process: 200 elements and more.
fn model() -> (String, usize) {
    let mut out = String::from(
        "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:tb=\"http://tongban.dev/bpmn\"><process id=\"p\"><startEvent id=\"s\"/><endEvent id=\"e\"/>",
    );
    let (mut last, mut flows, mut elements) = ("s".to_owned(), 0, 2);
    let mut flow = |out: &mut String, from: &str, to: &str, condition: &str| {
        flows += 1;
        let _ = write!(
            out,
            "<sequenceFlow id=\"f{flows}\" sourceRef=\"{from}\" targetRef=\"{to}\">{condition}</sequenceFlow>"
        );
        format!("f{flows}")
    };
    for i in 0..14 {
        let default = flow(&mut out, &format!("x{i}"), &format!("u{i}"), "");
        let _ = write!(
            out,
            "<exclusiveGateway id=\"x{i}\" default=\"{default}\"/><parallelGateway id=\"g{i}\"/><parallelGateway id=\"j{i}\"/><exclusiveGateway id=\"y{i}\"/>\
             <subProcess id=\"u{i}\"><startEvent id=\"us{i}\"/><userTask id=\"ut{i}\" name=\"t\" tb:post=\"p\"/><endEvent id=\"ue{i}\"/>"
        );
        flow(&mut out, &format!("us{i}"), &format!("ut{i}"), "");
        flow(&mut out, &format!("ut{i}"), &format!("ue{i}"), "");
        out.push_str("</subProcess>");
        flow(&mut out, &last, &format!("x{i}"), "");
        let condition = "<conditionExpression>p = 1</conditionExpression>";
        flow(&mut out, &format!("x{i}"), &format!("g{i}"), condition);
        for k in 0..3 {
            let _ = write!(out, "<userTask id=\"t{i}{k}\" name=\"t\" tb:post=\"p\"/>");
            flow(&mut out, &format!("g{i}"), &format!("t{i}{k}"), "");
            flow(&mut out, &format!("t{i}{k}"), &format!("j{i}"), "");
        }
        let _ = write!(
            out,
            "<boundaryEvent id=\"r{i}\" attachedToRef=\"t{i}0\" cancelActivity=\"false\"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent><endEvent id=\"re{i}\"/>"
        );
        flow(&mut out, &format!("r{i}"), &format!("re{i}"), "");
        flow(&mut out, &format!("j{i}"), &format!("y{i}"), "");
        flow(&mut out, &format!("u{i}"), &format!("y{i}"), "");
        last = format!("y{i}");
        elements += 13;
    }
    flow(&mut out, &last, "e", "");
    out.push_str("</process></definitions>");
    (out, elements)
}

fn main() {
    let (xml, elements) = model();
    let mut read = None;
    let mut times: Vec<(u128, u128)> = Vec::new();
    for _ in 0..50 {
        let begin = Instant::now();
        let (definition, _) = Definition::parse(xml.as_bytes()).expect("our own model");
        let parsed = begin.elapsed();
        let findings = check(&definition);
        times.push((parsed.as_micros(), (begin.elapsed() - parsed).as_micros()));
        read = Some(findings.len());
    }
    times.sort_unstable();
    let (parse, check) = times[times.len() / 2];
    println!(
        "{elements} elements: read {parse} µs, checked {check} µs (median of {}); findings: {read:?}",
        times.len()
    );
}
