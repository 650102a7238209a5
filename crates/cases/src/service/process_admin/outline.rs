//! The outline editor: a working copy of a process file, changed step by step, executable or not yet. Every step is one commit with
//! the whole file, so nothing is lost and every step can be undone; what is finished goes the way of any file that is handed in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tongban_kernel::{Act, Error, FieldProblem, Permit, Resource, Result};
use tongban_process::edit::{Edit, Model, Refused, Setting};
use tongban_process::{Definition, ImportError, Marks, Severity, Warning, svg};
use tongban_storage::{Ctx, Replay, Stored, Tx, remember, replay};

use super::checks::{ItemUse, Judged, items_using, judge};
use super::look::file;
use super::publish::{Staged, stage_process};
use crate::service::public_rule::author;
use crate::store::process_outlines as store;
use crate::store::published::PROCESSES;

/// How many steps can be undone.
const STEPS_KEPT: u32 = 200;
/// How long a copy lies untouched before it is dropped.
const LIES_FOR: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Most published processes whose values are offered again.
const OFFERED_FROM: u32 = 200;

/// A working copy in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlineLine {
    pub n: u32,
    pub name: String,
    pub changed_by: String,
    pub changed_at: Timestamp,
}

/// Something that is said of an element, beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlineProblem {
    /// `None`: it cannot even be read for execution.
    pub severity: Option<Severity>,
    pub message: String,
}

/// A step that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlineTurn {
    pub step: u32,
    /// Key of its words, e.g. `insert`.
    pub what: String,
    /// Name of the element.
    pub subject: String,
    pub by_whom: String,
    pub at: Timestamp,
}

/// A working copy with what is said of it.
#[derive(Debug, Clone)]
pub struct OutlineDesk {
    pub n: u32,
    pub revision: u32,
    /// The step that is shown.
    pub at_step: u32,
    pub can_undo: bool,
    pub can_redo: bool,
    pub from_hash: Option<String>,
    pub model: Model,
    /// By element, lane or flow; those of the whole under the empty text.
    pub problems: BTreeMap<String, Vec<OutlineProblem>>,
    /// SVG with classes only; empty while the file cannot be executed.
    pub picture: String,
    /// The last ones, newest first.
    pub turns: Vec<OutlineTurn>,
}

/// What the forms offer.
#[derive(Debug, Clone, Default)]
pub struct Offered {
    /// Id as files name it, and name.
    pub organs: Vec<(String, String)>,
    /// Of the published processes and this file.
    pub values: BTreeMap<Setting, BTreeSet<String>>,
}

fn refused(why: Refused) -> Error {
    let field = why.element.unwrap_or_default();
    Error::problems(
        "process.outline",
        vec![FieldProblem::new(&field, why.rule, why.message)],
    )
}

async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> std::result::Result<T, Refused> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Error::internal("editing a process panicked"))?
        .map_err(refused)
}

fn permit(ctx: &Ctx) -> Result<Permit> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)
}

/// The working copies, the one that was changed last first.
pub async fn outlines(ctx: &Ctx) -> Result<Vec<OutlineLine>> {
    permit(ctx)?;
    let rows = ctx.db.read(|tx| store::all(tx, 200)).await?;
    let line = |row: store::OutlineRow| OutlineLine {
        n: row.n,
        name: row.name,
        changed_by: row.changed_by,
        changed_at: row.changed_at,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// From what a working copy begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeginOutline {
    /// The file with this content hash, published or waiting.
    From(String),
    /// A start and an end; the id and name of the process.
    Blank { id: String, name: String },
}

/// Begins a working copy; its number. A repeat under the same key gives the same one.
pub async fn begin_outline(ctx: &Ctx, wish: BeginOutline, key: &str) -> Result<u32> {
    permit(ctx)?;
    let (from, model) = match wish.clone() {
        BeginOutline::From(hash) => {
            let asked = hash.clone();
            let (_, _, xml) = ctx.db.read(move |tx| file(tx, &asked)).await?;
            (Some(hash), aside(move || Model::read(&xml)).await?)
        }
        BeginOutline::Blank { id, name } => {
            if name.trim().is_empty() {
                let message = "请填写流程名称".to_owned();
                return Err(Error::field("process.outline", "name", message));
            }
            let model = Model::blank(id.trim(), &name);
            let of_field = |why: Refused| Refused {
                element: Some(why.rule.to_owned()),
                ..why
            };
            (None, model.map_err(of_field).map_err(refused)?)
        }
    };
    let (ctx2, key, request) = (ctx.clone(), key.to_owned(), format!("outline/{wish:?}"));
    ctx.db
        .write(move |tx| {
            let (ctx, principal) = (&ctx2, ctx2.actor.principal());
            if let Replay::Seen(answer) = replay(tx, &principal, &key, request.as_bytes())? {
                return number(&answer);
            }
            let (now, who) = (ctx.now(), author(ctx, tx)?.0);
            store::sweep(tx, now - LIES_FOR)?;
            let (xml, title) = (model.xml(), title(&model));
            let first = store::StepRow {
                step: 1,
                at: now,
                by_whom: &who,
                what: "begin",
                subject: "",
                xml: &xml,
            };
            let n = store::insert(tx, &title, from.as_deref(), &first)?;
            keep_answer(ctx, tx, &key, &request, &n.to_string())?;
            Ok(n)
        })
        .await
}

fn number(answer: &Stored) -> Result<u32> {
    let n = answer.body.parse();
    n.map_err(|_| Error::internal("corrupt answer of a key"))
}

fn keep_answer(ctx: &Ctx, tx: &mut Tx<'_>, key: &str, request: &str, body: &str) -> Result<()> {
    let answer = Stored {
        status: 200,
        body: body.to_owned(),
    };
    let principal = ctx.actor.principal();
    remember(tx, &principal, key, request.as_bytes(), &answer, ctx.now())
}

fn title(model: &Model) -> String {
    let (id, name) = model.process().unwrap_or_default();
    if name.is_empty() { id } else { name }.to_owned()
}

/// A copy that is not closed, and the file of its present step.
fn load(tx: &mut Tx<'_>, n: u32) -> Result<(store::OutlineRow, Vec<u8>)> {
    let row = store::get(tx, n)?.ok_or_else(Error::not_found)?;
    let missing = || Error::internal(format!("step {} of outline {n} is missing", row.at_step));
    let xml = store::file(tx, n, row.at_step)?.ok_or_else(missing)?;
    Ok((row, xml))
}

/// What the engine can make of a file that may not be finished.
type Parsed = std::result::Result<(Arc<Definition>, Vec<Warning>), Vec<ImportError>>;

fn parsed(xml: &[u8]) -> Parsed {
    Definition::parse(xml).map(|(definition, warnings)| (Arc::new(definition), warnings))
}

/// A working copy, with what is wrong with it beside each element.
pub async fn outline_desk(ctx: &Ctx, n: u32) -> Result<OutlineDesk> {
    permit(ctx)?;
    let (row, xml, turns) = ctx
        .db
        .read(move |tx| {
            let (row, xml) = load(tx, n)?;
            Ok((row, xml, store::steps(tx, n, STEPS_KEPT)?))
        })
        .await?;
    let (model, parsed) = aside(move || Ok((Model::read(&xml)?, parsed(&xml)))).await?;
    let items = match &parsed {
        Ok((definition, _)) => items_using(ctx, definition.id()).await?,
        Err(_) => Vec::new(),
    };
    let picture = parsed.as_ref().map_or_else(
        |_| String::new(),
        |(definition, _)| svg(definition, &Marks::default()),
    );
    let (ctx2, known) = (ctx.clone(), model.clone());
    let problems = ctx
        .db
        .read_long(move |tx| problems(&ctx2, tx, &known, &parsed, &items))
        .await?;
    let has = |step: u32| turns.iter().any(|turn| turn.0 == step);
    Ok(OutlineDesk {
        n,
        revision: row.revision,
        at_step: row.at_step,
        can_undo: has(row.at_step.saturating_sub(1)),
        can_redo: row.last_step > row.at_step,
        from_hash: row.from_hash,
        model,
        problems,
        picture,
        turns: turns
            .into_iter()
            .map(|(step, what, subject, by_whom, at)| OutlineTurn {
                step,
                what,
                subject,
                by_whom,
                at,
            })
            .collect(),
    })
}

/// Everything that is said of the file, at the elements of the list.
fn problems(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    model: &Model,
    parsed: &Parsed,
    items: &[ItemUse],
) -> Result<BTreeMap<String, Vec<OutlineProblem>>> {
    let mut found: BTreeMap<String, Vec<OutlineProblem>> = BTreeMap::new();
    let mut say = |element: Option<&str>, severity, message: &str| {
        // What belongs to nothing that the list shows is said of the whole.
        let place = element.filter(|id| model.details(id).is_some_and(|d| d.element != "process"));
        let all = found
            .entry(place.unwrap_or_default().to_owned())
            .or_default();
        let one = OutlineProblem {
            severity,
            message: message.to_owned(),
        };
        if !all.contains(&one) {
            all.push(one);
        }
    };
    match parsed {
        Err(errors) => {
            for error in errors {
                say(error.element.as_deref(), None, &error.message);
            }
        }
        Ok((definition, _)) => {
            for Judged {
                severity,
                element,
                message,
                ..
            } in judge(ctx, tx, definition, items)?
            {
                say(Some(&element), Some(severity), &message);
            }
        }
    }
    Ok(found)
}

/// What the forms of a copy offer: organs, and what published processes and this file name.
pub async fn offered(ctx: &Ctx, model: &Model) -> Result<Offered> {
    permit(ctx)?;
    let organs = tongban_accounts::organs(ctx).await?.into_iter();
    let organs = organs.map(|organ| (organ.id.to_string(), organ.name));
    let organs = organs.collect();
    let (names, texts) = ctx
        .db
        .read_long(move |tx| {
            let mut names: BTreeMap<String, String> = BTreeMap::new();
            for version in PROCESSES.versions(tx, OFFERED_FROM)? {
                // Newest first within a name.
                names.entry(version.name).or_insert(version.hash);
            }
            let mut texts = Vec::new();
            for hash in names.values() {
                texts.extend(PROCESSES.xml(tx, hash)?);
            }
            Ok((names, texts))
        })
        .await?;
    let own = model.clone();
    let mut values = aside(move || {
        let mut values: BTreeMap<Setting, BTreeSet<String>> = BTreeMap::new();
        let read = texts.iter().filter_map(|text| Model::read(text).ok());
        for model in read.chain([own]) {
            for setting in Setting::ALL {
                values
                    .entry(setting)
                    .or_default()
                    .extend(model.values(setting));
            }
        }
        Ok(values)
    })
    .await?;
    values
        .entry(Setting::Called)
        .or_default()
        .extend(names.into_keys());
    Ok(Offered { organs, values })
}

/// The wish to change a working copy. `key` makes a repeat harmless.
#[derive(Debug, Clone, PartialEq)]
pub struct OutlineStep {
    pub n: u32,
    /// The revision that was looked at.
    pub revision: u32,
    /// Done in this order, all or none.
    pub edits: Vec<Edit>,
    /// Key of the words for it in the list of steps.
    pub what: &'static str,
    pub key: String,
}

/// Changes a working copy; the element to look at next. A change that changes nothing is no step.
pub async fn edit_outline(ctx: &Ctx, wish: OutlineStep) -> Result<String> {
    permit(ctx)?;
    let request = format!("outline-step/{}/{}/{:?}", wish.n, wish.revision, wish.edits);
    let (principal, key, asked) = (ctx.actor.principal(), wish.key.clone(), request.clone());
    let n = wish.n;
    let loaded = ctx
        .db
        .read(
            move |tx| match replay(tx, &principal, &key, asked.as_bytes())? {
                Replay::Seen(answer) => Ok(Err(answer.body)),
                Replay::Fresh => load(tx, n).map(Ok),
            },
        )
        .await?;
    let (row, xml) = match loaded {
        Ok(found) => found,
        Err(seen) => return Ok(seen),
    };
    if row.revision != wish.revision {
        return Err(store::stale());
    }
    let edits = wish.edits;
    let (at, subject, title, new) = aside(move || {
        let mut model = Model::read(&xml)?;
        let mut at = String::new();
        for edit in &edits {
            let edited = model.apply(edit)?;
            (model, at) = (edited.model, edited.at);
        }
        let details = model.details(&at);
        let subject = details.map_or_else(String::new, |details| match details.name.is_empty() {
            true => details.id,
            false => details.name,
        });
        let new = model.xml();
        let changed = (new != xml).then_some(new);
        Ok((at, subject, title(&model), changed))
    })
    .await?;
    let Some(new) = new else {
        return Ok(at);
    };
    let (ctx2, key, what) = (ctx.clone(), wish.key, wish.what);
    ctx.db
        .write(move |tx| {
            let (ctx, principal) = (&ctx2, ctx2.actor.principal());
            if let Replay::Seen(answer) = replay(tx, &principal, &key, request.as_bytes())? {
                return Ok(answer.body);
            }
            let who = author(ctx, tx)?.0;
            let step = store::StepRow {
                step: row.at_step + 1,
                at: ctx.now(),
                by_whom: &who,
                what,
                subject: &subject,
                xml: &new,
            };
            store::add(tx, &row, &title, &step, STEPS_KEPT)?;
            keep_answer(ctx, tx, &key, &request, &at)?;
            Ok(at.clone())
        })
        .await
}

/// Undoes the last step, or does the next one again. A repeat under the same key changes nothing.
pub async fn turn_outline(ctx: &Ctx, n: u32, revision: u32, back: bool, key: &str) -> Result<()> {
    permit(ctx)?;
    let request = format!("outline-turn/{n}/{revision}/{back}");
    let (ctx2, key) = (ctx.clone(), key.to_owned());
    ctx.db
        .write(move |tx| {
            let (ctx, principal) = (&ctx2, ctx2.actor.principal());
            if let Replay::Seen(_) = replay(tx, &principal, &key, request.as_bytes())? {
                return Ok(());
            }
            let row = store::get(tx, n)?.ok_or_else(Error::not_found)?;
            let to = match back {
                true => row.at_step.saturating_sub(1),
                false => row.at_step + 1,
            };
            let there = to <= row.last_step && store::file(tx, n, to)?.is_some();
            if row.revision != revision || !there {
                return Err(store::stale());
            }
            let who = author(ctx, tx)?.0;
            store::turn(tx, &row, revision, to, (&who, ctx.now()))?;
            keep_answer(ctx, tx, &key, &request, "")
        })
        .await
}

/// Hands the file of a working copy in, as any file is; the copy stays.
pub async fn finish_outline(ctx: &Ctx, n: u32, revision: u32) -> Result<Staged> {
    permit(ctx)?;
    let (row, xml) = ctx.db.read(move |tx| load(tx, n)).await?;
    if row.revision != revision {
        return Err(store::stale());
    }
    stage_process(ctx, xml).await
}

/// Drops a working copy with its steps; dropped twice is dropped.
pub async fn close_outline(ctx: &Ctx, n: u32, revision: u32) -> Result<()> {
    permit(ctx)?;
    ctx.db
        .write(move |tx| {
            let Some(row) = store::get(tx, n)? else {
                return Ok(());
            };
            if row.revision != revision {
                return Err(store::stale());
            }
            store::close(tx, n)
        })
        .await
}
