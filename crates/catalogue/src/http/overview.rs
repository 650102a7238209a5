//! What the home page says of the catalogue: counted in the index, never typed in.

use tongban_kernel::Result;
use tongban_search::{Facet, Hits, Query};
use tongban_storage::Ctx;

use super::index::SearchIndex;
use super::themes::Side;
use super::{item_href, piece};
use crate::service;

/// A theme with items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeTile {
    pub label: &'static str,
    pub icon: &'static str,
    pub href: String,
    pub count: u32,
}

/// An organ with items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganTile {
    pub name: String,
    pub href: String,
    pub count: u64,
}

/// Figures and ways into the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// Items in force.
    pub items: u64,
    /// Of these, handled wholly online (全程网办).
    pub fully_online: u64,
    /// Organs with items.
    pub organs_count: usize,
    pub person_themes: Vec<ThemeTile>,
    pub legal_themes: Vec<ThemeTile>,
    /// Organs with the most items first.
    pub organs: Vec<OrganTile>,
    /// Names and addresses of items that can be applied for here.
    pub open: Vec<(String, String)>,
}

/// The count of one value of a facet.
pub(super) fn counted(hits: &Hits, facet: Facet, value: &str) -> u32 {
    let counts = hits.facet(facet).iter();
    counts
        .filter(|count| count.value == value)
        .map(|count| count.count)
        .sum()
}

/// The themes of one side that have items.
pub(super) fn tiles(hits: &Hits, side: Side) -> Vec<ThemeTile> {
    let tiles = side.themes().into_iter().map(|(code, label)| {
        let value = format!("{}{code}", side.letter());
        ThemeTile {
            label,
            icon: side.icon(code),
            href: format!("{}?theme={value}", side.path()),
            count: counted(hits, Facet::Theme, &value),
        }
    });
    tiles.filter(|tile| tile.count > 0).collect()
}

/// Where the items of an organ are; those without a code are found by their name.
pub(super) fn organ_href(code: &str, name: &str) -> String {
    if code.is_empty() {
        format!("/search?q={}", piece(name))
    } else {
        format!("/organs/{}", piece(code))
    }
}

/// The catalogue at a glance. Needs the [`SearchIndex`]; one search and two reads.
pub async fn overview(ctx: &Ctx) -> Result<Overview> {
    let index = ctx.parts.get::<SearchIndex>()?;
    let mut query = Query::new("").filter(Facet::Depth, "3");
    query.limit = 24;
    let online = index.search(query).await?;
    let organs = service::organs_with_items(ctx).await?;
    let today = ctx.clock.today();
    let codes = online.hits.iter().map(|hit| hit.id.clone()).collect();
    let open = service::offers_by_codes(ctx, codes).await?;
    let all = index.search(Query::new("")).await?;
    let mut open: Vec<(String, String)> = open
        .iter()
        .filter(|offer| offer.item.open_application(None, today).is_ok())
        .map(|offer| (offer.item.task_name.clone(), item_href(&offer.code)))
        .collect();
    // Short names first: they are the everyday ones, and they fit.
    open.sort_by_key(|(name, _)| name.chars().count());
    Ok(Overview {
        items: service::count(ctx).await?,
        fully_online: u64::from(counted(&all, Facet::Depth, "3")),
        organs_count: organs.len(),
        person_themes: tiles(&all, Side::Person),
        legal_themes: tiles(&all, Side::Legal),
        organs: organs
            .into_iter()
            .take(12)
            .map(|(code, name, count)| OrganTile {
                href: organ_href(&code, &name),
                name,
                count,
            })
            .collect(),
        open,
    })
}
