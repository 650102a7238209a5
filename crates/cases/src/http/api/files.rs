//! `/api/v1/drafts/{id}/files`: multipart, each part named after its material; all are taken or none.

use axum::extract::{Multipart, Path};
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::response::Response;
use tongban_forms::FormDocument;
use tongban_kernel::{DraftId, Error};
use tongban_webkit::api::created;
use tongban_webkit::{Ctx, DeclaredLength, Failure, IdempotencyKey, broken_upload};

use super::shapes::FileBody;
use crate::http::pages::{Receiver, Waiting, limit_of};
use crate::http::words::id;
use crate::service::{
    FILES_MAX, NewFile, attach_all_once, clean_name, receiving_desk, takes_any, too_many,
};

/// Bytes of one request, all parts together (210 MB).
pub(super) const REQUEST_BYTES_MAX: usize = 210 << 20;

/// A file that is whole, not kept yet.
struct Came {
    material: String,
    name: String,
    file: Waiting,
}

/// Reads all parts; the first one that cannot be taken ends the reading, and nothing is kept.
async fn read(
    ctx: &Ctx,
    form: Option<&FormDocument>,
    mut multipart: Multipart,
) -> Result<Vec<Came>, Failure> {
    let mut came = Vec::new();
    while let Some(mut field) = multipart.next_field().await.map_err(broken_upload)? {
        let material = field.name().unwrap_or_default().to_owned();
        // Before a byte of it is read.
        takes_any(form, &material)?;
        if came.len() >= FILES_MAX {
            return Err(too_many().into());
        }
        let name = clean_name(field.file_name().unwrap_or_default());
        let mut receiver = Receiver::new(ctx, limit_of(form, &material))?;
        while let Some(chunk) = field.chunk().await.map_err(broken_upload)? {
            receiver.take(&chunk)?;
            if let Some(refused) = receiver.refused() {
                return Err(refused.into());
            }
        }
        if let Some(file) = receiver.finish(form, &material, &name) {
            came.push(Came {
                material,
                name,
                file: file?,
            });
        }
    }
    if came.is_empty() {
        return Err(Error::invalid("upload.none", "没有收到文件").into());
    }
    Ok(came)
}

/// A refusal does not wait for the rest of the body, so nothing more can come over this connection: the caller is told.
pub(super) async fn close_after_refusal(mut answer: Response) -> Response {
    if !answer.status().is_success() {
        let headers = answer.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

#[utoipa::path(post, path = "/api/v1/drafts/{id}/files", tag = "申请", summary = "上传材料",
    description = "multipart/form-data，每个部分的名称是材料编号；全部收下才返回 201，否则一个也不收",
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = Vec<FileBody>)))]
pub(super) async fn create(
    ctx: Ctx,
    Path(text): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    _: DeclaredLength<REQUEST_BYTES_MAX>,
    multipart: Multipart,
) -> Result<Response, Failure> {
    let draft = id::<DraftId>(&text)?;
    let before = receiving_desk(&ctx, draft, &key).await?;
    let came = read(&ctx, before.offer.form.as_ref(), multipart).await?;
    let (mut files, mut taken) = (Vec::new(), Vec::new());
    for Came {
        material,
        name,
        file,
    } in came
    {
        let (kind, blob) = file.keep().await?;
        taken.push((material.clone(), name.clone()));
        files.push(NewFile {
            material,
            name,
            kind,
            blob,
        });
    }
    let ids = attach_all_once(&ctx, draft, &key, files).await?;
    let bodies: Vec<FileBody> = ids
        .iter()
        .zip(taken)
        .map(|(file, (material, name))| FileBody {
            file: file.to_string(),
            material,
            name,
        })
        .collect();
    Ok(created(&format!("/api/v1/drafts/{draft}/answers"), bodies))
}
