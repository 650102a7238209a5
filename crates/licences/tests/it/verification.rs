use jiff::SignedDuration;
use tongban_kernel::{ErrorKind, Post};
use tongban_licences::{
    AnnulGround, DeregisterGround, Operation, Verdict, Verification, expire_due, verify_public,
};
use tongban_storage::params;
use tongban_testkit::{TestStore, on_both_engines};

use crate::city::{City, act, migrations};

on_both_engines!(migrations();
    everybody_hears_the_same_little,
    each_operation_makes_a_version_and_the_old_code_still_answers,
    only_the_deciders_of_the_issuing_organ_change_a_licence,
    a_licence_expires_by_the_calendar,
    a_row_changed_behind_our_back_is_not_believed,
    two_officers_at_once_make_one_change,
);

fn annul() -> Operation {
    Operation::Annul {
        ground: AnnulGround::Fraud,
    }
}

async fn look(city: &City, identifier: &str) -> Verification {
    let nobody = city.ctx.as_actor(tongban_kernel::Actor::Anonymous);
    verify_public(&nobody, identifier).await.expect("an answer")
}

async fn everybody_hears_the_same_little(store: TestStore) {
    let city = City::on(store).await;
    let issued = city.issued(1).await;
    city.sequence().await;
    let known = look(&city, &format!(" {} ", issued.identifier.to_lowercase())).await;
    assert_eq!(known.verdict, Verdict::Valid);
    assert_eq!(known.certificate_holder.as_deref(), Some("李*"));
    assert_eq!(known.valid_to.as_deref(), Some("2031-03-01"));
    assert_eq!(
        (known.signature_valid, known.log_index),
        (Some(true), Some(0))
    );
    let unknown = look(
        &city,
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    )
    .await;
    assert_eq!(
        (unknown.verdict, unknown.well_formed),
        (Verdict::Unknown, true)
    );
    let wrong = look(
        &city,
        &issued.identifier.replace("2026000001", "2026000002"),
    )
    .await;
    assert_eq!(
        (wrong.verdict, wrong.well_formed),
        (Verdict::Unknown, false)
    );
    let shape = |answer: &Verification| {
        let value = serde_json::to_value(answer).expect("JSON");
        value
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(shape(&known), shape(&unknown));
    assert_eq!(shape(&known), shape(&wrong));
    let said = serde_json::to_string(&known).expect("JSON");
    for private in ["李娜", "19491231", "3399002026030200000000001"] {
        assert!(!said.contains(private), "{private}");
    }
    assert_eq!(look(&city, &"9".repeat(10_000)).await.identifier.len(), 128);
}

async fn each_operation_makes_a_version_and_the_old_code_still_answers(store: TestStore) {
    let city = City::on(store).await;
    let first = city.issued(1).await;
    let decider = city.officer(city.organ, Post::Decider).await;
    let step =
        async |operation: Operation| act(&decider, first.licence, operation, "依据调查结论").await;
    let withhold = Operation::Withhold {
        decision_no: "云市监罚〔2026〕1号".to_owned(),
        until: None,
    };
    let second = step(withhold.clone()).await.expect("withheld");
    assert_ne!(first.identifier, second.identifier);
    assert_eq!(
        look(&city, &first.identifier).await.verdict,
        Verdict::Suspended
    );
    assert_eq!(look(&city, &first.identifier).await.superseded, Some(true));
    assert_eq!(
        look(&city, &second.identifier).await.superseded,
        Some(false)
    );
    assert_eq!(
        step(withhold).await.expect_err("twice").kind(),
        ErrorKind::Conflict
    );
    step(Operation::Resume).await.expect("resumed");
    assert_eq!(look(&city, &first.identifier).await.verdict, Verdict::Valid);
    step(annul()).await.expect("annulled");
    let after = look(&city, &first.identifier).await;
    assert_eq!(
        (after.verdict, after.cert_state.as_deref()),
        (Verdict::Revoked, Some("03"))
    );
    assert_eq!(after.signature_valid, Some(true));
    assert_eq!(
        step(Operation::Resume).await.expect_err("over").kind(),
        ErrorKind::Conflict
    );
    let gone = Operation::Deregister {
        ground: DeregisterGround::PermitRemoved,
    };
    step(gone).await.expect("deregistered");
    assert_eq!(
        look(&city, &second.identifier).await.cert_state.as_deref(),
        Some("04")
    );
    city.sequence().await;
    assert_eq!(city.count("SELECT COUNT(*) FROM tlog_leaf").await, 5);
    assert_eq!(
        city.count("SELECT MAX(version) FROM licence_version").await,
        5
    );
    // A repeat of the order still names the licence of the case.
    assert_eq!(city.issued(1).await.licence, first.licence);
}

async fn only_the_deciders_of_the_issuing_organ_change_a_licence(store: TestStore) {
    let city = City::on(store).await;
    let id = city.issued(1).await.licence;
    let by = async |ctx, reason: &str| {
        act(&ctx, id, annul(), reason)
            .await
            .map_err(|error| error.kind())
    };
    let issuer = city.officer(city.organ, Post::Issuer).await;
    let foreign = city.officer(city.other_organ, Post::Decider).await;
    let decider = city.officer(city.organ, Post::Decider).await;
    assert_eq!(by(issuer, "x").await.err(), Some(ErrorKind::NotAllowed));
    // Of another organ, and citizens: the register does not even tell that it exists.
    assert_eq!(by(foreign, "x").await.err(), Some(ErrorKind::NotFound));
    assert_eq!(
        by(city.ctx.clone(), "x").await.err(),
        Some(ErrorKind::NotFound)
    );
    assert_eq!(
        by(city.citizen(city.li_na, None), "x").await.err(),
        Some(ErrorKind::NotFound)
    );
    assert_eq!(
        by(decider.clone(), "  ").await.err(),
        Some(ErrorKind::Invalid)
    );
    let no_number = Operation::Revoke {
        decision_no: " ".to_owned(),
    };
    let error = act(&decider, id, no_number, "x")
        .await
        .expect_err("no decision");
    assert_eq!(error.code(), "licence.decision-no");
    let expire = act(&decider, id, Operation::Expire, "x").await;
    assert_eq!(
        expire.expect_err("by the calendar only").kind(),
        ErrorKind::Invalid
    );
    assert_eq!(city.count("SELECT COUNT(*) FROM licence_version").await, 1);
    assert!(by(decider, "以欺骗手段取得").await.is_ok());
}

async fn a_licence_expires_by_the_calendar(store: TestStore) {
    let city = City::on(store).await;
    let issued = city.issued(1).await;
    let mut open_ended = city.order(2);
    open_ended.valid_to = Some("9999-12-31".parse().expect("a date"));
    tongban_licences::issue(&city.ctx, open_ended)
        .await
        .expect("issued");
    assert_eq!(expire_due(&city.ctx, 10).await.expect("run"), 0);
    city.store
        .clock
        .set("2031-03-01T15:59:00Z".parse().expect("a moment"));
    assert_eq!(
        look(&city, &issued.identifier).await.verdict,
        Verdict::Valid
    );
    city.store.clock.advance(SignedDuration::from_mins(2));
    let before_the_run = look(&city, &issued.identifier).await;
    assert_eq!(
        (before_the_run.verdict, before_the_run.cert_state.as_deref()),
        (Verdict::Expired, Some("01"))
    );
    assert_eq!(expire_due(&city.ctx, 10).await.expect("run"), 1);
    assert_eq!(expire_due(&city.ctx, 10).await.expect("run"), 0);
    let after = look(&city, &issued.identifier).await;
    assert_eq!(
        (after.verdict, after.cert_state.as_deref()),
        (Verdict::Expired, Some("05"))
    );
    assert_eq!(after.signature_valid, Some(true));
}

async fn a_row_changed_behind_our_back_is_not_believed(store: TestStore) {
    let city = City::on(store).await;
    let issued = city.issued(1).await;
    let decider = city.officer(city.organ, Post::Decider).await;
    act(&decider, issued.licence, annul(), "欺骗")
        .await
        .expect("annulled");
    let id = issued.licence;
    city.ctx
        .db
        .write(move |tx| {
            let forged = r#"{"state":"valid"}"#;
            tx.put(
                "UPDATE licence SET state = $2, state_code = '01' WHERE id = $1",
                params![id, forged],
            )
        })
        .await
        .expect("forged");
    let answer = look(&city, &issued.identifier).await;
    assert_eq!(
        (answer.verdict, answer.signature_valid),
        (Verdict::Unverifiable, Some(false))
    );
    assert_eq!(answer.certificate_name, None);
}

async fn two_officers_at_once_make_one_change(store: TestStore) {
    let city = City::on(store).await;
    let id = city.issued(1).await.licence;
    let decider = city.officer(city.organ, Post::Decider).await;
    let once = || act(&decider, id, annul(), "欺骗");
    let (a, b) = tokio::join!(once(), once());
    let refused = [a, b]
        .into_iter()
        .filter_map(Result::err)
        .map(|error| error.kind())
        .collect::<Vec<_>>();
    assert_eq!(refused, [ErrorKind::Conflict]);
    assert_eq!(city.count("SELECT COUNT(*) FROM licence_version").await, 2);
}
