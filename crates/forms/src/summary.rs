//! Values in words, and the summary for 核对提交 (check your answers).

use serde::Serialize;

use crate::answers::Source;
use crate::document::{Field, FieldKind, Question};
use crate::read::{Cell, Reading};
use crate::understand::day_words;
use crate::validate::row_label;
use crate::value::Value;
use crate::words::{Lang, message};

/// One section of the summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryCard {
    /// Page to go back to.
    pub page: String,
    /// Heading: of the section, or of the page.
    pub title: String,
    /// Label and value of each shown field.
    pub rows: Vec<SummaryRow>,
}

/// One line of the summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryRow {
    /// Field path, also the anchor on the page.
    pub path: String,
    /// Label.
    pub label: String,
    /// Value in words; what was typed when it could not be understood.
    pub value: String,
    /// Where the value came from.
    pub source: Option<Source>,
    /// True when there is no link to change it.
    pub fixed: bool,
    /// True when nothing is there.
    pub blank: bool,
}

/// 1,234,567
pub(crate) fn grouped(whole: u64) -> String {
    let digits = whole.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn money(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    match fen % 100 {
        0 => format!("{sign}{}", grouped(fen / 100)),
        rest => format!("{sign}{}.{rest:02}", grouped(fen / 100)),
    }
}

impl Reading<'_> {
    /// A value in words. Verified values of sensitive elements are masked.
    pub(crate) fn display(&self, question: &Question, cell: &Cell<'_>, lang: Lang) -> String {
        let unit = || question.unit.as_ref().map_or("", |u| u.get(lang));
        let choice = |code: &String| {
            let found = question.choices.iter().find(|c| c.code == *code);
            found.map_or(code.clone(), |c| c.label.get(lang).to_owned())
        };
        match &cell.value {
            Value::Nothing => String::new(),
            Value::Text(text) if cell.uses_verified => question.element.mask.apply(text),
            Value::Text(text) => text.clone(),
            Value::Integer(n) => format!("{n}{}", unit()),
            Value::Decimal(n) => format!("{n}{}", unit()),
            Value::Money(fen) => format!("{}{}", money(*fen), unit()),
            Value::Date(day) => day_words(*day).get(lang).to_owned(),
            Value::Bool(yes) => {
                message(if *yes { "answer.yes" } else { "answer.no" }, "", &[], lang)
            }
            Value::Code(code) => choice(code),
            Value::Codes(codes) => {
                let words: Vec<String> = codes.iter().map(choice).collect();
                words.join(if lang == Lang::Zh { "、" } else { ", " })
            }
            Value::Address { division, detail } => {
                let name = self.ctx.checks.division_name(division);
                format!(
                    "{}{}{detail}",
                    name.as_deref().unwrap_or(division),
                    if name.is_some() { "" } else { " " }
                )
            }
            Value::Files(files) => match lang {
                Lang::Zh => format!("{} 个文件", files.len()),
                Lang::En => format!("{} file(s)", files.len()),
            },
        }
    }

    /// The summary of everything that will be submitted, in page order.
    pub fn check_answers(&self, lang: Lang) -> Vec<SummaryCard> {
        let mut cards = Vec::new();
        for (at, section) in self.form.sections.iter().enumerate() {
            let page = self.form.pages.get(section.page);
            if self.sections_shown.get(at) != Some(&true) {
                continue;
            }
            let Some(page) = page else { continue };
            let mut rows = Vec::new();
            for ix in &section.fields {
                if let (Some(field), Some(cell)) = (self.form.fields.get(*ix), self.cells.get(*ix))
                {
                    self.summarise(*ix, field, cell, lang, &mut rows);
                }
            }
            if !rows.is_empty() {
                let title = section
                    .title
                    .as_ref()
                    .unwrap_or(&page.title)
                    .get(lang)
                    .to_owned();
                cards.push(SummaryCard {
                    page: page.id.clone(),
                    title,
                    rows,
                });
            }
        }
        cards
    }

    fn summarise(
        &self,
        ix: usize,
        field: &Field,
        cell: &Cell<'_>,
        lang: Lang,
        rows: &mut Vec<SummaryRow>,
    ) {
        if !cell.shown {
            return;
        }
        match &field.kind {
            FieldKind::Question(question) => {
                let label = field.label.get(lang).to_owned();
                rows.push(self.line(field.id.clone(), label, question, cell, lang));
            }
            FieldKind::Group(group) => {
                for row in self.rows_of(ix).iter().filter(|r| !r.blank) {
                    let heading = row_label(group, row.index);
                    for (child, question, cell) in self.children(group, row) {
                        let label = format!("{} · {}", heading.get(lang), child.label.get(lang));
                        let path = format!("{}.{}.{}", field.id, row.index, child.id);
                        rows.push(self.line(path, label, question, cell, lang));
                    }
                }
            }
        }
    }

    fn line(
        &self,
        path: String,
        label: String,
        question: &Question,
        cell: &Cell<'_>,
        lang: Lang,
    ) -> SummaryRow {
        let blank = !cell.is_answered();
        let value = if blank {
            message("answer.none", "", &[], lang)
        } else if cell.value.is_nothing() {
            // Not understood: the applicant sees their own words again.
            cell.entry.map_or(String::new(), |e| as_typed(&e.typed))
        } else {
            self.display(question, cell, lang)
        };
        SummaryRow {
            path,
            label,
            value,
            source: cell.source(),
            fixed: cell.uses_verified,
            blank,
        }
    }
}

fn as_typed(typed: &crate::answers::Typed) -> String {
    use crate::answers::Typed;
    match typed {
        Typed::One(text) => text.clone(),
        Typed::Many(list) => list.join(" "),
        Typed::Parts(parts) => parts
            .values()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" "),
    }
}
