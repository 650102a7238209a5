//! Making people, enterprises, organs and officers known.

use jiff::civil::Date;
use tongban_codes::mask;
use tongban_kernel::{EnterpriseId, OfficerId, OrganId, PersonId, Post, Result};
use tongban_storage::{Ctx, Tx};

use crate::model::{EnterpriseProfile, OrganProfile, PersonProfile};
use crate::store::people::PersonRow;
use crate::store::sessions::Holder;
use crate::store::{organs, people, sessions};

pub struct NewOrgan {
    pub code: String,
    pub name: String,
    pub short_name: String,
    pub division: String,
    pub phone: Option<String>,
}

pub struct NewOfficer {
    pub organ: OrganId,
    pub staff_no: String,
    pub name: String,
    pub posts: Vec<Post>,
    pub login: String,
    /// From [`hash_password`](super::hash_password).
    pub password_hash: String,
}

pub struct NewPerson {
    pub profile: PersonProfile,
    /// Real-name level 0–3 (在线政务服务 实名等级).
    pub real_level: u8,
    pub login: String,
    /// From [`hash_password`](super::hash_password).
    pub password_hash: String,
}

pub struct NewEnterprise {
    pub uscc: String,
    pub name: String,
    pub legal_name: String,
    pub address: String,
}

pub fn register_organ(ctx: &Ctx, tx: &mut Tx<'_>, new: &NewOrgan) -> Result<OrganId> {
    let id = ctx.ids.id(ctx.now());
    organs::put_organ(
        tx,
        &OrganProfile {
            id,
            code: new.code.clone(),
            name: new.name.clone(),
            short_name: new.short_name.clone(),
            division: new.division.clone(),
            phone: new.phone.clone(),
        },
    )?;
    Ok(id)
}

pub fn register_officer(ctx: &Ctx, tx: &mut Tx<'_>, new: &NewOfficer) -> Result<OfficerId> {
    let id = ctx.ids.id(ctx.now());
    organs::put_officer(tx, id, new.organ, &new.staff_no, &new.name, &new.posts)?;
    let login = new.login.to_lowercase();
    sessions::put_credential(
        tx,
        &login,
        Holder::Officer(id),
        &new.password_hash,
        ctx.now(),
    )?;
    Ok(id)
}

/// The profile is sealed under a key of its own; the document number is found again by a keyed index only.
pub fn register_person(ctx: &Ctx, tx: &mut Tx<'_>, new: &NewPerson) -> Result<PersonId> {
    let id: PersonId = ctx.ids.id(ctx.now());
    let (key, data_key) = ctx.vault.new_key(&ctx.ids)?;
    let json = serde_json::to_vec(&new.profile).map_err(|source| {
        tongban_kernel::Error::internal("person cannot be written").source(source)
    })?;
    let sealed = ctx
        .vault
        .seal(&ctx.ids, &key, id.to_string().as_bytes(), &json)?;
    let row = PersonRow {
        id,
        masked_name: mask::person_name(&new.profile.user_name),
        real_level: new.real_level,
        data_key,
        sealed,
    };
    let number = format!("{}:{}", new.profile.cert_type, new.profile.cert_no);
    people::put_person(
        tx,
        &row,
        &ctx.vault.index("person.document", &number),
        ctx.now(),
    )?;
    let login = new.login.to_lowercase();
    sessions::put_credential(
        tx,
        &login,
        Holder::Person(id),
        &new.password_hash,
        ctx.now(),
    )?;
    Ok(id)
}

pub fn register_enterprise(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    new: &NewEnterprise,
) -> Result<EnterpriseId> {
    let id = ctx.ids.id(ctx.now());
    let profile = EnterpriseProfile {
        id,
        uscc: new.uscc.clone(),
        name: new.name.clone(),
        legal_name: new.legal_name.clone(),
        address: new.address.clone(),
    };
    people::put_enterprise(tx, &profile, ctx.now())?;
    Ok(id)
}

/// 经办授权: `person` may act for `enterprise` from … to, both days included.
pub fn grant_agency(
    tx: &mut Tx<'_>,
    enterprise: EnterpriseId,
    person: PersonId,
    from: Date,
    to: Date,
) -> Result<()> {
    people::put_agency(tx, enterprise, person, from, to)
}
