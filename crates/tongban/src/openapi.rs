//! The description of the JSON interface: OpenAPI 3.1, written by hand, checked against the routes by a test and against the
//! running program by tests/api.
//!
//! Names of members are those of the national exchange tables where one exists.

mod advice;
mod covers;
mod decisions;
mod orders;
mod outside;
mod parts;
mod processes;
mod record;
mod register;
mod schemas;

use serde_json::{Map, Value, json};

use parts::{Op, Who, body, list_params, path_param, query_param, reference};

/// The document. The same for every installation: addresses in it are relative.
pub fn document() -> Value {
    let mut paths = Map::new();
    let groups = [
        accounts(),
        covers::routes(),
        catalogue(),
        drafts(),
        cases(),
        tasks(),
        orders::routes(),
        advice::routes(),
        licences(),
        register::routes(),
        processes::routes(),
        decisions::routes(),
        outside::routes(),
        record::routes(),
        platform(),
    ];
    for op in groups.into_iter().flatten() {
        let entry = paths.entry(op.path).or_insert_with(|| json!({}));
        if let Some(methods) = entry.as_object_mut() {
            methods.insert(op.method.to_owned(), op.value.build());
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "通办 Tongban",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "事项、申请、办件、办理、证照、评价",
            "description": "写操作带 Idempotency-Key：同一个键重复提交，得到同一个结果。错误一律是 application/problem+json（RFC 9457）。列表按键翻页：把 next 原样放进 after。",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "会话"}, {"name": "事项"}, {"name": "申请"}, {"name": "办件"}, {"name": "办理"}, {"name": "证照"}, {"name": "流程"}, {"name": "决策"}, {"name": "外部系统"}, {"name": "审计"}, {"name": "平台"},
        ],
        "paths": paths,
        "webhooks": outside::webhooks(),
        "components": {
            "schemas": schemas::all(),
            "responses": parts::problems(),
            "parameters": parts::shared_parameters(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "POST /api/v1/sessions 得到的 token"},
                "session": {"type": "apiKey", "in": "cookie", "name": "zw", "description": "浏览器登录后的 cookie；启用 HTTPS 时名为 __Host-zw"},
            },
        },
    })
}

/// One method of one address.
struct Route {
    path: &'static str,
    method: &'static str,
    value: Op,
}

const fn route(method: &'static str, path: &'static str, value: Op) -> Route {
    Route {
        path,
        method,
        value,
    }
}

fn accounts() -> Vec<Route> {
    let current = "/api/v1/sessions/current";
    vec![
        route(
            "post",
            "/api/v1/sessions",
            Op::new("openSession", "会话", "用账号和口令登录", Who::Anybody)
                .body(body("NewSession"))
                .created("Session", "token 只出现这一次")
                .problems(&[422, 429]),
        ),
        route(
            "get",
            current,
            Op::new("currentSession", "会话", "现在是谁", Who::Somebody).ok("CurrentSession"),
        ),
        route(
            "delete",
            current,
            Op::new("closeSession", "会话", "退出", Who::Somebody).empty("已退出"),
        ),
    ]
}

fn catalogue() -> Vec<Route> {
    vec![
        route(
            "get",
            "/api/v1/items",
            Op::new("listItems", "事项", "已公布的事项，按编码", Who::Anybody)
                .params(list_params())
                .ok("ItemList"),
        ),
        route(
            "get",
            "/api/v1/items/{code}",
            Op::new("readItem", "事项", "一个事项的全部内容和表单", Who::Anybody)
                .params(vec![path_param(
                    "code",
                    "实施编码",
                    "1133990200990011XN4330190001000",
                )])
                .ok("ItemDocument")
                .problems(&[404]),
        ),
        route(
            "get",
            "/api/v1/search",
            Op::new(
                "search",
                "事项",
                "全文检索：汉字、拼音、首字母、口语",
                Who::Anybody,
            )
            .params(vec![
                query_param(
                    "q",
                    "要找的话，至多 256 字",
                    json!({"type": "string", "maxLength": 256}),
                ),
                query_param("theme", "主题", json!({"type": "string", "maxLength": 100})),
                query_param(
                    "object",
                    "服务对象",
                    json!({"type": "string", "maxLength": 100}),
                ),
                query_param(
                    "depth",
                    "办理深度",
                    json!({"type": "string", "maxLength": 100}),
                ),
                query_param("organ", "机构", json!({"type": "string", "maxLength": 100})),
                query_param(
                    "sort",
                    "newest：新的在前",
                    json!({"type": "string", "enum": ["newest", "relevance"]}),
                ),
                query_param(
                    "after",
                    "上一页的 next",
                    json!({"type": "string", "maxLength": 800}),
                ),
            ])
            .ok("SearchAnswer"),
        ),
    ]
}

fn drafts() -> Vec<Route> {
    let id = || path_param("id", "草稿", "drf_019a0000000070008000000000000000");
    let answers = "/api/v1/drafts/{id}/answers";
    vec![
        route(
            "post",
            "/api/v1/drafts",
            Op::new("startDraft", "申请", "开始填写一份申请", Who::Somebody)
                .once()
                .body(body("NewDraft"))
                .created("Draft", "草稿已建立")
                .tagged()
                .problems(&[403, 404, 409, 422]),
        ),
        route(
            "get",
            answers,
            Op::new("readDraft", "申请", "读取草稿", Who::Somebody)
                .params(vec![id()])
                .ok("Draft")
                .tagged()
                .problems(&[404, 409]),
        ),
        route(
            "put",
            answers,
            Op::new(
                "replaceAnswers",
                "申请",
                "整体保存填写内容；不作判断，判断在提交时",
                Who::Somebody,
            )
            .params(vec![id(), reference("parameters", "IfMatch")])
            .body(body("Answers"))
            .ok("Saved")
            .tagged()
            .problems(&[404, 409, 422, 428]),
        ),
        route(
            "post",
            "/api/v1/drafts/{id}/files",
            Op::new("attachFile", "申请", "上传材料", Who::Somebody)
                .describe("每个部分的名称是材料编号。全部收下才回答 201，否则一个也不收；材料不存在时不读内容就回答 404。")
                .params(vec![id()])
                .once()
                .body(parts::multipart())
                .created("Files", "已收下")
                .problems(&[404, 409, 422]),
        ),
        route(
            "post",
            "/api/v1/drafts/{id}/submission",
            Op::new("submitDraft", "申请", "提交申请，只成一件", Who::Somebody)
                .params(vec![id()])
                .once()
                .created("Receipt", "已提交")
                .problems(&[403, 404, 409, 422]),
        ),
    ]
}

fn cases() -> Vec<Route> {
    let number = || path_param("project_no", "办件编号", "339902261123000001");
    vec![
        route(
            "get",
            "/api/v1/cases",
            Op::new("listCases", "办件", "我的办件，新的在前", Who::Somebody)
                .params(list_params())
                .ok("CaseList"),
        ),
        route(
            "get",
            "/api/v1/cases/{project_no}",
            Op::new(
                "readCase",
                "办件",
                "一件办件的状态、时限和记录",
                Who::Somebody,
            )
            .params(vec![number()])
            .ok("CaseDetail")
            .problems(&[404]),
        ),
        route(
            "post",
            "/api/v1/cases/{project_no}/supplements",
            Op::new("supplementCase", "办件", "提交补正", Who::Somebody)
                .params(vec![number()])
                .once()
                .body(body("Supplement"))
                .ok("Done")
                .problems(&[403, 404, 409, 422]),
        ),
        route(
            "post",
            "/api/v1/cases/{project_no}/withdrawal",
            Op::new("withdrawCase", "办件", "撤回申请", Who::Somebody)
                .params(vec![number()])
                .once()
                .body(body("Withdrawal"))
                .ok("Done")
                .problems(&[403, 404, 409, 422]),
        ),
        route(
            "post",
            "/api/v1/cases/{project_no}/rating",
            Op::new("rateCase", "办件", "评价办件，一次", Who::Somebody)
                .params(vec![number()])
                .once()
                .body(body("NewRating"))
                .created("Rating", "评价已记录")
                .problems(&[403, 404, 409, 422]),
        ),
        route(
            "get",
            "/api/v1/cases/{project_no}/proof",
            Op::new(
                "proveCase",
                "办件",
                "存证：办件的全部事件和它们在日志中的证明",
                Who::Somebody,
            )
            .describe("用 tongban verify 离线核验。刚发生的事件要等几秒入册，其间回答 503。")
            .params(vec![number()])
            .ok("ProofBundle")
            .problems(&[403, 404, 409]),
        ),
    ]
}

fn tasks() -> Vec<Route> {
    let act = |path, id, summary, request: Option<&str>| {
        let op = Op::new(id, "办理", summary, Who::Somebody)
            .params(vec![path_param(
                "task",
                "待办",
                "tsk_019a0000000070008000000000000000",
            )])
            .once()
            .ok("Done")
            .problems(&[403, 404, 409, 422]);
        route(
            "post",
            path,
            match request {
                Some(schema) => op.body(body(schema)),
                None => op,
            },
        )
    };
    vec![
        route(
            "get",
            "/api/v1/tasks",
            Op::new("listTasks", "办理", "我的待办，时限近的在前", Who::Somebody)
                .params(list_params())
                .ok("TaskList")
                .problems(&[403]),
        ),
        act(
            "/api/v1/tasks/{task}/pre-review",
            "passPreReview",
            "通过预审",
            Some("Opinion"),
        ),
        act(
            "/api/v1/tasks/{task}/supplement-request",
            "requestSupplement",
            "一次性告知补正（行政许可法 第三十二条）",
            Some("SupplementRequest"),
        ),
        act(
            "/api/v1/tasks/{task}/refusal",
            "refuseCase",
            "不予受理或者不受理（行政许可法 第三十二条）",
            Some("Refusal"),
        ),
        act(
            "/api/v1/tasks/{task}/acceptance",
            "acceptCase",
            "受理（行政许可法 第三十二条）",
            None,
        ),
        act(
            "/api/v1/tasks/{task}/review",
            "reviewCase",
            "提交审查意见（行政许可法 第三十四条）",
            Some("Review"),
        ),
        act(
            "/api/v1/tasks/{task}/decision",
            "decideCase",
            "作出决定（行政许可法 第三十八条）",
            Some("Decision"),
        ),
    ]
}

fn licences() -> Vec<Route> {
    let identifier = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U";
    vec![route(
        "get",
        "/api/v1/licences/{identifier}/verification",
        Op::new(
            "verifyLicence",
            "证照",
            "电子证照核验，任何人",
            Who::Anybody,
        )
        .describe("查无此证也是回答，不是错误；回答的样子总是一样。")
        .params(vec![path_param(
            "identifier",
            "电子证照标识（GB/T 36904）",
            identifier,
        )])
        .ok("Verification"),
    )]
}

fn platform() -> Vec<Route> {
    vec![route(
        "get",
        "/api/v1/openapi.json",
        Op::new("readDocument", "平台", "这份说明", Who::Anybody).ok("OpenApi"),
    )]
}
