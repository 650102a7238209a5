//! Flow nodes, one by one: executed, or refused by name.

use std::sync::Arc;

use super::binding::{self, Lanes};
use super::{BPMN, Formulas, Reports, id, is_vendor, tb, vendor};
use crate::model::{Kind, Node, Text, TimerSpec};
use crate::xml::Element;

/// Vendor extensions that would change execution, so a file with them is refused.
const ACTIVE_EXTENSIONS: [&str; 9] = [
    "executionListener",
    "taskListener",
    "eventListener",
    "inputOutput",
    "connector",
    "in",
    "out",
    "failedJobRetryTimeCycle",
    "field",
];
/// Vendor attributes that name code or change execution.
const ACTIVE_ATTRIBUTES: [&str; 9] = [
    "class",
    "delegateExpression",
    "expression",
    "resultVariable",
    "asyncBefore",
    "asyncAfter",
    "async",
    "skipExpression",
    "triggerable",
];
/// Children of flow nodes that are kept without being executed.
const KEPT: [&str; 11] = [
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
];

pub(super) fn read(
    e: &Element,
    lanes: &Lanes,
    formulas: &mut Formulas<'_>,
    reports: &mut Reports,
) -> Option<Node> {
    check_common(e, reports);
    let (element, kind) = match e.name.as_str() {
        "startEvent" => ("startEvent", start(e, reports)?),
        "endEvent" => ("endEvent", end(e, reports)?),
        "intermediateThrowEvent" => {
            refuse_definitions(e, reports)?;
            ("intermediateThrowEvent", Kind::Pass)
        }
        "intermediateCatchEvent" => (
            "intermediateCatchEvent",
            Kind::TimerCatch(timer(e, formulas, reports)?),
        ),
        "boundaryEvent" => {
            let timer = timer(e, formulas, reports)?;
            let interrupting = e.attr("cancelActivity") != Some("false");
            (
                "boundaryEvent",
                Kind::Boundary {
                    attached: 0,
                    interrupting,
                    timer,
                },
            )
        }
        "manualTask" => ("manualTask", Kind::Pass),
        "userTask" => {
            let user = binding::user_task(e, lanes, formulas, reports);
            ("userTask", Kind::User(Box::new(user)))
        }
        "serviceTask" => ("serviceTask", service(e, reports)?),
        "scriptTask" => ("scriptTask", script(e, formulas, reports)?),
        "exclusiveGateway" => ("exclusiveGateway", Kind::Exclusive),
        "parallelGateway" => ("parallelGateway", Kind::Parallel),
        "inclusiveGateway" => ("inclusiveGateway", Kind::Inclusive),
        other => {
            let other: String = other.chars().take(60).collect();
            reports.error(
                "not-executed",
                e,
                format!("不支持元素 {other}（{}）", chinese(&other)),
            );
            return None;
        }
    };
    let key = e.attr("id").unwrap_or_default();
    Some(Node {
        id: id(key),
        name: Arc::from(e.attr("name").map(str::trim).unwrap_or_default()),
        line: e.line,
        element,
        kind,
        incoming: Vec::new(),
        outgoing: Vec::new(),
        default: None,
        boundary: Vec::new(),
        lane: lanes.of(key).map(|l| Arc::clone(&l.name)),
    })
}

/// The name an administrator knows.
fn chinese(element: &str) -> &'static str {
    match element {
        "task" => "未指明类型的任务：请改为用户任务、服务任务等",
        "subProcess" | "adHocSubProcess" | "transaction" => "子流程",
        "callActivity" => "调用活动",
        "businessRuleTask" => "业务规则任务",
        "sendTask" => "发送任务",
        "receiveTask" => "接收任务",
        "eventBasedGateway" => "事件网关",
        "complexGateway" => "复杂网关",
        "messageEventDefinition" => "消息事件",
        "signalEventDefinition" => "信号事件",
        "errorEventDefinition" => "错误事件",
        "escalationEventDefinition" => "升级事件",
        "conditionalEventDefinition" => "条件事件",
        "linkEventDefinition" => "链接事件",
        "compensateEventDefinition" => "补偿事件",
        "cancelEventDefinition" => "取消事件",
        "timerEventDefinition" => "此处的定时事件",
        "terminateEventDefinition" => "此处的终止事件",
        "multiInstanceLoopCharacteristics" => "多实例",
        "standardLoopCharacteristics" => "循环任务",
        _ => "暂不执行",
    }
}

/// Extensions of any element: what would change execution is refused, the rest is told.
pub(super) fn check_extensions(e: &Element, reports: &mut Reports) {
    for child in &e.children {
        let name = child.name.as_str();
        if &*child.ns != BPMN {
            reports.warn(
                "extension",
                e,
                format!("扩展元素 {name:.60} 只保留，不执行"),
            );
        } else if name == "extensionElements" {
            for extension in &child.children {
                check_extension(e, extension, reports);
            }
        }
    }
}

/// Children and attributes that any flow node may have.
fn check_common(e: &Element, reports: &mut Reports) {
    check_extensions(e, reports);
    for child in e.children.iter().filter(|c| &*c.ns == BPMN) {
        let name = child.name.as_str();
        if matches!(
            name,
            "ioSpecification" | "dataInputAssociation" | "dataOutputAssociation" | "property"
        ) {
            reports.warn("data", e, format!("{name} 只保留，不执行"));
        } else if name.ends_with("EventDefinition") || KEPT.contains(&name) {
            // Event definitions are looked at by the kind of event.
        } else {
            reports.error(
                "not-executed",
                e,
                format!("不支持 {name:.60}（{}）", chinese(name)),
            );
        }
    }
    for attribute in e.attrs.iter().filter(|a| is_vendor(&a.ns)) {
        if ACTIVE_ATTRIBUTES.contains(&attribute.name.as_str()) {
            let name = &attribute.name;
            reports.error("not-executed", e, format!("不支持厂商属性 {name}"));
        }
    }
    for quantity in ["startQuantity", "completionQuantity"] {
        if e.attr(quantity).is_some_and(|q| q != "1") {
            reports.error("not-executed", e, format!("不支持 {quantity}（令牌数量）"));
        }
    }
    if e.attr("isForCompensation") == Some("true") {
        reports.error("not-executed", e, "不支持补偿活动");
    }
}

fn check_extension(e: &Element, extension: &Element, reports: &mut Reports) {
    let name = extension.name.as_str();
    if is_vendor(&extension.ns) && ACTIVE_EXTENSIONS.contains(&name) {
        reports.error(
            "not-executed",
            e,
            format!("不支持厂商扩展 {name}（会改变执行）"),
        );
    } else if &*extension.ns != super::TB_NAMESPACE {
        reports.warn(
            "extension",
            e,
            format!("扩展元素 {name:.60} 只保留，不执行"),
        );
    }
}

fn definitions(e: &Element) -> Vec<&Element> {
    let is = |c: &&Element| &*c.ns == BPMN && c.name.ends_with("EventDefinition");
    e.children.iter().filter(is).collect()
}

fn not_executed(e: &Element, definition: &Element, reports: &mut Reports) {
    let name: String = definition.name.chars().take(60).collect();
    reports.error(
        "not-executed",
        e,
        format!("不支持 {}（{}）", name, chinese(&name)),
    );
}

fn refuse_definitions(e: &Element, reports: &mut Reports) -> Option<()> {
    match definitions(e).as_slice() {
        [] => Some(()),
        [first, ..] => {
            not_executed(e, first, reports);
            None
        }
    }
}

fn start(e: &Element, reports: &mut Reports) -> Option<Kind> {
    refuse_definitions(e, reports)?;
    Some(Kind::Start)
}

fn end(e: &Element, reports: &mut Reports) -> Option<Kind> {
    let terminate = match definitions(e).as_slice() {
        [] => false,
        [one] if one.name == "terminateEventDefinition" => true,
        [first, ..] => {
            not_executed(e, first, reports);
            return None;
        }
    };
    Some(Kind::End {
        terminate,
        outcome: tb(e, "outcome").map(id),
    })
}

fn timer(e: &Element, formulas: &mut Formulas<'_>, reports: &mut Reports) -> Option<TimerSpec> {
    let all = definitions(e);
    let definition = match all.as_slice() {
        [one] if one.name == "timerEventDefinition" => *one,
        [] => {
            reports.error("not-executed", e, "不支持没有事件定义的捕获事件");
            return None;
        }
        [one] => {
            not_executed(e, one, reports);
            return None;
        }
        _ => {
            reports.error("not-executed", e, "不支持多个事件定义");
            return None;
        }
    };
    if definition.child(BPMN, "timeCycle").is_some() {
        reports.error("not-executed", e, "不支持 timeCycle（循环定时）");
        return None;
    }
    let duration = definition.child(BPMN, "timeDuration");
    let Some(text) = duration.or_else(|| definition.child(BPMN, "timeDate")) else {
        reports.error("timer", e, "定时事件没有 timeDuration 或 timeDate");
        return None;
    };
    let Some(value) = formulas.text(&text.text, e, reports) else {
        if text.text.trim().is_empty() {
            reports.error("timer", e, "定时事件的时间为空");
        }
        return None;
    };
    let calendar = tb(definition, "calendar").or_else(|| tb(e, "calendar"));
    if calendar.is_some_and(|c| c != "working") {
        reports.error("timer", e, "tb:calendar 只能是 working（工作日）");
    }
    let spec = TimerSpec {
        duration: duration.is_some(),
        working_days: calendar.is_some(),
        value,
    };
    if let Text::Plain(text) = &spec.value
        && let Err(why) = spec.due(text, jiff::Timestamp::UNIX_EPOCH)
    {
        reports.error("timer", e, why);
    }
    Some(spec)
}

fn service(e: &Element, reports: &mut Reports) -> Option<Kind> {
    let service = tb(e, "service").or_else(|| vendor(e, "topic"));
    if service.is_none() {
        reports.error("service", e, "服务任务没有指明服务（tb:service）");
    }
    service.map(|s| Kind::Service(id(s)))
}

/// A script is one FEEL expression whose value is stored in a variable.
fn script(e: &Element, formulas: &mut Formulas<'_>, reports: &mut Reports) -> Option<Kind> {
    if let Some(format) = e.attr("scriptFormat")
        && !format.to_lowercase().contains("feel")
    {
        reports.error(
            "not-executed",
            e,
            format!("脚本只支持 FEEL，实为 {format:.60}"),
        );
        return None;
    }
    let text = e
        .child(BPMN, "script")
        .map(|s| s.text.trim())
        .unwrap_or_default();
    let variable = tb(e, "variable").filter(|v| v.len() <= 200);
    let Some(variable) = variable else {
        reports.error("script", e, "脚本任务没有指明结果变量（tb:variable）");
        return None;
    };
    let expression = formulas.compile(text, e, e, reports)?;
    Some(Kind::Script {
        variable: Arc::from(variable),
        expression,
    })
}
