//! `/login`.

use askama::Template;
use axum::Extension;
use axum::http::Uri;
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};
use tongban_kernel::{Actor, Error, ErrorKind, Result};
use tongban_webkit::http::{local_path, pairs};
use tongban_webkit::ui::{ErrorSummary, Field, FieldKind, Problem};
use tongban_webkit::{Ctx, Failure, Lang, Page, PageShell, ProtectedPairs, Web};

use super::held::{self, Held};
use super::sessions::session;
use super::{DemoAccount, DemoAccounts, session_cookie, token_of};
use crate::service::{self, Login};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    shell: &'a PageShell,
    next: &'a str,
    /// What was posted without a session.
    held: Option<&'a Held>,
    /// The post could not be kept (files), so the person must do it again.
    lost_files: bool,
    summary: ErrorSummary,
    login: Field,
    password: Field,
    demo: &'a [DemoAccount],
}

/// What the log-in page is about to answer.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) next: String,
    pub(super) held: Option<Held>,
    pub(super) lost_files: bool,
    pub(super) login: String,
    pub(super) problem: String,
}

/// Where to go after the log-in, from `?next=` or `?return=`: only pages of this site, and not the log-in itself.
fn target(fields: &[(String, String)]) -> String {
    let asked = fields
        .iter()
        .find(|(name, value)| matches!(name.as_str(), "next" | "return") && !value.is_empty());
    let path = asked.map_or("", |(_, value)| local_path(value));
    let own = ["/login", "/logout", "/prefs"];
    if own.iter().any(|own| path.split('?').next() == Some(own)) {
        String::new()
    } else {
        path.to_owned()
    }
}

/// The log-in page for `asked`, with the status that the caller wants.
pub(super) fn page(page: &Page, ctx: &Ctx, asked: &Asked, status: StatusCode) -> Response {
    let (home, title) = (page.shell().t("nav-home"), page.shell().t("login-title"));
    let mut page = page
        .clone()
        .titled(title.clone())
        .crumb(home, "/")
        .crumb(title, "");
    page.shell_mut().invalid = !asked.problem.is_empty();
    let shell = page.shell();
    let text = FieldKind::Text {
        value: asked.login.clone(),
        inputmode: String::new(),
        autocomplete: "username".to_owned(),
        width: "in-w16",
        unit: String::new(),
        maxlength: 100,
    };
    let mut login = Field::new("login", &shell.t("login-name"), text);
    login.hint = shell.t("login-name-hint");
    let mut summary = ErrorSummary::default();
    if !asked.problem.is_empty() {
        summary.problems.push(Problem {
            id: login.id.clone(),
            text: asked.problem.clone(),
        });
        login.error = asked.problem.clone();
    }
    let kind = FieldKind::Password {
        autocomplete: "current-password",
    };
    let demo = ctx.parts.get::<DemoAccounts>().ok();
    let view = LoginPage {
        shell,
        next: &asked.next,
        held: asked.held.as_ref(),
        lost_files: asked.lost_files,
        summary,
        login,
        password: Field::new("password", &shell.t("login-password"), kind),
        demo: demo.as_ref().map_or(&[], |demo| demo.0.as_slice()),
    };
    let mut response = page.html(&view);
    *response.status_mut() = status;
    response
}

/// `GET /login`. Whoever is logged in already goes on.
pub(super) async fn show(page_: Page, ctx: Ctx, uri: Uri) -> Response {
    let query = pairs(uri.query().unwrap_or("").as_bytes(), 32).unwrap_or_default();
    let next = target(&query);
    if ctx.actor != Actor::Anonymous {
        return page_.see_other(home(&ctx.actor, &next));
    }
    let asked = Asked {
        next,
        ..Asked::default()
    };
    page(&page_, &ctx, &asked, StatusCode::OK)
}

/// Where somebody goes who asked for nothing in particular.
fn home<'a>(actor: &Actor, next: &'a str) -> &'a str {
    match (actor, next) {
        (Actor::Officer(_), "" | "/") => "/work",
        (_, "") => "/my",
        (_, next) => next,
    }
}

/// `POST /login`.
pub(super) async fn submit(
    page_: Page,
    ctx: Ctx,
    Extension(web): Extension<Web>,
    headers: HeaderMap,
    form: ProtectedPairs,
) -> Result<Response, Failure> {
    let typed = Login {
        login: form.text("login"),
        password: form.text("password"),
    };
    let mut asked = Asked {
        next: target(&form.0),
        held: held::read(&form.0),
        login: typed.login.chars().take(100).collect(),
        ..Asked::default()
    };
    let token = match service::log_in(&ctx, typed).await {
        Ok(token) => token,
        Err(error) => return refused(&page_, &ctx, asked, error),
    };
    // A session that the browser still had ends: nobody else's page stays usable behind this one.
    if let Some(old) = token_of(&web, &headers) {
        service::log_out(&ctx, &old).await?;
    }
    let view = service::authenticate(&ctx, &token)
        .await?
        .ok_or_else(|| Error::internal("a session that ended at once"))?;
    let page_ = page_.with_cookie(session_cookie(&web, &token));
    Ok(match asked.held.take() {
        // The one answer to a post that is no redirect: the browser must hold what was typed until it is sent again.
        Some(held) => held::again(page_.logged_in_as(&session(&view)), &held),
        None => page_.see_other(home(&view.actor, &asked.next)),
    })
}

/// The same page again with what is wrong: alike for unknown accounts and wrong passwords.
fn refused(page_: &Page, ctx: &Ctx, mut asked: Asked, error: Error) -> Result<Response, Failure> {
    let shell = page_.shell();
    let zh = shell.lang() != Lang::En;
    let status = match error.kind() {
        ErrorKind::Invalid => {
            asked.problem = shell.t("login-refused");
            StatusCode::UNPROCESSABLE_ENTITY
        }
        ErrorKind::Limited => {
            // The Chinese sentence says for how many seconds.
            asked.problem = if zh {
                shell.zh(error.message())
            } else {
                shell.t("login-paused")
            };
            StatusCode::TOO_MANY_REQUESTS
        }
        _ => return Err(error.into()),
    };
    let mut response = page(page_, ctx, &asked, status);
    if status == StatusCode::TOO_MANY_REQUESTS {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static("10"));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_site_are_gone_to_afterwards() {
        let asked = |name: &str, value: &str| target(&[(name.to_owned(), value.to_owned())]);
        assert_eq!(asked("next", "/my/cases?x=1"), "/my/cases?x=1");
        assert_eq!(asked("return", "/items/1"), "/items/1");
        assert_eq!(asked("next", "//evil.example"), "/");
        assert_eq!(asked("next", "https://evil.example/"), "/");
        assert_eq!(asked("next", "/login?next=/login"), "");
        assert_eq!(asked("other", "/x"), "");
    }
}
