//! Which cases wait for a message or a signal.

use tongban_kernel::{CaseId, Result};
use tongban_process::Matter;
use tongban_storage::{Tx, params};

fn word(matter: Matter) -> &'static str {
    match matter {
        Matter::Message => "message",
        Matter::Signal => "signal",
        Matter::Error => "error",
        Matter::Escalation => "escalation",
    }
}

pub(crate) fn put(
    tx: &mut Tx<'_>,
    case: CaseId,
    number: i64,
    matter: Matter,
    name: &str,
    key: Option<&str>,
) -> Result<()> {
    tx.put(
        "INSERT INTO process_wait (case_id, number, matter, name, message_key) VALUES ($1, $2, $3, $4, $5)",
        params![case, number, word(matter), name, key],
    )
}

pub(crate) fn remove(tx: &mut Tx<'_>, case: CaseId, number: i64) -> Result<()> {
    tx.put(
        "DELETE FROM process_wait WHERE case_id = $1 AND number = $2",
        params![case, number],
    )
}

/// The cases that wait for this; a case that named no key takes every key.
pub(crate) fn cases(
    tx: &mut Tx<'_>,
    matter: Matter,
    name: &str,
    key: Option<&str>,
) -> Result<Vec<CaseId>> {
    tx.all(
        "SELECT DISTINCT case_id FROM process_wait
             WHERE matter = $1 AND name = $2 AND (message_key IS NULL OR $3 = '' OR message_key = $3) ORDER BY case_id",
        params![word(matter), name, key.unwrap_or_default()],
        |row| row.id(0),
    )
}
