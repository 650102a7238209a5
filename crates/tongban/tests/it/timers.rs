//! Timers of processes follow the clocks of their case and the calendar, and fire once, on both engines.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::{Date, date};
use tongban_cases::{
    Accept, CalendarEdit, ChangeCalendar, DayWish, Pass, StartSpecial, Urge, accept,
    change_calendar, end_special, fire_timers, pass_pre_review, recount_due, start_special, urge,
};
use tongban_kernel::CaseId;
use tongban_limits::{Calendar, SuspensionReason};
use tongban_storage::{Ctx, params};

use crate::city::{City, in_the_city, on};
use crate::processes::{flow, open, process, runs, task};

in_the_city!(
    timers_follow_the_clocks_of_their_case_and_the_calendar,
    timers_fire_once_whoever_fires_them,
);

fn timer(id: &str, on: &str, calendar: &str, kind: &str, value: &str) -> String {
    let calendar = match calendar {
        "" => String::new(),
        other => format!(" tb:calendar=\"{other}\""),
    };
    format!(
        "<bpmn:boundaryEvent id=\"{id}\" attachedToRef=\"{on}\" cancelActivity=\"false\"><bpmn:timerEventDefinition{calendar}><bpmn:{kind}>{value}</bpmn:{kind}></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )
}

fn user(id: &str, post: &str, act: &str) -> String {
    format!("<bpmn:userTask id=\"{id}\" name=\"{id}\" tb:post=\"{post}\" tb:act=\"{act}\"/>")
}

/// After acceptance a task with a timer of each kind; beside it, from the beginning, one that counts by the limit.
fn all_kinds() -> String {
    let mut inner = [
        user("pre_review", "counter", "pre-review"),
        user("accept", "acceptor", "accept"),
        user("work", "reviewer", "review"),
        user("beside", "reviewer", "review"),
        timer("early", "beside", "limit", "timeDuration", "P1D"),
        timer("days", "work", "working", "timeDuration", "P5D"),
        timer("hours", "work", "office", "timeDuration", "PT24H"),
        timer("limit", "work", "limit", "timeDuration", "-P2D"),
        timer("natural", "work", "", "timeDuration", "P10D"),
        flow("s", "pre_review"),
        flow("s", "beside"),
        flow("pre_review", "accept"),
        flow("accept", "work"),
    ]
    .concat();
    for id in ["days", "hours", "limit", "natural", "early"] {
        inner += &task(&format!("after_{id}"));
        inner += &flow(id, &format!("after_{id}"));
    }
    process("kinds", &inner)
}

/// Local date and time of day of the armed timers, by their rules; fixed moments as `at`.
async fn dues(city: &City) -> Vec<(String, String)> {
    let read = city.app.ctx.db.read(|tx| {
        tx.all(
            "SELECT COALESCE(rule, 'at'), due_at FROM process_timer WHERE case_id <> 'none' ORDER BY 1, 2",
            params![],
            |row| {
                let at: jiff::Timestamp = row.get(1)?;
                let local = tongban_limits::to_local(at);
                Ok((row.get(0)?, local.strftime("%m-%d %H:%M").to_string()))
            },
        )
    });
    read.await.expect("read")
}

async fn due(city: &City, rule: &str) -> String {
    let all = dues(city).await;
    let found = all.iter().find(|(name, _)| name.contains(rule));
    found
        .unwrap_or_else(|| panic!("no {rule} in {all:?}"))
        .1
        .clone()
}

/// The last second of the working day that lies so many working days from the promised limit.
async fn by_limit(city: &City, days: i32) -> String {
    let calendar = Calendar::shipped();
    let limit: Date = crate::admin::one(city, "SELECT promise_due FROM case_file").await;
    let day = match u32::try_from(days) {
        Ok(days) => calendar.nth_working_day(limit, days),
        Err(_) => calendar.nth_working_day_before(limit, days.unsigned_abs()),
    };
    format!("{} 23:59", day.expect("a day").strftime("%m-%d"))
}

async fn accepted(city: &City) -> (Ctx, CaseId, String) {
    runs(city, "kinds", all_kinds()).await;
    let (citizen, receipt) = city.submitted_with("kinds").await;
    assert_eq!(due(city, "limit").await, "03-03 23:59", "no limit runs yet");
    let clerk = city.person("zhouchuang").await;
    let number = receipt.project_no.clone();
    let desk = city.task(&clerk, &number, "pre-review").await;
    let opinion = "齐全".to_owned();
    let passed = pass_pre_review(&clerk, on(desk, Pass { opinion })).await;
    passed.expect("passed");
    let acceptor = city.person("dhscjg-acceptor").await;
    let desk = city.task(&acceptor, &number, "accept").await;
    accept(&acceptor, on(desk, Accept {})).await.expect("taken");
    (citizen, receipt.case, number)
}

async fn timers_follow_the_clocks_of_their_case_and_the_calendar(city: City) {
    let (citizen, id, number) = accepted(&city).await;
    // Monday 2 March, some seconds past nine.
    assert_eq!(due(&city, "working-days").await, "03-09 23:59");
    assert_eq!(due(&city, "working-minutes").await, "03-05 15:00");
    assert_eq!(due(&city, "at").await, "03-12 09:00");
    assert_eq!(
        due(&city, "{\"limit\":-2}").await,
        by_limit(&city, -2).await
    );
    assert_eq!(
        due(&city, "{\"limit\":1}").await,
        by_limit(&city, 1).await,
        "armed before the limit ran"
    );

    what_is_due_is_found_by_the_index(&city).await;
    the_special_procedure_takes_its_days_out(&city, &citizen, id, &number).await;
    a_longer_limit_moves_what_counts_by_it(&city, &citizen, id).await;
    another_calendar_moves_what_counts_by_it(&city).await;

    // What fired meanwhile, and what fires now: each once.
    city.clock
        .set("2026-03-17T01:00:00Z".parse().expect("a moment"));
    for _ in 0..2 {
        let worked = tongban::worker::clockwork(&city.app.ctx).await;
        worked.expect("works");
    }
    let all = open(&citizen, &number).await;
    let fired: Vec<&str> = all
        .iter()
        .filter_map(|id| id.strip_prefix("after_"))
        .collect();
    assert_eq!(fired, ["days", "hours", "natural"]);
}

async fn the_special_procedure_takes_its_days_out(
    city: &City,
    citizen: &Ctx,
    id: CaseId,
    number: &str,
) {
    let acceptor = city.person("dhscjg-acceptor").await;
    city.clock.advance(SignedDuration::from_hours(48));
    let what = StartSpecial {
        kind: SuspensionReason::Hearing,
        days: 3,
        reason: "听证".to_owned(),
    };
    start_special(&acceptor, id, what).await.expect("begun");
    // Past the days of two of them, nothing fires.
    city.clock
        .set("2026-03-10T15:59:59Z".parse().expect("a moment"));
    let worked = tongban::worker::clockwork(&city.app.ctx).await;
    worked.expect("works");
    let standing = ["beside", "work"];
    assert_eq!(open(citizen, number).await, standing);
    // Not even tried: the engine would refuse, and an incident would tell of it.
    let tried = "SELECT COUNT(*) FROM incident";
    assert_eq!(crate::admin::one::<i64>(city, tried).await, 0);
    city.clock
        .set("2026-03-11T01:00:00Z".parse().expect("a moment"));
    let ended = end_special(&acceptor, id, "如期举行".to_owned()).await;
    ended.expect("ended");
    // Two days were used up to Wednesday 4 March; the other three are 11, 12 and 13 March.
    assert_eq!(due(city, "working-days").await, "03-13 23:59");
    assert_eq!(due(city, "working-minutes").await, "03-11 15:00");
    assert_eq!(due(city, "at").await, "03-12 09:00", "a fixed moment stays");
    assert_eq!(due(city, "{\"limit\":-2}").await, by_limit(city, -2).await);
    let worked = tongban::worker::clockwork(&city.app.ctx).await;
    worked.expect("works");
    assert_eq!(open(citizen, number).await, standing, "nothing was due");
}

/// No act of the product extends a limit yet: the clock of the row stands for one.
async fn a_longer_limit_moves_what_counts_by_it(city: &City, citizen: &Ctx, id: CaseId) {
    let before = due(city, "{\"limit\":-2}").await;
    let write = city.app.ctx.db.write(move |tx| {
        let clock: String = tx.one(
            "SELECT clock FROM case_file WHERE id = $1",
            params![id],
            |row| row.get(0),
        )?;
        let mut clock: serde_json::Value = serde_json::from_str(&clock).expect("a clock");
        clock["promised"]["extension"] =
            serde_json::json!({"days": 5, "approved_on": "2026-03-11", "reason": "案情复杂"});
        tx.execute(
            "UPDATE case_file SET clock = $2 WHERE id = $1",
            params![id, clock.to_string()],
        )
        .map(|_| ())
    });
    write.await.expect("written");
    let what = Urge {
        task: None,
        reason: "请尽快".to_owned(),
    };
    urge(citizen, "urge-1", id, what).await.expect("urged");
    let after = due(city, "{\"limit\":-2}").await;
    assert_eq!(after, by_limit(city, -2).await);
    assert!(after > before, "{before} → {after}");
}

async fn another_calendar_moves_what_counts_by_it(city: &City) {
    let admin = city.person("xitong").await;
    let wish = ChangeCalendar {
        edit: CalendarEdit::Day {
            date: date(2026, 3, 12),
            wish: DayWish::Off,
            name: "三月三".to_owned(),
            source: "演政办发〔2026〕1号".to_owned(),
        },
        reason: "放假".to_owned(),
        head: 0,
        key: "change-1".to_owned(),
    };
    change_calendar(&admin, wish).await.expect("changed");
    assert_eq!(due(city, "working-days").await, "03-13 23:59", "not yet");
    assert!(recount_due(&city.app.ctx).await.expect("counted") >= 3);
    assert_eq!(due(city, "working-days").await, "03-16 23:59");
    assert_eq!(due(city, "working-minutes").await, "03-11 15:00");
    assert_eq!(due(city, "at").await, "03-12 09:00");
    assert_eq!(recount_due(&city.app.ctx).await.expect("again"), 0);
}

/// How many tasks of this element there are in all cases, and in how many cases.
async fn counted(city: &City) -> (i64, i64) {
    let read = city.app.ctx.db.read(|tx| {
        tx.one(
            "SELECT COUNT(*), COUNT(DISTINCT case_id) FROM task WHERE element = 'told'",
            params![],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    });
    read.await.expect("counted")
}

/// What is due is found by the index, in its order: nothing is sorted, and timers that are not due are not looked at.
async fn what_is_due_is_found_by_the_index(city: &City) {
    let write = city.app.ctx.db.write(|tx| {
        for n in 0..3_000_i64 {
            tx.put(
                "INSERT INTO process_timer (case_id, number, due_at) VALUES ('none', $1, $2)",
                params![n, jiff::Timestamp::MAX],
            )?;
        }
        Ok(())
    });
    write.await.expect("written");
    // PostgreSQL plans by statistics, which it gathers by itself after a while.
    if city.app.ctx.db.engine() == tongban_storage::Engine::Postgres {
        let analyse =
            |tx: &mut tongban_storage::Tx<'_>| tx.execute("ANALYZE process_timer", params![]);
        city.app.ctx.db.write(analyse).await.expect("analysed");
    }
    let plan = tongban_cases::fire_timers_plan(&city.app.ctx).await;
    let plan = plan.expect("a plan").join("\n");
    assert!(plan.contains("process_timer_due"), "{plan}");
    assert!(
        !plan.contains("Sort") && !plan.contains("TEMP B-TREE"),
        "{plan}"
    );
}

const CASES: usize = 20;

async fn timers_fire_once_whoever_fires_them(city: City) {
    let inner = [
        task("work"),
        task("told"),
        timer("hour", "work", "", "timeCycle", "R3/PT1H"),
        flow("s", "work"),
        flow("hour", "told"),
    ]
    .concat();
    runs(&city, "hourly", process("hourly", &inner)).await;
    for n in 0..CASES {
        city.submitted_with(&format!("case-{n}")).await;
    }
    let all = CASES as i64;
    let ctx = Arc::new(city.app.ctx.clone());
    let worker = || {
        let ctx = Arc::clone(&ctx);
        tokio::spawn(async move { fire_timers(&ctx, 100).await.expect("fired") })
    };
    // The program was down when they fell due: two workers begin, and are killed in the middle.
    city.clock.advance(SignedDuration::from_mins(61));
    let killed = [worker(), worker()];
    while counted(&city).await.0 < 3 {
        tokio::task::yield_now().await;
    }
    for worker in &killed {
        worker.abort();
    }
    for worker in killed {
        let _ = worker.await;
    }
    assert!(counted(&city).await.0 <= all, "no more than one each");
    // Two others take the rest over.
    let (one, other) = (worker(), worker());
    let found = (one.await.expect("ended"), other.await.expect("ended"));
    assert!(found.0 <= CASES && found.1 <= CASES);
    assert_eq!(counted(&city).await, (all, all), "each once");
    assert_eq!(
        fire_timers(&ctx, 100).await.expect("fired"),
        0,
        "none is due"
    );
    // The second turn, two at once from the beginning.
    city.clock.advance(SignedDuration::from_mins(61));
    let (one, other) = (worker(), worker());
    one.await.expect("ended");
    other.await.expect("ended");
    assert_eq!(counted(&city).await, (2 * all, all), "each twice now");
    assert_eq!(fire_timers(&ctx, 100).await.expect("fired"), 0);
}
