//! The judges of the fault tests, each shown a history that it must not accept.

use std::collections::{BTreeMap, BTreeSet};

/// What was acknowledged against what is there: nothing missing, nothing doubled, no gap in the numbers.
pub(super) fn judge(
    acknowledged: &BTreeMap<String, String>,
    there: &BTreeSet<String>,
) -> Result<(), String> {
    let numbers: BTreeSet<&String> = acknowledged.values().collect();
    if numbers.len() != acknowledged.len() {
        return Err("two submissions got the same number".to_owned());
    }
    if let Some(missing) = numbers.iter().find(|number| !there.contains(**number)) {
        return Err(format!("{missing} was acknowledged and is missing"));
    }
    if let Some(extra) = there.iter().find(|number| !numbers.contains(number)) {
        return Err(format!("{extra} is there and nobody submitted it"));
    }
    let mut sequence: Vec<u32> = there
        .iter()
        .filter_map(|number| number.get(18..24)?.parse().ok())
        .collect();
    sequence.sort_unstable();
    let whole = sequence
        .iter()
        .enumerate()
        .all(|(idx, n)| *n as usize == idx + 1);
    if whole {
        Ok(())
    } else {
        Err(format!("the numbers have a gap: {sequence:?}"))
    }
}

/// Everything that was acknowledged is there; more may be (an answer can get lost on its way).
pub(super) fn kept(acknowledged: &[Acknowledged], there: &BTreeSet<String>) -> Result<(), String> {
    match acknowledged.iter().find(|ack| !there.contains(&ack.what)) {
        Some(lost) => Err(format!("{} was acknowledged and is missing", lost.what)),
        None => Ok(()),
    }
}

/// An acknowledgement: what, and when it was asked for and answered (seconds since 1970).
#[derive(Debug, Clone)]
pub(super) struct Acknowledged {
    pub(super) what: String,
    pub(super) asked: f64,
    pub(super) answered: f64,
}

/// A call that makes writes durable, as the kernel saw it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sync {
    pub(super) file: String,
    pub(super) ended: f64,
    /// The kernel did it and reported success. An injected result is none.
    pub(super) done: bool,
}

/// Reads a trace of `strace -f -ttt -T -y -e trace=fdatasync,fsync`.
pub(super) fn syncs(trace: &str) -> Vec<Sync> {
    let mut waiting: BTreeMap<&str, String> = BTreeMap::new();
    let mut found = Vec::new();
    for line in trace.lines() {
        let mut words = line.split_whitespace();
        let (Some(pid), Some(time)) = (words.next(), words.next()) else {
            continue;
        };
        let Ok(time) = time.parse::<f64>() else {
            continue;
        };
        let resumed = line.contains(" resumed>");
        if !resumed && !line.contains("fdatasync(") && !line.contains("fsync(") {
            continue;
        }
        let file = if resumed {
            waiting.remove(pid).unwrap_or_default()
        } else {
            let path = line
                .split_once('<')
                .and_then(|(_, rest)| rest.split_once('>'));
            path.map(|(path, _)| path.to_owned()).unwrap_or_default()
        };
        if line.contains("<unfinished") {
            waiting.insert(pid, file);
            continue;
        }
        // The time of a whole line is that of the call, the last brackets how long it took.
        let took = line
            .rsplit_once('<')
            .and_then(|(_, rest)| rest.strip_suffix('>')?.parse::<f64>().ok());
        found.push(Sync {
            file,
            ended: if resumed {
                time
            } else {
                time + took.unwrap_or(0.0)
            },
            done: line.contains(") = 0") && !line.contains("INJECTED"),
        });
    }
    found
}

/// Every acknowledgement of a write was preceded, after it was asked for, by a sync of the store that really happened.
pub(super) fn durable(acknowledged: &[Acknowledged], syncs: &[Sync]) -> Result<(), String> {
    let covered = |ack: &Acknowledged| {
        syncs.iter().any(|sync| {
            let store = sync.file.ends_with(".db-wal") || sync.file.ends_with(".db");
            store && sync.done && sync.ended >= ack.asked && sync.ended <= ack.answered
        })
    };
    match acknowledged.iter().find(|ack| !covered(ack)) {
        Some(bare) => Err(format!(
            "{} was acknowledged at {:.6} without a sync after {:.6}",
            bare.what, bare.answered, bare.asked
        )),
        None => Ok(()),
    }
}

#[test]
fn an_acknowledged_operation_that_is_missing_is_named() {
    let ack = |what: &str| Acknowledged {
        what: what.to_owned(),
        asked: 1.0,
        answered: 2.0,
    };
    let acknowledged = [ack("drf_1"), ack("drf_2")];
    let there: BTreeSet<String> = ["drf_1", "drf_2", "drf_3"].map(str::to_owned).into();
    assert_eq!(kept(&acknowledged, &there), Ok(()));
    let lost: BTreeSet<String> = ["drf_1", "drf_3"].map(str::to_owned).into();
    assert!(
        kept(&acknowledged, &lost)
            .expect_err("lost")
            .contains("drf_2")
    );
}

#[test]
fn an_acknowledgement_without_a_sync_is_named() {
    let trace = "\
7 100.000000 fdatasync(9</d/tongban.db-wal>) = 0 <0.004000>
8 100.100000 fdatasync(9</d/tongban.db-wal> <unfinished ...>
7 100.100500 fsync(4</d/blobs/tmp/x>) = 0 <0.001000>
8 100.103000 <... fdatasync resumed>) = 0 <0.003000>
7 100.200000 fdatasync(9</d/tongban.db-wal>) = 0 (INJECTED) <0.000100>
7 100.300000 fdatasync(9</d/tongban.db-wal>) = -1 EIO (Input/output error) (INJECTED) <0.000100>
7 100.350000 +++ exited with 0 +++";
    let syncs = syncs(trace);
    let done: Vec<bool> = syncs.iter().map(|sync| sync.done).collect();
    assert_eq!(done, [true, true, true, false, false]);
    assert!((syncs[0].ended - 100.004).abs() < 1e-9 && (syncs[2].ended - 100.103).abs() < 1e-9);
    assert_eq!(syncs[2].file, "/d/tongban.db-wal");
    let ack = |asked: f64, answered: f64| Acknowledged {
        what: "drf_1".to_owned(),
        asked,
        answered,
    };
    assert_eq!(
        durable(&[ack(99.999, 100.005), ack(100.05, 100.104)], &syncs),
        Ok(())
    );
    for (asked, answered, why) in [
        (99.999, 100.003, "answered before the sync ended"),
        (100.0041, 100.09, "the sync was before it was asked"),
        (100.09, 100.1027, "only a file of the blobs was synced"),
        (100.15, 100.25, "the sync was a pretence"),
        (100.25, 100.4, "the sync failed"),
    ] {
        let verdict = durable(&[ack(asked, answered)], &syncs);
        assert!(verdict.is_err(), "{why}");
    }
}

#[test]
fn the_judge_notices_what_it_must() {
    let number = |n: u32| format!("33990020260302TB01{n:06}X");
    let acknowledged: BTreeMap<String, String> =
        (1..=3).map(|n| (format!("drf_{n}"), number(n))).collect();
    let there: BTreeSet<String> = (1..=3).map(number).collect();
    assert_eq!(judge(&acknowledged, &there), Ok(()));
    let lost: BTreeSet<String> = (1..=2).map(number).collect();
    assert!(
        judge(&acknowledged, &lost)
            .expect_err("lost")
            .contains("missing")
    );
    let doubled: BTreeSet<String> = (1..=4).map(number).collect();
    assert!(
        judge(&acknowledged, &doubled)
            .expect_err("doubled")
            .contains("nobody")
    );
    let mut same = acknowledged.clone();
    same.insert("drf_9".to_owned(), number(3));
    assert!(
        judge(&same, &there)
            .expect_err("same number")
            .contains("same number")
    );
    let gap: BTreeMap<String, String> = [
        (String::from("a"), number(1)),
        (String::from("b"), number(3)),
    ]
    .into();
    let gap_there: BTreeSet<String> = gap.values().cloned().collect();
    assert!(judge(&gap, &gap_there).expect_err("a gap").contains("gap"));
}
