//! Random orders of all acts over the whole product. After each: the record replays to the state, the rows of tasks and timers are what
//! the process says, nothing lives after the end, a refusal has written nothing, and nothing ends in an internal error.

use tongban_cases::model::{OpinionState, Place, Stance};
use tongban_cases::{
    Accept, AddSigner, AskOpinion, AskSigner, Countersign, Decide, GiveOpinion, OnTask, Pass,
    Redirect, RemoveSigner, Review, SendBack, SendCopy, StartSpecial, Transfer, Urge, accept,
    add_signer, ask_opinion, ask_signer, audit_case, case_by_number, countersign, decide,
    end_special, give_opinion, inbox, my_opinions, pass_pre_review, redirect, remove_signer,
    review, send_back, send_copy, start_special, take_back, transfer, urge,
};
use tongban_kernel::{Actor, CaseId, ErrorKind, OrganId, Post, Result, TaskId};
use tongban_limits::SuspensionReason;
use tongban_process::Status;
use tongban_storage::{Ctx, params};

use super::officer_of;
use crate::city::{City, in_the_city};

in_the_city!(
    any_order_of_acts_leaves_the_reference_process_whole,
    any_order_of_acts_leaves_the_countersign_whole,
);

/// Acts of one case.
const ACTS: u32 = 45;

/// A row of numbers that looks random and is always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % n.max(1)
    }
}

struct Play {
    people: Vec<Ctx>,
    decider: Ctx,
    keeper: Ctx,
    lead: Ctx,
    guest: Ctx,
    citizen: Ctx,
    case: CaseId,
    number: String,
    step: u32,
}

fn organ_of(ctx: &Ctx) -> OrganId {
    match &ctx.actor {
        Actor::Officer(officer) => officer.organ,
        other => panic!("{other:?}"),
    }
}

impl Play {
    fn key(&self) -> String {
        format!("play-{}-{}", self.case, self.step)
    }

    fn on<T>(&self, task: TaskId, what: T) -> OnTask<T> {
        OnTask {
            task,
            key: self.key(),
            what,
        }
    }

    /// Everything that an act may write: a refused one leaves it.
    async fn written(&self) -> (i64, u32, Vec<String>, String) {
        let view = case_by_number(&self.lead, &self.number)
            .await
            .expect("seen");
        let tasks = view.tasks.iter().map(|one| format!("{:?}", one.task));
        let case = &view.case;
        let state = serde_json::to_string(&case.process).expect("JSON");
        (case.revision, case.event_n, tasks.collect(), state)
    }

    async fn act(&self, dice: &mut Dice) -> Result<String> {
        let reason = || "理由".to_owned();
        let mut mine = Vec::new();
        for who in &self.people {
            for line in inbox(who, 100).await.expect("an inbox") {
                if line.case.project_no == self.number {
                    mine.push((who, line.task, line.act));
                }
            }
        }
        let chosen = mine.get(dice.below(mine.len()));
        let someone = &self.people[dice.below(self.people.len())];
        let who = chosen.map_or(someone, |(who, ..)| *who);
        let task = chosen.map(|(_, task, act)| (*task, act.clone()));
        let yes = dice.below(4) > 0;
        let place = [Place::Beside, Place::Before, Place::After][dice.below(3)];
        let verb = dice.below(24);
        match (verb, task) {
            (0..=9, Some((task, act))) => match act.as_str() {
                "pre-review" => {
                    let what = Pass { opinion: reason() };
                    pass_pre_review(who, self.on(task, what)).await
                }
                "accept" => accept(who, self.on(task, Accept {})).await,
                "review" => {
                    let what = Review {
                        passed: yes,
                        opinion: reason(),
                    };
                    review(who, self.on(task, what)).await
                }
                "countersign" => {
                    let what = Countersign {
                        agreed: yes,
                        opinion: reason(),
                    };
                    countersign(who, self.on(task, what)).await
                }
                _ => {
                    let what = Decide {
                        granted: yes,
                        reason: reason(),
                    };
                    decide(who, self.on(task, what)).await
                }
            },
            (10, Some((task, _))) => {
                let to = Some(officer_of(&self.people[dice.below(self.people.len())]));
                transfer(
                    who,
                    self.on(
                        task,
                        Transfer {
                            to,
                            reason: reason(),
                        },
                    ),
                )
                .await
            }
            (11 | 12, Some((task, _))) => {
                let to = ["pre_review", "accept", "review_1", "decide"][dice.below(4)].to_owned();
                send_back(
                    who,
                    self.on(
                        task,
                        SendBack {
                            to,
                            reason: reason(),
                        },
                    ),
                )
                .await
            }
            (13, Some((task, _))) => {
                let what = AskOpinion {
                    organ: organ_of(&self.guest),
                    post: Post::Reviewer,
                    question: reason(),
                    days: 2,
                };
                ask_opinion(who, self.on(task, what)).await
            }
            (14, Some((task, _))) => {
                let to = vec![officer_of(&self.decider)];
                send_copy(who, self.on(task, SendCopy { to, note: reason() })).await
            }
            (15 | 16, Some((task, _))) => {
                let what = AskSigner {
                    organ: organ_of(&self.guest),
                    place,
                    days: None,
                    reason: reason(),
                };
                ask_signer(who, self.on(task, what)).await
            }
            (verb, _) => self.order(dice, who, verb, place).await,
        }
    }

    /// Orders that need no task in hand.
    async fn order(&self, dice: &mut Dice, who: &Ctx, verb: usize, place: Place) -> Result<String> {
        let reason = || "理由".to_owned();
        let key = self.key();
        let view = case_by_number(&self.lead, &self.number)
            .await
            .expect("seen");
        match verb {
            17 => {
                let closed = view.tasks.iter().filter(|one| !one.task.open);
                let closed: Vec<_> = closed.map(|one| one.task.id).collect();
                match closed.get(dice.below(closed.len())) {
                    Some(task) => take_back(who, &key, *task, reason()).await,
                    None => Ok(String::new()),
                }
            }
            18 | 19 => {
                let others = [&self.guest, who];
                let what = AddSigner {
                    organ: organ_of(others[dice.below(2)]),
                    reason: reason(),
                    place,
                    weight: None,
                };
                add_signer(&self.lead, &key, self.case, what).await
            }
            20 => {
                let open = view.tasks.iter().filter(|one| one.task.open);
                let open: Vec<_> = open.map(|one| one.task.id).collect();
                let Some(task) = open.get(dice.below(open.len())) else {
                    return Ok(String::new());
                };
                let what = RemoveSigner {
                    task: *task,
                    reason: reason(),
                };
                remove_signer(&self.lead, &key, self.case, what).await
            }
            21 => {
                let what = Urge {
                    task: None,
                    reason: reason(),
                };
                urge(&self.citizen, &key, self.case, what).await
            }
            22 => {
                let to = ["pre_review", "accept", "review_split", "decide"][dice.below(4)];
                let what = Redirect {
                    to: to.to_owned(),
                    reason: reason(),
                };
                redirect(&self.keeper, &key, self.case, what).await
            }
            _ if dice.below(2) == 0 => {
                let what = StartSpecial {
                    kind: SuspensionReason::Hearing,
                    days: 5,
                    reason: reason(),
                };
                start_special(&self.lead, self.case, what).await?;
                // The process stands still; it is tried in every way that nothing moves it.
                let before = self.written().await;
                let tried = Box::pin(self.act(dice)).await;
                if tried.is_err() {
                    assert_eq!(self.written().await, before, "a refusal wrote");
                }
                end_special(&self.lead, self.case, reason()).await
            }
            _ => {
                let asked = my_opinions(&self.guest, 50).await.expect("listed");
                let mine = |one: &&tongban_cases::WithCase<_>| one.project_no == self.number;
                let mut open = asked.iter().filter(mine);
                let Some(one) = open.find(|one| one.item.state == OpinionState::Open) else {
                    return Ok(String::new());
                };
                let what = GiveOpinion {
                    stance: Stance::Agree,
                    opinion: reason(),
                };
                give_opinion(&self.guest, &key, one.item.id, what).await
            }
        }
    }

    /// What must hold after every act.
    async fn check(&self) {
        assert!(
            audit_case(&self.lead, self.case).await.expect("audited"),
            "record"
        );
        let view = case_by_number(&self.lead, &self.number)
            .await
            .expect("seen");
        let state = &view.case.process;
        let mut said: Vec<u64> = state.open_tasks().map(|(task, _)| task).collect();
        let open = view.tasks.iter().filter(|one| one.task.open);
        let mut rows: Vec<u64> = open.map(|one| one.task.number).collect();
        said.sort_unstable();
        rows.sort_unstable();
        assert_eq!(rows, said, "tasks");
        let case = self.case;
        let mut timers: Vec<u64> = self
            .lead
            .db
            .read(move |tx| {
                tx.all(
                    "SELECT number FROM process_timer WHERE case_id = $1 ORDER BY number LIMIT 100",
                    params![case],
                    |row| row.get(0),
                )
            })
            .await
            .expect("read");
        let mut armed: Vec<u64> = state.timers().map(|timer| timer.id).collect();
        timers.sort_unstable();
        armed.sort_unstable();
        assert_eq!(timers, armed, "timers");
        if state.status == Status::Ended {
            assert!(rows.is_empty() && timers.is_empty() && state.tokens.is_empty());
        }
        if !view.case.state.is_open() {
            assert!(rows.is_empty(), "{rows:?}");
            assert!(
                view.case.guests.asked.is_empty(),
                "nobody is asked any more"
            );
        }
    }
}

async fn play(city: &City, process: Option<&str>, seed: u64) {
    if let Some(process) = process {
        city.runs(process).await;
    }
    let decider = city.person("dhscjg-decider").await;
    let lead = city.person("dhscjg-reviewer").await;
    let keeper = city.person("dhscjg-item-manager").await;
    let guest = city.person("dhjtys-reviewer").await;
    let mut people = Vec::new();
    for login in [
        "zhouchuang",
        "dhscjg-acceptor",
        "dhscjg-reviewer",
        "xfjy-reviewer",
        "sthj-reviewer",
        "dhjtys-reviewer",
        "dhscjg-decider",
    ] {
        people.push(city.person(login).await);
    }
    let mut done = 0_usize;
    for case in 0..5 {
        let (citizen, receipt) = city.submitted_with(&format!("random-{case}")).await;
        let mut play = Play {
            people: people.clone(),
            decider: decider.clone(),
            keeper: keeper.clone(),
            lead: lead.clone(),
            guest: guest.clone(),
            citizen,
            case: receipt.case,
            number: receipt.project_no.clone(),
            step: 0,
        };
        let mut dice = Dice(seed.wrapping_add(case).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        for step in 0..ACTS {
            play.step = step;
            let before = play.written().await;
            let outcome = play.act(&mut dice).await;
            match outcome {
                Ok(_) => done += usize::from(play.written().await != before),
                Err(error) => {
                    let known = matches!(
                        error.kind(),
                        ErrorKind::Conflict
                            | ErrorKind::Invalid
                            | ErrorKind::NotAllowed
                            | ErrorKind::NotFound
                    );
                    assert!(known, "step {step}: {error:?}");
                    assert_eq!(play.written().await, before, "a refusal wrote: {error}");
                }
            }
            play.check().await;
            let view = case_by_number(&lead, &play.number).await.expect("seen");
            if !view.case.state.is_open() {
                break;
            }
        }
    }
    assert!(done > 30, "only {done} acts were possible");
}

async fn any_order_of_acts_leaves_the_reference_process_whole(city: City) {
    play(&city, None, 11).await;
}

async fn any_order_of_acts_leaves_the_countersign_whole(city: City) {
    play(&city, Some("licence-approval-countersign"), 23).await;
}
