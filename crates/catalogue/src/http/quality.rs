//! `/work/catalogue`: what the published items lack and which rules they break, for officers.

use askama::Template;
use axum::http::Uri;
use axum::response::Response;
use tongban_kernel::{Act, Resource, Result};
use tongban_webkit::http::{encode, pairs};
use tongban_webkit::ui::{self, Fact, Facts, Pager, Tone};
use tongban_webkit::{Ctx, Failure, Html, Page, PageShell};

use super::item_href;
use crate::model::{QualityReport, ServiceItem, Severity, check};
use crate::service::{self, Offer};

/// Rows of a page.
const ROWS: usize = 20;
/// Items read at once.
const PAGE: u32 = 500;
/// The report is over at most so many items.
const MOST: usize = 50_000;
/// Findings shown of an item.
const FINDINGS: usize = 6;

/// A rule or an element with its counts.
struct Count {
    key: String,
    label: String,
    items: usize,
    errors: usize,
    warnings: usize,
    /// Share of all items, for the bar.
    percent: usize,
}

/// An item with what is wrong with it.
struct Row {
    name: String,
    href: String,
    organ: String,
    errors: usize,
    warnings: usize,
    findings: Vec<(Html, String)>,
    more: usize,
}

#[derive(Template)]
#[template(path = "quality.html")]
struct QualityPage<'a> {
    shell: &'a PageShell,
    facts: Facts,
    rules: Vec<Count>,
    missing: Vec<Count>,
    rows: Vec<Row>,
    pager: Pager,
    /// Code and name of the organ that the list is narrowed to.
    organ: Option<(String, String)>,
    organs: Vec<(String, String, u64)>,
}

impl QualityPage<'_> {
    fn chosen(&self, code: &str) -> bool {
        self.organ
            .as_ref()
            .is_some_and(|(chosen, _)| chosen == code)
    }
}

/// Every item in force, without the forms.
async fn everything(ctx: &Ctx) -> Result<Vec<ServiceItem>> {
    let (mut items, mut after) = (Vec::new(), String::new());
    while items.len() < MOST {
        let page = service::items_after(ctx, &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.code);
        items.extend(page.into_iter().map(|offer| offer.item));
    }
    Ok(items)
}

fn row(shell: &PageShell, offer: &Offer) -> Row {
    let found = check(&offer.item);
    let errors = found
        .iter()
        .filter(|one| one.severity == Severity::Error)
        .count();
    let shown = found.iter().take(FINDINGS).map(|one| {
        let tone = if one.severity == Severity::Error {
            Tone::Red
        } else {
            Tone::Amber
        };
        (ui::tag(tone, one.rule.code()), shell.zh(&one.message))
    });
    Row {
        name: shell.zh(&offer.item.task_name),
        href: item_href(&offer.code),
        organ: shell.zh(&offer.organ_name),
        errors,
        warnings: found.len() - errors,
        findings: shown.collect(),
        more: found.len().saturating_sub(FINDINGS),
    }
}

fn facts(shell: &PageShell, report: &QualityReport) -> Facts {
    let fact = |key: &str, value: String, unit: &str| Fact {
        label: shell.t(key),
        before: String::new(),
        value,
        unit: unit.to_owned(),
    };
    let accuracy = report.accuracy_permille().map_or_else(
        || shell.t("word-none"),
        |permille| format!("{}.{}", permille / 10, permille % 10),
    );
    Facts {
        facts: vec![
            fact("quality-items", report.items.to_string(), ""),
            fact("quality-publishable", report.publishable.to_string(), ""),
            fact("quality-clean", report.clean.to_string(), ""),
            fact(
                "quality-accuracy",
                accuracy,
                if report.items > 0 { "%" } else { "" },
            ),
        ],
    }
}

/// `GET /work/catalogue?organ=&after=`.
pub(super) async fn page(page: Page, ctx: Ctx, uri: Uri) -> Result<Response, Failure> {
    ctx.authorize(Act::ViewWorkbench, Resource::Platform)?;
    let query = pairs(uri.query().unwrap_or("").as_bytes(), 16).unwrap_or_default();
    let find = |name: &str| {
        let found = query
            .iter()
            .find(|(key, value)| key == name && value.len() <= 200);
        found.map_or("", |(_, value)| value.as_str())
    };
    let (organ, after) = (find("organ"), find("after"));
    let fetch = u32::try_from(ROWS + 1).unwrap_or(u32::MAX);
    let mut offers = if organ.is_empty() {
        service::items_after(&ctx, after, fetch).await?
    } else {
        service::items_of_organ(&ctx, organ, after, fetch).await?
    };
    let items = everything(&ctx).await?;
    // Some hundred rules over some thousand items: beside the runtime's threads.
    let report = tokio::task::spawn_blocking(move || QualityReport::over(&items))
        .await
        .map_err(|_| tongban_kernel::Error::internal("the quality report panicked"))?;
    let organs = service::organs_with_items(&ctx).await?;
    let more = offers.len() > ROWS;
    offers.truncate(ROWS);
    let address = |after: Option<&str>| {
        let fields = [("organ", organ), ("after", after.unwrap_or(""))];
        let text = encode(fields.into_iter().filter(|(_, value)| !value.is_empty()));
        format!("/work/catalogue?{text}#items")
    };
    let title = page.shell().t("quality-title");
    let page = page.titled(title).nav("catalogue");
    let shell = page.shell();
    let view = QualityPage {
        shell,
        facts: facts(shell, &report),
        rules: rules(shell, &report),
        missing: missing(shell, &report),
        rows: offers.iter().map(|offer| row(shell, offer)).collect(),
        pager: Pager {
            summary: String::new(),
            first_href: (!after.is_empty()).then(|| address(None)),
            next_href: offers
                .last()
                .filter(|_| more)
                .map(|last| address(Some(&last.code))),
        },
        organ: organs
            .iter()
            .find(|(code, ..)| !organ.is_empty() && code == organ)
            .map(|(code, name, _)| (code.clone(), shell.zh(name))),
        organs: organs
            .into_iter()
            .filter(|(code, ..)| !code.is_empty())
            .collect(),
    };
    Ok(page.staff_html(&view))
}

fn percent(part: usize, whole: usize) -> usize {
    (part * 100).checked_div(whole).unwrap_or(0)
}

fn rules(shell: &PageShell, report: &QualityReport) -> Vec<Count> {
    let rules = report.hits.iter().map(|hit| Count {
        key: hit.rule.code().to_owned(),
        label: shell.zh(hit.rule.label()),
        items: hit.items,
        errors: hit.errors,
        warnings: hit.warnings,
        percent: percent(hit.items, report.items),
    });
    rules.collect()
}

/// Elements that the exchange requires and that items lack, most first.
fn missing(shell: &PageShell, report: &QualityReport) -> Vec<Count> {
    let lacking = report.missing.iter().filter(|one| one.required > 0);
    let mut missing: Vec<Count> = lacking
        .map(|one| Count {
            key: one.element.to_owned(),
            label: shell.zh(one.label),
            items: one.required,
            errors: 0,
            warnings: 0,
            percent: percent(one.required, report.items),
        })
        .collect();
    missing.sort_by_key(|one| std::cmp::Reverse(one.items));
    missing
}
