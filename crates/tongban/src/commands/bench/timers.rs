//! `tongban bench timers`: a million armed timers — finding what is due, firing a morning's burst through the real use case, and what
//! submissions feel of it meanwhile.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use jiff::Timestamp;
use tongban_cases::{fire_timers_plan, publish_process};
use tongban_kernel::{Error, Result};
use tongban_process::{Command, Definition, Effect, State, Vars, step};
use tongban_storage::{Ctx, params};

use super::load::Target;
use super::{Server, at_rest, print_row, setup, start, status_mb, timed};
use crate::app::App;
use crate::config::Config;

/// 计时器：一百万个在等，一个早上到期十万个。
#[derive(Args, Clone, Copy)]
pub(super) struct Timers {
    /// 一共多少个。
    #[arg(long, default_value_t = 1_000_000)]
    armed: u32,
    /// 其中一下子到期的。
    #[arg(long, default_value_t = 100_000)]
    burst: u32,
}

/// A task with a timer that takes it away; a task follows.
const FILE: &str = r#"<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tb="http://tongban.dev/bpmn"><bpmn:process id="bench-timers" isExecutable="true"><bpmn:startEvent id="s"/><bpmn:userTask id="work" name="办理" tb:post="reviewer" tb:act="review"/><bpmn:boundaryEvent id="late" attachedToRef="work"><bpmn:timerEventDefinition tb:calendar="working"><bpmn:timeDuration>P5D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:userTask id="told" name="督办" tb:post="decider" tb:act="decide"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="work"/><bpmn:sequenceFlow id="f2" sourceRef="late" targetRef="told"/></bpmn:process></bpmn:definitions>"#;

/// Rows of one commit while the store is filled.
const ROUND: u32 = 2_000;
/// Clients that submit.
const CLIENTS: usize = 8;
/// A case whose ids nobody else has: the clones of the bench.
const CLONE: &str = "INSERT INTO case_file (id, project_no, item_version_id, task_code, task_name, organ_id, organ_name, principal, person_id,
     enterprise_id, applyer_masked, state, state_code, is_open, clock, promise_due, process_hash, process_state, data_key, sealed_key,
     event_n, prev, prev_sm3, apply_channel, submitted_at, updated_at, revision, organs, draft_id)
 SELECT $1, $2, item_version_id, task_code, task_name, organ_id, organ_name, principal, person_id,
     enterprise_id, applyer_masked, state, state_code, is_open, clock, promise_due, $3, $4, data_key, sealed_key,
     event_n, prev, prev_sm3, apply_channel, submitted_at, updated_at, revision, organs, draft_id
   FROM case_file WHERE id = (SELECT MAX(id) FROM case_file WHERE id < 'f')";

fn broken(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal("bench").source(source)
}

/// The process state of a case that has just begun, and the number of its timer.
fn begun() -> Result<(String, i64)> {
    let (definition, _) = Definition::parse(FILE.as_bytes())
        .map_err(|errors| Error::internal(format!("process of the bench: {errors:?}")))?;
    let (state, now) = (State::default(), Timestamp::UNIX_EPOCH);
    let next = step(&definition, &state, &Command::start(Vars::new()), now).map_err(broken)?;
    let timer = next.effects.iter().find_map(|effect| match effect {
        Effect::ArmTimer { timer, .. } => i64::try_from(*timer).ok(),
        _ => None,
    });
    let timer = timer.ok_or_else(|| Error::internal("the process of the bench has no timer"))?;
    let text = serde_json::to_string(&next.state).map_err(broken)?;
    Ok((text, timer))
}

pub(super) async fn bench(config: &Config, what: Timers, seconds: u64) -> Result<ExitCode> {
    let prepared = setup::prepare(config, 40_000).await?;
    let mut drafts = prepared.drafts.into_iter();
    let mut targets = |n: usize| -> Vec<Target> {
        let share = drafts.by_ref().take(n).enumerate();
        share
            .map(|(n, draft)| Target::submit(&prepared.token, &draft.to_string(), n))
            .collect()
    };
    let server = start(config).await?;
    println!(
        "没有计时器：启动到就绪 {} ms，静息 {}",
        server.ready.as_millis(),
        at_rest(&server).await
    );
    let quiet = timed(&server, targets(18_000), CLIENTS, seconds).await?;
    print_row("没有到期时持久提交，8 客户端", &quiet);
    drop(server);

    let app = App::open_beside(config.clone()).await?;
    let timer = fill(&app.ctx, what).await?;
    let server = start(config).await?;
    println!(
        "{} 个计时器：启动到就绪 {} ms，静息 {}",
        what.armed,
        server.ready.as_millis(),
        at_rest(&server).await
    );
    let half = what.burst / 2;
    let alone = burst(&app.ctx, timer, 0..half).await?;
    let took = drained(&app.ctx).await?;
    println!(
        "到期 {half} 个，无人提交：{:.0} 秒办完，每秒 {:.0} 个（排定用 {:.1} 秒）",
        took.as_secs_f64(),
        f64::from(half) / took.as_secs_f64().max(0.001),
        alone.as_secs_f64()
    );
    burst(&app.ctx, timer, half..what.burst).await?;
    let begun = Instant::now();
    let busy = timed(&server, targets(18_000), CLIENTS, seconds).await?;
    print_row("同时到期着持久提交，8 客户端", &busy);
    let left = left(&app.ctx).await?;
    println!(
        "{seconds} 秒里办了 {} 个计时器",
        i64::from(what.burst - half) - left
    );
    drained(&app.ctx).await?;
    println!(
        "全部办完 {:.0} 秒；{}",
        begun.elapsed().as_secs_f64(),
        memory(&server)
    );
    Ok(ExitCode::SUCCESS)
}

fn memory(server: &Server) -> String {
    let pid = server.child.id();
    format!(
        "内存 {:.0} MB，最高 {:.0} MB",
        status_mb(pid, "VmRSS:"),
        status_mb(pid, "VmHWM:")
    )
}

/// Publishes the process, clones the cases, arms the timers far in the future; tells after each power of ten how long finding takes.
async fn fill(ctx: &Ctx, what: Timers) -> Result<i64> {
    let (state, timer) = begun()?;
    let ctx2 = ctx.clone();
    let hash = ctx
        .db
        .write(move |tx| publish_process(&ctx2, tx, "bench-timers", FILE.as_bytes()))
        .await?;
    let (far, mut made) = (ctx.now() + jiff::SignedDuration::from_hours(24 * 30), 0);
    let mut asked = vec![10_000, 100_000, what.armed];
    asked.retain(|n| *n <= what.armed);
    while made < what.armed {
        let (first, last) = (made, (made + ROUND).min(what.armed));
        let (hash, state) = (hash.clone(), state.clone());
        let burst = what.burst;
        ctx.db
            .write(move |tx| {
                for n in first..last {
                    // As many cases as will fire; the other timers belong to them too.
                    let case = format!("f{:031x}", n % burst);
                    if n < burst {
                        let number = format!("bench-{n}");
                        tx.put(CLONE, params![&case, &number, &hash, &state])?;
                    }
                    let number = timer + i64::from(n / burst) * 1_000;
                    let at = far + jiff::SignedDuration::from_secs(i64::from(n));
                    tx.put(
                        "INSERT INTO process_timer (case_id, number, due_at) VALUES ($1, $2, $3)",
                        params![&case, number, at],
                    )?;
                }
                Ok(())
            })
            .await?;
        made = last;
        if asked.contains(&made) {
            finding(ctx, made).await?;
        }
    }
    println!(
        "查找的执行计划：{}",
        fire_timers_plan(ctx).await?.join("；")
    );
    Ok(timer)
}

/// How long it takes to find that nothing is due, and to find the first 256 of all.
async fn finding(ctx: &Ctx, armed: u32) -> Result<()> {
    let mut taken = Vec::new();
    for now in [ctx.now(), Timestamp::MAX] {
        let mut times = Vec::new();
        for _ in 0..200 {
            let begun = Instant::now();
            ctx.db
                .read(move |tx| {
                    tx.all(
                        "SELECT case_id, number FROM process_timer
  WHERE held = 0 AND due_at <= $1 ORDER BY due_at, case_id, number LIMIT $2",
                        params![now, 256_i64],
                        |row| row.get::<i64>(1),
                    )
                })
                .await?;
            times.push(begun.elapsed());
        }
        times.sort_unstable();
        taken.push(times[times.len() / 2].as_secs_f64() * 1e6);
    }
    println!(
        "{armed} 个在等：无一到期 {:.0} µs，到期的前 256 个 {:.0} µs（中位数）",
        taken[0], taken[1]
    );
    Ok(())
}

/// Makes the timers of these cases due in this second.
async fn burst(ctx: &Ctx, timer: i64, cases: std::ops::Range<u32>) -> Result<Duration> {
    let (begun, now) = (Instant::now(), ctx.now());
    let (first, end) = (
        format!("f{:031x}", cases.start),
        format!("f{:031x}", cases.end),
    );
    ctx.db
        .write(move |tx| {
            tx.execute(
                "UPDATE process_timer SET due_at = $4 WHERE case_id >= $1 AND case_id < $2 AND number = $3",
                params![&first, &end, timer, now],
            )
        })
        .await?;
    Ok(begun.elapsed())
}

async fn left(ctx: &Ctx) -> Result<i64> {
    let now = ctx.now();
    let ask = ctx.db.read(move |tx| {
        tx.one(
            "SELECT COUNT(*) FROM process_timer WHERE held = 0 AND due_at <= $1",
            params![now],
            |row| row.get(0),
        )
    });
    ask.await
}

/// Waits until none is due any more.
async fn drained(ctx: &Ctx) -> Result<Duration> {
    let begun = Instant::now();
    while left(ctx).await? > 0 {
        if begun.elapsed() > Duration::from_secs(1_800) {
            return Err(Error::unavailable(
                "the timers were not fired in half an hour",
            ));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(begun.elapsed())
}
