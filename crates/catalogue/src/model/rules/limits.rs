//! G01, G02, G03, G15: numbers of days.

use super::text::day_counts;
use super::{Report, Rule};
use crate::model::item::{Limit, ServiceItem};
use crate::model::lists::{ProjectType, TaskType, TimeUnit};

/// 行政许可法 第四十二条: working days from acceptance for one organ.
const LICENCE_DAYS: u16 = 20;
/// 行政许可法 第四十二条第二款: working days where several organs handle a licence together.
const JOINT_LICENCE_DAYS: u16 = 45;

pub(super) fn check(item: &ServiceItem, report: &mut Report) {
    immediate(item, report);
    promise_within_law(item, report);
    licence_limit(item, report);
    texts(item, report);
}

/// G01.
fn immediate(item: &ServiceItem, report: &mut Report) {
    let (Some(days), Some(kind)) = (item.promise_day, item.project_type) else {
        return;
    };
    match (days, kind) {
        (0, ProjectType::Immediate) | (1.., ProjectType::Promised) | (_, ProjectType::Other) => {}
        (0, _) => report.error(
            Rule::G01,
            "project_type",
            "承诺当场办结，办件类型应为即办件",
        ),
        (1.., _) => report.error(
            Rule::G01,
            "project_type",
            format!("承诺时限为{days}天，办件类型不应为即办件"),
        ),
    }
}

/// G02: compared only in the same unit, or against an immediate promise.
fn promise_within_law(item: &ServiceItem, report: &mut Report) {
    let (Some(legal), Some(promised)) = (item.legal_limit(), item.promised_limit()) else {
        return;
    };
    let longer = promised.days > legal.days;
    if longer && promised.unit == legal.unit {
        report.error(
            Rule::G02,
            "promise_day",
            format!("承诺时限{}长于法定时限{}", promised.label(), legal.label()),
        );
    } else if promised.unit != legal.unit && promised.days != 0 {
        report.warn(
            Rule::G02,
            "promise_type",
            "承诺时限与法定时限单位不同，无法比较",
        );
    }
}

/// G03 (行政许可法 第四十二条、第八十二条: working days).
fn licence_limit(item: &ServiceItem, report: &mut Report) {
    if item.task_type != TaskType::Licence {
        return;
    }
    let joint = item.is_joint_org == Some(true) || item.is_cert_joint == Some(true);
    let most = if joint {
        JOINT_LICENCE_DAYS
    } else {
        LICENCE_DAYS
    };
    let Some(legal) = item.legal_limit() else {
        return;
    };
    let over = match legal {
        Limit {
            days,
            unit: TimeUnit::WorkingDay,
        } => days > most,
        // Five working days take seven calendar days.
        Limit {
            days,
            unit: TimeUnit::NaturalDay,
        } => u32::from(days) * 5 > u32::from(most) * 7,
    };
    let explained = item
        .anticipate_explain
        .as_deref()
        .is_some_and(|text| text.contains('第'));
    if over && !explained {
        report.error(
            Rule::G03,
            "anticipate_explain",
            format!(
                "法定时限{}超过行政许可法第四十二条的{most}个工作日，须在说明中写明法律、法规的条款",
                legal.label()
            ),
        );
    }
}

/// G15: texts that name other numbers of days.
fn texts(item: &ServiceItem, report: &mut Report) {
    let pairs = [
        (
            "anticipate_explain",
            "法定时限",
            item.anticipate_day,
            item.anticipate_explain.as_deref(),
        ),
        (
            "promise_explain",
            "承诺时限",
            item.promise_day,
            item.promise_explain.as_deref(),
        ),
    ];
    for (element, label, days, text) in pairs {
        let (Some(days), Some(text)) = (days, text) else {
            continue;
        };
        let counts = day_counts(text);
        if !counts.is_empty() && !counts.contains(&u32::from(days)) {
            report.warn(
                Rule::G15,
                element,
                format!("{label}公布为{days}天，说明文字却写{}", list(&counts)),
            );
        } else if days > 0
            && counts.is_empty()
            && (text.contains("当场办结") || text.contains("即时办结"))
        {
            report.warn(
                Rule::G15,
                element,
                format!("{label}公布为{days}天，说明文字却写当场办结"),
            );
        }
    }
    answers(item, report);
}

/// G15 in questions about how long it takes.
fn answers(item: &ServiceItem, report: &mut Report) {
    const ASKING: &[&str] = &[
        "几日",
        "几天",
        "多少天",
        "多久",
        "多长时间",
        "时限",
        "办结时间",
    ];
    let (Some(legal), Some(promised)) = (item.anticipate_day, item.promise_day) else {
        return;
    };
    for (at, question) in item.questions.iter().flatten().enumerate() {
        if !ASKING.iter().any(|word| question.question.contains(word)) {
            continue;
        }
        let counts = day_counts(&question.answer);
        let known = |n: &u32| [u32::from(legal), u32::from(promised)].contains(n);
        if !counts.is_empty() && !counts.iter().any(known) {
            report.warn(
                Rule::G15,
                format!("questions[{at}]"),
                format!(
                    "解答写{}，与法定{legal}天、承诺{promised}天都不同",
                    list(&counts)
                ),
            );
        }
    }
}

fn list(counts: &[u32]) -> String {
    let shown: Vec<String> = counts.iter().map(|n| format!("{n}天")).collect();
    shown.join("、")
}
