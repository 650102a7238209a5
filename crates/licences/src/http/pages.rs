//! Pages: public verification, my licences, downloads.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Deserialize;
use tongban_codes::lists::CertState;
use tongban_kernel::{Error, LicenceId};
use tongban_webkit::ui::{Empty, KeyValues, LicenceCard, LicenceState};
use tongban_webkit::{Ctx, Failure, Page, PageShell};

use crate::model::Verdict;
use crate::service::{
    LicenceView, Verification, licence_file, my_licences, signed_file, verify_public,
};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    id: String,
}

/// What the result panel shows.
struct Answer {
    /// Class of the note and its icon.
    class: &'static str,
    icon: &'static str,
    title: String,
    text: String,
    rows: KeyValues,
}

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage<'a> {
    shell: &'a PageShell,
    asked: String,
    answer: Option<Answer>,
}

/// `GET /verify?id=`: the form, and the result once there is something to look for. Needs neither script nor log-in.
pub(super) async fn verify(
    ctx: Ctx,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (title, home) = (page.shell().t("verify-title"), page.shell().t("nav-home"));
    let page = page.titled(title.clone()).crumb(home, "/").crumb(title, "");
    let asked = asked.id.trim().to_owned();
    let answer = if asked.is_empty() {
        None
    } else {
        let found = verify_public(&ctx, &asked).await?;
        Some(answer(page.shell(), &found))
    };
    Ok(page.html(&VerifyPage {
        shell: page.shell(),
        asked: asked.chars().take(128).collect(),
        answer,
    }))
}

fn answer(shell: &PageShell, found: &Verification) -> Answer {
    let (class, icon) = match found.verdict {
        Verdict::Valid => ("note note-ok", "circle-check-big"),
        Verdict::NotYetValid | Verdict::Suspended | Verdict::Expired => {
            ("note note-warn", "triangle-alert")
        }
        Verdict::Revoked | Verdict::Unverifiable => ("note note-bad", "circle-x"),
        Verdict::Unknown => ("note", "info"),
    };
    let key = found.verdict.key();
    let text = if found.well_formed {
        shell.t(&format!("verify-{key}-text"))
    } else {
        shell.t("verify-malformed-text")
    };
    Answer {
        class,
        icon,
        title: shell.t(&format!("verify-{key}")),
        text,
        rows: rows(shell, found),
    }
}

fn rows(shell: &PageShell, found: &Verification) -> KeyValues {
    let mut rows = Vec::new();
    let mut row = |key: &str, value: String| rows.push((shell.t(key), value));
    row("verify-identifier", found.identifier.clone());
    if let (Some(name), Some(issuer)) = (&found.certificate_name, &found.issue_dept) {
        row("verify-name", shell.zh(name));
        let holder = found.certificate_holder.as_deref().unwrap_or_default();
        row("verify-holder", shell.zh(holder));
        row("verify-issuer", shell.zh(issuer));
        row(
            "verify-issued-on",
            found.issue_date.clone().unwrap_or_default(),
        );
        let from = found.valid_from.clone().unwrap_or_default();
        let span = match &found.valid_to {
            Some(to) => shell.t2("verify-span", "from", from, "to", to.clone()),
            None => shell.t1("verify-span-open", "from", from),
        };
        row("verify-validity", span);
        let state = found.cert_state.as_deref().and_then(CertState::from_code);
        if let Some(state) = state {
            row("verify-state", shell.zh(state.label()));
        }
    }
    if let Some(sound) = found.signature_valid {
        let key = if sound {
            "verify-signature-ok"
        } else {
            "verify-signature-bad"
        };
        row("verify-signature", shell.t(key));
        let log = found.log_index.map_or_else(
            || shell.t("verify-log-waiting"),
            |index| shell.t1("verify-log-index", "n", index.to_string()),
        );
        row("verify-log", log);
    }
    if found.superseded == Some(true) {
        row("verify-version", shell.t("verify-superseded"));
    }
    if found.demo == Some(true) {
        row("verify-effect", shell.t("verify-demo"));
    }
    let at: Option<jiff::Timestamp> = found.checked_at.parse().ok();
    let local = at.map(|at| {
        jiff::tz::TimeZone::fixed(tongban_kernel::SHANGHAI)
            .to_datetime(at)
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string()
    });
    row("verify-checked-at", local.unwrap_or_default());
    KeyValues {
        rows,
        one_column: false,
    }
}

struct CardView {
    card: LicenceCard,
    identifier: String,
}

#[derive(Template)]
#[template(path = "my_licences.html")]
struct MyLicences<'a> {
    shell: &'a PageShell,
    cards: Vec<CardView>,
    empty: Empty,
}

/// `GET /my/licences`.
pub(super) async fn mine(ctx: Ctx, page: Page) -> Result<Response, Failure> {
    let found = my_licences(&ctx).await?;
    let title = page.shell().t("lic-mine");
    let my = page.shell().t("nav-my");
    let page = page
        .titled(title.clone())
        .nav("my")
        .crumb(my, "/my")
        .crumb(title, "");
    let shell = page.shell();
    let cards = found.iter().map(|view| card(shell, view)).collect();
    let empty = Empty {
        icon: "award",
        title: shell.t("lic-none"),
        text: shell.t("lic-none-text"),
        action_text: shell.t("nav-home"),
        action_href: "/".to_owned(),
        filtered: false,
    };
    Ok(page.html(&MyLicences {
        shell,
        cards,
        empty,
    }))
}

fn card(shell: &PageShell, view: &LicenceView) -> CardView {
    let licence = &view.licence;
    let state = match (view.verdict, licence.state.code()) {
        (Verdict::Valid | Verdict::NotYetValid, _) => LicenceState::Valid,
        (Verdict::Suspended, _) => LicenceState::Suspended,
        (Verdict::Expired, _) => LicenceState::Expired,
        (_, CertState::Deregistered) => LicenceState::Cancelled,
        _ => LicenceState::Revoked,
    };
    let mut links = Vec::new();
    if licence.file_sha256.is_some() {
        links.push((
            shell.t("lic-download"),
            format!("/licences/{}/file", licence.id),
        ));
    }
    links.push((
        shell.t("word-verify"),
        format!("/verify?id={}", view.identifier),
    ));
    links.push((
        shell.t("lic-signed"),
        format!("/licences/{}/signed", licence.id),
    ));
    CardView {
        card: LicenceCard {
            name: shell.zh(&licence.name),
            holder: shell.zh(&view.holder),
            number: shell.zh(&licence.number),
            valid_to: licence
                .valid_to
                .map(|date| date.to_string())
                .unwrap_or_default(),
            issuer: shell.zh(&licence.issuer_name),
            state,
            links,
        },
        identifier: view.identifier.clone(),
    }
}

/// The same answer for what is not an id as for what is not there.
pub(super) fn id(text: &str) -> Result<LicenceId, Error> {
    text.parse().map_err(|_| Error::not_found())
}

/// `GET /licences/{id}/file`: the sealed PDF, for its holder.
pub(super) async fn file(ctx: Ctx, Path(text): Path<String>) -> Result<Response, Failure> {
    let (licence, bytes) = licence_file(&ctx, id(&text)?).await?;
    Ok(download(
        &format!("{}-{}.pdf", licence.name, licence.serial),
        "application/pdf",
        bytes,
    ))
}

/// `GET /licences/{id}/signed`: the signed document for offline verification, for its holder.
pub(super) async fn signed(ctx: Ctx, Path(text): Path<String>) -> Result<Response, Failure> {
    let (licence, bytes) = signed_file(&ctx, id(&text)?).await?;
    Ok(download(
        &format!("{}-{}.licence.json", licence.name, licence.serial),
        "application/json",
        bytes,
    ))
}

fn download(name: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    // RFC 6266 with RFC 8187: the name is UTF-8, percent-encoded.
    let encoded = tongban_webkit::http::encode([("", name)]);
    let disposition = format!(
        "attachment; filename*=UTF-8''{}",
        encoded.trim_start_matches('=')
    );
    let disposition = HeaderValue::try_from(disposition)
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CONTENT_DISPOSITION, disposition),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, bytes).into_response()
}
