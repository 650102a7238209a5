//! Incidents, outside systems, and what those systems call.

use serde_json::json;

use super::parts::{Op, Who, body, list_params, path_param};
use super::schemas::{Shapes, count, list, object, one_of, text, time, written};
use super::{Route, route};

pub(super) fn routes() -> Vec<Route> {
    let incident = || path_param("incident", "异常", "inc_019a0000000070008000000000000000");
    vec![
        route(
            "get",
            "/api/v1/incidents",
            Op::new(
                "listIncidents",
                "流程",
                "流程异常，旧的在前；系统管理员看全部，事项管理员看本机构的",
                Who::Somebody,
            )
            .params(list_params())
            .ok("IncidentList"),
        ),
        route(
            "post",
            "/api/v1/incidents/{incident}/repair",
            Op::new("repairIncident", "流程", "处置流程异常", Who::Somebody)
                .params(vec![incident()])
                .once()
                .body(body("Repair"))
                .ok("Done")
                .problems(&[404, 409, 422]),
        ),
    ]
}

pub(super) fn shapes() -> Shapes {
    let incident = object(&[
        ("incident", text("异常")),
        ("project_no", text("办件编号")),
        ("task_name", text("事项名称")),
        (
            "kind",
            one_of(
                "token：服务没有答复或者流程停住；timer：计时器不能触发；task：待办办不下去",
                &["token", "timer", "task"],
            ),
        ),
        ("element", text("流程元素")),
        ("name", text("环节名称")),
        ("service", text("服务或者外部系统")),
        ("error", text("最近一次的错误")),
        ("tries", count("次数")),
        ("opened_at", time("开始")),
        ("last_at", time("最近一次")),
    ]);
    let repair = object(&[
        (
            "way",
            one_of(
                "again 重试；answer 代为答复；error 报业务错误",
                &["again", "answer", "error"],
            ),
        ),
        (
            "values?",
            json!({"type": "object", "description": "answer：服务本应给出的结果", "additionalProperties": true}),
        ),
        ("error?", text("error：错误代码")),
        ("reason", written("理由", 2000)),
    ]);
    vec![
        ("Incident", incident),
        ("IncidentList", list("Incident")),
        ("Repair", repair),
    ]
}
