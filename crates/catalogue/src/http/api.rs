//! Items and search for programs.

use axum::extract::Path;
use axum::http::Uri;
use serde::Serialize;
use serde_json::Value;
use tongban_kernel::Error;
use tongban_search::Segment;
use tongban_webkit::{ApiJson, ApiResult, Ctx, List, PageParams};

use super::index::SearchIndex;
use super::search::Asked;
use crate::model::to_stored;
use crate::service::{self, Offer};

/// An item in a list.
#[derive(Serialize)]
pub(super) struct ItemLine {
    code: String,
    version: u32,
    name: String,
    /// 事项类型, GB/T 39046 code and label.
    task_type: &'static str,
    task_type_name: &'static str,
    organ_code: String,
    organ_name: String,
    /// An application can be opened on this platform today.
    open: bool,
}

fn line(offer: &Offer, today: jiff::civil::Date) -> ItemLine {
    ItemLine {
        code: offer.code.clone(),
        version: offer.version,
        name: offer.item.task_name.clone(),
        task_type: offer.item.task_type.code(),
        task_type_name: offer.item.task_type.label(),
        organ_code: offer.organ_code.clone(),
        organ_name: offer.organ_name.clone(),
        open: offer.item.open_application(None, today).is_ok(),
    }
}

/// The whole item.
#[derive(Serialize)]
pub(super) struct ItemDocument {
    #[serde(flatten)]
    line: ItemLine,
    version_id: String,
    /// Names of the national exchange; what is absent is not published.
    item: Value,
    /// The form document (ZWForm), if the item is applied for here.
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<Value>,
}

/// `GET /api/v1/items?after=&limit=`.
pub(super) async fn items(ctx: Ctx, params: PageParams) -> ApiResult<List<ItemLine>> {
    let after = params.after.as_ref().and_then(|cursor| cursor.0.first());
    let after = after.map_or("", String::as_str);
    let offers = service::items_after(&ctx, after, params.limit + 1).await?;
    let today = ctx.clock.today();
    let lines = offers.iter().map(|offer| line(offer, today)).collect();
    Ok(ApiJson(List::of(lines, &params, |line: &ItemLine| {
        vec![line.code.clone()]
    })))
}

/// `GET /api/v1/items/{code}`.
pub(super) async fn item(ctx: Ctx, Path(code): Path<String>) -> ApiResult<ItemDocument> {
    let offer = service::offer_by_code(&ctx, &code).await?;
    let form = offer
        .form
        .as_ref()
        .map(|form| serde_json::from_str(&form.to_canonical_json()));
    let broken = |what: &str| Error::internal(format!("{what} cannot be written"));
    Ok(ApiJson(ItemDocument {
        line: line(&offer, ctx.clock.today()),
        version_id: offer.id.to_string(),
        item: to_stored(&offer.item).map_err(|source| broken("item").source(source))?,
        form: form
            .transpose()
            .map_err(|source| broken("form").source(source))?,
    }))
}

/// A found item.
#[derive(Serialize)]
struct Found {
    code: String,
    title: Vec<Segment>,
    snippet: Vec<Segment>,
}

/// The answer of a search.
#[derive(Serialize)]
pub(super) struct SearchAnswer {
    total: usize,
    items: Vec<Found>,
    /// No item has all the words; these are the nearest.
    relaxed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    did_you_mean: Option<String>,
    /// Send as `after` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// `GET /api/v1/search?q=&theme=&object=&depth=&organ=&after=`.
pub(super) async fn search(ctx: Ctx, uri: Uri) -> ApiResult<SearchAnswer> {
    let asked = Asked::read(uri.query().unwrap_or(""));
    let index = ctx.parts.get::<SearchIndex>()?;
    let hits = index.search(asked.query(20)).await?;
    let found = hits.hits.into_iter().map(|hit| Found {
        code: hit.id,
        title: hit.title,
        snippet: hit.snippet,
    });
    Ok(ApiJson(SearchAnswer {
        total: hits.total,
        items: found.collect(),
        relaxed: hits.relaxed,
        did_you_mean: hits.did_you_mean,
        next: hits.next,
    }))
}
