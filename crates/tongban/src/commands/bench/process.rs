//! `tongban bench process`: the reference process in memory, and durably — the instance read, stepped and saved with its events, tasks and
//! service calls in one transaction at each of its steps.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::json;
use tongban_kernel::{Error, Result};
use tongban_process::{
    Command, Definition, Effect, Event, Options, State, Status, Vars, check, step,
};
use tongban_storage::{Db, Migration, Settings, SystemClock, Tx, migrate, params};

use super::cpu_ms;

/// The process of the walkthrough: submission, pre-review, acceptance, three reviews, decision, licence.
const FILE: &[u8] = include_bytes!("../../../../process/testdata/licence-approval.bpmn");
/// Instances that run at the same time.
const CLIENTS: usize = 16;
/// Elements of the model whose reading and checking is measured.
const LARGE: usize = 200;

const TABLES: &[Migration] = &[Migration {
    owner: "bench",
    number: 1,
    name: "process",
    sql: "CREATE TABLE instance (id BIGINT NOT NULL PRIMARY KEY, revision BIGINT NOT NULL, state TEXT NOT NULL) /*clustered*/;
          CREATE TABLE instance_event (instance BIGINT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (instance, seq)) /*clustered*/;
          CREATE TABLE instance_task (instance BIGINT NOT NULL, task BIGINT NOT NULL, element TEXT NOT NULL, post TEXT, open BIGINT NOT NULL, PRIMARY KEY (instance, task)) /*clustered*/;
          CREATE TABLE instance_call (instance BIGINT NOT NULL, work BIGINT NOT NULL, service TEXT NOT NULL, PRIMARY KEY (instance, work)) /*clustered*/;",
}];

pub(super) fn broken(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal("bench").source(source)
}

fn vars(pairs: &[(&str, &str)]) -> Vars {
    pairs.iter().map(|(k, v)| ((*k).into(), json!(v))).collect()
}

pub(super) fn begin() -> Command {
    Command::start(vars(&[
        ("review_organ_1", "11110000000000001A"),
        ("review_organ_2", "11110000000000002B"),
        ("review_organ_3", "11110000000000003C"),
    ]))
}

/// What comes next after these effects.
pub(super) fn answers(effects: &[Effect], todo: &mut Vec<Command>) {
    for effect in effects {
        match effect {
            Effect::OpenTask(open) => {
                let vars = match &*open.element {
                    "pre_review" => vars(&[("outcome", "accept")]),
                    "decide" => vars(&[("decision", "grant")]),
                    _ => Vars::new(),
                };
                todo.push(Command::Complete {
                    task: open.task,
                    vars,
                });
            }
            Effect::CallService { work, .. } => todo.push(Command::ServiceDone {
                work: *work,
                vars: Vars::new(),
            }),
            _ => {}
        }
    }
}

pub(super) async fn bench(seconds: u64) -> Result<ExitCode> {
    let (definition, _) = Definition::parse(FILE)
        .map_err(|errors| Error::internal(format!("reference process: {errors:?}")))?;
    let definition = Arc::new(definition);
    in_memory(&definition, seconds)?;
    durable(&definition, seconds).await?;
    large_model()?;
    super::decisions::bench()?;
    super::allocations::bench(&definition)?;
    Ok(ExitCode::SUCCESS)
}

fn in_memory(definition: &Definition, seconds: u64) -> Result<()> {
    let (clock, before) = (Instant::now(), cpu_ms(std::process::id()));
    let (mut done, mut events, mut commands) = (0_u64, 0_usize, 0_u64);
    while clock.elapsed().as_secs() < seconds {
        for _ in 0..1_000 {
            let mut state = State::default();
            let mut todo = vec![begin()];
            while let Some(command) = todo.pop() {
                let next =
                    step(definition, &state, &command, Timestamp::UNIX_EPOCH).map_err(broken)?;
                answers(&next.effects, &mut todo);
                events += next.events.len();
                commands += 1;
                state = next.state;
            }
            if state.status != Status::Ended {
                return Err(Error::internal("the reference process did not end"));
            }
            done += 1;
        }
    }
    let cpu = (cpu_ms(std::process::id()) - before) / 1_000.0;
    println!(
        "内存中：每 CPU 秒 {:.0} 个实例（{done} 个，每个 {} 步、{} 条事件）",
        done as f64 / cpu,
        commands / done.max(1),
        events as u64 / done.max(1)
    );
    Ok(())
}

/// One step of one instance in one transaction, as a case does it.
fn stored_step(
    tx: &mut Tx<'_>,
    definition: &Definition,
    id: i64,
    command: &Command,
) -> Result<(Vec<Effect>, usize)> {
    let found: Option<(i64, String)> = tx.opt(
        "SELECT revision, state FROM instance WHERE id = $1",
        params![id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let (revision, state) = match found {
        Some((revision, text)) => (revision, serde_json::from_str(&text).map_err(broken)?),
        None => (0, State::default()),
    };
    let next = step(definition, &state, command, Timestamp::UNIX_EPOCH).map_err(broken)?;
    let text = serde_json::to_string(&next.state).map_err(broken)?;
    let size = text.len();
    if revision == 0 {
        tx.put(
            "INSERT INTO instance (id, revision, state) VALUES ($1, 1, $2)",
            params![id, text],
        )?;
    } else {
        let changed = tx.execute(
            "UPDATE instance SET state = $3, revision = revision + 1 WHERE id = $1 AND revision = $2",
            params![id, revision, text],
        )?;
        if changed != 1 {
            return Err(Error::conflict("bench", "somebody was faster"));
        }
    }
    for (n, event) in (0_i64..).zip(&next.events) {
        record(tx, id, revision * 1_000 + n, event)?;
    }
    for effect in &next.effects {
        match effect {
            Effect::OpenTask(open) => tx.put(
                "INSERT INTO instance_task (instance, task, element, post, open) VALUES ($1, $2, $3, $4, 1)",
                params![id, number(open.task), &*open.element, open.post.as_deref()],
            )?,
            Effect::CloseTask { task, .. } => tx.put(
                "UPDATE instance_task SET open = 0 WHERE instance = $1 AND task = $2",
                params![id, number(*task)],
            )?,
            Effect::CallService { work, service, .. } => tx.put(
                "INSERT INTO instance_call (instance, work, service) VALUES ($1, $2, $3)",
                params![id, number(*work), &**service],
            )?,
            _ => {}
        }
    }
    Ok((next.effects, size))
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn record(tx: &mut Tx<'_>, id: i64, seq: i64, event: &Event) -> Result<()> {
    let data = serde_json::to_string(event).map_err(broken)?;
    tx.put(
        "INSERT INTO instance_event (instance, seq, at, data) VALUES ($1, $2, 0, $3)",
        params![id, seq, data],
    )
}

async fn durable(definition: &Arc<Definition>, seconds: u64) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("tongban-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(broken)?;
    let outcome = durable_in(&folder, definition, seconds).await;
    let _ = std::fs::remove_dir_all(&folder);
    outcome
}

async fn durable_in(
    folder: &std::path::Path,
    definition: &Arc<Definition>,
    seconds: u64,
) -> Result<()> {
    let db = Db::open(&Settings::Sqlite {
        path: folder.join("process.db"),
        readers: 2,
    })?;
    migrate(&db, TABLES, tongban_kernel::Clock::now(&SystemClock)).await?;
    let (clock, before) = (Instant::now(), cpu_ms(std::process::id()));
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let (db, definition) = (db.clone(), Arc::clone(definition));
        clients.spawn(async move { run(&db, &definition, client, clock, seconds).await });
    }
    let (mut done, mut largest) = (0_u64, 0);
    while let Some(joined) = clients.join_next().await {
        let (own, size) = joined.map_err(broken)??;
        done += own;
        largest = largest.max(size);
    }
    let wall = clock.elapsed().as_secs_f64();
    let cpu = (cpu_ms(std::process::id()) - before) / 1_000.0;
    println!(
        "每步读出并持久保存（SQLite FULL，{CLIENTS} 个客户端）：每 CPU 秒 {:.0} 个实例，每秒 {:.0} 个，状态最大 {largest} 字节",
        done as f64 / cpu,
        done as f64 / wall
    );
    Ok(())
}

async fn run(
    db: &Db,
    definition: &Arc<Definition>,
    client: usize,
    clock: Instant,
    seconds: u64,
) -> Result<(u64, usize)> {
    let (mut done, mut largest) = (0_u64, 0);
    while clock.elapsed().as_secs() < seconds {
        let id = number(client as u64 * 100_000_000 + done);
        let mut todo = vec![begin()];
        while let Some(command) = todo.pop() {
            let definition = Arc::clone(definition);
            let (effects, size) = db
                .write(move |tx| stored_step(tx, &definition, id, &command))
                .await?;
            answers(&effects, &mut todo);
            largest = largest.max(size);
        }
        done += 1;
    }
    Ok((done, largest))
}

/// Reading and checking a model of [`LARGE`] elements: pairs of a task and a gateway with a way round it.
fn large_model() -> Result<()> {
    let mut xml = String::from(
        "<bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:tb=\"http://tongban.dev/bpmn\"><bpmn:process id=\"p\" isExecutable=\"true\"><bpmn:startEvent id=\"n0\"/>",
    );
    for n in 1..LARGE {
        let kind = if n % 2 == 1 {
            format!(
                "<bpmn:userTask id=\"n{n}\" name=\"环节{n}\" tb:post=\"reviewer\" tb:limit=\"P1D\"/>"
            )
        } else {
            format!("<bpmn:exclusiveGateway id=\"n{n}\" default=\"f{n}\"/>")
        };
        xml.push_str(&kind);
        xml.push_str(&format!(
            "<bpmn:sequenceFlow id=\"f{}\" sourceRef=\"n{}\" targetRef=\"n{n}\"/>",
            n - 1,
            n - 1
        ));
        if n % 2 == 0 {
            let back = n - 1;
            xml.push_str(&format!(
                "<bpmn:sequenceFlow id=\"b{n}\" sourceRef=\"n{n}\" targetRef=\"n{back}\"><bpmn:conditionExpression>again = {n}</bpmn:conditionExpression></bpmn:sequenceFlow>"
            ));
        }
    }
    xml.push_str(&format!(
        "<bpmn:endEvent id=\"end\"/><bpmn:sequenceFlow id=\"f{}\" sourceRef=\"n{}\" targetRef=\"end\"/></bpmn:process></bpmn:definitions>",
        LARGE - 1,
        LARGE - 1
    ));
    let rounds = 50;
    let (mut read, mut checked) = (0.0, 0.0);
    for _ in 0..rounds {
        let begun = Instant::now();
        let (definition, _) = Definition::parse_with(xml.as_bytes(), &Options::default())
            .map_err(|errors| Error::internal(format!("{errors:?}")))?;
        read += begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let _ = check(&definition);
        checked += begun.elapsed().as_secs_f64();
    }
    let ms = |seconds: f64| seconds * 1_000.0 / f64::from(rounds);
    println!(
        "{LARGE} 个环节的模型：读入 {:.2} 毫秒，检查 {:.2} 毫秒",
        ms(read),
        ms(checked)
    );
    Ok(())
}
