//! Life of an item version: draft → under review → published → suspended or cancelled.
//!
//! Every state carries its own facts; a transition consumes the old state and returns the new one or a typed refusal
//! that gives the old state back. A published version is never altered: a change starts a new draft.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongban_kernel::OfficerId;

use super::item::ServiceItem;
use super::lists::{TaskState, code_list};
use super::rules::{Finding, Severity, check};

code_list! {
    /// 变更类型 (国办函〔2016〕108号: dynamic management of items).
    ChangeKind {
        "add" Add "新增", "amend" Amend "变更", "split" Split "拆分", "merge" Merge "合并",
        "suspend" Suspend "暂停", "cancel" Cancel "取消",
    }
    /// Office whose opinion a change needs (编制、法制 审核).
    Office { "organ" Organ "实施主体", "establishment" Establishment "机构编制部门", "legal" Legal "法制审核部门" }
}

/// A version of an item, as the predecessor of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRef {
    pub task_code: String,
    pub task_version: u32,
}

/// Why a version is made and what it replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub kind: ChangeKind,
    pub reason: String,
    /// Versions that the change starts from: none for 新增, one for 变更 and 拆分, two or more for 合并.
    pub from: Vec<VersionRef>,
}

/// A document that is being written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub item: ServiceItem,
    pub change: Change,
    pub author: OfficerId,
    /// Why the last review sent it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<String>,
}

/// An opinion of a reviewing office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    pub office: Office,
    pub by: OfficerId,
    pub at: Timestamp,
    pub agrees: bool,
    pub text: String,
}

/// A document that waits for the opinions of the offices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnderReview {
    pub item: ServiceItem,
    pub change: Change,
    pub author: OfficerId,
    pub submitted: Timestamp,
    pub opinions: Vec<Opinion>,
}

/// An immutable published version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    pub item: ServiceItem,
    pub version: u32,
    pub effective_date: Date,
    /// `None` for a version that its organ published elsewhere and that is shown here as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opinions: Vec<Opinion>,
}

/// A version that is out of use for a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suspended {
    pub published: Published,
    pub since: Date,
    pub reason: String,
}

/// A version that has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cancelled {
    pub published: Published,
    pub since: Date,
    pub reason: String,
}

/// Any state, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ItemState {
    Draft(Box<Draft>),
    UnderReview(Box<UnderReview>),
    Published(Box<Published>),
    Suspended(Box<Suspended>),
    Cancelled(Box<Cancelled>),
}

/// Why a step of the lifecycle is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error("“{}”不产生新版本，请对已发布的版本办理", .0.label())]
    NotADraftChange(ChangeKind),
    #[error("“{}”应填写的原版本数不对", .0.label())]
    Predecessors(ChangeKind),
    #[error("请填写理由")]
    NoReason,
    #[error("编写人不得审核自己的稿件")]
    OwnDraft,
    #[error("{}尚未审核同意", .0.label())]
    NotAgreed(Office),
    #[error("事项版本应大于{0}")]
    Version(u32),
    #[error("有{}处错误，不能发布", .0.len())]
    Rules(Vec<Finding>),
    #[error("外部公布的事项应写明来源")]
    NoSource,
}

/// A refusal together with the state as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept<S> {
    pub state: S,
    pub refused: Refused,
}

impl Draft {
    /// Starts a change. 暂停 and 取消 are acts on a published version, not drafts.
    pub fn new(item: ServiceItem, change: Change, author: OfficerId) -> Result<Self, Refused> {
        let right = match change.kind {
            ChangeKind::Add => change.from.is_empty(),
            ChangeKind::Amend | ChangeKind::Split => change.from.len() == 1,
            ChangeKind::Merge => change.from.len() >= 2,
            kind @ (ChangeKind::Suspend | ChangeKind::Cancel) => {
                return Err(Refused::NotADraftChange(kind));
            }
        };
        if !right {
            return Err(Refused::Predecessors(change.kind));
        }
        if change.reason.trim().is_empty() {
            return Err(Refused::NoReason);
        }
        Ok(Self {
            item,
            change,
            author,
            returned: None,
        })
    }

    /// Findings on the document as it stands.
    pub fn findings(&self) -> Vec<Finding> {
        check(&self.item)
    }

    /// 提交审核.
    pub fn submit(self, at: Timestamp) -> UnderReview {
        let Self {
            item,
            change,
            author,
            ..
        } = self;
        UnderReview {
            item,
            change,
            author,
            submitted: at,
            opinions: Vec::new(),
        }
    }
}

impl UnderReview {
    /// Records an opinion; the latest of an office counts. Nobody reviews their own draft.
    pub fn give_opinion(mut self, opinion: Opinion) -> Result<Self, Box<Kept<Self>>> {
        if opinion.by == self.author {
            return Err(Box::new(Kept {
                state: self,
                refused: Refused::OwnDraft,
            }));
        }
        self.opinions.push(opinion);
        Ok(self)
    }

    /// 退回修改.
    pub fn send_back(self, reason: impl Into<String>) -> Draft {
        let Self {
            item,
            change,
            author,
            ..
        } = self;
        Draft {
            item,
            change,
            author,
            returned: Some(reason.into()),
        }
    }

    /// The office that has not agreed yet. An amendment that leaves name, code, basis and type alone needs the organ only;
    /// what makes or ends an item needs 编制 and 法制 too.
    pub fn missing_opinion(&self) -> Option<Office> {
        let offices: &[Office] = match self.change.kind {
            ChangeKind::Amend => &[Office::Organ],
            _ => &[Office::Organ, Office::Establishment, Office::Legal],
        };
        offices.iter().copied().find(|office| {
            let latest = self
                .opinions
                .iter()
                .rfind(|opinion| opinion.office == *office);
            !latest.is_some_and(|opinion| opinion.agrees)
        })
    }

    /// 发布: refused while an office has not agreed, the version does not grow, or an error hits.
    pub fn publish(
        mut self,
        version: u32,
        effective_date: Date,
    ) -> Result<Published, Box<Kept<Self>>> {
        let newest = self
            .change
            .from
            .iter()
            .map(|from| from.task_version)
            .max()
            .unwrap_or(0);
        if let Some(office) = self.missing_opinion() {
            return Err(Box::new(Kept {
                state: self,
                refused: Refused::NotAgreed(office),
            }));
        }
        if version <= newest {
            return Err(Box::new(Kept {
                state: self,
                refused: Refused::Version(newest),
            }));
        }
        let before = (
            self.item.task_version,
            self.item.task_state,
            self.item.plan_effective_date,
        );
        self.item.task_version = Some(version);
        self.item.task_state = Some(TaskState::InUse);
        self.item.plan_effective_date = Some(effective_date);
        let mut errors = check(&self.item);
        errors.retain(|finding| finding.severity == Severity::Error);
        if !errors.is_empty() {
            (
                self.item.task_version,
                self.item.task_state,
                self.item.plan_effective_date,
            ) = before;
            return Err(Box::new(Kept {
                state: self,
                refused: Refused::Rules(errors),
            }));
        }
        let Self {
            item,
            change,
            opinions,
            ..
        } = self;
        Ok(Published {
            item,
            version,
            effective_date,
            change: Some(change),
            opinions,
        })
    }
}

impl Published {
    /// A version that its organ published elsewhere: shown as it is, findings and all, never applied for here unless a form
    /// and a process are linked by a change of our own.
    pub fn mirrored(mut item: ServiceItem, effective_date: Date) -> Result<Self, Refused> {
        if item
            .source
            .as_deref()
            .is_none_or(|source| source.trim().is_empty())
        {
            return Err(Refused::NoSource);
        }
        item.form_id = None;
        item.process_id = None;
        let version = item.task_version.unwrap_or(1);
        Ok(Self {
            item,
            version,
            effective_date,
            change: None,
            opinions: Vec::new(),
        })
    }

    /// Whether the version is shown for another platform.
    pub fn is_mirrored(&self) -> bool {
        self.change.is_none()
    }

    /// 变更 or 拆分: a draft that starts from this version.
    pub fn amend(
        &self,
        kind: ChangeKind,
        reason: impl Into<String>,
        author: OfficerId,
    ) -> Result<Draft, Refused> {
        let task_code = self.item.task_code.clone().unwrap_or_default();
        let from = vec![VersionRef {
            task_code,
            task_version: self.version,
        }];
        Draft::new(
            self.item.clone(),
            Change {
                kind,
                reason: reason.into(),
                from,
            },
            author,
        )
    }

    /// 暂停.
    pub fn suspend(self, reason: &str, since: Date) -> Result<Suspended, Box<Kept<Self>>> {
        if reason.trim().is_empty() {
            return Err(Box::new(Kept {
                state: self,
                refused: Refused::NoReason,
            }));
        }
        let published = self.with_state(TaskState::Suspended);
        Ok(Suspended {
            published,
            since,
            reason: reason.to_owned(),
        })
    }

    /// 取消.
    pub fn cancel(self, reason: &str, since: Date) -> Result<Cancelled, Box<Kept<Self>>> {
        if reason.trim().is_empty() {
            return Err(Box::new(Kept {
                state: self,
                refused: Refused::NoReason,
            }));
        }
        let mut published = self.with_state(TaskState::Cancelled);
        published.item.plan_cancel_date = Some(since);
        Ok(Cancelled {
            published,
            since,
            reason: reason.to_owned(),
        })
    }

    fn with_state(mut self, state: TaskState) -> Self {
        self.item.task_state = Some(state);
        self
    }
}

impl Suspended {
    /// 恢复: the same version, in use again.
    pub fn resume(self) -> Published {
        self.published.with_state(TaskState::InUse)
    }

    /// 取消.
    pub fn cancel(self, reason: &str, since: Date) -> Result<Cancelled, Box<Kept<Self>>> {
        let Self {
            published,
            since: suspended,
            reason: why,
        } = self;
        published.cancel(reason, since).map_err(|kept| {
            let published = kept.state;
            Box::new(Kept {
                state: Self {
                    published,
                    since: suspended,
                    reason: why,
                },
                refused: kept.refused,
            })
        })
    }
}
