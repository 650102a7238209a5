//! The pieces that operations are made of.

use serde_json::{Map, Value, json};

/// Who may call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Anybody,
    /// Somebody who is logged in.
    Somebody,
}

/// What every operation may answer: a request that cannot be read, and a platform that cannot answer now.
const ALWAYS: [u16; 2] = [400, 503];
/// What every operation with a body may answer besides.
const WITH_BODY: [u16; 2] = [413, 415];

/// An operation being described.
pub(super) struct Op {
    value: Map<String, Value>,
    parameters: Vec<Value>,
    responses: Map<String, Value>,
}

pub(super) fn reference(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}

/// A JSON request body.
pub(super) fn body(schema: &str) -> Value {
    json!({"required": true, "content": {"application/json": {"schema": reference("schemas", schema)}}})
}

/// Files, each part named after its material.
pub(super) fn multipart() -> Value {
    let file = json!({"type": "string", "format": "binary", "description": "图片或者 PDF"});
    json!({
        "required": true,
        "content": {"multipart/form-data": {"schema": {
            "type": "object",
            "properties": {"layout": file},
            "additionalProperties": {"type": "string", "format": "binary"},
            "minProperties": 1,
        }}},
    })
}

pub(super) fn path_param(name: &str, text: &str, example: &str) -> Value {
    let schema = json!({"type": "string", "minLength": 1, "maxLength": 200});
    json!({"name": name, "in": "path", "required": true, "description": text, "schema": schema, "example": example})
}

pub(super) fn query_param(name: &str, text: &str, schema: Value) -> Value {
    json!({"name": name, "in": "query", "required": false, "description": text, "schema": schema})
}

/// `after` and `limit`.
pub(super) fn list_params() -> Vec<Value> {
    vec![
        reference("parameters", "After"),
        reference("parameters", "Limit"),
    ]
}

pub(super) fn shared_parameters() -> Value {
    json!({
        "After": query_param("after", "上一页的 next，原样", json!({"type": "string", "maxLength": 1400})),
        "Limit": query_param("limit", "要多少行", json!({"type": "integer", "minimum": 1, "maximum": 100, "default": 20})),
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "8–128 个字符；重试时保持不变（draft-ietf-httpapi-idempotency-key-header）",
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{8,128}$"},
            "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
        },
        "IfMatch": {
            "name": "If-Match", "in": "header", "required": true,
            "description": "读到的 ETag（RFC 9110，13.1.1）",
            "schema": {"type": "string", "pattern": "^\"r[0-9]{1,18}\"$"},
            "example": "\"r0\"",
        },
    })
}

/// Status, name of the component, meaning.
const PROBLEMS: [(u16, &str, &str); 13] = [
    (400, "BadRequest", "请求本身读不懂"),
    (401, "Unauthenticated", "没有登录，或者会话已经结束"),
    (403, "NotAllowed", "岗位没有这项权限"),
    (404, "NotFound", "没有，或者不是您的"),
    (405, "MethodNotAllowed", "这个地址不接受这种请求"),
    (
        409,
        "Conflict",
        "已经有了变化：已被他人办理、已经提交、已有更新的版本",
    ),
    (413, "TooLarge", "太大"),
    (415, "UnsupportedMediaType", "请求体的类型不对"),
    (422, "Invalid", "不合事项的规则，逐项列在 errors 里"),
    (428, "PreconditionRequired", "缺少 If-Match"),
    (429, "Limited", "太频繁，稍后再试"),
    (503, "Unavailable", "暂时不能回答，稍后再试"),
    (507, "StorageFull", "存储空间不足"),
];

fn problem_name(status: u16) -> Option<&'static str> {
    PROBLEMS
        .iter()
        .find(|(known, ..)| *known == status)
        .map(|(_, name, _)| *name)
}

/// All refusals, one component each.
pub(super) fn problems() -> Value {
    let content = json!({"application/problem+json": {"schema": reference("schemas", "Problem")}});
    let retry = json!({"Retry-After": {"description": "秒", "schema": {"type": "integer"}}});
    let allow = json!({"Allow": {"schema": {"type": "string"}}});
    let challenge = json!({"WWW-Authenticate": {"schema": {"type": "string"}}});
    let one = |(status, name, text): (u16, &str, &str)| {
        let mut response = json!({"description": text, "content": content});
        let headers = match status {
            401 => Some(&challenge),
            405 => Some(&allow),
            429 | 503 => Some(&retry),
            _ => None,
        };
        if let (Some(headers), Some(response)) = (headers, response.as_object_mut()) {
            response.insert("headers".to_owned(), headers.clone());
        }
        (name.to_owned(), response)
    };
    Value::Object(PROBLEMS.into_iter().map(one).collect())
}

impl Op {
    pub(super) fn new(id: &str, tag: &str, summary: &str, who: Who) -> Self {
        let security = match who {
            Who::Anybody => json!([]),
            Who::Somebody => json!([{"bearer": []}, {"session": []}]),
        };
        let value =
            json!({"operationId": id, "tags": [tag], "summary": summary, "security": security});
        let op = Self {
            value: value.as_object().cloned().unwrap_or_default(),
            parameters: Vec::new(),
            responses: Map::new(),
        };
        let op = op.problems(&ALWAYS);
        if who == Who::Somebody {
            op.problems(&[401, 403])
        } else {
            op
        }
    }

    pub(super) fn describe(mut self, text: &str) -> Self {
        self.value.insert("description".to_owned(), json!(text));
        self
    }

    pub(super) fn params(mut self, parameters: Vec<Value>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    pub(super) fn body(mut self, body: Value) -> Self {
        self.value.insert("requestBody".to_owned(), body);
        self.problems(&WITH_BODY)
    }

    /// Needs an `Idempotency-Key`.
    pub(super) fn once(self) -> Self {
        self.params(vec![reference("parameters", "IdempotencyKey")])
    }

    fn answer(mut self, status: &str, text: &str, schema: &str) -> Self {
        let content = json!({"application/json": {"schema": reference("schemas", schema)}});
        self.responses.insert(
            status.to_owned(),
            json!({"description": text, "content": content}),
        );
        self
    }

    pub(super) fn ok(self, schema: &str) -> Self {
        self.answer("200", "好", schema)
    }

    /// 200 with an XML document.
    pub(super) fn xml(mut self, text: &str) -> Self {
        let content = json!({"application/xml": {"schema": {"type": "string"}}});
        self.responses.insert(
            "200".to_owned(),
            json!({"description": text, "content": content}),
        );
        self
    }

    /// 200 with a file of one of these kinds.
    pub(super) fn file(mut self, kinds: &[&str], text: &str) -> Self {
        let one = |kind: &&str| ((*kind).to_owned(), json!({"schema": {"type": "string"}}));
        let content: Map<String, Value> = kinds.iter().map(one).collect();
        self.responses.insert(
            "200".to_owned(),
            json!({"description": text, "content": content}),
        );
        self
    }

    /// 201 with `Location`.
    pub(super) fn created(self, schema: &str, text: &str) -> Self {
        let mut op = self.answer("201", text, schema);
        op.header(
            "Location",
            json!({"description": "新建之物的地址", "schema": {"type": "string"}}),
        );
        op
    }

    /// The good answer carries an `ETag`, to be sent back as `If-Match`.
    pub(super) fn tagged(mut self) -> Self {
        self.header(
            "ETag",
            json!({"description": "修改时放进 If-Match", "schema": {"type": "string"}}),
        );
        self
    }

    fn header(&mut self, name: &str, header: Value) {
        for (status, response) in &mut self.responses {
            if !status.starts_with('2') {
                continue;
            }
            if let Some(response) = response.as_object_mut() {
                let headers = response.entry("headers").or_insert_with(|| json!({}));
                if let Some(headers) = headers.as_object_mut() {
                    headers.insert(name.to_owned(), header.clone());
                }
            }
        }
    }

    /// 204.
    pub(super) fn empty(mut self, text: &str) -> Self {
        self.responses
            .insert("204".to_owned(), json!({"description": text}));
        self
    }

    /// Refusals besides the usual ones.
    pub(super) fn problems(mut self, statuses: &[u16]) -> Self {
        for status in statuses {
            if let Some(name) = problem_name(*status) {
                self.responses
                    .insert(status.to_string(), reference("responses", name));
            }
        }
        self
    }

    pub(super) fn build(mut self) -> Value {
        // What writes may find the store full.
        if self.value.contains_key("requestBody") || self.responses.contains_key("201") {
            self = self.problems(&[507]);
        }
        if !self.parameters.is_empty() {
            self.value
                .insert("parameters".to_owned(), Value::Array(self.parameters));
        }
        self.value
            .insert("responses".to_owned(), Value::Object(self.responses));
        Value::Object(self.value)
    }
}
