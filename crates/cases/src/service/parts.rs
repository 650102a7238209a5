//! What this context keeps in memory: the working-day calendar and the compiled process definitions.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use tongban_decisions::Decisions;
use tongban_kernel::{Error, Result};
use tongban_limits::Calendar;
use tongban_process::feel::Names;
use tongban_process::{Binding, Decided, Definition, Library, Missing};
use tongban_storage::{Ctx, Tx};

pub(crate) use super::calendar::calendar;
use super::rules::{Asker, Failed, Made, pin_rules};
use crate::model::Case;
use crate::store::published::PROCESSES;

/// The calendar in force: the shipped one with what administrators have changed.
pub struct WorkCalendar(RwLock<Arc<Calendar>>);

impl Default for WorkCalendar {
    fn default() -> Self {
        Self(RwLock::new(Arc::new(Calendar::shipped().clone())))
    }
}

impl WorkCalendar {
    pub fn current(&self) -> Arc<Calendar> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
    pub(crate) fn replace(&self, calendar: Calendar) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(calendar);
    }
}

/// Compiled definitions and decisions by content hash, which never change, and for a moment the newest hash of each name.
#[derive(Default)]
pub struct Processes {
    compiled: RwLock<HashMap<String, Arc<Definition>>>,
    latest: RwLock<HashMap<String, (String, Timestamp)>>,
    pub(crate) decisions: RwLock<HashMap<String, Arc<Decisions>>>,
}

/// How long the newest definition of a name is taken from memory: so much later another node's publication takes effect.
const LATEST_FOR: SignedDuration = SignedDuration::from_secs(2);

/// The content hash of the newest definition published under `name`.
pub(crate) fn latest_process(ctx: &Ctx, tx: &mut Tx<'_>, name: &str) -> Result<Option<String>> {
    let (kept, now) = (ctx.parts.get::<Processes>()?, ctx.now());
    let known = kept.latest.read().unwrap_or_else(PoisonError::into_inner);
    if let Some((hash, asked_at)) = known.get(name)
        && now.duration_since(*asked_at).abs() <= LATEST_FOR
    {
        return Ok(Some(hash.clone()));
    }
    drop(known);
    let found = PROCESSES.latest(tx, name)?;
    if let Some(hash) = &found {
        let mut known = kept.latest.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(name.to_owned(), (hash.clone(), now));
    }
    Ok(found)
}

/// The definition with this hash.
pub(crate) fn definition(ctx: &Ctx, tx: &mut Tx<'_>, hash: &str) -> Result<Arc<Definition>> {
    let kept = ctx.parts.get::<Processes>()?;
    if let Some(found) = kept
        .compiled
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(hash)
    {
        return Ok(Arc::clone(found));
    }
    let xml = PROCESSES
        .xml(tx, hash)?
        .ok_or_else(|| Error::internal(format!("process {hash} is missing")))?;
    let (definition, _) = Definition::parse(&xml).map_err(|errors| {
        Error::internal(format!(
            "process {hash} cannot be read any more: {errors:?}"
        ))
    })?;
    let definition = Arc::new(definition);
    kept.compiled
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(hash.to_owned(), Arc::clone(&definition));
    Ok(definition)
}

/// What the process of one case may look up: its own definition and those that it calls.
pub(crate) struct CaseLibrary {
    main: Arc<Definition>,
    others: Vec<Arc<Definition>>,
    asker: Option<Asker>,
}

impl CaseLibrary {
    /// With every definition that is open in the state of `case`, the newest of every name that may be called, and the decisions that
    /// these ask. Calls by a name that only a variable tells are refused when a definition is published.
    pub(crate) fn of(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case, hash: &str) -> Result<Self> {
        let main = definition(ctx, tx, hash)?;
        let mut others: Vec<Arc<Definition>> = Vec::new();
        for called in case.process.called() {
            others.push(definition(ctx, tx, called)?);
        }
        let mut at = 0;
        let mut asked: Vec<String> = calls_of(&main);
        while let Some(name) = asked.get(at).cloned() {
            at += 1;
            let Some(hash) = latest_process(ctx, tx, &name)? else {
                continue;
            };
            let found = definition(ctx, tx, &hash)?;
            let deeper = calls_of(&found);
            asked.extend(
                deeper
                    .into_iter()
                    .filter(|n| !asked.contains(n))
                    .collect::<Vec<_>>(),
            );
            others.push(found);
        }
        let all = others.iter().chain([&main]).map(|definition| &**definition);
        let asker = Asker::of(ctx, tx, Some(case), all)?;
        Ok(Self {
            main,
            others,
            asker,
        })
    }

    /// The name of an element, of whichever definition has it.
    pub(crate) fn name_of(&self, id: &str) -> String {
        let mut all = self.others.iter().chain([&self.main]);
        all.find_map(|definition| definition.element(id))
            .map_or_else(String::new, |element| element.name.to_owned())
    }

    /// What was decided on the way, in order.
    pub(crate) fn made(&self) -> Vec<std::result::Result<Made, Failed>> {
        match &self.asker {
            Some(asker) => asker.taken(),
            None => Vec::new(),
        }
    }
}

fn calls_of(definition: &Definition) -> Vec<String> {
    let (fixed, _) = definition.calls();
    let mut names: Vec<String> = fixed.into_iter().map(str::to_owned).collect();
    names.dedup();
    names
}

impl Library for CaseLibrary {
    fn main(&self) -> &Definition {
        &self.main
    }

    fn called(&self, hash: &str) -> Option<&Definition> {
        let mut others = self.others.iter();
        others.find(|d| d.hash() == hash).map(|d| &**d)
    }

    fn resolve<'a>(
        &'a self,
        from: &'a Definition,
        process: &str,
        binding: &Binding,
    ) -> Option<&'a Definition> {
        let own = from.processes().any(|id| **id == *process);
        let mut others = self.others.iter().rev();
        match binding {
            Binding::Version(hash) => self.called(hash),
            _ if own => Some(from),
            Binding::Deployment => None,
            Binding::Latest => others
                .find(|d| d.processes().any(|id| **id == *process))
                .map(|d| &**d),
        }
    }

    fn decide(
        &self,
        from: &Definition,
        decision: &str,
        binding: &Binding,
        names: &dyn Names,
    ) -> std::result::Result<Decided, Missing> {
        match &self.asker {
            Some(asker) => asker.ask(from, decision, binding, names),
            None => Err(Missing::NotDeployed),
        }
    }
}

/// Publishes a BPMN file under `name` (the item's `process_id`). Refuses what cannot run; returns its content hash.
pub fn publish_process(ctx: &Ctx, tx: &mut Tx<'_>, name: &str, xml: &[u8]) -> Result<String> {
    let (definition, _warnings) = Definition::parse(xml).map_err(|errors| {
        let problems = errors
            .iter()
            .take(50)
            .map(|error| {
                tongban_kernel::FieldProblem::new(format!("{name}.bpmn"), "bpmn", error.to_string())
            })
            .collect();
        Error::problems("process.refused", problems)
    })?;
    if definition.calls().1 {
        return Err(Error::invalid(
            "process.refused",
            "调用活动的流程名不能由变量决定：发布前无法核对",
        ));
    }
    put_process(ctx, tx, name, &definition)?;
    Ok(definition.hash().to_owned())
}

/// Keeps a definition as the newest of `name`.
pub(crate) fn put_process(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    name: &str,
    definition: &Definition,
) -> Result<()> {
    pin_rules(tx, definition)?;
    PROCESSES.put(tx, definition.hash(), name, definition.xml(), ctx.now())?;
    let kept = ctx.parts.get::<Processes>()?;
    let mut known = kept.latest.write().unwrap_or_else(PoisonError::into_inner);
    known.remove(name);
    Ok(())
}

/// The divisions from which addresses choose: code and full name. Optional: without it the code is typed.
pub struct Divisions(pub Vec<(String, String)>);

/// Where the public reaches this installation, e.g. `https://zwfw.example.gov.cn`: for codes on printed receipts.
pub struct PublicAddress(pub String);
