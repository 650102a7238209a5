//! Publishing one version of an item.

use tongban_forms::FormDocument;
use tongban_kernel::{Error, Event, FieldProblem, ItemVersionId, Result};
use tongban_storage::{Ctx, Tx, emit};

use crate::model::{ServiceItem, Severity, check, to_stored};
use crate::store::items::{self, ItemRow};

/// What is to be published.
pub struct NewVersion {
    pub item: ServiceItem,
    /// The form document (ZWForm JSON) through which the item is applied for.
    pub form: Option<String>,
    /// Imported lists of others are published as they are: their faults are counted by the quality report, not hidden.
    pub as_imported: bool,
}

/// Publishes `new` as the next version of its code. Our own items are refused while a rule of severity error hits
/// (standards: 国办函〔2016〕108号 规则检查).
pub fn publish(ctx: &Ctx, tx: &mut Tx<'_>, new: &NewVersion) -> Result<ItemVersionId> {
    let item = &new.item;
    if !new.as_imported {
        refuse_faults(item)?;
    }
    if let Some(form) = &new.form {
        FormDocument::parse(form).map_err(|errors| {
            let texts: Vec<String> = errors
                .iter()
                .take(5)
                .map(|error| format!("{error:?}"))
                .collect();
            Error::invalid("item.form", "事项的表单有误，不能发布").context(texts.join("; "))
        })?;
    }
    let code = item
        .task_code
        .clone()
        .or_else(|| item.local_task_code.clone())
        .ok_or_else(|| Error::invalid("item.code", "事项没有实施编码，不能发布"))?;
    let id: ItemVersionId = ctx.ids.id(ctx.now());
    let row = ItemRow {
        id,
        version: items::last_version(tx, &code)? + 1,
        code,
        name: item.task_name.clone(),
        task_type: item.task_type.code().to_owned(),
        organ_code: item.dept_code.clone().unwrap_or_default(),
        organ_name: item.dept_name.clone().unwrap_or_default(),
        item: to_stored(item)
            .map_err(|source| Error::internal("item cannot be written").source(source))?
            .to_string(),
        form: new.form.clone(),
    };
    items::publish(tx, &row, ctx.now())?;
    let data = serde_json::json!({"code": row.code, "version": row.version});
    emit(
        tx,
        &ctx.ids,
        &Event::new("catalogue.item.published", id, ctx.now(), data),
    )?;
    Ok(id)
}

fn refuse_faults(item: &ServiceItem) -> Result<()> {
    let problems: Vec<FieldProblem> = check(item)
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| {
            FieldProblem::new(
                finding.element.to_string(),
                format!("{:?}", finding.rule),
                finding.message.to_string(),
            )
        })
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::problems("item.rules", problems))
    }
}

/// Keeps a licence type (JSON document) under its code.
pub fn put_licence_type(tx: &mut Tx<'_>, code: &str, name: &str, document: &str) -> Result<()> {
    items::put_licence_type(tx, code, name, document)
}
