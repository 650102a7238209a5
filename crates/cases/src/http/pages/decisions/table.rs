//! A decision as a page shows it: its inputs, and its table with a row for each rule.

use tongban_decisions::{Asked, DecisionView, LogicView, TableView};
use tongban_webkit::PageShell;

/// A column with what stands under its name.
pub(super) struct Head {
    pub(super) label: String,
    pub(super) text: String,
    pub(super) hint: String,
}

pub(super) struct Row {
    pub(super) n: usize,
    pub(super) id: String,
    pub(super) line: u32,
    /// A rule that applied in the trial.
    pub(super) applied: bool,
    pub(super) conditions: Vec<(String, String)>,
    pub(super) results: Vec<(String, String)>,
    pub(super) annotations: Vec<(String, String)>,
}

pub(super) struct Rules {
    pub(super) policy: String,
    pub(super) conditions: Vec<Head>,
    pub(super) results: Vec<Head>,
    pub(super) annotations: Vec<String>,
    pub(super) rows: Vec<Row>,
}

pub(super) struct Input {
    pub(super) name: String,
    pub(super) kind: String,
    /// What was typed in the trial.
    pub(super) typed: String,
}

pub(super) struct Shown {
    /// For addresses within the page and the form.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) line: u32,
    pub(super) about: Vec<String>,
    pub(super) needs: String,
    pub(super) inputs: Vec<Input>,
    pub(super) table: Option<Rules>,
    pub(super) text: String,
    pub(super) boxed: String,
}

fn policy(shell: &PageShell, table: &TableView) -> String {
    let key = table.policy.to_lowercase().replace(' ', "-");
    let words = shell.t(&format!("de-policy-{key}"));
    shell.t1("de-policy", "policy", words)
}

fn rules(shell: &PageShell, table: &TableView, applied: &[usize]) -> Rules {
    let heads = |label: &str, text: &str, hint: String| Head {
        label: shell.zh(label),
        text: if text == label { "" } else { text }.to_owned(),
        hint,
    };
    let allowed = |values: &str| match values {
        "" => String::new(),
        values => shell.t1("de-allowed", "values", values),
    };
    let conditions: Vec<Head> = table
        .conditions
        .iter()
        .map(|one| heads(&one.label, &one.text, allowed(&one.values)))
        .collect();
    let results: Vec<Head> = table
        .results
        .iter()
        .map(|one| {
            let label = match one.label.as_str() {
                "" => shell.t("de-result"),
                label => label.to_owned(),
            };
            let mut hint = allowed(&one.values);
            if !one.default.is_empty() {
                hint = format!("{hint} {}", shell.t1("de-default", "value", &one.default));
            }
            heads(&label, &label, hint.trim().to_owned())
        })
        .collect();
    let notes: Vec<String> = table
        .annotations
        .iter()
        .map(|head| match head.as_str() {
            "" => shell.t("de-annotation"),
            head => shell.zh(head),
        })
        .collect();
    let labelled = |heads: &[Head], cells: &[String]| {
        let heads = heads.iter().map(|head| head.label.clone());
        heads.zip(cells.iter().cloned()).collect()
    };
    let rows = table.rules.iter().enumerate().map(|(at, rule)| Row {
        n: at + 1,
        id: rule.id.clone(),
        line: rule.line,
        applied: applied.contains(&(at + 1)),
        conditions: labelled(&conditions, &rule.conditions),
        results: labelled(&results, &rule.results),
        annotations: notes
            .iter()
            .enumerate()
            .map(|(at, head)| {
                let said = rule.annotations.get(at).map_or("", String::as_str);
                (head.clone(), shell.zh(said))
            })
            .collect(),
    });
    let rows = rows.collect();
    Rules {
        policy: policy(shell, table),
        rows,
        conditions,
        results,
        annotations: notes,
    }
}

/// A decision; `typed` gives what stands in its fields, `applied` the rules that applied in the trial.
pub(super) fn shown(
    shell: &PageShell,
    view: &DecisionView,
    typed: impl Fn(&str) -> String,
    applied: &[usize],
) -> Shown {
    let inputs = view.inputs.iter().map(|input| Input {
        name: input.name.clone(),
        kind: input.kind.clone(),
        typed: typed(&input.name),
    });
    let id = match view.id.as_str() {
        "" => view.name.clone(),
        id => id.to_owned(),
    };
    Shown {
        id,
        name: shell.zh(&view.name),
        kind: match view.asked {
            Asked::Decision => String::new(),
            Asked::Knowledge => shell.t("de-knowledge"),
            Asked::Service => shell.t("de-service"),
        },
        line: view.line,
        about: view.about.iter().map(|text| shell.zh(text)).collect(),
        needs: match &view.needs[..] {
            [] => String::new(),
            needs => shell.t1("de-needs", "names", shell.zh(&needs.join("、"))),
        },
        inputs: inputs.collect(),
        table: match &view.logic {
            LogicView::Table(table) => Some(rules(shell, table, applied)),
            _ => None,
        },
        text: match &view.logic {
            LogicView::Text(text) => text.clone(),
            _ => String::new(),
        },
        boxed: match &view.logic {
            LogicView::Boxed(kind) => shell.t1("de-boxed", "kind", kind),
            _ => String::new(),
        },
    }
}
