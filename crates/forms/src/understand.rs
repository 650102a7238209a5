//! From what was typed to what it means: normalise first, refuse only what cannot be understood.

use std::borrow::Cow;

use crate::answers::Typed;
use crate::checks::{Check, CheckFail};
use crate::context::Ctx;
use crate::document::{DayBound, Question};
use crate::elements::{DataType, Element};
use crate::numerals::{DateTrouble, NumberTrouble, read_date, read_date_parts, read_number};
use crate::text::{Fold, forbidden_char, is_pictograph, tidy_line, tidy_name, tidy_paragraph};
use crate::value::{Date, Decimal, Value};
use crate::words::{Arg, Args, Words};
use jiff::ToSpan;

/// Why an answer is refused: a message id and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Message id, the stable error code.
    pub id: &'static str,
    /// Arguments of the message.
    pub args: Args,
}

impl Issue {
    pub(crate) fn new(id: &'static str) -> Self {
        Self {
            id,
            args: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, Arg::Plain(value.to_string())));
        self
    }

    pub(crate) fn with_words(mut self, name: &'static str, words: Words) -> Self {
        self.args.push((name, Arg::Words(words)));
        self
    }
}

/// Longest text in bytes that is looked at; no data element allows as much.
const MAX_TEXT: usize = 100_000;

type Understood = Result<Value, Issue>;

/// The normal form of a text of this data element, without judging it. Applying it twice is the
/// same as applying it once.
pub fn normalise<'t>(element: &Element, text: &'t str) -> Cow<'t, str> {
    match element.data_type {
        DataType::Name => tidy_name(text),
        DataType::LongText => tidy_paragraph(text),
        DataType::Identifier => identifier(element.check, text),
        DataType::Text if element.check == Some(Check::Email) => email(text),
        _ => tidy_line(text, Fold::Alnum),
    }
}

fn email(text: &str) -> Cow<'_, str> {
    let line = tidy_line(text, Fold::Ascii);
    if !line.contains(' ') && !line.bytes().any(|b| b.is_ascii_uppercase()) {
        return line;
    }
    let line = line.replace(' ', "");
    match line.rsplit_once('@') {
        Some((user, host)) => Cow::Owned(format!("{user}@{}", host.to_ascii_lowercase())),
        None => Cow::Owned(line),
    }
}

fn identifier(check: Option<Check>, text: &str) -> Cow<'_, str> {
    let line = tidy_line(text, Fold::Ascii);
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let mut line = if line.bytes().all(plain) {
        line
    } else {
        let kept = line
            .chars()
            .filter(|c| *c != ' ')
            .map(|c| c.to_ascii_uppercase());
        Cow::Owned(kept.collect())
    };
    match check {
        Some(Check::Mobile) => {
            if line.contains(['-', '+', '(', ')']) {
                line = Cow::Owned(line.replace(['-', '+', '(', ')'], ""));
            }
            if line.len() > 11 && line.bytes().all(|b| b.is_ascii_digit()) {
                let rest = line
                    .strip_prefix("0086")
                    .or_else(|| line.strip_prefix("86"));
                line = rest
                    .filter(|r| r.len() == 11)
                    .map_or(line.clone(), |r| r.to_owned().into());
            }
            line
        }
        Some(Check::Landline) => Cow::Owned(landline(&line)),
        Some(Check::ResidentId | Check::Uscc | Check::BankAccount) if line.contains('-') => {
            Cow::Owned(line.replace('-', ""))
        }
        Some(Check::Plate) if line.contains(['·', '.', '-']) => {
            Cow::Owned(line.replace(['·', '.', '-'], ""))
        }
        _ => line,
    }
}

/// Area code, number and extension joined by hyphens.
fn landline(line: &str) -> String {
    let line = line
        .replace("转", "-")
        .replace(['(', ')'], "-")
        .replace("--", "-");
    let line = line.trim_matches('-');
    if line.contains('-') || !line.bytes().all(|b| b.is_ascii_digit()) {
        return line.to_owned();
    }
    // Two-digit area codes are 010 and 02x; all others have three digits after the zero.
    let area = if line.starts_with("01") || line.starts_with("02") {
        3
    } else {
        4
    };
    match (line.starts_with('0'), line.get(..area), line.get(area..)) {
        (true, Some(area), Some(rest)) if (7..=8).contains(&rest.len()) => format!("{area}-{rest}"),
        _ => line.to_owned(),
    }
}

/// Understands one answer. Blank answers are [`Value::Nothing`].
pub(crate) fn understand(question: &Question, typed: &Typed, ctx: &Ctx<'_>) -> Understood {
    if typed.is_blank() {
        return Ok(Value::Nothing);
    }
    if matches!(typed, Typed::One(text) if text.len() > MAX_TEXT) {
        return Err(Issue::new("text.huge"));
    }
    let element = &*question.element;
    let single = matches!(typed, Typed::One(_));
    match element.data_type {
        DataType::Codes | DataType::Files if matches!(typed, Typed::Parts(_)) => {
            Err(Issue::new("shape"))
        }
        DataType::Codes => codes(question, &typed.many()),
        DataType::Files => files(question, &typed.many()),
        DataType::Date => date(question, typed, ctx),
        DataType::Address => address(question, typed, ctx),
        _ if !single => Err(Issue::new("shape")),
        DataType::Text | DataType::Name | DataType::Identifier | DataType::LongText => {
            text(question, typed.one(), ctx)
        }
        DataType::Integer | DataType::Decimal | DataType::Money => number(question, typed.one()),
        DataType::Bool => yes_no(typed.one()),
        DataType::Code => code(question, typed.one()),
    }
}

fn length(question: &Question, text: &str) -> Result<(), Issue> {
    let element = &question.element;
    let now = text.chars().count();
    let max = question
        .rules
        .max_chars
        .unwrap_or(element.max_chars)
        .min(element.max_chars);
    let min = question
        .rules
        .min_chars
        .unwrap_or(element.min_chars)
        .max(element.min_chars);
    if now > max as usize {
        return Err(Issue::new("text.too_long")
            .with("max", max)
            .with("now", now));
    }
    if now < min as usize {
        return Err(Issue::new("text.too_short")
            .with("min", min)
            .with("now", now));
    }
    Ok(())
}

fn text(question: &Question, typed: &str, ctx: &Ctx<'_>) -> Understood {
    let element = &*question.element;
    let normal = normalise(element, typed);
    let paragraph = element.data_type == DataType::LongText;
    if let Some(at) = forbidden_char(&normal, paragraph) {
        return Err(Issue::new("text.control").with("at", at));
    }
    if element.data_type == DataType::Name {
        name(&normal)?;
    }
    if let Some(check) = element.check {
        // A wrong length of a checked identifier is a wrong format, said in the words of the element.
        let max = element.max_chars as usize;
        if normal.len() > max.saturating_mul(4) {
            return Err(Issue::new("format"));
        }
        ctx.checks
            .check(check, &normal, ctx.today)
            .map_err(|fail| refused(fail, &normal))?;
    }
    length(question, &normal)?;
    Ok(Value::Text(normal.into_owned()))
}

fn refused(fail: CheckFail, text: &str) -> Issue {
    match fail {
        CheckFail::Unknown => Issue::new(fail.id()).with("value", text),
        _ => Issue::new(fail.id()),
    }
}

/// Rare characters are welcome in names; pictographs, digits and signs are not.
fn name(text: &str) -> Result<(), Issue> {
    for c in text.chars() {
        if is_pictograph(c) {
            return Err(Issue::new("name.pictograph").with("char", c));
        }
        let sign = c.is_ascii_digit()
            || (c.is_ascii_punctuation() && !"'-.".contains(c))
            || matches!(
                c,
                '，' | '。' | '、' | '；' | '：' | '？' | '！' | '“' | '”' | '《' | '》'
            );
        if sign {
            return Err(Issue::new("name.symbol").with("char", c));
        }
    }
    Ok(())
}

fn number(question: &Question, typed: &str) -> Understood {
    let element = &*question.element;
    let unit = question.unit.as_ref();
    let zh = unit.map_or("", |u| u.get(crate::words::Lang::Zh).trim());
    let en = unit.map_or("", |u| u.get(crate::words::Lang::En).trim());
    let units = [
        zh,
        en,
        if element.data_type == DataType::Money {
            "元"
        } else {
            ""
        },
        "㎡",
        "m2",
    ];
    let value = read_number(typed, &units).map_err(|trouble| match trouble {
        NumberTrouble::NotANumber => Issue::new("number.unreadable"),
        NumberTrouble::OutOfRange => Issue::new("number.range"),
    })?;
    let places = if element.data_type == DataType::Money {
        2
    } else {
        element.places
    };
    if value.places() > places {
        return Err(match places {
            0 => Issue::new("number.whole"),
            _ => Issue::new("number.places").with("places", places),
        });
    }
    let unit = || unit.cloned().unwrap_or_default();
    if let Some(min) = larger(element.min, question.rules.min).filter(|min| value < *min) {
        return Err(Issue::new("number.min")
            .with("min", min)
            .with_words("unit", unit()));
    }
    if let Some(max) = smaller(element.max, question.rules.max).filter(|max| value > *max) {
        return Err(Issue::new("number.max")
            .with("max", max)
            .with_words("unit", unit()));
    }
    match element.data_type {
        DataType::Decimal => Ok(Value::Decimal(value)),
        DataType::Money => Ok(Value::Money(value.millionths() / 10_000)),
        _ => value
            .as_whole()
            .map(Value::Integer)
            .ok_or_else(|| Issue::new("number.whole")),
    }
}

pub(crate) fn larger(a: Option<Decimal>, b: Option<Decimal>) -> Option<Decimal> {
    a.max(b)
}

pub(crate) fn smaller(a: Option<Decimal>, b: Option<Decimal>) -> Option<Decimal> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        _ => a.or(b),
    }
}

impl DayBound {
    /// The day it means when today is `today`.
    pub fn on(self, today: Date) -> Date {
        match self {
            Self::Day(day) => day,
            Self::Today(days) => today.saturating_add(i64::from(days).days()),
        }
    }
}

fn date(question: &Question, typed: &Typed, ctx: &Ctx<'_>) -> Understood {
    let read = match typed {
        Typed::One(text) => read_date(text),
        Typed::Parts(_) => {
            let (y, m, d) = (typed.part("y"), typed.part("m"), typed.part("d"));
            for (part, id) in [(y, "part.year"), (m, "part.month"), (d, "part.day")] {
                if part.trim().is_empty() {
                    return Err(Issue::new("date.part").with_words("part", crate::words::both(id)));
                }
            }
            read_date_parts(y, m, d)
        }
        Typed::Many(_) => return Err(Issue::new("shape")),
    };
    let day = read.map_err(|trouble| match trouble {
        DateTrouble::Unreadable => Issue::new("date.unreadable"),
        DateTrouble::NoSuchDay => Issue::new("date.no_such_day"),
    })?;
    let rules = &question.rules;
    if let Some(min) = rules
        .min_day
        .map(|b| b.on(ctx.today))
        .filter(|min| day < *min)
    {
        return Err(Issue::new("date.min").with_words("min", day_words(min)));
    }
    if let Some(max) = rules
        .max_day
        .map(|b| b.on(ctx.today))
        .filter(|max| day > *max)
    {
        return Err(Issue::new("date.max").with_words("max", day_words(max)));
    }
    Ok(Value::Date(day))
}

/// A day in words: 2026年3月1日, 2026-03-01.
pub(crate) fn day_words(day: Date) -> Words {
    let zh = format!("{}年{}月{}日", day.year(), day.month(), day.day());
    Words {
        zh: zh.into(),
        en: Some(day.to_string().into()),
    }
}

fn yes_no(typed: &str) -> Understood {
    let line = tidy_line(typed, Fold::Ascii).to_ascii_lowercase();
    match line.as_str() {
        "true" | "1" | "yes" | "y" | "on" | "是" | "有" => Ok(Value::Bool(true)),
        "false" | "0" | "no" | "n" | "off" | "否" | "无" => Ok(Value::Bool(false)),
        _ => Err(Issue::new("choice.unknown").with("value", shortened(typed))),
    }
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// The code of a choice, given the code itself or its words.
fn find_choice<'q>(question: &'q Question, typed: &str) -> Result<(usize, &'q str), Issue> {
    let line = typed.trim();
    let choices = &question.choices;
    let at = choices
        .iter()
        .position(|c| c.code == line)
        .or_else(|| choices.iter().position(|c| c.label.zh == line))
        .ok_or_else(|| Issue::new("choice.unknown").with("value", shortened(line)))?;
    Ok((at, choices.get(at).map_or("", |c| &c.code)))
}

fn code(question: &Question, typed: &str) -> Understood {
    find_choice(question, typed).map(|(_, code)| Value::Code(code.to_owned()))
}

fn counted(question: &Question, now: usize, too_many: &'static str) -> Result<(), Issue> {
    let rules = &question.rules;
    if let Some(max) = rules.max_items.filter(|max| now > *max as usize) {
        return Err(Issue::new(too_many).with("max", max).with("now", now));
    }
    if let Some(min) = rules.min_items.filter(|min| now < *min as usize) {
        return Err(Issue::new("choice.too_few")
            .with("min", min)
            .with("now", now));
    }
    Ok(())
}

fn codes(question: &Question, typed: &[&str]) -> Understood {
    let mut places = Vec::with_capacity(typed.len().min(question.choices.len()));
    for text in typed.iter().filter(|t| !t.trim().is_empty()) {
        places.push(find_choice(question, text)?);
    }
    places.sort_unstable();
    places.dedup();
    counted(question, places.len(), "choice.too_many")?;
    Ok(Value::Codes(
        places
            .into_iter()
            .map(|(_, code)| code.to_owned())
            .collect(),
    ))
}

fn files(question: &Question, typed: &[&str]) -> Understood {
    let ids: Vec<String> = typed
        .iter()
        .map(|t| t.trim())
        .filter(|t| !t.is_empty())
        .map(str::to_owned)
        .collect();
    if ids
        .iter()
        .any(|id| id.len() > 200 || forbidden_char(id, false).is_some())
    {
        return Err(Issue::new("shape"));
    }
    counted(question, ids.len(), "files.too_many")?;
    Ok(Value::Files(ids))
}

fn address(question: &Question, typed: &Typed, ctx: &Ctx<'_>) -> Understood {
    let (division, detail) = match typed {
        Typed::Parts(_) => (typed.part("division"), typed.part("detail")),
        Typed::One(text) => ("", text.as_str()),
        Typed::Many(_) => return Err(Issue::new("shape")),
    };
    let division = tidy_line(division, Fold::Ascii);
    let detail = tidy_line(detail, Fold::Alnum);
    if division.is_empty() {
        return Err(Issue::new("address.division"));
    }
    if let Err(fail) = ctx.checks.check(Check::Division, &division, ctx.today) {
        return Err(match fail {
            CheckFail::Unknown => refused(fail, &division),
            _ => Issue::new("address.division"),
        });
    }
    if detail.is_empty() {
        return Err(Issue::new("address.detail"));
    }
    if let Some(at) = forbidden_char(&detail, false) {
        return Err(Issue::new("text.control").with("at", at));
    }
    length(question, &detail)?;
    Ok(Value::Address {
        division: division.into_owned(),
        detail: detail.into_owned(),
    })
}
