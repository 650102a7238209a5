//! A file that was made to be taken away, sent piece by piece.

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use tokio::io::AsyncReadExt as _;
use tongban_kernel::Error;

use crate::service::ExportedFile;

/// Bytes of one piece.
const PIECE: usize = 64 << 10;

/// The answer with the file; its length is told, so that a broken transfer shows. The file goes when the answer has gone.
pub(super) async fn download(made: ExportedFile) -> Result<Response, Error> {
    let format = made.export.wish.format;
    let opened = tokio::fs::File::open(made.scratch.path()).await;
    let file = opened.map_err(|source| Error::unavailable("scratch file").source(source))?;
    let pieces = stream::unfold((file, made.scratch), |(mut file, scratch)| async move {
        let mut piece = vec![0; PIECE];
        match file.read(&mut piece).await {
            Ok(0) => None,
            Ok(n) => {
                piece.truncate(n);
                Some((Ok(Bytes::from(piece)), (file, scratch)))
            }
            Err(source) => Some((Err(source), (file, scratch))),
        }
    });
    let name = format!("attachment; filename=\"{}\"", format.file_name());
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(made.bytes));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
