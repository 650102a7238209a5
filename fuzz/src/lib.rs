//! What the targets share.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::process::abort;
use std::sync::Mutex;

static LAST: Mutex<String> = Mutex::new(String::new());

/// Lets panics pass that the product itself contains: the hook of the fuzzer would end the program at once.
pub fn quiet() {
    set_hook(Box::new(|info| {
        if let Ok(mut last) = LAST.lock() {
            *last = format!("{info}");
        }
    }));
}

/// Runs one input; a panic that comes out of the product is a finding.
pub fn run(body: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(body)).is_err() {
        if let Ok(last) = LAST.lock() {
            eprintln!("finding: {last}");
        }
        abort();
    }
}
