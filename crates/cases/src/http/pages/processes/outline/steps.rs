//! `POST /admin/processes/outlines/{n}/steps`: one step, of whatever form it was; and the way back.

use axum::extract::Path;
use axum::response::Response;
use tongban_kernel::{Error, ErrorKind};
use tongban_process::edit::{Details, Edit, Model, Place, Repetition, Setting, Sort, Timed};
use tongban_webkit::{Ctx, Failure, Page, ProtectedPairs};

use super::super::text;
use super::element::element_page;
use super::show::outline_page;
use super::{Again, home, number, place_of};
use crate::service::{OutlineStep, edit_outline, offered, outline_desk, turn_outline};

/// Where to go after a step.
enum Next {
    /// The page of the element that it made.
    Element,
    /// The list, at the element.
    List,
}

/// What a form asks for; `None`: nothing that we know.
struct Wish {
    what: &'static str,
    edits: Vec<Edit>,
    next: Next,
}

fn place(fields: &ProtectedPairs) -> Option<Place> {
    let (kind, id) = text(fields, "place").split_once(':')?;
    match kind {
        "on" => Some(Place::On(id.to_owned())),
        "after" => Some(Place::After(id.to_owned())),
        _ => None,
    }
}

fn timed(fields: &ProtectedPairs) -> Timed {
    Timed {
        form: text(fields, "time-form").to_owned(),
        text: text(fields, "time").to_owned(),
        calendar: text(fields, "calendar").to_owned(),
    }
}

fn some(fields: &ProtectedPairs, name: &str) -> Option<String> {
    let value = text(fields, name).trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// Everything that the form of an element sets; what was not on the form stays.
fn saved(fields: &ProtectedPairs, details: &Details) -> Vec<Edit> {
    let element = || details.id.clone();
    let mut edits = Vec::new();
    if let Some(name) = fields.get("name") {
        edits.push(Edit::Rename {
            element: element(),
            name: name.to_owned(),
        });
    }
    for (setting, now) in &details.settings {
        let value = fields.get(setting.key()).map(str::trim);
        // Interrupting is what an event is unless it says otherwise.
        let usual = *setting == Setting::Interrupting && now.is_empty();
        let same = |value: &str| value == now || (usual && value == "true");
        if let Some(value) = value.filter(|value| !same(value)) {
            edits.push(Edit::Set {
                element: element(),
                setting: *setting,
                value: value.to_owned(),
            });
        }
    }
    if fields.get("lane").is_some() && some(fields, "lane") != details.lane {
        edits.push(Edit::InLane {
            element: element(),
            lane: some(fields, "lane"),
        });
    }
    if let Some(now) = &details.timed
        && *now != timed(fields)
    {
        edits.push(Edit::Time {
            element: element(),
            timed: timed(fields),
        });
    }
    if details.repeatable && fields.get("repeat").is_some() {
        let part = |name: &str| text(fields, name).trim().to_owned();
        let repetition = some(fields, "repeat").map(|mode| Repetition {
            sequential: mode == "sequential",
            count: part("count"),
            collection: part("collection"),
            item: part("item"),
            until: part("until"),
        });
        if repetition != details.repetition {
            edits.push(Edit::Repeat {
                element: element(),
                repetition,
            });
        }
    }
    // Last: another kind may have other settings.
    let sort = fields.get("sort").filter(|sort| *sort != details.element);
    if let Some(sort) = sort.and_then(Sort::of) {
        edits.push(Edit::Retype {
            element: element(),
            sort,
        });
    }
    edits
}

/// The flow of a form: its target, name, condition, and whether it is taken where no condition holds.
fn flow(fields: &ProtectedPairs, model: &Model, element: &str) -> Vec<Edit> {
    let id = text(fields, "flow");
    let Some(now) = model.ways(element).into_iter().find(|way| way.flow == id) else {
        return Vec::new();
    };
    let flow = || id.to_owned();
    let mut edits = Vec::new();
    if let Some(to) = some(fields, "to").filter(|to| *to != now.to) {
        edits.push(Edit::Redirect { flow: flow(), to });
    }
    edits.push(Edit::Rename {
        element: flow(),
        name: text(fields, "name").to_owned(),
    });
    if let Some(text) = fields.get("condition") {
        edits.push(Edit::Condition {
            flow: flow(),
            text: text.to_owned(),
        });
    }
    let default = fields.get("default") == Some("1");
    if default != now.is_default {
        edits.push(Edit::Default {
            element: element.to_owned(),
            flow: default.then(flow),
        });
    }
    edits
}

fn wish(fields: &ProtectedPairs, model: &Model) -> Option<Wish> {
    let element = text(fields, "element").to_owned();
    let name = text(fields, "name").to_owned();
    let sort = || Sort::of(text(fields, "sort"));
    let one = |what, edit, next| {
        Some(Wish {
            what,
            edits: vec![edit],
            next,
        })
    };
    match text(fields, "op") {
        "save" => Some(Wish {
            what: "save",
            edits: saved(fields, &model.details(&element)?),
            next: Next::List,
        }),
        "flow" => Some(Wish {
            what: "flow",
            edits: flow(fields, model, &element),
            next: Next::Element,
        }),
        "flow-remove" => {
            let flow = text(fields, "flow").to_owned();
            one("flow", Edit::Disconnect { flow }, Next::Element)
        }
        "insert" => {
            let (place, sort) = (place(fields)?, sort()?);
            one("insert", Edit::Insert { place, sort, name }, Next::Element)
        }
        "branches" => {
            let names = text(fields, "names").lines().map(str::trim);
            let names = names.filter(|n| !n.is_empty()).map(str::to_owned).collect();
            let (place, sort) = (place(fields)?, sort()?);
            let edit = Edit::Branches { place, sort, names };
            one("insert", edit, Next::List)
        }
        "branch" => {
            let edit = Edit::Branch {
                gateway: element,
                name,
            };
            one("insert", edit, Next::Element)
        }
        "timer" => {
            let edit = Edit::Timer {
                host: element,
                name,
                timed: timed(fields),
                interrupting: text(fields, "interrupting") != "false",
                to: some(fields, "to"),
            };
            one("insert", edit, Next::Element)
        }
        "connect" => {
            let to = text(fields, "to").to_owned();
            one("flow", Edit::Connect { from: element, to }, Next::Element)
        }
        "move" => {
            let place = place(fields)?;
            one("move", Edit::Move { element, place }, Next::List)
        }
        op => lanes_and_levels(op, element, name, fields),
    }
}

fn lanes_and_levels(
    op: &str,
    element: String,
    name: String,
    fields: &ProtectedPairs,
) -> Option<Wish> {
    let (what, edit, next) = match op {
        "enclose" => ("move", Edit::Enclose { element, name }, Next::Element),
        "dissolve" => ("move", Edit::Dissolve { element }, Next::List),
        "remove" => ("remove", Edit::Remove { element }, Next::List),
        "remove-lane" => ("lane", Edit::RemoveLane { lane: element }, Next::List),
        "add-lane" => {
            let post = text(fields, "post").to_owned();
            let organ = String::new();
            ("lane", Edit::AddLane { name, post, organ }, Next::List)
        }
        "layout" => ("layout", Edit::LayOut, Next::List),
        _ => return None,
    };
    Some(Wish {
        what,
        edits: vec![edit],
        next,
    })
}

/// `POST /admin/processes/outlines/{n}/steps`.
pub(super) async fn send(
    ctx: Ctx,
    page: Page,
    Path(n): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let n = number(&n)?;
    let desk = outline_desk(&ctx, n).await?;
    let element = text(&fields, "element");
    let asked = wish(&fields, &desk.model);
    let Some(wish) = asked else {
        let why = page.shell().t("po-choose");
        return again(&ctx, &page, n, &fields, why).await;
    };
    let step = OutlineStep {
        n,
        revision: text(&fields, "rev").parse().unwrap_or(u32::MAX),
        edits: wish.edits,
        what: wish.what,
        key: text(&fields, "idem").to_owned(),
    };
    match edit_outline(&ctx, step).await {
        Ok(at) => {
            let at = if at.is_empty() { element } else { &at };
            let path = match wish.next {
                Next::Element => place_of(n, at),
                Next::List => format!("{}#e-{at}", home(n)),
            };
            Ok(page.see_other(&path))
        }
        Err(error) if error.kind() == ErrorKind::Invalid && !error.field_problems().is_empty() => {
            let told = error.field_problems().iter();
            let why: Vec<&str> = told.map(|problem| problem.message.as_str()).collect();
            again(&ctx, &page, n, &fields, why.join("；")).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The page that the form stood on, with what was typed.
async fn again(
    ctx: &Ctx,
    page: &Page,
    n: u32,
    fields: &ProtectedPairs,
    why: String,
) -> Result<Response, Failure> {
    let desk = outline_desk(ctx, n).await?;
    let offered = offered(ctx, &desk.model).await?;
    let again = Again {
        fields: Some(fields),
        why,
    };
    Ok(match desk.model.details(text(fields, "element")) {
        Some(details) => element_page(page, &desk, &offered, &details, &again),
        None => outline_page(page, &desk, &offered, &again),
    })
}

/// `POST /admin/processes/outlines/{n}/turns`: the last step undone, or the next one done again.
pub(super) async fn turn(
    ctx: Ctx,
    page: Page,
    Path(n): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let n = number(&n)?;
    let revision = text(&fields, "rev").parse();
    let revision = revision.map_err(|_| Error::not_found())?;
    let back = text(&fields, "op") != "redo";
    turn_outline(&ctx, n, revision, back, text(&fields, "idem")).await?;
    Ok(page.see_other(&home(n)))
}
