//! Files of an application: stored once, by digest. What they may be is in `file_kind`.

use serde_json::{Value, json};
use tongban_catalogue::offer;
use tongban_forms::{FormDocument, Grade, Material, Received};
use tongban_kernel::{Act, AttachmentId, DraftId, Error, Resource, Result};
use tongban_storage::{BlobRef, Ctx, Tx};
use tongban_tlog::hash::to_base64;

use super::desk::{Desk, desk};
use super::drafts::{own, refuse_submitted};
use super::file_kind::{FileKind, wrong_kind};
use super::once::{Once, known, write_once};
use crate::model::{Case, CaseState, FileView};
use crate::store::attachments::{self, AttachmentRow};
use crate::store::cases;

/// The largest file, in bytes (20 MB), where the form names no smaller one.
pub const FILE_BYTES_MAX: u64 = 20 * 1_048_576;
/// Files of one draft or case, and of one request.
pub const FILES_MAX: usize = 200;

/// More files than a draft or a request may have.
pub fn too_many() -> Error {
    Error::invalid("upload.too-many", "文件太多，请合并后上传")
}

/// A file name as it may be shown again: no path, no control or direction characters, at most 120 characters.
pub fn clean_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let unsafe_mark = |c: char| {
        c.is_control()
            || matches!(c, '\u{061C}' | '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let kept: String = base.chars().filter(|c| !unsafe_mark(*c)).collect();
    let kept = kept.trim().trim_start_matches('.');
    if kept.is_empty() {
        "未命名".to_owned()
    } else {
        kept.chars()
            .rev()
            .take(120)
            .collect::<String>()
            .chars()
            .rev()
            .collect()
    }
}

/// Refuses files for a material that the form does not have.
pub fn takes_any<'a>(form: Option<&'a FormDocument>, material: &str) -> Result<&'a Material> {
    let mut known = form.into_iter().flat_map(|form| form.materials());
    known
        .find(|known| known.id == material)
        .ok_or_else(Error::not_found)
}

/// Refuses a file of this kind where the form has no such material, or one that wants other kinds.
pub fn takes(form: Option<&FormDocument>, material: &str, kind: FileKind) -> Result<()> {
    if takes_any(form, material)?.accepts(kind.media_type()) {
        Ok(())
    } else {
        Err(wrong_kind("这份材料不接收该类型的文件"))
    }
}

/// A file whose bytes are in the blob store already.
pub struct NewFile {
    pub material: String,
    pub name: String,
    pub kind: FileKind,
    pub blob: BlobRef,
}

fn name_owner(id: AttachmentId) -> Vec<u8> {
    format!("{id}/name").into_bytes()
}

/// Adds a file to a draft under a material of its form.
pub async fn attach(ctx: &Ctx, draft: DraftId, file: NewFile) -> Result<AttachmentId> {
    ctx.authorize(Act::Apply, Resource::Platform)?;
    let ctx2 = ctx.clone();
    ctx.db
        .write(move |tx| {
            let ctx = &ctx2;
            let row = own(ctx, tx, draft)?;
            refuse_submitted(&row)?;
            let offer = offer(ctx, tx, row.item_version)?;
            let key = ctx.vault.unwrap_key(&row.data_key)?;
            add(ctx, tx, &offer, draft, &key, &file)
        })
        .await
}

/// The own draft to which files shall come, looked at before a byte of them is read. One that is submitted takes no more,
/// unless `key` is that of an upload that is there already: its repeat still gets its answer.
pub async fn receiving_desk(ctx: &Ctx, draft: DraftId, key: &str) -> Result<Desk> {
    ctx.authorize(Act::Apply, Resource::Platform)?;
    let desk = desk(ctx, draft).await?;
    if desk.draft.case.is_some() {
        let (ctx2, key) = (ctx.clone(), key.to_owned());
        ctx.db
            .read(move |tx| {
                let row = own(&ctx2, tx, draft)?;
                match known(tx, &ctx2.actor.principal(), &key)? {
                    true => Ok(()),
                    false => refuse_submitted(&row),
                }
            })
            .await?;
    }
    Ok(desk)
}

/// Adds files to a draft, all or none. A repeat with the same key and the same files gets the same answer.
pub async fn attach_all_once(
    ctx: &Ctx,
    draft: DraftId,
    key: &str,
    files: Vec<NewFile>,
) -> Result<Vec<AttachmentId>> {
    ctx.authorize(Act::Apply, Resource::Platform)?;
    let request: Vec<_> = files
        .iter()
        .map(|file| (&file.material, &file.name, &file.blob.sha256))
        .collect();
    let once = Once::new(key, "files", &(draft, request))?;
    write_once(ctx, Some(once), move |ctx, tx| {
        let row = own(ctx, tx, draft)?;
        refuse_submitted(&row)?;
        let offer = offer(ctx, tx, row.item_version)?;
        let key = ctx.vault.unwrap_key(&row.data_key)?;
        files
            .iter()
            .map(|file| add(ctx, tx, &offer, draft, &key, file))
            .collect()
    })
    .await
}

/// Adds a file to an own case while it waits for supplements; `Supplement` hands it in.
pub async fn attach_to_case(ctx: &Ctx, project_no: &str, file: NewFile) -> Result<AttachmentId> {
    let (ctx2, project_no) = (ctx.clone(), project_no.to_owned());
    ctx.db
        .write(move |tx| {
            let ctx = &ctx2;
            let case = cases::by_number(tx, &project_no)?.ok_or_else(Error::not_found)?;
            ctx.authorize(
                Act::Supplement,
                Resource::Case(&case.facts(None, Vec::new())),
            )?;
            if !matches!(case.state, CaseState::Supplementing { .. }) {
                return Err(
                    Error::conflict("supplement.none", "本件现在没有需要补正的内容")
                        .advice("请刷新页面查看最新进展"),
                );
            }
            let offer = offer(ctx, tx, case.item_version)?;
            let key = draft_key(ctx, tx, &case)?;
            add(ctx, tx, &offer, case.draft, &key, &file)
        })
        .await
}

fn add(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    offer: &tongban_catalogue::Offer,
    draft: DraftId,
    key: &tongban_storage::DataKey,
    file: &NewFile,
) -> Result<AttachmentId> {
    takes(offer.form.as_ref(), &file.material, file.kind)?;
    let there = attachments::of_draft(tx, draft)?;
    if there.len() >= FILES_MAX {
        return Err(too_many());
    }
    if there
        .iter()
        .any(|known| known.material == file.material && known.blob.sha256 == file.blob.sha256)
    {
        return Err(Error::conflict("upload.twice", "这个文件已经上传过了"));
    }
    let id: AttachmentId = ctx.ids.id(ctx.now());
    let name = clean_name(&file.name);
    let row = AttachmentRow {
        id,
        draft,
        material: file.material.clone(),
        // Names of files are personal data more often than not; the key of the draft stays with its rows.
        sealed_name: ctx
            .vault
            .seal(&ctx.ids, key, &name_owner(id), name.as_bytes())?,
        media_type: file.kind.media_type().to_owned(),
        blob: file.blob.clone(),
        trust: "D".to_owned(),
        created_at: ctx.now(),
    };
    attachments::insert(tx, &row)?;
    Ok(id)
}

/// The key under which the names of the files of a case are sealed.
fn draft_key(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case) -> Result<tongban_storage::DataKey> {
    ctx.vault
        .unwrap_key(&super::drafts::frozen(tx, case)?.data_key)
}

/// A file of an own draft, to look at it again.
pub async fn draft_file_bytes(
    ctx: &Ctx,
    draft: DraftId,
    id: AttachmentId,
) -> Result<(FileView, Vec<u8>)> {
    let file = draft_files(ctx, draft)
        .await?
        .into_iter()
        .find(|file| file.id == id)
        .ok_or_else(Error::not_found)?;
    let (blobs, sha256) = (ctx.blobs.clone(), file.sha256.clone());
    let bytes = tokio::task::spawn_blocking(move || blobs.get(&sha256))
        .await
        .map_err(|_| Error::internal("blob read panicked"))??;
    Ok((file, bytes))
}

/// Takes a file out of a draft.
pub async fn detach(ctx: &Ctx, draft: DraftId, id: AttachmentId) -> Result<()> {
    let ctx2 = ctx.clone();
    ctx.db
        .write(move |tx| {
            let row = own(&ctx2, tx, draft)?;
            refuse_submitted(&row)?;
            match attachments::remove(tx, id, draft)? {
                1 => Ok(()),
                _ => Err(Error::not_found()),
            }
        })
        .await
}

/// The files of a draft, with their names.
pub async fn draft_files(ctx: &Ctx, draft: DraftId) -> Result<Vec<FileView>> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let row = own(&ctx2, tx, draft)?;
            let key = ctx2.vault.unwrap_key(&row.data_key)?;
            attachments::of_draft(tx, draft)?
                .into_iter()
                .map(|file| view(&ctx2, &key, file))
                .collect()
        })
        .await
}

/// The files of a submitted case: their names are sealed under the key of the draft from which they came.
pub(crate) fn case_files(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case) -> Result<Vec<FileView>> {
    let key = draft_key(ctx, tx, case)?;
    attachments::of_draft(tx, case.draft)?
        .into_iter()
        .map(|file| view(ctx, &key, file))
        .collect()
}

pub(crate) fn view(
    ctx: &Ctx,
    key: &tongban_storage::DataKey,
    row: AttachmentRow,
) -> Result<FileView> {
    let name = ctx.vault.open(key, &name_owner(row.id), &row.sealed_name)?;
    Ok(FileView {
        id: row.id,
        material: row.material,
        name: String::from_utf8_lossy(&name).into_owned(),
        media_type: row.media_type,
        size: row.blob.size,
        trust: row.trust,
        sm3: row.blob.sm3,
        sha256: row.blob.sha256,
    })
}

/// As the form checks it.
pub(crate) fn received(row: &AttachmentRow) -> Received {
    Received {
        material: row.material.clone(),
        files: vec![(row.media_type.clone(), row.blob.size)],
        licence: None,
        grade: match row.trust.as_str() {
            "A" => Grade::A,
            "B" => Grade::B,
            "C" => Grade::C,
            _ => Grade::D,
        },
    }
}

/// As the log commits to it: material, salt, salted digest of the SM3 of the bytes.
pub(crate) fn file_digests(ctx: &Ctx, files: &[AttachmentRow]) -> Value {
    Value::Array(files.iter().map(|row| file_entry(ctx, row)).collect())
}

/// As [`file_digests`], with the application itself first: the SM3 of the canonical JSON of what was submitted.
pub(crate) fn application_digests(ctx: &Ctx, submission: &str, files: &[AttachmentRow]) -> Value {
    let application = entry(
        ctx,
        "application",
        &tongban_seal::sm3(submission.as_bytes()),
    );
    let files = files.iter().map(|row| file_entry(ctx, row));
    Value::Array(std::iter::once(application).chain(files).collect())
}

fn file_entry(ctx: &Ctx, row: &AttachmentRow) -> Value {
    let sm3 = hex::decode(&row.blob.sm3).unwrap_or_default();
    entry(ctx, &row.material, &sm3)
}

fn entry(ctx: &Ctx, material: &str, sm3: &[u8]) -> Value {
    let salt: [u8; 32] = ctx.ids.bytes();
    let salted = tongban_tlog::leaf::file_digest(&salt, sm3);
    json!({"material": material, "salt": to_base64(&salt), "digest": to_base64(&salted)})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_only_a_name() {
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("C:\\a\\身份证.jpg"), "身份证.jpg");
        assert_eq!(clean_name("a\u{202E}gpj.exe\0"), "agpj.exe");
        assert_eq!(clean_name("..."), "未命名");
        assert_eq!(clean_name(&("x".repeat(500) + ".pdf")).chars().count(), 120);
    }
}
