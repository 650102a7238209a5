//! Static analysis before publication: contradictory rules, fields that can never be shown,
//! missing words, crowded pages. Only what is certain is an error.

use std::collections::HashMap;

use super::{DayBound, Field, FieldKind, FormDocument, FormError, FormErrorKind as Kind, Rules};
use crate::condition::{Comparison, Condition, FieldIx, Literal, Operand, Test};
use crate::elements::{DataType, Element};
use crate::understand::{larger, smaller};
use crate::value::Decimal;
use crate::words::Words;

/// Most alternatives that are followed; beyond that a condition counts as possible.
const MAX_WAYS: usize = 64;
/// Most facts of one alternative.
const MAX_FACTS: usize = 64;
/// Questions that fit on one page.
const COMFORTABLE: usize = 7;

/// What the analysis found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Analysis {
    /// Must be corrected before publication.
    pub errors: Vec<FormError>,
    /// Worth a look.
    pub warnings: Vec<FormError>,
}

impl Analysis {
    fn error(&mut self, path: impl Into<String>, kind: Kind) {
        self.errors.push(FormError {
            path: path.into(),
            kind,
        });
    }

    fn warn(&mut self, path: impl Into<String>, kind: Kind) {
        self.warnings.push(FormError {
            path: path.into(),
            kind,
        });
    }

    fn words(&mut self, path: &str, what: &'static str, words: &Words) {
        if words.is_empty() {
            self.error(path, Kind::MissingWords(what));
        } else if words.en.is_none() {
            self.warn(path, Kind::Untranslated);
        }
    }
}

pub(super) fn analyse(doc: &FormDocument) -> Analysis {
    let mut out = Analysis::default();
    out.words("/title", "标题", &doc.title);
    for (at, page) in doc.pages.iter().enumerate() {
        let path = format!("/pages/{}", page.id);
        out.words(&path, "标题", &page.title);
        let questions = doc.page_fields(at).filter(|ix| asks(doc, *ix)).count();
        if questions > COMFORTABLE {
            out.warn(&path, Kind::CrowdedPage(questions));
        }
        if doc.page_fields(at).next().is_none() {
            out.warn(&path, Kind::EmptyPage);
        }
    }
    let mut asked: HashMap<(&str, &str), &str> = HashMap::new();
    for field in &doc.fields {
        let path = format!("/fields/{}", field.id);
        out.words(&path, "标签", &field.label);
        match &field.kind {
            FieldKind::Question(question) => {
                rules(
                    &path,
                    &question.element,
                    &question.rules,
                    question.choices.len(),
                    &mut out,
                );
                for choice in question.choices.iter() {
                    out.words(
                        &format!("{path}/choices/{}", choice.code),
                        "选项",
                        &choice.label,
                    );
                }
                let code = question.element.code.as_ref();
                let general = [
                    "choice.", "text.", "number.", "file.", "date.", "measure.", "count.",
                ];
                if field.parent.is_none()
                    && !general.iter().any(|g| code.starts_with(g))
                    && let Some(first) = asked.insert((code, &field.subject), &field.id)
                {
                    out.warn(&path, Kind::AskedTwice(first.to_owned()));
                }
            }
            FieldKind::Group(group) if group.min > group.max => {
                let words = format!("至少 {} 组，最多 {} 组", group.min, group.max);
                out.error(&path, Kind::Contradiction(words));
            }
            FieldKind::Group(group) if group.children.is_empty() => {
                out.error(&path, Kind::Missing("fields"));
            }
            FieldKind::Group(_) => {}
        }
    }
    for material in &doc.materials {
        out.words(
            &format!("/materials/{}", material.id),
            "名称",
            &material.name,
        );
    }
    for (at, check) in doc.checks.iter().enumerate() {
        out.words(&format!("/checks/{at}"), "提示", &check.words);
    }
    for (at, stop) in doc.stops.iter().enumerate() {
        out.words(&format!("/stop/{at}"), "提示", &stop.words);
    }
    reach(doc, &mut out);
    out
}

/// True when the applicant normally has to answer: not prefilled with a verified value.
fn asks(doc: &FormDocument, ix: FieldIx) -> bool {
    let field = doc.fields.get(ix);
    field.is_some_and(|f| f.prefill.as_ref().is_none_or(|p| !p.verified))
}

fn rules(path: &str, element: &Element, rules: &Rules, choices: usize, out: &mut Analysis) {
    let mut clash = |words: String| out.error(path, Kind::Contradiction(words));
    let min = larger(element.min, rules.min);
    let max = smaller(element.max, rules.max);
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        clash(format!("不小于 {min}，又不大于 {max}"));
    }
    let low = rules.min_chars.unwrap_or(0).max(element.min_chars);
    let high = rules
        .max_chars
        .unwrap_or(element.max_chars)
        .min(element.max_chars);
    if low > high {
        clash(format!("至少 {low} 个字，又最多 {high} 个字"));
    }
    if let (Some(min), Some(max)) = (rules.min_items, rules.max_items)
        && min > max
    {
        clash(format!("至少 {min} 项，又最多 {max} 项"));
    }
    if let Some(min) = rules.min_items
        && element.data_type == DataType::Codes
        && min as usize > choices
    {
        clash(format!("至少选 {min} 项，但只有 {choices} 个选项"));
    }
    let empty_days = match (rules.min_day, rules.max_day) {
        (Some(DayBound::Day(a)), Some(DayBound::Day(b))) => a > b,
        (Some(DayBound::Today(a)), Some(DayBound::Today(b))) => a > b,
        _ => false,
    };
    if empty_days {
        clash("最早的日期晚于最晚的日期".to_owned());
    }
}

/// One fact that must hold: a test that is no connective, and whether it is negated.
type Fact<'d> = (&'d Test, bool);
/// Alternatives, each a list of facts. `None`: too many to follow.
type Ways<'d> = Option<Vec<Vec<Fact<'d>>>>;

fn both<'d>(a: Ways<'d>, b: Ways<'d>) -> Ways<'d> {
    let (a, b) = (a?, b?);
    if a.len().saturating_mul(b.len()) > MAX_WAYS {
        return None;
    }
    let mut out = Vec::with_capacity(a.len() * b.len());
    for left in &a {
        out.extend(
            b.iter()
                .map(|right| left.iter().chain(right).copied().collect::<Vec<_>>()),
        );
    }
    // A way with too many facts is cut: fewer facts can only make it more possible.
    out.iter_mut().for_each(|way| way.truncate(MAX_FACTS));
    Some(out)
}

fn either<'d>(a: Ways<'d>, b: Ways<'d>) -> Ways<'d> {
    let (mut a, b) = (a?, b?);
    a.extend(b);
    (a.len() <= MAX_WAYS).then_some(a)
}

fn ways<'d>(test: &'d Test, negated: bool) -> Ways<'d> {
    match test {
        Test::Not(inner) => ways(inner, !negated),
        Test::And(tests) if !negated => all(tests, negated),
        Test::Or(tests) if negated => all(tests, negated),
        Test::And(tests) | Test::Or(tests) => tests
            .iter()
            .map(|t| ways(t, negated))
            .fold(Some(Vec::new()), either),
        _ => Some(vec![vec![(test, negated)]]),
    }
}

fn all(tests: &[Test], negated: bool) -> Ways<'_> {
    tests
        .iter()
        .map(|t| ways(t, negated))
        .fold(Some(vec![Vec::new()]), both)
}

fn of(condition: Option<&Condition>) -> Ways<'_> {
    condition.map_or(Some(vec![Vec::new()]), |c| ways(&c.0, false))
}

/// Follows the order of evaluation: how a field can be shown, given how those before it can.
fn reach(doc: &FormDocument, out: &mut Analysis) {
    let mut known: HashMap<FieldIx, Ways<'_>> = HashMap::new();
    for ix in &doc.order {
        let Some(field) = doc.fields.get(*ix) else {
            continue;
        };
        let section = doc.sections.get(field.section);
        let page = section.and_then(|s| doc.pages.get(s.page));
        let outer = both(
            of(page.and_then(|p| p.show_if.as_ref())),
            of(section.and_then(|s| s.show_if.as_ref())),
        );
        let shown = possible(doc, both(outer, of(field.show_if.as_ref())), &known);
        if shown.as_ref().is_some_and(Vec::is_empty) {
            out.error(format!("/fields/{}", field.id), Kind::Unreachable);
        }
        if let FieldKind::Group(group) = &field.kind {
            for child in group.children.iter().filter_map(|c| doc.fields.get(*c)) {
                let ways = possible(doc, both(shown.clone(), of(child.show_if.as_ref())), &known);
                if shown.as_ref().is_none_or(|s| !s.is_empty())
                    && ways.is_some_and(|w| w.is_empty())
                {
                    out.error(format!("/fields/{}", child.id), Kind::Unreachable);
                }
            }
        }
        known.insert(*ix, shown);
    }
    for material in &doc.materials {
        let ways = possible(doc, of(material.show_if.as_ref()), &known);
        if ways.is_some_and(|w| w.is_empty()) {
            out.error(format!("/materials/{}", material.id), Kind::Unreachable);
        }
    }
}

/// Keeps the ways that are not contradictory, after adding how the fields they need are shown.
fn possible<'d>(
    doc: &'d FormDocument,
    ways: Ways<'d>,
    known: &HashMap<FieldIx, Ways<'d>>,
) -> Ways<'d> {
    let mut out: Vec<Vec<Fact<'d>>> = Vec::new();
    for way in ways? {
        let mut grown: Ways<'d> = Some(vec![way.clone()]);
        for ix in way.iter().filter_map(needs_answer) {
            if let Some(Some(shown)) = known.get(&ix) {
                grown = both(grown, Some(shown.clone()));
            }
        }
        // Too many to follow: judged by its own facts alone.
        let grown = grown.unwrap_or_else(|| vec![way]);
        out.extend(grown.into_iter().filter(|way| consistent(doc, way)));
        if out.len() > MAX_WAYS {
            return None;
        }
    }
    Some(out)
}

/// The field that must be shown and answered for the fact to hold.
fn needs_answer((test, negated): &Fact<'_>) -> Option<FieldIx> {
    let operand = match (test, negated) {
        (Test::Compare(Comparison::Ne, left, _), true) => left,
        (Test::Compare(how, left, _), false) if *how != Comparison::Ne => left,
        (Test::In(left, _) | Test::Contains(left, _), false) => left,
        (Test::Empty(left), true) => left,
        _ => return None,
    };
    match operand {
        Operand::Field(ix) => Some(*ix),
        _ => None,
    }
}

/// What is known about one operand along a way.
#[derive(Default)]
struct Known<'d> {
    allowed: Option<Vec<&'d Literal>>,
    refused: Vec<&'d Literal>,
    low: Option<(Decimal, bool)>,
    high: Option<(Decimal, bool)>,
    empty: bool,
    filled: bool,
}

impl<'d> Known<'d> {
    fn allow(&mut self, list: Vec<&'d Literal>) {
        self.filled = true;
        match &mut self.allowed {
            Some(allowed) => allowed.retain(|a| list.contains(a)),
            None => self.allowed = Some(list),
        }
    }

    fn bound(&mut self, how: Comparison, n: Decimal) {
        self.filled = true;
        let strict = matches!(how, Comparison::Lt | Comparison::Gt);
        match how {
            Comparison::Gt | Comparison::Ge => {
                let new = (n, strict);
                self.low = Some(self.low.map_or(new, |old| old.max(new)));
            }
            _ => {
                let tighter = |old: (Decimal, bool)| {
                    if (n, !strict) < (old.0, !old.1) {
                        (n, strict)
                    } else {
                        old
                    }
                };
                self.high = Some(self.high.map_or((n, strict), tighter));
            }
        }
    }

    fn contradictory(&self) -> bool {
        if self.empty && self.filled {
            return true;
        }
        if let Some(allowed) = &self.allowed
            && !allowed
                .iter()
                .any(|a| !self.refused.contains(a) && self.in_bounds(a))
        {
            return true;
        }
        match (self.low, self.high) {
            (Some((low, a)), Some((high, b))) => low > high || (low == high && (a || b)),
            _ => false,
        }
    }

    fn in_bounds(&self, literal: &Literal) -> bool {
        let Literal::Number(n) = literal else {
            return true;
        };
        let above = self
            .low
            .is_none_or(|(low, strict)| *n > low || (!strict && *n == low));
        let below = self
            .high
            .is_none_or(|(high, strict)| *n < high || (!strict && *n == high));
        above && below
    }
}

fn consistent(doc: &FormDocument, way: &[Fact<'_>]) -> bool {
    let mut facts: Vec<(&Operand, Known<'_>)> = Vec::new();
    for (test, negated) in way {
        let operand = match test {
            Test::Compare(_, left, _) | Test::In(left, _) => left,
            Test::Contains(left, _) | Test::Empty(left) => left,
            _ => continue,
        };
        let at = facts
            .iter()
            .position(|(known, _)| *known == operand)
            .unwrap_or_else(|| {
                facts.push((operand, start(doc, operand)));
                facts.len() - 1
            });
        if let Some((_, known)) = facts.get_mut(at) {
            learn(known, test, *negated);
        }
    }
    !facts.iter().any(|(_, known)| known.contradictory())
}

/// What the rules of a question already say about its number.
fn start<'d>(doc: &'d FormDocument, operand: &Operand) -> Known<'d> {
    let mut known = Known::default();
    let (Operand::Field(ix) | Operand::Sibling(ix, _)) = operand else {
        return known;
    };
    if let Some(question) = doc.fields.get(*ix).and_then(Field::question) {
        known.low = larger(question.element.min, question.rules.min).map(|n| (n, false));
        known.high = smaller(question.element.max, question.rules.max).map(|n| (n, false));
    }
    known
}

fn learn<'d>(known: &mut Known<'d>, test: &'d Test, negated: bool) {
    match test {
        Test::Compare(how, _, Operand::Literal(literal)) => match (how, negated) {
            (Comparison::Eq, false) | (Comparison::Ne, true) => known.allow(vec![literal]),
            (Comparison::Eq, true) | (Comparison::Ne, false) => known.refused.push(literal),
            (how, false) => match literal {
                Literal::Number(n) => known.bound(*how, *n),
                _ => known.filled = true,
            },
            // "not less" also holds for nothing at all: no bound can be learned.
            _ => {}
        },
        Test::Compare(how, ..) => known.filled |= (*how == Comparison::Ne) == negated,
        Test::In(_, list) if !negated => known.allow(list.iter().collect()),
        Test::In(_, list) => known.refused.extend(list),
        Test::Contains(..) => known.filled |= !negated,
        Test::Empty(_) if negated => known.filled = true,
        Test::Empty(_) => known.empty = true,
        _ => {}
    }
}
