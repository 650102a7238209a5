//! Leaves of the log as those who write them keep them; and public histories whose leaves form one chain each.

use jiff::Timestamp;
use tongban_kernel::{Error, Permit, Result};
use tongban_tlog::{Kept, LeafBuilder, LeafKind};

use crate::{Ctx, Leaf, Tx, params};

/// A finished leaf.
pub struct SealedLeaf {
    /// What goes into the log.
    pub entry: Leaf,
    /// What the entry commits to, with its salts: JSON. Sealed by the caller where it says anything of a person.
    pub proof: Vec<u8>,
}

impl SealedLeaf {
    /// Finishes `leaf` at `at` under a secret of its own.
    pub fn of(ctx: &Ctx, leaf: LeafBuilder, at: Timestamp) -> Result<Self> {
        let secret = ctx.ids.bytes();
        let leaf = leaf
            .seal_under(at.as_millisecond(), &secret)
            .map_err(|source| Error::internal("log leaf cannot be made").source(source))?
            .finish();
        Ok(Self {
            entry: Leaf::of(&leaf),
            proof: Kept::json_of(&leaf, &secret),
        })
    }
    /// The proof as text, where nothing in it has to be sealed.
    pub fn public_proof(self) -> Result<String> {
        String::from_utf8(self.proof)
            .map_err(|source| Error::internal("proof cannot be written").source(source))
    }
}

/// The end of a public history: number of the last change and its leaf hashes, which are bound into the next leaf.
pub struct ChainHead {
    pub n: u32,
    prev: [u8; 32],
    prev_sm3: [u8; 32],
}

impl ChainHead {
    /// What `newest` reads: `n, leaf, leaf_sm3` of the last row.
    pub fn read(tx: &mut Tx<'_>, newest: &'static str) -> Result<Self> {
        let found = tx.opt(newest, params![], |row| {
            Ok(Self {
                n: row.get(0)?,
                prev: row.get(1)?,
                prev_sm3: row.get(2)?,
            })
        })?;
        Ok(found.unwrap_or(Self {
            n: 0,
            prev: [0; 32],
            prev_sm3: [0; 32],
        }))
    }

    /// The next leaf, with what every change names; `chain` names the key of the chain's pseudonyms.
    pub fn next(
        &self,
        ctx: &Ctx,
        kind: LeafKind,
        chain: &str,
        event: &str,
        by_whom: &str,
        permit: Permit,
    ) -> LeafBuilder {
        let key = ctx.vault.derive(chain);
        LeafBuilder::after(kind, &key, u64::from(self.n), &self.prev, &self.prev_sm3)
            .field("event", event)
            .field("actor", by_whom)
            .field("basis", permit.basis)
            .field("request_id", ctx.request.to_string())
    }
}
