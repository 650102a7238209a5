//! 征求意见 and 抄送: who asks and who answers, what guests see and until when, and that nothing of it holds the process up.

use tongban_cases::model::{AdviceFact, CaseFact, OpinionState, Stance};
use tongban_cases::{
    AskOpinion, Decide, GiveOpinion, SendCopy, ask_opinion, case_by_number, case_desk, case_grid,
    copy_desk, decide, give_opinion, looks, my_copies, my_opinions, open_copy, opinion_desk,
    send_copy,
};
use tongban_kernel::{Actor, ErrorKind, OrganId, Post};
use tongban_storage::Ctx;

use super::{REVIEWERS, kind, officer_of, on, reviewed, seen};
use crate::city::{City, in_the_city};

in_the_city!(
    an_opinion_is_asked_and_given_and_binds_nobody,
    of_two_who_answer_at_once_one_is_told,
    an_open_request_closes_with_its_case,
    a_copy_shows_a_case_and_its_first_look_is_the_receipt,
);

fn organ_of(ctx: &Ctx) -> OrganId {
    match &ctx.actor {
        Actor::Officer(officer) => officer.organ,
        other => panic!("{other:?}"),
    }
}

fn asks(organ: OrganId) -> AskOpinion {
    AskOpinion {
        organ,
        post: Post::Reviewer,
        question: "是否影响道路".to_owned(),
        days: 3,
    }
}

fn objects() -> GiveOpinion {
    GiveOpinion {
        stance: Stance::Object,
        opinion: "占道".to_owned(),
    }
}

async fn an_opinion_is_asked_and_given_and_binds_nobody(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.passed(number).await;
    city.accepted(number).await;
    let lead = city.person("dhscjg-reviewer").await;
    let asked = city.person("dhjtys-reviewer").await;
    let task = city.task(&lead, number, "review").await;
    let what = asks(organ_of(&asked));
    let (before, _) = seen(&citizen, number, receipt.case).await;
    let hidden = case_by_number(&asked, number).await;
    assert_eq!(kind(hidden), ErrorKind::NotFound);
    // Only who has the task in hand asks, for so many days, somebody who is there.
    let other = city.person("xfjy-reviewer").await;
    let refused = ask_opinion(&other, on(task, "x", what.clone())).await;
    assert_eq!(kind(refused), ErrorKind::NotAllowed);
    for days in [0, 31] {
        let wish = AskOpinion {
            days,
            ..what.clone()
        };
        assert_eq!(
            kind(ask_opinion(&lead, on(task, "d", wish)).await),
            ErrorKind::Invalid
        );
    }
    for _ in 0..2 {
        let wish = on(task, "ask", what.clone());
        assert_eq!(
            ask_opinion(&lead, wish)
                .await
                .expect("asked once, repeated"),
            number
        );
    }
    let nobody = AskOpinion {
        post: Post::Issuer,
        ..what.clone()
    };
    let nobody = ask_opinion(&lead, on(task, "nobody", nobody)).await;
    assert_eq!(kind(nobody), ErrorKind::Invalid, "a post that is not asked");
    let again = ask_opinion(&lead, on(task, "again", what)).await;
    assert_eq!(kind(again), ErrorKind::Invalid, "asked already");
    let (open, fact) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, before, "nothing waits for it");
    assert!(matches!(
        fact,
        CaseFact::Advice(AdviceFact::OpinionAsked { .. })
    ));
    // The post that is asked sees the case, each look with its purpose; nobody else does, and nothing else.
    case_desk(&asked, number).await.expect("sees it now");
    assert_eq!(
        kind(case_grid(&asked, number).await),
        ErrorKind::NotFound,
        "not what others say"
    );
    let colleague = super::colleague(&city, &asked, "dhjtys-window", vec![Post::Counter]).await;
    let hidden = case_by_number(&colleague, number).await;
    assert_eq!(kind(hidden), ErrorKind::NotFound, "another post");
    let ask = ask_opinion(&asked, on(task, "guest", asks(organ_of(&lead)))).await;
    assert_eq!(kind(ask), ErrorKind::NotAllowed, "a guest orders nothing");
    let seen_by = looks(&citizen, number).await.expect("told");
    assert!(
        seen_by.iter().any(|look| look.purpose == "答复征求意见"),
        "{seen_by:?}"
    );
    let mine = my_opinions(&asked, 10).await.expect("listed");
    let request = mine.first().expect("one").item.clone();
    assert_eq!(request.state, OpinionState::Open);
    // Monday and three working days.
    let due = city.app.ctx.clock.today() + jiff::ToSpan::days(3);
    assert_eq!(request.due_on, due);
    let desk = opinion_desk(&asked, request.id).await.expect("a desk");
    assert_eq!(desk.question, "是否影响道路");
    let object = format!("opinion/{}", request.id);
    let seen_by = looks(&citizen, number).await.expect("told");
    assert!(seen_by.iter().any(|look| look.object == object));
    let not_asked = give_opinion(&other, "other-answer", request.id, objects()).await;
    assert_eq!(kind(not_asked), ErrorKind::NotFound);
    let silent = GiveOpinion {
        stance: Stance::Object,
        opinion: " ".to_owned(),
    };
    let silent = give_opinion(&asked, "silent-answer", request.id, silent).await;
    assert_eq!(kind(silent), ErrorKind::Invalid, "whoever objects says why");
    for _ in 0..2 {
        let given = give_opinion(&asked, "the-answer", request.id, objects()).await;
        assert_eq!(given.expect("given once, repeated"), number);
    }
    let twice = give_opinion(&asked, "one-more", request.id, objects()).await;
    assert_eq!(kind(twice), ErrorKind::Conflict);
    let (open, fact) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, before, "an objection binds nobody");
    assert!(matches!(
        fact,
        CaseFact::Advice(AdviceFact::OpinionGiven {
            stance: Stance::Object,
            ..
        })
    ));
    let hidden = case_by_number(&asked, number).await;
    assert_eq!(kind(hidden), ErrorKind::NotFound, "asked no longer");
    let told = case_desk(&lead, number).await.expect("told").beside;
    assert_eq!(told.opinions[0].opinion, "占道");
}

async fn of_two_who_answer_at_once_one_is_told(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let clerk = city.person("zhouchuang").await;
    let first = city.person("dhjtys-reviewer").await;
    let second = super::colleague(&city, &first, "dhjtys-second", vec![Post::Reviewer]).await;
    let task = city.task(&clerk, number, "pre-review").await;
    ask_opinion(&clerk, on(task, "ask", asks(organ_of(&first))))
        .await
        .expect("asked");
    let request = my_opinions(&first, 10).await.expect("listed")[0].item.id;
    let (one, two) = tokio::join!(
        give_opinion(&first, "first-answer", request, objects()),
        give_opinion(&second, "second-answer", request, objects()),
    );
    let (ok, failed): (Vec<_>, Vec<_>) = [one, two].into_iter().partition(Result::is_ok);
    assert_eq!((ok.len(), failed.len()), (1, 1));
    for error in failed {
        assert_eq!(kind(error), ErrorKind::Conflict);
    }
    let record = case_by_number(&citizen, number).await.expect("seen").events;
    let given = record
        .iter()
        .filter(|one| one.event.fact.name() == "opinion-given");
    assert_eq!(given.count(), 1);
}

async fn an_open_request_closes_with_its_case(city: City) {
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let asked = city.person("dhjtys-reviewer").await;
    city.passed(number).await;
    city.accepted(number).await;
    for login in REVIEWERS {
        reviewed(&city, number, login).await;
    }
    let decider = city.person("dhscjg-decider").await;
    let task = city.task(&decider, number, "decide").await;
    ask_opinion(&decider, on(task, "ask", asks(organ_of(&asked))))
        .await
        .expect("asked");
    let request = my_opinions(&asked, 10).await.expect("listed")[0].item.id;
    let what = Decide {
        granted: true,
        reason: "依法".to_owned(),
    };
    decide(&decider, on(task, "decide", what))
        .await
        .expect("not held up");
    let mine = my_opinions(&asked, 10).await.expect("listed");
    assert_eq!(mine[0].item.state, OpinionState::Closed);
    let late = give_opinion(&asked, "late-answer", request, objects()).await;
    assert_eq!(kind(late), ErrorKind::Conflict);
    let hidden = case_by_number(&asked, number).await;
    assert_eq!(kind(hidden), ErrorKind::NotFound);
    assert_eq!(
        kind(opinion_desk(&asked, request).await),
        ErrorKind::Conflict
    );
}

async fn a_copy_shows_a_case_and_its_first_look_is_the_receipt(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.passed(number).await;
    city.accepted(number).await;
    let lead = city.person("dhscjg-reviewer").await;
    let told = city.person("sthj-reviewer").await;
    let stranger = city.person("dhjtys-reviewer").await;
    let task = city.task(&lead, number, "review").await;
    let to = |who: &[&Ctx]| SendCopy {
        to: who.iter().map(|one| officer_of(one)).collect(),
        note: "请知悉".to_owned(),
    };
    let desk = copy_desk(&lead, task).await.expect("a desk");
    assert!(
        desk.receivers
            .iter()
            .any(|(one, _)| one.id == officer_of(&told))
    );
    assert!(
        desk.receivers
            .iter()
            .all(|(one, _)| one.id != officer_of(&stranger))
    );
    for (n, (what, why)) in [
        (to(&[&stranger]), "no hand in the case"),
        (to(&[&told, &stranger]), "one of them has none"),
        (to(&[&lead]), "oneself"),
        (to(&[]), "nobody"),
    ]
    .into_iter()
    .enumerate()
    {
        let refused = send_copy(&lead, on(task, &format!("wrong-{n}"), what)).await;
        assert_eq!(refused.expect_err(why).code(), "copy.to", "{why}");
    }
    let refused = send_copy(&told, on(task, "not-mine", to(&[&lead]))).await;
    assert_eq!(kind(refused), ErrorKind::NotAllowed);
    assert!(my_copies(&told, 10).await.expect("listed").is_empty());
    for _ in 0..2 {
        send_copy(&lead, on(task, "copy", to(&[&told])))
            .await
            .expect("sent once, repeated");
    }
    let (_, fact) = seen(&citizen, number, receipt.case).await;
    assert!(matches!(&fact, CaseFact::Advice(AdviceFact::Copied { to, .. }) if to.len() == 1));
    // Whoever was told keeps the sight of it where the organ's own hand is gone one day.
    let guests = case_by_number(&lead, number)
        .await
        .expect("seen")
        .case
        .guests;
    assert_eq!(guests.copied, [officer_of(&told)]);
    let mine = my_copies(&told, 10).await.expect("listed");
    assert_eq!(mine.len(), 1);
    let copy = mine[0].item.id;
    assert_eq!(mine[0].item.read_at, None);
    for other in [&lead, &stranger] {
        assert_eq!(kind(open_copy(other, copy).await), ErrorKind::NotFound);
    }
    city.clock.advance(jiff::SignedDuration::from_mins(5));
    let view = open_copy(&told, copy).await.expect("opened");
    assert_eq!(view.note, "请知悉");
    let first = my_copies(&told, 10).await.expect("listed")[0].item.read_at;
    assert!(first.is_some());
    city.clock.advance(jiff::SignedDuration::from_mins(5));
    open_copy(&told, copy).await.expect("opened again");
    let beside = case_desk(&lead, number).await.expect("told").beside;
    assert_eq!(
        beside.copies[0].copy.read_at, first,
        "the first look is the receipt"
    );
    let seen_by = looks(&citizen, number).await.expect("told");
    assert!(
        seen_by.iter().any(|look| look.purpose == "抄送"),
        "{seen_by:?}"
    );
}
