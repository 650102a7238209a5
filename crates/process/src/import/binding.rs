//! Who does a user task: our attributes, the standard's `potentialOwner`, the Java engines' candidate groups, lanes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::vendor::{vendor, zeebe};
use super::{BPMN, Formulas, Reports, id, tb};
use crate::engine::Id;
use crate::model::{Text, UserTask};
use crate::xml::Element;

#[derive(Debug, Clone)]
pub(super) struct Lane {
    pub name: Arc<str>,
    post: Option<String>,
    organ: Option<String>,
}

/// Lanes by the element in them; the innermost wins.
#[derive(Default)]
pub(super) struct Lanes {
    by_element: BTreeMap<String, Lane>,
    /// Id and name of every lane, for the picture.
    pub drawn: Vec<(Id, Arc<str>)>,
}

impl Lanes {
    pub(super) fn read(&mut self, process: &Element, reports: &mut Reports) {
        for set in process.all(BPMN, "laneSet") {
            self.read_set(set, None, reports);
        }
    }

    // The depth of the file is bounded by the reader.
    fn read_set(&mut self, set: &Element, outer: Option<&Lane>, reports: &mut Reports) {
        for e in set.all(BPMN, "lane") {
            let inherit = |own: Option<&str>, outer: Option<&String>| {
                own.map(str::to_owned).or_else(|| outer.cloned())
            };
            let lane = Lane {
                name: Arc::from(e.attr("name").unwrap_or_default()),
                post: inherit(tb(e, "post"), outer.and_then(|l| l.post.as_ref())),
                organ: inherit(tb(e, "organ"), outer.and_then(|l| l.organ.as_ref())),
            };
            let key = e.attr("id").unwrap_or_default();
            self.drawn.push((id(key), Arc::clone(&lane.name)));
            for node in e.all(BPMN, "flowNodeRef") {
                let known = self
                    .by_element
                    .insert(node.text.trim().to_owned(), lane.clone());
                if known.is_some() && outer.is_none() {
                    reports.warn("lane", e, format!("{:.80} 在多个泳道中", node.text.trim()));
                }
            }
            for inner in e.all(BPMN, "childLaneSet") {
                self.read_set(inner, Some(&lane), reports);
            }
        }
    }

    pub(super) fn of(&self, element: &str) -> Option<&Lane> {
        self.by_element.get(element)
    }
}

/// The text of the standard's resource assignment: `<potentialOwner><resourceAssignmentExpression>…`.
fn potential_owner(e: &Element) -> Option<String> {
    let owner = e
        .child(BPMN, "potentialOwner")
        .or_else(|| e.child(BPMN, "performer"))?;
    let expression = owner
        .child(BPMN, "resourceAssignmentExpression")
        .and_then(|a| a.child(BPMN, "formalExpression"))
        .map(|f| f.text.trim());
    let text = match expression {
        // The Java engines write `group(x)` or `user(x)` there.
        Some(text) => text
            .strip_prefix("group(")
            .and_then(|t| t.strip_suffix(')'))
            .unwrap_or(text),
        None => owner.child(BPMN, "resourceRef")?.text.trim(),
    };
    (!text.is_empty()).then(|| text.to_owned())
}

/// Reads the binding of a user task.
pub(super) fn user_task(
    e: &Element,
    lanes: &Lanes,
    formulas: &mut Formulas<'_>,
    reports: &mut Reports,
) -> UserTask {
    let lane = e.attr("id").and_then(|id| lanes.of(id));
    let assigned = zeebe(e, "assignmentDefinition");
    let named = |name: &str| vendor(e, name).or_else(|| assigned.and_then(|a| a.attr(name)));
    let groups = named("candidateGroups");
    // A post is one; several groups stay groups, for whoever tries a file of another engine.
    let several = groups.is_some_and(|g| g.contains(',') && !formulas.is_formula(g));
    if several && tb(e, "post").is_none() {
        let message = "一个任务只能指定一个岗位（candidateGroups 中有多个）";
        if formulas.options.lenient {
            reports.warn("post", e, message);
        } else {
            reports.error("post", e, message);
        }
    }
    for name in ["assignee", "candidateUsers"] {
        if named(name).is_some() {
            reports.warn(
                "person",
                e,
                format!("{name} 指定到人，不予采用：任务按岗位分派"),
            );
        }
    }
    let from_lane = lane.and_then(|l| l.post.clone());
    let post = tb(e, "post")
        .map(str::to_owned)
        .or_else(|| potential_owner(e))
        .or_else(|| groups.filter(|_| !several).map(str::to_owned))
        .or(from_lane);
    let post = post.or_else(|| {
        let name = lane
            .map(|l| l.name.as_ref().to_owned())
            .filter(|n| !n.is_empty())?;
        reports.warn(
            "lane-post",
            e,
            format!("未指定岗位，采用泳道名称“{name}”作为岗位"),
        );
        Some(name)
    });
    let organ = tb(e, "organ")
        .map(str::to_owned)
        .or_else(|| lane.and_then(|l| l.organ.clone()));
    let owner = potential_owner(e);
    let mut list = |text: Option<&str>| -> Vec<Text> {
        text.and_then(|t| formulas.text(t, e, reports))
            .into_iter()
            .collect()
    };
    let assignee = list(named("assignee")).pop();
    let candidate_groups = list(groups.or(owner.as_deref()));
    let candidate_users = list(named("candidateUsers"));
    UserTask {
        post: post.and_then(|t| formulas.text(&t, e, reports)),
        organ: organ.and_then(|t| formulas.text(&t, e, reports)),
        form: tb(e, "form").or_else(|| vendor(e, "formKey")).map(id),
        limit: tb(e, "limit").and_then(|t| formulas.text(t, e, reports)),
        act: tb(e, "act").map(id),
        system: tb(e, "system").map(id),
        sets: super::outside::names(e, "sets"),
        shows: super::outside::names(e, "shows"),
        late: late(e, reports),
        assignee,
        candidate_groups,
        candidate_users,
    }
}

/// What follows when an opinion is late (`tb:late`): it is urged and waited for, unless a rule that the file names (`tb:late-basis`)
/// lets silence count as agreement. 行政许可法 第二十六条第二款 asks for the opinions of the organs and knows no silent one.
fn late(e: &Element, reports: &mut Reports) -> Option<Id> {
    let basis = tb(e, "late-basis").map(str::trim).filter(|b| !b.is_empty());
    let (message, silent) = match (tb(e, "late"), basis) {
        (None | Some("urge"), None) => return None,
        (Some("agree"), Some(basis)) if basis.chars().count() <= 200 => ("", Some(basis)),
        (Some("agree"), _) => (
            "逾期视为同意（tb:late=\"agree\"）应以 tb:late-basis 写明依据，不超过 200 字",
            None,
        ),
        (None | Some("urge"), Some(_)) => ("tb:late-basis 只用于 tb:late=\"agree\"", None),
        (Some(_), _) => ("tb:late 应为 urge 或 agree", None),
    };
    let limited = tb(e, "act") == Some("review") && tb(e, "limit").is_some();
    match silent {
        Some(basis) if limited => Some(id(basis)),
        Some(_) => {
            let message = "逾期视为同意只能用于有时限的审查环节（tb:act=\"review\"、tb:limit）";
            reports.error("late", e, message);
            None
        }
        None => {
            reports.error("late", e, message);
            None
        }
    }
}
