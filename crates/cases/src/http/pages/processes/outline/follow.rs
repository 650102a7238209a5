//! The forms of what follows an element: its flows, what is put in behind it, where it goes itself.

use tongban_process::edit::{GATEWAYS, Sort, Timed, Way};
use tongban_webkit::ui::{Choice, Field, FieldKind};

use super::fields::{FormBox, Forms, id_of};
use super::kind_words;

impl Forms<'_> {
    /// A form for each flow that leaves the element.
    pub(super) fn ways(&self, ways: &[Way]) -> Vec<FormBox> {
        let targets = self.model.neighbours(&self.details.id);
        let all: Vec<(&str, String)> = targets
            .iter()
            .map(|(id, name, _)| (id.as_str(), self.shell.zh(name)))
            .collect();
        let form = |(n, way): (usize, &Way)| {
            let key = format!("flow-{n}");
            let mut form = FormBox::new(self.shell, "flow", key.clone(), "po-ways", "po-save");
            let to = targets.iter().find(|(id, ..)| *id == way.to);
            let to = to.map_or_else(|| way.to.clone(), |(_, name, _)| name.clone());
            form.title = self.shell.t1("po-form-flow", "name", self.shell.zh(&to));
            form.hidden.push(("flow", way.flow.clone()));
            form.fields
                .push(self.choose(&key, "to", "po-flow-to", &all, &way.to));
            form.fields
                .push(self.text(&key, "name", "po-flow-name", &way.name));
            if self.details.element != "parallelGateway" {
                let condition = self.text(&key, "condition", "po-condition", &way.condition);
                form.fields
                    .push(condition.hint(&self.shell.t("po-condition-hint")));
            }
            if matches!(
                &*self.details.element,
                "exclusiveGateway" | "inclusiveGateway"
            ) {
                let now = if way.is_default { "1" } else { "" };
                let chosen = self.again.value(&key, "default", now) == "1";
                let choices = vec![Choice::new("1", &self.shell.t("po-default"), chosen)];
                let kind = FieldKind::Checks { choices };
                let mut field = Field::new("default", &self.shell.t("po-otherwise"), kind);
                field.id = id_of(&key, "default");
                form.fields.push(field);
            }
            let remove = self.shell.t("po-flow-remove");
            form.buttons.push(("flow-remove", remove, true));
            form
        };
        ways.iter().enumerate().map(form).collect()
    }

    /// Where something can be put behind the element.
    fn places(&self, form: &str, ways: &[Way]) -> (Vec<Field>, Vec<(&'static str, String)>) {
        if ways.len() < 2 {
            let after = format!("after:{}", self.details.id);
            return (Vec::new(), vec![("place", after)]);
        }
        let words = |way: &Way| {
            let name = [&way.name, &way.condition, &way.to];
            let name = name.into_iter().find(|text| !text.is_empty());
            self.shell.zh(name.map_or("", String::as_str))
        };
        let keys: Vec<String> = ways.iter().map(|way| format!("on:{}", way.flow)).collect();
        let all: Vec<(&str, String)> = keys
            .iter()
            .zip(ways)
            .map(|(key, way)| (key.as_str(), words(way)))
            .collect();
        let first = keys.first().map_or("", String::as_str);
        let field = self.choose(form, "place", "po-place", &all, first);
        (vec![field], Vec::new())
    }

    /// Something new behind the element.
    pub(super) fn insert(&self, ways: &[Way]) -> FormBox {
        let shell = self.shell;
        let mut form = FormBox::new(
            shell,
            "insert",
            "insert".to_owned(),
            "po-form-insert",
            "po-insert",
        );
        (form.fields, form.hidden) = self.places("insert", ways);
        // An end only where nothing follows.
        let fits = |sort: &Sort| *sort != Sort::End || ways.is_empty();
        let all: Vec<(&str, String)> = Sort::ALL
            .into_iter()
            .filter(fits)
            .map(|sort| (sort.element(), kind_words(shell, sort.element())))
            .collect();
        form.fields
            .push(self.choose("insert", "sort", "po-kind", &all, "userTask"));
        form.fields.push(self.text("insert", "name", "po-name", ""));
        form
    }

    /// A gateway with branches and their join behind the element.
    pub(super) fn branches(&self, ways: &[Way]) -> FormBox {
        let shell = self.shell;
        let mut form = FormBox::new(
            shell,
            "branches",
            "branches".to_owned(),
            "po-form-branches",
            "po-insert-branches",
        );
        form.folded = true;
        (form.fields, form.hidden) = self.places("branches", ways);
        let all: Vec<(&str, String)> = GATEWAYS
            .into_iter()
            .map(|sort| (sort.element(), kind_words(shell, sort.element())))
            .collect();
        let kind = self.choose("branches", "sort", "po-kind", &all, "parallelGateway");
        form.fields.push(kind);
        let names = FieldKind::TextArea {
            value: self.again.value("branches", "names", ""),
            maxlength: 2_000,
        };
        let mut names = Field::new("names", &shell.t("po-branch-names"), names);
        names.id = id_of("branches", "names");
        form.fields
            .push(names.hint(&shell.t("po-branch-names-hint")));
        form
    }

    pub(super) fn branch(&self) -> FormBox {
        let mut form = FormBox::new(
            self.shell,
            "branch",
            "branch".to_owned(),
            "po-form-branch",
            "po-insert-branch",
        );
        form.hint = self.shell.t("po-form-branch-hint");
        form.fields.push(self.text("branch", "name", "po-name", ""));
        form
    }

    pub(super) fn timer(&self) -> FormBox {
        let shell = self.shell;
        let mut form = FormBox::new(
            shell,
            "timer",
            "timer".to_owned(),
            "po-form-timer",
            "po-insert-timer",
        );
        form.folded = true;
        form.fields.push(self.text("timer", "name", "po-name", ""));
        let usual = Timed {
            form: "timeDuration".to_owned(),
            text: String::new(),
            calendar: "working".to_owned(),
        };
        form.fields.extend(self.timed("timer", &usual));
        let all = [
            ("true", shell.t("po-interrupts")),
            ("false", shell.t("po-reminds")),
        ];
        let kind = self.choose(
            "timer",
            "interrupting",
            "po-set-interrupting",
            &all,
            "false",
        );
        form.fields.push(kind);
        let mut to = self.target("timer", "po-timer-to");
        to.optional = true;
        form.fields.push(to.hint(&shell.t("po-timer-to-hint")));
        form
    }

    fn target(&self, form: &str, label: &str) -> Field {
        let targets = self.model.neighbours(&self.details.id);
        let all: Vec<(&str, String)> = targets
            .iter()
            .map(|(id, name, _)| (id.as_str(), self.shell.zh(name)))
            .collect();
        self.choose(form, "to", label, &all, "")
    }

    pub(super) fn connect(&self) -> FormBox {
        let key = "connect".to_owned();
        let mut form = FormBox::new(self.shell, "connect", key, "po-form-connect", "po-connect");
        form.folded = true;
        form.fields.push(self.target("connect", "po-flow-to"));
        form
    }

    pub(super) fn relocate(&self) -> FormBox {
        let key = "move".to_owned();
        let mut form = FormBox::new(self.shell, "move", key, "po-form-move", "po-move");
        form.folded = true;
        let flows = self.model.flows_around(&self.details.id);
        let keys: Vec<String> = flows.iter().map(|(id, ..)| format!("on:{id}")).collect();
        let all: Vec<(&str, String)> = keys
            .iter()
            .zip(&flows)
            .map(|(key, (_, from, to))| {
                let words = format!("{} → {}", self.shell.zh(from), self.shell.zh(to));
                (key.as_str(), words)
            })
            .collect();
        form.fields
            .push(self.choose("move", "place", "po-place-between", &all, ""));
        form
    }

    /// What takes no more than a press.
    pub(super) fn rest(&self) -> FormBox {
        let shell = self.shell;
        let key = "rest".to_owned();
        let mut form = FormBox::new(shell, "remove", key, "po-form-rest", "po-remove");
        form.buttons.clear();
        form.level = 2;
        let element = self.details.element.as_str();
        if element == "lane" {
            form.buttons
                .push(("remove-lane", shell.t("po-remove-lane"), true));
            return form;
        }
        let gateway = element.ends_with("Gateway");
        if !gateway && !matches!(element, "startEvent" | "endEvent" | "boundaryEvent") {
            form.buttons.push(("enclose", shell.t("po-enclose"), false));
        }
        if element == "subProcess" {
            form.buttons
                .push(("dissolve", shell.t("po-dissolve"), false));
        }
        form.buttons.push(("remove", shell.t("po-remove"), true));
        form
    }
}
