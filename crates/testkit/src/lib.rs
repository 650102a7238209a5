//! For tests: a private store on either engine, a clock that stands still, and randomness that repeats.
//!
//! `on_both_engines!(name, MIGRATIONS)` turns `async fn name(store: TestStore)` into one test per engine. PostgreSQL is
//! started by `cargo xtask test`, which sets `TONGBAN_TEST_PG`; without it those tests fail and say so.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use tokio_postgres::NoTls;
use tongban_kernel::{Actor, FrozenClock};
use tongban_storage::{Blobs, Ctx, Db, Ids, Migration, Parts, Random, Settings, Vault, migrate};

/// Monday 2026-03-02 09:00 in China: the moment at which every test begins.
pub const MONDAY: &str = "2026-03-02T01:00:00Z";

/// A private, migrated store and what a use case needs around it.
pub struct TestStore {
    pub ctx: Ctx,
    pub clock: Arc<FrozenClock>,
    /// Deleted with the store.
    pub folder: tempfile::TempDir,
}

/// Randomness that repeats from test to test (SplitMix64).
pub struct SeededRandom(AtomicU64);

impl SeededRandom {
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

/// A store in a file of its own.
pub async fn sqlite(steps: &'static [Migration]) -> TestStore {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = Settings::Sqlite {
        path: folder.path().join("tongban.db"),
        readers: 2,
    };
    on(settings, folder, steps).await
}

/// A store in a schema of its own on the PostgreSQL that `cargo xtask test` started.
pub async fn postgres(steps: &'static [Migration]) -> TestStore {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = postgres_schema(&folder).await;
    on(
        Settings::Postgres {
            url,
            connections: 8,
        },
        folder,
        steps,
    )
    .await
}

/// The address of a fresh schema, named after `folder`, on the PostgreSQL that `cargo xtask test` started.
#[expect(
    clippy::disallowed_methods,
    reason = "the test command hands the address over in the environment"
)]
pub async fn postgres_schema(folder: &tempfile::TempDir) -> String {
    let url = std::env::var("TONGBAN_TEST_PG").expect(
        "TONGBAN_TEST_PG is not set: run `cargo xtask test`, which starts a private PostgreSQL \
         (apt-get install postgresql), or point it at a server of your own",
    );
    let name = folder
        .path()
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a UTF-8 name");
    let schema: String =
        format!("t{name}").to_lowercase().replace('.', "_") + &std::process::id().to_string();
    let (client, connection) = tokio_postgres::connect(&url, NoTls)
        .await
        .expect("PostgreSQL answers");
    let connection = tokio::spawn(connection);
    client
        .batch_execute(&format!("CREATE SCHEMA \"{schema}\""))
        .await
        .expect("a schema of its own");
    drop(client);
    let _ = connection.await;
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}options=-csearch_path%3D{schema}")
}

async fn on(
    settings: Settings,
    folder: tempfile::TempDir,
    steps: &'static [Migration],
) -> TestStore {
    let db = tokio::task::spawn_blocking(move || Db::open(&settings))
        .await
        .expect("no panic")
        .expect("the store opens");
    let now: Timestamp = MONDAY.parse().expect("a moment");
    migrate(&db, steps, now).await.expect("the schema is made");
    let clock = Arc::new(FrozenClock::at(now));
    let ids = Ids::new(SeededRandom::new(42));
    let blobs = Blobs::open(&folder.path().join("blobs")).expect("a blob folder");
    let ctx = Ctx {
        actor: Actor::System,
        request: ids.id(now),
        clock: clock.clone(),
        ids,
        db,
        blobs,
        vault: Vault::new(&[7; 32]),
        parts: Parts::default(),
    };
    TestStore { ctx, clock, folder }
}

/// Runs `async fn $name(TestStore)` once per engine.
#[macro_export]
macro_rules! on_both_engines {
    ($steps:expr; $($name:ident),+ $(,)?) => {$(
        mod $name {
            use super::*;
            #[test]
            fn sqlite() {
                $crate::block_on(async { super::$name($crate::sqlite($steps).await).await });
            }
            #[test]
            fn postgres() {
                $crate::block_on(async { super::$name($crate::postgres($steps).await).await });
            }
        }
    )+};
}

/// A runtime with two workers for one test.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}
