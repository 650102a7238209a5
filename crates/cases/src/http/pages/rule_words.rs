//! Decisions by published rules in words, for the history of a case and the pages of the administration.

use serde_json::{Map, Value};
use tongban_webkit::PageShell;

use crate::model::{AppliedRule, CaseFact};

/// A value as people read it: texts without quotes, members and items side by side.
pub(super) fn value(shell: &PageShell, value: &Value) -> String {
    match value {
        Value::Null => shell.t("de-empty"),
        Value::Bool(true) => shell.t("word-yes"),
        Value::Bool(false) => shell.t("word-no"),
        Value::Number(number) => number.to_string(),
        Value::String(text) => shell.zh(text),
        Value::Array(items) => {
            let items = items.iter().map(|item| self::value(shell, item));
            items.collect::<Vec<_>>().join("、")
        }
        Value::Object(members) => {
            let members = members.iter().map(|(name, member)| {
                format!("{}：{}", shell.zh(name), self::value(shell, member))
            });
            members.collect::<Vec<_>>().join("；")
        }
    }
}

/// 第 2 条（一般）：第二十一条.
pub(super) fn rule(shell: &PageShell, rule: &AppliedRule) -> String {
    let mut words = shell.t1("de-rule-n", "n", rule.index);
    if !rule.id.is_empty() {
        words.push_str(&format!("（{}）", shell.zh(&rule.id)));
    }
    if !rule.annotations.is_empty() {
        words.push('：');
        words.push_str(&shell.zh(&rule.annotations.join("；")));
    }
    words
}

/// The rules of a result, or that none was needed.
pub(super) fn rules(shell: &PageShell, rules: &[AppliedRule]) -> String {
    if rules.is_empty() {
        return shell.t("de-no-rule");
    }
    let each = rules.iter().map(|one| rule(shell, one));
    each.collect::<Vec<_>>().join("；")
}

/// What was given, behind the text of the event; for officers, who see the application anyway.
pub(super) fn given(shell: &PageShell, inputs: &Map<String, Value>) -> String {
    if inputs.is_empty() {
        return String::new();
    }
    let each = inputs
        .iter()
        .map(|(name, one)| format!("{}：{}", shell.zh(name), value(shell, one)));
    let each: Vec<String> = each.collect();
    shell.t1("cs-ev-rule-given", "inputs", each.join("；"))
}

/// Title and text of an event that is a decision by rules.
pub(super) fn words(shell: &PageShell, fact: &CaseFact) -> (String, String) {
    match fact {
        CaseFact::RuleApplied(made) => {
            let args: [(&str, &dyn tongban_webkit::Arg); 4] = [
                ("rules", &rules(shell, &made.rules)),
                ("value", &value(shell, &made.output)),
                ("title", &shell.zh(&made.title)),
                ("version", &made.hash.get(..12).unwrap_or_default()),
            ];
            (
                shell.t1("cs-ev-rule-of", "name", shell.zh(&made.decision)),
                shell.ta("cs-ev-rule-text", &args),
            )
        }
        CaseFact::RuleFailed {
            decision, reason, ..
        } => (
            shell.t1("cs-ev-rule-failed-of", "name", shell.zh(decision)),
            shell.t1("cs-ev-rule-failed-text", "reason", shell.zh(reason)),
        ),
        _ => (String::new(), String::new()),
    }
}
