//! The forms of one element: what can be set, where its flows lead, and what can be done with it.

use tongban_kernel::Post;
use tongban_process::edit::{Details, GATEWAYS, Model, Repetition, Setting, Sort, TASKS, Timed};
use tongban_webkit::PageShell;
use tongban_webkit::ui::{Choice, Field, FieldKind};

use super::{Again, kind_words};
use crate::service::Offered;

/// Acts that the workbench knows.
const ACTS: [&str; 7] = [
    "pre-review",
    "supplement",
    "accept",
    "review",
    "countersign",
    "decide",
    "issue",
];

/// One form of the page.
pub(super) struct FormBox {
    /// Tells several of one kind apart.
    pub key: String,
    pub title: String,
    pub hint: String,
    pub fields: Vec<Field>,
    pub hidden: Vec<(&'static str, String)>,
    /// Value and words of each button, and whether it takes something away.
    pub buttons: Vec<(&'static str, String, bool)>,
    /// Level of its heading.
    pub level: u8,
    /// Folded until it is asked for.
    pub folded: bool,
}

impl FormBox {
    pub(super) fn new(
        shell: &PageShell,
        op: &'static str,
        key: String,
        title: &str,
        button: &str,
    ) -> Self {
        Self {
            key,
            title: shell.t(title),
            hint: String::new(),
            fields: Vec::new(),
            hidden: Vec::new(),
            buttons: vec![(op, shell.t(button), false)],
            level: 3,
            folded: false,
        }
    }
}

/// Builds the forms of one element.
pub(super) struct Forms<'a> {
    pub shell: &'a PageShell,
    pub model: &'a Model,
    pub offered: &'a Offered,
    pub details: &'a Details,
    pub again: &'a Again<'a>,
}

fn select(id: &str, name: &str, label: &str, choices: Vec<Choice>) -> Field {
    let mut field = Field::new(name, label, FieldKind::Select { choices });
    id.clone_into(&mut field.id);
    field
}

/// The posts, the applicant, and what stands there now if it is neither.
pub(super) fn post_choices(shell: &PageShell, offered: &Offered, now: &str) -> Field {
    let applicant = Choice::new("applicant", &shell.t("pa-applicant"), now == "applicant");
    let posts = Post::ALL.iter().map(|post| {
        let label = shell.zh(post.label());
        Choice::new(post.key(), &label, now == post.key())
    });
    let mut choices: Vec<Choice> = [applicant].into_iter().chain(posts).collect();
    let used = offered.values.get(&Setting::Post).into_iter().flatten();
    let used = used
        .map(String::as_str)
        .chain((!now.is_empty()).then_some(now));
    for value in used {
        if choices.iter().all(|choice| choice.value != value) {
            choices.push(Choice::new(value, value, value == now));
        }
    }
    let mut field = select("f-post", "post", &shell.t("pa-post"), choices);
    field.optional = true;
    field
}

/// The id of a field of a form.
pub(super) fn id_of(form: &str, name: &str) -> String {
    format!("f-{form}-{name}")
}

impl Forms<'_> {
    pub(super) fn text(&self, form: &str, name: &str, label: &str, now: &str) -> Field {
        let value = self.again.value(form, name, now);
        let mut field = Field::text(name, &self.shell.t(label), &value);
        field.id = id_of(form, name);
        field.optional = true;
        field
    }

    pub(super) fn choose(
        &self,
        form: &str,
        name: &str,
        label: &str,
        all: &[(&str, String)],
        now: &str,
    ) -> Field {
        let now = self.again.value(form, name, now);
        let choices = all
            .iter()
            .map(|(v, words)| Choice::new(v, words, *v == now));
        let id = id_of(form, name);
        select(&id, name, &self.shell.t(label), choices.collect())
    }

    fn suggest(&self, name: &str, label: &str, now: &str, setting: Setting) -> Field {
        let used = self.offered.values.get(&setting).into_iter().flatten();
        let kind = FieldKind::Suggest {
            value: self.again.value("save", name, now),
            suggestions: used.cloned().collect(),
        };
        let mut field = Field::new(name, &self.shell.t(label), kind);
        field.id = id_of("save", name);
        field.optional = true;
        field
    }

    fn setting(&self, setting: Setting, now: &str) -> Field {
        let (shell, name) = (self.shell, setting.key());
        let label = format!("po-set-{name}");
        let mut field = match setting {
            Setting::Post => {
                let now = self.again.value("save", name, now);
                let mut field = post_choices(shell, self.offered, &now);
                field.id = id_of("save", name);
                field
            }
            Setting::Organ => return self.organ(now),
            Setting::Act => {
                let mut all: Vec<&str> = ACTS.to_vec();
                let used = self.offered.values.get(&setting).into_iter().flatten();
                all.extend(used.map(String::as_str).filter(|a| !ACTS.contains(a)));
                let all: Vec<(&str, String)> = all.into_iter().map(|a| (a, a.to_owned())).collect();
                self.choose("save", name, &label, &all, now)
            }
            Setting::Interrupting => {
                let all = [
                    ("true", shell.t("po-interrupts")),
                    ("false", shell.t("po-reminds")),
                ];
                let now = if now == "false" { "false" } else { "true" };
                self.choose("save", name, &label, &all, now)
            }
            Setting::Form
            | Setting::Service
            | Setting::Decision
            | Setting::Called
            | Setting::Outcome
            | Setting::Message => self.suggest(name, &label, now, setting),
            Setting::Script | Setting::Variables => {
                let kind = FieldKind::TextArea {
                    value: self.again.value("save", name, now),
                    maxlength: 4_000,
                };
                let mut field = Field::new(name, &shell.t(&label), kind);
                field.id = id_of("save", name);
                field
            }
            _ => self.text("save", name, &label, now),
        };
        field.optional = true;
        let hinted = matches!(
            setting,
            Setting::Limit
                | Setting::Script
                | Setting::Variable
                | Setting::Countersign
                | Setting::Variables
                | Setting::Binding
                | Setting::Key
                | Setting::Outcome
        );
        if hinted {
            field = field.hint(&shell.t(&format!("po-hint-{name}")));
        }
        field
    }

    fn organ(&self, now: &str) -> Field {
        let organs = &self.offered.organs;
        let mut all: Vec<(&str, String)> = organs
            .iter()
            .map(|(id, name)| (id.as_str(), self.shell.zh(name)))
            .collect();
        // Formulas, those of other processes too.
        let used = self
            .offered
            .values
            .get(&Setting::Organ)
            .into_iter()
            .flatten();
        for value in used {
            if !organs.iter().any(|(id, _)| id == value) {
                all.push((value, value.clone()));
            }
        }
        let mut field = self.choose("save", "organ", "po-set-organ", &all, now);
        field.optional = true;
        field.hint(&self.shell.t("po-hint-organ"))
    }

    /// Name, kind, lane, settings, time, repetition.
    pub(super) fn save(&self) -> FormBox {
        let (shell, details) = (self.shell, self.details);
        let mut form = FormBox::new(shell, "save", "save".to_owned(), "po-form-save", "po-save");
        form.level = 2;
        form.fields
            .push(self.text("save", "name", "po-name", &details.name));
        let sort = Sort::of(&details.element);
        let family = match sort {
            Some(sort) if TASKS.contains(&sort) => &TASKS[..],
            Some(sort) if GATEWAYS.contains(&sort) => &GATEWAYS[..],
            _ if details.element == "task" => &TASKS[..],
            _ => &[],
        };
        if !family.is_empty() {
            let all: Vec<_> = family
                .iter()
                .map(|s| (s.element(), kind_words(shell, s.element())))
                .collect();
            form.fields
                .push(self.choose("save", "sort", "po-kind", &all, &details.element));
        }
        form.fields.extend(self.lane());
        let own = details.settings.iter();
        form.fields
            .extend(own.map(|(setting, now)| self.setting(*setting, now)));
        if let Some(timed) = &details.timed {
            form.fields.extend(self.timed("save", timed));
        }
        if details.repeatable {
            form.fields
                .extend(self.repeated(details.repetition.as_ref()));
        }
        form
    }

    fn lane(&self) -> Option<Field> {
        let is_place = !matches!(&*self.details.element, "lane" | "process");
        let lanes = self.model.outline().into_iter().flat_map(|p| p.lanes);
        let lanes: Vec<(String, String)> = lanes.filter(|_| is_place).collect();
        if lanes.is_empty() {
            return None;
        }
        let now = self.details.lane.as_deref().unwrap_or_default();
        let all: Vec<(&str, String)> = lanes
            .iter()
            .map(|(id, name)| (id.as_str(), self.shell.zh(name)))
            .collect();
        let mut field = self.choose("save", "lane", "po-lane", &all, now);
        field.optional = true;
        Some(field)
    }

    pub(super) fn timed(&self, form: &str, timed: &Timed) -> [Field; 3] {
        let shell = self.shell;
        let forms = [
            ("timeDuration", shell.t("po-time-duration")),
            ("timeDate", shell.t("po-time-date")),
            ("timeCycle", shell.t("po-time-cycle")),
        ];
        let calendars = [
            ("working", shell.t("po-cal-working")),
            ("office", shell.t("po-cal-office")),
            ("limit", shell.t("po-cal-limit")),
        ];
        let mut calendar =
            self.choose(form, "calendar", "po-calendar", &calendars, &timed.calendar);
        calendar.optional = true;
        let mut time = self.text(form, "time", "po-time", &timed.text);
        time.optional = false;
        [
            self.choose(form, "time-form", "po-time-form", &forms, &timed.form),
            time.hint(&shell.t("po-time-hint")),
            calendar.hint(&shell.t("po-calendar-hint")),
        ]
    }

    fn repeated(&self, now: Option<&Repetition>) -> Vec<Field> {
        let shell = self.shell;
        let modes = [
            ("parallel", shell.t("po-repeat-parallel")),
            ("sequential", shell.t("po-repeat-sequential")),
        ];
        let mode = match now {
            None => "",
            Some(now) if now.sequential => "sequential",
            Some(_) => "parallel",
        };
        let none = Repetition::default();
        let now = now.unwrap_or(&none);
        let mut how = self.choose("save", "repeat", "po-repeat", &modes, mode);
        how.optional = true;
        vec![
            how.hint(&shell.t("po-repeat-hint")),
            self.text("save", "count", "po-repeat-count", &now.count),
            self.text("save", "collection", "po-repeat-list", &now.collection),
            self.text("save", "item", "po-repeat-item", &now.item),
            self.text("save", "until", "po-repeat-until", &now.until),
        ]
    }
}
