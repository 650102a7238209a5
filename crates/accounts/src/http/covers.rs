//! `/work/covers`: who does the tasks in hand of officers who are away.

use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use jiff::civil::Date;
use tongban_kernel::{CoverId, Error, ErrorKind, FieldProblem, Result};
use tongban_webkit::http::pairs;
use tongban_webkit::ui::{Choice, Empty, Field, FieldKind, FormGroup, FormView};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs};

use crate::model::{CoverState, NameCover, OfficerProfile};
use crate::service::{self, CoverDesk};

/// Arrangements on one page.
const PAGE: u32 = 50;

struct Row {
    absent: String,
    cover: String,
    days: String,
    reason: String,
    by: String,
    state: String,
    /// Where it is ended; empty: cannot be.
    end: String,
}

#[derive(Template)]
#[template(path = "covers.html")]
struct CoversPage<'a> {
    shell: &'a PageShell,
    notice: String,
    rows: Vec<Row>,
    /// Address of the next page.
    older: String,
    idem: String,
    empty: Empty,
    form: FormView,
}

#[derive(Default)]
struct Typed {
    idem: String,
    absent: String,
    cover: String,
    from: String,
    to: String,
    reason: String,
}

fn typed(fields: &ProtectedPairs) -> Result<Typed> {
    let text = |name: &str| fields.text(name).trim().to_owned();
    let idem = text("idem");
    if !(8..=128).contains(&idem.len()) {
        return Err(Error::invalid("request.fields", "提交的内容不完整"));
    }
    Ok(Typed {
        idem,
        absent: text("absent"),
        cover: text("cover"),
        from: text("from"),
        to: text("to"),
        reason: text("reason"),
    })
}

/// A date as people write it: 2026-12-1, 2026/12/01, 2026年12月1日.
fn date(text: &str) -> Option<Date> {
    let mut parts = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty());
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn choices(shell: &PageShell, known: &[OfficerProfile], chosen: &str) -> Vec<Choice> {
    known
        .iter()
        .map(|one| {
            let id = one.id.to_string();
            let text = format!("{}（{} {}）", one.name, one.organ_name, one.staff_no);
            Choice::new(&id, &shell.zh(&text), id == chosen)
        })
        .collect()
}

fn form(
    ctx: &Ctx,
    shell: &PageShell,
    desk: &CoverDesk,
    typed: &Typed,
    failed: Option<&Error>,
) -> FormView {
    let absent = match desk.absent.as_slice() {
        [own] => own.id.to_string(),
        _ => typed.absent.clone(),
    };
    let select = |name: &str, label: &str, choices: Vec<Choice>| {
        Field::new(name, &shell.t(label), FieldKind::Select { choices })
    };
    let day = |name: &str, label: &str, value: &str| {
        let value = value.to_owned();
        Field::new(name, &shell.t(label), FieldKind::Date { value })
    };
    let reason = FieldKind::TextArea {
        value: typed.reason.clone(),
        maxlength: 200,
    };
    let fields = vec![
        select(
            "absent",
            "cov-absent",
            choices(shell, &desk.absent, &absent),
        ),
        select(
            "cover",
            "cov-cover",
            choices(shell, &desk.covers, &typed.cover),
        ),
        day("from", "cov-from", &typed.from),
        day("to", "cov-to", &typed.to),
        Field::new("reason", &shell.t("cov-reason"), reason).hint(&shell.t("cov-reason-hint")),
    ];
    let idem = match typed.idem.as_str() {
        "" => ctx.ids.token(),
        kept => kept.to_owned(),
    };
    let mut form = FormView {
        action: "/work/covers".to_owned(),
        back_href: "/work".to_owned(),
        submit_text: shell.t("cov-send"),
        hidden: vec![("idem".to_owned(), idem)],
        groups: vec![FormGroup {
            legend: shell.t("cov-new"),
            note: shell.t("cov-intro"),
            icon: "user-round",
            fields,
        }],
        ..FormView::default()
    }
    .told(failed);
    for problem in &mut form.problems {
        problem.text = shell.zh(&problem.text);
    }
    form
}

async fn render(
    ctx: &Ctx,
    page: &Page,
    query: &str,
    typed: &Typed,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let query = pairs(query.as_bytes(), 16).unwrap_or_default();
    let find = |name: &str| query.iter().find(|(key, _)| key == name);
    let before = find("before").and_then(|(_, value)| value.parse().ok());
    let mut covers = service::list_covers(ctx, before, PAGE + 1).await?;
    let more = covers.len() > PAGE as usize;
    covers.truncate(PAGE as usize);
    let desk = service::cover_desk(ctx).await?;
    let today = ctx.clock.today();
    let title = page.shell().t("cov-title");
    let page = page.clone().titled(title).nav("covers");
    let shell = page.shell();
    let older = covers.last().filter(|_| more);
    let older = older.map_or_else(String::new, |last| {
        format!("/work/covers?before={}", last.id)
    });
    let mine = |one: &crate::model::Cover| desk.absent.iter().any(|away| away.id == one.absent);
    let rows = covers.iter().map(|one| {
        let state = one.state(today);
        let open = matches!(state, CoverState::Ahead | CoverState::InForce);
        Row {
            absent: shell.zh(&one.absent_name),
            cover: shell.zh(&one.cover_name),
            days: format!("{} – {}", one.from, one.to),
            reason: shell.zh(&one.reason),
            by: shell.zh(&one.named_by),
            state: shell.t(&format!("cov-state-{}", state.key())),
            end: match open && mine(one) {
                true => format!("/work/covers/{}/end", one.id),
                false => String::new(),
            },
        }
    });
    let content = CoversPage {
        shell,
        notice: match find("done").map(|(_, value)| value.as_str()) {
            Some("named") => shell.t("cov-did-name"),
            Some("ended") => shell.t("cov-did-end"),
            _ => String::new(),
        },
        rows: rows.collect(),
        older,
        idem: ctx.ids.token(),
        empty: Empty {
            icon: "user-round",
            title: shell.t("cov-none"),
            text: shell.t("cov-none-text"),
            ..Empty::default()
        },
        form: form(ctx, shell, &desk, typed, failed),
    };
    Ok(page.staff_form(&content, failed.is_some()))
}

/// `GET /work/covers`.
pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    render(&ctx, &page, &query, &Typed::default(), None).await
}

fn wish(page: &Page, typed: &Typed) -> Result<NameCover> {
    let missing = |field: &str, text: &str| {
        let problem = FieldProblem::required(field, page.shell().t(text));
        Error::problems("cover", vec![problem])
    };
    let officer =
        |field: &str, value: &str| value.parse().map_err(|_| missing(field, "cov-choose"));
    let day = |field: &str, value: &str| date(value).ok_or_else(|| missing(field, "cov-date"));
    Ok(NameCover {
        absent: officer("absent", &typed.absent)?,
        cover: officer("cover", &typed.cover)?,
        from: day("from", &typed.from)?,
        to: day("to", &typed.to)?,
        reason: typed.reason.clone(),
    })
}

/// `POST /work/covers`.
pub(super) async fn name(
    ctx: Ctx,
    page: Page,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let typed = typed(&fields)?;
    let outcome = match wish(&page, &typed) {
        Ok(what) => service::name_cover(&ctx, &typed.idem, what).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(_) => Ok(page.see_other("/work/covers?done=named")),
        Err(error) if error.kind() == ErrorKind::Invalid || error.code() == "cover.chain" => {
            render(&ctx, &page, "", &typed, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /work/covers/{cover}/end`.
pub(super) async fn end(
    ctx: Ctx,
    page: Page,
    Path(cover): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let cover: CoverId = cover.parse().map_err(|_| Error::not_found())?;
    service::end_cover(&ctx, &typed(&fields)?.idem, cover).await?;
    Ok(page.see_other("/work/covers?done=ended"))
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let first = jiff::civil::date(2026, 12, 1);
        for text in ["2026-12-01", "2026/12/1", "2026年12月1日", " 2026.12.1"] {
            assert_eq!(date(text), Some(first), "{text}");
        }
        for text in ["", "2026-12", "2026-02-30", "2026-12-01-1", "x"] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
