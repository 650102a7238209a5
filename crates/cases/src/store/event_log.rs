//! Cases as an export of the record reads them, page by page, and the exports that were made.

use jiff::Timestamp;
use tongban_kernel::{CaseId, OrganId, Result};
use tongban_storage::{ChainHead, Param, Question, Row, Tx, params};

use super::chain::{Kept, json};
use super::{documents, events, tasks};
use crate::model::event_log::{Traced, TracedDocument};
use crate::model::{LogCounts, RecordExport};

/// Which cases, as SQL takes it: empty text and -1 ask for nothing.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) item: String,
    pub(crate) organ: Option<OrganId>,
    pub(crate) process: String,
    pub(crate) state_code: i64,
    pub(crate) is_open: i64,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

macro_rules! columns {
    () => {
        "SELECT id, project_no, task_code, task_name, organ_id, process_hash, apply_channel, submitted_at, promise_due FROM case_file "
    };
}

fn head(row: &Row<'_>) -> Result<(CaseId, Traced)> {
    let case = Traced {
        project_no: row.get(1)?,
        task_code: row.get(2)?,
        task_name: row.get(3)?,
        organ: row.id(4)?,
        process: row.get(5)?,
        channel: row.get(6)?,
        submitted_at: row.get(7)?,
        promise_due: row.get(8)?,
        events: Vec::new(),
        tasks: Vec::new(),
        documents: Vec::new(),
    };
    Ok((row.id(0)?, case))
}

/// The cases behind `after` that fit, by id; without their records.
pub(crate) fn page(
    tx: &mut Tx<'_>,
    filter: &Filter,
    after: &str,
    limit: u32,
) -> Result<Vec<(CaseId, Traced)>> {
    let organ = Param::from(filter.organ);
    let organ = match organ {
        Param::Null => Param::from(""),
        some => some,
    };
    let asked = [
        Param::from(after),
        Param::from(filter.item.as_str()),
        organ,
        Param::from(filter.process.as_str()),
        Param::from(filter.state_code),
        Param::from(filter.is_open),
        Param::from(filter.from),
        Param::from(filter.until),
        Param::from(limit),
    ];
    tx.all(
        concat!(
            columns!(),
            "WHERE id > $1 AND ($2 = '' OR task_code = $2) AND ($3 = '' OR organ_id = $3) AND ($4 = '' OR process_hash = $4)
               AND ($5 = -1 OR state_code = $5) AND ($6 = -1 OR is_open = $6) AND submitted_at >= $7 AND submitted_at < $8
             ORDER BY id LIMIT $9"
        ),
        &asked,
        head,
    )
}

/// A case by its number.
pub(crate) fn by_number(tx: &mut Tx<'_>, project_no: &str) -> Result<Option<(CaseId, Traced)>> {
    tx.opt(
        concat!(columns!(), "WHERE project_no = $1"),
        params![project_no],
        head,
    )
}

/// Reads records, tasks and documents of these cases; on PostgreSQL in one round trip.
pub(crate) fn fill(tx: &mut Tx<'_>, cases: &mut [(CaseId, Traced)]) -> Result<()> {
    let ids: Vec<CaseId> = cases.iter().map(|(id, _)| *id).collect();
    tx.ask_ahead(|| {
        let one = |id: &CaseId| {
            [events::OF_CASE, tasks::OF_CASE, documents::OF_CASE]
                .map(|sql| Question::new(sql, params![*id]))
        };
        ids.iter().flat_map(one).collect()
    })?;
    for (id, case) in cases {
        case.events = events::of_case(tx, *id)?;
        case.tasks = tasks::of_case(tx, *id)?;
        case.documents = documents::of_case(tx, *id)?
            .into_iter()
            .map(|document| TracedDocument {
                template: document.template,
                number: document.number,
                created_at: document.created_at,
            })
            .collect();
    }
    Ok(())
}

pub(crate) fn last(tx: &mut Tx<'_>) -> Result<ChainHead> {
    ChainHead::read(
        tx,
        "SELECT n, leaf, leaf_sm3 FROM record_export ORDER BY n DESC LIMIT 1",
    )
}

/// `false`: somebody else took this number meanwhile.
pub(crate) fn insert(tx: &mut Tx<'_>, export: &RecordExport, kept: &Kept) -> Result<bool> {
    let n = tx.execute(
        "INSERT INTO record_export (n, at, by_whom, officer_id, wish, purpose, counts, sha256, leaf, leaf_sm3, proof)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (n) DO NOTHING",
        params![
            export.n,
            export.at,
            &export.by_whom,
            kept.officer,
            json(&export.wish)?,
            &export.purpose,
            json(&export.counts)?,
            &export.sha256,
            &kept.leaf,
            &kept.leaf_sm3,
            &kept.proof
        ],
    )?;
    Ok(n == 1)
}

/// The newest exports.
pub(crate) fn newest(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<RecordExport>> {
    tx.all(
        "SELECT n, at, by_whom, wish, purpose, counts, sha256, leaf FROM record_export ORDER BY n DESC LIMIT $1",
        params![limit],
        |row| {
            Ok(RecordExport {
                n: row.get(0)?,
                at: row.get(1)?,
                by_whom: row.get(2)?,
                wish: row.json(3)?,
                purpose: row.get(4)?,
                counts: row.json::<LogCounts>(5)?,
                sha256: row.get(6)?,
                leaf: hex::encode(row.get::<[u8; 32]>(7)?),
            })
        },
    )
}
