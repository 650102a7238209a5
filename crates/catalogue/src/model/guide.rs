//! The guide (办事指南) of an item for one situation.

use serde::Serialize;

use super::elements::{ELEMENTS, Group, Need};
use super::guide_view::{
    Effort, Facts, GuideAnswer, GuideDept, GuideDoubt, GuideFee, GuideLaw, GuideMaterial,
    GuideOption, GuideQuestion, GuideResult, GuideRow, GuideSection, GuideSpecial, GuideStep,
    GuideWindow,
};
use super::item::{Limit, ServiceItem};
use super::lists::{MaterialNeed, ProjectType, TaskState};
use super::parts::Material;
use super::rules::{Rule, check};
use super::show::Shown;
use super::situation::{Answers, Condition, Truth};

/// Everything that a guide page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Guide {
    pub title: String,
    pub task_type: &'static str,
    pub task_code: Shown,
    pub dept: Shown,
    pub version: Shown,
    /// Set while the item is suspended or cancelled.
    pub out_of_use: Option<&'static str>,
    pub demo: bool,
    pub source: Option<String>,
    pub facts: Facts,
    /// Questions that apply, with the answers given; answers to questions that do not apply are ignored.
    pub questions: Vec<GuideQuestion>,
    /// Every applying question has an answer.
    pub situation_settled: bool,
    /// Materials for this situation; `None` when the organ published no list.
    pub materials: Option<Vec<GuideMaterial>>,
    /// Names of materials that this situation does not need.
    pub not_needed: Vec<String>,
    pub conditions: Shown,
    pub steps: Option<Vec<GuideStep>>,
    pub specials: Option<Vec<GuideSpecial>>,
    pub depts: Vec<GuideDept>,
    pub fees: Vec<GuideFee>,
    pub laws: Option<Vec<GuideLaw>>,
    pub results: Option<Vec<GuideResult>>,
    pub windows: Option<Vec<GuideWindow>>,
    pub faq: Option<Vec<GuideAnswer>>,
    pub link_way: Shown,
    pub supervise_way: Shown,
    pub administrative_review: Shown,
    pub administrative_litigation: Shown,
    /// Contradictions in what the organ published (G15).
    pub doubts: Vec<GuideDoubt>,
    /// The whole text by section.
    pub full: Vec<GuideSection>,
    /// How many elements are 未公布 although the exchange requires them.
    pub not_published: usize,
}

impl Guide {
    /// The same guide where `form` can be filled in online: the application that it makes is not to be handed in.
    #[must_use]
    pub fn with_form(mut self, form: &str) -> Self {
        let own = format!("form:{form}/");
        let mut made = 0;
        for material in self.materials.iter_mut().flatten() {
            let is_own = material
                .form
                .as_deref()
                .is_some_and(|guid| guid.starts_with(&own));
            if is_own && material.effort == Effort::Bring {
                material.effort = Effort::Filled;
                material.effort_label = Effort::Filled.label();
                material.how.clone_from(&material.fill_explain);
                made += 1;
            }
        }
        self.facts.materials_to_bring = self
            .facts
            .materials_to_bring
            .map(|n| n.saturating_sub(made));
        self
    }

    /// The guide for the answers given so far.
    pub fn of(item: &ServiceItem, answers: &Answers) -> Self {
        let answers = item.effective_answers(answers);
        let questions = questions(item, &answers);
        let (materials, not_needed) = materials(item, &answers);
        let facts = facts(item, materials.as_deref());
        Self {
            title: item.task_name.clone(),
            task_type: item.task_type.label(),
            task_code: Shown::of(
                item.task_handle_item
                    .clone()
                    .or_else(|| item.task_code.clone()),
            ),
            dept: Shown::value(item.dept_name.as_ref()),
            version: Shown::value(item.task_version.as_ref()),
            out_of_use: item
                .task_state
                .filter(|s| *s != TaskState::InUse)
                .map(TaskState::label),
            demo: item.demo == Some(true),
            source: item.source.clone(),
            situation_settled: questions.iter().all(|question| question.answered),
            facts,
            questions,
            materials,
            not_needed,
            conditions: Shown::value(item.accept_condition.as_ref()),
            steps: steps(item),
            specials: specials(item),
            depts: depts(item, &answers),
            fees: fees(item),
            laws: laws(item),
            results: results(item),
            windows: windows(item),
            faq: faq(item),
            link_way: Shown::value(item.link_way.as_ref()),
            supervise_way: Shown::value(item.supervise_way.as_ref()),
            administrative_review: Shown::value(item.administrative_review.as_ref()),
            administrative_litigation: Shown::value(item.administrative_litigation.as_ref()),
            doubts: check(item)
                .iter()
                .filter(|f| f.rule == Rule::G15)
                .map(Into::into)
                .collect(),
            full: full(item),
            not_published: ELEMENTS
                .iter()
                .filter(|e| e.need.binds(item.task_type) && !(e.present)(item))
                .count(),
        }
    }
}

/// The questions that apply, with the answers that count.
fn questions(item: &ServiceItem, answers: &Answers) -> Vec<GuideQuestion> {
    let asked = item.situations.iter().flatten().filter(|question| {
        question
            .show_if
            .as_ref()
            .is_none_or(|condition| condition.holds(answers) == Truth::Yes)
    });
    asked
        .map(|question| {
            let answer = answers.get(&question.code);
            let options = question.options.iter().map(|option| GuideOption {
                code: option.code.clone(),
                label: option.label.clone(),
                note: option.note.clone(),
                chosen: answer == Some(&option.code),
            });
            GuideQuestion {
                code: question.code.clone(),
                title: question.title.clone(),
                help: question.help.clone(),
                options: options.collect(),
                answered: answer.is_some(),
            }
        })
        .collect()
}

fn materials(item: &ServiceItem, answers: &Answers) -> (Option<Vec<GuideMaterial>>, Vec<String>) {
    let Some(list) = item.materials.as_deref() else {
        return (None, Vec::new());
    };
    let mut needed = Vec::new();
    let mut not_needed = Vec::new();
    for (index, material) in list.iter().enumerate() {
        match applies(material.applies_if.as_ref(), answers) {
            Truth::No => not_needed.push(material.material_name.clone()),
            truth => needed.push(guide_material(index, material, truth)),
        }
    }
    // What the applicant must do comes first; inside, the organ's own order stays.
    needed.sort_by_key(|material| (material.effort == Effort::Exempt, material.index));
    (Some(needed), not_needed)
}

fn applies(condition: Option<&Condition>, answers: &Answers) -> Truth {
    condition.map_or(Truth::Yes, |condition| condition.holds(answers))
}

fn guide_material(index: usize, material: &Material, truth: Truth) -> GuideMaterial {
    let effort = if material.is_exempt() {
        Effort::Exempt
    } else if truth == Truth::Open {
        Effort::Depends
    } else {
        match material.is_need {
            _ if material.is_commitment == Some(true) => Effort::Commitment,
            MaterialNeed::Tolerable => Effort::Later,
            MaterialNeed::Required if material.is_tolerance == Some(true) => Effort::Later,
            MaterialNeed::Required => Effort::Bring,
            MaterialNeed::Conditional => Effort::Conditional,
        }
    };
    let issuer = material.issue_org.as_deref();
    let how = match effort {
        Effort::Exempt => Some(match (&material.share_resource_code, issuer) {
            (Some(_), Some(issuer)) => format!("由{issuer}共享数据"),
            (Some(_), None) => "由部门共享数据".to_owned(),
            (None, Some(issuer)) => format!("调用{issuer}核发的电子证照"),
            (None, None) => "调用电子证照".to_owned(),
        }),
        Effort::Later => material
            .tolerance_days
            .map(|days| format!("受理后{days}个工作日内补交")),
        _ => material.obtain_explain.clone(),
    };
    GuideMaterial {
        index,
        name: material.material_name.clone(),
        key: material.material_key.clone(),
        effort,
        effort_label: effort.label(),
        how,
        case: material.handle_case.clone(),
        kind: Shown::value(material.material_type.as_ref()),
        format: Shown::value(material.material_format.as_ref()),
        copies: Shown::of(copies(material)),
        source: Shown::value(material.source_type.as_ref()),
        accept_stand: Shown::value(material.accept_stand.as_ref()),
        trust: material.min_trust.map(super::lists::CertTrust::code),
        form: material.form_guid.clone(),
        example: material.example_guid.clone(),
        fill_explain: material.fill_explain.clone(),
        by_law: material.by_law.clone(),
    }
}

fn copies(material: &Material) -> Option<String> {
    let parts: Vec<String> = [
        ("原件", material.original_num),
        ("复印件", material.copy_num),
    ]
    .into_iter()
    .filter_map(|(label, n)| n.filter(|n| *n > 0).map(|n| format!("{label}{n}份")))
    .collect();
    (!parts.is_empty()).then(|| parts.join("、"))
}

fn facts(item: &ServiceItem, materials: Option<&[GuideMaterial]>) -> Facts {
    let (legal, promised) = (item.legal_limit(), item.promised_limit());
    let saved = match (legal, promised) {
        (Some(l), Some(p)) if l.unit == p.unit || p.days == 0 => l.days.checked_sub(p.days),
        _ => None,
    };
    let fee = match item.is_fee {
        Some(false) => Some("不收费".to_owned()),
        Some(true) => {
            let rows = item.fees.as_deref().unwrap_or_default();
            Some(match rows {
                [] => "收费，标准未公布".to_owned(),
                [only] => only.fee_stand.clone(),
                many => format!("{}项收费", many.len()),
            })
        }
        None => None,
    };
    Facts {
        legal: Shown::of(legal.map(Limit::label)),
        promised: Shown::of(promised.map(Limit::label)),
        legal_limit: legal,
        promised_limit: promised,
        days_saved: saved,
        visits: Shown::of(item.limit_scene_num.map(|n| format!("{n}次"))),
        materials_asked: materials.map(<[_]>::len),
        materials_to_bring: materials.map(|m| m.iter().filter(|m| m.effort.counts()).count()),
        fee: Shown::of(fee),
        immediate: item.project_type == Some(ProjectType::Immediate),
        fully_online: item.is_fully_online(),
    }
}

fn steps(item: &ServiceItem) -> Option<Vec<GuideStep>> {
    let steps = item.flow_steps.as_ref()?.iter().map(|step| GuideStep {
        link: step.link.label(),
        name: step
            .step_name
            .clone()
            .unwrap_or_else(|| step.step.label().to_owned()),
        transactor: Shown::value(step.transactor.as_ref()),
        time_limit: Shown::value(step.time_limit.as_ref()),
        check_standard: Shown::value(step.check_standard.as_ref()),
        result: Shown::value(step.result.as_ref()),
    });
    Some(steps.collect())
}

fn specials(item: &ServiceItem) -> Option<Vec<GuideSpecial>> {
    let specials = item.specials.as_ref()?.iter().map(|special| GuideSpecial {
        name: special.special_name.clone(),
        time: Shown::of(
            special
                .special_days
                .zip(special.day_type)
                .map(|(days, unit)| format!("{}，不计入办理时限", Limit { days, unit }.label())),
        ),
        basis: Shown::value(special.basis.as_ref()),
        dept: Shown::value(special.dept.as_ref()),
    });
    Some(specials.collect())
}

fn depts(item: &ServiceItem, answers: &Answers) -> Vec<GuideDept> {
    let depts = item.match_depts.iter().flatten();
    depts
        .filter(|dept| applies(dept.applies_if.as_ref(), answers) != Truth::No)
        .map(|dept| GuideDept {
            name: dept.dept_name.clone(),
            role: dept.role.label(),
            task: dept.task.clone(),
            days: dept.days,
        })
        .collect()
}

fn fees(item: &ServiceItem) -> Vec<GuideFee> {
    let fees = item.fees.iter().flatten();
    fees.map(|fee| GuideFee {
        name: fee.fee_name.clone(),
        standard: fee.fee_stand.clone(),
        basis: Shown::of(fee.by_law.clone().or_else(|| item.fee_basis.clone())),
    })
    .collect()
}

fn laws(item: &ServiceItem) -> Option<Vec<GuideLaw>> {
    let laws = item.laws.as_ref()?.iter().map(|law| GuideLaw {
        name: law.law_name.clone(),
        number: law.law_number.clone(),
        clause: Shown::value(law.clause_number.as_ref()),
        content: law.clause_content.clone(),
    });
    Some(laws.collect())
}

/// The rows of the result list, or the one result that the item names in its own fields.
fn results(item: &ServiceItem) -> Option<Vec<GuideResult>> {
    if let Some(results) = &item.results {
        let results = results.iter().map(|result| GuideResult {
            name: result.result_name.clone(),
            sample: result.sample_guid.clone(),
            cert_type_code: result.cert_type_code.clone(),
            validity: Shown::value(result.validity.as_ref()),
        });
        return Some(results.collect());
    }
    Some(vec![GuideResult {
        name: item.result_name.clone()?,
        sample: item.result_guid.clone(),
        cert_type_code: None,
        validity: Shown::of(None::<String>),
    }])
}

fn windows(item: &ServiceItem) -> Option<Vec<GuideWindow>> {
    let windows = item.windows.as_ref()?.iter().map(|window| GuideWindow {
        name: window.window_name.clone(),
        addr: Shown::value(window.transact_addr.as_ref()),
        time: Shown::value(window.transact_time.as_ref()),
        tel: Shown::value(window.window_tel.as_ref()),
        traffic: window.traffic_info.clone(),
        map_url: window.map_url.clone(),
    });
    Some(windows.collect())
}

fn faq(item: &ServiceItem) -> Option<Vec<GuideAnswer>> {
    let questions = item.questions.as_ref()?.iter().map(|question| GuideAnswer {
        question: question.question.clone(),
        answer: question.answer.clone(),
    });
    Some(questions.collect())
}

/// Every required element and every optional one that is published, by section.
fn full(item: &ServiceItem) -> Vec<GuideSection> {
    Group::ALL
        .iter()
        .filter(|group| **group != Group::Links)
        .map(|group| GuideSection {
            label: group.label(),
            rows: ELEMENTS
                .iter()
                .filter(|e| e.group == *group)
                .filter(|e| e.need != Need::Optional || (e.present)(item))
                .filter(|e| e.need == Need::Optional || e.need.binds(item.task_type))
                .map(|e| GuideRow {
                    element: e.name,
                    label: e.label,
                    shown: Shown::of((e.shown)(item)),
                })
                .collect(),
        })
        .collect()
}
