//! From the pairs of an HTML form post to answers.
//!
//! Names: `area`; `opened.y` `.m` `.d`; `place.division` `.detail`; `signs.0.w`; `signs.add` and
//! `signs.0.remove` (buttons); `area.confirm` (a recognised text was checked). A field that is not
//! in the post stays as it is, so a renderer puts an empty hidden input of the same name before
//! tick boxes. Names that start with `_` belong to the web layer. Bad values are kept as typed.

use std::collections::BTreeMap;

use crate::answers::{Answers, Entry, Stamp, Typed};
use crate::context::Ctx;
use crate::document::{Field, FieldKind, FormDocument};
use crate::elements::DataType;
use crate::evidence::Evidence;
use crate::read::verified_of;
use crate::understand::understand;

/// Most pairs of a post that are looked at.
const MAX_PAIRS: usize = 5_000;
/// Longest text of one box in bytes.
const MAX_TEXT: usize = 100_000;
/// Most values of one name (ticks, files).
const MAX_VALUES: usize = 1_000;

/// A part of a post that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Name in the post, shortened.
    pub name: String,
    /// Why.
    pub why: WhyIgnored,
}

/// Why a part of a post was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyIgnored {
    /// No such field.
    Unknown,
    /// The field is on another page.
    OtherPage,
    /// The field has a verified value; values from a browser never replace it.
    Verified,
    /// Longer than any field allows.
    TooLong,
    /// More rows than the group has.
    TooManyRows,
    /// More pairs than a page can have.
    TooManyPairs,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Posted {
    values: Vec<String>,
    parts: BTreeMap<String, String>,
    confirmed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum RowAction {
    Add(String),
    Remove(String, usize),
}

/// A post that has been taken apart, not yet merged into the draft.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageInput {
    page: String,
    fields: BTreeMap<String, Posted>,
    rows: BTreeMap<(String, usize), BTreeMap<String, Posted>>,
    actions: Vec<RowAction>,
    /// What was not taken.
    pub ignored: Vec<Ignored>,
}

enum Target {
    Field(String, Part),
    Cell(String, usize, String, Part),
    Action(RowAction),
    Nothing,
}

enum Part {
    Whole,
    Named(&'static str),
    Confirm,
}

impl FormDocument {
    /// Takes a post apart. Nothing is judged here, and nothing can fail.
    pub fn parse_post(&self, page: &str, pairs: &[(String, String)]) -> PageInput {
        let mut input = PageInput {
            page: page.to_owned(),
            ..PageInput::default()
        };
        let at = self.page_index(page);
        for (name, value) in pairs.iter().take(MAX_PAIRS) {
            if name.starts_with('_') {
                continue;
            }
            if value.len() > MAX_TEXT {
                input.ignore(name, WhyIgnored::TooLong);
                continue;
            }
            match self.target(at, name) {
                Ok(target) => input.take(target, value),
                Err(why) => input.ignore(name, why),
            }
        }
        if let Some((name, _)) = pairs.get(MAX_PAIRS) {
            input.ignore(name, WhyIgnored::TooManyPairs);
        }
        input
    }

    fn target(&self, page: Option<usize>, name: &str) -> Result<Target, WhyIgnored> {
        let mut steps = name.splitn(4, '.');
        let id = steps.next().unwrap_or("");
        let (second, third, fourth) = (steps.next(), steps.next(), steps.next());
        let field = self
            .field(id)
            .filter(|f| f.parent.is_none())
            .ok_or(WhyIgnored::Unknown)?;
        if self.sections.get(field.section).map(|s| s.page) != page {
            return Err(WhyIgnored::OtherPage);
        }
        let FieldKind::Group(group) = &field.kind else {
            return match third {
                None => Ok(Target::Field(id.to_owned(), part(field, second)?)),
                Some(_) => Err(WhyIgnored::Unknown),
            };
        };
        match (second, third) {
            (Some("add"), None) => return Ok(Target::Action(RowAction::Add(id.to_owned()))),
            (Some("rows"), None) => return Ok(Target::Nothing),
            _ => {}
        }
        let index: usize = second.and_then(row_index).ok_or(WhyIgnored::Unknown)?;
        if index >= group.max as usize {
            return Err(WhyIgnored::TooManyRows);
        }
        let third = third.ok_or(WhyIgnored::Unknown)?;
        if third == "remove" && fourth.is_none() {
            return Ok(Target::Action(RowAction::Remove(id.to_owned(), index)));
        }
        let children = group.children.iter().filter_map(|ix| self.fields.get(*ix));
        let child = children
            .into_iter()
            .find(|f| f.id == third)
            .ok_or(WhyIgnored::Unknown)?;
        Ok(Target::Cell(
            id.to_owned(),
            index,
            third.to_owned(),
            part(child, fourth)?,
        ))
    }
}

fn row_index(text: &str) -> Option<usize> {
    let plain = !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn part(field: &Field, name: Option<&str>) -> Result<Part, WhyIgnored> {
    let data_type = field.question().map(|q| q.element.data_type);
    match (name, data_type) {
        (None, _) => Ok(Part::Whole),
        (Some("confirm"), _) => Ok(Part::Confirm),
        (Some("y"), Some(DataType::Date)) => Ok(Part::Named("y")),
        (Some("m"), Some(DataType::Date)) => Ok(Part::Named("m")),
        (Some("d"), Some(DataType::Date)) => Ok(Part::Named("d")),
        (Some("division"), Some(DataType::Address)) => Ok(Part::Named("division")),
        (Some("detail"), Some(DataType::Address)) => Ok(Part::Named("detail")),
        _ => Err(WhyIgnored::Unknown),
    }
}

impl Posted {
    fn put(&mut self, part: Part, value: &str) {
        match part {
            Part::Whole if self.values.len() < MAX_VALUES => self.values.push(value.to_owned()),
            Part::Whole => {}
            Part::Named(name) => {
                self.parts.insert(name.to_owned(), value.to_owned());
            }
            Part::Confirm => self.confirmed = true,
        }
    }

    /// What was typed, in the shape that the field is asked in.
    fn typed(&self, field: &Field) -> Option<Typed> {
        let data_type = field.question().map(|q| q.element.data_type);
        if !self.parts.is_empty() {
            return Some(Typed::Parts(self.parts.clone()));
        }
        let last = self.values.last()?;
        match data_type {
            Some(DataType::Codes | DataType::Files) => {
                let ticked = self.values.iter().filter(|v| !v.is_empty()).cloned();
                Some(Typed::Many(ticked.collect()))
            }
            _ => Some(Typed::One(last.clone())),
        }
    }
}

impl PageInput {
    fn ignore(&mut self, name: &str, why: WhyIgnored) {
        if self.ignored.len() < 100 {
            self.ignored.push(Ignored {
                name: name.chars().take(80).collect(),
                why,
            });
        }
    }

    fn take(&mut self, target: Target, value: &str) {
        match target {
            Target::Field(id, part) => self.fields.entry(id).or_default().put(part, value),
            Target::Cell(group, index, child, part) => {
                let row = self.rows.entry((group, index)).or_default();
                row.entry(child).or_default().put(part, value);
            }
            Target::Action(action) if self.actions.len() < 10 => self.actions.push(action),
            Target::Action(_) | Target::Nothing => {}
        }
    }

    /// True when a button that adds or removes a row was pressed: show the page again.
    pub fn has_row_action(&self) -> bool {
        !self.actions.is_empty()
    }

    /// Merges the post into the draft and marks the page as saved. Verified fields are left alone
    /// and reported, together with everything else that was not taken.
    pub fn merge_into(
        self,
        form: &FormDocument,
        answers: &mut Answers,
        evidence: &Evidence,
        ctx: &Ctx<'_>,
        stamp: &Stamp,
    ) -> Vec<Ignored> {
        let Self {
            page,
            fields,
            rows,
            actions,
            mut ignored,
        } = self;
        for (id, posted) in fields {
            let Some(field) = form.field(&id) else {
                continue;
            };
            if counts_as_verified(field, answers, evidence, ctx) {
                ignored.push(Ignored {
                    name: id,
                    why: WhyIgnored::Verified,
                });
                continue;
            }
            put(&mut answers.entries, field, &posted, stamp);
        }
        for ((group, index), cells) in rows {
            let list = answers.groups.entry(group).or_default();
            if list.len() <= index {
                list.resize_with(index + 1, BTreeMap::new);
            }
            let Some(row) = list.get_mut(index) else {
                continue;
            };
            for (id, posted) in cells {
                if let Some(field) = form.field(&id) {
                    put(row, field, &posted, stamp);
                }
            }
        }
        for action in actions {
            act(form, answers, action);
        }
        if form.page_index(&page).is_some() {
            answers.saved.insert(page);
        }
        ignored
    }
}

/// True when the verified value is what counts for the field.
fn counts_as_verified(
    field: &Field,
    answers: &Answers,
    evidence: &Evidence,
    ctx: &Ctx<'_>,
) -> bool {
    let (Some(question), Some(item)) = (field.question(), verified_of(field, evidence, ctx.now))
    else {
        return false;
    };
    !answers.is_disputed(&field.id) && understand(question, &item.value, ctx).is_ok()
}

/// An unchanged answer keeps where it came from.
fn put(entries: &mut BTreeMap<String, Entry>, field: &Field, posted: &Posted, stamp: &Stamp) {
    if let Some(typed) = posted.typed(field) {
        let same = entries.get(&field.id).is_some_and(|e| e.typed == typed);
        if !same {
            entries.insert(field.id.clone(), Entry::new(typed, stamp));
        }
    }
    if let Some(entry) = entries.get_mut(&field.id).filter(|_| posted.confirmed) {
        entry.confirmed = true;
    }
}

fn act(form: &FormDocument, answers: &mut Answers, action: RowAction) {
    match action {
        RowAction::Add(id) => {
            let most = form
                .field(&id)
                .and_then(|f| f.group())
                .map_or(0, |g| g.max as usize);
            let rows = answers.groups.entry(id).or_default();
            if rows.len() < most {
                rows.push(BTreeMap::new());
            }
        }
        RowAction::Remove(id, index) => {
            if let Some(rows) = answers
                .groups
                .get_mut(&id)
                .filter(|rows| index < rows.len())
            {
                rows.remove(index);
            }
        }
    }
}
