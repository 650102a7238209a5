//! `/admin/decisions`: what is published, and what waits.

use askama::Template;
use axum::response::Response;
use tongban_webkit::{Ctx, Failure, Page, PageShell};

use super::{Version, short};
use crate::http::words::moment;
use crate::service::decisions;

struct Line {
    name: String,
    title: String,
    decisions: String,
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
#[template(path = "decisions.html")]
struct ListPage<'a> {
    shell: &'a PageShell,
    lines: Vec<Line>,
    waiting: Vec<Waiting>,
}

/// `GET /admin/decisions`.
pub(super) async fn show(ctx: Ctx, page: Page) -> Result<Response, Failure> {
    let (found, waiting) = decisions(&ctx).await?;
    let title = page.shell().t("de-title");
    let page = page.clone().titled(title).nav("decisions");
    let shell = page.shell();
    let lines = found.iter().filter_map(|line| {
        let mut versions = line.versions.iter().map(Version::from);
        Some(Line {
            name: line.name.clone(),
            title: shell.zh(&line.title),
            decisions: shell.zh(&line.decisions.join("、")),
            newest: versions.next()?,
            older: versions.collect(),
        })
    });
    let waiting = waiting.iter().map(|file| Waiting {
        short: short(&file.hash),
        hash: file.hash.clone(),
        name: file.name.clone(),
        who: shell.zh(&file.by_whom),
        at: moment(file.uploaded_at),
    });
    let content = ListPage {
        shell,
        lines: lines.collect(),
        waiting: waiting.collect(),
    };
    Ok(page.staff_html(&content))
}
