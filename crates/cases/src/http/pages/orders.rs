//! Orders about a task or a case: one page that says what will happen and asks for the reason, one POST that does it.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use tongban_kernel::{Error, ErrorKind, OfficerId, Result, TaskId};
use tongban_webkit::ui::{Choice, Field, FieldKind, FormGroup, FormView, Problem};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs, error_of};

use super::progress::framed;
use crate::http::words::id;
use crate::model::Case;
use crate::service::{
    self, AddSigner, OnTask, Redirect, RemoveSigner, SendBack, Transfer, Urge, Way, case_by_number,
    case_head,
};

#[derive(Template)]
#[template(path = "order.html")]
struct OrderPage<'a> {
    shell: &'a PageShell,
    title: String,
    number: &'a str,
    name: String,
    form: FormView,
}

/// What was typed, to show it again.
#[derive(Default)]
struct Typed {
    idem: String,
    to: String,
    reason: String,
}

fn typed(fields: &ProtectedPairs) -> Result<Typed> {
    let text = |name: &str| fields.get(name).unwrap_or_default().to_owned();
    let idem = text("idem");
    if !(8..=128).contains(&idem.len()) {
        return Err(Error::invalid("request.fields", "提交的内容不完整"));
    }
    Ok(Typed {
        idem,
        to: text("to"),
        reason: text("reason"),
    })
}

/// What one order asks.
struct Asked<'a> {
    /// Its texts are `or-<key>`, `or-<key>-intro`, `or-<key>-send`, and `or-<key>-to` over the choices.
    key: &'static str,
    case: &'a Case,
    action: String,
    back: String,
    /// Where to, or to whom; nothing to choose if `None`.
    choices: Option<Vec<Choice>>,
    /// Why it cannot be done now.
    refused: Option<String>,
}

fn form(
    ctx: &Ctx,
    shell: &PageShell,
    asked: &Asked<'_>,
    typed: &Typed,
    failed: Option<&Error>,
) -> FormView {
    let text = |end: &str| shell.t(&format!("or-{}{end}", asked.key));
    let mut fields = Vec::new();
    if let Some(choices) = &asked.choices {
        let mut choices = choices.clone();
        for choice in &mut choices {
            choice.chosen = choice.value == typed.to;
        }
        let kind = if choices.len() > 12 {
            FieldKind::Select { choices }
        } else {
            FieldKind::Radio {
                choices,
                stacked: true,
            }
        };
        fields.push(Field::new("to", &text("-to"), kind).wide());
    }
    let reason = FieldKind::TextArea {
        value: typed.reason.clone(),
        maxlength: 2000,
    };
    fields.push(Field::new("reason", &shell.t("or-reason"), reason));
    let problems = failed.map_or(&[][..], Error::field_problems);
    for field in &mut fields {
        field.error = error_of(problems, &field.name);
    }
    let whole = failed.filter(|_| fields.iter().all(|field| field.error.is_empty()));
    let idem = match typed.idem.as_str() {
        "" => ctx.ids.token(),
        kept => kept.to_owned(),
    };
    FormView {
        action: asked.action.clone(),
        back_href: asked.back.clone(),
        submit_text: text("-send"),
        hidden: vec![("idem".to_owned(), idem)],
        problems: whole
            .map(|error| Problem {
                id: String::new(),
                text: error.message().to_owned(),
            })
            .into_iter()
            .collect(),
        groups: vec![FormGroup {
            legend: text(""),
            note: asked.refused.clone().unwrap_or_else(|| text("-intro")),
            icon: "route",
            fields,
        }],
        ..FormView::default()
    }
}

fn show(
    ctx: &Ctx,
    page: &Page,
    asked: &Asked<'_>,
    typed: &Typed,
    failed: Option<&Error>,
) -> Response {
    let title = page.shell().t(&format!("or-{}", asked.key));
    let staff = asked.back.starts_with("/work");
    let page = if staff {
        page.clone()
            .titled(title.clone())
            .nav("inbox")
            .crumb(page.shell().t("cs-inbox"), "/work")
            .crumb(title.clone(), "")
    } else {
        page.clone().titled(title.clone())
    };
    let shell = page.shell();
    let content = OrderPage {
        shell,
        title,
        number: &asked.case.project_no,
        name: shell.zh(&asked.case.task_name),
        form: form(ctx, shell, asked, typed, failed),
    };
    match (staff, failed.is_some()) {
        (true, false) => page.staff_html(&content),
        (true, true) => page.staff_invalid(&content),
        (false, false) => page.html(&content),
        (false, true) => page.invalid(&content),
    }
}

/// What a way does, as the hint of its choice.
fn way_choice(shell: &PageShell, way: &Way) -> Choice {
    let mut parts = Vec::new();
    if !way.withdrawn.is_empty() {
        parts.push(shell.t1("or-withdrawn", "tasks", shell.zh(&way.withdrawn.join("、"))));
    }
    if !way.again.is_empty() {
        parts.push(shell.t1("or-again", "tasks", shell.zh(&way.again.join("、"))));
    }
    if parts.is_empty() {
        parts.push(shell.t("or-nothing-else"));
    }
    Choice {
        hint: parts.join(" "),
        ..Choice::new(&way.element, &shell.zh(&way.name), false)
    }
}

/// To `to` with a word about what was done; asked again when something is missing.
async fn answer<F>(
    page: &Page,
    to: &str,
    done: &str,
    outcome: Result<String>,
    again: F,
) -> Result<Response, Failure>
where
    F: AsyncFnOnce(&Error) -> Result<Response, Failure>,
{
    match outcome {
        Ok(number) => Ok(page.see_other(&format!("{to}?done={done}&no={number}"))),
        Err(error) if error.kind() == ErrorKind::Invalid => again(&error).await,
        Err(error) => Err(error.into()),
    }
}

fn on<T>(task: TaskId, typed: &Typed, what: T) -> OnTask<T> {
    OnTask {
        task,
        key: typed.idem.clone(),
        what,
    }
}

const POST: &str = "post";

async fn transfer_page(
    ctx: &Ctx,
    page: &Page,
    task: TaskId,
    typed: &Typed,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let desk = service::transfer_desk(ctx, task).await?;
    let shell = page.shell();
    let mut choices: Vec<Choice> = desk
        .receivers
        .iter()
        .map(|one| Choice {
            hint: one.staff_no.clone(),
            ..Choice::new(&one.id.to_string(), &shell.zh(&one.name), false)
        })
        .collect();
    if let Some(now) = &desk.assigned {
        choices.push(Choice {
            hint: shell.t1("or-transfer-now", "name", shell.zh(&now.name)),
            ..Choice::new(POST, &shell.t("or-transfer-post"), false)
        });
    }
    let refused = choices.is_empty().then(|| shell.t("or-transfer-nobody"));
    let asked = Asked {
        key: "transfer",
        case: &desk.case,
        action: format!("/work/tasks/{task}/transfer"),
        back: format!("/work/tasks/{task}"),
        choices: Some(choices),
        refused,
    };
    Ok(show(ctx, page, &asked, typed, failed))
}

pub(super) async fn ask_transfer(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
) -> Result<Response, Failure> {
    transfer_page(&ctx, &page, id(&task)?, &Typed::default(), None).await
}

pub(super) async fn transfer(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (task, typed): (TaskId, _) = (id(&task)?, typed(&fields)?);
    let to: Result<Option<OfficerId>> = match typed.to.as_str() {
        POST => Ok(None),
        officer => id(officer).map(Some).map_err(|_| nothing_chosen(&page)),
    };
    let outcome = match to {
        Ok(to) => {
            let reason = typed.reason.clone();
            service::transfer(&ctx, on(task, &typed, Transfer { to, reason })).await
        }
        Err(error) => Err(error),
    };
    answer(&page, "/work", "transfer", outcome, async |error| {
        transfer_page(&ctx, &page, task, &typed, Some(error)).await
    })
    .await
}

fn nothing_chosen(page: &Page) -> Error {
    let problem = tongban_kernel::FieldProblem {
        field: "to".to_owned(),
        code: "required".to_owned(),
        message: page.shell().t("or-choose"),
    };
    Error::problems("order.to", vec![problem])
}

async fn send_back_page(
    ctx: &Ctx,
    page: &Page,
    task: TaskId,
    typed: &Typed,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let desk = service::send_back_desk(ctx, task).await?;
    let shell = page.shell();
    let choices: Vec<Choice> = desk.ways.iter().map(|way| way_choice(shell, way)).collect();
    let asked = Asked {
        key: "return",
        case: &desk.case,
        action: format!("/work/tasks/{task}/return"),
        back: format!("/work/tasks/{task}"),
        refused: choices.is_empty().then(|| shell.t("or-return-nowhere")),
        choices: Some(choices),
    };
    Ok(show(ctx, page, &asked, typed, failed))
}

pub(super) async fn ask_return(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
) -> Result<Response, Failure> {
    send_back_page(&ctx, &page, id(&task)?, &Typed::default(), None).await
}

pub(super) async fn send_back(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (task, typed): (TaskId, _) = (id(&task)?, typed(&fields)?);
    let what = SendBack {
        to: typed.to.clone(),
        reason: typed.reason.clone(),
    };
    let outcome = service::send_back(&ctx, on(task, &typed, what)).await;
    answer(&page, "/work", "return", outcome, async |error| {
        send_back_page(&ctx, &page, task, &typed, Some(error)).await
    })
    .await
}

async fn take_back_page(
    ctx: &Ctx,
    page: &Page,
    task: TaskId,
    typed: &Typed,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let desk = service::take_back_desk(ctx, task).await?;
    let asked = Asked {
        key: "take-back",
        case: &desk.case,
        action: format!("/work/tasks/{task}/recall"),
        back: format!("/work/cases/{}", desk.case.project_no),
        choices: None,
        refused: desk.refused.map(|why| page.shell().zh(&why)),
    };
    Ok(show(ctx, page, &asked, typed, failed))
}

pub(super) async fn ask_take_back(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
) -> Result<Response, Failure> {
    take_back_page(&ctx, &page, id(&task)?, &Typed::default(), None).await
}

pub(super) async fn take_back(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (task, typed): (TaskId, _) = (id(&task)?, typed(&fields)?);
    let outcome = service::take_back(&ctx, &typed.idem, task, typed.reason.clone()).await;
    answer(&page, "/work", "take-back", outcome, async |error| {
        take_back_page(&ctx, &page, task, &typed, Some(error)).await
    })
    .await
}

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
        "signers" => {
            let desk = service::signers_desk(ctx, number).await?;
            let others = desk.others.iter();
            let choice = |organ: &tongban_accounts::OrganProfile| {
                Choice::new(&organ.id.to_string(), &shell.zh(&organ.name), false)
            };
            (desk.case, others.map(choice).collect())
        }
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
        "signers" => "signer",
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
    Ok(show(ctx, page, &asked, typed, failed))
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
        "signers" => {
            let organ = chosen(page, typed)?;
            service::add_signer(ctx, key, case, AddSigner { organ, reason }).await
        }
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
    ask_signer add_signer "signers" "signer",
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
    Ok(show(ctx, &page, &asked, typed, failed))
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
