//! Random edits of the models of this crate: never a panic, always a file that reads back, nothing moved that is not concerned, and
//! back again where an edit has its opposite.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tongban_process::Definition;
use tongban_process::edit::{Edit, Edited, Model, Place, Repetition, Setting, Sort, Timed};

use crate::edit::{approval, model, text};

const FILES: [&[u8]; 3] = [
    include_bytes!("../../testdata/licence-approval.bpmn"),
    include_bytes!("../../testdata/licence-approval-countersign.bpmn"),
    include_bytes!("../../testdata/licence-approval-single.bpmn"),
];

/// Which edit, on what, with what.
type Wish = (
    u8,
    prop::sample::Index,
    prop::sample::Index,
    prop::sample::Index,
);

fn wish() -> impl Strategy<Value = Wish> {
    let index = any::<prop::sample::Index>;
    (0_u8..24, index(), index(), index())
}

/// Every id of the model, also those that fit nothing.
fn ids(model: &Model) -> Vec<String> {
    let text = text(model);
    let mut ids: Vec<String> = text
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        // Shapes have ids, too, but only few edits shall miss.
        .filter(|id| !id.ends_with("_di") && !id.contains("_di_"))
        .map(str::to_owned)
        .collect();
    ids.push("nothing".to_owned());
    ids
}

const TEXTS: [&str; 6] = ["", "甲", "outcome = \"x\"", "<a>&'\"", "P3D", "=organ"];

fn edit(model: &Model, (verb, a, b, c): Wish) -> Edit {
    let ids = ids(model);
    let (one, two) = (a.get(&ids).clone(), b.get(&ids).clone());
    let word = (*c.get(&TEXTS)).to_owned();
    let sort = *c.get(&Sort::ALL);
    let is_flow = model
        .details(&two)
        .is_some_and(|d| d.element == "sequenceFlow");
    let place = match is_flow {
        true => Place::On(two.clone()),
        false => Place::After(two.clone()),
    };
    let timed = Timed {
        form: "timeDuration".to_owned(),
        text: word.clone(),
        calendar: String::new(),
    };
    match verb {
        0..=3 => Edit::Insert {
            place,
            sort,
            name: word,
        },
        4 => Edit::Branches {
            place,
            sort,
            names: vec![word; 3],
        },
        5 => Edit::Branch {
            gateway: one,
            name: word,
        },
        6 => Edit::Timer {
            host: one,
            name: word,
            timed,
            interrupting: b.index(2) == 0,
            to: (c.index(2) == 0).then_some(two),
        },
        7..=9 => Edit::Remove { element: one },
        10 | 11 => Edit::Move {
            element: one,
            place,
        },
        12 => Edit::Rename {
            element: one,
            name: word,
        },
        13 => Edit::Retype { element: one, sort },
        14 => Edit::Set {
            element: one,
            setting: *b.get(&Setting::ALL),
            value: word,
        },
        15 => Edit::Condition {
            flow: one,
            text: word,
        },
        16 => Edit::Default {
            element: one,
            flow: (c.index(2) == 0).then_some(two),
        },
        17 => Edit::Connect { from: one, to: two },
        18 => Edit::Disconnect { flow: one },
        19 => Edit::Redirect { flow: one, to: two },
        20 => Edit::AddLane {
            name: word,
            post: "counter".to_owned(),
            organ: String::new(),
        },
        21 => Edit::InLane {
            element: one,
            lane: (c.index(3) > 0).then_some(two),
        },
        22 => match c.index(3) {
            0 => Edit::Enclose {
                element: one,
                name: word,
            },
            1 => Edit::Dissolve { element: one },
            _ => Edit::RemoveLane { lane: one },
        },
        _ => match c.index(3) {
            0 => Edit::Time {
                element: one,
                timed,
            },
            1 => Edit::Repeat {
                element: one,
                repetition: Some(Repetition {
                    count: word,
                    ..Repetition::default()
                }),
            },
            _ => Edit::LayOut,
        },
    }
}

/// What the file says: each element with what is set, and where its flows lead.
fn meaning(model: &Model) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for id in ids(model) {
        let details = model.details(&id);
        let mut ways: Vec<_> = model
            .ways(&id)
            .into_iter()
            .map(|w| (w.to, w.condition, w.is_default, w.name))
            .collect();
        ways.sort();
        if let Some(details) = details.filter(|d| !matches!(&*d.element, "sequenceFlow" | "lane")) {
            found.insert(id, format!("{details:?} {ways:?}"));
        }
    }
    found
}

/// Elements without children, and comments, as they stand in the file.
fn leaves(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for part in text.split('<').skip(1) {
        let id = part
            .split(" id=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let id = id.filter(|_| {
            !part.starts_with("bpmndi:")
                && part.split('>').next().is_some_and(|tag| tag.ends_with('/'))
        });
        if let Some(id) = id {
            found.insert(
                id.to_owned(),
                part.split('>').next().unwrap_or_default().to_owned(),
            );
        }
    }
    found
}

/// Elements that an edit names, and those beside them.
fn concerned(model: &Model, edit: &Edit, id: &str) -> bool {
    let named = format!("{edit:?}");
    let is_named = |id: &str| named.contains(&format!("\"{id}\""));
    let ways = |id: &str| model.ways(id);
    let touches =
        |flow: &str, from: &str, to: &str| is_named(flow) || is_named(from) || is_named(to);
    // What is in a sub-process goes with it.
    let inside = matches!(edit, Edit::Remove { element } | Edit::Dissolve { element }
        if model.details(element).is_some_and(|d| d.element == "subProcess"));
    inside
        || is_named(id)
        || ways(id).iter().any(|w| touches(&w.flow, id, &w.to))
        || ids(model).iter().any(|from| {
            ways(from)
                .iter()
                .any(|w| (w.to == id || w.flow == id) && touches(&w.flow, from, &w.to))
        })
}

fn undo(before: &Model, edit: &Edit, edited: &Edited) -> Option<Edit> {
    let at = edited.at.clone();
    Some(match edit {
        Edit::Insert { sort, .. } if *sort != Sort::End => Edit::Remove { element: at },
        Edit::Rename { element, .. } => Edit::Rename {
            element: element.clone(),
            name: before.details(element)?.name,
        },
        Edit::Set {
            element, setting, ..
        } => {
            let details = before.details(element)?;
            let (_, value) = details.settings.into_iter().find(|(s, _)| s == setting)?;
            Edit::Set {
                element: element.clone(),
                setting: *setting,
                value,
            }
        }
        Edit::Retype { element, .. } => Edit::Retype {
            element: element.clone(),
            sort: Sort::of(&before.details(element)?.element)?,
        },
        Edit::Connect { from, to } => {
            let way = edited.model.ways(from).into_iter().find(|w| w.to == *to)?;
            Edit::Disconnect { flow: way.flow }
        }
        Edit::Redirect { flow, .. } => {
            let ids = ids(before);
            let mut ways = ids.iter().flat_map(|id| before.ways(id));
            let to = ways.find(|w| w.flow == *flow)?.to;
            Edit::Redirect {
                flow: flow.clone(),
                to,
            }
        }
        Edit::InLane { element, .. } => Edit::InLane {
            element: element.clone(),
            lane: before.details(element)?.lane,
        },
        Edit::Enclose { .. } => Edit::Dissolve { element: at },
        Edit::LayOut => Edit::LayOut,
        _ => return None,
    })
}

fn begun(which: usize) -> Model {
    match FILES.get(which) {
        Some(file) => model(file),
        None => approval(),
    }
}

/// What holds after every edit.
fn held(before: &Model, edit: &Edit) -> Result<Option<Model>, TestCaseError> {
    let Ok(edited) = before.apply(edit) else {
        return Ok(None);
    };
    let (old, new) = (text(before), text(&edited.model));
    // It reads back, as the same bytes; it imports, or is told why not, never for its XML.
    let read = Model::read(new.as_bytes());
    prop_assert_eq!(&text(&read.expect("reads back")), &new, "{:?}", edit);
    if let Err(errors) = Definition::parse(new.as_bytes()) {
        let broken = errors
            .iter()
            .find(|e| matches!(e.rule, "xml" | "id" | "root"));
        prop_assert!(broken.is_none(), "{:?} {:?}\n{}", edit, broken, new);
    }
    let again = text(&before.apply(edit).expect("again").model);
    prop_assert_eq!(&again, &new, "the same edit, the same bytes");
    let (was, is) = (leaves(&old), leaves(&new));
    for (id, leaf) in was.iter().filter(|(id, leaf)| is.get(*id) != Some(leaf)) {
        prop_assert!(
            concerned(before, edit, id),
            "{edit:?} changed {id}: {leaf} → {:?}",
            is.get(id)
        );
    }
    prop_assert_eq!(new.matches("<!--").count(), old.matches("<!--").count());
    // The list shows every element once.
    let mut shown = Vec::new();
    for process in edited.model.outline() {
        gather(&process.items, &mut shown);
        gather(&process.loose, &mut shown);
    }
    let mut once = shown.clone();
    once.sort();
    once.dedup();
    prop_assert_eq!(once.len(), shown.len(), "{:?}", shown);
    for id in ids(&edited.model) {
        let is_node = !edited.model.neighbours(&id).is_empty();
        prop_assert!(
            !is_node || shown.contains(&id),
            "{id} is not in the list\n{new}"
        );
    }
    if let Some(undo) = undo(before, edit, &edited) {
        let back = edited.model.apply(&undo);
        let back =
            back.map_err(|why| TestCaseError::fail(format!("{edit:?} {undo:?} {why}\n{new}")))?;
        prop_assert_eq!(
            meaning(&back.model),
            meaning(before),
            "{:?} {:?}\n{}",
            edit,
            undo,
            text(&back.model)
        );
    }
    Ok(Some(edited.model))
}

fn gather(items: &[tongban_process::edit::Item], shown: &mut Vec<String>) {
    for item in items {
        let tongban_process::edit::Item::Line(line) = item else {
            continue;
        };
        shown.push(line.id.clone());
        gather(&line.inside, shown);
        for event in &line.events {
            shown.push(event.id.clone());
            for branch in &event.branches {
                gather(&branch.items, shown);
            }
        }
        for branch in &line.branches {
            gather(&branch.items, shown);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn random_edits_keep_everything_else(which in 0_usize..4, wishes in prop::collection::vec(wish(), 1..24)) {
        let mut at = begun(which);
        for wish in wishes {
            let edit = edit(&at, wish);
            if let Some(next) = held(&at, &edit)? {
                eprintln!("did {}", format!("{edit:?}").split(' ').next().unwrap_or_default());
                at = next;
            }
        }
    }

    #[test]
    fn damaged_files_are_edited_or_refused(at in any::<prop::sample::Index>(), with in any::<u8>(), wishes in prop::collection::vec(wish(), 1..6)) {
        let mut bytes = FILES[0].to_vec();
        let i = at.index(bytes.len());
        bytes[i] = with;
        if let Ok(mut model) = Model::read(&bytes) {
            for wish in wishes {
                let edit = edit(&model, wish);
                let _ = model.outline();
                if let Ok(next) = model.apply(&edit) {
                    model = next.model;
                }
            }
        }
    }
}
