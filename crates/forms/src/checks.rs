//! Checks of identifiers. The caller may plug in stricter ones (live division register, …);
//! [`StandardChecks`] works alone.

use jiff::civil::Date;
use tongban_codes::{Mobile, ResidentId, ResidentIdError, Uscc, UsccError};

/// What kind of identifier a data element holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Check {
    /// Citizen identity number, GB 11643 (check digit of ISO 7064 MOD 11-2).
    ResidentId,
    /// Unified social credit code, GB 32100.
    Uscc,
    /// Mobile number of the mainland, 11 digits.
    Mobile,
    /// Fixed telephone with area code.
    Landline,
    /// Electronic mail address.
    Email,
    /// Division code, GB/T 2260 and its extension to 9 and 12 digits.
    Division,
    /// Number plate of a motor vehicle, GA 36.
    Plate,
    /// Vehicle identification number, GB 16735 (check digit in place 9).
    Vin,
    /// Bank account or card number.
    BankAccount,
}

/// Why an identifier is refused. Each one is a message id of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckFail {
    /// Length or characters are wrong.
    Format,
    /// The check digit does not match.
    CheckDigit,
    /// The date of birth inside does not exist or lies in the future.
    BirthDate,
    /// Not in the register.
    Unknown,
}

impl CheckFail {
    /// The message id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::CheckDigit => "check_digit",
            Self::BirthDate => "birth_date",
            Self::Unknown => "division.unknown",
        }
    }
}

/// The door for check-digit validators and registers.
pub trait ElementChecks {
    /// Checks a tidied identifier (upper case, no spaces). `today` bounds dates inside it.
    fn check(&self, kind: Check, text: &str, today: Date) -> Result<(), CheckFail> {
        standard(kind, text, today)
    }

    /// The full name of a division, if a register is at hand.
    fn division_name(&self, _code: &str) -> Option<String> {
        None
    }
}

/// The checks that need no register.
#[derive(Debug, Clone, Copy, Default)]
pub struct StandardChecks;

impl ElementChecks for StandardChecks {}

fn standard(kind: Check, text: &str, today: Date) -> Result<(), CheckFail> {
    let digits = |range: std::ops::RangeInclusive<usize>| {
        let good = range.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if good { Ok(()) } else { Err(CheckFail::Format) }
    };
    match kind {
        Check::ResidentId => resident_id(text, today),
        Check::Uscc => uscc(text),
        Check::Mobile => mobile(text),
        Check::Landline => landline(text),
        Check::Email => email(text),
        Check::Division => match text.len() {
            6 | 9 | 12 if text.bytes().all(|b| b.is_ascii_digit()) => Ok(()),
            _ => Err(CheckFail::Format),
        },
        Check::Plate => plate(text),
        Check::Vin => vin(text),
        Check::BankAccount => digits(8..=30),
    }
}

/// The date of birth in places 7–14 of a citizen identity number.
pub fn birth_date(resident_id: &str) -> Option<Date> {
    if resident_id.len() != 18 {
        return None;
    }
    let part = |a: usize, b: usize| resident_id.get(a..b);
    let year: i16 = part(6, 10)?.parse().ok()?;
    Date::new(
        year,
        part(10, 12)?.parse().ok()?,
        part(12, 14)?.parse().ok()?,
    )
    .ok()
}

/// Full years between birth and `today`; `None` when the birth lies in the future.
pub fn full_years(birth: Date, today: Date) -> Option<i64> {
    if birth > today {
        return None;
    }
    let before = (today.month(), today.day()) < (birth.month(), birth.day());
    Some(i64::from(today.year()) - i64::from(birth.year()) - i64::from(before))
}

/// The text must be the number itself: what `tongban_codes` would fold was folded before.
fn same(parsed: &str, text: &str) -> Result<(), CheckFail> {
    if parsed == text {
        Ok(())
    } else {
        Err(CheckFail::Format)
    }
}

fn resident_id(text: &str, today: Date) -> Result<(), CheckFail> {
    let id = ResidentId::parse(text, today).map_err(|refused| match refused {
        ResidentIdError::BirthDate(_) | ResidentIdError::BornInFuture(_) => CheckFail::BirthDate,
        ResidentIdError::CheckDigit => CheckFail::CheckDigit,
        _ => CheckFail::Format,
    })?;
    match id.birth_date() {
        Some(born) if born.year() >= 1850 => same(id.as_str(), text),
        _ => Err(CheckFail::BirthDate),
    }
}

fn uscc(text: &str) -> Result<(), CheckFail> {
    let code = Uscc::parse(text).map_err(|refused| match refused {
        UsccError::CheckDigit => CheckFail::CheckDigit,
        _ => CheckFail::Format,
    })?;
    same(code.as_str(), text)
}

fn mobile(text: &str) -> Result<(), CheckFail> {
    let number = Mobile::parse(text).map_err(|_| CheckFail::Format)?;
    same(number.as_str(), text)
}

fn landline(text: &str) -> Result<(), CheckFail> {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = text.split('-');
    let (area, number) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let extension = parts.next();
    let good = parts.next().is_none()
        && (3..=4).contains(&area.len())
        && area.starts_with('0')
        && digits(area)
        && (7..=8).contains(&number.len())
        && digits(number)
        && extension.is_none_or(|e| (1..=6).contains(&e.len()) && digits(e));
    if good { Ok(()) } else { Err(CheckFail::Format) }
}

fn email(text: &str) -> Result<(), CheckFail> {
    let Some((user, host)) = text.rsplit_once('@') else {
        return Err(CheckFail::Format);
    };
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c == '-' || c.is_alphanumeric())
    };
    let good = !user.is_empty()
        && user.len() <= 64
        && text.len() <= 254
        && !user.starts_with('.')
        && !user.ends_with('.')
        && !user.contains("..")
        && user
            .chars()
            .all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c))
        && host.contains('.')
        && host.split('.').all(label);
    if good { Ok(()) } else { Err(CheckFail::Format) }
}

fn plate(text: &str) -> Result<(), CheckFail> {
    const PLACES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
    let mut chars = text.chars();
    let place = chars.next().is_some_and(|c| PLACES.contains(c));
    let office = chars.next().is_some_and(|c| c.is_ascii_uppercase());
    let rest: Vec<char> = chars.collect();
    let last = rest.last().copied().unwrap_or(' ');
    let body = rest.get(..rest.len().saturating_sub(1)).unwrap_or(&[]);
    let plain = |c: &char| c.is_ascii_digit() || (c.is_ascii_uppercase() && !"IO".contains(*c));
    let good = place
        && office
        && (5..=6).contains(&rest.len())
        && body.iter().all(plain)
        && (plain(&last) || "挂学警港澳".contains(last));
    if good { Ok(()) } else { Err(CheckFail::Format) }
}

fn vin(text: &str) -> Result<(), CheckFail> {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    if text.len() != 17 {
        return Err(CheckFail::Format);
    }
    let mut sum = 0;
    for (byte, weight) in text.bytes().zip(WEIGHTS) {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'H' => byte - b'A' + 1,
            b'J'..=b'N' => byte - b'J' + 1,
            b'P' => 7,
            b'R' => 9,
            b'S'..=b'Z' => byte - b'S' + 2,
            _ => return Err(CheckFail::Format),
        };
        sum += u32::from(value) * weight;
    }
    let mark = match sum % 11 {
        10 => b'X',
        n => b'0' + n as u8,
    };
    let given = text.as_bytes().get(8).copied();
    if given == Some(mark) {
        Ok(())
    } else {
        Err(CheckFail::CheckDigit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        let today = Date::constant(2026, 3, 1);
        let check = |kind, text| StandardChecks.check(kind, text, today);
        let good = [
            (Check::ResidentId, "11010519491231002X"),
            (Check::Uscc, "91330102MA28NBU477"),
            (Check::Uscc, "11330105002500287C"),
            (Check::Mobile, "13800138000"),
            (Check::Landline, "021-12345678"),
            (Check::Landline, "0571-8765432-12"),
            (Check::Email, "wang.fang+1@mail.example.com"),
            (Check::Division, "330102"),
            (Check::Plate, "京A12345"),
            (Check::Plate, "浙AD12345"),
            (Check::Plate, "鲁B1234挂"),
            (Check::Vin, "1M8GDM9AXKP042788"),
            (Check::BankAccount, "6222020200112233445"),
        ];
        for (kind, text) in good {
            assert_eq!(check(kind, text), Ok(()), "{kind:?} {text}");
        }
        let bad = [
            (
                Check::ResidentId,
                "110105194912310021",
                CheckFail::CheckDigit,
            ),
            (
                Check::ResidentId,
                "11010519491331002X",
                CheckFail::BirthDate,
            ),
            (
                Check::ResidentId,
                "110105294912310028",
                CheckFail::BirthDate,
            ),
            (Check::ResidentId, "1101051949123100", CheckFail::Format),
            (
                Check::ResidentId,
                "110105174912310021",
                CheckFail::BirthDate,
            ),
            (Check::ResidentId, "110105-19491231002X", CheckFail::Format),
            (Check::ResidentId, "990105194912310028", CheckFail::Format),
            (Check::Mobile, "8613800138000", CheckFail::Format),
            (Check::ResidentId, "", CheckFail::Format),
            (Check::Uscc, "11100000MB0327169X", CheckFail::CheckDigit),
            (Check::Uscc, "9133010ZMA28NBU477", CheckFail::Format),
            (Check::Mobile, "12800138000", CheckFail::Format),
            (Check::Mobile, "1380013800", CheckFail::Format),
            (Check::Landline, "12345678", CheckFail::Format),
            (Check::Email, "a@b", CheckFail::Format),
            (Check::Email, "a..b@c.cn", CheckFail::Format),
            (Check::Plate, "X12345", CheckFail::Format),
            (Check::Vin, "1M8GDM9A1KP042788", CheckFail::CheckDigit),
            (Check::Vin, "1M8GDM9AXKP04278I", CheckFail::Format),
        ];
        for (kind, text, why) in bad {
            assert_eq!(check(kind, text), Err(why), "{kind:?} {text}");
        }
    }

    #[test]
    fn ages_count_full_years() {
        let born = birth_date("11010519491231002X").expect("a valid number");
        assert_eq!(full_years(born, Date::constant(2026, 12, 30)), Some(76));
        assert_eq!(full_years(born, Date::constant(2026, 12, 31)), Some(77));
        assert_eq!(full_years(born, Date::constant(1949, 1, 1)), None);
    }
}
