//! Pages for signers before, beside and after: at a task of one hand, and in a countersign.

use axum::extract::Path;
use axum::response::Response;
use tongban_kernel::{Act, Error, Result, TaskId};
use tongban_webkit::ui::{Choice, Field};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs};

use super::case_form::{
    Sheet, answer, area, days_field, idem_of, nothing_chosen, organ_field, radio, show, text_of,
};
use crate::http::words::id;
use crate::model::Place;
use crate::service::{self, AddSigner, AskSigner, OnTask, case_head};

fn places(shell: &PageShell, of: &[Place], chosen: &str) -> Field {
    let choices = of.iter().map(|place| Choice {
        hint: shell.t(&format!("ad-place-{}-hint", place.key())),
        ..Choice::new(
            place.key(),
            &shell.t(&format!("ad-place-{}", place.key())),
            place.key() == chosen,
        )
    });
    radio("place", &shell.t("ad-place"), choices.collect())
}

async fn signer_form(
    ctx: &Ctx,
    page: &Page,
    task: TaskId,
    fields: Option<&ProtectedPairs>,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let desk = service::ask_desk(ctx, task, Act::AskSigner).await?;
    let shell = page.shell();
    let of: &[Place] = match desk.task.act.as_str() {
        "review" => &[Place::Before, Place::After],
        _ => &[Place::Before],
    };
    let place = match text_of(fields, "place") {
        none if none.is_empty() => Place::Before.key().to_owned(),
        some => some,
    };
    let sheet = Sheet {
        key: "ad-signer".to_owned(),
        case: &desk.case,
        action: format!("/work/tasks/{task}/signers"),
        back: format!("/work/tasks/{task}"),
        fields: vec![
            organ_field(shell, &desk.organs, &text_of(fields, "to")),
            places(shell, of, &place),
            days_field(shell, &text_of(fields, "days")).optional(),
            area("reason", &shell.t("or-reason"), text_of(fields, "reason")),
        ],
        note: None,
    };
    Ok(show(ctx, page, sheet, &text_of(fields, "idem"), failed))
}

pub(super) async fn ask_signer(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
) -> Result<Response, Failure> {
    signer_form(&ctx, &page, id(&task)?, None, None).await
}

pub(super) async fn send_signer(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let task: TaskId = id(&task)?;
    let key = idem_of(&fields)?;
    let days = fields.text("days");
    let wish = || -> Result<AskSigner> {
        Ok(AskSigner {
            organ: id(&fields.text("to")).map_err(|_| nothing_chosen(&page))?,
            place: Place::from_key(&fields.text("place")).unwrap_or_default(),
            // What is no number of days is asked again.
            days: match days.trim() {
                "" => None,
                some => Some(some.parse().unwrap_or(0)),
            },
            reason: fields.text("reason"),
        })
    };
    let outcome = match wish() {
        Ok(what) => service::ask_signer(&ctx, OnTask { task, key, what }).await,
        Err(error) => Err(error),
    };
    answer(&page, "/work", "signer-asked", outcome, async |error| {
        signer_form(&ctx, &page, task, Some(&fields), Some(error)).await
    })
    .await
}

async fn member_form(
    ctx: &Ctx,
    page: &Page,
    number: &str,
    fields: Option<&ProtectedPairs>,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let desk = service::signers_desk(ctx, number).await?;
    let shell = page.shell();
    let place = match text_of(fields, "place") {
        none if none.is_empty() => Place::Beside.key().to_owned(),
        some => some,
    };
    let mut all = vec![
        organ_field(shell, &desk.others, &text_of(fields, "to")),
        places(shell, &[Place::Beside, Place::Before, Place::After], &place),
    ];
    if desk.weighted {
        let label = shell.t("ad-weight");
        all.push(Field::text("weight", &label, &text_of(fields, "weight")));
    }
    all.push(area(
        "reason",
        &shell.t("or-reason"),
        text_of(fields, "reason"),
    ));
    let sheet = Sheet {
        key: "ad-member".to_owned(),
        case: &desk.case,
        action: format!("/work/cases/{number}/signers"),
        back: format!("/work/cases/{number}"),
        fields: all,
        note: None,
    };
    Ok(show(ctx, page, sheet, &text_of(fields, "idem"), failed))
}

pub(super) async fn ask_member(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    member_form(&ctx, &page, &number, None, None).await
}

pub(super) async fn send_member(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let key = idem_of(&fields)?;
    let case = case_head(&ctx, &number).await?.id;
    let wish = || -> Result<AddSigner> {
        Ok(AddSigner {
            organ: id(&fields.text("to")).map_err(|_| nothing_chosen(&page))?,
            reason: fields.text("reason"),
            place: Place::from_key(&fields.text("place")).unwrap_or_default(),
            weight: fields.text("weight").trim().parse().ok(),
        })
    };
    let outcome = match wish() {
        Ok(what) => service::add_signer(&ctx, &key, case, what).await,
        Err(error) => Err(error),
    };
    answer(
        &page,
        &format!("/work/cases/{number}"),
        "signer",
        outcome,
        async |error| member_form(&ctx, &page, &number, Some(&fields), Some(error)).await,
    )
    .await
}
