//! The versions of a licence.

use jiff::Timestamp;
use tongban_kernel::{LicenceId, Result};
use tongban_storage::{Tx, params};

use crate::model::VersionLine;

/// One version as it is stored.
pub(crate) struct VersionRow<'a> {
    pub(crate) licence: LicenceId,
    pub(crate) version: u16,
    pub(crate) identifier: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) at: Timestamp,
    pub(crate) by_whom: &'a str,
    pub(crate) reason: &'a str,
    pub(crate) sealed: &'a [u8],
    pub(crate) leaf: &'a [u8; 32],
    pub(crate) sealed_proof: &'a [u8],
}

/// What verification reads of a version.
pub(crate) struct StoredVersion {
    pub(crate) identifier: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) leaf: [u8; 32],
}

pub(crate) fn insert(tx: &mut Tx<'_>, row: &VersionRow<'_>) -> Result<()> {
    tx.put(
        "INSERT INTO licence_version (licence_id, version, identifier, operation, at, by_whom, reason, sealed, leaf, sealed_proof)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            row.licence,
            row.version,
            row.identifier,
            row.operation,
            row.at,
            row.by_whom,
            row.reason,
            row.sealed,
            row.leaf,
            row.sealed_proof
        ],
    )
}

pub(crate) fn get(
    tx: &mut Tx<'_>,
    licence: LicenceId,
    version: u16,
) -> Result<Option<StoredVersion>> {
    tx.opt(
        "SELECT identifier, sealed, leaf FROM licence_version WHERE licence_id = $1 AND version = $2",
        params![licence, version],
        |row| {
            Ok(StoredVersion {
                identifier: row.get(0)?,
                sealed: row.get(1)?,
                leaf: row.get(2)?,
            })
        },
    )
}

/// Every version of a licence, latest first.
pub(crate) fn history(tx: &mut Tx<'_>, licence: LicenceId) -> Result<Vec<VersionLine>> {
    tx.all(
        "SELECT v.version, v.identifier, v.operation, v.at, v.by_whom, v.reason, l.idx
           FROM licence_version v LEFT JOIN tlog_leaf l ON l.hash = v.leaf
          WHERE v.licence_id = $1 ORDER BY v.version DESC LIMIT 1000",
        params![licence],
        |row| {
            Ok(VersionLine {
                version: row.get(0)?,
                identifier: row.get(1)?,
                operation: row.get(2)?,
                at: row.get(3)?,
                by_whom: row.get(4)?,
                reason: row.get(5)?,
                log_index: row.get(6)?,
            })
        },
    )
}
