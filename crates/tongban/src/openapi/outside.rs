//! Incidents, outside systems, and what those systems call.

use serde_json::json;

use super::parts::{Op, Who, body, list_params, path_param};
use super::schemas::{
    Shapes, count, list, many, object, one_of, or_null, text, time, truth, written,
};
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
    .into_iter()
    .chain(register())
    .chain(called())
    .collect()
}

const TAG: &str = "外部系统";

/// The register of systems.
fn register() -> Vec<Route> {
    let system = || path_param("system", "外部系统", "sys_019a0000000070008000000000000000");
    let delivery = || path_param("delivery", "投递", "dlv_019a0000000070008000000000000000");
    let op = |id, summary| Op::new(id, TAG, summary, Who::Somebody);
    vec![
        route(
            "get",
            "/api/v1/outside-systems",
            op("listOutsideSystems", "登记的系统").ok("OutsideSystemList"),
        ),
        route(
            "post",
            "/api/v1/outside-systems",
            op("registerOutsideSystem", "登记一个系统；密钥只出现这一次")
                .once()
                .body(body("NewOutsideSystem"))
                .created("OutsideKeys", "已登记")
                .problems(&[404, 422]),
        ),
        route(
            "get",
            "/api/v1/outside-systems/{system}",
            op("readOutsideSystem", "一个系统")
                .params(vec![system()])
                .ok("OutsideSystem")
                .problems(&[404]),
        ),
        route(
            "put",
            "/api/v1/outside-systems/{system}",
            op("changeOutsideSystem", "修改登记，启用或者停用")
                .params(vec![system()])
                .once()
                .body(body("OutsideSystemChange"))
                .ok("OutsideSystemDone")
                .problems(&[404, 422]),
        ),
        route(
            "post",
            "/api/v1/outside-systems/{system}/keys",
            op("rotateOutsideKeys", "更换密钥；旧的还可以用一天")
                .params(vec![system()])
                .once()
                .ok("OutsideKeys")
                .problems(&[404, 422]),
        ),
        route(
            "post",
            "/api/v1/outside-systems/{system}/tests",
            op("testOutsideSystem", "发送测试通知")
                .params(vec![system()])
                .once()
                .ok("OutsideSystemDone")
                .problems(&[404, 422]),
        ),
        route(
            "get",
            "/api/v1/outside-systems/{system}/deliveries",
            op("listDeliveries", "投递记录，新的在前")
                .params(vec![system()])
                .params(list_params())
                .ok("DeliveryList")
                .problems(&[404]),
        ),
        route(
            "post",
            "/api/v1/outside-systems/{system}/deliveries/{delivery}/replays",
            op("replayDelivery", "重新投递，webhook-id 不变")
                .params(vec![system(), delivery()])
                .once()
                .ok("OutsideSystemDone")
                .problems(&[404, 409, 422]),
        ),
    ]
}

/// What systems call; each request is signed as Standard Webhooks say.
fn called() -> Vec<Route> {
    let op = |id, summary| {
        let header = |name: &str, text: &str| json!({"name": name, "in": "header", "required": true, "description": text, "schema": {"type": "string"}});
        Op::new(id, TAG, summary, Who::Anybody)
            .describe("由登记的系统签名（Standard Webhooks，HMAC-SHA256）；签名不对、过期或者系统没有登记一律回答 401。见 docs/outside-systems.md。")
            .params(vec![
                path_param("code", "系统的代码", "xf-approval"),
                header("webhook-id", "这次请求的编号：重复的得到同一个答复"),
                header("webhook-timestamp", "秒；与平台相差不超过五分钟"),
                header("webhook-signature", "v1, 加签名；可以有几个，以空格分开"),
            ])
            .problems(&[401, 403, 404, 409, 422, 429])
    };
    vec![
        route(
            "post",
            "/api/v1/outside/{code}/looks",
            op("lookAtStep", "取用分给它的环节的办件信息；取用留痕")
                .body(body("StepLook"))
                .ok("StepCase"),
        ),
        route(
            "post",
            "/api/v1/outside/{code}/reports",
            op("reportStep", "回报：接办、进展、结果、不能办理")
                .body(body("StepReport"))
                .ok("Done"),
        ),
        route(
            "post",
            "/api/v1/outside/{code}/messages",
            op("sendMessage", "向等待它的办件发送消息（CloudEvents 1.0）")
                .body(body("OutsideMessage"))
                .ok("MessageTaken"),
        ),
    ]
}

/// What is told to systems (webhooks of OpenAPI 3.1): an event of CloudEvents 1.0 whose `data` has this shape.
pub(super) fn webhooks() -> serde_json::Value {
    let told = |summary: &str, data: &str| {
        let event = json!({
            "type": "object",
            "required": ["specversion", "id", "source", "type", "time", "data"],
            "properties": {
                "specversion": {"type": "string", "const": "1.0"}, "id": {"type": "string"}, "source": {"type": "string"},
                "type": {"type": "string"}, "subject": {"type": "string"}, "time": {"type": "string", "format": "date-time"},
                "sequence": {"type": "string"}, "data": {"$ref": format!("#/components/schemas/{data}")},
            },
        });
        json!({"post": {
            "summary": summary,
            "tags": [TAG],
            "requestBody": {"required": true, "content": {"application/cloudevents+json": {"schema": event}}},
            "responses": {"2XX": {"description": "收到"}},
        }})
    };
    json!({
        "case": told("办件的事件：dev.tongban.case.…", "CaseHappened"),
        "step": told("分给系统的环节：dev.tongban.step.assigned、dev.tongban.step.withdrawn", "StepNotice"),
    })
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
    let mut shapes = vec![
        ("Incident", incident),
        ("IncidentList", list("Incident")),
        ("Repair", repair),
    ];
    shapes.extend(register_shapes());
    shapes.extend(called_shapes());
    shapes
}

fn register_shapes() -> Shapes {
    let events = || many(text("事件，如 accepted"));
    let system = object(&[
        ("system", text("外部系统")),
        ("code", text("代码")),
        ("organ", text("机构")),
        ("name", text("名称")),
        ("url", text("接收地址")),
        ("events", events()),
        ("state", one_of("状态", &["active", "paused", "disabled"])),
        ("failing_since", or_null("string", "从何时起投递一直失败")),
        ("note", text("为何自动停用")),
    ]);
    let new = object(&[
        ("code", written("代码", 40)),
        ("organ", written("机构", 50)),
        ("name", written("名称", 50)),
        ("url", written("接收地址", 500)),
        ("events", events()),
    ]);
    let change = object(&[
        ("name", written("名称", 50)),
        ("url", written("接收地址", 500)),
        ("events", events()),
        ("active", truth("启用")),
    ]);
    let keys = object(&[
        ("system", text("外部系统")),
        (
            "signing_key",
            or_null("string", "平台签名用；重复的请求不再显示"),
        ),
        (
            "reporting_key",
            or_null("string", "系统签名用；重复的请求不再显示"),
        ),
    ]);
    let delivery = object(&[
        ("delivery", text("投递")),
        ("message", text("webhook-id")),
        ("kind", text("事件")),
        ("project_no", text("办件编号")),
        ("state", one_of("状态", &["waiting", "done", "failed"])),
        ("attempts", count("次数")),
        ("status", or_null("integer", "最近一次的答复")),
        ("error", or_null("string", "最近一次的错误")),
        ("created_at", time("开始")),
        ("last_at", or_null("string", "最近一次")),
        ("replay", truth("重新投递的")),
    ]);
    vec![
        ("OutsideSystem", system),
        ("OutsideSystemList", list("OutsideSystem")),
        ("NewOutsideSystem", new),
        ("OutsideSystemChange", change),
        ("OutsideSystemDone", object(&[("system", text("外部系统"))])),
        ("OutsideKeys", keys),
        ("Delivery", delivery),
        ("DeliveryList", list("Delivery")),
    ]
}

fn called_shapes() -> Shapes {
    let open = |meaning: &str| json!({"type": "object", "description": meaning, "additionalProperties": true});
    let case = object(&[
        ("step", text("环节")),
        ("name", text("环节名称")),
        ("act", text("法定行为")),
        ("project_no", text("办件编号")),
        ("task_code", text("实施编码")),
        ("task_name", text("事项名称")),
        ("submission", open("流程定义允许这个环节看到的申请内容")),
        ("sets", many(text("回报可以设置的变量"))),
        ("due_at", time("答复期限")),
    ]);
    let report = object(&[
        ("step", written("环节", 50)),
        (
            "type",
            one_of(
                "接办、进展、结果、不能办理",
                &["accepted", "progress", "result", "failed"],
            ),
        ),
        ("text?", text("进展或者原因")),
        ("agreed?", truth("result：通过或者同意")),
        ("opinion?", text("result：意见")),
        ("officer?", text("result：经办人")),
        ("vars?", open("result：流程变量，只限 sets 列出的")),
        ("code?", or_null("string", "failed：流程接住的错误代码")),
    ]);
    let message = json!({
        "type": "object", "required": ["specversion", "id", "source", "type"], "additionalProperties": true,
        "properties": {
            "specversion": {"type": "string", "enum": ["1.0"]},
            "id": written("编号：与 source 一起，同一消息只收一次", 200),
            "source": written("来源", 200),
            "type": written("流程等待的消息名称", 200),
            "subject": text("关联键"),
            "data": open("流程变量"),
        },
    });
    let taken = object(&[(
        "state",
        one_of(
            "taken：已有办件收下；kept：还没有办件等待，保留七天",
            &["taken", "kept"],
        ),
    )]);
    let happened = object(&[
        ("project_no", text("办件编号")),
        ("task_code", text("实施编码")),
        ("event", text("事件")),
        ("state", count("办件状态代码")),
        ("state_name", text("办件状态")),
        ("seq", count("办件记录中的序号")),
    ]);
    let notice = object(&[
        ("step", text("环节")),
        ("project_no", text("办件编号")),
        ("task_code", text("实施编码")),
        ("name", text("环节名称")),
        ("act", text("法定行为")),
        ("due_at", time("答复期限")),
    ]);
    vec![
        ("CaseHappened", happened),
        ("StepNotice", notice),
        ("StepLook", object(&[("step", written("环节", 50))])),
        ("StepCase", case),
        ("StepReport", report),
        ("OutsideMessage", message),
        ("MessageTaken", taken),
    ]
}
