//! `/my/acting-for`: for whom a logged-in person acts.

use askama::Template;
use axum::Extension;
use axum::http::Uri;
use axum::response::Response;
use http::HeaderMap;
use tongban_kernel::{Actor, Citizen, EnterpriseId, Error, Result};
use tongban_webkit::http::{local_path, pairs};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs, Web};

use super::token_of;
use crate::model::EnterpriseProfile;
use crate::service;

#[derive(Template)]
#[template(path = "acting_for.html")]
struct ActingFor<'a> {
    shell: &'a PageShell,
    /// The enterprise acted for now.
    now: Option<EnterpriseId>,
    enterprises: &'a [EnterpriseProfile],
    next: &'a str,
    done: bool,
    problem: &'a str,
}

impl ActingFor<'_> {
    fn acts_for(&self, one: &EnterpriseProfile) -> bool {
        self.now == Some(one.id)
    }
}

fn citizen(ctx: &Ctx) -> Result<Citizen> {
    match &ctx.actor {
        Actor::Citizen(citizen) => Ok(citizen.clone()),
        Actor::Anonymous => Err(Error::unauthenticated()),
        Actor::Officer(_) | Actor::Outside(_) | Actor::System => Err(Error::not_allowed(
            "acting-for.officer",
            "工作人员账号不能代表申请人办事",
        )
        .advice("请退出后用个人账号登录")),
    }
}

async fn answer(page: Page, ctx: &Ctx, next: &str, done: bool, problem: &str) -> Result<Response> {
    let citizen = citizen(ctx)?;
    let enterprises = service::enterprises_of(ctx, citizen.person).await?;
    let shell = page.shell();
    let (home, my, title) = (
        shell.t("nav-home"),
        shell.t("nav-my"),
        shell.t("acting-title"),
    );
    let page = page
        .titled(title.clone())
        .nav("my")
        .crumb(home, "/")
        .crumb(my, "/my")
        .crumb(title, "");
    let view = ActingFor {
        shell: page.shell(),
        now: citizen.enterprise,
        enterprises: &enterprises,
        next,
        done,
        problem,
    };
    Ok(if problem.is_empty() {
        page.html(&view)
    } else {
        page.invalid(&view)
    })
}

/// `GET /my/acting-for`.
pub(super) async fn show(page: Page, ctx: Ctx, uri: Uri) -> Result<Response, Failure> {
    let query = pairs(uri.query().unwrap_or("").as_bytes(), 16).unwrap_or_default();
    let find = |name: &str| query.iter().find(|(key, _)| key == name);
    let next = find("next")
        .map_or("", |(_, value)| local_path(value))
        .to_owned();
    let done = find("done").is_some();
    Ok(answer(page, &ctx, &next, done, "").await?)
}

/// `POST /my/acting-for`.
pub(super) async fn submit(
    page: Page,
    ctx: Ctx,
    Extension(web): Extension<Web>,
    headers: HeaderMap,
    form: ProtectedPairs,
) -> Result<Response, Failure> {
    citizen(&ctx)?;
    let next = form.get("next").map_or("", |next| {
        if next.is_empty() {
            ""
        } else {
            local_path(next)
        }
    });
    let wanted = match form.get("for") {
        Some("self") => None,
        Some(id) => Some(id.parse::<EnterpriseId>().map_err(|_| Error::not_found())?),
        None => {
            let problem = page.shell().t("acting-choose");
            return Ok(answer(page, &ctx, next, false, &problem).await?);
        }
    };
    let token = token_of(&web, &headers).ok_or_else(Error::unauthenticated)?;
    service::act_for(&ctx, &token, wanted).await?;
    let target = if next.is_empty() {
        "/my/acting-for?done=1"
    } else {
        next
    };
    Ok(page.see_other(target))
}
