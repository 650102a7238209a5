//! Reading a draft: what each answer means, what is shown, where it came from — worked out once,
//! in the total order of the document, and used by validation, view, progress and submission.

use jiff::Timestamp;

use crate::answers::{Answers, Entry, Row, Source, Typed};
use crate::condition::{Condition, Env, FieldIx};
use crate::context::Ctx;
use crate::document::{Field, FieldKind, FormDocument, Group, Need, Question};
use crate::evidence::{Evidence, EvidenceItem};
use crate::understand::{Issue, understand};
use crate::value::Value;

/// Most rows of a group that are read at all.
const MAX_ROWS_READ: usize = 1000;

/// One field as it stands.
#[derive(Debug, Clone, Default)]
pub struct Cell<'a> {
    /// What the answer means; [`Value::Nothing`] while hidden or not understood.
    pub value: Value,
    /// True when the field is shown.
    pub shown: bool,
    /// Why the answer is refused.
    pub issue: Option<Issue>,
    /// The verified value, if there is one (also while it is disputed).
    pub verified: Option<&'a EvidenceItem>,
    /// True when the verified value is what counts.
    pub uses_verified: bool,
    /// What was typed.
    pub entry: Option<&'a Entry>,
}

impl Cell<'_> {
    /// Where the value that counts came from.
    pub fn source(&self) -> Option<Source> {
        if self.uses_verified {
            Some(Source::Verified)
        } else {
            self.entry.map(|e| e.source)
        }
    }

    /// True when something is there, understood or not.
    pub fn is_answered(&self) -> bool {
        self.uses_verified || self.entry.is_some_and(|e| !e.typed.is_blank())
    }
}

/// One row of a repeating group.
#[derive(Debug, Clone)]
pub struct RowReading<'a> {
    /// Place in the draft, from 0.
    pub index: usize,
    /// True when nothing is typed in the row.
    pub blank: bool,
    /// Cells in the order of the group's fields.
    pub cells: Vec<Cell<'a>>,
}

/// A draft that has been read.
#[derive(Debug)]
pub struct Reading<'a> {
    pub(crate) form: &'a FormDocument,
    pub(crate) answers: &'a Answers,
    pub(crate) evidence: &'a Evidence,
    pub(crate) ctx: Ctx<'a>,
    pub(crate) cells: Vec<Cell<'a>>,
    pub(crate) rows: Vec<(FieldIx, Vec<RowReading<'a>>)>,
    pub(crate) pages_shown: Vec<bool>,
    pub(crate) sections_shown: Vec<bool>,
}

/// The verified value of a field, unless it is too old or belongs to another mode.
pub(crate) fn verified_of<'a>(
    field: &Field,
    evidence: &'a Evidence,
    now: Timestamp,
) -> Option<&'a EvidenceItem> {
    let prefill = field.prefill.as_ref().filter(|p| p.verified)?;
    let item = evidence.get(&prefill.key).filter(|i| !i.value.is_blank())?;
    let age = now.as_second().saturating_sub(item.at.as_second());
    prefill
        .max_age
        .is_none_or(|most| age <= most)
        .then_some(item)
}

impl FormDocument {
    /// Reads a draft.
    pub fn read<'a>(
        &'a self,
        answers: &'a Answers,
        evidence: &'a Evidence,
        ctx: &Ctx<'a>,
    ) -> Reading<'a> {
        let mut reading = Reading {
            form: self,
            answers,
            evidence,
            ctx: *ctx,
            cells: vec![Cell::default(); self.fields.len()],
            rows: Vec::new(),
            pages_shown: vec![false; self.pages.len()],
            sections_shown: vec![false; self.sections.len()],
        };
        let mut asked = Asked {
            pages: vec![None; self.pages.len()],
            sections: vec![None; self.sections.len()],
        };
        for ix in &self.order {
            reading.settle(*ix, &mut asked);
        }
        for (at, page) in self.pages.iter().enumerate() {
            reading.page_shown(at, &mut asked);
            for section in page.sections.clone() {
                reading.section_shown(section, &mut asked);
            }
        }
        reading.pages_shown = asked.pages.into_iter().map(|s| s == Some(true)).collect();
        reading.sections_shown = asked
            .sections
            .into_iter()
            .map(|s| s == Some(true))
            .collect();
        reading
    }
}

/// Conditions of pages and sections that have been worked out.
struct Asked {
    pages: Vec<Option<bool>>,
    sections: Vec<Option<bool>>,
}

impl<'a> Reading<'a> {
    /// The cell of a field outside groups.
    pub fn cell(&self, field: &str) -> Option<&Cell<'a>> {
        self.cells.get(*self.form.by_id.get(field)?)
    }

    /// The rows of a repeating group.
    pub fn rows(&self, group: &str) -> &[RowReading<'a>] {
        self.form
            .by_id
            .get(group)
            .map_or(&[], |ix| self.rows_of(*ix))
    }

    pub(crate) fn rows_of(&self, group: FieldIx) -> &[RowReading<'a>] {
        self.rows
            .iter()
            .find(|(ix, _)| *ix == group)
            .map_or(&[], |(_, rows)| rows)
    }

    pub(crate) fn env<'e>(&'e self, row: &'e [Cell<'a>]) -> Env<'e> {
        Env {
            cells: &self.cells,
            row,
            evidence: self.evidence,
            ctx: &self.ctx,
        }
    }

    pub(crate) fn holds(&self, condition: Option<&Condition>, row: &[Cell<'a>]) -> bool {
        condition.is_none_or(|c| c.holds(&self.env(row)))
    }

    /// True when an answer is needed now.
    pub(crate) fn needed(&self, need: &Need, row: &[Cell<'a>]) -> bool {
        match need {
            Need::Always => true,
            Need::Never => false,
            Need::If(condition) => self.holds(Some(condition), row),
        }
    }

    fn page_shown(&self, page: usize, asked: &mut Asked) -> bool {
        let condition = self.form.pages.get(page).and_then(|p| p.show_if.as_ref());
        match asked.pages.get_mut(page) {
            Some(place) => *place.get_or_insert_with(|| self.holds(condition, &[])),
            None => false,
        }
    }

    fn section_shown(&self, section: usize, asked: &mut Asked) -> bool {
        if let Some(known) = asked.sections.get(section).copied().flatten() {
            return known;
        }
        let Some(found) = self.form.sections.get(section) else {
            return false;
        };
        let shown = self.page_shown(found.page, asked) && self.holds(found.show_if.as_ref(), &[]);
        if let Some(place) = asked.sections.get_mut(section) {
            *place = Some(shown);
        }
        shown
    }

    fn settle(&mut self, ix: FieldIx, asked: &mut Asked) {
        let form = self.form;
        let Some(field) = form.fields.get(ix) else {
            return;
        };
        let shown =
            self.section_shown(field.section, asked) && self.holds(field.show_if.as_ref(), &[]);
        let cell = match &field.kind {
            FieldKind::Question(question) => {
                let verified = verified_of(field, self.evidence, self.ctx.now);
                let disputed = verified.is_some() && self.answers.is_disputed(&field.id);
                let entry = self.answers.get(&field.id);
                understood(question, shown, verified, disputed, entry, &self.ctx)
            }
            FieldKind::Group(group) => {
                let rows = if shown {
                    self.read_rows(field, group)
                } else {
                    Vec::new()
                };
                let filled = rows.iter().filter(|r| !r.blank).count();
                self.rows.push((ix, rows));
                let value = i64::try_from(filled).map_or(Value::Nothing, Value::Integer);
                Cell {
                    value: if shown { value } else { Value::Nothing },
                    shown,
                    ..Cell::default()
                }
            }
        };
        if let Some(place) = self.cells.get_mut(ix) {
            *place = cell;
        }
    }

    fn read_rows(&self, field: &Field, group: &Group) -> Vec<RowReading<'a>> {
        let answers: &'a Answers = self.answers;
        let rows = answers
            .rows(&field.id)
            .iter()
            .take(MAX_ROWS_READ)
            .enumerate();
        rows.map(|(index, row)| self.read_row(group, index, row))
            .collect()
    }

    /// A row that is shown but not in the draft yet.
    pub(crate) fn blank_row(&self, group: &Group, index: usize) -> RowReading<'a> {
        let mut cells: Vec<Cell<'a>> = vec![Cell::default(); group.children.len()];
        for place in &group.order {
            let field = group
                .children
                .get(*place)
                .and_then(|ix| self.form.fields.get(*ix));
            let shown = field.is_some_and(|f| self.holds(f.show_if.as_ref(), &cells));
            if let Some(cell) = cells.get_mut(*place) {
                cell.shown = shown;
            }
        }
        RowReading {
            index,
            blank: true,
            cells,
        }
    }

    fn read_row(&self, group: &Group, index: usize, row: &'a Row) -> RowReading<'a> {
        let mut cells = vec![Cell::default(); group.children.len()];
        for place in &group.order {
            let field = group
                .children
                .get(*place)
                .and_then(|ix| self.form.fields.get(*ix));
            let Some((field, question)) = field.and_then(|f| Some((f, f.question()?))) else {
                continue;
            };
            let shown = self.holds(field.show_if.as_ref(), &cells);
            let cell = understood(question, shown, None, false, row.get(&field.id), &self.ctx);
            if let Some(target) = cells.get_mut(*place) {
                *target = cell;
            }
        }
        let blank = row.values().all(|entry| entry.typed.is_blank());
        RowReading {
            index,
            blank,
            cells,
        }
    }
}

fn understood<'a>(
    question: &Question,
    shown: bool,
    verified: Option<&'a EvidenceItem>,
    disputed: bool,
    entry: Option<&'a Entry>,
    ctx: &Ctx<'_>,
) -> Cell<'a> {
    let mut cell = Cell {
        shown,
        verified,
        entry,
        ..Cell::default()
    };
    if !shown {
        return cell;
    }
    if let Some(item) = verified.filter(|_| !disputed) {
        match understand(question, &item.value, ctx) {
            Ok(value) => {
                cell.value = value;
                cell.uses_verified = true;
                return cell;
            }
            // What the source sent cannot be read: the applicant is asked, nothing is guessed.
            Err(_) => cell.verified = None,
        }
    }
    let typed: Option<&Typed> = entry.map(|e| &e.typed);
    match typed.map(|t| understand(question, t, ctx)) {
        Some(Ok(value)) => cell.value = value,
        Some(Err(issue)) => cell.issue = Some(issue),
        None => {}
    }
    cell
}
