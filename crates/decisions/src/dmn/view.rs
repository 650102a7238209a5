//! A DMN file as people read it: decisions, their inputs, their tables with every rule.

use roxmltree::Node;

use super::Decisions;
use super::model::{Element, Kind, Model, all, child, text};
use super::xml::line;

/// A named value that a decision needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputView {
    /// Its name.
    pub name: String,
    /// Its type as the file writes it; empty if it says none.
    pub kind: String,
}

/// What can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A decision.
    Decision,
    /// A business knowledge model.
    Knowledge,
    /// A decision service.
    Service,
}

/// Something of the file that can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionView {
    /// Its id in the file.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub asked: Asked,
    /// Its line in the file, from 1.
    pub line: u32,
    /// The question it answers and what is said about it, as the file has them.
    pub about: Vec<String>,
    /// Names of the decisions and knowledge that it needs.
    pub needs: Vec<String>,
    /// Everything that has to be given, over all steps.
    pub inputs: Vec<InputView>,
    /// How it is decided.
    pub logic: LogicView,
}

/// How something is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogicView {
    /// By a table.
    Table(TableView),
    /// By one FEEL text.
    Text(String),
    /// By another boxed expression; the name of its element in the standard.
    Boxed(String),
    /// A service has no logic of its own.
    None,
}

/// A column of conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionView {
    /// What people call it; the expression if the file gives no label.
    pub label: String,
    /// The FEEL text whose value is tested.
    pub text: String,
    /// Allowed values; empty if any.
    pub values: String,
}

/// A column of results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultView {
    /// What people call it: label, else name; empty in a table with one result.
    pub label: String,
    /// Its name in the result.
    pub name: String,
    /// Allowed values in order of priority; empty if any.
    pub values: String,
    /// The result where no rule applies; empty if none is given.
    pub default: String,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleView {
    /// Its id in the file; may be empty.
    pub id: String,
    /// Its line in the file.
    pub line: u32,
    /// A cell for each column of conditions, as written; `-` where it does not matter.
    pub conditions: Vec<String>,
    /// A cell for each column of results.
    pub results: Vec<String>,
    /// What is said about it: annotations, else its description.
    pub annotations: Vec<String>,
}

/// A decision table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableView {
    /// Hit policy as the standard writes it, with the aggregation behind it: `UNIQUE`, `COLLECT SUM`.
    pub policy: String,
    /// Columns of conditions.
    pub conditions: Vec<ConditionView>,
    /// Columns of results.
    pub results: Vec<ResultView>,
    /// Heads of the annotation columns.
    pub annotations: Vec<String>,
    /// The rules in order.
    pub rules: Vec<RuleView>,
}

impl Decisions {
    /// What runs publish a file under: the id of its definitions, else their name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name of the file's definitions.
    pub fn name(&self) -> &str {
        &self.model
    }

    /// Names of the files that it imports.
    pub fn imports(&self) -> &[String] {
        &self.imports
    }

    /// Everything that can be asked, in the order of the file.
    pub fn views(&self) -> &[DecisionView] {
        &self.views
    }

    /// What can be asked under this id or name.
    pub fn view(&self, asked: &str) -> Option<&DecisionView> {
        let by = |key: fn(&DecisionView) -> &str| self.views.iter().find(|view| key(view) == asked);
        by(|view| &view.id).or_else(|| by(|view| &view.name))
    }
}

fn trimmed(node: Node<'_, '_>) -> String {
    text(node).trim().to_owned()
}

fn cell(node: Node<'_, '_>) -> String {
    match trimmed(node) {
        empty if empty.is_empty() => "-".to_owned(),
        text => text,
    }
}

fn rule(model: &Model<'_>, node: Node<'_, '_>) -> RuleView {
    let mut annotations: Vec<String> = all(node, "annotationEntry").map(trimmed).collect();
    if annotations.iter().all(String::is_empty) {
        annotations = child(node, "description")
            .and_then(|said| said.text())
            .map(|said| said.trim().to_owned())
            .filter(|said| !said.is_empty())
            .into_iter()
            .collect();
    }
    RuleView {
        id: node.attribute("id").unwrap_or_default().to_owned(),
        line: line(model.text, node.range().start),
        conditions: all(node, "inputEntry").map(cell).collect(),
        results: all(node, "outputEntry").map(cell).collect(),
        annotations,
    }
}

pub(super) fn table(model: &Model<'_>, node: Node<'_, '_>) -> TableView {
    let policy = node.attribute("hitPolicy").unwrap_or("UNIQUE");
    let policy = match node.attribute("aggregation") {
        Some(aggregation) => format!("{policy} {aggregation}"),
        None => policy.to_owned(),
    };
    let values = |node: Option<Node<'_, '_>>| node.map(trimmed).unwrap_or_default();
    let conditions = all(node, "input").map(|input| {
        let text = child(input, "inputExpression").map(trimmed);
        let text = text.unwrap_or_default();
        ConditionView {
            label: input.attribute("label").unwrap_or(&text).trim().to_owned(),
            values: values(child(input, "inputValues")),
            text,
        }
    });
    let conditions = conditions.collect();
    let results = all(node, "output").map(|output| {
        let name = output.attribute("name").unwrap_or_default();
        ResultView {
            label: output.attribute("label").unwrap_or(name).trim().to_owned(),
            name: name.to_owned(),
            values: values(child(output, "outputValues")),
            default: values(child(output, "defaultOutputEntry")),
        }
    });
    let results = results.collect();
    let rules: Vec<RuleView> = all(node, "rule").map(|node| rule(model, node)).collect();
    let heads = all(node, "annotation").map(|head| head.attribute("name").unwrap_or_default());
    let mut annotations: Vec<String> = heads.map(|head| head.trim().to_owned()).collect();
    let most = rules.iter().map(|rule| rule.annotations.len()).max();
    annotations.resize(annotations.len().max(most.unwrap_or(0)), String::new());
    TableView {
        policy,
        conditions,
        results,
        annotations,
        rules,
    }
}

/// The view of an element; `inputs` are the names that have to be given.
pub(super) fn view(model: &Model<'_>, element: &Element<'_>, inputs: &[String]) -> DecisionView {
    let about = ["question", "allowedAnswers", "description"].into_iter();
    let about = about.filter_map(|name| child(element.node, name)?.text());
    let kind = |name: &str| {
        let input = model.elements.iter().find(|input| input.variable == *name);
        input.and_then(|input| input.type_ref.clone())
    };
    let needs = element.needs.iter().filter_map(|id| model.by_id(id));
    DecisionView {
        id: element.id.clone(),
        name: element.name.clone(),
        asked: match element.kind {
            Kind::Service => Asked::Service,
            Kind::Knowledge => Asked::Knowledge,
            Kind::Decision | Kind::Input => Asked::Decision,
        },
        line: line(model.text, element.node.range().start),
        about: about.map(|text| text.trim().to_owned()).collect(),
        needs: needs
            .filter(|need| need.kind != Kind::Input)
            .map(|need| need.name.clone())
            .collect(),
        inputs: inputs
            .iter()
            .map(|name| InputView {
                name: name.clone(),
                kind: kind(name).unwrap_or_default(),
            })
            .collect(),
        logic: match element.logic {
            Some(node) if node.tag_name().name() == "decisionTable" => {
                LogicView::Table(table(model, node))
            }
            Some(node) if node.tag_name().name() == "literalExpression" => {
                LogicView::Text(trimmed(node))
            }
            Some(node) => LogicView::Boxed(node.tag_name().name().to_owned()),
            None => LogicView::None,
        },
    }
}
