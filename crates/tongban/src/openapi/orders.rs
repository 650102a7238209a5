//! Orders of officers about a task or a case, and the urging of applicants.

use serde_json::json;

use super::parts::{Op, Who, body, path_param};
use super::schemas::{Shapes, list, many, object, one_of, or_null, text, written};
use super::{Route, route};

/// A POST with a key and a body.
fn order(
    of_task: bool,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    schema: &'static str,
) -> Route {
    let op = Op::new(id, "办理", summary, Who::Somebody)
        .params(vec![of(of_task)])
        .once()
        .ok("Done")
        .problems(&[403, 404, 409, 422])
        .body(body(schema));
    route("post", path, op)
}

fn of(task: bool) -> serde_json::Value {
    if task {
        path_param("task", "待办", "tsk_019a0000000070008000000000000000")
    } else {
        path_param("project_no", "办件编号", "339902261123000001")
    }
}

fn choices(
    of_task: bool,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    answer: &'static str,
) -> Route {
    let op = Op::new(id, "办理", summary, Who::Somebody)
        .params(vec![of(of_task)])
        .ok(answer)
        .problems(&[403, 404]);
    route("get", path, op)
}

pub(super) fn routes() -> Vec<Route> {
    let task = |path, id, summary, schema| order(true, path, id, summary, schema);
    let case = |path, id, summary, schema| order(false, path, id, summary, schema);
    vec![
        task(
            "/api/v1/tasks/{task}/countersignature",
            "countersignCase",
            "会签",
            "Countersignature",
        ),
        choices(
            true,
            "/api/v1/tasks/{task}/receivers",
            "listReceivers",
            "可以转办给哪些人员",
            "ReceiverList",
        ),
        task(
            "/api/v1/tasks/{task}/transfer",
            "transferTask",
            "转办，或者退还本岗位",
            "TransferOrder",
        ),
        choices(
            true,
            "/api/v1/tasks/{task}/delegates",
            "listDelegates",
            "可以委托哪些人员",
            "ReceiverList",
        ),
        task(
            "/api/v1/tasks/{task}/delegation",
            "delegateTask",
            "委托同岗位人员办理，责任不变",
            "DelegationOrder",
        ),
        task(
            "/api/v1/tasks/{task}/delegation/return",
            "endDelegation",
            "受托人退还，或者委托人收回",
            "Reason",
        ),
        choices(
            true,
            "/api/v1/tasks/{task}/return-targets",
            "listReturnTargets",
            "可以退回到哪些环节，以及后果",
            "StepList",
        ),
        task(
            "/api/v1/tasks/{task}/return",
            "returnTask",
            "退回",
            "StepOrder",
        ),
        task(
            "/api/v1/tasks/{task}/recall",
            "recallTask",
            "下一环节办理前，拿回自己刚办完的环节",
            "Reason",
        ),
        case(
            "/api/v1/cases/{project_no}/urges",
            "urgeCase",
            "催办；申请人每天一次",
            "UrgeOrder",
        ),
        case(
            "/api/v1/cases/{project_no}/termination",
            "terminateCase",
            "终止办理；向申请人发告知书",
            "TerminationOrder",
        ),
        case(
            "/api/v1/cases/{project_no}/signers",
            "addSigner",
            "加签",
            "SignerOrder",
        ),
        case(
            "/api/v1/cases/{project_no}/signers/removal",
            "removeSigner",
            "减签",
            "SignerRemoval",
        ),
        choices(
            false,
            "/api/v1/cases/{project_no}/redirection-targets",
            "listRedirectionTargets",
            "可以跳转到哪些环节，以及后果",
            "StepList",
        ),
        case(
            "/api/v1/cases/{project_no}/redirection",
            "redirectCase",
            "流程跳转",
            "StepOrder",
        ),
    ]
}

pub(super) fn shapes() -> Shapes {
    let reason = || ("reason", written("理由", 2000));
    let step = object(&[
        ("to", text("流程定义中的元素")),
        ("name", text("环节名称")),
        ("withdrawn", many(text("将被收回的待办环节"))),
        ("again", many(text("需要重新办理的环节"))),
    ]);
    let receiver = object(&[
        ("officer", text("ofc_…")),
        ("name", text("姓名")),
        ("staff_no", text("工号")),
    ]);
    vec![
        (
            "Countersignature",
            object(&[
                (
                    "agreed",
                    json!({"type": "boolean", "description": "是否同意"}),
                ),
                ("opinion", written("意见", 2000)),
            ]),
        ),
        ("Receiver", receiver),
        ("ReceiverList", list("Receiver")),
        (
            "TransferOrder",
            object(&[
                ("to?", or_null("string", "转给的人员；空：退还本岗位")),
                reason(),
            ]),
        ),
        (
            "DelegationOrder",
            object(&[("to", written("受托人员", 100)), reason()]),
        ),
        (
            "TerminationOrder",
            object(&[
                (
                    "ground",
                    one_of(
                        "情形",
                        &["applicant-gone", "basis-changed", "not-required", "other"],
                    ),
                ),
                (
                    "words?",
                    or_null("string", "情形的文字；只用于 other，最多 200 字"),
                ),
                reason(),
            ]),
        ),
        ("Step", step),
        ("StepList", list("Step")),
        (
            "StepOrder",
            object(&[("to", written("流程定义中的元素", 200)), reason()]),
        ),
        ("Reason", object(&[reason()])),
        (
            "UrgeOrder",
            object(&[
                (
                    "task?",
                    or_null("string", "催办的环节；空：全部。申请人总是催办全部"),
                ),
                reason(),
            ]),
        ),
        (
            "SignerOrder",
            object(&[
                ("organ", written("加签的机构", 100)),
                reason(),
                (
                    "place?",
                    or_null("string", "beside（默认）、before 前加签、after 后加签"),
                ),
                ("weight?", or_null("integer", "权重；加权会签必填")),
            ]),
        ),
        (
            "SignerRemoval",
            object(&[("task", written("尚未签署的待办", 100)), reason()]),
        ),
    ]
}
