//! Published versions in memory: they never change, so they are read once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tongban_forms::FormDocument;
use tongban_kernel::{Error, ItemVersionId, Result};
use tongban_storage::{Ctx, Tx};

use crate::model::{ServiceItem, from_stored};
use crate::store::items::{self, ItemRow};

/// Most versions kept in memory; the shelf is emptied when it is full.
const KEPT_MAX: usize = 4_096;

/// One published version, ready for use.
#[derive(Debug)]
pub struct Offer {
    pub id: ItemVersionId,
    pub code: String,
    pub version: u32,
    pub organ_code: String,
    pub organ_name: String,
    pub item: ServiceItem,
    pub form: Option<FormDocument>,
}

/// The versions read so far.
#[derive(Default)]
pub struct Shelf(RwLock<HashMap<ItemVersionId, Arc<Offer>>>);

fn ready(row: ItemRow) -> Result<Offer> {
    let stored = serde_json::from_str(&row.item)
        .map_err(|source| Error::internal("corrupt item").source(source))?;
    let item =
        from_stored(stored).map_err(|source| Error::internal("corrupt item").source(source))?;
    let form = row
        .form
        .map(|json| {
            FormDocument::parse(&json)
                .map_err(|errors| Error::internal(format!("corrupt form: {errors:?}")))
        })
        .transpose()?;
    Ok(Offer {
        id: row.id,
        code: row.code,
        version: row.version,
        organ_code: row.organ_code,
        organ_name: row.organ_name,
        item,
        form,
    })
}

/// The published version `id`.
pub fn offer(ctx: &Ctx, tx: &mut Tx<'_>, id: ItemVersionId) -> Result<Arc<Offer>> {
    let shelf = ctx.parts.get::<Shelf>()?;
    if let Some(found) = shelf
        .0
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&id)
    {
        return Ok(Arc::clone(found));
    }
    let row = items::get(tx, id)?.ok_or_else(Error::not_found)?;
    let offer = Arc::new(ready(row)?);
    let mut kept = shelf.0.write().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= KEPT_MAX {
        kept.clear();
    }
    kept.insert(id, Arc::clone(&offer));
    Ok(offer)
}

/// The version of `code` that is in force.
pub fn current(tx: &mut Tx<'_>, code: &str) -> Result<Option<ItemVersionId>> {
    items::current(tx, code)
}

/// The published version of `code` that is in force.
pub async fn offer_by_code(ctx: &Ctx, code: &str) -> Result<Arc<Offer>> {
    let (ctx2, code) = (ctx.clone(), code.to_owned());
    ctx.db
        .read(move |tx| {
            let id = items::current(tx, &code)?.ok_or_else(Error::not_found)?;
            offer(&ctx2, tx, id)
        })
        .await
}

/// The versions in force of `codes`, in that order; codes without one are left out.
pub async fn offers_by_codes(ctx: &Ctx, codes: Vec<String>) -> Result<Vec<Arc<Offer>>> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let mut found = Vec::with_capacity(codes.len());
            for code in &codes {
                if let Some(id) = items::current(tx, code)? {
                    found.push(offer(&ctx2, tx, id)?);
                }
            }
            Ok(found)
        })
        .await
}

/// Current items after the code `after` (empty for the first page), at most `limit`.
pub async fn items_after(ctx: &Ctx, after: &str, limit: u32) -> Result<Vec<Offer>> {
    let after = after.to_owned();
    ctx.db
        .read_long(move |tx| {
            items::page(tx, &after, limit)?
                .into_iter()
                .map(ready)
                .collect()
        })
        .await
}

/// Current items of one organ after the code `after`, at most `limit`.
pub async fn items_of_organ(
    ctx: &Ctx,
    organ_code: &str,
    after: &str,
    limit: u32,
) -> Result<Vec<Offer>> {
    let (organ_code, after) = (organ_code.to_owned(), after.to_owned());
    ctx.db
        .read(move |tx| {
            items::of_organ(tx, &organ_code, &after, limit)?
                .into_iter()
                .map(ready)
                .collect()
        })
        .await
}

/// Organs (code, name) with the number of their current items, most first.
pub async fn organs_with_items(ctx: &Ctx) -> Result<Vec<(String, String, u64)>> {
    ctx.db.read(items::organs).await
}

/// How many items are in force.
pub async fn count(ctx: &Ctx) -> Result<u64> {
    ctx.db.read(items::count).await
}

/// The document of a licence type.
pub fn licence_type(tx: &mut Tx<'_>, code: &str) -> Result<Option<serde_json::Value>> {
    items::licence_type(tx, code)?
        .map(|text| {
            serde_json::from_str(&text)
                .map_err(|source| Error::internal("corrupt licence type").source(source))
        })
        .transpose()
}
