//! `/admin/calendar/imports`: a year from a file, shown before it takes effect.

use askama::Template;
use axum::response::Response;
use tongban_kernel::{Act, FieldProblem, Resource};
use tongban_webkit::ui::{ErrorSummary, Problem};
use tongban_webkit::{Ctx, Failure, FormLimits, Multipart, Page, PageShell, Part, ProtectedPairs};

use super::calendar_change::{
    Asked, head, key, pairs_of, preview_page, problems_of, reason_field, titled,
};
use crate::service::{CalendarEdit, ChangeCalendar, change_calendar, preview_calendar};

/// Largest file taken, bytes; a year has about 6 KB.
const FILE_BYTES_MAX: usize = 256 << 10;

#[derive(Template)]
#[template(path = "calendar_import.html")]
struct ImportPage<'a> {
    shell: &'a PageShell,
    problems: ErrorSummary,
    error: String,
}

fn import_page(page: &Page, problems: &[FieldProblem], year: i16) -> Response {
    let title = page.shell().t("cal-import");
    let page = titled(page, &title, year);
    let shell = page.shell();
    let error = problems
        .first()
        .map(|problem| problem.message.clone())
        .unwrap_or_default();
    let content = ImportPage {
        shell,
        problems: ErrorSummary {
            problems: problems
                .iter()
                .map(|problem| Problem {
                    id: "f-file".to_owned(),
                    text: problem.message.clone(),
                })
                .collect(),
        },
        error,
    };
    page.staff_form(&content, !problems.is_empty())
}

/// `GET /admin/calendar/imports`.
pub(super) async fn form(ctx: Ctx, page: Page) -> Result<Response, Failure> {
    ctx.authorize(Act::ManageCalendar, Resource::Platform)?;
    Ok(import_page(&page, &[], ctx.clock.today().year()))
}

fn import_asked(page: &Page, json: &str, reason: &str) -> Asked {
    Asked {
        action: "/admin/calendar/imports/confirmation".to_owned(),
        back: "/admin/calendar/imports".to_owned(),
        hidden: pairs_of(&[("json", json)]),
        fields: vec![reason_field(page.shell(), reason)],
    }
}

/// `POST /admin/calendar/imports`: reads the file and shows what it would change; nothing is kept.
pub(super) async fn send(ctx: Ctx, page: Page, multipart: Multipart) -> Result<Response, Failure> {
    ctx.authorize(Act::ManageCalendar, Resource::Platform)?;
    let mut multipart = multipart.limited(FormLimits {
        total_bytes: FILE_BYTES_MAX,
        parts: 8,
        ..FormLimits::default()
    });
    let mut bytes = Vec::new();
    while let Some(part) = multipart.next_part().await? {
        if let Part::File(file) = part {
            let keep = |chunk: &[u8]| {
                bytes.extend_from_slice(chunk);
                Ok(())
            };
            file.stream(FILE_BYTES_MAX as u64, keep).await?;
        }
    }
    multipart.finish()?;
    let year = ctx.clock.today().year();
    let problem = |key: &str| FieldProblem::new("file", "file", page.shell().t(key));
    if bytes.is_empty() {
        return Ok(import_page(&page, &[problem("cal-file-needed")], year));
    }
    let Ok(json) = String::from_utf8(bytes) else {
        return Ok(import_page(&page, &[problem("cal-file-not-text")], year));
    };
    // Some editors put a byte order mark in front.
    let json = json.trim_start_matches('\u{feff}').to_owned();
    match preview_calendar(&ctx, &import_of(&json, "", 0, String::new())).await {
        Ok(preview) => {
            let asked = import_asked(&page, &json, "");
            Ok(preview_page(&page, &preview, asked, &[]))
        }
        Err(error) => Ok(import_page(&page, &problems_of(error)?, year)),
    }
}

fn import_of(json: &str, reason: &str, head: u32, key: String) -> ChangeCalendar {
    ChangeCalendar {
        edit: CalendarEdit::Import {
            json: json.to_owned(),
        },
        reason: reason.to_owned(),
        head,
        key,
    }
}

/// `POST /admin/calendar/imports/confirmation`: the change that was shown.
pub(super) async fn confirm(
    ctx: Ctx,
    page: Page,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    ctx.authorize(Act::ManageCalendar, Resource::Platform)?;
    let json = fields.get("json").unwrap_or_default();
    let reason = fields.get("reason").unwrap_or_default();
    let wish = import_of(json, reason, head(&fields)?, key(&fields));
    match change_calendar(&ctx, wish).await {
        Ok(change) => Ok(page.see_other(&format!("/admin/calendar?year={}&done=1", change.year))),
        Err(error) => {
            let problems = problems_of(error)?;
            // The file is judged first: if it cannot be read, it has to be chosen again.
            match preview_calendar(&ctx, &import_of(json, "", 0, String::new())).await {
                Ok(preview) => {
                    let asked = import_asked(&page, json, reason);
                    Ok(preview_page(&page, &preview, asked, &problems))
                }
                Err(error) => Ok(import_page(
                    &page,
                    &problems_of(error)?,
                    ctx.clock.today().year(),
                )),
            }
        }
    }
}
