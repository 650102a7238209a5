//! Why a command changes nothing.

use super::state::Id;

impl Refusal {
    /// The element that a refusal is about.
    #[must_use]
    pub fn element(&self) -> Option<&Id> {
        match self {
            Self::NotDeployed { element, .. }
            | Self::NoMatchingFlow { element }
            | Self::UncaughtError { element, .. }
            | Self::Expression { element, .. }
            | Self::BadTimer { element, .. }
            | Self::TooMany { element, .. }
            | Self::CannotReturn { from: element, .. }
            | Self::CannotMove { to: element, .. }
            | Self::CannotChange { element, .. }
            | Self::NoSubscription(element)
            | Self::NoSuchStart(element)
            | Self::ForeignState(element) => Some(element),
            _ => None,
        }
    }
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
    /// Nobody waits for this message, signal or word.
    #[error("没有环节在等待“{0}”")]
    NoSubscription(Id),
    /// The file has no such process, or no start event that fits.
    #[error("流程定义中没有可以这样启动的流程“{0}”")]
    NoSuchStart(Id),
    /// A called process or decision that nobody provides.
    #[error("“{element}”调用的“{called}”没有部署")]
    NotDeployed { element: Id, called: Id },
    /// No condition holds and there is no default.
    #[error("“{element}”没有一个分支的条件成立，也没有缺省分支")]
    NoMatchingFlow { element: Id },
    /// An error that no boundary event and no event sub-process catches.
    #[error("“{element}”抛出的错误“{code}”没有被捕获")]
    UncaughtError { element: Id, code: Id },
    /// An expression has no value.
    #[error("“{element}”：{why}")]
    Expression { element: Id, why: String },
    /// A timer has no due time.
    #[error("计时器“{element}”的时间无效：{why}")]
    BadTimer { element: Id, why: String },
    /// Variables are too large.
    #[error("流程变量过大（上限 {0} 字节）或嵌套过深")]
    TooManyVars(usize),
    /// More scopes, tokens or waits than one instance may have.
    #[error("“{element}”：一个流程实例中的环节过多（上限 {most}）")]
    TooMany { element: Id, most: usize },
    /// 退回 to something that is not an earlier user task of this branch.
    #[error("不能从“{from}”退回到“{to}”：{why}")]
    CannotReturn { from: Id, to: Id, why: &'static str },
    /// 跳转 between places that do not fit.
    #[error("不能移动到“{to}”：{why}")]
    CannotMove { to: Id, why: &'static str },
    /// 加签、减签 where nothing is repeated in parallel.
    #[error("“{element}”{why}")]
    CannotChange { element: Id, why: &'static str },
    /// State and definition do not belong together.
    #[error("状态与流程定义不符：没有元素“{0}”")]
    ForeignState(Id),
    /// The state was written by another version.
    #[error("不认识的状态版本 {0}")]
    UnknownVersion(u8),
}
