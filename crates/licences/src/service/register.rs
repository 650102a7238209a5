//! The register of licences for officers (行政许可法 第六十条、第六十一条): the issuing organ finds its own, a supervisor all.

use jiff::civil::Date;
use tongban_codes::LicenceIdentifier;
use tongban_codes::lists::CertState;
use tongban_codes::mask;
use tongban_kernel::{
    Act, Actor, Error, ErrorKind, LicenceId, OrganFacts, OrganId, Resource, Result,
};
use tongban_storage::{Ctx, Tx};

use super::append::{current, metadata_of};
use super::issue::holder_index;
use crate::model::{ChangeKind, HolderKind, Licence, Verdict, VersionLine};
use crate::store::licences::{self, Sought};
use crate::store::versions;

/// What is looked for; empty finds all in sight.
#[derive(Debug, Clone, Default)]
pub struct RegisterQuery {
    /// Number, serial, identifier, case number, or the holder's whole name or code.
    pub words: String,
    pub state: Option<CertState>,
    /// 证照类型代码.
    pub type_code: String,
    /// Older than this one.
    pub after: Option<LicenceId>,
    pub limit: i64,
}

/// One line of the register.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisterLine {
    pub licence: Licence,
    /// 电子证照标识 of the current version.
    pub identifier: String,
    /// Masked for persons.
    pub holder: String,
    pub verdict: Verdict,
}

/// A page of the register.
#[derive(Debug, Clone, PartialEq)]
pub struct Register {
    pub lines: Vec<RegisterLine>,
    /// Code and name of the types that occur.
    pub types: Vec<(String, String)>,
}

/// A licence with its history and what may be done to it by whoever looks.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisterEntry {
    pub licence: Licence,
    /// 电子证照标识 of the current version.
    pub identifier: String,
    /// Whole for the issuing organ; masked for others if a person.
    pub holder: String,
    pub verdict: Verdict,
    /// Latest first.
    pub versions: Vec<VersionLine>,
    /// What the state and the officer's post allow.
    pub possible: Vec<ChangeKind>,
}

/// Licences that end soon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expiring {
    /// In force or withheld, last day within the next 30 days.
    pub soon: u64,
    /// Last day over, not yet marked 失效: the daily run has to do it.
    pub overdue: u64,
}

/// Before every licence; written as rows write dates.
const FIRST_DAY: Date = Date::constant(1, 1, 1);

/// The blind index of a holder's name; spaces do not count.
pub(crate) fn name_index(ctx: &Ctx, name: &str) -> String {
    let plain: String = name.split_whitespace().collect();
    ctx.vault.index("licence.holder-name", &plain)
}

/// The organ whose licences are in sight; `None`: all.
fn scope(ctx: &Ctx) -> Result<Option<OrganId>> {
    if ctx.authorize(Act::ViewRegister, Resource::Platform).is_ok() {
        return Ok(None);
    }
    let organ = match &ctx.actor {
        Actor::Officer(officer) => officer.organ,
        _ => {
            ctx.authorize(Act::ViewRegister, Resource::Platform)?;
            return Err(Error::not_found());
        }
    };
    ctx.authorize(Act::ViewRegister, Resource::Organ(&OrganFacts { organ }))?;
    Ok(Some(organ))
}

/// Whether licences of `organ` are in sight of whoever acts; otherwise they look absent.
pub(crate) fn visible(ctx: &Ctx, organ: OrganId) -> Result<()> {
    match ctx.authorize(Act::ViewRegister, Resource::Organ(&OrganFacts { organ })) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotAllowed => Err(Error::not_found()),
        Err(error) => Err(error),
    }
}

fn verdict(licence: &Licence, today: Date) -> Verdict {
    Verdict::of(
        licence.state.code(),
        licence.valid_from,
        licence.valid_to,
        today,
    )
}

/// The part of a number that people type, as a pattern.
fn pattern(words: &str) -> String {
    let mut text = String::from("%");
    for c in words.chars() {
        if matches!(c, '%' | '_' | '!') {
            text.push('!');
        }
        text.push(c);
    }
    text + "%"
}

/// Licences in sight of whoever acts, latest first.
pub async fn register(ctx: &Ctx, query: RegisterQuery) -> Result<Register> {
    let organ = scope(ctx)?;
    let words: String = query.words.trim().chars().take(200).collect();
    let identifier = LicenceIdentifier::parse(&words)
        .map_or_else(|_| words.clone(), |found| found.as_str().to_owned());
    let (ctx2, today) = (ctx.clone(), ctx.clock.today());
    ctx.db
        .read(move |tx| {
            let sought = Sought {
                organ,
                state: query.state.map(|state| state.code()),
                type_code: (!query.type_code.is_empty()).then_some(query.type_code.as_str()),
                after: query.after,
                words: (!words.is_empty()).then_some(words.as_str()),
                identifier: &identifier,
                pattern: pattern(&words),
                holder: holder_index(&ctx2, &words),
                name: name_index(&ctx2, &words),
                limit: query.limit,
            };
            let found = licences::search(tx, &sought)?;
            let mut lines = Vec::with_capacity(found.len());
            for licence in found {
                let (stored, signed) = current(&ctx2, tx, &licence)?;
                let holder = metadata_of(&signed)?.certificate_holder;
                lines.push(RegisterLine {
                    identifier: stored.identifier,
                    holder: shown(&licence, holder, false),
                    verdict: verdict(&licence, today),
                    licence,
                });
            }
            Ok(Register {
                lines,
                types: licences::types(tx, organ)?,
            })
        })
        .await
}

fn shown(licence: &Licence, holder: String, whole: bool) -> String {
    match licence.holder_kind {
        HolderKind::Person if !whole => mask::person_name(&holder),
        _ => holder,
    }
}

/// One licence of the register.
pub async fn entry(ctx: &Ctx, id: LicenceId) -> Result<RegisterEntry> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let licence = licences::get(tx, id)?.ok_or_else(Error::not_found)?;
            whole(&ctx2, tx, licence)
        })
        .await
}

/// As [`entry`], by the identifier of any of its versions.
pub async fn entry_by_identifier(ctx: &Ctx, identifier: &str) -> Result<RegisterEntry> {
    let wanted = LicenceIdentifier::parse(identifier)
        .map_err(|_| Error::not_found())?
        .as_str()
        .to_owned();
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let licence = licences::by_identifier(tx, &wanted)?.ok_or_else(Error::not_found)?;
            whole(&ctx2, tx, licence)
        })
        .await
}

fn whole(ctx: &Ctx, tx: &mut Tx<'_>, licence: Licence) -> Result<RegisterEntry> {
    visible(ctx, licence.organ)?;
    let (stored, signed) = current(ctx, tx, &licence)?;
    let holder = metadata_of(&signed)?.certificate_holder;
    let own = matches!(&ctx.actor, Actor::Officer(officer) if officer.organ == licence.organ);
    let organ = OrganFacts {
        organ: licence.organ,
    };
    let may = ctx
        .authorize(Act::RevokeLicence, Resource::Organ(&organ))
        .is_ok();
    let today = ctx.clock.today();
    let possible = ChangeKind::ALL
        .into_iter()
        .filter(|kind| may && kind.possible(&licence.state, today))
        .collect();
    Ok(RegisterEntry {
        identifier: stored.identifier,
        holder: shown(&licence, holder, own),
        verdict: verdict(&licence, today),
        versions: versions::history(tx, licence.id)?,
        possible,
        licence,
    })
}

/// How many licences end within 30 days, and how many should be marked already. For the health page.
pub async fn expiring(ctx: &Ctx) -> Result<Expiring> {
    let today = ctx.clock.today();
    let until = today
        .checked_add(jiff::Span::new().days(30))
        .unwrap_or(Date::MAX);
    ctx.db
        .read(move |tx| {
            Ok(Expiring {
                soon: licences::ending(tx, today, until)?,
                overdue: licences::ending(tx, FIRST_DAY, today.yesterday().unwrap_or(FIRST_DAY))?,
            })
        })
        .await
}

/// Gives licences issued by an earlier version of the program the index of their holder's name.
pub(crate) async fn index_names(ctx: &Ctx, limit: u32) -> Result<()> {
    let ctx2 = ctx.clone();
    ctx.db
        .write(move |tx| {
            for licence in licences::without_name_index(tx, limit)? {
                let (_, signed) = current(&ctx2, tx, &licence)?;
                let index = name_index(&ctx2, &metadata_of(&signed)?.certificate_holder);
                licences::set_name_index(tx, licence.id, &index)?;
            }
            Ok(())
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_never_a_wildcard() {
        assert_eq!(pattern("50%_!"), "%50!%!_!!%");
    }
}
