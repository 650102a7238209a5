//! Outside systems and what goes wrong with them, on both engines.

mod incidents;
mod messages;
mod networks;
mod steps;
mod webhooks;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::post;
use tongban_kernel::{Actor, OrganId, SystemId};
use tongban_outside::model::signature::Claim;
use tongban_outside::model::{Networks, Secret, verify};
use tongban_outside::{Client, NewSystem, register};
use tongban_storage::{Ctx, Engine};

use crate::city::City;

/// Runs each test once per engine, in a city that may reach this machine.
macro_rules! beside_the_city {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                tongban_testkit::block_on(async {
                    super::$name($crate::outside::city(tongban_storage::Engine::Sqlite).await).await;
                });
            }
            #[test]
            fn postgres() {
                tongban_testkit::block_on(async {
                    super::$name($crate::outside::city(tongban_storage::Engine::Postgres).await).await;
                });
            }
        }
    )+};
}
pub(crate) use beside_the_city;

async fn city(engine: Engine) -> City {
    let city = City::with(engine, &[("outside_networks", "127.0.0.1/32".to_owned())]).await;
    city.settle().await;
    city
}

/// What came to the receiver.
#[derive(Clone, Debug)]
struct Came {
    path: String,
    id: String,
    timestamp: String,
    signature: String,
    body: String,
}

impl Came {
    fn verified_by(&self, key: &str, now: jiff::Timestamp) -> bool {
        let claim = Claim {
            id: &self.id,
            timestamp: &self.timestamp,
            signature: &self.signature,
        };
        let key = Secret::parse(key).expect("a key");
        verify(&[key], claim, self.body.as_bytes(), now)
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// A receiver that does what its path says.
#[derive(Clone, Default)]
struct Receiver {
    came: Arc<Mutex<Vec<Came>>>,
    /// How often `/flaky` still fails.
    fails: Arc<Mutex<u32>>,
    arrived: Arc<tokio::sync::Notify>,
}

impl Receiver {
    /// Served on a port of this machine; its address.
    async fn served(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new()
            .route("/{what}", post(receive))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    fn came(&self) -> Vec<Came> {
        self.came.lock().expect("alone").clone()
    }
}

async fn receive(
    State(own): State<Receiver>,
    Path(what): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let text = |name: &str| headers[name].to_str().expect("text").to_owned();
    own.came.lock().expect("alone").push(Came {
        path: what.clone(),
        id: text("webhook-id"),
        timestamp: text("webhook-timestamp"),
        signature: text("webhook-signature"),
        body: String::from_utf8(body.to_vec()).expect("UTF-8"),
    });
    own.arrived.notify_one();
    let answer = |status: u16| Response::builder().status(status);
    let empty = |status| answer(status).body(Body::empty()).expect("an answer");
    match what.as_str() {
        "flaky" => {
            let mut left = own.fails.lock().expect("alone");
            if *left == 0 {
                return empty(200);
            }
            *left -= 1;
            empty(500)
        }
        "fail" => empty(500),
        "busy" => answer(429)
            .header("retry-after", "1200")
            .body(Body::empty())
            .expect("an answer"),
        "gone" => empty(410),
        "redirect" => answer(307)
            .header("location", "/ok")
            .body(Body::empty())
            .expect("an answer"),
        "huge" => answer(200)
            .body(Body::from(vec![b'x'; 10 << 20]))
            .expect("an answer"),
        "hang" => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            empty(StatusCode::OK.as_u16())
        }
        _ => empty(200),
    }
}

/// The context of the platform with a client of little patience.
fn hasty(city: &City) -> Ctx {
    let networks = Networks::parse("127.0.0.1/32").expect("networks");
    let client = Client::new(networks, None).expect("a client");
    let mut ctx = city.app.ctx.clone();
    ctx.parts = ctx
        .parts
        .with(client.patient_for(Duration::from_millis(400)));
    ctx
}

/// The organ of an officer.
fn organ_of(who: &Ctx) -> OrganId {
    match &who.actor {
        Actor::Officer(officer) => officer.organ,
        _ => panic!("no officer"),
    }
}

/// A registered system of the organ that `manager` keeps; its id and its keys.
async fn registered(
    manager: &Ctx,
    code: &str,
    url: &str,
    events: &[&str],
) -> (SystemId, String, String) {
    let new = NewSystem {
        code: code.to_owned(),
        organ: organ_of(manager),
        name: format!("系统{code}"),
        url: url.to_owned(),
        events: events.iter().map(|&event| event.to_owned()).collect(),
    };
    let shown = register(manager, &format!("register-{code}"), new)
        .await
        .expect("registered");
    let (told, said) = shown.keys.expect("shown once");
    (shown.id, told, said)
}

/// Everything that is due now goes out.
async fn delivered(ctx: &Ctx) {
    while tongban_outside::deliver(ctx).await.expect("works") {}
}
