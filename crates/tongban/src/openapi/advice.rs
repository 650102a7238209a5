//! Opinions that do not bind, copies, signers before and after, and the opinions of a case at a glance.

use super::parts::{Op, Who, body, path_param};
use super::schemas::{
    Shapes, count, date, list, many, object, one_of, or_null, text, time, written,
};
use super::{Route, route};

const TAG: &str = "办理";

fn task() -> serde_json::Value {
    path_param("task", "待办", "tsk_019a0000000070008000000000000000")
}

fn order(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    schema: &'static str,
) -> Route {
    let op = Op::new(id, TAG, summary, Who::Somebody)
        .params(vec![task()])
        .once()
        .ok("Done")
        .problems(&[403, 404, 409, 422])
        .body(body(schema));
    route("post", path, op)
}

pub(super) fn routes() -> Vec<Route> {
    let request = path_param("id", "征求意见", "opn_019a0000000070008000000000000000");
    let copy = path_param("id", "抄送", "cpy_019a0000000070008000000000000000");
    let case = path_param("project_no", "办件编号", "339902261123000001");
    let mine = |id, summary, answer| {
        Op::new(id, TAG, summary, Who::Somebody)
            .ok(answer)
            .problems(&[403])
    };
    let signer = "前加签、后加签：请一个机构在本环节之前或者之后签署";
    vec![
        order(
            "/api/v1/tasks/{task}/signers",
            "askSigner",
            signer,
            "TaskSigner",
        ),
        order(
            "/api/v1/tasks/{task}/opinion-requests",
            "askOpinion",
            "征求意见，不具有约束力",
            "OpinionQuestion",
        ),
        order(
            "/api/v1/tasks/{task}/copies",
            "sendCopy",
            "抄送",
            "CopyOrder",
        ),
        route(
            "get",
            "/api/v1/opinion-requests",
            mine(
                "listOpinionRequests",
                "征求本岗位意见的清单",
                "OpinionRequestList",
            ),
        ),
        route(
            "post",
            "/api/v1/opinion-requests/{id}/answer",
            Op::new("giveOpinion", TAG, "答复征求意见", Who::Somebody)
                .params(vec![request])
                .once()
                .ok("Done")
                .problems(&[403, 404, 409, 422])
                .body(body("OpinionAnswer")),
        ),
        route(
            "get",
            "/api/v1/copies",
            mine("listCopies", "抄送我的", "CopyList"),
        ),
        route(
            "get",
            "/api/v1/copies/{id}",
            Op::new("readCopy", TAG, "打开抄送；首次打开即为回执", Who::Somebody)
                .params(vec![copy])
                .ok("OpenedCopy")
                .problems(&[403, 404]),
        ),
        route(
            "get",
            "/api/v1/cases/{project_no}/opinions",
            Op::new(
                "listOpinions",
                TAG,
                "各机构的意见、期限和逾期情况",
                Who::Somebody,
            )
            .params(vec![case])
            .ok("CaseOpinionList")
            .problems(&[403, 404]),
        ),
    ]
}

pub(super) fn shapes() -> Shapes {
    let case = || {
        [
            ("project_no", text("办件编号")),
            ("task_name", text("事项名称")),
        ]
    };
    let [number, name] = case();
    let [number_too, name_too] = case();
    let stances = ["agree", "object", "none"];
    vec![
        (
            "TaskSigner",
            object(&[
                ("organ", written("加签的机构", 100)),
                (
                    "place",
                    one_of("加在之前或者之后；决定只能之前", &["before", "after"]),
                ),
                (
                    "days?",
                    or_null("integer", "期限，1 至 30 个工作日；空：没有单独的期限"),
                ),
                ("reason", written("理由", 2000)),
            ]),
        ),
        (
            "OpinionQuestion",
            object(&[
                ("organ", written("征求意见的机构", 100)),
                ("post?", or_null("string", "岗位；空：审查人员")),
                ("question", written("征求的问题", 2000)),
                ("days", count("期限，1 至 30 个工作日")),
            ]),
        ),
        (
            "OpinionAnswer",
            object(&[
                ("stance", one_of("同意、不同意、无意见", &stances)),
                ("opinion", text("意见；无意见时可以为空")),
            ]),
        ),
        (
            "OpinionRequest",
            object(&[
                ("id", text("opn_…")),
                number,
                name,
                ("post", text("岗位")),
                ("due_on", date("期限")),
                ("state", one_of("状态", &["open", "answered", "closed"])),
                ("stance?", one_of("答复", &stances)),
            ]),
        ),
        ("OpinionRequestList", list("OpinionRequest")),
        (
            "CopyOrder",
            object(&[
                ("officers", many(text("抄送的人员"))),
                ("note?", text("附言")),
            ]),
        ),
        (
            "CaseCopy",
            object(&[
                ("id", text("cpy_…")),
                number_too,
                name_too,
                ("sent_at", time("抄送时间")),
                ("read_at?", time("首次打开的时间")),
            ]),
        ),
        ("CopyList", list("CaseCopy")),
        (
            "OpenedCopy",
            object(&[
                ("id", text("cpy_…")),
                ("project_no", text("办件编号")),
                ("sender", text("抄送人")),
                ("note", text("附言")),
            ]),
        ),
        (
            "CaseOpinion",
            object(&[
                ("organ", text("机构")),
                ("task", text("环节")),
                ("due_on?", date("期限")),
                (
                    "state",
                    one_of(
                        "状态",
                        &["open", "agreed", "against", "deemed", "withdrawn"],
                    ),
                ),
                ("late", count("逾期的工作日")),
                ("urged", count("催办次数")),
                ("opinion", text("意见；逾期视为同意时为依据")),
            ]),
        ),
        ("CaseOpinionList", list("CaseOpinion")),
    ]
}
