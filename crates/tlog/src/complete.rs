//! Completeness and memory on paper: what a bundle alone cannot show.

use std::collections::HashMap;

use crate::bundle::Bundle;
use crate::checkpoint::Checkpoint;
use crate::hash::{Hash, Sha256Tree, TreeHash, to_base64};
use crate::leaf::{LeafKind, case_ref, previous_log};
use crate::merkle::{Frontier, verify_consistency};
use crate::note::Note;
use crate::policy::Policy;
use crate::verify::{Outcome, Step, Stream, counted, step};

/// Pseudonyms after the last known event that must not be in the log.
const LOOKAHEAD: u64 = 8;

/// All entries of one log up to checkpoints that the caller has checked against the policy.
pub struct LogEntries<'a> {
    /// The tree head under which the bundle says that it is complete ([`bundle_heads`]).
    pub checkpoint: &'a Checkpoint,
    /// A later head of the same log, if its entries are given too.
    pub newer: Option<&'a Checkpoint>,
    /// Entries from index 0, from the platform or a mirror.
    pub entries: &'a mut dyn Iterator<Item = Vec<u8>>,
}

/// The heads of all logs for which the bundle claims to be complete, each believed by the policy.
pub fn bundle_heads(bundle: &Bundle, policy: &Policy) -> crate::Result<Vec<Checkpoint>> {
    let head = |text: &String| Ok(policy.check(&Note::parse(text)?)?.checkpoint);
    bundle.logs.iter().map(head).collect()
}

/// Step 5, completeness: every event (and look) of the bundle occurs exactly once in the logs, with these bytes, and none of the
/// next eight pseudonyms occurs — nothing was hidden from the holder. `logs` are the logs of the years in order; each begins
/// with the final checkpoint of the one before it.
///
/// Events beyond the head of the bundle are no fault: they came after it. They are counted in the answer.
pub fn verify_completeness(bundle: &Bundle, logs: &mut [LogEntries<'_>]) -> Step {
    step("完整无隐瞒", completeness(bundle, logs))
}

/// What is looked for, and what was found.
struct Search<'a> {
    streams: [Stream<'a>; 2],
    /// Pseudonym → chain and number.
    wanted: HashMap<String, (usize, u64)>,
    seen: [Vec<bool>; 2],
    later: u64,
}

fn completeness(bundle: &Bundle, logs: &mut [LogEntries<'_>]) -> Outcome {
    let streams = Stream::of(bundle);
    let mut wanted = HashMap::new();
    for (which, stream) in streams.iter().enumerate() {
        for seq in 0..stream.events.len() as u64 + LOOKAHEAD {
            let reference = case_ref(stream.kind, &bundle.case_key, seq);
            wanted.insert(to_base64(&reference), (which, seq));
        }
    }
    let mut search = Search {
        seen: streams.map(|stream| vec![false; stream.events.len()]),
        streams,
        wanted,
        later: 0,
    };
    let mut total = 0u64;
    let mut before: Option<&Checkpoint> = None;
    for log in logs {
        search.log(log, before)?;
        total = total.saturating_add(log.checkpoint.size);
        before = Some(log.newer.unwrap_or(log.checkpoint));
    }
    for (stream, seen) in streams.iter().zip(&search.seen) {
        if let Some(missing) = seen.iter().position(|s| !s) {
            return Err(format!("公开日志里没有{}", stream.name(missing as u64)));
        }
    }
    let known = format!(
        "在公开日志的全部 {total} 条记录中恰好找到本办件的 {}，没有瞒下别的",
        counted(bundle)
    );
    Ok(match search.later {
        0 => known,
        n => format!("{known}；下载这份存证之后又有 {n} 条新记录，请重新下载"),
    })
}

impl Search<'_> {
    fn log(&mut self, log: &mut LogEntries<'_>, before: Option<&Checkpoint>) -> Result<(), String> {
        let mut frontier = Frontier::<Sha256Tree>::new();
        let (head, end) = (log.checkpoint, log.newer.unwrap_or(log.checkpoint));
        let differs = |what: &Checkpoint| {
            format!(
                "拿到的记录与日志 {} 签过名的树根（{} 条）不符",
                what.origin, what.size
            )
        };
        for (index, entry) in (0u64..).zip(&mut log.entries) {
            if index >= end.size {
                return Err(format!("拿到的记录多于日志签过名的 {} 条", end.size));
            }
            if index == 0 && before.is_some() && previous_log(&entry).as_ref() != before {
                return Err(format!("日志 {} 没有接着上一年的日志写", head.origin));
            }
            if index == head.size && frontier.root() != head.root {
                return Err(differs(head));
            }
            frontier
                .append(Sha256Tree::leaf(&entry))
                .map_err(|e| e.to_string())?;
            self.entry(index, &entry, index >= head.size)?;
        }
        if frontier.size() < head.size || frontier.size() != end.size || frontier.root() != end.root
        {
            return Err(differs(end));
        }
        Ok(())
    }

    fn entry(&mut self, index: u64, entry: &[u8], later: bool) -> Result<(), String> {
        let found = reference(entry);
        let Some((kind, &(which, seq))) =
            found.and_then(|(kind, reference)| Some((kind, self.wanted.get(reference)?)))
        else {
            return Ok(());
        };
        let (Some(stream), Some(seen)) = (self.streams.get(which), self.seen.get_mut(which)) else {
            return Ok(());
        };
        if stream.kind != kind {
            return Ok(());
        }
        let name = stream.name(seq);
        let number = usize::try_from(seq).ok();
        let Some(event) = number.and_then(|n| stream.events.get(n)) else {
            if later {
                self.later += 1;
                return Ok(());
            }
            return Err(format!(
                "日志第 {index} 条是本办件的{name}，这份存证里却没有：有事瞒着您"
            ));
        };
        let text = stream.text(seq, event).map_err(|e| e.to_string())?;
        if text.to_string().as_bytes() != entry {
            return Err(format!("日志第 {index} 条与存证里的{name}不是一回事"));
        }
        match number.and_then(|n| seen.get_mut(n)) {
            Some(flag) if !*flag => *flag = true,
            _ => return Err(format!("{name}在日志第 {index} 条重复出现")),
        }
        Ok(())
    }
}

/// Kind and third line of a leaf of a case, or `None` for other entries.
fn reference(entry: &[u8]) -> Option<(LeafKind, &str)> {
    let text = std::str::from_utf8(entry).ok()?;
    let mut lines = text.split('\n');
    let header = lines.next()?;
    let kind = [LeafKind::Case, LeafKind::Access]
        .into_iter()
        .find(|kind| kind.header() == header)?;
    Some((kind, lines.nth(1)?))
}

/// Step 6 with the entries at hand: those up to the size on paper hash to the root on paper.
pub fn verify_paper_entries<'a>(
    paper: &Checkpoint,
    entries: impl IntoIterator<Item = &'a [u8]>,
) -> Step {
    let check = || {
        let mut frontier = Frontier::<Sha256Tree>::new();
        for entry in entries {
            if frontier.size() == paper.size {
                break;
            }
            frontier
                .append(Sha256Tree::leaf(entry))
                .map_err(|e| e.to_string())?;
        }
        if frontier.size() < paper.size {
            return Err(format!(
                "纸上写着日志有 {} 条，现在的日志只有 {} 条：日志被截短了",
                paper.size,
                frontier.size()
            ));
        }
        if frontier.root() != paper.root {
            return Err(format!(
                "现在日志的前 {} 条算不出纸上的总指纹：日志被重写过，或者纸上抄错了",
                paper.size
            ));
        }
        Ok(format!(
            "现在日志的前 {} 条正是纸上的总指纹：从那以前没有一条被改过",
            paper.size
        ))
    };
    step("与纸质凭证比对", check())
}

/// Step 6: the root printed on a paper receipt agrees with a later trusted checkpoint of the same log.
pub fn verify_paper(paper: &Checkpoint, trusted: &Checkpoint, proof: &[Hash]) -> Step {
    let check = || {
        if paper.origin != trusted.origin {
            return Err("纸质凭证属于另一日志".to_owned());
        }
        verify_consistency::<Sha256Tree>(
            paper.size,
            &paper.root,
            trusted.size,
            &trusted.root,
            proof,
        )
        .map_err(|e| format!("纸质凭证上的树根不在现在的日志里：{e}"))?;
        Ok(format!(
            "纸质凭证（树大小 {}）是现在日志的开头，日志没有被重写",
            paper.size
        ))
    };
    step("与纸质凭证比对", check())
}
