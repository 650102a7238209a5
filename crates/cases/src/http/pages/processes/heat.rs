//! The picture of a version with the figures of its open cases, and the same figures as a table.

use tongban_process::{Marks, svg};
use tongban_webkit::PageShell;

use crate::service::{Heat, ProcessSheet};

/// One place with its figures.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) cases: u64,
    pub(super) late: u64,
}

/// From 1 (few of all open cases stand here) to 4 (more than half).
fn warmth(cases: u64, running: u64) -> u8 {
    match cases.saturating_mul(100) / running.max(1) {
        0..=10 => 1,
        11..=25 => 2,
        26..=50 => 3,
        _ => 4,
    }
}

pub(super) fn picture(shell: &PageShell, sheet: &ProcessSheet, heat: &Heat) -> String {
    let mut marks = Marks::default();
    for (at, place) in &heat.places {
        let note = marks.note(at);
        note.heat = warmth(place.cases, heat.running);
        note.count = place.cases.to_string();
        note.told.push(shell.t1("fl-running", "n", place.cases));
        if place.late > 0 {
            note.late = shell.t1("fl-late-n", "n", place.late);
            note.told.push(shell.t1("fl-running-late", "n", place.late));
        }
    }
    for (at, hash) in &heat.calls {
        marks.note(at).href = format!("/admin/processes/{hash}");
    }
    shell.zh(&svg(&sheet.definition, &marks))
}

pub(super) fn rows(shell: &PageShell, sheet: &ProcessSheet, heat: &Heat) -> Vec<Row> {
    let definition = &sheet.definition;
    let named = |id: &str| match definition.element(id) {
        Some(element) if !element.name.is_empty() => element.name.to_owned(),
        Some(_) => id.to_owned(),
        None => {
            let mut flows = definition.sequence_flows();
            let flow = flows.find(|(flow, ..)| ***flow == *id);
            flow.map_or_else(
                || id.to_owned(),
                |(_, _, from, to)| format!("{from} → {to}"),
            )
        }
    };
    let mut rows: Vec<Row> = heat
        .places
        .iter()
        .map(|(at, place)| Row {
            name: shell.zh(&named(at)),
            cases: place.cases,
            late: place.late,
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.cases, row.late)));
    rows
}

pub(super) fn words(shell: &PageShell, heat: &Heat) -> String {
    let text = if heat.running == 0 {
        shell.t("fl-heat-none")
    } else {
        shell.t("fl-heat-text")
    };
    if heat.cut {
        format!("{text} {}", shell.t1("fl-heat-cut", "n", heat.running))
    } else {
        text
    }
}
