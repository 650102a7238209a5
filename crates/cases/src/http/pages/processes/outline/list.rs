//! `/admin/processes/outlines`: the working copies, and how one is begun.

use askama::Template;
use axum::response::Response;
use tongban_kernel::ErrorKind;
use tongban_webkit::ui::{ErrorSummary, Field, Problem};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs, error_of};

use super::super::{hash, text};
use super::{LIST, home};
use crate::http::words::moment;
use crate::service::{BeginOutline, OutlineLine, begin_outline, outlines};

struct Line {
    n: u32,
    name: String,
    who: String,
    at: String,
}

#[derive(Template)]
#[template(path = "process_outlines.html")]
struct ListPage<'a> {
    shell: &'a PageShell,
    action: &'static str,
    problems: ErrorSummary,
    fields: Vec<Field>,
    lines: Vec<Line>,
    idem: String,
}

fn list_page(page: &Page, lines: &[OutlineLine], fields: Vec<Field>) -> Response {
    let title = page.shell().t("po-list");
    let page = super::super::titled(page, &title);
    let shell = page.shell();
    let wrong = fields.iter().filter(|field| !field.error.is_empty());
    let problems = wrong.map(|field| Problem {
        id: field.id.clone(),
        text: field.error.clone(),
    });
    let content = ListPage {
        shell,
        action: LIST,
        problems: ErrorSummary {
            problems: problems.collect(),
        },
        fields,
        lines: lines
            .iter()
            .map(|line| Line {
                n: line.n,
                name: shell.zh(&line.name),
                who: shell.zh(&line.changed_by),
                at: moment(line.changed_at),
            })
            .collect(),
        idem: shell.request.to_string(),
    };
    page.staff_form(&content, !content.problems.problems.is_empty())
}

fn fields(shell: &PageShell, id: &str, name: &str) -> Vec<Field> {
    vec![
        Field::text("id", &shell.t("po-new-id"), id).hint(&shell.t("po-new-id-hint")),
        Field::text("name", &shell.t("po-new-name"), name).hint(&shell.t("po-new-name-hint")),
    ]
}

/// `GET /admin/processes/outlines`.
pub(super) async fn show(ctx: Ctx, page: Page) -> Result<Response, Failure> {
    let lines = outlines(&ctx).await?;
    let fields = fields(page.shell(), "", "");
    Ok(list_page(&page, &lines, fields))
}

/// `POST /admin/processes/outlines`: from a file, or from nothing.
pub(super) async fn begin(
    ctx: Ctx,
    page: Page,
    typed: ProtectedPairs,
) -> Result<Response, Failure> {
    let key = text(&typed, "idem");
    let wish = match text(&typed, "from") {
        "" => BeginOutline::Blank {
            id: text(&typed, "id").to_owned(),
            name: text(&typed, "name").to_owned(),
        },
        from => BeginOutline::From(hash(from)?.to_owned()),
    };
    let blank = matches!(wish, BeginOutline::Blank { .. });
    match begin_outline(&ctx, wish, key).await {
        Ok(n) => Ok(page.see_other(&home(n))),
        Err(error) if blank && error.kind() == ErrorKind::Invalid => {
            let problems = error.field_problems();
            if problems.is_empty() {
                return Err(error.into());
            }
            let shell = page.shell();
            let mut fields = fields(shell, text(&typed, "id"), text(&typed, "name"));
            for field in &mut fields {
                field.error = shell.zh(&error_of(problems, &field.name));
            }
            let lines = outlines(&ctx).await?;
            Ok(list_page(&page, &lines, fields))
        }
        Err(error) => Err(error.into()),
    }
}
