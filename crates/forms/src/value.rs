//! Typed values of fields: what an answer means once it has been understood.

use std::fmt;

pub use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A decimal number in millionths: exact, totally ordered, without floating point.
/// Range about ±9.2 × 10¹².
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Decimal(i64);

impl Decimal {
    /// Digits after the point that can be kept.
    pub const PLACES: u32 = 6;
    const ONE: i64 = 1_000_000;

    /// From a count of millionths.
    pub const fn from_millionths(value: i64) -> Self {
        Self(value)
    }

    /// A whole number; `None` when it is out of range.
    pub const fn whole(value: i64) -> Option<Self> {
        match value.checked_mul(Self::ONE) {
            Some(v) => Some(Self(v)),
            None => None,
        }
    }

    /// The number in millionths.
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// The whole number, if there is no fraction.
    pub const fn as_whole(self) -> Option<i64> {
        if self.0 % Self::ONE == 0 {
            Some(self.0 / Self::ONE)
        } else {
            None
        }
    }

    /// Number of digits after the point that are in use.
    pub fn places(self) -> u32 {
        let mut rest = (self.0 % Self::ONE).unsigned_abs();
        if rest == 0 {
            return 0;
        }
        let mut places = Self::PLACES;
        while rest.is_multiple_of(10) {
            rest /= 10;
            places -= 1;
        }
        places
    }

    /// The product with a whole number, unless it overflows.
    pub const fn times(self, factor: i64) -> Option<Self> {
        match self.0.checked_mul(factor) {
            Some(v) => Some(Self(v)),
            None => None,
        }
    }

    /// Reads plain ASCII: optional sign, digits, optional point with at most six digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let fraction = if fraction.len() > 6 {
            fraction.trim_end_matches('0')
        } else {
            fraction
        };
        if fraction.len() > 6 {
            return None;
        }
        let mut total: i64 = 0;
        for byte in whole.bytes() {
            let digit = i64::from(byte.checked_sub(b'0').filter(|d| *d < 10)?);
            total = total.checked_mul(10)?.checked_add(digit)?;
        }
        total = total.checked_mul(Self::ONE)?;
        let mut unit = Self::ONE;
        for byte in fraction.bytes() {
            let digit = i64::from(byte.checked_sub(b'0').filter(|d| *d < 10)?);
            unit /= 10;
            total = total.checked_add(digit * unit)?;
        }
        Some(Self(if negative { -total } else { total }))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let whole = (self.0 / Self::ONE).unsigned_abs();
        let rest = (self.0 % Self::ONE).unsigned_abs();
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{rest:06}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

/// What an answer means. [`Value::Nothing`] is "not answered" (or not understood).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Value {
    /// Not answered, hidden, or not understood.
    #[default]
    Nothing,
    /// A line or a paragraph of text, an identifier, a telephone number.
    Text(String),
    /// A whole number in the field's unit.
    Integer(i64),
    /// A number with a fraction in the field's unit.
    Decimal(Decimal),
    /// Money in fen (分).
    Money(i64),
    /// A calendar day.
    Date(Date),
    /// Yes or no.
    Bool(bool),
    /// One code of a value domain.
    Code(String),
    /// Several codes of a value domain, in the order of the domain.
    Codes(Vec<String>),
    /// An address: division code (GB/T 2260) and the rest in words.
    Address {
        /// Division code, 6 to 12 digits.
        division: String,
        /// Street, number, building, room.
        detail: String,
    },
    /// Identifiers of stored files.
    Files(Vec<String>),
}

impl Value {
    /// True when there is no answer.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// The JSON form used for submission and exchange; decimals are strings, money is whole fen.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Nothing => Json::Null,
            Self::Text(text) | Self::Code(text) => Json::String(text.clone()),
            Self::Integer(n) | Self::Money(n) => Json::from(*n),
            Self::Decimal(n) => Json::String(n.to_string()),
            Self::Date(day) => Json::String(day.to_string()),
            Self::Bool(b) => Json::Bool(*b),
            Self::Codes(list) | Self::Files(list) => {
                Json::Array(list.iter().cloned().map(Json::String).collect())
            }
            Self::Address { division, detail } => {
                let mut map = serde_json::Map::new();
                map.insert("division".into(), Json::String(division.clone()));
                map.insert("detail".into(), Json::String(detail.clone()));
                Json::Object(map)
            }
        }
    }
}

/// Trust grade of a value or a document (国办函〔2016〕108号, 证照信任等级). `A` is the highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grade {
    /// Made by the applicant with a promise.
    D,
    /// Uploaded by the applicant; the original must be checked.
    C,
    /// Checked at a window, may be used again.
    B,
    /// Issued by an authority, used directly.
    A,
}

impl Grade {
    /// The grade written as one letter.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "A" => Some(Self::A),
            "B" => Some(Self::B),
            "C" => Some(Self::C),
            "D" => Some(Self::D),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn decimals_read_and_print() {
        for (text, printed, places) in [
            ("0", "0", 0),
            ("12.50", "12.5", 1),
            ("-3.000001", "-3.000001", 6),
            ("-0.5", "-0.5", 1),
            (".5", "0.5", 1),
            ("+7", "7", 0),
            ("1.50000000", "1.5", 1),
        ] {
            let value = Decimal::parse(text).expect(text);
            assert_eq!(
                (value.to_string().as_str(), value.places()),
                (printed, places),
                "{text}"
            );
        }
        for bad in [
            "",
            ".",
            "-",
            "1e5",
            "1.2.3",
            "0.1234567",
            "１",
            "99999999999999",
            "--1",
        ] {
            assert_eq!(Decimal::parse(bad), None, "{bad}");
        }
    }
}
