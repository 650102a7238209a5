//! Files of an application: checked by content, not by name; stored once, by digest.

use serde_json::{Value, json};
use tongban_catalogue::offer;
use tongban_forms::{Grade, Received};
use tongban_kernel::{Act, AttachmentId, DraftId, Error, Resource, Result};
use tongban_storage::{BlobRef, Ctx, Tx};
use tongban_tlog::hash::to_base64;

use super::drafts::{own, refuse_submitted};
use crate::model::{Case, CaseState, FileView};
use crate::store::attachments::{self, AttachmentRow};
use crate::store::cases;

/// The largest file, in bytes (20 MB), where the form names no smaller one.
pub const FILE_BYTES_MAX: u64 = 20 * 1_048_576;

/// What a file is by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Pdf,
    Png,
    Jpeg,
    Ofd,
}

impl FileKind {
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Ofd => "application/ofd",
        }
    }

    /// The kind of a file with this beginning and name, if it is one that can be handed in. The content decides; the name may
    /// only agree. What carries a second format inside its head (a polyglot) is refused.
    pub fn of(head: &[u8], name: &str) -> Result<Self> {
        let kind = match head {
            [b'%', b'P', b'D', b'F', b'-', ..] => Self::Pdf,
            [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Self::Png,
            [0xFF, 0xD8, 0xFF, ..] => Self::Jpeg,
            [b'P', b'K', 3, 4, ..]
                if contains(head, b"OFD.xml") || has_extension(name, &["ofd"]) =>
            {
                Self::Ofd
            }
            _ => return Err(wrong_kind("只能上传 PDF、OFD、PNG、JPG 文件")),
        };
        let fits = match kind {
            Self::Pdf => has_extension(name, &["pdf"]),
            Self::Png => has_extension(name, &["png"]),
            Self::Jpeg => has_extension(name, &["jpg", "jpeg"]),
            Self::Ofd => has_extension(name, &["ofd"]),
        };
        if !fits {
            return Err(wrong_kind(
                "文件内容与扩展名不一致，请用原来的软件重新保存后再上传",
            ));
        }
        let foreign: [&[u8]; 6] = [
            b"<script",
            b"<html",
            b"<?php",
            b"<!DOCTYPE",
            b"MZ\x90\x00",
            b"#!/",
        ];
        if kind != Self::Ofd && foreign.iter().any(|mark| contains(head, mark)) {
            return Err(wrong_kind("文件里混有网页或程序内容，不能接收"));
        }
        Ok(kind)
    }
}

fn wrong_kind(message: &str) -> Error {
    Error::invalid("upload.kind", message).saved("您已填写的内容和其他文件都在")
}

fn contains(head: &[u8], mark: &[u8]) -> bool {
    head.windows(mark.len())
        .any(|window| window.eq_ignore_ascii_case(mark))
}

fn has_extension(name: &str, allowed: &[&str]) -> bool {
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| allowed.contains(&extension.as_str()))
}

/// A file name as it may be shown again: no path, no control or direction characters, at most 120 characters.
pub fn clean_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let unsafe_mark = |c: char| {
        c.is_control()
            || matches!(c, '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
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
    let material = offer
        .form
        .as_ref()
        .and_then(|form| {
            form.materials()
                .iter()
                .find(|material| material.id == file.material)
        })
        .ok_or_else(Error::not_found)?;
    if !material.accepts(file.kind.media_type()) {
        return Err(wrong_kind("这份材料不接收该类型的文件"));
    }
    let there = attachments::of_draft(tx, draft)?;
    if there.len() >= 200 {
        return Err(Error::invalid("upload.too-many", "文件太多，请合并后上传"));
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
    fn the_content_decides_what_a_file_is() {
        assert_eq!(
            FileKind::of(b"%PDF-1.7 ...", "a.pdf").expect("pdf"),
            FileKind::Pdf
        );
        assert_eq!(
            FileKind::of(b"\xFF\xD8\xFF\xE0", "a.JPG").expect("jpg"),
            FileKind::Jpeg
        );
        let refused = [
            (&b"MZ\x90\x00"[..], "a.pdf"),
            (b"%PDF-1.7", "a.exe"),
            (b"%PDF-1.7 <script>alert(1)</script>", "a.pdf"),
            (b"GIF89a", "a.gif"),
            (b"", "a.pdf"),
            (b"PK\x03\x04word/document.xml", "a.docx"),
            (b"\x89PNG\r\n\x1a\n<?php", "a.png"),
        ];
        for (head, name) in refused {
            assert!(FileKind::of(head, name).is_err(), "{name} {head:?}");
        }
    }

    #[test]
    fn a_name_is_only_a_name() {
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("C:\\a\\身份证.jpg"), "身份证.jpg");
        assert_eq!(clean_name("a\u{202E}gpj.exe\0"), "agpj.exe");
        assert_eq!(clean_name("..."), "未命名");
        assert_eq!(clean_name(&("x".repeat(500) + ".pdf")).chars().count(), 120);
    }
}
