//! What people send: forms with bounds and token, uploads as a stream.

use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use serde::de::DeserializeOwned;
use tongban_kernel::{Error, ErrorKind};

use crate::errors::Failure;
use crate::http::{PairsError, encode, pairs, storable};
use crate::page::Page;

/// Name of the hidden field with the form token.
const FIELD: &str = "csrf";
/// Header that script sends instead.
const HEADER: &str = "x-csrf-token";

/// Bytes of one upload, all parts together (210 MB).
const UPLOAD_BYTES_MAX: usize = 210 << 20;

/// Bounds of one upload.
#[derive(Debug, Clone, Copy)]
pub struct FormLimits {
    /// Bytes of all parts together.
    pub total_bytes: usize,
    /// Bytes of one text field.
    pub field_bytes: usize,
    /// Parts, files included.
    pub parts: usize,
}

impl Default for FormLimits {
    fn default() -> Self {
        Self {
            total_bytes: UPLOAD_BYTES_MAX,
            field_bytes: 256 << 10,
            parts: 2_000,
        }
    }
}

fn too_large() -> Error {
    Error::new(
        ErrorKind::TooLarge,
        "request.too-large",
        "提交的内容超过了允许的大小",
    )
}

fn unreadable() -> Failure {
    Failure::with_status(
        Error::invalid("request.unreadable", "无法识别提交的内容"),
        StatusCode::BAD_REQUEST,
    )
}

/// The fields of a form in the order of the page, checked for the token. For forms whose fields are data (ZWForm).
#[derive(Debug, Clone)]
pub struct ProtectedPairs(pub Vec<(String, String)>);

impl ProtectedPairs {
    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
    /// The first value of `name`; empty if there is none.
    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }
    /// All values of `name`.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

impl<S: Sync> FromRequest<S> for ProtectedPairs {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let page = Page::from_request_parts(&mut parts, state).await?;
        Self::read(&page, &parts, body).await.map(Self)
    }
}

impl ProtectedPairs {
    async fn read(
        page: &Page,
        parts: &Parts,
        body: Body,
    ) -> Result<Vec<(String, String)>, Failure> {
        let kind = parts
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("");
        let limits = page.web().limits();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            let error = Error::invalid("request.content-type", "无法识别提交的内容");
            return Err(Failure::with_status(
                error,
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ));
        }
        let bytes = to_bytes(body, limits.form_bytes)
            .await
            .map_err(|_| too_large())?;
        let mut fields = pairs(&bytes, limits.form_fields).map_err(|error| match error {
            PairsError::TooMany(_) => Failure::from(too_large()),
            PairsError::NotUtf8 => unreadable(),
        })?;
        let field = fields
            .iter()
            .find(|(key, _)| key == FIELD)
            .map(|(_, value)| value.as_str());
        let header = parts
            .headers
            .get(HEADER)
            .and_then(|value| value.to_str().ok());
        let token = field.or(header).unwrap_or("");
        if !page.web().csrf().holds(page.csrf_subject(), token) {
            return Err(Failure::forgery());
        }
        fields.retain(|(key, _)| key != FIELD);
        Ok(fields)
    }
}

/// A form as a type of one's own, checked for the token. Lists need [`ProtectedPairs`].
#[derive(Debug, Clone)]
pub struct ProtectedForm<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for ProtectedForm<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let ProtectedPairs(fields) = ProtectedPairs::from_request(request, state).await?;
        let text = encode(
            fields
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str())),
        );
        serde_urlencoded::from_str(&text)
            .map(Self)
            .map_err(|source| {
                // Only a bent request gets here: what people mistype is a text field, judged by the use case.
                Error::invalid("request.fields", "提交的内容不完整")
                    .context(source.to_string())
                    .into()
            })
    }
}

/// Where a file goes, piece by piece: `|chunk| upload.write(chunk)`.
pub trait Sink: FnMut(&[u8]) -> Result<(), Error> + Send {}
impl<F: FnMut(&[u8]) -> Result<(), Error> + Send> Sink for F {}

/// Refuses a request that says it is longer than `MOST` bytes before anything of it is read. What is longer without
/// saying so meets the limit while it is read.
#[derive(Debug, Clone, Copy)]
pub struct DeclaredLength<const MOST: usize>;

impl<const MOST: usize> DeclaredLength<MOST> {
    fn check(parts: &Parts) -> Result<Self, Failure> {
        let declared = parts.headers.get(CONTENT_LENGTH);
        let declared = declared.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        match declared {
            Some(bytes) if bytes > MOST as u64 => Err(too_large().into()),
            _ => Ok(Self),
        }
    }
}

impl<const MOST: usize, S: Sync> FromRequestParts<S> for DeclaredLength<MOST> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Self::check(parts)
    }
}

/// A form with files. The token must come before the first file (`csrf_field` first in the form) or in the header.
pub struct Multipart {
    inner: axum::extract::Multipart,
    page: Page,
    trusted: bool,
    limits: FormLimits,
    seen: usize,
}

/// One part of an upload.
pub enum Part<'a> {
    /// The form token; already dealt with, to be read over.
    Token,
    Text {
        name: String,
        value: String,
    },
    File(Box<FilePart<'a>>),
}

/// A file that is still on its way.
pub struct FilePart<'a> {
    pub name: String,
    /// As the browser calls it: without folders and control characters, at most 120 characters. For people, never a path.
    pub file_name: String,
    /// As the browser guesses it; look at the bytes instead.
    pub content_type: String,
    field: axum::extract::multipart::Field<'a>,
}

impl<S: Send + Sync> FromRequest<S> for Multipart {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let limits = FormLimits::default();
        let (mut parts, body) = request.into_parts();
        DeclaredLength::<UPLOAD_BYTES_MAX>::check(&parts)?;
        let page = Page::from_request_parts(&mut parts, state).await?;
        let header = parts
            .headers
            .get(HEADER)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("");
        let trusted = page.web().csrf().holds(page.csrf_subject(), header);
        let mut request = Request::from_parts(parts, body);
        DefaultBodyLimit::max(limits.total_bytes).apply(&mut request);
        let inner = axum::extract::Multipart::from_request(request, state)
            .await
            .map_err(|_| unreadable())?;
        Ok(Self {
            inner,
            page,
            trusted,
            limits,
            seen: 0,
        })
    }
}

impl Multipart {
    /// With other bounds than the usual ones (only narrower ones have an effect on the total).
    #[must_use]
    pub fn limited(mut self, limits: FormLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The next part; `None` at the end. A file before the token is refused.
    pub async fn next_part(&mut self) -> Result<Option<Part<'_>>, Failure> {
        self.seen += 1;
        if self.seen > self.limits.parts {
            return Err(too_large().into());
        }
        let Some(mut field) = self
            .inner
            .next_field()
            .await
            .map_err(|error| broken(&error))?
        else {
            return Ok(None);
        };
        let name = field.name().unwrap_or("").to_owned();
        if let Some(file_name) = field.file_name() {
            if !self.trusted {
                return Err(Failure::forgery());
            }
            let file_name = safe_name(file_name);
            let content_type = field.content_type().unwrap_or("").to_owned();
            return Ok(Some(Part::File(Box::new(FilePart {
                name,
                file_name,
                content_type,
                field,
            }))));
        }
        let mut value = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
            if value.len() + chunk.len() > self.limits.field_bytes {
                return Err(too_large().into());
            }
            value.extend_from_slice(&chunk);
        }
        let value = String::from_utf8(value)
            .ok()
            .filter(|value| storable(value) && storable(&name))
            .ok_or_else(unreadable)?;
        if name == FIELD {
            self.trusted |= self
                .page
                .web()
                .csrf()
                .holds(self.page.csrf_subject(), &value);
            return Ok(Some(Part::Token));
        }
        Ok(Some(Part::Text { name, value }))
    }

    /// Ends the reading: an upload without token and without file is refused too.
    pub fn finish(self) -> Result<Page, Failure> {
        if self.trusted {
            Ok(self.page)
        } else {
            Err(Failure::forgery())
        }
    }
}

impl FilePart<'_> {
    /// Sends the file to `sink` piece by piece; `TooLarge` beyond `max_bytes`. Returns its size in bytes; 0 means that no
    /// file was chosen.
    pub async fn stream(mut self, max_bytes: u64, mut sink: impl Sink) -> Result<u64, Failure> {
        let mut size = 0_u64;
        while let Some(chunk) = self.field.chunk().await.map_err(|error| broken(&error))? {
            size += chunk.len() as u64;
            if size > max_bytes {
                return Err(too_large().into());
            }
            sink(&chunk)?;
        }
        Ok(size)
    }
}

/// What a multipart body that cannot be read to its end is answered with.
pub fn broken_upload(error: axum::extract::multipart::MultipartError) -> Failure {
    broken(&error)
}

fn broken(error: &axum::extract::multipart::MultipartError) -> Failure {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large().into();
    }
    let error = Error::invalid("upload.broken", "上传中断或文件已损坏，请重新上传")
        .context(error.body_text());
    Failure::with_status(error, StatusCode::BAD_REQUEST)
}

/// A file name to show: the last piece of the path, without control characters.
fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let clean: String = last
        .chars()
        .filter(|c| {
            !c.is_control() && !matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .take(120)
        .collect();
    if clean.is_empty() {
        "file".to_owned()
    } else {
        clean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_shown_without_folders_and_tricks() {
        assert_eq!(safe_name("C:\\fakepath\\布局图.jpg"), "布局图.jpg");
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name("photo\u{202e}gpj.exe"), "photogpj.exe");
        assert_eq!(safe_name("/"), "file");
    }
}
