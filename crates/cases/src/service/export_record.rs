//! Takes the record away as an event log (事件日志): OCEL 2.0 or XES, for audit and for the improvement of processes
//! (行政许可法 第六十条、网络安全法 第二十三条).
//!
//! One snapshot of the store, read page by page into a file beside the uploads: memory does not grow with the number of cases, and nobody gets
//! the beginning of a file whose end failed. What was taken, by whom and what for is a row and a leaf of the transparency log, written before the
//! first byte goes out. No personal data of applicants (个人信息保护法 第六条: no more than the purpose needs); officers are pseudonyms
//! (第五十一条第三项) unless their names are asked for, which the leaf says.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};
use tongban_kernel::{
    Act, Actor, CaseId, Error, FieldProblem, OrganId, Permit, Resource, Result, TypedId,
};
use tongban_storage::{Ctx, Scratch, Tx, append_leaf};
use tongban_tlog::LeafKind;

use super::public_rule::sealed;
use crate::model::event_log::{Pseudonyms, Told, Traced};
use crate::model::ocel::{self, Ocel, Types};
use crate::model::record_export::asked_state;
use crate::model::xes::{self, Xes};
use crate::model::{LogCounts, LogFormat, NUMBERS_MAX, RecordExport, RecordSelection, RecordWish};
use crate::store::event_log as store;

/// Longest purpose, characters.
const PURPOSE_MAX: usize = 500;
/// Cases in memory at a time.
const ROUND: u32 = 100;

/// A file that was made; gone with this value.
pub struct ExportedFile {
    pub scratch: Scratch,
    pub bytes: u64,
    pub export: RecordExport,
}

/// The wish to take the record away.
#[derive(Debug, Clone)]
pub struct ExportRecord {
    pub wish: RecordWish,
    pub purpose: String,
}

fn problem(field: &str, message: &str) -> FieldProblem {
    FieldProblem::new(field, "record.export", message)
}

/// Makes the file and writes down that it was made.
pub async fn export_record(ctx: &Ctx, what: ExportRecord) -> Result<ExportedFile> {
    let permit = ctx.authorize(Act::ExportRecord, Resource::Platform)?;
    let purpose = checked(&what)?;
    let (scratch, file) = ctx.blobs.scratch(&ctx.ids.token())?;
    let (aside, second) = ctx.blobs.scratch(&ctx.ids.token())?;
    let (ctx2, wish) = (ctx.clone(), what.wish.clone());
    let made = ctx
        .db
        .read_long(move |tx| {
            let filter = filter(tx, &wish.selection)?;
            gather(&ctx2, tx, &wish, &filter, file, second)
        })
        .await?;
    drop(aside);
    let wish = what.wish;
    // Two who export at once want the same number; the loser takes the next.
    for _ in 0..16 {
        let (ctx2, wish, purpose) = (ctx.clone(), wish.clone(), purpose.clone());
        let bytes = made.bytes;
        let made = made.clone();
        let written = ctx
            .db
            .write(move |tx| write(&ctx2, tx, &wish, &purpose, &made, permit))
            .await?;
        if let Some(export) = written {
            return Ok(ExportedFile {
                scratch,
                bytes,
                export,
            });
        }
    }
    Err(Error::unavailable("the export could not be written down"))
}

/// The newest exports, at most fifty, for whoever may export.
pub async fn record_exports(ctx: &Ctx) -> Result<Vec<RecordExport>> {
    ctx.authorize(Act::ExportRecord, Resource::Platform)?;
    ctx.db.read(|tx| store::newest(tx, 50)).await
}

/// Code and name of the organs to choose from.
pub async fn export_organs(ctx: &Ctx) -> Result<Vec<(String, String)>> {
    ctx.authorize(Act::ExportRecord, Resource::Platform)?;
    let organs = tongban_accounts::organs(ctx).await?;
    let organs = organs.into_iter().map(|organ| (organ.code, organ.name));
    Ok(organs.collect())
}

/// The purpose, trimmed; everything that is wrong at once.
fn checked(what: &ExportRecord) -> Result<String> {
    let mut problems = Vec::new();
    let purpose = what.purpose.trim();
    if !(1..=PURPOSE_MAX).contains(&purpose.chars().count()) {
        problems.push(problem("purpose", "请填写用途（500 字以内）"));
    }
    let selection = &what.wish.selection;
    if asked_state(selection.state.as_deref()).is_none() {
        problems.push(problem("state", "没有这种办件状态"));
    }
    if matches!((selection.from, selection.until), (Some(from), Some(until)) if until < from) {
        problems.push(problem("until", "结束日期早于开始日期"));
    }
    if selection.numbers.len() > NUMBERS_MAX {
        problems.push(problem("numbers", "办件编号最多 1000 个"));
    }
    if problems.is_empty() {
        Ok(purpose.to_owned())
    } else {
        Err(Error::problems("record.export", problems))
    }
}

fn filter(tx: &mut Tx<'_>, selection: &RecordSelection) -> Result<store::Filter> {
    let organ = match selection.organ.as_deref().filter(|code| !code.is_empty()) {
        None => None,
        Some(code) => {
            let known = tongban_accounts::organ_by_code(tx, code)?;
            let known = known.ok_or_else(|| {
                Error::problems("record.export", vec![problem("organ", "没有这个机构")])
            })?;
            Some(known.id)
        }
    };
    let (state_code, is_open) = asked_state(selection.state.as_deref()).unwrap_or((-1, -1));
    let begin = |day: jiff::civil::Date| {
        let zone = jiff::tz::TimeZone::fixed(tongban_kernel::SHANGHAI);
        day.to_zoned(zone).map(|zoned| zoned.timestamp()).ok()
    };
    let last = selection.until.and_then(|day| day.tomorrow().ok());
    let text = |of: &Option<String>| of.clone().unwrap_or_default();
    Ok(store::Filter {
        item: text(&selection.item),
        organ,
        process: text(&selection.process),
        state_code,
        is_open,
        from: selection.from.and_then(begin).unwrap_or(Timestamp::MIN),
        until: last.and_then(begin).unwrap_or(Timestamp::MAX),
    })
}

/// What came of it.
#[derive(Debug, Clone)]
struct Made {
    counts: LogCounts,
    sha256: String,
    bytes: u64,
}

fn disk(source: io::Error) -> Error {
    Error::unavailable("the export could not be written")
        .context(source.to_string())
        .source(source)
}

/// Counts and digests what goes through.
struct Digested<W> {
    out: W,
    sha256: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Digested<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.out.write(buf)?;
        self.sha256.update(buf.get(..n).unwrap_or_default());
        self.bytes += n as u64;
        Ok(n)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> Digested<W> {
    fn finish(mut self, counts: LogCounts) -> io::Result<Made> {
        self.out.flush()?;
        Ok(Made {
            counts,
            sha256: hex::encode(self.sha256.finalize()),
            bytes: self.bytes,
        })
    }
}

fn gather(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    wish: &RecordWish,
    filter: &store::Filter,
    file: File,
    aside: File,
) -> Result<Made> {
    // A key of this export alone: two exports have no pseudonym in common.
    let domain = format!("record-export/{}", ctx.ids.token());
    let keyed = |kind: &str, value: &str| ctx.vault.index(&domain, &format!("{kind}/{value}"));
    let names = Pseudonyms {
        keyed: &keyed,
        names: wish.names,
    };
    let out = Digested {
        out: BufWriter::with_capacity(1 << 18, file),
        sha256: Sha256::new(),
        bytes: 0,
    };
    match wish.format {
        LogFormat::Ocel => in_ocel(tx, wish, filter, &names, out, aside),
        LogFormat::Xes | LogFormat::XesTasks => in_xes(tx, wish, filter, &names, out),
    }
}

fn in_ocel<W: Write>(
    tx: &mut Tx<'_>,
    wish: &RecordWish,
    filter: &store::Filter,
    names: &Pseudonyms<'_>,
    mut out: Digested<W>,
    aside: File,
) -> Result<Made> {
    out.write_all(ocel::HEAD.as_bytes()).map_err(disk)?;
    let mut log = Ocel {
        objects: out,
        events: BufWriter::with_capacity(1 << 18, aside),
        names,
        told: Told::default(),
        types: Types::default(),
        counts: LogCounts::default(),
    };
    each(tx, &wish.selection, filter, &mut |case| {
        log.case(case).map_err(disk)
    })?;
    let mut known: HashMap<OrganId, String> = HashMap::new();
    for id in log.organs() {
        let organ = tongban_accounts::organ(tx, id)?;
        known.insert(id, organ.map(|organ| organ.name).unwrap_or_default());
    }
    log.shared(&mut |id| known.get(&id).cloned().unwrap_or_default())
        .map_err(disk)?;
    let foot = log.types.foot();
    let (mut out, counts) = (log.objects, log.counts);
    let joined = (|| {
        out.write_all(ocel::BETWEEN.as_bytes())?;
        let mut events = log.events.into_inner().map_err(io::Error::from)?;
        events.seek(SeekFrom::Start(0))?;
        io::copy(&mut BufReader::new(events.take(u64::MAX)), &mut out)?;
        out.write_all(foot.as_bytes())?;
        out.finish(counts)
    })();
    joined.map_err(disk)
}

fn in_xes<W: Write>(
    tx: &mut Tx<'_>,
    wish: &RecordWish,
    filter: &store::Filter,
    names: &Pseudonyms<'_>,
    mut out: Digested<W>,
) -> Result<Made> {
    out.write_all(xes::HEAD.as_bytes()).map_err(disk)?;
    let mut log = Xes {
        out,
        names,
        format: wish.format,
        counts: LogCounts::default(),
    };
    each(tx, &wish.selection, filter, &mut |case| {
        log.case(case).map_err(disk)
    })?;
    let (mut out, counts) = (log.out, log.counts);
    let ended = out.write_all(xes::FOOT.as_bytes());
    ended.and_then(|()| out.finish(counts)).map_err(disk)
}

/// Every selected case with its record, by id (those named by number: in the order of the numbers). At most [`ROUND`] are in memory.
fn each(
    tx: &mut Tx<'_>,
    selection: &RecordSelection,
    filter: &store::Filter,
    take: &mut dyn FnMut(&Traced) -> Result<()>,
) -> Result<()> {
    let mut numbers: Vec<&str> = selection.numbers.iter().map(|n| n.trim()).collect();
    numbers.retain(|number| !number.is_empty());
    numbers.sort_unstable();
    numbers.dedup();
    if !numbers.is_empty() {
        for part in numbers.chunks(ROUND as usize) {
            let mut found = Vec::new();
            for number in part {
                found.extend(store::by_number(tx, number)?);
            }
            hand_on(tx, &mut found, take)?;
        }
        return Ok(());
    }
    let mut after = String::new();
    loop {
        let mut found = store::page(tx, filter, &after, ROUND)?;
        hand_on(tx, &mut found, take)?;
        match found.last() {
            Some((id, _)) if found.len() == ROUND as usize => {
                after = id.uuid().simple().to_string();
            }
            _ => return Ok(()),
        }
    }
}

fn hand_on(
    tx: &mut Tx<'_>,
    found: &mut [(CaseId, Traced)],
    take: &mut dyn FnMut(&Traced) -> Result<()>,
) -> Result<()> {
    store::fill(tx, found)?;
    for (_, case) in found {
        take(case)?;
    }
    Ok(())
}

/// `None`: somebody else took the number.
fn write(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    wish: &RecordWish,
    purpose: &str,
    made: &Made,
    permit: Permit,
) -> Result<Option<RecordExport>> {
    let now = ctx.now();
    let (by_whom, officer) = match &ctx.actor {
        Actor::Officer(officer) => {
            let profile = tongban_accounts::officer(tx, officer.officer)?
                .ok_or_else(Error::unauthenticated)?;
            (profile.name, Some(officer.officer))
        }
        _ => ("系统（命令行）".to_owned(), None),
    };
    let head = store::last(tx)?;
    let mut export = RecordExport {
        n: head.n + 1,
        at: now,
        by_whom,
        wish: wish.clone(),
        purpose: purpose.to_owned(),
        counts: made.counts,
        sha256: made.sha256.clone(),
        leaf: String::new(),
    };
    let wish = serde_json::to_value(&export.wish)
        .map_err(|source| Error::internal("record export").source(source))?;
    // A look at many cases at once (查阅). Nothing in it is of an applicant, so nothing is sealed.
    let leaf = head
        .next(
            ctx,
            LeafKind::Access,
            "log.record-export",
            "record-exported",
            &export.by_whom,
            permit,
        )
        .field("wish", wish)
        .field("purpose", export.purpose.as_str())
        .field("cases", json!(export.counts.cases))
        .field("sha256", export.sha256.as_str());
    let (entry, kept) = sealed(ctx, leaf, now, officer)?;
    export.leaf = hex::encode(entry.hash);
    if !store::insert(tx, &export, &kept)? {
        return Ok(None);
    }
    append_leaf(tx, &ctx.ids, &entry, now)?;
    Ok(Some(export))
}
