//! Steps that a system of the organ owns (分建): `tb:system` names it, `tb:sets` the variables that its report may set, `tb:shows` the
//! fields of the application that it may see.

use super::{id, tb};
use crate::engine::Id;
use crate::model::{Kind, SYSTEM_SERVICE};
use crate::xml::Element;

/// The names in one of these attributes, separated by commas or blanks.
pub(super) fn names(e: &Element, attribute: &str) -> Vec<Id> {
    let names = tb(e, attribute).unwrap_or_default();
    names
        .split([',', ' ', '\n', '\t', '|'])
        .filter(|name| !name.is_empty())
        .map(id)
        .collect()
}

/// A service task of an outside system: the name of its service carries the system and its rights, so that effects tell all of it.
pub(super) fn service(e: &Element) -> Option<Kind> {
    let system = tb(e, "system")?.trim();
    let (sets, shows) = (names(e, "sets").join(","), names(e, "shows").join(","));
    Some(Kind::Service(id(&format!(
        "{SYSTEM_SERVICE}{system}|{sets}|{shows}"
    ))))
}
