//! The control flow of a process as a workflow net (Petri net with one beginning and one end), for checking an event log against it.
//!
//! What a person does is a transition with the name of the task, as the event log names it; all else is silent. Conditions may come
//! out any way. What such a net cannot say without saying more than the process allows is refused by name.

use std::collections::{BTreeSet, VecDeque};

use thiserror::Error;

use crate::engine::Id;
use crate::model::{Definition, Kind, Node, Repeat, Throw};

/// Most markings that are looked at to make sure that the net ends properly.
const MAX_MARKINGS: usize = 20_000;

/// A step of the net; it takes one token from each place in `takes` and puts one on each in `puts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The element it stands for.
    pub element: Id,
    /// The name in the event log; `None`: silent.
    pub label: Option<String>,
    pub takes: Vec<usize>,
    pub puts: Vec<usize>,
}

/// Places are numbered from 0; place 0 is where it begins, place 1 where it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PetriNet {
    pub places: usize,
    pub transitions: Vec<Transition>,
}

/// Why a process has no such net.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoNet {
    #[error("“{name}”（{element}）不能写成工作流网：{why}")]
    Element {
        element: Id,
        name: String,
        why: &'static str,
    },
    #[error("流程可以留下令牌而结束，或者分支各自结束，不是只有一个终点的工作流网")]
    Ends,
    #[error("流程的状态超过 {MAX_MARKINGS} 种，不能断定它总能正常结束")]
    TooLarge,
}

const BEGIN: usize = 0;
const END: usize = 1;

struct Builder<'d> {
    def: &'d Definition,
    net: PetriNet,
    /// The place of each flow.
    flows: Vec<usize>,
}

/// The net of the main process.
///
/// # Errors
/// The first element that cannot be said, or that the net would not end properly.
pub fn petri_net(def: &Definition) -> Result<PetriNet, NoNet> {
    let mut builder = Builder {
        def,
        net: PetriNet {
            places: 2,
            transitions: Vec::new(),
        },
        flows: Vec::new(),
    };
    builder.flows = def.flows.iter().map(|_| builder.place()).collect();
    builder.scope(def.main, BEGIN, END)?;
    builder.net.ends_properly()?;
    Ok(builder.net)
}

fn refuse<T>(node: &Node, why: &'static str) -> Result<T, NoNet> {
    Err(NoNet::Element {
        element: node.id.clone(),
        name: node.name.to_string(),
        why,
    })
}

impl Builder<'_> {
    fn place(&mut self) -> usize {
        self.net.places += 1;
        self.net.places - 1
    }

    fn put(&mut self, node: &Node, label: Option<String>, takes: Vec<usize>, puts: Vec<usize>) {
        self.net.transitions.push(Transition {
            element: node.id.clone(),
            label,
            takes,
            puts,
        });
    }

    fn silent(&mut self, node: &Node, takes: Vec<usize>, puts: Vec<usize>) {
        self.put(node, None, takes, puts);
    }

    fn places(&self, flows: &[usize]) -> Vec<usize> {
        flows
            .iter()
            .filter_map(|f| self.flows.get(*f).copied())
            .collect()
    }

    /// A process or embedded sub-process between two places.
    fn scope(&mut self, scope: usize, begin: usize, end: usize) -> Result<(), NoNet> {
        let def = self.def;
        let Some(body) = def.scopes.get(scope) else {
            return Ok(());
        };
        for node in &body.nodes {
            self.node(def.node(*node), begin, end)?;
        }
        if body.start.is_none() {
            // Without a start event everything to which nothing leads begins.
            let begun: Vec<usize> = body.first.iter().map(|_| self.place()).collect();
            if let Some(first) = body.first.first() {
                self.silent(def.node(*first), vec![begin], begun.clone());
            }
            for (node, place) in body.first.iter().zip(begun) {
                self.act(def.node(*node), place, end)?;
            }
        }
        Ok(())
    }

    fn node(&mut self, node: &Node, begin: usize, end: usize) -> Result<(), NoNet> {
        let (incoming, outgoing) = (self.places(&node.incoming), self.places(&node.outgoing));
        match &node.kind {
            Kind::Start(None) => self.silent(node, vec![begin], outgoing),
            Kind::Start(Some(_)) => return refuse(node, "由事件开始"),
            Kind::EventSub(_) => return refuse(node, "事件子流程随时可以开始"),
            Kind::Parallel if incoming.is_empty() => {}
            Kind::Parallel => self.silent(node, incoming, or(outgoing, end)),
            Kind::Inclusive if incoming.len() > 1 || outgoing.len() > 1 => {
                return refuse(node, "包容网关走几条分支取决于数据");
            }
            Kind::Boundary { .. } => {}
            Kind::Throw(Throw::Link(_)) => return refuse(node, "链接事件"),
            _ if incoming.is_empty() => {}
            _ => {
                // Each flow that arrives begins it.
                let arrived = self.place();
                for place in incoming {
                    self.silent(node, vec![place], vec![arrived]);
                }
                self.act(node, arrived, end)?;
            }
        }
        Ok(())
    }

    /// What happens from where the element has been reached.
    fn act(&mut self, node: &Node, reached: usize, end: usize) -> Result<(), NoNet> {
        let outgoing = self.places(&node.outgoing);
        match &node.kind {
            Kind::End { throws, .. } => match throws {
                Throw::Nothing | Throw::Message(_) | Throw::Signal(_) => {
                    self.silent(node, vec![reached], vec![end]);
                }
                _ => return refuse(node, "结束事件会取消别处的令牌"),
            },
            Kind::Exclusive | Kind::EventGate => {
                for place in or(outgoing, end) {
                    self.silent(node, vec![reached], vec![place]);
                }
            }
            Kind::Sub(scope) => {
                if !node.boundary.is_empty() || node.repeat.is_some() {
                    return refuse(node, "子流程带有边界事件或者重复");
                }
                let left = self.place();
                self.scope(*scope, reached, left)?;
                self.leave(node, left, end);
            }
            Kind::User(_) => self.task(node, reached, end)?,
            _ => {
                self.interrupted(node, &[reached], end)?;
                self.leave(node, reached, end);
            }
        }
        Ok(())
    }

    /// A task of a person: once; for each of many at least once; in a loop as often as its condition says.
    fn task(&mut self, node: &Node, reached: usize, end: usize) -> Result<(), NoNet> {
        let label = Some(match &*node.name {
            "" => node.id.to_string(),
            name => name.to_owned(),
        });
        let done = self.place();
        self.put(node, label.clone(), vec![reached], vec![done]);
        match &node.repeat {
            None => {}
            Some(Repeat::Multi(_)) => self.put(node, label, vec![done], vec![done]),
            Some(Repeat::Loop { test_before, .. }) => {
                self.silent(node, vec![done], vec![reached]);
                if *test_before {
                    self.silent(node, vec![reached], vec![done]);
                }
            }
        }
        // Of many, some may have done theirs when all are interrupted.
        match node.repeat {
            None => self.interrupted(node, &[reached], end)?,
            Some(_) => self.interrupted(node, &[reached, done], end)?,
        }
        self.leave(node, done, end);
        Ok(())
    }

    /// The events at its boundary, from each of these places.
    fn interrupted(&mut self, node: &Node, at: &[usize], end: usize) -> Result<(), NoNet> {
        for event in &node.boundary {
            let event = self.def.node(*event);
            let Kind::Boundary { interrupting, .. } = event.kind else {
                continue;
            };
            if !interrupting {
                return refuse(event, "不中断的边界事件可以发生多次");
            }
            for place in at {
                let out = or(self.places(&event.outgoing), end);
                self.silent(event, vec![*place], out);
            }
        }
        Ok(())
    }

    /// On by the flows that leave: all without a condition; of those with one, and the default, exactly one, as they are meant.
    fn leave(&mut self, node: &Node, from: usize, end: usize) {
        let conditional =
            |f: &&usize| self.def.flow(**f).condition.is_some() || node.default == Some(**f);
        let (some, all): (Vec<usize>, Vec<usize>) =
            node.outgoing.iter().copied().partition(|f| conditional(&f));
        let (some, all) = (self.places(&some), self.places(&all));
        if some.is_empty() {
            return self.silent(node, vec![from], or(all, end));
        }
        for chosen in some {
            let puts = all.iter().copied().chain([chosen]).collect();
            self.silent(node, vec![from], puts);
        }
    }
}

/// Where no flow leads on, the scope ends.
fn or(places: Vec<usize>, end: usize) -> Vec<usize> {
    if places.is_empty() { vec![end] } else { places }
}

impl PetriNet {
    /// Whether every way through it ends with one token at the end and none elsewhere.
    fn ends_properly(&self) -> Result<(), NoNet> {
        let mut first = vec![0_u8; self.places];
        first[BEGIN] = 1;
        let (mut seen, mut todo) = (BTreeSet::from([first.clone()]), VecDeque::from([first]));
        while let Some(marking) = todo.pop_front() {
            let mut stuck = true;
            for transition in &self.transitions {
                let mut next = marking.clone();
                if !transition.takes.iter().all(|p| take(&mut next, *p)) {
                    continue;
                }
                stuck = false;
                for place in &transition.puts {
                    next[*place] = next[*place].saturating_add(1);
                }
                if next.iter().any(|tokens| *tokens > 1) {
                    return Err(NoNet::Ends);
                }
                if seen.insert(next.clone()) {
                    todo.push_back(next);
                }
            }
            let proper =
                marking[END] == 1 && marking.iter().map(|n| usize::from(*n)).sum::<usize>() == 1;
            if stuck && !proper {
                return Err(NoNet::Ends);
            }
            if seen.len() > MAX_MARKINGS {
                return Err(NoNet::TooLarge);
            }
        }
        Ok(())
    }

    /// As PNML (ISO/IEC 15909-2), with the final marking as process miners write it.
    #[must_use]
    pub fn to_pnml(&self, id: &str) -> String {
        use std::fmt::Write as _;
        let mut out = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<pnml xmlns=\"http://www.pnml.org/version-2009/grammar/pnml\">\n",
        );
        let escaped = crate::svg::escape;
        let _ = writeln!(
            out,
            "<net id=\"{}\" type=\"http://www.pnml.org/version-2009/grammar/ptnet\"><page id=\"page\">",
            escaped(id)
        );
        for place in 0..self.places {
            let marked = match place {
                BEGIN => "<initialMarking><text>1</text></initialMarking>",
                _ => "",
            };
            let _ = writeln!(
                out,
                "<place id=\"p{place}\"><name><text>p{place}</text></name>{marked}</place>"
            );
        }
        for (at, transition) in self.transitions.iter().enumerate() {
            let name = escaped(transition.label.as_deref().unwrap_or(&transition.element));
            let silent = match transition.label {
                Some(_) => String::new(),
                None => format!(
                    "<toolspecific tool=\"ProM\" version=\"6.4\" activity=\"$invisible$\" localNodeID=\"t{at}\"/>"
                ),
            };
            let _ = writeln!(
                out,
                "<transition id=\"t{at}\"><name><text>{name}</text></name>{silent}</transition>"
            );
        }
        let mut arcs = 0;
        let mut arc = |out: &mut String, from: String, to: String| {
            let _ = writeln!(
                out,
                "<arc id=\"a{arcs}\" source=\"{from}\" target=\"{to}\"><inscription><text>1</text></inscription></arc>"
            );
            arcs += 1;
        };
        for (at, transition) in self.transitions.iter().enumerate() {
            for place in &transition.takes {
                arc(&mut out, format!("p{place}"), format!("t{at}"));
            }
            for place in &transition.puts {
                arc(&mut out, format!("t{at}"), format!("p{place}"));
            }
        }
        let _ = write!(
            out,
            "</page>\n<finalmarkings><marking><place idref=\"p{END}\"><text>1</text></place></marking></finalmarkings>\n</net>\n</pnml>\n"
        );
        out
    }
}

fn take(marking: &mut [u8], place: usize) -> bool {
    let Some(tokens) = marking.get_mut(place).filter(|tokens| **tokens > 0) else {
        return false;
    };
    *tokens -= 1;
    true
}
