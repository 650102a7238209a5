//! The public interface.

use axum::extract::{Path, Query};
use serde::{Deserialize, Serialize};
use tongban_codes::lists::CertState;
use tongban_kernel::{Error, LicenceId};
use tongban_webkit::{ApiJson, ApiResult, Ctx, Cursor, Failure, IdempotencyKey, List, PageParams};
use utoipa::{IntoParams, ToSchema};

use crate::model::{Licence, Verdict};
use crate::service::{
    self, Change, ChangeWish, RegisterLine, RegisterQuery, Verification, entry_by_identifier,
    register, verify_public,
};

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

/// What narrows the register.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Narrow {
    /// Number, serial, identifier, case number, or the holder's whole name or code.
    #[serde(default)]
    q: String,
    /// 证照状态, national code.
    #[serde(default)]
    state: String,
    /// 证照类型代码.
    #[serde(default, rename = "type")]
    kind: String,
}

/// What `q`, `state`, `type` and the place in the list ask for; an unknown state is refused.
pub(super) fn query(
    q: &str,
    state: &str,
    kind: &str,
    params: &PageParams,
) -> Result<RegisterQuery, Error> {
    let state = match state {
        "" => None,
        code => Some(
            CertState::from_code(code)
                .ok_or_else(|| Error::invalid("licence.state-code", "没有这种证照状态"))?,
        ),
    };
    let after = params
        .after
        .as_ref()
        .and_then(|Cursor(keys)| keys.first())
        .map(|key| key.parse::<LicenceId>())
        .transpose()
        .map_err(|_| Error::invalid("request.page", "翻页参数无效"))?;
    Ok(RegisterQuery {
        words: q.to_owned(),
        state,
        type_code: kind.to_owned(),
        after,
        limit: params.fetch(),
    })
}

/// A licence in the names of the national tables.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LicenceBody {
    /// 电子证照标识 of the current version.
    identifier: String,
    certificate_name: String,
    certificate_number: String,
    certificate_type_code: String,
    /// The name of a person is masked in lists.
    certificate_holder: String,
    issue_dept: String,
    issue_date: String,
    valid_from: String,
    valid_to: Option<String>,
    cert_state: String,
    /// valid, not-yet-valid, suspended, revoked, expired.
    #[schema(value_type = String)]
    verdict: Verdict,
    project_no: String,
}

fn body(licence: &Licence, identifier: &str, holder: &str, verdict: Verdict) -> LicenceBody {
    LicenceBody {
        identifier: identifier.to_owned(),
        certificate_name: licence.name.clone(),
        certificate_number: licence.number.clone(),
        certificate_type_code: licence.type_code.clone(),
        certificate_holder: holder.to_owned(),
        issue_dept: licence.issuer_name.clone(),
        issue_date: licence.issued_on.to_string(),
        valid_from: licence.valid_from.to_string(),
        valid_to: licence.valid_to.map(|date| date.to_string()),
        cert_state: licence.state.code().code().to_owned(),
        verdict,
        project_no: licence.project_no.clone(),
    }
}

/// 证照登记: licences of the officer's organ (of all organs for a supervisor), latest first.
#[utoipa::path(
    get,
    path = "/api/v1/licences",
    tag = "licences",
    params(Narrow, PageParams),
    responses((status = 200, description = "证照", body = List<LicenceBody>)),
)]
pub(super) async fn list(
    ctx: Ctx,
    params: PageParams,
    Query(narrow): Query<Narrow>,
) -> ApiResult<List<LicenceBody>> {
    let wanted = query(&narrow.q, &narrow.state, &narrow.kind, &params)?;
    let found = register(&ctx, wanted).await?;
    let page = List::of(found.lines, &params, |line| {
        vec![line.licence.id.to_string()]
    });
    let line =
        |line: &RegisterLine| body(&line.licence, &line.identifier, &line.holder, line.verdict);
    Ok(ApiJson(List {
        items: page.items.iter().map(line).collect(),
        next: page.next,
    }))
}

/// A version of a licence.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LicenceVersion {
    version: u16,
    identifier: String,
    /// issue, withhold, resume, annul, revoke, deregister, expire, move-out.
    operation: String,
    at: String,
    by_whom: String,
    reason: String,
    log_index: Option<u64>,
}

/// A licence with its history.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LicenceEntry {
    licence: LicenceBody,
    versions: Vec<LicenceVersion>,
    /// What whoever asks may do to it now.
    possible: Vec<String>,
}

/// 证照登记: one licence with its history, by the identifier of any of its versions.
#[utoipa::path(
    get,
    path = "/api/v1/licences/{identifier}",
    tag = "licences",
    params(("identifier" = String, Path, description = "电子证照标识 (GB/T 36904)")),
    responses((status = 200, description = "证照", body = LicenceEntry), (status = 404, description = "没有，或者不是本机关的")),
)]
pub(super) async fn one(ctx: Ctx, Path(identifier): Path<String>) -> ApiResult<LicenceEntry> {
    let found = entry_by_identifier(&ctx, &identifier).await?;
    let versions = found.versions.iter().map(|one| LicenceVersion {
        version: one.version,
        identifier: one.identifier.clone(),
        operation: one.operation.clone(),
        at: one.at.to_string(),
        by_whom: one.by_whom.clone(),
        reason: one.reason.clone(),
        log_index: one.log_index,
    });
    Ok(ApiJson(LicenceEntry {
        licence: body(
            &found.licence,
            &found.identifier,
            &found.holder,
            found.verdict,
        ),
        versions: versions.collect(),
        possible: found
            .possible
            .iter()
            .map(|kind| kind.key().to_owned())
            .collect(),
    }))
}

/// What is to be done to a licence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewChange {
    /// withhold 暂扣, resume 恢复, annul 撤销, revoke 吊销, deregister 注销.
    operation: String,
    /// For annul (行政许可法 第六十九条): abuse-of-power, beyond-powers, against-procedure, not-qualified, other-by-law, fraud;
    /// for deregister (第七十条): not-renewed, person-gone, organisation-ended, permit-removed, force-majeure, other-by-law.
    #[serde(default)]
    ground: String,
    /// 行政处罚决定书文号, for withhold and revoke.
    #[serde(default)]
    decision_no: String,
    /// Last day of a withholding; empty: until it is lifted.
    #[serde(default)]
    until: String,
    /// At most 2000 characters.
    reason: String,
}

/// The licence after the act.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Changed {
    /// 电子证照标识 of the new version.
    identifier: String,
    certificate_name: String,
    certificate_number: String,
}

/// 暂扣、恢复、撤销、吊销、注销: by a decider of the issuing organ.
#[utoipa::path(
    post,
    path = "/api/v1/licences/{identifier}/changes",
    tag = "licences",
    params(("identifier" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = NewChange,
    responses(
        (status = 200, description = "已办理", body = Changed),
        (status = 403, description = "岗位没有这项权限"),
        (status = 404, description = "没有，或者不是本机关的"),
        (status = 409, description = "证照的状态不允许"),
        (status = 422, description = "内容有误"),
    ),
)]
pub(super) async fn change(
    ctx: Ctx,
    Path(identifier): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(new): ApiJson<NewChange>,
) -> Result<ApiJson<Changed>, Failure> {
    let wish = ChangeWish {
        operation: new.operation,
        ground: new.ground,
        decision_no: new.decision_no,
        until: new.until,
        reason: new.reason,
    };
    let found = entry_by_identifier(&ctx, &identifier).await?;
    let operation = wish.operation(ctx.clock.today())?;
    let wish = Change {
        licence: found.licence.id,
        operation,
        reason: wish.reason,
        key,
    };
    let changed = service::change(&ctx, wish).await?;
    Ok(ApiJson(Changed {
        identifier: changed.identifier,
        certificate_name: changed.name,
        certificate_number: changed.number,
    }))
}
