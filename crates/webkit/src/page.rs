//! One value for everything a page handler needs to answer: language, user, form token, frame.

use std::sync::Arc;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use tongban_kernel::{Actor, Error, SHANGHAI, TypedId};

use crate::errors::Failure;
use crate::http::{CookieOptions, cookie, local_path, pairs, set_cookie};
use crate::i18n::Lang;
use crate::session::load;
use crate::shell::{Crumb, Html, MenuGroup, PageShell, Prefs};
use crate::web::Web;

/// Cookie of the preferences.
pub(crate) const PREFS_COOKIE: &str = "zw-prefs";
const YEAR: u32 = 31_536_000;

#[derive(Template)]
#[template(path = "layout/base.html", escape = "html")]
struct PublicFrame<'a> {
    shell: &'a PageShell,
    content: &'a str,
}

#[derive(Template)]
#[template(path = "layout/staff.html", escape = "html")]
struct StaffFrame<'a> {
    shell: &'a PageShell,
    content: &'a str,
}

/// The page that is being answered. Take it as an extractor, name it, and answer:
/// `page.titled("我的办件").nav("cases").html(&MyCases { shell: page.shell(), … })`.
#[derive(Clone)]
pub struct Page {
    shell: PageShell,
    web: Web,
    logged_in: bool,
    json: bool,
    partial: bool,
    subject: String,
    /// `Set-Cookie` values to send along.
    cookies: Vec<String>,
}

impl Page {
    /// The state for templates.
    pub fn shell(&self) -> &PageShell {
        &self.shell
    }
    /// To change what the builder methods do not cover.
    pub fn shell_mut(&mut self) -> &mut PageShell {
        &mut self.shell
    }
    /// The language of the answer.
    pub fn lang(&self) -> Lang {
        self.shell.prefs.lang
    }
    /// With a title (already in the reader's language).
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.shell.title = title.into();
        self
    }
    /// Belongs to this entry of the navigation or of the staff menu.
    #[must_use]
    pub fn nav(mut self, key: &'static str) -> Self {
        self.shell.nav = key;
        self
    }
    /// One more step of the breadcrumb; an empty `href` is the page itself.
    #[must_use]
    pub fn crumb(mut self, text: impl Into<String>, href: &str) -> Self {
        let href = (!href.is_empty()).then(|| href.to_owned());
        self.shell.crumbs.push(Crumb {
            text: text.into(),
            href,
        });
        self
    }
    /// Loads htmx: only for pages that use `hx-…`.
    #[must_use]
    pub fn with_htmx(mut self) -> Self {
        self.shell.htmx = true;
        self
    }
    /// One more style sheet (a path on this site).
    #[must_use]
    pub fn with_style(mut self, path: &'static str) -> Self {
        self.shell.styles.push(path);
        self
    }
    /// One more script (a path on this site).
    #[must_use]
    pub fn with_script(mut self, path: &'static str) -> Self {
        self.shell.scripts.push(path);
        self
    }

    /// htmx asks for a part of the page only.
    pub fn is_partial(&self) -> bool {
        self.partial
    }
    /// The client is a program.
    pub fn wants_json(&self) -> bool {
        self.json
    }
    /// What form tokens of this visitor are bound to.
    pub(crate) fn csrf_subject(&self) -> &str {
        &self.subject
    }
    pub(crate) fn web(&self) -> &Web {
        &self.web
    }

    /// 200 with the public frame around `content`.
    pub fn html(&self, content: &impl Template) -> Response {
        self.framed(&crate::ui::render(content), None, false)
    }
    /// 200 with the workbench frame around `content`.
    pub fn staff_html(&self, content: &impl Template) -> Response {
        self.framed(&crate::ui::render(content), None, true)
    }
    /// The same form again with its problems: 422, title starts with 出错.
    pub fn invalid(&self, content: &impl Template) -> Response {
        self.again(content, false)
    }
    /// As [`Page::invalid`], in the workbench frame.
    pub fn staff_invalid(&self, content: &impl Template) -> Response {
        self.again(content, true)
    }
    /// A form in the workbench frame: as it is asked for, or again with its problems.
    pub fn staff_form(&self, content: &impl Template, wrong: bool) -> Response {
        if wrong {
            self.staff_invalid(content)
        } else {
            self.staff_html(content)
        }
    }
    fn again(&self, content: &impl Template, staff: bool) -> Response {
        let mut page = self.clone();
        page.shell.invalid = true;
        let mut response = page.framed(&crate::ui::render(content), None, staff);
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        response
    }
    /// A part of a page, without frame, for htmx.
    pub fn fragment(&self, content: &impl Template) -> Response {
        self.respond(crate::ui::render(content).0)
    }
    /// 303 to a path of this site.
    pub fn see_other(&self, path: &str) -> Response {
        let target =
            HeaderValue::try_from(local_path(path)).unwrap_or(HeaderValue::from_static("/"));
        let mut response = (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response();
        self.send_cookies(&mut response);
        response
    }
    /// The answer for an error: page or problem document, in the one place that knows how.
    pub fn error(&self, error: impl Into<Error>) -> Response {
        Failure::from(error.into()).into_response()
    }
    /// 204: an autosave or a beacon was taken.
    pub fn no_content(&self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
    /// Sends a cookie with the answer (log-in, log-out).
    #[must_use]
    pub fn with_cookie(mut self, line: String) -> Self {
        self.cookies.push(line);
        self
    }

    /// The same page for whoever logged in during this very request: user, menu and form token are theirs.
    #[must_use]
    pub fn logged_in_as(mut self, session: &crate::Session) -> Self {
        self.subject.clone_from(&session.csrf_subject);
        self.logged_in = session.actor != Actor::Anonymous;
        self.shell.user = session.user.clone();
        self.shell.menu = worded(&session.menu, &self.shell);
        let nonce = self.shell.request.uuid().into_bytes();
        self.shell.csrf = self.web.csrf().token(&self.subject, nonce);
        self
    }

    /// The present moment in China, for people.
    pub(crate) fn now_text(&self) -> String {
        let at = jiff::tz::TimeZone::fixed(SHANGHAI).to_datetime(self.web.base().now());
        at.strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    pub(crate) fn framed(&self, content: &Html, title: Option<String>, staff: bool) -> Response {
        let mut named;
        let mut shell = &self.shell;
        if let Some(title) = title {
            named = self.shell.clone();
            named.title = title;
            shell = &named;
        }
        let html = if staff {
            crate::ui::render(&StaffFrame {
                shell,
                content: &content.0,
            })
        } else {
            crate::ui::render(&PublicFrame {
                shell,
                content: &content.0,
            })
        };
        self.respond(html.0)
    }

    fn respond(&self, html: String) -> Response {
        // What a logged-in person sees stays out of every cache; public pages may be kept but must be asked for again.
        let cache = if self.logged_in {
            "no-store"
        } else {
            "private, no-cache"
        };
        let headers = [
            (
                CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            ),
            (CACHE_CONTROL, HeaderValue::from_static(cache)),
            (
                VARY,
                HeaderValue::from_static("cookie, accept-language, hx-request"),
            ),
        ];
        let mut response = (headers, html).into_response();
        self.send_cookies(&mut response);
        response
    }

    fn send_cookies(&self, response: &mut Response) {
        for line in &self.cookies {
            if let Ok(value) = HeaderValue::from_str(line) {
                response.headers_mut().append(SET_COOKIE, value);
            }
        }
    }
}

/// Whether the client is a program: it asks for JSON and not for HTML, or it calls an interface.
fn wants_json(parts: &Parts) -> bool {
    let accept = text(&parts.headers, ACCEPT.as_str());
    parts.uri.path().starts_with("/api/")
        || (accept.contains("json") && !accept.contains("text/html"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("")
}

/// Preferences: `?lang=` for this visit, else the cookie, else `Accept-Language`.
fn prefs(parts: &Parts, web: &Web, cookies: &mut Vec<String>) -> Prefs {
    let kept = cookie(&parts.headers, PREFS_COOKIE).and_then(|value| Prefs::from_cookie(&value));
    let mut prefs = kept.unwrap_or_else(|| Prefs {
        lang: Lang::negotiate(text(&parts.headers, ACCEPT_LANGUAGE.as_str())),
        ..Prefs::default()
    });
    let query = pairs(parts.uri.query().unwrap_or("").as_bytes(), 64).unwrap_or_default();
    let asked = query
        .iter()
        .find(|(key, _)| key == "lang")
        .and_then(|(_, value)| Lang::parse(value));
    if let Some(lang) = asked
        && (prefs.lang != lang || kept.is_none())
    {
        prefs.lang = lang;
        cookies.push(prefs_cookie(prefs, web));
    }
    prefs
}

/// The `Set-Cookie` line that keeps `prefs` for a year.
pub(crate) fn prefs_cookie(prefs: Prefs, web: &Web) -> String {
    set_cookie(
        PREFS_COOKIE,
        &prefs.to_cookie(),
        CookieOptions {
            secure: web.secure(),
            max_age: Some(YEAR),
        },
    )
}

impl<S: Sync> FromRequestParts<S> for Page {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let loaded = load(parts).await?;
        Self::build(parts, &loaded.ctx, &loaded.session)
    }
}

impl Page {
    /// The page of a request whose session is known.
    pub(crate) fn build(
        parts: &Parts,
        ctx: &tongban_storage::Ctx,
        session: &crate::Session,
    ) -> Result<Self, Failure> {
        let web = crate::session::web(parts)?;
        let mut cookies = Vec::new();
        let subject = if session.csrf_subject.is_empty() {
            visitor(parts, &web, ctx, &mut cookies)
        } else {
            session.csrf_subject.clone()
        };
        let prefs = prefs(parts, &web, &mut cookies);
        let here = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut shell = PageShell {
            site: Arc::clone(web.site()),
            catalog: Arc::clone(web.catalog()),
            prefs,
            user: session.user.clone(),
            csrf: web.csrf().token(&subject, ctx.request.uuid().into_bytes()),
            request: ctx.request,
            here: local_path(here).to_owned(),
            title: String::new(),
            nav: "",
            crumbs: Vec::new(),
            menu: Vec::new(),
            notices: session.notices,
            styles: Vec::new(),
            scripts: Vec::new(),
            htmx: false,
            keys: session.keys,
            invalid: false,
        };
        shell.menu = worded(&session.menu, &shell);
        let partial = text(&parts.headers, "hx-request") == "true"
            && text(&parts.headers, "hx-boosted") != "true";
        Ok(Self {
            shell,
            web,
            logged_in: session.actor != Actor::Anonymous,
            json: wants_json(parts),
            partial,
            subject,
            cookies,
        })
    }
}

/// The menu in the reader's language: the authenticator, which knows no language, gives ids of texts.
fn worded(menu: &[MenuGroup], shell: &PageShell) -> Vec<MenuGroup> {
    let mut menu = menu.to_vec();
    for group in &mut menu {
        group.title = shell.t(&group.title);
        for item in &mut group.items {
            item.text = shell.t(&item.text);
        }
    }
    menu
}

/// What the tokens of somebody not logged in are bound to: a random cookie, made at the first page.
fn visitor(
    parts: &Parts,
    web: &Web,
    ctx: &tongban_storage::Ctx,
    cookies: &mut Vec<String>,
) -> String {
    let name = web.visitor_cookie();
    let known = cookie(&parts.headers, name)
        .filter(|value| value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let value = known.unwrap_or_else(|| {
        let value = ctx.ids.token();
        cookies.push(set_cookie(
            name,
            &value,
            CookieOptions {
                secure: web.secure(),
                max_age: None,
            },
        ));
        value
    });
    format!("visitor:{value}")
}
