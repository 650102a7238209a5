//! Completeness: what was hidden, swapped, doubled or cut is named; years are linked; looks are a chain of their own.

use tongban_tlog::leaf::previous_log_entry;
use tongban_tlog::*;

use crate::world::{KEY, ORIGIN, World, access, log_key};

const NEXT: &str = "log.example.gov.cn/2027";

/// A log of these entries, signed.
fn head(origin: &str, entries: &[Vec<u8>]) -> Checkpoint {
    let mut frontier = Frontier::<Sha256Tree>::new();
    for entry in entries {
        frontier.append(Sha256Tree::leaf(entry)).unwrap();
    }
    Checkpoint {
        origin: origin.into(),
        size: frontier.size(),
        root: frontier.root(),
    }
}

fn entry(leaf: &Leaf) -> Vec<u8> {
    leaf.text.to_string().into_bytes()
}

fn filler(n: u64) -> Vec<u8> {
    format!("gov-ops-event/v1\nfiller {n}\n").into_bytes()
}

/// A case with three events and two looks over two years; the logs as honest people keep them.
struct TwoYears {
    bundle: Bundle,
    old: Vec<Vec<u8>>,
    new: Vec<Vec<u8>>,
}

impl TwoYears {
    fn new() -> Self {
        let world = World::new(&["submit", "accept", "decide:grant"]);
        let first = access(0, None, "预审");
        let second = access(1, Some(&first), "查看办件");
        let proof = TlogProof {
            extra: None,
            index: 0,
            path: Vec::new(),
            checkpoint: world.note(true),
        };
        let looks = [&first, &second].map(|leaf| BundleEvent::new(leaf, &proof, None).unwrap());
        let bundle = world.bundle().with_access(looks.to_vec());
        let old = vec![
            filler(0),
            entry(&world.leaves[0]),
            entry(&first),
            entry(&world.leaves[1]),
        ];
        let last = head(ORIGIN, &old).sign(&[&log_key()]).unwrap();
        let new = vec![
            previous_log_entry(&last),
            entry(&world.leaves[2]),
            filler(1),
            entry(&second),
        ];
        Self { bundle, old, new }
    }

    /// Checked with these entries as served, under heads over the honest ones.
    fn check(&self, old: &[Vec<u8>], new: &[Vec<u8>]) -> Step {
        self.under(&head(ORIGIN, old), &head(NEXT, new), old, new)
    }

    fn under(&self, a: &Checkpoint, b: &Checkpoint, old: &[Vec<u8>], new: &[Vec<u8>]) -> Step {
        let (mut old, mut new) = (old.iter().cloned(), new.iter().cloned());
        let log = |checkpoint, entries| LogEntries {
            checkpoint,
            newer: None,
            entries,
        };
        verify_completeness(&self.bundle, &mut [log(a, &mut old), log(b, &mut new)])
    }
}

fn fails(step: &Step, word: &str) {
    assert_eq!(step.status, Status::Failed, "{step:?}");
    assert!(step.detail.contains(word), "{} lacks {word}", step.detail);
}

#[test]
fn two_years_are_complete() {
    let years = TwoYears::new();
    let step = years.check(&years.old, &years.new);
    assert_eq!(step.status, Status::Passed, "{step:?}");
    assert!(
        step.detail.contains("3 个事件、2 次查阅"),
        "{}",
        step.detail
    );
    assert!(step.detail.contains("8 条"), "{}", step.detail);
}

#[test]
fn a_removed_event_or_look_is_named() {
    let mut years = TwoYears::new();
    years.bundle.events.pop();
    fails(&years.check(&years.old, &years.new), "第 3 个事件");
    let mut years = TwoYears::new();
    years.bundle.access.pop();
    fails(&years.check(&years.old, &years.new), "第 2 次查阅");
    // The first one too: nothing is left in the bundle that could be linked to it.
    let mut years = TwoYears::new();
    years.bundle.access.clear();
    fails(&years.check(&years.old, &years.new), "第 1 次查阅");
}

#[test]
fn a_truncated_tail_is_found_up_to_eight_events() {
    let mut years = TwoYears::new();
    let mut last = access(1, None, "x");
    for seq in 2..=9 {
        last = access(seq, Some(&last), "又看");
        years.new.push(entry(&last));
    }
    // Looks 2–9 are hidden, and the log itself shows only the last of them: still within the eight.
    let shown: Vec<Vec<u8>> = [&years.new[..4], &years.new[11..]].concat();
    fails(&years.check(&years.old, &shown), "第 10 次查阅");
    // One more is beyond: this is what the documentation says cannot be seen.
    let far = access(10, Some(&last), "又看");
    let shown: Vec<Vec<u8>> = [&years.new[..4], &[entry(&far)]].concat();
    assert_eq!(years.check(&years.old, &shown).status, Status::Passed);
}

#[test]
fn a_swapped_event_is_named() {
    let years = TwoYears::new();
    // Another text under the same pseudonym, in the log that everybody sees.
    let other = World::new(&["submit", "refuse", "x"]);
    let mut old = years.old.clone();
    old[3] = entry(&other.leaves[1]);
    fails(&years.check(&old, &relinked(&years, &old)), "第 2 个事件");
    // Two events of the bundle exchanged.
    let mut years = TwoYears::new();
    years.bundle.events.swap(0, 1);
    fails(&years.check(&years.old, &years.new), "不是一回事");
}

/// The log of the new year, linked to this old one.
fn relinked(years: &TwoYears, old: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let last = head(ORIGIN, old).sign(&[&log_key()]).unwrap();
    let mut new = years.new.clone();
    new[0] = previous_log_entry(&last);
    new
}

#[test]
fn a_doubled_event_is_named_also_across_years() {
    let years = TwoYears::new();
    let mut new = years.new.clone();
    new.push(years.old[1].clone());
    fails(&years.check(&years.old, &new), "重复出现");
}

#[test]
fn an_event_missing_from_the_log_is_named() {
    let years = TwoYears::new();
    let mut new = years.new.clone();
    new[1] = filler(9);
    fails(&years.check(&years.old, &new), "公开日志里没有第 3 个事件");
}

#[test]
fn entries_must_be_those_under_the_signed_root() {
    let years = TwoYears::new();
    let (a, b) = (head(ORIGIN, &years.old), head(NEXT, &years.new));
    let mut changed = years.new.clone();
    changed[2] = filler(7);
    fails(&years.under(&a, &b, &years.old, &changed), "树根");
    fails(&years.under(&a, &b, &years.old[..3], &years.new), "树根");
    let longer = [years.old.clone(), vec![filler(5)]].concat();
    fails(&years.under(&a, &b, &longer, &years.new), "多于");
}

#[test]
fn a_log_that_does_not_follow_the_one_before_is_seen() {
    let years = TwoYears::new();
    // The old year rewritten after New Year: its new root is signed, the link still names the old one.
    let mut old = years.old.clone();
    old[0] = filler(3);
    fails(&years.check(&old, &years.new), "没有接着上一年");
    let mut new = years.new.clone();
    new[0] = filler(4);
    fails(&years.check(&years.old, &new), "没有接着上一年");
}

#[test]
fn what_came_after_the_bundle_is_no_fault_but_is_told() {
    let mut years = TwoYears::new();
    let hidden = years.bundle.access.pop().unwrap();
    let before = head(NEXT, &years.new[..3]);
    let (a, end) = (head(ORIGIN, &years.old), head(NEXT, &years.new));
    let check = |bundle: &Bundle| {
        let (mut old, mut new) = (years.old.iter().cloned(), years.new.iter().cloned());
        let logs = &mut [
            LogEntries {
                checkpoint: &a,
                newer: None,
                entries: &mut old,
            },
            LogEntries {
                checkpoint: &before,
                newer: Some(&end),
                entries: &mut new,
            },
        ];
        verify_completeness(bundle, logs)
    };
    let step = check(&years.bundle);
    assert_eq!(step.status, Status::Passed, "{step:?}");
    assert!(step.detail.contains("又有 1 条新记录"), "{}", step.detail);
    // With the wrong root at the head of the bundle the longer log is no continuation of it.
    let mut forked = before.clone();
    forked.root[0] ^= 1;
    let (mut old, mut new) = (years.old.iter().cloned(), years.new.iter().cloned());
    let step = verify_completeness(
        &years.bundle,
        &mut [
            LogEntries {
                checkpoint: &a,
                newer: None,
                entries: &mut old,
            },
            LogEntries {
                checkpoint: &forked,
                newer: Some(&end),
                entries: &mut new,
            },
        ],
    );
    fails(&step, "树根");
    drop(hidden);
}

#[test]
fn heads_of_a_bundle_must_be_believed() {
    let world = World::new(&["submit"]);
    let bundle = world.bundle().with_logs(vec![world.note(true).to_string()]);
    let heads = bundle_heads(&bundle, &world.policy()).unwrap();
    assert_eq!(heads, [world.checkpoint()]);
    let bundle = bundle.with_logs(vec![world.note(false).to_string()]);
    assert!(
        bundle_heads(&bundle, &world.policy()).is_err(),
        "no witness has seen it"
    );
}

#[test]
fn looks_are_bound_like_events() {
    let years = TwoYears::new();
    let policy = World::new(&["submit"]).policy();
    let failed = |bundle: &Bundle, title: &str| {
        verify_bundle(bundle, &policy)
            .steps
            .iter()
            .any(|step| step.title == title && step.status == Status::Failed)
    };
    assert!(!failed(&years.bundle, "字段与承诺") && !failed(&years.bundle, "前后相连"));
    let mut bundle = years.bundle.clone();
    let purpose = bundle.access[1]
        .fields
        .iter_mut()
        .find(|f| f.name == "purpose");
    purpose.unwrap().value = Some("统计".into());
    assert!(failed(&bundle, "字段与承诺"));
    let mut bundle = years.bundle.clone();
    bundle.access.remove(0);
    assert!(failed(&bundle, "前后相连"));
    let mut bundle = years.bundle.clone();
    bundle.access.swap(0, 1);
    assert!(failed(&bundle, "前后相连"));
    // A case event cannot be passed off as a look: the pseudonyms are of another kind.
    assert_ne!(
        case_ref(LeafKind::Case, &KEY, 0),
        case_ref(LeafKind::Access, &KEY, 0)
    );
}
