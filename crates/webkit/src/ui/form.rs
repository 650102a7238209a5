//! Forms: fields with label, hint, error; error summary; verified values; repeats; uploads; a whole page of a form.
//!
//! A field is optional in words (选填) or required without a mark. Errors come from the server; the summary takes the focus
//! and its links lead to the fields. Verified values are text, never inputs: they cannot travel through the browser.

use tongban_kernel::Error;

use super::component;
use crate::error_of;
use crate::shell::Html;

/// A problem and the field it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `id` of the field.
    pub id: String,
    pub text: String,
}

/// The box at the top of a form with problems.
#[derive(Debug, Clone, Default)]
pub struct ErrorSummary {
    pub problems: Vec<Problem>,
}
component!(
    ErrorSummary,
    ErrorSummaryView,
    "components/error_summary.html"
);

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub text: String,
    pub hint: String,
    pub chosen: bool,
}

impl Choice {
    /// A choice without a hint.
    pub fn new(value: &str, text: &str, chosen: bool) -> Self {
        Self {
            value: value.to_owned(),
            text: text.to_owned(),
            hint: String::new(),
            chosen,
        }
    }
}

/// A value that an authority has confirmed.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    pub label: String,
    pub value: String,
    /// Who confirmed it, e.g. 公安.
    pub source: String,
    /// When, as shown; may be empty.
    pub at: String,
    /// Where a correction is asked for; empty: not possible here.
    pub correct_href: String,
    /// The person has contested it.
    pub disputed: bool,
    pub wide: bool,
}

/// One set of fields of a repeat.
#[derive(Debug, Clone)]
pub struct RepeatRow {
    pub title: String,
    /// Name of the button that removes it; empty: it cannot be removed.
    pub remove_name: String,
    pub fields: Vec<Field>,
}

/// How far an uploaded file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadState {
    Done,
    Checking,
    Refused,
}

/// A file that was handed in.
#[derive(Debug, Clone)]
pub struct UploadedFile {
    pub name: String,
    /// Size and result of the check, as shown.
    pub detail: String,
    pub view_href: String,
    /// Value of the button that removes it.
    pub remove_value: String,
    pub state: UploadState,
}

/// A place for files. Works without script: its button posts the form as `multipart/form-data` to `action`.
#[derive(Debug, Clone, Default)]
pub struct Upload {
    pub action: String,
    /// `accept` of the input, e.g. `image/*,.pdf`.
    pub accept: String,
    /// Accepted formats in words.
    pub accept_text: String,
    pub max_bytes: u64,
    /// The limit in words, e.g. 20 MB.
    pub max_text: String,
    pub max_files: u32,
    pub files: Vec<UploadedFile>,
    pub template_href: String,
    pub sample_href: String,
    /// Page with a code for the phone; empty: not offered.
    pub phone_href: String,
}

/// What kind of input a field is.
#[derive(Debug, Clone)]
pub enum FieldKind {
    Text {
        value: String,
        inputmode: String,
        autocomplete: String,
        width: &'static str,
        unit: String,
        maxlength: u32,
    },
    Password {
        autocomplete: &'static str,
    },
    TextArea {
        value: String,
        maxlength: u32,
    },
    /// One text box; any usual way of writing a date is understood by the server.
    Date {
        value: String,
    },
    Radio {
        choices: Vec<Choice>,
        stacked: bool,
    },
    Checks {
        choices: Vec<Choice>,
    },
    Select {
        choices: Vec<Choice>,
    },
    /// Typing offers suggestions (native list).
    Suggest {
        value: String,
        suggestions: Vec<String>,
    },
    /// Division and the rest of an address; posted as `name.division` and `name.detail`.
    Address {
        division: String,
        detail: String,
        divisions: Vec<Choice>,
    },
    Repeat {
        rows: Vec<RepeatRow>,
        add_name: String,
        item_name: String,
    },
    Upload(Upload),
    Verified(Verified),
    /// HTML to read between fields; whoever makes it escapes it.
    Prose(String),
}

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    pub id: String,
    pub name: String,
    pub label: String,
    pub hint: String,
    pub optional: bool,
    pub error: String,
    pub kind: FieldKind,
    /// Takes the whole width where fields stand two abreast.
    pub wide: bool,
}

impl Field {
    /// A field of `kind` whose `id` is its name.
    pub fn new(name: &str, label: &str, kind: FieldKind) -> Self {
        let wide = !matches!(
            kind,
            FieldKind::Text { .. }
                | FieldKind::Date { .. }
                | FieldKind::Select { .. }
                | FieldKind::Password { .. }
        );
        Self {
            id: html_id(name),
            name: name.to_owned(),
            label: label.to_owned(),
            hint: String::new(),
            optional: false,
            error: String::new(),
            kind,
            wide,
        }
    }
    /// A line of text.
    pub fn text(name: &str, label: &str, value: &str) -> Self {
        let kind = FieldKind::Text {
            value: value.to_owned(),
            inputmode: String::new(),
            autocomplete: "off".to_owned(),
            width: "",
            unit: String::new(),
            maxlength: 0,
        };
        Self::new(name, label, kind)
    }
    /// With a hint under the label.
    #[must_use]
    pub fn hint(mut self, hint: &str) -> Self {
        hint.clone_into(&mut self.hint);
        self
    }
    /// With a problem.
    #[must_use]
    pub fn error(mut self, error: &str) -> Self {
        error.clone_into(&mut self.error);
        self
    }
    /// May be left empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
    /// Across the whole width.
    #[must_use]
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// `aria-invalid` and `aria-describedby`.
    pub(crate) fn aria(&self) -> Html {
        let mut ids = Vec::new();
        if !self.hint.is_empty() {
            ids.push(format!("{}-h", self.id));
        }
        if !self.error.is_empty() {
            ids.push(format!("{}-e", self.id));
        }
        let mut text = String::new();
        if !ids.is_empty() {
            text = format!(" aria-describedby=\"{}\"", ids.join(" "));
        }
        if !self.error.is_empty() {
            text.push_str(" aria-invalid=\"true\"");
        }
        askama::filters::Safe(text)
    }

    /// Whether the control needs a group label instead of `<label for>`.
    pub(crate) fn grouped(&self) -> bool {
        matches!(
            self.kind,
            FieldKind::Radio { .. }
                | FieldKind::Address { .. }
                | FieldKind::Checks { .. }
                | FieldKind::Repeat { .. }
                | FieldKind::Upload(_)
        )
    }

    fn collect(&self, problems: &mut Vec<Problem>, depth: u8) {
        if !self.error.is_empty() {
            problems.push(Problem {
                id: self.id.clone(),
                text: self.error.clone(),
            });
        }
        if let FieldKind::Repeat { rows, .. } = &self.kind
            && depth < 4
        {
            for field in rows.iter().flat_map(|row| &row.fields) {
                field.collect(problems, depth + 1);
            }
        }
    }
}
component!(Field, FieldView, "components/field.html");

/// An `id` made of a field path: only letters, digits, `-` and `_`.
pub(crate) fn html_id(name: &str) -> String {
    let safe: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    format!("f-{safe}")
}

/// A group of fields with its legend.
#[derive(Debug, Clone, Default)]
pub struct FormGroup {
    pub legend: String,
    /// Beside the legend, smaller.
    pub note: String,
    pub icon: &'static str,
    pub fields: Vec<Field>,
}

/// One page of a form.
#[derive(Debug, Clone, Default)]
pub struct FormView {
    pub title: String,
    pub intro: String,
    pub action: String,
    /// Where drafts are kept while typing (`204` on success); empty: no autosave.
    pub autosave: String,
    /// Values that authorities confirmed.
    pub verified: Vec<Verified>,
    pub groups: Vec<FormGroup>,
    /// Problems of the page as a whole.
    pub problems: Vec<Problem>,
    pub back_href: String,
    /// Offers "save and finish later".
    pub can_save_later: bool,
    /// Text of the main button; empty: 保存并继续.
    pub submit_text: String,
    /// Hidden fields, e.g. revision of the draft and idempotency key.
    pub hidden: Vec<(String, String)>,
}

impl FormView {
    /// The form again after `failed`: each problem beside its field, what belongs to no field over the form.
    #[must_use]
    pub fn told(mut self, failed: Option<&Error>) -> Self {
        let Some(error) = failed else { return self };
        let mut fields: Vec<&mut Field> =
            self.groups.iter_mut().flat_map(|g| &mut g.fields).collect();
        for field in &mut fields {
            field.error = error_of(error.field_problems(), &field.name);
        }
        if fields.iter().all(|field| field.error.is_empty()) {
            self.problems.push(Problem {
                id: String::new(),
                text: error.message().to_owned(),
            });
        }
        self
    }

    /// All problems in the order of the page.
    pub fn all_problems(&self) -> ErrorSummary {
        let mut problems = self.problems.clone();
        for field in self.groups.iter().flat_map(|group| &group.fields) {
            field.collect(&mut problems, 0);
        }
        ErrorSummary { problems }
    }
}
component!(FormView, FormPageView, "components/form_view.html");
