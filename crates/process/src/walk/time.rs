//! The clock of a walk: it moves when told, and what falls due fires in order.

use std::sync::Arc;

use jiff::{Span, Timestamp};

use super::{Walk, Walked, wrong};
use crate::engine::{Command, Status, Vars};
use crate::model::{Text, TimerSpec};

/// Most timers that one step fires.
const MAX_FIRED: usize = 10_000;

impl Walk {
    pub(super) fn first_due(&self, spec: &TimerSpec) -> Option<(Timestamp, Option<u32>)> {
        let text = match &spec.value {
            Text::Plain(text) => text.to_string(),
            Text::Formula(formula) => formula.eval(&Vars::new()).ok()?.as_str()?.to_owned(),
        };
        let (due, left) = spec.due(&text, self.now).ok()?;
        Some(((self.shelf.calendar)(&due, self.now), left))
    }

    pub(super) fn advance(&mut self, by: &str) -> Walked {
        let span: Span = by.parse().map_err(|e| {
            wrong(
                "runtime",
                None,
                format!("{by:.60} 不是 ISO 8601 时长（{e}）"),
            )
        })?;
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(8));
        let until = self.now.to_zoned(zone).checked_add(span);
        let until = until
            .map_err(|e| wrong("runtime", None, e.to_string()))?
            .timestamp();
        self.fire_until(until)?;
        self.now = self.now.max(until);
        Ok(())
    }

    /// Fires what is due until a moment, earliest first.
    pub(super) fn fire_until(&mut self, until: Timestamp) -> Walked {
        for _ in 0..MAX_FIRED {
            let mut next: Option<(Timestamp, usize, u64)> = None;
            for n in self.live() {
                let instance = &self.instances[n];
                if instance.state.status == Status::Suspended {
                    continue;
                }
                for (timer, due) in &instance.due {
                    if *due <= until && next.is_none_or(|(at, ..)| *due < at) {
                        next = Some((*due, n, *timer));
                    }
                }
            }
            let start = self
                .starts
                .iter()
                .enumerate()
                .filter(|(_, s)| s.due <= until);
            let start = start.min_by_key(|(_, s)| s.due).map(|(n, s)| (n, s.due));
            match (next, start) {
                (None, None) => return Ok(()),
                (Some((at, ..)), Some((n, due))) if due < at => self.fire_start(n)?,
                (None, Some((n, _))) => self.fire_start(n)?,
                (Some((at, n, timer)), _) => {
                    self.now = self.now.max(at);
                    self.send(n, &Command::FireTimer { timer })?;
                }
            }
        }
        Err(wrong("runtime", None, "到期的定时过多"))
    }

    pub(super) fn fire_start(&mut self, n: usize) -> Walked {
        let start = self.starts[n].clone();
        self.now = self.now.max(start.due);
        let definition = Arc::clone(&self.shelf.files[start.file]);
        let again = start.left.is_none_or(|left| left > 1);
        let spec = definition
            .start_timers()
            .find(|(_, id, _)| **id == start.start);
        match spec.and_then(|(_, _, spec)| self.first_due(spec)) {
            Some((due, _)) if again && due > start.due => {
                self.starts[n].due = due;
                self.starts[n].left = start.left.map(|left| left - 1);
            }
            _ => {
                self.starts.remove(n);
            }
        }
        let command = Command::Start {
            process: Some(start.process),
            at: Some(start.start),
            vars: Vars::new(),
        };
        self.begin(start.file, &command)
    }
}
