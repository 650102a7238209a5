//! From facts to what is read: times, sizes, states, and which tone and lamp they get.

use jiff::Timestamp;
use jiff::civil::Date;
use tongban_kernel::{Error, SHANGHAI, TypedId};
use tongban_webkit::ui::{Lamp, Tone};
use tongban_webkit::{Lang, PageShell};

use crate::model::{CaseState, Ending, Verdict};

/// An id from an address; what is no id does not exist.
pub(crate) fn id<T: TypedId>(text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::not_found())
}

fn local(at: Timestamp) -> jiff::civil::DateTime {
    jiff::tz::TimeZone::fixed(SHANGHAI).to_datetime(at)
}

/// `2026-11-19 10:46` in China.
pub(crate) fn moment(at: Timestamp) -> String {
    local(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// `11-19` and `10:46`, with the year where it is another one than today's.
pub(crate) fn day_and_time(at: Timestamp, today: Date) -> (String, String) {
    let at = local(at);
    let format = if at.year() == today.year() {
        "%m-%d"
    } else {
        "%Y-%m-%d"
    };
    (
        at.strftime(format).to_string(),
        at.strftime("%H:%M").to_string(),
    )
}

/// RFC 3339 with the offset of China, for `<time datetime>`.
pub(crate) fn machine_time(at: Timestamp) -> String {
    local(at).strftime("%Y-%m-%dT%H:%M:%S+08:00").to_string()
}

/// `2.4 MB`.
pub(crate) fn bytes(size: u64) -> String {
    const KB: u64 = 1024;
    const MB: u64 = 1024 * KB;
    match size {
        MB.. => format!("{}.{} MB", size / MB, size % MB * 10 / MB),
        KB.. => format!("{} KB", size / KB),
        _ => format!("{size} B"),
    }
}

/// The language of form documents.
pub(crate) fn form_lang(lang: Lang) -> tongban_forms::Lang {
    match lang {
        Lang::En => tongban_forms::Lang::En,
        Lang::ZhCn | Lang::ZhHant => tongban_forms::Lang::Zh,
    }
}

/// Text key of a state.
pub(crate) const fn state_key(state: &CaseState) -> &'static str {
    match state {
        CaseState::Received { .. } => "cs-state-received",
        CaseState::Supplementing { .. } => "cs-state-supplementing",
        CaseState::Accepted { .. } => "cs-state-accepted",
        CaseState::Handling { .. } => "cs-state-handling",
        CaseState::Special { .. } => "cs-state-special",
        CaseState::Concluded { verdict, .. } => match verdict {
            Verdict::Granted => "cs-state-granted",
            Verdict::GrantedWithTolerance => "cs-state-granted-tolerance",
            Verdict::Denied => "cs-state-denied",
        },
        CaseState::Ended { ending, .. } => match ending {
            Ending::WithdrawnBefore => "cs-state-withdrawn",
            Ending::NotRequired => "cs-state-not-required",
            Ending::Refused => "cs-state-refused",
            Ending::Recalled => "cs-state-recalled",
            Ending::TerminatedBefore | Ending::Terminated => "cs-state-terminated",
        },
        CaseState::Annulled { .. } => "cs-state-annulled",
    }
}

/// Tone of a state.
pub(crate) const fn state_tone(state: &CaseState) -> Tone {
    match state {
        CaseState::Received { .. } | CaseState::Accepted { .. } | CaseState::Handling { .. } => {
            Tone::Blue
        }
        CaseState::Supplementing { .. } | CaseState::Special { .. } => Tone::Amber,
        CaseState::Concluded {
            verdict: Verdict::Denied,
            ..
        }
        | CaseState::Annulled { .. }
        | CaseState::Ended {
            ending: Ending::Refused,
            ..
        } => Tone::Red,
        CaseState::Concluded { .. } => Tone::Green,
        CaseState::Ended { .. } => Tone::Plain,
    }
}

/// The tag of a state.
pub(crate) fn state_tag(shell: &PageShell, state: &CaseState) -> tongban_webkit::Html {
    tongban_webkit::ui::tag(state_tone(state), &shell.t(state_key(state)))
}

/// Lamp and words for a day by which something is due; the days are working days.
pub(crate) fn due_lamp(
    shell: &PageShell,
    calendar: &tongban_limits::Calendar,
    today: Date,
    due: Option<Date>,
) -> (Lamp, String) {
    let Some(due) = due else {
        return (Lamp::Grey, shell.t("cs-no-limit"));
    };
    if due < today {
        let over = calendar.working_days_between(due, today).max(1);
        return (Lamp::Red, shell.t1("cs-days-over", "n", over));
    }
    match calendar.working_days_between(today, due) {
        0 => (Lamp::Yellow, shell.t("cs-due-today")),
        left @ 1 => (Lamp::Yellow, shell.t1("cs-days-left", "n", left)),
        left => (Lamp::Green, shell.t1("cs-days-left", "n", left)),
    }
}

/// `accept` of an input and its formats in words, for the media types of a material.
pub(crate) fn formats(accept: &[String]) -> (String, String) {
    let every = accept.is_empty();
    let has = |kind: &str| {
        every
            || accept.iter().any(|one| {
                one == kind
                    || one
                        .strip_suffix("/*")
                        .is_some_and(|class| kind.starts_with(&format!("{class}/")))
            })
    };
    let known = [
        ("image/jpeg", ".jpg,.jpeg", "JPG"),
        ("image/png", ".png", "PNG"),
        ("application/pdf", ".pdf", "PDF"),
        ("application/ofd", ".ofd", "OFD"),
    ];
    let taken: Vec<_> = known.into_iter().filter(|(kind, ..)| has(kind)).collect();
    let ends: Vec<&str> = taken.iter().map(|(_, ends, _)| *ends).collect();
    let names: Vec<&str> = taken.iter().map(|(_, _, name)| *name).collect();
    (ends.join(","), names.join("、"))
}

/// The anchor of a field on its form page.
pub(crate) fn anchor(path: &str) -> String {
    let safe: String = path
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    format!("f-{safe}")
}

/// `1b6c…0f2c` of a leaf hash.
pub(crate) fn short_hash(leaf: &str) -> String {
    match (leaf.get(..4), leaf.get(leaf.len().saturating_sub(4)..)) {
        (Some(head), Some(tail)) if leaf.len() > 12 => format!("{head}…{tail}"),
        _ => leaf.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_formats_read_well() {
        assert_eq!(
            [bytes(900), bytes(2048), bytes(2_516_582)],
            ["900 B", "2 KB", "2.3 MB"]
        );
        let kinds = |list: &[&str]| {
            formats(&list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>()).1
        };
        assert_eq!(kinds(&["image/*", "application/pdf"]), "JPG、PNG、PDF");
        assert_eq!(kinds(&[]), "JPG、PNG、PDF、OFD");
        assert_eq!(short_hash("0123456789abcdef"), "0123…cdef");
        assert_eq!(short_hash("é"), "é");
        assert_eq!(anchor("signs.0.w"), "f-signs-0-w");
    }
}
