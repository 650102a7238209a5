//! Walking a process by hand before it is published (走一遍). Nothing is kept: the steps travel with the page and are done anew.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use tongban_kernel::{Act, Error, Resource, Result};
use tongban_limits::{Calendar, OfficeHours, from_local, to_local};
use tongban_process::walk::{Op, Open, Walk, WalkError};
use tongban_process::{Definition, Due, Missing, svg};
use tongban_storage::{Ctx, Tx};

use super::look::{file, parsed};
use crate::service::parts::{calendar, definition, latest_process};
use crate::service::rules::Asker;

/// Most steps of one walk.
pub const STEPS_MAX: usize = 200;
/// Longest time that one step lets pass.
const PASS_MAX: SignedDuration = SignedDuration::from_hours(24 * 3_660);

/// Where a walk stands.
#[derive(Debug, Clone)]
pub struct Trial {
    pub hash: String,
    pub name: String,
    /// SVG with classes only, the tokens marked.
    pub picture: String,
    /// The clock of the walk.
    pub now: Timestamp,
    pub begun: bool,
    pub ended: bool,
    /// End events that were reached, in order.
    pub end_events: Vec<String>,
    pub open: Vec<Open>,
    /// Variables, called processes' after them.
    pub vars: Map<String, Value>,
    pub called_vars: Map<String, Value>,
    /// The steps that were done.
    pub steps: Vec<Value>,
    /// Why the next step was not.
    pub refused: Option<WalkError>,
}

/// Due times by the calendar in force; the limit of a case is not known here and counts from now.
fn due_at(calendar: &Calendar, due: &Due, now: Timestamp) -> Timestamp {
    let today = tongban_kernel::shanghai_date(now);
    let close = |day: jiff::civil::Date| from_local(day.at(23, 59, 59, 0)).unwrap_or(now);
    match due {
        Due::At(at) => *at,
        Due::WorkingDays(days) => calendar.nth_working_day(today, *days).map_or(now, close),
        Due::WorkingMinutes(minutes) => OfficeHours::default()
            .add_minutes(calendar, to_local(now), *minutes)
            .ok()
            .and_then(|at| from_local(at).ok())
            .unwrap_or(now),
        Due::Limit(days) => match u32::try_from(*days) {
            Ok(days) => calendar.nth_working_day(today, days).map_or(now, close),
            Err(_) => now,
        },
    }
}

/// A file and the newest of everything that it calls, by name; and who answers its decisions.
type Walked = (Vec<(String, Definition)>, Option<Asker>);

fn files(ctx: &Ctx, tx: &mut Tx<'_>, hash: &str) -> Result<Walked> {
    let (_, _, xml) = file(tx, hash)?;
    let main = parsed(&xml)?.0;
    let names =
        |of: &Definition| -> Vec<String> { of.calls().0.into_iter().map(str::to_owned).collect() };
    let mut asked = names(&main);
    let mut found = vec![(main.id().to_string(), main)];
    let mut at = 0;
    while let Some(name) = asked.get(at).cloned() {
        at += 1;
        if found.iter().any(|(known, _)| *known == name) {
            continue;
        }
        if let Some(hash) = latest_process(ctx, tx, &name)? {
            let called = definition(ctx, tx, &hash)?;
            asked.extend(names(&called));
            found.push((name, Definition::clone(&called)));
        }
    }
    let all = found.iter().map(|(_, definition)| definition);
    let asker = Asker::of(ctx, tx, None, all)?;
    Ok((found, asker))
}

fn op_of(step: &Value) -> std::result::Result<Op, WalkError> {
    let bad = |message: String| WalkError {
        kind: "runtime",
        element: None,
        message,
    };
    let op: Op = serde_json::from_value(step.clone())
        .map_err(|error| bad(format!("这一步不能读取：{error}")))?;
    if let Op::Advance { by } = &op {
        let span: jiff::Span = by
            .parse()
            .map_err(|_| bad(format!("“{by:.40}”不是 P1D、PT2H 这样的时长")))?;
        let days = jiff::SpanRelativeTo::days_are_24_hours();
        let long = (span.get_years(), span.get_months()) != (0, 0)
            || span
                .to_duration(days)
                .map_or(true, |long| long > PASS_MAX || long.is_negative());
        if long {
            return Err(bad("一次最多经过 3660 天，用天、小时或分钟表示".to_owned()));
        }
    }
    Ok(op)
}

/// Does `steps` on the file with this content hash, published or waiting, then `next`. A step that is refused changes nothing.
pub async fn try_process(
    ctx: &Ctx,
    hash: &str,
    steps: Vec<Value>,
    next: Option<Value>,
) -> Result<Trial> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    if steps.len() + usize::from(next.is_some()) > STEPS_MAX {
        let message = format!("一次最多走 {STEPS_MAX} 步，请撤销几步或重新开始");
        return Err(Error::invalid("process.steps", message));
    }
    let (ctx2, key) = (ctx.clone(), hash.to_owned());
    let (files, asker) = ctx.db.read_long(move |tx| files(&ctx2, tx, &key)).await?;
    let days = calendar(ctx)?;
    let hash = hash.to_owned();
    tokio::task::spawn_blocking(move || walked(hash, files, asker, days, steps, next))
        .await
        .map_err(|_| Error::internal("a walk panicked"))
}

fn walked(
    hash: String,
    files: Vec<(String, Definition)>,
    asker: Option<Asker>,
    days: Arc<Calendar>,
    steps: Vec<Value>,
    next: Option<Value>,
) -> Trial {
    let main = files.first().map(|(_, file)| file.clone());
    let calendar = Arc::new(move |due: &Due, now: Timestamp| due_at(&days, due, now));
    let mut walk = Walk::new(files, Vec::new(), calendar);
    if let Some(asker) = asker {
        walk = walk.deciding(Arc::new(move |from, asked, binding, names| {
            // Nothing waits in a walk: what cannot be decided refuses the step.
            asker
                .ask(from, asked, binding, names)
                .map_err(|missing| match missing {
                    Missing::Held(why) => Missing::Failed(why),
                    other => other,
                })
        }));
    }
    let (mut done, mut refused) = (Vec::new(), None);
    for step in steps.into_iter().chain(next) {
        match op_of(&step).and_then(|op| walk.walk(&op)) {
            Ok(()) => done.push(step),
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
    }
    let view = walk.view();
    Trial {
        hash,
        name: main
            .as_ref()
            .map_or_else(String::new, |d| d.name().to_owned()),
        picture: main.map_or_else(String::new, |d| svg(&d, &walk.marks())),
        now: walk.now(),
        begun: walk.is_begun(),
        ended: view.ended,
        end_events: view.end_events,
        open: walk.open(),
        vars: view.vars,
        called_vars: view.called_vars,
        steps: done,
        refused,
    }
}
