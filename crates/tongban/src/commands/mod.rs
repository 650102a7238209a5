//! The command line. Exit status: 0 done, 1 failed, 2 called wrongly or a file that cannot be loaded, 3 checked and found wrong.

mod backup;
mod bench;
mod demo;
mod dmn;
mod doctor;
mod import;
mod process;
mod record;
mod serve;
mod verify;
mod walkthrough;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tongban_kernel::{Error, Result};

use crate::config::Config;

/// 通办 — 一个程序就是一个“互联网+政务服务”平台。
///
/// Tongban: a whole Internet + Government Services platform in one binary. Data are kept in one folder (embedded SQLite) or
/// in PostgreSQL. Start with `tongban demo`.
#[derive(Parser)]
#[command(name = "tongban", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Clone)]
struct Common {
    /// 配置文件（TOML）；不给则读当前目录的 tongban.toml（若有）。Configuration file.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// 数据目录，优先于配置。Data folder.
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 监听地址，优先于配置，如 127.0.0.1:8080。Address to listen on.
    #[arg(long, global = true, value_name = "ADDR")]
    listen: Option<String>,
    /// PostgreSQL 连接串，优先于配置。PostgreSQL address instead of the embedded store.
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// 对外提供服务（生产）。Serve.
    Serve,
    /// 建立示例城市并提供服务：第一次用先运行它。Load the sample city and serve it.
    Demo {
        /// 在空目录里无人值守走完一件事的全程，任何一步不符即以非零退出。Drive the whole journey over HTTP and exit.
        #[arg(long)]
        walkthrough: bool,
    },
    /// 导入事项或日历。Import items or a calendar.
    Import(import::Import),
    /// 离线核验存证文件（proof bundle）。Verify a proof bundle offline.
    Verify(verify::Verify),
    /// 执行和检查决策文件（DMN）。Run and check decision files.
    Dmn(dmn::Dmn),
    /// 联机备份内嵌存储、文件和密钥到新目录。Back up the embedded store, files and keys.
    Backup {
        /// 新目录，不能已存在。
        target: PathBuf,
    },
    /// 从备份恢复到空的数据目录，并核对。Restore into an empty data folder and check.
    Restore {
        /// 备份目录。
        source: PathBuf,
    },
    /// 检查安装：存储、日志、索引、文件、日历、密钥。Say what is wrong.
    Doctor,
    /// 升级存储结构后退出。Bring the schema up to date and exit.
    Migrate,
    /// 流程文件：走查、检查、回写。Walk, check and re-export BPMN files.
    Process(process::Process),
    /// 办件的经过：导出为事件日志。The record of cases as an event log.
    Record(record::Record),
    /// 测量本机上的速度，并与裸存储对比。Measure against the bare store in the same run.
    Bench(bench::Bench),
}

/// Reads the command line and does it.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let config = match config(&cli.common, matches!(cli.command, Command::Demo { .. })) {
        Ok(config) => config,
        Err(error) => return failed(&error),
    };
    let quiet = matches!(
        cli.command,
        Command::Demo { walkthrough: true } | Command::Bench(_)
    );
    logs(&config, quiet);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed(&Error::internal("runtime").source(error)),
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Serve => serve::serve(config).await.map(|()| ExitCode::SUCCESS),
            Command::Demo { walkthrough: false } => {
                demo::demo(config).await.map(|()| ExitCode::SUCCESS)
            }
            Command::Demo { walkthrough: true } => walkthrough::walkthrough(config).await,
            Command::Import(what) => import::import(config, what).await,
            Command::Verify(what) => verify::verify(&what).await,
            Command::Dmn(what) => Ok(dmn::dmn(&what)),
            Command::Backup { target } => backup::backup(config, &target).await,
            Command::Restore { source } => backup::restore(config, &source).await,
            Command::Doctor => doctor::doctor(config).await,
            Command::Migrate => doctor::migrate(config).await,
            Command::Process(what) => process::process(&what),
            Command::Record(what) => record::record(config, what).await,
            Command::Bench(what) => bench::bench(config, what).await,
        }
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    outcome.unwrap_or_else(|error| failed(&error))
}

fn failed(error: &Error) -> ExitCode {
    eprintln!("tongban: {}", error.message());
    if !error.context_text().is_empty() {
        eprintln!("         {}", error.context_text());
    }
    for problem in error.field_problems() {
        eprintln!("         {}：{}", problem.field, problem.message);
    }
    if let Some(advice) = error.advice_text() {
        eprintln!("         {advice}");
    }
    ExitCode::FAILURE
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
fn config(common: &Common, demo: bool) -> Result<Config> {
    let mut set: Vec<(&str, String)> = Vec::new();
    let path = |path: &PathBuf| path.to_string_lossy().into_owned();
    set.extend(common.data.as_ref().map(|data| ("data", path(data))));
    set.extend(
        common
            .listen
            .as_ref()
            .map(|listen| ("listen", listen.clone())),
    );
    set.extend(
        common
            .database
            .as_ref()
            .map(|database| ("database", database.clone())),
    );
    if demo {
        set.push(("demo", "true".to_owned()));
        set.push(("window_organ", crate::demo::WINDOW_ORGAN.to_owned()));
        if common.data.is_none() {
            set.push(("data", "data/demo".to_owned()));
        }
    }
    Config::load(
        common.config.as_deref(),
        |name| std::env::var(name).ok(),
        &set,
    )
}

fn logs(config: &Config, quiet: bool) {
    let filter = tracing_subscriber::EnvFilter::try_new(if quiet { "warn" } else { &config.log })
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second initialisation (tests) is harmless.
    let _ = if config.log_json {
        builder.json().try_init()
    } else {
        builder.compact().try_init()
    };
}
