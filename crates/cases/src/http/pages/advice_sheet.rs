//! What the pages of a case show of opinions: the grid of the parallel ones, those that bind nobody, copies with their receipts.

use tongban_kernel::Post;
use tongban_webkit::ui::{Lamp, Tone};
use tongban_webkit::{Ctx, Html, PageShell};

use crate::http::words::moment;
use crate::model::{AdviceFact, OpinionState};
use crate::service::{Beside, CaseView, GridState, calendar, grid};

/// One opinion of the process.
pub(super) struct GridLine {
    pub(super) organ: String,
    pub(super) task: String,
    pub(super) due: String,
    pub(super) state: Html,
    pub(super) late: String,
    pub(super) urged: String,
    pub(super) opinion: String,
}

/// One opinion beside the process.
pub(super) struct OpinionLine {
    pub(super) organ: String,
    pub(super) post: String,
    pub(super) question: String,
    pub(super) due: String,
    pub(super) state: Html,
    pub(super) late: String,
    pub(super) opinion: String,
}

/// One copy.
pub(super) struct CopyLine {
    pub(super) officer: String,
    pub(super) sent: String,
    pub(super) read: String,
}

/// The opinions of a case.
#[derive(Default)]
pub(super) struct AdviceSheet {
    pub(super) grid: Vec<GridLine>,
    pub(super) opinions: Vec<OpinionLine>,
    pub(super) copies: Vec<CopyLine>,
}

fn late_words(shell: &PageShell, days: u32) -> String {
    match days {
        0 => String::new(),
        days => shell.t1("ad-late", "n", days),
    }
}

/// Tag of an opinion beside the process.
pub(super) fn opinion_tag(shell: &PageShell, state: OpinionState, late: u32) -> Html {
    let (tone, key) = match state {
        OpinionState::Open if late > 0 => (Tone::Red, "ad-state-open"),
        OpinionState::Open => (Tone::Blue, "ad-state-open"),
        OpinionState::Closed => (Tone::Plain, "ad-state-closed"),
        OpinionState::Answered(stance) => {
            let tone = match stance {
                crate::model::Stance::Object => Tone::Red,
                crate::model::Stance::Agree => Tone::Green,
                crate::model::Stance::None => Tone::Plain,
            };
            let key = format!("ad-stance-{}", stance.key());
            return tongban_webkit::ui::tag(tone, &shell.t(&key));
        }
    };
    tongban_webkit::ui::tag(tone, &shell.t(key))
}

impl AdviceSheet {
    /// The grid, for officers of the organ that leads.
    pub(super) fn of(ctx: &Ctx, shell: &PageShell, view: &CaseView) -> Self {
        let lead = matches!(
            &ctx.actor,
            tongban_kernel::Actor::Officer(officer) if officer.organ == view.case.organ
        );
        let Some(calendar) = calendar(ctx).ok().filter(|_| lead) else {
            return Self::default();
        };
        let rows = grid(&calendar, ctx.clock.today(), view);
        let lines = rows.into_iter().map(|row| {
            let (lamp, key) = match row.state {
                GridState::Open if row.late > 0 => (Lamp::Red, "cs-part-open"),
                GridState::Open => (Lamp::Yellow, "cs-part-open"),
                GridState::Agreed => (Lamp::Green, "cs-part-passed"),
                GridState::Against => (Lamp::Red, "cs-part-failed"),
                GridState::Deemed => (Lamp::Green, "ad-part-deemed"),
                GridState::Withdrawn => (Lamp::Grey, "cs-part-cancelled"),
            };
            GridLine {
                organ: shell.zh(&row.organ),
                task: shell.zh(&row.task),
                due: row.due.map(|due| due.to_string()).unwrap_or_default(),
                state: tongban_webkit::ui::lamp(shell, lamp, &shell.t(key)),
                late: late_words(shell, row.late),
                urged: match row.urged {
                    0 => String::new(),
                    n => shell.t1("or-urged", "n", n),
                },
                opinion: shell.zh(&row.opinion),
            }
        });
        Self {
            grid: lines.collect(),
            ..Self::default()
        }
    }

    /// With what is beside the process.
    pub(super) fn beside(&mut self, shell: &PageShell, beside: &Beside) {
        let opinions = beside.opinions.iter().map(|row| OpinionLine {
            organ: shell.zh(&row.organ),
            post: shell.zh(row.request.post.label()),
            question: shell.zh(&row.question),
            due: row.request.due_on.to_string(),
            state: opinion_tag(shell, row.request.state, row.late),
            late: late_words(shell, row.late),
            opinion: shell.zh(&row.opinion),
        });
        self.opinions = opinions.collect();
        let copies = beside.copies.iter().map(|row| CopyLine {
            officer: format!("{} {}", shell.zh(&row.organ), shell.zh(&row.officer)),
            sent: moment(row.copy.sent_at),
            read: match row.copy.read_at {
                Some(at) => shell.t1("ad-read-at", "time", moment(at)),
                None => shell.t("ad-unread"),
            },
        });
        self.copies = copies.collect();
    }
}

/// Title and text of an event about opinions, copies and signers.
pub(super) fn words(shell: &PageShell, fact: &AdviceFact) -> (String, String) {
    let titled = |key: &str, value: &str| shell.t1(key, "value", shell.zh(value));
    match fact {
        AdviceFact::OpinionAsked {
            organ_name,
            post,
            question,
            due,
            ..
        } => (
            shell.t2(
                "ad-ev-asked",
                "organ",
                shell.zh(organ_name),
                "post",
                shell.zh(Post::label(*post)),
            ),
            shell.t2(
                "ad-ev-asked-text",
                "question",
                shell.zh(question),
                "date",
                due.to_string(),
            ),
        ),
        AdviceFact::OpinionGiven {
            organ_name,
            stance,
            opinion,
            ..
        } => (
            shell.t2(
                "ad-ev-given",
                "organ",
                shell.zh(organ_name),
                "stance",
                shell.t(&format!("ad-stance-{}", stance.key())),
            ),
            shell.zh(opinion),
        ),
        AdviceFact::Copied { to, note } => (titled("ad-ev-copied", &to.join("、")), shell.zh(note)),
        AdviceFact::SignerAsked {
            organ_name,
            place,
            reason,
        } => (
            titled(&format!("ad-ev-signer-{}", place.key()), organ_name),
            shell.zh(reason),
        ),
        AdviceFact::DeemedAgreed {
            task,
            organ_name,
            due,
            rule,
        } => (
            shell.t2(
                "ad-ev-deemed",
                "organ",
                shell.zh(organ_name),
                "task",
                shell.zh(task),
            ),
            shell.t2(
                "ad-ev-deemed-text",
                "date",
                due.to_string(),
                "rule",
                shell.zh(rule),
            ),
        ),
    }
}
