//! G19 (codes) and S01 (situations).

use std::collections::BTreeMap;

use super::{Report, Rule};
use crate::model::item::ServiceItem;
use crate::model::lists::UseLevel;
use crate::model::shape::{catalog_shaped, split_task_code, uscc_shaped, uscc_valid};
use crate::model::situation::{Condition, NOT_ASKED};

pub(super) fn check(item: &ServiceItem, report: &mut Report) {
    organs(item, report);
    catalog_code(item, report);
    task_code(item, report);
    handling_items(item, report);
    material_codes(item, report);
    situations(item, report);
}

/// Credit codes. A wrong check character is a warning: registered organs exist whose code fails it.
fn organs(item: &ServiceItem, report: &mut Report) {
    let named = [
        ("dept_code", item.dept_code.as_deref()),
        ("undertake_dept_code", item.undertake_dept_code.as_deref()),
    ];
    let mut codes: Vec<(String, &str)> = named
        .into_iter()
        .filter_map(|(element, code)| code.map(|code| (element.to_owned(), code)))
        .collect();
    for (at, dept) in item.match_depts.iter().flatten().enumerate() {
        codes.push((format!("match_depts[{at}]"), &dept.dept_code));
    }
    for (element, code) in codes {
        if !uscc_shaped(code) {
            report.error(
                Rule::G19,
                element,
                format!("“{code}”不是18位统一社会信用代码"),
            );
        } else if !uscc_valid(code) {
            report.warn(
                Rule::G19,
                element,
                format!("统一社会信用代码“{code}”校验位不符"),
            );
        }
    }
}

fn catalog_code(item: &ServiceItem, report: &mut Report) {
    let Some(code) = item.catalog_code.as_deref() else {
        return;
    };
    if !catalog_shaped(code) {
        report.error(
            Rule::G19,
            "catalog_code",
            format!("基本编码“{code}”不是12位数字"),
        );
    } else if code.get(2..4) != Some(item.task_type.code()) {
        report.error(
            Rule::G19,
            "catalog_code",
            format!("基本编码第3、4位应为事项类型“{}”", item.task_type.code()),
        );
    }
}

/// task_code = dept_code + use_level + catalog_code.
fn task_code(item: &ServiceItem, report: &mut Report) {
    let Some(code) = item.task_code.as_deref() else {
        return;
    };
    let Some(parts) = split_task_code(code).filter(|parts| parts.sequence.is_none()) else {
        report.error(Rule::G19, "task_code", format!("实施编码“{code}”不是31位"));
        return;
    };
    if item
        .dept_code
        .as_deref()
        .is_some_and(|dept| dept != parts.dept_code)
    {
        report.error(Rule::G19, "task_code", "实施编码前18位与实施主体编码不同");
    }
    if item
        .catalog_code
        .as_deref()
        .is_some_and(|base| base != parts.catalog_code)
    {
        report.error(Rule::G19, "task_code", "实施编码后12位与基本编码不同");
    }
    let level = UseLevel::from_code(parts.use_level);
    let among = item
        .use_level
        .as_ref()
        .is_none_or(|l| level.is_some_and(|level| l.contains(&level)));
    if level.is_none() || !among {
        report.error(Rule::G19, "task_code", "实施编码第19位与行使层级不同");
    }
}

/// 业务办理项编码 = task_code + 2 digits, at most 99, each once.
fn handling_items(item: &ServiceItem, report: &mut Report) {
    let own = item
        .task_handle_item
        .iter()
        .map(|code| ("task_handle_item".to_owned(), code));
    let listed = item.handling_items.iter().flatten().enumerate();
    let listed = listed.map(|(at, h)| (format!("handling_items[{at}]"), &h.task_handle_item));
    let mut seen = BTreeMap::new();
    for (element, code) in own.chain(listed) {
        let suffix = item.task_code.as_deref().map_or_else(
            || split_task_code(code).and_then(|parts| parts.sequence),
            |task| code.strip_prefix(task),
        );
        let right = suffix
            .is_some_and(|s| s.len() == 2 && s != "00" && s.bytes().all(|c| c.is_ascii_digit()));
        if !right {
            report.error(
                Rule::G19,
                element.clone(),
                format!("业务办理项编码“{code}”应为实施编码加01至99"),
            );
        }
        if seen.insert(code, ()).is_some() {
            report.error(Rule::G19, element, format!("业务办理项编码“{code}”重复"));
        }
    }
}

/// 材料编码 = code of item or handling item + 3 digits, each once.
fn material_codes(item: &ServiceItem, report: &mut Report) {
    let bases: Vec<&str> = item
        .task_handle_item
        .iter()
        .chain(item.task_code.iter())
        .map(String::as_str)
        .collect();
    let mut seen = BTreeMap::new();
    for (at, material) in item.materials().iter().enumerate() {
        let Some(code) = material.material_code.as_deref() else {
            continue;
        };
        let right = bases.iter().any(|base| {
            code.strip_prefix(base)
                .is_some_and(|s| s.len() == 3 && s.bytes().all(|c| c.is_ascii_digit()))
        });
        if !right && !bases.is_empty() {
            report.error(
                Rule::G19,
                format!("materials[{at}]"),
                format!("材料编码“{code}”应为事项编码加3位序号"),
            );
        }
        if seen.insert(code, ()).is_some() {
            report.error(
                Rule::G19,
                format!("materials[{at}]"),
                format!("材料编码“{code}”重复"),
            );
        }
    }
}

/// S01.
fn situations(item: &ServiceItem, report: &mut Report) {
    let mut known: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (at, question) in item.situations.iter().flatten().enumerate() {
        let element = format!("situations[{at}]");
        // A question may depend only on questions before it, so guidance always ends.
        if let Some(condition) = &question.show_if {
            refers(condition, &known, &element, report);
        }
        let options = question
            .options
            .iter()
            .map(|option| option.code.as_str())
            .collect();
        if question.options.len() < 2 {
            report.error(
                Rule::S01,
                &element,
                format!("问题“{}”应有两个以上选项", question.title),
            );
        }
        if question
            .options
            .iter()
            .any(|option| option.code == NOT_ASKED)
        {
            report.error(
                Rule::S01,
                &element,
                format!("问题“{}”有选项没有代码", question.title),
            );
        }
        if known.insert(&question.code, options).is_some() {
            report.error(
                Rule::S01,
                element,
                format!("问题代码“{}”重复", question.code),
            );
        }
    }
    let materials = item.materials().iter().enumerate();
    let materials =
        materials.filter_map(|(at, m)| Some((format!("materials[{at}]"), m.applies_if.as_ref()?)));
    let organs = item.match_depts.iter().flatten().enumerate();
    let organs =
        organs.filter_map(|(at, d)| Some((format!("match_depts[{at}]"), d.applies_if.as_ref()?)));
    for (element, condition) in materials.chain(organs) {
        refers(condition, &known, &element, report);
    }
}

fn refers(
    condition: &Condition,
    known: &BTreeMap<&str, Vec<&str>>,
    element: &str,
    report: &mut Report,
) {
    if !condition.is_bounded() {
        report.error(Rule::S01, element, "条件嵌套过深");
        return;
    }
    for (question, answer) in condition.names() {
        if !known
            .get(question)
            .is_some_and(|options| options.contains(&answer))
        {
            report.error(
                Rule::S01,
                element,
                format!("条件引用了不存在的问题或选项“{question}={answer}”"),
            );
        }
    }
}
