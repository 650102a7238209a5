//! `tongban bench`: the product over HTTP in a process of its own, beside the bare store with the same rows, in one run.

mod allocations;
mod decisions;
mod load;
mod process;
mod raw;
mod setup;
mod timers;

use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use tongban_kernel::{Error, Result};

use crate::config::Config;
use load::{Outcome, Target};

/// 测量：持久提交、办件页读取、证照 PDF，与裸存储对比。
#[derive(Args)]
pub(super) struct Bench {
    #[command(subcommand)]
    part: Option<Part>,
    /// 每一轮的秒数。
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// 并发客户端数。
    #[arg(long, value_delimiter = ',', default_values_t = [8, 64])]
    clients: Vec<usize>,
    /// 预备的草稿数（提交一份用掉一份）。
    #[arg(long, default_value_t = 30_000)]
    drafts: usize,
}

/// One part of the program alone.
#[derive(Subcommand)]
enum Part {
    /// 流程引擎：内存中、每步持久保存、读入和检查模型；条件和决策表；每步的内存分配。
    Process,
    /// 计时器：一百万个在等，十万个同时到期；要几分钟。
    Timers(timers::Timers),
}

/// How long nothing is asked before memory "at rest" is read: allocators give pages back a little later.
const REST: Duration = Duration::from_secs(5);

/// The server under test: this program, `serve`, in a process of its own.
struct Server {
    child: Child,
    listen: String,
    /// From start to the first good answer of /readyz.
    ready: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) async fn bench(mut config: Config, what: Bench) -> Result<ExitCode> {
    if let Some(Part::Process) = what.part {
        return process::bench(what.seconds).await;
    }
    let folder = std::env::temp_dir().join(format!("tongban-bench-{}", std::process::id()));
    config.data = folder.join("data");
    let outcome = match what.part {
        Some(Part::Timers(wish)) => timers::bench(&config, wish, what.seconds).await,
        _ => measure(&config, &what).await,
    };
    let _ = std::fs::remove_dir_all(&folder);
    outcome
}

async fn measure(config: &Config, what: &Bench) -> Result<ExitCode> {
    let engine = if config.database.is_some() {
        "PostgreSQL"
    } else {
        "SQLite synchronous=FULL"
    };
    println!(
        "存储：{engine}；每轮 {} 秒；客户端 {:?}",
        what.seconds, what.clients
    );
    let prepared = setup::prepare(config, what.drafts).await?;
    let server = start(config).await?;
    println!(
        "启动到就绪 {} ms（{} 份草稿）",
        server.ready.as_millis(),
        prepared.drafts.len()
    );
    println!("静息常驻内存 {}", at_rest(&server).await);
    let mut drafts = prepared.drafts.into_iter();
    let mut rows = Vec::new();
    for clients in &what.clients {
        let share: Vec<_> = drafts
            .by_ref()
            .take(what.drafts / what.clients.len())
            .collect();
        let targets = share
            .iter()
            .enumerate()
            .map(|(n, draft)| Target::submit(&prepared.token, &draft.to_string(), n))
            .collect();
        let outcome = timed(&server, targets, *clients, what.seconds).await?;
        print_row(&format!("持久提交，{clients} 客户端"), &outcome);
        rows.push(outcome);
    }
    let raw = raw::commits(config, &what.clients).await?;
    println!("裸存储写同样的行，逐件提交：{:.0}/s", raw.single);
    for ((clients, row), raw) in what.clients.iter().zip(&rows).zip(&raw.by_clients) {
        println!(
            "  {clients} 客户端 / 裸存储同样的行（SQLite {clients} 件一次提交，PostgreSQL 8 个连接）{raw:.0}/s = {:.0} %",
            row.rate() * 100.0 / raw.max(1.0)
        );
    }
    let numbers = setup::numbers(&server.listen, &prepared.token).await?;
    let pages = |path: fn(&str) -> String| {
        (0..200_000)
            .map(|n| Target::get(&prepared.token, &path(&numbers[n % numbers.len()])))
            .collect::<Vec<_>>()
    };
    print_row(
        "办件读取（JSON），8 客户端",
        &timed(
            &server,
            pages(|no| format!("/api/v1/cases/{no}")),
            8,
            what.seconds,
        )
        .await?,
    );
    print_row(
        "办件进度页，8 客户端",
        &timed(&server, pages(|no| format!("/cases/{no}")), 8, what.seconds).await?,
    );
    print_row(
        "回执 PDF，2 客户端",
        &timed(
            &server,
            pages(|no| format!("/cases/{no}/receipt.pdf")),
            2,
            what.seconds,
        )
        .await?,
    );
    println!("负载后常驻内存 {}", at_rest(&server).await);
    drop(server);
    let again = start(config).await?;
    let cases: usize = rows.iter().map(|row| row.good).sum();
    println!(
        "重新启动到就绪 {} ms（{cases} 件办件），静息常驻内存 {}",
        again.ready.as_millis(),
        at_rest(&again).await
    );
    Ok(ExitCode::SUCCESS)
}

fn print_row(label: &str, outcome: &Outcome) {
    println!(
        "{label}：{:.0}/s，p50 {:.1} ms，p99 {:.1} ms，服务器每次 {:.3} ms CPU，{} 次成功，{} 次失败",
        outcome.rate(),
        outcome.percentile_ms(50),
        outcome.percentile_ms(99),
        outcome.cpu_ms_each(),
        outcome.good,
        outcome.bad
    );
}

async fn timed(
    server: &Server,
    targets: Vec<Target>,
    clients: usize,
    seconds: u64,
) -> Result<Outcome> {
    let before = cpu_ms(server.child.id());
    let mut outcome = load::run(
        &server.listen,
        targets,
        clients,
        Duration::from_secs(seconds),
    )
    .await?;
    outcome.cpu_ms = cpu_ms(server.child.id()) - before;
    Ok(outcome)
}

async fn start(config: &Config) -> Result<Server> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")
        .map_err(|source| Error::internal("port").source(source))?;
    let listen = listener
        .local_addr()
        .map_err(|source| Error::internal("port").source(source))?
        .to_string();
    drop(listener);
    let program =
        std::env::current_exe().map_err(|source| Error::internal("own program").source(source))?;
    let mut command = Command::new(program);
    command
        .args(["serve", "--listen", &listen, "--data"])
        .arg(&config.data)
        .env("TONGBAN_WINDOW_ORGAN", crate::demo::WINDOW_ORGAN)
        .env("TONGBAN_LOG", "warn")
        .stdout(Stdio::null());
    if let Some(database) = &config.database {
        command.args(["--database", database]);
    }
    let begun = Instant::now();
    let child = command
        .spawn()
        .map_err(|source| Error::internal("start server").source(source))?;
    let mut server = Server {
        child,
        listen,
        ready: Duration::ZERO,
    };
    for _ in 0..2_000 {
        if load::ready(&server.listen).await {
            server.ready = begun.elapsed();
            settled(server.child.id()).await;
            return Ok(server);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Err(Error::unavailable(
        "the server under test did not become ready in ten seconds",
    ))
}

/// Waits until the work of the start (filling the search index) is over, at most ten seconds.
async fn settled(pid: u32) {
    for _ in 0..20 {
        let before = cpu_ms(pid);
        tokio::time::sleep(Duration::from_millis(500)).await;
        if cpu_ms(pid) - before <= 10.0 {
            return;
        }
    }
}

/// Processor time of a process so far, in milliseconds (Linux, 100 ticks a second).
fn cpu_ms(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks = |idx: usize| {
        fields
            .get(idx)
            .and_then(|field| field.parse::<f64>().ok())
            .unwrap_or_default()
    };
    (ticks(11) + ticks(12)) * 10.0
}

/// Resident memory once nothing was asked for [`REST`], and the most there ever was.
async fn at_rest(server: &Server) -> String {
    tokio::time::sleep(REST).await;
    let pid = server.child.id();
    format!(
        "{:.0} MB（停 {} 秒后；最高 {:.0} MB）",
        status_mb(pid, "VmRSS:"),
        REST.as_secs(),
        status_mb(pid, "VmHWM:")
    )
}

/// A size of a process as the kernel names it, in megabytes.
fn status_mb(pid: u32, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with(name))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse::<f64>().ok())
        .unwrap_or_default()
        / 1024.0
}
