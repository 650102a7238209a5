//! Persons, enterprises and agencies.

use jiff::Timestamp;
use jiff::civil::Date;
use tongban_kernel::{EnterpriseId, PersonId, Result};
use tongban_storage::{Question, Row, Tx, params};

use crate::model::EnterpriseProfile;

/// A person as stored: the profile is sealed.
pub(crate) struct PersonRow {
    pub(crate) id: PersonId,
    pub(crate) masked_name: String,
    pub(crate) real_level: u8,
    pub(crate) data_key: Vec<u8>,
    pub(crate) sealed: Vec<u8>,
}

pub(crate) fn put_person(
    tx: &mut Tx<'_>,
    row: &PersonRow,
    document_index: &str,
    at: Timestamp,
) -> Result<()> {
    tx.put(
        "INSERT INTO person (id, document_index, masked_name, real_level, data_key, sealed, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![row.id, document_index, &row.masked_name, row.real_level, &row.data_key, &row.sealed, at],
    )
}

const PERSON: &str =
    "SELECT id, masked_name, real_level, data_key, sealed FROM person WHERE id = $1";

pub(crate) fn person(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<PersonRow>> {
    tx.opt(PERSON, params![id], |row| {
        Ok(PersonRow {
            id: row.id(0)?,
            masked_name: row.get(1)?,
            real_level: row.get(2)?,
            data_key: row.get(3)?,
            sealed: row.get(4)?,
        })
    })
}

/// What [`person`] will ask.
pub(crate) fn person_question(id: PersonId) -> Question {
    Question::new(PERSON, params![id])
}

pub(crate) fn put_enterprise(
    tx: &mut Tx<'_>,
    enterprise: &EnterpriseProfile,
    at: Timestamp,
) -> Result<()> {
    let profile =
        serde_json::json!({"legal_name": enterprise.legal_name, "address": enterprise.address});
    tx.put(
        "INSERT INTO enterprise (id, uscc, name, profile, created_at) VALUES ($1, $2, $3, $4, $5)",
        params![
            enterprise.id,
            &enterprise.uscc,
            &enterprise.name,
            &profile,
            at
        ],
    )
}

fn read_enterprise(row: &Row<'_>) -> Result<EnterpriseProfile> {
    let profile: serde_json::Value = row.get(3)?;
    let text = |member: &str| {
        profile
            .get(member)
            .and_then(|value| value.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    Ok(EnterpriseProfile {
        id: row.id(0)?,
        uscc: row.get(1)?,
        name: row.get(2)?,
        legal_name: text("legal_name"),
        address: text("address"),
    })
}

pub(crate) fn enterprise(tx: &mut Tx<'_>, id: EnterpriseId) -> Result<Option<EnterpriseProfile>> {
    tx.opt(
        "SELECT id, uscc, name, profile FROM enterprise WHERE id = $1",
        params![id],
        read_enterprise,
    )
}

pub(crate) fn put_agency(
    tx: &mut Tx<'_>,
    enterprise: EnterpriseId,
    person: PersonId,
    from: Date,
    to: Date,
) -> Result<()> {
    tx.put(
        "INSERT INTO agency (enterprise_id, person_id, valid_from, valid_to) VALUES ($1, $2, $3, $4)
             ON CONFLICT (enterprise_id, person_id) DO UPDATE SET valid_from = $3, valid_to = $4",
        params![enterprise, person, from, to],
    )
}

/// The enterprises for which `person` may act on `today`.
pub(crate) fn enterprises_of(
    tx: &mut Tx<'_>,
    person: PersonId,
    today: Date,
) -> Result<Vec<EnterpriseProfile>> {
    tx.all(
        "SELECT e.id, e.uscc, e.name, e.profile FROM agency a JOIN enterprise e ON e.id = a.enterprise_id
          WHERE a.person_id = $1 AND a.valid_from <= $2 AND a.valid_to >= $2 ORDER BY e.name LIMIT 200",
        params![person, today],
        read_enterprise,
    )
}
