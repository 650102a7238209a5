//! What the progress page and the officers' pages show alike: steps, ring, timeline, parallel parts, days, papers.

use jiff::civil::Date;
use tongban_limits::Light;
use tongban_webkit::PageShell;
use tongban_webkit::ui::{
    Lamp, ParallelPart, Proof, Ring, Step, StepState, Steps, Timeline, TimelineEntry, TimelineMark,
};

use crate::http::words::{bytes, day_and_time, machine_time, moment, short_hash};
use crate::model::{AdviceFact, CaseFact, CaseState};
use crate::service::{CaseView, ClockView, EventView, TaskView};

/// A numbered document in a list.
pub(super) struct Paper {
    pub(super) title: String,
    pub(super) number: String,
    pub(super) at: String,
    /// Empty while it is being made.
    pub(super) href: String,
}

/// A file in a list.
pub(super) struct FileLine {
    pub(super) material: String,
    pub(super) name: String,
    pub(super) detail: String,
    pub(super) href: String,
    pub(super) grade: String,
}

/// One day of the explanation of the clock.
pub(super) struct Day {
    pub(super) date: String,
    pub(super) n: String,
    pub(super) why: String,
    pub(super) basis: String,
    pub(super) due: bool,
    pub(super) today: bool,
}

pub(super) fn steps(shell: &PageShell, view: &CaseView, today: Date) -> Steps {
    let keys = [
        "cs-stage-submitted",
        "cs-stage-accepted",
        "cs-stage-reviewed",
        "cs-stage-decided",
        "cs-stage-issued",
        "cs-stage-delivered",
    ];
    let reviews: Vec<&TaskView> = reviews(view).collect();
    let done = reviews.iter().filter(|task| !task.task.open).count();
    let steps = view.stages.iter().zip(keys).map(|(stage, key)| Step {
        title: shell.t(key),
        detail: match stage.done_at {
            Some(at) => {
                let (day, time) = day_and_time(at, today);
                format!("{day} {time}")
            }
            None if stage.current && key == "cs-stage-reviewed" && !reviews.is_empty() => {
                shell.t2("cs-review-progress", "n", done, "total", reviews.len())
            }
            None if stage.current => shell.t("step-current"),
            None => String::new(),
        },
        state: match (stage.done_at, stage.current) {
            (Some(_), _) => StepState::Done,
            (None, true) => StepState::Current,
            (None, false) => StepState::Waiting,
        },
    });
    Steps {
        steps: steps.collect(),
    }
}

/// The organs that look in parallel.
pub(super) fn reviews(view: &CaseView) -> impl Iterator<Item = &TaskView> {
    view.tasks.iter().filter(|task| task.task.act == "review")
}

pub(super) fn parallel(shell: &PageShell, view: &CaseView) -> Vec<ParallelPart> {
    reviews(view)
        .map(|part| {
            let outcome = part.task.outcome.as_deref().unwrap_or_default();
            let (lamp, status) = match (part.task.open, outcome) {
                (true, _) => (Lamp::Yellow, shell.t("cs-part-open")),
                (false, "通过") => (Lamp::Green, shell.t("cs-part-passed")),
                (false, "不通过") => (Lamp::Red, shell.t("cs-part-failed")),
                (false, _) => (Lamp::Grey, shell.t("cs-part-cancelled")),
            };
            ParallelPart {
                organ: shell.zh(part.organ_name.as_deref().unwrap_or_default()),
                item: shell.zh(&part.task.name),
                lamp,
                status,
            }
        })
        .collect()
}

pub(super) fn ring(shell: &PageShell, clock: &ClockView) -> Ring {
    let args: [(&str, &dyn tongban_webkit::Arg); 3] = [
        ("statutory", &clock.statutory_days),
        ("promised", &clock.promised_days),
        ("used", &clock.used),
    ];
    Ring {
        total: clock.promised_days,
        used: clock.used,
        paused: clock.suspended.is_some(),
        headline: if clock.ended && clock.stopped {
            shell.t1("cs-clock-ended", "n", clock.used)
        } else if clock.stopped {
            shell.t1("cs-clock-stopped", "n", clock.used)
        } else if clock.left < 0 {
            shell.t1("cs-clock-over", "date", clock.due.to_string())
        } else {
            shell.t1("cs-clock-due", "date", clock.due.to_string())
        },
        text: shell.ta("cs-clock-text", &args),
    }
}

pub(super) fn days(clock: &ClockView, today: Date) -> Vec<Day> {
    let line = |line: &tongban_limits::DayLine| Day {
        date: format!("{} {}", line.date, weekday(line.date)),
        n: line.n.map(|n| n.to_string()).unwrap_or_default(),
        why: line.why.clone(),
        basis: line.basis.clone(),
        due: line.due,
        today: line.date == today,
    };
    clock.explained.iter().map(line).collect()
}

fn weekday(date: Date) -> &'static str {
    const NAMES: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
    let at = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
    NAMES.get(at).copied().unwrap_or_default()
}

pub(super) const fn lamp_of(light: Light) -> Lamp {
    match light {
        Light::Normal => Lamp::Green,
        Light::Notice | Light::Yellow => Lamp::Yellow,
        Light::Red => Lamp::Red,
    }
}

/// Title and text of an event.
pub(super) fn event_words(shell: &PageShell, fact: &CaseFact) -> (String, String) {
    let title = |name: &str| shell.t(&format!("cs-ev-{name}"));
    let plain = title(fact.name());
    match fact {
        CaseFact::Received => (plain, String::new()),
        CaseFact::Withdrawn { reason } | CaseFact::Annulled { reason } => (plain, shell.zh(reason)),
        CaseFact::Accepted {
            document_no,
            deemed,
            ..
        } => (
            if *deemed {
                title("accepted-deemed")
            } else {
                plain
            },
            shell.t1("cs-ev-document", "value", shell.zh(document_no)),
        ),
        CaseFact::NotRequired { reason } => (plain, shell.zh(reason)),
        CaseFact::Refused {
            reason,
            competent_organ,
        } => (
            plain,
            match competent_organ {
                Some(organ) => shell.t2(
                    "cs-ev-refused-text",
                    "reason",
                    shell.zh(reason),
                    "organ",
                    shell.zh(organ),
                ),
                None => shell.zh(reason),
            },
        ),
        CaseFact::SupplementRequested { items, due, .. } => (
            plain,
            shell.t2(
                "cs-ev-supplement-text",
                "n",
                items.len(),
                "date",
                due.to_string(),
            ),
        ),
        CaseFact::Supplemented | CaseFact::HandlingStarted => {
            (plain, shell.t(&format!("cs-ev-{}-text", fact.name())))
        }
        CaseFact::SpecialStarted {
            kind, days, reason, ..
        } => (
            shell.t1("cs-ev-special-of", "kind", shell.zh(kind)),
            shell.t2("cs-ev-special-text", "n", *days, "reason", shell.zh(reason)),
        ),
        CaseFact::SpecialEnded { result } => (plain, shell.zh(result)),
        CaseFact::Granted { reason, tolerance } => (
            if *tolerance {
                title("granted-tolerance")
            } else {
                plain
            },
            shell.zh(reason),
        ),
        CaseFact::Denied { reason, remedies } => (
            plain,
            format!("{} {}", shell.zh(reason), shell.zh(remedies)),
        ),
        CaseFact::PreReviewed { opinion } => (plain, shell.zh(opinion)),
        CaseFact::Reviewed {
            organ_name,
            passed,
            opinion,
        } => {
            let key = if *passed {
                "cs-ev-review-passed"
            } else {
                "cs-ev-review-failed"
            };
            (
                shell.t1(key, "organ", shell.zh(organ_name)),
                shell.zh(opinion),
            )
        }
        CaseFact::LicenceIssued { identifier, name } => (
            plain,
            shell.t2(
                "cs-ev-licence-text",
                "name",
                shell.zh(name),
                "value",
                identifier,
            ),
        ),
        CaseFact::Delivered { way } => (plain, shell.zh(way)),
        CaseFact::ProcessMigrated { reason, .. } => (plain, shell.zh(reason)),
        CaseFact::RuleApplied(_) | CaseFact::RuleFailed { .. } => {
            super::rule_words::words(shell, fact)
        }
        CaseFact::Redispatched => (plain, shell.t("cs-ev-redispatched-text")),
        CaseFact::Transferred { .. }
        | CaseFact::SentBack { .. }
        | CaseFact::Countersigned { .. }
        | CaseFact::SignerAdded { .. }
        | CaseFact::SignerRemoved { .. }
        | CaseFact::Urged { .. }
        | CaseFact::TakenBack { .. }
        | CaseFact::Advice(_)
        | CaseFact::Delegated { .. }
        | CaseFact::Terminated { .. }
        | CaseFact::DelegationEnded { .. }
        | CaseFact::Redirected { .. }
        | CaseFact::Repaired { .. }
        | CaseFact::StepReported { .. } => super::order_words::words(shell, fact),
        CaseFact::Rated { level } => (plain, shell.t(&format!("rate-{}", level.clamp(&1, &5)))),
    }
}

fn mark(fact: &CaseFact) -> TimelineMark {
    match fact {
        CaseFact::SupplementRequested { .. }
        | CaseFact::SpecialStarted { .. }
        | CaseFact::Refused { .. }
        | CaseFact::NotRequired { .. }
        | CaseFact::Denied { .. }
        | CaseFact::Annulled { .. }
        | CaseFact::Withdrawn { .. }
        | CaseFact::Terminated { .. }
        | CaseFact::SentBack { .. }
        | CaseFact::TakenBack { .. }
        | CaseFact::Redirected { .. }
        | CaseFact::Urged { .. }
        | CaseFact::RuleFailed { .. }
        | CaseFact::Countersigned { agreed: false, .. }
        | CaseFact::Reviewed { passed: false, .. } => TimelineMark::Warning,
        _ => TimelineMark::Done,
    }
}

/// Who did it: the applicant, an officer with post and organ, or the system.
fn who(shell: &PageShell, view: &CaseView, event: &EventView) -> String {
    let by = &event.event.by;
    match by.role.as_str() {
        "applicant" => shell.t("cs-who-applicant"),
        "system" => shell.t("cs-who-system"),
        role => {
            let organ = view
                .tasks
                .iter()
                .find(|task| task.task.organ == by.organ)
                .and_then(|task| task.organ_name.clone())
                // Who was asked for an opinion has no task.
                .or_else(|| match &event.event.fact {
                    CaseFact::Advice(AdviceFact::OpinionGiven { organ_name, .. }) => {
                        Some(organ_name.clone())
                    }
                    _ => None,
                })
                .unwrap_or_else(|| view.case.organ_name.clone());
            let post = tongban_kernel::Post::from_key(role).map_or("", |post| post.label());
            let name = shell.zh(&by.name);
            match &by.behalf {
                Some(behalf) => {
                    let behalf = super::order_words::behalf_words(shell, behalf);
                    format!("{} {post} {name}，{behalf}", shell.zh(&organ))
                }
                None => format!("{} {post} {name}", shell.zh(&organ)),
            }
        }
    }
}

fn entry(shell: &PageShell, view: &CaseView, today: Date, event: &EventView) -> TimelineEntry {
    let fact = &event.event.fact;
    let (title, mut text) = event_words(shell, fact);
    let given = view.rules.iter().find(|rule| rule.seq == event.event.seq);
    if let Some(rule) = given.filter(|_| !view.own) {
        text.push_str(&super::rule_words::given(shell, &rule.inputs));
    }
    let (day, time) = day_and_time(event.event.at, today);
    let who = who(shell, view, event);
    let number = match fact {
        CaseFact::Accepted { document_no, .. } | CaseFact::Terminated { document_no, .. } => {
            Some(document_no)
        }
        CaseFact::SupplementRequested { notice_no, .. } => Some(notice_no),
        _ => None,
    };
    let links = view
        .documents
        .iter()
        .filter(|document| document.sha256.is_some() && Some(&document.number) == number)
        .map(|document| {
            (
                shell.t("word-view"),
                format!("/cases/{}/documents/{}", view.case.project_no, document.id),
            )
        })
        .collect();
    TimelineEntry {
        datetime: machine_time(event.event.at),
        day,
        time,
        title,
        text: if text.is_empty() {
            who
        } else {
            format!("{text}（{who}）")
        },
        mark: mark(fact),
        links,
        proof: Some(Proof {
            short: short_hash(&event.event.leaf),
            href: format!("/cases/{}/proof#{}", view.case.project_no, event.event.seq),
        }),
        parts: Vec::new(),
    }
}

/// What is going on now: who has to do what, and the organs that look in parallel.
fn now(shell: &PageShell, view: &CaseView) -> Option<TimelineEntry> {
    let open: Vec<&TaskView> = view.tasks.iter().filter(|task| task.task.open).collect();
    let first = open.first()?;
    if !view.case.state.is_open() {
        return None;
    }
    let parts = if open.iter().any(|task| task.task.act == "review") {
        parallel(shell, view)
    } else {
        Vec::new()
    };
    let title = match (&view.case.state, first.task.post) {
        (CaseState::Special { .. }, _) => shell.t("cs-now-special"),
        (_, None) => shell.t("cs-now-you"),
        (_, Some(_)) => shell.t2(
            "cs-now-organ",
            "organ",
            shell.zh(first.organ_name.as_deref().unwrap_or_default()),
            "name",
            shell.zh(&first.task.name),
        ),
    };
    Some(TimelineEntry {
        datetime: String::new(),
        day: String::new(),
        time: String::new(),
        title,
        text: first
            .task
            .due_on
            .map(|due| shell.t1("cs-now-due", "date", due.to_string()))
            .unwrap_or_default(),
        mark: TimelineMark::Current,
        links: Vec::new(),
        proof: None,
        parts,
    })
}

pub(super) fn timeline(shell: &PageShell, view: &CaseView, today: Date) -> Timeline {
    let past = view
        .events
        .iter()
        .rev()
        .map(|event| entry(shell, view, today, event));
    Timeline {
        entries: now(shell, view).into_iter().chain(past).collect(),
    }
}

pub(super) fn papers(view: &CaseView) -> Vec<Paper> {
    view.documents
        .iter()
        .map(|document| Paper {
            title: document.title.clone(),
            number: document.number.clone(),
            at: moment(document.created_at),
            href: if document.sha256.is_some() {
                format!("/cases/{}/documents/{}", view.case.project_no, document.id)
            } else {
                String::new()
            },
        })
        .collect()
}

pub(super) fn files(
    shell: &PageShell,
    view: &CaseView,
    form: Option<&tongban_forms::FormDocument>,
) -> Vec<FileLine> {
    let lang = crate::http::words::form_lang(shell.lang());
    let name = |id: &str| {
        form.into_iter()
            .flat_map(|form| form.materials())
            .find(|known| known.id == id)
            .map_or_else(|| id.to_owned(), |known| shell.zh(known.name.get(lang)))
    };
    view.files
        .iter()
        .map(|file| FileLine {
            material: name(&file.material),
            name: file.name.clone(),
            detail: bytes(file.size),
            href: format!("/cases/{}/files/{}", view.case.project_no, file.id),
            grade: match file.trust.as_str() {
                "A" => shell.t("form-grade-a"),
                "B" => shell.t("form-grade-b"),
                "C" => shell.t("form-grade-c"),
                _ => shell.t("form-grade-d"),
            },
        })
        .collect()
}
