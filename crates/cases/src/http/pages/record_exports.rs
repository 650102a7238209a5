//! `/admin/record-exports`: the record of cases as an event log, for audit and for the improvement of processes.

use askama::Template;
use axum::response::Response;
use jiff::civil::Date;
use tongban_kernel::FieldProblem;
use tongban_webkit::ui::{Choice, Field, FieldKind, FormGroup, FormView, Problem};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs, error_of};

use super::calendar_change::problems_of;
use crate::http::download::download;
use crate::http::words::moment;
use crate::model::{CaseEventKind, LogFormat, RecordExport, RecordSelection, RecordWish};
use crate::service::{ExportRecord, export_organs, export_record, record_exports};

const PATH: &str = "/admin/record-exports";

struct Line {
    n: u32,
    who: String,
    at: String,
    purpose: String,
    format: String,
    counts: String,
    digest: String,
}

#[derive(Template)]
#[template(path = "record_exports.html")]
struct ExportsPage<'a> {
    shell: &'a PageShell,
    form: FormView,
    lines: Vec<Line>,
}

/// What was typed.
#[derive(Default)]
struct Typed {
    item: String,
    organ: String,
    process: String,
    state: String,
    from: String,
    until: String,
    numbers: String,
    format: String,
    names: bool,
    purpose: String,
}

fn typed(fields: &ProtectedPairs) -> Typed {
    let text = |name: &str| fields.text(name).trim().to_owned();
    Typed {
        item: text("item"),
        organ: text("organ"),
        process: text("process"),
        state: text("state"),
        from: text("from"),
        until: text("until"),
        numbers: text("numbers"),
        format: text("format"),
        names: text("names") == "1",
        purpose: text("purpose"),
    }
}

const fn title_of(format: LogFormat) -> (&'static str, &'static str) {
    match format {
        LogFormat::Ocel => ("rec-ocel", "rec-ocel-hint"),
        LogFormat::Xes => ("rec-xes", "rec-xes-hint"),
        LogFormat::XesTasks => ("rec-xes-tasks", "rec-xes-tasks-hint"),
    }
}

fn which(shell: &PageShell, typed: &Typed, organs: &[(String, String)]) -> Vec<Field> {
    let any = |chosen: &str| Choice::new("", &shell.t("rec-any"), chosen.is_empty());
    let mut organ = vec![any(&typed.organ)];
    organ.extend(
        organs
            .iter()
            .map(|(code, name)| Choice::new(code, &shell.zh(name), typed.organ == *code)),
    );
    let mut state = vec![any(&typed.state)];
    for (value, key) in [("open", "rec-open"), ("ended", "rec-ended")] {
        state.push(Choice::new(value, &shell.t(key), typed.state == value));
    }
    for kind in CaseEventKind::ALL {
        let code = kind.code().to_string();
        let words = shell.zh(kind.label());
        state.push(Choice::new(&code, &words, typed.state == code));
    }
    let day = |name: &str, key: &str, value: &str| {
        let kind = FieldKind::Date {
            value: value.to_owned(),
        };
        Field::new(name, &shell.t(key), kind)
            .hint(&shell.t("rec-day-hint"))
            .optional()
    };
    let numbers = FieldKind::TextArea {
        value: typed.numbers.clone(),
        maxlength: 40_000,
    };
    let select = |choices| FieldKind::Select { choices };
    vec![
        Field::text("item", &shell.t("rec-item"), &typed.item).optional(),
        Field::new("organ", &shell.t("rec-organ"), select(organ)).optional(),
        Field::new("state", &shell.t("rec-state"), select(state)).optional(),
        Field::text("process", &shell.t("rec-process"), &typed.process)
            .hint(&shell.t("rec-process-hint"))
            .optional(),
        day("from", "rec-from", &typed.from),
        day("until", "rec-until", &typed.until),
        Field::new("numbers", &shell.t("rec-numbers"), numbers)
            .hint(&shell.t("rec-numbers-hint"))
            .optional(),
    ]
}

fn how(shell: &PageShell, typed: &Typed) -> Vec<Field> {
    let formats = LogFormat::ALL.into_iter().map(|format| {
        let (text, hint) = title_of(format);
        Choice {
            value: format.key().to_owned(),
            text: shell.t(text),
            hint: shell.t(hint),
            chosen: format == chosen(typed),
        }
    });
    let format = FieldKind::Radio {
        choices: formats.collect(),
        stacked: true,
    };
    let names = FieldKind::Checks {
        choices: vec![Choice {
            value: "1".to_owned(),
            text: shell.t("rec-names-on"),
            hint: shell.t("rec-names-hint"),
            chosen: typed.names,
        }],
    };
    let purpose = FieldKind::TextArea {
        value: typed.purpose.clone(),
        maxlength: 500,
    };
    vec![
        Field::new("format", &shell.t("rec-format"), format),
        Field::new("names", &shell.t("rec-names"), names).optional(),
        Field::new("purpose", &shell.t("rec-purpose"), purpose).hint(&shell.t("rec-purpose-hint")),
    ]
}

fn chosen(typed: &Typed) -> LogFormat {
    LogFormat::from_key(&typed.format).unwrap_or(LogFormat::Ocel)
}

fn line(shell: &PageShell, export: &RecordExport) -> Line {
    let (format, _) = title_of(export.wish.format);
    let counts = export.counts;
    Line {
        n: export.n,
        who: shell.zh(&export.by_whom),
        at: moment(export.at),
        purpose: shell.zh(&export.purpose),
        format: shell.t(format),
        counts: shell.t2("rec-counts", "cases", counts.cases, "events", counts.events),
        digest: export.sha256.chars().take(12).collect(),
    }
}

async fn page_of(
    ctx: &Ctx,
    page: &Page,
    typed: &Typed,
    problems: &[FieldProblem],
) -> Result<Response, Failure> {
    let (exports, organs) = (record_exports(ctx).await?, export_organs(ctx).await?);
    let title = page.shell().t("rec-title");
    let page = page.clone().titled(title).nav("record-exports");
    let shell = page.shell();
    let mut groups = [
        ("rec-which", "list-checks", which(shell, typed, &organs)),
        ("rec-how", "download", how(shell, typed)),
    ]
    .map(|(legend, icon, fields)| FormGroup {
        legend: shell.t(legend),
        icon,
        fields,
        ..FormGroup::default()
    });
    let fields = || groups.iter().flat_map(|group| &group.fields);
    let whole = problems
        .iter()
        .filter(|p| fields().all(|f| f.name != p.field));
    let whole: Vec<Problem> = whole
        .map(|problem| Problem {
            id: String::new(),
            text: problem.message.clone(),
        })
        .collect();
    for field in groups.iter_mut().flat_map(|group| &mut group.fields) {
        field.error = error_of(problems, &field.name);
    }
    let content = ExportsPage {
        shell,
        form: FormView {
            action: PATH.to_owned(),
            problems: whole,
            groups: groups.into(),
            submit_text: shell.t("rec-make"),
            ..FormView::default()
        },
        lines: exports.iter().map(|export| line(shell, export)).collect(),
    };
    Ok(page.staff_form(&content, !problems.is_empty()))
}

/// `GET /admin/record-exports`.
pub(super) async fn form(ctx: Ctx, page: Page) -> Result<Response, Failure> {
    page_of(&ctx, &page, &Typed::default(), &[]).await
}

/// `POST /admin/record-exports`: the file itself; a form with problems comes back.
pub(super) async fn send(
    ctx: Ctx,
    page: Page,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let typed = typed(&fields);
    let mut wrong = Vec::new();
    let mut day = |name: &str, text: &str| -> Option<Date> {
        if text.is_empty() {
            return None;
        }
        let read = text.parse().ok();
        if read.is_none() {
            wrong.push(FieldProblem::new(
                name,
                "date",
                page.shell().t("rec-day-wrong"),
            ));
        }
        read
    };
    let (from, until) = (day("from", &typed.from), day("until", &typed.until));
    if !wrong.is_empty() {
        return page_of(&ctx, &page, &typed, &wrong).await;
    }
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let wish = RecordWish {
        format: chosen(&typed),
        names: typed.names,
        selection: RecordSelection {
            item: some(&typed.item),
            organ: some(&typed.organ),
            process: some(&typed.process),
            state: some(&typed.state),
            from,
            until,
            numbers: typed
                .numbers
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
        },
    };
    let purpose = typed.purpose.clone();
    match export_record(&ctx, ExportRecord { wish, purpose }).await {
        Ok(made) => Ok(download(made).await?),
        Err(error) => page_of(&ctx, &page, &typed, &problems_of(error)?).await,
    }
}
