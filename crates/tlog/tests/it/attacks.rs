//! The operator has root, the database and the log key; the citizen has a bundle and the witnesses' keys.

use serde_json::json;
use tongban_tlog::verify::verify_paper;
use tongban_tlog::*;

use crate::world::{World, sm2_public};

fn world() -> World {
    World::new(&["submit", "accept", "decide:grant"])
}

fn failed(report: &Report) -> Vec<&'static str> {
    report
        .steps
        .iter()
        .filter(|s| s.status == Status::Failed)
        .map(|s| s.title)
        .collect()
}

#[test]
fn an_honest_history_is_believed() {
    let world = world();
    let bundle = Bundle::from_json(world.bundle().to_json().unwrap().as_bytes()).unwrap();
    assert_eq!(bundle, world.bundle());
    let mut report = verify_bundle(&bundle, &world.policy());
    report.push(world.completeness(&bundle));
    assert!(
        report.steps.iter().all(|s| s.status == Status::Passed),
        "{report:#?}"
    );
    assert_eq!(report.steps.len(), 6);
    assert_eq!(report.witnesses.len(), 2);
    for event in &bundle.events {
        event.verify_actor_sig(&sm2_public()).unwrap();
    }
}

#[test]
fn an_edited_decision_is_seen() {
    let world = world();
    let mut bundle = world.bundle();
    let field = bundle.events[2]
        .fields
        .iter_mut()
        .find(|f| f.name == "event")
        .unwrap();
    field.value = Some(json!("decide:refuse"));
    assert_eq!(
        failed(&verify_bundle(&bundle, &world.policy())),
        ["字段与承诺"]
    );
    // With the digests made to fit, the leaf is no longer the one in the log.
    let field = bundle.events[2]
        .fields
        .iter_mut()
        .find(|f| f.name == "event")
        .unwrap();
    let digests = FieldDigests::compute(
        LeafKind::Case,
        &field.salt.unwrap(),
        "event",
        "\"decide:refuse\"",
    );
    (field.d, field.e) = (digests.d, digests.e);
    assert_eq!(
        failed(&verify_bundle(&bundle, &world.policy())),
        ["存在证明与见证", "国密树证明"]
    );
    assert!(bundle.events[2].verify_actor_sig(&sm2_public()).is_err());
}

#[test]
fn a_hidden_last_event_is_seen() {
    let world = world();
    let mut bundle = world.bundle();
    bundle.events.pop();
    assert!(
        verify_bundle(&bundle, &world.policy()).is_ok(),
        "offline steps cannot see it"
    );
    let step = world.completeness(&bundle);
    assert_eq!(step.status, Status::Failed);
    assert!(
        step.detail.contains("第 113 条") && step.detail.contains("第 3 个事件"),
        "{}",
        step.detail
    );
}

#[test]
fn a_dropped_middle_event_breaks_the_chain() {
    let world = world();
    let mut bundle = world.bundle();
    bundle.events.remove(1);
    assert!(failed(&verify_bundle(&bundle, &world.policy())).contains(&"前后相连"));
}

#[test]
fn a_rebuilt_log_has_no_witnesses_and_disagrees_with_paper() {
    let (honest, forged) = (world(), World::new(&["submit", "accept", "decide:refuse"]));
    // Re-signed with the real log keys, but no witness cosigns a fork.
    let bundle = forged.bundle_with(&forged.note(false));
    assert_eq!(
        failed(&verify_bundle(&bundle, &forged.policy())),
        ["存在证明与见证"]
    );
    // The witnessed checkpoint of the honest log does not fit the forged events.
    let bundle = forged.bundle_with(&honest.note(true));
    assert_eq!(
        failed(&verify_bundle(&bundle, &forged.policy())),
        ["存在证明与见证"]
    );
    // Cosignatures moved over from the honest checkpoint do not verify.
    let mut note = forged.note(false);
    for signature in honest.note(true).signatures().iter().skip(2) {
        note.push(signature.clone()).unwrap();
    }
    assert_eq!(
        failed(&verify_bundle(&forged.bundle_with(&note), &forged.policy())),
        ["存在证明与见证"]
    );
    assert_eq!(
        verify_paper(&honest.checkpoint(), &forged.checkpoint(), &[]).status,
        Status::Failed
    );
    assert_eq!(
        verify_paper(&honest.checkpoint(), &honest.checkpoint(), &[]).status,
        Status::Passed
    );
}

#[test]
fn one_byte_of_one_stored_entry_is_seen() {
    let mut world = world();
    let bundle = world.bundle();
    let checkpoint = world.checkpoint();
    world.entries[5][20] ^= 1;
    let mut entries = world.entries.iter().cloned();
    let step = verify_completeness(
        &bundle,
        &mut [verify::LogEntries {
            checkpoint: &checkpoint,
            newer: None,
            entries: &mut entries,
        }],
    );
    assert_eq!(step.status, Status::Failed);
    let mut short = world.entries.iter().skip(1).cloned();
    let step = verify_completeness(
        &bundle,
        &mut [verify::LogEntries {
            checkpoint: &checkpoint,
            newer: None,
            entries: &mut short,
        }],
    );
    assert_eq!(step.status, Status::Failed);
}

#[test]
fn an_event_logged_twice_is_seen() {
    let mut world = world();
    let bundle = world.bundle();
    world
        .entries
        .push(world.leaves[0].text.to_string().into_bytes());
    assert_eq!(world.completeness(&bundle).status, Status::Failed);
}

#[test]
fn an_erased_field_leaves_the_rest_verifiable() {
    let world = world();
    let mut bundle = world.bundle();
    bundle.events[0]
        .fields
        .iter_mut()
        .find(|f| f.name == "applicant")
        .unwrap()
        .erase();
    let json = bundle.to_json().unwrap();
    assert_eq!(json.matches("王芳").count(), 2);
    let bundle = Bundle::from_json(json.as_bytes()).unwrap();
    let report = verify_bundle(&bundle, &world.policy());
    assert!(report.is_ok(), "{report:#?}");
    assert_eq!(report.erased, [(0, "applicant".to_owned())]);
    // Half an erasure is no erasure.
    let mut half = bundle;
    half.events[1].fields[0].salt = None;
    assert_eq!(
        failed(&verify_bundle(&half, &world.policy())),
        ["字段与承诺"]
    );
}

#[test]
fn a_wrong_case_key_matches_nothing() {
    let world = world();
    let mut bundle = world.bundle();
    bundle.case_key[0] ^= 1;
    assert!(failed(&verify_bundle(&bundle, &world.policy())).contains(&"存在证明与见证"));
}

#[test]
fn the_clock_of_an_event_must_fit_its_public_minute() {
    let world = world();
    let mut bundle = world.bundle();
    bundle.events[0].minute = "2026-08-21T09:32Z".into();
    assert!(failed(&verify_bundle(&bundle, &world.policy())).contains(&"公开记录"));
}

#[test]
fn empty_or_broken_bundles_are_no_success() {
    let world = world();
    assert!(!verify_bundle(&Bundle::new([0; 32], vec![]), &world.policy()).is_ok());
    let json = world.bundle().to_json().unwrap();
    for end in (0..json.len()).step_by(997) {
        assert!(Bundle::from_json(&json.as_bytes()[..end]).is_err());
    }
    assert!(Bundle::from_json(json.replace("bundle/v1", "bundle/v2").as_bytes()).is_err());
    let mut bundle = world.bundle();
    bundle.events[1].proof = "nonsense".into();
    assert_eq!(
        failed(&verify_bundle(&bundle, &world.policy())),
        ["存在证明与见证"]
    );
}
