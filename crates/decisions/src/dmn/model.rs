//! What stands in a DMN file, as far as checks, costs and matched rules need it.

use std::collections::{BTreeMap, BTreeSet};

use dsntk_feel::{FeelType, Name};
use roxmltree::{Document, Node};

use super::Problem;
use super::xml::line;
use crate::feel::{Declared, normal};

/// Largest structure that a type may unfold to; types that contain each other twice over would fill the memory.
const MAX_TYPE: usize = 10_000;

/// Most elements of the requirements graph, and lines between them.
const MAX_ELEMENTS: usize = 2_000;
const MAX_NEEDS: usize = 20_000;
/// Most evaluations of decisions and inputs behind one decision.
const MAX_PATHS: u64 = 10_000;

/// What an element of the requirements graph is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Input,
    Decision,
    Knowledge,
    Service,
}

/// An element of the requirements graph.
#[derive(Debug)]
pub(super) struct Element<'a> {
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) name: String,
    /// The name of its value.
    pub(super) variable: String,
    pub(super) type_ref: Option<String>,
    /// Ids of what it needs; for a service its output decisions.
    pub(super) needs: Vec<String>,
    pub(super) node: Node<'a, 'a>,
    /// Its boxed expression.
    pub(super) logic: Option<Node<'a, 'a>>,
}

/// A type of the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Type {
    pub(super) base: Option<String>,
    pub(super) parts: Vec<(String, Type)>,
    pub(super) list: bool,
}

/// The parts of a file.
#[derive(Debug)]
pub(super) struct Model<'a> {
    pub(super) text: &'a str,
    pub(super) root: Node<'a, 'a>,
    pub(super) elements: Vec<Element<'a>>,
    index: BTreeMap<String, usize>,
    pub(super) types: BTreeMap<String, Type>,
    pub(super) declared: Declared,
    pub(super) imports: Vec<String>,
}

pub(super) const LOGIC: &[&str] = &[
    "literalExpression",
    "decisionTable",
    "context",
    "invocation",
    "list",
    "relation",
    "functionDefinition",
    "conditional",
    "for",
    "some",
    "every",
    "filter",
];

pub(super) fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children()
        .find(|child| child.tag_name().name() == name)
}

pub(super) fn all<'a>(node: Node<'a, 'a>, name: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children()
        .filter(move |child| child.tag_name().name() == name)
}

/// The content of a `text` child.
pub(super) fn text(node: Node<'_, '_>) -> String {
    node.children()
        .find(|child| child.tag_name().name() == "text")
        .map(|text| text.children().filter_map(|part| part.text()).collect())
        .unwrap_or_default()
}

pub(super) fn logic<'a>(node: Node<'a, 'a>) -> Option<Node<'a, 'a>> {
    node.children()
        .find(|child| child.is_element() && LOGIC.contains(&child.tag_name().name()))
}

impl<'a> Model<'a> {
    /// Reads the parts; what is wrong with graph and types are problems.
    pub(super) fn read(doc: &'a Document<'a>) -> Result<Self, Vec<Problem>> {
        let mut model = Self {
            text: doc.input_text(),
            root: doc.root_element(),
            elements: Vec::new(),
            index: BTreeMap::new(),
            types: BTreeMap::new(),
            declared: Declared::default(),
            imports: Vec::new(),
        };
        for node in model.root.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "inputData" => model.element(node, Kind::Input),
                "decision" => model.element(node, Kind::Decision),
                "businessKnowledgeModel" => model.element(node, Kind::Knowledge),
                "decisionService" => model.element(node, Kind::Service),
                "itemDefinition" => {
                    let name = node.attribute("name").unwrap_or_default().trim();
                    model.types.insert(name.to_owned(), type_of(node));
                }
                "import" => model
                    .imports
                    .extend(node.attribute("name").map(str::to_owned)),
                _ => {}
            }
        }
        for node in model.root.descendants().filter(Node::is_element) {
            let names = [
                "variable",
                "formalParameter",
                "parameter",
                "itemComponent",
                "import",
                "column",
                "output",
            ];
            if names.contains(&node.tag_name().name()) {
                node.attribute("name")
                    .into_iter()
                    .for_each(|name| model.declared.add(name));
            }
            node.attribute("iteratorVariable")
                .into_iter()
                .for_each(|name| model.declared.add(name));
        }
        for element in &model.elements {
            model.declared.add(&element.variable);
            model.declared.add(&element.name);
        }
        let edges: usize = model
            .elements
            .iter()
            .map(|element| element.needs.len())
            .sum();
        if model.elements.len() > MAX_ELEMENTS || edges > MAX_NEEDS {
            return Err(vec![Problem::whole(format!(
                "决策图过大：至多 {MAX_ELEMENTS} 个元素、{MAX_NEEDS} 条依赖"
            ))]);
        }
        let mut problems = model.cycles();
        if problems.is_empty() {
            problems.extend(model.paths());
        }
        problems.extend(model.unfolded());
        if problems.is_empty() {
            Ok(model)
        } else {
            Err(problems)
        }
    }

    fn element(&mut self, node: Node<'a, 'a>, kind: Kind) {
        let name = node.attribute("name").unwrap_or_default().trim().to_owned();
        let variable = child(node, "variable");
        let mut needs = Vec::new();
        let links: &[&str] = match kind {
            Kind::Service => &["outputDecision"],
            _ => &["requiredDecision", "requiredInput", "requiredKnowledge"],
        };
        let own = self.root.attribute("namespace").unwrap_or_default();
        for link in node
            .descendants()
            .filter(|link| links.contains(&link.tag_name().name()))
        {
            if let Some((space, id)) = link
                .attribute("href")
                .and_then(|href| href.rsplit_once('#'))
                && (space.is_empty() || space == own)
            {
                needs.push(id.to_owned());
            }
        }
        let logic = match kind {
            Kind::Knowledge => child(node, "encapsulatedLogic"),
            _ => logic(node),
        };
        let id = node.attribute("id").unwrap_or_default().to_owned();
        self.index.insert(id.clone(), self.elements.len());
        self.elements.push(Element {
            kind,
            id,
            variable: variable
                .and_then(|variable| variable.attribute("name"))
                .map_or_else(
                    || normal(&name).to_string(),
                    |name| normal(name).to_string(),
                ),
            type_ref: variable
                .and_then(|variable| variable.attribute("typeRef"))
                .map(str::to_owned),
            name,
            needs,
            node,
            logic,
        });
    }

    pub(super) fn by_id(&self, id: &str) -> Option<&Element<'a>> {
        self.index.get(id).map(|at| &self.elements[*at])
    }

    /// A problem at an element.
    pub(super) fn problem(&self, node: Node<'_, '_>, message: String) -> Problem {
        let named = node
            .ancestors()
            .find_map(|node| node.attribute("name").or_else(|| node.attribute("id")));
        Problem::at(
            named.unwrap_or_default(),
            line(self.text, node.range().start),
            message,
        )
    }

    /// What needs itself, over however many steps.
    fn cycles(&self) -> Vec<Problem> {
        // 0 not seen, 1 on the way, 2 done.
        let mut state = vec![0u8; self.elements.len()];
        for start in 0..self.elements.len() {
            let mut way = vec![(start, 0usize)];
            while let Some((at, next)) = way.pop() {
                if next == 0 && state[at] == 2 {
                    continue;
                }
                state[at] = 1;
                let Some(id) = self.elements[at].needs.get(next) else {
                    state[at] = 2;
                    continue;
                };
                way.push((at, next + 1));
                match self.index.get(id).map(|to| (*to, state[*to])) {
                    Some((to, 1)) => {
                        let element = &self.elements[to];
                        return vec![self.problem(
                            element.node,
                            format!("“{}”直接或间接地依赖它自己，不能计算", element.name),
                        )];
                    }
                    Some((to, 0)) if way.len() < 200 => way.push((to, 0)),
                    Some((_, 0)) => {
                        return vec![Problem::whole("决策之间的依赖过深：至多 200 层".to_owned())];
                    }
                    _ => {}
                }
            }
        }
        Vec::new()
    }

    /// The library decides anew for everyone who asks, so two layers that ask each other crosswise double the work.
    fn paths(&self) -> Vec<Problem> {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for element in self
            .elements
            .iter()
            .flat_map(|element| self.order(&element.id))
        {
            if counts.contains_key(element.id.as_str()) {
                continue;
            }
            let needs = element
                .needs
                .iter()
                .filter_map(|id| counts.get(id.as_str()));
            let count = needs.fold(1u64, |sum, count| sum.saturating_add(*count));
            if count > MAX_PATHS {
                return vec![self.problem(
                    element.node,
                    format!(
                        "“{}”要重复计算的决策过多：至多 {MAX_PATHS} 次",
                        element.name
                    ),
                )];
            }
            counts.insert(&element.id, count);
        }
        Vec::new()
    }

    /// Types that unfold to too much, or contain themselves.
    fn unfolded(&self) -> Vec<Problem> {
        for (name, kind) in &self.types {
            let mut left = MAX_TYPE;
            if !self.fits(kind, &mut left, 0) {
                return vec![Problem::at(
                    name,
                    0,
                    format!("类型“{name}”包含它自己，或展开后过大（至多 {MAX_TYPE} 个成员）"),
                )];
            }
        }
        Vec::new()
    }

    fn fits(&self, kind: &Type, left: &mut usize, depth: usize) -> bool {
        if *left == 0 || depth > 60 {
            return false;
        }
        *left -= 1;
        let base = kind.base.as_ref().and_then(|base| self.types.get(base));
        base.is_none_or(|base| self.fits(base, left, depth + 1))
            && kind
                .parts
                .iter()
                .all(|(_, part)| self.fits(part, left, depth + 1))
    }

    /// The library's type for a reference, to coerce a result.
    pub(super) fn feel_type(&self, name: &str) -> Option<FeelType> {
        match self.types.get(name) {
            Some(kind) => self.unfold(kind),
            None => name.parse().ok(),
        }
    }

    fn unfold(&self, kind: &Type) -> Option<FeelType> {
        let one = match (&kind.base, &kind.parts[..]) {
            (Some(base), []) => self.feel_type(base)?,
            (None, []) => FeelType::Any,
            (_, parts) => FeelType::Context(
                parts
                    .iter()
                    .map(|(name, part)| Some((Name::from(name.as_str()), self.unfold(part)?)))
                    .collect::<Option<_>>()?,
            ),
        };
        Some(if kind.list {
            FeelType::List(Box::new(one))
        } else {
            one
        })
    }

    /// Ids of everything an element needs, what is needed first, itself last.
    pub(super) fn order(&self, id: &str) -> Vec<&Element<'a>> {
        let mut order: Vec<&Element<'a>> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut way: Vec<(&Element<'a>, usize)> = self
            .by_id(id)
            .map(|element| (element, 0))
            .into_iter()
            .collect();
        while let Some((element, next)) = way.pop() {
            match element.needs.get(next) {
                None => order.push(element),
                Some(id) => {
                    way.push((element, next + 1));
                    if seen.insert(id.as_str()) {
                        way.extend(self.by_id(id).map(|element| (element, 0)));
                    }
                }
            }
        }
        order
    }
}

fn type_of(node: Node<'_, '_>) -> Type {
    Type {
        base: node
            .children()
            .find(|child| child.tag_name().name() == "typeRef")
            .and_then(|base| base.text())
            .map(|base| base.trim().to_owned()),
        parts: node
            .children()
            .filter(|child| child.tag_name().name() == "itemComponent")
            .map(|part| {
                let name = part.attribute("name").unwrap_or_default();
                (normal(name).to_string(), type_of(part))
            })
            .collect(),
        list: node.attribute("isCollection") == Some("true"),
    }
}
