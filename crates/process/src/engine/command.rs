//! What goes in and what comes out: commands, events (the record), effects (what the caller does), refusals.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{Id, State, Vars};

/// A wish; either a [`Step`] or a [`Refusal`] answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    /// Starts a new instance.
    Start { vars: Vars },
    /// A person has done a task.
    Complete { task: u64, vars: Vars },
    /// A service has done its work.
    ServiceDone { work: u64, vars: Vars },
    /// A service gave up; the work item stays open with an incident.
    ServiceFailed { work: u64, reason: String },
    /// Goes on with a token that an incident holds (asks the service again, or continues a stopped run).
    Retry { token: u64 },
    /// A timer is due.
    FireTimer { timer: u64 },
    /// Changes variables, moves nothing.
    SetVars { vars: Vars },
    /// Holds tasks and timers (中止、特别程序).
    Suspend { reason: String },
    /// Ends a suspension.
    Resume,
    /// Ends the instance by order, without an end event (撤回、终止).
    Terminate { reason: String },
    /// 退回: cancels an open task and everything that came after `to`, and opens `to` again.
    Move { from: u64, to: Id, reason: String },
}

/// When a timer is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Due {
    /// At an instant.
    At(Timestamp),
    /// After so many working days; the caller knows the calendar.
    WorkingDays(u32),
}

/// One fact of the record. [`super::fold`] over all events of an instance gives its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The instance began at a start event.
    Started { element: Id, token: u64 },
    /// Variables were written.
    VarsSet { vars: Vars },
    /// A token (a new one, if the number is new) took a flow.
    Taken { token: u64, flow: Id },
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
    /// A timer was set; `waits` when the token is in the timer event itself.
    TimerArmed {
        timer: u64,
        token: u64,
        element: Id,
        waits: bool,
        due: Due,
    },
    /// A timer was due.
    TimerFired { timer: u64, element: Id },
    /// A timer was taken away.
    TimerDisarmed { timer: u64, element: Id },
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
    /// The case was sent back.
    Returned {
        token: u64,
        from: Id,
        to: Id,
        reason: String,
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
}

/// What the caller does, in this order, in the transaction that stores the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "effect", rename_all = "kebab-case")]
pub enum Effect {
    /// Make a task row.
    OpenTask(Box<OpenTask>),
    /// Close a task row; `done` is false when the task was taken away.
    CloseTask { task: u64, element: Id, done: bool },
    /// Make a timer row.
    ArmTimer { timer: u64, element: Id, due: Due },
    /// Remove a timer row.
    DisarmTimer { timer: u64, element: Id },
    /// Put a call in the outbox, keyed by instance and `work`.
    CallService { work: u64, element: Id, service: Id },
    /// The answer is no longer wanted.
    CancelService { work: u64, element: Id },
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

/// Why a command changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Start on a started instance.
    #[error("流程已经启动")]
    AlreadyStarted,
    /// Not started yet.
    #[error("流程尚未启动")]
    NotStarted,
    /// Already over.
    #[error("流程已经结束")]
    AlreadyEnded,
    /// Held.
    #[error("流程已挂起，恢复后才能办理")]
    Suspended,
    /// Resume without suspension.
    #[error("流程没有挂起")]
    NotSuspended,
    /// Somebody was faster, or the number is wrong.
    #[error("没有待办任务 {0}（可能已被他人办理）")]
    NoSuchTask(u64),
    /// The same for a work item.
    #[error("没有待处理的服务工作项 {0}")]
    NoSuchWork(u64),
    /// The timer was taken away in the meantime; the caller may drop it.
    #[error("计时器 {0} 已撤销")]
    NoSuchTimer(u64),
    /// No incident holds this token.
    #[error("令牌 {0} 没有异常")]
    NoIncident(u64),
    /// No condition holds and there is no default.
    #[error("“{element}”没有一个分支的条件成立，也没有缺省分支")]
    NoMatchingFlow { element: Id },
    /// An expression has no value.
    #[error("“{element}”：{why}")]
    Expression { element: Id, why: String },
    /// A timer has no due time.
    #[error("计时器“{element}”的时间无效：{why}")]
    BadTimer { element: Id, why: String },
    /// Variables are too large.
    #[error("流程变量过大（上限 {0} 字节）或嵌套过深")]
    TooManyVars(usize),
    /// 退回 to something that is not an earlier user task of this branch.
    #[error("不能从“{from}”退回到“{to}”：{why}")]
    CannotReturn { from: Id, to: Id, why: &'static str },
    /// State and definition do not belong together.
    #[error("状态与流程定义不符：没有元素“{0}”")]
    ForeignState(Id),
    /// The state was written by another version.
    #[error("不认识的状态版本 {0}")]
    UnknownVersion(u8),
}
