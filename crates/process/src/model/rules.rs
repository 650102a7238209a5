//! Which decisions a file asks.

use super::{Binding, Definition, Kind, Text};
use crate::engine::Id;

/// A business rule task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleView<'a> {
    /// Element id.
    pub element: &'a Id,
    /// Name in the picture.
    pub name: &'a str,
    /// Line in the file.
    pub line: u32,
    /// Id or name of the decision; `None`: only a variable tells.
    pub decision: Option<&'a str>,
    /// Which version is asked.
    pub binding: &'a Binding,
}

impl Definition {
    /// The business rule tasks in document order.
    pub fn rules(&self) -> impl Iterator<Item = RuleView<'_>> {
        self.nodes.iter().filter_map(|node| match &node.kind {
            Kind::Rule(rule) => Some(RuleView {
                element: &node.id,
                name: &node.name,
                line: node.line,
                decision: match &rule.decision {
                    Text::Plain(name) => Some(&**name),
                    Text::Formula(_) => None,
                },
                binding: &rule.binding,
            }),
            _ => None,
        })
    }
}
