//! `/work/ratings`: the indices and the latest ratings, for officers.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;
use tongban_kernel::RatingId;
use tongban_webkit::ui::{Empty, Fact, Facts, Pager, Tab, Tabs};
use tongban_webkit::{Ctx, Cursor, Failure, List, Page, PageParams, PageShell, bad_page};

use super::rating::{level_key, tag_key};
use crate::model::{RatingLine, Summary};
use crate::service::ratings;

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    only: String,
}

struct Row {
    project_no: String,
    task_name: String,
    level: String,
    bad: bool,
    tags: String,
    text: String,
    on: String,
    due: String,
}

#[derive(Template)]
#[template(path = "work_ratings.html")]
struct ListPage<'a> {
    shell: &'a PageShell,
    facts: Facts,
    levels: Vec<(String, u64)>,
    tabs: Tabs,
    rows: Vec<Row>,
    pager: Pager,
    empty: Empty,
}

pub(super) async fn list(
    ctx: Ctx,
    page: Page,
    params: PageParams,
    Query(which): Query<Which>,
) -> Result<Response, Failure> {
    let only_bad = which.only == "bad";
    let after = params
        .after
        .as_ref()
        .and_then(|Cursor(keys)| keys.first())
        .map(|key| key.parse::<RatingId>())
        .transpose()
        .map_err(|_| bad_page())?;
    let found = ratings(&ctx, only_bad, after, params.fetch()).await?;
    let title = page.shell().t("rating-list");
    let page = page.titled(title).nav("ratings");
    let shell = page.shell();
    let lines = List::of(found.lines, &params, |line| {
        vec![line.rating.id.to_string()]
    });
    let only = if only_bad { "&only=bad" } else { "" };
    let pager = Pager {
        summary: shell.t1("rating-total", "n", found.summary.total()),
        first_href: params
            .after
            .is_some()
            .then(|| format!("/work/ratings?{}", only.trim_start_matches('&'))),
        next_href: lines
            .next
            .map(|next| format!("/work/ratings?after={next}{only}")),
    };
    Ok(page.staff_html(&ListPage {
        shell,
        facts: facts(shell, &found.summary),
        levels: crate::model::Level::ALL
            .iter()
            .zip(found.summary.by_level)
            .map(|(level, count)| (shell.t(&level_key(*level)), count))
            .collect(),
        tabs: tabs(shell, &found.summary, only_bad),
        rows: lines.items.iter().map(|line| row(shell, line)).collect(),
        pager,
        empty: Empty {
            icon: "smile",
            title: shell.t("rating-none"),
            text: shell.t("rating-none-text"),
            action_text: String::new(),
            action_href: String::new(),
            filtered: only_bad,
        },
    }))
}

/// 997 → `99.7`; nothing without a base.
fn per_cent(per_mille: Option<u64>) -> (String, String) {
    match per_mille {
        Some(n) => (format!("{}.{}", n / 10, n % 10), "%".to_owned()),
        None => ("—".to_owned(), String::new()),
    }
}

fn facts(shell: &PageShell, summary: &Summary) -> Facts {
    let fact = |key: &str, (value, unit): (String, String)| Fact {
        label: shell.t(key),
        before: String::new(),
        value,
        unit,
    };
    let count = |n: u64| (n.to_string(), String::new());
    Facts {
        facts: vec![
            fact("rating-count", count(summary.total())),
            fact("rating-good-share", per_cent(summary.good_per_mille())),
            fact("rating-rectified", per_cent(summary.rectified_per_mille())),
            fact("rating-open", count(summary.open)),
            fact("rating-overdue", count(summary.overdue)),
        ],
    }
}

fn tabs(shell: &PageShell, summary: &Summary, only_bad: bool) -> Tabs {
    let bad = summary.by_level.iter().skip(3).sum();
    let tab = |key: &str, href: &str, count, current, urgent| Tab {
        text: shell.t(key),
        href: href.to_owned(),
        count: Some(count),
        urgent,
        current,
    };
    Tabs {
        label: shell.t("rating-list"),
        tabs: vec![
            tab(
                "rating-all",
                "/work/ratings",
                summary.total(),
                !only_bad,
                false,
            ),
            tab(
                "rating-bad",
                "/work/ratings?only=bad",
                bad,
                only_bad,
                summary.overdue > 0,
            ),
        ],
    }
}

fn row(shell: &PageShell, line: &RatingLine) -> Row {
    let rating = &line.rating;
    let tags: Vec<String> = rating
        .tags
        .iter()
        .map(|tag| shell.t(&tag_key(*tag)))
        .collect();
    Row {
        project_no: line.project_no.clone(),
        task_name: shell.zh(&line.task_name),
        level: shell.t(&level_key(rating.level)),
        bad: rating.level.is_bad(),
        tags: tags.join(" · "),
        text: rating.text.clone(),
        on: tongban_kernel::shanghai_date(rating.rated_at).to_string(),
        due: rating
            .rectify_by
            .map(|due| due.to_string())
            .unwrap_or_default(),
    }
}
