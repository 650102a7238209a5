//! The page as data, for any renderer (web, kiosk, counter, paper). No HTML here.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::answers::{Source, Typed};
use crate::document::{Field, FieldKind, Group, Question};
use crate::elements::{DataType, Widget};
use crate::read::{Cell, Reading, RowReading};
use crate::validate::{Problem, row_label};
use crate::value::Grade;
use crate::words::{Lang, message};

/// A page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageView {
    /// Identifier.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Number among the shown pages, from 1.
    pub number: usize,
    /// Shown pages.
    pub of: usize,
    /// The page before, if any.
    pub previous: Option<String>,
    /// The page after, if any.
    pub next: Option<String>,
    /// Problems for the error summary: anchor and sentence.
    pub problems: Vec<(String, String)>,
    /// Shown sections.
    pub sections: Vec<SectionView>,
}

/// A section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SectionView {
    /// Identifier.
    pub id: String,
    /// Heading.
    pub title: Option<String>,
    /// Shown fields and groups.
    pub items: Vec<ItemView>,
}

/// A question or a repeating group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemView {
    /// A question.
    Field(Box<FieldView>),
    /// A repeating group.
    Group(GroupView),
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldView {
    /// Name in the post and anchor: `area`, `signs.0.w`.
    pub path: String,
    /// Label.
    pub label: String,
    /// One line of help.
    pub hint: Option<String>,
    /// Help of single items.
    pub help: Vec<(String, String)>,
    /// How it is asked.
    pub widget: Widget,
    /// True when it is marked 选填.
    pub optional: bool,
    /// What was typed, exactly.
    pub typed: Typed,
    /// The choices offered.
    pub choices: Vec<ChoiceView>,
    /// Unit shown after the box.
    pub unit: Option<String>,
    /// Sentence of the problem.
    pub error: Option<String>,
    /// The verified value, shown instead of a box, or beside it while disputed.
    pub verified: Option<VerifiedView>,
    /// True when the box is replaced by the verified value.
    pub read_only: bool,
    /// Where what was typed came from.
    pub source: Option<Source>,
    /// When it was given.
    pub at: Option<Timestamp>,
    /// Token of WCAG 1.3.5.
    pub autocomplete: Option<String>,
    /// Keyboard hint.
    pub inputmode: Option<String>,
    /// Most characters.
    pub max_chars: Option<u32>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChoiceView {
    /// Code that is posted.
    pub code: String,
    /// Words.
    pub label: String,
    /// True when chosen.
    pub selected: bool,
}

/// A verified value with its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifiedView {
    /// The value in words, masked when sensitive.
    pub display: String,
    /// Name of the source.
    pub source_name: String,
    /// Receipt number.
    pub receipt: Option<String>,
    /// When the source answered.
    pub at: Timestamp,
    /// Trust grade.
    pub grade: Grade,
    /// True when the applicant says it is wrong.
    pub disputed: bool,
}

/// A repeating group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupView {
    /// Identifier: `{id}.add` adds a row.
    pub id: String,
    /// Label.
    pub label: String,
    /// One line of help.
    pub hint: Option<String>,
    /// True when it may stay empty.
    pub optional: bool,
    /// Rows, at least one.
    pub rows: Vec<RowView>,
    /// True when another row fits.
    pub can_add: bool,
    /// Sentence of the problem of the whole group.
    pub error: Option<String>,
}

/// One row: `{group}.{index}.remove` removes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowView {
    /// Place, from 0.
    pub index: usize,
    /// Heading.
    pub label: String,
    /// Its questions.
    pub fields: Vec<FieldView>,
    /// True when it is in the draft and may be removed.
    pub can_remove: bool,
}

/// What a view needs besides the reading.
struct Shower<'v> {
    lang: Lang,
    errors: HashMap<&'v str, &'v Problem>,
}

impl Shower<'_> {
    fn error(&self, path: &str) -> Option<String> {
        self.errors.get(path).map(|p| p.text(self.lang))
    }
}

impl Reading<'_> {
    /// The page as it is shown, with the problems the caller wants to show (none on first sight).
    /// `None` when there is no such page or it is hidden.
    pub fn page_view(&self, page: &str, problems: &[Problem], lang: Lang) -> Option<PageView> {
        let at = self.form.page_index(page)?;
        if self.pages_shown.get(at) != Some(&true) {
            return None;
        }
        let found = self.form.pages.get(at)?;
        let own: Vec<&Problem> = problems.iter().filter(|p| p.page == page).collect();
        // Of several problems of one field the first is shown beside it.
        let errors = own.iter().rev().map(|p| (p.path.as_str(), *p)).collect();
        let shower = Shower { lang, errors };
        let pages = self.form.pages.iter().zip(&self.pages_shown);
        let shown: Vec<&str> = pages
            .filter(|(_, shown)| **shown)
            .map(|(p, _)| p.id.as_str())
            .collect();
        let number = shown.iter().position(|id| *id == page)?;
        let name = |at: Option<usize>| at.and_then(|at| shown.get(at)).map(|id| (*id).to_owned());
        let sections = found
            .sections
            .clone()
            .filter(|s| self.sections_shown.get(*s) == Some(&true));
        Some(PageView {
            id: found.id.clone(),
            title: found.title.get(lang).to_owned(),
            number: number + 1,
            of: shown.len(),
            previous: name(number.checked_sub(1)),
            next: name(Some(number + 1)),
            problems: own.iter().map(|p| (p.path.clone(), p.text(lang))).collect(),
            sections: sections
                .filter_map(|s| self.section_view(s, &shower))
                .collect(),
        })
    }

    fn section_view(&self, at: usize, shower: &Shower<'_>) -> Option<SectionView> {
        let section = self.form.sections.get(at)?;
        let items: Vec<ItemView> = section
            .fields
            .iter()
            .filter_map(|ix| self.item_view(*ix, shower))
            .collect();
        let title = section
            .title
            .as_ref()
            .map(|t| t.get(shower.lang).to_owned());
        (!items.is_empty()).then(|| SectionView {
            id: section.id.clone(),
            title,
            items,
        })
    }

    fn item_view(&self, ix: usize, shower: &Shower<'_>) -> Option<ItemView> {
        let (field, cell) = (self.form.fields.get(ix)?, self.cells.get(ix)?);
        if !cell.shown {
            return None;
        }
        match &field.kind {
            FieldKind::Question(question) => {
                let view = self.field_view(field.id.clone(), field, question, cell, &[], shower);
                Some(ItemView::Field(Box::new(view)))
            }
            FieldKind::Group(group) => {
                Some(ItemView::Group(self.group_view(ix, field, group, shower)))
            }
        }
    }

    fn group_view(
        &self,
        ix: usize,
        field: &Field,
        group: &Group,
        shower: &Shower<'_>,
    ) -> GroupView {
        let stored = self.rows_of(ix);
        let least = (group.min as usize).max(1);
        let spare: Vec<RowReading<'_>> = (stored.len()..least)
            .map(|index| self.blank_row(group, index))
            .collect();
        let rows: Vec<RowView> = stored
            .iter()
            .map(|row| self.row_view(field, group, row, true, shower))
            .chain(
                spare
                    .iter()
                    .map(|row| self.row_view(field, group, row, false, shower)),
            )
            .collect();
        GroupView {
            id: field.id.clone(),
            label: field.label.get(shower.lang).to_owned(),
            hint: field.hint.as_ref().map(|h| h.get(shower.lang).to_owned()),
            optional: !self.needed(&field.need, &[]),
            can_add: rows.len() < group.max as usize,
            rows,
            error: shower.error(&field.id),
        }
    }

    fn row_view(
        &self,
        field: &Field,
        group: &Group,
        row: &RowReading<'_>,
        can_remove: bool,
        shower: &Shower<'_>,
    ) -> RowView {
        let views = self.children(group, row).map(|(child, question, cell)| {
            let path = format!("{}.{}.{}", field.id, row.index, child.id);
            self.field_view(path, child, question, cell, &row.cells, shower)
        });
        let label = row_label(group, row.index).get(shower.lang).to_owned();
        RowView {
            index: row.index,
            label,
            fields: views.collect(),
            can_remove,
        }
    }

    fn field_view(
        &self,
        path: String,
        field: &Field,
        question: &Question,
        cell: &Cell<'_>,
        row: &[Cell<'_>],
        shower: &Shower<'_>,
    ) -> FieldView {
        let lang = shower.lang;
        let element = &question.element;
        // WCAG 1.3.5 is about data of the user, so tokens are given for the applicant only.
        let own = field.subject == "applicant" && field.parent.is_none();
        let limit = question
            .rules
            .max_chars
            .unwrap_or(element.max_chars)
            .min(element.max_chars);
        let typed = cell.entry.map_or(Typed::default(), |e| e.typed.clone());
        FieldView {
            error: shower.error(&path),
            path,
            label: field.label.get(lang).to_owned(),
            hint: field.hint.as_ref().map(|h| h.get(lang).to_owned()),
            help: field
                .help
                .iter()
                .map(|(i, w)| (i.clone(), w.get(lang).to_owned()))
                .collect(),
            widget: element.widget,
            optional: !self.needed(&field.need, row),
            choices: choices(question, cell, &typed, lang),
            typed,
            unit: question
                .unit
                .as_ref()
                .map(|u| u.get(lang).trim().to_owned()),
            verified: self.verified_view(question, cell, lang),
            read_only: cell.uses_verified,
            source: cell.entry.map(|e| e.source),
            at: cell.entry.and_then(|e| e.at),
            autocomplete: element
                .autocomplete
                .as_deref()
                .filter(|_| own)
                .map(str::to_owned),
            inputmode: element.inputmode.as_deref().map(str::to_owned),
            max_chars: element.is_text().then_some(limit),
        }
    }

    fn verified_view(
        &self,
        question: &Question,
        cell: &Cell<'_>,
        lang: Lang,
    ) -> Option<VerifiedView> {
        let item = cell.verified?;
        let value = if cell.uses_verified {
            cell.value.clone()
        } else {
            crate::understand::understand(question, &item.value, &self.ctx).unwrap_or_default()
        };
        let shown = Cell {
            value,
            uses_verified: true,
            ..Cell::default()
        };
        Some(VerifiedView {
            display: self.display(question, &shown, lang),
            source_name: item.source_name.clone(),
            receipt: item.receipt.clone(),
            at: item.at,
            grade: item.grade,
            disputed: !cell.uses_verified,
        })
    }
}

fn choices(question: &Question, cell: &Cell<'_>, typed: &Typed, lang: Lang) -> Vec<ChoiceView> {
    use crate::value::Value;
    match question.element.data_type {
        DataType::Code | DataType::Codes => {}
        DataType::Bool => return yes_or_no(cell, typed, lang),
        _ => return Vec::new(),
    }
    let ticked = typed.many();
    let selected = |code: &str| match &cell.value {
        Value::Code(chosen) => chosen == code,
        Value::Codes(chosen) => chosen.iter().any(|c| c == code),
        _ => ticked.contains(&code),
    };
    let choice = |c: &crate::elements::Choice| ChoiceView {
        code: c.code.to_string(),
        label: c.label.get(lang).to_owned(),
        selected: selected(&c.code),
    };
    question.choices.iter().map(choice).collect()
}

/// The two answers to a question of yes or no.
fn yes_or_no(cell: &Cell<'_>, typed: &Typed, lang: Lang) -> Vec<ChoiceView> {
    use crate::value::Value;
    let ticked = typed.many();
    [(true, "answer.yes"), (false, "answer.no")]
        .into_iter()
        .map(|(answer, words)| {
            let code = answer.to_string();
            let selected = match &cell.value {
                Value::Bool(chosen) => *chosen == answer,
                _ => ticked.contains(&code.as_str()),
            };
            let label = message(words, "", &[], lang);
            ChoiceView {
                code,
                label,
                selected,
            }
        })
        .collect()
}
