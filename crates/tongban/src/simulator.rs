//! A department's system, small enough to read: it verifies what it is told, looks at the steps that are given to it, and reports.
//! `tongban simulate-system` serves it; the tests speak with it over real HTTP.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use tongban_kernel::{Clock as _, Error, Result};
use tongban_outside::model::signature::Claim;
use tongban_outside::model::{Secret, sign, verify};
use tongban_storage::SystemClock;

/// How it decides.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    pub agreed: bool,
    pub opinion: String,
    pub vars: serde_json::Map<String, Value>,
    /// Takes a step in hand and never answers.
    pub silent: bool,
}

/// What it does, and what it remembers.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    platform: String,
    code: String,
    told: Secret,
    said: Secret,
    manner: Manner,
    client: reqwest::Client,
    /// `webhook-id`s that were worked on: a repeat is answered and not worked on again.
    seen: Mutex<BTreeSet<String>>,
    /// What was said, in order: type of the event, or the answer to a report.
    log: Mutex<Vec<String>>,
    /// The clock for signatures; a test's own.
    clock: Mutex<Option<jiff::Timestamp>>,
}

impl Simulator {
    pub fn new(
        platform: &str,
        code: &str,
        told: Secret,
        said: Secret,
        manner: Manner,
    ) -> Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(std::time::Duration::from_secs(15))
            .build()
            .map_err(|source| Error::internal("client").source(source))?;
        Ok(Self(Arc::new(Inner {
            platform: platform.trim_end_matches('/').to_owned(),
            code: code.to_owned(),
            told,
            said,
            manner,
            client,
            seen: Mutex::default(),
            log: Mutex::default(),
            clock: Mutex::default(),
        })))
    }

    /// `POST /webhook`.
    pub fn router(self) -> Router {
        Router::new()
            .route("/webhook", post(receive))
            .with_state(self)
    }

    /// Lives at this moment from now on (tests).
    pub fn set_clock(&self, now: jiff::Timestamp) {
        *self.0.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// What happened so far.
    pub fn log(&self) -> Vec<String> {
        self.0
            .log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn note(&self, line: String) {
        println!("{line}");
        self.0
            .log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
    }

    fn now(&self) -> jiff::Timestamp {
        let own = *self.0.clock.lock().unwrap_or_else(PoisonError::into_inner);
        own.unwrap_or_else(|| SystemClock.now())
    }

    /// A signed request; status and answer.
    pub async fn say(&self, noun: &str, id: &str, body: &Value) -> Result<(u16, Value)> {
        let (body, now) = (body.to_string(), self.now());
        let signature = sign(std::slice::from_ref(&self.0.said), id, now, body.as_bytes());
        let url = format!("{}/api/v1/outside/{}/{noun}", self.0.platform, self.0.code);
        let away = |source: reqwest::Error| Error::unavailable(source.to_string());
        let answer = self
            .0
            .client
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", now.as_second().to_string())
            .header("webhook-signature", signature)
            .body(body)
            .send()
            .await
            .map_err(away)?;
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(away)?;
        Ok((status, serde_json::from_str(&text).unwrap_or_default()))
    }

    /// Takes a step in hand, looks at it, and reports.
    async fn work(&self, message: &str, step: &Value) -> Result<()> {
        let report = json!({"step": step, "type": "accepted"});
        let accepted = self
            .say("reports", &format!("{message}-1"), &report)
            .await?;
        self.note(format!("accepted {}", accepted.0));
        let wish = json!({"step": step});
        let (status, case) = self.say("looks", &format!("{message}-2"), &wish).await?;
        self.note(format!("look {status} {}", case["submission"]));
        if self.0.manner.silent {
            return Ok(());
        }
        let manner = &self.0.manner;
        let report = json!({
            "step": step, "type": "result", "agreed": manner.agreed, "opinion": manner.opinion,
            "officer": "模拟经办人", "vars": manner.vars,
        });
        let done = self
            .say("reports", &format!("{message}-3"), &report)
            .await?;
        self.note(format!("result {}", done.0));
        Ok(())
    }
}

async fn receive(State(own): State<Simulator>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let text = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (id, timestamp, signature) = (
        text("webhook-id"),
        text("webhook-timestamp"),
        text("webhook-signature"),
    );
    let claim = Claim {
        id: &id,
        timestamp: &timestamp,
        signature: &signature,
    };
    if !verify(std::slice::from_ref(&own.0.told), claim, &body, own.now()) {
        own.note("refused: signature".to_owned());
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(event) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    let fresh = own
        .0
        .seen
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(id.clone());
    let kind = event["type"].as_str().unwrap_or_default().to_owned();
    own.note(format!("told {kind}{}", if fresh { "" } else { " again" }));
    if fresh && kind == "dev.tongban.step.assigned" {
        // Answered first, worked on afterwards: whoever tells does not wait for the work.
        let (own, step) = (own.clone(), event["data"]["step"].clone());
        tokio::spawn(async move {
            if let Err(error) = own.work(&id, &step).await {
                own.note(format!("failed {error}"));
            }
        });
    }
    StatusCode::NO_CONTENT
}
