//! How far a draft has come: percentage and status of each page.

use serde::Serialize;

use crate::document::{FieldKind, OnFail};
use crate::read::{Cell, Reading};
use crate::words::{Lang, message};

/// Status of a page in the task list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageStatus {
    /// 未开始
    Todo,
    /// 填写中
    Doing,
    /// 已完成
    Done,
    /// 有问题: something typed must be changed.
    Trouble,
}

impl PageStatus {
    /// The status in words.
    pub fn text(self, lang: Lang) -> String {
        let id = match self {
            Self::Todo => "page.todo",
            Self::Doing => "page.doing",
            Self::Done => "page.done",
            Self::Trouble => "page.trouble",
        };
        message(id, "", &[], lang)
    }
}

/// One shown page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageProgress {
    /// Page identifier.
    pub page: String,
    /// Status.
    pub status: PageStatus,
    /// Needed answers that are there and understood.
    pub answered: u32,
    /// Needed answers.
    pub needed: u32,
}

/// The whole draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Shown pages in order.
    pub pages: Vec<PageProgress>,
    /// Needed answers that are there and understood.
    pub answered: u32,
    /// Needed answers.
    pub needed: u32,
    /// Needed answers that came from shared data (少填).
    pub verified: u32,
    /// 0 to 100; 100 only when nothing is missing.
    pub percent: u32,
}

#[derive(Default)]
struct Tally {
    answered: u32,
    needed: u32,
    verified: u32,
    typed: bool,
    trouble: bool,
}

impl Tally {
    fn count(&mut self, cell: &Cell<'_>, needed: bool) {
        let there = !cell.value.is_nothing();
        self.trouble |= cell.issue.is_some();
        self.typed |= cell.entry.is_some_and(|e| !e.typed.is_blank());
        if needed || there || cell.issue.is_some() {
            self.needed += u32::from(needed);
            self.answered += u32::from(needed && there);
            self.verified += u32::from(needed && cell.uses_verified);
        }
    }
}

impl Reading<'_> {
    /// How far the draft has come. Cross-field checks count as trouble of their page.
    pub fn progress(&self) -> Progress {
        let mut pages = Vec::new();
        let (mut answered, mut needed, mut verified) = (0, 0, 0);
        for (at, page) in self.form.pages.iter().enumerate() {
            if self.pages_shown.get(at) != Some(&true) {
                continue;
            }
            let tally = self.tally(at);
            let saved = self.answers.is_saved(&page.id);
            // What is merely missing is "in progress"; what is there and wrong is "trouble".
            let open = self.validate_page(&page.id);
            let wrong = open
                .iter()
                .any(|p| !p.code.starts_with("required") && p.code != "group.too_few");
            let status = if tally.trouble || (wrong && (tally.typed || saved)) {
                PageStatus::Trouble
            } else if open.is_empty() && (tally.typed || saved || tally.needed > 0) {
                PageStatus::Done
            } else if tally.typed || saved {
                PageStatus::Doing
            } else {
                PageStatus::Todo
            };
            answered += tally.answered;
            needed += tally.needed;
            verified += tally.verified;
            let page = page.id.clone();
            pages.push(PageProgress {
                page,
                status,
                answered: tally.answered,
                needed: tally.needed,
            });
        }
        let percent = answered
            .saturating_mul(100)
            .checked_div(needed)
            .unwrap_or(100);
        Progress {
            pages,
            answered,
            needed,
            verified,
            percent,
        }
    }

    fn tally(&self, page: usize) -> Tally {
        let mut tally = Tally::default();
        for ix in self.form.page_fields(page) {
            let (Some(field), Some(cell)) = (self.form.fields.get(ix), self.cells.get(ix)) else {
                continue;
            };
            if !cell.shown {
                continue;
            }
            match &field.kind {
                FieldKind::Question(_) => {
                    let prefill = field.prefill.as_ref();
                    let waits = prefill.is_some_and(|p| p.verified && p.on_fail == OnFail::Wait);
                    let waits = waits && cell.value.is_nothing();
                    tally.count(cell, !waits && self.needed(&field.need, &[]));
                }
                FieldKind::Group(group) => {
                    let filled: Vec<_> = self.rows_of(ix).iter().filter(|r| !r.blank).collect();
                    let missing = (group.min as usize).saturating_sub(filled.len());
                    if self.needed(&field.need, &[]) || !filled.is_empty() {
                        let each = group.children.len().max(1);
                        let missing = missing.saturating_mul(each).min(10_000);
                        tally.needed += u32::try_from(missing).unwrap_or(0);
                    }
                    for row in filled {
                        for (child, _, cell) in self.children(group, row) {
                            tally.count(cell, self.needed(&child.need, &row.cells));
                        }
                    }
                }
            }
        }
        tally
    }
}
