//! `/search` and the suggestions under the box.

use askama::Template;
use axum::http::Uri;
use axum::response::{IntoResponse as _, Response};
use tongban_codes::codelist;
use tongban_kernel::Result;
use tongban_search::{Facet, FacetCount, Hits, Query, Sort};
use tongban_webkit::http::{encode, pairs};
use tongban_webkit::ui::{Empty, Pager};
use tongban_webkit::{ApiJson, Ctx, Failure, Page, PageShell};

use super::index::SearchIndex;
use super::row::ItemRow;
use super::themes;
use crate::service;

/// Values shown of a facet.
const FACET_VALUES: usize = 12;
/// Titles under the box.
const SUGGESTIONS: usize = 8;
/// Facets of the page, in order: name in the address, id of the heading.
const FACETS: [(Facet, &str, &str); 4] = [
    (Facet::Theme, "theme", "facet-theme"),
    (Facet::Object, "object", "facet-object"),
    (Facet::Depth, "depth", "facet-depth"),
    (Facet::Organ, "organ", "facet-organ"),
];

/// A search as it stands in the address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) text: String,
    /// Name of the facet and value.
    pub(super) filters: Vec<(&'static str, String)>,
    pub(super) newest: bool,
    pub(super) after: Option<String>,
}

impl Asked {
    /// Reads the query of an address; what is not known is left out.
    pub(super) fn read(query: &str) -> Self {
        let mut asked = Self::default();
        for (name, value) in pairs(query.as_bytes(), 64).unwrap_or_default() {
            let facet = FACETS.iter().find(|(_, known, _)| *known == name);
            match (name.as_str(), facet) {
                _ if value.is_empty() || value.len() > 800 => {}
                ("q", _) => asked.text = value.chars().take(256).collect(),
                ("sort", _) => asked.newest = value == "newest",
                ("after", _) => asked.after = Some(value),
                (_, Some((_, known, _))) if asked.filters.len() < 16 => {
                    asked.filters.push((known, value));
                }
                _ => {}
            }
        }
        asked
    }

    pub(super) fn query(&self, limit: usize) -> Query {
        let mut query = Query::new(self.text.clone());
        for (facet, name, _) in FACETS {
            for (_, value) in self.filters.iter().filter(|(known, _)| *known == name) {
                query = query.filter(facet, value.clone());
            }
        }
        query.sort = if self.newest {
            Sort::Newest
        } else {
            Sort::Relevance
        };
        query.after.clone_from(&self.after);
        query.limit = limit;
        query
    }

    /// The address of this search on the page `path`.
    pub(super) fn href(&self, path: &str) -> String {
        let mut fields: Vec<(&str, &str)> = Vec::new();
        if !self.text.is_empty() {
            fields.push(("q", &self.text));
        }
        fields.extend(
            self.filters
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        );
        if self.newest {
            fields.push(("sort", "newest"));
        }
        if let Some(after) = &self.after {
            fields.push(("after", after));
        }
        if fields.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", encode(fields))
        }
    }

    /// With or without this filter, from the first page on.
    fn toggled(&self, name: &'static str, value: &str) -> Self {
        let mut other = self.clone();
        other.after = None;
        let before = other.filters.len();
        other
            .filters
            .retain(|(known, other)| *known != name || other != value);
        if other.filters.len() == before {
            other.filters.push((name, value.to_owned()));
        }
        other
    }
}

/// A value of a facet as a link.
pub(super) struct FacetLink {
    text: String,
    count: u32,
    href: String,
    chosen: bool,
}

/// A facet.
pub(super) struct FacetBox {
    title: String,
    links: Vec<FacetLink>,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    shell: &'a PageShell,
    asked: &'a Asked,
    facets: Vec<FacetBox>,
    rows: Vec<ItemRow>,
    total: usize,
    relaxed: bool,
    /// What was probably meant, and its address.
    meant: Option<(String, String)>,
    clear_href: String,
    newest_href: String,
    best_href: String,
    pager: Pager,
    empty: Empty,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = "{% for title in titles %}<option value=\"{{ title }}\"></option>{% endfor %}"
)]
struct Options<'a> {
    titles: &'a [String],
}

fn value_text(
    shell: &PageShell,
    facet: Facet,
    value: &str,
    organs: &[(String, String, u64)],
) -> Option<String> {
    match facet {
        Facet::Theme => themes::label(value).map(|label| {
            let side = if value.starts_with('p') {
                "side-person"
            } else {
                "side-legal"
            };
            shell.t2(
                "facet-theme-value",
                "side",
                shell.t(side),
                "name",
                shell.zh(label),
            )
        }),
        Facet::Object if value == "0" => Some(shell.t("not-published")),
        Facet::Object => codelist::label("server_type", value).map(|label| shell.zh(label)),
        Facet::Depth => {
            let known = matches!(value, "0" | "1" | "2" | "3");
            known.then(|| shell.t(&format!("depth-{value}")))
        }
        Facet::Organ => organs
            .iter()
            .find(|(code, ..)| code == value)
            .map(|(_, name, _)| shell.zh(name)),
        Facet::Kind | Facet::Division => None,
    }
}

fn facet_box(
    shell: &PageShell,
    asked: &Asked,
    (facet, name, title): (Facet, &'static str, &str),
    counts: &[FacetCount],
    organs: &[(String, String, u64)],
) -> Option<FacetBox> {
    let chosen = |value: &str| asked.filters.iter().any(|(n, v)| *n == name && v == value);
    let mut counts: Vec<&FacetCount> = counts.iter().collect();
    // What is chosen stays in sight, however few it has.
    counts.sort_by_key(|count| !chosen(&count.value));
    let links: Vec<FacetLink> = counts
        .into_iter()
        .filter_map(|count| {
            Some(FacetLink {
                text: value_text(shell, facet, &count.value, organs)?,
                count: count.count,
                href: asked.toggled(name, &count.value).href("/search"),
                chosen: chosen(&count.value),
            })
        })
        .take(FACET_VALUES)
        .collect();
    let useful = links.len() > 1 || links.iter().any(|link| link.chosen);
    useful.then(|| FacetBox {
        title: shell.t(title),
        links,
    })
}

/// The rows for these hits, in their order, with their marks.
pub(super) async fn rows(
    shell: &PageShell,
    ctx: &Ctx,
    hits: &Hits,
    marked: bool,
) -> Result<Vec<ItemRow>> {
    let codes = hits.hits.iter().map(|hit| hit.id.clone()).collect();
    let offers = service::offers_by_codes(ctx, codes).await?;
    let today = ctx.clock.today();
    // An item that went out of force a moment ago is still in the index; it is left out.
    let rows = hits.hits.iter().filter_map(|hit| {
        let offer = offers.iter().find(|offer| offer.code == hit.id)?;
        let row = ItemRow::of(shell, offer, today);
        Some(if marked {
            row.marked(shell, &hit.title, &hit.snippet)
        } else {
            row
        })
    });
    Ok(rows.collect())
}

/// `GET /search`.
pub(super) async fn page(page: Page, ctx: Ctx, uri: Uri) -> Result<Response, Failure> {
    let asked = Asked::read(uri.query().unwrap_or(""));
    let index = ctx.parts.get::<SearchIndex>()?;
    let hits = index.search(asked.query(20)).await?;
    let organs = service::organs_with_items(&ctx).await?;
    let shell = page.shell();
    let (home, word) = (shell.t("nav-home"), shell.t("search"));
    let title = if asked.text.is_empty() {
        word.clone()
    } else {
        shell.t1("search-title", "q", &asked.text)
    };
    let page = page.titled(title).crumb(home, "/").crumb(word, "");
    let shell = page.shell();
    let boxes = FACETS
        .into_iter()
        .filter_map(|facet| facet_box(shell, &asked, facet, hits.facet(facet.0), &organs));
    let plain = |newest: bool| Asked {
        newest,
        after: None,
        ..asked.clone()
    };
    let meant = hits.did_you_mean.clone().map(|text| {
        let other = Asked {
            text: text.clone(),
            after: None,
            ..asked.clone()
        };
        (text, other.href("/search"))
    });
    let view = SearchPage {
        shell,
        facets: boxes.collect(),
        rows: rows(shell, &ctx, &hits, true).await?,
        total: hits.total,
        relaxed: hits.relaxed,
        meant,
        clear_href: Asked {
            text: asked.text.clone(),
            ..Asked::default()
        }
        .href("/search"),
        newest_href: plain(true).href("/search"),
        best_href: plain(false).href("/search"),
        pager: pager(&asked, &hits, "/search"),
        empty: nothing(shell, &asked),
        asked: &asked,
    };
    Ok(page.html(&view))
}

pub(super) fn pager(asked: &Asked, hits: &Hits, path: &str) -> Pager {
    let at = |after: Option<String>| {
        Asked {
            after,
            ..asked.clone()
        }
        .href(path)
    };
    Pager {
        summary: String::new(),
        first_href: asked.after.is_some().then(|| at(None)),
        next_href: hits.next.clone().map(|next| at(Some(next))),
    }
}

/// Nothing found: what can be done.
fn nothing(shell: &PageShell, asked: &Asked) -> Empty {
    let filtered = !asked.filters.is_empty();
    Empty {
        icon: "search",
        title: shell.t("search-none"),
        text: shell.t1("search-none-text", "value", &shell.site.hotline),
        action_text: shell.t(if filtered {
            "word-clear-filter"
        } else {
            "search-by-organ"
        }),
        action_href: if filtered {
            Asked {
                text: asked.text.clone(),
                ..Asked::default()
            }
            .href("/search")
        } else {
            "/organs".to_owned()
        },
        filtered,
    }
}

/// `GET /search/suggest?q=`: titles for the box as JSON, or as options.
pub(super) async fn suggest(page: Page, ctx: Ctx, uri: Uri) -> Result<Response, Failure> {
    let asked = Asked::read(uri.query().unwrap_or(""));
    let index = ctx.parts.get::<SearchIndex>()?;
    let found = index.suggest(asked.text, SUGGESTIONS).await?;
    let titles = found.iter().map(|one| {
        let text: String = one
            .title
            .iter()
            .map(|segment| segment.text.as_str())
            .collect();
        page.shell().zh(&text)
    });
    let titles: Vec<String> = titles.collect();
    if page.wants_json() {
        return Ok(ApiJson(titles).into_response());
    }
    Ok(page.fragment(&Options { titles: &titles }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_was_written_and_filters_are_toggled() {
        let asked =
            Asked::read("q=%E5%BC%80%E9%A5%AD%E5%BA%97&theme=p040&depth=3&nonsense=1&theme=");
        assert_eq!(asked.text, "开饭店");
        assert_eq!(
            asked.filters,
            [("theme", "p040".to_owned()), ("depth", "3".to_owned())]
        );
        assert_eq!(
            Asked::read(asked.href("/search").split_once('?').expect("a query").1),
            asked
        );
        let off = asked.toggled("depth", "3");
        assert_eq!(off.filters, [("theme", "p040".to_owned())]);
        assert_eq!(off.toggled("depth", "3").filters, asked.filters);
        assert_eq!(Asked::default().href("/search"), "/search");
    }
}
