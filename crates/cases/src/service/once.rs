//! What a program repeats under one key happens once (draft-ietf-httpapi-idempotency-key-header-07, 2.1).

use serde::Serialize;
use serde::de::DeserializeOwned;
use tongban_kernel::{Error, ErrorKind, Result};
use tongban_storage::{Ctx, Replay, Stored, Tx, remember, replay};

/// The key of a request together with what it asks for.
pub(crate) struct Once {
    key: String,
    request: Vec<u8>,
}

impl Once {
    /// `what` names the kind of request, so that one key cannot stand for two of them.
    pub(crate) fn new(key: &str, what: &str, request: &impl Serialize) -> Result<Self> {
        let request = serde_json::to_vec(&(what, request))
            .map_err(|source| Error::internal("request cannot be written").source(source))?;
        Ok(Self {
            key: key.to_owned(),
            request,
        })
    }

    fn seen<T: DeserializeOwned>(&self, tx: &mut Tx<'_>, principal: &str) -> Result<Option<T>> {
        match replay(tx, principal, &self.key, &self.request)? {
            Replay::Fresh => Ok(None),
            Replay::Seen(stored) => serde_json::from_str(&stored.body)
                .map(Some)
                .map_err(|source| Error::internal("corrupt answer of a key").source(source)),
        }
    }
}

/// Whether something was done under this key already, whatever it was.
pub(crate) fn known(tx: &mut Tx<'_>, principal: &str, key: &str) -> Result<bool> {
    match replay(tx, principal, key, &[]) {
        Ok(Replay::Fresh) => Ok(false),
        // No request is empty, so a key that is there was used for another one.
        Ok(Replay::Seen(_)) => Ok(true),
        Err(error) if error.code() == "idempotency.reused" => Ok(true),
        Err(error) => Err(error),
    }
}

/// Runs `work` as one unit of work. With a key, a repeat gets the answer of the first time and nothing happens again; who
/// comes while the first is under way waits for it.
pub(crate) async fn write_once<T, F>(ctx: &Ctx, once: Option<Once>, work: F) -> Result<T>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    F: Fn(&Ctx, &mut Tx<'_>) -> Result<T> + Send + Sync + 'static,
{
    let ctx2 = ctx.clone();
    let Some(once) = once.map(std::sync::Arc::new) else {
        return ctx.db.write(move |tx| work(&ctx2, tx)).await;
    };
    let principal = ctx.actor.principal();
    let (first, by) = (std::sync::Arc::clone(&once), principal.clone());
    let written = ctx
        .db
        .write(move |tx| {
            let ctx = &ctx2;
            if let Some(answer) = first.seen(tx, &by)? {
                return Ok(answer);
            }
            let answer = work(ctx, tx)?;
            let body = serde_json::to_string(&answer)
                .map_err(|source| Error::internal("answer cannot be written").source(source))?;
            let stored = Stored { status: 200, body };
            remember(tx, &by, &first.key, &first.request, &stored, ctx.now())?;
            Ok(answer)
        })
        .await;
    match written {
        // Perhaps the same key was first by a moment, and what was allowed before it is not any more: then its answer is there.
        Err(error) if error.kind() != ErrorKind::Invalid => {
            let seen = ctx.db.read(move |tx| once.seen(tx, &principal)).await;
            seen.ok().flatten().ok_or(error)
        }
        other => other,
    }
}
