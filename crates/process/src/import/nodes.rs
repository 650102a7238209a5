//! Flow nodes, one by one: executed, or refused by name.

use std::sync::Arc;

use super::binding::Lanes;
use super::events::{self, Globals};
use super::{BPMN, Formulas, Reports, activities, id, tb, vendor};
use crate::model::{Kind, Node};
use crate::xml::Element;

/// Children of flow nodes that are read elsewhere, or kept without being executed.
const KEPT: [&str; 22] = [
    "extensionElements",
    "documentation",
    "incoming",
    "outgoing",
    "potentialOwner",
    "performer",
    "humanPerformer",
    "rendering",
    "script",
    "auditing",
    "monitoring",
    "multiInstanceLoopCharacteristics",
    "standardLoopCharacteristics",
    "categoryValueRef",
    "supportedInterfaceRef",
    "resourceRole",
    "association",
    "textAnnotation",
    "group",
    "laneSet",
    "artifact",
    "eventDefinitionRef",
];

/// All that is needed to read an element.
pub(super) struct Reading<'r, 'a, 'l> {
    pub lanes: &'r Lanes,
    pub globals: &'r Globals<'a>,
    pub formulas: &'r mut Formulas<'l>,
    pub reports: &'r mut Reports,
}

/// Reads one element of the scope `scope`. Sub-processes get the index of their own scope afterwards.
pub(super) fn read(e: &Element, scope: usize, r: &mut Reading<'_, '_, '_>) -> Option<Node> {
    check_common(e, r);
    let (element, kind) = event(e, r)
        .or_else(|| activities::read(e, r))
        .or_else(|| gateway(e))?;
    let kind = kind?;
    let key = key_of(e);
    let repeat = activities::repeat(e, r);
    let (inputs, outputs) = vendor::own_values(e, r.formulas, r.reports);
    Some(Node {
        id: id(&key),
        name: Arc::from(e.attr("name").map(str::trim).unwrap_or_default()),
        line: e.line,
        element,
        kind,
        scope,
        incoming: Vec::new(),
        outgoing: Vec::new(),
        default: None,
        boundary: Vec::new(),
        repeat,
        inputs,
        outputs,
        lane: r.lanes.of(&key).map(|l| Arc::clone(&l.name)),
    })
}

/// An element that is known; its kind is missing when it was refused.
pub(super) type Found = Option<(&'static str, Option<Kind>)>;

fn gateway(e: &Element) -> Found {
    Some(match e.name.as_str() {
        "exclusiveGateway" => ("exclusiveGateway", Some(Kind::Exclusive)),
        "parallelGateway" => ("parallelGateway", Some(Kind::Parallel)),
        "inclusiveGateway" => ("inclusiveGateway", Some(Kind::Inclusive)),
        "eventBasedGateway" => ("eventBasedGateway", Some(Kind::EventGate)),
        _ => return None,
    })
}

fn event(e: &Element, r: &mut Reading<'_, '_, '_>) -> Found {
    let element = match e.name.as_str() {
        "startEvent" => "startEvent",
        "endEvent" => "endEvent",
        "intermediateThrowEvent" => "intermediateThrowEvent",
        "intermediateCatchEvent" => "intermediateCatchEvent",
        "boundaryEvent" => "boundaryEvent",
        _ => return None,
    };
    Some((element, event_kind(e, element, r)))
}

fn event_kind(e: &Element, element: &str, r: &mut Reading<'_, '_, '_>) -> Option<Kind> {
    let d = events::only(e, r.reports).ok()?;
    if element == "startEvent" {
        return events::start(e, r.globals, r.formulas, r.reports);
    }
    if matches!(element, "endEvent" | "intermediateThrowEvent") {
        let throws = events::throws(e, d, r.globals, r.formulas, r.reports)?;
        return Some(match element {
            "endEvent" => Kind::End {
                throws,
                outcome: tb(e, "outcome").map(id),
            },
            _ => Kind::Throw(throws),
        });
    }
    let Some(d) = d else {
        r.reports
            .error("not-executed", e, "不支持没有事件定义的捕获事件");
        return None;
    };
    if d.name == "linkEventDefinition" && element == "intermediateCatchEvent" {
        return Some(Kind::Pass);
    }
    let trigger = events::trigger(e, d, r.globals, r.formulas, r.reports)?;
    let always = d.name == "errorEventDefinition";
    if element == "boundaryEvent" {
        return Some(Kind::Boundary {
            attached: 0,
            interrupting: always || e.attr("cancelActivity") != Some("false"),
            trigger,
        });
    }
    if matches!(
        d.name.as_str(),
        "errorEventDefinition" | "escalationEventDefinition"
    ) {
        r.reports.error(
            "not-executed",
            e,
            format!("中间捕获事件不能是{}", chinese(&d.name)),
        );
        return None;
    }
    Some(Kind::Catch(trigger))
}

/// The name an administrator knows.
pub(super) fn chinese(element: &str) -> &'static str {
    match element {
        "adHocSubProcess" => "自由子流程",
        "transaction" => "事务子流程",
        "complexGateway" => "复杂网关",
        "callChoreography" | "choreographyTask" | "subChoreography" => "编排",
        "messageEventDefinition" => "消息事件",
        "signalEventDefinition" => "信号事件",
        "errorEventDefinition" => "错误事件",
        "escalationEventDefinition" => "升级事件",
        "conditionalEventDefinition" => "条件事件",
        "linkEventDefinition" => "此处的链接事件",
        "compensateEventDefinition" => "补偿事件",
        "cancelEventDefinition" => "取消事件",
        "timerEventDefinition" => "此处的定时事件",
        "terminateEventDefinition" => "此处的终止事件",
        _ => "暂不执行",
    }
}

/// Children and attributes that any flow node may have.
fn check_common(e: &Element, r: &mut Reading<'_, '_, '_>) {
    vendor::check(e, r.formulas, r.reports);
    let is_sub = matches!(e.name.as_str(), "subProcess");
    for child in e.children.iter().filter(|c| &*c.ns == BPMN) {
        let name = child.name.as_str();
        if matches!(
            name,
            "ioSpecification"
                | "dataInputAssociation"
                | "dataOutputAssociation"
                | "property"
                | "dataInput"
                | "dataOutput"
                | "inputSet"
                | "outputSet"
        ) {
            r.reports.warn("data", e, format!("{name} 只保留，不执行"));
        } else if is_sub || name.ends_with("EventDefinition") || KEPT.contains(&name) {
            // Read where they belong.
        } else {
            r.reports.error(
                "not-executed",
                e,
                format!("不支持 {name:.60}（{}）", chinese(name)),
            );
        }
    }
    for quantity in ["startQuantity", "completionQuantity"] {
        if e.attr(quantity).is_some_and(|q| q != "1") {
            r.reports
                .error("not-executed", e, format!("不支持 {quantity}（令牌数量）"));
        }
    }
    if e.attr("isForCompensation") == Some("true") {
        r.reports.error("not-executed", e, "不支持补偿活动");
    }
}

/// The id of an element; one without (only when a file is tried) is named after its line.
pub(super) fn key_of(e: &Element) -> std::borrow::Cow<'_, str> {
    match e.attr("id") {
        Some(key) => key.into(),
        None => format!("{}#{}", e.name, e.line).into(),
    }
}
