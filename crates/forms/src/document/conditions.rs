//! Compiles conditions: names become indexes, literals become values, types are checked.

use jiff::civil::Date;
use serde_json::Value as Json;

use super::reader::Reader;
use super::{FieldKind, FormErrorKind, rules};
use crate::checks::Check;
use crate::condition::{Comparison, Condition, FieldIx, Kind, Literal, Operand, Test};
use crate::elements::DataType;

/// Deepest nesting of a condition.
pub(super) const MAX_DEPTH: usize = 8;
/// Most nodes of a condition.
pub(super) const MAX_NODES: usize = 200;

struct Compiler<'r, 'a> {
    reader: &'r mut Reader<'a>,
    path: &'r str,
    /// The group whose rows the condition is evaluated in.
    row_of: Option<FieldIx>,
    nodes: usize,
}

pub(super) fn compile<'a>(
    reader: &mut Reader<'a>,
    json: &'a Json,
    path: &str,
    row_of: Option<FieldIx>,
) -> Option<Condition> {
    let mut compiler = Compiler {
        reader,
        path,
        row_of,
        nodes: 0,
    };
    compiler.test(json, 1).map(Condition)
}

fn kind_of(data_type: DataType) -> Kind {
    match data_type {
        DataType::Text | DataType::Name | DataType::Identifier | DataType::LongText => Kind::Text,
        DataType::Integer | DataType::Decimal | DataType::Money => Kind::Number,
        DataType::Date => Kind::Date,
        DataType::Bool => Kind::Bool,
        DataType::Code => Kind::Code,
        DataType::Codes => Kind::Codes,
        DataType::Address | DataType::Files => Kind::Opaque,
    }
}

impl<'a> Compiler<'_, 'a> {
    fn fail<T>(&mut self, kind: FormErrorKind) -> Option<T> {
        self.reader.error(self.path, kind);
        None
    }

    fn test(&mut self, json: &'a Json, depth: usize) -> Option<Test> {
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return self.fail(FormErrorKind::ConditionSize(MAX_DEPTH, MAX_NODES));
        }
        let Some((name, body)) = json
            .as_object()
            .filter(|m| m.len() == 1)
            .and_then(|m| m.iter().next())
        else {
            return self.fail(FormErrorKind::Shape(
                "只有一个运算的条件，如 {\"eq\": [{\"q\": \"字段\"}, 值]}",
            ));
        };
        match name.as_str() {
            "and" | "or" => {
                let Some(list) = body.as_array().filter(|l| !l.is_empty()) else {
                    return self.fail(FormErrorKind::Shape("非空的条件列表"));
                };
                let mut tests = Vec::with_capacity(list.len().min(MAX_NODES));
                for json in list {
                    tests.push(self.test(json, depth + 1)?);
                }
                Some(if name == "and" {
                    Test::And(tests)
                } else {
                    Test::Or(tests)
                })
            }
            "not" => Some(Test::Not(Box::new(self.test(body, depth + 1)?))),
            "eq" => self.compare(Comparison::Eq, body),
            "ne" => self.compare(Comparison::Ne, body),
            "lt" => self.compare(Comparison::Lt, body),
            "le" => self.compare(Comparison::Le, body),
            "gt" => self.compare(Comparison::Gt, body),
            "ge" => self.compare(Comparison::Ge, body),
            "in" => self.within(body),
            "contains" => self.contains(body),
            "empty" => Some(Test::Empty(self.operand(body)?.0)),
            other => self.fail(FormErrorKind::UnknownOperator(
                other.chars().take(40).collect(),
            )),
        }
    }

    fn pair(&mut self, body: &'a Json) -> Option<(&'a Json, &'a Json)> {
        match body.as_array().map(Vec::as_slice) {
            Some([left, right]) => Some((left, right)),
            _ => self.fail(FormErrorKind::Shape("两个操作数的列表")),
        }
    }

    fn compare(&mut self, how: Comparison, body: &'a Json) -> Option<Test> {
        let (left, right) = self.pair(body)?;
        let ((left, left_kind), (right, right_kind)) = (self.operand(left)?, self.operand(right)?);
        let kind = match (left_kind, right_kind) {
            (Kind::Words, other) | (other, Kind::Words) => other,
            (a, b) if a == b => a,
            (Kind::Code, Kind::Text) | (Kind::Text, Kind::Code) => Kind::Text,
            _ => return self.incomparable(left_kind, right_kind),
        };
        let ordered = !matches!(how, Comparison::Eq | Comparison::Ne);
        let possible = match kind {
            Kind::Number | Kind::Date => true,
            Kind::Text | Kind::Code | Kind::Words | Kind::Bool => !ordered,
            Kind::Codes | Kind::Opaque => false,
        };
        if !possible {
            return self.incomparable(left_kind, right_kind);
        }
        let a = self.settle(left.clone(), kind, &right)?;
        let b = self.settle(right, kind, &left)?;
        Some(Test::Compare(how, a, b))
    }

    fn incomparable<T>(&mut self, left: Kind, right: Kind) -> Option<T> {
        self.fail(FormErrorKind::Incomparable(format!(
            "{} 与 {}",
            zh(left),
            zh(right)
        )))
    }

    /// Gives words from outside the kind of the other side, and checks literals against choices.
    fn settle(&mut self, operand: Operand, kind: Kind, other: &Operand) -> Option<Operand> {
        match operand {
            Operand::Evidence(key, _) => Some(Operand::Evidence(key, kind)),
            Operand::Literal(Literal::Text(text)) => {
                let literal = self.literal(text, kind, other)?;
                Some(Operand::Literal(literal))
            }
            other => Some(other),
        }
    }

    fn literal(&mut self, text: String, kind: Kind, other: &Operand) -> Option<Literal> {
        match kind {
            Kind::Date => match text.parse::<Date>() {
                Ok(day) => Some(Literal::Date(day)),
                Err(_) => self.fail(FormErrorKind::Shape("日期，如 \"2026-03-01\"")),
            },
            Kind::Number | Kind::Bool => self.incomparable(Kind::Text, kind),
            _ => {
                self.known_choice(&text, other)?;
                Some(Literal::Text(text))
            }
        }
    }

    fn known_choice(&mut self, code: &str, operand: &Operand) -> Option<()> {
        let ix = match operand {
            Operand::Field(ix) | Operand::Sibling(ix, _) => *ix,
            _ => return Some(()),
        };
        let Some(field) = self.reader.doc.fields.get(ix) else {
            return Some(());
        };
        let FieldKind::Question(question) = &field.kind else {
            return Some(());
        };
        let coded = matches!(question.element.data_type, DataType::Code | DataType::Codes);
        if coded && !question.choices.iter().any(|c| c.code == code) {
            let id = field.id.clone();
            return self.fail(FormErrorKind::NotAChoice(code.to_owned(), id));
        }
        Some(())
    }

    fn within(&mut self, body: &'a Json) -> Option<Test> {
        let (left, list) = self.pair(body)?;
        let (left, left_kind) = self.operand(left)?;
        if matches!(left_kind, Kind::Codes | Kind::Opaque) {
            return self.incomparable(left_kind, Kind::Code);
        }
        let Some(list) = list
            .as_array()
            .filter(|l| !l.is_empty() && l.len() <= MAX_NODES)
        else {
            return self.fail(FormErrorKind::Shape("值的列表"));
        };
        let mut literals = Vec::with_capacity(list.len());
        let mut kind = left_kind;
        for json in list {
            let (right, right_kind) = self.operand(json)?;
            let Operand::Literal(literal) = right else {
                return self.fail(FormErrorKind::Shape("值，不是引用"));
            };
            if kind == Kind::Words {
                kind = right_kind;
            }
            match literal {
                Literal::Text(text) => literals.push(self.literal(text, kind, &left)?),
                _ if right_kind == kind => literals.push(literal),
                _ => return self.incomparable(left_kind, right_kind),
            }
        }
        let left = match left {
            Operand::Evidence(key, _) => Operand::Evidence(key, kind),
            other => other,
        };
        Some(Test::In(left, literals))
    }

    fn contains(&mut self, body: &'a Json) -> Option<Test> {
        let (left, part) = self.pair(body)?;
        let (left, kind) = self.operand(left)?;
        if !matches!(kind, Kind::Codes | Kind::Text | Kind::Words) {
            return self.incomparable(kind, Kind::Code);
        }
        let Some(part) = part.as_str() else {
            return self.fail(FormErrorKind::Shape("文字或选项代码"));
        };
        self.known_choice(part, &left)?;
        Some(Test::Contains(left, Literal::Text(part.to_owned())))
    }

    fn operand(&mut self, json: &'a Json) -> Option<(Operand, Kind)> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return self.fail(FormErrorKind::ConditionSize(MAX_DEPTH, MAX_NODES));
        }
        match json {
            Json::String(text) => {
                Some((Operand::Literal(Literal::Text(text.clone())), Kind::Words))
            }
            Json::Bool(value) => Some((Operand::Literal(Literal::Bool(*value)), Kind::Bool)),
            Json::Number(_) => match rules::decimal(json) {
                Some(number) => Some((Operand::Literal(Literal::Number(number)), Kind::Number)),
                None => self.fail(FormErrorKind::Shape("最多 6 位小数的数字")),
            },
            Json::Object(map) if map.len() == 1 => {
                let (name, body) = map.iter().next()?;
                self.reference(name, body)
            }
            _ => self.fail(FormErrorKind::Shape("值或引用，如 {\"q\": \"字段\"}")),
        }
    }

    fn reference(&mut self, name: &str, body: &'a Json) -> Option<(Operand, Kind)> {
        if name == "today" {
            let days = body.as_i64().and_then(|n| i32::try_from(n).ok());
            return match days.filter(|d| d.abs() <= 100_000) {
                Some(days) => Some((Operand::Today(days), Kind::Date)),
                None => self.fail(FormErrorKind::Shape("天数，如 {\"today\": -30}")),
            };
        }
        let Some(text) = body.as_str().filter(|t| !t.is_empty()) else {
            return self.fail(FormErrorKind::Shape("被引用的名称"));
        };
        match name {
            "q" => self.field(text),
            "age" => {
                let (operand, _) = self.field(text)?;
                if self.holds_resident_id(&operand) {
                    Some((Operand::Age(Box::new(operand)), Kind::Number))
                } else {
                    self.fail(FormErrorKind::Incomparable(format!(
                        "“{text}”不是公民身份号码，没有年龄"
                    )))
                }
            }
            "ev" => Some((Operand::Evidence(text.to_owned(), Kind::Words), Kind::Words)),
            "sit" => Some((Operand::Situation(text.to_owned()), Kind::Words)),
            "actor" => Some((Operand::Actor(text.to_owned()), Kind::Words)),
            other => self.fail(FormErrorKind::UnknownOperator(
                other.chars().take(40).collect(),
            )),
        }
    }

    fn holds_resident_id(&self, operand: &Operand) -> bool {
        let (Operand::Field(ix) | Operand::Sibling(ix, _)) = operand else {
            return false;
        };
        let field = self.reader.doc.fields.get(*ix);
        let check = field
            .and_then(|f| f.question())
            .and_then(|q| q.element.check);
        check == Some(Check::ResidentId)
    }

    fn field(&mut self, id: &str) -> Option<(Operand, Kind)> {
        let fields = &self.reader.doc.fields;
        let found = self
            .reader
            .doc
            .by_id
            .get(id)
            .and_then(|ix| fields.get(*ix).map(|f| (*ix, f)));
        let Some((ix, field)) = found.filter(|(_, f)| f.id == id) else {
            return self.fail(FormErrorKind::UnknownField(id.chars().take(60).collect()));
        };
        let kind = match &field.kind {
            FieldKind::Question(question) => kind_of(question.element.data_type),
            FieldKind::Group(_) => Kind::Number,
        };
        let Some(parent) = field.parent else {
            return Some((Operand::Field(ix), kind));
        };
        let siblings = fields
            .get(parent)
            .and_then(|f| f.group())
            .map(|g| g.children.as_slice());
        let place = siblings.and_then(|s| s.iter().position(|c| *c == ix));
        match place.filter(|_| self.row_of == Some(parent)) {
            Some(place) => Some((Operand::Sibling(ix, place), kind)),
            None => self.fail(FormErrorKind::InsideGroup(id.to_owned())),
        }
    }
}

fn zh(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Words => "文字",
        Kind::Code => "单选",
        Kind::Codes => "多选",
        Kind::Number => "数字",
        Kind::Date => "日期",
        Kind::Bool => "是否",
        Kind::Opaque => "地址或附件",
    }
}
