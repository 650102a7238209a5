//! `tongban`: see `tongban --help`.

use std::process::ExitCode;

// Glibc's allocator costs a submission a fifth more time (docs/benchmarks.md).
#[cfg(not(feature = "count-allocations"))]
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(feature = "count-allocations")]
#[global_allocator]
static MEMORY: &stats_alloc::StatsAlloc<std::alloc::System> = &stats_alloc::INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    tongban::commands::run()
}
