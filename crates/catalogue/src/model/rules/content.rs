//! G04, G05, G09–G14, G16, G18: results, fees, telephones, themes, questions, materials, entrusted organs.

use tongban_codes::codelist;

use super::text::{catch_all, open_etcetera, phones};
use super::{Report, Rule};
use crate::model::item::ServiceItem;
use crate::model::lists::{
    DeptType, MaterialNeed, MaterialSource, PowerSource, ResultType, ServerType, TaskType,
};

/// 申请与受理、审查与决定、颁证与送达 in five steps: 受理 审核 审批 办结 送达.
const LEAST_STEPS: usize = 5;

pub(super) fn check(item: &ServiceItem, report: &mut Report) {
    results(item, report);
    fees(item, report);
    telephones(item, report);
    themes(item, report);
    questions_and_steps(item, report);
    materials(item, report);
    catch_alls(item, report);
    entrusted(item, report);
}

/// G04, G05.
fn results(item: &ServiceItem, report: &mut Report) {
    let Some(kinds) = item.result_type.as_deref() else {
        return;
    };
    let results = item.results.as_deref().unwrap_or_default();
    let names = item
        .result_name
        .iter()
        .chain(results.iter().map(|r| &r.result_name));
    for name in names {
        let name = name.trim();
        let wanted = if name.ends_with('证') || name.ends_with("执照") {
            Some(ResultType::Licence)
        } else if ["批复", "决定书", "意见"]
            .iter()
            .any(|tail| name.ends_with(tail))
        {
            Some(ResultType::Approval)
        } else {
            None
        };
        if let Some(wanted) = wanted.filter(|wanted| !kinds.contains(wanted)) {
            report.error(
                Rule::G04,
                "result_type",
                format!("结果“{name}”应属“{}”，审批结果类型中没有", wanted.label()),
            );
        }
    }
    let sampled = item.result_guid.is_some() || results.iter().any(|r| r.sample_guid.is_some());
    let none = kinds.contains(&ResultType::None);
    if none && (sampled || kinds.len() > 1) {
        report.error(
            Rule::G04,
            "result_type",
            "审批结果类型为“无”，不应有结果样本或其他类型",
        );
    }
    if !none && !sampled {
        report.error(Rule::G05, "result_guid", "有审批结果，未公布结果样本");
    }
}

/// G09.
fn fees(item: &ServiceItem, report: &mut Report) {
    let rows = item.fees.as_deref().unwrap_or_default();
    match item.is_fee {
        Some(true) if rows.is_empty() => {
            report.error(Rule::G09, "fees", "收费事项未公布收费项目和标准");
        }
        Some(true) => {
            let item_basis = item.fee_basis.is_some();
            for (at, fee) in rows.iter().enumerate() {
                if fee.fee_stand.trim().is_empty() || (fee.by_law.is_none() && !item_basis) {
                    report.error(
                        Rule::G09,
                        format!("fees[{at}]"),
                        format!("收费项目“{}”缺标准或依据", fee.fee_name),
                    );
                }
            }
        }
        Some(false) => {
            if !rows.is_empty() {
                report.error(Rule::G09, "fees", "不收费事项不应有收费项目");
            }
            if item.is_pay_online == Some(true) {
                report.error(Rule::G09, "is_pay_online", "不收费事项不应支持网上支付");
            }
        }
        None => {}
    }
}

/// G10.
fn telephones(item: &ServiceItem, report: &mut Report) {
    let (Some(asking), Some(complaining)) = (&item.link_way, &item.supervise_way) else {
        return;
    };
    let complaints = phones(complaining);
    if let Some(same) = phones(asking)
        .into_iter()
        .find(|phone| complaints.contains(phone))
    {
        report.error(
            Rule::G10,
            "supervise_way",
            format!("咨询电话与监督投诉电话同为{same}"),
        );
    }
}

/// G11.
fn themes(item: &ServiceItem, report: &mut Report) {
    let Some(served) = item.server_type.as_deref() else {
        return;
    };
    let persons = item.user_topic_type.as_deref().unwrap_or_default();
    let legals = item.corp_topic_type.as_deref().unwrap_or_default();
    let sides = [
        (
            "user_topic_type",
            "自然人",
            served.contains(&ServerType::NaturalPerson),
            persons,
        ),
        (
            "corp_topic_type",
            "法人",
            served.iter().any(|kind| kind.is_organisation()),
            legals,
        ),
    ];
    for (element, label, serves, themes) in sides {
        if serves && themes.is_empty() {
            report.error(
                Rule::G11,
                element,
                format!("服务对象含{label}，未公布面向{label}主题"),
            );
        }
        if !serves && !themes.is_empty() {
            report.error(
                Rule::G11,
                element,
                format!("服务对象不含{label}，不应有面向{label}主题"),
            );
        }
        let list = if element == "user_topic_type" {
            "theme_person"
        } else {
            "theme_legal"
        };
        for theme in themes
            .iter()
            .filter(|theme| codelist::label(list, theme).is_none())
        {
            report.warn(Rule::G11, element, format!("主题代码“{theme}”不在代码表中"));
        }
    }
}

/// G12.
fn questions_and_steps(item: &ServiceItem, report: &mut Report) {
    if item.task_type != TaskType::Licence {
        return;
    }
    if item.questions.as_ref().is_none_or(Vec::is_empty) {
        report.error(Rule::G12, "questions", "行政许可至少应有一个常见问题");
    }
    let steps = item.flow_steps.as_ref().map_or(0, Vec::len);
    if steps < LEAST_STEPS {
        report.error(
            Rule::G12,
            "flow_steps",
            format!("行政许可至少应有{LEAST_STEPS}个流程环节，现有{steps}个"),
        );
    }
}

/// G13, G18.
fn materials(item: &ServiceItem, report: &mut Report) {
    for (at, material) in item.materials().iter().enumerate() {
        let element = format!("materials[{at}]");
        let name = &material.material_name;
        if material.is_need == MaterialNeed::Conditional && material.handle_case.is_none() {
            report.error(
                Rule::G13,
                &element,
                format!("非必要材料“{name}”未写明何时需要"),
            );
        }
        if material.source_type == Some(MaterialSource::Government) && material.issue_org.is_none()
        {
            report.error(
                Rule::G13,
                &element,
                format!("政府部门核发的材料“{name}”未写明出具机构"),
            );
        }
        if material.form_guid.is_some() && material.example_guid.is_none() {
            report.error(
                Rule::G13,
                &element,
                format!("材料“{name}”有空白表格而无示例样表"),
            );
        }
        let self_provided = material.is_need == MaterialNeed::Required
            && material.source_type == Some(MaterialSource::Applicant);
        if material.is_exempt() && self_provided {
            report.error(
                Rule::G18,
                &element,
                format!("材料“{name}”可共享或可用证照代替，不得要求申请人自备（在线政务服务若干规定第七条）"),
            );
        }
    }
}

/// G14.
fn catch_alls(item: &ServiceItem, report: &mut Report) {
    for (at, material) in item.materials().iter().enumerate() {
        let name = &material.material_name;
        let element = format!("materials[{at}]");
        if let Some(phrase) = catch_all(name) {
            report.error(
                Rule::G14,
                element,
                format!("材料名称“{name}”含兜底条款“{phrase}”"),
            );
        } else if open_etcetera(name) {
            report.error(Rule::G14, element, format!("材料名称“{name}”以“等”字兜底"));
        }
    }
    let Some(condition) = item.accept_condition.as_deref() else {
        return;
    };
    if let Some(phrase) = catch_all(condition) {
        report.error(
            Rule::G14,
            "accept_condition",
            format!("受理条件含兜底条款“{phrase}”"),
        );
    } else if open_etcetera(condition) {
        report.warn(
            Rule::G14,
            "accept_condition",
            "受理条件以“等”字列举，请逐项写明",
        );
    }
}

/// G16.
fn entrusted(item: &ServiceItem, report: &mut Report) {
    let entrusted = item.dept_type == Some(DeptType::Entrusted)
        || matches!(
            item.power_source,
            Some(PowerSource::EntrustedAbove | PowerSource::EntrustedPeer)
        );
    if entrusted && item.entrust_name.is_none() {
        report.error(Rule::G16, "entrust_name", "受委托办理，未公布委托部门");
    }
}
