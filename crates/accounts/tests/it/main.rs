//! Who gets in, and who does not, on both engines.

mod covers;
mod pages;

use jiff::SignedDuration;
use tongban_accounts::{
    Login, MIGRATIONS, NewEnterprise, NewOfficer, NewOrgan, NewPerson, PersonProfile, act_for,
    authenticate, grant_agency, hash_password, log_in, log_out, person, register_enterprise,
    register_officer, register_organ, register_person,
};
use tongban_kernel::{Actor, EnterpriseId, ErrorKind, PersonId, Post};
use tongban_storage::params;
use tongban_testkit::{TestStore, on_both_engines};

on_both_engines!(MIGRATIONS;
    the_right_password_opens_a_session_and_logging_out_ends_it,
    a_wrong_password_and_an_unknown_account_answer_alike_and_slow_down,
    a_session_ends_when_idle_and_in_any_case,
    an_agent_acts_for_the_enterprise_while_the_agency_lasts,
    an_officer_keeps_only_the_posts_of_today,
    a_profile_is_sealed_in_the_store,
);

fn typed(login: &str, password: &str) -> Login {
    Login {
        login: login.to_owned(),
        password: password.to_owned(),
    }
}

async fn li_na(store: &TestStore) -> PersonId {
    let ctx = store.ctx.clone();
    let new = NewPerson {
        profile: PersonProfile {
            user_name: "李娜".to_owned(),
            cert_type: "111".to_owned(),
            cert_no: "11010519491231002X".to_owned(),
            user_mobile: "13800138000".to_owned(),
            address: String::new(),
        },
        real_level: 2,
        login: "LiNa".to_owned(),
        password_hash: hash_password("demo-2026", [1; 16]).expect("hashed"),
    };
    store
        .ctx
        .db
        .write(move |tx| register_person(&ctx, tx, &new))
        .await
        .expect("registered")
}

async fn enterprise_of(store: &TestStore, agent: PersonId) -> EnterpriseId {
    let ctx = store.ctx.clone();
    let new = NewEnterprise {
        uscc: "91330102MA28NBU477".to_owned(),
        name: "云州小馆".to_owned(),
        legal_name: "张三".to_owned(),
        address: String::new(),
    };
    let day = |text: &str| text.parse().expect("a date");
    let (from, to) = (day("2026-01-01"), day("2026-03-02"));
    store
        .ctx
        .db
        .write(move |tx| {
            let id = register_enterprise(&ctx, tx, &new)?;
            grant_agency(tx, id, agent, from, to)?;
            Ok(id)
        })
        .await
        .expect("registered")
}

async fn the_right_password_opens_a_session_and_logging_out_ends_it(store: TestStore) {
    let id = li_na(&store).await;
    let token = log_in(&store.ctx, typed(" lina ", "demo-2026"))
        .await
        .expect("in");
    let view = authenticate(&store.ctx, &token)
        .await
        .expect("read")
        .expect("lives");
    assert!(
        matches!(&view.actor, Actor::Citizen(citizen) if citizen.person == id && citizen.enterprise.is_none())
    );
    assert_eq!(view.display_name, "李*");
    log_out(&store.ctx, &token).await.expect("out");
    assert_eq!(authenticate(&store.ctx, &token).await.expect("read"), None);
    assert_eq!(authenticate(&store.ctx, "short").await.expect("read"), None);
}

async fn a_wrong_password_and_an_unknown_account_answer_alike_and_slow_down(store: TestStore) {
    li_na(&store).await;
    let wrong = log_in(&store.ctx, typed("lina", "no"))
        .await
        .expect_err("refused");
    let unknown = log_in(&store.ctx, typed("nobody", "no"))
        .await
        .expect_err("refused");
    assert_eq!(
        (wrong.kind(), wrong.message()),
        (unknown.kind(), unknown.message())
    );
    let hurried = log_in(&store.ctx, typed("lina", "demo-2026"))
        .await
        .expect_err("too soon");
    assert_eq!(hurried.kind(), ErrorKind::Limited);
    store.clock.advance(SignedDuration::from_secs(2));
    log_in(&store.ctx, typed("lina", "demo-2026"))
        .await
        .expect("in after the pause");
}

async fn a_session_ends_when_idle_and_in_any_case(store: TestStore) {
    li_na(&store).await;
    let token = log_in(&store.ctx, typed("lina", "demo-2026"))
        .await
        .expect("in");
    for _ in 0..30 {
        store.clock.advance(SignedDuration::from_mins(20));
        assert!(
            authenticate(&store.ctx, &token)
                .await
                .expect("read")
                .is_some(),
            "kept alive by requests"
        );
    }
    store.clock.advance(SignedDuration::from_mins(31));
    assert!(
        authenticate(&store.ctx, &token)
            .await
            .expect("read")
            .is_none(),
        "idle"
    );
    let token = log_in(&store.ctx, typed("lina", "demo-2026"))
        .await
        .expect("in");
    for _ in 0..35 {
        store.clock.advance(SignedDuration::from_mins(20));
        authenticate(&store.ctx, &token).await.expect("read");
    }
    store.clock.advance(SignedDuration::from_mins(20));
    assert!(
        authenticate(&store.ctx, &token)
            .await
            .expect("read")
            .is_none(),
        "twelve hours are over"
    );
}

async fn an_agent_acts_for_the_enterprise_while_the_agency_lasts(store: TestStore) {
    let id = li_na(&store).await;
    let enterprise = enterprise_of(&store, id).await;
    let token = log_in(&store.ctx, typed("lina", "demo-2026"))
        .await
        .expect("in");
    let view = authenticate(&store.ctx, &token)
        .await
        .expect("read")
        .expect("lives");
    let ctx = store.ctx.as_actor(view.actor);
    act_for(&ctx, &token, Some(enterprise))
        .await
        .expect("chosen");
    let acting = |view: &tongban_accounts::SessionView| match &view.actor {
        Actor::Citizen(citizen) => citizen.enterprise,
        _ => None,
    };
    let view = authenticate(&store.ctx, &token)
        .await
        .expect("read")
        .expect("lives");
    assert_eq!(
        (acting(&view), view.acting_for.as_deref()),
        (Some(enterprise), Some("云州小馆"))
    );
    store
        .clock
        .set("2026-03-02T16:10:00Z".parse().expect("a moment"));
    let token = log_in(&store.ctx, typed("lina", "demo-2026"))
        .await
        .expect("in the next day");
    assert_eq!(
        act_for(&ctx, &token, Some(enterprise))
            .await
            .expect_err("ended")
            .kind(),
        ErrorKind::NotFound
    );
    let stranger = EnterpriseId::from_uuid_for_test();
    assert_eq!(
        act_for(&ctx, &token, Some(stranger))
            .await
            .expect_err("not hers")
            .kind(),
        ErrorKind::NotFound
    );
}

trait ForTest {
    fn from_uuid_for_test() -> Self;
}
impl ForTest for EnterpriseId {
    fn from_uuid_for_test() -> Self {
        "ent_00000000000000000000000000000001"
            .parse()
            .expect("an id")
    }
}

async fn an_officer_keeps_only_the_posts_of_today(store: TestStore) {
    let ctx = store.ctx.clone();
    let hash = hash_password("demo-2026", [2; 16]).expect("hashed");
    let organ = NewOrgan {
        code: "11370800MB28559184".to_owned(),
        name: "云州市市场监督管理局".to_owned(),
        short_name: "市场监管局".to_owned(),
        division: "339900".to_owned(),
        phone: None,
    };
    let officer = store
        .ctx
        .db
        .write(move |tx| {
            let organ = register_organ(&ctx, tx, &organ)?;
            let new = NewOfficer {
                organ,
                staff_no: "0712".to_owned(),
                name: "王敏".to_owned(),
                posts: vec![Post::Decider, Post::Counter],
                login: "wangmin".to_owned(),
                password_hash: hash.clone(),
            };
            register_officer(&ctx, tx, &new)
        })
        .await
        .expect("registered");
    let token = log_in(&store.ctx, typed("wangmin", "demo-2026"))
        .await
        .expect("in");
    let posts = |view: tongban_accounts::SessionView| match view.actor {
        Actor::Officer(officer) => officer.posts,
        other => panic!("{other:?}"),
    };
    let view = authenticate(&store.ctx, &token)
        .await
        .expect("read")
        .expect("lives");
    assert_eq!(posts(view), [Post::Counter, Post::Decider]);
    let remove = "DELETE FROM officer_post WHERE officer_id = $1 AND post = 'decider'";
    store
        .ctx
        .db
        .write(move |tx| tx.put(remove, params![officer]))
        .await
        .expect("removed");
    let view = authenticate(&store.ctx, &token)
        .await
        .expect("read")
        .expect("lives");
    assert_eq!(posts(view), [Post::Counter]);
    let dismiss = "UPDATE officer SET state = 'dismissed' WHERE id = $1";
    store
        .ctx
        .db
        .write(move |tx| tx.put(dismiss, params![officer]))
        .await
        .expect("dismissed");
    assert_eq!(authenticate(&store.ctx, &token).await.expect("read"), None);
}

async fn a_profile_is_sealed_in_the_store(store: TestStore) {
    let id = li_na(&store).await;
    let raw: Vec<u8> = store
        .ctx
        .db
        .read(move |tx| {
            tx.one(
                "SELECT sealed FROM person WHERE id = $1",
                params![id],
                |row| row.get(0),
            )
        })
        .await
        .expect("read");
    assert!(
        !raw.windows(6)
            .any(|window| window == "李娜".as_bytes() || window == b"110105")
    );
    assert_eq!(
        person(&store.ctx, id).await.expect("opened").cert_no,
        "11010519491231002X"
    );
    let ctx = store.ctx.clone();
    let twin = NewPerson {
        profile: person(&store.ctx, id).await.expect("opened"),
        real_level: 2,
        login: "twin".to_owned(),
        password_hash: "x".to_owned(),
    };
    let twice = store
        .ctx
        .db
        .write(move |tx| register_person(&ctx, tx, &twin))
        .await;
    assert_eq!(
        twice.expect_err("the same document twice").kind(),
        ErrorKind::Conflict
    );
}
