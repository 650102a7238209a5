//! What the citizen checks: the steps of a bundle's verification, each told in plain words.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::bundle::{Bundle, BundleEvent, BundleField};
use crate::canonical::to_canonical;
use crate::checkpoint::Checkpoint;
use crate::error::{Result, TlogError};
use crate::hash::{Hash, Sha256Tree, Sm3Tree, TreeHash, to_base64};
use crate::leaf::{FieldDigests, LeafKind, LeafText, check_names, minute_text, parse_minute};
use crate::policy::Policy;
use crate::proof::TlogProof;

pub use crate::complete::{
    LogEntries, bundle_heads, verify_completeness, verify_paper, verify_paper_entries,
};

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
    /// Erased fields of events: event number and field name.
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

/// What a check says: the good news, or what is wrong.
pub(crate) type Outcome = std::result::Result<String, String>;

pub(crate) fn step(title: &'static str, outcome: Outcome) -> Step {
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

/// One of the two chains of a case: what happened to it, and who looked at its data.
#[derive(Clone, Copy)]
pub(crate) struct Stream<'a> {
    pub(crate) kind: LeafKind,
    bundle: &'a Bundle,
    pub(crate) events: &'a [BundleEvent],
}

impl<'a> Stream<'a> {
    /// Both chains of a bundle.
    pub(crate) fn of(bundle: &'a Bundle) -> [Self; 2] {
        let stream = |kind, events| Self {
            kind,
            bundle,
            events,
        };
        [
            stream(LeafKind::Case, bundle.events.as_slice()),
            stream(LeafKind::Access, bundle.access.as_slice()),
        ]
    }

    fn numbered(self) -> impl Iterator<Item = (u64, &'a BundleEvent)> {
        (0u64..).zip(self.events)
    }

    /// The entry as the log must have it.
    pub(crate) fn text(self, seq: u64, event: &BundleEvent) -> Result<LeafText> {
        event.leaf_text(self.kind, &self.bundle.case_key, seq)
    }

    fn hash<H: TreeHash>(self, seq: u64, event: &BundleEvent) -> Result<Hash> {
        Ok(H::leaf(self.text(seq, event)?.to_string().as_bytes()))
    }

    /// How an event is called to people: counted from one, with its time in China and what it was.
    pub(crate) fn name(self, seq: u64) -> String {
        let (noun, field) = match self.kind {
            LeafKind::Access => ("次查阅", "organ_name"),
            _ => ("个事件", "state_after"),
        };
        let event = usize::try_from(seq).ok().and_then(|n| self.events.get(n));
        let mut about = Vec::new();
        if let Some(event) = event {
            let minute = parse_minute(&event.minute).and_then(|utc| utc.checked_add(8 * 60));
            about.extend(
                minute.map(|minute| minute_text(minute).replace('T', " ").replace('Z', "")),
            );
            about.extend(
                event
                    .value(field)
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            );
        }
        let number = seq.saturating_add(1);
        if about.is_empty() {
            format!("第 {number} {noun}")
        } else {
            format!("第 {number} {noun}（{}）", about.join("，"))
        }
    }

    fn bad(self, seq: u64, why: impl std::fmt::Display) -> String {
        format!("{}：{why}", self.name(seq))
    }
}

/// `3 个事件`, with the looks if there are any.
pub(crate) fn counted(bundle: &Bundle) -> String {
    match bundle.access.len() {
        0 => format!("{} 个事件", bundle.events.len()),
        n => format!("{} 个事件、{n} 次查阅", bundle.events.len()),
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

fn check_fields(bundle: &Bundle, erased: &mut Vec<(u64, String)>) -> Outcome {
    let mut count = 0;
    let mut gone = 0;
    if bundle.events.is_empty() {
        return Err("存证里没有事件".into());
    }
    for stream in Stream::of(bundle) {
        for (seq, event) in stream.numbered() {
            check_names(stream.kind, event.fields.iter().map(|f| f.name.as_str()))
                .map_err(|e| stream.bad(seq, e))?;
            for field in &event.fields {
                if !field.is_erased() {
                    check_field(stream.kind, field).map_err(|e| stream.bad(seq, e))?;
                    count += 1;
                    continue;
                }
                gone += 1;
                if stream.kind == LeafKind::Case {
                    erased.push((seq, field.name.clone()));
                }
            }
        }
    }
    let events = counted(bundle);
    let all = format!("{events}的 {count} 项内容与当时留下的数字指纹一致，没有改过一个字");
    Ok(match gone {
        0 => all,
        n => format!("{all}；{n} 项已依法删除，只留指纹"),
    })
}

/// What a field is called to people.
fn label(name: &str) -> &str {
    match name {
        "case_no" => "办件编号",
        "seq" => "序号",
        "event" => "发生了什么",
        "prev" | "prev_sm3" => "前一个事件的指纹",
        "actor" => "办理人",
        "actor_role" => "办理人岗位",
        "organ" | "organ_name" => "机构",
        "time" => "时间",
        "policy_version" => "事项版本",
        "state_before" => "之前的状态",
        "state_after" => "之后的状态",
        "files" => "材料",
        "basis" => "法律依据",
        "applicant" => "申请人",
        "opinion" => "意见",
        "delegate_of" => "受谁委托",
        "request_id" => "请求编号",
        "actor_sig" => "办理人签名",
        "object" => "查阅的内容",
        "purpose" => "查阅事由",
        other => other,
    }
}

fn check_field(kind: LeafKind, field: &BundleField) -> std::result::Result<(), String> {
    let (Some(salt), Some(value)) = (&field.salt, &field.value) else {
        let label = label(&field.name);
        return Err(format!("“{label}”一项残缺（只有盐或只有值）"));
    };
    let value = to_canonical(value).map_err(|e| e.to_string())?;
    let digests = FieldDigests::compute(kind, salt, &field.name, &value);
    if digests
        == (FieldDigests {
            d: field.d,
            e: field.e,
        })
    {
        Ok(())
    } else {
        Err(format!(
            "“{}”一项与当时留下的数字指纹不符，被改过",
            label(&field.name)
        ))
    }
}

fn check_texts(bundle: &Bundle) -> Outcome {
    let mut count = 0;
    for stream in Stream::of(bundle) {
        for (seq, event) in stream.numbered() {
            let text = stream.text(seq, event).map_err(|e| stream.bad(seq, e))?;
            LeafText::parse(text.to_string().as_bytes()).map_err(|e| stream.bad(seq, e))?;
            if let Some(time) = event.value("time") {
                let minute = time.as_i64().map(|ms| ms.div_euclid(60_000));
                if minute.is_none() || minute != parse_minute(&event.minute).map(i64::from) {
                    return Err(stream.bad(seq, "时间与公开日志里的时间不符"));
                }
            }
            count += 1;
        }
    }
    Ok(format!(
        "公开日志里的 {count} 条记录由这份存证重新算出（公开的只有时间和指纹，没有个人信息）"
    ))
}

fn check_chain(bundle: &Bundle) -> Outcome {
    for stream in Stream::of(bundle) {
        let (mut prev, mut prev_sm3): (Hash, Hash) = ([0; 32], [0; 32]);
        for (seq, event) in stream.numbered() {
            if event.value("seq").and_then(Value::as_u64) != Some(seq) {
                return Err(stream.bad(seq, "序号不连续，中间有缺少、重复或调换"));
            }
            for (name, expected) in [("prev", &prev), ("prev_sm3", &prev_sm3)] {
                if event.value(name).and_then(Value::as_str) != Some(&to_base64(expected)) {
                    return Err(stream.bad(seq, "接不上前一个，前一个被改、被换或被抽走"));
                }
            }
            prev = stream
                .hash::<Sha256Tree>(seq, event)
                .map_err(|e| stream.bad(seq, e))?;
            prev_sm3 = stream
                .hash::<Sm3Tree>(seq, event)
                .map_err(|e| stream.bad(seq, e))?;
        }
    }
    Ok(format!(
        "{}从第一个起一个接一个，中间没有插入、抽换或缺少",
        counted(bundle)
    ))
}

fn check_proofs(
    bundle: &Bundle,
    policy: &Policy,
    witnesses: &mut BTreeMap<String, u64>,
) -> Outcome {
    let mut heads: BTreeMap<String, Checkpoint> = BTreeMap::new();
    for stream in Stream::of(bundle) {
        for (seq, event) in stream.numbered() {
            let bad = |e: TlogError| stream.bad(seq, e);
            let proof = TlogProof::parse(&event.proof).map_err(bad)?;
            let leaf = stream.hash::<Sha256Tree>(seq, event).map_err(bad)?;
            proof.check_path::<Sha256Tree>(&leaf).map_err(bad)?;
            let witnessed = policy.check(&proof.checkpoint).map_err(bad)?;
            for (name, time) in witnessed.witnesses {
                let latest = witnesses.entry(name).or_insert(time);
                *latest = time.max(*latest);
            }
            let head = witnessed.checkpoint;
            match heads.get(&head.origin) {
                Some(known) if known.size == head.size && known.root != head.root => {
                    return Err(stream.bad(seq, "同一大小的日志有两个树根，日志分叉了"));
                }
                Some(known) if known.size >= head.size => {}
                _ => {
                    heads.insert(head.origin.clone(), head);
                }
            }
        }
    }
    if heads.is_empty() {
        return Err("没有事件".into());
    }
    let logs: Vec<String> = heads
        .values()
        .map(|head| format!("{}（共 {} 条）", head.origin, head.size))
        .collect();
    let seen = match witnesses.len() {
        0 => "没有独立见证人签名，全凭您保管的公钥与这份存证".to_owned(),
        n => format!("{n} 个独立见证人已签名见证"),
    };
    Ok(format!(
        "每一条都收在公开日志 {}里，日志的签名有效；{seen}",
        logs.join("、")
    ))
}

fn check_sm3_proofs(bundle: &Bundle, policy: &Policy) -> Step {
    const TITLE: &str = "国密树证明";
    let all = || Stream::of(bundle).into_iter().flat_map(|s| s.events);
    if all().all(|e| e.proof_sm3.is_none()) {
        let detail = "存证未附国密树的证明".to_owned();
        return Step {
            title: TITLE,
            status: Status::NotChecked,
            detail,
        };
    }
    let check = || {
        for stream in Stream::of(bundle) {
            for (seq, event) in stream.numbered() {
                let bad = |e: TlogError| stream.bad(seq, e);
                let Some(text) = &event.proof_sm3 else {
                    return Err(stream.bad(seq, "缺少国密树的证明"));
                };
                let proof = TlogProof::parse(text).map_err(bad)?;
                let leaf = stream.hash::<Sm3Tree>(seq, event).map_err(bad)?;
                proof.check_path::<Sm3Tree>(&leaf).map_err(bad)?;
                let head = policy.check_log(&proof.checkpoint).map_err(bad)?;
                if !head.origin.ends_with("-sm3") {
                    return Err(stream.bad(seq, format!("{} 不是国密树", head.origin)));
                }
            }
        }
        Ok("用国产密码算法（SM3 树、SM2 签名）另算一遍，每一条也都在".to_owned())
    };
    step(TITLE, check())
}
