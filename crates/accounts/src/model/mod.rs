//! The facts about people and organs, and the rules of logging in. Pure.

mod cover;
mod login;
mod people;

pub use cover::{COVER_DAYS_MAX, Cover, CoverState, NameCover};
pub use login::{ABSOLUTE_S, IDLE_S, LoginPause, SEEN_EVERY_S, pause_after, session_digest};
pub use people::{EnterpriseProfile, OfficerProfile, OrganProfile, PersonProfile, SessionView};
