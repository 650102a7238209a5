//! What the administration of processes counts.

use tongban_kernel::Result;
use tongban_storage::{Tx, params};

/// How many open cases run on each version.
pub(crate) fn running(tx: &mut Tx<'_>) -> Result<Vec<(String, u64)>> {
    tx.all(
        "SELECT process_hash, COUNT(*) FROM case_file WHERE is_open = 1 GROUP BY process_hash ORDER BY process_hash LIMIT 10000",
        params![],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
