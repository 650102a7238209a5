//! From the page that `tongban-forms` describes to the form that people see.

use tongban_forms::{
    FieldView, GroupView, ItemView, PageView, SectionView, Typed, VerifiedView, Widget,
};
use tongban_kernel::SHANGHAI;

use super::form::{
    Choice, Field, FieldKind, FormGroup, FormView, Problem, RepeatRow, Upload, Verified, html_id,
};

/// The addresses and files around a form page, known to the context that shows it.
#[derive(Default)]
pub struct FormLinks<'a> {
    /// Where the page is posted.
    pub action: String,
    /// Where it is kept while typing; empty: no autosave.
    pub autosave: String,
    /// The page before.
    pub back_href: String,
    /// Hidden fields: revision, idempotency key.
    pub hidden: Vec<(String, String)>,
    /// Where the correction of the verified value of a path is asked for or withdrawn; empty: not offered.
    pub correct: Option<&'a dyn Fn(&str) -> String>,
    /// The place for the files of a path, with what was uploaded.
    pub upload: Option<&'a dyn Fn(&str) -> Upload>,
    /// Divisions to choose from in addresses; empty: a text box.
    pub divisions: Vec<Choice>,
}

impl FormLinks<'_> {
    fn correct_href(&self, path: &str) -> String {
        self.correct.map_or_else(String::new, |link| link(path))
    }
}

/// The page as a form. Its texts are those of the form document, in the language in which the view was made.
pub fn form_page(view: &PageView, links: &FormLinks<'_>) -> FormView {
    let mut verified = Vec::new();
    let groups = view
        .sections
        .iter()
        .map(|section| group(section, links, &mut verified));
    let groups: Vec<FormGroup> = groups.filter(|group| !group.fields.is_empty()).collect();
    let on_fields: Vec<&str> = groups
        .iter()
        .flat_map(|group| &group.fields)
        .filter(|field| !field.error.is_empty())
        .map(|field| field.id.as_str())
        .collect();
    // Problems of fields inside rows are collected by the form; only those without a box of their own are added here.
    let in_rows = |id: &str| {
        groups
            .iter()
            .flat_map(|group| &group.fields)
            .any(|field| has(field, id))
    };
    let problems = view
        .problems
        .iter()
        .map(|(path, text)| Problem {
            id: html_id(path),
            text: text.clone(),
        })
        .filter(|problem| !on_fields.contains(&problem.id.as_str()) && !in_rows(&problem.id))
        .collect();
    FormView {
        title: view.title.clone(),
        intro: String::new(),
        action: links.action.clone(),
        autosave: links.autosave.clone(),
        verified,
        problems,
        groups,
        back_href: links.back_href.clone(),
        can_save_later: true,
        submit_text: String::new(),
        hidden: links.hidden.clone(),
    }
}

fn has(field: &Field, id: &str) -> bool {
    match &field.kind {
        FieldKind::Repeat { rows, .. } => rows
            .iter()
            .flat_map(|row| &row.fields)
            .any(|inner| inner.id == id && !inner.error.is_empty()),
        _ => false,
    }
}

fn group(section: &SectionView, links: &FormLinks<'_>, verified: &mut Vec<Verified>) -> FormGroup {
    let mut fields = Vec::new();
    for item in &section.items {
        match item {
            ItemView::Field(field) => match &field.verified {
                Some(value) if field.read_only => {
                    verified.push(verified_value(field, value, links))
                }
                _ => fields.push(question(field, links)),
            },
            ItemView::Group(rows) => fields.push(repeat(rows, links)),
        }
    }
    FormGroup {
        legend: section.title.clone().unwrap_or_default(),
        note: String::new(),
        icon: "",
        fields,
    }
}

fn verified_value(field: &FieldView, value: &VerifiedView, links: &FormLinks<'_>) -> Verified {
    let day = jiff::tz::TimeZone::fixed(SHANGHAI)
        .to_datetime(value.at)
        .date();
    Verified {
        label: field.label.clone(),
        value: value.display.clone(),
        source: value.source_name.clone(),
        at: day.to_string(),
        correct_href: links.correct_href(&field.path),
        disputed: value.disputed,
        wide: value.display.chars().count() > 18
            || matches!(field.widget, Widget::Address | Widget::Textarea),
    }
}

/// A day typed in boxes, as one text again.
fn day_text(typed: &Typed) -> String {
    match typed {
        Typed::Parts(_) => {
            let parts = [typed.part("y"), typed.part("m"), typed.part("d")];
            if parts.iter().all(|part| part.is_empty()) {
                String::new()
            } else {
                parts.join("-")
            }
        }
        _ => typed.one().to_owned(),
    }
}

fn kind(field: &FieldView, links: &FormLinks<'_>) -> FieldKind {
    let choices = || {
        field
            .choices
            .iter()
            .map(|choice| Choice::new(&choice.code, &choice.label, choice.selected))
            .collect::<Vec<_>>()
    };
    let text = |inputmode: &str, width: &'static str| FieldKind::Text {
        value: field.typed.one().to_owned(),
        inputmode: inputmode.to_owned(),
        autocomplete: field
            .autocomplete
            .clone()
            .unwrap_or_else(|| "off".to_owned()),
        width,
        unit: field.unit.clone().unwrap_or_default(),
        // The server says when it is too long; a box that swallows characters is worse.
        maxlength: 0,
    };
    let mode = field.inputmode.as_deref().unwrap_or("");
    match field.widget {
        Widget::Text | Widget::Division => text(mode, ""),
        Widget::Number | Widget::Money => {
            text(if mode.is_empty() { "decimal" } else { mode }, "in-w8")
        }
        Widget::Textarea => FieldKind::TextArea {
            value: field.typed.one().to_owned(),
            maxlength: 0,
        },
        Widget::Date => FieldKind::Date {
            value: day_text(&field.typed),
        },
        Widget::Radios => FieldKind::Radio {
            stacked: choices().len() > 4,
            choices: choices(),
        },
        Widget::Select => FieldKind::Select { choices: choices() },
        Widget::Checkboxes => FieldKind::Checks { choices: choices() },
        Widget::Address => {
            let division = field.typed.part("division").to_owned();
            let chosen = |one: &Choice| Choice {
                chosen: one.value == division,
                ..one.clone()
            };
            FieldKind::Address {
                divisions: links.divisions.iter().map(chosen).collect(),
                detail: field.typed.part("detail").to_owned(),
                division,
            }
        }
        Widget::Files => FieldKind::Upload(
            links
                .upload
                .map_or_else(Upload::default, |upload| upload(&field.path)),
        ),
    }
}

fn question(view: &FieldView, links: &FormLinks<'_>) -> Field {
    let mut field = Field::new(&view.path, &view.label, kind(view, links));
    let mut hints: Vec<String> = view.hint.iter().cloned().collect();
    hints.extend(view.help.iter().map(|(_, help)| help.clone()));
    // A contested value stays in sight beside the box with the other one.
    if let Some(value) = view.verified.as_ref().filter(|value| value.disputed) {
        hints.push(format!("{}：{}", value.source_name, value.display));
    }
    field.hint = hints.join("；");
    field.optional = view.optional;
    field.error = view.error.clone().unwrap_or_default();
    field
}

fn repeat(view: &GroupView, links: &FormLinks<'_>) -> Field {
    let rows = view.rows.iter().map(|row| RepeatRow {
        title: row.label.clone(),
        remove_name: if row.can_remove {
            format!("{}.{}.remove", view.id, row.index)
        } else {
            String::new()
        },
        fields: row
            .fields
            .iter()
            .map(|field| question(field, links))
            .collect(),
    });
    let kind = FieldKind::Repeat {
        rows: rows.collect(),
        add_name: if view.can_add {
            format!("{}.add", view.id)
        } else {
            String::new()
        },
        item_name: view.label.clone(),
    };
    let mut field = Field::new(&view.id, &view.label, kind);
    field.hint = view.hint.clone().unwrap_or_default();
    field.optional = view.optional;
    field.error = view.error.clone().unwrap_or_default();
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_boxes_is_one_text_again() {
        let boxes = |y: &str, m: &str, d: &str| {
            let parts = [("y", y), ("m", m), ("d", d)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()));
            Typed::Parts(parts.into_iter().collect())
        };
        assert_eq!(day_text(&boxes("2026", "12", "8")), "2026-12-8");
        assert_eq!(day_text(&boxes("", "", "")), "");
        assert_eq!(day_text(&Typed::One("12月8日".to_owned())), "12月8日");
    }

    fn field(path: &str, widget: Widget, error: Option<&str>) -> FieldView {
        FieldView {
            path: path.to_owned(),
            label: "面积".to_owned(),
            hint: None,
            help: Vec::new(),
            widget,
            optional: false,
            typed: Typed::One("八十六".to_owned()),
            choices: Vec::new(),
            unit: Some("㎡".to_owned()),
            error: error.map(str::to_owned),
            verified: None,
            read_only: false,
            source: None,
            at: None,
            autocomplete: None,
            inputmode: None,
            max_chars: None,
        }
    }

    #[test]
    fn each_problem_is_in_the_summary_once_with_the_anchor_of_its_box() {
        let group = GroupView {
            id: "signs".to_owned(),
            label: "招牌".to_owned(),
            hint: None,
            optional: true,
            rows: vec![tongban_forms::RowView {
                index: 0,
                label: "招牌 1".to_owned(),
                fields: vec![field("signs.0.w", Widget::Text, Some("太宽"))],
                can_remove: true,
            }],
            can_add: true,
            error: None,
        };
        let items = vec![
            ItemView::Field(Box::new(field("area", Widget::Number, Some("请填写数字")))),
            ItemView::Group(group),
        ];
        let problem = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let view = PageView {
            id: "p".to_owned(),
            title: "经营信息".to_owned(),
            number: 1,
            of: 2,
            previous: None,
            next: None,
            problems: vec![
                problem("area", "请填写数字"),
                problem("signs.0.w", "太宽"),
                problem("elsewhere", "另一处"),
            ],
            sections: vec![SectionView {
                id: "s".to_owned(),
                title: None,
                items,
            }],
        };
        let form = form_page(&view, &FormLinks::default());
        let mut ids: Vec<String> = form
            .all_problems()
            .problems
            .into_iter()
            .map(|problem| problem.id)
            .collect();
        ids.sort();
        assert_eq!(ids, ["f-area", "f-elsewhere", "f-signs-0-w"]);
        let FieldKind::Repeat { rows, add_name, .. } = &form.groups[0].fields[1].kind else {
            panic!("a repeat")
        };
        assert_eq!(
            (add_name.as_str(), rows[0].remove_name.as_str()),
            ("signs.add", "signs.0.remove")
        );
    }
}
