//! Who may and who may not.

use super::*;
use crate::{Citizen, TypedId};
use uuid::Uuid;

fn organ(n: u128) -> OrganId {
    OrganId::from_uuid(Uuid::from_u128(n))
}
fn officer(n: u128, organ_n: u128, posts: &[Post]) -> Actor {
    Actor::Officer(Officer {
        officer: OfficerId::from_uuid(Uuid::from_u128(n)),
        organ: organ(organ_n),
        posts: posts.to_vec(),
    })
}
fn citizen(n: u128) -> Actor {
    Actor::Citizen(Citizen {
        person: PersonId::from_uuid(Uuid::from_u128(n)),
        enterprise: None,
        real_level: 2,
    })
}
fn case() -> CaseFacts {
    CaseFacts {
        applicant: Some(PersonId::from_uuid(Uuid::from_u128(1))),
        organs: vec![organ(10), organ(11)],
        task: Some((Post::Decider, organ(10))),
        handled_by: vec![OfficerId::from_uuid(Uuid::from_u128(100))],
        ..CaseFacts::default()
    }
}

#[test]
fn every_act_has_somebody_and_every_rule_a_basis() {
    for act in Act::ALL {
        assert!(
            RULES.iter().any(|rule| rule.act == *act),
            "nobody may {act:?}"
        );
    }
    assert!(RULES.iter().all(|rule| !rule.basis.is_empty()));
}

#[test]
fn a_decision_needs_the_post_the_organ_and_fresh_eyes() {
    let case = case();
    let on = Resource::Case(&case);
    let ok = authorize(&officer(101, 10, &[Post::Decider]), Act::Decide, on)
        .expect("decider of the organ");
    assert_eq!(ok.basis, "行政许可法第三十七条、第三十八条");
    assert_eq!(
        authorize(&officer(100, 10, &[Post::Decider]), Act::Decide, on),
        Err(Denied::FourEyes)
    );
    let other_organ = authorize(&officer(102, 11, &[Post::Decider]), Act::Decide, on);
    assert_eq!(other_organ, Err(Denied::Forbidden(Act::Decide)));
    let reviewer = authorize(&officer(103, 10, &[Post::Reviewer]), Act::Decide, on);
    assert_eq!(reviewer, Err(Denied::Forbidden(Act::Decide)));
    assert_eq!(
        authorize(&officer(104, 12, &[Post::Decider]), Act::Decide, on),
        Err(Denied::Hidden)
    );
    assert_eq!(
        authorize(&citizen(1), Act::Decide, on),
        Err(Denied::Forbidden(Act::Decide))
    );
    assert_eq!(authorize(&citizen(2), Act::Decide, on), Err(Denied::Hidden));
    assert_eq!(
        authorize(&Actor::Anonymous, Act::Decide, on),
        Err(Denied::NotLoggedIn)
    );
}

#[test]
fn an_agent_sees_the_cases_of_the_enterprise_but_not_of_the_person() {
    let enterprise = EnterpriseId::from_uuid(Uuid::from_u128(7));
    let own = CaseFacts {
        enterprise: Some(enterprise),
        ..case()
    };
    assert_eq!(
        authorize(&citizen(1), Act::ViewCase, Resource::Case(&own)),
        Err(Denied::Hidden)
    );
    let agent = Actor::Citizen(Citizen {
        person: PersonId::from_uuid(Uuid::from_u128(9)),
        enterprise: Some(enterprise),
        real_level: 2,
    });
    assert!(authorize(&agent, Act::ViewCase, Resource::Case(&own)).is_ok());
    assert_eq!(
        authorize(&agent, Act::ViewCase, Resource::Case(&case())),
        Err(Denied::Hidden)
    );
}

#[test]
fn a_task_in_hand_is_done_by_that_officer_alone() {
    let case = CaseFacts {
        lead: Some(organ(10)),
        assigned: Some(OfficerId::from_uuid(Uuid::from_u128(101))),
        ..case()
    };
    let on = Resource::Case(&case);
    let decider = |n| officer(n, 10, &[Post::Decider]);
    for act in [Act::Decide, Act::SendBack] {
        assert!(authorize(&decider(101), act, on).is_ok(), "{act:?}");
        assert_eq!(authorize(&decider(102), act, on), Err(Denied::Elsewhere));
    }
    // Four eyes come first: who handled the case is told so, in hand or not.
    assert_eq!(
        authorize(&decider(100), Act::Decide, on),
        Err(Denied::FourEyes)
    );
    // Only an order of who leads the organ of the task takes it out of a hand.
    assert!(authorize(&decider(102), Act::Transfer, on).is_ok());
    assert_eq!(
        authorize(&officer(105, 11, &[Post::Decider]), Act::Transfer, on),
        Err(Denied::Forbidden(Act::Transfer))
    );
}

#[test]
fn orders_about_the_process_are_for_the_organ_that_decides() {
    let case = CaseFacts {
        lead: Some(organ(10)),
        ..case()
    };
    let on = Resource::Case(&case);
    for (act, post) in [
        (Act::Redirect, Post::ItemManager),
        (Act::ChangeSigners, Post::Reviewer),
        (Act::Urge, Post::Reviewer),
    ] {
        assert!(authorize(&officer(101, 10, &[post]), act, on).is_ok());
        assert_eq!(
            authorize(&officer(102, 11, &[post]), act, on),
            Err(Denied::Forbidden(act))
        );
        assert_eq!(
            authorize(&officer(103, 10, &[Post::SystemAdmin]), act, on),
            Err(Denied::Forbidden(act))
        );
    }
    assert!(authorize(&citizen(1), Act::Urge, on).is_ok());
    assert_eq!(authorize(&citizen(2), Act::Urge, on), Err(Denied::Hidden));
}

#[test]
fn a_delegated_task_is_done_by_the_delegate_and_four_eyes_see_both() {
    let who = |n| OfficerId::from_uuid(Uuid::from_u128(n));
    let mut case = CaseFacts {
        assigned: Some(who(102)),
        delegator: Some(who(101)),
        ..case()
    };
    let decider = |n| officer(n, 10, &[Post::Decider]);
    let may = |case: &CaseFacts, n, act| authorize(&decider(n), act, Resource::Case(case));
    assert!(may(&case, 102, Act::Decide).is_ok());
    assert_eq!(may(&case, 101, Act::Decide), Err(Denied::Elsewhere));
    for party in [101, 102] {
        assert!(may(&case, party, Act::EndDelegation).is_ok(), "{party}");
    }
    assert_eq!(may(&case, 103, Act::EndDelegation), Err(Denied::Elsewhere));
    // Whoever delegates was not one of those who handled the case, and neither was the delegate.
    case.handled_by = vec![who(101)];
    assert_eq!(may(&case, 102, Act::Decide), Err(Denied::FourEyes));
    case.handled_by = vec![who(102)];
    assert_eq!(may(&case, 102, Act::Decide), Err(Denied::FourEyes));
    case.assigned = Some(who(101));
    case.delegator = None;
    assert_eq!(may(&case, 102, Act::Delegate), Err(Denied::FourEyes));
    case.handled_by = vec![who(101)];
    assert_eq!(may(&case, 101, Act::Delegate), Err(Denied::FourEyes));
}

#[test]
fn who_covers_does_the_tasks_in_hand_of_the_absent_and_no_others() {
    let who = |n| OfficerId::from_uuid(Uuid::from_u128(n));
    let mut case = CaseFacts {
        assigned: Some(who(101)),
        covered_by: Some(who(102)),
        handled_by: Vec::new(),
        ..case()
    };
    let may = |case: &CaseFacts, n, posts: &[Post]| {
        authorize(&officer(n, 10, posts), Act::Decide, Resource::Case(case))
    };
    assert!(may(&case, 102, &[Post::Decider]).is_ok());
    assert!(may(&case, 101, &[Post::Decider]).is_ok(), "back earlier");
    assert_eq!(may(&case, 103, &[Post::Decider]), Err(Denied::Elsewhere));
    assert_eq!(
        may(&case, 102, &[Post::Reviewer]),
        Err(Denied::Forbidden(Act::Decide)),
        "a cover has no post that is not theirs"
    );
    case.handled_by = vec![who(101)];
    assert_eq!(may(&case, 102, &[Post::Decider]), Err(Denied::FourEyes));
}

#[test]
fn a_cover_is_named_by_oneself_the_decider_of_the_organ_or_the_account_manager() {
    let one = OfficerFacts {
        officer: OfficerId::from_uuid(Uuid::from_u128(101)),
        organ: organ(10),
    };
    let may = |n, at, post| {
        authorize(
            &officer(n, at, &[post]),
            Act::NameCover,
            Resource::Officer(&one),
        )
        .is_ok()
    };
    assert!(may(101, 10, Post::Reviewer));
    assert!(may(102, 10, Post::Decider));
    assert!(may(103, 12, Post::SecurityAdmin));
    assert!(!may(102, 10, Post::Reviewer));
    assert!(!may(102, 11, Post::Decider));
    assert!(!may(104, 10, Post::SystemAdmin));
}

#[test]
fn a_case_is_ended_by_a_decider_of_the_organ_that_decides() {
    let case = CaseFacts {
        lead: Some(organ(10)),
        ..case()
    };
    let on = Resource::Case(&case);
    assert!(authorize(&officer(100, 10, &[Post::Decider]), Act::Terminate, on).is_ok());
    for other in [
        officer(101, 11, &[Post::Decider]),
        officer(102, 10, &[Post::Reviewer]),
        officer(103, 10, &[Post::ItemManager]),
        citizen(1),
    ] {
        assert_eq!(
            authorize(&other, Act::Terminate, on),
            Err(Denied::Forbidden(Act::Terminate))
        );
    }
}

#[test]
fn who_is_asked_or_copied_sees_the_case_and_does_nothing_else() {
    let case = CaseFacts {
        asked: vec![(Post::Reviewer, organ(20))],
        copied: vec![OfficerId::from_uuid(Uuid::from_u128(301))],
        ..case()
    };
    let on = Resource::Case(&case);
    let asked = officer(200, 20, &[Post::Reviewer]);
    let copied = officer(301, 30, &[Post::Decider]);
    assert!(authorize(&asked, Act::GiveOpinion, on).is_ok());
    for guest in [&asked, &copied] {
        assert!(authorize(guest, Act::ViewCase, on).is_ok());
        for act in Act::ALL {
            let known = matches!(
                act,
                Act::ViewCase | Act::GiveOpinion | Act::ViewWorkbench | Act::ViewRatings
            );
            assert!(known || authorize(guest, *act, on).is_err(), "{act:?}");
        }
    }
    // Another post of the asked organ, a colleague of who was copied, and the copied one as a giver of opinions.
    for stranger in [
        officer(201, 20, &[Post::Decider]),
        officer(302, 30, &[Post::Decider]),
    ] {
        assert_eq!(authorize(&stranger, Act::ViewCase, on), Err(Denied::Hidden));
    }
    assert_eq!(
        authorize(&copied, Act::GiveOpinion, on),
        Err(Denied::Forbidden(Act::GiveOpinion))
    );
}
