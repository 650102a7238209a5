//! What every page knows: language, preferences, who is logged in, site, navigation, form token, request id — and the
//! little helpers that templates call on it.

use std::sync::Arc;

use askama::filters::Safe;
use tongban_kernel::RequestId;

use crate::assets;
use crate::i18n::{Arg, Catalog, Lang, to_traditional};
use crate::site::Site;

/// Text that is HTML already: templates print it as it is.
pub type Html = Safe<String>;

/// How a visitor wants to see the pages; kept in a cookie, works without script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prefs {
    pub lang: Lang,
    /// Large type (长辈版).
    pub elder: bool,
    /// High contrast.
    pub contrast: bool,
}

impl Prefs {
    /// The cookie value, e.g. `zh-CN.e.c`.
    pub fn to_cookie(self) -> String {
        let mut text = self.lang.tag().to_owned();
        text.push_str(if self.elder { ".e" } else { "" });
        text.push_str(if self.contrast { ".c" } else { "" });
        text
    }

    /// Reads what [`Prefs::to_cookie`] wrote; what cannot be read is left at its default.
    pub fn from_cookie(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let lang = Lang::parse(parts.next()?)?;
        let rest: Vec<&str> = parts.take(4).collect();
        Some(Self {
            lang,
            elder: rest.contains(&"e"),
            contrast: rest.contains(&"c"),
        })
    }
}

/// Who is logged in, as pages show it. Names come masked where they must be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserView {
    /// The name to greet with.
    pub name: String,
    /// The enterprise on whose behalf they act, or the organ and post of an officer; may be empty.
    pub subtitle: String,
    /// An officer sees the staff header.
    pub staff: bool,
}

/// An entry of the breadcrumb; the last one has no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    pub text: String,
    pub href: Option<String>,
}

/// An entry of the staff side menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuItem {
    pub key: &'static str,
    /// In a session: the id of the text; in a page: the text in the officer's language.
    pub text: String,
    pub icon: &'static str,
    pub href: String,
    /// How much waits there.
    pub count: Option<u64>,
    /// The count is urgent.
    pub urgent: bool,
}

/// A group of the staff side menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuGroup {
    pub title: String,
    pub items: Vec<MenuItem>,
}

/// The state of the page around its content.
#[derive(Clone)]
pub struct PageShell {
    pub site: Arc<Site>,
    pub catalog: Arc<Catalog>,
    pub prefs: Prefs,
    pub user: Option<UserView>,
    /// Token for every form: `<input type="hidden" name="csrf" value="…">`, see [`PageShell::csrf_field`].
    pub csrf: String,
    pub request: RequestId,
    /// Path and query of this page, for the return from `/prefs` and `/login`.
    pub here: String,
    /// Content of `<title>` before the site's name.
    pub title: String,
    /// Key of the navigation entry that this page belongs to.
    pub nav: &'static str,
    pub crumbs: Vec<Crumb>,
    pub menu: Vec<MenuGroup>,
    /// Notices waiting for an officer.
    pub notices: u64,
    /// Further style sheets and scripts of this page, as paths on this site.
    pub styles: Vec<&'static str>,
    pub scripts: Vec<&'static str>,
    /// Load htmx (15 KB): only pages that use `hx-…` ask for it.
    pub htmx: bool,
    /// Single-key shortcuts are on (officers can switch them off).
    pub keys: bool,
    /// The page shows problems: its title starts with 出错.
    pub invalid: bool,
}

impl PageShell {
    pub fn lang(&self) -> Lang {
        self.prefs.lang
    }

    /// The text for `key`.
    pub fn t(&self, key: &str) -> String {
        self.catalog.text(self.prefs.lang, key, &[])
    }
    /// The text for `key` with one variable.
    pub fn t1(&self, key: &str, name: &str, value: impl Arg) -> String {
        self.catalog.text(self.prefs.lang, key, &[(name, &value)])
    }
    /// The text for `key` with two variables.
    pub fn t2(
        &self,
        key: &str,
        name: &str,
        value: impl Arg,
        name2: &str,
        value2: impl Arg,
    ) -> String {
        self.catalog
            .text(self.prefs.lang, key, &[(name, &value), (name2, &value2)])
    }
    /// The text for `key` with any variables.
    pub fn ta(&self, key: &str, args: &[(&str, &dyn Arg)]) -> String {
        self.catalog.text(self.prefs.lang, key, args)
    }
    /// Chinese content (names of items, laws, organs) as this reader reads it.
    pub fn zh(&self, text: &str) -> String {
        match self.prefs.lang {
            Lang::ZhHant => to_traditional(text).into_owned(),
            Lang::ZhCn | Lang::En => text.to_owned(),
        }
    }
    /// ` lang="zh-CN"` for Chinese content inside an English page, so that it is read aloud rightly.
    pub fn zh_lang(&self) -> Html {
        Safe(if self.prefs.lang == Lang::En {
            " lang=\"zh-CN\"".to_owned()
        } else {
            String::new()
        })
    }

    /// The icon `name` of the sprite; decorative.
    pub fn icon(&self, name: &str) -> Html {
        icon(name)
    }
    /// The hidden field that every form posts.
    pub fn csrf_field(&self) -> Html {
        Safe(format!(
            "<input type=\"hidden\" name=\"csrf\" value=\"{}\">",
            self.csrf
        ))
    }
    /// The hidden field that makes a form's effect happen once, however often it is sent: read it as `idem`.
    pub fn idempotency_field(&self) -> Html {
        Safe(format!(
            "<input type=\"hidden\" name=\"idem\" value=\"{}\">",
            self.request
        ))
    }
    /// The public path of an asset.
    pub fn asset(&self, name: &str) -> &'static str {
        assets::path(name)
    }
    /// `aria-current` for a navigation entry.
    pub fn current(&self, key: &str) -> Html {
        Safe(if key == self.nav {
            " aria-current=\"page\"".to_owned()
        } else {
            String::new()
        })
    }
    /// The content of `<title>`.
    pub fn full_title(&self) -> String {
        let prefix = if self.invalid {
            self.t("error-prefix")
        } else {
            String::new()
        };
        let site = self.site.name.text(self.prefs.lang);
        if self.title.is_empty() {
            format!("{prefix}{site}")
        } else {
            format!("{prefix}{} - {site}", self.title)
        }
    }
    /// Classes of `<html>`.
    pub fn root_class(&self) -> &'static str {
        match (self.prefs.elder, self.prefs.contrast) {
            (false, false) => "",
            (true, false) => "elder",
            (false, true) => "contrast",
            (true, true) => "elder contrast",
        }
    }
    /// This page in another language, for `hreflang`.
    pub fn in_lang(&self, lang: Lang) -> String {
        let (path, query) = self.here.split_once('?').unwrap_or((&self.here, ""));
        let rest = crate::http::strip_param(query, "lang");
        let separator = if rest.is_empty() { "" } else { "&" };
        format!("{path}?{rest}{separator}lang={}", lang.tag())
    }
    /// The languages other than this one.
    pub fn other_langs(&self) -> Vec<Lang> {
        Lang::ALL
            .into_iter()
            .filter(|lang| *lang != self.prefs.lang)
            .collect()
    }
    /// Where to log in, returning here.
    pub fn login_href(&self) -> String {
        let query = crate::http::encode([("return", self.here.as_str())]);
        format!("{}?{query}", self.site.login_href)
    }
    /// The first character of the user's name, for the badge.
    pub fn initial(&self) -> String {
        self.user
            .as_ref()
            .and_then(|user| user.name.chars().next())
            .map(String::from)
            .unwrap_or_default()
    }
}

/// The icon `name` of the sprite.
pub fn icon(name: &str) -> Html {
    let safe: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    Safe(format!(
        "<svg class=\"i\" aria-hidden=\"true\"><use href=\"{}#{safe}\"/></svg>",
        assets::path("icons.svg")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_survive_the_cookie() {
        for lang in Lang::ALL {
            for (elder, contrast) in [(false, false), (true, false), (false, true), (true, true)] {
                let prefs = Prefs {
                    lang,
                    elder,
                    contrast,
                };
                assert_eq!(Prefs::from_cookie(&prefs.to_cookie()), Some(prefs));
            }
        }
        assert_eq!(Prefs::from_cookie("xx"), None);
        assert_eq!(
            Prefs::from_cookie("en.zzz.e"),
            Some(Prefs {
                lang: Lang::En,
                elder: true,
                contrast: false
            })
        );
    }
}
