//! Cases (办件): from the draft to delivery.
//!
//! A case has one of fifteen national states ([`model::CaseState`]), two clocks, a process instance, and an append-only
//! record from which the state can be rebuilt. Invariants: state, record, log leaf, tasks and outbox move in one
//! transaction; a state is left only by a transition that its type allows; two officers never overwrite each other (the
//! revision decides); what people wrote is sealed under a key of the case; each act names the legal basis of its permit.
//!
//! The way of one submission: `http` → [`submit`] → `model` → `store`.

pub mod http;
pub mod model;
mod service;
mod store;

pub use service::*;

use tongban_storage::Migration;

/// The tables of this context.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        owner: "cases",
        number: 1,
        name: "cases",
        sql: include_str!("../migrations/0001_cases.sql"),
    },
    Migration {
        owner: "cases",
        number: 2,
        name: "case_access",
        sql: include_str!("../migrations/0002_case_access.sql"),
    },
    Migration {
        owner: "cases",
        number: 3,
        name: "calendar",
        sql: include_str!("../migrations/0003_calendar.sql"),
    },
    Migration {
        owner: "cases",
        number: 4,
        name: "process_wait",
        sql: include_str!("../migrations/0004_process_wait.sql"),
    },
    Migration {
        owner: "cases",
        number: 5,
        name: "timer_held",
        sql: include_str!("../migrations/0005_timer_held.sql"),
    },
    Migration {
        owner: "cases",
        number: 6,
        name: "process_admin",
        sql: include_str!("../migrations/0006_process_admin.sql"),
    },
    Migration {
        owner: "cases",
        number: 7,
        name: "task_hands",
        sql: include_str!("../migrations/0007_task_hands.sql"),
    },
    Migration {
        owner: "cases",
        number: 8,
        name: "task_for_officer",
        sql: include_str!("../migrations/0008_task_for_officer.sql"),
    },
    Migration {
        owner: "cases",
        number: 9,
        name: "advice",
        sql: include_str!("../migrations/0009_advice.sql"),
    },
    Migration {
        owner: "cases",
        number: 10,
        name: "decisions",
        sql: include_str!("../migrations/0010_decisions.sql"),
    },
    Migration {
        owner: "cases",
        number: 11,
        name: "process_outline",
        sql: include_str!("../migrations/0011_process_outline.sql"),
    },
    Migration {
        owner: "cases",
        number: 12,
        name: "incident",
        sql: include_str!("../migrations/0012_incident.sql"),
    },
    Migration {
        owner: "cases",
        number: 13,
        name: "outside",
        sql: include_str!("../migrations/0013_outside.sql"),
    },
    Migration {
        owner: "cases",
        number: 14,
        name: "record",
        sql: include_str!("../migrations/0014_record.sql"),
    },
];
