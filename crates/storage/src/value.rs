//! Values that travel between Rust and SQL: NULL, BIGINT, DOUBLE PRECISION, TEXT, BYTEA. Nothing else.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use tongban_kernel::{Error, Result, TypedId};

/// A parameter; borrows where it can.
#[derive(Debug, Clone, PartialEq)]
pub enum Param<'a> {
    Null,
    Int(i64),
    Real(f64),
    Text(Cow<'a, str>),
    Blob(Cow<'a, [u8]>),
}

impl Param<'_> {
    pub(crate) fn into_owned(self) -> Param<'static> {
        match self {
            Self::Null => Param::Null,
            Self::Int(n) => Param::Int(n),
            Self::Real(x) => Param::Real(x),
            Self::Text(text) => Param::Text(Cow::Owned(text.into_owned())),
            Self::Blob(bytes) => Param::Blob(Cow::Owned(bytes.into_owned())),
        }
    }
}

/// The parameters of one statement: `params![case.id, &title, at]`.
#[macro_export]
macro_rules! params {
    () => { &[] as &[$crate::Param<'_>] };
    ($($value:expr),+ $(,)?) => { &[$($crate::Param::from($value)),+][..] };
}

macro_rules! ints {
    ($($t:ty),+) => {$(
        impl From<$t> for Param<'_> { fn from(n: $t) -> Self { Self::Int(i64::from(n)) } }
    )+};
}
ints!(i64, i32, u32, u16, u8, bool);

impl From<f64> for Param<'_> {
    fn from(x: f64) -> Self {
        Self::Real(x)
    }
}
impl<'a> From<&'a str> for Param<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}
impl<'a> From<&'a String> for Param<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}
impl From<String> for Param<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}
impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(Cow::Borrowed(bytes))
    }
}
impl<'a> From<&'a Vec<u8>> for Param<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Blob(Cow::Borrowed(bytes))
    }
}
impl<'a, const N: usize> From<&'a [u8; N]> for Param<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Blob(Cow::Borrowed(bytes))
    }
}
impl From<Vec<u8>> for Param<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(Cow::Owned(bytes))
    }
}
/// Instants are stored as milliseconds since 1970, UTC.
impl From<Timestamp> for Param<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Int(at.as_millisecond())
    }
}
/// Dates are stored as `YYYY-MM-DD`.
impl From<Date> for Param<'_> {
    fn from(date: Date) -> Self {
        Self::Text(Cow::Owned(date.to_string()))
    }
}
impl<'a> From<&'a serde_json::Value> for Param<'a> {
    fn from(json: &'a serde_json::Value) -> Self {
        Self::Text(Cow::Owned(json.to_string()))
    }
}
/// Ids are stored as 32 hex digits, without the prefix.
macro_rules! ids {
    ($($id:ident),+) => {$(
        impl From<tongban_kernel::$id> for Param<'_> {
            fn from(id: tongban_kernel::$id) -> Self {
                Self::Text(Cow::Owned(id.uuid().simple().to_string()))
            }
        }
    )+};
}
tongban_kernel::each_id!(ids);

impl<'a, T> From<Option<T>> for Param<'a>
where
    Param<'a>: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}

/// A value as it comes out of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    Null,
    Int(i64),
    Real(f64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// What can be read from a cell. A cell of the wrong type is an error, never a default.
pub trait FromValue: Sized {
    fn from_cell(cell: Cell<'_>) -> Result<Self>;
}

fn wrong(expected: &str, cell: Cell<'_>) -> Error {
    let found = match cell {
        Cell::Null => "NULL",
        Cell::Int(_) => "an integer",
        Cell::Real(_) => "a number",
        Cell::Text(_) => "text",
        Cell::Blob(_) => "bytes",
    };
    Error::internal(format!("corrupt row: expected {expected}, found {found}"))
}

/// The value as it is, to write it elsewhere.
impl FromValue for Param<'static> {
    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        Ok(match cell {
            Cell::Null => Self::Null,
            Cell::Int(n) => Self::Int(n),
            Cell::Real(x) => Self::Real(x),
            Cell::Text(text) => Self::from(text.to_owned()),
            Cell::Blob(bytes) => Self::from(bytes.to_vec()),
        })
    }
}

impl FromValue for i64 {
    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        match cell {
            Cell::Int(n) => Ok(n),
            other => Err(wrong("an integer", other)),
        }
    }
}
macro_rules! narrow {
    ($($t:ty),+) => {$(
        impl FromValue for $t {
            fn from_cell(cell: Cell<'_>) -> Result<Self> {
                let n = i64::from_cell(cell)?;
                Self::try_from(n).map_err(|_| Error::internal(concat!("corrupt row: not a ", stringify!($t))))
            }
        }
    )+};
}
narrow!(i32, u32, u64, u16, u8, usize);

impl FromValue for bool {
    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        match cell {
            Cell::Int(0) => Ok(false),
            Cell::Int(1) => Ok(true),
            other => Err(wrong("0 or 1", other)),
        }
    }
}
impl FromValue for f64 {
    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        match cell {
            Cell::Real(x) => Ok(x),
            Cell::Int(n) => Ok(n as Self),
            other => Err(wrong("a number", other)),
        }
    }
}
impl FromValue for String {
    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        match cell {
            Cell::Text(text) => Ok(text.to_owned()),
            other => Err(wrong("text", other)),
        }
    }
}
impl FromValue for Vec<u8> {
    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        match cell {
            Cell::Blob(bytes) => Ok(bytes.to_vec()),
            other => Err(wrong("bytes", other)),
        }
    }
}
impl<const N: usize> FromValue for [u8; N] {
    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        match cell {
            Cell::Blob(bytes) => bytes
                .try_into()
                .map_err(|_| Error::internal("corrupt row: wrong number of bytes")),
            other => Err(wrong("bytes", other)),
        }
    }
}
impl FromValue for Timestamp {
    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        let n = i64::from_cell(cell)?;
        Self::from_millisecond(n).map_err(|_| Error::internal("corrupt row: not an instant"))
    }
}
impl FromValue for Date {
    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        match cell {
            Cell::Text(text) => text
                .parse()
                .map_err(|_| Error::internal("corrupt row: not a date")),
            other => Err(wrong("a date", other)),
        }
    }
}
impl FromValue for serde_json::Value {
    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        match cell {
            Cell::Text(text) => serde_json::from_str(text)
                .map_err(|source| Error::internal("corrupt row: not JSON").source(source)),
            other => Err(wrong("JSON", other)),
        }
    }
}
impl<T: FromValue> FromValue for Option<T> {
    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        match cell {
            Cell::Null => Ok(None),
            other => T::from_cell(other).map(Some),
        }
    }
}
