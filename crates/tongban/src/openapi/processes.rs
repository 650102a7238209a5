//! The administration of processes.

use serde_json::json;

use super::parts::{Op, Who, body, path_param};
use super::schemas::{
    Shapes, count, list, many, object, one_of, or_null, schema, text, time, truth,
};
use super::{Route, route};

const HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn read() -> Vec<Route> {
    let hash = || path_param("hash", "文件内容的 SHA-256", HASH);
    let op = |id, summary| Op::new(id, "流程", summary, Who::Somebody);
    vec![
        route(
            "get",
            "/api/v1/processes",
            op("listProcesses", "已发布的流程和各个版本").ok("ProcessList"),
        ),
        route(
            "get",
            "/api/v1/processes/{hash}",
            op("readProcess", "一个版本，或者等待发布的文件")
                .params(vec![hash()])
                .ok("ProcessDetail")
                .problems(&[404]),
        ),
        route(
            "get",
            "/api/v1/processes/{hash}/bpmn",
            op("readProcessFile", "原文件，逐字节")
                .params(vec![hash()])
                .xml("BPMN 2.0 文件")
                .problems(&[404]),
        ),
        route(
            "get",
            "/api/v1/process-moves/{n}",
            op("readProcessMove", "一次迁移的结果")
                .params(vec![path_param("n", "第几次", "1")])
                .ok("ProcessMove")
                .problems(&[404]),
        ),
    ]
}

pub(super) fn routes() -> Vec<Route> {
    let hash = || path_param("hash", "文件内容的 SHA-256", HASH);
    let op = |id, summary| Op::new(id, "流程", summary, Who::Somebody);
    let file = json!({"required": true, "content": {"application/xml": {"schema": {"type": "string", "format": "binary"}}}});
    let mut all = read();
    all.extend([
        route(
            "post",
            "/api/v1/processes",
            op("handInProcess", "交来流程文件，先检查，不发布")
                .describe("不超过 10 MB。同一个文件交几次都是一回事：以内容的摘要为名。")
                .body(file)
                .created("ProcessDetail", "已收下，等待发布")
                .problems(&[413, 422]),
        ),
        route(
            "post",
            "/api/v1/processes/{hash}/publication",
            op("publishProcess", "发布；新收的件从此用这个版本")
                .describe(
                    "有必须改正的问题时不能发布；检查没有得出结论的，要由人确认。记入透明日志。",
                )
                .params(vec![hash()])
                .once()
                .body(body("NewProcessPublication"))
                .ok("ProcessPublication")
                .problems(&[404, 409, 422]),
        ),
        route(
            "post",
            "/api/v1/processes/{hash}/move-trials",
            op(
                "tryProcessMove",
                "试算在办的件能否移到另一个版本，什么也不改",
            )
            .params(vec![hash()])
            .body(body("NewProcessMoveTrial"))
            .ok("ProcessMove")
            .problems(&[404, 422]),
        ),
        route(
            "post",
            "/api/v1/processes/{hash}/moves",
            op("moveCases", "把在办的件移到另一个版本，逐件进行")
                .describe("在后台执行，结果看 process-moves。不能移的件原样不动。")
                .params(vec![hash()])
                .once()
                .body(body("NewProcessMove"))
                .created("ProcessMove", "已安排")
                .problems(&[404, 409, 422]),
        ),
    ]);
    all
}

pub(super) fn shapes() -> Shapes {
    let version = object(&[
        ("hash", text("文件内容的 SHA-256")),
        ("published_at", time("发布时间")),
        ("running", count("在办件数")),
    ]);
    let process = object(&[
        ("name", text("流程，事项和调用以它为名")),
        ("title", text("最新版本里的名称")),
        ("versions", many(schema("ProcessVersion"))),
    ]);
    let finding = object(&[
        (
            "severity",
            one_of("轻重", &["fault", "not-decided", "notice", "warning"]),
        ),
        ("rule", text("稳定代码")),
        ("element", or_null("string", "元素")),
        ("line", or_null("integer", "行")),
        ("message", text("给人看的话")),
    ]);
    let duty = object(&[
        ("element", text("元素")),
        ("name", text("名称")),
        ("post", or_null("string", "岗位；以 = 开头的是公式")),
        ("organ", or_null("string", "机构；以 = 开头的是公式")),
        ("limit", or_null("string", "时限，如 P3D（工作日）")),
        ("act", or_null("string", "办理动作")),
    ]);
    let detail = object(&[
        ("hash", text("文件内容的 SHA-256")),
        ("name", text("流程")),
        ("title", text("名称")),
        ("published", truth("已发布")),
        ("findings", many(schema("ProcessFinding"))),
        ("duties", many(schema("ProcessDuty"))),
        ("items", many(text("使用它的事项的实施编码"))),
        ("versions", many(schema("ProcessVersion"))),
    ]);
    let reason =
        || json!({"type": "string", "minLength": 1, "maxLength": 500, "description": "理由"});
    let map = || json!({"type": "object", "additionalProperties": {"type": "string"}, "description": "原版本的元素或连线 → 新版本的；没有列出的保持原名"});
    let publication = object(&[
        ("n", count("第几次发布")),
        ("name", text("流程")),
        ("hash", text("文件内容的 SHA-256")),
        ("at", time("时间")),
        ("by_whom", text("经办人")),
        ("reason", text("理由")),
        ("leaf", text("透明日志中的叶")),
    ]);
    let moved = object(&[
        ("n", or_null("integer", "第几次；试算为 null")),
        ("from", text("原版本")),
        ("to", text("新版本")),
        ("finished", truth("已完成")),
        ("moved", count("已迁移，或者可以迁移的件数")),
        ("refused", count("不能迁移的件数")),
        ("cases", many(schema("ProcessMovedCase"))),
    ]);
    vec![
        ("ProcessVersion", version),
        ("Process", process),
        ("ProcessList", list("Process")),
        ("ProcessFinding", finding),
        ("ProcessDuty", duty),
        ("ProcessDetail", detail),
        (
            "NewProcessPublication",
            object(&[
                ("reason", reason()),
                ("accept_undecided?", truth("检查没有得出结论的，已由人核对")),
            ]),
        ),
        ("ProcessPublication", publication),
        (
            "NewProcessMoveTrial",
            object(&[("to", text("新版本")), ("map?", map())]),
        ),
        (
            "NewProcessMove",
            object(&[
                ("to", text("新版本")),
                ("map?", map()),
                ("reason", reason()),
            ]),
        ),
        (
            "ProcessMovedCase",
            object(&[
                ("project_no", text("办件编号")),
                ("reasons", many(text("不能迁移的原因；空：可以"))),
            ]),
        ),
        ("ProcessMove", moved),
    ]
}
