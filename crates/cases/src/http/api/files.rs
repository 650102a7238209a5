//! `/api/v1/drafts/{id}/files`: multipart, each part named after its material; all are taken or none.

use std::time::Duration;

use axum::extract::multipart::Field;
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

/// How much of a refused body is still read, and how long.
const HEARD_OUT_BYTES: usize = 20 << 20;
const HEARD_OUT: Duration = Duration::from_secs(2);

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
    multipart: &mut Multipart,
) -> Result<Vec<Came>, Failure> {
    let mut came = Vec::new();
    while let Some(mut field) = multipart.next_field().await.map_err(broken_upload)? {
        match one(ctx, form, &mut field, came.len()).await {
            Ok(file) => came.extend(file),
            Err(refused) => {
                hear_out(&mut field).await;
                return Err(refused);
            }
        }
    }
    if came.is_empty() {
        return Err(Error::invalid("upload.none", "没有收到文件").into());
    }
    Ok(came)
}

/// Reads one part; `None` if it is empty.
async fn one(
    ctx: &Ctx,
    form: Option<&FormDocument>,
    field: &mut Field<'_>,
    before: usize,
) -> Result<Option<Came>, Failure> {
    let material = field.name().unwrap_or_default().to_owned();
    // Before a byte of it is read.
    takes_any(form, &material)?;
    if before >= FILES_MAX {
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
    let Some(file) = receiver.finish(form, &material, &name) else {
        return Ok(None);
    };
    Ok(Some(Came {
        material,
        name,
        file: file?,
    }))
}

/// Reads on for a moment after a refusal and keeps nothing: whoever is still sending would else find the connection cut and not
/// hear why.
async fn hear_out(field: &mut Field<'_>) {
    let rest = async {
        let mut left = HEARD_OUT_BYTES;
        while let Ok(Some(chunk)) = field.chunk().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(HEARD_OUT, rest).await;
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
    mut multipart: Multipart,
) -> Result<Response, Failure> {
    let draft = id::<DraftId>(&text)?;
    match receiving_desk(&ctx, draft, &key).await {
        Ok(desk) => {
            take(
                &ctx,
                desk.offer.form.as_ref(),
                (draft, &key),
                &mut multipart,
            )
            .await
        }
        Err(refused) => {
            if let Ok(Some(mut field)) = multipart.next_field().await {
                hear_out(&mut field).await;
            }
            Err(refused.into())
        }
    }
}

async fn take(
    ctx: &Ctx,
    form: Option<&FormDocument>,
    (draft, key): (DraftId, &str),
    multipart: &mut Multipart,
) -> Result<Response, Failure> {
    let came = read(ctx, form, multipart).await?;
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
    let ids = attach_all_once(ctx, draft, key, files).await?;
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
