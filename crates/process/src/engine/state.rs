//! The state of one instance: a small, versioned document that names elements by their ids, never by position.
//!
//! Scopes form a tree: the process, its open sub-processes, called processes, and one scope for every repetition. Tokens, waits and
//! variables belong to a scope; when the scope closes they go with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The id of an element in the BPMN file.
pub type Id = Arc<str>;

/// Process variables: references and short facts; forms and materials stay with the case.
pub type Vars = BTreeMap<Arc<str>, serde_json::Value>;

/// Version of the stored form of [`State`].
pub const STATE_VERSION: u8 = 2;

/// Where an instance stands as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Not started.
    #[default]
    New,
    /// Has tokens.
    Running,
    /// Stopped by an officer (特别程序、中止): tasks and timers are held.
    Suspended,
    /// All tokens are gone.
    Ended,
}

/// What a token is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum On {
    /// On a sequence flow: waiting at a join, or held by an incident.
    Flow,
    /// Inside an element, between two events of one step; in a stored state only if an incident holds it there.
    Element,
    /// An open user task, by its number.
    Task(u64),
    /// An open work item of a service, by its number.
    Work(u64),
    /// For an event: an intermediate event, a receive task, or one of those behind an event-based gateway.
    Event,
    /// Inside a scope that it opened.
    Scope(u64),
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Number within the instance.
    #[serde(rename = "i")]
    pub id: u64,
    /// Its scope.
    #[serde(rename = "s", default, skip_serializing_if = "is_zero")]
    pub scope: u64,
    /// The flow (for [`On::Flow`]) or the element it is at.
    #[serde(rename = "e")]
    pub at: Id,
    /// What it is doing there.
    #[serde(rename = "o")]
    pub on: On,
}

/// What an armed event waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum For {
    /// The time has come; the caller keeps the clock.
    Timer,
    /// A message of this name, and of this key if there is one.
    Message(Arc<str>, Option<Arc<str>>),
    /// A signal of this name.
    Signal(Arc<str>),
    /// A condition over the variables.
    Condition,
    /// The caller's word (a receive task without message).
    Word,
}

/// One armed event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// Number within the instance.
    #[serde(rename = "i")]
    pub id: u64,
    /// The event, or the receive task.
    #[serde(rename = "e")]
    pub element: Id,
    /// What it waits for.
    #[serde(rename = "f")]
    pub for_: For,
    /// The token that waits here, or in the activity to which the event is attached; `None` for an event sub-process.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub token: Option<u64>,
    /// The scope in which it is armed.
    #[serde(rename = "s", default, skip_serializing_if = "is_zero")]
    pub scope: u64,
    /// How often a repeating timer still fires; `None`: for ever.
    #[serde(rename = "n", default = "once", skip_serializing_if = "is_once")]
    pub left: Option<u32>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
pub(super) fn is_zero(n: &u64) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
pub(super) fn none(n: &u32) -> bool {
    *n == 0
}

#[expect(clippy::unnecessary_wraps, reason = "serde calls it so")]
fn once() -> Option<u32> {
    Some(1)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_once(n: &Option<u32>) -> bool {
    *n == Some(1)
}

/// What a scope is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A process: the instance itself, another participant of the same file, or a called one, which may be of another file
    /// (its content hash).
    Process(Option<Arc<str>>),
    /// An embedded sub-process.
    Sub,
    /// An event sub-process.
    EventSub,
    /// All repetitions of an activity together.
    Many(Box<Many>),
    /// One repetition, or an activity with values of its own.
    One,
    /// A task at which others sign before or after its own hand (前加签、后加签).
    Turns(Box<Turns>),
}

/// Whose turn it is at a task, and who comes after; `None` is the task's own hand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Turns {
    /// Who has the task now.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Signer>,
    /// Who has it next, in this order.
    #[serde(rename = "q", default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<Option<Signer>>,
}

/// Who is asked to sign as well (加签).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Signer {
    /// 岗位.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub post: Option<Id>,
    /// 机构.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub organ: Option<Id>,
    /// The legal act of signing; the task's own act is not the signer's.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Id>,
    /// Time limit, e.g. `P2D`.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Id>,
    /// In a countersign: the values of the new member, as for [`super::Command::AddOne`].
    #[serde(rename = "v", default, skip_serializing_if = "Vars::is_empty")]
    pub vars: Vars,
}

/// How far a repetition has come.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Many {
    /// How many there are in all; `None` when a condition decides.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
    /// How many have begun.
    #[serde(rename = "b")]
    pub begun: u32,
    /// How many are done.
    #[serde(rename = "d")]
    pub done: u32,
}

/// One open scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Number within the instance; the first process is 0.
    #[serde(rename = "i")]
    pub id: u64,
    /// The scope around it; the same number for a process of its own.
    #[serde(rename = "p")]
    pub parent: u64,
    /// The process, or the element that is open.
    #[serde(rename = "e")]
    pub element: Id,
    /// What it is.
    #[serde(rename = "w")]
    pub what: What,
    /// The token that waits outside until it closes.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub token: Option<u64>,
    /// Its own variables, shared until one is changed.
    #[serde(rename = "v", default, skip_serializing_if = "vars_are_empty")]
    pub vars: Arc<Vars>,
}

fn vars_are_empty(vars: &Arc<Vars>) -> bool {
    vars.is_empty()
}

/// The whole state. `serde_json` text of it is what is stored; equal states are equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// [`STATE_VERSION`].
    pub v: u8,
    /// Where the instance stands.
    pub status: Status,
    /// The next free number, for tokens, tasks, work items, scopes and waits alike.
    pub next: u64,
    /// Open scopes, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<Scope>,
    /// Live tokens, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<Token>,
    /// Armed events, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits: Vec<Wait>,
    /// Tokens held by an incident.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<u64>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            v: STATE_VERSION,
            status: Status::New,
            next: 1,
            scopes: Vec::new(),
            tokens: Vec::new(),
            waits: Vec::new(),
            incidents: Vec::new(),
        }
    }
}

impl State {
    /// The token with an open task of this number.
    #[must_use]
    pub fn task(&self, task: u64) -> Option<&Token> {
        self.tokens.iter().find(|t| t.on == On::Task(task))
    }

    /// Open user tasks as (number, element), oldest token first.
    pub fn open_tasks(&self) -> impl Iterator<Item = (u64, &Id)> {
        self.tokens.iter().filter_map(|t| match t.on {
            On::Task(task) => Some((task, &t.at)),
            _ => None,
        })
    }

    /// Open user tasks of the instance's own definition, not of called files, as (number, element).
    pub fn own_tasks(&self) -> impl Iterator<Item = (u64, &Id)> {
        self.tokens.iter().filter_map(|t| match t.on {
            On::Task(task) if self.is_own(t.scope) => Some((task, &t.at)),
            _ => None,
        })
    }

    /// Where tokens of the instance's own definition stand, those around an open scope included: elements, and flows.
    pub fn own_places(&self) -> impl Iterator<Item = &Id> {
        self.tokens
            .iter()
            .filter(|t| self.is_own(t.scope))
            .map(|t| &t.at)
    }

    /// Open work items as (number, element).
    pub fn open_work(&self) -> impl Iterator<Item = (u64, &Id)> {
        self.tokens.iter().filter_map(|t| match t.on {
            On::Work(work) => Some((work, &t.at)),
            _ => None,
        })
    }

    /// Armed timers, oldest first.
    pub fn timers(&self) -> impl Iterator<Item = &Wait> {
        self.waits.iter().filter(|w| w.for_ == For::Timer)
    }

    /// Content hashes of the files of open calls.
    pub fn called(&self) -> impl Iterator<Item = &Arc<str>> {
        self.scopes.iter().filter_map(|s| match &s.what {
            What::Process(hash) => hash.as_ref(),
            _ => None,
        })
    }

    /// An open scope.
    #[must_use]
    pub fn scope(&self, id: u64) -> Option<&Scope> {
        self.scopes.iter().find(|s| s.id == id)
    }

    pub(crate) fn token(&self, id: u64) -> Option<&Token> {
        self.tokens.iter().find(|t| t.id == id)
    }

    /// From a scope outwards to the process that it belongs to.
    pub(crate) fn chain(&self, scope: u64) -> impl Iterator<Item = &Scope> {
        let mut next = self.scope(scope);
        std::iter::from_fn(move || {
            let at = next?;
            next = match at.what {
                What::Process(_) => None,
                _ => self.scope(at.parent),
            };
            Some(at)
        })
    }

    /// Whether a scope belongs to the instance's own definition, not to a called file.
    pub(crate) fn is_own(&self, scope: u64) -> bool {
        let process = self.chain(scope).last();
        process.is_some_and(|s| matches!(s.what, What::Process(None)))
    }

    /// The value of a variable as seen from a scope: the innermost wins.
    #[must_use]
    pub fn var(&self, scope: u64, name: &str) -> Option<&serde_json::Value> {
        self.chain(scope).find_map(|s| s.vars.get(name))
    }

    /// The variables of the instance's own process.
    #[must_use]
    pub fn vars(&self) -> &Vars {
        static NONE: Vars = Vars::new();
        self.scope(0).map_or(&NONE, |s| &s.vars)
    }
}
