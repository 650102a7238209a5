//! Decisions asked by the processes of cases: which file answers, what it is given, and what is kept of the answer.
//!
//! Automated decisions are transparent (个人信息保护法 第二十四条): the record says which version was asked and which rules applied.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};
use tongban_decisions::{DecisionView, Decisions, LogicView};
use tongban_kernel::{Error, Result};
use tongban_process::feel::Names;
use tongban_process::{Binding, Decided, Definition, Missing, RuleView};
use tongban_storage::{Ctx, Tx};

use super::look::application;
use super::parts::Processes;
use crate::model::{AppliedRule, Case};
use crate::store::decisions::{self as store, Pinned};
use crate::store::published::DECISIONS;

/// The decisions with this content hash, which never change.
pub(crate) fn model(ctx: &Ctx, tx: &mut Tx<'_>, hash: &str) -> Result<Arc<Decisions>> {
    let kept = ctx.parts.get::<Processes>()?;
    let known = kept
        .decisions
        .read()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = known.get(hash) {
        return Ok(Arc::clone(found));
    }
    drop(known);
    let xml = DECISIONS
        .xml(tx, hash)?
        .ok_or_else(|| Error::internal(format!("decisions {hash} are missing")))?;
    let (read, _) = Decisions::parse(&xml).map_err(|problems| {
        Error::internal(format!(
            "decisions {hash} cannot be read any more: {problems:?}"
        ))
    })?;
    let read = Arc::new(read);
    let mut known = kept
        .decisions
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    known.insert(hash.to_owned(), Arc::clone(&read));
    Ok(read)
}

/// `file#decision`, or a decision of whichever file has it.
pub(crate) fn split(asked: &str) -> (Option<&str>, &str) {
    match asked.split_once('#') {
        Some((file, decision)) if !file.is_empty() => (Some(file), decision),
        _ => (None, asked),
    }
}

/// Why a process cannot ask what it asks: a stable code and a sentence.
pub(crate) type Unplaced = (&'static str, String);

/// The file that answers `asked` today, with its newest version.
pub(crate) fn place(tx: &mut Tx<'_>, asked: &str) -> Result<std::result::Result<Pinned, Unplaced>> {
    let (file, decision) = split(asked);
    let names = match file {
        Some(file) => vec![file.to_owned()],
        None => store::names_with(tx, decision)?,
    };
    let mut found = Vec::new();
    for name in names {
        if let Some(hash) = DECISIONS.latest(tx, &name)?
            && store::has_entry(tx, &hash, decision)?
        {
            found.push(Pinned {
                asked: asked.to_owned(),
                name,
                hash,
            });
        }
    }
    Ok(match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err((
            "decision-not-published",
            format!("决策“{asked}”还没有发布，请先发布含有它的决策文件"),
        )),
        (Some(last), false) => {
            let names: Vec<&str> = found
                .iter()
                .chain([&last])
                .map(|p| p.name.as_str())
                .collect();
            Err((
                "decision-ambiguous",
                format!(
                    "决策“{asked}”在几个决策文件中都有：{}。请写成“文件#决策”",
                    names.join("、")
                ),
            ))
        }
    })
}

/// What a business rule task will ask, or why it cannot.
pub(crate) fn place_rule(
    tx: &mut Tx<'_>,
    rule: &RuleView<'_>,
) -> Result<std::result::Result<Pinned, Unplaced>> {
    let Some(asked) = rule.decision else {
        let message = "决策的名称不能由变量决定：发布前无法核对".to_owned();
        return Ok(Err(("open-decision", message)));
    };
    let Binding::Version(hash) = rule.binding else {
        return place(tx, asked);
    };
    let (_, decision) = split(asked);
    let version = DECISIONS.one(tx, hash)?;
    Ok(match version {
        Some(row) if store::has_entry(tx, hash, decision)? => Ok(Pinned {
            asked: asked.to_owned(),
            name: row.name,
            hash: row.hash,
        }),
        Some(_) => Err((
            "decision-not-published",
            format!("版本 {hash:.12} 的决策文件中没有“{decision}”"),
        )),
        None => Err((
            "decision-not-published",
            format!("决策文件的版本 {hash:.12} 没有发布"),
        )),
    })
}

/// Keeps what a process asks as it is published; refuses what cannot be asked.
pub(crate) fn pin_rules(tx: &mut Tx<'_>, definition: &Definition) -> Result<()> {
    for rule in definition.rules() {
        let pinned = place_rule(tx, &rule)?
            .map_err(|(_, message)| Error::invalid("process.refused", message))?;
        store::pin(tx, definition.hash(), &pinned)?;
    }
    Ok(())
}

/// The version that a rule of a published process asks now.
fn version(
    tx: &mut Tx<'_>,
    pinned: &[Pinned],
    rule: &RuleView<'_>,
) -> Result<std::result::Result<(String, String), String>> {
    let asked = rule.decision.unwrap_or_default();
    let own = pinned.iter().find(|pin| pin.asked == asked);
    // Published before decisions could be: it asks what is there today.
    let own = match own {
        Some(own) => Pinned {
            asked: own.asked.clone(),
            name: own.name.clone(),
            hash: own.hash.clone(),
        },
        None => match place_rule(tx, rule)? {
            Ok(placed) => placed,
            Err((_, message)) => return Ok(Err(message)),
        },
    };
    let hash = match rule.binding {
        Binding::Latest => DECISIONS.latest(tx, &own.name)?.unwrap_or(own.hash),
        Binding::Deployment => own.hash,
        Binding::Version(hash) => hash.to_string(),
    };
    Ok(Ok((own.name, hash)))
}

fn bound(binding: &Binding) -> &str {
    match binding {
        Binding::Latest => "latest",
        Binding::Deployment => "deployment",
        Binding::Version(hash) => hash,
    }
}

/// Definition, decision and binding as the engine asks them.
type Asked = (String, String, String);
/// The name of the file, its version, and the file; or why there is none.
type Answerer = std::result::Result<(String, String, Arc<Decisions>), String>;

/// A decision that was made in a case.
pub(crate) struct Made {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) hash: String,
    pub(crate) decision: String,
    pub(crate) rules: Vec<AppliedRule>,
    pub(crate) output: Value,
    pub(crate) inputs: Map<String, Value>,
}

/// One that could not be made; the words hold no value that was handed in.
pub(crate) struct Failed {
    /// The file, or what was asked where no file was found.
    pub(crate) name: String,
    pub(crate) decision: String,
    pub(crate) words: String,
}

/// Answers what the definitions of one case ask, and remembers it.
pub(crate) struct Asker {
    files: BTreeMap<Asked, Answerer>,
    /// Of the application, by the id of the question; a question that was not answered is null.
    application: BTreeMap<String, Value>,
    made: Mutex<Vec<std::result::Result<Made, Failed>>>,
}

impl Asker {
    /// For these definitions; nothing if none of them asks.
    pub(crate) fn of<'d>(
        ctx: &Ctx,
        tx: &mut Tx<'_>,
        case: Option<&Case>,
        definitions: impl IntoIterator<Item = &'d Definition>,
    ) -> Result<Option<Self>> {
        let mut files = BTreeMap::new();
        for definition in definitions {
            let rules: Vec<RuleView<'_>> = definition.rules().collect();
            if rules.is_empty() {
                continue;
            }
            let pinned = store::pinned(tx, definition.hash())?;
            for rule in rules {
                let asked = (
                    definition.hash().to_owned(),
                    rule.decision.unwrap_or_default().to_owned(),
                    bound(rule.binding).to_owned(),
                );
                let answerer = match version(tx, &pinned, &rule)? {
                    Ok((name, hash)) => {
                        let file = model(ctx, tx, &hash)?;
                        Ok((name, hash, file))
                    }
                    Err(message) => Err(message),
                };
                files.insert(asked, answerer);
            }
        }
        if files.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            files,
            application: match case {
                Some(case) => applied(ctx, tx, case)?,
                None => BTreeMap::new(),
            },
            made: Mutex::default(),
        }))
    }

    fn note(&self, one: std::result::Result<Made, Failed>) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.push(one);
    }

    /// What was asked so far, in order.
    pub(crate) fn taken(&self) -> Vec<std::result::Result<Made, Failed>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *made)
    }

    /// Makes a decision. What cannot be made holds the case.
    pub(crate) fn ask(
        &self,
        from: &Definition,
        asked: &str,
        binding: &Binding,
        names: &dyn Names,
    ) -> std::result::Result<Decided, Missing> {
        let (_, decision) = split(asked);
        let key = (
            from.hash().to_owned(),
            asked.to_owned(),
            bound(binding).to_owned(),
        );
        let failed = |name: &str, words: String| {
            let failed = Failed {
                name: name.to_owned(),
                decision: decision.to_owned(),
                words: words.clone(),
            };
            self.note(Err(failed));
            Missing::Held(words)
        };
        let (name, hash, file) = match self.files.get(&key) {
            Some(Ok(answerer)) => answerer,
            Some(Err(words)) => return Err(failed(asked, words.clone())),
            None => return Err(failed(asked, format!("决策“{asked}”没有发布"))),
        };
        let Some(view) = file.view(decision) else {
            let words = format!("决策文件“{name}”的这个版本（{hash:.12}）没有决策“{decision}”");
            return Err(failed(name, words));
        };
        let given = Given {
            view,
            names,
            application: &self.application,
        };
        let answer = file
            .decide(decision, &given)
            .map_err(|error| failed(name, error.without_values()))?;
        if answer.value.is_null() && answer.rules.is_empty() && gives_one(view) {
            let words = format!("决策表“{}”中没有规则适用于本件", view.name);
            return Err(failed(name, words));
        }
        let rules = applied_rules(view, &answer.rules);
        let decided = Decided {
            value: answer.value.clone(),
            rules: rules.iter().map(|rule| Arc::from(rule.key())).collect(),
        };
        self.note(Ok(Made {
            name: name.clone(),
            title: file.name().to_owned(),
            hash: hash.clone(),
            decision: view.name.clone(),
            rules,
            output: answer.value,
            inputs: given.all(),
        }));
        Ok(decided)
    }
}

/// A table of which exactly one result is expected.
fn gives_one(view: &DecisionView) -> bool {
    let LogicView::Table(table) = &view.logic else {
        return false;
    };
    ["UNIQUE", "ANY", "FIRST", "PRIORITY"].contains(&table.policy.as_str())
}

/// The rules with what the file says about them.
pub(crate) fn applied_rules(
    view: &DecisionView,
    rules: &[tongban_decisions::MatchedRule],
) -> Vec<AppliedRule> {
    let said = |index: usize| match &view.logic {
        LogicView::Table(table) => table.rules.get(index.saturating_sub(1)),
        _ => None,
    };
    let rules = rules.iter().map(|rule| AppliedRule {
        id: rule.id.clone(),
        index: rule.index,
        annotations: said(rule.index).map_or_else(Vec::new, |said| {
            let texts = said.annotations.iter();
            texts.filter(|text| !text.is_empty()).cloned().collect()
        }),
    });
    rules.collect()
}

/// What a decision in a case may read: variables of the process first, then the application.
struct Given<'a> {
    view: &'a DecisionView,
    names: &'a dyn Names,
    application: &'a BTreeMap<String, Value>,
}

impl Given<'_> {
    /// Everything that was asked for.
    fn all(&self) -> Map<String, Value> {
        let inputs = self.view.inputs.iter();
        inputs
            .filter_map(|input| Some((input.name.clone(), self.get(&input.name)?.into_owned())))
            .collect()
    }
}

impl Names for Given<'_> {
    fn get(&self, name: &str) -> Option<Cow<'_, Value>> {
        if let Some(value) = self.names.get(name) {
            return Some(value);
        }
        let value = self.application.get(name)?;
        let mut inputs = self.view.inputs.iter();
        let number = inputs.any(|input| input.name == name && input.kind == "number");
        // Forms keep decimals as the digits that were typed.
        let digits = value.as_str().filter(|_| number);
        let digits = digits.and_then(|text| serde_json::from_str(text).ok());
        match digits {
            Some(Value::Number(digits)) => Some(Cow::Owned(Value::Number(digits))),
            _ => Some(Cow::Borrowed(value)),
        }
    }
}

/// What the application of a case says, by question: situations, fields of the form, the days of submission and of today.
fn applied(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case) -> Result<BTreeMap<String, Value>> {
    let mut said = BTreeMap::new();
    let submitted = application(ctx, tx, case)?;
    let offer = tongban_catalogue::offer(ctx, tx, case.item_version)?;
    for question in offer.item.situations.iter().flatten() {
        said.insert(question.code.clone(), Value::Null);
    }
    for (question, answer) in &submitted.draft.situation {
        said.insert(question.clone(), Value::String(answer.clone()));
    }
    for field in offer.form.iter().flat_map(|form| form.fields()) {
        said.insert(field.id.clone(), Value::Null);
    }
    if let Some(Value::Object(values)) = submitted.submission.get("values") {
        said.extend(values.iter().map(|(id, value)| (id.clone(), value.clone())));
    }
    let day = |at| Value::String(tongban_kernel::shanghai_date(at).to_string());
    said.insert("submitted_on".to_owned(), day(case.submitted_at));
    said.insert("decided_on".to_owned(), day(ctx.now()));
    Ok(said)
}
