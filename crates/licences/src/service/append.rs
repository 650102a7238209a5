//! The one way in which a version comes about: signed document, log leaf, row.

use serde_json::json;
use tongban_codes::{LicenceIdentifier, LicenceIdentifierParts};
use tongban_kernel::{Actor, Error, Permit, Result};
use tongban_seal::{Signer, sm3};
use tongban_storage::{Ctx, DataKey, SealedLeaf, Tx, append_leaf};
use tongban_tlog::{LeafBuilder, LeafKind};

use crate::model::{Licence, Metadata, Operation, SignedLicence};
use crate::store::versions::{self, StoredVersion, VersionRow};

/// The opened keys of a licence.
pub(crate) struct Keys {
    pub(crate) data: DataKey,
    log: [u8; 32],
}

fn bound(licence: &Licence, what: &str) -> Vec<u8> {
    format!("{}/{what}", licence.id).into_bytes()
}

impl Keys {
    pub(crate) fn open(ctx: &Ctx, licence: &Licence) -> Result<Self> {
        let data = ctx.vault.unwrap_key(&licence.data_key)?;
        let log = ctx
            .vault
            .open(&data, &bound(licence, "key"), &licence.sealed_key)?;
        let log = log
            .try_into()
            .map_err(|_| Error::internal("licence key has a wrong length"))?;
        Ok(Self { data, log })
    }

    /// Fresh keys, put into `licence`.
    pub(crate) fn make(ctx: &Ctx, licence: &mut Licence) -> Result<Self> {
        let (data, wrapped) = ctx.vault.new_key(&ctx.ids)?;
        let log: [u8; 32] = ctx.ids.bytes();
        licence.data_key = wrapped;
        licence.sealed_key = ctx
            .vault
            .seal(&ctx.ids, &data, &bound(licence, "key"), &log)?;
        Ok(Self { data, log })
    }
}

/// The identifier of the version that `licence` has now (GB/T 36904).
pub(crate) fn identifier(licence: &Licence) -> Result<LicenceIdentifier> {
    LicenceIdentifier::build(LicenceIdentifierParts {
        type_code: &licence.type_code,
        issuer: &licence.issuer_code,
        serial: &licence.serial,
        version: licence.version,
    })
    .map_err(|source| Error::internal(format!("licence identifier: {source}")))
}

/// The name of whoever acts, for the record.
fn name_of(ctx: &Ctx, tx: &mut Tx<'_>) -> Result<String> {
    match &ctx.actor {
        Actor::System => Ok("系统".to_owned()),
        Actor::Officer(officer) => tongban_accounts::officer(tx, officer.officer)?
            .map(|profile| profile.name)
            .ok_or_else(Error::unauthenticated),
        Actor::Citizen(_) | Actor::Outside(_) | Actor::Anonymous => Err(Error::unauthenticated()),
    }
}

/// What is done, why, on which permit, under whose seal.
#[derive(Clone, Copy)]
pub(crate) struct Done<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) reason: &'a str,
    pub(crate) permit: Permit,
    pub(crate) signer: &'a dyn Signer,
}

/// Writes version `licence.version` with `metadata` as its document; moves the head of the chain. The caller saves the row.
pub(crate) fn append(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    licence: &mut Licence,
    keys: &Keys,
    done: &Done<'_>,
    metadata: &Metadata,
) -> Result<()> {
    let now = ctx.now();
    let Done {
        operation,
        reason,
        permit,
        signer,
    } = *done;
    let signed = SignedLicence::sign(metadata, signer)?;
    let by_whom = name_of(ctx, tx)?;
    let leaf = LeafBuilder::after(
        LeafKind::Licence,
        &keys.log,
        u64::from(licence.version.saturating_sub(1)),
        &licence.prev,
        &licence.prev_sm3,
    )
    .field("event", operation.key())
    .field("actor", by_whom.as_str())
    .field("basis", json!([operation.basis(), permit.basis]))
    .field("organ", licence.issuer_code.as_str())
    .field("identifier", metadata.certificate_source_id.as_str())
    .field("state_after", licence.state.code().code())
    .field("reason", reason)
    .field("digest_sm3", hex::encode(sm3(signed.licence.as_bytes())))
    .field("request_id", ctx.request.to_string());
    let SealedLeaf { entry, proof } = SealedLeaf::of(ctx, leaf, now)?;
    let sealed = to_json(&signed)?;
    let sealed = seal(ctx, licence, keys, "document", &sealed)?;
    let sealed_proof = seal(ctx, licence, keys, "proof", &proof)?;
    versions::insert(
        tx,
        &VersionRow {
            licence: licence.id,
            version: licence.version,
            identifier: &metadata.certificate_source_id,
            operation: operation.key(),
            at: now,
            by_whom: &by_whom,
            reason,
            sealed: &sealed,
            leaf: &entry.hash,
            sealed_proof: &sealed_proof,
        },
    )?;
    append_leaf(tx, &ctx.ids, &entry, now)?;
    licence.prev = entry.hash;
    licence.prev_sm3 = entry.hash_sm3;
    licence.updated_at = now;
    Ok(())
}

fn to_json(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value)
        .map_err(|source| Error::internal("row cannot be written").source(source))
}

fn seal(ctx: &Ctx, licence: &Licence, keys: &Keys, what: &str, plain: &[u8]) -> Result<Vec<u8>> {
    let owner = bound(licence, &format!("{what}/{}", licence.version));
    ctx.vault.seal(&ctx.ids, &keys.data, &owner, plain)
}

/// The current version and its signed document.
pub(crate) fn current(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    licence: &Licence,
) -> Result<(StoredVersion, SignedLicence)> {
    let keys = Keys::open(ctx, licence)?;
    let stored = versions::get(tx, licence.id, licence.version)?
        .ok_or_else(|| Error::internal("licence without its version"))?;
    let owner = bound(licence, &format!("document/{}", licence.version));
    let json = ctx.vault.open(&keys.data, &owner, &stored.sealed)?;
    let signed = serde_json::from_slice(&json)
        .map_err(|source| Error::internal("corrupt licence").source(source))?;
    Ok((stored, signed))
}

/// The metadata inside a signed document of our own.
pub(crate) fn metadata_of(signed: &SignedLicence) -> Result<Metadata> {
    serde_json::from_str(&signed.licence)
        .map_err(|source| Error::internal("corrupt licence").source(source))
}
