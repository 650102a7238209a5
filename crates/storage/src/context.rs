//! What every use case gets: who acts, in which request, with which clock, ids and store.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

use jiff::Timestamp;
use tongban_kernel::{Act, Actor, Clock, Error, Permit, RequestId, Resource, Result};

use crate::{Blobs, Db, Ids, Vault};

/// The clock of the machine. Only the binary makes one.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        // Whole milliseconds, as rows keep them: what is written and what is read back are the same instant.
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

/// What the binary lends to the contexts, by type: caches, signers, the document press. Cheap to clone.
#[derive(Clone, Default)]
pub struct Parts(Arc<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Parts {
    /// The same parts and `part`.
    pub fn with<T: Any + Send + Sync>(self, part: T) -> Self {
        let mut parts = HashMap::clone(&self.0);
        parts.insert(TypeId::of::<T>(), Arc::new(part));
        Self(Arc::new(parts))
    }
    /// The part of type `T`; its absence is a mistake of the wiring.
    pub fn get<T: Any + Send + Sync>(&self) -> Result<Arc<T>> {
        self.0
            .get(&TypeId::of::<T>())
            .and_then(|part| Arc::clone(part).downcast::<T>().ok())
            .ok_or_else(|| Error::internal(format!("{} was not wired", std::any::type_name::<T>())))
    }
}

/// The kinds of events that somebody takes from the outbox. Where it is wired, other events are not put there: the record of a case
/// is kept in any event. Where it is not, all are.
pub struct Subscribed(pub &'static [&'static str]);

/// Tells the newest signed head of the log, on one line. Wired by the program, which keeps the log.
pub struct LogHead(pub Box<AskHead>);

/// See [`LogHead`].
pub type AskHead =
    dyn Fn(&Ctx) -> Pin<Box<dyn Future<Output = Result<Option<String>>> + Send>> + Send + Sync;

impl LogHead {
    /// What papers carry so that nobody can rewrite the log unseen: name, size and root. `None` before the first head, or where
    /// no log is kept.
    pub async fn for_paper(ctx: &Ctx) -> Result<Option<String>> {
        match ctx.parts.get::<Self>() {
            Ok(head) => (head.0)(ctx).await,
            Err(_) => Ok(None),
        }
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
    pub vault: Vault,
    pub parts: Parts,
}

impl Ctx {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
    /// The permit for `act` on the loaded object: the first line after loading.
    pub fn authorize(&self, act: Act, on: Resource<'_>) -> Result<Permit> {
        Ok(tongban_kernel::authorize(&self.actor, act, on)?)
    }
    /// Whether somebody takes events of this kind from the outbox.
    pub fn wants(&self, kind: &str) -> bool {
        self.parts
            .get::<Subscribed>()
            .map_or(true, |subscribed| subscribed.0.contains(&kind))
    }
    /// The same place, another actor (workers, timers).
    pub fn as_actor(&self, actor: Actor) -> Self {
        Self {
            actor,
            ..self.clone()
        }
    }
}
