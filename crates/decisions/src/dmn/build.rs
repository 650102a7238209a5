//! From a file to something that can be asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use dsntk_feel::Name;
use dsntk_feel_parser::AstNode;
use dsntk_model::{Definitions, DmnElement, NamedElement};
use dsntk_model_evaluator::ModelEvaluator;
use roxmltree::{Document, Node};

use super::boxed::{Boxes, Cells};
use super::form::{Form, basic};
use super::model::{Element, Kind, Model, all, child, text};
use super::table::Table;
use super::view::view;
use super::xml::{self, line};
use super::{Decisions, Entry, Input, Known, Problem, Warning};
use crate::cost::Budget;
use crate::feel::{contained, normal};
use crate::tree::{Free, children, named};

type Built = Result<(Decisions, Vec<Warning>), Vec<Problem>>;

/// What the names of a decision's logic say.
struct Logic {
    tree: AstNode,
    /// Names that nothing declares: they become inputs.
    unknown: BTreeSet<String>,
}

pub(super) fn build(file: &[u8], imported: &[&[u8]]) -> Built {
    let (text, mut warnings) = xml::take(file)?;
    let mut others = Vec::new();
    for file in imported {
        others.push(xml::take(file)?.0);
    }
    let doc = document(&text)?;
    let model = Model::read(&doc)?;
    let other_docs = others
        .iter()
        .map(|text| document(text))
        .collect::<Result<Vec<_>, _>>()?;
    let other_models = other_docs
        .iter()
        .map(Model::read)
        .collect::<Result<Vec<_>, _>>()?;
    let mut boxes = Boxes {
        model: &model,
        problems: Vec::new(),
    };
    let logics = logics(&mut boxes, &mut warnings);
    if !boxes.problems.is_empty() {
        return Err(boxes.problems);
    }
    let mut weave = Weave::new(&model);
    let mut tables = BTreeMap::new();
    for element in model
        .elements
        .iter()
        .filter(|element| element.kind == Kind::Decision)
    {
        let unknown = &logics[&element.id].unknown;
        let requirements = weave.inputs(element, unknown);
        if let Some(node) = element
            .logic
            .filter(|node| node.tag_name().name() == "decisionTable")
        {
            let cells = Cells::read(&mut boxes, node);
            let names = cell_names(&cells);
            let asked = weave.values(element, &requirements, &cells, &names);
            let table = Table::new(node, cells, names)
                .map_err(|error| vec![model.problem(node, error.0)])?;
            tables.insert(element.id.clone(), (table, asked));
        }
    }
    let woven = weave.finish();
    let mut definitions = vec![definitions(&woven)?];
    for other in &others {
        definitions.push(self::definitions(other)?);
    }
    let namespace = definitions[0].namespace().to_owned();
    let name = definitions[0].name().to_owned();
    let evaluator = contained(|| ModelEvaluator::new(&definitions))
        .map_err(|error| vec![Problem::whole(error.0)])?
        .map_err(|error| vec![Problem::whole(format!("文件不能执行：{error}"))])?;
    let functions = functions(&model, &logics);
    let id = model.root.attribute("id").unwrap_or_default().trim();
    let id = if id.is_empty() { &name } else { id }.to_owned();
    let entries: Vec<Entry> = model
        .elements
        .iter()
        .filter(|element| element.kind != Kind::Input)
        .map(|element| {
            entry(
                &model,
                &other_models,
                &logics,
                element,
                tables.remove(&element.id),
            )
        })
        .collect();
    let views = entries.iter().filter_map(|entry| {
        let names: Vec<String> = entry.inputs.iter().map(|i| i.name.clone()).collect();
        let mut elements = model.elements.iter();
        let element = elements.find(|e| e.id == entry.id && e.name == entry.name)?;
        Some(view(&model, element, &names))
    });
    let views = views.collect();
    Ok((
        Decisions {
            id,
            namespace,
            model: name,
            evaluator,
            entries,
            functions,
            views,
            imports: model.imports.clone(),
        },
        warnings,
    ))
}

fn document(text: &str) -> Result<Document<'_>, Vec<Problem>> {
    Document::parse(text).map_err(|error| {
        let message = format!("不是有效的 XML：{error}");
        vec![Problem::at("", error.pos().row, message)]
    })
}

fn definitions(text: &str) -> Result<Definitions, Vec<Problem>> {
    let text = xml::ascii_ids(text);
    contained(|| dsntk_model::parse(&text))
        .map_err(|error| vec![Problem::whole(error.0)])?
        .map_err(|error| vec![Problem::whole(format!("不是有效的 DMN 文件：{error}"))])
}

/// The trees of all elements, by id, and warnings about names that nothing declares.
fn logics(boxes: &mut Boxes<'_, '_>, warnings: &mut Vec<Warning>) -> BTreeMap<String, Logic> {
    let model = boxes.model;
    let mut logics = BTreeMap::new();
    for element in &model.elements {
        let tree = match (element.kind, element.logic) {
            (Kind::Knowledge, Some(node)) => boxes.function(node),
            (_, Some(node)) => boxes.expression(node),
            _ => AstNode::Null,
        };
        let mut declared: BTreeSet<&str> = model.imports.iter().map(String::as_str).collect();
        for need in element.needs.iter().filter_map(|id| model.by_id(id)) {
            declared.insert(&need.variable);
            declared.insert(&need.name);
        }
        // Knowledge may call itself.
        declared.insert(&element.variable);
        let mut unknown = Free::of(&tree).sure;
        unknown.retain(|name| !declared.contains(name.as_str()) && !crate::tree::is_function(name));
        for name in &unknown {
            let message = match element.kind {
                Kind::Decision => format!("“{name}”没有声明为输入；已当作“{}”的输入", element.name),
                _ => format!("“{name}”没有声明，值总是空的"),
            };
            warnings.push(Warning(Problem::at(
                &element.name,
                line(model.text, element.node.range().start),
                message,
            )));
        }
        logics.insert(element.id.clone(), Logic { tree, unknown });
    }
    logics
}

/// Names that the cells read, besides the values of the columns.
fn cell_names(cells: &Cells) -> Vec<Name> {
    let mut names = BTreeSet::new();
    let mut read = |tree: &AstNode| names.extend(Free::of(tree).all());
    for row in &cells.rules {
        row.inputs.iter().flatten().for_each(&mut read);
        row.outputs.iter().for_each(&mut read);
    }
    let inputs = cells
        .inputs
        .iter()
        .filter_map(|input| input.allowed.as_ref());
    let outputs = cells
        .outputs
        .iter()
        .flat_map(|output| output.allowed.iter().chain(&output.default));
    inputs.chain(outputs).for_each(read);
    names.into_iter().map(Name::from).collect()
}

/// Additions to the text of a file before the library reads it: inputs for undeclared names, and beside each decision table
/// a decision that gives the values of its columns, so that our own rules see what the library's would see.
struct Weave<'m, 'a> {
    model: &'m Model<'a>,
    additions: Vec<(usize, String)>,
    end: String,
    known: BTreeMap<String, String>,
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

impl<'m, 'a> Weave<'m, 'a> {
    fn new(model: &'m Model<'a>) -> Self {
        Self {
            model,
            additions: Vec::new(),
            end: String::new(),
            known: BTreeMap::new(),
        }
    }

    /// The prefix of an element's name as written, with its colon.
    fn prefix(&self, node: Node<'_, '_>) -> &'a str {
        let tag = self
            .model
            .text
            .get(node.range().start + 1..)
            .unwrap_or_default();
        let end = tag
            .find(|ch: char| ch.is_whitespace() || ch == '>' || ch == '/')
            .unwrap_or(0);
        tag[..end].rfind(':').map_or("", |colon| &tag[..=colon])
    }

    /// Declares undeclared names of a decision as inputs; gives back the requirements as text.
    fn inputs(&mut self, element: &Element<'a>, unknown: &BTreeSet<String>) -> String {
        let p = self.prefix(element.node);
        let mut requirements = String::new();
        for name in unknown {
            let id = match self.known.get(name) {
                Some(id) => id.clone(),
                None => {
                    let id = format!("tongban-input-{}", self.known.len() + 1);
                    let kind = typed(self.model, element, name)
                        .map(|kind| format!(" typeRef=\"{}\"", escape(kind)))
                        .unwrap_or_default();
                    let name = escape(name);
                    let root = self.prefix(self.model.root);
                    let _ = write!(
                        self.end,
                        "<{root}inputData id=\"{id}\" name=\"{name}\"><{root}variable name=\"{name}\"{kind}/></{root}inputData>"
                    );
                    self.known.insert(name.clone(), id.clone());
                    id
                }
            };
            let _ = write!(
                requirements,
                "<{p}informationRequirement><{p}requiredInput href=\"#{id}\"/></{p}informationRequirement>"
            );
        }
        if let Some(logic) = element.logic.filter(|_| !requirements.is_empty()) {
            self.additions
                .push((logic.range().start, requirements.clone()));
        }
        requirements
    }

    /// A decision with the values of a table's columns and of the names its cells read; gives back its name.
    fn values(
        &mut self,
        element: &Element<'a>,
        more: &str,
        cells: &Cells,
        names: &[Name],
    ) -> String {
        let p = self.prefix(element.node);
        let name = format!("tongban columns {}", self.additions.len() + self.end.len());
        let _ = write!(
            self.end,
            "<{p}decision id=\"{0}\" name=\"{0}\"><{p}variable name=\"{0}\"/>{more}",
            name
        );
        for kind in ["informationRequirement", "knowledgeRequirement"] {
            for requirement in all(element.node, kind) {
                self.end.push_str(&self.model.text[requirement.range()]);
            }
        }
        let _ = write!(self.end, "<{p}list>");
        let inputs = cells.inputs.iter().map(|input| input.text.as_str());
        for text in inputs.chain(names.iter().map(Name::as_str)) {
            let text = escape(text);
            let _ = write!(
                self.end,
                "<{p}literalExpression><{p}text>{text}</{p}text></{p}literalExpression>"
            );
        }
        let _ = write!(self.end, "</{p}list></{p}decision>");
        name
    }

    fn finish(mut self) -> String {
        let text = self.model.text;
        let close = text.rfind("</").unwrap_or(text.len());
        self.additions.sort_by_key(|(at, _)| *at);
        self.additions.push((close, self.end));
        let mut woven = String::with_capacity(text.len() * 2);
        let mut from = 0;
        for (at, addition) in &self.additions {
            woven.push_str(&text[from..*at]);
            woven.push_str(addition);
            from = *at;
        }
        woven.push_str(&text[from..]);
        woven
    }
}

/// The type that a table gives a name in an input column, if it is a basic one.
fn typed<'a>(model: &Model<'a>, element: &Element<'a>, name: &str) -> Option<&'a str> {
    let inputs = element
        .logic
        .into_iter()
        .flat_map(|logic| all(logic, "input"));
    inputs
        .filter_map(|input| child(input, "inputExpression"))
        .find(|value| normal(text(*value).trim()).as_str() == name)?
        .attribute("typeRef")
        .filter(|kind| basic(kind) || model.types.contains_key(*kind))
}

/// The functions of a file, for the walk: knowledge and services.
fn functions(model: &Model<'_>, logics: &BTreeMap<String, Logic>) -> Vec<Known> {
    let mut known = Vec::new();
    for element in &model.elements {
        let (parameters, body) = match (element.kind, &logics[&element.id].tree) {
            (Kind::Knowledge, AstNode::FunctionDefinition(parameters, body)) => {
                (formal(parameters), (**body).clone())
            }
            (Kind::Service, _) => {
                let names = service_inputs(model, element);
                (names, steps(model, logics, &element.id))
            }
            _ => continue,
        };
        known.push(Known {
            name: element.variable.clone(),
            parameters,
            body: Arc::new(body),
        });
    }
    known
}

fn formal(node: &AstNode) -> Vec<String> {
    let mut names = Vec::new();
    children(node, &mut |parameter| {
        if let AstNode::FormalParameter(name, _) = parameter {
            names.extend(named(name));
        }
    });
    names
}

fn service_inputs(model: &Model<'_>, element: &Element<'_>) -> Vec<String> {
    let links = ["inputDecision", "inputData"];
    let mut names = Vec::new();
    for link in links {
        for node in element
            .node
            .children()
            .filter(|node| node.tag_name().name() == link)
        {
            let id = node
                .attribute("href")
                .and_then(|href| href.rsplit('#').next());
            names.extend(
                id.and_then(|id| model.by_id(id))
                    .map(|input| input.variable.clone()),
            );
        }
    }
    names
}

/// Everything that is decided on the way to an element, in order, as one context.
fn steps(model: &Model<'_>, logics: &BTreeMap<String, Logic>, id: &str) -> AstNode {
    let decisions = model
        .order(id)
        .into_iter()
        .filter(|element| element.kind == Kind::Decision);
    let entries = decisions.map(|element| {
        let key = AstNode::ContextEntryKey(Name::from(element.variable.as_str()));
        AstNode::ContextEntry(Box::new(key), Box::new(logics[&element.id].tree.clone()))
    });
    AstNode::Context(entries.collect())
}

fn entry(
    model: &Model<'_>,
    others: &[Model<'_>],
    logics: &BTreeMap<String, Logic>,
    element: &Element<'_>,
    table: Option<(Table, String)>,
) -> Entry {
    let order = model.order(&element.id);
    let mut inputs: Vec<Input> = Vec::new();
    let mut add = |name: &str, kind: Option<&str>| {
        if !inputs.iter().any(|input| input.name == name) {
            let form = kind.map_or(Form::Plain, |kind| Form::of(model, kind));
            inputs.push(Input {
                name: name.to_owned(),
                feel: Name::from(name),
                form,
            });
        }
    };
    match element.kind {
        Kind::Service => {
            for name in service_inputs(model, element) {
                let input = model.elements.iter().find(|input| input.variable == name);
                add(&name, input.and_then(|input| input.type_ref.as_deref()));
            }
        }
        Kind::Knowledge => {
            if let AstNode::FunctionDefinition(parameters, _) = &logics[&element.id].tree {
                formal(parameters).iter().for_each(|name| add(name, None));
            }
        }
        _ => {
            for need in &order {
                if need.kind == Kind::Input {
                    add(&need.variable, need.type_ref.as_deref());
                } else if need.kind == Kind::Decision {
                    for name in &logics[&need.id].unknown {
                        add(name, typed(model, need, name));
                    }
                }
            }
            if !model.imports.is_empty() {
                model.imports.iter().for_each(|name| add(name, None));
                let foreign = others.iter().flat_map(|other| &other.elements);
                for input in foreign.filter(|input| input.kind == Kind::Input) {
                    add(&input.variable, None);
                }
            }
        }
    }
    let costly = order
        .iter()
        .any(|need| Budget::needed(&logics[&need.id].tree));
    Entry {
        kind: element.kind,
        id: element.id.clone(),
        name: element.name.clone(),
        inputs,
        table,
        result: element
            .type_ref
            .as_deref()
            .and_then(|kind| model.feel_type(kind)),
        walk: costly.then(|| steps(model, logics, &element.id)),
    }
}
