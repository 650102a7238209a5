//! 代办 in leave: who may arrange it, no chains, what the cover may do from the first day to the last, and what the record says.

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use tongban_accounts::{CoverState, NameCover, end_cover, list_covers, name_cover};
use tongban_cases::model::InPlace;
use tongban_cases::{
    Decide, Delegate, Hand, Pass, Transfer, case_by_number, decide, delegate, inbox,
    pass_pre_review, take_back, task_desk, transfer,
};
use tongban_kernel::{ErrorKind, Post, TaskId};
use tongban_storage::{Ctx, params};

use super::{because, colleague, kind, officer_of, on, reviewed};
use crate::city::{City, in_the_city};

in_the_city!(
    a_cover_does_what_is_in_hand_and_the_record_says_for_whom,
    a_delegate_who_is_away_has_no_cover,
    who_left_covers_nobody_and_is_covered_by_nobody,
    a_cover_ends_by_its_date_on_its_own,
    a_cover_is_arranged_by_few_and_never_in_chains,
    of_two_covers_arranged_at_once_one_is_told,
    four_eyes_see_the_cover_and_who_was_away,
);

fn covering(absent: &Ctx, cover: &Ctx, from: Date, days: i64) -> NameCover {
    NameCover {
        absent: officer_of(absent),
        cover: officer_of(cover),
        from,
        to: from + days.days(),
        reason: "年休假".to_owned(),
    }
}

async fn in_hand(holder: &Ctx, task: TaskId) {
    let beside = Transfer {
        to: Some(officer_of(holder)),
        reason: because(),
    };
    // From whoever of the post comes first.
    transfer(holder, on(task, "in-hand", beside))
        .await
        .expect("in hand");
}

async fn hand(who: &Ctx, task: TaskId) -> Option<Hand> {
    let lines = inbox(who, 100).await.expect("listed");
    let mut own = lines.into_iter().filter(|line| line.task == task);
    let found = own.next().map(|line| line.hand);
    assert!(own.next().is_none(), "listed once");
    found
}

fn opinion() -> Pass {
    Pass {
        opinion: "齐全".to_owned(),
    }
}

async fn a_cover_does_what_is_in_hand_and_the_record_says_for_whom(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let (away, cover) = (city.person("zhouchuang").await, city.person("wuling").await);
    let third = city.person("zhengyi").await;
    let task = city.task(&away, number, "pre-review").await;
    in_hand(&away, task).await;
    assert_eq!(hand(&cover, task).await, None);
    let today = city.app.ctx.clock.today();
    for _ in 0..2 {
        name_cover(&away, "cover-key", covering(&away, &cover, today, 4))
            .await
            .expect("named once, repeated");
    }
    assert_eq!(
        list_covers(&cover, None, 50).await.expect("listed").len(),
        1
    );
    assert!(matches!(hand(&cover, task).await, Some(Hand::For(by))
            if by.how == InPlace::Covering && by.officer == officer_of(&away)));
    assert_eq!(hand(&away, task).await, Some(Hand::Own), "back earlier");
    assert_eq!(hand(&third, task).await, None);
    let desk = task_desk(&cover, task).await.expect("a desk");
    assert!(desk.refused.is_none() && desk.behalf.is_some() && !desk.orders.delegate);
    let chain = Delegate {
        to: officer_of(&third),
        reason: because(),
    };
    let refused = delegate(&cover, on(task, "c", chain)).await;
    assert_eq!(
        kind(refused),
        ErrorKind::Conflict,
        "what is covered is not delegated"
    );
    let refused = pass_pre_review(&third, on(task, "t", opinion())).await;
    assert_eq!(kind(refused), ErrorKind::Conflict);
    pass_pre_review(&cover, on(task, "p", opinion()))
        .await
        .expect("in the place of who is away");
    let view = case_by_number(&citizen, number).await.expect("seen");
    let done = view
        .tasks
        .iter()
        .find(|one| one.task.id == task)
        .expect("kept");
    assert_eq!(done.task.officer, Some(officer_of(&cover)));
    assert_eq!(done.task.for_officer, Some(officer_of(&away)));
    let by = &view.events.last().expect("a record").event.by;
    let behalf = by.behalf.as_ref().expect("for another");
    assert_eq!(behalf.words(), format!("代{}", behalf.name));
    assert_eq!(by.name, "吴岭");
    // Taken back, it is in the hand of who is away, and the cover does it again.
    take_back(&cover, "take-back-key", task, because())
        .await
        .expect("taken back");
    let again = city.task(&away, number, "pre-review").await;
    assert_eq!(hand(&away, again).await, Some(Hand::Own));
    assert!(matches!(hand(&cover, again).await, Some(Hand::For(_))));
}

async fn a_delegate_who_is_away_has_no_cover(city: City) {
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let (first, away) = (city.person("zhouchuang").await, city.person("wuling").await);
    let cover = colleague(&city, &first, "cover", vec![Post::Counter]).await;
    let task = city.task(&first, number, "pre-review").await;
    let what = Delegate {
        to: officer_of(&away),
        reason: because(),
    };
    delegate(&first, on(task, "d", what))
        .await
        .expect("delegated");
    let today = city.app.ctx.clock.today();
    name_cover(&away, "cover-key", covering(&away, &cover, today, 4))
        .await
        .expect("named");
    assert_eq!(hand(&cover, task).await, None);
    let refused = pass_pre_review(&cover, on(task, "p", opinion())).await;
    assert_eq!(kind(refused), ErrorKind::Conflict, "called back instead");
}

async fn who_left_covers_nobody_and_is_covered_by_nobody(city: City) {
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let (away, cover) = (city.person("zhouchuang").await, city.person("wuling").await);
    let task = city.task(&away, number, "pre-review").await;
    in_hand(&away, task).await;
    let today = city.app.ctx.clock.today();
    name_cover(&away, "cover-key", covering(&away, &cover, today, 4))
        .await
        .expect("named");
    let left = officer_of(&cover);
    for (state, in_force) in [("left", false), ("active", true)] {
        let set = city.app.ctx.db.write(move |tx| {
            tx.execute(
                "UPDATE officer SET state = $2 WHERE id = $1",
                params![left, state],
            )
        });
        assert_eq!(set.await.expect("the cover leaves, comes back"), 1);
        assert_eq!(hand(&cover, task).await.is_some(), in_force, "{state}");
    }
    let elsewhere = city.person("dhscjg-reviewer").await;
    let tongban_kernel::Actor::Officer(elsewhere) = &elsewhere.actor else {
        panic!("an officer")
    };
    let (who, organ) = (officer_of(&away), elsewhere.organ);
    let moved = city.app.ctx.db.write(move |tx| {
        tx.execute(
            "UPDATE officer SET organ_id = $2 WHERE id = $1",
            params![who, organ],
        )
    });
    assert_eq!(moved.await.expect("moved to another organ"), 1);
    assert_eq!(hand(&cover, task).await, None);
    let refused = pass_pre_review(&cover, on(task, "p", opinion())).await;
    assert_eq!(kind(refused), ErrorKind::Conflict);
}

async fn a_cover_ends_by_its_date_on_its_own(city: City) {
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let (away, cover) = (city.person("zhouchuang").await, city.person("wuling").await);
    let task = city.task(&away, number, "pre-review").await;
    in_hand(&away, task).await;
    let tomorrow = city.app.ctx.clock.today() + 1.day();
    name_cover(&away, "cover-key", covering(&away, &cover, tomorrow, 1))
        .await
        .expect("named");
    let refused = pass_pre_review(&cover, on(task, "early", opinion())).await;
    assert_eq!(kind(refused), ErrorKind::Conflict, "not yet");
    let day = SignedDuration::from_hours(24);
    for (n, in_force) in [(1, true), (2, true), (3, false)] {
        city.clock.advance(day);
        let cover = city.person("wuling").await;
        assert_eq!(hand(&cover, task).await.is_some(), in_force, "day {n}");
    }
    let cover = city.person("wuling").await;
    let refused = pass_pre_review(&cover, on(task, "late", opinion())).await;
    assert_eq!(kind(refused), ErrorKind::Conflict, "over");
    let listed = list_covers(&cover, None, 50).await.expect("listed");
    let today = city.app.ctx.clock.today();
    assert_eq!(listed[0].state(today), CoverState::Over);
    let away = city.person("zhouchuang").await;
    let over = end_cover(&away, "end-key-1", listed[0].id).await;
    assert_eq!(kind(over), ErrorKind::Conflict);
    // Another one, ended before its last day.
    let again = name_cover(&away, "cover-key-2", covering(&away, &cover, today, 5))
        .await
        .expect("named");
    assert!(hand(&cover, task).await.is_some());
    assert_eq!(
        kind(end_cover(&cover, "end-key-2", again).await),
        ErrorKind::NotAllowed
    );
    let stranger = city.person("dhscjg-reviewer").await;
    assert_eq!(
        kind(end_cover(&stranger, "end-key-3", again).await),
        ErrorKind::NotFound
    );
    for _ in 0..2 {
        end_cover(&away, "end-key-4", again)
            .await
            .expect("ended once, repeated");
    }
    assert_eq!(hand(&cover, task).await, None);
}

async fn a_cover_is_arranged_by_few_and_never_in_chains(city: City) {
    let (one, two) = (city.person("zhouchuang").await, city.person("wuling").await);
    let three = city.person("zhengyi").await;
    let reviewer = city.person("dhscjg-reviewer").await;
    let today = city.app.ctx.clock.today();
    let possible = || covering(&one, &two, today, 4);
    let refused = name_cover(&two, "k-colleague", possible()).await;
    assert_eq!(
        kind(refused),
        ErrorKind::NotAllowed,
        "a colleague names nobody"
    );
    let far = colleague(&city, &reviewer, "far", vec![Post::Counter]).await;
    let mut wrong = vec![
        (covering(&one, &far, today, 4), "cover"),
        (covering(&one, &one, today, 4), "cover"),
        (covering(&one, &reviewer, today, 4), "cover"),
        (covering(&one, &two, today - 1.day(), 4), "from"),
        (covering(&one, &two, today, -1), "to"),
        (covering(&one, &two, today, 366), "to"),
    ];
    let silent = NameCover {
        reason: " ".to_owned(),
        ..possible()
    };
    wrong.push((silent, "reason"));
    for (n, (what, field)) in wrong.into_iter().enumerate() {
        let refused = name_cover(&one, &format!("k-wrong-{n}"), what).await;
        let error = refused.expect_err("refused");
        assert_eq!(error.field_problems()[0].field, field, "{n}");
    }
    // A colleague without all the posts gets no power that is not theirs.
    let more = colleague(
        &city,
        &reviewer,
        "more",
        vec![Post::Reviewer, Post::Acceptor],
    )
    .await;
    let refused = name_cover(&more, "k-posts", covering(&more, &reviewer, today, 4)).await;
    assert_eq!(kind(refused), ErrorKind::Invalid);
    name_cover(
        &reviewer,
        "k-superset",
        covering(&reviewer, &more, today, 4),
    )
    .await
    .expect("with more posts");
    // The account manager for anybody; the decider for the own organ.
    let keeper = city.person("anquan").await;
    let first = name_cover(&keeper, "k-keeper", possible())
        .await
        .expect("named");
    let decider = city.person("dhscjg-decider").await;
    let beside = colleague(&city, &reviewer, "beside", vec![Post::Acceptor]).await;
    let acceptor = city.person("dhscjg-acceptor").await;
    name_cover(
        &decider,
        "k-decider",
        covering(&acceptor, &beside, today, 4),
    )
    .await
    .expect("of the organ");
    let refused = name_cover(&decider, "k-other", possible()).await;
    assert_eq!(kind(refused), ErrorKind::NotAllowed, "another organ");
    let four = colleague(&city, &one, "four", vec![Post::Counter]).await;
    // No second cover, no cover of a cover, no cover who is away.
    for (n, what) in [
        covering(&one, &three, today + 2.days(), 4),
        covering(&two, &three, today, 0),
        covering(&four, &one, today + 4.days(), 4),
    ]
    .into_iter()
    .enumerate()
    {
        let refused = name_cover(&keeper, &format!("k-chain-{n}"), what).await;
        assert_eq!(refused.expect_err("a chain").code(), "cover.chain", "{n}");
    }
    let after = covering(&two, &three, today + 5.days(), 4);
    name_cover(&keeper, "k-after", after)
        .await
        .expect("after it");
    end_cover(&keeper, "k-end", first).await.expect("ended");
    name_cover(&keeper, "k-free", covering(&four, &one, today, 4))
        .await
        .expect("free again");
}

async fn of_two_covers_arranged_at_once_one_is_told(city: City) {
    let (one, two) = (city.person("zhouchuang").await, city.person("wuling").await);
    let keeper = city.person("anquan").await;
    let today = city.app.ctx.clock.today();
    let (there, back) = tokio::join!(
        name_cover(&keeper, "k-there", covering(&one, &two, today, 4)),
        name_cover(&keeper, "k-back-", covering(&two, &one, today, 4)),
    );
    assert_ne!(there.is_ok(), back.is_ok(), "{there:?} {back:?}");
    let lost = there.err().or(back.err()).expect("one is told");
    assert_eq!(lost.kind(), ErrorKind::Conflict, "{lost}");
}

async fn four_eyes_see_the_cover_and_who_was_away(city: City) {
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.passed(number).await;
    city.accepted(number).await;
    let reviewer = city.person("dhscjg-reviewer").await;
    let both = || vec![Post::Reviewer, Post::Decider];
    let away = colleague(&city, &reviewer, "both-away", both()).await;
    let cover = colleague(&city, &reviewer, "both-cover", both()).await;
    let task = city.task(&away, number, "review").await;
    in_hand(&away, task).await;
    let today = city.app.ctx.clock.today();
    name_cover(&away, "cover-key", covering(&away, &cover, today, 4))
        .await
        .expect("named");
    for login in ["both-cover", "xfjy-reviewer", "sthj-reviewer"] {
        reviewed(&city, number, login).await;
    }
    let decider = city.person("dhscjg-decider").await;
    let task = city.task(&decider, number, "decide").await;
    for worn in [&away, &cover] {
        let granted = Decide {
            granted: true,
            reason: "依法".to_owned(),
        };
        let refused = decide(worn, on(task, "w", granted)).await;
        assert_eq!(
            refused.expect_err("four eyes").code(),
            "authority.four-eyes"
        );
    }
}
