//! The sample city with its people, on a private store, with a clock that stands still.

use std::sync::Arc;

use tongban::app::App;
use tongban::config::Config;
use tongban::progress::Progress;
use tongban::{demo, worker};
use tongban_accounts::{Login, authenticate, log_in};
use tongban_cases::{
    Accept, Decide, FileKind, NewFile, OnTask, Pass, Receipt, Review, SubmitCase, accept, attach,
    decide, inbox, pass_pre_review, review, save_answers, start_draft, submit,
};
use tongban_catalogue::NewVersion;
use tongban_catalogue::model::ServiceItem;
use tongban_kernel::{DraftId, FrozenClock, Result, TaskId};
use tongban_storage::{Ctx, Engine, Ids};
use tongban_testkit::{MONDAY, SeededRandom};

/// The application under test and the hands to move it.
pub(crate) struct City {
    pub(crate) app: App,
    pub(crate) clock: Arc<FrozenClock>,
    indexed: tokio::sync::OnceCell<()>,
    _folder: tempfile::TempDir,
}

/// A PNG of one pixel.
pub(crate) const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cc\xf8\x0f\0\x01\x01\x01\0\x1b\xb6\xeeV\0\0\0\0IEND\xaeB`\x82";

impl City {
    pub(crate) async fn new(engine: Engine) -> Self {
        Self::with(engine, &[]).await
    }

    /// A city with further settings.
    pub(crate) async fn with(engine: Engine, further: &[(&'static str, String)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut set = vec![
            (
                "data",
                folder.path().join("data").to_string_lossy().into_owned(),
            ),
            ("demo", "true".to_owned()),
            ("window_organ", demo::WINDOW_ORGAN.to_owned()),
        ];
        set.extend_from_slice(further);
        if engine == Engine::Postgres {
            set.push(("database", tongban_testkit::postgres_schema(&folder).await));
        }
        let config = Config::load(Some(std::path::Path::new("/dev/null")), |_| None, &set)
            .expect("a configuration");
        let clock = Arc::new(FrozenClock::at(MONDAY.parse().expect("a moment")));
        let app = App::open_at(config, clock.clone(), Ids::new(SeededRandom::new(7)))
            .await
            .expect("the city opens");
        demo::load(&app.ctx, &Progress::none())
            .await
            .expect("the city is loaded");
        Self {
            app,
            clock,
            indexed: tokio::sync::OnceCell::new(),
            _folder: folder,
        }
    }

    /// The context of the person with this login.
    pub(crate) async fn person(&self, login: &str) -> Ctx {
        let password = demo::password().expect("a password");
        let token = log_in(
            &self.app.ctx,
            Login {
                login: login.to_owned(),
                password,
            },
        )
        .await
        .expect("logged in");
        let view = authenticate(&self.app.ctx, &token)
            .await
            .expect("read")
            .expect("a living session");
        self.app.ctx.as_actor(view.actor)
    }

    /// A complete draft for 食品经营许可.
    pub(crate) async fn draft(&self, who: &Ctx) -> DraftId {
        let sample = demo::sample(self.app.ctx.clock.today()).expect("a sample");
        let code = sample["item"].as_str().expect("an item");
        let item = tongban_catalogue::offer_by_code(who, code)
            .await
            .expect("published")
            .id;
        let situation = sample["situation"]
            .as_object()
            .expect("a situation")
            .iter()
            .map(|(question, answer)| {
                (
                    question.clone(),
                    answer.as_str().expect("a word").to_owned(),
                )
            })
            .collect();
        let draft = start_draft(who, item, situation).await.expect("started");
        save_answers(who, draft, 1, sample["values"].clone())
            .await
            .expect("saved");
        let blob = who.blobs.put(&who.ids.token(), PICTURE).expect("stored");
        for material in sample["materials"].as_array().expect("materials") {
            let material = material.as_str().expect("a name").to_owned();
            let file = NewFile {
                name: format!("{material}.png"),
                material,
                kind: FileKind::Png,
                blob: blob.clone(),
            };
            attach(who, draft, file).await.expect("attached");
        }
        draft
    }

    /// A submitted case of 陈小云.
    pub(crate) async fn submitted(&self) -> (Ctx, Receipt) {
        self.submitted_with("k").await
    }

    /// A submitted case of 陈小云 under this idempotency key.
    pub(crate) async fn submitted_with(&self, key: &str) -> (Ctx, Receipt) {
        let citizen = self.person("chenxiaoyun").await;
        let draft = self.draft(&citizen).await;
        let receipt = submit(
            &citizen,
            SubmitCase {
                draft,
                key: key.to_owned(),
                channel: 1,
            },
        )
        .await
        .expect("submitted");
        (citizen, receipt)
    }

    /// Serves the city on a port of its own as long as the task lives; its address.
    pub(crate) async fn served(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = self.app.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    /// The open task of `number` with this act in the inbox of `who`.
    pub(crate) async fn task(&self, who: &Ctx, number: &str, act: &str) -> TaskId {
        let lines = inbox(who, 100).await.expect("an inbox");
        let line = lines
            .iter()
            .find(|line| line.case.project_no == number && line.act == act);
        line.unwrap_or_else(|| panic!("no {act} of {number} in {lines:?}"))
            .task
    }

    /// Runs the sequencer of the log until nothing waits for it; documents stay unmade, which saves their rendering.
    pub(crate) async fn sequenced(&self) {
        while tongban::translog::sequence(&self.app.ctx)
            .await
            .expect("sequenced")
            > 0
        {}
    }

    /// Runs the workers until nothing waits.
    pub(crate) async fn settle(&self) {
        // As a served program does at its start: without it each of the thousand items is a commit of the index.
        self.indexed
            .get_or_init(|| async {
                tongban_catalogue::http::reindex(&self.app.ctx)
                    .await
                    .expect("indexed");
            })
            .await;
        loop {
            let sequenced = tongban::translog::sequence(&self.app.ctx)
                .await
                .expect("sequenced");
            worker::deliver(&self.app.ctx).await.expect("delivered");
            let waiting = self
                .app
                .ctx
                .db
                .read(tongban_storage::waiting)
                .await
                .expect("counted");
            if waiting == 0 && sequenced <= 1 {
                return;
            }
            // A message that failed waits for its back-off.
            self.clock.advance(jiff::SignedDuration::from_secs(1));
        }
    }

    /// From now on the item of the sample is what `change` makes of it.
    pub(crate) async fn republished(&self, change: impl FnOnce(&mut ServiceItem)) {
        let sample = demo::sample(self.app.ctx.clock.today()).expect("a sample");
        let code = sample["item"].as_str().expect("a code");
        let offer = tongban_catalogue::offer_by_code(&self.app.ctx, code)
            .await
            .expect("published");
        let mut item = offer.item.clone();
        change(&mut item);
        let form = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../demo/forms/spjy.json"
        ))
        .expect("its form");
        let ctx = self.app.ctx.clone();
        // Of two versions the younger is in force.
        self.clock.advance(jiff::SignedDuration::from_secs(1));
        let published = self.app.ctx.db.write(move |tx| {
            let new = NewVersion {
                item: item.clone(),
                form: Some(form.clone()),
                as_imported: false,
            };
            tongban_catalogue::publish(&ctx, tx, &new).map(|_| ())
        });
        published.await.expect("published anew");
    }

    /// From now on the item of the sample runs this process.
    pub(crate) async fn runs(&self, process: &str) {
        self.republished(|item| item.process_id = Some(process.to_owned()))
            .await;
    }

    /// The usual clerk passes the pre-review of a submitted case.
    pub(crate) async fn passed(&self, number: &str) {
        let clerk = self.person("zhouchuang").await;
        let task = self.task(&clerk, number, "pre-review").await;
        let opinion = "齐全".to_owned();
        pass_pre_review(&clerk, on(task, Pass { opinion }))
            .await
            .expect("passed");
    }

    /// The usual acceptor accepts a case whose pre-review was passed.
    pub(crate) async fn accepted(&self, number: &str) {
        let acceptor = self.person("dhscjg-acceptor").await;
        let task = self.task(&acceptor, number, "accept").await;
        accept(&acceptor, on(task, Accept {}))
            .await
            .expect("accepted");
    }

    /// Takes a submitted case to its decision by the usual hands.
    pub(crate) async fn decided(&self, number: &str, granted: bool) -> Result<()> {
        self.passed(number).await;
        self.accepted(number).await;
        for login in ["dhscjg-reviewer", "xfjy-reviewer", "sthj-reviewer"] {
            let reviewer = self.person(login).await;
            let task = self.task(&reviewer, number, "review").await;
            review(
                &reviewer,
                on(
                    task,
                    Review {
                        passed: granted,
                        opinion: "看过".to_owned(),
                    },
                ),
            )
            .await?;
        }
        let decider = self.person("dhscjg-decider").await;
        let task = self.task(&decider, number, "decide").await;
        decide(
            &decider,
            on(
                task,
                Decide {
                    granted,
                    reason: "依法".to_owned(),
                },
            ),
        )
        .await?;
        Ok(())
    }
}

/// An act with a key of its own.
pub(crate) fn on<T>(task: TaskId, what: T) -> OnTask<T> {
    OnTask {
        task,
        key: format!("key-{task}"),
        what,
    }
}

/// Runs each test once per engine.
macro_rules! in_the_city {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                tongban_testkit::block_on(async {
                    super::$name($crate::city::City::new(tongban_storage::Engine::Sqlite).await).await;
                });
            }
            #[test]
            fn postgres() {
                tongban_testkit::block_on(async {
                    super::$name($crate::city::City::new(tongban_storage::Engine::Postgres).await).await;
                });
            }
        }
    )+};
}
pub(crate) use in_the_city;
