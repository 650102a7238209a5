//! The total order of evaluation: a field comes after everything its visibility depends on.

use super::reader::Reader;
use super::{FieldKind, FormDocument, FormErrorKind};
use crate::condition::FieldIx;

/// Fields outside groups that the visibility of a top-level field (or of its rows) depends on.
pub(super) fn depends_on(doc: &FormDocument, ix: FieldIx) -> Vec<FieldIx> {
    let Some(field) = doc.fields.get(ix) else {
        return Vec::new();
    };
    let section = doc.sections.get(field.section);
    let page = section.and_then(|s| doc.pages.get(s.page));
    let mut conditions = vec![&field.show_if];
    conditions.extend(section.map(|s| &s.show_if));
    conditions.extend(page.map(|p| &p.show_if));
    let mut found: Vec<FieldIx> = conditions
        .into_iter()
        .flatten()
        .flat_map(|c| c.fields())
        .collect();
    if let FieldKind::Group(group) = &field.kind {
        let children = group.children.iter().filter_map(|c| doc.fields.get(*c));
        found.extend(
            children
                .filter_map(|c| c.show_if.as_ref())
                .flat_map(|c| c.fields()),
        );
        found.retain(|f| !group.children.contains(f));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Sorts `nodes` so that each one follows what it depends on, otherwise in the given order.
/// Iterative, so that hostile chains cannot exhaust the stack. `Err` names a cycle.
fn sorted(
    nodes: &[FieldIx],
    depends: impl Fn(FieldIx) -> Vec<FieldIx>,
) -> Result<Vec<FieldIx>, Vec<FieldIx>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let size = nodes.iter().max().map_or(0, |m| m + 1);
    let mut marks = vec![Mark::Done; size];
    for node in nodes {
        if let Some(mark) = marks.get_mut(*node) {
            *mark = Mark::New;
        }
    }
    let mut out = Vec::with_capacity(nodes.len());
    let mut stack: Vec<(FieldIx, Vec<FieldIx>)> = Vec::new();
    for start in nodes {
        if marks.get(*start) != Some(&Mark::New) {
            continue;
        }
        stack.push((*start, depends(*start)));
        if let Some(mark) = marks.get_mut(*start) {
            *mark = Mark::Open;
        }
        while let Some((node, rest)) = stack.last_mut() {
            let Some(next) = rest.pop() else {
                out.push(*node);
                if let Some(mark) = marks.get_mut(*node) {
                    *mark = Mark::Done;
                }
                stack.pop();
                continue;
            };
            match marks.get(next) {
                Some(Mark::New) => {
                    if let Some(mark) = marks.get_mut(next) {
                        *mark = Mark::Open;
                    }
                    stack.push((next, depends(next)));
                }
                Some(Mark::Open) => {
                    let cycle = stack.iter().map(|(n, _)| *n).skip_while(|n| *n != next);
                    return Err(cycle.collect());
                }
                _ => {}
            }
        }
    }
    Ok(out)
}

/// Computes the orders of the document and of each group; a cycle is an error.
pub(super) fn settle(reader: &mut Reader<'_>) {
    let doc = &reader.doc;
    let top: Vec<FieldIx> = doc
        .sections
        .iter()
        .flat_map(|s| s.fields.iter().copied())
        .collect();
    let mut cycles = Vec::new();
    let order = sorted(&top, |ix| depends_on(doc, ix)).unwrap_or_else(|cycle| {
        cycles.push(cycle);
        Vec::new()
    });
    let mut inner = Vec::new();
    for (ix, field) in doc.fields.iter().enumerate() {
        let FieldKind::Group(group) = &field.kind else {
            continue;
        };
        let within = |child: FieldIx| -> Vec<FieldIx> {
            let condition = doc.fields.get(child).and_then(|f| f.show_if.as_ref());
            let refs = condition.map(|c| c.fields()).unwrap_or_default();
            refs.into_iter()
                .filter(|f| group.children.contains(f))
                .collect()
        };
        match sorted(&group.children, within) {
            Ok(order) => {
                let place = |c: &FieldIx| group.children.iter().position(|x| x == c);
                inner.push((ix, order.iter().filter_map(place).collect::<Vec<usize>>()));
            }
            Err(cycle) => cycles.push(cycle),
        }
    }
    let name = |ix: &FieldIx| doc.fields.get(*ix).map_or(String::new(), |f| f.id.clone());
    let named: Vec<String> = cycles
        .iter()
        .map(|c| c.iter().map(name).collect::<Vec<_>>().join(" → "))
        .collect();
    for cycle in named {
        reader.error("/pages", FormErrorKind::Circular(cycle));
    }
    reader.doc.order = order;
    for (ix, order) in inner {
        if let Some(FieldKind::Group(group)) = reader.doc.fields.get_mut(ix).map(|f| &mut f.kind) {
            group.order = order;
        }
    }
}
