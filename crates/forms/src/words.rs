//! Words for people: labels in two languages and the table of messages.
//!
//! `data/messages.zh-CN.json` and `data/messages.en.json` hold the same ids (a test checks it);
//! traditional Chinese is derived elsewhere. `{name}` in a message is replaced by an argument;
//! `id@element` overrides the message of `id` for one data element.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// The languages that the tables of this crate are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Lang {
    /// Simplified Chinese, the source language.
    #[default]
    #[serde(rename = "zh-CN")]
    Zh,
    /// English.
    #[serde(rename = "en")]
    En,
}

/// A short text in Chinese and, where somebody has written it, in English.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Words {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    pub zh: Cow<'static, str>,
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<Cow<'static, str>>,
}

impl Words {
    /// Words of the built-in tables.
    pub const fn fixed(zh: &'static str, en: &'static str) -> Self {
        Self {
            zh: Cow::Borrowed(zh),
            en: Some(Cow::Borrowed(en)),
        }
    }

    /// Chinese only.
    pub fn zh(text: impl Into<String>) -> Self {
        Self {
            zh: Cow::Owned(text.into()),
            en: None,
        }
    }

    /// The text in `lang`, or Chinese when it has not been translated.
    pub fn get(&self, lang: Lang) -> &str {
        match (lang, &self.en) {
            (Lang::En, Some(en)) => en,
            _ => &self.zh,
        }
    }

    /// True when there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.zh.trim().is_empty()
    }
}

type Table = HashMap<String, String>;

static ZH: LazyLock<Table> = LazyLock::new(|| table(include_str!("../data/messages.zh-CN.json")));
static EN: LazyLock<Table> = LazyLock::new(|| table(include_str!("../data/messages.en.json")));

/// A damaged table gives no messages, and the ids are shown instead; a test keeps it from shipping.
fn table(json: &str) -> Table {
    serde_json::from_str(json).unwrap_or_default()
}

/// One argument of a message: the same in all languages, or in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    /// A number, a date, what was typed.
    Plain(String),
    /// A label or unit.
    Words(Words),
}

impl Arg {
    fn get(&self, lang: Lang) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Words(words) => words.get(lang),
        }
    }
}

/// Named arguments of a message.
pub type Args = Vec<(&'static str, Arg)>;

/// The template of a message id, first as overridden for a data element.
fn template(id: &str, element: &str, lang: Lang) -> Option<&'static str> {
    let table: &'static Table = match lang {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    };
    let own = if element.is_empty() {
        None
    } else {
        table.get(&format!("{id}@{element}"))
    };
    own.or_else(|| table.get(id)).map(String::as_str)
}

/// Renders a message; an unknown id is shown as it is.
pub fn message(id: &str, element: &str, args: &[(&'static str, Arg)], lang: Lang) -> String {
    let Some(template) = template(id, element, lang) else {
        return id.to_owned();
    };
    let mut out = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, tail)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = tail.split_once('}') else {
            out.push('{');
            rest = tail;
            continue;
        };
        if let Some((_, arg)) = args.iter().find(|(known, _)| *known == name) {
            out.push_str(arg.get(lang));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// All message ids of one language, sorted: for checks of translation parity.
pub fn message_ids(lang: Lang) -> Vec<&'static str> {
    let table: &'static Table = match lang {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    };
    let mut ids: Vec<&'static str> = table.keys().map(String::as_str).collect();
    ids.sort_unstable();
    ids
}

/// A message without arguments, in both languages.
pub(crate) fn both(id: &str) -> Words {
    Words {
        zh: message(id, "", &[], Lang::Zh).into(),
        en: Some(message(id, "", &[], Lang::En).into()),
    }
}
