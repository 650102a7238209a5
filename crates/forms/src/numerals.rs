//! Numbers and days as people write them: thousands separators, 万, Chinese numerals, month names.

use jiff::civil::Date;

use crate::text::{Fold, tidy_line};
use crate::value::Decimal;

/// Value of one Chinese numeral, everyday or banker's form.
fn digit(c: char) -> Option<u64> {
    Some(match c {
        '0'..='9' => u64::from(c as u32 - '0' as u32),
        '〇' | '零' | '○' => 0,
        '一' | '壹' => 1,
        '二' | '贰' | '两' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

fn unit(c: char) -> Option<u64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1000,
        _ => return None,
    })
}

/// Reads 二〇二六, 十二, 三百零五, 一万二千; up to 16 characters.
pub(crate) fn chinese_number(text: &str) -> Option<u64> {
    if text.is_empty() || text.chars().count() > 16 {
        return None;
    }
    if text.chars().all(|c| digit(c).is_some()) {
        return text
            .chars()
            .try_fold(0_u64, |n, c| n.checked_mul(10)?.checked_add(digit(c)?));
    }
    let (mut total, mut section, mut pending): (u64, u64, Option<u64>) = (0, 0, None);
    for c in text.chars() {
        if let Some(value) = digit(c) {
            if pending.is_some_and(|p| p != 0) {
                return None;
            }
            pending = Some(value);
        } else if let Some(size) = unit(c) {
            section = section.checked_add(pending.take().unwrap_or(1).max(1) * size)?;
        } else if c == '万' {
            let head = section.checked_add(pending.take().unwrap_or(0))?;
            total = total.checked_add(head)?.checked_mul(10_000)?;
            section = 0;
        } else {
            return None;
        }
    }
    total
        .checked_add(section)?
        .checked_add(pending.unwrap_or(0))
}

/// Why a number could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberTrouble {
    NotANumber,
    OutOfRange,
}

/// Removes thousands separators when they stand where they should (every three digits).
fn without_separators(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.replace([' ', '_'], ""));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.split(',').map(str::trim);
    let first = groups.next()?;
    if first.is_empty() || first.trim_start_matches(['-', '+']).len() > 3 {
        return None;
    }
    let mut out = first.to_owned();
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        out.push_str(group);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    Some(out)
}

/// Reads a number; `units` are words that may stand behind it (平方米, m², 元).
pub(crate) fn read_number(text: &str, units: &[&str]) -> Result<Decimal, NumberTrouble> {
    if text.len() > 200 {
        return Err(NumberTrouble::OutOfRange);
    }
    let line = tidy_line(text, Fold::Ascii);
    let mut rest = line.trim_start_matches(['¥', '$']).trim();
    for unit in units.iter().filter(|u| !u.is_empty()) {
        if let Some(head) = rest.strip_suffix(unit) {
            rest = head.trim_end();
            break;
        }
    }
    if let Some(number) = chinese_number(rest).filter(|_| !rest.is_ascii()) {
        let whole = i64::try_from(number).ok().and_then(Decimal::whole);
        return whole.ok_or(NumberTrouble::OutOfRange);
    }
    let (head, factor) = match rest.strip_suffix('万') {
        Some(head) => (head.trim_end(), 10_000),
        None => (rest, 1),
    };
    let plain = without_separators(head).ok_or(NumberTrouble::NotANumber)?;
    match Decimal::parse(&plain) {
        Some(value) => value.times(factor).ok_or(NumberTrouble::OutOfRange),
        None => {
            let digits = plain.trim_start_matches(['-', '+']);
            let numeric = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            let readable = numeric
                && digits.bytes().any(|b| b.is_ascii_digit())
                && digits.bytes().filter(|b| *b == b'.').count() <= 1;
            Err(if readable {
                NumberTrouble::OutOfRange
            } else {
                NumberTrouble::NotANumber
            })
        }
    }
}

/// Why a day could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateTrouble {
    Unreadable,
    NoSuchDay,
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

fn month_name(text: &str) -> Option<u64> {
    let lower = text.trim_end_matches('.').to_ascii_lowercase();
    let short = lower.get(..3)?;
    let at = MONTHS.iter().position(|m| *m == short)?;
    u64::try_from(at + 1).ok()
}

fn small_number(text: &str) -> Option<u64> {
    let text = text
        .trim()
        .trim_end_matches(['年', '月', '日', '号'])
        .trim();
    if !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    chinese_number(text).or_else(|| month_name(text))
}

fn day_of(year: &str, month: &str, day: &str) -> Result<Date, DateTrouble> {
    let read = |text| small_number(text).ok_or(DateTrouble::Unreadable);
    let (year, month, day) = (read(year)?, read(month)?, read(day)?);
    if !(1800..=2300).contains(&year) {
        return Err(DateTrouble::Unreadable);
    }
    let narrow = |n: u64| i8::try_from(n).map_err(|_| DateTrouble::NoSuchDay);
    let year = i16::try_from(year).map_err(|_| DateTrouble::Unreadable)?;
    Date::new(year, narrow(month)?, narrow(day)?).map_err(|_| DateTrouble::NoSuchDay)
}

/// Reads a day from three boxes; 2026年, 12月, 三月 and March are understood.
pub(crate) fn read_date_parts(year: &str, month: &str, day: &str) -> Result<Date, DateTrouble> {
    if year.len().max(month.len()).max(day.len()) > 60 {
        return Err(DateTrouble::Unreadable);
    }
    let fold = |text| tidy_line(text, Fold::Ascii).into_owned();
    day_of(&fold(year), &fold(month), &fold(day))
}

/// Reads a day from one text: 2026-03-01, 2026/3/1, 2026.3.1, 20260301, 2026年3月1日,
/// 二〇二六年三月一日, 1 March 2026. Day and month in an unclear order are not guessed.
pub(crate) fn read_date(text: &str) -> Result<Date, DateTrouble> {
    if text.len() > 120 {
        return Err(DateTrouble::Unreadable);
    }
    let line = tidy_line(text, Fold::Ascii);
    let line = line.as_ref();
    if line.len() == 8 && line.bytes().all(|b| b.is_ascii_digit()) {
        let part = |a, b| line.get(a..b).unwrap_or("");
        return day_of(part(0, 4), part(4, 6), part(6, 8));
    }
    if let Some((year, rest)) = line.split_once('年') {
        let (month, day) = rest.split_once('月').ok_or(DateTrouble::Unreadable)?;
        return day_of(year, month, day);
    }
    let line = line
        .split_once('T')
        .filter(|(d, _)| d.len() == 10)
        .map_or(line, |(d, _)| d);
    let parts: Vec<&str> = line
        .split(['-', '/', '.', ',', ' '])
        .filter(|p| !p.is_empty())
        .take(4)
        .collect();
    match parts.as_slice() {
        [year, month, day] if year.chars().count() == 4 && month_name(year).is_none() => {
            day_of(year, month, day)
        }
        [day, month, year] if month_name(month).is_some() => day_of(year, month, day),
        [month, day, year] if month_name(month).is_some() => day_of(year, month, day),
        _ => Err(DateTrouble::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_numbers() {
        for (text, value) in [
            ("十", 10),
            ("十二", 12),
            ("二十", 20),
            ("三百零五", 305),
            ("一万二千", 12_000),
            ("二〇二六", 2026),
            ("二零二六", 2026),
            ("贰拾叁", 23),
        ] {
            assert_eq!(chinese_number(text), Some(value), "{text}");
        }
        for bad in ["", "三四十", "abc", "一点五"] {
            assert_eq!(chinese_number(bad), None, "{bad}");
        }
    }

    #[test]
    fn numbers_as_typed() {
        for (text, value) in [
            ("1,234.50", "1234.5"),
            ("１２３．５", "123.5"),
            ("1，234", "1234"),
            ("120 平方米", "120"),
            ("5万元", "50000"),
            ("1.2万", "12000"),
            ("十二", "12"),
            ("¥ 88", "88"),
            ("-3", "-3"),
            ("1 000", "1000"),
        ] {
            let read = read_number(text, &["平方米", "元"]).map(|n| n.to_string());
            assert_eq!(read.as_deref(), Ok(value), "{text}");
        }
        for bad in ["", "1,5", "12,34", "abc", "1.2.3", "-", "约100", "1,,000"] {
            assert_eq!(
                read_number(bad, &[]),
                Err(NumberTrouble::NotANumber),
                "{bad}"
            );
        }
        assert_eq!(
            read_number("99999999999999999999", &[]),
            Err(NumberTrouble::OutOfRange)
        );
    }

    #[test]
    fn days_as_typed() {
        for text in [
            "2026-03-01",
            "2026/3/1",
            "2026.3.1",
            "20260301",
            "2026年3月1日",
            "２０２６年３月１号",
            "二〇二六年三月一日",
            "1 March 2026",
            "Mar 1, 2026",
            "2026-03-01T08:00:00",
        ] {
            assert_eq!(
                read_date(text).map(|d| d.to_string()).as_deref(),
                Ok("2026-03-01"),
                "{text}"
            );
        }
        assert_eq!(
            read_date_parts("2026年", "12月", "31日").map(|d| d.month()),
            Ok(12)
        );
        assert_eq!(
            read_date_parts("2026", "三月", "1").map(|d| d.month()),
            Ok(3)
        );
        assert_eq!(read_date("2026-02-30"), Err(DateTrouble::NoSuchDay));
        assert_eq!(read_date("2026-13-01"), Err(DateTrouble::NoSuchDay));
        for bad in [
            "",
            "明天",
            "3/1/2026",
            "26-3-1",
            "2026",
            "2026-3",
            "0000-00-00",
        ] {
            assert_eq!(read_date(bad), Err(DateTrouble::Unreadable), "{bad}");
        }
    }
}
