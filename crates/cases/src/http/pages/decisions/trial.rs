//! `POST /admin/decisions/{hash}/trial`: a decision is asked by hand. Nothing is kept.

use axum::extract::Path;
use axum::response::Response;
use serde_json::{Map, Value, json};
use tongban_webkit::{Ctx, Failure, Page, ProtectedPairs};

use super::sheet::{Around, sheet_page};
use super::{hash, text};
use crate::service::{DecisionSheet, decision_sheet, try_decision};

/// What was typed: JSON, or the text that it is; nothing typed is null.
fn value(typed: &str) -> Value {
    match typed.trim() {
        "" => Value::Null,
        typed => serde_json::from_str(typed).unwrap_or_else(|_| json!(typed)),
    }
}

/// The inputs of a decision in the order of the sheet.
fn inputs(sheet: &DecisionSheet, asked: &str, fields: &ProtectedPairs) -> Map<String, Value> {
    let view = sheet.file.view(asked);
    let inputs = view.into_iter().flat_map(|view| view.inputs.iter());
    inputs
        .enumerate()
        .map(|(at, input)| {
            let typed = text(fields, &format!("in-{at}"));
            // A text column takes what was typed, also if it looks like a number.
            let value = match input.kind.as_str() {
                "string" if !typed.trim().is_empty() => json!(typed.trim().trim_matches('"')),
                _ => value(typed),
            };
            (input.name.clone(), value)
        })
        .collect()
}

/// `POST /admin/decisions/{hash}/trial`.
pub(super) async fn send(
    ctx: Ctx,
    page: Page,
    Path(key): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let sheet = decision_sheet(&ctx, hash(&key)?).await?;
    let asked = text(&fields, "decision").to_owned();
    let inputs = inputs(&sheet, &asked, &fields);
    let trial = try_decision(&ctx, &key, &asked, inputs).await?;
    let around = Around {
        trial: Some((&asked, &fields, &trial)),
        ..Around::default()
    };
    Ok(sheet_page(&page, &sheet, &around))
}
