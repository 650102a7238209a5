//! What can be set on an element: our attributes, timers, repetition; and what is set.

use super::sort::is_activity;
use super::tree::{Doc, escaped};
use super::{FORMULA_MAX, Model, Refused};
use crate::TB_NAMESPACE as TB;

/// One value of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// 岗位.
    Post,
    /// 机构.
    Organ,
    Form,
    /// Working days, as `P3D`.
    Limit,
    /// The legal act.
    Act,
    Service,
    /// FEEL whose value a script keeps.
    Script,
    Decision,
    /// What takes the result.
    Variable,
    /// The process that is called.
    Called,
    Binding,
    /// The message that is sent or awaited, by its name.
    Message,
    /// Formula of the correlation key.
    Key,
    /// Outcome code of an end.
    Outcome,
    /// 会签 rule: `all`, `any`, `n:2`, `veto`.
    Countersign,
    /// Names that formulas of the process may use.
    Variables,
    /// `false`: the activity goes on when the event happens.
    Interrupting,
}

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 17] = [
        Self::Post,
        Self::Organ,
        Self::Form,
        Self::Limit,
        Self::Act,
        Self::Service,
        Self::Script,
        Self::Decision,
        Self::Variable,
        Self::Called,
        Self::Binding,
        Self::Message,
        Self::Key,
        Self::Outcome,
        Self::Countersign,
        Self::Variables,
        Self::Interrupting,
    ];

    /// A name for forms and texts.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Organ => "organ",
            Self::Form => "form",
            Self::Limit => "limit",
            Self::Act => "act",
            Self::Service => "service",
            Self::Script => "script",
            Self::Decision => "decision",
            Self::Variable => "variable",
            Self::Called => "called",
            Self::Binding => "binding",
            Self::Message => "message",
            Self::Key => "key",
            Self::Outcome => "outcome",
            Self::Countersign => "countersign",
            Self::Variables => "variables",
            Self::Interrupting => "interrupting",
        }
    }

    /// Whether an element of this kind has it.
    #[must_use]
    pub fn fits(self, element: &str) -> bool {
        match self {
            Self::Post | Self::Organ => matches!(element, "userTask" | "lane"),
            Self::Form | Self::Limit | Self::Countersign => element == "userTask",
            Self::Act => matches!(element, "userTask" | "serviceTask"),
            Self::Service => element == "serviceTask",
            Self::Script => element == "scriptTask",
            Self::Decision => element == "businessRuleTask",
            Self::Variable => matches!(
                element,
                "userTask" | "serviceTask" | "scriptTask" | "businessRuleTask"
            ),
            Self::Called => element == "callActivity",
            Self::Binding => matches!(element, "callActivity" | "businessRuleTask"),
            Self::Message => matches!(element, "sendTask" | "receiveTask"),
            Self::Key => element == "receiveTask",
            Self::Outcome => element == "endEvent",
            Self::Variables => element == "process",
            Self::Interrupting => element == "boundaryEvent",
        }
    }
}

/// When a timer fires: a duration (`P3D`), a moment or a repetition (`R3/PT1H`), each perhaps a formula (`=…`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timed {
    /// `timeDuration`, `timeDate` or `timeCycle`.
    pub form: String,
    pub text: String,
    /// `working`, `office`, `limit`, or empty for the natural calendar.
    pub calendar: String,
}

/// Several at once, or one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repetition {
    pub sequential: bool,
    /// How many; a formula.
    pub count: String,
    /// Or: once for each of a list.
    pub collection: String,
    /// The variable of one of the list.
    pub item: String,
    /// When no more are needed; a formula.
    pub until: String,
}

/// What a form shows of one element, lane, flow or process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    pub id: String,
    /// Element of BPMN.
    pub element: String,
    pub name: String,
    /// What it can have, and what is set.
    pub settings: Vec<(Setting, String)>,
    pub timed: Option<Timed>,
    pub repetition: Option<Repetition>,
    /// Whether it can be repeated.
    pub repeatable: bool,
    /// Innermost lane.
    pub lane: Option<String>,
    /// Events that sit on it.
    pub events: Vec<String>,
}

const TIMES: [&str; 3] = ["timeDuration", "timeDate", "timeCycle"];

impl Doc {
    fn set_tb(&mut self, at: usize, name: &str, value: &str) -> Result<(), Refused> {
        let value = (!value.is_empty()).then_some(value);
        if value.is_some() && self.prefix(at, TB).is_none() {
            self.declare(TB, "tb")?;
        }
        let patch = self.attribute(at, TB, name, value)?;
        self.patch(patch.into_iter().collect())
    }

    pub(super) fn set(
        &mut self,
        element: &str,
        setting: Setting,
        value: &str,
    ) -> Result<String, Refused> {
        let at = self.known(element)?;
        let value = value.trim();
        if value.chars().count() > FORMULA_MAX {
            let message = format!("公式或文字不能超过 {FORMULA_MAX} 个字");
            return Err(Refused::new("value", Some(element), message));
        }
        if !setting.fits(&self.tag(at).name) {
            let message = format!("“{}”没有这一项", self.title(at));
            return Err(Refused::new("kind", Some(element), message));
        }
        match setting {
            Setting::Script => self.text_child(at, "script", value)?,
            Setting::Message => self.set_message(at, value)?,
            Setting::Called | Setting::Interrupting => {
                let name = match setting {
                    Setting::Called => "calledElement",
                    _ => "cancelActivity",
                };
                let value = (!value.is_empty()).then_some(value);
                let patches = self.attributes(at, &[(name, value)])?;
                self.patch(patches)?;
            }
            _ => self.set_tb(at, setting.key(), value)?,
        }
        Ok(element.to_owned())
    }

    fn set_message(&mut self, at: usize, name: &str) -> Result<(), Refused> {
        let element = self.id(at).to_owned();
        if name.is_empty() {
            let patches = self.attributes(at, &[("messageRef", None)])?;
            return self.patch(patches);
        }
        let id = match self.message(name) {
            Some(message) => self.id(message).to_owned(),
            None => {
                let (id, tag) = (self.fresh("message"), self.named_like(0, "message"));
                let text = format!("<{tag} id=\"{id}\" name=\"{}\" />", escaped(name)?);
                // Before the processes: what they use is known when they are read.
                let patch = self.in_front(0, &text);
                self.patch(vec![patch])?;
                id
            }
        };
        let at = self.known(&element)?;
        let patches = self.attributes(at, &[("messageRef", Some(&id))])?;
        self.patch(patches)
    }

    pub(super) fn time(&mut self, element: &str, timed: &Timed) -> Result<String, Refused> {
        let missing = || Refused::new("timer", Some(element), "它不是定时事件");
        let at = self.node(element)?;
        let timer = self.timer_of(at).ok_or_else(missing)?;
        if !TIMES.contains(&timed.form.as_str()) || timed.text.trim().is_empty() {
            let message = "请填写时间，例如 P3D（三天）";
            return Err(Refused::new("timer", Some(element), message));
        }
        let others = TIMES.iter().filter(|kind| **kind != timed.form);
        let others: Vec<_> = others.filter_map(|kind| self.child(timer, kind)).collect();
        let patches = others.into_iter().map(|child| self.without(child));
        let patches = patches.collect();
        self.patch(patches)?;
        let timer = self.timer_of(at).ok_or_else(missing)?;
        self.text_child(timer, &timed.form, timed.text.trim())?;
        // The element may say it for its definition, too.
        let own = self.tag(at).attr_ns(TB, "calendar").is_some();
        let at = if own { at } else { timer };
        self.set_tb(at, "calendar", timed.calendar.trim())?;
        Ok(element.to_owned())
    }

    pub(super) fn repeat(
        &mut self,
        element: &str,
        repetition: Option<&Repetition>,
    ) -> Result<String, Refused> {
        const MULTI: &str = "multiInstanceLoopCharacteristics";
        let at = self.node(element)?;
        if !is_activity(&self.tag(at).name) {
            let message = "只有任务和子流程可以重复";
            return Err(Refused::new("kind", Some(element), message));
        }
        if self.child(at, "standardLoopCharacteristics").is_some() {
            let message = "它已经是循环，请在文件中修改";
            return Err(Refused::new("loop", Some(element), message));
        }
        let Some(wanted) = repetition else {
            if let Some(multi) = self.child(at, MULTI) {
                let patch = self.without(multi);
                self.patch(vec![patch])?;
            }
            return Ok(element.to_owned());
        };
        if self.child(at, MULTI).is_none() {
            let tag = self.named_like(at, MULTI);
            let kinds = ["documentation", "extensionElements", "incoming", "outgoing"];
            let patch = self.ordered(at, &kinds, &format!("<{tag} />"));
            self.patch(vec![patch])?;
        }
        let multi = |doc: &Self| {
            let missing = || Refused::new("loop", Some(element), "重复不能保存");
            doc.child(at, MULTI).ok_or_else(missing)
        };
        let one = wanted.sequential.then_some("true");
        let one = match self.tag(multi(self)?).attr("isSequential") {
            Some("false") if one.is_none() => Some("false"),
            _ => one,
        };
        let patches = self.attributes(multi(self)?, &[("isSequential", one)])?;
        self.patch(patches)?;
        self.set_tb(multi(self)?, "collection", wanted.collection.trim())?;
        self.set_tb(multi(self)?, "item", wanted.item.trim())?;
        self.text_child(multi(self)?, "loopCardinality", wanted.count.trim())?;
        self.text_child(multi(self)?, "completionCondition", wanted.until.trim())?;
        Ok(element.to_owned())
    }

    fn setting(&self, at: usize, setting: Setting) -> String {
        let tag = self.tag(at);
        let text = match setting {
            Setting::Script => self.child(at, "script").map(|s| self.tag(s).text.trim()),
            Setting::Message => tag.attr("messageRef").map(|reference| {
                let name = self
                    .message(reference)
                    .and_then(|m| self.tag(m).attr("name"));
                name.unwrap_or(reference)
            }),
            Setting::Called => tag.attr("calledElement"),
            Setting::Interrupting => tag.attr("cancelActivity"),
            _ => tag.attr_ns(TB, setting.key()),
        };
        text.map(str::trim).unwrap_or_default().to_owned()
    }

    fn timed(&self, at: usize) -> Option<Timed> {
        let timer = self.timer_of(at)?;
        let calendar = self.tag(timer).attr_ns(TB, "calendar");
        let calendar = calendar.or_else(|| self.tag(at).attr_ns(TB, "calendar"));
        let written = TIMES.iter().find_map(|kind| {
            let child = self.child(timer, kind)?;
            Some(((*kind).to_owned(), self.tag(child).text.trim().to_owned()))
        });
        let (form, text) = written.unwrap_or_else(|| (TIMES[0].to_owned(), String::new()));
        Some(Timed {
            form,
            text,
            calendar: calendar.unwrap_or_default().to_owned(),
        })
    }

    fn repetition(&self, at: usize) -> Option<Repetition> {
        let multi = self.child(at, "multiInstanceLoopCharacteristics")?;
        let text = |kind| {
            let child = self.child(multi, kind);
            child.map_or_else(String::new, |c| self.tag(c).text.trim().to_owned())
        };
        let own = |name| {
            let value = self.tag(multi).attr_ns(TB, name);
            value.unwrap_or_default().to_owned()
        };
        Some(Repetition {
            sequential: self.tag(multi).attr("isSequential") == Some("true"),
            count: text("loopCardinality"),
            collection: own("collection"),
            item: own("item"),
            until: text("completionCondition"),
        })
    }
}

impl Model {
    /// What can be set on an element, lane, flow or process of the file.
    #[must_use]
    pub fn details(&self, id: &str) -> Option<Details> {
        let doc = &self.doc;
        let at = doc.find(id)?;
        let tag = doc.tag(at);
        let own = Setting::ALL.into_iter().filter(|s| s.fits(&tag.name));
        let lanes = doc.lanes_of(id);
        Some(Details {
            id: id.to_owned(),
            element: tag.name.clone(),
            name: tag.attr("name").unwrap_or_default().to_owned(),
            settings: own.map(|s| (s, doc.setting(at, s))).collect(),
            timed: doc.timed(at),
            repetition: doc.repetition(at),
            repeatable: is_activity(&tag.name)
                && doc.child(at, "standardLoopCharacteristics").is_none(),
            lane: lanes.last().map(|lane| doc.id(*lane).to_owned()),
            events: doc
                .events_on(at)
                .into_iter()
                .map(|e| doc.id(e).to_owned())
                .collect(),
        })
    }

    /// What the elements of the file have set, each value once: to be offered again.
    #[must_use]
    pub fn values(&self, setting: Setting) -> std::collections::BTreeSet<String> {
        let all = 0..self.doc.tags.len();
        let own = all.filter(|at| setting.fits(&self.doc.tag(*at).name));
        own.map(|at| self.doc.setting(at, setting))
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// Id and name of the process that is executed.
    #[must_use]
    pub fn process(&self) -> Option<(&str, &str)> {
        let at = self.doc.main_process().ok()?;
        let name = self.doc.tag(at).attr("name").unwrap_or_default();
        Some((self.doc.id(at), name))
    }
}
