//! Large hostile files: what they may cost in memory, measured by the kernel where it tells.

use std::fmt::Write as _;
use std::fs;

use tongban_process::{Command, Definition, Refusal, State, Vars, check, step};

use crate::constructs::{END, START, file, links};
use crate::scenario::NOW;

/// Most memory in MB that reading one file may take: the file itself, its elements up to the bound, the refusals.
const MOST_MB: u64 = 96;

/// A number in kB of the kernel's account of this process; `None` where there is none.
fn kilobytes(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Reads a file and judges it; the memory that it took beyond what was there.
fn costs(what: &str, xml: &str) -> Result<Definition, String> {
    // Forgets the highest mark so far.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let before = kilobytes("VmRSS:");
    let read = Definition::parse(xml.as_bytes());
    if let Ok((definition, _)) = &read {
        let _ = check(definition);
    }
    if let (Some(before), Some(most)) = (before, kilobytes("VmHWM:")) {
        let mb = most.saturating_sub(before) / 1024;
        println!("{what}: {} MB for {} MB", mb, xml.len() / 1024 / 1024);
        assert!(mb <= MOST_MB, "{what}: {mb} MB");
    }
    match read {
        Ok((definition, _)) => Ok(definition),
        Err(errors) => Err(errors.iter().map(|e| format!("{} {e}\n", e.rule)).collect()),
    }
}

#[track_caller]
fn refused(what: &str, xml: &str, why: &str) {
    let said = costs(what, xml).expect_err("refused");
    assert!(said.contains(why), "{what}: {said:.300}");
}

#[test]
fn bombs_are_refused_in_little_memory() {
    let mut entities = "<!DOCTYPE d [<!ENTITY a0 \"aaaaaaaaaa\">".to_owned();
    for i in 1..=30 {
        let _ = write!(
            entities,
            "<!ENTITY a{i} \"{}\">",
            format!("&a{};", i - 1).repeat(10)
        );
    }
    refused("entities", &format!("{entities}]><d>&a30;</d>"), "DOCTYPE");
    refused(
        "10 MB attribute",
        &format!("<a b=\"{}\"/>", "x".repeat(10_000_000)),
        "过长",
    );
    refused(
        "10 MB text",
        &format!("<a>{}</a>", "x".repeat(10_000_000)),
        "过长",
    );
    refused(
        "a million elements",
        &format!("<a>{}</a>", "<b/>".repeat(1_000_000)),
        "元素超过",
    );
    refused("a million levels", &"<a>".repeat(1_000_000), "嵌套超过");
    refused(
        "10 MB comment",
        &format!("<a><!--{}--></a>", "x".repeat(10_000_000)),
        "",
    );
    refused("10 MB name", &format!("<{}/>", "x".repeat(10_000_000)), "");
}

#[test]
fn the_largest_model_is_read_and_checked_in_little_memory() {
    let mut inner = START.to_owned();
    let mut flows = String::from("s>g0 ");
    for i in 0..2_000 {
        let _ = write!(inner, "<bpmn:parallelGateway id=\"g{i}\"/>");
        for k in 0..2 {
            let _ = write!(inner, "<bpmn:userTask id=\"t{i}_{k}\" tb:post=\"p\"/>");
            let _ = write!(flows, "g{i}>t{i}_{k} t{i}_{k}>g{} ", i + 1);
        }
    }
    inner += "<bpmn:parallelGateway id=\"g2000\"/>";
    let xml = file("", &inner, &flows);
    // Read or refused for its size, but soon, and in bounds.
    let _ = costs("8,000 flows", &xml);
}

#[test]
fn ids_are_unique() {
    let two = "<bpmn:userTask id=\"t\" tb:post=\"p\"/><bpmn:userTask id=\"t\" tb:post=\"p\"/>";
    refused(
        "ids",
        &file("", &format!("{START}{END}{two}"), "s>t t>e"),
        "t",
    );
}

#[test]
fn links_in_a_circle_are_told_and_stop() {
    let throw = |id: &str, name: &str| {
        format!(
            "<bpmn:intermediateThrowEvent id=\"{id}\"><bpmn:linkEventDefinition name=\"{name}\"/></bpmn:intermediateThrowEvent>"
        )
    };
    let catch = |id: &str, name: &str| {
        format!(
            "<bpmn:intermediateCatchEvent id=\"{id}\"><bpmn:linkEventDefinition name=\"{name}\"/></bpmn:intermediateCatchEvent>"
        )
    };
    let inner = [
        START.to_owned(),
        END.to_owned(),
        throw("x", "l"),
        catch("y", "l"),
        throw("z", "m"),
        catch("w", "m"),
        "<bpmn:exclusiveGateway id=\"g\"/>".to_owned(),
    ]
    .concat();
    // s → g → x ⇒ y → z ⇒ w → g: round and round.
    let xml = file("", &inner, "s>g g>x y>z w>g");
    let definition = costs("links", &xml).expect("read");
    let findings = check(&definition);
    assert!(
        findings.iter().any(|f| f.rule == "dead-end"),
        "{findings:?}"
    );
    let got = step(
        &definition,
        &State::default(),
        &Command::start(Vars::new()),
        NOW,
    );
    assert!(got.is_ok_and(|step| !step.state.incidents.is_empty()));
}

#[test]
fn calls_in_a_circle_are_refused_while_they_are_few() {
    let call = |id: &str, to: &str| {
        format!(
            "<bpmn:startEvent id=\"{id}s\"/><bpmn:callActivity id=\"{id}c\" calledElement=\"{to}\"/>{}",
            links(&format!("{id}s>{id}c"))
        )
    };
    let xml = file(
        "",
        &format!(
            "{}</bpmn:process><bpmn:process id=\"q\">{}",
            call("p", "q"),
            call("q", "p")
        ),
        "",
    );
    let definition = costs("calls", &xml).expect("read");
    let got = step(
        &definition,
        &State::default(),
        &Command::start(Vars::new()),
        NOW,
    );
    assert!(matches!(got, Err(Refusal::TooMany { .. })), "{got:?}");
}
