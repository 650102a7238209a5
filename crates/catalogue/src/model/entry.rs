//! 目录清单: one entry per main or sub item of the base catalogue, above the implementation items of the organs.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::lists::{TaskState, TaskType, UseLevel};
use super::parts::Law;

/// One version of an entry of the base catalogue (基本目录).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueEntry {
    /// 基本编码, 12 characters.
    pub catalog_code: String,
    /// 事项名称.
    pub task_name: String,
    /// 事项类型.
    pub task_type: TaskType,
    /// 设定依据.
    pub laws: Vec<Law>,
    /// 行使层级.
    pub use_level: Vec<UseLevel>,
    /// 事项状态.
    pub task_state: TaskState,
    /// 事项版本.
    pub task_version: u32,
    /// 地方基本编码.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_catalog_code: Option<String>,
    /// 计划生效日期.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_effective_date: Option<Date>,
    /// 计划取消日期.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_cancel_date: Option<Date>,
    /// 主项编码 of a sub-item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_catalog_code: Option<String>,
}

impl CatalogueEntry {
    /// Whether the name, code, basis and type of an implementation item are those of the entry (四级四同): the names of
    /// what differs.
    pub fn differences(&self, item: &super::ServiceItem) -> Vec<&'static str> {
        let mut differing = Vec::new();
        if item.catalog_code.as_deref() != Some(self.catalog_code.as_str()) {
            differing.push("catalog_code");
        }
        if item.task_name != self.task_name {
            differing.push("task_name");
        }
        if item.task_type != self.task_type {
            differing.push("task_type");
        }
        let of_item = |law: &&Law| {
            item.laws
                .iter()
                .flatten()
                .any(|l| l.law_name == law.law_name)
        };
        if !self.laws.iter().all(|law| of_item(&law)) {
            differing.push("laws");
        }
        differing
    }
}
