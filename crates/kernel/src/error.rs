//! The closed set of things that go wrong. Every error has a sentence for the person (`message`, Chinese, without data of
//! others), advice on what to do, and a context for the log. It is mapped to HTTP in one place only (`webkit`).

use std::fmt;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kinds; a new one is an architecture change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// What was sent is wrong; `problems` say where.
    Invalid,
    /// Nobody is logged in, or the log-in has ended.
    Unauthenticated,
    /// It exists, may be seen, but this act is not allowed.
    NotAllowed,
    /// It does not exist, or must look as if.
    NotFound,
    /// Somebody else was first, or the state does not allow it any more.
    Conflict,
    /// Too large.
    TooLarge,
    /// Too many requests.
    Limited,
    /// Out of order for the moment; nothing was saved.
    Unavailable,
    /// No room left to store; nothing was saved.
    StorageFull,
    /// Our own fault.
    Internal,
}

/// One thing wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldProblem {
    /// Path of the field in the form or document, e.g. `premises.area`.
    pub field: String,
    /// Stable code, e.g. `required`.
    pub code: String,
    /// The sentence for the person.
    pub message: String,
}

impl FieldProblem {
    pub fn new(
        field: impl Into<String>,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            code: code.into(),
            message: message.into(),
        }
    }
    /// Missing, or not what can stand there: the form asks for it again.
    pub fn required(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(field, "required", message)
    }
}

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    code: &'static str,
    message: String,
    advice: Option<String>,
    saved: Option<String>,
    problems: Vec<FieldProblem>,
    context: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// An error of the application; small to pass around (one pointer).
#[derive(Debug)]
pub struct Error(Box<Inner>);

impl Error {
    /// `code` is stable and documented, e.g. `case.already-decided`; `message` is for the person.
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            code,
            message: message.into(),
            advice: None,
            saved: None,
            problems: Vec::new(),
            context: String::new(),
            source: None,
        }))
    }
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, code, message)
    }
    /// All problems of a form at once.
    pub fn problems(code: &'static str, problems: Vec<FieldProblem>) -> Self {
        let mut error = Self::new(
            ErrorKind::Invalid,
            code,
            format!("有 {} 处需要修改", problems.len()),
        );
        error.0.problems = problems;
        error
    }
    /// One field that is missing, or is not what can stand there.
    pub fn field(code: &'static str, field: &str, message: impl Into<String>) -> Self {
        Self::problems(code, vec![FieldProblem::required(field, message)])
    }
    pub fn unauthenticated() -> Self {
        Self::new(ErrorKind::Unauthenticated, "session.none", "请先登录")
    }
    pub fn not_allowed(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotAllowed, code, message)
    }
    /// The same answer for "does not exist" and "is not yours".
    pub fn not_found() -> Self {
        Self::new(ErrorKind::NotFound, "not-found", "没有找到您要的内容")
    }
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, code, message)
    }
    pub fn limited(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Limited, "limited", message)
    }
    pub fn unavailable(context: impl Into<String>) -> Self {
        Self::new(
            ErrorKind::Unavailable,
            "unavailable",
            "系统暂时繁忙，本次操作没有保存，请稍后重试",
        )
        .context(context)
    }
    pub fn internal(context: impl Into<String>) -> Self {
        Self::new(
            ErrorKind::Internal,
            "internal",
            "系统出了问题，本次操作没有保存",
        )
        .context(context)
    }

    /// What the person can do now.
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }
    /// What has been saved all the same.
    pub fn saved(mut self, saved: impl Into<String>) -> Self {
        self.0.saved = Some(saved.into());
        self
    }
    /// For the log only: never personal data.
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.0.context = context.into();
        self
    }
    pub fn source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
    pub fn code(&self) -> &'static str {
        self.0.code
    }
    pub fn message(&self) -> &str {
        &self.0.message
    }
    pub fn advice_text(&self) -> Option<&str> {
        self.0.advice.as_deref()
    }
    pub fn saved_text(&self) -> Option<&str> {
        self.0.saved.as_deref()
    }
    pub fn field_problems(&self) -> &[FieldProblem] {
        &self.0.problems
    }
    pub fn context_text(&self) -> &str {
        &self.0.context
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({}): {}",
            self.0.code, self.0.context, self.0.message
        )
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}
