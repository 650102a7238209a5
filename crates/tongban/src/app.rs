//! Puts the house together: store, keys, parts, contexts, routes.

use std::sync::Arc;

use axum::Router;
use tongban_accounts::OrganIds;
use tongban_accounts::http::{DemoAccount, DemoAccounts, Sessions};
use tongban_cases::{NumberHead, Processes, WindowOrgan, WorkCalendar};
use tongban_catalogue::Shelf;
use tongban_catalogue::http::SearchIndex;
use tongban_documents::{FontSet, Press};
use tongban_kernel::{Actor, Clock, Error, Result};
use tongban_licences::{SealKeys, SoftwareSeals, VerifyUrl};
use tongban_oversight::RatingRules;
use tongban_search::Index;
use tongban_storage::{
    Blobs, Ctx, Db, Ids, Migration, OsRandom, Parts, Subscribed, SystemClock, Vault, migrate,
};
use tongban_webkit::{CsrfKey, Web};

use crate::config::Config;
use crate::keys::Keys;
use crate::translog::{self, Log};
use crate::{http, site};

/// The tables of every context, in the order of the floors.
pub const MIGRATIONS: &[&[Migration]] = &[
    tongban_accounts::MIGRATIONS,
    tongban_catalogue::MIGRATIONS,
    tongban_licences::MIGRATIONS,
    tongban_cases::MIGRATIONS,
    tongban_oversight::MIGRATIONS,
    translog::MIGRATIONS,
];

/// All migrations as one list.
pub fn migrations() -> &'static [Migration] {
    static ALL: std::sync::OnceLock<Vec<Migration>> = std::sync::OnceLock::new();
    ALL.get_or_init(|| MIGRATIONS.concat())
}

/// A ready installation.
pub struct App {
    pub config: Config,
    /// The context of the platform itself.
    pub ctx: Ctx,
    pub web: Web,
    /// The index was made anew and has to be filled.
    pub index_is_new: bool,
}

impl App {
    /// Opens or creates everything under `config.data` and brings the schema up to date.
    pub async fn open(config: Config) -> Result<Self> {
        Self::open_at(config, Arc::new(SystemClock), Ids::new(OsRandom)).await
    }

    /// Opens an installation that another process may be serving: its search index is not touched, since opening it puts a
    /// broken one aside and clears what a rebuild has begun. Searches find nothing here.
    pub async fn open_beside(config: Config) -> Result<Self> {
        Self::assemble(config, Arc::new(SystemClock), Ids::new(OsRandom), false).await
    }

    /// As [`App::open`], with another clock and other randomness (tests, rehearsals).
    pub async fn open_at(config: Config, clock: Arc<dyn Clock>, ids: Ids) -> Result<Self> {
        Self::assemble(config, clock, ids, true).await
    }

    async fn assemble(
        config: Config,
        clock: Arc<dyn Clock>,
        ids: Ids,
        serving: bool,
    ) -> Result<Self> {
        std::fs::create_dir_all(&config.data).map_err(|source| {
            Error::invalid("config.data", format!("不能建立数据目录：{source}"))
        })?;
        let settings = config.store();
        let db = tokio::task::spawn_blocking(move || Db::open(&settings))
            .await
            .map_err(|_| Error::internal("opening the store panicked"))??;
        migrate(&db, migrations(), clock.now()).await?;
        let keys = Keys::open(&config.data, translog::begun(&db).await?)?;
        let vault = Vault::new(&keys.secret("master", &OsRandom)?);
        let log = open_log(&config, &db, &keys, clock.now()).await?;
        let (index, index_is_new) = open_index(&config, serving)?;
        let seals = SoftwareSeals::open(
            &keys.folder().join("seals"),
            ids.clone(),
            Arc::clone(&clock),
        )?;
        let mut parts = Parts::default()
            .with(Shelf::default())
            .with(OrganIds::default())
            .with(Subscribed(crate::worker::SUBSCRIBED))
            .with(Processes::default())
            .with(tongban_cases::Watch::default())
            .with(WorkCalendar::default())
            .with(WindowOrgan(config.window_organ.clone()))
            .with(NumberHead {
                area: config.area.clone(),
                system: config.system.clone(),
            })
            .with(press(&config)?)
            .with(SearchIndex::new(index))
            .with(SealKeys::new(seals))
            .with(VerifyUrl(format!("{}/verify", config.public_url())))
            .with(RatingRules::default())
            .with(PublicUrl(config.public_url()))
            .with(crate::health::DataFolder(config.data.clone()))
            .with(tongban_cases::PublicAddress(config.public_url()))
            .with(translog::head_for_paper())
            .with(log);
        if config.demo {
            parts = parts
                .with(demo_accounts()?)
                .with(tongban_cases::Divisions(crate::demo::divisions()?));
        }
        let ctx = Ctx {
            actor: Actor::System,
            request: ids.id(clock.now()),
            clock,
            ids,
            db,
            blobs: Blobs::open(&config.data.join("blobs"))?,
            vault,
            parts,
        };
        tongban_cases::load_calendar(&ctx).await?;
        let web = web(&config, &ctx)?;
        Ok(Self {
            config,
            ctx,
            web,
            index_is_new,
        })
    }

    /// Every route under the web floor.
    pub fn router(&self) -> Router {
        let router = Router::new()
            .merge(crate::pages::router())
            .merge(http::router())
            .merge(tongban_webkit::docs_router(&crate::openapi::document()))
            .merge(tongban_accounts::http::router())
            .merge(tongban_catalogue::http::router())
            .merge(tongban_cases::http::router())
            .merge(tongban_licences::router())
            .merge(tongban_oversight::router());
        self.web.serve(tongban_accounts::http::keep_typed(router))
    }
}

/// Where this installation is reached from outside.
pub struct PublicUrl(pub String);

/// The search index, and whether it has to be filled.
fn open_index(config: &Config, serving: bool) -> Result<(Index, bool)> {
    let failed =
        |source: tongban_search::SearchError| Error::internal(format!("search index: {source}"));
    if !serving {
        return Ok((Index::in_memory().map_err(failed)?, false));
    }
    let (index, opened) = Index::open_or_create(index_folder(config)).map_err(failed)?;
    let is_new = opened != tongban_search::Opened::Ready || index.is_empty();
    Ok((index, is_new))
}

/// Where the search index lies.
pub(crate) fn index_folder(config: &Config) -> std::path::PathBuf {
    config.data.join("index")
}

fn demo_accounts() -> Result<DemoAccounts> {
    let password = crate::demo::password()?;
    let accounts = crate::demo::accounts()?
        .into_iter()
        .map(|account| DemoAccount {
            login: account.login,
            password: password.clone(),
            name: account.name,
            staff: account.staff,
            role: account.role,
        });
    Ok(DemoAccounts(accounts.collect()))
}

fn press(config: &Config) -> Result<Press> {
    let mut fonts = FontSet::embedded();
    if let Some(folder) = &config.fonts {
        fonts
            .load_dir(folder)
            .map_err(|source| Error::invalid("config.fonts", source.to_string()))?;
    }
    Ok(Press::new(fonts))
}

/// The log of this installation with its keys and witnesses; begun if this is the first start.
async fn open_log(config: &Config, db: &Db, keys: &Keys, now: jiff::Timestamp) -> Result<Log> {
    let log = Log::new(
        &keys.secret("log-ed25519", &OsRandom)?,
        &keys.secret("log-sm2", &OsRandom)?,
    )?;
    // After its keys: a log that has begun has them.
    translog::begin(db, &config.log_domain, now).await?;
    match &config.log_witnesses {
        Some(path) => log.with_witness_file(path),
        None => Ok(log),
    }
}

fn web(config: &Config, ctx: &Ctx) -> Result<Web> {
    let broken =
        |source: tongban_webkit::i18n::LocaleError| Error::internal(format!("texts: {source}"));
    let anonymous = ctx.as_actor(Actor::Anonymous);
    let csrf = CsrfKey::new(ctx.vault.derive("form-token"));
    let db = ctx.db.clone();
    let ready: tongban_webkit::ReadyCheck = Arc::new(move || {
        let db = db.clone();
        Box::pin(async move { db.read(tongban_storage::log_size).await.map(|_| ()) })
    });
    Web::builder(anonymous, csrf)
        .map_err(broken)?
        .site(site::site(config))
        .authenticator(Arc::new(Sessions))
        .secure(config.secure)
        .metrics_token(config.metrics_token.clone())
        .locale(crate::pages::locale())
        .locale(tongban_accounts::http::locale())
        .locale(tongban_catalogue::http::locale())
        .locale(tongban_cases::http::locale())
        .locale(tongban_licences::LOCALE)
        .locale(tongban_oversight::LOCALE)
        .ready_check("store", ready)
        .build()
        .map_err(broken)
}
