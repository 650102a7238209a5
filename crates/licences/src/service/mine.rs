//! The holder's own licences.

use tongban_kernel::{Act, Actor, CaseFacts, Error, LicenceId, Resource, Result};
use tongban_storage::{Ctx, Tx};

use super::append::{current, metadata_of};
use super::issue::holder_index;
use crate::model::{Licence, Verdict};
use crate::store::licences;

/// Most licences listed.
const LIST_MAX: u32 = 200;

/// A licence as its holder sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct LicenceView {
    pub licence: Licence,
    /// Whole: only the holder gets this.
    pub holder: String,
    /// 电子证照标识 of the current version.
    pub identifier: String,
    /// What a verifier would hear today, were the signature checked.
    pub verdict: Verdict,
}

/// The index of whoever acts: of the enterprise while acting for one, else of the person.
fn own_index(ctx: &Ctx, tx: &mut Tx<'_>) -> Result<String> {
    let Actor::Citizen(citizen) = &ctx.actor else {
        return Err(Error::unauthenticated());
    };
    let code = match citizen.enterprise {
        Some(enterprise) => {
            tongban_accounts::enterprise(tx, enterprise)?
                .ok_or_else(Error::not_found)?
                .uscc
        }
        None => tongban_accounts::person_in(tx, &ctx.vault, citizen.person)?.cert_no,
    };
    Ok(holder_index(ctx, &code))
}

/// The licence, if whoever acts holds it; otherwise it looks absent.
fn own(ctx: &Ctx, tx: &mut Tx<'_>, id: LicenceId) -> Result<Licence> {
    let index = own_index(ctx, tx)?;
    let licence = licences::get(tx, id)?.ok_or_else(Error::not_found)?;
    let mut facts = CaseFacts::default();
    if let (Actor::Citizen(citizen), true) = (&ctx.actor, licence.holder_index == index) {
        facts.applicant = Some(citizen.person);
        facts.enterprise = citizen.enterprise;
    }
    ctx.authorize(Act::ViewLicence, Resource::Case(&facts))?;
    Ok(licence)
}

/// The licences of whoever acts, latest first, at most 200.
pub async fn my_licences(ctx: &Ctx) -> Result<Vec<LicenceView>> {
    let (ctx2, today) = (ctx.clone(), ctx.clock.today());
    ctx.db
        .read(move |tx| {
            let index = own_index(&ctx2, tx)?;
            let found = licences::of_holder(tx, &index, LIST_MAX)?;
            let mut views = Vec::with_capacity(found.len());
            for licence in found {
                let (stored, signed) = current(&ctx2, tx, &licence)?;
                views.push(LicenceView {
                    holder: metadata_of(&signed)?.certificate_holder,
                    identifier: stored.identifier,
                    verdict: Verdict::of(
                        licence.state.code(),
                        licence.valid_from,
                        licence.valid_to,
                        today,
                    ),
                    licence,
                });
            }
            Ok(views)
        })
        .await
}

/// The signed PDF, for its holder.
pub async fn licence_file(ctx: &Ctx, id: LicenceId) -> Result<(Licence, Vec<u8>)> {
    let ctx2 = ctx.clone();
    let licence = ctx.db.read(move |tx| own(&ctx2, tx, id)).await?;
    let Some(sha256) = licence.file_sha256.clone() else {
        return Err(Error::unavailable("licence file is not made yet")
            .advice("证照文件正在制作，请几秒钟后刷新"));
    };
    let blobs = ctx.blobs.clone();
    let bytes = tokio::task::spawn_blocking(move || blobs.get(&sha256))
        .await
        .map_err(|_| Error::internal("blob read panicked"))??;
    Ok((licence, bytes))
}

/// The signed document of the current version as a file, for its holder; `tongban verify` reads it.
pub async fn signed_file(ctx: &Ctx, id: LicenceId) -> Result<(Licence, Vec<u8>)> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let licence = own(&ctx2, tx, id)?;
            let (_, signed) = current(&ctx2, tx, &licence)?;
            let json = serde_json::to_vec_pretty(&signed)
                .map_err(|source| Error::internal("licence is not JSON").source(source))?;
            Ok((licence, json))
        })
        .await
}
