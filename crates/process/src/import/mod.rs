//! From a BPMN file to a [`Definition`]: what is not executed is refused by name, with element id and line.

mod activities;
mod binding;
mod countersign;
mod events;
mod link;
mod nodes;
mod outside;
mod process;
mod vendor;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::diagram;
use crate::engine::Id;
use crate::feel::{Expression, Expressions, Feel};
use crate::model::{Definition, Text};
use crate::xml::{self, Element};

/// Namespace of our own attributes: `post`, `organ`, `form`, `limit`, `act`, `service`, `outcome`, `calendar`,
/// `variable`, `variables`, `collection`, `item`, `decision`, `binding`.
pub const TB_NAMESPACE: &str = "http://tongban.dev/bpmn";
pub(crate) const BPMN: &str = "http://www.omg.org/spec/BPMN/20100524/MODEL";
/// Most errors and warnings that are reported for one file.
const MAX_REPORTS: usize = 200;

/// Why a file is not deployed. All reasons are given at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportError {
    /// Stable code of the rule, e.g. `not-executed`.
    pub rule: &'static str,
    /// Id of the element, if it has one.
    pub element: Option<String>,
    /// Line in the file, from 1.
    pub line: u32,
    /// For the person who uploaded the file.
    pub message: String,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "第 {} 行", self.line)?;
        if let Some(element) = &self.element {
            write!(f, "，元素 {element}")?;
        }
        write!(f, "：{}", self.message)
    }
}

impl std::error::Error for ImportError {}

/// Something kept in the file but not executed, or understood in our own way.
pub type Warning = ImportError;

pub(crate) struct Reports {
    errors: Vec<ImportError>,
    warnings: Vec<Warning>,
}

impl Reports {
    fn push(list: &mut Vec<ImportError>, report: ImportError) {
        if list.len() < MAX_REPORTS {
            list.push(report);
        }
    }

    fn report(rule: &'static str, e: &Element, message: String) -> ImportError {
        let element = e.attr("id").map(|id| id.chars().take(200).collect());
        ImportError {
            rule,
            element,
            line: e.line,
            message,
        }
    }

    pub(crate) fn error_at(&mut self, rule: &'static str, id: &str, line: u32, message: String) {
        let element = Some(id.to_owned());
        Self::push(
            &mut self.errors,
            ImportError {
                rule,
                element,
                line,
                message,
            },
        );
    }

    pub(crate) fn warn_at(&mut self, rule: &'static str, id: &str, line: u32, message: String) {
        let element = Some(id.to_owned());
        Self::push(
            &mut self.warnings,
            ImportError {
                rule,
                element,
                line,
                message,
            },
        );
    }

    pub(crate) fn error(&mut self, rule: &'static str, e: &Element, message: impl Into<String>) {
        Self::push(&mut self.errors, Self::report(rule, e, message.into()));
    }

    pub(crate) fn warn(&mut self, rule: &'static str, e: &Element, message: impl Into<String>) {
        Self::push(&mut self.warnings, Self::report(rule, e, message.into()));
    }
}

/// What stands in for a script or a service of another engine, by the id of its element or by its text.
#[derive(Debug, Clone, PartialEq)]
pub enum Stand {
    /// Nothing happens.
    Nothing,
    /// Variables are set to FEEL texts, in this order.
    Set(Vec<(String, String)>),
    /// A trace is left.
    Trace(String),
    /// A business error is thrown.
    Fail(String),
}

/// How a file is read.
pub struct Options<'l> {
    /// The expression language.
    pub language: &'l dyn Expressions,
    /// Foreign expression text → FEEL text.
    pub expressions: BTreeMap<String, String>,
    /// See [`Stand`].
    pub stands: BTreeMap<String, Stand>,
    /// Whether listeners and the like of other engines are only told, not refused: for trying a file, never for publishing it.
    pub lenient: bool,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            language: &Feel,
            expressions: BTreeMap::new(),
            stands: BTreeMap::new(),
            lenient: false,
        }
    }
}

/// Compiles formulas and remembers which variables they read.
pub(crate) struct Formulas<'l> {
    pub(crate) options: &'l Options<'l>,
    /// Variables that the process declares in `tb:variables`, if it does.
    pub(crate) declared: Option<BTreeSet<String>>,
    /// Names that the file itself gives values to.
    pub(crate) known: BTreeSet<String>,
    pub(crate) used: Vec<(String, String, u32)>,
}

impl Formulas<'_> {
    /// Compiles; on failure reports and gives nothing.
    pub(crate) fn compile(
        &mut self,
        text: &str,
        e: &Element,
        owner: &Element,
        reports: &mut Reports,
    ) -> Option<Arc<dyn Expression>> {
        let text = text.trim();
        let mapped = self.options.expressions.get(text);
        let inner = text
            .strip_prefix("${")
            .or_else(|| text.strip_prefix("#{"))
            .and_then(|t| t.strip_suffix('}'));
        let (source, foreign) = match (mapped, inner) {
            (Some(feel), _) => (feel.strip_prefix('=').unwrap_or(feel).to_owned(), false),
            (None, Some(inner)) => (from_juel(inner), true),
            (None, None) => (text.strip_prefix('=').unwrap_or(text).to_owned(), false),
        };
        if foreign && calls_method(&source) {
            let message = format!("表达式 {text:.100}：调用了方法，只能理解比较和运算");
            reports.error("expression", owner, message);
            return None;
        }
        match self.options.language.compile(&source) {
            Ok(expression) => {
                if foreign {
                    let message = format!("表达式 {text:.100} 已按 FEEL 理解为 {source:.100}");
                    reports.warn("juel-translated", owner, message);
                }
                for name in expression.names() {
                    self.used.push((
                        name,
                        owner.attr("id").unwrap_or_default().to_owned(),
                        e.line,
                    ));
                }
                Some(expression)
            }
            Err(why) => {
                reports.error("expression", owner, format!("表达式 {text:.100}：{why}"));
                None
            }
        }
    }

    /// A plain text, or a formula if it starts with `=`, is `${…}`, or is one of the foreign expressions with a translation.
    pub(crate) fn text(
        &mut self,
        text: &str,
        owner: &Element,
        reports: &mut Reports,
    ) -> Option<Text> {
        let text = text.trim();
        if self.is_formula(text) {
            return self.compile(text, owner, owner, reports).map(Text::Formula);
        }
        (!text.is_empty()).then(|| Text::Plain(Arc::from(text)))
    }

    pub(crate) fn is_formula(&self, text: &str) -> bool {
        text.starts_with('=')
            || text.starts_with("${")
            || text.starts_with("#{")
            || self.options.expressions.contains_key(text)
    }
}

/// Whether a translated text calls a method of an object, which FEEL would read as something else.
fn calls_method(text: &str) -> bool {
    let mut quoted = false;
    let mut after_dot = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '.' => after_dot = true,
            '(' if after_dot => return true,
            c if c.is_alphanumeric() || c == '_' => {}
            _ => after_dot = false,
        }
    }
    false
}

/// Plain comparisons of the Java engines; whatever else they contain does not compile and is refused.
fn from_juel(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut quote = None;
    while let Some(c) = rest.chars().next() {
        let pairs = [("==", "="), ("&&", " and "), ("||", " or "), ("!=", "!=")];
        let pair = pairs
            .iter()
            .find(|(from, _)| quote.is_none() && rest.starts_with(from));
        let length = match (pair, quote) {
            (Some((from, to)), _) => {
                out.push_str(to);
                from.len()
            }
            (None, None) if c == '\'' || c == '"' => {
                quote = Some(c);
                out.push('"');
                1
            }
            (None, Some(q)) if c == q => {
                quote = None;
                out.push('"');
                1
            }
            (None, Some('\'')) if c == '"' => {
                out.push_str("\\\"");
                1
            }
            _ => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

impl Definition {
    /// Reads and compiles a BPMN file for publication, with FEEL as expression language.
    ///
    /// Errors are complete: every element that is not executed is named, with its line.
    pub fn parse(xml: &[u8]) -> Result<(Self, Vec<Warning>), Vec<ImportError>> {
        Self::parse_with(xml, &Options::default())
    }

    /// The same, read as `options` say.
    pub fn parse_with(
        xml: &[u8],
        options: &Options<'_>,
    ) -> Result<(Self, Vec<Warning>), Vec<ImportError>> {
        let root = xml::read(xml).map_err(|e| {
            vec![ImportError {
                rule: "xml",
                element: None,
                line: e.line,
                message: e.why,
            }]
        })?;
        let mut reports = Reports {
            errors: Vec::new(),
            warnings: Vec::new(),
        };
        let mut formulas = Formulas {
            options,
            declared: None,
            known: BTreeSet::new(),
            used: Vec::new(),
        };
        let parts = process::read(&root, &mut formulas, &mut reports);
        let Some(mut parts) = parts.filter(|_| reports.errors.is_empty()) else {
            return Err(reports.errors);
        };
        parts.diagram = diagram::read(&root);
        parts.xml = Arc::from(xml);
        parts.hash = hex::encode(Sha256::digest(xml));
        Ok((Self::assemble(parts), reports.warnings))
    }
}

/// A BPMN file as it is written back: the bytes that came in, so nothing is lost, whether it is executed or only kept. Whatever is no
/// BPMN 2.0 document is refused.
pub fn export(xml: &[u8]) -> Result<&[u8], ImportError> {
    let wrong = |line, message| ImportError {
        rule: "xml",
        element: None,
        line,
        message,
    };
    let root = xml::read(xml).map_err(|e| wrong(e.line, e.why))?;
    if root.name != "definitions" || &*root.ns != BPMN {
        let found: String = root.name.chars().take(60).collect();
        let message = format!("根元素应为 BPMN 2.0 的 definitions，实为 {found}");
        return Err(wrong(root.line, message));
    }
    Ok(xml)
}

/// Trimmed attribute of our namespace.
pub(crate) fn tb<'a>(e: &'a Element, name: &str) -> Option<&'a str> {
    e.attr_ns(TB_NAMESPACE, name)
        .map(str::trim)
        .filter(|v| !v.is_empty())
}

pub(crate) fn id(text: &str) -> Id {
    Arc::from(text)
}

#[cfg(test)]
mod tests;
