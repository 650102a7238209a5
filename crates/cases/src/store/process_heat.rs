//! Where the open cases of a version stand.

use jiff::civil::Date;
use tongban_kernel::Result;
use tongban_process::State;
use tongban_storage::{Tx, params};

/// The states of open cases on a version behind `after` (an id as rows keep it), by id.
pub(crate) fn states(
    tx: &mut Tx<'_>,
    hash: &str,
    after: &str,
    limit: u32,
) -> Result<Vec<(String, State)>> {
    tx.all(
        "SELECT id, process_state FROM case_file WHERE is_open = 1 AND process_hash = $1 AND id > $2 ORDER BY id LIMIT $3",
        params![hash, after, limit],
        |row| Ok((row.get(0)?, row.json(1)?)),
    )
}

/// How many open cases of a version have an open task at each element that is beyond its due day.
pub(crate) fn late(tx: &mut Tx<'_>, hash: &str, today: Date) -> Result<Vec<(String, u64)>> {
    tx.all(
        "SELECT t.element, COUNT(DISTINCT t.case_id) FROM task t JOIN case_file c ON c.id = t.case_id
          WHERE c.is_open = 1 AND c.process_hash = $1 AND t.state = 'open' AND t.due_on < $2
          GROUP BY t.element ORDER BY t.element LIMIT 10000",
        params![hash, today],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
