//! What goes over the wire. Column names follow the exchange tables (政务服务平台 办件数据).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::words::machine_time;
use crate::service::{CaseLine, CaseView, Hand, InboxLine};

/// The wish to begin a draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDraft {
    /// 实施编码 of the item.
    pub(super) item_code: String,
    /// Situation question → chosen option.
    #[serde(default)]
    pub(super) situation: std::collections::BTreeMap<String, String>,
}

/// A draft.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DraftBody {
    /// `drf_…`.
    pub(super) draft: String,
    pub(super) item_code: String,
    pub(super) task_name: String,
    /// For `If-Match`.
    pub(super) revision: i64,
    /// 0–100.
    pub(super) percent: u32,
    /// RFC 3339.
    pub(super) expires_at: String,
    /// Field → value, as far as understood.
    #[schema(value_type = Object)]
    pub(super) answers: Value,
    /// What keeps the draft from being submitted.
    pub(super) problems: Vec<ProblemBody>,
}

/// One thing that is missing or wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProblemBody {
    pub(super) field: String,
    pub(super) code: String,
    pub(super) message: String,
}

/// What a write of answers did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedBody {
    pub(super) revision: i64,
    /// Names that were not taken: unknown, or verified by an authority.
    pub(super) ignored: Vec<String>,
}

/// A file that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FileBody {
    /// `att_…`.
    pub(super) file: String,
    pub(super) material: String,
    pub(super) name: String,
}

/// A submitted application.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReceiptBody {
    /// 办件编号.
    pub(super) project_no: String,
    pub(super) task_name: String,
}

/// A case in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseBody {
    /// 办件编号.
    pub(super) project_no: String,
    /// 事项名称.
    pub(super) task_name: String,
    /// 实施机构.
    pub(super) dept_name: String,
    /// 申请者名称, masked where it is a person's.
    pub(super) applyer_name: String,
    /// 办理状态.
    pub(super) state_name: String,
    /// National code of the last event, 1–15.
    pub(super) state: u8,
    /// 承诺办结日期.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) promise_date: Option<String>,
    /// 申请时间, RFC 3339.
    pub(super) apply_date: String,
}

impl From<&CaseLine> for CaseBody {
    fn from(line: &CaseLine) -> Self {
        Self {
            project_no: line.project_no.clone(),
            task_name: line.task_name.clone(),
            dept_name: line.organ_name.clone(),
            applyer_name: line.applyer_masked.clone(),
            state_name: line.state.label().to_owned(),
            state: line.state.code(),
            promise_date: line.promise_due.map(|due| due.to_string()),
            apply_date: time(line.submitted_at),
        }
    }
}

/// An event of the record.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventBody {
    pub(super) seq: u32,
    /// RFC 3339.
    pub(super) happened_at: String,
    pub(super) event: String,
    /// Who did it, masked for applicants.
    pub(super) by: String,
    pub(super) by_role: String,
    /// In whose place, in words: 受…委托, 代….
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) on_behalf: Option<String>,
    /// Leaf hash in the transparency log.
    pub(super) leaf: String,
    /// Its place in the log, once it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) log_index: Option<u64>,
    /// The facts of the event.
    #[schema(value_type = Object)]
    pub(super) fact: Value,
}

/// A numbered document.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DocumentBody {
    pub(super) title: String,
    pub(super) number: String,
    /// Where the PDF is; absent while it is being made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) href: Option<String>,
}

/// The promised limit today.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClockBody {
    /// 承诺办结时限, days.
    pub(super) promise_day: u32,
    /// 法定办结时限, days.
    pub(super) anticipate_day: u32,
    pub(super) used: u32,
    /// Negative when overdue.
    pub(super) left: i64,
    pub(super) promise_date: String,
    pub(super) anticipate_date: String,
    /// Why the clock stands still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suspended: Option<String>,
}

/// A whole case.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseDetail {
    #[serde(flatten)]
    pub(super) case: CaseBody,
    /// 实施编码.
    pub(super) task_code: String,
    /// 申报来源.
    pub(super) apply_channel: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) clock: Option<ClockBody>,
    pub(super) events: Vec<EventBody>,
    pub(super) documents: Vec<DocumentBody>,
}

impl From<&CaseView> for CaseDetail {
    fn from(view: &CaseView) -> Self {
        let case = &view.case;
        Self {
            case: CaseBody {
                project_no: case.project_no.clone(),
                task_name: case.task_name.clone(),
                dept_name: case.organ_name.clone(),
                applyer_name: case.applyer_masked.clone(),
                state_name: case.state.label().to_owned(),
                state: case.state.code(),
                promise_date: view.clock.as_ref().map(|clock| clock.due.to_string()),
                apply_date: time(case.submitted_at),
            },
            task_code: case.task_code.clone(),
            apply_channel: case.apply_channel,
            clock: view.clock.as_ref().map(|clock| ClockBody {
                promise_day: clock.promised_days,
                anticipate_day: clock.statutory_days,
                used: clock.used,
                left: clock.left,
                promise_date: clock.due.to_string(),
                anticipate_date: clock.statutory_due.to_string(),
                suspended: clock.suspended.as_ref().map(|(reason, _)| reason.clone()),
            }),
            events: view.events.iter().map(event).collect(),
            documents: view
                .documents
                .iter()
                .map(|document| DocumentBody {
                    title: document.title.clone(),
                    number: document.number.clone(),
                    href: document
                        .sha256
                        .is_some()
                        .then(|| format!("/cases/{}/documents/{}", case.project_no, document.id)),
                })
                .collect(),
        }
    }
}

fn event(view: &crate::service::EventView) -> EventBody {
    EventBody {
        seq: view.event.seq,
        happened_at: time(view.event.at),
        event: view.event.fact.name().to_owned(),
        by: view.event.by.name.clone(),
        by_role: view.event.by.role.clone(),
        on_behalf: view
            .event
            .by
            .behalf
            .as_ref()
            .map(crate::model::Behalf::words),
        leaf: view.event.leaf.clone(),
        log_index: view.log_index,
        fact: serde_json::to_value(&view.event.fact).unwrap_or_default(),
    }
}

/// A task in the inbox of an officer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TaskBody {
    /// `tsk_…`.
    pub(super) task: String,
    /// 环节名称.
    pub(super) name: String,
    /// `pre-review`, `accept`, `review`, `countersign`, `decide`.
    pub(super) act: String,
    /// How often it was urged.
    pub(super) urged: u32,
    /// It was handed to whoever asks.
    pub(super) in_hand: bool,
    /// In whose place whoever asks does it, in words: 受…委托, 代….
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) on_behalf: Option<String>,
    /// Whoever asks has delegated it to this officer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delegated_to: Option<String>,
    /// RFC 3339.
    pub(super) opened_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) due_on: Option<String>,
    pub(super) case: CaseBody,
}

impl From<&InboxLine> for TaskBody {
    fn from(line: &InboxLine) -> Self {
        Self {
            task: line.task.to_string(),
            name: line.task_label.clone(),
            act: line.act.clone(),
            urged: line.urged,
            in_hand: matches!(line.hand, Hand::Own | Hand::For(_)),
            on_behalf: match &line.hand {
                Hand::For(behalf) => Some(behalf.words()),
                _ => None,
            },
            delegated_to: match &line.hand {
                Hand::Delegated(name) => Some(name.clone()),
                _ => None,
            },
            opened_at: time(line.opened_at),
            due_on: line.due_on.map(|due| due.to_string()),
            case: CaseBody::from(&line.case),
        }
    }
}

/// The case on which something was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DoneBody {
    /// 办件编号.
    pub(super) project_no: String,
}

/// An opinion: 预审意见.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OpinionBody {
    pub(super) opinion: String,
}

/// One thing to complete.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemBody {
    /// Field path or material.
    #[serde(default)]
    pub(super) target: String,
    pub(super) name: String,
    pub(super) requirement: String,
}

/// Everything to complete, at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SupplementRequestBody {
    pub(super) items: Vec<ItemBody>,
    /// Working days for it, 1–60.
    pub(super) days: u32,
}

/// Why a case is not accepted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefusalBody {
    pub(super) reason: String,
    #[serde(default)]
    pub(super) competent_organ: Option<String>,
    /// No permit is needed: 不受理.
    #[serde(default)]
    pub(super) not_required: bool,
}

/// One organ's review.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReviewBody {
    pub(super) passed: bool,
    pub(super) opinion: String,
}

/// The decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionBody {
    pub(super) granted: bool,
    pub(super) reason: String,
}

/// The answer to a supplement notice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SupplementBody {
    #[serde(default)]
    pub(super) note: String,
}

/// Why an application is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WithdrawalBody {
    pub(super) reason: String,
}

fn time(at: Timestamp) -> String {
    machine_time(at)
}
