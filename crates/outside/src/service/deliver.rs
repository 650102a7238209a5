//! Deliveries: at least once, in the order of the case, signed, with pauses that double. The connection is made between two
//! transactions, never inside one: a try is taken under a lease, sent, and written down. If the program dies in between, the lease ends
//! and the same message goes out again under the same `webhook-id`.

use jiff::SignedDuration;
use tokio::task::JoinSet;
use tongban_kernel::{Result, StepId};
use tongban_storage::Ctx;

use super::client::{Answer, Client, Letter};
use super::register::opened;
use super::{Delivery, System};
use crate::model::{FAILING_MAX, TRIES_MAX, pause, sign};
use crate::store;

/// A lease is longer than a try may take.
const LEASE: SignedDuration = SignedDuration::from_secs(120);
/// Tries at a time.
const ROUND: u32 = 16;

/// What came of a try.
type Outcome = std::result::Result<Answer, String>;

/// One round; `true` when more may wait.
pub async fn deliver(ctx: &Ctx) -> Result<bool> {
    let now = ctx.now();
    let due = ctx.db.read(move |tx| store::due(tx, now, ROUND)).await?;
    if due.is_empty() {
        return Ok(false);
    }
    let ctx2 = ctx.clone();
    let claimed = ctx
        .db
        .write(move |tx| {
            let mut claimed = Vec::new();
            for delivery in &due {
                if !store::claim(tx, delivery, now + LEASE)? {
                    continue;
                }
                let Some((system, sealed)) = store::get(tx, delivery.system)? else {
                    continue;
                };
                let keys = opened(&ctx2, system.id, &sealed)?;
                let mut delivery = delivery.clone();
                delivery.attempts += 1;
                claimed.push((delivery, system, keys.told(now)));
            }
            Ok(claimed)
        })
        .await?;
    // Of each case only the oldest was due: behind what went out the next may be.
    let more = !claimed.is_empty();
    let client = ctx.parts.get::<Client>()?;
    let mut tries = JoinSet::new();
    for (delivery, system, secrets) in claimed {
        let client = std::sync::Arc::clone(&client);
        tries.spawn(async move {
            let signature = sign(&secrets, &delivery.message, now, delivery.body.as_bytes());
            let letter = Letter {
                id: &delivery.message,
                at: now,
                signature: &signature,
                body: &delivery.body,
            };
            let outcome = client.post(&system.url, &letter).await;
            (delivery, outcome)
        });
    }
    // Each is written down when it is known: one that hangs holds no other up.
    while let Some(tried) = tries.join_next().await {
        let Ok((delivery, outcome)) = tried else {
            continue;
        };
        settle(ctx, delivery, outcome).await?;
    }
    Ok(more)
}

async fn settle(ctx: &Ctx, delivery: Delivery, outcome: Outcome) -> Result<()> {
    let ctx2 = ctx.clone();
    let given_up: Option<StepId> = ctx
        .db
        .write(move |tx| {
            let now = ctx2.now();
            let mut delivery = delivery.clone();
            let Some((mut system, _)) = store::get(tx, delivery.system)? else {
                return Ok(None);
            };
            judge(&mut delivery, &outcome, now);
            if !store::settle(tx, &delivery)? {
                return Ok(None);
            }
            if health(&mut system, &delivery, now) {
                store::update(tx, &system)?;
            }
            Ok(delivery.step.filter(|_| delivery.state == "failed"))
        })
        .await?;
    if let Some(step) = given_up {
        tongban_cases::step_unreachable(ctx, step, "环节没有能够通知到外部系统").await?;
    }
    Ok(())
}

/// Only 2xx means received. A redirect is refused: where we send is registered, not told by whoever answers.
fn judge(delivery: &mut Delivery, outcome: &Outcome, now: jiff::Timestamp) {
    delivery.last_at = Some(now);
    let (status, asked, error) = match outcome {
        Ok(answer) if (200..300).contains(&answer.status) => {
            delivery.state = "done".to_owned();
            delivery.status = Some(answer.status);
            delivery.error = None;
            return;
        }
        Ok(answer) if (300..400).contains(&answer.status) => {
            (Some(answer.status), None, "答复转向别处，不跟随".to_owned())
        }
        Ok(answer) => (
            Some(answer.status),
            answer.retry_after,
            format!("答复 {}", answer.status),
        ),
        Err(error) => (None, None, error.clone()),
    };
    delivery.status = status;
    delivery.error = Some(error);
    if delivery.attempts >= TRIES_MAX || status == Some(410) {
        delivery.state = "failed".to_owned();
    } else {
        delivery.due_at = now + pause(delivery.attempts, asked);
    }
}

/// How the system fares; `true` if that changed.
fn health(system: &mut System, delivery: &Delivery, now: jiff::Timestamp) -> bool {
    if delivery.state == "done" {
        return system.failing_since.take().is_some();
    }
    let first = system.failing_since.is_none();
    let since = *system.failing_since.get_or_insert(now);
    let gone = delivery.status == Some(410);
    if system.state == "active" && (gone || now.duration_since(since) >= FAILING_MAX) {
        system.state = "disabled".to_owned();
        system.note = if gone {
            "系统答复 410，不再接收".to_owned()
        } else {
            "连续五天没有一次投递成功".to_owned()
        };
        tracing::error!(system = %system.code, "outside system disabled: {}", system.note);
        return true;
    }
    first
}
