//! Trying a decision by hand (试一试). Nothing is kept.

use serde_json::{Map, Value};
use tongban_decisions::DecideError;
use tongban_kernel::{Act, Error, Resource, Result};
use tongban_storage::Ctx;

use super::look::{file, parsed};
use crate::model::AppliedRule;
use crate::service::rules::applied_rules;

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionTrial {
    pub decision: String,
    /// The result, or why there is none.
    pub outcome: std::result::Result<(Value, Vec<AppliedRule>), String>,
}

/// Asks a decision of the file with this content hash, published or waiting.
pub async fn try_decision(
    ctx: &Ctx,
    hash: &str,
    decision: &str,
    inputs: Map<String, Value>,
) -> Result<DecisionTrial> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    let (key, asked) = (hash.to_owned(), decision.to_owned());
    let (_, xml) = ctx.db.read(move |tx| file(tx, &key)).await?;
    let tried = tokio::task::spawn_blocking(move || {
        let (file, _) = parsed(&xml)?;
        let view = file.view(&asked).ok_or_else(Error::not_found)?;
        let outcome = file.decide(&asked, &inputs);
        Ok::<_, Error>(DecisionTrial {
            decision: view.name.clone(),
            outcome: outcome
                .map(|made| (made.value, applied_rules(view, &made.rules)))
                .map_err(|error: DecideError| error.to_string()),
        })
    });
    tried
        .await
        .map_err(|_| Error::internal("a trial panicked"))?
}
