//! Requests of systems: who signed it, and that it is said for the first time within five minutes.

use tongban_kernel::{Actor, Error, OutsideSystem, Result};
use tongban_storage::Ctx;

use super::register::opened;
use crate::model::signature::{Claim, verify};
use crate::store;

/// The headers and the very bytes of a request.
#[derive(Debug, Clone)]
pub struct Signed {
    pub id: String,
    pub timestamp: String,
    pub signature: String,
    pub body: Vec<u8>,
}

/// The context of the system that signed; whoever cannot prove it is nobody, whether the code exists or not. That a request is taken
/// once is up to the use case, under its `webhook-id` as key: a repeat gets the first answer.
pub async fn sender(ctx: &Ctx, code: &str, signed: Signed) -> Result<Ctx> {
    let (ctx2, code) = (ctx.clone(), code.to_owned());
    let actor = ctx
        .db
        .read(move |tx| {
            let Some((system, sealed)) = store::by_code(tx, &code)? else {
                return Ok(None);
            };
            let keys = opened(&ctx2, system.id, &sealed)?;
            let claim = Claim {
                id: &signed.id,
                timestamp: &signed.timestamp,
                signature: &signed.signature,
            };
            let now = ctx2.now();
            let proved = verify(&keys.said(now), claim, &signed.body, now);
            Ok(
                (proved && system.state != "paused").then_some(OutsideSystem {
                    system: system.id,
                    code: system.code,
                    organ: system.organ,
                    name: system.name,
                }),
            )
        })
        .await?;
    match actor {
        Some(system) => Ok(ctx.as_actor(Actor::Outside(system))),
        None => Err(Error::new(
            tongban_kernel::ErrorKind::Unauthenticated,
            "outside.signature",
            "签名不对、过期，或者系统没有登记",
        )),
    }
}
