//! Orders about a case as a whole: signers, urging, moving; and the urging of applicants.

use axum::extract::Path;
use axum::response::Response;
use tongban_kernel::{Error, Result};
use tongban_webkit::ui::Choice;
use tongban_webkit::{Ctx, Failure, Page, ProtectedPairs};

use super::case_form::{answer, nothing_chosen};
use super::orders::{Asked, Typed, show, typed, way_choice};
use super::progress::framed;
use crate::http::words::id;
use crate::service::{self, Redirect, RemoveSigner, Urge, case_by_number, case_head};

/// The orders about a case that are asked for on its page: which, by the noun in the address.
async fn case_page(
    ctx: &Ctx,
    page: &Page,
    number: &str,
    noun: &'static str,
    typed: &Typed,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let shell = page.shell();
    let (case, choices) = match noun {
        "signers/removal" => {
            let desk = service::signers_desk(ctx, number).await?;
            let open = desk.open.iter();
            let choice = |(task, organ): &(crate::model::Task, String)| {
                Choice::new(&task.id.to_string(), &shell.zh(organ), false)
            };
            (desk.case, open.map(choice).collect())
        }
        "urges" => {
            let desk = service::urge_desk(ctx, number).await?;
            let mut choices = vec![Choice::new("all", &shell.t("or-urge-all"), false)];
            choices.extend(desk.open.iter().map(|(task, words)| Choice {
                hint: shell.t1("or-urged", "n", task.urged),
                ..Choice::new(&task.id.to_string(), &shell.zh(words), false)
            }));
            (desk.case, choices)
        }
        _ => {
            let desk = service::redirect_desk(ctx, number).await?;
            let choices = desk.ways.iter().map(|way| way_choice(shell, way)).collect();
            (desk.case, choices)
        }
    };
    let key = match noun {
        "signers/removal" => "unsign",
        "urges" => "urge",
        _ => "redirect",
    };
    let choices: Vec<Choice> = choices;
    let asked = Asked {
        key,
        action: format!("/work/cases/{number}/{noun}"),
        back: format!("/work/cases/{number}"),
        case: &case,
        refused: choices.is_empty().then(|| shell.t("or-nothing")),
        choices: Some(choices),
    };
    Ok(show(ctx, page, asked, typed, failed))
}

/// Reads the choice as an id; nothing chosen is asked again.
fn chosen<T: tongban_kernel::TypedId>(page: &Page, typed: &Typed) -> Result<T> {
    id(&typed.to).map_err(|_| nothing_chosen(page))
}

async fn order(
    ctx: &Ctx,
    page: &Page,
    number: &str,
    noun: &'static str,
    typed: &Typed,
) -> Result<String> {
    let (case, reason, key) = (
        case_head(ctx, number).await?.id,
        typed.reason.clone(),
        &typed.idem,
    );
    match noun {
        "signers/removal" => {
            let task = chosen(page, typed)?;
            service::remove_signer(ctx, key, case, RemoveSigner { task, reason }).await
        }
        "urges" => {
            let task = match typed.to.as_str() {
                "all" => None,
                _ => Some(chosen(page, typed)?),
            };
            service::urge(ctx, key, case, Urge { task, reason }).await
        }
        _ => {
            let to = typed.to.clone();
            service::redirect(ctx, key, case, Redirect { to, reason }).await
        }
    }
}

macro_rules! case_orders {
    ($($ask:ident $send:ident $noun:literal $done:literal),+ $(,)?) => {$(
        pub(super) async fn $ask(ctx: Ctx, page: Page, Path(number): Path<String>) -> Result<Response, Failure> {
            case_page(&ctx, &page, &number, $noun, &Typed::default(), None).await
        }
        pub(super) async fn $send(
            ctx: Ctx,
            page: Page,
            Path(number): Path<String>,
            fields: ProtectedPairs,
        ) -> Result<Response, Failure> {
            let typed = typed(&fields)?;
            let outcome = order(&ctx, &page, &number, $noun, &typed).await;
            let to = format!("/work/cases/{number}");
            answer(&page, &to, $done, outcome, async |error| {
                case_page(&ctx, &page, &number, $noun, &typed, Some(error)).await
            })
            .await
        }
    )+};
}
case_orders!(
    ask_unsign remove_signer "signers/removal" "unsign",
    ask_urge urge "urges" "urge",
    ask_redirect redirect "redirection" "redirect",
);

async fn own_urge_page(
    ctx: &Ctx,
    page: &Page,
    number: &str,
    typed: &Typed,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let desk = service::urge_desk(ctx, number).await?;
    let shell = page.shell();
    let asked = Asked {
        key: "urge-own",
        case: &desk.case,
        action: format!("/cases/{number}/urges"),
        back: format!("/cases/{number}"),
        choices: None,
        refused: desk.today.then(|| shell.t("or-urge-own-today")),
    };
    let view = case_by_number(ctx, number).await?;
    let page = framed(page, &view, &shell.t("or-urge-own"));
    Ok(show(ctx, &page, asked, typed, failed))
}

pub(super) async fn ask_own_urge(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    own_urge_page(&ctx, &page, &number, &Typed::default(), None).await
}

/// By the applicant.
pub(super) async fn own_urge(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let typed = typed(&fields)?;
    let case = case_head(&ctx, &number).await?.id;
    let what = Urge {
        task: None,
        reason: typed.reason.clone(),
    };
    let outcome = service::urge(&ctx, &typed.idem, case, what).await;
    let to = format!("/cases/{number}");
    answer(&page, &to, "urge", outcome, async |error| {
        own_urge_page(&ctx, &page, &number, &typed, Some(error)).await
    })
    .await
}
