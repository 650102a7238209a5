//! `/admin/processes/outlines/{n}`: the list, the lanes, what is wrong as a whole, and the end of the work.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use tongban_kernel::Post;
use tongban_process::edit::{Item, Line, Model, Setting, Way};
use tongban_webkit::ui::Field;
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs};

use super::super::sheet::sized;
use super::super::text;
use super::fields::post_choices;
use super::{Again, Told, below, home, kind_words, number, place_of, told};
use crate::http::pages::files::attached;
use crate::http::words::moment;
use crate::service::{
    Offered, OutlineDesk, OutlineProblem, Staged, close_outline, finish_outline, offered,
    outline_desk,
};

/// Most steps that are listed.
const TURNS: usize = 20;

struct Branch {
    /// Of an event; a flow has none.
    anchor: String,
    words: String,
    href: String,
    problems: Vec<Told>,
    inside: String,
}

/// An element, or where the way goes on.
struct Row {
    anchor: String,
    href: String,
    name: String,
    kind: String,
    notes: String,
    problems: Vec<Told>,
    /// Lists that were rendered already.
    inside: String,
    branches: Vec<Branch>,
    events: Vec<Branch>,
    /// Not empty: only an arrow to an element that stands elsewhere.
    goto: String,
    add: String,
}

#[derive(Template)]
#[template(path = "process_outline_rows.html")]
struct Rows<'a> {
    shell: &'a PageShell,
    rows: Vec<Row>,
}

struct Lane {
    href: String,
    name: String,
    post: String,
    problems: Vec<Told>,
}

struct Process {
    href: String,
    name: String,
    rows: String,
    loose: String,
}

struct Turn {
    at: String,
    who: String,
    what: String,
    now: bool,
}

#[derive(Template)]
#[template(path = "process_outline.html")]
struct OutlinePage<'a> {
    shell: &'a PageShell,
    title: String,
    home: String,
    rev: u32,
    idem: String,
    why: String,
    ready: bool,
    can_undo: bool,
    can_redo: bool,
    from: String,
    whole: Vec<Told>,
    /// How many problems stand beside elements.
    beside: usize,
    processes: Vec<Process>,
    lanes: Vec<Lane>,
    lane_fields: Vec<Field>,
    picture: String,
    turns: Vec<Turn>,
}

/// Renders the list of a level, innermost first.
struct Lister<'a> {
    shell: &'a PageShell,
    model: &'a Model,
    problems: &'a BTreeMap<String, Vec<OutlineProblem>>,
    n: u32,
}

impl Lister<'_> {
    fn told(&self, id: &str) -> Vec<Told> {
        let own = self.problems.get(id).map(Vec::as_slice);
        told(self.shell, own.unwrap_or_default())
    }

    fn rows(&self, items: &[Item]) -> String {
        if items.is_empty() {
            return String::new();
        }
        let rows = items.iter().map(|item| self.row(item)).collect();
        let shell = self.shell;
        Rows { shell, rows }.render().unwrap_or_default()
    }

    fn row(&self, item: &Item) -> Row {
        let line = match item {
            Item::Line(line) => line,
            Item::Goto { way, name } => {
                return Row {
                    anchor: String::new(),
                    href: format!("#e-{}", way.to),
                    name: self.shell.zh(name),
                    kind: String::new(),
                    notes: String::new(),
                    problems: Vec::new(),
                    inside: String::new(),
                    branches: Vec::new(),
                    events: Vec::new(),
                    goto: way.to.clone(),
                    add: String::new(),
                };
            }
        };
        let mut problems = self.told(&line.id);
        if let Some(way) = &line.onward {
            problems.extend(self.told(&way.flow));
        }
        let href = place_of(self.n, &line.id);
        let branches = line.branches.iter().map(|branch| Branch {
            anchor: String::new(),
            words: self.way(&branch.way),
            href: href.clone(),
            problems: self.told(&branch.way.flow),
            inside: self.rows(&branch.items),
        });
        Row {
            anchor: format!("e-{}", line.id),
            add: format!("{href}#add"),
            name: self.title(line),
            kind: kind_words(self.shell, &line.element),
            notes: self.notes(line),
            problems,
            inside: self.rows(&line.inside),
            branches: branches.collect(),
            events: line.events.iter().map(|event| self.event(event)).collect(),
            goto: String::new(),
            href,
        }
    }

    fn title(&self, line: &Line) -> String {
        match line.name.is_empty() {
            true => line.id.clone(),
            false => self.shell.zh(&line.name),
        }
    }

    fn event(&self, event: &Line) -> Branch {
        let details = self.model.details(&event.id);
        let timed = details.and_then(|d| d.timed).map(|t| t.text);
        let name = self.title(event);
        let words = match timed {
            Some(text) => self.shell.t2("po-event-at", "name", name, "time", text),
            None => self.shell.t1("po-event", "name", name),
        };
        let items = event.branches.iter().map(|branch| self.rows(&branch.items));
        Branch {
            anchor: format!("e-{}", event.id),
            words,
            href: place_of(self.n, &event.id),
            problems: self.told(&event.id),
            inside: items.collect(),
        }
    }

    fn way(&self, way: &Way) -> String {
        let shell = self.shell;
        let mut parts = Vec::new();
        if !way.name.is_empty() {
            parts.push(shell.zh(&way.name));
        }
        if !way.condition.is_empty() {
            parts.push(shell.t1("po-if", "text", way.condition.clone()));
        }
        if way.is_default {
            parts.push(shell.t("po-otherwise"));
        }
        if parts.is_empty() {
            parts.push(shell.t("po-branch"));
        }
        parts.join(" · ")
    }

    /// Who, where, how long.
    fn notes(&self, line: &Line) -> String {
        let shell = self.shell;
        let mut parts = Vec::new();
        if !line.lane.is_empty() {
            parts.push(shell.t1("po-in-lane", "name", shell.zh(&line.lane)));
        }
        let details = self.model.details(&line.id);
        for (setting, value) in details.iter().flat_map(|d| &d.settings) {
            match setting {
                _ if value.is_empty() => {}
                Setting::Post => parts.push(post_words(shell, value)),
                Setting::Limit | Setting::Service | Setting::Called | Setting::Outcome => {
                    parts.push(value.clone());
                }
                _ => {}
            }
        }
        if details.is_some_and(|d| d.repetition.is_some()) {
            parts.push(shell.t("po-repeated"));
        }
        parts.join(" · ")
    }
}

/// The name of a post; what is none stays as it is written.
fn post_words(shell: &PageShell, key: &str) -> String {
    match key {
        "applicant" => shell.t("pa-applicant"),
        key => Post::from_key(key).map_or_else(|| key.to_owned(), |p| shell.zh(p.label())),
    }
}

fn lanes(lister: &Lister<'_>, lanes: &[(String, String)]) -> Vec<Lane> {
    let lane = |(id, name): &(String, String)| {
        let details = lister.model.details(id);
        let post = details.and_then(|d| {
            let mut settings = d.settings.into_iter();
            settings.find(|(s, v)| *s == Setting::Post && !v.is_empty())
        });
        Lane {
            href: place_of(lister.n, id),
            name: lister.shell.zh(name),
            post: post.map_or_else(String::new, |(_, key)| post_words(lister.shell, &key)),
            problems: lister.told(id),
        }
    };
    lanes.iter().map(lane).collect()
}

fn lane_fields(shell: &PageShell, offered: &Offered, again: &Again<'_>) -> Vec<Field> {
    let value = |name: &str| again.value("add-lane", name, "");
    let mut name = Field::text("name", &shell.t("po-name"), &value("name"));
    "f-lane-name".clone_into(&mut name.id);
    let mut post = post_choices(shell, offered, &value("post"));
    "f-lane-post".clone_into(&mut post.id);
    vec![name, post]
}

fn turns(shell: &PageShell, desk: &OutlineDesk) -> Vec<Turn> {
    let turn = |turn: &crate::service::OutlineTurn| {
        let what = shell.t(match turn.what.as_str() {
            "begin" => "po-did-begin",
            "insert" => "po-did-insert",
            "remove" => "po-did-remove",
            "move" => "po-did-move",
            "flow" => "po-did-flow",
            "lane" => "po-did-lane",
            "layout" => "po-did-layout",
            _ => "po-did-save",
        });
        Turn {
            at: moment(turn.at),
            who: shell.zh(&turn.by_whom),
            what: match turn.subject.is_empty() {
                true => what,
                false => format!("{what} {}", shell.zh(&turn.subject)),
            },
            now: turn.step == desk.at_step,
        }
    };
    desk.turns.iter().take(TURNS).map(turn).collect()
}

pub(super) fn title(page: &Page, desk: &OutlineDesk) -> String {
    let (id, name) = desk.model.process().unwrap_or_default();
    page.shell().zh(if name.is_empty() { id } else { name })
}

pub(super) fn outline_page(
    page: &Page,
    desk: &OutlineDesk,
    offered: &Offered,
    again: &Again<'_>,
) -> Response {
    let title = title(page, desk);
    let page = below(page, &title, None);
    let shell = page.shell();
    let lister = Lister {
        shell,
        model: &desk.model,
        problems: &desk.problems,
        n: desk.n,
    };
    let outline = desk.model.outline();
    let processes = outline.iter().map(|process| Process {
        href: place_of(desk.n, &process.id),
        name: shell.zh(&process.name),
        rows: lister.rows(&process.items),
        loose: lister.rows(&process.loose),
    });
    let whole = lister.told("");
    let beside = desk.problems.iter().filter(|(id, _)| !id.is_empty());
    let content = OutlinePage {
        shell,
        home: home(desk.n),
        rev: desk.revision,
        idem: shell.request.to_string(),
        why: again.why.clone(),
        // It can be handed in as soon as it can be read; the sheet judges the rest.
        ready: desk
            .problems
            .values()
            .flatten()
            .all(|p| p.severity.is_some()),
        can_undo: desk.can_undo,
        can_redo: desk.can_redo,
        from: desk.from_hash.clone().unwrap_or_default(),
        whole,
        beside: beside.map(|(_, all)| all.len()).sum(),
        processes: processes.collect(),
        lanes: outline
            .first()
            .map(|process| lanes(&lister, &process.lanes))
            .unwrap_or_default(),
        lane_fields: lane_fields(shell, offered, again),
        picture: sized(&desk.picture),
        turns: turns(shell, desk),
        title,
    };
    page.staff_form(&content, !content.why.is_empty())
}

/// `GET /admin/processes/outlines/{n}`.
pub(super) async fn show(ctx: Ctx, page: Page, Path(n): Path<String>) -> Result<Response, Failure> {
    let desk = outline_desk(&ctx, number(&n)?).await?;
    let offered = offered(&ctx, &desk.model).await?;
    Ok(outline_page(&page, &desk, &offered, &Again::default()))
}

/// `GET /admin/processes/outlines/{n}/bpmn`: the file as it is now.
pub(super) async fn download(ctx: Ctx, Path(n): Path<String>) -> Result<Response, Failure> {
    let desk = outline_desk(&ctx, number(&n)?).await?;
    let (id, _) = desk.model.process().unwrap_or_default();
    let name = format!("{id}-{}.bpmn", desk.at_step);
    Ok(attached("application/xml", &name, desk.model.xml()))
}

fn revision(fields: &ProtectedPairs) -> u32 {
    text(fields, "rev").parse().unwrap_or(u32::MAX)
}

/// `POST /admin/processes/outlines/{n}/file`: handed in like any other file; the sheet is next.
pub(super) async fn finish(
    ctx: Ctx,
    page: Page,
    Path(n): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let n = number(&n)?;
    match finish_outline(&ctx, n, revision(&fields)).await? {
        Staged::Kept { hash } => Ok(page.see_other(&format!("/admin/processes/{hash}"))),
        Staged::Known { hash } => Ok(page.see_other(&format!("/admin/processes/{hash}?known=1"))),
        Staged::Refused(_) => {
            let desk = outline_desk(&ctx, n).await?;
            let offered = offered(&ctx, &desk.model).await?;
            let again = Again {
                fields: None,
                why: page.shell().t("po-not-ready"),
            };
            Ok(outline_page(&page, &desk, &offered, &again))
        }
    }
}

/// `POST /admin/processes/outlines/{n}/end`: the working copy is dropped.
pub(super) async fn close(
    ctx: Ctx,
    page: Page,
    Path(n): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    close_outline(&ctx, number(&n)?, revision(&fields)).await?;
    Ok(page.see_other(super::LIST))
}
