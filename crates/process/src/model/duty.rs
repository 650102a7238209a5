//! What the file says about its user tasks, for people who judge it before publication; and how long its limits add up to.

use super::{Definition, Kind, Text, UserTask};
use crate::engine::Id;

/// What the file says about one user task. A value that begins with `=` is a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DutyView {
    /// The user task.
    pub element: Id,
    /// Its name in the picture.
    pub name: String,
    /// Line in the file.
    pub line: u32,
    /// 岗位.
    pub post: Option<String>,
    /// 机构.
    pub organ: Option<String>,
    /// Form to show.
    pub form: Option<String>,
    /// Time limit as written, e.g. `P3D` (working days).
    pub limit: Option<String>,
    /// The legal act, e.g. `accept`.
    pub act: Option<String>,
}

fn written(text: Option<&Text>) -> Option<String> {
    text.map(|text| match text {
        Text::Plain(plain) => plain.to_string(),
        Text::Formula(formula) => format!("={}", formula.text()),
    })
}

/// `P3D` → 3 working days; other ways of writing are not counted.
fn days(user: &UserTask) -> u32 {
    match &user.limit {
        Some(Text::Plain(text)) => text
            .strip_prefix('P')
            .and_then(|text| text.strip_suffix('D'))
            .and_then(|text| text.parse().ok())
            .unwrap_or(0),
        _ => 0,
    }
}

impl Definition {
    /// The user tasks in document order.
    pub fn duties(&self) -> impl Iterator<Item = DutyView> + '_ {
        self.nodes.iter().filter_map(|node| {
            let Kind::User(user) = &node.kind else {
                return None;
            };
            Some(DutyView {
                element: Id::clone(&node.id),
                name: node.name.to_string(),
                line: node.line,
                post: written(user.post.as_ref()),
                organ: written(user.organ.as_ref()),
                form: user.form.as_ref().map(ToString::to_string),
                limit: written(user.limit.as_ref()),
                act: user.act.as_ref().map(ToString::to_string),
            })
        })
    }

    /// The working days of the limits on the longest way through the main process, each element once: what goes round in a circle is
    /// not counted twice, nor what other processes take.
    #[must_use]
    pub fn longest_limit(&self) -> u32 {
        self.longest_within(self.main)
    }

    /// The limit of a user task in working days; 0 without one.
    pub(crate) fn limit_of(&self, node: usize) -> u32 {
        match &self.node(node).kind {
            Kind::User(user) => days(user),
            _ => 0,
        }
    }

    /// The same as [`Definition::longest_limit`], of one scope.
    pub(crate) fn longest_within(&self, scope: usize) -> u32 {
        let mut ways = Ways {
            seen: vec![0; self.nodes.len()],
            longest: vec![0; self.nodes.len()],
        };
        self.longest_in(scope, &mut ways)
    }

    /// Scopes share no element, and are nested no deeper than the file.
    fn longest_in(&self, scope: usize, ways: &mut Ways) -> u32 {
        let body = &self.scopes[scope];
        let starts = body.begins().into_iter();
        let starts: Vec<usize> = starts
            .chain(body.first.iter().copied())
            .chain(body.triggered.iter().copied())
            .collect();
        for start in &starts {
            let mut stack = vec![*start];
            while let Some(&node) = stack.last() {
                match ways.seen[node] {
                    0 => {
                        ways.seen[node] = 1;
                        stack.extend(self.after(node).filter(|next| ways.seen[*next] == 0));
                        continue;
                    }
                    1 => {
                        let after = self.after(node).filter(|next| ways.seen[*next] == 2);
                        let rest = after.map(|next| ways.longest[next]).max().unwrap_or(0);
                        ways.seen[node] = 2;
                        ways.longest[node] = rest.saturating_add(self.own_days(node, ways));
                    }
                    _ => {}
                }
                stack.pop();
            }
        }
        starts.iter().map(|n| ways.longest[*n]).max().unwrap_or(0)
    }

    fn own_days(&self, node: usize, ways: &mut Ways) -> u32 {
        match &self.node(node).kind {
            Kind::User(_) => self.limit_of(node),
            Kind::Sub(inner) => self.longest_in(*inner, ways),
            _ => 0,
        }
    }

    /// All sequence flows: id, name, and the elements that they join.
    pub fn sequence_flows(&self) -> impl Iterator<Item = (&Id, &str, &Id, &Id)> {
        self.flows.iter().map(|flow| {
            let (from, to) = (self.node(flow.source), self.node(flow.target));
            (&flow.id, &*flow.name, &from.id, &to.id)
        })
    }
}

/// How far the search for the longest way is.
struct Ways {
    /// 0: not seen, 1: on the way, 2: done.
    seen: Vec<u8>,
    longest: Vec<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../testdata/licence-approval.bpmn");

    #[test]
    fn the_duties_of_a_file_are_told_as_written() {
        let (definition, _) = Definition::parse(FILE.as_bytes()).expect("sound");
        let accept = definition
            .duties()
            .find(|duty| &*duty.element == "accept")
            .expect("a task");
        assert_eq!(accept.post.as_deref(), Some("acceptor"));
        assert_eq!(accept.act.as_deref(), Some("accept"));
    }

    #[test]
    fn the_longest_way_counts_every_limit_once() {
        let file = |back: &str| {
            format!(
                r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tb="{}"><process id="p">
                <startEvent id="s"/><userTask id="a" tb:post="counter" tb:limit="P2D"/><parallelGateway id="g"/>
                <userTask id="b" tb:post="counter" tb:limit="P3D"/><userTask id="c" tb:post="counter" tb:limit="P7D"/>
                <parallelGateway id="j"/><exclusiveGateway id="x" default="f8"/><endEvent id="e"/>
                <sequenceFlow id="f1" sourceRef="s" targetRef="a"/><sequenceFlow id="f2" sourceRef="a" targetRef="g"/>
                <sequenceFlow id="f3" sourceRef="g" targetRef="b"/><sequenceFlow id="f4" sourceRef="g" targetRef="c"/>
                <sequenceFlow id="f5" sourceRef="b" targetRef="j"/><sequenceFlow id="f6" sourceRef="c" targetRef="j"/>
                <sequenceFlow id="f7" sourceRef="j" targetRef="x"/><sequenceFlow id="f8" sourceRef="x" targetRef="e"/>{back}
                </process></definitions>"#,
                crate::TB_NAMESPACE
            )
        };
        let back = r#"<sequenceFlow id="f9" sourceRef="x" targetRef="a"><conditionExpression>again = true</conditionExpression></sequenceFlow>"#;
        for text in [file(""), file(back)] {
            let (definition, _) = Definition::parse(text.as_bytes()).expect("sound");
            assert_eq!(definition.longest_limit(), 9);
        }
    }
}
