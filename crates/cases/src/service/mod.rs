//! One use case per file: the command, the authority it needs, the rule, what it writes, the events it emits.

mod accept;
mod access;
mod act;
mod advice;
mod applicant;
mod attach;
mod calendar;
mod change_calendar;
mod copies;
mod countersign;
mod decide;
mod decision_admin;
mod delegate;
mod desk;
mod documents;
mod drafts;
mod drive;
mod export_record;
mod file_kind;
mod flow;
mod grid;
mod hands;
mod inbox;
mod incidents;
mod letters;
mod look;
mod messages;
mod once;
mod outside;
mod outside_messages;
mod outside_report;
mod overdue;
mod parts;
mod pre_review;
mod process_admin;
mod prove;
mod public_rule;
mod record;
mod rectified;
mod redirect;
mod review;
mod ruled;
mod rules;
mod send_back;
mod signers;
mod special;
mod submit;
mod system;
mod take_back;
mod terminate;
mod timers;
mod transfer;
mod urge;
mod watch;
mod work;

pub use accept::{Accept, accept};
pub use access::looks;
pub use act::OnTask;
pub use advice::{
    ASKED_POSTS, AdviceWaiting, AskDesk, AskOpinion, GiveOpinion, OPINION_DAYS_MAX, OpinionDesk,
    WithCase, advice_waiting, ask_desk, ask_opinion, give_opinion, my_opinions, opinion_desk,
};
pub use applicant::{Supplement, supplement, supplement_once, withdraw, withdraw_once};
pub use attach::{
    FILE_BYTES_MAX, FILES_MAX, NewFile, attach, attach_all_once, attach_to_case, clean_name,
    detach, draft_file_bytes, draft_files, receiving_desk, takes, takes_any, too_many,
};
pub use calendar::{
    CalendarDay, CalendarYear, YEARS, calendar, calendar_year, load_calendar, recount_due,
};
pub use change_calendar::{
    CALENDAR_CHANGED, CalendarEdit, CalendarPreview, ChangeCalendar, DayWish, change_calendar,
    import_calendar, preview_calendar,
};
pub use copies::{
    COPIES_MAX, CopyDesk, CopyView, SendCopy, copy_desk, my_copies, open_copy, send_copy,
};
pub use countersign::{
    AddSigner, Countersign, RemoveSigner, SignersDesk, add_signer, countersign, remove_signer,
    signers_desk,
};
pub use decide::{Decide, decide};
pub use decision_admin::*;
pub use delegate::{
    Delegate, DelegateDesk, DelegationDesk, EndDelegation, delegate, delegate_desk,
    delegation_desk, end_delegation,
};
pub use desk::{Desk, desk, my_desks};
pub use documents::{DOCUMENT_WANTED, DocumentOrder, document_made, document_order};
pub use drafts::{
    Draft, Saved, Seen, discard_draft, draft, my_drafts, save_answers, save_page, start_draft,
    start_draft_once,
};
pub use export_record::{ExportRecord, ExportedFile, export_organs, export_record, record_exports};
pub use file_kind::{FileKind, Looking};
pub use flow::{CaseFlow, FlowPart, FlowStep, case_flow};
pub use grid::{Beside, CopyRow, GridRow, GridState, OpinionRow, case_grid, grid};
pub use inbox::inbox;
pub use incidents::{IncidentDesk, incident, incidents, repair, service_failed};
pub use look::{
    CaseLine, CaseView, ClockView, EventView, Hand, InboxLine, TaskView, case_by_number,
    case_document_bytes, case_file_bytes, case_for_licence, case_head, clock_view, hands, my_cases,
    number_of,
};
pub use outside::{STEP_ASSIGNED, STEP_WITHDRAWN, step_unreachable, watch_steps};
pub use outside_messages::{KEPT_FOR, MESSAGE_WANTED, deliver_kept, take_message};
pub use outside_report::{report_step, step_case};
pub use overdue::urge_overdue;
pub use parts::{Divisions, Processes, PublicAddress, WorkCalendar, publish_process};
pub use pre_review::{
    Pass, RefuseAcceptance, RequestSupplement, pass_pre_review, refuse_acceptance,
    request_supplement,
};
pub use process_admin::*;
pub use prove::{ProvableCase, ProvableEvent, provable_case};
pub use rectified::{Rectified, RectifiedLeaf, record_rectification};
pub use redirect::{Redirect, RedirectDesk, redirect, redirect_desk};
pub use review::{Review, review};
pub use ruled::{CaseRule, DECISION_WANTED, case_rules, retry_case, retry_held};
pub use send_back::{SendBack, SendBackDesk, Way, send_back, send_back_desk};
pub use signers::{AskSigner, ask_signer};
pub use special::{StartSpecial, end_special, start_special};
pub use submit::{NumberHead, Receipt, SubmitCase, WindowOrgan, submit};
pub use system::{
    Rateable, audit_case, deem_accepted, licence_issued, rateable, record_rating, silent_cases,
};
pub use take_back::{TakeBackDesk, take_back, take_back_desk};
pub use terminate::{Terminate, TerminateDesk, terminate, terminate_desk};
pub use timers::{fire_timers, fire_timers_plan};
pub use transfer::{Transfer, TransferDesk, transfer, transfer_desk};
pub use urge::{Urge, UrgeDesk, urge, urge_desk, urged_today};
pub use watch::{CASE_HAPPENED, Watch};
pub use work::{
    Ahead, CaseDesk, Orders, TaskDesk, acceptance_ahead, answer_due_of, case_desk, case_offer,
    declared, task_desk,
};

/// The event by which the service task of a process asks for a licence.
pub const SERVICE_CALLED: &str = drive::SERVICE_CALLED;
/// See [`deliver_message`].
pub const MESSAGE_SENT: &str = drive::MESSAGE_SENT;
/// See [`deliver_message`].
pub const SIGNAL_SENT: &str = drive::SIGNAL_SENT;
pub use messages::deliver as deliver_message;
