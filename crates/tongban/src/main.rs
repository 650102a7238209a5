//! `tongban`: see `tongban --help`.

use std::process::ExitCode;

// Glibc's allocator costs a submission a fifth more time (docs/benchmarks.md).
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tongban::commands::run()
}
