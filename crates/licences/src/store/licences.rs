//! The licence row.

use jiff::civil::Date;
use tongban_kernel::{CaseId, Error, LicenceId, OrganId, Result};
use tongban_storage::{BlobRef, Row, Tx, params};

use crate::model::{HolderKind, Licence, LicenceState};

macro_rules! columns {
    () => {
        "id, case_id, project_no, type_code, name, number, serial, holder_kind, holder_index, organ_id, issuer_code,
         issuer_name, state, issued_on, valid_from, valid_to, version, demo, data_key, sealed_key, prev, prev_sm3,
         file_sha256, file_size, updated_at"
    };
}

fn read(row: &Row<'_>) -> Result<Licence> {
    let kind: String = row.get(7)?;
    Ok(Licence {
        id: row.id(0)?,
        case: row.id(1)?,
        project_no: row.get(2)?,
        type_code: row.get(3)?,
        name: row.get(4)?,
        number: row.get(5)?,
        serial: row.get(6)?,
        holder_kind: HolderKind::from_key(&kind)
            .ok_or_else(|| Error::internal("corrupt row: holder kind"))?,
        holder_index: row.get(8)?,
        organ: row.id(9)?,
        issuer_code: row.get(10)?,
        issuer_name: row.get(11)?,
        state: row.json(12)?,
        issued_on: row.get(13)?,
        valid_from: row.get(14)?,
        valid_to: row.get(15)?,
        version: row.get(16)?,
        demo: row.get(17)?,
        data_key: row.get(18)?,
        sealed_key: row.get(19)?,
        prev: row.get(20)?,
        prev_sm3: row.get(21)?,
        file_sha256: row.get(22)?,
        file_size: row.get(23)?,
        updated_at: row.get(24)?,
    })
}

fn state_json(licence: &Licence) -> Result<String> {
    serde_json::to_string(&licence.state)
        .map_err(|source| Error::internal("row cannot be written").source(source))
}

/// Takes the place of the licence of `case`. `false`: another one has it. Whoever comes second waits here for the first.
pub(crate) fn claim(tx: &mut Tx<'_>, case: CaseId, licence: LicenceId) -> Result<bool> {
    let n = tx.execute(
        "INSERT INTO licence_case (case_id, licence_id) VALUES ($1, $2) ON CONFLICT (case_id) DO NOTHING",
        params![case, licence],
    )?;
    Ok(n == 1)
}

pub(crate) fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<Licence>> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM licence WHERE id = (SELECT licence_id FROM licence_case WHERE case_id = $1)"
        ),
        params![case],
        read,
    )
}

pub(crate) fn get(tx: &mut Tx<'_>, id: LicenceId) -> Result<Option<Licence>> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM licence WHERE id = $1"),
        params![id],
        read,
    )
}

/// By the identifier of any of its versions.
pub(crate) fn by_identifier(tx: &mut Tx<'_>, identifier: &str) -> Result<Option<Licence>> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM licence WHERE id = (SELECT licence_id FROM licence_version WHERE identifier = $1)"
        ),
        params![identifier],
        read,
    )
}

/// The licences of a holder, latest first.
pub(crate) fn of_holder(tx: &mut Tx<'_>, holder_index: &str, limit: u32) -> Result<Vec<Licence>> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM licence WHERE holder_index = $1 ORDER BY id DESC LIMIT $2"
        ),
        params![holder_index, limit],
        read,
    )
}

/// Licences in force or withheld whose last day is over.
pub(crate) fn overdue(tx: &mut Tx<'_>, today: Date, limit: u32) -> Result<Vec<LicenceId>> {
    tx.all(
        "SELECT id FROM licence WHERE state_code IN ('01', '02') AND valid_to < $1 ORDER BY valid_to, id LIMIT $2",
        params![today, limit],
        |row| row.id(0),
    )
}

/// Licences withheld now, with their states.
pub(crate) fn withheld(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<(LicenceId, LicenceState)>> {
    tx.all(
        "SELECT id, state FROM licence WHERE state_code = '02' ORDER BY valid_to, id LIMIT $1",
        params![limit],
        |row| Ok((row.id(0)?, row.json(1)?)),
    )
}

/// What is looked for in the register; `None` does not narrow.
pub(crate) struct Sought<'a> {
    pub(crate) organ: Option<OrganId>,
    pub(crate) state: Option<&'a str>,
    pub(crate) type_code: Option<&'a str>,
    pub(crate) after: Option<LicenceId>,
    pub(crate) words: Option<&'a str>,
    pub(crate) identifier: &'a str,
    /// Of the number, for `LIKE … ESCAPE '!'`.
    pub(crate) pattern: String,
    /// Blind indices of the words as code and as name of a holder.
    pub(crate) holder: String,
    pub(crate) name: String,
    pub(crate) limit: i64,
}

/// Latest first.
pub(crate) fn search(tx: &mut Tx<'_>, sought: &Sought<'_>) -> Result<Vec<Licence>> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM licence
              WHERE (CAST($1 AS TEXT) IS NULL OR organ_id = $1) AND (CAST($2 AS TEXT) IS NULL OR state_code = $2)
                AND (CAST($3 AS TEXT) IS NULL OR type_code = $3) AND (CAST($4 AS TEXT) IS NULL OR id < $4)
                AND (CAST($5 AS TEXT) IS NULL OR serial = $5 OR project_no = $5 OR number LIKE $6 ESCAPE '!'
                     OR holder_index = $7 OR name_index = $8
                     OR id = (SELECT licence_id FROM licence_version WHERE identifier = $9))
              ORDER BY id DESC LIMIT $10"
        ),
        params![
            sought.organ,
            sought.state,
            sought.type_code,
            sought.after,
            sought.words,
            &sought.pattern,
            &sought.holder,
            &sought.name,
            sought.identifier,
            sought.limit
        ],
        read,
    )
}

/// Code and name of the types of which there are licences.
pub(crate) fn types(tx: &mut Tx<'_>, organ: Option<OrganId>) -> Result<Vec<(String, String)>> {
    tx.all(
        "SELECT type_code, MAX(name) FROM licence WHERE (CAST($1 AS TEXT) IS NULL OR organ_id = $1)
          GROUP BY type_code ORDER BY type_code LIMIT 200",
        params![organ],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Licences in force or withheld whose last day lies between `from` and `to`, both included.
pub(crate) fn ending(tx: &mut Tx<'_>, from: Date, to: Date) -> Result<u64> {
    tx.one(
        "SELECT COUNT(*) FROM licence WHERE state_code IN ('01', '02') AND valid_to >= $1 AND valid_to <= $2",
        params![from, to],
        |row| row.get(0),
    )
}

/// Issued before names were indexed.
pub(crate) fn without_name_index(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Licence>> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM licence WHERE name_index = '' ORDER BY id LIMIT $1"
        ),
        params![limit],
        read,
    )
}

pub(crate) fn set_name_index(tx: &mut Tx<'_>, id: LicenceId, index: &str) -> Result<()> {
    tx.put(
        "UPDATE licence SET name_index = $2 WHERE id = $1",
        params![id, index],
    )
}

pub(crate) fn insert(tx: &mut Tx<'_>, licence: &Licence) -> Result<()> {
    tx.put(
        "INSERT INTO licence (id, case_id, project_no, type_code, name, number, serial, holder_kind, holder_index,
             organ_id, issuer_code, issuer_name, state, state_code, issued_on, valid_from, valid_to, version, demo,
             data_key, sealed_key, prev, prev_sm3, file_sha256, file_size, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
             $23, NULL, NULL, $24)",
        params![
            licence.id,
            licence.case,
            &licence.project_no,
            &licence.type_code,
            &licence.name,
            &licence.number,
            &licence.serial,
            licence.holder_kind.key(),
            &licence.holder_index,
            licence.organ,
            &licence.issuer_code,
            &licence.issuer_name,
            state_json(licence)?,
            licence.state.code().code(),
            licence.issued_on,
            licence.valid_from,
            licence.valid_to,
            licence.version,
            licence.demo,
            &licence.data_key,
            &licence.sealed_key,
            &licence.prev,
            &licence.prev_sm3,
            licence.updated_at
        ],
    )
}

/// Writes a new version, if nobody else has since version `before` was read.
pub(crate) fn save(tx: &mut Tx<'_>, licence: &Licence, before: u16) -> Result<()> {
    let n = tx.execute(
        "UPDATE licence SET state = $3, state_code = $4, version = $5, prev = $6, prev_sm3 = $7, updated_at = $8
          WHERE id = $1 AND version = $2",
        params![
            licence.id,
            before,
            state_json(licence)?,
            licence.state.code().code(),
            licence.version,
            &licence.prev,
            &licence.prev_sm3,
            licence.updated_at
        ],
    )?;
    if n == 1 {
        return Ok(());
    }
    Err(
        Error::conflict("licence.stale", "证照刚刚被他人变更，您的操作没有保存")
            .advice("请刷新页面查看最新状态"),
    )
}

/// The first file stays; a second making changes nothing.
pub(crate) fn file_made(tx: &mut Tx<'_>, id: LicenceId, blob: &BlobRef) -> Result<()> {
    let size = i64::try_from(blob.size).map_err(|_| Error::internal("file too large"))?;
    tx.put(
        "UPDATE licence SET file_sha256 = $2, file_size = $3 WHERE id = $1 AND file_sha256 IS NULL",
        params![id, &blob.sha256, size],
    )
}
