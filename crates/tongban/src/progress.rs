//! Progress bars for long work: on a terminal they move, in a pipe they are a line at the end.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};

/// Where progress is shown.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    moving: bool,
    quiet: bool,
}

impl Progress {
    /// On standard error.
    pub fn stderr() -> Self {
        Self {
            moving: std::io::stderr().is_terminal(),
            quiet: false,
        }
    }
    /// Nowhere.
    pub fn none() -> Self {
        Self {
            moving: false,
            quiet: true,
        }
    }
    /// A bar of `total` steps.
    pub fn bar(self, label: &'static str, total: u64) -> Bar {
        Bar {
            label,
            total: total.max(1),
            done: AtomicU64::new(0),
            progress: self,
        }
    }
}

/// One piece of long work.
pub struct Bar {
    label: &'static str,
    total: u64,
    done: AtomicU64,
    progress: Progress,
}

impl Bar {
    pub fn add(&self, n: u64) {
        let done = (self.done.fetch_add(n, Ordering::Relaxed) + n).min(self.total);
        if self.progress.moving {
            let filled = usize::try_from(done * 30 / self.total).unwrap_or(30);
            let percent = done * 100 / self.total;
            eprint!(
                "\r{} [{}{}] {percent:>3}%",
                self.label,
                "█".repeat(filled),
                "░".repeat(30 - filled)
            );
            let _ = std::io::stderr().flush();
        }
    }
    pub fn finish(self) {
        if self.progress.moving {
            eprintln!("\r{} [{}] 100%", self.label, "█".repeat(30));
        } else if !self.progress.quiet {
            eprintln!("{}：完成（{}）", self.label, self.total);
        }
    }
}
