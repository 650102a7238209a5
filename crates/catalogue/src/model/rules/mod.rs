//! Consistency rules of a guide, G00–G19 and S01, each with an id. Run on save, on publish and as a nightly report.
//!
//! A rule that compares elements stays silent while one of them is missing: absence is counted by G00 and by the
//! quality report. An error keeps an item of ours from being published; a warning does not.

mod codes;
mod content;
mod limits;
mod online;
mod text;

use serde::Serialize;

use super::elements::ELEMENTS;
use super::item::ServiceItem;
use super::lists::code_list;

code_list! {
    /// The rules.
    Rule {
        "G00" G00 "必填要素已公布",
        "G01" G01 "当场办结的为即办件，其余为承诺件",
        "G02" G02 "承诺时限不长于法定时限",
        "G03" G03 "行政许可法定时限超过20个工作日的须说明法律依据",
        "G04" G04 "审批结果名称与结果类型一致",
        "G05" G05 "有审批结果的须公布结果样本",
        "G06" G06 "须到现场的须说明原因",
        "G07" G07 "零跑动而非全程网办的须支持邮寄",
        "G08" G08 "全程网办的到现场次数为零",
        "G09" G09 "收费与收费项目一致",
        "G10" G10 "咨询电话与监督投诉电话不同",
        "G11" G11 "主题分类与服务对象一致",
        "G12" G12 "行政许可须有常见问题和完整流程",
        "G13" G13 "材料说明完整",
        "G14" G14 "不得有兜底条款",
        "G15" G15 "说明文字与数字一致",
        "G16" G16 "受委托办理的须公布委托部门",
        "G17" G17 "网上可办的须有办理入口",
        "G18" G18 "可共享或可用证照代替的材料不得要求申请人自备",
        "G19" G19 "编码正确且相互一致",
        "S01" S01 "情形条件引用的问题和选项存在",
    }
    /// How grave a finding is.
    Severity { "error" Error "错误", "warning" Warning "提示" }
}

/// One rule hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub rule: Rule,
    pub severity: Severity,
    /// Identifier of the element, with a position for parts: `materials[2]`.
    pub element: String,
    /// What is wrong, for the item manager.
    pub message: String,
}

/// Collects findings of one document.
struct Report(Vec<Finding>);

impl Report {
    fn error(&mut self, rule: Rule, element: impl Into<String>, message: impl Into<String>) {
        self.push(rule, Severity::Error, element, message);
    }

    fn warn(&mut self, rule: Rule, element: impl Into<String>, message: impl Into<String>) {
        self.push(rule, Severity::Warning, element, message);
    }

    fn push(
        &mut self,
        rule: Rule,
        severity: Severity,
        element: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.0.push(Finding {
            rule,
            severity,
            element: element.into(),
            message: message.into(),
        });
    }
}

/// Runs every rule over one document; the findings are in the order of the rules.
pub fn check(item: &ServiceItem) -> Vec<Finding> {
    let mut report = Report(Vec::new());
    required(item, &mut report);
    limits::check(item, &mut report);
    content::check(item, &mut report);
    online::check(item, &mut report);
    codes::check(item, &mut report);
    let mut findings = report.0;
    findings.sort_by_key(|finding| finding.rule);
    findings
}

/// G00: elements that the national exchange requires.
fn required(item: &ServiceItem, report: &mut Report) {
    if item.task_name.trim().is_empty() {
        report.error(Rule::G00, "task_name", "“事项名称”未公布");
    }
    for element in ELEMENTS {
        if element.need.binds(item.task_type) && !(element.present)(item) {
            report.error(
                Rule::G00,
                element.name,
                format!("“{}”未公布", element.label),
            );
        }
    }
}
