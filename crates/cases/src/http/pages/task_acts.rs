//! What officers do with a task: one POST per act, repeatable with its key, then the next task or the inbox.

use axum::extract::Path;
use axum::response::Response;
use serde::Serialize;
use tongban_kernel::{Error, ErrorKind, FieldProblem, Result, TaskId};
use tongban_webkit::{Ctx, Failure, Page, ProtectedPairs};

use super::task::{Line, Typed, render};
use crate::http::words::id;
use crate::model::SupplementItem;
use crate::service::{
    self, Accept, Countersign, Decide, OnTask, Pass, RefuseAcceptance, RequestSupplement, Review,
    inbox,
};

fn typed(fields: &ProtectedPairs, form: &str) -> Typed {
    let all = |name: &str| -> Vec<String> { fields.all(name).map(str::to_owned).collect() };
    let (targets, names, requirements) = (all("target"), all("name"), all("requirement"));
    let count = targets
        .len()
        .max(names.len())
        .max(requirements.len())
        .min(100);
    let at = |list: &[String], n: usize| list.get(n).cloned().unwrap_or_default();
    Typed {
        form: form.to_owned(),
        idem: fields.text("idem"),
        opinion: fields.text("opinion"),
        verdict: fields.text("verdict"),
        reason: fields.text("reason"),
        competent: fields.text("competent_organ"),
        not_required: fields.get("not_required").is_some(),
        days: fields.text("days"),
        lines: (0..count)
            .map(|n| Line {
                target: at(&targets, n),
                name: at(&names, n),
                requirement: at(&requirements, n),
            })
            .collect(),
    }
}

fn wish<T: Clone + Serialize>(task: TaskId, typed: &Typed, what: T) -> Result<OnTask<T>> {
    if !(8..=128).contains(&typed.idem.len()) {
        return Err(Error::invalid("request.fields", "提交的内容不完整"));
    }
    Ok(OnTask {
        task,
        key: typed.idem.clone(),
        what,
    })
}

/// To the next task of the same kind, else to the inbox, with a word about what was done.
async fn answer(
    ctx: &Ctx,
    page: &Page,
    task: TaskId,
    done: &'static str,
    typed: Typed,
    outcome: Result<String>,
) -> Result<Response, Failure> {
    match outcome {
        Ok(number) => {
            let next = inbox(ctx, 1).await?;
            let query = format!("done={done}&no={number}");
            Ok(page.see_other(&match next.first() {
                Some(next) => format!("/work/tasks/{}?{query}", next.task),
                None => format!("/work?{query}"),
            }))
        }
        Err(error) if error.kind() == ErrorKind::Invalid => {
            let whole = [FieldProblem::required("", error.message().to_owned())];
            let problems = match error.field_problems() {
                [] => &whole[..],
                found => found,
            };
            render(ctx, page, task, "", typed, problems).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn pre_review(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (task, typed) = (id(&task)?, typed(&fields, "pass"));
    let what = Pass {
        opinion: typed.opinion.clone(),
    };
    let outcome = service::pass_pre_review(&ctx, wish(task, &typed, what)?).await;
    answer(&ctx, &page, task, "pre-review", typed, outcome).await
}

/// The names of fields and materials that a line of the request may point at, for lines without words of their own.
async fn target_name(ctx: &Ctx, task: TaskId, target: &str) -> Result<String> {
    let desk = service::task_desk(ctx, task).await?;
    let Some(form) = &desk.offer.form else {
        return Ok(String::new());
    };
    let lang = tongban_forms::Lang::Zh;
    let material = form
        .materials()
        .iter()
        .find(|known| known.id == target)
        .map(|known| known.name.get(lang));
    // `signs.0.w` is the field `w` of a row.
    let last = target.rsplit('.').next().unwrap_or_default();
    let field = form
        .field(last)
        .or_else(|| form.field(target.split('.').next().unwrap_or_default()));
    Ok(material
        .or_else(|| field.map(|field| field.label.get(lang)))
        .unwrap_or_default()
        .to_owned())
}

async fn items(
    ctx: &Ctx,
    task: TaskId,
    page: &Page,
    lines: &[Line],
) -> Result<Vec<SupplementItem>> {
    let (mut items, mut problems) = (Vec::new(), Vec::new());
    for (n, line) in lines.iter().enumerate() {
        let empty = [&line.target, &line.name, &line.requirement]
            .iter()
            .all(|text| text.trim().is_empty());
        if empty {
            continue;
        }
        let mut name = line.name.trim().to_owned();
        if name.is_empty() && !line.target.is_empty() {
            name = target_name(ctx, task, &line.target).await?;
        }
        if name.is_empty() {
            problems.push(FieldProblem::required(
                format!("name-{n}"),
                page.shell().t1("cs-line-needs-name", "n", n + 1),
            ));
        }
        if line.requirement.trim().is_empty() {
            problems.push(FieldProblem::required(
                format!("requirement-{n}"),
                page.shell().t1("cs-line-needs-requirement", "n", n + 1),
            ));
        }
        items.push(SupplementItem {
            target: line.target.chars().take(120).collect(),
            name,
            requirement: line.requirement.clone(),
        });
    }
    if items.is_empty() {
        problems.push(FieldProblem::required(
            "name-0",
            page.shell().t("cs-lines-needed"),
        ));
    }
    if problems.is_empty() {
        Ok(items)
    } else {
        Err(Error::problems("supplement.items", problems))
    }
}

pub(super) async fn supplement_request(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (task, typed) = (id(&task)?, typed(&fields, "supplement"));
    let outcome = match items(&ctx, task, &page, &typed.lines).await {
        Ok(items) => {
            let days = typed.days.trim().parse().unwrap_or(10);
            let what = RequestSupplement { items, days };
            service::request_supplement(&ctx, wish(task, &typed, what)?).await
        }
        Err(error) => Err(error),
    };
    answer(&ctx, &page, task, "supplement-request", typed, outcome).await
}

pub(super) async fn refusal(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (task, typed) = (id(&task)?, typed(&fields, "refusal"));
    let what = RefuseAcceptance {
        reason: typed.reason.clone(),
        competent_organ: Some(typed.competent.clone()),
        not_required: typed.not_required,
    };
    let outcome = service::refuse_acceptance(&ctx, wish(task, &typed, what)?).await;
    answer(&ctx, &page, task, "refusal", typed, outcome).await
}

pub(super) async fn acceptance(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (task, typed) = (id(&task)?, typed(&fields, "acceptance"));
    let outcome = service::accept(&ctx, wish(task, &typed, Accept {})?).await;
    answer(&ctx, &page, task, "acceptance", typed, outcome).await
}

/// The choice between yes and no; an act without a choice is asked again.
fn verdict(page: &Page, typed: &Typed) -> Result<bool> {
    match typed.verdict.as_str() {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Error::field(
            "task.verdict",
            "verdict",
            page.shell().t("cs-verdict-needed"),
        )),
    }
}

pub(super) async fn review(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (task, typed) = (id(&task)?, typed(&fields, "review"));
    let outcome = match verdict(&page, &typed) {
        Ok(passed) => {
            let what = Review {
                passed,
                opinion: typed.opinion.clone(),
            };
            service::review(&ctx, wish(task, &typed, what)?).await
        }
        Err(error) => Err(error),
    };
    answer(&ctx, &page, task, "review", typed, outcome).await
}

pub(super) async fn countersignature(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (task, typed) = (id(&task)?, typed(&fields, "countersignature"));
    let outcome = match verdict(&page, &typed) {
        Ok(agreed) => {
            let what = Countersign {
                agreed,
                opinion: typed.opinion.clone(),
            };
            service::countersign(&ctx, wish(task, &typed, what)?).await
        }
        Err(error) => Err(error),
    };
    answer(&ctx, &page, task, "countersign", typed, outcome).await
}

pub(super) async fn decision(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (task, mut typed) = (id(&task)?, typed(&fields, "decision"));
    typed.opinion.clone_from(&typed.reason);
    let outcome = match verdict(&page, &typed) {
        Ok(granted) => {
            let what = Decide {
                granted,
                reason: typed.reason.clone(),
            };
            service::decide(&ctx, wish(task, &typed, what)?).await
        }
        Err(error) => Err(error),
    };
    answer(&ctx, &page, task, "decision", typed, outcome).await
}
