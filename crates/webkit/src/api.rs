//! The JSON interface: answers, pages by key, idempotency keys, entity tags.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CONTENT_TYPE, ETAG, IF_MATCH};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tongban_kernel::Error;
use utoipa::{IntoParams, ToSchema};

use crate::errors::Failure;
use crate::http::pairs;

/// What an interface handler returns: `?` on a kernel error gives a problem document.
pub type ApiResult<T> = Result<ApiJson<T>, Failure>;

/// JSON in (as an extractor, bounded, 400/415 as problem documents) and out.
#[derive(Debug, Clone)]
pub struct ApiJson<T>(pub T);

impl<T: Serialize> IntoResponse for ApiJson<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => (
                [(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
                bytes,
            )
                .into_response(),
            Err(source) => {
                Failure::from(Error::internal("an answer that is not JSON").source(source))
                    .into_response()
            }
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for ApiJson<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts) {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Failure::with_status(not_json("content type"), status));
        }
        let request = Request::from_parts(parts, body);
        let bytes = match axum::body::Bytes::from_request(request, state).await {
            Ok(bytes) => bytes,
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                return Err(crate::errors::from_status(rejection.status()).into());
            }
            Err(rejection) => {
                let error = not_json(&rejection.body_text());
                return Err(Failure::with_status(error, rejection.status()));
            }
        };
        if has_nul(&bytes) {
            let error = Error::invalid("request.nul", "提交的文字里有不能保存的字符（U+0000）");
            return Err(Failure::with_status(error, StatusCode::BAD_REQUEST));
        }
        match axum::Json::<T>::from_bytes(&bytes) {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => {
                // The shape is wrong: 400 for us, because 422 means that the rules of the matter are not met.
                let error = not_json(&rejection.body_text());
                Err(Failure::with_status(error, StatusCode::BAD_REQUEST))
            }
        }
    }
}

fn not_json(why: &str) -> Error {
    Error::invalid("request.json", "请求体不是符合接口说明的 JSON").context(why.to_owned())
}

/// `application/json` or `application/…+json`.
fn is_json(parts: &Parts) -> bool {
    let kind = parts.headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    let kind = kind.to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Whether a JSON text says U+0000 in a string: the escape, not an escaped backslash before `u0000`.
fn has_nul(json: &[u8]) -> bool {
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        if *byte == b'\\' {
            if json.get(at + 1..at + 6) == Some(b"u0000") {
                return true;
            }
            at += 1;
        }
        at += 1;
    }
    false
}

/// 201 with the address of what was made.
pub fn created<T: Serialize>(path: &str, body: T) -> Response {
    let mut response = ApiJson(body).into_response();
    *response.status_mut() = StatusCode::CREATED;
    if let Ok(location) = HeaderValue::from_str(crate::http::local_path(path)) {
        response
            .headers_mut()
            .insert(http::header::LOCATION, location);
    }
    response
}

/// A place in a list: the sort keys of the last row seen. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub Vec<String>);

impl Cursor {
    /// The text that clients send back.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self.0).unwrap_or_default())
    }

    /// Reads what [`Cursor::encode`] wrote; at most 8 keys of together 1 KiB.
    pub fn decode(text: &str) -> Option<Self> {
        if text.len() > 1_400 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let keys: Vec<String> = serde_json::from_slice(&bytes).ok()?;
        (1..=8).contains(&keys.len()).then_some(Self(keys))
    }
}

/// `?after=…&limit=…` of a list; never an offset.
#[derive(Debug, Clone, PartialEq, Eq, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// Continue after this place.
    #[param(value_type = Option<String>)]
    pub after: Option<Cursor>,
    /// Rows wanted, 1–100, usually 20.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: u32,
}

impl PageParams {
    /// Rows to ask the store for: one more than wanted, to know whether there are more.
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// The answer to a place in a list that this list never gave: the request itself is wrong (400), not its matter.
pub fn bad_page() -> Failure {
    Failure::with_status(
        Error::invalid("request.page", "翻页参数无效"),
        StatusCode::BAD_REQUEST,
    )
}

impl<S: Sync> FromRequestParts<S> for PageParams {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let query =
            pairs(parts.uri.query().unwrap_or("").as_bytes(), 64).map_err(|_| bad_page())?;
        let find = |name: &str| {
            query
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
                .filter(|value| !value.is_empty())
        };
        let after = find("after")
            .map(|text| Cursor::decode(text).ok_or_else(bad_page))
            .transpose()?;
        let limit =
            find("limit").map_or(Ok(20), |text| text.parse::<u32>().map_err(|_| bad_page()))?;
        Ok(Self {
            after,
            limit: limit.clamp(1, 100),
        })
    }
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct List<T> {
    pub items: Vec<T>,
    /// Send as `after` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> List<T> {
    /// From the rows fetched with [`PageParams::fetch`]; `key` gives the sort keys of a row.
    pub fn of(mut rows: Vec<T>, params: &PageParams, key: impl Fn(&T) -> Vec<String>) -> Self {
        let limit = params.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows
            .last()
            .filter(|_| more)
            .map(|last| Cursor(key(last)).encode());
        Self { items: rows, next }
    }
}

/// `Idempotency-Key` of a write (IETF draft-ietf-httpapi-idempotency-key-header): a structured-field string, 8–128
/// characters; 400 when it is missing, as the draft says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(pub String);

impl IdempotencyKey {
    /// Reads a header value: quoted as the draft asks, or bare as most clients send it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let inner = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(text);
        let sound = (8..=128).contains(&inner.len())
            && inner
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
        sound.then(|| Self(inner.to_owned()))
    }
}

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let bad = |code, message: &str| {
            let error = Error::invalid(code, message)
                .advice("每次写操作请带上 8–128 个字符的 Idempotency-Key，重试时保持不变");
            Failure::with_status(error, StatusCode::BAD_REQUEST)
        };
        match parts
            .headers
            .get("idempotency-key")
            .map(HeaderValue::to_str)
        {
            None => Err(bad(
                "idempotency-key.missing",
                "缺少 Idempotency-Key 请求头",
            )),
            Some(Ok(text)) => Self::parse(text)
                .ok_or_else(|| bad("idempotency-key.invalid", "Idempotency-Key 请求头格式不对")),
            Some(Err(_)) => Err(bad(
                "idempotency-key.invalid",
                "Idempotency-Key 请求头格式不对",
            )),
        }
    }
}

/// The revision that a write is based on (`If-Match`, RFC 9110, 13.1.1); 428 when it is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub i64);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let text = parts
            .headers
            .get(IF_MATCH)
            .and_then(|value| value.to_str().ok());
        let revision = text.and_then(|text| {
            text.trim()
                .strip_prefix("\"r")?
                .strip_suffix('"')?
                .parse()
                .ok()
        });
        revision.map(Self).ok_or_else(|| {
            let error = Error::invalid("if-match.missing", "缺少 If-Match 请求头")
                .advice("请先读取，再带着读到的 ETag 修改");
            Failure::with_status(error, StatusCode::PRECONDITION_REQUIRED)
        })
    }
}

/// Gives `response` the entity tag of `revision`, to be sent back as `If-Match`.
pub fn with_revision(mut response: Response, revision: i64) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&format!("\"r{revision}\"")) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_list_says_whether_there_is_more() {
        let params = PageParams {
            after: None,
            limit: 2,
        };
        let page = List::of(vec![1, 2, 3], &params, |n| vec![n.to_string()]);
        assert_eq!(page.items, [1, 2]);
        assert_eq!(
            page.next.as_deref().and_then(Cursor::decode),
            Some(Cursor(vec!["2".into()]))
        );
        assert_eq!(
            List::of(vec![1, 2], &params, |n| vec![n.to_string()]).next,
            None
        );
        assert_eq!(
            List::of(Vec::<i32>::new(), &params, |n| vec![n.to_string()]).next,
            None
        );
    }

    #[test]
    fn a_nul_is_seen_behind_its_escape_only() {
        for text in [r#""\u0000""#, r#"["a\\\u0000"]"#, r#"{"\u0000":1}"#] {
            assert!(has_nul(text.as_bytes()), "{text}");
        }
        for text in [
            r#""\\u0000""#,
            r#""u0000""#,
            r#""\u00001"#.get(..6).expect("short"),
            "\\",
        ] {
            assert!(!has_nul(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn idempotency_keys_are_bounded() {
        assert_eq!(
            IdempotencyKey::parse("\"8e03978e-40d5\""),
            Some(IdempotencyKey("8e03978e-40d5".into()))
        );
        assert_eq!(
            IdempotencyKey::parse("8e03978e"),
            Some(IdempotencyKey("8e03978e".into()))
        );
        for bad in [
            "",
            "short",
            "\"\"",
            "with space 1",
            "名名名名名名",
            &"a".repeat(129),
        ] {
            assert_eq!(IdempotencyKey::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn cursors_round_trip(keys in proptest::collection::vec(".{0,20}", 1..8)) {
            let cursor = Cursor(keys);
            prop_assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        }

        #[test]
        fn no_text_breaks_a_cursor(text in ".{0,80}") {
            let _ = Cursor::decode(&text);
        }
    }
}
