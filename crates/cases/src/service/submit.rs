//! Submitting an application: once, whole, with a number and a leaf in the log — or not at all.

use std::sync::Arc;

use serde_json::{Value, json};
use tongban_catalogue::{Offer, offer};
use tongban_codes::{DivisionCode, ProjectNo, mask};
use tongban_forms::{Lang, Received};
use tongban_kernel::{Act, CaseId, DraftId, Error, FieldProblem, OrganId, Resource, Result};
use tongban_process::Command;
use tongban_storage::{Ctx, Replay, Stored, Tx, next_number, remember, replay};

use super::drafts::{citizen, own, unseal};
use super::drive::{Closing, drive};
use super::parts::{calendar, latest_process};
use super::record::{CaseKeys, announce, by, new_keys, record};
use crate::model::{Case, CaseFact, CaseState, Submitted};
use crate::store::drafts::DraftRow;
use crate::store::{attachments, cases, drafts};

/// The wish to submit a draft. `key` makes a repeat harmless.
pub struct SubmitCase {
    pub draft: DraftId,
    pub key: String,
    /// 申报来源: 1 PC, 2 phone, 7 kiosk, 8 counter.
    pub channel: u8,
}

/// The answer to a submission.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Receipt {
    pub case: CaseId,
    /// 办件编号.
    pub project_no: String,
    pub task_name: String,
}

/// Everything that can be worked out before the transaction: read, validated, sealed.
struct Prepared {
    draft: DraftRow,
    offer: Arc<Offer>,
    case: Case,
    keys: CaseKeys,
    sealed: Vec<u8>,
    files: Value,
    vars: tongban_process::Vars,
}

/// Submits the draft and gives the receipt. The same key gives the same receipt; another key on a submitted draft is refused.
pub async fn submit(ctx: &Ctx, wish: SubmitCase) -> Result<Receipt> {
    let (ctx2, ctx3) = (ctx.clone(), ctx.clone());
    let (draft, channel) = (wish.draft, wish.channel);
    let principal = ctx.actor.principal();
    let request = draft.to_string();
    let (seen_by, seen_key, seen_request) = (principal.clone(), wish.key.clone(), request.clone());
    let prepared = ctx
        .db
        .read(move |tx| {
            let person = citizen(&ctx2)?.person;
            tx.ask_ahead(|| {
                vec![
                    drafts::get_question(draft),
                    attachments::of_draft_question(draft),
                    tongban_accounts::person_question(person),
                ]
            })?;
            let row = own(&ctx2, tx, draft)?;
            // A repeat is answered before anything is computed again.
            if row.case.is_some()
                && let Replay::Seen(stored) =
                    replay(tx, &seen_by, &seen_key, seen_request.as_bytes())?
            {
                return Ok(Err(stored));
            }
            prepare(&ctx2, tx, row, channel).map(Ok)
        })
        .await?;
    let prepared = match prepared {
        Ok(prepared) => Arc::new(prepared),
        Err(stored) => return receipt_of(&stored),
    };
    ctx.db
        .write(move |tx| {
            if let Replay::Seen(stored) = replay(tx, &principal, &wish.key, request.as_bytes())? {
                return receipt_of(&stored);
            }
            let receipt = write(&ctx3, tx, &prepared)?;
            let body = serde_json::to_string(&receipt)
                .map_err(|source| Error::internal("receipt cannot be written").source(source))?;
            remember(
                tx,
                &principal,
                &wish.key,
                request.as_bytes(),
                &Stored { status: 201, body },
                ctx3.now(),
            )?;
            Ok(receipt)
        })
        .await
}

fn receipt_of(stored: &Stored) -> Result<Receipt> {
    serde_json::from_str(&stored.body)
        .map_err(|source| Error::internal("corrupt receipt").source(source))
}

fn prepare(ctx: &Ctx, tx: &mut Tx<'_>, draft: DraftRow, channel: u8) -> Result<Prepared> {
    ctx.authorize(Act::Submit, Resource::Platform)?;
    super::drafts::refuse_submitted(&draft)?;
    let offer = offer(ctx, tx, draft.item_version)?;
    offer
        .item
        .open_application(None, ctx.clock.today())
        .map_err(|closed| {
            Error::invalid("item.closed", closed.to_string()).saved("您填写的内容都已保存为草稿")
        })?;
    let content = unseal(ctx, &draft)?;
    let files = attachments::of_draft(tx, draft.id)?;
    let received: Vec<Received> = files.iter().map(super::attach::received).collect();
    let submission = validated(ctx, &offer, &content, &received)?;
    let person = tongban_accounts::person_in(tx, &ctx.vault, draft.person)?;
    let enterprise = match draft.enterprise {
        Some(enterprise) => {
            tongban_accounts::enterprise(tx, enterprise)?.map(|own| (own.name, own.uscc))
        }
        None => None,
    };
    let submitted = Submitted {
        version: 1,
        draft: content,
        submission: Value::Null,
        person,
        enterprise,
    };
    let (organ, vars, organs) = organs_of(ctx, tx, &offer)?;
    let process = offer.item.process_id.as_deref().unwrap_or_default();
    let process_hash = latest_process(ctx, tx, process)?.ok_or_else(|| {
        Error::internal(format!("item {} names no published process", offer.code))
    })?;
    let mut case = new_case(
        ctx,
        &draft,
        &offer,
        &submitted,
        organ,
        process_hash,
        channel,
    );
    case.organs = organs;
    let keys = new_keys(ctx, &mut case)?;
    let json = submitted
        .to_json(&submission)
        .map_err(|source| Error::internal("application cannot be written").source(source))?;
    let sealed = ctx.vault.seal(
        &ctx.ids,
        &keys.data,
        case.id.to_string().as_bytes(),
        json.as_bytes(),
    )?;
    let files = super::attach::application_digests(ctx, &submission, &files);
    Ok(Prepared {
        draft,
        offer,
        case,
        keys,
        sealed,
        files,
        vars,
    })
}

/// All problems at once: fields, materials, conditions that end the application.
fn validated(
    ctx: &Ctx,
    offer: &Offer,
    content: &crate::model::DraftContent,
    received: &[Received],
) -> Result<String> {
    let form = offer
        .form
        .as_ref()
        .ok_or_else(|| Error::invalid("item.no-form", "该事项没有在线表单"))?;
    let situation = content.situation.iter().cloned().collect();
    let form_ctx = tongban_forms::Ctx::new(ctx.clock.today(), ctx.now()).with_situation(&situation);
    let reading = form.read(&content.answers, &content.evidence, &form_ctx);
    let outcome = reading.validate();
    if let Some(stop) = outcome.stops.first() {
        return Err(
            Error::invalid("case.not-eligible", stop.words.get(Lang::Zh))
                .saved("您填写的内容都已保存为草稿"),
        );
    }
    let fields = outcome.problems.iter().map(|problem| {
        FieldProblem::new(
            format!("{}#{}", problem.page, problem.path),
            problem.code,
            problem.text(Lang::Zh),
        )
    });
    let missing = reading.missing_materials(received);
    let materials = missing
        .iter()
        .filter(|material| !material.tolerable)
        .map(|material| {
            FieldProblem::new(
                format!("materials#{}", material.id),
                "material",
                material.text(Lang::Zh),
            )
        });
    let problems: Vec<FieldProblem> = fields.chain(materials).collect();
    if !problems.is_empty() {
        return Err(
            Error::problems("case.incomplete", problems).saved("您填写的内容都已保存为草稿")
        );
    }
    Ok(reading.submission().to_canonical_json())
}

/// The deciding organ, the process variables, and every organ with a hand in the case.
fn organs_of(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    offer: &Offer,
) -> Result<(OrganId, tongban_process::Vars, Vec<OrganId>)> {
    let known = |tx: &mut Tx<'_>, code: &str| {
        tongban_accounts::organ_id(ctx, tx, code)?.ok_or_else(|| {
            Error::internal(format!(
                "organ {code} of item {} is not registered",
                offer.code
            ))
        })
    };
    let lead = known(tx, &offer.organ_code)?;
    let mut reviewers = vec![lead];
    for dept in offer.item.match_depts.iter().flatten() {
        reviewers.push(known(tx, &dept.dept_code)?);
    }
    let window = match ctx.parts.get::<WindowOrgan>()?.0.as_deref() {
        Some(code) => known(tx, code)?,
        None => lead,
    };
    // A definition may name up to three reviewing organs; where the item has fewer, the deciding organ stands in.
    let nth = |n: usize| reviewers.get(n).copied().unwrap_or(lead).to_string();
    let vars = super::drive::vars([
        ("window_organ", json!(window.to_string())),
        ("review_organ_1", json!(nth(0))),
        ("review_organ_2", json!(nth(1))),
        ("review_organ_3", json!(nth(2))),
    ]);
    let mut organs = reviewers;
    organs.push(window);
    organs.sort_unstable();
    organs.dedup();
    Ok((lead, vars, organs))
}

/// The organ whose counter pre-reviews for all (综合窗口), by USCC; `None`: each organ's own counter.
pub struct WindowOrgan(pub Option<String>);

/// The division and the system code that begin every 办件编号.
pub struct NumberHead {
    /// Division code, 6 digits.
    pub area: String,
    /// Four characters that name this system.
    pub system: String,
}

fn new_case(
    ctx: &Ctx,
    draft: &DraftRow,
    offer: &Offer,
    submitted: &Submitted,
    organ: OrganId,
    process_hash: String,
    channel: u8,
) -> Case {
    let now = ctx.now();
    let name = submitted.applyer_name();
    Case {
        id: ctx.ids.id(now),
        draft: draft.id,
        project_no: String::new(),
        item_version: offer.id,
        task_code: offer.code.clone(),
        task_name: offer.item.task_name.clone(),
        organ,
        organ_name: offer.organ_name.clone(),
        principal: draft.principal.clone(),
        person: draft.person,
        enterprise: draft.enterprise,
        // The name of an enterprise is public register data; a person's is masked.
        applyer_masked: if draft.enterprise.is_some() {
            name.to_owned()
        } else {
            mask::person_name(name)
        },
        state: CaseState::Received { at: now },
        clocks: None,
        process_hash,
        process: tongban_process::State::default(),
        data_key: Vec::new(),
        sealed_key: Vec::new(),
        event_n: 0,
        prev: [0; 32],
        prev_sm3: [0; 32],
        apply_channel: channel,
        submitted_at: now,
        updated_at: now,
        revision: 1,
        organs: Vec::new(),
        guests: crate::model::Guests::default(),
    }
}

fn write(ctx: &Ctx, tx: &mut Tx<'_>, prepared: &Prepared) -> Result<Receipt> {
    let mut case = prepared.case.clone();
    if !drafts::submit(tx, prepared.draft.id, prepared.draft.revision, case.id)? {
        return Err(
            Error::conflict("draft.submitted", "这份申请刚刚已经提交或修改")
                .advice("请到“我的办件”查看"),
        );
    }
    let permit = ctx.authorize(Act::Submit, Resource::Platform)?;
    case.project_no = project_no(ctx, tx)?;
    let by = by(ctx, tx, &case, permit)?;
    let event = record(
        ctx,
        tx,
        &mut case,
        &prepared.keys,
        CaseFact::Received,
        by,
        prepared.files.clone(),
    )?;
    let calendar = calendar(ctx)?;
    // Rules at the very beginning of a process read the application.
    cases::put_content(tx, case.id, &prepared.sealed)?;
    let start = Command::start(prepared.vars.clone());
    drive(ctx, tx, &mut case, &calendar, &start, Closing::default())?;
    cases::insert(tx, &case)?;
    announce(ctx, tx, &case, &[event])?;
    Ok(Receipt {
        case: case.id,
        project_no: case.project_no,
        task_name: prepared.offer.item.task_name.clone(),
    })
}

/// The next 办件编号 of the day: unique for ever, without gaps.
fn project_no(ctx: &Ctx, tx: &mut Tx<'_>) -> Result<String> {
    let head = ctx.parts.get::<NumberHead>()?;
    let today = ctx.clock.today();
    let n = next_number(tx, &format!("办件/{}/{today}", head.system))?;
    let area = DivisionCode::parse(&head.area)
        .map_err(|source| Error::internal(format!("area of numbers: {source}")))?;
    let sequence =
        u32::try_from(n).map_err(|_| Error::internal("case numbers of the day are used up"))?;
    ProjectNo::build(area, today, &head.system, sequence)
        .map(|number| number.as_str().to_owned())
        .map_err(|source| Error::internal(format!("case number: {source}")))
}
