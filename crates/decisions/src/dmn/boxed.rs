//! Boxed expressions as one FEEL tree each: for the deploy check, the names read, and the bound of the cost.
//!
//! The trees of decision tables are lists of their cells; they are walked, never evaluated.

use dsntk_feel::Name;
use dsntk_feel_parser::AstNode;
use roxmltree::Node;

use super::Problem;
use super::model::{Model, all, child, logic, text};
use crate::feel::{self, Kind, normal};

/// The trees of a file, with the problems met.
pub(super) struct Boxes<'m, 'a> {
    pub(super) model: &'m Model<'a>,
    pub(super) problems: Vec<Problem>,
}

fn list(items: Vec<AstNode>) -> AstNode {
    AstNode::List(items)
}

fn name_of(node: Option<Node<'_, '_>>, attribute: &str) -> Name {
    normal(
        node.and_then(|node| node.attribute(attribute))
            .unwrap_or_default(),
    )
}

impl<'a> Boxes<'_, 'a> {
    /// One FEEL text of the file.
    pub(super) fn feel(&mut self, node: Node<'_, '_>, text: &str, kind: Kind) -> AstNode {
        match feel::parse(text, kind, &self.model.declared) {
            Ok(tree) => tree,
            Err(error) => {
                self.problems.push(self.model.problem(node, error.0));
                AstNode::Null
            }
        }
    }

    /// The expression in an element, if there is one.
    pub(super) fn within(&mut self, node: Option<Node<'a, 'a>>) -> AstNode {
        match node.and_then(logic) {
            Some(node) => self.expression(node),
            None => AstNode::Null,
        }
    }

    pub(super) fn expression(&mut self, node: Node<'a, 'a>) -> AstNode {
        match node.tag_name().name() {
            "literalExpression" => {
                let text = text(node);
                if text.trim().is_empty() {
                    return AstNode::Null;
                }
                self.feel(node, &text, Kind::Expression)
            }
            "decisionTable" => self.table(node),
            "context" => self.context(node),
            "invocation" => {
                let callee = self.within(Some(node));
                let bindings = all(node, "binding")
                    .map(|binding| {
                        let name = name_of(child(binding, "parameter"), "name");
                        let value = self.within(Some(binding));
                        AstNode::NamedParameter(
                            Box::new(AstNode::ParameterName(name)),
                            Box::new(value),
                        )
                    })
                    .collect();
                AstNode::FunctionInvocation(
                    Box::new(callee),
                    Box::new(AstNode::NamedParameters(bindings)),
                )
            }
            "functionDefinition" => self.function(node),
            "relation" => list(
                all(node, "row")
                    .map(|row| {
                        let cells: Vec<_> = row.children().filter(Node::is_element).collect();
                        list(
                            cells
                                .into_iter()
                                .map(|cell| self.expression(cell))
                                .collect(),
                        )
                    })
                    .collect(),
            ),
            "list" => {
                let items: Vec<_> = node.children().filter(Node::is_element).collect();
                list(
                    items
                        .into_iter()
                        .map(|item| self.expression(item))
                        .collect(),
                )
            }
            "conditional" => AstNode::If(
                Box::new(self.within(child(node, "if"))),
                Box::new(self.within(child(node, "then"))),
                Box::new(self.within(child(node, "else"))),
            ),
            "filter" => AstNode::Filter(
                Box::new(self.within(child(node, "in"))),
                Box::new(self.within(child(node, "match"))),
            ),
            "for" | "some" | "every" => self.iteration(node),
            _ => AstNode::Null,
        }
    }

    fn iteration(&mut self, node: Node<'a, 'a>) -> AstNode {
        let variable = Box::new(AstNode::Name(name_of(Some(node), "iteratorVariable")));
        let source = Box::new(self.within(child(node, "in")));
        if node.tag_name().name() == "for" {
            let body = self.within(child(node, "return"));
            let context = AstNode::IterationContextSingle(variable, source);
            return AstNode::For(
                Box::new(AstNode::IterationContexts(vec![context])),
                Box::new(AstNode::EvaluatedExpression(Box::new(body))),
            );
        }
        let body = Box::new(AstNode::Satisfies(Box::new(
            self.within(child(node, "satisfies")),
        )));
        let contexts = Box::new(AstNode::QuantifiedContexts(vec![
            AstNode::QuantifiedContext(variable, source),
        ]));
        AstNode::Every(contexts, body)
    }

    fn context(&mut self, node: Node<'a, 'a>) -> AstNode {
        let entries: Vec<_> = all(node, "contextEntry").collect();
        let entries = entries
            .into_iter()
            .map(|entry| {
                let name = name_of(child(entry, "variable"), "name");
                let value = self.within(Some(entry));
                AstNode::ContextEntry(Box::new(AstNode::ContextEntryKey(name)), Box::new(value))
            })
            .collect();
        AstNode::Context(entries)
    }

    /// A function definition, or the logic of a business knowledge model.
    pub(super) fn function(&mut self, node: Node<'a, 'a>) -> AstNode {
        if matches!(node.attribute("kind"), Some("Java" | "PMML" | "J" | "P")) {
            let message = "不能使用 Java 或 PMML 函数：决策不调用外部程序".to_owned();
            self.problems.push(self.model.problem(node, message));
            return AstNode::Null;
        }
        let parameters = all(node, "formalParameter")
            .map(|parameter| {
                let name = AstNode::ParameterName(name_of(Some(parameter), "name"));
                AstNode::FormalParameter(Box::new(name), Box::new(AstNode::Null))
            })
            .collect();
        let body = self.within(Some(node));
        AstNode::FunctionDefinition(
            Box::new(AstNode::FormalParameters(parameters)),
            Box::new(AstNode::FunctionBody(Box::new(body), false)),
        )
    }

    fn table(&mut self, node: Node<'a, 'a>) -> AstNode {
        let table = Cells::read(self, node);
        let mut parts = Vec::new();
        for rule in table.rules {
            // The library evaluates the inputs anew for each rule.
            parts.extend(table.inputs.iter().map(|input| input.value.clone()));
            parts.extend(rule.inputs.into_iter().flatten());
            parts.extend(rule.outputs);
        }
        parts.extend(table.inputs.into_iter().map(|input| input.value));
        list(parts)
    }
}

/// A decision table, parsed.
pub(super) struct Cells {
    pub(super) inputs: Vec<InputColumn>,
    pub(super) outputs: Vec<OutputColumn>,
    pub(super) rules: Vec<Row>,
}

pub(super) struct InputColumn {
    pub(super) text: String,
    pub(super) value: AstNode,
    pub(super) allowed: Option<AstNode>,
}

pub(super) struct OutputColumn {
    pub(super) name: Option<String>,
    pub(super) allowed: Option<AstNode>,
    pub(super) default: Option<AstNode>,
}

pub(super) struct Row {
    pub(super) id: String,
    /// Nothing where the cell is `-`.
    pub(super) inputs: Vec<Option<AstNode>>,
    pub(super) outputs: Vec<AstNode>,
}

impl Cells {
    pub(super) fn read<'a>(boxes: &mut Boxes<'_, 'a>, node: Node<'a, 'a>) -> Self {
        let tests = |boxes: &mut Boxes<'_, 'a>, node: Option<Node<'a, 'a>>| {
            let node = node?;
            let text = text(node);
            (!matches!(text.trim(), "" | "-")).then(|| boxes.feel(node, &text, Kind::UnaryTests))
        };
        let inputs = all(node, "input")
            .map(|input| {
                let value = child(input, "inputExpression").unwrap_or(input);
                let text = text(value);
                InputColumn {
                    value: boxes.feel(value, &text, Kind::Expression),
                    text,
                    allowed: tests(boxes, child(input, "inputValues")),
                }
            })
            .collect();
        let outputs = all(node, "output")
            .map(|output| OutputColumn {
                name: output
                    .attribute("name")
                    .map(|name| normal(name).to_string()),
                allowed: tests(boxes, child(output, "outputValues")),
                default: tests(boxes, child(output, "defaultOutputEntry")),
            })
            .collect();
        let mut table = Self {
            inputs,
            outputs,
            rules: Vec::new(),
        };
        for rule in all(node, "rule") {
            let inputs: Vec<_> = all(rule, "inputEntry")
                .map(|cell| tests(boxes, Some(cell)))
                .collect();
            let outputs: Vec<_> = all(rule, "outputEntry")
                .map(|cell| {
                    let text = text(cell);
                    if text.trim().is_empty() {
                        return AstNode::Null;
                    }
                    boxes.feel(cell, &text, Kind::Expression)
                })
                .collect();
            if inputs.len() != table.inputs.len() || outputs.len() != table.outputs.len() {
                let message = format!(
                    "第 {} 条规则的单元格数与列数不符：{} 列输入、{} 列输出",
                    table.rules.len() + 1,
                    table.inputs.len(),
                    table.outputs.len()
                );
                boxes.problems.push(boxes.model.problem(rule, message));
                continue;
            }
            table.rules.push(Row {
                id: rule.attribute("id").unwrap_or_default().to_owned(),
                inputs,
                outputs,
            });
        }
        table
    }
}
