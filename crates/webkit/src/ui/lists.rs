//! Lists of things: facts, key-values, summary cards, tasks, tabs, filters, pages, emptiness.

use super::component;

/// One figure of a facts strip: `28 → 5 个工作日`.
#[derive(Debug, Clone)]
pub struct Fact {
    pub label: String,
    /// The larger value it replaced, shown struck through; may be empty.
    pub before: String,
    pub value: String,
    pub unit: String,
}

/// A strip of figures.
#[derive(Debug, Clone)]
pub struct Facts {
    pub facts: Vec<Fact>,
}
component!(Facts, FactsView, "components/facts.html");

/// Label and value pairs.
#[derive(Debug, Clone)]
pub struct KeyValues {
    pub rows: Vec<(String, String)>,
    /// One column instead of two.
    pub one_column: bool,
}
component!(KeyValues, KeyValuesView, "components/kv.html");

/// One row of a check-answers card.
#[derive(Debug, Clone)]
pub struct SummaryRow {
    pub label: String,
    pub value: String,
    /// Where it came from, if it was not typed.
    pub source: String,
    /// Where it can be changed; empty: it cannot.
    pub change_href: String,
}

/// A card of answers to check before sending.
#[derive(Debug, Clone)]
pub struct SummaryCard {
    pub title: String,
    pub change_href: String,
    pub rows: Vec<SummaryRow>,
}
component!(SummaryCard, SummaryCardView, "components/summary_card.html");

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskState {
    Done,
    Doing,
    Todo,
    /// So many problems.
    Problem(u32),
    /// Waits for the others.
    Locked,
}

impl TaskState {
    /// Class of the status word.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Done => "ok",
            Self::Doing => "go",
            Self::Problem(_) => "er",
            Self::Todo | Self::Locked => "no",
        }
    }

    pub(crate) fn words(self, shell: &crate::PageShell) -> String {
        match self {
            Self::Done => shell.t("task-done"),
            Self::Doing => shell.t("task-doing"),
            Self::Todo => shell.t("task-todo"),
            Self::Problem(n) => shell.t1("task-problem", "n", n),
            Self::Locked => shell.t("task-locked"),
        }
    }
}

/// One section of an application.
#[derive(Debug, Clone)]
pub struct Task {
    pub title: String,
    pub icon: &'static str,
    pub href: String,
    pub state: TaskState,
    pub current: bool,
}

/// The sections of an application (事项清单): the whole row is the link.
#[derive(Debug, Clone)]
pub struct TaskList {
    pub percent: u8,
    pub tasks: Vec<Task>,
}
component!(TaskList, TaskListView, "components/task_list.html");

/// One tab: a link to the same list, narrowed.
#[derive(Debug, Clone)]
pub struct Tab {
    pub text: String,
    pub href: String,
    pub count: Option<u64>,
    pub urgent: bool,
    pub current: bool,
}

/// Tabs as links.
#[derive(Debug, Clone)]
pub struct Tabs {
    pub label: String,
    pub tabs: Vec<Tab>,
}
component!(Tabs, TabsView, "components/tabs.html");

/// One choice of a filter.
#[derive(Debug, Clone)]
pub struct FilterOption {
    pub text: String,
    pub href: String,
    pub current: bool,
}

/// One dimension of a filter.
#[derive(Debug, Clone)]
pub struct FilterGroup {
    pub label: String,
    pub options: Vec<FilterOption>,
}

/// The filter above a public list: every choice is a link.
#[derive(Debug, Clone)]
pub struct FilterBar {
    pub groups: Vec<FilterGroup>,
    /// Clears all; empty: nothing is set.
    pub clear_href: String,
}
component!(FilterBar, FilterBarView, "components/filter_bar.html");

/// Pages by key: forward, and back to the start.
#[derive(Debug, Clone, Default)]
pub struct Pager {
    /// `第 1–20 条`, or empty.
    pub summary: String,
    pub first_href: Option<String>,
    pub next_href: Option<String>,
}
component!(Pager, PagerView, "components/pager.html");

/// Nothing to show: says why and offers the next step.
#[derive(Debug, Clone, Default)]
pub struct Empty {
    pub icon: &'static str,
    /// Empty: the usual words.
    pub title: String,
    pub text: String,
    pub action_text: String,
    pub action_href: String,
    /// The list is empty because of a filter.
    pub filtered: bool,
}
component!(Empty, EmptyView, "components/empty.html");
