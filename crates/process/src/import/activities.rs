//! Tasks, calls and how they are repeated.

use std::sync::Arc;

use super::nodes::{Found, Reading, chinese};
use super::vendor::{extensions, in_out, vendor, zeebe};
use super::{BPMN, Formulas, Stand, binding, countersign, id, tb};
use crate::model::{Binding, Call, Do, Kind, Mapping, Multi, Repeat, Rule, Source, Text, Throw};
use crate::xml::Element;

pub(super) fn read(e: &Element, r: &mut Reading<'_, '_, '_>) -> Found {
    let (element, kind) = match e.name.as_str() {
        "manualTask" => ("manualTask", Some(Kind::Pass)),
        "task" => {
            r.reports
                .warn("task", e, "没有指明类型的任务：直接通过，不等待任何人");
            ("task", Some(Kind::Pass))
        }
        "userTask" => {
            let user = binding::user_task(e, r.lanes, r.formulas, r.reports);
            ("userTask", Some(Kind::User(Box::new(user))))
        }
        "serviceTask" => ("serviceTask", service(e, r)),
        "sendTask" => ("sendTask", send(e, r)),
        "receiveTask" => ("receiveTask", receive(e, r)),
        "scriptTask" => ("scriptTask", script(e, r)),
        "businessRuleTask" => ("businessRuleTask", rule(e, r)),
        "callActivity" => ("callActivity", call(e, r)),
        // Its own scope is read next.
        "subProcess" if e.attr("triggeredByEvent") == Some("true") => {
            ("subProcess", Some(Kind::EventSub(usize::MAX)))
        }
        "subProcess" => ("subProcess", Some(Kind::Sub(usize::MAX))),
        "exclusiveGateway" | "parallelGateway" | "inclusiveGateway" | "eventBasedGateway" => {
            return None;
        }
        other => {
            let other: String = other.chars().take(60).collect();
            r.reports.error(
                "not-executed",
                e,
                format!("不支持元素 {other}（{}）", chinese(&other)),
            );
            ("", None)
        }
    };
    Some((element, kind))
}

/// What stands in for a script or service: by the id of the element, by the text of its script, or by what its attributes name.
pub(super) fn stand_of<'f>(e: &Element, formulas: &'f Formulas<'_>) -> Option<&'f Stand> {
    let stands = &formulas.options.stands;
    let script = e.child(BPMN, "script").map(|s| s.text.trim());
    let named = ["class", "delegateExpression", "expression", "topic", "type"];
    [e.attr("id"), script]
        .into_iter()
        .flatten()
        .chain(named.iter().filter_map(|n| vendor(e, n)))
        .find_map(|key| stands.get(key))
}

fn stand_in(e: &Element, stand: &Stand, r: &mut Reading<'_, '_, '_>) -> Option<Kind> {
    let acts = match stand {
        Stand::Nothing => Vec::new(),
        Stand::Trace(name) => vec![Do::Trace(name.as_str().into())],
        Stand::Fail(code) => vec![Do::Fail(code.as_str().into())],
        Stand::Set(pairs) => {
            let mut acts = Vec::with_capacity(pairs.len());
            for (name, feel) in pairs {
                r.formulas.known.insert(name.clone());
                acts.push(Do::Set(Mapping {
                    source: Source::Formula(r.formulas.compile(feel, e, e, r.reports)?),
                    target: name.as_str().into(),
                }));
            }
            acts
        }
    };
    Some(Kind::Script(acts))
}

fn service(e: &Element, r: &mut Reading<'_, '_, '_>) -> Option<Kind> {
    if let Some(stand) = stand_of(e, r.formulas).cloned() {
        return stand_in(e, &stand, r);
    }
    let result = tb(e, "variable")
        .or_else(|| vendor(e, "resultVariable"))
        .or_else(|| vendor(e, "resultVariableName"));
    if let Some(text) = vendor(e, "expression").map(str::to_owned)
        && r.formulas.options.expressions.contains_key(&text)
    {
        return assigned(e, &text, result, r);
    }
    if let Some(kind) = super::outside::service(e) {
        return Some(kind);
    }
    let name = tb(e, "service")
        .or_else(|| vendor(e, "topic"))
        .or_else(|| zeebe(e, "taskDefinition").and_then(|t| t.attr("type")))
        .or_else(|| vendor(e, "type"));
    let Some(name) = name.or_else(|| tried(e, r)) else {
        r.reports
            .error("service", e, "服务任务没有指明服务（tb:service）");
        return None;
    };
    Some(Kind::Service(id(name.trim())))
}

/// Whoever only tries a file plays the service by hand, under the id of its element.
fn tried<'a>(e: &'a Element, r: &mut Reading<'_, '_, '_>) -> Option<&'a str> {
    if !r.formulas.options.lenient {
        return None;
    }
    r.reports
        .warn("service", e, "没有指明做什么：走查时由人代为完成");
    e.attr("id")
}

/// One expression whose value goes into a variable.
fn assigned(
    e: &Element,
    text: &str,
    variable: Option<&str>,
    r: &mut Reading<'_, '_, '_>,
) -> Option<Kind> {
    let expression = r.formulas.compile(text, e, e, r.reports)?;
    let Some(variable) = variable.filter(|v| v.len() <= 200) else {
        return Some(Kind::Script(Vec::new()));
    };
    r.formulas.known.insert(variable.to_owned());
    Some(Kind::Script(vec![Do::Set(Mapping {
        source: Source::Formula(expression),
        target: variable.into(),
    })]))
}

fn send(e: &Element, r: &mut Reading<'_, '_, '_>) -> Option<Kind> {
    if let Some(stand) = stand_of(e, r.formulas).cloned() {
        return stand_in(e, &stand, r);
    }
    if e.attr("messageRef").is_none()
        && (tb(e, "service").is_some() || vendor(e, "topic").is_some())
        || zeebe(e, "taskDefinition").is_some()
    {
        return service(e, r);
    }
    let message = r
        .globals
        .message(e.attr("messageRef"), e, r.formulas, r.reports)?;
    Some(Kind::Throw(Throw::Message(message)))
}

fn receive(e: &Element, r: &mut Reading<'_, '_, '_>) -> Option<Kind> {
    let message = match e.attr("messageRef") {
        None => None,
        some => Some(r.globals.message(some, e, r.formulas, r.reports)?),
    };
    Some(Kind::Receive(message))
}

/// A script is one FEEL expression whose value is stored in a variable.
fn script(e: &Element, r: &mut Reading<'_, '_, '_>) -> Option<Kind> {
    if let Some(stand) = stand_of(e, r.formulas).cloned() {
        return stand_in(e, &stand, r);
    }
    if let Some(own) = zeebe(e, "script")
        && let Some(text) = own.attr("expression").map(str::to_owned)
    {
        return assigned(e, &text, own.attr("resultVariable"), r);
    }
    let text = e
        .child(BPMN, "script")
        .map(|s| s.text.trim())
        .unwrap_or_default();
    let feel = e
        .attr("scriptFormat")
        .is_none_or(|format| format.to_lowercase().contains("feel"));
    if !feel && !r.formulas.options.expressions.contains_key(text) {
        let format = e.attr("scriptFormat").unwrap_or_default();
        r.reports.error(
            "not-executed",
            e,
            format!("脚本只支持 FEEL，实为 {format:.60}"),
        );
        return None;
    }
    let variable = tb(e, "variable")
        .or_else(|| vendor(e, "resultVariable"))
        .filter(|v| v.len() <= 200);
    if variable.is_none() {
        r.reports
            .error("script", e, "脚本任务没有指明结果变量（tb:variable）");
        return None;
    }
    let text = text.to_owned();
    assigned(e, &text, variable, r)
}

fn rule(e: &Element, r: &mut Reading<'_, '_, '_>) -> Option<Kind> {
    if let Some(stand) = stand_of(e, r.formulas).cloned() {
        return stand_in(e, &stand, r);
    }
    let called = zeebe(e, "calledDecision");
    let flowable = extensions(e, "field")
        .find(|f| f.attr("name") == Some("decisionTableReferenceKey"))
        .and_then(|f| f.children.first())
        .map(|s| s.text.trim());
    let decision = tb(e, "decision")
        .or_else(|| vendor(e, "decisionRef"))
        .or_else(|| called.and_then(|c| c.attr("decisionId")))
        .or_else(|| vendor(e, "decisionTableReferenceKey"))
        .or(flowable);
    let Some(decision) = decision else {
        let served = zeebe(e, "taskDefinition").is_some() || tb(e, "service").is_some();
        if served || r.formulas.options.lenient {
            return service(e, r);
        }
        r.reports
            .error("decision", e, "业务规则任务没有指明决策（tb:decision）");
        return None;
    };
    let result = tb(e, "variable")
        .or_else(|| vendor(e, "resultVariable"))
        .or_else(|| called.and_then(|c| c.attr("resultVariable")));
    if let Some(result) = result {
        r.formulas.known.insert(result.to_owned());
    }
    let (binding, result) = (
        binding_of(
            vendor(e, "decisionRefBinding"),
            vendor(e, "decisionRefVersion"),
            e,
        ),
        result.map(Arc::from),
    );
    Some(Kind::Rule(Box::new(Rule {
        decision: r.formulas.text(decision, e, r.reports)?,
        binding,
        result,
    })))
}

fn binding_of(named: Option<&str>, version: Option<&str>, e: &Element) -> Binding {
    match (tb(e, "binding").or(named), version) {
        (Some("deployment"), _) => Binding::Deployment,
        (Some("version"), Some(version)) => Binding::Version(version.into()),
        (Some(text), _) if text.starts_with("version:") => {
            Binding::Version(text.trim_start_matches("version:").into())
        }
        _ => Binding::Latest,
    }
}

fn call(e: &Element, r: &mut Reading<'_, '_, '_>) -> Option<Kind> {
    let own = zeebe(e, "calledElement");
    let process = own
        .and_then(|c| c.attr("processId"))
        .or_else(|| e.attr("calledElement"))
        .map(str::trim)
        .filter(|p| !p.is_empty());
    let Some(process) = process else {
        r.reports
            .error("call", e, "调用活动没有指明流程（calledElement）");
        return None;
    };
    let local = process.rsplit(':').next().unwrap_or(process);
    let process = if r.formulas.is_formula(process) {
        r.formulas.text(process, e, r.reports)?
    } else {
        Text::Plain(local.into())
    };
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    let (mut all_in, mut all_out) = (false, false);
    for (name, mapped, all) in [
        ("in", &mut inputs, &mut all_in),
        ("out", &mut outputs, &mut all_out),
    ] {
        for x in extensions(e, name) {
            *all |= x.attr("variables") == Some("all");
            mapped.extend(in_out(x, r.formulas, r.reports));
        }
    }
    let mapped = !inputs.is_empty() || !outputs.is_empty() || all_in || all_out;
    if own.is_some() {
        let says = |name| own.and_then(|c| c.attr(name)) != Some("false");
        all_in = says("propagateAllParentVariables");
        all_out = says("propagateAllChildVariables");
    } else if vendor(e, "inheritVariables") == Some("true") {
        all_in = true;
    } else if !mapped {
        (all_in, all_out) = (true, true);
    }
    let binding = binding_of(
        vendor(e, "calledElementBinding").or_else(|| own.and_then(|c| c.attr("bindingType"))),
        vendor(e, "calledElementVersion"),
        e,
    );
    Some(Kind::Call(Box::new(Call {
        process,
        binding,
        all_in,
        all_out,
        inputs,
        outputs,
    })))
}

/// Multi-instance and loop characteristics.
pub(super) fn repeat(e: &Element, r: &mut Reading<'_, '_, '_>) -> Option<Repeat> {
    if let Some(x) = e.child(BPMN, "standardLoopCharacteristics") {
        let condition = match x.child(BPMN, "loopCondition") {
            Some(c) if !c.text.trim().is_empty() => {
                Some(r.formulas.compile(&c.text, c, e, r.reports)?)
            }
            _ => None,
        };
        let most = x.attr("loopMaximum").and_then(|n| n.trim().parse().ok());
        if condition.is_none() && most.is_none() {
            r.reports
                .error("loop", e, "循环任务没有条件，也没有次数上限，永远不会结束");
        }
        return Some(Repeat::Loop {
            test_before: x.attr("testBefore") == Some("true"),
            condition,
            most,
        });
    }
    let Some(x) = e.child(BPMN, "multiInstanceLoopCharacteristics") else {
        if tb(e, "countersign").is_some() {
            r.reports.error(
                "countersign",
                e,
                "会签规则（tb:countersign）只能用于多实例任务",
            );
        }
        return None;
    };
    r.formulas.known.extend(
        [
            "loopCounter",
            "nrOfInstances",
            "nrOfActiveInstances",
            "nrOfCompletedInstances",
            "numberOfInstances",
            "numberOfActiveInstances",
            "numberOfCompletedInstances",
        ]
        .map(str::to_owned),
    );
    let own = zeebe(x, "loopCharacteristics");
    let text = |name: &str| {
        x.child(BPMN, name)
            .map(|c| c.text.trim().to_owned())
            .filter(|t| !t.is_empty())
    };
    let collection = tb(x, "collection")
        .or_else(|| vendor(x, "collection"))
        .map(str::to_owned)
        .or_else(|| own.and_then(|o| o.attr("inputCollection").map(str::to_owned)))
        .or_else(|| text("loopDataInputRef"));
    let item = tb(x, "item")
        .or_else(|| vendor(x, "elementVariable"))
        .or_else(|| own.and_then(|o| o.attr("inputElement")))
        .or_else(|| {
            x.child(BPMN, "inputDataItem")
                .and_then(|i| i.attr("name").or_else(|| i.attr("id")))
        });
    if let Some(item) = item {
        r.formulas.known.insert(item.to_owned());
    }
    let mut compile = |text: Option<String>| match text {
        Some(text) => r.formulas.compile(&text, x, e, r.reports).map(Some),
        None => Some(None),
    };
    let collection = compile(collection)?;
    let cardinality = compile(text("loopCardinality"))?;
    let until = compile(text("completionCondition"))?;
    let output_item = compile(
        own.and_then(|o| o.attr("outputElement").map(str::to_owned))
            .or_else(|| tb(x, "output-item").map(str::to_owned)),
    )?;
    let output = own
        .and_then(|o| o.attr("outputCollection"))
        .or_else(|| tb(x, "output"));
    if let Some(output) = output {
        r.formulas.known.insert(output.to_owned());
    }
    let multi = Multi {
        sequential: x.attr("isSequential") == Some("true"),
        cardinality,
        collection,
        item: item.map(Arc::from),
        until,
        output: output.map(Arc::from),
        output_item,
        weight: None,
        result: None,
    };
    if multi.collection.is_none() && multi.cardinality.is_none() {
        r.reports
            .error("multi", e, "多实例没有指明个数（loopCardinality）或集合");
    }
    let multi = countersign::policy(multi, e, r)?;
    Some(Repeat::Multi(Box::new(multi)))
}
