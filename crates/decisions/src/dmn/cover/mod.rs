//! What a table leaves open: inputs for which no rule is there, and inputs for which more than one is.
//!
//! Each column is cut into pieces at the values that its cells name; a cell is a set of pieces. A test that is no comparison with
//! constants is not understood: a rule with one may apply or not, and the answer says so.

mod column;

use std::collections::BTreeMap;

use dsntk_feel::values::Value;
use dsntk_feel_parser::AstNode;
use roxmltree::Document;

use super::boxed::{Boxes, Cells};
use super::model::{Kind, Model, all, child, text};
use super::xml::{self, line};
use super::{Decisions, Problem};
use crate::feel::{Kind as Grammar, parse};
use column::{Cell, Column, Point, Test, cell_of};

/// Most rules of a table that are compared with one another.
const MAX_RULES: usize = 500;
/// Most steps of the search for gaps in one table.
const MAX_STEPS: usize = 500_000;
/// Most columns of conditions; the search recurses by them.
const MAX_COLUMNS: usize = 50;
/// Most comparisons of cells and pieces in one file.
const MAX_WORK: usize = 200_000_000;
/// Most findings of a kind told for one table.
const MAX_TOLD: usize = 20;

/// What was found out about a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewKind {
    /// Inputs for which no rule applies, and no default is given.
    Gap,
    /// Inputs for which rules contradict the hit policy.
    Overlap,
    /// A rule that an earlier one always forestalls.
    Shadowed,
    /// It could not be found out.
    Undecided,
}

impl ReviewKind {
    /// Stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Overlap => "overlap",
            Self::Shadowed => "shadowed",
            Self::Undecided => "undecided",
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// What it is.
    pub kind: ReviewKind,
    /// Where, and the sentence for the administrator.
    pub problem: Problem,
}

impl Decisions {
    /// Looks for gaps and overlaps in the tables of a file that can be executed.
    pub fn review(xml: &[u8]) -> Result<Vec<Review>, Vec<Problem>> {
        let (text, _) = xml::take(xml)?;
        let doc = Document::parse(&text)
            .map_err(|error| vec![Problem::at("", error.pos().row, error.to_string())])?;
        let model = Model::read(&doc)?;
        let mut boxes = Boxes {
            model: &model,
            problems: Vec::new(),
        };
        let (mut found, mut left) = (Vec::new(), MAX_WORK);
        for element in model.elements.iter().filter(|e| e.kind != Kind::Input) {
            let Some(node) = element
                .logic
                .filter(|node| node.tag_name().name() == "decisionTable")
            else {
                continue;
            };
            let cells = Cells::read(&mut boxes, node);
            if !boxes.problems.is_empty() {
                return Err(boxes.problems);
            }
            let told = match Table::of(&model, node, &cells, &mut left) {
                Some(table) => table.reviewed(),
                None => vec![(
                    ReviewKind::Undecided,
                    "表太大，没有核对遗漏和重叠".to_owned(),
                )],
            };
            let at = line(model.text, node.range().start);
            found.extend(told.into_iter().map(|(kind, message)| Review {
                kind,
                problem: Problem::at(&element.name, at, message),
            }));
        }
        Ok(found)
    }
}

/// A cell of a rule as pieces of its column.
enum Held {
    All,
    Some(Vec<bool>),
    Perhaps,
}

impl Held {
    fn at(&self, piece: usize) -> bool {
        match self {
            Self::All | Self::Perhaps => true,
            Self::Some(held) => held.get(piece).copied().unwrap_or(false),
        }
    }
}

struct Table {
    policy: String,
    has_default: bool,
    columns: Vec<Column>,
    rules: Vec<Vec<Held>>,
    outputs: Vec<Vec<AstNode>>,
}

/// The values that a column may take, by itself or by its type.
fn allowed(model: &Model<'_>, node: roxmltree::Node<'_, '_>, own: Option<&AstNode>) -> Cell {
    if own.is_some() {
        return cell_of(own);
    }
    let Some(value) = child(node, "inputExpression") else {
        return Cell::Any;
    };
    let name = text(value);
    let of_input = || {
        let mut inputs = model.elements.iter();
        let input = inputs.find(|element| element.variable == name.trim())?;
        input.type_ref.clone()
    };
    let kind = value.attribute("typeRef").map(str::to_owned);
    let Some(kind) = kind.or_else(of_input) else {
        return Cell::Any;
    };
    if kind == "boolean" {
        let both = [true, false].map(|value| Test::Equal(Point(Value::Boolean(value))));
        return Cell::Tests(both.into(), false);
    }
    let types = all(model.root, "itemDefinition");
    let mut values = types
        .filter(|one| one.attribute("name") == Some(kind.as_str()))
        .filter_map(|one| child(one, "allowedValues"));
    let Some(values) = values.next() else {
        return Cell::Any;
    };
    let tree = parse(&text(values), Grammar::UnaryTests, &model.declared);
    tree.map_or(Cell::Any, |tree| cell_of(Some(&tree)))
}

impl Table {
    /// Nothing if comparing it would cost more than is left.
    fn of(
        model: &Model<'_>,
        node: roxmltree::Node<'_, '_>,
        cells: &Cells,
        left: &mut usize,
    ) -> Option<Self> {
        let n = cells.rules.len();
        if n > MAX_RULES || cells.inputs.len() > MAX_COLUMNS {
            return None;
        }
        let mut rules: Vec<Vec<Held>> = cells.rules.iter().map(|_| Vec::new()).collect();
        let mut columns = Vec::new();
        for (at, (input, node)) in cells.inputs.iter().zip(all(node, "input")).enumerate() {
            let label = node.attribute("label").unwrap_or(&input.text).trim();
            let tests: Vec<Cell> = cells
                .rules
                .iter()
                .map(|rule| cell_of(rule.inputs.get(at).and_then(Option::as_ref)))
                .collect();
            let named: usize = tests.iter().map(Cell::tests).sum();
            // Each test is held against each piece, each pair of rules against each other.
            *left = left.checked_sub((named + n * n) * (named * 2 + 3))?;
            let limits = allowed(model, node, input.allowed.as_ref());
            let known: Vec<&Cell> = tests.iter().collect();
            let column = Column::of(label.to_owned(), &known, &limits);
            let column = column.or_else(|| Column::of(label.to_owned(), &known, &Cell::Any));
            for (rule, cell) in rules.iter_mut().zip(&tests) {
                rule.push(match (cell, &column) {
                    (Cell::Any, _) => Held::All,
                    (cell, Some(column)) => column.holds(cell).map_or(Held::Perhaps, Held::Some),
                    (_, None) => Held::Perhaps,
                });
            }
            columns.push(column.unwrap_or_else(|| Column::unknown(label)));
        }
        Some(Self {
            policy: node.attribute("hitPolicy").unwrap_or("UNIQUE").to_owned(),
            has_default: cells.outputs.iter().any(|output| output.default.is_some()),
            columns,
            rules,
            outputs: cells
                .rules
                .iter()
                .map(|rule| rule.outputs.clone())
                .collect(),
        })
    }

    fn reviewed(&self) -> Vec<(ReviewKind, String)> {
        let mut found = Vec::new();
        match self.policy.as_str() {
            "UNIQUE" | "ANY" => self.overlaps(&mut found),
            "FIRST" => self.shadowed(&mut found),
            _ => {}
        }
        let one = ["UNIQUE", "ANY", "FIRST", "PRIORITY"];
        if one.contains(&self.policy.as_str()) && !self.has_default {
            self.gaps(&mut found);
        }
        found
    }

    fn overlaps(&self, found: &mut Vec<(ReviewKind, String)>) {
        let mut told = 0usize;
        for (b, later) in self.rules.iter().enumerate() {
            for (a, earlier) in self.rules.iter().enumerate().take(b) {
                if self.policy == "ANY" && self.outputs[a] == self.outputs[b] {
                    continue;
                }
                let Some(shared) = self.shared(earlier, later) else {
                    continue;
                };
                told += 1;
                if told <= MAX_TOLD {
                    let message = format!(
                        "第 {} 条和第 {} 条规则会同时符合：{}。这张表（{}）不允许，遇到时不能得出结果",
                        a + 1,
                        b + 1,
                        shared,
                        self.policy
                    );
                    found.push((ReviewKind::Overlap, message));
                }
            }
        }
        if told > MAX_TOLD {
            let message = format!("还有 {} 对规则会同时符合，没有逐一列出", told - MAX_TOLD);
            found.push((ReviewKind::Overlap, message));
        }
    }

    /// Inputs that two rules share, in words; nothing if there are none, or if it is not sure.
    fn shared(&self, a: &[Held], b: &[Held]) -> Option<String> {
        let mut words = Vec::new();
        for ((column, a), b) in self.columns.iter().zip(a).zip(b) {
            if matches!((a, b), (Held::Perhaps, _) | (_, Held::Perhaps)) {
                return None;
            }
            let both = column.possible.iter().copied();
            let both: Vec<usize> = both.filter(|at| a.at(*at) && b.at(*at)).collect();
            if both.is_empty() {
                return None;
            }
            if both.len() < column.possible.len() {
                words.push(format!("{}{}", column.label, column.words(&both)));
            }
        }
        Some(if words.is_empty() {
            "任何输入".to_owned()
        } else {
            words.join("，")
        })
    }

    fn shadowed(&self, found: &mut Vec<(ReviewKind, String)>) {
        for (b, later) in self.rules.iter().enumerate() {
            let covered = self.rules.iter().take(b).position(|earlier| {
                let columns = self.columns.iter().zip(earlier.iter().zip(later));
                columns.into_iter().all(|(column, cells)| match cells {
                    (Held::All, _) => true,
                    (Held::Perhaps, _) | (Held::Some(_), Held::Perhaps) => false,
                    (own, later) => column
                        .possible
                        .iter()
                        .all(|at| !later.at(*at) || own.at(*at)),
                })
            });
            if let Some(a) = covered {
                let message = format!(
                    "第 {} 条规则永远用不上：符合它的，前面第 {} 条已经符合（FIRST 取第一条）",
                    b + 1,
                    a + 1
                );
                found.push((ReviewKind::Shadowed, message));
            }
        }
    }

    fn gaps(&self, found: &mut Vec<(ReviewKind, String)>) {
        let mut search = Search {
            table: self,
            left: MAX_STEPS,
            gaps: Vec::new(),
            unsure: false,
        };
        let everything: Vec<usize> = (0..self.rules.len()).collect();
        search.look(&everything, &mut Vec::new());
        let (gaps, unsure) = (search.gaps, search.unsure || search.left == 0);
        for words in gaps.iter().take(MAX_TOLD) {
            let message = format!("没有规则适用：{words}。遇到时结果为空（null）");
            found.push((ReviewKind::Gap, message));
        }
        if gaps.len() > MAX_TOLD {
            let message = "还有别的情形没有规则适用，没有逐一列出".to_owned();
            found.push((ReviewKind::Gap, message));
        }
        if unsure {
            let message = "有的单元格不是与常量比较，或者组合太多：有没有遗漏的情形没有查清";
            found.push((ReviewKind::Undecided, message.to_owned()));
        }
    }
}

/// Column by column: pieces that leave the same rules go on together.
struct Search<'t> {
    table: &'t Table,
    left: usize,
    gaps: Vec<String>,
    unsure: bool,
}

impl Search<'_> {
    /// `active` are the rules that may still apply, `way` the pieces chosen so far. Recurses by the number of columns.
    fn look(&mut self, active: &[usize], way: &mut Vec<Vec<usize>>) {
        let at = way.len();
        let rules = &self.table.rules;
        let sure = active.iter().any(|rule| {
            let mut ahead = rules[*rule].iter().skip(at);
            let mut behind = rules[*rule].iter().take(at);
            ahead.all(|cell| matches!(cell, Held::All))
                && !behind.any(|cell| matches!(cell, Held::Perhaps))
        });
        if sure || self.left == 0 || self.gaps.len() > MAX_TOLD {
            return;
        }
        let Some(column) = self.table.columns.get(at) else {
            if active.is_empty() {
                let told = self.words(way);
                self.gaps.push(told);
            } else {
                self.unsure = true;
            }
            return;
        };
        if active.is_empty() {
            let told = self.words(way);
            self.gaps.push(told);
            return;
        }
        let mut groups: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for piece in &column.possible {
            self.left = self.left.saturating_sub(active.len());
            let stay = active.iter().copied();
            let stay = stay.filter(|rule| rules[*rule][at].at(*piece)).collect();
            groups.entry(stay).or_default().push(*piece);
        }
        for (stay, pieces) in groups {
            way.push(pieces);
            self.look(&stay, way);
            way.pop();
        }
    }

    fn words(&self, way: &[Vec<usize>]) -> String {
        let limited = self.table.columns.iter().zip(way);
        let limited = limited.filter(|(column, pieces)| pieces.len() < column.possible.len());
        let words =
            limited.map(|(column, pieces)| format!("{}{}", column.label, column.words(pieces)));
        let words: Vec<String> = words.collect();
        if words.is_empty() {
            "任何输入".to_owned()
        } else {
            words.join("，")
        }
    }
}
