//! Reading people and organs.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use tongban_kernel::{EnterpriseId, Error, OfficerId, OrganId, PersonId, Post, Result};
use tongban_storage::{Ctx, Question, Tx, Vault};

use crate::model::{EnterpriseProfile, OfficerProfile, OrganProfile, PersonProfile};
use crate::store::{organs as organ_rows, people};

pub fn organ(tx: &mut Tx<'_>, id: OrganId) -> Result<Option<OrganProfile>> {
    organ_rows::organ(tx, id)
}

/// By 统一社会信用代码.
pub fn organ_by_code(tx: &mut Tx<'_>, code: &str) -> Result<Option<OrganProfile>> {
    organ_rows::organ_by_code(tx, code)
}

/// The ids of organs by code, in memory: a code keeps its id for ever.
#[derive(Default)]
pub struct OrganIds(RwLock<HashMap<String, OrganId>>);

/// The id of the organ with this unified social credit code.
pub fn organ_id(ctx: &Ctx, tx: &mut Tx<'_>, code: &str) -> Result<Option<OrganId>> {
    let known = ctx.parts.get::<OrganIds>()?;
    let kept = known.0.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(id) = kept.get(code) {
        return Ok(Some(*id));
    }
    drop(kept);
    let found = organ_rows::organ_by_code(tx, code)?.map(|organ| organ.id);
    if let Some(id) = found {
        let mut kept = known.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.insert(code.to_owned(), id);
    }
    Ok(found)
}

pub async fn organs(ctx: &Ctx) -> Result<Vec<OrganProfile>> {
    ctx.db.read(organ_rows::organs).await
}

pub fn officer(tx: &mut Tx<'_>, id: OfficerId) -> Result<Option<OfficerProfile>> {
    organ_rows::officer(tx, id)
}

/// The active officers of `organ` who hold `post`.
pub fn officers_holding(tx: &mut Tx<'_>, organ: OrganId, post: Post) -> Result<Vec<OfficerId>> {
    organ_rows::holding(tx, organ, post)
}

pub fn enterprise(tx: &mut Tx<'_>, id: EnterpriseId) -> Result<Option<EnterpriseProfile>> {
    people::enterprise(tx, id)
}

/// The enterprises for which `person` may act today.
pub async fn enterprises_of(ctx: &Ctx, person: PersonId) -> Result<Vec<EnterpriseProfile>> {
    let today = ctx.clock.today();
    ctx.db
        .read(move |tx| people::enterprises_of(tx, person, today))
        .await
}

/// The whole profile of a person. The caller has authorised the look and leaves a trace of it.
pub async fn person(ctx: &Ctx, id: PersonId) -> Result<PersonProfile> {
    let vault = ctx.vault.clone();
    ctx.db.read(move |tx| person_in(tx, &vault, id)).await
}

/// What [`person_in`] will ask ([`Tx::ask_ahead`]).
pub fn person_question(id: PersonId) -> Question {
    people::person_question(id)
}

/// As [`person`], inside a transaction.
pub fn person_in(tx: &mut Tx<'_>, vault: &Vault, id: PersonId) -> Result<PersonProfile> {
    let row = people::person(tx, id)?.ok_or_else(Error::not_found)?;
    let key = vault.unwrap_key(&row.data_key)?;
    let json = vault.open(&key, id.to_string().as_bytes(), &row.sealed)?;
    serde_json::from_slice(&json).map_err(|source| Error::internal("corrupt person").source(source))
}
