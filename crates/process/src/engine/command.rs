//! What goes in and what comes out: commands, events (the record), effects (what the caller does).

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{Id, Signer, State, Turns, Vars, Wait, What, is_zero, none};

/// A wish; either a [`Step`] or a [`super::Refusal`] answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    /// Starts a new instance: `process` of the file, or its main one; at the start event `at`, or the plain one.
    Start {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<Id>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Id>,
        vars: Vars,
    },
    /// Starts a process of the file that begins with this message: a new instance, or another participant.
    StartMessage { name: Arc<str>, vars: Vars },
    /// A person has done a task.
    Complete { task: u64, vars: Vars },
    /// A service has done its work.
    ServiceDone { work: u64, vars: Vars },
    /// A service gave up; the work item stays open with an incident.
    ServiceFailed { work: u64, reason: String },
    /// An open task or work item ends with a business error, which a boundary event or event sub-process may catch.
    Fail { token: u64, error: Arc<str> },
    /// An open task or work item reports an escalation and stays open, unless what catches it interrupts.
    Escalate { token: u64, code: Arc<str> },
    /// Goes on with a token that an incident holds (asks the service again, or continues a stopped run).
    Retry { token: u64 },
    /// A timer is due.
    FireTimer { timer: u64 },
    /// A message for whoever waits for it; `at` when only one of several elements is meant.
    Message {
        name: Arc<str>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Arc<str>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Id>,
        vars: Vars,
    },
    /// A signal for all who wait for it.
    Signal { name: Arc<str>, vars: Vars },
    /// The caller's word for a receive task without message, or for any armed event of this element.
    Trigger { element: Id, vars: Vars },
    /// Changes variables; conditions that now hold have their effect.
    SetVars { vars: Vars },
    /// Holds tasks and timers (中止、特别程序).
    Suspend { reason: String },
    /// Ends a suspension.
    Resume,
    /// Ends the instance by order, without an end event (撤回、终止).
    Terminate { reason: String },
    /// 退回: cancels an open task and everything that came after `to`, and opens `to` again.
    Return { task: u64, to: Id, reason: String },
    /// 跳转: takes the tokens away that are in `from`, and puts one into each of `to`. Scopes open and close as needed.
    Move {
        from: Vec<Id>,
        to: Vec<Id>,
        reason: String,
    },
    /// 加签: one more of the parallel repetitions of `element`, with values of its own.
    AddOne { element: Id, vars: Vars },
    /// 前加签: the signer comes before the holder of this task, which is held until the signer is done. In a countersign all who
    /// have not signed wait for the new member.
    SignBefore { task: u64, signer: Box<Signer> },
    /// 后加签: the signer comes after the holder of this task, before the process goes on. In a countersign the new member comes after
    /// all present ones; one after the other, right after the present one.
    SignAfter { task: u64, signer: Box<Signer> },
    /// 减签: takes one open repetition, or the turn of an added signer, away; `task` is the task in it.
    RemoveOne { task: u64, reason: String },
}

impl Command {
    /// Starts the main process at its plain start event.
    #[must_use]
    pub fn start(vars: Vars) -> Self {
        Self::Start {
            process: None,
            at: None,
            vars,
        }
    }
}

/// When a timer is due; the caller knows calendars and the limits of the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Due {
    /// At an instant.
    At(Timestamp),
    /// After so many working days, at their end.
    WorkingDays(u32),
    /// After so many minutes of office hours.
    WorkingMinutes(u32),
    /// So many working days before (negative) or after the limit of the case.
    Limit(i32),
}

/// What can be thrown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matter {
    Message,
    Signal,
    Error,
    Escalation,
}

/// One fact of the record. [`super::fold`] over all events of an instance gives its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A scope was opened. A process of its own has no token and is its own parent.
    Opened {
        scope: u64,
        parent: u64,
        element: Id,
        what: What,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<u64>,
    },
    /// A scope was closed: all in it were done, or it was taken away.
    Closed { scope: u64, done: bool },
    /// A new token came into being at an element.
    Born {
        token: u64,
        #[serde(default, skip_serializing_if = "is_zero")]
        scope: u64,
        element: Id,
    },
    /// Variables of a scope were written.
    VarsSet {
        #[serde(default, skip_serializing_if = "is_zero")]
        scope: u64,
        vars: Vars,
    },
    /// A token (a new one, if the number is new) took a flow.
    Taken {
        token: u64,
        #[serde(default, skip_serializing_if = "is_zero")]
        scope: u64,
        flow: Id,
    },
    /// A token came to an element without a flow: by an event, a link, an order.
    Came { token: u64, element: Id },
    /// A token waits in an event-based gateway for one of the events behind it.
    Rests { token: u64, element: Id },
    /// Tokens were merged into one at a join.
    Joined {
        element: Id,
        token: u64,
        merged: Vec<u64>,
    },
    /// A user task was opened for a post of an organ.
    TaskOpened {
        task: u64,
        token: u64,
        element: Id,
        post: Option<Id>,
        organ: Option<Id>,
    },
    /// A user task was done.
    TaskCompleted { task: u64, element: Id },
    /// A user task was taken away.
    TaskCancelled { task: u64, element: Id },
    /// A service was asked.
    WorkOpened { work: u64, token: u64, element: Id },
    /// The service answered.
    WorkDone { work: u64, element: Id },
    /// The work item was taken away.
    WorkCancelled { work: u64, element: Id },
    /// An event was armed; `rests` when the token stays in the event itself.
    Armed {
        wait: Wait,
        rests: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Due>,
    },
    /// An armed event happened.
    Fired { wait: u64, element: Id },
    /// An armed event was taken away.
    Disarmed { wait: u64, element: Id },
    /// More repetitions were added to a running activity (加签), or taken from it (减签).
    Counted {
        scope: u64,
        total: Option<u32>,
        /// So many of those that had begun will begin again, or were taken out of a sequence.
        #[serde(default, skip_serializing_if = "none")]
        back: u32,
    },
    /// The turns at a task changed: a signer was added, or the next has it.
    Turned { scope: u64, turns: Box<Turns> },
    /// An open task stays as it is while others are lined up behind it; another token has it.
    TaskKept { task: u64, token: u64 },
    /// A decision was made: its value and the rules that matched.
    Decided {
        element: Id,
        decision: Arc<str>,
        rules: Vec<Arc<str>>,
        value: serde_json::Value,
    },
    /// Something was thrown: a message, signal, error or escalation.
    Thrown {
        element: Id,
        what: Matter,
        name: Arc<str>,
    },
    /// A script left a trace.
    Traced { element: Id, name: Arc<str> },
    /// A token came to its end.
    TokenEnded { token: u64, element: Id },
    /// A token was taken away.
    TokenCancelled { token: u64 },
    /// A token cannot go on by itself.
    Incident {
        token: u64,
        element: Id,
        reason: String,
    },
    /// An incident was lifted.
    Retried { token: u64 },
    /// The case was sent back, or moved by order.
    Moved {
        from: Vec<Id>,
        to: Vec<Id>,
        reason: String,
    },
    /// The instance runs on another version from now on; elements and flows that have another id there.
    Migrated {
        to: Arc<str>,
        renames: Vec<(Id, Id)>,
    },
    /// Held.
    Suspended { reason: String },
    /// Released.
    Resumed,
    /// The instance is over.
    Ended {
        element: Option<Id>,
        outcome: Option<Id>,
        reason: Option<String>,
    },
}

/// Everything the caller needs to make a task row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenTask {
    /// Number within the instance.
    pub task: u64,
    /// The user task element.
    pub element: Id,
    /// Its name in the picture.
    pub name: Arc<str>,
    /// 岗位.
    pub post: Option<Id>,
    /// 机构, as the definition or a variable names it.
    pub organ: Option<Id>,
    /// Form to show.
    pub form: Option<Id>,
    /// Time limit as written, e.g. `P3D`; the caller knows working days.
    pub limit: Option<Id>,
    /// The legal act of this step, e.g. `accept`.
    pub act: Option<Id>,
    /// A person, where the file names one (files of other engines do).
    pub assignee: Option<Id>,
    /// Groups and persons who may take the task, where the file names them.
    pub candidate_groups: Vec<Id>,
    /// See `candidate_groups`.
    pub candidate_users: Vec<Id>,
}

/// What the caller does, in this order, in the transaction that stores the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "effect", rename_all = "kebab-case")]
pub enum Effect {
    /// Make a task row.
    OpenTask(Box<OpenTask>),
    /// Close a task row; `done` is false when the task was taken away.
    CloseTask { task: u64, element: Id, done: bool },
    /// Make a timer row; a row of the same number is moved.
    ArmTimer { timer: u64, element: Id, due: Due },
    /// Remove a timer row.
    DisarmTimer { timer: u64, element: Id },
    /// Put a call in the outbox, keyed by instance and `work`.
    CallService { work: u64, element: Id, service: Id },
    /// The answer is no longer wanted.
    CancelService { work: u64, element: Id },
    /// Make a row under which a message finds this instance.
    Subscribe {
        wait: u64,
        element: Id,
        name: Arc<str>,
        key: Option<Arc<str>>,
    },
    /// Remove that row, or that of a signal.
    Unsubscribe { wait: u64, element: Id },
    /// Make a row under which a signal finds this instance.
    Listen {
        wait: u64,
        element: Id,
        name: Arc<str>,
    },
    /// Nobody in this instance waits for the message: send it outside.
    SendMessage {
        element: Id,
        name: Arc<str>,
        key: Option<Arc<str>>,
        vars: Vars,
    },
    /// Tell all other instances that listen.
    Broadcast { element: Id, name: Arc<str> },
    /// Tell an administrator.
    Incident {
        token: u64,
        element: Id,
        reason: String,
    },
    /// The instance is over; `outcome` is the code at the end event.
    Ended {
        end_event: Option<Id>,
        outcome: Option<Id>,
    },
}

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The next state.
    pub state: State,
    /// The record of what happened.
    pub events: Vec<Event>,
    /// What the caller does.
    pub effects: Vec<Effect>,
}
