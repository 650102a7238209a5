//! An item as a row of a list.

use jiff::civil::Date;
use tongban_search::Segment;
use tongban_webkit::ui::{self, Tone};
use tongban_webkit::{Html, PageShell};

use super::{index, item_href};
use crate::model::{Limit, ProjectType, Shown, TimeUnit};
use crate::service::Offer;

/// One row.
pub(super) struct ItemRow {
    pub(super) href: String,
    pub(super) title: Vec<Segment>,
    pub(super) snippet: Vec<Segment>,
    pub(super) tags: Vec<Html>,
    pub(super) organ: String,
    /// `5 个工作日`, or empty where nothing is published.
    pub(super) promised: String,
    pub(super) visits: String,
    /// An application can be opened here.
    pub(super) open: bool,
}

impl ItemRow {
    pub(super) fn of(shell: &PageShell, offer: &Offer, today: Date) -> Self {
        let item = &offer.item;
        let mut tags = vec![ui::tag(Tone::Plain, &shell.zh(item.task_type.label()))];
        if index::depth(item) == "3" {
            tags.push(ui::tag(Tone::Green, &shell.t("tag-online")));
        }
        match item.project_type {
            Some(ProjectType::Immediate) => tags.push(ui::tag(Tone::Teal, &shell.t("tag-at-once"))),
            Some(_) => tags.push(ui::tag(Tone::Blue, &shell.t("tag-promise"))),
            None => {}
        }
        if item.demo == Some(true) {
            tags.push(ui::tag(Tone::Amber, &shell.t("tag-demo")));
        }
        Self {
            href: item_href(&offer.code),
            title: vec![plain(&shell.zh(&item.task_name))],
            snippet: Vec::new(),
            tags,
            organ: shell.zh(&offer.organ_name),
            promised: item
                .promised_limit()
                .map_or_else(String::new, |limit| days(shell, limit)),
            visits: item
                .limit_scene_num
                .map_or_else(String::new, |n| shell.t1("row-visits", "n", n)),
            open: item.open_application(None, today).is_ok(),
        }
    }

    /// With the marks of a search.
    pub(super) fn marked(
        mut self,
        shell: &PageShell,
        title: &[Segment],
        snippet: &[Segment],
    ) -> Self {
        let segments = |segments: &[Segment]| {
            let read = segments.iter().map(|one| Segment {
                text: shell.zh(&one.text),
                hit: one.hit,
            });
            read.collect()
        };
        self.title = segments(title);
        self.snippet = segments(snippet);
        self
    }
}

fn plain(text: &str) -> Segment {
    Segment {
        text: text.to_owned(),
        hit: false,
    }
}

/// A limit in the reader's language.
pub(super) fn days(shell: &PageShell, limit: Limit) -> String {
    match (limit.days, limit.unit) {
        (0, _) => shell.t("limit-at-once"),
        (n, TimeUnit::WorkingDay) => shell.t1("limit-working-days", "n", n),
        (n, TimeUnit::NaturalDay) => shell.t1("limit-days", "n", n),
    }
}

/// What the organ published, or that it did not.
pub(super) fn shown(shell: &PageShell, shown: &Shown) -> String {
    if shown.published {
        shell.zh(&shown.text)
    } else {
        shell.t("not-published")
    }
}
