//! Pages for citizens and officers, one file per resource.

mod advice;
mod advice_sheet;
mod apply;
mod calendar;
mod calendar_change;
mod calendar_import;
mod case_form;
mod case_orders;
mod case_view;
mod check;
mod decisions;
mod delegation;
mod draft;
mod draft_nav;
mod files;
mod flow;
mod form_page;
mod inbox;
mod incidents;
mod materials;
mod my;
mod order_words;
mod orders;
mod processes;
mod progress;
mod receipt;
mod record_exports;
mod rule_upload;
mod rule_words;
mod signers;
mod special;
mod supplement;
mod task;
mod task_acts;
mod termination;
mod upload;
mod withdrawal;
mod work_case;

use axum::Router;
use axum::routing::{get, post};

pub(super) use files::inline;
pub(super) use upload::{Receiver, Waiting, limit_of};

pub(super) fn router() -> Router {
    Router::new()
        .merge(decisions::router())
        .merge(processes::router())
        .merge(order_router())
        .merge(incident_router())
        .route(
            "/admin/record-exports",
            get(record_exports::form).post(record_exports::send),
        )
        .merge(advice::router())
        .route("/apply/{item_code}", get(apply::show).post(apply::start))
        .route("/drafts/{id}", get(draft::show))
        .route(
            "/drafts/{id}/discard",
            get(draft::ask_discard).post(draft::discard),
        )
        .route(
            "/drafts/{id}/pages/{page}",
            get(form_page::show).post(form_page::save),
        )
        .route(
            "/drafts/{id}/pages/{page}/autosave",
            post(form_page::autosave),
        )
        .route(
            "/drafts/{id}/materials",
            get(materials::show).post(materials::save),
        )
        .route("/drafts/{id}/files/{file}", get(files::draft_file))
        .route("/drafts/{id}/check", get(check::show))
        .route("/drafts/{id}/submission", post(check::submit))
        .route("/my", get(my::space))
        .route("/my/cases", get(my::cases))
        .route("/cases", get(my::to_cases))
        .route("/cases/{no}", get(progress::show))
        .route("/cases/{no}/received", get(receipt::received))
        .route("/cases/{no}/receipt.pdf", get(receipt::pdf))
        .route("/cases/{no}/flow.svg", get(files::flow))
        .route("/cases/{no}/files/{file}", get(files::case_file))
        .route("/cases/{no}/documents/{document}", get(files::document))
        .route(
            "/cases/{no}/supplement",
            get(supplement::show).post(supplement::send),
        )
        .route(
            "/cases/{no}/withdrawal",
            get(withdrawal::show).post(withdrawal::send),
        )
        .route("/admin/calendar", get(calendar::show))
        .route(
            "/admin/calendar/days/{date}",
            get(calendar_change::day).post(calendar_change::send_day),
        )
        .route(
            "/admin/calendar/imports",
            get(calendar_import::form).post(calendar_import::send),
        )
        .route(
            "/admin/calendar/imports/confirmation",
            post(calendar_import::confirm),
        )
        .route("/work", get(inbox::show))
        .route("/work/search", get(inbox::search))
        .route("/work/tasks/{task}", get(task::show))
        .route("/work/tasks/{task}/pre-review", post(task_acts::pre_review))
        .route(
            "/work/tasks/{task}/supplement-request",
            post(task_acts::supplement_request),
        )
        .route("/work/tasks/{task}/refusal", post(task_acts::refusal))
        .route("/work/tasks/{task}/acceptance", post(task_acts::acceptance))
        .route("/work/tasks/{task}/review", post(task_acts::review))
        .route("/work/tasks/{task}/decision", post(task_acts::decision))
        .route(
            "/work/tasks/{task}/countersignature",
            post(task_acts::countersignature),
        )
        .route("/work/cases/{no}", get(work_case::show))
        .route("/work/cases/{no}/special-procedures", post(special::start))
        .route(
            "/work/cases/{no}/special-procedures/result",
            post(special::end),
        )
}

/// Steps that cannot go on by themselves.
fn incident_router() -> Router {
    Router::new()
        .route("/work/incidents", get(incidents::list))
        .route(
            "/work/incidents/{incident}",
            get(incidents::show).post(incidents::send),
        )
}

/// Orders about a task or a case.
fn order_router() -> Router {
    Router::new()
        .route(
            "/work/tasks/{task}/transfer",
            get(orders::ask_transfer).post(orders::transfer),
        )
        .route(
            "/work/tasks/{task}/delegation",
            get(delegation::ask).post(delegation::send),
        )
        .route(
            "/work/tasks/{task}/delegation/return",
            get(delegation::ask_end).post(delegation::end),
        )
        .route(
            "/work/tasks/{task}/return",
            get(orders::ask_return).post(orders::send_back),
        )
        .route(
            "/work/tasks/{task}/recall",
            get(orders::ask_take_back).post(orders::take_back),
        )
        .route(
            "/work/cases/{no}/signers/removal",
            get(case_orders::ask_unsign).post(case_orders::remove_signer),
        )
        .route(
            "/work/cases/{no}/urges",
            get(case_orders::ask_urge).post(case_orders::urge),
        )
        .route(
            "/work/cases/{no}/redirection",
            get(case_orders::ask_redirect).post(case_orders::redirect),
        )
        .route(
            "/work/cases/{no}/termination",
            get(termination::ask).post(termination::send),
        )
        .route(
            "/cases/{no}/urges",
            get(case_orders::ask_own_urge).post(case_orders::own_urge),
        )
}
