//! Small pieces: tags, lamps, notes, the confirmation panel.

use askama::filters::{Html as HtmlFormat, Safe, escape};

use super::component;
use crate::PageShell;
use crate::shell::{Html, icon};

/// The tone of a tag or note; its words must say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Blue,
    Green,
    Amber,
    Red,
    Gold,
    Teal,
}

impl Tone {
    /// All tones.
    pub const ALL: [Self; 7] = [
        Self::Plain,
        Self::Blue,
        Self::Green,
        Self::Amber,
        Self::Red,
        Self::Gold,
        Self::Teal,
    ];

    const fn tag_class(self) -> &'static str {
        match self {
            Self::Plain => "tag",
            Self::Blue => "tag t-blue",
            Self::Green => "tag t-green",
            Self::Amber => "tag t-amber",
            Self::Red => "tag t-red",
            Self::Gold => "tag t-gold",
            Self::Teal => "tag t-teal",
        }
    }
}

/// Text for HTML that is made by hand.
pub fn escaped(text: &str) -> String {
    escape(text, HtmlFormat).map_or_else(|_| String::new(), |text| text.to_string())
}

/// A short label: `承诺件`, `全程网办`.
pub fn tag(tone: Tone, text: &str) -> Html {
    Safe(format!(
        "<span class=\"{}\">{}</span>",
        tone.tag_class(),
        escaped(text)
    ))
}

/// The light of a limit: circle, triangle, octagon, ring — a shape for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lamp {
    Green,
    Yellow,
    Red,
    /// Not started.
    Grey,
}

impl Lamp {
    /// All lamps.
    pub const ALL: [Self; 4] = [Self::Green, Self::Yellow, Self::Red, Self::Grey];

    const fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Green => (
                "lamp-g",
                "lamp-green",
                "<circle cx=\"7\" cy=\"7\" r=\"6\"/>",
            ),
            Self::Yellow => ("lamp-y", "lamp-yellow", "<path d=\"M7 .8 13.6 13H.4z\"/>"),
            Self::Red => (
                "lamp-r",
                "lamp-red",
                "<path d=\"M4.2.5h5.6l3.7 3.7v5.6l-3.7 3.7H4.2L.5 9.8V4.2z\"/>",
            ),
            Self::Grey => (
                "lamp-n",
                "lamp-grey",
                "<circle cx=\"7\" cy=\"7\" r=\"5.5\"/>",
            ),
        }
    }
}

/// A lamp with words; without `text` it says its own meaning.
pub fn lamp(shell: &PageShell, lamp: Lamp, text: &str) -> Html {
    let (class, key, shape) = lamp.parts();
    let words = if text.is_empty() {
        shell.t(key)
    } else {
        text.to_owned()
    };
    Safe(format!(
        "<span class=\"lamp {class}\"><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\">{shape}</svg>{}</span>",
        escaped(&words)
    ))
}

/// How serious a note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    Info,
    Good,
    Warning,
    Bad,
}

impl Note {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Info, Self::Good, Self::Warning, Self::Bad];
}

/// A note with an icon; `content` is HTML that the caller has escaped.
pub fn note(kind: Note, content: &Html) -> Html {
    let (class, name) = match kind {
        Note::Info => ("note", "info"),
        Note::Good => ("note note-ok", "circle-check-big"),
        Note::Warning => ("note note-warn", "triangle-alert"),
        Note::Bad => ("note note-bad", "circle-alert"),
    };
    Safe(format!(
        "<div class=\"{class}\">{}<div>{}</div></div>",
        icon(name).0,
        content.0
    ))
}

/// The panel after something was done: a number to keep and what happens next.
#[derive(Debug, Clone)]
pub struct Confirmation {
    pub title: String,
    /// Label of the number, e.g. 办件编号.
    pub number_label: String,
    pub number: String,
    pub text: String,
}
component!(
    Confirmation,
    ConfirmationView,
    "components/confirmation.html"
);
