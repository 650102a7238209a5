//! What the caller tells about the moment and the person: no clock is read here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::checks::{ElementChecks, StandardChecks};

/// Named facts in words: the outcome of a situation guide, or who is acting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<String, String>);

impl Facts {
    /// No facts.
    pub const fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// The fact with a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Facts {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(k, v)| (k.into(), v.into()))
                .collect(),
        )
    }
}

static NO_FACTS: Facts = Facts::none();

/// The moment, the situation and the actor of one evaluation.
#[derive(Clone, Copy)]
pub struct Ctx<'a> {
    /// The day in Asia/Shanghai.
    pub today: Date,
    /// The moment, for the age of shared data.
    pub now: Timestamp,
    /// Outcomes of the situation guide.
    pub situation: &'a Facts,
    /// Who is acting (`kind`, `role` …).
    pub actor: &'a Facts,
    /// Check-digit validators and registers.
    pub checks: &'a (dyn ElementChecks + Sync),
}

impl std::fmt::Debug for Ctx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ctx")
            .field("today", &self.today)
            .field("now", &self.now)
            .finish()
    }
}

impl<'a> Ctx<'a> {
    /// A context without situation and actor, with the checks that need no register.
    pub fn new(today: Date, now: Timestamp) -> Self {
        Self {
            today,
            now,
            situation: &NO_FACTS,
            actor: &NO_FACTS,
            checks: &StandardChecks,
        }
    }

    /// With the outcomes of a situation guide.
    pub fn with_situation(self, situation: &'a Facts) -> Self {
        Self { situation, ..self }
    }

    /// With facts about the actor.
    pub fn with_actor(self, actor: &'a Facts) -> Self {
        Self { actor, ..self }
    }

    /// With the caller's validators.
    pub fn with_checks(self, checks: &'a (dyn ElementChecks + Sync)) -> Self {
        Self { checks, ..self }
    }
}
