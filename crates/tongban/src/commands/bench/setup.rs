//! Drafts that are complete, made through the product's own use cases.

use std::sync::Arc;

use tongban_accounts::{Login, authenticate, log_in};
use tongban_cases::{FileKind, NewFile, attach, save_answers, start_draft};
use tongban_kernel::{DraftId, Error, Result};
use tongban_storage::Ctx;

use super::load;
use crate::commands::demo::prepared;
use crate::config::Config;
use crate::demo;
use crate::progress::Progress;

/// What the load needs.
pub(super) struct Prepared {
    pub(super) drafts: Vec<DraftId>,
    /// Session token of the applicant.
    pub(super) token: String,
}

/// Loads the sample city and makes `n` complete drafts.
pub(super) async fn prepare(config: &Config, n: usize) -> Result<Prepared> {
    let mut config = config.clone();
    config.window_organ = Some(demo::WINDOW_ORGAN.to_owned());
    let app = prepared(config, Progress::stderr()).await?;
    let login = Login {
        login: "chenxiaoyun".to_owned(),
        password: demo::password()?,
    };
    let token = log_in(&app.ctx, login).await?;
    let view = authenticate(&app.ctx, &token)
        .await?
        .ok_or_else(Error::unauthenticated)?;
    let ctx = app.ctx.as_actor(view.actor);
    let sample = Arc::new(demo::sample(ctx.clock.today())?);
    let code = sample["item"].as_str().unwrap_or_default().to_owned();
    let item = tongban_catalogue::offer_by_code(&ctx, &code).await?.id;
    let bar = Arc::new(Progress::stderr().bar("预备草稿", n as u64));
    let mut running = tokio::task::JoinSet::new();
    let mut drafts = Vec::with_capacity(n);
    for _ in 0..n {
        if running.len() >= 64
            && let Some(joined) = running.join_next().await
        {
            drafts.push(joined.map_err(|_| Error::internal("setup panicked"))??);
        }
        let (ctx, sample, bar) = (ctx.clone(), Arc::clone(&sample), Arc::clone(&bar));
        running.spawn(async move {
            let draft = one(&ctx, item, &sample).await?;
            bar.add(1);
            Ok::<_, Error>(draft)
        });
    }
    while let Some(joined) = running.join_next().await {
        drafts.push(joined.map_err(|_| Error::internal("setup panicked"))??);
    }
    Ok(Prepared { drafts, token })
}

async fn one(
    ctx: &Ctx,
    item: tongban_kernel::ItemVersionId,
    sample: &serde_json::Value,
) -> Result<DraftId> {
    let situation = sample["situation"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(question, answer)| {
            (
                question.clone(),
                answer.as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    let draft = start_draft(ctx, item, situation).await?;
    save_answers(ctx, draft, 1, sample["values"].clone()).await?;
    let blob = tongban_storage::BlobRef {
        sha256: "0".repeat(64),
        sm3: "0".repeat(64),
        size: 100,
    };
    for material in sample["materials"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str())
    {
        let file = NewFile {
            material: material.to_owned(),
            name: format!("{material}.png"),
            kind: FileKind::Png,
            blob: blob.clone(),
        };
        attach(ctx, draft, file).await?;
    }
    Ok(draft)
}

/// Case numbers to read.
pub(super) async fn numbers(listen: &str, token: &str) -> Result<Vec<String>> {
    let body = load::body(listen, token, "/api/v1/cases?limit=50").await?;
    let json: serde_json::Value = serde_json::from_str(&body).map_err(|_| {
        Error::internal(format!(
            "list of cases: {}",
            body.chars().take(200).collect::<String>()
        ))
    })?;
    let list = json
        .get("items")
        .and_then(|items| items.as_array())
        .cloned()
        .unwrap_or_default();
    let numbers: Vec<String> = list
        .iter()
        .filter_map(|case| case.get("project_no")?.as_str().map(str::to_owned))
        .collect();
    if numbers.is_empty() {
        Err(Error::internal("no case was submitted"))
    } else {
        Ok(numbers)
    }
}
