//! Pages for asking opinions and giving them, and for copies.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use axum::routing::get;
use tongban_kernel::{Act, Error, OpinionId, Post, Result, TaskId};
use tongban_webkit::ui::{Choice, Field, FieldKind, Tab, escaped};
use tongban_webkit::{Ctx, Failure, Html, Page, PageShell, ProtectedPairs};

use super::advice_sheet::opinion_tag;
use super::case_form::{
    Sheet, answer, area, days_field, idem_of, nothing_chosen, organ_field, radio, show, text_of,
};
use super::inbox::notice;
use super::signers;
use crate::http::words::{due_lamp, id, moment, state_tag};
use crate::model::{OpinionState, Stance};
use crate::service::{self, ASKED_POSTS, AskOpinion, GiveOpinion, OnTask, SendCopy, calendar};

/// Lines of one list.
const MOST: u32 = 200;

pub(super) fn router() -> Router {
    Router::new()
        .route(
            "/work/tasks/{task}/opinions",
            get(ask_opinion).post(send_opinion),
        )
        .route("/work/tasks/{task}/copies", get(ask_copy).post(send_copy))
        .route(
            "/work/tasks/{task}/signers",
            get(signers::ask_signer).post(signers::send_signer),
        )
        .route(
            "/work/cases/{no}/signers",
            get(signers::ask_member).post(signers::send_member),
        )
        .route("/work/opinions", get(opinions))
        .route("/work/opinions/{id}", get(opinion).post(give))
        .route("/work/copies", get(copies))
        .route("/work/copies/{id}", get(copy))
}

/// The ways from the inbox to requests and copies.
pub(super) fn tabs(shell: &PageShell, waiting: &service::AdviceWaiting) -> Vec<Tab> {
    let tab = |key: &str, href: &str, count: u64, urgent: bool| Tab {
        text: shell.t(key),
        href: href.to_owned(),
        count: Some(count),
        urgent,
        current: false,
    };
    vec![
        tab(
            "ad-opinions",
            "/work/opinions",
            waiting.asked,
            waiting.asked > 0,
        ),
        tab("ad-copies", "/work/copies", waiting.unread, false),
    ]
}

async fn opinion_form(
    ctx: &Ctx,
    page: &Page,
    task: TaskId,
    fields: Option<&ProtectedPairs>,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let desk = service::ask_desk(ctx, task, Act::AskOpinion).await?;
    let shell = page.shell();
    let post = match text_of(fields, "post") {
        none if none.is_empty() => Post::Reviewer.key().to_owned(),
        some => some,
    };
    let posts = ASKED_POSTS
        .iter()
        .map(|one| Choice::new(one.key(), &shell.zh(one.label()), one.key() == post));
    let days = match fields {
        None => "3".to_owned(),
        some => text_of(some, "days"),
    };
    let sheet = Sheet {
        key: "ad-ask".to_owned(),
        case: &desk.case,
        action: format!("/work/tasks/{task}/opinions"),
        back: format!("/work/tasks/{task}"),
        fields: vec![
            organ_field(shell, &desk.organs, &text_of(fields, "to")),
            radio("post", &shell.t("ad-post"), posts.collect()),
            area(
                "question",
                &shell.t("ad-question"),
                text_of(fields, "question"),
            ),
            days_field(shell, &days),
        ],
        note: None,
    };
    Ok(show(ctx, page, sheet, &text_of(fields, "idem"), failed))
}

async fn ask_opinion(ctx: Ctx, page: Page, Path(task): Path<String>) -> Result<Response, Failure> {
    opinion_form(&ctx, &page, id(&task)?, None, None).await
}

async fn send_opinion(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let task: TaskId = id(&task)?;
    let key = idem_of(&fields)?;
    let wish = || -> Result<AskOpinion> {
        Ok(AskOpinion {
            organ: id(&fields.text("to")).map_err(|_| nothing_chosen(&page))?,
            post: Post::from_key(&fields.text("post")).unwrap_or(Post::Reviewer),
            question: fields.text("question"),
            days: fields.text("days").trim().parse().unwrap_or(0),
        })
    };
    let outcome = match wish() {
        Ok(what) => service::ask_opinion(&ctx, OnTask { task, key, what }).await,
        Err(error) => Err(error),
    };
    answer(
        &page,
        &format!("/work/tasks/{task}"),
        "opinion-asked",
        outcome,
        async |error| opinion_form(&ctx, &page, task, Some(&fields), Some(error)).await,
    )
    .await
}

async fn copy_form(
    ctx: &Ctx,
    page: &Page,
    task: TaskId,
    fields: Option<&ProtectedPairs>,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let desk = service::copy_desk(ctx, task).await?;
    let shell = page.shell();
    let chosen: Vec<String> = fields
        .map(|fields| fields.all("to").map(str::to_owned).collect())
        .unwrap_or_default();
    let choices = desk.receivers.iter().map(|(one, organ)| {
        let value = one.id.to_string();
        let on = chosen.contains(&value);
        Choice {
            hint: format!("{} {}", shell.zh(organ), one.staff_no),
            ..Choice::new(&value, &shell.zh(&one.name), on)
        }
    });
    let kind = FieldKind::Checks {
        choices: choices.collect(),
    };
    let sheet = Sheet {
        key: "ad-copy".to_owned(),
        case: &desk.case,
        action: format!("/work/tasks/{task}/copies"),
        back: format!("/work/tasks/{task}"),
        fields: vec![
            Field::new("to", &shell.t("ad-copy-to"), kind).wide(),
            area("note", &shell.t("ad-note"), text_of(fields, "note")).optional(),
        ],
        note: None,
    };
    Ok(show(ctx, page, sheet, &text_of(fields, "idem"), failed))
}

async fn ask_copy(ctx: Ctx, page: Page, Path(task): Path<String>) -> Result<Response, Failure> {
    copy_form(&ctx, &page, id(&task)?, None, None).await
}

async fn send_copy(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let task: TaskId = id(&task)?;
    let key = idem_of(&fields)?;
    let to: Result<Vec<_>> = fields.all("to").map(id).collect();
    let note = fields.text("note");
    let what = SendCopy { to: to?, note };
    let outcome = service::send_copy(&ctx, OnTask { task, key, what }).await;
    answer(
        &page,
        &format!("/work/tasks/{task}"),
        "copy",
        outcome,
        async |error| copy_form(&ctx, &page, task, Some(&fields), Some(error)).await,
    )
    .await
}

struct Line {
    /// Empty: it can be looked at no longer.
    href: String,
    name: String,
    number: String,
    state: Html,
    when: String,
    lamp: Html,
    mark: Html,
}

#[derive(Template)]
#[template(path = "advice_list.html")]
struct ListPage<'a> {
    shell: &'a PageShell,
    title: String,
    intro: String,
    notice: String,
    /// Over the last column.
    last: String,
    lines: Vec<Line>,
}

fn list_page(page: &Page, key: &str) -> Page {
    let title = page.shell().t(key);
    let inbox = page.shell().t("cs-inbox");
    let page = page.clone().titled(title.clone()).nav("inbox");
    page.crumb(inbox, "/work").crumb(title, "")
}

async fn opinions(ctx: Ctx, page: Page, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let found = service::my_opinions(&ctx, MOST).await?;
    let (today, calendar) = (ctx.clock.today(), calendar(&ctx)?);
    let page = list_page(&page, "ad-opinions");
    let shell = page.shell();
    let lines = found.iter().map(|one| {
        let open = one.item.state == OpinionState::Open;
        let due = one.item.due_on;
        let late = u32::from(open && due < today);
        let (lamp, words) = due_lamp(shell, &calendar, today, Some(due).filter(|_| open));
        Line {
            href: match open {
                true => format!("/work/opinions/{}", one.item.id),
                false => String::new(),
            },
            name: shell.zh(&one.task_name),
            number: one.project_no.clone(),
            state: state_tag(shell, &one.state),
            when: moment(one.item.asked_at),
            lamp: match open {
                true => tongban_webkit::ui::lamp(shell, lamp, &words),
                false => askama::filters::Safe(String::new()),
            },
            mark: opinion_tag(shell, one.item.state, late),
        }
    });
    Ok(page.staff_html(&ListPage {
        shell,
        title: shell.t("ad-opinions"),
        intro: shell.t("ad-opinions-intro"),
        notice: notice(shell, &query.unwrap_or_default()),
        last: shell.t("ad-opinion"),
        lines: lines.collect(),
    }))
}

async fn copies(ctx: Ctx, page: Page) -> Result<Response, Failure> {
    let found = service::my_copies(&ctx, MOST).await?;
    let page = list_page(&page, "ad-copies");
    let shell = page.shell();
    let lines = found.iter().map(|one| {
        let (tone, words) = match one.item.read_at {
            Some(at) => (
                tongban_webkit::ui::Tone::Plain,
                shell.t1("ad-read-at", "time", moment(at)),
            ),
            None => (tongban_webkit::ui::Tone::Blue, shell.t("ad-unread")),
        };
        Line {
            href: format!("/work/copies/{}", one.item.id),
            name: shell.zh(&one.task_name),
            number: one.project_no.clone(),
            state: state_tag(shell, &one.state),
            when: moment(one.item.sent_at),
            lamp: askama::filters::Safe(String::new()),
            mark: tongban_webkit::ui::tag(tone, &words),
        }
    });
    Ok(page.staff_html(&ListPage {
        shell,
        title: shell.t("ad-copies"),
        intro: shell.t("ad-copies-intro"),
        notice: String::new(),
        last: shell.t("ad-receipt"),
        lines: lines.collect(),
    }))
}

async fn answer_form(
    ctx: &Ctx,
    page: &Page,
    request: OpinionId,
    fields: Option<&ProtectedPairs>,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let desk = service::opinion_desk(ctx, request).await?;
    let shell = page.shell();
    let chosen = text_of(fields, "stance");
    let stances = Stance::ALL.map(|one| {
        let text = shell.t(&format!("ad-stance-{}", one.key()));
        Choice::new(one.key(), &text, one.key() == chosen)
    });
    let read = format!(
        "<p><b>{}</b></p><p>{}</p><p><a class=\"link\" href=\"/work/cases/{}\">{}</a></p>",
        escaped(&shell.t2(
            "ad-asked-by",
            "who",
            shell.zh(&desk.asker),
            "date",
            desk.request.due_on.to_string(),
        )),
        escaped(&shell.zh(&desk.question)),
        desk.case.project_no,
        escaped(&shell.t("ad-to-case")),
    );
    let sheet = Sheet {
        key: "ad-give".to_owned(),
        case: &desk.case,
        action: format!("/work/opinions/{request}"),
        back: "/work/opinions".to_owned(),
        fields: vec![
            Field::new("question", &shell.t("ad-question"), FieldKind::Prose(read)),
            radio("stance", &shell.t("ad-stance"), stances.to_vec()),
            area(
                "opinion",
                &shell.t("ad-opinion"),
                text_of(fields, "opinion"),
            ),
        ],
        note: None,
    };
    Ok(show(ctx, page, sheet, &text_of(fields, "idem"), failed))
}

async fn opinion(ctx: Ctx, page: Page, Path(request): Path<String>) -> Result<Response, Failure> {
    answer_form(&ctx, &page, id(&request)?, None, None).await
}

async fn give(
    ctx: Ctx,
    page: Page,
    Path(request): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let request: OpinionId = id(&request)?;
    let key = idem_of(&fields)?;
    let outcome = match Stance::from_key(&fields.text("stance")) {
        Some(stance) => {
            let opinion = fields.text("opinion");
            service::give_opinion(&ctx, &key, request, GiveOpinion { stance, opinion }).await
        }
        None => Err(Error::field(
            "opinion.stance",
            "stance",
            page.shell().t("or-choose"),
        )),
    };
    answer(
        &page,
        "/work/opinions",
        "opinion-given",
        outcome,
        async |error| answer_form(&ctx, &page, request, Some(&fields), Some(error)).await,
    )
    .await
}

#[derive(Template)]
#[template(path = "copy.html")]
struct CopyPage<'a> {
    shell: &'a PageShell,
    title: String,
    number: &'a str,
    name: String,
    sender: String,
    note: String,
}

async fn copy(ctx: Ctx, page: Page, Path(copy): Path<String>) -> Result<Response, Failure> {
    let view = service::open_copy(&ctx, id(&copy)?).await?;
    let page = list_page(&page, "ad-copies");
    let shell = page.shell();
    Ok(page.staff_html(&CopyPage {
        shell,
        title: shell.t("ad-copy-one"),
        number: &view.case.project_no,
        name: shell.zh(&view.case.task_name),
        sender: shell.t2(
            "ad-copied-by",
            "who",
            shell.zh(&view.sender),
            "time",
            moment(view.copy.sent_at),
        ),
        note: shell.zh(&view.note),
    }))
}
