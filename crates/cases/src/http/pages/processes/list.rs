//! `/admin/processes`: what is published, and what waits.

use askama::Template;
use axum::response::Response;
use tongban_webkit::{Ctx, Failure, Page, PageShell};

use super::{Version, short};
use crate::http::words::moment;
use crate::service::{WaitingFile, processes};

struct Line {
    name: String,
    title: String,
    newest: Version,
    older: Vec<Version>,
}

struct Waiting {
    hash: String,
    short: String,
    name: String,
    who: String,
    at: String,
}

#[derive(Template)]
#[template(path = "processes.html")]
struct ListPage<'a> {
    shell: &'a PageShell,
    lines: Vec<Line>,
    waiting: Vec<Waiting>,
}

fn waits(shell: &PageShell, file: &WaitingFile) -> Waiting {
    Waiting {
        short: short(&file.hash),
        hash: file.hash.clone(),
        name: file.name.clone(),
        who: shell.zh(&file.by_whom),
        at: moment(file.uploaded_at),
    }
}

/// `GET /admin/processes`.
pub(super) async fn show(ctx: Ctx, page: Page) -> Result<Response, Failure> {
    let (found, waiting) = processes(&ctx).await?;
    let title = page.shell().t("pa-title");
    let page = page.clone().titled(title).nav("processes");
    let shell = page.shell();
    let lines = found.iter().filter_map(|line| {
        let mut versions = line.versions.iter().map(Version::from);
        Some(Line {
            name: line.name.clone(),
            title: shell.zh(if line.title.is_empty() {
                &line.name
            } else {
                &line.title
            }),
            newest: versions.next()?,
            older: versions.collect(),
        })
    });
    let content = ListPage {
        shell,
        lines: lines.collect(),
        waiting: waiting.iter().map(|file| waits(shell, file)).collect(),
    };
    Ok(page.staff_html(&content))
}
