//! The rows of this context.

use jiff::Timestamp;
use tongban_kernel::{DeliveryId, Error, OrganId, Result, StepId, SystemId, TypedId as _};
use tongban_storage::{ChainHead, Row, Tx, next_number, params};

use crate::model::{Delivery, System};

/// The keys of a system as they lie.
pub(crate) struct Sealed {
    pub(crate) data_key: Vec<u8>,
    pub(crate) sealed: Vec<u8>,
}

macro_rules! columns {
    () => {
        "id, code, organ_id, name, url, events, state, failing_since, note, created_at, data_key, sealed"
    };
}

fn read(row: &Row<'_>) -> Result<(System, Sealed)> {
    Ok((
        System {
            id: row.id(0)?,
            code: row.get(1)?,
            organ: row.id(2)?,
            name: row.get(3)?,
            url: row.get(4)?,
            events: row.json(5)?,
            state: row.get(6)?,
            failing_since: row.get(7)?,
            note: row.get(8)?,
            created_at: row.get(9)?,
        },
        Sealed {
            data_key: row.get(10)?,
            sealed: row.get(11)?,
        },
    ))
}

fn json(events: &[String]) -> Result<String> {
    serde_json::to_string(events)
        .map_err(|source| Error::internal("row cannot be written").source(source))
}

pub(crate) fn insert(tx: &mut Tx<'_>, system: &System, keys: &Sealed) -> Result<()> {
    tx.put(
        "INSERT INTO outside_system (id, code, organ_id, name, url, events, state, note, created_at, data_key, sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9, $10)",
        params![
            system.id,
            &system.code,
            system.organ,
            &system.name,
            &system.url,
            json(&system.events)?,
            &system.state,
            system.created_at,
            &keys.data_key,
            &keys.sealed
        ],
    )
}

pub(crate) fn update(tx: &mut Tx<'_>, system: &System) -> Result<()> {
    tx.put(
        "UPDATE outside_system SET name = $2, url = $3, events = $4, state = $5, failing_since = $6, note = $7 WHERE id = $1",
        params![
            system.id,
            &system.name,
            &system.url,
            json(&system.events)?,
            &system.state,
            system.failing_since,
            &system.note
        ],
    )
}

pub(crate) fn put_keys(tx: &mut Tx<'_>, id: SystemId, sealed: &[u8]) -> Result<()> {
    tx.put(
        "UPDATE outside_system SET sealed = $2 WHERE id = $1",
        params![id, sealed],
    )
}

pub(crate) fn get(tx: &mut Tx<'_>, id: SystemId) -> Result<Option<(System, Sealed)>> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM outside_system WHERE id = $1"),
        params![id],
        read,
    )
}

pub(crate) fn by_code(tx: &mut Tx<'_>, code: &str) -> Result<Option<(System, Sealed)>> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM outside_system WHERE code = $1"
        ),
        params![code],
        read,
    )
}

/// Of one organ, or of all; in the order of registration.
pub(crate) fn all(tx: &mut Tx<'_>, organ: Option<OrganId>) -> Result<Vec<System>> {
    let organ = organ.map_or_else(String::new, |organ| organ.uuid().simple().to_string());
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM outside_system WHERE $1 = '' OR organ_id = $1 ORDER BY id LIMIT 1000"
        ),
        params![organ],
        |row| Ok(read(row)?.0),
    )
}

/// What is told.
pub(crate) struct NewDelivery<'a> {
    pub(crate) id: DeliveryId,
    pub(crate) system: SystemId,
    pub(crate) message: &'a str,
    pub(crate) replay: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) step: Option<StepId>,
    pub(crate) body: &'a str,
    pub(crate) at: Timestamp,
}

/// Puts a message into the line of a system, once.
pub(crate) fn enqueue(tx: &mut Tx<'_>, new: &NewDelivery<'_>) -> Result<()> {
    let n = next_number(tx, &format!("outside/{}", new.system))?;
    tx.put(
        "INSERT INTO outside_delivery (id, system_id, n, message, replay, kind, subject, step_id, body, created_at, state, due_at, attempts)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', $10, 0)
             ON CONFLICT (system_id, message, replay) DO NOTHING",
        params![
            new.id,
            new.system,
            n,
            new.message,
            new.replay,
            new.kind,
            new.subject,
            new.step,
            new.body,
            new.at
        ],
    )
}

/// Whether a message is in the line of a system already.
pub(crate) fn is_enqueued(tx: &mut Tx<'_>, system: SystemId, message: &str) -> Result<bool> {
    let found: Option<i64> = tx.opt(
        "SELECT n FROM outside_delivery WHERE system_id = $1 AND message = $2 AND replay = ''",
        params![system, message],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

macro_rules! delivery {
    () => {
        "d.id, d.system_id, d.message, d.kind, d.subject, d.step_id, d.body, d.created_at, d.state, d.due_at, d.attempts, d.last_at,
         d.status, d.error, d.replay, d.n"
    };
}

fn read_delivery(row: &Row<'_>) -> Result<Delivery> {
    Ok(Delivery {
        id: row.id(0)?,
        system: row.id(1)?,
        message: row.get(2)?,
        kind: row.get(3)?,
        subject: row.get(4)?,
        step: row.opt_id(5)?,
        body: row.get(6)?,
        created_at: row.get(7)?,
        state: row.get(8)?,
        due_at: row.get(9)?,
        attempts: row.get(10)?,
        last_at: row.get(11)?,
        status: row.get(12)?,
        error: row.get(13)?,
        replay: row.get(14)?,
        n: row.get(15)?,
    })
}

/// What is due: of each system and case only the oldest that waits, so that nothing of a case overtakes what came before.
pub(crate) fn due(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<Delivery>> {
    tx.all(
        concat!(
            "SELECT ",
            delivery!(),
            " FROM outside_delivery d JOIN outside_system s ON s.id = d.system_id
               WHERE d.state = 'waiting' AND d.due_at <= $1 AND s.state = 'active'
                 AND NOT EXISTS (SELECT 1 FROM outside_delivery o WHERE o.system_id = d.system_id AND o.subject = d.subject
                                  AND o.n < d.n AND o.state = 'waiting' AND d.subject <> '')
               ORDER BY d.due_at, d.n LIMIT $2"
        ),
        params![now, limit],
        read_delivery,
    )
}

/// Takes a delivery under a lease; `false` if another worker has it.
pub(crate) fn claim(tx: &mut Tx<'_>, delivery: &Delivery, until: Timestamp) -> Result<bool> {
    let taken = tx.execute(
        "UPDATE outside_delivery SET due_at = $3, attempts = attempts + 1
          WHERE id = $1 AND attempts = $2 AND state = 'waiting'",
        params![delivery.id, delivery.attempts, until],
    )?;
    Ok(taken == 1)
}

/// How a try went. Nothing if another worker has taken it since.
pub(crate) fn settle(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<bool> {
    let n = tx.execute(
        "UPDATE outside_delivery SET state = $3, due_at = $4, last_at = $5, status = $6, error = $7
          WHERE id = $1 AND attempts = $2 AND state = 'waiting'",
        params![
            delivery.id,
            delivery.attempts,
            &delivery.state,
            delivery.due_at,
            delivery.last_at,
            delivery.status,
            delivery.error.as_ref()
        ],
    )?;
    Ok(n == 1)
}

pub(crate) fn delivery(tx: &mut Tx<'_>, id: DeliveryId) -> Result<Option<Delivery>> {
    tx.opt(
        concat!(
            "SELECT ",
            delivery!(),
            " FROM outside_delivery d WHERE d.id = $1"
        ),
        params![id],
        read_delivery,
    )
}

/// The log of a system, newest first.
pub(crate) fn deliveries(
    tx: &mut Tx<'_>,
    system: SystemId,
    before: Option<u64>,
    limit: i64,
) -> Result<Vec<Delivery>> {
    let before = before.map_or(i64::MAX, |n| i64::try_from(n).unwrap_or(i64::MAX));
    tx.all(
        concat!(
            "SELECT ",
            delivery!(),
            " FROM outside_delivery d WHERE d.system_id = $1 AND d.n < $2 ORDER BY d.n DESC LIMIT $3"
        ),
        params![system, before, limit],
        read_delivery,
    )
}

pub(crate) fn head(tx: &mut Tx<'_>) -> Result<ChainHead> {
    ChainHead::read(
        tx,
        "SELECT n, leaf, leaf_sm3 FROM outside_change ORDER BY n DESC LIMIT 1",
    )
}

/// One change of a registration.
pub(crate) struct ChangeRow<'a> {
    pub(crate) n: u32,
    pub(crate) at: Timestamp,
    pub(crate) system: SystemId,
    pub(crate) by_whom: &'a str,
    pub(crate) what: &'a str,
    pub(crate) leaf: &'a [u8; 32],
    pub(crate) leaf_sm3: &'a [u8; 32],
    pub(crate) proof: &'a str,
}

pub(crate) fn put_change(tx: &mut Tx<'_>, row: &ChangeRow<'_>) -> Result<()> {
    let made = tx.execute(
        "INSERT INTO outside_change (n, at, system_id, by_whom, what, leaf, leaf_sm3, proof) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (n) DO NOTHING",
        params![
            row.n,
            row.at,
            row.system,
            row.by_whom,
            row.what,
            row.leaf,
            row.leaf_sm3,
            row.proof
        ],
    )?;
    if made == 1 {
        Ok(())
    } else {
        Err(Error::conflict("outside.stale", "有人同时在修改，请重试"))
    }
}
