//! `/apply/{item_code}`: from the guide to a draft. A draft of the same item is offered again, not doubled.

use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use tongban_catalogue::{Offer, offer_by_code};
use tongban_kernel::Error;
use tongban_webkit::http::{encode, pairs};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs};

use crate::http::words::moment;
use crate::service::{Desk, my_desks, start_draft};

struct Earlier {
    href: String,
    percent: u32,
    saved: String,
    expires: String,
}

#[derive(Template)]
#[template(path = "apply.html")]
struct ApplyPage<'a> {
    shell: &'a PageShell,
    offer: &'a Offer,
    action: String,
    hidden: Vec<(String, String)>,
    earlier: Vec<Earlier>,
    /// The answers of the guide in words.
    situation: Vec<(String, String)>,
}

/// The answers to the situation questions of the item, from a query or a form: `size=small` or `q.size=small`.
fn situation(offer: &Offer, fields: &[(String, String)]) -> Vec<(String, String)> {
    let questions = offer.item.situations.iter().flatten();
    questions
        .filter_map(|question| {
            let chosen = fields.iter().find_map(|(name, value)| {
                let name = name.strip_prefix("q.").unwrap_or(name);
                (name == question.code).then_some(value)
            })?;
            let known = question.options.iter().any(|option| option.code == *chosen);
            known.then(|| (question.code.clone(), chosen.clone()))
        })
        .collect()
}

fn in_words(offer: &Offer, situation: &[(String, String)]) -> Vec<(String, String)> {
    let questions = offer.item.situations.iter().flatten();
    questions
        .filter_map(|question| {
            let (_, chosen) = situation.iter().find(|(code, _)| *code == question.code)?;
            let option = question
                .options
                .iter()
                .find(|option| option.code == *chosen)?;
            Some((question.title.clone(), option.label.clone()))
        })
        .collect()
}

fn of_same_item<'a>(desks: &'a [Desk], code: &'a str) -> impl Iterator<Item = &'a Desk> {
    desks.iter().filter(move |desk| desk.offer.code == code)
}

pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let offer = offer_by_code(&ctx, &code).await?;
    let desks = my_desks(&ctx).await?;
    let fields = pairs(query.unwrap_or_default().as_bytes(), 64).unwrap_or_default();
    let hidden = situation(&offer, &fields);
    let earlier = of_same_item(&desks, &code)
        .map(|desk| {
            Ok(Earlier {
                href: format!("/drafts/{}", desk.draft.id),
                percent: desk.read(|reading, _| reading.progress().percent)?,
                saved: moment(desk.draft.updated_at),
                expires: tongban_kernel::shanghai_date(desk.draft.expires_at).to_string(),
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let title = page.shell().zh(&offer.item.task_name);
    let page = page
        .clone()
        .titled(title.clone())
        .nav("person")
        .crumb(page.shell().t("nav-home"), "/")
        .crumb(title, "");
    let shell = page.shell();
    Ok(page.html(&ApplyPage {
        shell,
        offer: &offer,
        action: format!("/apply/{code}"),
        situation: in_words(&offer, &hidden),
        hidden,
        earlier,
    }))
}

pub(super) async fn start(
    ctx: Ctx,
    page: Page,
    Path(code): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let offer = offer_by_code(&ctx, &code).await?;
    let situation = situation(&offer, &fields.0);
    let again = |situation: &[(String, String)]| {
        let query = encode(
            situation
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
        format!("/apply/{code}?{query}")
    };
    // Who is not logged in logs in first and comes back with the same answers.
    if ctx.actor == tongban_kernel::Actor::Anonymous {
        return Ok(page.see_other(&again(&situation)));
    }
    let desks = my_desks(&ctx).await?;
    if fields.get("act") != Some("new") && of_same_item(&desks, &code).next().is_some() {
        return Ok(page.see_other(&again(&situation)));
    }
    let id = start_draft(&ctx, offer.id, situation).await?;
    Ok(page.see_other(&format!("/drafts/{id}")))
}
