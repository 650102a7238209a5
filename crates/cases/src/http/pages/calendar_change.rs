//! `/admin/calendar/days/{date}`: what a day is to become, then what that would mean, then the change.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use jiff::civil::Date;
use tongban_kernel::{Act, Error, ErrorKind, FieldProblem, Resource, Result};
use tongban_webkit::ui::{Choice, Field, FieldKind, FormGroup, FormView, Problem};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs, error_of};

use super::calendar::{state_words, weekday};
use crate::service::{
    CalendarEdit, CalendarPreview, ChangeCalendar, DayWish, calendar_year, change_calendar,
    preview_calendar,
};

#[derive(Template)]
#[template(path = "calendar_form.html")]
struct FormPage<'a> {
    shell: &'a PageShell,
    title: String,
    intro: String,
    form: FormView,
}

struct Line {
    date: String,
    weekday: String,
    before: String,
    after: String,
}

#[derive(Template)]
#[template(path = "calendar_preview.html")]
struct PreviewPage<'a> {
    shell: &'a PageShell,
    title: String,
    source: String,
    announces: String,
    lines: Vec<Line>,
    moved: String,
    form: FormView,
}

/// Problems that belong to no field of `fields`.
fn whole(problems: &[FieldProblem], fields: &[Field]) -> Vec<Problem> {
    problems
        .iter()
        .filter(|problem| !fields.iter().any(|field| field.name == problem.field))
        .map(|problem| Problem {
            id: String::new(),
            text: problem.message.clone(),
        })
        .collect()
}

pub(super) fn reason_field(shell: &PageShell, reason: &str) -> Field {
    let kind = FieldKind::TextArea {
        value: reason.to_owned(),
        maxlength: 500,
    };
    Field::new("reason", &shell.t("cal-reason"), kind).hint(&shell.t("cal-reason-hint"))
}

/// What was typed for one day.
#[derive(Default)]
struct Typed {
    wish: String,
    name: String,
    source: String,
    reason: String,
}

fn typed(fields: &ProtectedPairs) -> Typed {
    let text = |name: &str| fields.text(name);
    Typed {
        wish: text("wish"),
        name: text("name"),
        source: text("source"),
        reason: text("reason"),
    }
}

fn day_fields(shell: &PageShell, typed: &Typed) -> Vec<Field> {
    let choice = |wish: DayWish, key: &str, hint: &str| Choice {
        value: wish.key().to_owned(),
        text: shell.t(key),
        hint: shell.t(hint),
        chosen: typed.wish == wish.key(),
    };
    let wish = FieldKind::Radio {
        choices: vec![
            choice(DayWish::Off, "cal-off", "cal-off-hint"),
            choice(DayWish::Work, "cal-work", "cal-work-hint"),
            choice(DayWish::Plain, "cal-plain", "cal-plain-hint"),
        ],
        stacked: true,
    };
    vec![
        Field::new("wish", &shell.t("cal-wish"), wish),
        Field::text("name", &shell.t("cal-name"), &typed.name)
            .hint(&shell.t("cal-name-hint"))
            .wide(),
        Field::text("source", &shell.t("cal-source"), &typed.source)
            .hint(&shell.t("cal-source-hint"))
            .wide(),
        reason_field(shell, &typed.reason),
    ]
}

pub(super) fn titled(page: &Page, title: &str, year: i16) -> Page {
    let calendar = page.shell().t1("cal-title-year", "year", i64::from(year));
    page.clone()
        .titled(title)
        .nav("calendar")
        .crumb(calendar, &format!("/admin/calendar?year={year}"))
        .crumb(title, "")
}

fn day_page(
    page: &Page,
    date: Date,
    now: &str,
    typed: &Typed,
    problems: &[FieldProblem],
) -> Response {
    let shell = page.shell();
    let title = shell.t2(
        "cal-day-title",
        "date",
        date.to_string(),
        "weekday",
        weekday(shell, date),
    );
    let page = titled(page, &title, date.year());
    let shell = page.shell();
    let mut fields = day_fields(shell, typed);
    for field in &mut fields {
        field.error = error_of(problems, &field.name);
    }
    let form = FormView {
        action: format!("/admin/calendar/days/{date}"),
        problems: whole(problems, &fields),
        groups: vec![FormGroup {
            legend: shell.t("cal-change"),
            icon: "calendar",
            fields,
            ..FormGroup::default()
        }],
        back_href: format!("/admin/calendar?year={}", date.year()),
        submit_text: shell.t("cal-to-preview"),
        ..FormView::default()
    };
    let content = FormPage {
        shell,
        intro: shell.t1("cal-day-now", "state", now),
        title,
        form,
    };
    page.staff_form(&content, !problems.is_empty())
}

/// A date of an address; what is no date does not exist.
fn date(text: &str) -> Result<Date> {
    text.parse().map_err(|_| Error::not_found())
}

/// What a day is now, in words.
async fn state_now(ctx: &Ctx, page: &Page, date: Date) -> Result<String> {
    ctx.authorize(Act::ManageCalendar, Resource::Platform)?;
    let view = calendar_year(ctx, date.year()).await?;
    let shell = page.shell();
    let day = view.days.iter().find(|day| day.date == date);
    Ok(
        day.map_or_else(String::new, |day| match (day.special, day.working) {
            (true, false) => shell.t1("cal-off-named", "name", shell.zh(&day.name)),
            (true, true) => shell.t1("cal-work-named", "name", shell.zh(&day.name)),
            (false, true) => shell.t("cal-plain-work"),
            (false, false) => shell.t("cal-plain-rest"),
        }),
    )
}

/// `GET /admin/calendar/days/{date}`.
pub(super) async fn day(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
) -> Result<Response, Failure> {
    let date = date(&text)?;
    let now = state_now(&ctx, &page, date).await?;
    Ok(day_page(&page, date, &now, &Typed::default(), &[]))
}

/// The problems of what was typed; other errors go on.
pub(super) fn problems_of(error: Error) -> Result<Vec<FieldProblem>, Failure> {
    match error.kind() {
        ErrorKind::Invalid if !error.field_problems().is_empty() => {
            Ok(error.field_problems().to_vec())
        }
        // Nothing would change: said on the form.
        ErrorKind::Conflict if error.code() == "calendar.same" => {
            Ok(vec![FieldProblem::new("", "same", error.message())])
        }
        _ => Err(error.into()),
    }
}

pub(super) fn head(fields: &ProtectedPairs) -> Result<u32> {
    fields
        .get("head")
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Error::invalid("request.fields", "提交的内容不完整"))
}

pub(super) fn key(fields: &ProtectedPairs) -> String {
    fields.text("idem")
}

/// `POST /admin/calendar/days/{date}`: the preview first, the change when that was confirmed.
pub(super) async fn send_day(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let date = date(&text)?;
    let typed = typed(&fields);
    let now = state_now(&ctx, &page, date).await?;
    let Some(wish) = DayWish::from_key(&typed.wish) else {
        let problem = FieldProblem::required("wish", page.shell().t("cal-wish-needed"));
        return Ok(day_page(&page, date, &now, &typed, &[problem]));
    };
    let confirmed = fields.get("step") == Some("apply");
    let mut change = ChangeCalendar {
        edit: CalendarEdit::Day {
            date,
            wish,
            name: typed.name.clone(),
            source: typed.source.clone(),
        },
        reason: typed.reason.clone(),
        head: 0,
        key: key(&fields),
    };
    let outcome = if confirmed {
        change.head = head(&fields)?;
        change_calendar(&ctx, change).await.map(|_| None)
    } else {
        preview_calendar(&ctx, &change).await.map(Some)
    };
    match outcome {
        Ok(None) => Ok(page.see_other(&format!("/admin/calendar?year={}&done=1", date.year()))),
        Ok(Some(preview)) => {
            let hidden = [
                ("step", "apply"),
                ("wish", &typed.wish),
                ("name", &typed.name),
                ("source", &typed.source),
                ("reason", &typed.reason),
            ];
            let asked = Asked {
                action: format!("/admin/calendar/days/{date}"),
                back: format!("/admin/calendar/days/{date}"),
                hidden: pairs_of(&hidden),
                fields: Vec::new(),
            };
            Ok(preview_page(&page, &preview, asked, &[]))
        }
        Err(error) => Ok(day_page(&page, date, &now, &typed, &problems_of(error)?)),
    }
}

pub(super) fn pairs_of(hidden: &[(&str, &str)]) -> Vec<(String, String)> {
    hidden
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// What the preview asks to confirm.
pub(super) struct Asked {
    pub(super) action: String,
    pub(super) back: String,
    pub(super) hidden: Vec<(String, String)>,
    pub(super) fields: Vec<Field>,
}

fn moved_words(shell: &PageShell, preview: &CalendarPreview) -> String {
    let moved = preview.moved;
    shell.ta(
        "cal-moved",
        &[
            ("open", &moved.open),
            ("earlier", &moved.earlier),
            ("later", &moved.later),
        ],
    )
}

pub(super) fn preview_page(
    page: &Page,
    preview: &CalendarPreview,
    mut asked: Asked,
    problems: &[FieldProblem],
) -> Response {
    let title = page
        .shell()
        .t1("cal-preview-title", "year", i64::from(preview.year));
    let page = titled(page, &title, preview.year);
    let shell = page.shell();
    asked
        .hidden
        .push(("head".to_owned(), preview.head.to_string()));
    asked
        .hidden
        .push(("idem".to_owned(), shell.request.to_string()));
    for field in &mut asked.fields {
        field.error = error_of(problems, &field.name);
    }
    let form = FormView {
        action: asked.action,
        problems: whole(problems, &asked.fields),
        groups: if asked.fields.is_empty() {
            Vec::new()
        } else {
            vec![FormGroup {
                legend: shell.t("cal-why"),
                fields: asked.fields,
                ..FormGroup::default()
            }]
        },
        back_href: asked.back,
        submit_text: shell.t("cal-apply"),
        hidden: asked.hidden,
        ..FormView::default()
    };
    let line = |day: &crate::model::DayChange| Line {
        date: day.date.to_string(),
        weekday: weekday(shell, day.date),
        before: state_words(shell, &day.before),
        after: state_words(shell, &day.after),
    };
    let content = PreviewPage {
        shell,
        title,
        source: shell.zh(&preview.source),
        announces: if preview.newly_announced {
            shell.t1("cal-announces", "year", i64::from(preview.year))
        } else {
            String::new()
        },
        lines: preview.days.iter().map(line).collect(),
        moved: moved_words(shell, preview),
        form,
    };
    page.staff_form(&content, !problems.is_empty())
}
