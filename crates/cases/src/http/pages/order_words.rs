//! The orders of officers in words, for the history of a case.

use tongban_webkit::PageShell;

use crate::model::{Behalf, CaseFact, InPlace};

/// Title and text of an event that is an order.
pub(super) fn words(shell: &PageShell, fact: &CaseFact) -> (String, String) {
    let titled = |key: &str, value: &str| shell.t1(key, "value", shell.zh(value));
    match fact {
        CaseFact::Transferred {
            task,
            to_name,
            reason,
            ..
        } => (
            match to_name {
                Some(to) => shell.t2(
                    "cs-ev-transferred-to",
                    "task",
                    shell.zh(task),
                    "to",
                    shell.zh(to),
                ),
                None => titled("cs-ev-transferred-post", task),
            },
            shell.zh(reason),
        ),
        CaseFact::Terminated {
            ground,
            words,
            reason,
            remedies,
            ..
        } => {
            let ground = match words {
                Some(words) => shell.zh(words),
                None => shell.t(&format!("or-ground-{}", ground.key())),
            };
            (
                shell.t1("cs-ev-terminated-for", "value", ground),
                format!("{} {}", shell.zh(reason), shell.zh(remedies)),
            )
        }
        CaseFact::Delegated {
            task,
            to_name,
            reason,
            ..
        } => (
            of_task(shell, "cs-ev-delegated-to", task, to_name),
            shell.zh(reason),
        ),
        CaseFact::DelegationEnded {
            task,
            to_name,
            called_back,
            reason,
            ..
        } => {
            let key = match called_back {
                true => "cs-ev-delegation-recalled",
                false => "cs-ev-delegation-returned",
            };
            (of_task(shell, key, task, to_name), shell.zh(reason))
        }
        CaseFact::SentBack {
            from,
            to,
            withdrawn,
            reason,
        } => (
            shell.t2(
                "cs-ev-sent-back-to",
                "from",
                shell.zh(from),
                "to",
                shell.zh(to),
            ),
            with_withdrawn(shell, reason, withdrawn),
        ),
        CaseFact::Countersigned {
            organ_name,
            agreed,
            opinion,
        } => {
            let key = if *agreed {
                "cs-ev-signed"
            } else {
                "cs-ev-not-signed"
            };
            (titled(key, organ_name), shell.zh(opinion))
        }
        CaseFact::SignerAdded { organ_name, reason } => {
            (titled("cs-ev-signer-more", organ_name), shell.zh(reason))
        }
        CaseFact::SignerRemoved { organ_name, reason } => {
            (titled("cs-ev-signer-less", organ_name), shell.zh(reason))
        }
        CaseFact::Urged { tasks, reason } => (
            shell.t("cs-ev-urged"),
            shell.t2(
                "cs-ev-urged-text",
                "tasks",
                shell.zh(&tasks.join("、")),
                "reason",
                shell.zh(reason),
            ),
        ),
        CaseFact::TakenBack {
            task,
            withdrawn,
            reason,
        } => (
            titled("cs-ev-taken-back-of", task),
            with_withdrawn(shell, reason, withdrawn),
        ),
        CaseFact::Redirected {
            withdrawn,
            to,
            reason,
        } => (
            titled("cs-ev-redirected-to", to),
            with_withdrawn(shell, reason, withdrawn),
        ),
        CaseFact::Repaired {
            step, way, reason, ..
        } => (
            titled(&format!("cs-ev-repaired-{way}"), step),
            shell.zh(reason),
        ),
        CaseFact::StepReported { step, stage, text } => {
            (titled(&format!("cs-ev-step-{stage}"), step), shell.zh(text))
        }
        CaseFact::Advice(advice) => super::advice_sheet::words(shell, advice),
        _ => (String::new(), String::new()),
    }
}

fn of_task(shell: &PageShell, key: &str, task: &str, to: &str) -> String {
    shell.t2(key, "task", shell.zh(task), "to", shell.zh(to))
}

/// In whose place somebody acts.
pub(super) fn behalf_words(shell: &PageShell, behalf: &Behalf) -> String {
    let key = match behalf.how {
        InPlace::Delegated => "cs-behalf-delegated",
        InPlace::Covering => "cs-behalf-covering",
    };
    shell.t1(key, "name", shell.zh(&behalf.name))
}

fn with_withdrawn(shell: &PageShell, reason: &str, withdrawn: &[String]) -> String {
    if withdrawn.is_empty() {
        return shell.zh(reason);
    }
    let tasks = shell.zh(&withdrawn.join("、"));
    format!(
        "{} {}",
        shell.zh(reason),
        shell.t1("cs-ev-withdrawn-tasks", "tasks", tasks)
    )
}
