//! Agreement with programs that nobody here wrote: PyPI `standardwebhooks` verifies our signatures and we verify its, PyPI
//! `cloudevents` reads our events.
//!
//! The Python that has the packages is named by `TONGBAN_PYTHON` (default `python3`).

use std::process::Command;

use serde_json::{Value, json};
use tongban_kernel::Clock as _;
use tongban_outside::model::signature::Claim;
use tongban_outside::model::{CloudEvent, Secret, sign, verify};
use tongban_storage::SystemClock;

const INSTALL: &str = "install them with: python3 -m venv .venv && .venv/bin/pip install standardwebhooks==1.1.0 cloudevents==2.2.0 && export TONGBAN_PYTHON=$PWD/.venv/bin/python";

#[expect(
    clippy::disallowed_methods,
    reason = "a test finds its tools by environment variables"
)]
fn interpreter() -> String {
    std::env::var("TONGBAN_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// What the script prints, as JSON; its arguments are given to it as one JSON text.
fn python(script: &str, arguments: &Value) -> Value {
    let python = interpreter();
    let probe = Command::new(&python)
        .args(["-c", "import standardwebhooks, cloudevents.core"])
        .output();
    assert!(
        probe.is_ok_and(|output| output.status.success()),
        "standardwebhooks or cloudevents is missing; {INSTALL}"
    );
    let head = "import sys, json\na = json.loads(sys.argv[1])\n";
    let output = Command::new(&python)
        .args(["-c", &format!("{head}{script}"), &arguments.to_string()])
        .output()
        .expect("python runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn event() -> String {
    CloudEvent {
        source: "https://zwfw.example.gov.cn",
        id: "out_019cac0f882870008000000000000001",
        kind: "case.accepted",
        subject: "33990020260302TB01000001K",
        at: SystemClock.now(),
        sequence: Some(4),
        data: json!({"project_no": "33990020260302TB01000001K", "state_name": "受理"}),
    }
    .to_json()
}

const VERIFY: &str = "
from standardwebhooks import Webhook, WebhookVerificationError
h = {'webhook-id': a['id'], 'webhook-timestamp': a['at'], 'webhook-signature': a['signature']}
def ok(key, body):
    try:
        Webhook(key).verify(body, h); return True
    except WebhookVerificationError:
        return False
print(json.dumps([ok(a['new'], a['body']), ok(a['old'], a['body']), ok(a['other'], a['body']), ok(a['new'], a['body'] + ' ')]))
";

#[test]
#[ignore = "needs PyPI standardwebhooks and cloudevents; run by .ci/run"]
fn our_signatures_are_verified_by_standardwebhooks() {
    let (new, old, other) = (
        Secret::of([3; 32]),
        Secret::of([4; 32]),
        Secret::of([5; 32]),
    );
    let (now, body) = (SystemClock.now(), event());
    let signature = sign(&[new.clone(), old.clone()], "out_1", now, body.as_bytes());
    let told = python(
        VERIFY,
        &json!({
            "id": "out_1", "at": now.as_second().to_string(), "signature": signature, "body": body,
            "new": new.text(), "old": old.text(), "other": other.text(),
        }),
    );
    assert_eq!(told, json!([true, true, false, false]));
}

const SIGN: &str = "
import datetime
from standardwebhooks import Webhook
t = datetime.datetime.fromtimestamp(a['at'], datetime.timezone.utc)
print(json.dumps(Webhook(a['key']).sign(msg_id='msg_1', timestamp=t, data=a['body'])))
";

#[test]
#[ignore = "needs PyPI standardwebhooks and cloudevents; run by .ci/run"]
fn signatures_of_standardwebhooks_are_verified_by_us() {
    let (key, now, body) = (Secret::of([6; 32]), SystemClock.now(), event());
    let signature = python(
        SIGN,
        &json!({"key": key.text(), "at": now.as_second(), "body": body}),
    );
    let timestamp = now.as_second().to_string();
    let claim = Claim {
        id: "msg_1",
        timestamp: &timestamp,
        signature: signature.as_str().expect("a signature"),
    };
    assert!(verify(&[key], claim, body.as_bytes(), now));
    assert!(!verify(&[Secret::of([7; 32])], claim, body.as_bytes(), now));
}

const READ: &str = "
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
e = JSONFormat().read(CloudEvent, a['body'])
print(json.dumps([e.get_specversion(), e.get_type(), e.get_source(), e.get_subject(), e.get_id(), e.get_datacontenttype(),
    e.get_extension('sequence'), e.get_data()['state_name'], e.get_time().timestamp()]))
";

#[test]
#[ignore = "needs PyPI standardwebhooks and cloudevents; run by .ci/run"]
fn our_events_are_read_by_cloudevents() {
    let body = event();
    let told = python(READ, &json!({"body": body}));
    let own: Value = serde_json::from_str(&body).expect("JSON");
    let at: jiff::Timestamp = own["time"]
        .as_str()
        .expect("a time")
        .parse()
        .expect("a moment");
    let seconds = told[8].as_f64().expect("a number");
    assert!((seconds - at.as_millisecond() as f64 / 1000.0).abs() < 0.002);
    let words: Vec<&Value> = told.as_array().expect("a list").iter().take(8).collect();
    assert_eq!(
        json!(words),
        json!([
            "1.0",
            "dev.tongban.case.accepted",
            "https://zwfw.example.gov.cn",
            "33990020260302TB01000001K",
            "out_019cac0f882870008000000000000001",
            "application/json",
            "0000000004",
            "受理",
        ])
    );
}
