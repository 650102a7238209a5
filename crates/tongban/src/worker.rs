//! After the commit: hands outbox messages to their subscribers, turns leaves into checkpoints, fires timers, sweeps.
//!
//! Every subscriber may see a message more than once and changes nothing the second time. A message that fails ten times is
//! kept aside as a dead letter and never holds the others up.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::watch;
use tongban_kernel::{
    CaseId, DocumentId, Error, ErrorKind, ItemVersionId, LicenceId, OutboxId, Result,
};
use tongban_storage::{Ctx, Message, bury, claim, done, retry_later};

use crate::{letters, translog};

/// Tries before a message is given up.
const TRIES_MAX: u32 = 10;
/// Messages per round.
const ROUND: u32 = 50;
/// Timers per round.
const TIMERS: u32 = 256;
/// So many published items are cheaper to index anew with all others.
const INDEX_AT_ONCE: u64 = 100;
const ITEM_PUBLISHED: &str = "catalogue.item.published";
/// The pause when nothing waits.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs until `stop` says so.
pub async fn run(ctx: Ctx, stop: watch::Receiver<bool>) {
    if let Err(error) = catch_up_index(&ctx).await {
        tracing::error!("search index: {error}");
    }
    let outbox = tokio::spawn(every(ctx.clone(), stop.clone(), PAUSE, |ctx| async move {
        deliver(&ctx).await
    }));
    let log = tokio::spawn(every(
        ctx.clone(),
        stop.clone(),
        Duration::from_millis(500),
        |ctx| async move { translog::sequence(&ctx).await.map(|taken| taken > 1) },
    ));
    let witnesses = tokio::spawn(every(
        ctx.clone(),
        stop.clone(),
        Duration::from_secs(5),
        |ctx| async move { translog::gather(&ctx).await.map(|_| false) },
    ));
    // Systems that are slow or away hold nothing else up.
    let outside = tokio::spawn(every(
        ctx.clone(),
        stop.clone(),
        Duration::from_millis(500),
        |ctx| async move { tongban_outside::deliver(&ctx).await },
    ));
    let timers = tokio::spawn(every(
        ctx.clone(),
        stop.clone(),
        Duration::from_secs(1),
        |ctx| async move { timers(&ctx).await },
    ));
    let daily = tokio::spawn(every(
        ctx,
        stop,
        Duration::from_secs(30),
        |ctx| async move { daily(&ctx).await.map(|()| false) },
    ));
    let _ = tokio::join!(outbox, log, witnesses, outside, timers, daily);
}

/// Items published by another process (an import) come into the index all at once, not one by one.
async fn catch_up_index(ctx: &Ctx) -> Result<()> {
    let waiting = ctx
        .db
        .read(|tx| tongban_storage::waiting_of(tx, ITEM_PUBLISHED))
        .await?;
    if waiting > INDEX_AT_ONCE {
        tongban_catalogue::http::reindex_once(ctx).await?;
    }
    Ok(())
}

/// Runs `work` again and again: at once while it finds something to do, else after `pause`.
async fn every<F, W>(ctx: Ctx, mut stop: watch::Receiver<bool>, pause: Duration, work: F)
where
    F: Fn(Ctx) -> W,
    W: Future<Output = Result<bool>>,
{
    loop {
        let busy = match work(ctx.clone()).await {
            Ok(busy) => busy,
            Err(error) => {
                tracing::error!("background work failed: {error}");
                false
            }
        };
        let wait = if busy { Duration::ZERO } else { pause };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.changed() => return,
        }
        if *stop.borrow() {
            return;
        }
    }
}

/// One round over the outbox; `true` when more may wait.
pub async fn deliver(ctx: &Ctx) -> Result<bool> {
    let now = ctx.now();
    let messages = ctx.db.write(move |tx| claim(tx, now, ROUND)).await?;
    let full = messages.len() == ROUND as usize;
    let mut settled = Vec::with_capacity(messages.len());
    for message in messages {
        let outcome = hand_over(ctx, &message).await;
        settled.push((message, outcome));
    }
    if settled.is_empty() {
        return Ok(false);
    }
    let held = hold_steps(ctx, &settled).await;
    ctx.db
        .write(move |tx| {
            for (message, outcome) in &settled {
                match outcome {
                    Ok(()) => done(tx, message.id)?,
                    Err(error) if message.attempts >= TRIES_MAX && held.contains(&message.id) => {
                        tracing::error!(kind = %message.event.kind, "service gave up, its step is held: {error}");
                        done(tx, message.id)?;
                    }
                    Err(error) if message.attempts >= TRIES_MAX => {
                        tracing::error!(kind = %message.event.kind, "message given up: {error}");
                        bury(tx, message, &error.to_string(), now)?;
                    }
                    Err(error) => {
                        tracing::warn!(kind = %message.event.kind, attempts = message.attempts, "message will be tried again: {error}");
                        retry_later(tx, message, &error.to_string(), now)?;
                    }
                }
            }
            Ok(())
        })
        .await?;
    Ok(full)
}

/// Services that were asked often enough leave an incident on the step of their case, not a dead letter: who can mend it sees it
/// there. Those whose incident could not be written are buried as any other message.
async fn hold_steps(ctx: &Ctx, settled: &[(Message, Result<()>)]) -> Vec<OutboxId> {
    let mut held = Vec::new();
    for (message, outcome) in settled {
        let Err(error) = outcome else { continue };
        if message.attempts < TRIES_MAX || message.event.kind != tongban_cases::SERVICE_CALLED {
            continue;
        }
        let why = match error.context_text() {
            "" => error.message(),
            context => context,
        };
        match tongban_cases::service_failed(ctx, &message.event, why, message.attempts).await {
            Ok(()) => held.push(message.id),
            Err(error) => tracing::error!("incident could not be written: {error}"),
        }
    }
    held
}

/// The kinds of events that [`hand_over`] hands on; others do not come into the outbox.
pub const SUBSCRIBED: &[&str] = &[
    tongban_cases::DOCUMENT_WANTED,
    tongban_cases::SERVICE_CALLED,
    tongban_cases::CALENDAR_CHANGED,
    tongban_cases::MESSAGE_SENT,
    tongban_cases::SIGNAL_SENT,
    tongban_cases::MOVE_ORDERED,
    tongban_cases::MESSAGE_WANTED,
    tongban_cases::DECISION_PUBLISHED,
    tongban_cases::DECISION_WANTED,
    tongban_cases::CASE_HAPPENED,
    tongban_cases::STEP_ASSIGNED,
    tongban_cases::STEP_WITHDRAWN,
    tongban_licences::FILE_WANTED,
    ITEM_PUBLISHED,
];

/// Who wants which event.
async fn hand_over(ctx: &Ctx, message: &Message) -> Result<()> {
    let event = &message.event;
    match event.kind.as_str() {
        tongban_cases::DOCUMENT_WANTED => {
            letters::make(ctx, id::<DocumentId>(&event.subject)?).await
        }
        tongban_cases::SERVICE_CALLED => {
            letters::serve(ctx, id::<CaseId>(&event.subject)?, &event.data).await
        }
        tongban_cases::MESSAGE_SENT | tongban_cases::SIGNAL_SENT => {
            tongban_cases::deliver_message(ctx, event, &message.id.to_string()).await
        }
        tongban_cases::MESSAGE_WANTED => tongban_cases::deliver_kept(ctx).await.map(|_| ()),
        tongban_cases::CASE_HAPPENED
        | tongban_cases::STEP_ASSIGNED
        | tongban_cases::STEP_WITHDRAWN => tongban_outside::fan_out(ctx, message).await,
        tongban_cases::MOVE_ORDERED => {
            let n = event.subject.parse();
            let n = n.map_err(|source| Error::internal("message subject").source(source))?;
            tongban_cases::run_move(&ctx.as_actor(tongban_kernel::Actor::System), n).await
        }
        tongban_cases::DECISION_WANTED => tongban_cases::retry_case(ctx, &event.subject).await,
        tongban_cases::DECISION_PUBLISHED => tongban_cases::retry_held(ctx, &event.subject).await,
        tongban_licences::FILE_WANTED => {
            tongban_licences::make_file(ctx, id::<LicenceId>(&event.subject)?).await
        }
        tongban_cases::CALENDAR_CHANGED => {
            let moved = tongban_cases::recount_due(ctx).await?;
            tracing::info!(moved, "due dates follow the changed calendar");
            Ok(())
        }
        ITEM_PUBLISHED => {
            tongban_catalogue::http::on_item_published(ctx, id::<ItemVersionId>(&event.subject)?)
                .await
        }
        // Put there by an older program.
        _ => Ok(()),
    }
}

fn id<T: tongban_kernel::TypedId>(subject: &str) -> Result<T> {
    subject.parse().map_err(|source: tongban_kernel::NotAnId| {
        Error::internal("message subject").source(source)
    })
}

/// One round over the timers of processes that are due; `true` when more may be.
async fn timers(ctx: &Ctx) -> Result<bool> {
    let found = tongban_cases::fire_timers(ctx, TIMERS).await?;
    Ok(found == TIMERS as usize)
}

/// All timers that are due, then what the day brings: for rehearsals and tests.
pub async fn clockwork(ctx: &Ctx) -> Result<()> {
    while timers(ctx).await? {}
    daily(ctx).await
}

/// What the calendar and the clock bring beside timers: acceptance by silence, licences that expire or come back, ended sessions,
/// old keys. A round on the same day finds the day's work done.
async fn daily(ctx: &Ctx) -> Result<()> {
    // Another node may have changed it.
    tongban_cases::load_calendar(ctx).await?;
    tongban_outside::refresh_watch(ctx).await?;
    tongban_cases::watch_steps(ctx).await?;
    tongban_cases::deliver_kept(ctx).await?;
    for case in tongban_cases::silent_cases(ctx, 1000).await? {
        match tongban_cases::deem_accepted(ctx, case).await {
            Ok(()) => {
                tracing::warn!(case.id = %case, "the organ was silent for five working days: `{case}` counts as accepted")
            }
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            Err(error) => return Err(error),
        }
    }
    while tongban_cases::urge_overdue(ctx, 100).await? == 100 {}
    // One licence that cannot be signed must not hold the rest up.
    if let Err(error) = tongban_licences::daily(ctx).await {
        tracing::error!("licences by the calendar: {error}");
    }
    tongban_accounts::sweep_sessions(ctx).await?;
    let now = ctx.now();
    ctx.db
        .write(move |tx| tongban_storage::sweep_idempotency(tx, now))
        .await?;
    // No request takes a day.
    ctx.blobs.sweep(now - SignedDuration::from_hours(24))?;
    Ok(())
}
