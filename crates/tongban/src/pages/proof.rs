//! `/cases/{no}/proof`: the proof of a case for people: each event and look with its place in the log, and how to verify without us.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde_json::Value;
use tongban_kernel::{Error, Result};
use tongban_tlog::{
    Bundle, BundleEvent, Checkpoint, Note, Policy, Sha256Tree, TlogProof, TreeHash, verify_bundle,
};
use tongban_webkit::{Ctx, Failure, Page, PageShell};

use crate::translog;

/// One event or look.
struct Line {
    n: u64,
    at: String,
    what: String,
    who: String,
    basis: String,
    place: String,
    leaf: String,
}

/// The head of a yearly log: short enough to be copied on paper.
struct Head {
    origin: String,
    size: u64,
    root: String,
}

#[derive(Template)]
#[template(path = "proof.html")]
struct ProofPage<'a> {
    shell: &'a PageShell,
    number: String,
    events: Vec<Line>,
    looks: Vec<Line>,
    heads: Vec<Head>,
    /// Mark, title and sentence of each step of our own check.
    steps: Vec<(&'static str, String, String)>,
}

fn broken(source: &tongban_tlog::TlogError) -> Error {
    Error::internal(format!("bundle: {source}"))
}

fn word(event: &BundleEvent, name: &str) -> String {
    event
        .value(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn line(shell: &PageShell, n: u64, event: &BundleEvent, leaf: &[u8]) -> Result<Line> {
    let proof = TlogProof::parse(&event.proof).map_err(|source| broken(&source))?;
    let head = Checkpoint::parse(proof.checkpoint.text()).map_err(|source| broken(&source))?;
    let at = event
        .value("time")
        .and_then(Value::as_i64)
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let what = match word(event, "state_after") {
        state if state.is_empty() => word(event, "purpose"),
        state => state,
    };
    let who = match word(event, "organ_name") {
        organ if organ.is_empty() => word(event, "actor"),
        organ => organ,
    };
    Ok(Line {
        n: n + 1,
        at: at.map_or_else(String::new, |at| {
            let offset = jiff::tz::Offset::constant(8);
            offset
                .to_datetime(at)
                .strftime("%Y-%m-%d %H:%M:%S")
                .to_string()
        }),
        what: shell.zh(&what),
        who: shell.zh(&who),
        basis: shell.zh(&word(event, "basis")),
        place: format!("{} · {}", head.origin, proof.index),
        leaf: hex::encode(Sha256Tree::leaf(leaf)),
    })
}

fn lines(
    shell: &PageShell,
    bundle: &Bundle,
    kind: tongban_tlog::LeafKind,
    events: &[BundleEvent],
) -> Result<Vec<Line>> {
    (0_u64..)
        .zip(events)
        .map(|(n, event)| {
            let text = event
                .leaf_text(kind, &bundle.case_key, n)
                .map_err(|source| broken(&source))?;
            line(shell, n, event, text.to_string().as_bytes())
        })
        .collect()
}

pub(super) async fn page(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    let provable = tongban_cases::provable_case(&ctx, &number).await?;
    let number = provable.project_no.clone();
    let bundle = translog::bundle(&ctx, provable).await?;
    let policy = Policy::parse(&translog::policy(&ctx).await?).map_err(|source| broken(&source))?;
    let title = page.shell().t("proof-title");
    let page = page
        .clone()
        .titled(format!("{title} {number}"))
        .nav("cases")
        .crumb(page.shell().t("nav-my"), "/my")
        .crumb(number.clone(), &format!("/cases/{number}"))
        .crumb(title, "");
    let shell = page.shell();
    let mut heads = Vec::new();
    for note in &bundle.logs {
        let head = Note::parse(note)
            .and_then(|note| Checkpoint::parse(note.text()))
            .map_err(|source| broken(&source))?;
        heads.push(Head {
            origin: head.origin,
            size: head.size,
            root: tongban_tlog::hash::to_base64(&head.root),
        });
    }
    let steps = verify_bundle(&bundle, &policy)
        .steps
        .into_iter()
        .map(|step| {
            let mark = match step.status {
                tongban_tlog::Status::Passed => "✔",
                tongban_tlog::Status::Failed => "✘",
                tongban_tlog::Status::NotChecked => "–",
            };
            (mark, shell.zh(step.title), shell.zh(&step.detail))
        })
        .collect();
    Ok(page.html(&ProofPage {
        shell,
        events: lines(shell, &bundle, tongban_tlog::LeafKind::Case, &bundle.events)?,
        looks: lines(
            shell,
            &bundle,
            tongban_tlog::LeafKind::Access,
            &bundle.access,
        )?,
        number,
        heads,
        steps,
    }))
}
