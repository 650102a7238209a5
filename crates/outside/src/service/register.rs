//! The register of outside systems: who they are, where they are told, with which keys; tests, log and replays of deliveries. Each
//! change is a row with its leaf.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tongban_cases::PublicAddress;
use tongban_kernel::{
    Act, Actor, DeliveryId, Error, FieldProblem, OrganFacts, OrganId, Permit, Post, Resource,
    Result, SystemId,
};
use tongban_storage::{Ctx, Replay, SealedLeaf, Stored, Tx, append_leaf, remember, replay};
use tongban_tlog::LeafKind;

use super::fan_out::refresh_watch;
use super::{Client, Delivery, System};
use crate::model::{CloudEvent, EVENTS, Keys, Secret};
use crate::store::{self, ChangeRow, NewDelivery, Sealed};

/// Keys as they are shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub id: SystemId,
    /// Signs what the system is told, and what it says; `None` for a repeat, which shows nothing again.
    pub keys: Option<(String, String)>,
}

/// A new registration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewSystem {
    pub code: String,
    pub organ: OrganId,
    pub name: String,
    pub url: String,
    pub events: Vec<String>,
}

/// A change of a registration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Change {
    pub name: String,
    pub url: String,
    pub events: Vec<String>,
    /// Told again, or told no more.
    pub active: bool,
}

fn owner(id: SystemId) -> Vec<u8> {
    format!("{id}/keys").into_bytes()
}

pub(crate) fn opened(ctx: &Ctx, id: SystemId, sealed: &Sealed) -> Result<Keys> {
    let key = ctx.vault.unwrap_key(&sealed.data_key)?;
    let json = ctx.vault.open(&key, &owner(id), &sealed.sealed)?;
    serde_json::from_slice(&json)
        .map_err(|source| Error::internal("corrupt keys of a system").source(source))
}

fn authorized(ctx: &Ctx, organ: OrganId) -> Result<Permit> {
    ctx.authorize(Act::ManageSystems, Resource::Organ(&OrganFacts { organ }))
}

/// The system, for whoever may manage it; others do not learn that it exists.
fn managed(ctx: &Ctx, tx: &mut Tx<'_>, id: SystemId) -> Result<(System, Sealed, Permit)> {
    let own = match &ctx.actor {
        Actor::Officer(officer) => officer.organ,
        _ => return Err(Error::unauthenticated()),
    };
    // Who manages no system at all is told so; who manages others is told nothing.
    authorized(ctx, own)?;
    let (system, sealed) = store::get(tx, id)?.ok_or_else(Error::not_found)?;
    let permit = authorized(ctx, system.organ).map_err(|_| Error::not_found())?;
    Ok((system, sealed, permit))
}

fn problem(field: &str, message: &str) -> FieldProblem {
    FieldProblem::new(field, "outside", message)
}

fn checked(ctx: &Ctx, name: &str, url: &str, events: &[String]) -> Result<Vec<FieldProblem>> {
    let mut problems = Vec::new();
    if !(1..=50).contains(&name.trim().chars().count()) {
        problems.push(problem("name", "请填写系统名称（50 字以内）"));
    }
    if ctx.parts.get::<Client>()?.sound(url).is_none() {
        let message =
            "请填写 https:// 开头的地址；内网地址须由运维在配置项 outside_networks 中允许";
        problems.push(problem("url", message));
    }
    if let Some(unknown) = events.iter().find(|one| !EVENTS.contains(&one.as_str())) {
        problems.push(problem("events", &format!("没有“{unknown}”这种事件")));
    }
    Ok(problems)
}

/// Runs `work` once under `key`; only the id of the system is kept as the answer, never a key of it.
async fn once<F>(ctx: &Ctx, key: &str, request: Vec<u8>, work: F) -> Result<Shown>
where
    F: Fn(&Ctx, &mut Tx<'_>) -> Result<Shown> + Send + Sync + 'static,
{
    let (ctx2, key) = (ctx.clone(), key.to_owned());
    let shown = ctx
        .db
        .write(move |tx| {
            let principal = ctx2.actor.principal();
            if let Replay::Seen(stored) = replay(tx, &principal, &key, &request)? {
                let id = stored.body.parse();
                let id = id.map_err(|_| Error::internal("corrupt answer of a key"))?;
                return Ok(Shown { id, keys: None });
            }
            let shown = work(&ctx2, tx)?;
            let answer = Stored {
                status: 200,
                body: shown.id.to_string(),
            };
            remember(tx, &principal, &key, &request, &answer, ctx2.now())?;
            Ok(shown)
        })
        .await?;
    refresh_watch(ctx).await?;
    Ok(shown)
}

fn request(what: &str, request: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(&(what, request))
        .map_err(|source| Error::internal("request cannot be written").source(source))
}

fn new_keys(ctx: &Ctx, keys: Keys) -> (Keys, (String, String)) {
    let (told, said) = (Secret::of(ctx.ids.bytes()), Secret::of(ctx.ids.bytes()));
    let shown = (told.text(), said.text());
    (keys.renewed(told, said, ctx.now()), shown)
}

fn keys_json(keys: &Keys) -> Result<Vec<u8>> {
    serde_json::to_vec(keys)
        .map_err(|source| Error::internal("keys cannot be written").source(source))
}

/// Registers a system; its keys are shown this once.
pub async fn register(ctx: &Ctx, key: &str, new: NewSystem) -> Result<Shown> {
    authorized(ctx, new.organ)?;
    let mut problems = checked(ctx, &new.name, &new.url, &new.events)?;
    let sound = (2..=40).contains(&new.code.len())
        && new
            .code
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !sound {
        problems.push(problem("code", "代码由 2–40 个小写字母、数字和连字符组成"));
    }
    if !problems.is_empty() {
        return Err(Error::problems("outside.invalid", problems));
    }
    once(ctx, key, request("register", &new)?, move |ctx, tx| {
        let permit = authorized(ctx, new.organ)?;
        if tongban_accounts::organ(tx, new.organ)?.is_none() {
            return Err(Error::problems(
                "outside.invalid",
                vec![problem("organ", "没有这个机构")],
            ));
        }
        if store::by_code(tx, &new.code)?.is_some() {
            return Err(Error::problems(
                "outside.invalid",
                vec![problem("code", "这个代码已经使用")],
            ));
        }
        let id: SystemId = ctx.ids.id(ctx.now());
        let (keys, shown) = new_keys(ctx, Keys::default());
        let (data, wrapped) = ctx.vault.new_key(&ctx.ids)?;
        let sealed = Sealed {
            data_key: wrapped,
            sealed: ctx
                .vault
                .seal(&ctx.ids, &data, &owner(id), &keys_json(&keys)?)?,
        };
        let system = System {
            id,
            code: new.code.clone(),
            organ: new.organ,
            name: new.name.trim().to_owned(),
            url: new.url.clone(),
            events: new.events.clone(),
            state: "active".to_owned(),
            failing_since: None,
            note: String::new(),
            created_at: ctx.now(),
        };
        store::insert(tx, &system, &sealed)?;
        write_down(ctx, tx, &system, "registered", permit)?;
        Ok(Shown {
            id,
            keys: Some(shown),
        })
    })
    .await
}

/// Changes a registration. Activating it clears what was noted about its failures.
pub async fn change(ctx: &Ctx, key: &str, id: SystemId, what: Change) -> Result<()> {
    let problems = checked(ctx, &what.name, &what.url, &what.events)?;
    if !problems.is_empty() {
        return Err(Error::problems("outside.invalid", problems));
    }
    let changed = once(
        ctx,
        key,
        request("change", &(id, &what))?,
        move |ctx, tx| {
            let (mut system, _, permit) = managed(ctx, tx, id)?;
            what.name.trim().clone_into(&mut system.name);
            system.url.clone_from(&what.url);
            system.events.clone_from(&what.events);
            if what.active {
                system.state = "active".to_owned();
                system.failing_since = None;
                system.note = String::new();
            } else {
                system.state = "paused".to_owned();
            }
            store::update(tx, &system)?;
            write_down(ctx, tx, &system, "changed", permit)?;
            Ok(Shown { id, keys: None })
        },
    );
    changed.await.map(|_| ())
}

/// New keys, shown this once; the former ones stay good for a day.
pub async fn rotate(ctx: &Ctx, key: &str, id: SystemId) -> Result<Shown> {
    once(ctx, key, request("rotate", &id)?, move |ctx, tx| {
        let (system, sealed, permit) = managed(ctx, tx, id)?;
        let (keys, shown) = new_keys(ctx, opened(ctx, id, &sealed)?);
        let data = ctx.vault.unwrap_key(&sealed.data_key)?;
        let sealed = ctx
            .vault
            .seal(&ctx.ids, &data, &owner(id), &keys_json(&keys)?)?;
        store::put_keys(tx, id, &sealed)?;
        write_down(ctx, tx, &system, "keys-changed", permit)?;
        Ok(Shown {
            id,
            keys: Some(shown),
        })
    })
    .await
}

/// Puts a test into the line of a system.
pub async fn test_delivery(ctx: &Ctx, key: &str, id: SystemId) -> Result<()> {
    let source = ctx.parts.get::<PublicAddress>()?.0.clone();
    let sent = once(ctx, key, request("test", &id)?, move |ctx, tx| {
        managed(ctx, tx, id)?;
        let delivery: DeliveryId = ctx.ids.id(ctx.now());
        let message = delivery.to_string();
        let body = CloudEvent {
            source: &source,
            id: &message,
            kind: "test",
            subject: "",
            at: ctx.now(),
            sequence: None,
            data: json!({}),
        };
        let new = NewDelivery {
            id: delivery,
            system: id,
            message: &message,
            replay: "",
            kind: "test",
            subject: "",
            step: None,
            body: &body.to_json(),
            at: ctx.now(),
        };
        store::enqueue(tx, &new)?;
        Ok(Shown { id, keys: None })
    });
    sent.await.map(|_| ())
}

/// Sends a message that is done or was given up once more, under its own `webhook-id`.
pub async fn replay_delivery(ctx: &Ctx, key: &str, id: SystemId, of: DeliveryId) -> Result<()> {
    let sent = once(ctx, key, request("replay", &(id, of))?, move |ctx, tx| {
        managed(ctx, tx, id)?;
        let found = store::delivery(tx, of)?.filter(|one| one.system == id);
        let old = found.ok_or_else(Error::not_found)?;
        if old.state == "waiting" {
            return Err(Error::conflict("outside.waiting", "这次投递还在进行"));
        }
        let delivery: DeliveryId = ctx.ids.id(ctx.now());
        let new = NewDelivery {
            id: delivery,
            system: id,
            message: &old.message,
            replay: &delivery.to_string(),
            kind: &old.kind,
            subject: &old.subject,
            step: None,
            body: &old.body,
            at: ctx.now(),
        };
        store::enqueue(tx, &new)?;
        Ok(Shown { id, keys: None })
    });
    sent.await.map(|_| ())
}

/// The systems that whoever looks may manage.
pub async fn systems(ctx: &Ctx) -> Result<Vec<System>> {
    let Actor::Officer(officer) = &ctx.actor else {
        ctx.authorize(Act::ManageSystems, Resource::Platform)?;
        return Ok(Vec::new());
    };
    authorized(ctx, officer.organ)?;
    let organ = (!officer.holds(Post::SecurityAdmin)).then_some(officer.organ);
    ctx.db.read(move |tx| store::all(tx, organ)).await
}

/// One of them.
pub async fn system(ctx: &Ctx, id: SystemId) -> Result<System> {
    let ctx2 = ctx.clone();
    ctx.db.read(move |tx| Ok(managed(&ctx2, tx, id)?.0)).await
}

/// The log of its deliveries, newest first.
pub async fn deliveries(
    ctx: &Ctx,
    id: SystemId,
    before: Option<u64>,
    limit: i64,
) -> Result<Vec<Delivery>> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            managed(&ctx2, tx, id)?;
            store::deliveries(tx, id, before, limit)
        })
        .await
}

/// Row and leaf of a change: with whom the platform speaks is a policy (规则变更).
fn write_down(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    system: &System,
    what: &str,
    permit: Permit,
) -> Result<()> {
    let by_whom = match &ctx.actor {
        Actor::Officer(officer) => tongban_accounts::officer(tx, officer.officer)?
            .map(|profile| profile.name)
            .ok_or_else(Error::unauthenticated)?,
        _ => return Err(Error::unauthenticated()),
    };
    let (head, now) = (store::head(tx)?, ctx.now());
    let event = format!("outside-system-{what}");
    let leaf = head
        .next(
            ctx,
            LeafKind::Policy,
            "log.outside",
            &event,
            &by_whom,
            permit,
        )
        .field("system", system.code.as_str())
        .field("organ", system.organ.to_string())
        .field("url", system.url.as_str())
        .field("events", json!(system.events))
        .field("state", system.state.as_str());
    let leaf = SealedLeaf::of(ctx, leaf, now)?;
    let entry = leaf.entry.clone();
    let proof = leaf.public_proof()?;
    let row = ChangeRow {
        n: head.n + 1,
        at: now,
        system: system.id,
        by_whom: &by_whom,
        what,
        leaf: &entry.hash,
        leaf_sm3: &entry.hash_sm3,
        proof: &proof,
    };
    store::put_change(tx, &row)?;
    append_leaf(tx, &ctx.ids, &entry, now)
}
