//! `/api/v1/outside-systems`: the register of systems as JSON.

use axum::extract::Path;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tongban_kernel::{DeliveryId, Error, OrganId, Result, SystemId};
use tongban_webkit::{
    ApiJson, ApiResult, Ctx, Cursor, Failure, IdempotencyKey, List, PageParams, bad_page,
};

use crate::service::{self, Change, Delivery, NewSystem, Shown, System};

fn id(text: &str) -> Result<SystemId, Error> {
    text.parse().map_err(|_| Error::not_found())
}

#[derive(Serialize)]
pub(super) struct SystemBody {
    system: String,
    code: String,
    organ: String,
    name: String,
    url: String,
    events: Vec<String>,
    state: String,
    failing_since: Option<String>,
    note: String,
}

impl From<System> for SystemBody {
    fn from(one: System) -> Self {
        Self {
            system: one.id.to_string(),
            code: one.code,
            organ: one.organ.to_string(),
            name: one.name,
            url: one.url,
            events: one.events,
            state: one.state,
            failing_since: one.failing_since.map(|at| at.to_string()),
            note: one.note,
        }
    }
}

/// Keys are shown once; a repeat of the request has none.
#[derive(Serialize)]
pub(super) struct KeysBody {
    system: String,
    signing_key: Option<String>,
    reporting_key: Option<String>,
}

impl From<Shown> for KeysBody {
    fn from(shown: Shown) -> Self {
        let (told, said) = shown.keys.unzip();
        Self {
            system: shown.id.to_string(),
            signing_key: told,
            reporting_key: said,
        }
    }
}

#[derive(Serialize)]
pub(super) struct DoneBody {
    system: String,
}

fn done(system: SystemId) -> ApiJson<DoneBody> {
    ApiJson(DoneBody {
        system: system.to_string(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewBody {
    code: String,
    organ: String,
    name: String,
    url: String,
    events: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeBody {
    name: String,
    url: String,
    events: Vec<String>,
    active: bool,
}

#[derive(Serialize)]
pub(super) struct DeliveryBody {
    delivery: String,
    message: String,
    kind: String,
    project_no: String,
    state: String,
    attempts: u32,
    status: Option<u16>,
    error: Option<String>,
    created_at: String,
    last_at: Option<String>,
    replay: bool,
}

impl From<Delivery> for DeliveryBody {
    fn from(one: Delivery) -> Self {
        Self {
            delivery: one.id.to_string(),
            message: one.message,
            kind: one.kind,
            project_no: one.subject,
            state: one.state,
            attempts: one.attempts,
            status: one.status,
            error: one.error,
            created_at: one.created_at.to_string(),
            last_at: one.last_at.map(|at| at.to_string()),
            replay: !one.replay.is_empty(),
        }
    }
}

pub(super) async fn list(ctx: Ctx) -> ApiResult<List<SystemBody>> {
    let found = service::systems(&ctx).await?;
    Ok(ApiJson(List {
        items: found.into_iter().map(SystemBody::from).collect(),
        next: None,
    }))
}

pub(super) async fn one(ctx: Ctx, Path(system): Path<String>) -> ApiResult<SystemBody> {
    let found = service::system(&ctx, id(&system)?).await?;
    Ok(ApiJson(found.into()))
}

pub(super) async fn create(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<NewBody>,
) -> Result<Response, Failure> {
    let organ: OrganId = body.organ.parse().map_err(|_| Error::not_found())?;
    let new = NewSystem {
        code: body.code,
        organ,
        name: body.name,
        url: body.url,
        events: body.events,
    };
    let shown = service::register(&ctx, &key, new).await?;
    let path = format!("/api/v1/outside-systems/{}", shown.id);
    Ok(tongban_webkit::api::created(&path, KeysBody::from(shown)))
}

pub(super) async fn replace(
    ctx: Ctx,
    Path(system): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<ChangeBody>,
) -> ApiResult<DoneBody> {
    let system = id(&system)?;
    let what = Change {
        name: body.name,
        url: body.url,
        events: body.events,
        active: body.active,
    };
    service::change(&ctx, &key, system, what).await?;
    Ok(done(system))
}

pub(super) async fn rotate(
    ctx: Ctx,
    Path(system): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
) -> ApiResult<KeysBody> {
    Ok(ApiJson(
        service::rotate(&ctx, &key, id(&system)?).await?.into(),
    ))
}

pub(super) async fn test(
    ctx: Ctx,
    Path(system): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
) -> ApiResult<DoneBody> {
    let system = id(&system)?;
    service::test_delivery(&ctx, &key, system).await?;
    Ok(done(system))
}

pub(super) async fn deliveries(
    ctx: Ctx,
    Path(system): Path<String>,
    params: PageParams,
) -> ApiResult<List<DeliveryBody>> {
    let before = params
        .after
        .as_ref()
        .map(|Cursor(keys)| match keys.as_slice() {
            [key] => key.parse::<u64>().map_err(|_| bad_page()),
            _ => Err(bad_page()),
        });
    let found =
        service::deliveries(&ctx, id(&system)?, before.transpose()?, params.fetch()).await?;
    let page = List::of(found, &params, |one| vec![one.n.to_string()]);
    Ok(ApiJson(List {
        items: page.items.into_iter().map(DeliveryBody::from).collect(),
        next: page.next,
    }))
}

pub(super) async fn replay(
    ctx: Ctx,
    Path((system, delivery)): Path<(String, String)>,
    IdempotencyKey(key): IdempotencyKey,
) -> ApiResult<DoneBody> {
    let system = id(&system)?;
    let delivery: DeliveryId = delivery.parse().map_err(|_| Error::not_found())?;
    service::replay_delivery(&ctx, &key, system, delivery).await?;
    Ok(done(system))
}
