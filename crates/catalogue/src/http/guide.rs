//! `/items/{code}`: the guide (办事指南) for the situation that the questions tell.

use askama::Template;
use axum::extract::Path;
use axum::http::Uri;
use axum::response::Response;
use tongban_kernel::{Actor, Result};
use tongban_webkit::http::pairs;
use tongban_webkit::ui::{self, Fact, Facts, Tone};
use tongban_webkit::{Ctx, Failure, Html, Page, PageShell};

use super::{item_href, row};
use crate::model::{
    Answers, Effort, Guide, GuideMaterial, Limit, NotOpen, ServiceItem, Shown, TimeUnit,
};
use crate::service::{self, Offer};

/// Before the codes of situation questions in the address and in the form that opens an application.
const PREFIX: &str = "q.";

/// What the main button does.
enum Entry {
    /// Posts to `/apply/{code}`.
    Open,
    /// To the log-in, coming back here.
    LogIn,
    /// An officer's account cannot apply.
    Officer,
    /// Not here, and why.
    Closed(String),
}

/// One thing that can be applied for.
struct Way {
    /// Code of the handling item; empty where the item itself is applied for.
    handling: String,
    name: String,
}

#[derive(Template)]
#[template(path = "guide.html")]
struct GuidePage<'a> {
    shell: &'a PageShell,
    guide: &'a Guide,
    code: &'a str,
    href: String,
    tags: Vec<Html>,
    facts: Facts,
    entry: Entry,
    ways: Vec<Way>,
    /// Situation answers that count, to be sent along.
    answers: Vec<(String, String)>,
    /// The blank form can be printed.
    has_form: bool,
    bring: usize,
    exempt: usize,
}

impl GuidePage<'_> {
    fn shown(&self, shown: &Shown) -> String {
        row::shown(self.shell, shown)
    }
    /// What the applicant has to do about a material, with an icon: never by colour alone.
    fn effort(&self, material: &GuideMaterial) -> Html {
        let (tone, key) = match material.effort {
            Effort::Exempt => (Tone::Green, "effort-exempt"),
            Effort::Filled => (Tone::Green, "effort-filled"),
            Effort::Commitment => (Tone::Teal, "effort-commitment"),
            Effort::Later => (Tone::Blue, "effort-later"),
            Effort::Conditional => (Tone::Plain, "effort-conditional"),
            Effort::Depends => (Tone::Plain, "effort-depends"),
            Effort::Bring => (Tone::Amber, "effort-bring"),
        };
        ui::tag(tone, &self.shell.t(key))
    }
    /// `A 可直接使用`.
    fn trust(&self, trust: &str) -> String {
        self.shell
            .t(&format!("form-grade-{}", trust.to_ascii_lowercase()))
    }
}

/// The answers in an address.
fn answers(query: &str) -> Answers {
    let fields = pairs(query.as_bytes(), 64).unwrap_or_default();
    let given = fields.into_iter().filter_map(|(name, value)| {
        let code = name.strip_prefix(PREFIX)?;
        (!value.is_empty() && value.len() <= 100).then(|| (code.to_owned(), value))
    });
    given.collect()
}

/// `GET /items/{code}?q.question=answer`.
pub(super) async fn page(
    page: Page,
    ctx: Ctx,
    Path(code): Path<String>,
    uri: Uri,
) -> Result<Response, Failure> {
    let offer = service::offer_by_code(&ctx, &code).await?;
    let given = answers(uri.query().unwrap_or(""));
    let mut guide = Guide::of(&offer.item, &given);
    if let Some(form) = &offer.form {
        guide = guide.with_form(form.id());
    }
    let shell = page.shell();
    let (home, word) = (shell.t("nav-home"), shell.t("nav-organs"));
    let (organ, title) = (shell.zh(&offer.organ_name), shell.zh(&guide.title));
    let organ_href = super::overview::organ_href(&offer.organ_code, &offer.organ_name);
    let heading = shell.t1("guide-title", "name", &title);
    let page = page
        .titled(heading)
        .nav("organs")
        .crumb(home, "/")
        .crumb(word, "/organs")
        .crumb(organ, &organ_href)
        .crumb(title, "");
    let shell = page.shell();
    let count = |wanted: fn(Effort) -> bool| {
        let materials = guide.materials.iter().flatten();
        materials.filter(|material| wanted(material.effort)).count()
    };
    let view = GuidePage {
        shell,
        code: &offer.code,
        href: item_href(&offer.code),
        tags: tags(shell, &guide),
        facts: facts(shell, &guide),
        entry: entry(shell, &ctx, &offer),
        ways: ways(&offer.item),
        answers: counted(&offer.item, &given),
        has_form: offer.form.is_some(),
        bring: count(Effort::counts),
        exempt: count(|effort| effort == Effort::Exempt),
        guide: &guide,
    };
    Ok(page.html(&view))
}

/// The answers that count: those of questions that apply. An empty answer of the model is a question that was not asked.
fn counted(item: &ServiceItem, given: &Answers) -> Vec<(String, String)> {
    let counted = item.effective_answers(given).into_iter();
    let counted = counted.filter(|(_, answer)| answer != crate::model::NOT_ASKED);
    counted
        .map(|(question, answer)| (format!("{PREFIX}{question}"), answer))
        .collect()
}

fn ways(item: &ServiceItem) -> Vec<Way> {
    match item.handling_items.as_deref() {
        Some(items) if !items.is_empty() => items
            .iter()
            .map(|one| Way {
                handling: one.task_handle_item.clone(),
                name: one.task_name.clone(),
            })
            .collect(),
        _ => vec![Way {
            handling: String::new(),
            name: String::new(),
        }],
    }
}

/// Whether an application can be opened by whoever reads.
fn entry(shell: &PageShell, ctx: &Ctx, offer: &Offer) -> Entry {
    let first = offer.item.handling_items.as_deref().and_then(<[_]>::first);
    let handling = first.map(|one| one.task_handle_item.as_str());
    match offer.item.open_application(handling, ctx.clock.today()) {
        Err(why) => Entry::Closed(closed(shell, &why)),
        Ok(()) => match &ctx.actor {
            Actor::Citizen(_) => Entry::Open,
            Actor::Officer(_) => Entry::Officer,
            Actor::Anonymous | Actor::Outside(_) | Actor::System => Entry::LogIn,
        },
    }
}

fn closed(shell: &PageShell, why: &NotOpen) -> String {
    match why {
        NotOpen::NotAppliedFor(kind) => shell.t1("closed-kind", "name", shell.zh(kind)),
        NotOpen::State(state) => shell.t1("closed-state", "name", shell.zh(state)),
        NotOpen::NotYet(from) => shell.t1("closed-not-yet", "value", from.to_string()),
        NotOpen::Ended(end) => shell.t1("closed-ended", "value", end.to_string()),
        NotOpen::NoForm | NotOpen::NoProcess => shell.t("closed-elsewhere"),
        NotOpen::ChooseHandlingItem => shell.t("closed-choose"),
    }
}

fn tags(shell: &PageShell, guide: &Guide) -> Vec<Html> {
    let mut tags = vec![ui::tag(Tone::Plain, &shell.zh(guide.task_type))];
    if guide.facts.immediate {
        tags.push(ui::tag(Tone::Teal, &shell.t("tag-at-once")));
    } else if guide.facts.promised_limit.is_some() {
        tags.push(ui::tag(Tone::Blue, &shell.t("tag-promise")));
    }
    if guide.facts.fully_online {
        tags.push(ui::tag(Tone::Green, &shell.t("tag-online")));
    }
    if let Some(state) = guide.out_of_use {
        tags.push(ui::tag(Tone::Red, &shell.zh(state)));
    }
    if guide.version.published {
        tags.push(ui::tag(
            Tone::Plain,
            &shell.t1("tag-version", "value", &guide.version.text),
        ));
    }
    if guide.demo {
        tags.push(ui::tag(Tone::Amber, &shell.t("tag-demo")));
    }
    tags
}

/// A limit as figure and unit.
fn limit(shell: &PageShell, limit: Limit) -> (String, String) {
    match (limit.days, limit.unit) {
        (0, _) => (shell.t("limit-at-once"), String::new()),
        (n, TimeUnit::WorkingDay) => (n.to_string(), shell.t1("unit-working-days", "n", n)),
        (n, TimeUnit::NaturalDay) => (n.to_string(), shell.t1("unit-days", "n", n)),
    }
}

fn facts(shell: &PageShell, guide: &Guide) -> Facts {
    let facts = &guide.facts;
    let none = || (shell.t("not-published"), String::new());
    let fact = |key: &str, before: String, (value, unit): (String, String)| Fact {
        label: shell.t(key),
        before,
        value,
        unit,
    };
    let before = match (facts.legal_limit, facts.promised_limit) {
        (Some(legal), Some(promised)) if facts.days_saved.is_some_and(|days| days > 0) => {
            if legal.unit == promised.unit {
                legal.days.to_string()
            } else {
                legal.label()
            }
        }
        _ => String::new(),
    };
    let term = facts.promised_limit.or(facts.legal_limit);
    let visits = match facts.visits.published {
        true => (
            facts.visits.text.trim_end_matches('次').to_owned(),
            shell.t("unit-times"),
        ),
        false => none(),
    };
    let (asked, bring) = (facts.materials_asked, facts.materials_to_bring);
    let materials = bring.map_or_else(none, |n| (n.to_string(), shell.t1("unit-papers", "n", n)));
    let asked = asked.filter(|asked| Some(*asked) != bring);
    Facts {
        facts: vec![
            fact(
                "fact-limit",
                before,
                term.map_or_else(none, |term| limit(shell, term)),
            ),
            fact("fact-visits", String::new(), visits),
            fact(
                "fact-bring",
                asked.map_or_else(String::new, |n| n.to_string()),
                materials,
            ),
            fact(
                "fact-fee",
                String::new(),
                (fee(shell, &facts.fee), String::new()),
            ),
        ],
    }
}

fn fee(shell: &PageShell, fee: &Shown) -> String {
    if fee.text == "不收费" {
        shell.t("fee-free")
    } else {
        row::shown(shell, fee)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_answers_of_the_situation_are_read_from_an_address() {
        let read = answers("q.who=shop&lang=en&q.size=&q.x=%3Cb%3E");
        assert_eq!(read.get("who").map(String::as_str), Some("shop"));
        assert_eq!(read.get("x").map(String::as_str), Some("<b>"));
        assert_eq!(read.len(), 2);
    }
}
