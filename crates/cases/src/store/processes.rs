//! Process definitions: immutable, named by their content.

use jiff::Timestamp;
use tongban_kernel::Result;
use tongban_storage::{Tx, params};

pub(crate) fn put(
    tx: &mut Tx<'_>,
    hash: &str,
    name: &str,
    xml: &[u8],
    at: Timestamp,
) -> Result<()> {
    tx.put(
        "INSERT INTO process_definition (hash, name, xml, published_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (hash) DO NOTHING",
        params![hash, name, xml, at],
    )
}

pub(crate) fn get(tx: &mut Tx<'_>, hash: &str) -> Result<Option<Vec<u8>>> {
    tx.opt(
        "SELECT xml FROM process_definition WHERE hash = $1",
        params![hash],
        |row| row.get(0),
    )
}

/// The latest definition of this name.
pub(crate) fn latest(tx: &mut Tx<'_>, name: &str) -> Result<Option<String>> {
    tx.opt(
        "SELECT hash FROM process_definition WHERE name = $1 ORDER BY published_at DESC, hash DESC LIMIT 1",
        params![name],
        |row| row.get(0),
    )
}
