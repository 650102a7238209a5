//! Agreement with programs that nobody here wrote: OpenSSL, qpdf, poppler; and with real seal files.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../it/world.rs"]
#[expect(
    dead_code,
    reason = "shared with the other suite, which uses more of it"
)]
mod world;

mod documents;
mod openssl;
mod samples;

use std::path::Path;
use std::process::{Command, Output};

const INSTALL: &str = "apt-get install -y openssl qpdf poppler-utils";

/// Runs a tool in a folder; fails loudly if it is not installed.
fn run(folder: &Path, tool: &str, arguments: &[&str]) -> Output {
    match Command::new(tool)
        .args(arguments)
        .current_dir(folder)
        .output()
    {
        Ok(output) => output,
        Err(error) => panic!("{tool}: {error}; install it: {INSTALL}"),
    }
}

/// Runs a tool that must succeed; returns what it printed.
fn ok(folder: &Path, tool: &str, arguments: &[&str]) -> String {
    let output = run(folder, tool, arguments);
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{tool} {arguments:?}: {text}");
    text
}
