//! The PDF of a licence: rendered and sealed after the commit, once.

use serde_json::{Map, Value, json};
use tongban_documents::Press;
use tongban_kernel::{Error, LicenceId, Result, SHANGHAI};
use tongban_seal::pdf::SignatureField;
use tongban_storage::{Ctx, LogHead};

use super::SealKeys;
use super::append::{current, metadata_of};
use crate::model::{Licence, Metadata, date_words, face_lines};
use crate::store::licences;

/// The public address of the verification page, e.g. `https://zwfw.example.gov.cn/verify`.
pub struct VerifyUrl(pub String);

/// Makes the signed PDF of a licence, if it is not there yet. For the worker that takes [`FILE_WANTED`](super::FILE_WANTED).
pub async fn make_file(ctx: &Ctx, id: LicenceId) -> Result<()> {
    let ctx2 = ctx.clone();
    let found = ctx
        .db
        .read(move |tx| {
            let licence = licences::get(tx, id)?.ok_or_else(Error::not_found)?;
            if licence.file_sha256.is_some() {
                return Ok(None);
            }
            let (stored, signed) = current(&ctx2, tx, &licence)?;
            let kind = tongban_catalogue::licence_type(tx, &licence.type_code)?
                .ok_or_else(|| Error::internal("licence type is gone"))?;
            let index = tongban_storage::leaf_index(tx, &stored.leaf)?;
            Ok(Some((licence, metadata_of(&signed)?, kind, index)))
        })
        .await?;
    let Some((licence, metadata, kind, index)) = found else {
        return Ok(());
    };
    let url = ctx.parts.get::<VerifyUrl>()?;
    let mut log = Map::new();
    if let Some(index) = index {
        log.insert("index".to_owned(), index.into());
    }
    if let Some(head) = LogHead::for_paper(ctx).await? {
        log.insert("head".to_owned(), head.into());
    }
    let data = sheet(&licence, &metadata, &kind, &url.0, log.into());
    let press = ctx.parts.get::<Press>()?;
    let seals = ctx.parts.get::<SealKeys>()?;
    let signer = seals
        .signer(&licence.issuer_code, &licence.issuer_name)
        .await?;
    let created = licence
        .issued_on
        .at(0, 0, 0, 0)
        .to_zoned(jiff::tz::TimeZone::fixed(SHANGHAI))
        .map_err(|source| Error::internal("date of issue").source(source))?
        .timestamp();
    let (now, blobs, token) = (ctx.now(), ctx.blobs.clone(), ctx.ids.token());
    let blob = tokio::task::spawn_blocking(move || {
        let rendered = press
            .render("licence", &data, created)
            .map_err(|source| Error::internal(format!("licence template: {source}")))?;
        if !rendered.missing.is_empty() {
            tracing::warn!(licence = %id, missing = ?rendered.missing, "licence.glyphs.missing");
        }
        let field = SignatureField {
            name: "OrganSeal".to_owned(),
            signer_name: licence.issuer_name.clone(),
            reason: "核发电子证照".to_owned(),
            location: metadata.certificate_area_code.clone(),
        };
        let pdf = tongban_seal::pdf::sign(&rendered.pdf, signer.as_ref(), &field, now)
            .map_err(|source| Error::internal("licence cannot be sealed").source(source))?;
        blobs.put(&token, &pdf)
    })
    .await
    .map_err(|_| Error::internal("the press panicked"))??;
    ctx.db
        .write(move |tx| licences::file_made(tx, id, &blob))
        .await
}

/// The input of the template `licence`.
fn sheet(licence: &Licence, metadata: &Metadata, kind: &Value, url: &str, log: Value) -> Value {
    let valid = match licence.valid_to {
        Some(last) => format!("{}至{}", date_words(licence.valid_from), date_words(last)),
        None => "长期".to_owned(),
    };
    let bottom = if licence.demo {
        "电子证照专用章 演示"
    } else {
        "电子证照专用章"
    };
    json!({
        "title": licence.name,
        "number": licence.number,
        "face": face_lines(kind, &metadata.face_json),
        "identifier": metadata.certificate_source_id,
        "organ": licence.issuer_name,
        "date": licence.issued_on.to_string(),
        "valid": valid,
        "seal": {"organ": licence.issuer_name, "bottom": bottom},
        "qr": format!("{url}?id={}", metadata.certificate_source_id),
        "log": log,
        "demo": licence.demo,
    })
}
