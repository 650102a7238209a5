//! One form about a case: an order, an opinion, a copy, a signer.

use askama::Template;
use axum::response::Response;
use tongban_accounts::OrganProfile;
use tongban_kernel::{Error, ErrorKind, Result};
use tongban_webkit::ui::{Choice, Field, FieldKind, FormGroup, FormView};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs};

use crate::model::Case;

#[derive(Template)]
#[template(path = "case_form.html")]
struct FormPage<'a> {
    shell: &'a PageShell,
    title: String,
    number: &'a str,
    name: String,
    form: FormView,
}

/// One form about a case.
pub(super) struct Sheet<'a> {
    /// Its texts are `<key>`, `<key>-intro` and `<key>-send`.
    pub(super) key: String,
    pub(super) case: &'a Case,
    pub(super) action: String,
    /// Where the form was asked for; under `/work` it stands in the frame of the workbench.
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
    let title = page.shell().t(&sheet.key);
    let inbox = page.shell().t("cs-inbox");
    let staff = sheet.back.starts_with("/work");
    let mut page = page.clone().titled(title.clone());
    if staff {
        page = page
            .nav("inbox")
            .crumb(inbox, "/work")
            .crumb(title.clone(), "");
    }
    let shell = page.shell();
    let text = |end: &str| shell.t(&format!("{}{end}", sheet.key));
    let idem = match idem {
        "" => ctx.ids.token(),
        kept => kept.to_owned(),
    };
    let form = FormView {
        action: sheet.action,
        back_href: sheet.back,
        submit_text: text("-send"),
        hidden: vec![("idem".to_owned(), idem)],
        groups: vec![FormGroup {
            legend: text(""),
            note: sheet.note.unwrap_or_else(|| text("-intro")),
            icon: "route",
            fields: sheet.fields,
        }],
        ..FormView::default()
    };
    let content = FormPage {
        shell,
        title,
        number: &sheet.case.project_no,
        name: shell.zh(&sheet.case.task_name),
        form: form.told(failed),
    };
    match (staff, failed) {
        (true, _) => page.staff_form(&content, failed.is_some()),
        (false, None) => page.html(&content),
        (false, Some(_)) => page.invalid(&content),
    }
}

pub(super) fn text_of(fields: Option<&ProtectedPairs>, name: &str) -> String {
    fields.map_or_else(String::new, |fields| fields.text(name))
}

pub(super) fn idem_of(fields: &ProtectedPairs) -> Result<String> {
    let idem = fields.text("idem");
    match (8..=128).contains(&idem.len()) {
        true => Ok(idem),
        false => Err(Error::invalid("request.fields", "提交的内容不完整")),
    }
}

/// To `to` with a word about what was done; asked again when something is missing.
pub(super) async fn answer<F>(
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

/// The refusal of a form in which nothing was chosen.
pub(super) fn nothing_chosen(page: &Page) -> Error {
    Error::field("order.to", "to", page.shell().t("or-choose"))
}
