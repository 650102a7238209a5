//! `tongban`: see `tongban --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tongban::commands::run()
}
