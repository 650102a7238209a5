//! One form about a case: an opinion, a copy, a signer.

use askama::Template;
use axum::response::Response;
use tongban_accounts::OrganProfile;
use tongban_kernel::{Error, ErrorKind, Result};
use tongban_webkit::ui::{Choice, Field, FieldKind, FormGroup, FormView, Problem};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs, error_of};

use crate::model::Case;

#[derive(Template)]
#[template(path = "order.html")]
struct FormPage<'a> {
    shell: &'a PageShell,
    title: String,
    number: &'a str,
    name: String,
    form: FormView,
}

/// One form about a case; its texts are `ad-<key>`, `ad-<key>-intro` and `ad-<key>-send`.
pub(super) struct Sheet<'a> {
    pub(super) key: &'static str,
    pub(super) case: &'a Case,
    pub(super) action: String,
    pub(super) back: String,
    pub(super) fields: Vec<Field>,
    /// What stands over the fields instead of the usual words.
    pub(super) note: Option<String>,
}

pub(super) fn show(
    ctx: &Ctx,
    page: &Page,
    sheet: Sheet<'_>,
    idem: &str,
    failed: Option<&Error>,
) -> Response {
    let page = page.clone();
    let title = page.shell().t(&format!("ad-{}", sheet.key));
    let inbox = page.shell().t("cs-inbox");
    let page = page
        .titled(title.clone())
        .nav("inbox")
        .crumb(inbox, "/work")
        .crumb(title.clone(), "");
    let shell = page.shell();
    let text = |end: &str| shell.t(&format!("ad-{}{end}", sheet.key));
    let mut fields = sheet.fields;
    let problems = failed.map_or(&[][..], Error::field_problems);
    for field in &mut fields {
        field.error = error_of(problems, &field.name);
    }
    let whole = failed.filter(|_| fields.iter().all(|field| field.error.is_empty()));
    let problem = whole.map(|error| Problem {
        id: String::new(),
        text: error.message().to_owned(),
    });
    let idem = match idem {
        "" => ctx.ids.token(),
        kept => kept.to_owned(),
    };
    let content = FormPage {
        shell,
        title,
        number: &sheet.case.project_no,
        name: shell.zh(&sheet.case.task_name),
        form: FormView {
            action: sheet.action,
            back_href: sheet.back,
            submit_text: text("-send"),
            hidden: vec![("idem".to_owned(), idem)],
            problems: problem.into_iter().collect(),
            groups: vec![FormGroup {
                legend: text(""),
                note: sheet.note.unwrap_or_else(|| text("-intro")),
                icon: "route",
                fields,
            }],
            ..FormView::default()
        },
    };
    match failed {
        None => page.staff_html(&content),
        Some(_) => page.staff_invalid(&content),
    }
}

pub(super) fn text_of(fields: Option<&ProtectedPairs>, name: &str) -> String {
    let text = fields.and_then(|fields| fields.get(name));
    text.unwrap_or_default().to_owned()
}

pub(super) fn idem_of(fields: &ProtectedPairs) -> Result<String> {
    let idem = text_of(Some(fields), "idem");
    match (8..=128).contains(&idem.len()) {
        true => Ok(idem),
        false => Err(Error::invalid("request.fields", "提交的内容不完整")),
    }
}

/// To `to` with a word about what was done; `None`: asked again with the error.
pub(super) fn answered(
    page: &Page,
    to: &str,
    done: &str,
    outcome: Result<String>,
) -> Result<Result<Response, Error>, Failure> {
    match outcome {
        Ok(number) => Ok(Ok(page.see_other(&format!("{to}?done={done}&no={number}")))),
        Err(error) if error.kind() == ErrorKind::Invalid => Ok(Err(error)),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn organ_field(shell: &PageShell, organs: &[OrganProfile], chosen: &str) -> Field {
    let mut choices = vec![Choice::new("", &shell.t("word-select"), chosen.is_empty())];
    choices.extend(organs.iter().map(|organ| {
        let value = organ.id.to_string();
        Choice::new(&value, &shell.zh(&organ.name), value == chosen)
    }));
    Field::new("to", &shell.t("ad-organ"), FieldKind::Select { choices }).wide()
}

pub(super) fn days_field(shell: &PageShell, value: &str) -> Field {
    let kind = FieldKind::Text {
        value: value.to_owned(),
        inputmode: "numeric".to_owned(),
        autocomplete: "off".to_owned(),
        width: "in-w4",
        unit: shell.t("ring-unit"),
        maxlength: 3,
    };
    Field::new("days", &shell.t("ad-days"), kind)
}

pub(super) fn area(name: &str, label: &str, value: String) -> Field {
    let kind = FieldKind::TextArea {
        value,
        maxlength: 2000,
    };
    Field::new(name, label, kind)
}

pub(super) fn radio(name: &str, label: &str, choices: Vec<Choice>) -> Field {
    let kind = FieldKind::Radio {
        choices,
        stacked: true,
    };
    Field::new(name, label, kind)
}
