//! Extensions of other engines: read where their meaning is plain, else reported by name.

use super::{BPMN, Formulas, Reports, TB_NAMESPACE};
use crate::model::{Mapping, Source};
use crate::xml::Element;

const JAVA: [&str; 3] = [
    "http://camunda.org/schema/1.0/bpmn",
    "http://flowable.org/bpmn",
    "http://activiti.org/bpmn",
];
const ZEEBE: &str = "http://camunda.org/schema/zeebe/1.0";

/// Attributes and extensions that are read elsewhere.
const READ: [&str; 39] = [
    "assignee",
    "candidateGroups",
    "candidateUsers",
    "collection",
    "elementVariable",
    "topic",
    "type",
    "formKey",
    "resultVariable",
    "resultVariableName",
    "variableName",
    "decisionRef",
    "decisionRefBinding",
    "decisionRefVersion",
    "mapDecisionResult",
    "decisionTableReferenceKey",
    "calledElementBinding",
    "calledElementVersion",
    "inheritVariables",
    "inputOutput",
    "in",
    "out",
    "ioMapping",
    "assignmentDefinition",
    "calledElement",
    "calledDecision",
    "taskDefinition",
    "loopCharacteristics",
    "subscription",
    "formDefinition",
    "script",
    "userTask",
    "value",
    "resource",
    "formProperty",
    "formData",
    "properties",
    "property",
    "taskHeaders",
];

/// What changes execution in a way that we do not follow.
const ACTIVE: [&str; 12] = [
    "executionListener",
    "taskListener",
    "eventListener",
    "connector",
    "failedJobRetryTimeCycle",
    "field",
    "class",
    "delegateExpression",
    "expression",
    "skipExpression",
    "triggerable",
    "errorEventDefinition",
];

/// Without effect on the course of a process: told nowhere.
const HARMLESS: [&str; 26] = [
    "versionTag",
    "modelerTemplate",
    "modelerTemplateVersion",
    "executionPlatform",
    "executionPlatformVersion",
    "exclusive",
    "async",
    "asyncBefore",
    "asyncAfter",
    "historyTimeToLive",
    "isStartableInTasklist",
    "candidateStarterGroups",
    "candidateStarterUsers",
    "initiator",
    "formRef",
    "formRefBinding",
    "priority",
    "dueDate",
    "followUpDate",
    "jobPriority",
    "taskPriority",
    "category",
    "diagramRelationId",
    "color",
    "isOptional",
    "sameDeployment",
];

pub(crate) fn is_java(ns: &str) -> bool {
    JAVA.contains(&ns)
}

pub(crate) fn is_vendor(ns: &str) -> bool {
    is_java(ns) || ns == ZEEBE
}

/// Attribute of one of the Java engines.
pub(crate) fn vendor<'a>(e: &'a Element, name: &str) -> Option<&'a str> {
    let found = JAVA.iter().find_map(|ns| e.attr_ns(ns, name));
    found.map(str::trim).filter(|v| !v.is_empty())
}

/// Extension elements of any engine by name.
pub(crate) fn extensions<'a>(e: &'a Element, name: &'a str) -> impl Iterator<Item = &'a Element> {
    e.all(BPMN, "extensionElements")
        .flat_map(|x| x.children.iter())
        .filter(move |x| is_vendor(&x.ns) && x.name == name)
}

/// The first such extension of the Zeebe engine.
pub(crate) fn zeebe<'a>(e: &'a Element, name: &'a str) -> Option<&'a Element> {
    extensions(e, name).find(|x| &*x.ns == ZEEBE)
}

/// Tells what of an element's extensions has no effect here, and refuses what changes execution.
pub(super) fn check(e: &Element, formulas: &Formulas<'_>, reports: &mut Reports) {
    for child in &e.children {
        if &*child.ns != BPMN {
            told(e, &child.name, reports);
        } else if child.name == "extensionElements" {
            for extension in &child.children {
                if &*extension.ns != TB_NAMESPACE {
                    judge(e, &extension.ns, &extension.name, formulas, reports);
                }
            }
        }
    }
    for attribute in e.attrs.iter().filter(|a| is_vendor(&a.ns)) {
        judge(e, &attribute.ns, &attribute.name, formulas, reports);
    }
}

fn told(e: &Element, name: &str, reports: &mut Reports) {
    reports.warn("extension", e, format!("扩展 {name:.60} 只保留，不执行"));
}

fn judge(e: &Element, ns: &str, name: &str, formulas: &Formulas<'_>, reports: &mut Reports) {
    if !is_vendor(ns) {
        return told(e, name, reports);
    }
    let code = matches!(
        name,
        "class" | "delegateExpression" | "expression" | "field"
    );
    if ACTIVE.contains(&name) && !(code && super::activities::stand_of(e, formulas).is_some()) {
        let message = format!("不支持厂商扩展 {name}（会改变执行）");
        if formulas.options.lenient && !code {
            reports.warn("not-executed", e, message);
        } else {
            reports.error("not-executed", e, message);
        }
    } else if !READ.contains(&name) && !HARMLESS.contains(&name) && !code {
        told(e, name, reports);
    }
}

/// One mapping from attributes: `source` names a variable, `sourceExpression` is a formula.
pub(super) fn in_out(
    x: &Element,
    formulas: &mut Formulas<'_>,
    reports: &mut Reports,
) -> Option<Mapping> {
    let target = x.attr("target").map(str::trim).filter(|t| !t.is_empty())?;
    formulas.known.insert(target.to_owned());
    let source = match (x.attr("source"), x.attr("sourceExpression")) {
        (Some(text), _) if formulas.is_formula(text.trim()) => {
            Source::Formula(formulas.compile(text, x, x, reports)?)
        }
        (Some(name), _) => Source::Variable(name.trim().into()),
        (None, Some(text)) => Source::Formula(formulas.compile(text, x, x, reports)?),
        (None, None) => return None,
    };
    Some(Mapping {
        source,
        target: target.into(),
    })
}

/// Values of its own: `camunda:inputOutput` and `zeebe:ioMapping`.
pub(super) fn own_values(
    e: &Element,
    formulas: &mut Formulas<'_>,
    reports: &mut Reports,
) -> (Vec<Mapping>, Vec<Mapping>) {
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for all in extensions(e, "inputOutput").chain(extensions(e, "ioMapping")) {
        for x in &all.children {
            let mapping = match x.name.as_str() {
                "input" | "output" => in_out(x, formulas, reports),
                "inputParameter" | "outputParameter" => parameter(e, x, formulas, reports),
                _ => continue,
            };
            match (mapping, x.name.starts_with("input")) {
                (Some(mapping), true) => inputs.push(mapping),
                (Some(mapping), false) => outputs.push(mapping),
                (None, _) => {}
            }
        }
    }
    (inputs, outputs)
}

fn parameter(
    e: &Element,
    x: &Element,
    formulas: &mut Formulas<'_>,
    reports: &mut Reports,
) -> Option<Mapping> {
    let name = x.attr("name").filter(|n| !n.is_empty())?;
    formulas.known.insert(name.to_owned());
    if let Some(inner) = x.children.first() {
        reports.error(
            "not-executed",
            e,
            format!("参数 {name:.60} 的 {:.40} 不支持，请改用表达式", inner.name),
        );
        return None;
    }
    let text = x.text.trim();
    let source = if formulas.is_formula(text) {
        Source::Formula(formulas.compile(text, x, e, reports)?)
    } else {
        Source::Text(text.into())
    };
    Some(Mapping {
        source,
        target: name.into(),
    })
}
