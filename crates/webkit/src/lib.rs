//! The web floor: what every context's pages and interfaces stand on.
//!
//! * [`Web`] is built once by the binary (site, texts, secrets, authenticator) and puts a router under the floor:
//!   [`Web::serve`] adds assets, preferences, health, security headers, request ids, limits, error pages and metrics.
//! * A handler takes [`Ctx`] (who, clock, store) and [`Page`] (language, shell, answers); forms come as
//!   [`ProtectedForm`] or [`ProtectedPairs`]; interfaces answer with [`ApiResult`].
//! * A page is the context's own askama template for what stands inside `<main>`; the frame is put around it by
//!   [`Page::html`] or [`Page::staff_html`]. So no template needs to see another crate's folder.
//! * Components are values of [`ui`]; texts come from Fluent files ([`i18n`]).
//!
//! Invariants: no inline script or style (strict CSP on every answer); "not yours" answers like "does not exist"; what
//! changes something comes from this origin and carries the account's form token; every answer names its request.

pub mod api;
pub mod assets;
mod body;
pub mod csrf;
mod errors;
pub mod gallery;
pub mod http;
pub mod i18n;
mod layers;
pub mod metrics;
mod openapi;
mod page;
mod session;
mod shell;
pub mod site;
pub mod ui;
mod web;

pub use api::{ApiJson, ApiResult, Cursor, IdempotencyKey, IfMatch, List, PageParams, bad_page};
pub use body::{
    DeclaredLength, FilePart, FormLimits, Multipart, Part, ProtectedForm, ProtectedPairs, Sink,
    broken_upload,
};
pub use csrf::CsrfKey;
pub use errors::{Failure, Problem, error_of, status_of};
pub use i18n::{Arg, Lang, Locale};
pub use openapi::docs_router;
pub use page::Page;
pub use session::{Authenticator, Credentials, Ctx, NoAccounts, Session, SessionFuture};
pub use shell::{Crumb, Html, MenuGroup, MenuItem, PageShell, Prefs, UserView, icon};
pub use site::{NavItem, Site, SiteLink, Theme, Worded};
pub use web::{Limits, ReadyCheck, Web, WebBuilder};
