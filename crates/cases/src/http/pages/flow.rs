//! The flow of a case on its pages: the picture, and everything it shows as a table beside it.

use askama::Template;
use tongban_kernel::Post;
use tongban_process::{Marks, StayEnd, svg};
use tongban_webkit::ui::{Tone, tag};
use tongban_webkit::{Html, PageShell};

use super::processes::sized;
use crate::http::words::moment;
use crate::service::{CaseFlow, FlowPart, FlowStep};

struct Row {
    name: String,
    state: Html,
    who: String,
    begun: String,
    closed: String,
    due: String,
    late: bool,
}

struct Picture {
    id: String,
    name: String,
    svg: String,
    called: bool,
}

/// What stands under “flow” on the pages of a case.
#[derive(Template)]
#[template(path = "parts/flow.html")]
pub(super) struct FlowCard<'a> {
    shell: &'a PageShell,
    number: &'a str,
    pictures: Vec<Picture>,
    rows: Vec<Row>,
    migrated: bool,
}

/// The card, ready for a page that has asked for `flow.css`.
pub(super) fn card(shell: &PageShell, number: &str, flow: &CaseFlow) -> Html {
    let pictures = flow.parts.iter().enumerate().map(|(n, part)| Picture {
        id: anchor(n),
        name: shell.zh(part.definition.name()),
        svg: sized(&shell.zh(&svg(&part.definition, &marks(shell, flow, n, part, true)))),
        called: n > 0,
    });
    let card = FlowCard {
        shell,
        number,
        pictures: pictures.collect(),
        rows: flow.steps.iter().map(|step| row(shell, step)).collect(),
        migrated: flow.migrated,
    };
    // Writing to memory does not fail.
    askama::filters::Safe(card.render().unwrap_or_default())
}

/// The picture of the case's own process as a file.
pub(super) fn alone(shell: &PageShell, flow: &CaseFlow) -> String {
    let part = flow.parts.first();
    part.map_or_else(String::new, |part| {
        shell.zh(&svg(&part.definition, &marks(shell, flow, 0, part, false)))
    })
}

fn anchor(n: usize) -> String {
    format!("flow-{n}")
}

fn who(shell: &PageShell, step: &FlowStep) -> String {
    let Some(post) = step.task.post else {
        return shell.t("cs-who-applicant");
    };
    let organ = step.organ_name.as_deref().unwrap_or_default();
    let name = step.officer_name.as_deref().unwrap_or_default();
    let text = format!("{organ} {} {name}", Post::label(post));
    shell.zh(text.trim())
}

fn row(shell: &PageShell, step: &FlowStep) -> Row {
    let (tone, key) = match step.end {
        StayEnd::Open => (Tone::Blue, "fl-open"),
        StayEnd::Done => (Tone::Green, "fl-done"),
        StayEnd::Cancelled => (Tone::Plain, "fl-cancelled"),
    };
    let mut words = shell.t(key);
    // What the applicant wrote with a supplement is no outcome; it stands in the record.
    let outcome = step.task.post.and(step.task.outcome.as_deref());
    if let Some(outcome) = outcome.filter(|o| !o.is_empty()) {
        words = format!("{words}：{}", shell.zh(outcome));
    }
    Row {
        name: shell.zh(&step.task.name),
        state: tag(tone, &words),
        who: who(shell, step),
        begun: moment(step.task.opened_at),
        closed: step.task.closed_at.map_or_else(|| "—".to_owned(), moment),
        due: step
            .task
            .due_on
            .map_or_else(|| "—".to_owned(), |due| due.to_string()),
        late: step.late,
    }
}

/// One line of what is told of an element: how it ended, who, when, until when.
fn told(shell: &PageShell, step: &FlowStep) -> String {
    let who = who(shell, step);
    match step.end {
        StayEnd::Open => {
            let due = step.task.due_on.map(|due| due.to_string());
            match due {
                Some(due) if step.late => shell.t2("fl-told-late", "who", who, "date", due),
                Some(due) => shell.t2("fl-told-open-due", "who", who, "date", due),
                None => shell.t1("fl-told-open", "who", who),
            }
        }
        StayEnd::Done => {
            let at = step.task.closed_at.map(moment).unwrap_or_default();
            shell.t2("fl-told-done", "who", who, "time", at)
        }
        StayEnd::Cancelled => {
            let at = step.task.closed_at.map(moment).unwrap_or_default();
            shell.t1("fl-told-cancelled", "time", at)
        }
    }
}

fn marks(shell: &PageShell, flow: &CaseFlow, n: usize, part: &FlowPart, linked: bool) -> Marks {
    let mut marks = part.marks.clone();
    if n > 0 {
        marks.prefix = format!("{}-", anchor(n));
    }
    let known = |id: &str| part.definition.element(id).is_some();
    for step in flow.steps.iter().filter(|step| known(&step.task.element)) {
        let id = step.task.element.as_str().into();
        let done = flow
            .steps
            .iter()
            .filter(|other| other.end == StayEnd::Done && other.task.element == step.task.element);
        let done = done.count();
        let note = marks.note(&id);
        note.told.push(told(shell, step));
        if note.count.is_empty() && done > 1 {
            note.count = format!("×{done}");
        }
        if let (StayEnd::Open, Some(due)) = (step.end, step.task.due_on) {
            let due = shell.t2("fl-due", "month", due.month(), "day", due.day());
            if step.late {
                note.late = shell.t("fl-late");
            }
            note.due = due;
        }
    }
    for (k, called) in flow.parts.iter().enumerate().skip(1).filter(|_| n == 0) {
        for at in &called.called_at {
            let name = shell.zh(called.definition.name());
            let note = marks.note(at);
            note.told.push(shell.t1("fl-told-called", "name", name));
            if linked {
                note.href = format!("#{}", anchor(k));
            }
        }
    }
    marks
}
