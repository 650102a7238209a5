//! Lists of items: by theme for persons and enterprises, by organ, all.

use askama::Template;
use axum::extract::Path;
use axum::http::Uri;
use axum::response::Response;
use tongban_kernel::{Error, Result};
use tongban_search::{Facet, Query};
use tongban_webkit::http::pairs;
use tongban_webkit::ui::{Empty, Pager};
use tongban_webkit::{Ctx, Failure, Page, PageShell};

use super::index::SearchIndex;
use super::overview::{ThemeTile, counted, organ_href, tiles};
use super::row::ItemRow;
use super::search::{self, Asked};
use super::themes::{self, Side};
use crate::service;

/// Rows of a page.
const ROWS: u32 = 20;

#[derive(Template)]
#[template(path = "themes.html")]
struct ThemesPage<'a> {
    shell: &'a PageShell,
    title: String,
    intro: String,
    tiles: Vec<ThemeTile>,
    /// The chosen theme, e.g. `p040`.
    chosen: &'a str,
    all_href: &'static str,
    /// How many items of no published object there are.
    unpublished: u32,
    list_title: String,
    total: usize,
    rows: Vec<ItemRow>,
    pager: Pager,
    empty: Empty,
}

impl ThemesPage<'_> {
    fn is_chosen(&self, tile: &ThemeTile) -> bool {
        !self.chosen.is_empty() && tile.href.ends_with(self.chosen)
    }
}

#[derive(Template)]
#[template(path = "items.html")]
struct ItemsPage<'a> {
    shell: &'a PageShell,
    title: String,
    intro: String,
    /// The title is content of the catalogue.
    title_is_zh: bool,
    rows: Vec<ItemRow>,
    pager: Pager,
    empty: Empty,
}

#[derive(Template)]
#[template(path = "organs.html")]
struct OrgansPage<'a> {
    shell: &'a PageShell,
    /// Name, address, items.
    organs: Vec<(String, String, u64)>,
    items: u64,
}

/// `GET /person`.
pub(super) async fn person(page: Page, ctx: Ctx, uri: Uri) -> Result<Response, Failure> {
    Ok(by_theme(page, ctx, uri, Side::Person).await?)
}

/// `GET /enterprise`.
pub(super) async fn enterprise(page: Page, ctx: Ctx, uri: Uri) -> Result<Response, Failure> {
    Ok(by_theme(page, ctx, uri, Side::Legal).await?)
}

async fn by_theme(page: Page, ctx: Ctx, uri: Uri, side: Side) -> Result<Response> {
    let (key, nav) = match side {
        Side::Person => ("person", "nav-person"),
        Side::Legal => ("enterprise", "nav-enterprise"),
    };
    let mut asked = Asked::read(uri.query().unwrap_or(""));
    asked.text.clear();
    asked.newest = false;
    asked.filters.retain(|(name, value)| {
        *name == "theme" && value.starts_with(side.letter()) && themes::label(value).is_some()
    });
    asked.filters.truncate(1);
    let chosen = asked
        .filters
        .first()
        .map_or("", |(_, value)| value.as_str())
        .to_owned();
    let index = ctx.parts.get::<SearchIndex>()?;
    let all = index.search(Query::new("")).await?;
    let mut query = asked.query(20);
    for object in side.objects() {
        query = query.filter(Facet::Object, *object);
    }
    let hits = index.search(query).await?;
    let shell = page.shell();
    let (home, title) = (shell.t("nav-home"), shell.t(nav));
    let theme = themes::label(&chosen).map(|label| shell.zh(label));
    let page = page
        .titled(theme.clone().unwrap_or_else(|| title.clone()))
        .nav(key)
        .crumb(home, "/");
    let page = match &theme {
        Some(theme) => page
            .crumb(title.clone(), side.path())
            .crumb(theme.clone(), ""),
        None => page.crumb(title.clone(), ""),
    };
    let shell = page.shell();
    let view = ThemesPage {
        shell,
        intro: shell.t(&format!("{key}-intro")),
        tiles: tiles(&all, side),
        chosen: &chosen,
        all_href: side.path(),
        unpublished: counted(&all, Facet::Object, "0"),
        list_title: theme.unwrap_or_else(|| shell.t("list-all")),
        total: hits.total,
        rows: search::rows(shell, &ctx, &hits, false).await?,
        pager: search::pager(&asked, &hits, side.path()),
        empty: none(shell),
        title,
    };
    Ok(page.html(&view))
}

fn none(shell: &PageShell) -> Empty {
    Empty {
        text: shell.t("list-none"),
        action_text: shell.t("search-by-organ"),
        action_href: "/organs".to_owned(),
        ..Empty::default()
    }
}

/// The code after which the page begins.
fn after(uri: &Uri) -> String {
    let query = pairs(uri.query().unwrap_or("").as_bytes(), 16).unwrap_or_default();
    let found = query.into_iter().find(|(name, _)| name == "after");
    found
        .map(|(_, value)| value)
        .filter(|value| value.len() <= 200)
        .unwrap_or_default()
}

/// A page of rows from `offers` (one more than shown) and its pager.
fn paged(
    shell: &PageShell,
    ctx: &Ctx,
    mut offers: Vec<service::Offer>,
    after: &str,
    path: &str,
) -> (Vec<ItemRow>, Pager) {
    let more = offers.len() > ROWS as usize;
    offers.truncate(ROWS as usize);
    let next = offers.last().filter(|_| more).map(|last| {
        let query = tongban_webkit::http::encode([("after", last.code.as_str())]);
        format!("{path}?{query}")
    });
    let today = ctx.clock.today();
    let rows = offers
        .iter()
        .map(|offer| ItemRow::of(shell, offer, today))
        .collect();
    let pager = Pager {
        summary: String::new(),
        first_href: (!after.is_empty()).then(|| path.to_owned()),
        next_href: next,
    };
    (rows, pager)
}

/// `GET /items`.
pub(super) async fn all(page: Page, ctx: Ctx, uri: Uri) -> Result<Response, Failure> {
    let after = after(&uri);
    let offers = service::items_after(&ctx, &after, ROWS + 1).await?;
    let count = service::count(&ctx).await?;
    let shell = page.shell();
    let (home, title) = (shell.t("nav-home"), shell.t("items-title"));
    let page = page
        .titled(title.clone())
        .nav("organs")
        .crumb(home, "/")
        .crumb(title.clone(), "");
    let shell = page.shell();
    let (rows, pager) = paged(shell, &ctx, offers, &after, "/items");
    Ok(page.html(&ItemsPage {
        shell,
        title,
        intro: shell.t1("items-intro", "n", count),
        title_is_zh: false,
        rows,
        pager,
        empty: none(shell),
    }))
}

/// `GET /organs`.
pub(super) async fn organs(page: Page, ctx: Ctx) -> Result<Response, Failure> {
    let organs = service::organs_with_items(&ctx).await?;
    let items = organs.iter().map(|(.., count)| count).sum();
    let shell = page.shell();
    let (home, title) = (shell.t("nav-home"), shell.t("nav-organs"));
    let page = page
        .titled(title.clone())
        .nav("organs")
        .crumb(home, "/")
        .crumb(title, "");
    let shell = page.shell();
    let organs = organs
        .into_iter()
        .map(|(code, name, count)| (shell.zh(&name), organ_href(&code, &name), count))
        .collect();
    Ok(page.html(&OrgansPage {
        shell,
        organs,
        items,
    }))
}

/// `GET /organs/{code}`.
pub(super) async fn organ(
    page: Page,
    ctx: Ctx,
    Path(code): Path<String>,
    uri: Uri,
) -> Result<Response, Failure> {
    let after = after(&uri);
    let offers = service::items_of_organ(&ctx, &code, &after, ROWS + 1).await?;
    let organs = service::organs_with_items(&ctx).await?;
    let (_, name, count) = organs
        .into_iter()
        .find(|(known, ..)| *known == code)
        .ok_or_else(Error::not_found)?;
    let shell = page.shell();
    let (home, word, title) = (shell.t("nav-home"), shell.t("nav-organs"), shell.zh(&name));
    let page = page
        .titled(title.clone())
        .nav("organs")
        .crumb(home, "/")
        .crumb(word, "/organs")
        .crumb(title.clone(), "");
    let shell = page.shell();
    let (rows, pager) = paged(shell, &ctx, offers, &after, &organ_href(&code, &name));
    Ok(page.html(&ItemsPage {
        shell,
        title,
        intro: shell.t1("organ-intro", "n", count),
        title_is_zh: true,
        rows,
        pager,
        empty: none(shell),
    }))
}
