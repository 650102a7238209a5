//! The elements of a definition as the engine sees them: references are dense indices into the [`super::Definition`].

use std::sync::Arc;

use super::TimerSpec;
use crate::engine::Id;
use crate::feel::Expression;

/// A text, or a formula (`=…` in the file) that gives one.
#[derive(Debug, Clone)]
pub(crate) enum Text {
    Plain(Arc<str>),
    Formula(Arc<dyn Expression>),
}

/// To whom a user task goes, and with what.
#[derive(Debug, Clone, Default)]
pub(crate) struct UserTask {
    pub post: Option<Text>,
    pub organ: Option<Text>,
    pub form: Option<Id>,
    pub limit: Option<Text>,
    pub act: Option<Id>,
    /// The outside system that owns it (分建), and the variables that its report may set.
    pub system: Option<Id>,
    pub sets: Vec<Id>,
    /// The fields of the form that the system may see.
    pub shows: Vec<Id>,
    /// The rule by which silence after the limit counts as agreement; `None`: it never does.
    pub late: Option<Id>,
    /// What files of other engines say about persons; told to the caller, who assigns by post.
    pub assignee: Option<Text>,
    pub candidate_groups: Vec<Text>,
    pub candidate_users: Vec<Text>,
}

/// A message by name, and which of several waiting instances it is for.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub name: Text,
    pub key: Option<Arc<dyn Expression>>,
}

/// What a catching event waits for.
#[derive(Debug, Clone)]
pub(crate) enum Trigger {
    Timer(TimerSpec),
    Message(Message),
    Signal(Text),
    /// An error of this code, or any; the variable that takes the code.
    Error(Option<Arc<str>>, Option<Arc<str>>),
    /// An escalation of this code, or any; the variable that takes the code.
    Escalation(Option<Arc<str>>, Option<Arc<str>>),
    Condition(Arc<dyn Expression>),
}

/// What a throwing event, or an end event, does.
#[derive(Debug, Clone)]
pub(crate) enum Throw {
    Nothing,
    Message(Message),
    Signal(Text),
    /// End events only.
    Error(Arc<str>),
    Escalation(Arc<str>),
    /// To the catching link of the same name.
    Link(usize),
    /// End events only.
    Terminate,
}

/// One value that goes into or out of an activity: `source` evaluated on one side is `target` on the other.
#[derive(Debug, Clone)]
pub(crate) struct Mapping {
    pub source: Source,
    pub target: Arc<str>,
}

/// Where a mapped value comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Formula(Arc<dyn Expression>),
    Variable(Arc<str>),
    Text(Arc<str>),
}

/// One act of a script.
#[derive(Debug, Clone)]
pub(crate) enum Do {
    Set(Mapping),
    /// Leaves a trace in the record, for whoever watches a simulation.
    Trace(Arc<str>),
    /// Throws an error.
    Fail(Arc<str>),
}

/// Which version of a called definition is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// The newest that is published when the call is made.
    Latest,
    /// The one that was deployed together with the caller.
    Deployment,
    /// A fixed version.
    Version(Arc<str>),
}

/// A call of another process.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub process: Text,
    pub binding: Binding,
    /// All variables go in (the file asks for it, or names none at all).
    pub all_in: bool,
    pub all_out: bool,
    pub inputs: Vec<Mapping>,
    pub outputs: Vec<Mapping>,
}

/// A decision.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub decision: Text,
    pub binding: Binding,
    pub result: Option<Arc<str>>,
}

/// How an activity is repeated.
#[derive(Debug, Clone)]
pub(crate) enum Repeat {
    /// One after the other while the condition holds.
    Loop {
        test_before: bool,
        condition: Option<Arc<dyn Expression>>,
        most: Option<u32>,
    },
    /// For each of many.
    Multi(Box<Multi>),
}

/// Multi-instance characteristics.
#[derive(Debug, Clone, Default)]
pub(crate) struct Multi {
    pub sequential: bool,
    pub cardinality: Option<Arc<dyn Expression>>,
    pub collection: Option<Arc<dyn Expression>>,
    pub item: Option<Arc<str>>,
    pub until: Option<Arc<dyn Expression>>,
    /// The list that collects one value per instance.
    pub output: Option<Arc<str>>,
    pub output_item: Option<Arc<dyn Expression>>,
    /// What the vote of each counts, where a countersign is weighted.
    pub weight: Option<Arc<dyn Expression>>,
    /// A variable that takes the result of all together, evaluated where the list is known.
    pub result: Option<(Arc<str>, Arc<dyn Expression>)>,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// `None`: a plain start.
    Start(Option<Trigger>),
    End {
        throws: Throw,
        outcome: Option<Id>,
    },
    /// Manual task, task without type, catching link: nothing to wait for.
    Pass,
    Throw(Throw),
    Catch(Trigger),
    Boundary {
        attached: usize,
        interrupting: bool,
        trigger: Trigger,
    },
    User(Box<UserTask>),
    /// A service that somebody else carries out, by the name under which the caller knows it.
    Service(Id),
    /// Each in turn.
    Script(Vec<Do>),
    /// Waits for a message, or for the caller's word if it names none.
    Receive(Option<Message>),
    Rule(Box<Rule>),
    Call(Box<Call>),
    Exclusive,
    Parallel,
    Inclusive,
    EventGate,
    /// Embedded sub-process: the index of its scope.
    Sub(usize),
    /// Event sub-process: the index of its scope. No token ever comes to it by a flow.
    EventSub(usize),
}

#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub id: Id,
    pub name: Arc<str>,
    pub line: u32,
    /// Local name of the BPMN element.
    pub element: &'static str,
    pub kind: Kind,
    /// The scope it belongs to.
    pub scope: usize,
    pub incoming: Vec<usize>,
    pub outgoing: Vec<usize>,
    pub default: Option<usize>,
    pub boundary: Vec<usize>,
    pub repeat: Option<Repeat>,
    /// Values of its own, set before it begins; what it writes stays inside unless `outputs` names it.
    pub inputs: Vec<Mapping>,
    pub outputs: Vec<Mapping>,
    pub lane: Option<Arc<str>>,
}

impl Node {
    /// Whether the element can hold boundary events and be repeated.
    pub(crate) fn is_activity(&self) -> bool {
        matches!(
            self.kind,
            Kind::User(_)
                | Kind::Service(_)
                | Kind::Script(_)
                | Kind::Receive(_)
                | Kind::Rule(_)
                | Kind::Call(_)
                | Kind::Sub(_)
        ) || matches!(self.kind, Kind::Pass | Kind::Throw(_)) && !self.element.ends_with("Event")
    }

    /// Whether values of its own need a scope of their own.
    pub(crate) fn is_mapped(&self) -> bool {
        !self.inputs.is_empty() || !self.outputs.is_empty()
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Flow {
    pub id: Id,
    pub name: Arc<str>,
    pub source: usize,
    pub target: usize,
    pub condition: Option<Arc<dyn Expression>>,
}

/// A process, an embedded sub-process or an event sub-process.
#[derive(Debug, Clone)]
pub(crate) struct ScopeDef {
    pub id: Id,
    pub name: Arc<str>,
    /// The sub-process element; `None` for a process.
    pub node: Option<usize>,
    /// The scope around it; `None` for a process.
    pub parent: Option<usize>,
    pub nodes: Vec<usize>,
    /// The plain start event.
    pub start: Option<usize>,
    /// Where a scope without plain start event begins: every element to which nothing leads.
    pub first: Vec<usize>,
    /// Start events with a trigger.
    pub triggered: Vec<usize>,
    /// Its event sub-processes, as elements.
    pub event_subs: Vec<usize>,
    pub inclusive_joins: Vec<usize>,
    /// Data objects with their first values.
    pub data: Vec<(Arc<str>, serde_json::Value)>,
    /// Start events of an event sub-process that let the scope around it go on.
    pub calm: Vec<usize>,
}

impl ScopeDef {
    /// The element from which the others are reached.
    pub(crate) fn begins(&self) -> Option<usize> {
        let start = self.start.or_else(|| self.first.first().copied());
        start.or_else(|| self.triggered.first().copied())
    }
}
