//! `/api/v1/drafts/{id}/files`: multipart, each part named after its material.

use axum::extract::{Multipart, Path};
use axum::response::Response;
use tongban_kernel::{DraftId, Error};
use tongban_webkit::api::created;
use tongban_webkit::{Ctx, Failure};

use super::shapes::FileBody;
use crate::http::pages::{Receiver, limit_of};
use crate::http::words::id;
use crate::service::{NewFile, attach, clean_name, desk};

fn broken(source: axum::extract::multipart::MultipartError) -> Error {
    Error::invalid("upload.broken", "上传中断或文件已损坏，请重新上传").context(source.body_text())
}

#[utoipa::path(post, path = "/api/v1/drafts/{id}/files", tag = "申请", summary = "上传材料",
    description = "multipart/form-data，每个部分的名称是材料编号；全部成功才返回 201，已收下的不会丢失",
    params(("id" = String, Path)), responses((status = 201, body = Vec<FileBody>)))]
pub(super) async fn create(
    ctx: Ctx,
    Path(text): Path<String>,
    mut multipart: Multipart,
) -> Result<Response, Failure> {
    let draft = id::<DraftId>(&text)?;
    let before = desk(&ctx, draft).await?;
    let mut taken = Vec::new();
    while let Some(mut field) = multipart.next_field().await.map_err(broken)? {
        let material = field.name().unwrap_or_default().to_owned();
        let name = clean_name(field.file_name().unwrap_or_default());
        let limit = limit_of(before.offer.form.as_ref(), &material);
        let mut receiver = Receiver::new(&ctx, limit)?;
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            receiver.take(&chunk)?;
        }
        let Some(stored) = receiver.finish(&name).await else {
            continue;
        };
        let (kind, blob) = stored?;
        let file = NewFile {
            material: material.clone(),
            name: name.clone(),
            kind,
            blob,
        };
        taken.push(FileBody {
            file: attach(&ctx, draft, file).await?.to_string(),
            material,
            name,
        });
    }
    if taken.is_empty() {
        return Err(Error::invalid("upload.none", "没有收到文件").into());
    }
    Ok(created(&format!("/api/v1/drafts/{draft}/answers"), taken))
}
