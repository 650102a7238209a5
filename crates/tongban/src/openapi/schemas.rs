//! The shapes of requests and answers.

use serde_json::{Map, Value, json};

use super::parts::reference;

pub(super) fn schema(name: &str) -> Value {
    reference("schemas", name)
}

/// A closed object; names that end in `?` may be absent.
pub(super) fn object(members: &[(&str, Value)]) -> Value {
    let optional = |name: &str| name.ends_with('?');
    let properties: Map<String, Value> = members
        .iter()
        .map(|(name, value)| (name.trim_end_matches('?').to_owned(), value.clone()))
        .collect();
    let required: Vec<&str> = members
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !optional(name))
        .collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

pub(super) fn text(meaning: &str) -> Value {
    json!({"type": "string", "description": meaning})
}

pub(super) fn written(meaning: &str, most: u32) -> Value {
    json!({"type": "string", "description": meaning, "minLength": 1, "maxLength": most})
}

pub(super) fn time(meaning: &str) -> Value {
    json!({"type": "string", "format": "date-time", "description": meaning})
}

pub(super) fn date(meaning: &str) -> Value {
    json!({"type": "string", "format": "date", "description": meaning})
}

pub(super) fn count(meaning: &str) -> Value {
    json!({"type": "integer", "minimum": 0, "description": meaning})
}

pub(super) fn truth(meaning: &str) -> Value {
    json!({"type": "boolean", "description": meaning})
}

pub(super) fn one_of(meaning: &str, values: &[&str]) -> Value {
    json!({"type": "string", "enum": values, "description": meaning})
}

pub(super) fn many(of: Value) -> Value {
    json!({"type": "array", "items": of})
}

/// Known or `null`.
pub(super) fn or_null(kind: &str, meaning: &str) -> Value {
    json!({"type": [kind, "null"], "description": meaning})
}

/// A page of a list.
pub(super) fn list(of: &str) -> Value {
    object(&[
        ("items", many(schema(of))),
        ("next?", text("下一页：放进 after；没有下一页时不出现")),
    ])
}

/// All shapes by name.
pub(super) fn all() -> Value {
    let groups = [
        problems(),
        accounts(),
        catalogue(),
        drafts(),
        cases(),
        tasks(),
        licences(),
        super::register::shapes(),
        super::processes::shapes(),
        super::decisions::shapes(),
        super::record::shapes(),
        super::orders::shapes(),
        super::covers::shapes(),
        super::outside::shapes(),
        super::advice::shapes(),
        proof(),
    ];
    Value::Object(
        groups
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

pub(super) type Shapes = Vec<(&'static str, Value)>;

fn problems() -> Shapes {
    let field = object(&[
        ("field", text("字段路径")),
        ("code", text("稳定代码")),
        ("message", text("给人看的话")),
    ]);
    let problem = object(&[
        ("type", text("/problems/ 加代码")),
        ("title", text("一类问题的名称")),
        (
            "status",
            json!({"type": "integer", "minimum": 400, "maximum": 599}),
        ),
        ("detail", text("给人看的一句话")),
        ("instance", text("这次请求：urn:tongban:request:req_…")),
        ("code", text("稳定代码，如 case.already-decided")),
        ("advice?", text("现在可以做什么")),
        ("saved?", text("已经保存了什么")),
        ("errors?", many(schema("FieldProblem"))),
    ]);
    vec![("FieldProblem", field), ("Problem", problem)]
}

fn accounts() -> Shapes {
    let new = object(&[
        ("login", written("账号", 100)),
        ("password", written("口令", 1000)),
    ]);
    let opened = object(&[
        ("token", text("放进 Authorization: Bearer")),
        ("idle_seconds", count("这么久没有请求就结束")),
        ("absolute_seconds", count("最长这么久")),
    ]);
    let current = object(&[
        ("kind", one_of("身份", &["citizen", "officer"])),
        ("id", text("per_… 或者 off_…")),
        ("enterprise?", text("代办的企业")),
        ("posts?", many(text("岗位"))),
    ]);
    vec![
        ("NewSession", new),
        ("Session", opened),
        ("CurrentSession", current),
    ]
}

fn item_members() -> Vec<(&'static str, Value)> {
    vec![
        ("code", text("实施编码")),
        ("version", count("版本")),
        ("name", text("事项名称")),
        ("task_type", text("事项类型代码")),
        ("task_type_name", text("事项类型")),
        ("organ_code", text("实施主体统一社会信用代码")),
        ("organ_name", text("实施主体")),
        ("open", truth("今天可以在这里申请")),
    ]
}

fn catalogue() -> Shapes {
    let mut document = item_members();
    document.push(("version_id", text("itv_…")));
    document.push((
        "item",
        json!({"type": "object", "description": "国家交换表的字段名；没有的就是没有公布"}),
    ));
    document.push((
        "form?",
        json!({"type": "object", "description": "表单（ZWForm 1）"}),
    ));
    let segment = object(&[("text", text("一段文字")), ("hit", truth("是否命中"))]);
    let found = object(&[
        ("code", text("实施编码")),
        ("title", many(schema("Segment"))),
        ("snippet", many(schema("Segment"))),
    ]);
    let answer = object(&[
        ("total", count("一共")),
        ("items", many(schema("Found"))),
        ("relaxed", truth("没有全部符合的，这些最接近")),
        ("did_you_mean?", text("您要找的是不是")),
        ("next?", text("下一页：放进 after")),
    ]);
    vec![
        ("ItemLine", object(&item_members())),
        ("ItemList", list("ItemLine")),
        ("ItemDocument", object(&document)),
        ("Segment", segment),
        ("Found", found),
        ("SearchAnswer", answer),
    ]
}

fn drafts() -> Shapes {
    let situation = json!({"type": "object", "additionalProperties": {"type": "string"}, "description": "情形问题 → 选项"});
    let new = object(&[
        ("item_code", written("实施编码", 64)),
        ("situation?", situation),
    ]);
    let draft = object(&[
        ("draft", text("drf_…")),
        ("item_code", text("实施编码")),
        ("task_name", text("事项名称")),
        ("revision", count("版次，即 ETag 里的数")),
        (
            "percent",
            json!({"type": "integer", "minimum": 0, "maximum": 100}),
        ),
        ("expires_at", time("到期自动删除")),
        (
            "answers",
            json!({"type": "object", "description": "字段 → 值"}),
        ),
        ("problems", many(schema("FieldProblem"))),
    ]);
    let saved = object(&[
        ("revision", count("新的版次")),
        (
            "ignored",
            many(text("没有采用的字段名：不认识，或者已由部门核验")),
        ),
    ]);
    let file = object(&[
        ("file", text("att_…")),
        ("material", text("材料")),
        ("name", text("文件名")),
    ]);
    let receipt = object(&[
        ("project_no", text("办件编号")),
        ("task_name", text("事项名称")),
    ]);
    vec![
        ("NewDraft", new),
        (
            "Answers",
            json!({"type": "object", "description": "字段 → 值，样子由事项的表单决定"}),
        ),
        ("Draft", draft),
        ("Saved", saved),
        ("FileTaken", file),
        ("Files", many(schema("FileTaken"))),
        ("Receipt", receipt),
    ]
}

fn case_members() -> Vec<(&'static str, Value)> {
    vec![
        ("project_no", text("办件编号")),
        ("task_name", text("事项名称")),
        ("dept_name", text("实施主体")),
        ("applyer_name", text("申请者名称；个人的姓名有遮盖")),
        ("state_name", text("办理状态")),
        (
            "state",
            json!({"type": "integer", "minimum": 1, "maximum": 15, "description": "国家办件环节代码"}),
        ),
        ("promise_date?", date("承诺办结日期")),
        ("apply_date", time("申请时间")),
    ]
}

fn cases() -> Shapes {
    let event = object(&[
        ("seq", count("从 0 起，没有空号")),
        ("happened_at", time("时间")),
        ("event", text("事件")),
        ("by", text("谁；对申请人有遮盖")),
        ("by_role", text("applicant、system 或者岗位")),
        ("on_behalf?", text("受谁委托，或者代谁办理")),
        ("leaf", text("日志叶的散列")),
        ("log_index?", count("在日志中的位置；入册之前不出现")),
        (
            "fact",
            json!({"type": "object", "description": "事件的内容"}),
        ),
    ]);
    let document = object(&[
        ("title", text("文书")),
        ("number", text("文号")),
        ("href?", text("PDF 的地址；制作中不出现")),
    ]);
    let clock = object(&[
        ("promise_day", count("承诺办结时限，日")),
        ("anticipate_day", count("法定办结时限，日")),
        ("used", count("已用")),
        (
            "left",
            json!({"type": "integer", "description": "剩余；超期为负"}),
        ),
        ("promise_date", date("承诺办结日期")),
        ("anticipate_date", date("法定办结日期")),
        ("suspended?", text("为什么停表")),
    ]);
    let mut detail = case_members();
    detail.extend([
        ("task_code", text("实施编码")),
        (
            "apply_channel",
            json!({"type": "integer", "minimum": 1, "maximum": 9, "description": "申报来源"}),
        ),
        ("clock?", schema("CaseClock")),
        (
            "finish_result?",
            text("电子监察的办结结果；只在状态码不能说明时出现：2 作废办结（终止办理）"),
        ),
        ("events", many(schema("CaseEvent"))),
        ("documents", many(schema("CaseDocument"))),
    ]);
    let tags = json!({"type": "array", "uniqueItems": true, "items": {"enum": ["overall", "efficiency", "guide", "convenience", "platform"]}});
    let satisfaction = json!({"type": "integer", "minimum": 1, "maximum": 5, "description": "5 非常满意 … 1 非常不满意；没有默认值"});
    let new_rating = object(&[
        ("satisfaction", satisfaction.clone()),
        ("tags?", tags),
        ("text?", json!({"type": "string", "maxLength": 500})),
        (
            "channel",
            one_of("评价渠道", &["1", "2", "3", "4", "5", "6", "7"]),
        ),
    ]);
    let rating = object(&[
        ("id", text("rat_…")),
        ("satisfaction", satisfaction),
        ("rated_at", time("评价时间")),
        (
            "rectify_by",
            json!({"type": ["string", "null"], "format": "date", "description": "差评整改期限；好评为 null"}),
        ),
    ]);
    vec![
        ("CaseLine", object(&case_members())),
        ("CaseList", list("CaseLine")),
        ("CaseEvent", event),
        ("CaseDocument", document),
        ("CaseClock", clock),
        ("CaseDetail", object(&detail)),
        (
            "Supplement",
            object(&[("note?", json!({"type": "string", "maxLength": 2000}))]),
        ),
        (
            "Withdrawal",
            object(&[("reason", written("为什么撤回", 2000))]),
        ),
        ("Done", object(&[("project_no", text("办件编号"))])),
        ("NewRating", new_rating),
        ("Rating", rating),
    ]
}

fn tasks() -> Shapes {
    let task = object(&[
        ("task", text("tsk_…")),
        ("name", text("环节名称")),
        (
            "act",
            one_of(
                "要做什么",
                &["pre-review", "accept", "review", "countersign", "decide"],
            ),
        ),
        ("opened_at", time("何时到我这里")),
        ("due_on?", date("环节期限")),
        ("urged", count("催办次数")),
        ("in_hand", truth("已转给本人办理，或者受委托、代他人办理")),
        ("on_behalf?", text("受谁委托，或者代谁办理")),
        ("delegated_to?", text("本人已委托该人员办理")),
        ("case", schema("CaseLine")),
    ]);
    let item = object(&[
        (
            "target?",
            json!({"type": "string", "maxLength": 120, "description": "字段路径或者材料"}),
        ),
        ("name", written("名称", 200)),
        ("requirement", written("哪里不对、怎样补", 2000)),
    ]);
    let items =
        json!({"type": "array", "minItems": 1, "maxItems": 50, "items": schema("SupplementItem")});
    let days =
        json!({"type": "integer", "minimum": 1, "maximum": 60, "description": "几个工作日之内"});
    let refusal = object(&[
        ("reason", written("理由", 2000)),
        ("competent_organ?", or_null("string", "应当向哪个机关申请")),
        ("not_required?", truth("依法不需要许可：不受理")),
    ]);
    vec![
        ("Task", task),
        ("TaskList", list("Task")),
        ("Opinion", object(&[("opinion", written("意见", 2000))])),
        ("SupplementItem", item),
        (
            "SupplementRequest",
            object(&[("items", items), ("days", days)]),
        ),
        ("Refusal", refusal),
        (
            "Review",
            object(&[
                ("passed", truth("是否通过")),
                ("opinion", written("意见", 2000)),
            ]),
        ),
        (
            "Decision",
            object(&[
                ("granted", truth("是否准予")),
                ("reason", written("理由", 2000)),
            ]),
        ),
    ]
}

fn licences() -> Shapes {
    let verdicts = [
        "valid",
        "not-yet-valid",
        "suspended",
        "revoked",
        "expired",
        "unverifiable",
        "unknown",
    ];
    let day = |meaning: &str| json!({"type": ["string", "null"], "format": "date", "description": meaning});
    let verification = object(&[
        ("verdict", one_of("结论", &verdicts)),
        ("identifier", text("查的标识")),
        ("well_formed", truth("写法正确，校验位相符")),
        ("certificate_name", or_null("string", "证照名称")),
        (
            "certificate_holder",
            or_null("string", "持证主体；个人的姓名有遮盖"),
        ),
        ("issue_dept", or_null("string", "颁发机构")),
        ("issue_date", day("颁发日期")),
        ("valid_from", day("有效期起")),
        ("valid_to", day("有效期止；长期有效为 null")),
        ("cert_state", or_null("string", "证照状态代码")),
        (
            "superseded",
            or_null("boolean", "已有新的版本，结论说的是新版本"),
        ),
        (
            "signature_valid",
            or_null("boolean", "机关的签名刚才验过，成立"),
        ),
        ("log_index", or_null("integer", "在日志中的位置")),
        ("demo", or_null("boolean", "演示，没有法律效力")),
        ("checked_at", time("核验时间")),
    ]);
    vec![("Verification", verification)]
}

fn proof() -> Shapes {
    let field = json!({
        "type": "object",
        "properties": {
            "name": text("字段"),
            "value": {"description": "值；依法删除之后不出现"},
            "salt": text("盐，base64；删除之后不出现"),
            "d": text("SHA-256 承诺，base64"),
            "e": text("SM3 承诺，base64"),
        },
        "required": ["name", "d", "e"],
        "additionalProperties": false,
    });
    let event = object(&[
        ("minute", text("叶的分钟，如 2026-08-21T09:31Z")),
        ("fields", many(schema("ProofField"))),
        ("proof", text("在 SHA-256 日志中的证明（.tlog-proof）")),
        ("proof_sm3?", text("在 SM3 日志中的证明")),
    ]);
    let bundle = object(&[
        ("format", text("格式")),
        ("case_key", text("办件的秘密，base64")),
        ("events", many(schema("ProofEvent"))),
        ("access?", many(schema("ProofEvent"))),
        (
            "logs?",
            many(text("收到哪里为止：每年日志最新的已签名检查点")),
        ),
    ]);
    vec![
        ("ProofField", field),
        ("ProofEvent", event),
        ("ProofBundle", bundle),
        (
            "OpenApi",
            json!({"type": "object", "required": ["openapi", "info", "paths"]}),
        ),
    ]
}
