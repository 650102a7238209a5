//! Situations (情形): the questions whose answers narrow what a citizen must bring.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::show::Show;

/// Conditions nested deeper than this are not evaluated.
const MAX_DEPTH: u8 = 16;

/// One question of the situational guidance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SituationQuestion {
    /// Name by which conditions refer to the question.
    pub code: String,
    /// The question as the citizen reads it.
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    pub options: Vec<SituationOption>,
    /// Asked only when this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_if: Option<Condition>,
}

/// One possible answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SituationOption {
    pub code: String,
    pub label: String,
    /// What the citizen should know after choosing this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Show for SituationQuestion {
    fn show(&self) -> Option<String> {
        Some(self.title.clone())
    }
}

/// Answer of a question that is not asked; no option has this code (S01).
pub const NOT_ASKED: &str = "";

/// Question code → option code.
pub type Answers = BTreeMap<String, String>;

/// When a material, an organ or a question applies. No code strings: a tree that anybody can check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The question has this answer.
    Is(String, String),
    /// The question has one of these answers.
    OneOf(String, Vec<String>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

/// Outcome of a condition while not every question has been answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    Yes,
    No,
    /// Depends on a question without an answer.
    Open,
}

impl Truth {
    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Open => Self::Open,
        }
    }
}

impl Condition {
    /// Evaluates with Kleene's three values: what is unanswered stays open unless it cannot matter.
    pub fn holds(&self, answers: &Answers) -> Truth {
        self.at(answers, 0)
    }

    fn at(&self, answers: &Answers, depth: u8) -> Truth {
        if depth > MAX_DEPTH {
            return Truth::Open;
        }
        let among = |question: &String, wanted: &[String]| match answers.get(question) {
            None => Truth::Open,
            Some(answer) if wanted.contains(answer) => Truth::Yes,
            Some(_) => Truth::No,
        };
        match self {
            Self::Is(question, answer) => among(question, std::slice::from_ref(answer)),
            Self::OneOf(question, wanted) => among(question, wanted),
            Self::All(parts) => fold(parts, answers, depth, Truth::Yes, Truth::No),
            Self::Any(parts) => fold(parts, answers, depth, Truth::No, Truth::Yes),
            Self::Not(inner) => inner.at(answers, depth + 1).not(),
        }
    }

    /// Every (question, answer) pair that the condition names, for checking against the questions.
    pub fn names(&self) -> Vec<(&str, &str)> {
        let mut found = Vec::new();
        let mut todo = vec![self];
        while let Some(next) = todo.pop() {
            match next {
                Self::Is(question, answer) => found.push((question.as_str(), answer.as_str())),
                Self::OneOf(question, wanted) => {
                    found.extend(
                        wanted
                            .iter()
                            .map(|answer| (question.as_str(), answer.as_str())),
                    );
                }
                Self::All(parts) | Self::Any(parts) => todo.extend(parts),
                Self::Not(inner) => todo.push(inner),
            }
        }
        found
    }

    /// Whether the tree is shallow enough to be evaluated.
    pub fn is_bounded(&self) -> bool {
        let mut todo = vec![(self, 0_u8)];
        while let Some((next, depth)) = todo.pop() {
            if depth > MAX_DEPTH {
                return false;
            }
            match next {
                Self::Is(..) | Self::OneOf(..) => {}
                Self::All(parts) | Self::Any(parts) => {
                    todo.extend(parts.iter().map(|part| (part, depth + 1)));
                }
                Self::Not(inner) => todo.push((inner, depth + 1)),
            }
        }
        true
    }
}

/// `empty` is the value of no parts, `decisive` the value that settles the whole.
fn fold(parts: &[Condition], answers: &Answers, depth: u8, empty: Truth, decisive: Truth) -> Truth {
    let mut outcome = empty;
    for part in parts {
        match part.at(answers, depth + 1) {
            value if value == decisive => return decisive,
            Truth::Open => outcome = Truth::Open,
            _ => {}
        }
    }
    outcome
}

impl Show for Condition {
    fn show(&self) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(question: &str, answer: &str) -> Condition {
        Condition::Is(question.to_owned(), answer.to_owned())
    }

    fn answers(pairs: &[(&str, &str)]) -> Answers {
        pairs
            .iter()
            .map(|(q, a)| ((*q).to_owned(), (*a).to_owned()))
            .collect()
    }

    #[test]
    fn an_unanswered_question_stays_open_unless_it_cannot_matter() {
        let both = Condition::All(vec![is("who", "shop"), is("sign", "yes")]);
        assert_eq!(both.holds(&answers(&[])), Truth::Open);
        assert_eq!(both.holds(&answers(&[("who", "firm")])), Truth::No);
        assert_eq!(both.holds(&answers(&[("who", "shop")])), Truth::Open);
        assert_eq!(
            both.holds(&answers(&[("who", "shop"), ("sign", "yes")])),
            Truth::Yes
        );
        let either = Condition::Any(vec![is("who", "shop"), is("sign", "yes")]);
        assert_eq!(either.holds(&answers(&[("sign", "yes")])), Truth::Yes);
        assert_eq!(
            Condition::Not(Box::new(either)).holds(&answers(&[("sign", "yes")])),
            Truth::No
        );
    }

    #[test]
    fn conditions_are_plain_json() {
        let text = r#"{"any":[{"is":["who","shop"]},{"not":{"one_of":["area",["s","m"]]}}]}"#;
        let condition: Condition = serde_json::from_str(text).expect("parses");
        assert_eq!(serde_json::to_string(&condition).expect("writes"), text);
        assert_eq!(condition.names().len(), 3);
    }

    #[test]
    fn a_tower_of_conditions_is_refused_not_overflowed() {
        let mut tower = is("a", "b");
        for _ in 0..10_000 {
            tower = Condition::Not(Box::new(tower));
        }
        assert!(!tower.is_bounded());
        assert_eq!(tower.holds(&answers(&[("a", "b")])), Truth::Open);
        std::mem::forget(tower);
    }
}
