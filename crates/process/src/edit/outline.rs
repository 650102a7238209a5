//! The file as a nested list in the order of its flows: what follows stands below, what branches off stands indented.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Model;
use super::graph::Flow;
use super::tree::Doc;

/// Deepest indentation of branches; what lies deeper stands by itself.
const DEEP: usize = 24;

/// A flow, as the list tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    pub flow: String,
    pub name: String,
    /// Empty: none.
    pub condition: String,
    pub is_default: bool,
    /// The element that it leads to.
    pub to: String,
}

/// What follows one of several flows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    pub way: Way,
    pub items: Vec<Item>,
}

/// An element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: String,
    /// Element of BPMN.
    pub element: String,
    pub name: String,
    /// Name of its lane.
    pub lane: String,
    /// The only flow that leaves it.
    pub onward: Option<Way>,
    /// The flows that leave it, where there are several.
    pub branches: Vec<Branch>,
    /// Events that sit on it, each with what follows.
    pub events: Vec<Self>,
    /// What is in it.
    pub inside: Vec<Item>,
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    Line(Box<Line>),
    /// The flow leads to an element that stands elsewhere.
    Goto {
        way: Way,
        name: String,
    },
}

/// A process of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    pub id: String,
    pub name: String,
    pub items: Vec<Item>,
    /// What no start leads to.
    pub loose: Vec<Item>,
    /// Id and name of the lanes, those inside others behind them.
    pub lanes: Vec<(String, String)>,
}

/// The elements of a scope as numbers.
struct Net {
    tags: Vec<usize>,
    out: Vec<Vec<(usize, Flow)>>,
    into: Vec<usize>,
    events: Vec<Vec<usize>>,
}

impl Net {
    fn of(doc: &Doc, scope: usize) -> Self {
        let tags = doc.nodes_in(scope);
        let index: BTreeMap<&str, usize> = tags
            .iter()
            .enumerate()
            .rev()
            .map(|(n, at)| (doc.id(*at), n))
            .collect();
        let mut net = Self {
            out: vec![Vec::new(); tags.len()],
            into: vec![0; tags.len()],
            events: vec![Vec::new(); tags.len()],
            tags: tags.clone(),
        };
        for flow in doc.flows_in(scope) {
            let ends = (index.get(&*flow.from), index.get(&*flow.to));
            if let (Some(from), Some(to)) = ends {
                net.into[*to] += 1;
                net.out[*from].push((*to, flow));
            }
        }
        for (n, at) in tags.iter().enumerate() {
            let on = doc.tag(*at).attr("attachedToRef").unwrap_or_default();
            let host = index.get(super::graph::local(on));
            if let Some(host) = host.filter(|_| doc.tag(*at).is("boundaryEvent")) {
                net.events[*host].push(n);
            }
        }
        net
    }

    /// How far everything is that can be reached from here without these.
    fn reach(&self, from: usize, without: &dyn Fn(usize) -> bool) -> BTreeMap<usize, usize> {
        let mut far = BTreeMap::new();
        let mut queue = VecDeque::from([(from, 0)]);
        while let Some((n, d)) = queue.pop_front() {
            if without(n) || far.contains_key(&n) {
                continue;
            }
            far.insert(n, d);
            queue.extend(self.out[n].iter().map(|(to, _)| (*to, d + 1)));
        }
        far
    }

    /// Where most of the ways from an element meet first; else the beginning of the longest.
    fn meeting(&self, split: usize, without: &dyn Fn(usize) -> bool) -> Option<(usize, bool)> {
        let avoid = |n: usize| n == split || without(n);
        let mut ways: Vec<(usize, BTreeMap<usize, usize>)> = Vec::new();
        for (to, _) in &self.out[split] {
            if ways.iter().all(|(known, _)| known != to) {
                ways.push((*to, self.reach(*to, &avoid)));
            }
        }
        let mut met: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for (n, d) in ways.iter().flat_map(|(_, far)| far) {
            let (count, most) = met.entry(*n).or_default();
            (*count, *most) = (*count + 1, (*most).max(*d));
        }
        let shared = met.iter().filter(|(_, (count, _))| *count > 1);
        let best = shared.min_by_key(|(n, (count, far))| (usize::MAX - count, *far, **n));
        if let Some((n, _)) = best {
            return Some((*n, true));
        }
        // Of equals the first.
        let mut longest: Option<(usize, usize)> = None;
        for (to, far) in ways.iter().filter(|(_, far)| !far.is_empty()) {
            if longest.is_none_or(|(_, most)| far.len() > most) {
                longest = Some((*to, far.len()));
            }
        }
        longest.map(|(to, _)| (to, false))
    }
}

impl Doc {
    /// The element where most branches of a gateway meet.
    pub(super) fn meeting(&self, scope: usize, gateway: &str) -> Option<String> {
        let net = Net::of(self, scope);
        let split = net.tags.iter().position(|at| self.id(*at) == gateway)?;
        let (n, meets) = net.meeting(split, &|_| false)?;
        meets.then(|| self.id(net.tags[n]).to_owned())
    }
}

struct Walker<'d> {
    doc: &'d Doc,
    net: Net,
    lanes: &'d BTreeMap<String, String>,
    seen: BTreeSet<usize>,
    /// Stands on the main way: events only lead to it.
    main: BTreeSet<usize>,
    stops: Vec<usize>,
    /// Too deep to be shown in its place.
    later: Vec<usize>,
    with_events: bool,
}

impl Walker<'_> {
    fn way(&self, flow: &Flow) -> Way {
        let doc = self.doc;
        let at = doc.find(&flow.id).unwrap_or_default();
        let condition = doc.child(at, "conditionExpression");
        let source = doc.find(&flow.from).map(|at| doc.tag(at));
        Way {
            flow: flow.id.clone(),
            name: doc.tag(at).attr("name").unwrap_or_default().to_owned(),
            condition: condition.map_or_else(String::new, |c| doc.tag(c).text.trim().to_owned()),
            is_default: source.is_some_and(|s| s.attr("default") == Some(&flow.id)),
            to: flow.to.clone(),
        }
    }

    fn stands_elsewhere(&self, n: usize) -> bool {
        self.seen.contains(&n) || self.stops.contains(&n)
    }

    fn goto(&self, n: usize, flow: &Flow) -> Item {
        Item::Goto {
            way: self.way(flow),
            name: self.doc.title(self.net.tags[n]).to_owned(),
        }
    }

    // What is in it is nested no deeper than the file.
    fn line(&self, n: usize) -> Line {
        let (doc, at) = (self.doc, self.net.tags[n]);
        let tag = doc.tag(at);
        // Looked into once only, else levels would double the work.
        let inside = match self.with_events && super::sort::is_scope(&tag.name) {
            true => {
                let (mut items, loose) = listed(doc, at, self.lanes);
                items.extend(loose);
                items
            }
            false => Vec::new(),
        };
        Line {
            id: doc.id(at).to_owned(),
            element: tag.name.clone(),
            name: tag.attr("name").unwrap_or_default().trim().to_owned(),
            lane: self.lanes.get(doc.id(at)).cloned().unwrap_or_default(),
            onward: None,
            branches: Vec::new(),
            events: Vec::new(),
            inside,
        }
    }

    /// What follows a flow to `n`.
    fn follow(&mut self, n: usize, flow: &Flow, depth: usize) -> Vec<Item> {
        if self.stands_elsewhere(n) {
            return vec![self.goto(n, flow)];
        }
        if depth >= DEEP {
            self.later.push(n);
            return vec![self.goto(n, flow)];
        }
        self.walk(n, depth)
    }

    fn walk(&mut self, from: usize, depth: usize) -> Vec<Item> {
        let mut items = Vec::new();
        let mut at = Some(from);
        while let Some(n) = at.take() {
            self.seen.insert(n);
            let mut line = self.line(n);
            let out = self.net.out[n].clone();
            let mut tail = None;
            match out.as_slice() {
                [] => {}
                [(to, flow)] => {
                    line.onward = Some(self.way(flow));
                    if self.stands_elsewhere(*to) {
                        tail = Some(self.goto(*to, flow));
                    } else {
                        at = Some(*to);
                    }
                }
                several => at = self.split(n, several, &mut line, depth),
            }
            if self.with_events {
                line.events = self.events(n, depth);
            }
            items.push(Item::Line(Box::new(line)));
            items.extend(tail);
        }
        items
    }

    /// The branches of an element; where the list goes on below them.
    fn split(
        &mut self,
        n: usize,
        out: &[(usize, Flow)],
        line: &mut Line,
        depth: usize,
    ) -> Option<usize> {
        let below = self.net.meeting(n, &|n| self.stands_elsewhere(n));
        let below = below.map(|(n, _)| n);
        self.stops.extend(below);
        for (to, flow) in out {
            let items = self.follow(*to, flow, depth + 1);
            let way = self.way(flow);
            line.branches.push(Branch { way, items });
        }
        if below.is_some() {
            self.stops.pop();
        }
        below.filter(|n| !self.stands_elsewhere(*n))
    }

    fn events(&mut self, host: usize, depth: usize) -> Vec<Line> {
        let mut found = Vec::new();
        for n in self.net.events[host].clone() {
            if !self.seen.insert(n) {
                continue;
            }
            let mut line = self.line(n);
            for (to, flow) in self.net.out[n].clone() {
                let main = self.main.contains(&to);
                let items = match main {
                    true => vec![self.goto(to, &flow)],
                    false => {
                        let stops = self.stops.len();
                        self.stops.extend(self.main.clone());
                        let items = self.follow(to, &flow, depth + 1);
                        self.stops.truncate(stops);
                        items
                    }
                };
                let way = self.way(&flow);
                line.branches.push(Branch { way, items });
            }
            found.push(line);
        }
        found
    }

    /// From the starts, then what no flow leads to, then what is left.
    fn all(&mut self) -> (Vec<Item>, Vec<Item>) {
        let (doc, mut items) = (self.doc, Vec::new());
        let is = |n: usize, kind: &str| doc.tag(self.net.tags[n]).is(kind);
        let count = self.net.tags.len();
        let (starts, events): (Vec<usize>, Vec<usize>) = (
            (0..count).filter(|n| is(*n, "startEvent")).collect(),
            (0..count)
                .filter(|n| doc.tag(self.net.tags[*n]).attr("triggeredByEvent") == Some("true"))
                .collect(),
        );
        for n in starts.into_iter().chain(events) {
            if !self.seen.contains(&n) {
                items.extend(self.walk(n, 0));
            }
        }
        while let Some(n) = self.later.pop() {
            if !self.seen.contains(&n) {
                items.extend(self.walk(n, 0));
            }
        }
        let mut loose = Vec::new();
        let first: Vec<usize> = (0..count).filter(|n| self.net.into[*n] == 0).collect();
        for n in first.into_iter().chain(0..count) {
            let event = doc.tag(self.net.tags[n]).is("boundaryEvent");
            if !self.seen.contains(&n) && !(event && !self.with_events) {
                loose.extend(self.walk(n, 0));
            }
        }
        (items, loose)
    }
}

/// The list of a scope, and what no start leads to.
fn listed(doc: &Doc, scope: usize, lanes: &BTreeMap<String, String>) -> (Vec<Item>, Vec<Item>) {
    let walker = |main: BTreeSet<usize>, with_events: bool| Walker {
        doc,
        net: Net::of(doc, scope),
        lanes,
        seen: BTreeSet::new(),
        main,
        stops: Vec::new(),
        later: Vec::new(),
        with_events,
    };
    let mut first = walker(BTreeSet::new(), false);
    let (items, _) = first.all();
    let mut main = BTreeSet::new();
    shown(&items, &mut main);
    let net = first.net.tags.iter().enumerate();
    let main = net.filter(|(_, at)| main.contains(doc.id(**at)));
    walker(main.map(|(n, _)| n).collect(), true).all()
}

fn shown<'i>(items: &'i [Item], found: &mut BTreeSet<&'i str>) {
    for item in items {
        if let Item::Line(line) = item {
            found.insert(&line.id);
            for branch in &line.branches {
                shown(&branch.items, found);
            }
        }
    }
}

impl Model {
    /// The nested list of every process of the file, that which is executed first.
    #[must_use]
    pub fn outline(&self) -> Vec<Outline> {
        let doc = &self.doc;
        let mut lanes = BTreeMap::new();
        let mut of_process: BTreeMap<usize, Vec<(String, String)>> = BTreeMap::new();
        for (at, tag) in doc.tags.iter().enumerate().filter(|(_, t)| t.is("lane")) {
            for node in doc.all(at, "flowNodeRef") {
                let node = super::graph::local(&doc.tag(node).text).to_owned();
                lanes.insert(node, doc.title(at).to_owned());
            }
            let mut process = tag.parent;
            while let Some(around) = process.filter(|p| !doc.tag(*p).is("process")) {
                process = doc.tag(around).parent;
            }
            let own = (doc.id(at).to_owned(), doc.title(at).to_owned());
            of_process
                .entry(process.unwrap_or(0))
                .or_default()
                .push(own);
        }
        let main = doc.main_process().ok();
        let mut processes: Vec<usize> = doc.all(0, "process").collect();
        processes.sort_by_key(|p| Some(*p) != main);
        let outline = |process: usize| {
            let (items, loose) = listed(doc, process, &lanes);
            Outline {
                id: doc.id(process).to_owned(),
                name: doc.title(process).to_owned(),
                items,
                loose,
                lanes: of_process.get(&process).cloned().unwrap_or_default(),
            }
        };
        processes.into_iter().map(outline).collect()
    }

    /// The elements of the level of `id`, itself not: id, name, kind. Those that flows may lead to.
    #[must_use]
    pub fn neighbours(&self, id: &str) -> Vec<(String, String, String)> {
        let doc = &self.doc;
        let Ok(at) = doc.node(id) else {
            return Vec::new();
        };
        let others = doc.nodes_in(doc.scope_of(at)).into_iter();
        others
            .filter(|n| *n != at && doc.may_be_reached(*n).is_ok())
            .map(|n| {
                let (id, title) = (doc.id(n).to_owned(), doc.title(n).to_owned());
                (id, title, doc.tag(n).name.clone())
            })
            .collect()
    }

    /// The flows of the level of `id`: id, and the names of their ends.
    #[must_use]
    pub fn flows_around(&self, id: &str) -> Vec<(String, String, String)> {
        let doc = &self.doc;
        let Ok(at) = doc.node(id) else {
            return Vec::new();
        };
        let title = |id: &str| {
            doc.find(id)
                .map_or_else(|| id.to_owned(), |at| doc.title(at).to_owned())
        };
        let flows = doc.flows_in(doc.scope_of(at)).into_iter();
        flows
            .filter(|f| f.from != id && f.to != id)
            .map(|f| (f.id.clone(), title(&f.from), title(&f.to)))
            .collect()
    }

    /// The flows that leave an element.
    #[must_use]
    pub fn ways(&self, id: &str) -> Vec<Way> {
        let doc = &self.doc;
        let Ok(at) = doc.node(id) else {
            return Vec::new();
        };
        let lanes = BTreeMap::new();
        let walker = Walker {
            doc,
            net: Net::of(doc, doc.scope_of(at)),
            lanes: &lanes,
            seen: BTreeSet::new(),
            main: BTreeSet::new(),
            stops: Vec::new(),
            later: Vec::new(),
            with_events: false,
        };
        doc.out_of(at).iter().map(|f| walker.way(f)).collect()
    }
}
