//! Reading cases: for the applicant, for the officers with a hand in it, for lists.

use jiff::civil::Date;
use tongban_accounts::OfficerProfile;
use tongban_kernel::{
    Act, Actor, AttachmentId, CaseId, DocumentId, Error, OrganId, Post, Resource, Result, TaskId,
};
use tongban_limits::{DayLine, Light, Thresholds, case_light};
use tongban_storage::{Ctx, Tx};

use super::access;
use super::attach::case_files;
use super::hands::task_facts;
use super::parts::{calendar, definition};
use super::record::CaseKeys;
use crate::model::{
    Case, CaseDocument, CaseEvent, FileView, OBJECT_CASE, StageView, Submitted, Task, six_stages,
};
use crate::store::{cases, documents, events, lists, tasks};

pub use crate::store::lists::{CaseLine, Hand, InboxLine};

/// Everything the progress page and the reviewer's page show.
pub struct CaseView {
    pub case: Case,
    pub stages: [StageView; 6],
    pub events: Vec<EventView>,
    pub tasks: Vec<TaskView>,
    pub documents: Vec<CaseDocument>,
    pub files: Vec<FileView>,
    pub clock: Option<ClockView>,
    /// The applicant looks at their own case.
    pub own: bool,
    /// The applicant's name: whole for the applicant, as it is masked in the row for others.
    pub applicant: String,
}

/// An event and whether it has its place in the log yet.
pub struct EventView {
    pub event: CaseEvent,
    pub log_index: Option<u64>,
}

/// A task with the name of its organ.
pub struct TaskView {
    pub task: Task,
    pub organ_name: Option<String>,
}

/// The promised limit on a day.
pub struct ClockView {
    pub promised_days: u32,
    pub statutory_days: u32,
    pub used: u32,
    /// Days left; negative when overdue.
    pub left: i64,
    pub due: Date,
    pub provisional: bool,
    pub statutory_due: Date,
    pub suspended: Option<(String, String)>,
    pub stopped: bool,
    pub light: Light,
    /// Every day with the reason why it counts or does not.
    pub explained: Vec<DayLine>,
}

/// What was submitted with `case`. The caller has authorised the look.
pub(crate) fn application(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case) -> Result<Submitted> {
    let keys = CaseKeys::open(ctx, case)?;
    let sealed = cases::content(tx, case.id)?;
    let json = ctx
        .vault
        .open(&keys.data, case.id.to_string().as_bytes(), &sealed)?;
    let submitted: Submitted = serde_json::from_slice(&json)
        .map_err(|source| Error::internal("corrupt application").source(source))?;
    let draft = super::drafts::unseal(ctx, &super::drafts::frozen(tx, case)?)?;
    Ok(Submitted { draft, ..submitted })
}

pub(crate) fn visible(ctx: &Ctx, case: Option<Case>) -> Result<Case> {
    let case = case.ok_or_else(Error::not_found)?;
    ctx.authorize(Act::ViewCase, Resource::Case(&case.facts(None, Vec::new())))?;
    Ok(case)
}

/// The case with this 办件编号, for whoever may see it and do `act` to it.
pub(crate) fn case_for(ctx: &Ctx, tx: &mut Tx<'_>, project_no: &str, act: Act) -> Result<Case> {
    let case = visible(ctx, cases::by_number(tx, project_no)?)?;
    ctx.authorize(act, Resource::Case(&case.facts(None, Vec::new())))?;
    Ok(case)
}

/// A task with its case, for whoever may see the case and do `act` to the task.
pub(crate) fn task_for(ctx: &Ctx, tx: &mut Tx<'_>, id: TaskId, act: Act) -> Result<(Task, Case)> {
    let task = tasks::get(tx, id)?.ok_or_else(Error::not_found)?;
    let case = visible(ctx, cases::get(tx, task.case)?)?;
    let handled_by = tasks::handled_by(tx, case.id, task.id)?;
    let facts = task_facts(ctx, tx, &case, &task, handled_by)?;
    ctx.authorize(act, Resource::Case(&facts))?;
    Ok((task, case))
}

/// The case with this 办件编号, for whoever may see it.
pub async fn case_by_number(ctx: &Ctx, project_no: &str) -> Result<CaseView> {
    let (ctx2, project_no) = (ctx.clone(), project_no.to_owned());
    let (view, look) = ctx
        .db
        .read(move |tx| {
            let case = visible(&ctx2, cases::by_number(tx, &project_no)?)?;
            let look = access::due(&ctx2, tx, &case, OBJECT_CASE, None)?;
            Ok((view(&ctx2, tx, case)?, look))
        })
        .await?;
    access::written(ctx, look).await?;
    Ok(view)
}

/// The row of a case without anything that was typed, for whoever may see the case. Shows no personal data beyond the masked
/// name, so it is no look that leaves a trace.
pub async fn case_head(ctx: &Ctx, project_no: &str) -> Result<Case> {
    let (ctx2, project_no) = (ctx.clone(), project_no.to_owned());
    ctx.db
        .read(move |tx| visible(&ctx2, cases::by_number(tx, &project_no)?))
        .await
}

pub(crate) fn view(ctx: &Ctx, tx: &mut Tx<'_>, case: Case) -> Result<CaseView> {
    let record = events::with_places(tx, case.id)?;
    let (record, views): (Vec<_>, Vec<_>) = record
        .into_iter()
        .map(|(event, log_index)| (event.clone(), EventView { event, log_index }))
        .unzip();
    let stages = six_stages(&case.state, &record);
    let mut task_views = Vec::new();
    for task in tasks::of_case(tx, case.id)? {
        let organ_name = match task.organ {
            Some(organ) => tongban_accounts::organ(tx, organ)?.map(|organ| organ.name),
            None => None,
        };
        task_views.push(TaskView { task, organ_name });
    }
    let own = matches!(ctx.actor, Actor::Citizen(_));
    let applicant = if own && case.enterprise.is_none() {
        tongban_accounts::person_in(tx, &ctx.vault, case.person)?.user_name
    } else {
        case.applyer_masked.clone()
    };
    Ok(CaseView {
        stages,
        events: views,
        tasks: task_views,
        documents: documents::of_case(tx, case.id)?,
        files: case_files(ctx, tx, &case)?,
        clock: clock_view(ctx, &case)?,
        own,
        applicant,
        case,
    })
}

/// Where the limits of a case stand today.
pub fn clock_view(ctx: &Ctx, case: &Case) -> Result<Option<ClockView>> {
    let Some(clocks) = &case.clocks else {
        return Ok(None);
    };
    let (calendar, today) = (calendar(ctx)?, ctx.clock.today());
    let broken = |source: tongban_limits::ClockError| Error::internal("clock").source(source);
    let due = clocks
        .promised
        .due_as_of(&calendar, today)
        .map_err(broken)?;
    let (suspended, stopped) = match clocks.promised.status(today) {
        tongban_limits::ClockStatus::Suspended { reason, basis, .. } => {
            (Some((reason, basis)), false)
        }
        tongban_limits::ClockStatus::Stopped { .. } => (None, true),
        tongban_limits::ClockStatus::Running => (None, false),
    };
    Ok(Some(ClockView {
        promised_days: clocks.promised.total_days(),
        statutory_days: clocks.statutory.total_days(),
        used: clocks.promised.elapsed(&calendar, today),
        left: clocks
            .promised
            .remaining(&calendar, today)
            .map_err(broken)?,
        due: due.date,
        provisional: due.provisional,
        statutory_due: clocks
            .statutory
            .due_as_of(&calendar, today)
            .map_err(broken)?
            .date,
        suspended,
        stopped,
        light: case_light(
            [&clocks.promised, &clocks.statutory],
            &calendar,
            today,
            &Thresholds::default(),
        )
        .map_err(broken)?,
        explained: clocks
            .promised
            .explain_as_of(&calendar, today)
            .map_err(broken)?,
    }))
}

/// The cases of whoever acts, latest first: at most `limit`, older than `before`.
pub async fn my_cases(ctx: &Ctx, before: Option<CaseId>, limit: u32) -> Result<Vec<CaseLine>> {
    super::drafts::citizen(ctx)?;
    let principal = ctx.actor.principal();
    ctx.db
        .read(move |tx| lists::of_principal(tx, &principal, before, limit))
        .await
}

/// A file of a case, for whoever may see the case.
pub async fn case_file_bytes(
    ctx: &Ctx,
    project_no: &str,
    id: AttachmentId,
) -> Result<(FileView, Vec<u8>)> {
    let (ctx2, project_no) = (ctx.clone(), project_no.to_owned());
    let (file, look) = ctx
        .db
        .read(move |tx| {
            let case = visible(&ctx2, cases::by_number(tx, &project_no)?)?;
            let file = case_files(&ctx2, tx, &case)?
                .into_iter()
                .find(|file| file.id == id)
                .ok_or_else(Error::not_found)?;
            let look = access::due(&ctx2, tx, &case, &format!("file/{id}"), None)?;
            Ok((file, look))
        })
        .await?;
    access::written(ctx, look).await?;
    let (blobs, sha256) = (ctx.blobs.clone(), file.sha256.clone());
    let bytes = tokio::task::spawn_blocking(move || blobs.get(&sha256))
        .await
        .map_err(|_| Error::internal("blob read panicked"))??;
    Ok((file, bytes))
}

/// A document of a case, for whoever may see the case.
pub async fn case_document_bytes(
    ctx: &Ctx,
    project_no: &str,
    id: DocumentId,
) -> Result<(CaseDocument, Vec<u8>)> {
    let (ctx2, project_no) = (ctx.clone(), project_no.to_owned());
    let (document, look) = ctx
        .db
        .read(move |tx| {
            let case = visible(&ctx2, cases::by_number(tx, &project_no)?)?;
            let document = documents::get(tx, id)?
                .filter(|document| document.case == case.id)
                .ok_or_else(Error::not_found)?;
            let look = access::due(&ctx2, tx, &case, &format!("document/{id}"), None)?;
            Ok((document, look))
        })
        .await?;
    access::written(ctx, look).await?;
    let Some(sha256) = document.sha256.clone() else {
        return Err(
            Error::unavailable("document is not made yet").advice("文书正在制作，请几秒钟后刷新")
        );
    };
    let blobs = ctx.blobs.clone();
    let bytes = tokio::task::spawn_blocking(move || blobs.get(&sha256))
        .await
        .map_err(|_| Error::internal("blob read panicked"))??;
    Ok((document, bytes))
}

/// The flow picture of a case with what has happened and what is open (SVG).
pub async fn case_picture(ctx: &Ctx, project_no: &str) -> Result<String> {
    let (ctx2, project_no) = (ctx.clone(), project_no.to_owned());
    ctx.db
        .read(move |tx| {
            let case = visible(&ctx2, cases::by_number(tx, &project_no)?)?;
            let definition = definition(&ctx2, tx, &case.process_hash)?;
            let mut marks = tongban_process::Marks::of(&definition, &case.process, []);
            let closed = tasks::of_case(tx, case.id)?
                .into_iter()
                .filter(|task| !task.open);
            marks
                .done
                .extend(closed.map(|task| std::sync::Arc::from(task.element)));
            Ok(tongban_process::svg(&definition, &marks))
        })
        .await
}

/// A case as the licence context needs it; for workers.
pub async fn case_for_licence(ctx: &Ctx, id: CaseId) -> Result<(Case, Submitted)> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let case = cases::get(tx, id)?.ok_or_else(Error::not_found)?;
            let submitted = application(&ctx2, tx, &case)?;
            Ok((case, submitted))
        })
        .await
}

/// The officers whose posts could do an open task; for notices.
pub fn hands(tx: &mut Tx<'_>, organ: OrganId, post: Post) -> Result<Vec<OfficerProfile>> {
    let ids = tongban_accounts::officers_holding(tx, organ, post)?;
    ids.into_iter()
        .filter_map(|id| tongban_accounts::officer(tx, id).transpose())
        .collect()
}

/// The number of a case, for redirects from its id.
pub async fn number_of(ctx: &Ctx, id: CaseId) -> Result<String> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| Ok(visible(&ctx2, cases::get(tx, id)?)?.project_no))
        .await
}
