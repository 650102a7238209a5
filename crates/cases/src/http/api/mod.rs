//! The JSON interface of cases: the same use cases as the pages, nouns in the addresses, keys that make repeats harmless.

mod advice;
mod cases;
mod decisions;
mod delegation;
mod drafts;
mod files;
mod incidents;
mod orders;
mod processes;
mod record_exports;
mod shapes;
mod tasks;
mod termination;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::map_response;
use axum::routing::{get, post};
use utoipa::OpenApi as _;

pub(super) fn router() -> Router {
    Router::new()
        .route("/api/v1/drafts", post(drafts::create))
        .route(
            "/api/v1/drafts/{id}/answers",
            get(drafts::answers).put(drafts::replace),
        )
        .route(
            "/api/v1/drafts/{id}/files",
            post(files::create)
                .layer(DefaultBodyLimit::max(files::REQUEST_BYTES_MAX))
                .layer(map_response(files::close_after_refusal)),
        )
        .route("/api/v1/drafts/{id}/submission", post(drafts::submission))
        .route("/api/v1/cases", get(cases::list))
        .route("/api/v1/cases/{project_no}", get(cases::one))
        .route(
            "/api/v1/cases/{project_no}/supplements",
            post(cases::supplement),
        )
        .route(
            "/api/v1/cases/{project_no}/withdrawal",
            post(cases::withdrawal),
        )
        .route("/api/v1/tasks", get(tasks::list))
        .route("/api/v1/tasks/{task}/pre-review", post(tasks::pre_review))
        .route(
            "/api/v1/tasks/{task}/supplement-request",
            post(tasks::supplement_request),
        )
        .route("/api/v1/tasks/{task}/refusal", post(tasks::refusal))
        .route("/api/v1/tasks/{task}/acceptance", post(tasks::acceptance))
        .route("/api/v1/tasks/{task}/review", post(tasks::review))
        .route("/api/v1/tasks/{task}/decision", post(tasks::decision))
        .route(
            "/api/v1/decisions",
            get(decisions::list)
                .post(decisions::create)
                .layer(DefaultBodyLimit::max(decisions::REQUEST_BYTES_MAX)),
        )
        .route("/api/v1/decisions/{hash}", get(decisions::one))
        .route("/api/v1/decisions/{hash}/dmn", get(decisions::dmn))
        .route(
            "/api/v1/decisions/{hash}/publication",
            post(decisions::publish),
        )
        .route("/api/v1/decisions/{hash}/trials", post(decisions::trial))
        .route(
            "/api/v1/cases/{project_no}/rule-decisions",
            get(decisions::of_case),
        )
        .route(
            "/api/v1/processes",
            get(processes::list)
                .post(processes::create)
                .layer(DefaultBodyLimit::max(processes::REQUEST_BYTES_MAX)),
        )
        .route("/api/v1/processes/{hash}", get(processes::one))
        .route("/api/v1/processes/{hash}/bpmn", get(processes::bpmn))
        .route(
            "/api/v1/processes/{hash}/publication",
            post(processes::publish),
        )
        .route(
            "/api/v1/processes/{hash}/move-trials",
            post(processes::trial),
        )
        .route("/api/v1/processes/{hash}/moves", post(processes::order))
        .route("/api/v1/process-moves/{n}", get(processes::report))
        .route("/api/v1/incidents", get(incidents::list))
        .route(
            "/api/v1/incidents/{incident}/repair",
            post(incidents::repair),
        )
        .route(
            "/api/v1/record-exports",
            get(record_exports::list).post(record_exports::create),
        )
        .route(
            "/api/v1/tasks/{task}/countersignature",
            post(orders::countersignature),
        )
        .route("/api/v1/tasks/{task}/receivers", get(orders::receivers))
        .route("/api/v1/tasks/{task}/transfer", post(orders::transfer))
        .route("/api/v1/tasks/{task}/delegates", get(delegation::delegates))
        .route(
            "/api/v1/tasks/{task}/delegation",
            post(delegation::delegate),
        )
        .route(
            "/api/v1/tasks/{task}/delegation/return",
            post(delegation::end),
        )
        .route(
            "/api/v1/tasks/{task}/return-targets",
            get(orders::return_targets),
        )
        .route("/api/v1/tasks/{task}/return", post(orders::send_back))
        .route("/api/v1/tasks/{task}/recall", post(orders::take_back))
        .route("/api/v1/tasks/{task}/signers", post(advice::signer))
        .route("/api/v1/tasks/{task}/opinion-requests", post(advice::ask))
        .route("/api/v1/opinion-requests", get(advice::asked))
        .route("/api/v1/opinion-requests/{id}/answer", post(advice::answer))
        .route("/api/v1/tasks/{task}/copies", post(advice::copy))
        .route("/api/v1/copies", get(advice::copies))
        .route("/api/v1/copies/{id}", get(advice::read))
        .route("/api/v1/cases/{project_no}/opinions", get(advice::grid))
        .route("/api/v1/cases/{project_no}/urges", post(orders::urge))
        .route(
            "/api/v1/cases/{project_no}/termination",
            post(termination::terminate),
        )
        .route(
            "/api/v1/cases/{project_no}/signers",
            post(orders::add_signer),
        )
        .route(
            "/api/v1/cases/{project_no}/signers/removal",
            post(orders::remove_signer),
        )
        .route(
            "/api/v1/cases/{project_no}/redirection-targets",
            get(orders::redirection_targets),
        )
        .route(
            "/api/v1/cases/{project_no}/redirection",
            post(orders::redirection),
        )
}

#[derive(utoipa::OpenApi)]
#[openapi(paths(
    drafts::create,
    drafts::answers,
    drafts::replace,
    drafts::submission,
    files::create,
    cases::list,
    cases::one,
    cases::supplement,
    cases::withdrawal,
    tasks::list,
    tasks::pre_review,
    tasks::supplement_request,
    tasks::refusal,
    tasks::acceptance,
    tasks::review,
    tasks::decision,
    decisions::list,
    decisions::create,
    decisions::one,
    decisions::dmn,
    decisions::publish,
    decisions::trial,
    decisions::of_case,
    processes::list,
    processes::create,
    processes::one,
    processes::bpmn,
    processes::publish,
    processes::trial,
    processes::order,
    processes::report,
    incidents::list,
    incidents::repair,
    record_exports::list,
    record_exports::create,
    orders::countersignature,
    orders::receivers,
    orders::transfer,
    delegation::delegates,
    delegation::delegate,
    delegation::end,
    orders::return_targets,
    orders::send_back,
    orders::take_back,
    orders::urge,
    orders::add_signer,
    orders::remove_signer,
    orders::redirection_targets,
    orders::redirection,
    termination::terminate,
    advice::signer,
    advice::ask,
    advice::asked,
    advice::answer,
    advice::copy,
    advice::copies,
    advice::read,
    advice::grid,
))]
struct Document;

pub(super) fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
