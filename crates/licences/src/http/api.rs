//! The public interface.

use axum::extract::Path;
use tongban_webkit::{ApiJson, ApiResult, Ctx};

use crate::service::{Verification, verify_public};

/// 电子证照核验: whether a licence is valid, for anybody who has its identifier. The answer has the same shape whatever is
/// found; an unknown identifier is an answer, not an error.
#[utoipa::path(
    get,
    path = "/api/v1/licences/{identifier}/verification",
    tag = "licences",
    params(("identifier" = String, Path, description = "电子证照标识 (GB/T 36904)")),
    responses((status = 200, description = "核验结果", body = Verification)),
)]
pub(super) async fn verification(
    ctx: Ctx,
    Path(identifier): Path<String>,
) -> ApiResult<Verification> {
    Ok(ApiJson(verify_public(&ctx, &identifier).await?))
}
