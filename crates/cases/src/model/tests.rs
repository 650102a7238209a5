use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use tongban_codes::lists::FinishResult;
use tongban_kernel::OfficerId;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_772_000_000 + second).expect("a moment")
}

fn acceptance() -> Acceptance {
    Acceptance {
        on: date(2026, 3, 2),
        deemed: false,
    }
}

fn states() -> Vec<(&'static str, CaseState)> {
    let acceptance = acceptance();
    vec![
        ("received", CaseState::Received { at: at(0) }),
        ("supplementing", CaseState::Supplementing { since: at(0) }),
        (
            "accepted",
            CaseState::Accepted {
                acceptance: acceptance.clone(),
            },
        ),
        (
            "handling",
            CaseState::Handling {
                acceptance: acceptance.clone(),
            },
        ),
        (
            "special",
            CaseState::Special {
                acceptance: acceptance.clone(),
                since: at(0),
            },
        ),
        (
            "granted",
            CaseState::Concluded {
                acceptance: acceptance.clone(),
                verdict: Verdict::Granted,
                at: at(0),
            },
        ),
        (
            "denied",
            CaseState::Concluded {
                acceptance,
                verdict: Verdict::Denied,
                at: at(0),
            },
        ),
        (
            "ended",
            CaseState::Ended {
                ending: Ending::Refused,
                at: at(0),
            },
        ),
        ("annulled", CaseState::Annulled { at: at(0) }),
    ]
}

fn facts() -> Vec<(&'static str, CaseFact)> {
    let text = || "x".to_owned();
    vec![
        ("receive", CaseFact::Received),
        (
            "supplement?",
            CaseFact::SupplementRequested {
                notice_no: text(),
                items: vec![],
                due: date(2026, 3, 9),
            },
        ),
        ("supplement", CaseFact::Supplemented),
        ("pre-review", CaseFact::PreReviewed { opinion: text() }),
        (
            "accept",
            CaseFact::Accepted {
                on: date(2026, 3, 2),
                deemed: false,
                document_no: text(),
            },
        ),
        (
            "refuse",
            CaseFact::Refused {
                reason: text(),
                competent_organ: None,
            },
        ),
        ("handle", CaseFact::HandlingStarted),
        (
            "review",
            CaseFact::Reviewed {
                organ_name: text(),
                passed: true,
                opinion: text(),
            },
        ),
        (
            "special",
            CaseFact::SpecialStarted {
                kind: text(),
                days: 5,
                basis: text(),
                reason: text(),
            },
        ),
        ("resume", CaseFact::SpecialEnded { result: text() }),
        (
            "grant",
            CaseFact::Granted {
                reason: text(),
                tolerance: false,
            },
        ),
        (
            "deny",
            CaseFact::Denied {
                reason: text(),
                remedies: text(),
            },
        ),
        ("withdraw", CaseFact::Withdrawn { reason: text() }),
        ("annul", CaseFact::Annulled { reason: text() }),
        (
            "issue",
            CaseFact::LicenceIssued {
                identifier: text(),
                name: text(),
            },
        ),
        ("rate", CaseFact::Rated { level: 1 }),
        (
            "transfer",
            CaseFact::Transferred {
                task: text(),
                to: None,
                to_name: None,
                reason: text(),
            },
        ),
        (
            "back",
            CaseFact::SentBack {
                from: text(),
                to: text(),
                withdrawn: vec![],
                reason: text(),
            },
        ),
        ("redispatch", CaseFact::Redispatched),
        (
            "sign",
            CaseFact::Countersigned {
                organ_name: text(),
                agreed: true,
                opinion: text(),
            },
        ),
        (
            "signer+",
            CaseFact::SignerAdded {
                organ_name: text(),
                reason: text(),
            },
        ),
        (
            "signer-",
            CaseFact::SignerRemoved {
                organ_name: text(),
                reason: text(),
            },
        ),
        (
            "urge",
            CaseFact::Urged {
                tasks: vec![],
                reason: text(),
            },
        ),
        (
            "take-back",
            CaseFact::TakenBack {
                task: text(),
                withdrawn: vec![],
                reason: text(),
            },
        ),
        (
            "redirect",
            CaseFact::Redirected {
                withdrawn: vec![],
                to: text(),
                reason: text(),
            },
        ),
        (
            "terminate",
            CaseFact::Terminated {
                ground: Ground::BasisChanged,
                words: None,
                reason: text(),
                remedies: text(),
                document_no: text(),
                accepted: false,
            },
        ),
        (
            "delegate",
            CaseFact::Delegated {
                task: text(),
                to: "off_00000000000000000000000000000001"
                    .parse()
                    .expect("an id"),
                to_name: text(),
                reason: text(),
            },
        ),
        (
            "undelegate",
            CaseFact::DelegationEnded {
                task: text(),
                to: "off_00000000000000000000000000000001"
                    .parse()
                    .expect("an id"),
                to_name: text(),
                called_back: true,
                reason: text(),
            },
        ),
        (
            "repair",
            CaseFact::Repaired {
                step: text(),
                way: text(),
                detail: text(),
                reason: text(),
            },
        ),
        (
            "report",
            CaseFact::StepReported {
                step: text(),
                stage: text(),
                text: text(),
            },
        ),
    ]
}

/// Every fact in every state; `-` is a refusal.
#[test]
fn every_fact_in_every_state() {
    let mut table = String::new();
    for (name, state) in states() {
        let cells: Vec<String> = facts()
            .into_iter()
            .map(
                |(fact_name, fact)| match apply(Some(state.clone()), &fact, at(9)) {
                    Ok(next) => format!("{fact_name}→{}", next.code()),
                    Err(refusal) => {
                        assert_eq!(refusal.state, state.label());
                        String::new()
                    }
                },
            )
            .filter(|cell| !cell.is_empty())
            .collect();
        table += &format!("{name}: {}\n", cells.join(" "));
    }
    let expected = "\
received: supplement?→6 pre-review→1 accept→3 refuse→5 withdraw→2 transfer→1 back→1 urge→1 take-back→1 redirect→1 terminate→2 delegate→1 undelegate→1 repair→1 report→1
supplementing: supplement→1 withdraw→2 terminate→2 repair→6 report→6
accepted: handle→8 special→9 grant→11 deny→13 withdraw→14 transfer→3 back→3 urge→3 take-back→3 redirect→3 terminate→13 delegate→3 undelegate→3 repair→3 report→3
handling: pre-review→8 review→8 special→9 grant→11 deny→13 withdraw→14 transfer→8 back→8 redispatch→8 sign→8 signer+→8 signer-→8 urge→8 take-back→8 redirect→8 terminate→13 delegate→8 undelegate→8 repair→8 report→8
special: resume→8 withdraw→14 terminate→13 repair→9 report→9
granted: annul→15 issue→11 rate→11 repair→11 report→11
denied: rate→13 repair→13 report→13
ended: rate→5 repair→5 report→5
annulled: rate→15 repair→15 report→15
";
    assert_eq!(table, expected);
}

/// A termination is no denial: neither the state, nor the steps, nor the result of supervision say so.
#[test]
fn a_termination_is_no_denial() {
    let fact = facts().into_iter().find(|(name, _)| *name == "terminate");
    let (_, fact) = fact.expect("known");
    for (name, state) in states() {
        let open = state.is_open();
        let ended = apply(Some(state), &fact, at(9));
        assert_eq!(ended.is_ok(), open, "{name}");
        let Ok(ended) = ended else { continue };
        assert!(!ended.is_open());
        assert_eq!(ended.label(), "已终止办理");
        assert_eq!(ended.finish_result(), Some(FinishResult::Voided));
        let stages = six_stages(&ended, &[]);
        assert!(
            stages
                .iter()
                .all(|stage| !stage.current && stage.done_at.is_none())
        );
        assert!(apply(Some(ended), &fact, at(10)).is_err(), "once");
    }
    let denied = states().into_iter().find(|(name, _)| *name == "denied");
    assert_eq!(denied.expect("known").1.finish_result(), None);
}

#[test]
fn nothing_happens_before_the_receipt() {
    for (name, fact) in facts() {
        assert_eq!(
            apply(None, &fact, at(0)).is_ok(),
            name == "receive",
            "{name}"
        );
    }
}

proptest! {
    /// Whatever is tried in whatever order: no grant or denial without acceptance, and the record rebuilds the state.
    #[test]
    fn no_decision_without_acceptance(tries in proptest::collection::vec(0..facts().len(), 0..40)) {
        let (mut state, mut events) = (None, Vec::new());
        for (n, pick) in tries.into_iter().enumerate() {
            let (_, fact) = facts().swap_remove(pick);
            if let Ok(next) = apply(state.clone(), &fact, at(n as i64)) {
                state = Some(next);
                let by = By { role: String::new(), officer: None::<OfficerId>, organ: None, name: String::new(), basis: String::new(), behalf: None };
                events.push(CaseEvent { seq: events.len() as u32, at: at(n as i64), by, fact, leaf: String::new() });
            }
        }
        prop_assert_eq!(rebuild(&events).expect("what was accepted once is accepted again"), state);
        let accepted = events.iter().position(|event| matches!(event.fact, CaseFact::Accepted { .. }));
        let decided = events.iter().position(|event| matches!(event.fact, CaseFact::Granted { .. } | CaseFact::Denied { .. }));
        prop_assert!(decided.is_none() || accepted < decided && accepted.is_some());
    }
}
