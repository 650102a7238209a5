//! The judge of the kill loop, and that it notices what it must.

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
