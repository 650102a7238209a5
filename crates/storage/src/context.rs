//! What every use case gets: who acts, in which request, with which clock, ids and store.

use std::sync::Arc;

use jiff::Timestamp;
use tongban_kernel::{Act, Actor, Clock, Permit, RequestId, Resource, Result};

use crate::{Blobs, Db, Ids};

/// The clock of the machine. Only the binary makes one.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// First argument of every use case; cheap to clone.
#[derive(Clone)]
pub struct Ctx {
    pub actor: Actor,
    pub request: RequestId,
    pub clock: Arc<dyn Clock>,
    pub ids: Ids,
    pub db: Db,
    pub blobs: Blobs,
}

impl Ctx {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
    /// The permit for `act` on the loaded object: the first line after loading.
    pub fn authorize(&self, act: Act, on: Resource<'_>) -> Result<Permit> {
        Ok(tongban_kernel::authorize(&self.actor, act, on)?)
    }
    /// The same place, another actor (workers, timers).
    pub fn as_actor(&self, actor: Actor) -> Self {
        Self {
            actor,
            ..self.clone()
        }
    }
}
