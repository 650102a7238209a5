//! The full-text index of what is in force. It holds no truth of its own: it can always be made anew from the store.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use tongban_kernel::{Error, ItemVersionId, Result};
use tongban_search::{Hits, Index, IndexDocument, Kind, Query, SearchError, Suggestion};
use tongban_storage::Ctx;

use crate::model::{OnlineDepth, ServiceItem};
use crate::service::{self, Offer};

/// Items read at once while the index is made anew.
const PAGE: u32 = 500;
/// Items that can be applied for here come before those that are only described.
const BOOST_OPEN: f32 = 1.6;

/// The index as a part of the context.
pub struct SearchIndex {
    index: Arc<Index>,
    /// Versions that are in the index already, so that the messages of a mass import cost nothing.
    known: Mutex<HashSet<ItemVersionId>>,
}

fn failed(source: SearchError) -> Error {
    Error::unavailable("search index").source(source)
}

impl SearchIndex {
    /// Wraps an open index.
    pub fn new(index: Index) -> Self {
        Self {
            index: Arc::new(index),
            known: Mutex::default(),
        }
    }

    /// Searches beside the runtime's threads: a query takes milliseconds, not microseconds.
    pub async fn search(&self, query: Query) -> Result<Hits> {
        self.run(move |index| index.search(&query)).await
    }

    /// Titles for what was typed so far.
    pub async fn suggest(&self, typed: String, limit: usize) -> Result<Vec<Suggestion>> {
        self.run(move |index| index.suggest(&typed, limit)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Index) -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T> {
        let index = Arc::clone(&self.index);
        tokio::task::spawn_blocking(move || work(&index))
            .await
            .map_err(|_| Error::internal("the search panicked"))?
            .map_err(failed)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashSet<ItemVersionId>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far an item can be handled online: `3` wholly, `2` can be applied for, `1` otherwise, `0` not published.
pub(super) fn depth(item: &ServiceItem) -> &'static str {
    match item.online_handle_depth.as_deref() {
        None => "0",
        Some(_) if item.is_fully_online() => "3",
        Some(depth)
            if depth.contains(&OnlineDepth::Receipt)
                || depth.contains(&OnlineDepth::Acceptance) =>
        {
            "2"
        }
        Some(_) => "1",
    }
}

/// What is searched of an item.
pub fn index_item(offer: &Offer) -> IndexDocument {
    let item = &offer.item;
    let topics = |letter: &str, topics: &Option<Vec<String>>| -> Vec<String> {
        let topics = topics.iter().flatten();
        topics.map(|code| format!("{letter}{code}")).collect()
    };
    let mut themes = topics("p", &item.user_topic_type);
    themes.extend(topics("l", &item.corp_topic_type));
    let objects = match item.server_type.as_deref() {
        Some(served) => served.iter().map(|kind| kind.code().to_owned()).collect(),
        None => vec!["0".to_owned()],
    };
    let main = item
        .extend_field
        .get("main_item")
        .and_then(|main| main.as_str());
    let open = item.form_id.is_some() && item.process_id.is_some();
    IndexDocument {
        id: offer.code.clone(),
        kind: Kind::Item,
        title: item.task_name.clone(),
        body: body(item),
        organ: offer.organ_name.clone(),
        organ_code: offer.organ_code.clone(),
        division: item.area_code.clone().unwrap_or_default(),
        objects,
        themes,
        depth: depth(item).to_owned(),
        keywords: main.map(str::to_owned).into_iter().collect(),
        published_on: item.publish_date.map_or(0, days),
        boost: if open { BOOST_OPEN } else { 1.0 },
        rank: described(item),
    }
}

/// Among equally good hits, guides that tell more come first: `0` conditions and materials, `1` one of them, `2` a bare name.
fn described(item: &ServiceItem) -> u8 {
    let parts = [
        item.accept_condition.is_some(),
        !item.materials().is_empty(),
    ];
    parts.iter().map(|told| u8::from(!told)).sum()
}

fn days(date: Date) -> i32 {
    let hours = date.duration_since(Date::constant(1970, 1, 1)).as_hours();
    i32::try_from(hours / 24).unwrap_or(0)
}

fn body(item: &ServiceItem) -> String {
    let mut text: Vec<&str> = Vec::new();
    text.extend(item.accept_condition.as_deref());
    text.extend(item.exercise_content.as_deref());
    text.extend(item.materials().iter().map(|m| m.material_name.as_str()));
    text.extend(
        item.results
            .iter()
            .flatten()
            .map(|r| r.result_name.as_str()),
    );
    text.extend(item.result_name.as_deref());
    for question in item.questions.iter().flatten() {
        text.extend([question.question.as_str(), question.answer.as_str()]);
    }
    text.extend(item.laws.iter().flatten().map(|law| law.law_name.as_str()));
    text.join("。")
}

/// Makes the index anew from all items in force; searches see the old one until it is done. Returns how many there are.
pub async fn reindex(ctx: &Ctx) -> Result<u64> {
    let index = ctx.parts.get::<SearchIndex>()?;
    let (mut documents, mut versions) = (Vec::new(), HashSet::new());
    let mut after = String::new();
    loop {
        let page = service::items_after(ctx, &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.code);
        for offer in &page {
            versions.insert(offer.id);
            documents.push(index_item(offer));
        }
    }
    let count = index
        .run(move |index| index.replace_all(documents, index.checkpoint()))
        .await?;
    *index.known() = versions;
    tracing::info!(count, "search index made anew");
    Ok(count)
}

/// Makes the index anew, unless this process has done so already.
pub async fn reindex_once(ctx: &Ctx) -> Result<()> {
    let index = ctx.parts.get::<SearchIndex>()?;
    if index.known().is_empty() {
        reindex(ctx).await?;
    }
    Ok(())
}

/// A version was published: it replaces the one before. Repeating it changes nothing.
pub async fn on_item_published(ctx: &Ctx, id: ItemVersionId) -> Result<()> {
    let index = ctx.parts.get::<SearchIndex>()?;
    if index.known().contains(&id) {
        return Ok(());
    }
    let ctx2 = ctx.clone();
    let current = ctx
        .db
        .read(move |tx| {
            let offer = service::offer(&ctx2, tx, id)?;
            // A later version may have come in between; its own message brings it.
            let current = service::current(tx, &offer.code)? == Some(id);
            Ok(current.then_some(offer))
        })
        .await?;
    if let Some(offer) = current {
        let document = index_item(&offer);
        index
            .run(move |index| {
                index.put(&[document])?;
                index.commit(index.checkpoint())
            })
            .await?;
        index.known().insert(id);
    }
    Ok(())
}
