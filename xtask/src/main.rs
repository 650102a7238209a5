//! The project's own chores. `cargo xtask help` lists them.

mod postgres;
mod tidy;

use std::path::Path;
use std::process::{Command, ExitCode};

const HELP: &str = "\
cargo xtask <chore>

  test [args …]     run every test on both engines (starts a private PostgreSQL); args go to `cargo nextest run`
  tidy [--shrink]   check arrows between crates, layers, links, long files and the like; every rule names its remedy
  postgres          start a private PostgreSQL, print its address, keep it until Ctrl-C
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let outcome = match args.next().as_deref() {
        Some("test") => test(&args.collect::<Vec<_>>()),
        Some("tidy") => tidy::run(root(), &args.collect::<Vec<_>>()),
        Some("postgres") => keep_postgres(),
        _ => {
            print!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the project.
fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// All tests of the workspace. The suites over outside oracles are `#[ignore]`d and run by `.ci/run`.
fn test(args: &[String]) -> Result<bool, String> {
    let server = postgres::Server::start()?;
    let mut command = Command::new(env!("CARGO"));
    if has_nextest() {
        command
            .args(["nextest", "run", "--workspace", "--no-fail-fast"])
            .args(args);
    } else {
        eprintln!("cargo-nextest is not installed; `cargo test` does the same, more slowly");
        command
            .args(["test", "--workspace", "--no-fail-fast"])
            .args(args);
    }
    let status = command
        .env("TONGBAN_TEST_PG", server.url())
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    Ok(status.success())
}

fn has_nextest() -> bool {
    Command::new(env!("CARGO"))
        .args(["nextest", "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
}

fn keep_postgres() -> Result<bool, String> {
    let server = postgres::Server::start()?;
    println!("export TONGBAN_TEST_PG='{}'", server.url());
    println!("# it ends when this line of input ends");
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(|error| error.to_string())?;
    Ok(true)
}
