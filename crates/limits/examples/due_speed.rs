//! How long one due date takes: `cargo run --release -p tongban-limits --example due_speed`.

use std::hint::black_box;
use std::time::Instant;

use jiff::civil::date;
use tongban_limits::{Calendar, ClockKind, StatutoryClock, Suspension, SuspensionReason};

fn main() {
    let calendar = Calendar::shipped();
    let Ok(clock) = StatutoryClock::new(ClockKind::Decision, date(2026, 1, 20)) else {
        return;
    };
    let pause = Suspension::closed(
        SuspensionReason::Hearing,
        date(2026, 1, 22),
        date(2026, 3, 2),
    );
    let Ok(paused) = clock.clone().suspend(pause) else {
        return;
    };
    for (name, clock) in [("20 working days", clock), ("with one suspension", paused)] {
        let rounds = 200_000_u32;
        let start = Instant::now();
        for _ in 0..rounds {
            let _ = black_box(black_box(&clock).due(calendar));
        }
        println!("{name}: {:?} each", start.elapsed() / rounds);
    }
}
