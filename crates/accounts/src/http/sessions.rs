//! Cookie or bearer token → who acts, and what the frame of the pages shows of it.

use tongban_kernel::{Actor, Officer, Post, TypedId as _};
use tongban_storage::Ctx;
use tongban_webkit::{
    Authenticator, Credentials, MenuGroup, MenuItem, Session, SessionFuture, UserView,
};

use crate::model::SessionView;
use crate::service;

/// The authenticator of this platform.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sessions;

impl Authenticator for Sessions {
    fn authenticate(&self, ctx: Ctx, credentials: Credentials) -> SessionFuture<'_> {
        Box::pin(async move {
            let Some(token) = credentials.bearer.or(credentials.session) else {
                return Ok(Session::anonymous());
            };
            let found = service::authenticate(&ctx, &token).await?;
            Ok(found.map_or_else(Session::anonymous, |view| session(&view)))
        })
    }
}

/// What the web floor needs of a living session.
pub(super) fn session(view: &SessionView) -> Session {
    let (account, menu, staff) = match &view.actor {
        Actor::Citizen(citizen) => (citizen.person.uuid(), Vec::new(), false),
        Actor::Officer(officer) => (officer.officer.uuid(), menu(officer), true),
        Actor::Anonymous | Actor::System => return Session::anonymous(),
    };
    Session {
        actor: view.actor.clone(),
        user: Some(UserView {
            name: view.display_name.clone(),
            subtitle: view.acting_for.clone().unwrap_or_default(),
            staff,
        }),
        // The account, not the session: a page left open over a fresh log-in still saves.
        csrf_subject: format!("account:{account}"),
        menu,
        notices: 0,
        keys: staff,
    }
}

/// An entry of the menu: key, id of the text, icon, address, posts that see it (none: every officer).
type Entry = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [Post],
);

const WORK: &[Entry] = &[
    ("inbox", "menu-inbox", "inbox", "/work", &[]),
    ("covers", "menu-covers", "user-round", "/work/covers", &[]),
    ("ratings", "menu-ratings", "star", "/work/ratings", &[]),
    (
        "rectifications",
        "menu-rectifications",
        "message-circle",
        "/work/rectifications",
        &[Post::Decider, Post::ItemManager, Post::Supervisor],
    ),
    (
        "licences",
        "menu-licences",
        "award",
        "/work/licences",
        &[Post::Decider, Post::Issuer, Post::Supervisor],
    ),
];
const MANAGE: &[Entry] = &[
    (
        "catalogue",
        "menu-catalogue",
        "list-checks",
        "/work/catalogue",
        &[],
    ),
    (
        "calendar",
        "menu-calendar",
        "calendar",
        "/admin/calendar",
        &[Post::SystemAdmin],
    ),
    (
        "processes",
        "menu-processes",
        "workflow",
        "/admin/processes",
        &[Post::SystemAdmin],
    ),
    (
        "health",
        "menu-health",
        "activity",
        "/admin/health",
        &[Post::SystemAdmin],
    ),
];

fn menu(officer: &Officer) -> Vec<MenuGroup> {
    [("menu-work", WORK), ("menu-manage", MANAGE)]
        .into_iter()
        .map(|(title, entries)| MenuGroup {
            title: title.to_owned(),
            items: entries
                .iter()
                .filter(|(.., posts)| posts.is_empty() || posts.iter().any(|p| officer.holds(*p)))
                .map(|(key, text, icon, href, _)| MenuItem {
                    key,
                    text: (*text).to_owned(),
                    icon,
                    href: (*href).to_owned(),
                    count: None,
                    urgent: false,
                })
                .collect(),
        })
        .collect()
}
