//! Validation of a page and of the whole form. One function for web, kiosk, counter and API.

use std::collections::HashMap;

use serde::Serialize;
use serde::ser::SerializeStruct;

use crate::answers::{Answers, Source};
use crate::context::Ctx;
use crate::document::{CrossCheck, Field, FieldKind, FormDocument, Group, OnFail, Question};
use crate::elements::DataType;
use crate::evidence::Evidence;
use crate::read::{Cell, Reading, RowReading};
use crate::understand::Issue;
use crate::value::{Decimal, Value};
use crate::words::{Arg, Args, Lang, Words, message};

/// Most problems that are reported at once.
const MAX_PROBLEMS: usize = 500;

/// Something the applicant must change, or the reviewer should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Field path, such as `area` or `signs.0.w`; also the anchor of the field on its page.
    pub path: String,
    /// Page the field is on.
    pub page: String,
    /// Stable code: the message id, or `check` for a cross-field check.
    pub code: &'static str,
    /// Arguments of the message.
    pub args: Args,
    /// Label of the field.
    pub label: Words,
    element: String,
    own_words: Option<Words>,
}

impl Problem {
    /// The sentence for people.
    pub fn text(&self, lang: Lang) -> String {
        match &self.own_words {
            Some(words) => words.get(lang).to_owned(),
            None => message(self.code, &self.element, &self.args, lang),
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Problem", 5)?;
        out.serialize_field("path", &self.path)?;
        out.serialize_field("page", &self.page)?;
        out.serialize_field("code", self.code)?;
        out.serialize_field("zh-CN", &self.text(Lang::Zh))?;
        out.serialize_field("en", &self.text(Lang::En))?;
        out.end()
    }
}

/// Why the application cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Page or reason key.
    pub target: String,
    /// The sentence for people.
    pub words: Words,
}

/// What validation found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What the applicant must change, in page order.
    pub problems: Vec<Problem>,
    /// Remarks for the reviewer; they do not prevent submission.
    pub notes: Vec<Problem>,
    /// Conditions that end the application.
    pub stops: Vec<Stopped>,
}

impl Outcome {
    /// True when the application may be submitted.
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty() && self.stops.is_empty()
    }
}

impl FormDocument {
    /// Validates the whole form.
    pub fn validate(&self, answers: &Answers, evidence: &Evidence, ctx: &Ctx<'_>) -> Outcome {
        self.read(answers, evidence, ctx).validate()
    }

    /// Validates one page; an unknown page has no problems.
    pub fn validate_page(
        &self,
        page: &str,
        answers: &Answers,
        evidence: &Evidence,
        ctx: &Ctx<'_>,
    ) -> Vec<Problem> {
        self.read(answers, evidence, ctx).validate_page(page)
    }
}

impl Reading<'_> {
    /// Validates the whole form.
    pub fn validate(&self) -> Outcome {
        let mut outcome = Outcome::default();
        for page in 0..self.form.pages.len() {
            self.page_problems(page, &mut outcome);
        }
        self.cross_checks(None, &mut outcome);
        outcome.problems.truncate(MAX_PROBLEMS);
        let stops = self
            .form
            .stops
            .iter()
            .filter(|s| self.holds(Some(&s.condition), &[]));
        outcome.stops = stops
            .map(|s| Stopped {
                target: s.target.clone(),
                words: s.words.clone(),
            })
            .collect();
        outcome
    }

    /// Validates one page.
    pub fn validate_page(&self, page: &str) -> Vec<Problem> {
        let Some(at) = self.form.page_index(page) else {
            return Vec::new();
        };
        let mut outcome = Outcome::default();
        self.page_problems(at, &mut outcome);
        self.cross_checks(Some(at), &mut outcome);
        outcome.problems.truncate(MAX_PROBLEMS);
        outcome.problems
    }

    fn page_problems(&self, page: usize, out: &mut Outcome) {
        for ix in self.form.page_fields(page) {
            let (Some(field), Some(cell)) = (self.form.fields.get(ix), self.cells.get(ix)) else {
                continue;
            };
            if !cell.shown || out.problems.len() >= MAX_PROBLEMS {
                continue;
            }
            match &field.kind {
                FieldKind::Question(question) => {
                    if let Some(issue) = self.issue_of(field, question, cell, &[]) {
                        out.problems
                            .push(self.problem(field, field.id.clone(), None, issue));
                    }
                    self.near(field, question, cell, out);
                }
                FieldKind::Group(group) => self.group_problems(field, group, self.rows_of(ix), out),
            }
        }
    }

    fn issue_of<'c>(
        &self,
        field: &Field,
        question: &Question,
        cell: &'c Cell<'_>,
        row: &[Cell<'_>],
    ) -> Option<std::borrow::Cow<'c, Issue>> {
        use std::borrow::Cow::{Borrowed, Owned};
        if let Some(issue) = &cell.issue {
            return Some(Borrowed(issue));
        }
        if cell.value.is_nothing() {
            let waits = field
                .prefill
                .as_ref()
                .is_some_and(|p| p.verified && p.on_fail == OnFail::Wait);
            let needed = !waits && self.needed(&field.need, row);
            return needed.then(|| Owned(Issue::new(required_id(question))));
        }
        let unconfirmed = !cell.uses_verified
            && cell
                .entry
                .is_some_and(|e| e.source == Source::ScanOcr && !e.confirmed);
        unconfirmed.then(|| Owned(Issue::new("scan.unconfirmed")))
    }

    fn problem(
        &self,
        field: &Field,
        path: String,
        row: Option<&Words>,
        issue: std::borrow::Cow<'_, Issue>,
    ) -> Problem {
        let Issue { id, mut args } = issue.into_owned();
        let label = match row {
            Some(row) => Words {
                zh: format!("{}的{}", row.zh, field.label.zh).into(),
                en: Some(format!("{} in {}", field.label.get(Lang::En), row.get(Lang::En)).into()),
            },
            None => field.label.clone(),
        };
        args.push(("label", Arg::Words(label.clone())));
        let element = field
            .question()
            .map_or(String::new(), |q| q.element.code.to_string());
        Problem {
            path,
            page: self.page_of(field),
            code: id,
            args,
            label,
            element,
            own_words: None,
        }
    }

    pub(crate) fn page_of(&self, field: &Field) -> String {
        let section = self.form.sections.get(field.section);
        let page = section.and_then(|s| self.form.pages.get(s.page));
        page.map_or(String::new(), |p| p.id.clone())
    }

    fn group_problems(
        &self,
        field: &Field,
        group: &Group,
        rows: &[RowReading<'_>],
        out: &mut Outcome,
    ) {
        let filled = rows.iter().filter(|r| !r.blank).count();
        let mut refuse = |issue: Issue| {
            let issue = std::borrow::Cow::Owned(issue);
            out.problems
                .push(self.problem(field, field.id.clone(), None, issue));
        };
        // An optional group may stay empty; once begun it needs its fewest rows.
        let needed = self.needed(&field.need, &[]) || filled > 0;
        if needed && filled < group.min as usize {
            refuse(
                Issue::new("group.too_few")
                    .with("min", group.min)
                    .with("now", filled),
            );
        }
        if filled > group.max as usize {
            refuse(
                Issue::new("group.too_many")
                    .with("max", group.max)
                    .with("now", filled),
            );
            return;
        }
        for row in rows.iter().filter(|r| !r.blank) {
            let label = row_label(group, row.index);
            for (child, question, cell) in self.children(group, row) {
                if let Some(issue) = self.issue_of(child, question, cell, &row.cells) {
                    let path = format!("{}.{}.{}", field.id, row.index, child.id);
                    out.problems
                        .push(self.problem(child, path, Some(&label), issue));
                }
            }
        }
        self.duplicates(field, group, rows, out);
    }

    /// The shown cells of a row with their fields.
    pub(crate) fn children<'r, 'a>(
        &'r self,
        group: &'r Group,
        row: &'r RowReading<'a>,
    ) -> impl Iterator<Item = (&'r Field, &'r Question, &'r Cell<'a>)> {
        let cells = group
            .children
            .iter()
            .zip(&row.cells)
            .filter(|(_, cell)| cell.shown);
        cells.filter_map(|(ix, cell)| {
            let field = self.form.fields.get(*ix)?;
            Some((field, field.question()?, cell))
        })
    }

    fn duplicates(&self, field: &Field, group: &Group, rows: &[RowReading<'_>], out: &mut Outcome) {
        let unique = |ix: usize| {
            let child = self.form.fields.get(ix);
            child.filter(|f| f.question().is_some_and(|q| q.rules.unique))
        };
        for (place, ix) in group.children.iter().enumerate() {
            let Some(child) = unique(*ix) else { continue };
            let mut seen: HashMap<String, usize> = HashMap::new();
            for row in rows {
                let Some(cell) = row.cells.get(place) else {
                    continue;
                };
                if cell.value.is_nothing() {
                    continue;
                }
                let key = cell.value.to_json().to_string();
                match seen.get(&key) {
                    Some(first) => {
                        let issue = Issue::new("group.duplicate").with("first", first + 1);
                        let path = format!("{}.{}.{}", field.id, row.index, child.id);
                        let label = row_label(group, row.index);
                        let issue = std::borrow::Cow::Owned(issue);
                        out.problems
                            .push(self.problem(child, path, Some(&label), issue));
                    }
                    None => {
                        seen.insert(key, row.index);
                    }
                }
            }
        }
    }

    fn near(&self, field: &Field, question: &Question, cell: &Cell<'_>, out: &mut Outcome) {
        let Some(near) = &question.rules.near else {
            return;
        };
        let verified = self
            .evidence
            .text(&near.evidence)
            .and_then(|t| Decimal::parse(t.trim()));
        let (Some(verified), Some(stated)) = (verified, millionths(&cell.value)) else {
            return;
        };
        let verified_units = i128::from(verified.millionths());
        let allowed = verified_units.abs() * i128::from(near.percent);
        if (stated - verified_units).abs() * 100 <= allowed {
            return;
        }
        let stated = i64::try_from(stated)
            .map(Decimal::from_millionths)
            .unwrap_or_default();
        let issue = Issue::new("near.differs")
            .with("value", stated)
            .with("verified", verified)
            .with("pct", near.percent);
        let problem = self.problem(
            field,
            field.id.clone(),
            None,
            std::borrow::Cow::Owned(issue),
        );
        if near.refuse {
            out.problems.push(problem)
        } else {
            out.notes.push(problem)
        }
    }

    fn cross_checks(&self, page: Option<usize>, out: &mut Outcome) {
        for check in &self.form.checks {
            let Some(field) = self.form.fields.get(check.at) else {
                continue;
            };
            let on_page = self.form.sections.get(field.section).map(|s| s.page);
            if page.is_some() && page != on_page {
                continue;
            }
            for path in self.failing(field, check) {
                let problem = Problem {
                    path,
                    page: self.page_of(field),
                    code: "check",
                    args: Vec::new(),
                    label: field.label.clone(),
                    element: String::new(),
                    own_words: Some(check.words.clone()),
                };
                if check.refuse {
                    out.problems.push(problem)
                } else {
                    out.notes.push(problem)
                }
            }
        }
    }

    /// Paths at which a cross-field check fails: the field, or its cell in each failing row.
    fn failing(&self, field: &Field, check: &CrossCheck) -> Vec<String> {
        let Some(parent) = field.parent else {
            let shown = self.cells.get(check.at).is_some_and(|c| c.shown);
            let fails = shown && self.holds(Some(&check.condition), &[]);
            return if fails {
                vec![field.id.clone()]
            } else {
                Vec::new()
            };
        };
        let Some((group_field, group)) = self
            .form
            .fields
            .get(parent)
            .and_then(|f| Some((f, f.group()?)))
        else {
            return Vec::new();
        };
        let place = group.children.iter().position(|c| *c == check.at);
        let rows = self
            .rows_of(parent)
            .iter()
            .filter(|r| !r.blank)
            .take(MAX_PROBLEMS);
        let failing = rows.filter(|row| {
            let shown = place
                .and_then(|p| row.cells.get(p))
                .is_some_and(|c| c.shown);
            shown && self.holds(Some(&check.condition), &row.cells)
        });
        failing
            .map(|row| format!("{}.{}.{}", group_field.id, row.index, field.id))
            .collect()
    }
}

fn millionths(value: &Value) -> Option<i128> {
    match value {
        Value::Integer(n) => Some(i128::from(*n) * 1_000_000),
        Value::Money(fen) => Some(i128::from(*fen) * 10_000),
        Value::Decimal(n) => Some(i128::from(n.millionths())),
        _ => None,
    }
}

fn required_id(question: &Question) -> &'static str {
    match question.element.data_type {
        DataType::Code | DataType::Codes | DataType::Bool => "required.choose",
        DataType::Files => "required.upload",
        _ => "required",
    }
}

/// Heading of a row: `{n}` is its number, from 1.
pub(crate) fn row_label(group: &Group, index: usize) -> Words {
    let number = (index + 1).to_string();
    Words {
        zh: group.label_of.zh.replace("{n}", &number).into(),
        en: group
            .label_of
            .en
            .as_ref()
            .map(|en| en.replace("{n}", &number).into()),
    }
}
