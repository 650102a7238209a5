//! Decimal numbers of FEEL: exact, so that 0.1 + 0.2 = 0.3. About 34 digits; what does not fit is an error, never a wrong value.

use std::cmp::Ordering;
use std::fmt;

/// Most digits behind the point.
const MAX_SCALE: u32 = 18;

/// `mantissa / 10^scale`, always without trailing zeros, so equal numbers are equal structures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    mantissa: i128,
    scale: u32,
}

fn pow10(n: u32) -> Option<i128> {
    10i128.checked_pow(n)
}

impl Decimal {
    fn new(mut mantissa: i128, mut scale: u32) -> Self {
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        Self { mantissa, scale }
    }

    /// Reads `-12.50`, `3`, `1e3`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (body, exponent) = match text.split_once(['e', 'E']) {
            Some((body, exponent)) => (body, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, body) = match body.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, body),
        };
        let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
        if whole.is_empty() && fraction.is_empty() || body.len() > 40 {
            return None;
        }
        let mut mantissa: i128 = 0;
        for c in whole.bytes().chain(fraction.bytes()) {
            if !c.is_ascii_digit() {
                return None;
            }
            mantissa = mantissa
                .checked_mul(10)?
                .checked_add(i128::from(c - b'0'))?;
        }
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        let mantissa = if negative { -mantissa } else { mantissa };
        let number = if scale < 0 {
            Self::new(mantissa.checked_mul(pow10(scale.unsigned_abs())?)?, 0)
        } else {
            Self::new(mantissa, scale.unsigned_abs())
        };
        (number.scale <= MAX_SCALE).then_some(number)
    }

    /// A whole number.
    #[must_use]
    pub fn whole(n: i64) -> Self {
        Self {
            mantissa: i128::from(n),
            scale: 0,
        }
    }

    /// As `i64`, if it is whole and fits.
    #[must_use]
    pub fn to_i64(self) -> Option<i64> {
        (self.scale == 0).then(|| i64::try_from(self.mantissa).ok())?
    }

    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let a = self.mantissa.checked_mul(pow10(scale - self.scale)?)?;
        let b = other.mantissa.checked_mul(pow10(scale - other.scale)?)?;
        Some((a, b, scale))
    }

    pub(crate) fn add(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Self::new(a.checked_add(b)?, scale))
    }

    pub(crate) fn neg(self) -> Self {
        Self {
            mantissa: -self.mantissa,
            scale: self.scale,
        }
    }

    pub(crate) fn mul(self, other: Self) -> Option<Self> {
        let number = Self::new(
            self.mantissa.checked_mul(other.mantissa)?,
            self.scale.checked_add(other.scale)?,
        );
        number.rounded()
    }

    pub(crate) fn div(self, other: Self) -> Option<Self> {
        if other.mantissa == 0 {
            return None;
        }
        let (mut a, b, _) = self.aligned(other)?;
        let mut scale = 0;
        while a % b != 0 && scale < MAX_SCALE {
            match a.checked_mul(10) {
                Some(next) => a = next,
                None => break,
            }
            scale += 1;
        }
        Some(Self::new(a / b, scale))
    }

    fn rounded(self) -> Option<Self> {
        if self.scale <= MAX_SCALE {
            return Some(self);
        }
        Some(Self::new(
            self.mantissa / pow10(self.scale - MAX_SCALE)?,
            MAX_SCALE,
        ))
    }

    /// Largest whole number not above.
    pub(crate) fn floor(self) -> Option<Self> {
        Some(Self {
            mantissa: self.mantissa.div_euclid(pow10(self.scale)?),
            scale: 0,
        })
    }

    pub(crate) fn abs(self) -> Self {
        Self {
            mantissa: self.mantissa.saturating_abs(),
            scale: self.scale,
        }
    }

    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        self.aligned(other).map(|(a, b, _)| a.cmp(&b))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = self.scale as usize;
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}
