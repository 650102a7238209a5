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
mod delegate;
mod desk;
mod documents;
mod drafts;
mod drive;
mod file_kind;
mod grid;
mod hands;
mod inbox;
mod letters;
mod look;
mod messages;
mod once;
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
mod send_back;
mod signers;
mod special;
mod submit;
mod system;
mod take_back;
mod timers;
mod transfer;
mod urge;
mod work;

pub use accept::{Accept, accept};
pub use access::looks;
pub use act::OnTask;
pub use advice::{
    ASKED_POSTS, AskDesk, AskOpinion, GiveOpinion, OPINION_DAYS_MAX, OpinionDesk, WithCase,
    ask_desk, ask_opinion, give_opinion, my_opinions, opinion_desk,
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
pub use file_kind::{FileKind, Looking};
pub use grid::{Beside, CopyRow, GridRow, GridState, OpinionRow, case_grid, grid};
pub use inbox::inbox;
pub use look::{
    CaseLine, CaseView, ClockView, EventView, Hand, InboxLine, TaskView, case_by_number,
    case_document_bytes, case_file_bytes, case_for_licence, case_head, case_picture, clock_view,
    hands, my_cases, number_of,
};
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
pub use send_back::{SendBack, SendBackDesk, Way, send_back, send_back_desk};
pub use signers::{AskSigner, ask_signer};
pub use special::{StartSpecial, end_special, start_special};
pub use submit::{NumberHead, Receipt, SubmitCase, WindowOrgan, submit};
pub use system::{
    Rateable, audit_case, deem_accepted, licence_issued, rateable, record_rating, silent_cases,
};
pub use take_back::{TakeBackDesk, take_back, take_back_desk};
pub use timers::fire_timers;
pub use transfer::{Transfer, TransferDesk, transfer, transfer_desk};
pub use urge::{Urge, UrgeDesk, urge, urge_desk, urged_today};
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
