//! Reads the loosely typed fields of a regional feed: text, numbers, flags and codes arrive as string or number, empty
//! means absent, and what is read is taken out so that the rest can be kept.

use serde_json::{Map, Value};

use super::Note;

/// The fields of one source record that nobody has read yet.
pub(super) struct Fields {
    rest: Map<String, Value>,
    pub(super) notes: Vec<Note>,
}

impl Fields {
    pub(super) fn of(record: Option<&Value>) -> Self {
        let rest = record
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        Self {
            rest,
            notes: Vec::new(),
        }
    }

    /// A non-empty text; the words of the source are kept as they are.
    pub(super) fn text(&mut self, field: &str) -> Option<String> {
        match self.rest.shift_remove(field)? {
            Value::String(text) if text.trim().is_empty() => None,
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(u8::from(flag).to_string()),
            Value::Null => None,
            other => self.keep(field, other, "不是文本"),
        }
    }

    /// A whole number that fits.
    pub(super) fn number<N: TryFrom<u64>>(&mut self, field: &str) -> Option<N> {
        let value = self.rest.shift_remove(field)?;
        let number = match &value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => text.trim().parse().ok(),
            Value::Null => return None,
            _ => None,
        };
        match number.and_then(|number| N::try_from(number).ok()) {
            Some(number) => Some(number),
            None => self.keep(field, value, "不是可用的整数"),
        }
    }

    /// `1`/`0`, `true`/`false`.
    pub(super) fn flag(&mut self, field: &str) -> Option<bool> {
        let value = self.rest.shift_remove(field)?;
        match &value {
            Value::Bool(flag) => return Some(*flag),
            Value::Null => return None,
            Value::Number(number) if number.as_u64() == Some(1) => return Some(true),
            Value::Number(number) if number.as_u64() == Some(0) => return Some(false),
            Value::String(text) => match text.trim() {
                "1" => return Some(true),
                "0" => return Some(false),
                "" => return None,
                _ => {}
            },
            _ => {}
        }
        self.keep(field, value, "不是是否值")
    }

    /// One code of a list.
    pub(super) fn code<C>(&mut self, field: &str, known: fn(&str) -> Option<C>) -> Option<C> {
        let text = self.text(field)?;
        match known(text.trim()) {
            Some(code) => Some(code),
            None => self.keep(field, Value::String(text), "代码不在代码表中"),
        }
    }

    /// Several codes, separated by commas; unknown ones are kept aside.
    pub(super) fn codes<C>(&mut self, field: &str, known: fn(&str) -> Option<C>) -> Option<Vec<C>> {
        let text = self.text(field)?;
        let mut codes = Vec::new();
        let mut unknown = Vec::new();
        for part in text
            .split([',', '，'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            match known(part) {
                Some(code) => codes.push(code),
                None => unknown.push(part.to_owned()),
            }
        }
        if !unknown.is_empty() {
            let left = Value::String(unknown.join(","));
            self.keep::<()>(field, left, "代码不在代码表中");
        }
        (!codes.is_empty()).then_some(codes)
    }

    /// Several texts, separated by commas.
    pub(super) fn texts(&mut self, field: &str) -> Option<Vec<String>> {
        self.codes(field, |part| Some(part.to_owned()))
    }

    /// A date `YYYY-MM-DD` or `YYYYMMDD`.
    pub(super) fn date(&mut self, field: &str) -> Option<jiff::civil::Date> {
        let text = self.text(field)?;
        let plain = text.trim();
        let parsed = plain
            .parse()
            .ok()
            .or_else(|| jiff::civil::Date::strptime("%Y%m%d", plain).ok());
        match parsed {
            Some(date) => Some(date),
            None => self.keep(field, Value::String(text), "不是日期"),
        }
    }

    /// Puts a value back and says why; always `None`.
    fn keep<T>(&mut self, field: &str, value: Value, why: &str) -> Option<T> {
        self.notes.push(Note {
            field: field.to_owned(),
            message: format!("{why}，原样保留"),
        });
        self.rest.insert(field.to_owned(), value);
        None
    }

    /// What nobody read, without empty values, under `prefix`.
    pub(super) fn leave(self, prefix: &str, into: &mut Map<String, Value>) -> Vec<Note> {
        for (field, value) in self.rest {
            let empty = match &value {
                Value::Null => true,
                Value::String(text) => text.trim().is_empty(),
                Value::Array(list) => list.is_empty(),
                _ => false,
            };
            if !empty {
                into.insert(format!("{prefix}{field}"), value);
            }
        }
        self.notes
    }
}
