//! The transparency log of the whole: what the citizen downloads proves the record, and nothing else does.

mod access;
mod offline;
mod serving;
mod witnesses;
mod years;

use tongban::translog::{self, Tree};
use tongban_tlog::{
    Bundle, Checkpoint, Note, Policy, Sha256Tree, TreeHash, decode_entries, verify_bundle,
};

use crate::city::{City, in_the_city};

in_the_city!(
    the_bundle_of_a_case_verifies_and_a_changed_one_does_not,
    tiles_entries_and_checkpoint_tell_the_same_tree,
);

async fn the_bundle_of_a_case_verifies_and_a_changed_one_does_not(city: City) {
    let (citizen, receipt) = city.submitted().await;
    city.decided(&receipt.project_no, true)
        .await
        .expect("decided");
    city.sequenced().await;
    let provable = tongban_cases::provable_case(&citizen, &receipt.project_no)
        .await
        .expect("hers");
    let bundle = translog::bundle(&city.app.ctx, provable)
        .await
        .expect("proved");
    let policy = translog::policy(&city.app.ctx).await.expect("a policy");
    let policy = Policy::parse(&policy).expect("readable");
    let report = verify_bundle(&bundle, &policy);
    assert!(report.is_ok(), "{:?}", report.steps);
    let json = bundle.to_json().expect("written");
    for (from, to) in [
        ("依法", "违法"),
        ("granted", "denied"),
        ("dhscjg", "xxscjg"),
    ] {
        let changed = json.replacen(from, to, 1);
        if changed == json {
            continue;
        }
        let changed = Bundle::from_json(changed.as_bytes()).expect("still a bundle");
        assert!(
            !verify_bundle(&changed, &policy).is_ok(),
            "{from} → {to} was not noticed"
        );
    }
    let stranger = city.person("liuyan").await;
    assert!(
        tongban_cases::provable_case(&stranger, &receipt.project_no)
            .await
            .is_err()
    );
}

async fn tiles_entries_and_checkpoint_tell_the_same_tree(city: City) {
    city.submitted().await;
    city.sequenced().await;
    let note = translog::checkpoint(&city.app.ctx, None, Tree::Sha256)
        .await
        .expect("signed");
    let head = Checkpoint::parse(Note::parse(&note).expect("a note").text()).expect("a checkpoint");
    assert!(head.size > 0 && head.size < 256);
    let entries = translog::tile(
        &city.app.ctx,
        None,
        Tree::Sha256,
        &format!("tile/entries/000.p/{}", head.size),
    )
    .await;
    let entries = entries.expect("served");
    let hashes = translog::tile(
        &city.app.ctx,
        None,
        Tree::Sha256,
        &format!("tile/0/000.p/{}", head.size),
    )
    .await
    .expect("served");
    let from_entries: Vec<u8> = decode_entries(&entries.bytes)
        .expect("entries")
        .iter()
        .flat_map(|entry| Sha256Tree::leaf(entry))
        .collect();
    assert_eq!(from_entries, hashes.bytes);
    let mut frontier = tongban_tlog::Frontier::<Sha256Tree>::new();
    for entry in decode_entries(&entries.bytes).expect("entries") {
        frontier.append(Sha256Tree::leaf(entry)).expect("appended");
    }
    assert_eq!(frontier.root(), head.root);
    for path in [
        "tile/0/000.p/255",
        "tile/9/000",
        "tile/0/x/../000",
        "tile/entries/001",
    ] {
        assert!(
            translog::tile(&city.app.ctx, None, Tree::Sha256, path)
                .await
                .is_err(),
            "{path}"
        );
    }
}

/// The bundle of a case as its applicant would download it.
async fn bundle_of(city: &City, citizen: &tongban_storage::Ctx, number: &str) -> Bundle {
    let provable = tongban_cases::provable_case(citizen, number)
        .await
        .expect("hers");
    translog::bundle(&city.app.ctx, provable)
        .await
        .expect("proved")
}

/// The policy as served now.
async fn policy_of(city: &City) -> Policy {
    let text = translog::policy(&city.app.ctx).await.expect("a policy");
    Policy::parse(&text).expect("readable")
}
