//! The way through a draft: form pages, materials, check.

use tongban_forms::PageStatus;
use tongban_kernel::Result;
use tongban_webkit::PageShell;
use tongban_webkit::ui::{Task, TaskList, TaskState};

use crate::http::words::form_lang;
use crate::service::Desk;

/// Which step of the draft is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Overview,
    Page(&'a str),
    Materials,
    Check,
}

/// How far a draft is.
pub(super) struct Way {
    pub(super) list: TaskList,
    /// Where to go on.
    pub(super) next: String,
    pub(super) answered: u32,
    pub(super) needed: u32,
    /// Needed answers that came from shared data.
    pub(super) verified: u32,
}

/// The task list of a draft, with `at` marked.
pub(super) fn way(desk: &Desk, shell: &PageShell, at: Step<'_>) -> Result<Way> {
    let id = desk.draft.id;
    let lang = form_lang(shell.lang());
    let received = desk.received();
    let (progress, titles, open, missing, (materials, asked)) = desk.read(|reading, form| {
        let progress = reading.progress();
        let titles: Vec<String> = progress
            .pages
            .iter()
            .map(|page| {
                form.pages()
                    .iter()
                    .find(|known| known.id == page.page)
                    .map_or_else(String::new, |known| known.title.get(lang).to_owned())
            })
            .collect();
        let open: Vec<usize> = progress
            .pages
            .iter()
            .map(|page| reading.validate_page(&page.page).len())
            .collect();
        let counted = |received: &[tongban_forms::Received]| {
            let missing = reading.missing_materials(received);
            missing.iter().filter(|one| !one.tolerable).count()
        };
        let (missing, asked) = (counted(&received), counted(&[]));
        let materials = (reading.materials().count(), asked);
        (progress, titles, open, missing, materials)
    })?;
    let mut tasks = Vec::new();
    let mut next = None;
    for ((page, title), open) in progress.pages.iter().zip(titles).zip(open) {
        let state = match page.status {
            PageStatus::Done => TaskState::Done,
            PageStatus::Doing => TaskState::Doing,
            PageStatus::Todo => TaskState::Todo,
            PageStatus::Trouble => {
                TaskState::Problem(u32::try_from(open).unwrap_or(u32::MAX).max(1))
            }
        };
        let href = format!("/drafts/{id}/pages/{}", page.page);
        if state != TaskState::Done && next.is_none() {
            next = Some(href.clone());
        }
        tasks.push(Task {
            title: shell.zh(&title),
            icon: "pencil-line",
            href,
            state,
            current: at == Step::Page(&page.page),
        });
    }
    if materials > 0 {
        let state = match (missing, desk.files.is_empty()) {
            (0, _) => TaskState::Done,
            (_, true) => TaskState::Todo,
            (_, false) => TaskState::Doing,
        };
        let href = format!("/drafts/{id}/materials");
        if missing > 0 && next.is_none() {
            next = Some(href.clone());
        }
        tasks.push(Task {
            title: shell.t("cs-step-materials"),
            icon: "files",
            href,
            state,
            current: at == Step::Materials,
        });
    }
    let check = format!("/drafts/{id}/check");
    tasks.push(Task {
        title: shell.t("cs-step-check"),
        icon: "list-checks",
        href: check.clone(),
        state: if next.is_none() || at == Step::Check {
            TaskState::Todo
        } else {
            TaskState::Locked
        },
        current: at == Step::Check,
    });
    Ok(Way {
        list: TaskList {
            percent: percent(&progress, asked, missing),
            tasks,
        },
        next: next.unwrap_or(check),
        answered: progress.answered,
        needed: progress.needed,
        verified: progress.verified,
    })
}

/// Fields and materials together: 100 only when neither is missing.
fn percent(progress: &tongban_forms::Progress, asked: usize, missing: usize) -> u8 {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let done = progress
        .answered
        .saturating_add(number(asked.saturating_sub(missing)));
    let all = progress.needed.saturating_add(number(asked));
    let percent = done.saturating_mul(100).checked_div(all).unwrap_or(100);
    u8::try_from(percent.min(100)).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_whole_only_with_its_uploads() {
        let progress = tongban_forms::Progress {
            pages: Vec::new(),
            answered: 6,
            needed: 6,
            verified: 0,
            percent: 100,
        };
        assert_eq!(percent(&progress, 4, 4), 60);
        assert_eq!(percent(&progress, 4, 1), 90);
        assert_eq!(percent(&progress, 4, 0), 100);
        assert_eq!(percent(&progress, 0, 0), 100);
    }
}
