//! Filling in: every page is saved as it is, right or wrong; nothing typed is lost.

use jiff::SignedDuration;
use tongban_catalogue::{Offer, offer};
use tongban_forms::{EvidenceItem, Grade, Ignored, Stamp, Typed};
use tongban_kernel::{Act, Actor, Citizen, DraftId, Error, ItemVersionId, Resource, Result};
use tongban_storage::{Ctx, Tx};

use super::once::{Once, write_once};
use crate::model::{DRAFT_DAYS, DraftContent};
use crate::store::drafts::{self, DraftRow};

/// An opened draft.
#[derive(Clone)]
pub struct Draft {
    pub id: DraftId,
    pub item_version: ItemVersionId,
    pub content: DraftContent,
    /// Grows with every save; a save that names an older one is refused, not merged.
    pub revision: i64,
    pub updated_at: jiff::Timestamp,
    pub expires_at: jiff::Timestamp,
    /// The case, once submitted.
    pub case: Option<tongban_kernel::CaseId>,
}

pub(crate) fn citizen(ctx: &Ctx) -> Result<&Citizen> {
    match &ctx.actor {
        Actor::Citizen(citizen) => Ok(citizen),
        Actor::Anonymous => Err(Error::unauthenticated()),
        Actor::Officer(_) | Actor::Outside(_) | Actor::System => Err(Error::not_allowed(
            "draft.not-a-citizen",
            "请用个人或企业账号申请",
        )
        .advice("工作人员账号不能提交申请")),
    }
}

fn owner(id: DraftId) -> Vec<u8> {
    id.to_string().into_bytes()
}

fn seal(ctx: &Ctx, row: &DraftRow, content: &DraftContent) -> Result<Vec<u8>> {
    let key = ctx.vault.unwrap_key(&row.data_key)?;
    let json = serde_json::to_vec(content)
        .map_err(|source| Error::internal("draft cannot be written").source(source))?;
    ctx.vault.seal(&ctx.ids, &key, &owner(row.id), &json)
}

pub(crate) fn unseal(ctx: &Ctx, row: &DraftRow) -> Result<DraftContent> {
    let key = ctx.vault.unwrap_key(&row.data_key)?;
    let json = ctx.vault.open(&key, &owner(row.id), &row.sealed)?;
    serde_json::from_slice(&json).map_err(|source| Error::internal("corrupt draft").source(source))
}

pub(crate) fn opened(ctx: &Ctx, row: &DraftRow) -> Result<Draft> {
    Ok(Draft {
        id: row.id,
        item_version: row.item_version,
        content: unseal(ctx, row)?,
        revision: row.revision,
        updated_at: row.updated_at,
        expires_at: row.expires_at,
        case: row.case,
    })
}

/// The draft from which `case` came, as it was submitted.
pub(crate) fn frozen(tx: &mut Tx<'_>, case: &crate::model::Case) -> Result<DraftRow> {
    drafts::get(tx, case.draft)?.ok_or_else(|| Error::internal("a case without its draft"))
}

/// The draft, if it belongs to whoever acts.
pub(crate) fn own(ctx: &Ctx, tx: &mut Tx<'_>, id: DraftId) -> Result<DraftRow> {
    citizen(ctx)?;
    let row = drafts::get(tx, id)?.ok_or_else(Error::not_found)?;
    if row.principal != ctx.actor.principal() {
        return Err(Error::not_found());
    }
    Ok(row)
}

/// Opens a new draft for the published item version, with what is known of the applicant filled in.
pub async fn start_draft(
    ctx: &Ctx,
    item_version: ItemVersionId,
    situation: Vec<(String, String)>,
) -> Result<DraftId> {
    start(ctx, None, item_version, situation).await
}

/// As [`start_draft`]; a repeat with the same key opens no second draft.
pub async fn start_draft_once(
    ctx: &Ctx,
    key: &str,
    item_version: ItemVersionId,
    item_code: &str,
    situation: Vec<(String, String)>,
) -> Result<DraftId> {
    // By its code, not by its version: a repeat may come after the item was published anew.
    let once = Once::new(key, "draft", &(item_code, &situation))?;
    start(ctx, Some(once), item_version, situation).await
}

async fn start(
    ctx: &Ctx,
    once: Option<Once>,
    item_version: ItemVersionId,
    situation: Vec<(String, String)>,
) -> Result<DraftId> {
    ctx.authorize(Act::Apply, Resource::Platform)?;
    let who = citizen(ctx)?.clone();
    let today = ctx.clock.today();
    write_once(ctx, once, move |ctx, tx| {
        let offer = offer(ctx, tx, item_version)?;
        offer
            .item
            .open_application(None, today)
            .map_err(|closed| Error::invalid("item.closed", closed.to_string()))?;
        let content = DraftContent {
            situation: situation.clone(),
            ..known(ctx, tx, &offer, &who)?
        };
        let now = ctx.now();
        let (_, data_key) = ctx.vault.new_key(&ctx.ids)?;
        let mut row = DraftRow {
            id: ctx.ids.id(now),
            principal: ctx.actor.principal(),
            person: who.person,
            enterprise: who.enterprise,
            item_version,
            data_key,
            sealed: Vec::new(),
            revision: 1,
            updated_at: now,
            expires_at: expiry(now),
            case: None,
        };
        row.sealed = seal(ctx, &row, &content)?;
        drafts::insert(tx, &row)?;
        Ok(row.id)
    })
    .await
}

fn expiry(now: jiff::Timestamp) -> jiff::Timestamp {
    now.checked_add(SignedDuration::from_hours(24 * DRAFT_DAYS))
        .unwrap_or(jiff::Timestamp::MAX)
}

/// What the account and the enterprise register know. The account offers editable answers; the register's values are
/// verified: kept as evidence on the server, shown, never taken from a browser.
fn known(ctx: &Ctx, tx: &mut Tx<'_>, offer: &Offer, who: &Citizen) -> Result<DraftContent> {
    let mut content = DraftContent::default();
    let Some(form) = &offer.form else {
        return Ok(content);
    };
    let person = tongban_accounts::person_in(tx, &ctx.vault, who.person)?;
    let enterprise = match who.enterprise {
        Some(id) => tongban_accounts::enterprise(tx, id)?,
        None => None,
    };
    let now = ctx.now();
    if let Some(own) = &enterprise {
        for (path, value) in [
            ("name", &own.name),
            ("uscc", &own.uscc),
            ("legal_name", &own.legal_name),
        ] {
            if value.is_empty() {
                continue;
            }
            let item = EvidenceItem {
                id: format!("{}/{path}", own.id),
                resource: "enterprise".to_owned(),
                source_name: "企业登记信息".to_owned(),
                value: Typed::One(value.clone()),
                receipt: None,
                at: now,
                grade: Grade::A,
            };
            content.evidence.insert(path, item);
        }
    }
    let stamp = Stamp {
        source: tongban_forms::Source::Account,
        at: Some(now),
        resource: Some("account".to_owned()),
        ..Stamp::default()
    };
    for field in form.fields() {
        let Some(prefill) = field.prefill.as_ref() else {
            continue;
        };
        let value = match (prefill.resource.as_str(), prefill.path.as_str()) {
            ("account", "name") => &person.user_name,
            ("account", "id_no") if person.cert_type == "111" => &person.cert_no,
            ("account", "mobile") => &person.user_mobile,
            ("account", "address") => &person.address,
            _ => continue,
        };
        if !value.is_empty() {
            content.answers.offer(&field.id, value.as_str(), &stamp);
        }
    }
    Ok(content)
}

/// The draft for its owner.
pub async fn draft(ctx: &Ctx, id: DraftId) -> Result<Draft> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| opened(&ctx2, &own(&ctx2, tx, id)?))
        .await
}

/// The unsubmitted drafts of whoever acts, latest first.
pub async fn my_drafts(ctx: &Ctx) -> Result<Vec<Draft>> {
    let (ctx2, now) = (ctx.clone(), ctx.now());
    citizen(ctx)?;
    ctx.db
        .read(move |tx| {
            let rows = drafts::of_principal(tx, &ctx2.actor.principal(), now)?;
            rows.iter().map(|row| opened(&ctx2, row)).collect()
        })
        .await
}

/// What a save did.
pub struct Saved {
    pub revision: i64,
    /// What was sent but not taken (verified fields, unknown names).
    pub ignored: Vec<Ignored>,
}

/// Which state of the draft a page was filled in on.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub revision: i64,
    /// Token of the window: what the same window saved meanwhile (autosave) is no conflict. Empty: no window.
    pub editor: String,
}

impl From<i64> for Seen {
    fn from(revision: i64) -> Self {
        Self {
            revision,
            editor: String::new(),
        }
    }
}

/// Saves one page of a draft as typed. When somebody (the same person on another device) has saved since what was `seen`,
/// nothing is overwritten.
pub async fn save_page(
    ctx: &Ctx,
    id: DraftId,
    seen: Seen,
    page: &str,
    pairs: Vec<(String, String)>,
) -> Result<Saved> {
    let page = page.to_owned();
    change(ctx, id, seen, move |ctx, form, content| {
        let form_ctx = tongban_forms::Ctx::new(ctx.clock.today(), ctx.now());
        form.parse_post(&page, &pairs).merge_into(
            form,
            &mut content.answers,
            &content.evidence,
            &form_ctx,
            &Stamp::typed(ctx.now()),
        )
    })
    .await
}

/// Replaces all answers of a draft by those of a JSON object (field → value), for programs.
pub async fn save_answers(
    ctx: &Ctx,
    id: DraftId,
    seen: i64,
    json: serde_json::Value,
) -> Result<Saved> {
    change(ctx, id, seen.into(), move |ctx, form, content| {
        let (answers, ignored) = form.answers_from_json(&json, &Stamp::typed(ctx.now()));
        content.answers = answers;
        ignored
    })
    .await
}

async fn change<F>(ctx: &Ctx, id: DraftId, seen: Seen, work: F) -> Result<Saved>
where
    F: Fn(&Ctx, &tongban_forms::FormDocument, &mut DraftContent) -> Vec<Ignored> + Send + 'static,
{
    ctx.authorize(Act::Apply, Resource::Platform)?;
    let ctx2 = ctx.clone();
    ctx.db
        .write(move |tx| {
            let ctx = &ctx2;
            let row = own(ctx, tx, id)?;
            refuse_submitted(&row)?;
            let offer = offer(ctx, tx, row.item_version)?;
            let form = offer
                .form
                .as_ref()
                .ok_or_else(|| Error::invalid("item.no-form", "该事项没有在线表单"))?;
            let mut content = unseal(ctx, &row)?;
            let same_window = !seen.editor.is_empty() && content.editor == seen.editor;
            let base = if same_window {
                row.revision
            } else {
                seen.revision
            };
            let ignored = work(ctx, form, &mut content);
            content.editor.clone_from(&seen.editor);
            let sealed = seal(ctx, &row, &content)?;
            let now = ctx.now();
            if !drafts::save(tx, id, base, &sealed, now, expiry(now))? {
                return Err(Error::conflict(
                    "draft.newer",
                    "您在另一台设备或另一个窗口保存过更新的内容，本页没有覆盖它",
                )
                .saved("先前保存的内容都在；请对照后再保存本页"));
            }
            Ok(Saved {
                revision: base + 1,
                ignored,
            })
        })
        .await
}

pub(crate) fn refuse_submitted(row: &DraftRow) -> Result<()> {
    match row.case {
        Some(_) => Err(
            Error::conflict("draft.submitted", "这份申请已经提交，不能再修改")
                .advice("请到“我的办件”查看进度"),
        ),
        None => Ok(()),
    }
}

/// Gives a draft up.
pub async fn discard_draft(ctx: &Ctx, id: DraftId) -> Result<()> {
    let ctx2 = ctx.clone();
    ctx.db
        .write(move |tx| {
            let row = own(&ctx2, tx, id)?;
            refuse_submitted(&row)?;
            drafts::remove(tx, id)
        })
        .await
}
