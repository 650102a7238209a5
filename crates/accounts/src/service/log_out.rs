//! Ending sessions.

use tongban_kernel::{Actor, Result};
use tongban_storage::Ctx;

use crate::model::session_digest;
use crate::store::sessions::{self, Holder};

/// Ends the session of `token`.
pub async fn log_out(ctx: &Ctx, token: &str) -> Result<()> {
    let digest = session_digest(token);
    ctx.db.write(move |tx| sessions::close(tx, &digest)).await
}

/// Ends every session of whoever acts; returns how many.
pub async fn log_out_everywhere(ctx: &Ctx) -> Result<u64> {
    let holder = match &ctx.actor {
        Actor::Citizen(citizen) => Holder::Person(citizen.person),
        Actor::Officer(officer) => Holder::Officer(officer.officer),
        Actor::Anonymous | Actor::Outside(_) | Actor::System => return Ok(0),
    };
    ctx.db
        .write(move |tx| sessions::close_all(tx, holder))
        .await
}

/// Removes sessions that have ended by themselves.
pub async fn sweep_sessions(ctx: &Ctx) -> Result<u64> {
    let now = ctx.now();
    ctx.db.write(move |tx| sessions::sweep(tx, now)).await
}
