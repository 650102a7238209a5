//! `/cases/{project_no}/rating`: faces with words, facets, a text; afterwards what happens with it.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;
use tongban_codes::lists::RatingChannel;
use tongban_kernel::{Error, ErrorKind};
use tongban_webkit::ui::{Choice, ErrorSummary, Field, FieldKind, KeyValues, Problem, RatingRow};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs};

use super::rectifications::answer;
use crate::model::{Level, Rating, Tag};
use crate::service::{Rate, RatingDesk, rate, rating_desk};

/// As in the service; the browser counts UTF-16 units and so never lets less through.
const TEXT_MAX: u32 = 500;

#[derive(Deserialize)]
pub(super) struct Came {
    /// Set by the code on the counter's slip.
    #[serde(default)]
    channel: String,
}

/// What was filled in so far.
#[derive(Default)]
struct Typed {
    level: Option<u8>,
    tags: Vec<String>,
    text: String,
    channel: String,
}

#[derive(Template)]
#[template(path = "rating_form.html")]
struct FormPage<'a> {
    shell: &'a PageShell,
    desk: &'a RatingDesk,
    errors: ErrorSummary,
    level: RatingRow,
    tags: Field,
    text: Field,
    channel: String,
}

#[derive(Template)]
#[template(path = "rating_given.html")]
struct GivenPage<'a> {
    shell: &'a PageShell,
    desk: &'a RatingDesk,
    title: String,
    text: String,
    facts: KeyValues,
    /// How a bad rating was dealt with.
    answer: Option<KeyValues>,
}

#[derive(Template)]
#[template(path = "rating_closed.html")]
struct ClosedPage<'a> {
    shell: &'a PageShell,
    desk: &'a RatingDesk,
}

/// Channels that a person at a page can come through; the rest are entered by the interface.
fn channel(code: &str) -> RatingChannel {
    match RatingChannel::from_code(code) {
        Some(RatingChannel::Mobile) => RatingChannel::Mobile,
        Some(RatingChannel::QrCode) => RatingChannel::QrCode,
        _ => RatingChannel::Desktop,
    }
}

/// The key of the text for a facet.
pub(super) fn tag_key(tag: Tag) -> String {
    format!("rating-tag-{}", tag.code())
}

/// The key of the web floor's text for a level.
pub(super) fn level_key(level: Level) -> String {
    format!("rate-{}", level.interface_code())
}

fn framed(page: Page, desk: &RatingDesk) -> Page {
    let title = page.shell().t("rating-title");
    page.titled(title.clone())
        .nav("cases")
        .crumb(
            desk.project_no.clone(),
            &format!("/cases/{}", desk.project_no),
        )
        .crumb(title, "")
}

fn form<'a>(
    shell: &'a PageShell,
    desk: &'a RatingDesk,
    typed: &Typed,
    problems: Vec<Problem>,
) -> FormPage<'a> {
    let choices = Tag::ALL.iter().map(|tag| {
        let chosen = typed.tags.iter().any(|code| code == tag.code());
        Choice::new(tag.code(), &shell.t(&tag_key(*tag)), chosen)
    });
    let checks = FieldKind::Checks {
        choices: choices.collect(),
    };
    let area = FieldKind::TextArea {
        value: typed.text.clone(),
        maxlength: TEXT_MAX,
    };
    let text_error = problems.iter().find(|problem| problem.id == "text");
    let mut text = Field::new("text", &shell.t("rating-text"), area)
        .hint(&shell.t("rating-text-hint"))
        .optional();
    if let Some(problem) = text_error {
        text = text.error(&problem.text);
    }
    FormPage {
        shell,
        desk,
        level: RatingRow {
            legend: shell.t("rating-level"),
            name: "level".to_owned(),
            // Never a default: what nobody chose is not sent.
            chosen: typed.level,
        },
        tags: Field::new("tag", &shell.t("rating-tags"), checks).optional(),
        text,
        errors: ErrorSummary { problems },
        channel: channel(&typed.channel).code().to_owned(),
    }
}

fn given(page: &Page, desk: &RatingDesk, rating: &Rating) -> Response {
    let shell = page.shell();
    let mut rows = vec![
        (shell.t("rating-case"), shell.zh(&desk.task_name)),
        (shell.t("rating-level"), shell.t(&level_key(rating.level))),
    ];
    if !rating.tags.is_empty() {
        let tags: Vec<String> = rating
            .tags
            .iter()
            .map(|tag| shell.t(&tag_key(*tag)))
            .collect();
        rows.push((shell.t("rating-tags"), tags.join(" · ")));
    }
    if !rating.text.is_empty() {
        rows.push((shell.t("rating-text"), rating.text.clone()));
    }
    let at = tongban_kernel::shanghai_date(rating.rated_at);
    rows.push((shell.t("rating-at"), at.to_string()));
    let text = match rating.rectify_by {
        Some(_) if rating.rectified.is_some() => shell.t("rating-answered"),
        Some(due) => {
            rows.push((shell.t("rating-due"), due.to_string()));
            shell.t1("rating-thanks-bad", "date", due.to_string())
        }
        None => shell.t("rating-thanks-good"),
    };
    page.html(&GivenPage {
        shell,
        desk,
        title: shell.t("rating-taken"),
        text,
        facts: KeyValues {
            rows,
            one_column: true,
        },
        answer: rating
            .rectified
            .as_ref()
            .map(|done| answer(shell, done, false)),
    })
}

/// The form, or what was given before.
pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(project_no): Path<String>,
    Query(came): Query<Came>,
) -> Result<Response, Failure> {
    let desk = rating_desk(&ctx, &project_no).await?;
    let page = framed(page, &desk);
    if let Some(rating) = &desk.rating {
        return Ok(given(&page, &desk, rating));
    }
    if !desk.own {
        return Err(Error::not_found().into());
    }
    if desk.open {
        return Ok(page.html(&ClosedPage {
            shell: page.shell(),
            desk: &desk,
        }));
    }
    let typed = Typed {
        channel: came.channel,
        ..Typed::default()
    };
    Ok(page.html(&form(page.shell(), &desk, &typed, Vec::new())))
}

/// Takes the rating; a problem brings the form again with all that was typed.
pub(super) async fn give(
    ctx: Ctx,
    page: Page,
    Path(project_no): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let typed = Typed {
        level: fields.get("level").and_then(|code| code.parse().ok()),
        tags: fields.all("tag").map(str::to_owned).collect(),
        text: fields.text("text"),
        channel: fields.text("channel"),
    };
    let Some(level) = typed.level.and_then(Level::from_interface_code) else {
        let desk = rating_desk(&ctx, &project_no).await?;
        let text = page.shell().t("rating-level-missing");
        return Ok(again(page, &desk, &typed, "level", text));
    };
    let wish = Rate {
        project_no: project_no.clone(),
        level,
        tags: typed
            .tags
            .iter()
            .filter_map(|code| Tag::from_code(code))
            .collect(),
        text: typed.text.clone(),
        channel: channel(&typed.channel),
        key: fields.text("idem"),
    };
    match rate(&ctx, wish).await {
        Ok(_) => Ok(page.see_other(&format!("/cases/{project_no}/rating"))),
        Err(error) if error.kind() == ErrorKind::Invalid && error.code() == "rating.text" => {
            let desk = rating_desk(&ctx, &project_no).await?;
            let text = page.shell().t("rating-text-long");
            Ok(again(page, &desk, &typed, "text", text))
        }
        Err(error) => Err(error.into()),
    }
}

fn again(page: Page, desk: &RatingDesk, typed: &Typed, id: &str, text: String) -> Response {
    let problem = Problem {
        id: id.to_owned(),
        text,
    };
    let page = framed(page, desk);
    page.invalid(&form(page.shell(), desk, typed, vec![problem]))
}
