//! The official theme lists: names, icons, and the letter that keeps the two apart in the index.

use tongban_codes::codelist;

/// Whose theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Person,
    Legal,
}

impl Side {
    pub(super) const fn letter(self) -> &'static str {
        match self {
            Self::Person => "p",
            Self::Legal => "l",
        }
    }
    const fn list(self) -> &'static str {
        match self {
            Self::Person => "theme_person",
            Self::Legal => "theme_legal",
        }
    }
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Person => "/person",
            Self::Legal => "/enterprise",
        }
    }
    /// Codes of the served objects (服务对象).
    pub(super) const fn objects(self) -> &'static [&'static str] {
        match self {
            Self::Person => &["1"],
            Self::Legal => &["2", "3", "4", "5", "6", "9"],
        }
    }
    /// Code and name of every theme, in the official order.
    pub(super) fn themes(self) -> Vec<(&'static str, &'static str)> {
        codelist::list(self.list()).map_or_else(Vec::new, |list| list.items.clone())
    }
    /// An icon of the sprite.
    pub(super) fn icon(self, code: &str) -> &'static str {
        let icons = match self {
            Self::Person => PERSON_ICONS,
            Self::Legal => LEGAL_ICONS,
        };
        icons
            .iter()
            .find(|(known, _)| *known == code)
            .map_or("folder", |(_, icon)| icon)
    }
}

/// The name of a theme value of the index (`p040`).
pub(super) fn label(value: &str) -> Option<&'static str> {
    let (side, code) = value.split_at_checked(1)?;
    match side {
        "p" => codelist::label("theme_person", code),
        "l" => codelist::label("theme_legal", code),
        _ => None,
    }
}

const PERSON_ICONS: &[(&str, &str)] = &[
    ("005", "baby"),
    ("010", "book-user"),
    ("015", "landmark"),
    ("020", "school"),
    ("025", "medal"),
    ("030", "briefcase"),
    ("035", "pencil-line"),
    ("040", "store"),
    ("045", "stamp"),
    ("050", "award"),
    ("055", "receipt"),
    ("060", "heart"),
    ("065", "medal"),
    ("070", "map-pinned"),
    ("075", "house"),
    ("085", "shield-check"),
    ("090", "id-card"),
    ("095", "car"),
    ("100", "image"),
    ("105", "plane"),
    ("110", "shopping-bag"),
    ("115", "octagon-alert"),
    ("120", "scale"),
    ("125", "lightbulb"),
    ("130", "leaf"),
    ("135", "book-open"),
    ("140", "wifi"),
    ("145", "stethoscope"),
    ("150", "sunset"),
    ("155", "leaf"),
    ("998", "star"),
    ("999", "layout-grid"),
];

const LEGAL_ICONS: &[(&str, &str)] = &[
    ("005", "building-2"),
    ("010", "store"),
    ("015", "badge-check"),
    ("020", "calendar"),
    ("025", "receipt"),
    ("030", "users"),
    ("035", "shield-check"),
    ("040", "chart-column"),
    ("045", "wallet"),
    ("050", "stamp"),
    ("055", "shopping-bag"),
    ("060", "gavel"),
    ("065", "plane"),
    ("070", "globe"),
    ("075", "leaf"),
    ("085", "map-pinned"),
    ("090", "truck"),
    ("095", "leaf"),
    ("110", "stethoscope"),
    ("115", "lightbulb"),
    ("120", "school"),
    ("125", "award"),
    ("135", "circle-check"),
    ("140", "scan-line"),
    ("145", "shield-check"),
    ("150", "octagon-alert"),
    ("155", "scale"),
    ("165", "circle-x"),
    ("170", "archive"),
    ("998", "star"),
    ("999", "layout-grid"),
];
