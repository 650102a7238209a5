//! `/cases/{no}/received` and `/cases/{no}/receipt.pdf`: the confirmation, on the screen and on paper.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde_json::{Value, json};
use tongban_documents::Press;
use tongban_kernel::{Error, Result};
use tongban_storage::LogHead;
use tongban_webkit::ui::Confirmation;
use tongban_webkit::{Ctx, Failure, Page, PageShell};

use super::files::inline;
use super::progress::framed;
use crate::http::words::moment;
use crate::service::{CaseView, PublicAddress, answer_due_of, case_by_number, case_offer};

#[derive(Template)]
#[template(path = "received.html")]
struct ReceivedPage<'a> {
    shell: &'a PageShell,
    number: &'a str,
    done: Confirmation,
    organ: String,
    answer_due: String,
    leaf: String,
}

pub(super) async fn received(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    let view = case_by_number(&ctx, &number).await?;
    let page = framed(&page, &view, &page.shell().t("cs-received"));
    let shell = page.shell();
    let due = answer_due_of(&ctx, &view.case)?
        .map(|due| due.to_string())
        .unwrap_or_default();
    Ok(page.html(&ReceivedPage {
        shell,
        number: &view.case.project_no,
        done: Confirmation {
            title: shell.t("cs-received"),
            number_label: shell.t("cs-number"),
            number: view.case.project_no.clone(),
            text: shell.zh(&view.case.task_name),
        },
        organ: shell.zh(&view.case.organ_name),
        answer_due: due,
        leaf: first_leaf(&view),
    }))
}

fn first_leaf(view: &CaseView) -> String {
    view.events
        .first()
        .map_or_else(String::new, |event| event.event.leaf.clone())
}

/// The input of the template `receipt`.
fn receipt(
    view: &CaseView,
    names: &BTreeMap<String, String>,
    address: Option<&str>,
    head: Option<String>,
    demo: bool,
) -> Value {
    let mut copies: BTreeMap<&str, u32> = BTreeMap::new();
    for file in &view.files {
        *copies.entry(&file.material).or_default() += 1;
    }
    let materials: Vec<Value> = copies
        .iter()
        .map(|(id, n)| {
            let name = names.get(*id).map_or(*id, String::as_str);
            json!({"name": name, "form": "电子", "copies": n})
        })
        .collect();
    let channel = match view.case.apply_channel {
        1 => "网上（电脑端）",
        2 => "网上（移动端）",
        7 => "自助终端",
        8 => "大厅窗口",
        _ => "其他渠道",
    };
    let number = &view.case.project_no;
    let first = view.events.first();
    let mut data = json!({
        "organ": view.case.organ_name,
        "number": number,
        "case_number": number,
        "applicant": view.applicant,
        "item": view.case.task_name,
        "item_code": view.case.task_code,
        "time": moment(view.case.submitted_at),
        "channel": channel,
        "materials": materials,
        "demo": demo,
    });
    if let (Value::Object(data), Some(first)) = (&mut data, first) {
        if let Some(address) = address {
            let address = address.trim_end_matches('/');
            data.insert("qr".to_owned(), json!(format!("{address}/cases/{number}")));
        }
        let index = first
            .log_index
            .map_or_else(|| "待入册".to_owned(), |index| index.to_string());
        let mut log =
            json!({"index": index, "leaf": first.event.leaf, "time": moment(first.event.at)});
        if let Some(head) = head {
            log["head"] = head.into();
        }
        data.insert("log".to_owned(), log);
    }
    data
}

/// Printed on demand; only the head of the log moves on from print to print.
pub(super) async fn pdf(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    let view = case_by_number(&ctx, &number).await?;
    let offer = case_offer(&ctx, &view.case).await?;
    let materials = offer.form.iter().flat_map(|form| form.materials());
    let names = materials
        .map(|material| {
            (
                material.id.clone(),
                material.name.get(tongban_forms::Lang::Zh).to_owned(),
            )
        })
        .collect();
    let address = ctx.parts.get::<PublicAddress>().ok();
    let data = receipt(
        &view,
        &names,
        address.as_ref().map(|address| address.0.as_str()),
        LogHead::for_paper(&ctx).await?,
        page.shell().site.demo,
    );
    let press = ctx.parts.get::<Press>()?;
    let at = view.case.submitted_at;
    let rendered = tokio::task::spawn_blocking(move || press.render("receipt", &data, at))
        .await
        .map_err(|_| Error::internal("press panicked"))?
        .map_err(|source| Error::internal("receipt cannot be printed").source(source))?;
    let name = format!("申请回执 {}.pdf", view.case.project_no);
    Ok(inline("application/pdf", &name, rendered.pdf))
}
