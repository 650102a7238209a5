//! What one step of the reference process allocates, part of `tongban bench process`. Counting costs time, so only a program that was
//! built with the feature `count-allocations` counts, and no other figure of it is worth anything.

use tongban_kernel::Result;
use tongban_process::Definition;

#[cfg(not(feature = "count-allocations"))]
pub(super) fn bench(_: &Definition) -> Result<()> {
    println!("每步的内存分配：cargo run --release --features count-allocations -- bench process");
    Ok(())
}

#[cfg(feature = "count-allocations")]
pub(super) use counted::bench;

#[cfg(feature = "count-allocations")]
mod counted {
    use jiff::Timestamp;
    use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats};
    use tongban_process::{State, step};

    use super::super::process::{answers, begin, broken};
    use super::{Definition, Result};

    /// Number and bytes of what was asked for.
    #[derive(Clone, Copy, Default)]
    struct Asked(usize, usize);

    impl Asked {
        fn add(&mut self, stats: Stats) {
            self.0 += stats.allocations + stats.reallocations;
            self.1 += stats.bytes_allocated;
        }
    }

    pub(in super::super) fn bench(definition: &Definition) -> Result<()> {
        // The second instance counts: whatever is made once and kept is there by then.
        instance(definition)?;
        let (steps, memory, stored) = instance(definition)?;
        let each = |asked: Asked| (asked.0 / steps, asked.1 / steps);
        println!(
            "每步的内存分配（{steps} 步平均）：内存中 {} 次 {} 字节，状态读出并写回 {} 次 {} 字节",
            each(memory).0,
            each(memory).1,
            each(stored).0,
            each(stored).1
        );
        Ok(())
    }

    fn instance(definition: &Definition) -> Result<(usize, Asked, Asked)> {
        let (mut state, mut todo, mut steps) = (State::default(), vec![begin()], 0);
        let (mut memory, mut stored) = (Asked::default(), Asked::default());
        while let Some(command) = todo.pop() {
            let text = serde_json::to_vec(&state).map_err(broken)?;
            let region = Region::new(&INSTRUMENTED_SYSTEM);
            let next = step(definition, &state, &command, Timestamp::UNIX_EPOCH).map_err(broken)?;
            memory.add(region.change());
            let region = Region::new(&INSTRUMENTED_SYSTEM);
            let read: State = serde_json::from_slice(&text).map_err(broken)?;
            let again = step(definition, &read, &command, Timestamp::UNIX_EPOCH).map_err(broken)?;
            let written = serde_json::to_vec(&again.state).map_err(broken)?;
            stored.add(region.change());
            drop(written);
            answers(&next.effects, &mut todo);
            state = next.state;
            steps += 1;
        }
        Ok((steps, memory, stored))
    }
}
