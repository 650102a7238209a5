//! Credentials, failed tries, sessions.

use jiff::{SignedDuration, Timestamp};
use tongban_kernel::{EnterpriseId, OfficerId, PersonId, Result, SessionId};
use tongban_storage::{Tx, params};

use crate::model::{ABSOLUTE_S, IDLE_S};

/// Who holds a credential or a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    Person(PersonId),
    Officer(OfficerId),
}

impl Holder {
    fn kind(self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Officer(_) => "officer",
        }
    }
    fn param(self) -> tongban_storage::Param<'static> {
        match self {
            Self::Person(id) => id.into(),
            Self::Officer(id) => id.into(),
        }
    }
    fn read(row: &tongban_storage::Row<'_>, kind: usize, id: usize) -> Result<Self> {
        match row.get::<String>(kind)?.as_str() {
            "person" => Ok(Self::Person(row.id(id)?)),
            "officer" => Ok(Self::Officer(row.id(id)?)),
            _ => Err(tongban_kernel::Error::internal(
                "corrupt row: kind of holder",
            )),
        }
    }
}

pub(crate) fn put_credential(
    tx: &mut Tx<'_>,
    login: &str,
    holder: Holder,
    password_hash: &str,
    at: Timestamp,
) -> Result<()> {
    tx.put(
        "INSERT INTO credential (login, holder_kind, holder_id, password_hash, changed_at) VALUES ($1, $2, $3, $4, $5)",
        params![login, holder.kind(), holder.param(), password_hash, at],
    )
}

pub(crate) fn credential(tx: &mut Tx<'_>, login: &str) -> Result<Option<(Holder, String)>> {
    tx.opt(
        "SELECT holder_kind, holder_id, password_hash FROM credential WHERE login = $1",
        params![login],
        |row| Ok((Holder::read(row, 0, 1)?, row.get(2)?)),
    )
}

/// Failed tries so far and the last one.
pub(crate) fn failures(tx: &mut Tx<'_>, login: &str) -> Result<Option<(i64, Timestamp)>> {
    tx.opt(
        "SELECT failures, last_at FROM login_failure WHERE login = $1",
        params![login],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

pub(crate) fn count_failure(tx: &mut Tx<'_>, login: &str, at: Timestamp) -> Result<()> {
    tx.put(
        "INSERT INTO login_failure (login, failures, last_at) VALUES ($1, 1, $2)
             ON CONFLICT (login) DO UPDATE SET failures = login_failure.failures + 1, last_at = $2",
        params![login, at],
    )
}

pub(crate) fn forget_failures(tx: &mut Tx<'_>, login: &str) -> Result<()> {
    tx.put("DELETE FROM login_failure WHERE login = $1", params![login])
}

pub(crate) fn open(
    tx: &mut Tx<'_>,
    digest: &str,
    id: SessionId,
    holder: Holder,
    at: Timestamp,
) -> Result<()> {
    let ends = at
        .checked_add(SignedDuration::from_secs(ABSOLUTE_S))
        .unwrap_or(Timestamp::MAX);
    tx.put(
        "INSERT INTO session (digest, id, holder_kind, holder_id, enterprise_id, created_at, seen_at, ends_at)
         VALUES ($1, $2, $3, $4, NULL, $5, $5, $6)",
        params![digest, id, holder.kind(), holder.param(), at, ends],
    )
}

/// A session as stored.
pub(crate) struct SessionRow {
    pub(crate) holder: Holder,
    pub(crate) enterprise: Option<EnterpriseId>,
    pub(crate) seen_at: Timestamp,
}

/// A living session: neither idle for too long nor past its end.
pub(crate) fn living(tx: &mut Tx<'_>, digest: &str, now: Timestamp) -> Result<Option<SessionRow>> {
    let seen_after = now
        .checked_sub(SignedDuration::from_secs(IDLE_S))
        .unwrap_or(Timestamp::MIN);
    tx.opt(
        "SELECT holder_kind, holder_id, enterprise_id, seen_at FROM session
          WHERE digest = $1 AND ends_at > $2 AND seen_at > $3",
        params![digest, now, seen_after],
        |row| {
            Ok(SessionRow {
                holder: Holder::read(row, 0, 1)?,
                enterprise: row.opt_id(2)?,
                seen_at: row.get(3)?,
            })
        },
    )
}

pub(crate) fn seen(tx: &mut Tx<'_>, digest: &str, at: Timestamp) -> Result<()> {
    tx.put(
        "UPDATE session SET seen_at = $2 WHERE digest = $1 AND seen_at < $2",
        params![digest, at],
    )
}

pub(crate) fn set_enterprise(
    tx: &mut Tx<'_>,
    digest: &str,
    enterprise: Option<EnterpriseId>,
) -> Result<()> {
    tx.put(
        "UPDATE session SET enterprise_id = $2 WHERE digest = $1",
        params![digest, enterprise],
    )
}

pub(crate) fn close(tx: &mut Tx<'_>, digest: &str) -> Result<()> {
    tx.put("DELETE FROM session WHERE digest = $1", params![digest])
}

pub(crate) fn close_all(tx: &mut Tx<'_>, holder: Holder) -> Result<u64> {
    tx.execute(
        "DELETE FROM session WHERE holder_kind = $1 AND holder_id = $2",
        params![holder.kind(), holder.param()],
    )
}

pub(crate) fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64> {
    let idle = now
        .checked_sub(SignedDuration::from_secs(IDLE_S))
        .unwrap_or(Timestamp::MIN);
    tx.execute(
        "DELETE FROM session WHERE ends_at <= $1 OR seen_at <= $2",
        params![now, idle],
    )
}
