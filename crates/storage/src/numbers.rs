//! Numbers without gaps and without doubles: allocated in the transaction that uses them.

use tongban_kernel::Result;

use crate::{Tx, params};

/// The next number of `series`, from 1. A rolled-back transaction gives its number back.
pub fn next_number(tx: &mut Tx<'_>, series: &str) -> Result<i64> {
    tx.one(
        "INSERT INTO number_series (series, last) VALUES ($1, 1)
             ON CONFLICT (series) DO UPDATE SET last = number_series.last + 1
         RETURNING last",
        params![series],
        |row| row.get(0),
    )
}
