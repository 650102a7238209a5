use tongban_kernel::{Actor, ErrorKind, Post};
use tongban_oversight::{Level, rate, rating_desk, ratings};
use tongban_testkit::{TestStore, on_both_engines};

use crate::city::{City, ENDED, OPEN, SECOND, migrations, wish};

on_both_engines!(migrations();
    a_case_is_rated_once,
    the_same_key_gives_the_same_answer,
    two_at_once_leave_one_rating,
    only_the_applicant_rates_and_strangers_find_nothing,
    an_open_case_cannot_be_rated,
    a_bad_rating_opens_a_rectification,
    an_officer_sees_their_organ_and_a_supervisor_all,
    the_text_is_sealed_and_bounded,
);

async fn a_case_is_rated_once(store: TestStore) {
    let city = City::on(store).await;
    let li_na = city.citizen(city.li_na);
    let before = rating_desk(&li_na, ENDED).await.expect("hers");
    assert_eq!(
        (before.rating, before.own, before.open),
        (None, true, false)
    );
    let given = rate(&li_na, wish(ENDED, Level::VerySatisfied, "key-0001"))
        .await
        .expect("rated");
    assert_eq!(given.rectify_by, None);
    let seen = rating_desk(&li_na, ENDED)
        .await
        .expect("hers")
        .rating
        .expect("given");
    assert_eq!(seen, given);
    assert_eq!(seen.text, "窗口很耐心");
    let again = rate(&li_na, wish(ENDED, Level::Satisfied, "key-0002"))
        .await
        .expect_err("twice");
    assert_eq!(
        (again.kind(), again.code()),
        (ErrorKind::Conflict, "rating.given")
    );
    // The record of the case has it, once, with its leaf.
    assert_eq!(
        city.count("SELECT COUNT(*) FROM case_event WHERE name = 'rated'")
            .await,
        1
    );
    assert_eq!(
        city.count("SELECT event_n FROM case_file WHERE project_no = '3399002026030200000000001'")
            .await,
        5
    );
    assert_eq!(city.count("SELECT COUNT(*) FROM rectification").await, 0);
    assert_eq!(
        city.count("SELECT COUNT(*) FROM outbox WHERE kind = 'oversight.rating.given'")
            .await,
        1
    );
    let id = given.case;
    assert!(
        tongban_cases::audit_case(&city.ctx, id)
            .await
            .expect("audited")
    );
}

async fn the_same_key_gives_the_same_answer(store: TestStore) {
    let city = City::on(store).await;
    let li_na = city.citizen(city.li_na);
    let first = rate(&li_na, wish(ENDED, Level::Dissatisfied, "key-0001"))
        .await
        .expect("rated");
    let again = rate(&li_na, wish(ENDED, Level::Dissatisfied, "key-0001"))
        .await
        .expect("the same");
    assert_eq!(first, again);
    let other = rate(&li_na, wish(ENDED, Level::Satisfied, "key-0001")).await;
    assert!(other.is_err(), "the same key for another rating");
    assert_eq!(city.count("SELECT COUNT(*) FROM rectification").await, 1);
}

async fn two_at_once_leave_one_rating(store: TestStore) {
    let city = City::on(store).await;
    let li_na = city.citizen(city.li_na);
    let (a, b) = tokio::join!(
        rate(&li_na, wish(ENDED, Level::VeryDissatisfied, "key-0001")),
        rate(&li_na, wish(ENDED, Level::VerySatisfied, "key-0002")),
    );
    let refused: Vec<ErrorKind> = [a, b]
        .into_iter()
        .filter_map(Result::err)
        .map(|error| error.kind())
        .collect();
    assert_eq!(refused, [ErrorKind::Conflict]);
    assert_eq!(city.count("SELECT COUNT(*) FROM rating").await, 1);
    assert_eq!(
        city.count("SELECT COUNT(*) FROM case_event WHERE name = 'rated'")
            .await,
        1
    );
}

async fn only_the_applicant_rates_and_strangers_find_nothing(store: TestStore) {
    let city = City::on(store).await;
    let by = async |ctx| {
        rate(&ctx, wish(ENDED, Level::VeryDissatisfied, "key-0001"))
            .await
            .map_err(|error| error.kind())
    };
    assert_eq!(
        by(city.citizen(city.stranger)).await,
        Err(ErrorKind::NotFound)
    );
    assert_eq!(
        by(city.ctx.as_actor(Actor::Anonymous)).await,
        Err(ErrorKind::Unauthenticated)
    );
    // Nobody rates on behalf of the applicant, the counter least of all.
    assert_eq!(
        by(city.officer(city.organ, Post::Counter)).await,
        Err(ErrorKind::NotAllowed)
    );
    assert_eq!(
        by(city.officer(city.other_organ, Post::Counter)).await,
        Err(ErrorKind::NotFound)
    );
    let stranger = city.citizen(city.stranger);
    assert_eq!(
        rating_desk(&stranger, ENDED)
            .await
            .expect_err("hidden")
            .kind(),
        ErrorKind::NotFound
    );
    let nowhere = rate(&stranger, wish("nonsense", Level::Satisfied, "key-0001")).await;
    assert_eq!(nowhere.expect_err("absent").kind(), ErrorKind::NotFound);
    assert_eq!(city.count("SELECT COUNT(*) FROM rating").await, 0);
}

async fn an_open_case_cannot_be_rated(store: TestStore) {
    let city = City::on(store).await;
    let li_na = city.citizen(city.li_na);
    let error = rate(&li_na, wish(OPEN, Level::Satisfied, "key-0001"))
        .await
        .expect_err("too early");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Conflict, "rating.open")
    );
    assert_eq!(city.count("SELECT COUNT(*) FROM rating").await, 0);
}

async fn a_bad_rating_opens_a_rectification(store: TestStore) {
    let city = City::on(store).await;
    let li_na = city.citizen(city.li_na);
    let given = rate(&li_na, wish(ENDED, Level::Dissatisfied, "key-0001"))
        .await
        .expect("rated");
    // Monday 2026-03-02 and fifteen working days, no holiday between.
    assert_eq!(
        given.rectify_by.map(|date| date.to_string()).as_deref(),
        Some("2026-03-23")
    );
    rate(&li_na, wish(SECOND, Level::FairlySatisfied, "key-0002"))
        .await
        .expect("rated");
    assert_eq!(
        city.count(
            "SELECT COUNT(*) FROM rectification WHERE state = 'open' AND due_on = '2026-03-23'"
        )
        .await,
        1
    );
    assert_eq!(
        city.count("SELECT COUNT(*) FROM outbox WHERE kind = 'oversight.rectification.opened'")
            .await,
        1
    );
    let seen = rating_desk(&li_na, ENDED)
        .await
        .expect("hers")
        .rating
        .expect("given");
    assert_eq!(seen.rectify_by, given.rectify_by);
}

async fn an_officer_sees_their_organ_and_a_supervisor_all(store: TestStore) {
    let city = City::on(store).await;
    let li_na = city.citizen(city.li_na);
    rate(&li_na, wish(ENDED, Level::VeryDissatisfied, "key-0001"))
        .await
        .expect("rated");
    city.store.clock.advance(jiff::SignedDuration::from_secs(1));
    rate(&li_na, wish(SECOND, Level::VerySatisfied, "key-0002"))
        .await
        .expect("rated");
    let own = ratings(&city.officer(city.organ, Post::Reviewer), false, None, 10)
        .await
        .expect("listed");
    assert_eq!(own.lines.len(), 2);
    assert_eq!(own.lines[0].project_no, SECOND, "the latest first");
    assert_eq!(own.summary.by_level, [1, 0, 0, 0, 1]);
    assert_eq!(
        (
            own.summary.rectifications,
            own.summary.open,
            own.summary.overdue
        ),
        (1, 1, 0)
    );
    let bad = ratings(&city.officer(city.organ, Post::Reviewer), true, None, 10)
        .await
        .expect("listed");
    assert_eq!(
        bad.lines
            .iter()
            .map(|line| line.project_no.as_str())
            .collect::<Vec<_>>(),
        [ENDED]
    );
    let after = Some(own.lines[0].rating.id);
    let rest = ratings(&city.officer(city.organ, Post::Reviewer), false, after, 10)
        .await
        .expect("listed");
    assert_eq!(rest.lines.len(), 1);
    let other = ratings(
        &city.officer(city.other_organ, Post::Reviewer),
        false,
        None,
        10,
    )
    .await
    .expect("listed");
    assert_eq!((other.lines.len(), other.summary.total()), (0, 0));
    let all = ratings(
        &city.officer(city.other_organ, Post::Supervisor),
        false,
        None,
        10,
    )
    .await
    .expect("listed");
    assert_eq!(all.lines.len(), 2);
    let citizen = ratings(&li_na, false, None, 10)
        .await
        .expect_err("not for citizens");
    assert_eq!(citizen.kind(), ErrorKind::NotAllowed);
}

async fn the_text_is_sealed_and_bounded(store: TestStore) {
    let city = City::on(store).await;
    let li_na = city.citizen(city.li_na);
    let mut long = wish(ENDED, Level::Satisfied, "key-0001");
    long.text = "好".repeat(501);
    assert_eq!(
        rate(&li_na, long).await.expect_err("too long").code(),
        "rating.text"
    );
    let mut fits = wish(ENDED, Level::Satisfied, "key-0001");
    fits.text = "好".repeat(500);
    rate(&li_na, fits).await.expect("rated");
    let raw: Vec<u8> = city
        .ctx
        .db
        .read(|tx| tx.one("SELECT sealed_text FROM rating", &[], |row| row.get(0)))
        .await
        .expect("read");
    assert!(!raw.windows(3).any(|window| window == "好".as_bytes()));
}
