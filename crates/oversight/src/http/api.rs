//! The interface for phones and portals.

use axum::extract::Path;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tongban_codes::lists::RatingChannel;
use tongban_kernel::{Error, FieldProblem};
use tongban_webkit::{ApiJson, Ctx, Failure, IdempotencyKey};
use utoipa::ToSchema;

use crate::model::{Level, Tag};
use crate::service::{Rate, rate};

/// A rating in the numbers of the national interface.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRating {
    /// 5 非常满意, 4 满意, 3 基本满意, 2 不满意, 1 非常不满意. There is no default.
    #[schema(minimum = 1, maximum = 5)]
    satisfaction: u8,
    /// overall, efficiency, guide, convenience, platform.
    #[serde(default)]
    tags: Vec<String>,
    /// At most 500 characters.
    #[serde(default)]
    text: String,
    /// 评价渠道: 1 PC, 2 phone, 3 QR code, 4 tablet at the counter, 5 other terminal, 6 telephone, 7 text message.
    channel: String,
}

/// The rating that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Given {
    id: String,
    satisfaction: u8,
    rated_at: String,
    /// The day by which a bad rating must be dealt with; `null` for a good one.
    rectify_by: Option<String>,
}

fn problem(field: &str, message: &str) -> FieldProblem {
    FieldProblem::new(field, "invalid", message)
}

/// 评价办件: the applicant rates a concluded case, once.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{project_no}/rating",
    tag = "ratings",
    params(
        ("project_no" = String, Path, description = "办件编号"),
        ("Idempotency-Key" = String, Header, description = "8–128 characters; the same key gives the same answer"),
    ),
    request_body = NewRating,
    responses(
        (status = 201, description = "评价已记录", body = Given),
        (status = 404, description = "没有这个办件，或不是本人的办件"),
        (status = 409, description = "已经评价过，或尚未办结"),
        (status = 422, description = "内容有误"),
    ),
)]
pub(super) async fn give(
    ctx: Ctx,
    Path(project_no): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<NewRating>,
) -> Result<Response, Failure> {
    let mut problems = Vec::new();
    let level = Level::from_interface_code(body.satisfaction);
    if level.is_none() {
        problems.push(problem("satisfaction", "满意度应为 1 至 5"));
    }
    let channel = RatingChannel::from_code(&body.channel);
    if channel.is_none() {
        problems.push(problem("channel", "评价渠道应为 1 至 7"));
    }
    let tags: Vec<Tag> = body
        .tags
        .iter()
        .filter_map(|tag| Tag::from_code(tag))
        .collect();
    if tags.len() != body.tags.len() {
        problems.push(problem("tags", "有不认识的评价方面"));
    }
    let (Some(level), Some(channel), true) = (level, channel, problems.is_empty()) else {
        return Err(Error::problems("rating.invalid", problems).into());
    };
    let wish = Rate {
        project_no: project_no.clone(),
        level,
        tags,
        text: body.text,
        channel,
        key,
    };
    let given = rate(&ctx, wish).await?;
    let body = Given {
        id: given.id.to_string(),
        satisfaction: given.level.interface_code(),
        rated_at: given.rated_at.to_string(),
        rectify_by: given.rectify_by.map(|date| date.to_string()),
    };
    Ok(tongban_webkit::api::created(
        &format!("/cases/{project_no}/rating"),
        body,
    ))
}
