//! What the citizen checks: the steps of a bundle's verification, each told in plain words.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::bundle::{Bundle, BundleEvent, BundleField};
use crate::canonical::to_canonical;
use crate::checkpoint::Checkpoint;
use crate::error::{Result, TlogError};
use crate::hash::{Hash, Sha256Tree, Sm3Tree, TreeHash, to_base64};
use crate::leaf::{FieldDigests, LeafKind, LeafText, case_ref, check_names, parse_minute};
use crate::merkle::{Frontier, verify_consistency};
use crate::policy::Policy;
use crate::proof::TlogProof;

/// Pseudonyms after the last known event that must not be in the log.
const LOOKAHEAD: u64 = 8;

/// Outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Checked and right.
    Passed,
    /// Checked and wrong.
    Failed,
    /// Could not be checked with what was given.
    NotChecked,
}

/// One step of the verification.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Step {
    /// Short title.
    pub title: &'static str,
    /// Outcome.
    pub status: Status,
    /// What was checked or what is wrong, for the citizen.
    pub detail: String,
}

/// All steps, and what was erased.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Steps in order.
    pub steps: Vec<Step>,
    /// Erased fields: event number and field name.
    pub erased: Vec<(u64, String)>,
    /// Witnesses that saw the history, with the time of their latest cosignature.
    pub witnesses: BTreeMap<String, u64>,
}

impl Report {
    /// True if at least one step was checked and none failed.
    pub fn is_ok(&self) -> bool {
        self.steps.iter().all(|s| s.status != Status::Failed)
            && self.steps.iter().any(|s| s.status == Status::Passed)
    }

    /// Adds a step made elsewhere (completeness, paper).
    pub fn push(&mut self, step: Step) {
        self.steps.push(step);
    }
}

fn step(title: &'static str, outcome: std::result::Result<String, String>) -> Step {
    match outcome {
        Ok(detail) => Step {
            title,
            status: Status::Passed,
            detail,
        },
        Err(detail) => Step {
            title,
            status: Status::Failed,
            detail,
        },
    }
}

/// Checks steps 1–4 of a bundle offline: fields, leaf lines, chain, inclusion and witnesses
/// (and the SM3 twin where the bundle carries it).
pub fn verify_bundle(bundle: &Bundle, policy: &Policy) -> Report {
    let mut erased = Vec::new();
    let mut witnesses = BTreeMap::new();
    let steps = vec![
        step("字段与承诺", check_fields(bundle, &mut erased)),
        step("公开记录", check_texts(bundle)),
        step("前后相连", check_chain(bundle)),
        step(
            "存在证明与见证",
            check_proofs(bundle, policy, &mut witnesses),
        ),
        check_sm3_proofs(bundle, policy),
    ];
    Report {
        steps,
        erased,
        witnesses,
    }
}

fn numbered(bundle: &Bundle) -> impl Iterator<Item = (u64, &BundleEvent)> {
    (0u64..).zip(&bundle.events)
}

fn check_fields(
    bundle: &Bundle,
    erased: &mut Vec<(u64, String)>,
) -> std::result::Result<String, String> {
    let mut count = 0;
    if bundle.events.is_empty() {
        return Err("证明包里没有事件".into());
    }
    for (seq, event) in numbered(bundle) {
        check_names(LeafKind::Case, event.fields.iter().map(|f| f.name.as_str()))
            .map_err(|e| format!("第 {seq} 号事件：{e}"))?;
        for field in &event.fields {
            if field.is_erased() {
                erased.push((seq, field.name.clone()));
            } else {
                check_field(field).map_err(|e| format!("第 {seq} 号事件：{e}"))?;
                count += 1;
            }
        }
    }
    let events = bundle.events.len();
    Ok(match erased.len() {
        0 => format!("{events} 个事件的 {count} 个字段与承诺一致"),
        n => format!("{events} 个事件的 {count} 个字段与承诺一致，{n} 个字段已依法删除"),
    })
}

fn check_field(field: &BundleField) -> std::result::Result<(), String> {
    let (Some(salt), Some(value)) = (&field.salt, &field.value) else {
        return Err(format!("字段 {} 只有盐或只有值", field.name));
    };
    let value = to_canonical(value).map_err(|e| e.to_string())?;
    let digests = FieldDigests::compute(LeafKind::Case, salt, &field.name, &value);
    if digests
        == (FieldDigests {
            d: field.d,
            e: field.e,
        })
    {
        Ok(())
    } else {
        Err(format!("字段 {} 的内容与承诺不符，可能被改过", field.name))
    }
}

fn check_texts(bundle: &Bundle) -> std::result::Result<String, String> {
    for (seq, event) in numbered(bundle) {
        let bad = |why: &str| format!("第 {seq} 号事件：{why}");
        let text = leaf_text(bundle, seq, event).map_err(|e| bad(&e.to_string()))?;
        LeafText::parse(text.to_string().as_bytes()).map_err(|e| bad(&e.to_string()))?;
        if let Some(time) = event.value("time") {
            let minute = time.as_i64().map(|ms| ms.div_euclid(60_000));
            if minute.is_none() || minute != parse_minute(&event.minute).map(i64::from) {
                return Err(bad("时间与公开的分钟不符"));
            }
        }
    }
    Ok(format!(
        "{} 条公开记录由本证明包重新算出",
        bundle.events.len()
    ))
}

fn leaf_text(bundle: &Bundle, seq: u64, event: &BundleEvent) -> Result<LeafText> {
    event.leaf_text(&bundle.case_key, seq)
}

fn leaf_hash<H: TreeHash>(bundle: &Bundle, seq: u64, event: &BundleEvent) -> Result<Hash> {
    Ok(H::leaf(
        leaf_text(bundle, seq, event)?.to_string().as_bytes(),
    ))
}

fn check_chain(bundle: &Bundle) -> std::result::Result<String, String> {
    let (mut prev, mut prev_sm3): (Hash, Hash) = ([0; 32], [0; 32]);
    for (seq, event) in numbered(bundle) {
        let bad = |why: &str| format!("第 {seq} 号事件：{why}");
        if event.value("seq").and_then(Value::as_u64) != Some(seq) {
            return Err(bad("序号不连续"));
        }
        for (name, expected) in [("prev", &prev), ("prev_sm3", &prev_sm3)] {
            if event.value(name).and_then(Value::as_str) != Some(&to_base64(expected)) {
                return Err(bad("与前一事件不相连"));
            }
        }
        prev = leaf_hash::<Sha256Tree>(bundle, seq, event).map_err(|e| bad(&e.to_string()))?;
        prev_sm3 = leaf_hash::<Sm3Tree>(bundle, seq, event).map_err(|e| bad(&e.to_string()))?;
    }
    Ok(format!(
        "{} 个事件首尾相连，没有插入或抽换",
        bundle.events.len()
    ))
}

fn check_proofs(
    bundle: &Bundle,
    policy: &Policy,
    witnesses: &mut BTreeMap<String, u64>,
) -> std::result::Result<String, String> {
    let mut largest: Option<Checkpoint> = None;
    for (seq, event) in numbered(bundle) {
        let bad = |e: TlogError| format!("第 {seq} 号事件：{e}");
        let proof = TlogProof::parse(&event.proof).map_err(bad)?;
        let leaf = leaf_hash::<Sha256Tree>(bundle, seq, event).map_err(bad)?;
        proof.check_path::<Sha256Tree>(&leaf).map_err(bad)?;
        let witnessed = policy.check(&proof.checkpoint).map_err(bad)?;
        for (name, time) in witnessed.witnesses {
            let latest = witnesses.entry(name).or_insert(time);
            *latest = time.max(*latest);
        }
        let head = witnessed.checkpoint;
        if largest
            .as_ref()
            .is_none_or(|l| l.origin != head.origin || l.size < head.size)
        {
            largest = Some(head);
        }
    }
    let Some(head) = largest else {
        return Err("没有事件".into());
    };
    Ok(format!(
        "每个事件都在日志 {} 中（树大小 {}），日志签名有效，{} 个见证人已见证",
        head.origin,
        head.size,
        witnesses.len()
    ))
}

fn check_sm3_proofs(bundle: &Bundle, policy: &Policy) -> Step {
    const TITLE: &str = "国密树证明";
    if bundle.events.iter().all(|e| e.proof_sm3.is_none()) {
        let detail = "证明包未附国密树的证明".to_owned();
        return Step {
            title: TITLE,
            status: Status::NotChecked,
            detail,
        };
    }
    let check = || {
        for (seq, event) in numbered(bundle) {
            let bad = |e: TlogError| format!("第 {seq} 号事件：{e}");
            let Some(text) = &event.proof_sm3 else {
                return Err(format!("第 {seq} 号事件缺少国密树的证明"));
            };
            let proof = TlogProof::parse(text).map_err(bad)?;
            let leaf = leaf_hash::<Sm3Tree>(bundle, seq, event).map_err(bad)?;
            proof.check_path::<Sm3Tree>(&leaf).map_err(bad)?;
            let head = policy.check_log(&proof.checkpoint).map_err(bad)?;
            if !head.origin.ends_with("-sm3") {
                return Err(format!("第 {seq} 号事件：{} 不是国密树", head.origin));
            }
        }
        Ok("每个事件也在 SM3 树中，日志的 SM2 签名有效".to_owned())
    };
    step(TITLE, check())
}

/// All entries of one log up to a checkpoint that the caller has checked against the policy.
pub struct LogEntries<'a> {
    /// The trusted tree head.
    pub checkpoint: &'a Checkpoint,
    /// Entries from index 0, from the platform or a mirror.
    pub entries: &'a mut dyn Iterator<Item = Vec<u8>>,
}

/// Step 5, completeness: every event of the bundle occurs exactly once in the logs, with these bytes,
/// and none of the next eight pseudonyms occurs — nothing was hidden from the holder.
pub fn verify_completeness(bundle: &Bundle, logs: &mut [LogEntries<'_>]) -> Step {
    step("完整无隐瞒", completeness(bundle, logs))
}

fn completeness(
    bundle: &Bundle,
    logs: &mut [LogEntries<'_>],
) -> std::result::Result<String, String> {
    let known = bundle.events.len() as u64;
    let mut wanted: HashMap<String, u64> = HashMap::new();
    for seq in 0..known + LOOKAHEAD {
        wanted.insert(
            to_base64(&case_ref(LeafKind::Case, &bundle.case_key, seq)),
            seq,
        );
    }
    let mut seen = vec![false; bundle.events.len()];
    let mut total = 0u64;
    for log in logs {
        let mut frontier = Frontier::<Sha256Tree>::new();
        let size = log.checkpoint.size;
        for (index, entry) in (0u64..).zip(&mut log.entries) {
            if index >= size {
                return Err(format!("条目多于检查点的大小 {size}"));
            }
            frontier
                .append(Sha256Tree::leaf(&entry))
                .map_err(|e| e.to_string())?;
            let Some(&seq) = reference(&entry).and_then(|r| wanted.get(r)) else {
                continue;
            };
            let Some(event) = bundle.events.get(seq as usize) else {
                return Err(format!(
                    "日志第 {index} 条是本办件的第 {seq} 号事件，但未给您"
                ));
            };
            let text = leaf_text(bundle, seq, event).map_err(|e| e.to_string())?;
            if text.to_string().as_bytes() != entry {
                return Err(format!("日志第 {index} 条与第 {seq} 号事件不同"));
            }
            match seen.get_mut(seq as usize) {
                Some(flag) if !*flag => *flag = true,
                _ => return Err(format!("第 {seq} 号事件在日志第 {index} 条重复出现")),
            }
        }
        if frontier.size() != size || frontier.root() != log.checkpoint.root {
            return Err(format!("条目与日志 {} 的树根不符", log.checkpoint.origin));
        }
        total += size;
    }
    if let Some(missing) = seen.iter().position(|s| !s) {
        return Err(format!("日志中没有第 {missing} 号事件"));
    }
    Ok(format!(
        "在 {total} 条记录中恰好找到本办件的 {known} 个事件，没有更多"
    ))
}

/// Third line of a case leaf, or `None` for other entries.
fn reference(entry: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(entry).ok()?;
    let mut lines = text.split('\n');
    (lines.next()? == LeafKind::Case.header())
        .then(|| lines.nth(1))
        .flatten()
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
