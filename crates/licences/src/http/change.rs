//! `/work/licences/{id}/change`: one act on a licence, with what it asks for.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;
use tongban_kernel::{Error, ErrorKind, FieldProblem};
use tongban_webkit::ui::{Choice, Field, FieldKind, FormGroup, FormView, KeyValues, Problem};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs, error_of};

use super::pages::id;
use super::register::{facts, op_text};
use crate::model::{AnnulGround, ChangeKind, DeregisterGround};
use crate::service::{Change, ChangeWish, RegisterEntry, change, entry};

#[derive(Template)]
#[template(path = "work_licence_change.html")]
struct ChangePage<'a> {
    shell: &'a PageShell,
    title: String,
    facts: KeyValues,
    warning: String,
    form: FormView,
}

fn text_area(shell: &PageShell, wish: &ChangeWish) -> Field {
    let kind = FieldKind::TextArea {
        value: wish.reason.clone(),
        maxlength: 2_000,
    };
    Field::new("reason", &shell.t("reg-reason"), kind).hint(&shell.t("reg-reason-hint"))
}

fn grounds(shell: &PageShell, wish: &ChangeWish, known: &[(&str, &str)], family: &str) -> Field {
    let choices = known.iter().map(|(key, basis)| Choice {
        value: (*key).to_owned(),
        text: shell.t(&format!("reg-{family}-{key}")),
        hint: shell.zh(basis),
        chosen: wish.ground == *key,
    });
    let kind = FieldKind::Radio {
        choices: choices.collect(),
        stacked: true,
    };
    Field::new("ground", &shell.t("reg-ground"), kind)
}

fn fields(shell: &PageShell, kind: ChangeKind, wish: &ChangeWish) -> Vec<Field> {
    let mut fields = Vec::new();
    match kind {
        ChangeKind::Annul => {
            let known = AnnulGround::ALL.map(|ground| (ground.key(), ground.basis()));
            fields.push(grounds(shell, wish, &known, "annul"));
        }
        ChangeKind::Deregister => {
            let known = DeregisterGround::ALL.map(|ground| (ground.key(), ground.basis()));
            fields.push(grounds(shell, wish, &known, "deregister"));
        }
        ChangeKind::Withhold | ChangeKind::Revoke => fields.push(
            Field::text(
                "decision_no",
                &shell.t("reg-decision-no"),
                &wish.decision_no,
            )
            .hint(&shell.t("reg-decision-no-hint"))
            .wide(),
        ),
        ChangeKind::Resume => {}
    }
    if kind == ChangeKind::Withhold {
        let date = FieldKind::Date {
            value: wish.until.clone(),
        };
        let field = Field::new("until", &shell.t("reg-until"), date)
            .hint(&shell.t("reg-until-hint"))
            .optional();
        fields.push(field);
    }
    fields.push(text_area(shell, wish));
    fields
}

/// The form of one act, with the problems of what was typed.
fn form_page(
    page: &Page,
    found: &RegisterEntry,
    kind: ChangeKind,
    wish: &ChangeWish,
    problems: &[FieldProblem],
) -> Response {
    let (name, register) = (
        page.shell().zh(&found.licence.name),
        page.shell().t("reg-title"),
    );
    let here = format!("/work/licences/{}", found.licence.id);
    let act = op_text(page.shell(), kind.key());
    let title = page
        .shell()
        .t2("reg-change-title", "act", act.clone(), "name", name.clone());
    let page = page
        .clone()
        .titled(title.clone())
        .nav("licences")
        .crumb(register, "/work/licences")
        .crumb(name, &here)
        .crumb(act.clone(), "");
    let shell = page.shell();
    let mut fields = fields(shell, kind, wish);
    for field in &mut fields {
        field.error = error_of(problems, &field.name);
    }
    let known: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
    let form = FormView {
        action: format!("{here}/change"),
        groups: vec![FormGroup {
            legend: act.clone(),
            icon: "gavel",
            fields,
            ..FormGroup::default()
        }],
        problems: problems
            .iter()
            .filter(|problem| !known.contains(&problem.field))
            .map(|problem| Problem {
                id: String::new(),
                text: problem.message.clone(),
            })
            .collect(),
        back_href: here,
        submit_text: shell.t1("reg-confirm", "act", act),
        hidden: vec![
            ("operation".to_owned(), kind.key().to_owned()),
            ("idem".to_owned(), shell.request.to_string()),
        ],
        ..FormView::default()
    };
    let content = ChangePage {
        shell,
        title,
        facts: facts(shell, found),
        warning: shell.t(&format!("reg-warn-{}", kind.key())),
        form,
    };
    page.staff_form(&content, !problems.is_empty())
}

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    operation: String,
}

/// What the officer may do now, or why not: no post, or a state that does not allow it.
fn allowed(found: &RegisterEntry, kind: ChangeKind) -> Result<(), Error> {
    if found.possible.contains(&kind) {
        return Ok(());
    }
    if found.possible.is_empty() && kind.possible(&found.licence.state, found.licence.issued_on) {
        return Err(Error::not_allowed(
            "licence.post",
            "只有发证机关的决定人员可以办理",
        ));
    }
    Err(
        Error::conflict("licence.state", "证照现在的状态不能办理这一操作")
            .advice("请刷新页面查看最新状态"),
    )
}

/// `GET /work/licences/{id}/change?operation=`.
pub(super) async fn ask(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Failure> {
    let found = entry(&ctx, id(&text)?).await?;
    let kind = ChangeKind::from_key(&which.operation).ok_or_else(Error::not_found)?;
    allowed(&found, kind)?;
    let wish = ChangeWish::default();
    Ok(form_page(&page, &found, kind, &wish, &[]))
}

/// `POST /work/licences/{id}/change`.
pub(super) async fn send(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
    typed: ProtectedPairs,
) -> Result<Response, Failure> {
    let text_of = |name: &str| typed.text(name);
    let wish = ChangeWish {
        operation: text_of("operation"),
        ground: text_of("ground"),
        decision_no: text_of("decision_no"),
        until: text_of("until"),
        reason: text_of("reason"),
    };
    let licence = id(&text)?;
    let found = entry(&ctx, licence).await?;
    let kind = ChangeKind::from_key(&wish.operation)
        .ok_or_else(|| Error::invalid("licence.operation", "请选择要办理的操作"))?;
    let outcome = match wish.operation(ctx.clock.today()) {
        Ok(operation) => {
            let wanted = Change {
                licence,
                operation,
                reason: wish.reason.clone(),
                key: text_of("idem"),
            };
            change(&ctx, wanted).await
        }
        Err(error) => {
            allowed(&found, kind)?;
            Err(error)
        }
    };
    match outcome {
        Ok(_) => Ok(page.see_other(&format!("/work/licences/{licence}?done={}", kind.key()))),
        Err(error) if error.kind() == ErrorKind::Invalid && !error.field_problems().is_empty() => {
            Ok(form_page(
                &page,
                &found,
                kind,
                &wish,
                error.field_problems(),
            ))
        }
        Err(error) => Err(error.into()),
    }
}
