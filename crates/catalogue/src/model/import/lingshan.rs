//! Full implementation lists in the shape of a provincial feed (广西): tables `AUDIT_*` as JSON objects and arrays.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::{ImportError, ImportedItem, Note, bounded};
use crate::model::item::ServiceItem;
use crate::model::lists::{
    DeptType, HandleArea, HandleType, MaterialFormat, MaterialNeed, MaterialSource, MaterialType,
    OnlineDepth, ProjectType, ResultType, ServerType, SpecialKind, TaskState, TaskType, TimeUnit,
    UseLevel,
};
use crate::model::parts::{Law, Material, Question, SpecialProcedure, Window};

/// Imports `{"items": [{"AUDIT_ITEM": {…}, "AUDIT_MATERIAL": […], …}]}`.
pub fn import_lingshan(json: &str) -> Result<Vec<ImportedItem>, ImportError> {
    let root: Value = serde_json::from_str(bounded(json)?)?;
    let items = root
        .get("items")
        .and_then(Value::as_array)
        .ok_or(ImportError::Missing("items"))?;
    items
        .iter()
        .enumerate()
        .map(|(index, tables)| one(index, tables))
        .collect()
}

fn one(index: usize, tables: &Value) -> Result<ImportedItem, ImportError> {
    let refuse = |reason: &str| ImportError::Item {
        index,
        reason: reason.to_owned(),
    };
    let mut base = Fields::of(tables.get("AUDIT_ITEM"));
    let name = base
        .text("task_name")
        .ok_or_else(|| refuse("没有 AUDIT_ITEM.task_name"))?;
    let kind = base
        .code("task_type", TaskType::from_code)
        .ok_or_else(|| refuse("AUDIT_ITEM.task_type 缺失或不在代码表中"))?;
    let mut item = ServiceItem::new(name, kind);
    let mut kept = Map::new();
    let mut notes = Vec::new();
    basics(&mut item, &mut base);
    notes.extend(base.leave("", &mut kept));
    let mut extend = Fields::of(tables.get("AUDIT_ITEM_EXTEND"));
    extension(&mut item, &mut extend);
    notes.extend(extend.leave("", &mut kept));
    let mut parts = Parts {
        tables,
        kept: &mut kept,
        notes: &mut notes,
    };
    item.laws = parts.list("AUDIT_ITEM_BYLAW", law);
    item.windows = parts.list("AUDIT_ITEM_WINDOW", window);
    item.materials = parts.list("AUDIT_MATERIAL", material);
    item.questions = parts.list("AUDIT_QA", question);
    item.specials = parts.list("AUDIT_ITEM_SPECIAL", special);
    if let Some(Value::Array(conditions)) = tables.get("AUDIT_ITEM_CONDITION")
        && !conditions.is_empty()
    {
        notes.push(Note {
            field: "AUDIT_ITEM_CONDITION".to_owned(),
            message: "情形未转换，原样保留".to_owned(),
        });
        kept.insert(
            "AUDIT_ITEM_CONDITION".to_owned(),
            Value::Array(conditions.clone()),
        );
    }
    item.extend_field = kept;
    Ok(ImportedItem::new(item, notes))
}

fn basics(item: &mut ServiceItem, f: &mut Fields) {
    item.catalog_code = f.text("catalog_code");
    item.task_code = f.text("task_code");
    item.task_handle_item = f.text("ywcode");
    item.task_version = f.number("task_version");
    item.task_state = f.code("task_state", TaskState::from_code);
    item.dept_name = f.text("dept_name");
    item.dept_code = f.text("dept_code");
    item.dept_type = f.code("dept_type", DeptType::from_code);
    item.entrust_name = f.text("entrust_name");
    item.area_code = f.text("areacode");
    item.use_level = f.codes("use_level", UseLevel::from_code);
    item.authority_division = f.text("authority_division");
    item.server_type = f.codes("serve_type", ServerType::from_code);
    item.project_type = f.code("project_type", ProjectType::from_code);
    item.handle_type = f.codes("handle_type", HandleType::from_code);
    item.limit_scene_num = f.number("limit_scene_num");
    item.anticipate_day = f.number("anticipate_day");
    item.anticipate_type = f.code("anticipate_type", TimeUnit::from_code);
    item.anticipate_explain = f.text("anticipate_day_explain");
    item.promise_day = f.number("promise_day");
    item.promise_type = f.code("promise_type", TimeUnit::from_code);
    item.promise_explain = f.text("promise_day_explain");
    item.accept_condition = f.text("accept_name");
    item.accept_std = f.text("accept_std");
    item.is_fee = f.flag("is_fee");
    item.is_td = f.flag("is_td");
    item.link_way = f.text("link_way");
    item.supervise_way = f.text("supervise_way");
    item.progress_query_way = f.texts("progress_query_way");
    item.inspection_review = f.text("inspection_review");
    item.administrative_review = f.text("reconsiderat");
    item.administrative_litigation = f.text("litigation");
    item.publish_date = f.date("publish_date");
}

fn extension(item: &mut ServiceItem, f: &mut Fields) {
    item.result_type = f.codes("result_type", ResultType::from_code);
    item.result_name = f.text("result_name");
    item.is_entry_center = f.flag("is_entry_center");
    item.is_schedule = f.flag("is_schedule");
    item.is_online = f.flag("is_online_handle");
    item.is_express = f.flag("is_express");
    item.is_pay_online = f.flag("is_pay_online");
    item.is_service_terminals = f.flag("is_handle_machine");
    item.is_joint_org = f.flag("is_joint_org");
    item.is_intelli_approval = f.flag("is_intelli_approval");
    item.is_cert_joint = f.flag("is_cert_joint");
    item.four_handle = f.texts("four_handle");
    item.online_handle_depth = f.codes("wsblsd", OnlineDepth::from_code);
    item.handle_area = f.code("handle_area", HandleArea::from_code);
    item.limit_scene_explain = f.text("scene_reason");
    item.user_topic_type = f.texts("theme_natural_type");
    item.corp_topic_type = f.texts("theme_legal_type");
    item.sensitives = f.flag("sensitives");
}

/// The part tables of one item.
struct Parts<'a> {
    tables: &'a Value,
    kept: &'a mut Map<String, Value>,
    notes: &'a mut Vec<Note>,
}

impl Parts<'_> {
    /// A table as a list: `None` when the source has no such table, rows without a name are reported and left out.
    fn list<P>(&mut self, table: &str, read: fn(&mut Fields) -> Option<P>) -> Option<Vec<P>> {
        let rows = self.tables.get(table)?.as_array()?;
        let mut parts = Vec::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            let mut fields = Fields::of(Some(row));
            match read(&mut fields) {
                Some(part) => parts.push(part),
                None => self.notes.push(Note {
                    field: format!("{table}[{at}]"),
                    message: "缺少必填字段，未导入此行".to_owned(),
                }),
            }
            self.notes
                .extend(fields.leave(&format!("{table}[{at}]."), self.kept));
        }
        Some(parts)
    }
}

fn law(f: &mut Fields) -> Option<Law> {
    let mut law = Law::new(f.text("law_name")?);
    law.law_number = f.text("law_number");
    law.clause_number = f.text("clause_number");
    law.clause_content = f.text("clause_content");
    Some(law)
}

fn window(f: &mut Fields) -> Option<Window> {
    let mut window = Window::new(f.text("window_name")?);
    window.transact_addr = f.text("transact_addr");
    window.transact_time = f.text("transact_time");
    window.window_tel = f.text("window_tel");
    window.traffic_info = f.text("traffic_info");
    Some(window)
}

fn material(f: &mut Fields) -> Option<Material> {
    let name = f.text("material_name")?;
    let mut material = Material::new(name, f.code("is_need", MaterialNeed::from_code)?);
    material.material_code = f.text("materialcode");
    material.order_num = f.number("ordernum");
    material.material_type = f.code("material_type", MaterialType::from_code);
    material.material_format = f.code("material_form", MaterialFormat::from_code);
    material.source_type = f.code("source_type", MaterialSource::from_code);
    material.source_explain = f.text("source_explain");
    material.original_num = f.number("original_amount");
    material.copy_num = f.number("copy_amount");
    material.page_num = f.number("page_num");
    material.page_format = f.text("page_format");
    material.sign_ask = f.text("sign_ask");
    material.by_law = f.text("by_law");
    material.accept_stand = f.text("accept_stand");
    material.fill_explain = f.text("fill_explain");
    material.is_tolerance = f.flag("is_jzbm");
    // The feed says only that the files exist; the files themselves are not part of it.
    let published = || "（来源已公布，未随数据提供）".to_owned();
    material.form_guid = f.flag("has_blank_form").unwrap_or(false).then(published);
    material.example_guid = f.flag("has_example").unwrap_or(false).then(published);
    Some(material)
}

fn question(f: &mut Fields) -> Option<Question> {
    Some(Question::new(f.text("question")?, f.text("answer")?))
}

/// The feed's `special_name` is a local code; the words stand before the colon of the description.
fn special(f: &mut Fields) -> Option<SpecialProcedure> {
    let description = f.text("special_desc");
    let named = description
        .as_deref()
        .and_then(|d| d.split_once(['：', ':']))
        .map(|(name, _)| name);
    let mut special = SpecialProcedure::new(named.or(description.as_deref())?.to_owned());
    special.kind = match f.text("special_name").as_deref() {
        Some("9") => Some(SpecialKind::Other),
        _ => None,
    };
    special.special_days = f.number("special_date");
    special.day_type = f.code("special_date_type", TimeUnit::from_code);
    special.dept = f.text("special_dept");
    special.tel = f.text("special_tel");
    special.basis = description;
    Some(special)
}
