//! Quality report over many items: what is not published, which rules hit.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::elements::ELEMENTS;
use super::item::ServiceItem;
use super::rules::{Rule, Severity, check};

/// How often one element is 未公布.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingElement {
    pub element: &'static str,
    pub label: &'static str,
    /// Items that lack it.
    pub items: usize,
    /// Items that lack it although the exchange requires it.
    pub required: usize,
}

/// How often one rule hits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleHits {
    pub rule: Rule,
    /// Items with at least one hit.
    pub items: usize,
    pub errors: usize,
    pub warnings: usize,
}

/// Figures over a set of items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QualityReport {
    pub items: usize,
    /// Items without any finding.
    pub clean: usize,
    /// Items without an error.
    pub publishable: usize,
    /// Elements that at least one item lacks, in reading order.
    pub missing: Vec<MissingElement>,
    /// Rules that hit at least once, in order.
    pub hits: Vec<RuleHits>,
}

impl QualityReport {
    /// Checks every item.
    pub fn over<'a>(items: impl IntoIterator<Item = &'a ServiceItem>) -> Self {
        let mut report = Self {
            items: 0,
            clean: 0,
            publishable: 0,
            missing: Vec::new(),
            hits: Vec::new(),
        };
        let mut missing = vec![(0_usize, 0_usize); ELEMENTS.len()];
        let mut hits: BTreeMap<Rule, RuleHits> = BTreeMap::new();
        for item in items {
            report.items += 1;
            for (element, count) in ELEMENTS.iter().zip(&mut missing) {
                if !(element.present)(item) {
                    count.0 += 1;
                    count.1 += usize::from(element.need.binds(item.task_type));
                }
            }
            let findings = check(item);
            report.clean += usize::from(findings.is_empty());
            report.publishable +=
                usize::from(findings.iter().all(|f| f.severity == Severity::Warning));
            for rule in findings.iter().map(|f| f.rule).collect::<BTreeSet<_>>() {
                hits.entry(rule).or_insert_with(|| none(rule)).items += 1;
            }
            for finding in findings {
                let count = hits
                    .entry(finding.rule)
                    .or_insert_with(|| none(finding.rule));
                match finding.severity {
                    Severity::Error => count.errors += 1,
                    Severity::Warning => count.warnings += 1,
                }
            }
        }
        report.missing = ELEMENTS
            .iter()
            .zip(missing)
            .filter(|(_, (items, _))| *items > 0)
            .map(|(element, (items, required))| MissingElement {
                element: element.name,
                label: element.label,
                items,
                required,
            })
            .collect();
        report.hits = hits.into_values().collect();
        report
    }

    /// 指南准确率: share of items without an error, in per mille; `None` for no items.
    pub fn accuracy_permille(&self) -> Option<u32> {
        (self.publishable * 1000)
            .checked_div(self.items)
            .and_then(|n| u32::try_from(n).ok())
    }
}

fn none(rule: Rule) -> RuleHits {
    RuleHits {
        rule,
        items: 0,
        errors: 0,
        warnings: 0,
    }
}
