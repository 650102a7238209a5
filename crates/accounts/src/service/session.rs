//! Who is behind a request.

use jiff::SignedDuration;
use tongban_kernel::{Actor, Citizen, EnterpriseId, Error, Officer, PersonId, Result};
use tongban_storage::{Ctx, Tx};

use crate::model::{SEEN_EVERY_S, SessionView, session_digest};
use crate::store::sessions::{self, Holder};
use crate::store::{organs, people};

/// The session behind `token`, if it lives. The posts of officers and the agency of citizens are read anew.
pub async fn authenticate(ctx: &Ctx, token: &str) -> Result<Option<SessionView>> {
    if token.len() != 64 {
        return Ok(None);
    }
    let (digest, now, today) = (session_digest(token), ctx.now(), ctx.clock.today());
    let stored = digest.clone();
    let found = ctx
        .db
        .read(move |tx| {
            let Some(session) = sessions::living(tx, &stored, now)? else {
                return Ok(None);
            };
            let view = match session.holder {
                Holder::Officer(id) => officer_view(tx, id)?,
                Holder::Person(id) => person_view(tx, id, session.enterprise, today)?,
            };
            Ok(view.map(|view| (view, session.seen_at)))
        })
        .await?;
    let Some((view, seen_at)) = found else {
        return Ok(None);
    };
    if now.duration_since(seen_at) >= SignedDuration::from_secs(SEEN_EVERY_S) {
        ctx.db
            .write(move |tx| sessions::seen(tx, &digest, now))
            .await?;
    }
    Ok(Some(view))
}

fn officer_view(tx: &mut Tx<'_>, id: tongban_kernel::OfficerId) -> Result<Option<SessionView>> {
    Ok(organs::officer(tx, id)?.map(|profile| SessionView {
        actor: Actor::Officer(Officer {
            officer: id,
            organ: profile.organ,
            posts: profile.posts,
        }),
        display_name: profile.name,
        acting_for: Some(profile.organ_name),
        person: None,
    }))
}

fn person_view(
    tx: &mut Tx<'_>,
    id: PersonId,
    enterprise: Option<EnterpriseId>,
    today: jiff::civil::Date,
) -> Result<Option<SessionView>> {
    let Some(person) = people::person(tx, id)? else {
        return Ok(None);
    };
    // An agency that has ended or was withdrawn counts no more, whatever the session says.
    let acting = match enterprise {
        Some(enterprise) => people::enterprises_of(tx, id, today)?
            .into_iter()
            .find(|own| own.id == enterprise),
        None => None,
    };
    Ok(Some(SessionView {
        actor: Actor::Citizen(Citizen {
            person: id,
            enterprise: acting.as_ref().map(|own| own.id),
            real_level: person.real_level,
        }),
        display_name: person.masked_name,
        acting_for: acting.map(|own| own.name),
        person: Some(id),
    }))
}

/// Chooses for whom the person of this session acts: an enterprise that has authorised them, or themselves.
pub async fn act_for(ctx: &Ctx, token: &str, enterprise: Option<EnterpriseId>) -> Result<()> {
    let Actor::Citizen(citizen) = &ctx.actor else {
        return Err(Error::unauthenticated());
    };
    let (person, today, digest) = (citizen.person, ctx.clock.today(), session_digest(token));
    ctx.db
        .write(move |tx| {
            if let Some(enterprise) = enterprise
                && !people::enterprises_of(tx, person, today)?
                    .iter()
                    .any(|own| own.id == enterprise)
            {
                return Err(Error::not_found());
            }
            sessions::set_enterprise(tx, &digest, enterprise)
        })
        .await
}
