//! The register for officers: who finds what, acts with keys, and what the calendar brings.

use tongban_codes::lists::CertState;
use tongban_kernel::{Actor, ErrorKind, Officer, Post};
use tongban_licences::{
    Change, ChangeKind, ChangeWish, Operation, RegisterQuery, Verdict, change, daily, entry,
    entry_by_identifier, expiring, lift_due, register, verify_public,
};
use tongban_storage::Ctx;
use tongban_testkit::{TestStore, on_both_engines};

use crate::city::{City, LI_NA, TYPE, act, migrations};

on_both_engines!(migrations();
    a_licence_is_found_by_number_holder_type_and_state,
    another_organ_finds_nothing_and_a_citizen_may_not_look,
    the_same_key_changes_once,
    a_withholding_ends_with_its_last_day,
    names_of_older_rows_are_indexed_by_the_daily_run,
);

fn query(words: &str) -> RegisterQuery {
    RegisterQuery {
        words: words.to_owned(),
        limit: 20,
        ..RegisterQuery::default()
    }
}

async fn numbers(ctx: &Ctx, query: RegisterQuery) -> Vec<String> {
    let found = register(ctx, query).await.expect("a register");
    found
        .lines
        .into_iter()
        .map(|line| line.licence.serial)
        .collect()
}

async fn a_licence_is_found_by_number_holder_type_and_state(store: TestStore) {
    let city = City::on(store).await;
    let first = city.issued(1).await;
    // Ids of one millisecond have no order.
    city.store.clock.advance(jiff::SignedDuration::from_secs(1));
    let second = city.issued(2).await;
    let decider = city.officer(city.organ, Post::Decider).await;
    act(&decider, first.licence, Operation::Resume, "x")
        .await
        .expect_err("nothing to resume");
    let withhold = Operation::Withhold {
        decision_no: "云市监罚〔2026〕1号".to_owned(),
        until: None,
    };
    act(&decider, first.licence, withhold, "查实")
        .await
        .expect("withheld");
    let both = ["2026000002", "2026000001"];
    assert_eq!(numbers(&decider, query("")).await, both);
    for (words, found) in [
        ("2026000001", &["2026000001"][..]),
        ("000002", &["2026000002"]),
        (&first.identifier, &["2026000001"]),
        ("3399002026030200000000002", &["2026000002"]),
        ("李 娜", &both),
        (LI_NA, &both),
        ("李", &[]),
        ("%", &[]),
        ("' OR 1=1 --", &[]),
    ] {
        assert_eq!(numbers(&decider, query(words)).await, found, "{words}");
    }
    let withheld = RegisterQuery {
        state: Some(CertState::Withheld),
        ..query("")
    };
    assert_eq!(numbers(&decider, withheld).await, ["2026000001"]);
    let of_type = |code: &str| RegisterQuery {
        type_code: code.to_owned(),
        ..query("")
    };
    assert_eq!(numbers(&decider, of_type(TYPE)).await, both);
    assert!(numbers(&decider, of_type("x")).await.is_empty());
    let after = RegisterQuery {
        after: Some(second.licence),
        ..query("")
    };
    assert_eq!(numbers(&decider, after).await, ["2026000001"]);
    let lines = register(&decider, query("")).await.expect("lines");
    assert_eq!(lines.lines[0].holder, "李*");
    assert_eq!(lines.types.len(), 1);
    // The issuing organ sees whose it is; what may be done follows the state and the post.
    let whole = entry(&decider, first.licence).await.expect("an entry");
    assert_eq!(whole.holder, "李娜");
    assert_eq!(whole.versions.len(), 2);
    assert_eq!(whole.versions[0].reason, "查实");
    assert!(whole.possible.contains(&ChangeKind::Resume));
    let issuer = city.officer(city.organ, Post::Issuer).await;
    let looked = entry(&issuer, first.licence).await.expect("may look");
    assert!(looked.possible.is_empty());
}

async fn another_organ_finds_nothing_and_a_citizen_may_not_look(store: TestStore) {
    let city = City::on(store).await;
    let issued = city.issued(1).await;
    let foreign = city.officer(city.other_organ, Post::Decider).await;
    assert!(numbers(&foreign, query("")).await.is_empty());
    assert!(numbers(&foreign, query(LI_NA)).await.is_empty());
    let seen = register(&foreign, query("")).await.expect("a register");
    assert!(seen.types.is_empty(), "types of others: {:?}", seen.types);
    let hidden = entry_by_identifier(&foreign, &issued.identifier).await;
    assert_eq!(hidden.expect_err("hidden").kind(), ErrorKind::NotFound);
    let supervisor = city.officer(city.other_organ, Post::Supervisor).await;
    assert_eq!(numbers(&supervisor, query("")).await.len(), 1);
    let seen = entry(&supervisor, issued.licence).await.expect("sees all");
    assert_eq!((seen.holder.as_str(), seen.possible.len()), ("李*", 0));
    let reviewer = city.officer(city.organ, Post::Reviewer).await;
    let kind = async |ctx: &Ctx| register(ctx, query("")).await.expect_err("refused").kind();
    assert_eq!(kind(&reviewer).await, ErrorKind::NotAllowed);
    let citizen = city.citizen(city.li_na, None);
    assert_eq!(kind(&citizen).await, ErrorKind::NotAllowed);
    let nobody = city.ctx.as_actor(Actor::Anonymous);
    assert_eq!(kind(&nobody).await, ErrorKind::Unauthenticated);
}

async fn the_same_key_changes_once(store: TestStore) {
    let city = City::on(store).await;
    let issued = city.issued(1).await;
    let decider = city.officer(city.organ, Post::Decider).await;
    let wish = |reason: &str| Change {
        licence: issued.licence,
        operation: Operation::Revoke {
            decision_no: "云市监罚〔2026〕2号".to_owned(),
        },
        reason: reason.to_owned(),
        key: "revoke-0001".to_owned(),
    };
    let first = change(&decider, wish("查实")).await.expect("revoked");
    let again = change(&decider, wish("查实")).await.expect("the same");
    assert_eq!(first, again);
    assert_eq!(city.count("SELECT COUNT(*) FROM licence_version").await, 2);
    let other = change(&decider, wish("另一个理由")).await;
    assert_eq!(other.expect_err("reused").code(), "idempotency.reused");
    // The key stands for this licence and this officer, not for whoever sends it.
    let second = city.issued(2).await;
    let elsewhere = Change {
        licence: second.licence,
        ..wish("查实")
    };
    let other = change(&decider, elsewhere).await;
    assert_eq!(other.expect_err("reused").code(), "idempotency.reused");
    let colleague = city.ctx.as_actor(Actor::Officer(Officer {
        officer: city.ctx.ids.id(city.ctx.now()),
        organ: city.organ,
        posts: vec![Post::Decider],
    }));
    let other = change(&colleague, wish("查实")).await;
    assert_eq!(other.expect_err("revoked already").code(), "licence.state");
}

async fn a_withholding_ends_with_its_last_day(store: TestStore) {
    let city = City::on(store).await;
    let issued = city.issued(1).await;
    let decider = city.officer(city.organ, Post::Decider).await;
    let today = city.ctx.clock.today();
    let wish = |until: &str| ChangeWish {
        operation: "withhold".to_owned(),
        decision_no: "云市监罚〔2026〕3号".to_owned(),
        until: until.to_owned(),
        reason: "查实".to_owned(),
        ..ChangeWish::default()
    };
    for bad in ["2026-02-30", "昨天", "2020-01-01"] {
        let error = wish(bad).operation(today).expect_err("not a day to come");
        assert_eq!(error.field_problems()[0].field, "until", "{bad}");
    }
    let operation = wish("2026-03-31").operation(today).expect("a wish");
    act(&decider, issued.licence, operation, "查实")
        .await
        .expect("withheld");
    let verdict = async || {
        let nobody = city.ctx.as_actor(Actor::Anonymous);
        let found = verify_public(&nobody, &issued.identifier).await;
        found.expect("an answer").verdict
    };
    city.store
        .clock
        .set("2026-03-31T15:59:00Z".parse().expect("a moment"));
    assert_eq!(lift_due(&city.ctx, 10).await.expect("run"), 0);
    assert_eq!(verdict().await, Verdict::Suspended);
    city.store
        .clock
        .set("2026-03-31T16:00:00Z".parse().expect("a moment"));
    daily(&city.ctx).await.expect("run");
    assert_eq!(verdict().await, Verdict::Valid);
    // Over its last day a licence expires, and what should have been marked is counted until then.
    city.store
        .clock
        .set("2031-02-10T02:00:00Z".parse().expect("a moment"));
    assert_eq!(expiring(&city.ctx).await.expect("counted").soon, 1);
    // The last day itself still counts, to its end.
    city.store
        .clock
        .set("2031-03-01T15:59:00Z".parse().expect("a moment"));
    daily(&city.ctx).await.expect("run");
    assert_eq!(verdict().await, Verdict::Valid);
    city.store
        .clock
        .set("2031-03-02T02:00:00Z".parse().expect("a moment"));
    assert_eq!(expiring(&city.ctx).await.expect("counted").overdue, 1);
    daily(&city.ctx).await.expect("run");
    assert_eq!(expiring(&city.ctx).await.expect("counted").overdue, 0);
    assert_eq!(verdict().await, Verdict::Expired);
}

async fn names_of_older_rows_are_indexed_by_the_daily_run(store: TestStore) {
    let city = City::on(store).await;
    city.issued(1).await;
    let decider = city.officer(city.organ, Post::Decider).await;
    city.ctx
        .db
        .write(|tx| tx.put("UPDATE licence SET name_index = ''", &[]))
        .await
        .expect("as an older program left it");
    assert!(numbers(&decider, query("李娜")).await.is_empty());
    daily(&city.ctx).await.expect("run");
    assert_eq!(numbers(&decider, query("李娜")).await.len(), 1);
}
