//! `tongban`: see `tongban --help`.

use std::process::ExitCode;

/// Gives memory back after a burst, which the C library's allocator hardly does with many threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tongban::commands::run()
}
