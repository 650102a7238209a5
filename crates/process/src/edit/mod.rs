//! Lossless edits of a process file: for the outline editor, and for whatever changes a file without drawing.
//!
//! A [`Model`] is the text of a file, executable or not yet. [`Model::apply`] gives the text after an [`Edit`]: what the edit does not
//! concern stays byte for byte, extensions, comments and diagram included. An edit that has no plain meaning is [`Refused`] with the
//! reason, and the model stays as it was. New ids are the first free numbers, so the same edit gives the same bytes.
//!
//! BPMN 2.0.2 (OMG formal/2013-12-09): 7.6.1 and 8.3.13 for flows, 10.8 for lanes, 12 for the diagram.

mod branch;
mod drawing;
mod flows;
mod graph;
mod lanes;
mod nest;
mod nodes;
mod outline;
mod redraw;
mod route;
mod sort;
mod tree;
mod values;

pub use outline::{Branch, Item, Line, Outline, Way};
pub use sort::{GATEWAYS, Sort, TASKS};
pub use values::{Details, Repetition, Setting, Timed};

use crate::import::BPMN;
use tree::Doc;

/// Longest name, characters.
pub const NAME_MAX: usize = 200;
/// Longest formula, script or list, characters.
pub const FORMULA_MAX: usize = 4_000;

/// Why an edit was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// Stable code, e.g. `branches`.
    pub rule: &'static str,
    /// The element that it is about.
    pub element: Option<String>,
    /// For the administrator.
    pub message: String,
}

impl Refused {
    pub(crate) fn new(rule: &'static str, id: Option<&str>, message: impl Into<String>) -> Self {
        Self {
            rule,
            element: id.map(str::to_owned),
            message: message.into(),
        }
    }
}

/// Where something is put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On this sequence flow, between its ends.
    On(String),
    /// Behind this element: on its only flow, or as its continuation where it has none.
    After(String),
}

/// One change of a model. Elements, flows and lanes are named by their ids.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// A new element.
    Insert {
        place: Place,
        sort: Sort,
        name: String,
    },
    /// A gateway, one user task per name, and the gateway that joins them.
    Branches {
        place: Place,
        sort: Sort,
        names: Vec<String>,
    },
    /// One more way from a gateway: a new user task that leads to where the others meet, else to an end of its own.
    Branch { gateway: String, name: String },
    /// An event on an activity that a time triggers, leading to `to`, or to an end of its own.
    Timer {
        host: String,
        name: String,
        timed: Timed,
        interrupting: bool,
        to: Option<String>,
    },
    /// Takes an element out; what came to it goes on to what followed it.
    Remove { element: String },
    /// Takes an element out of its place and puts it into another of the same level.
    Move { element: String, place: Place },
    /// The name of an element, flow, lane or process.
    Rename { element: String, name: String },
    /// Another kind of task or of gateway.
    Retype { element: String, sort: Sort },
    /// Sets a value, or takes it away where it is empty.
    Set {
        element: String,
        setting: Setting,
        value: String,
    },
    /// When a timer fires.
    Time { element: String, timed: Timed },
    /// How an activity is repeated; `None`: not at all.
    Repeat {
        element: String,
        repetition: Option<Repetition>,
    },
    /// The condition of a flow; empty: none.
    Condition { flow: String, text: String },
    /// The flow that is taken where no condition holds; `None`: there is none.
    Default {
        element: String,
        flow: Option<String>,
    },
    /// A new flow.
    Connect { from: String, to: String },
    /// Takes a flow out.
    Disconnect { flow: String },
    /// Another target for a flow.
    Redirect { flow: String, to: String },
    /// A new lane in the process of the file that is executed.
    AddLane {
        name: String,
        post: String,
        organ: String,
    },
    /// Takes a lane out; what was in it is in none.
    RemoveLane { lane: String },
    /// The lane of an element; `None`: none.
    InLane {
        element: String,
        lane: Option<String>,
    },
    /// Puts an element into a new sub-process in its place.
    Enclose { element: String, name: String },
    /// Puts what is in a sub-process in its place.
    Dissolve { element: String },
    /// Draws the whole diagram anew; what the file drew is replaced.
    LayOut,
}

/// A process file, executable or not yet.
#[derive(Debug, Clone)]
pub struct Model {
    doc: Doc,
    bom: bool,
}

/// What an edit gave.
#[derive(Debug, Clone)]
pub struct Edited {
    /// The model after it.
    pub model: Model,
    /// The element to look at next: the new one, or that which was edited.
    pub at: String,
}

impl Model {
    /// Reads a file. Any BPMN document will do, executable or not; elements and flows without id get one, nothing else is changed.
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let (bytes, bom) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) => (rest, true),
            None => (bytes, false),
        };
        let text = std::str::from_utf8(bytes)
            .map_err(|_| Refused::new("xml", None, "文件不是 UTF-8 编码"))?;
        let mut doc = Doc::read(text.to_owned())?;
        doc.number()?;
        Ok(Self { doc, bom })
    }

    /// A process of a start and an end.
    pub fn blank(id: &str, name: &str) -> Result<Self, Refused> {
        let mut letters = id.chars();
        let starts = letters.next().is_some_and(|c| c.is_ascii_lowercase());
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !starts || id.len() > 60 || !letters.all(fits) {
            let message = "流程编号以小写字母开头，只含小写字母、数字和连字符，不超过 60 个字符";
            return Err(Refused::new("id", None, message));
        }
        let name = tree::escaped(named(name)?)?;
        let text = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="{BPMN}" xmlns:tb="{tb}" id="{id}_definitions" targetNamespace="http://tongban.dev/process" expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/">
  <bpmn:process id="{id}" name="{name}" isExecutable="true">
    <bpmn:startEvent id="start_1" name="开始" />
    <bpmn:endEvent id="end_1" name="结束" />
    <bpmn:sequenceFlow id="flow_1" sourceRef="start_1" targetRef="end_1" />
  </bpmn:process>
</bpmn:definitions>
"#,
            tb = crate::TB_NAMESPACE
        );
        Self::read(text.as_bytes())
    }

    /// The file.
    #[must_use]
    pub fn xml(&self) -> Vec<u8> {
        let mark: &[u8] = if self.bom { b"\xef\xbb\xbf" } else { b"" };
        [mark, self.doc.text.as_bytes()].concat()
    }

    /// The model after an edit; this one stays as it is.
    pub fn apply(&self, edit: &Edit) -> Result<Edited, Refused> {
        let mut doc = self.doc.clone();
        let at = doc.edit(edit)?;
        let bom = self.bom;
        Ok(Edited {
            model: Self { doc, bom },
            at,
        })
    }
}

/// A name that can be kept.
fn named(name: &str) -> Result<&str, Refused> {
    let name = name.trim();
    if name.chars().count() > NAME_MAX {
        let message = format!("名称不能超过 {NAME_MAX} 个字");
        return Err(Refused::new("name", None, message));
    }
    Ok(name)
}

impl Doc {
    fn edit(&mut self, edit: &Edit) -> Result<String, Refused> {
        match edit {
            Edit::Insert { place, sort, name } => self.insert(place, *sort, named(name)?),
            Edit::Branches { place, sort, names } => self.branches(place, *sort, names),
            Edit::Branch { gateway, name } => self.branch(gateway, named(name)?),
            Edit::Timer {
                host,
                name,
                timed,
                interrupting,
                to,
            } => self.timer(host, named(name)?, timed, *interrupting, to.as_deref()),
            Edit::Remove { element } => self.remove(element),
            Edit::Move { element, place } => self.relocate(element, place),
            Edit::Rename { element, name } => self.rename(element, named(name)?),
            Edit::Retype { element, sort } => self.retype(element, *sort),
            Edit::Set {
                element,
                setting,
                value,
            } => self.set(element, *setting, value),
            Edit::Time { element, timed } => self.time(element, timed),
            Edit::Repeat {
                element,
                repetition,
            } => self.repeat(element, repetition.as_ref()),
            Edit::Condition { flow, text } => self.condition(flow, text),
            Edit::Default { element, flow } => self.default_flow(element, flow.as_deref()),
            Edit::Connect { from, to } => self.connect(from, to),
            Edit::Disconnect { flow } => self.disconnect(flow),
            Edit::Redirect { flow, to } => self.redirect(flow, to),
            Edit::AddLane { name, post, organ } => self.add_lane(named(name)?, post, organ),
            Edit::RemoveLane { lane } => self.remove_lane(lane),
            Edit::InLane { element, lane } => self.in_lane(element, lane.as_deref()),
            Edit::Enclose { element, name } => self.enclose(element, named(name)?),
            Edit::Dissolve { element } => self.dissolve(element),
            Edit::LayOut => self.lay_out(),
        }
    }
}
