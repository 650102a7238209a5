//! The administration of decisions, and what they decided in a case.

use serde_json::{Value, json};

use super::parts::{Op, Who, body, path_param};
use super::schemas::{
    Shapes, count, list, many, object, one_of, or_null, schema, text, time, truth, written,
};
use super::{Route, route};

const HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

pub(super) fn routes() -> Vec<Route> {
    let hash = || path_param("hash", "文件内容的 SHA-256", HASH);
    let op = |id, summary| Op::new(id, "决策", summary, Who::Somebody);
    let file = json!({"required": true, "content": {"application/xml": {"schema": {"type": "string", "format": "binary"}}}});
    vec![
        route(
            "get",
            "/api/v1/decisions",
            op("listDecisions", "已发布的决策文件和各个版本").ok("DecisionFileList"),
        ),
        route(
            "post",
            "/api/v1/decisions",
            op("handInDecisions", "交来决策文件（DMN），先检查，不发布")
                .describe("同一个文件交几次都是一回事：以内容的摘要为名。")
                .body(file)
                .created("DecisionFile", "已收下，等待发布")
                .problems(&[413, 422]),
        ),
        route(
            "get",
            "/api/v1/decisions/{hash}",
            op("readDecisions", "一个版本，或者等待发布的文件")
                .params(vec![hash()])
                .ok("DecisionFile")
                .problems(&[404]),
        ),
        route(
            "get",
            "/api/v1/decisions/{hash}/dmn",
            op("readDecisionFile", "原文件，逐字节")
                .params(vec![hash()])
                .xml("DMN 文件")
                .problems(&[404]),
        ),
        route(
            "post",
            "/api/v1/decisions/{hash}/publication",
            op("publishDecisions", "发布；从此按这个版本判断")
                .describe("有缺口、重叠的规则表，要由人确认后发布。记入透明日志。")
                .params(vec![hash()])
                .once()
                .body(body("NewDecisionPublication"))
                .ok("ProcessPublication")
                .problems(&[404, 409, 422]),
        ),
        route(
            "post",
            "/api/v1/decisions/{hash}/trials",
            op("tryDecision", "试算一个决策，什么也不保存")
                .params(vec![hash()])
                .body(body("NewDecisionTrial"))
                .ok("DecisionTrial")
                .problems(&[404, 422]),
        ),
        route(
            "get",
            "/api/v1/cases/{project_no}/rule-decisions",
            Op::new(
                "listCaseRules",
                "办件",
                "按已发布的规则作出的判断：版本、适用的规则、依据的输入",
                Who::Somebody,
            )
            .params(vec![path_param(
                "project_no",
                "办件编号",
                "339902261123000001",
            )])
            .ok("CaseRuleList")
            .problems(&[404]),
        ),
    ]
}

/// A value of FEEL as JSON.
fn value(meaning: &str) -> Value {
    json!({"description": meaning})
}

fn members(meaning: &str) -> Value {
    json!({"type": "object", "additionalProperties": true, "description": meaning})
}

fn file() -> Shapes {
    let version = object(&[
        ("hash", text("文件内容的 SHA-256")),
        ("published_at", time("发布时间")),
    ]);
    let rule = object(&[
        ("id", text("规则编号")),
        ("line", count("行")),
        ("conditions", many(text("条件"))),
        ("results", many(text("结果"))),
        ("annotations", many(text("说明"))),
    ]);
    let mut table = object(&[
        ("policy", text("命中策略")),
        ("conditions", many(text("输入"))),
        ("results", many(text("输出"))),
        ("rules", many(rule)),
    ]);
    table["type"] = json!(["object", "null"]);
    let finding = object(&[
        (
            "severity",
            one_of("程度", &["fault", "not-decided", "notice"]),
        ),
        ("rule", text("问题代码")),
        ("element", text("元素编号")),
        ("line", count("行；0 指整个文件")),
        ("message", text("说明")),
    ]);
    let decision = object(&[
        ("id", text("编号")),
        ("name", text("名称")),
        ("line", count("行")),
        ("inputs", members("输入的名称和类型；文件没写类型时为空")),
        ("needs", many(text("依赖的决策"))),
        ("table", table),
        ("text", or_null("string", "FEEL 表达式")),
    ]);
    vec![
        ("DecisionVersion", version),
        (
            "DecisionFileLine",
            object(&[
                ("name", text("文件编号")),
                ("title", text("名称")),
                ("decisions", many(text("决策名称"))),
                ("versions", many(schema("DecisionVersion"))),
            ]),
        ),
        ("DecisionFileList", list("DecisionFileLine")),
        (
            "DecisionFile",
            object(&[
                ("hash", text("文件内容的 SHA-256")),
                ("name", text("文件编号")),
                ("title", text("名称")),
                ("published", truth("已经发布")),
                ("findings", many(finding)),
                ("decisions", many(decision)),
                ("uses", members("用到它的流程（文件摘要）和所问的决策")),
                ("versions", many(schema("DecisionVersion"))),
            ]),
        ),
    ]
}

pub(super) fn shapes() -> Shapes {
    let applied = || {
        many(object(&[
            ("id", text("规则编号")),
            ("index", count("第几条，从 1 起")),
            ("annotations", many(text("说明"))),
        ]))
    };
    let mut all = file();
    all.extend([
        (
            "NewDecisionPublication",
            object(&[
                ("reason", written("发布的理由", 500)),
                ("accept_findings?", truth("问题已由人核对")),
            ]),
        ),
        (
            "NewDecisionTrial",
            object(&[
                ("decision", written("决策的编号或者名称", 200)),
                ("inputs?", members("输入")),
            ]),
        ),
        (
            "DecisionTrial",
            object(&[
                ("decision", text("决策")),
                ("result", value("结果")),
                ("rules", applied()),
                ("error", or_null("string", "没有结果的原因")),
            ]),
        ),
        (
            "CaseRule",
            object(&[
                ("seq", count("记录中的第几个事件")),
                ("at", time("时间")),
                ("task", text("环节")),
                ("model", text("决策文件")),
                ("hash", text("文件内容的 SHA-256")),
                ("decision", text("决策")),
                ("rules", applied()),
                ("output", value("结果")),
                ("inputs", members("依据的输入")),
            ]),
        ),
        ("CaseRuleList", list("CaseRule")),
    ]);
    all
}
