//! Who runs this installation, and how it looks: from the operator's settings, without a rebuild.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::Lang;
use crate::i18n::to_traditional;

/// A text that the operator may give in English too; traditional characters are converted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Worded {
    /// 简体中文.
    pub zh: String,
    /// English; empty: the Chinese text is shown.
    pub en: String,
}

impl Worded {
    /// Both texts.
    pub fn new(zh: &str, en: &str) -> Self {
        Self {
            zh: zh.to_owned(),
            en: en.to_owned(),
        }
    }

    /// The text for `lang`.
    pub fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::En if !self.en.is_empty() => self.en.clone(),
            Lang::ZhHant => to_traditional(&self.zh).into_owned(),
            _ => self.zh.clone(),
        }
    }
}

/// A link with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteLink {
    pub label: Worded,
    pub href: String,
}

/// An entry of the main navigation or of the tab bar of phones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavItem {
    /// Stable key; the page says which one it belongs to.
    pub key: &'static str,
    /// Fluent id of the text.
    pub text: &'static str,
    /// Icon of the sprite (tab bar only).
    pub icon: &'static str,
    pub href: &'static str,
}

const fn nav(
    key: &'static str,
    text: &'static str,
    icon: &'static str,
    href: &'static str,
) -> NavItem {
    NavItem {
        key,
        text,
        icon,
        href,
    }
}

/// The installation: names, organ, hotline, footer, theme.
#[derive(Debug, Clone)]
pub struct Site {
    /// Name of the site, e.g. 云州市政务服务网.
    pub name: Worded,
    /// The line under the name.
    pub tagline: Worded,
    /// Division shown in the header; empty: not shown.
    pub region: Worded,
    /// Where the region can be changed; empty: plain text.
    pub region_href: String,
    /// 主办单位.
    pub host: Worded,
    /// 承办单位.
    pub undertaker: Worded,
    /// Hotline, e.g. 12345.
    pub hotline: String,
    /// When the hotline answers.
    pub hotline_hours: Worded,
    /// Lines about the service hall.
    pub hall: Vec<Worded>,
    /// 网站标识码.
    pub site_code: String,
    /// ICP and public-security record numbers, as they must be shown.
    pub records: Vec<String>,
    /// Links of the utility bar to other sites.
    pub links: Vec<SiteLink>,
    /// The main navigation.
    pub nav: Vec<NavItem>,
    /// The tab bar of phones (at most five).
    pub tabs: Vec<NavItem>,
    /// Where one logs in; empty: no link.
    pub login_href: String,
    /// A demonstration with made-up data: every page says so.
    pub demo: bool,
    /// Operator's colours.
    pub theme: Theme,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            name: Worded::new("政务服务网", "Government Services"),
            tagline: Worded::new("一网通办 · 高效办成一件事", "One site for every service"),
            region: Worded::default(),
            region_href: String::new(),
            host: Worded::default(),
            undertaker: Worded::default(),
            hotline: "12345".to_owned(),
            hotline_hours: Worded::default(),
            hall: Vec::new(),
            site_code: String::new(),
            records: Vec::new(),
            links: Vec::new(),
            nav: vec![
                nav("home", "nav-home", "house", "/"),
                nav("person", "nav-person", "user-round", "/person"),
                nav("enterprise", "nav-enterprise", "building-2", "/enterprise"),
                nav("bundles", "nav-bundles", "layout-grid", "/bundles"),
                nav("organs", "nav-organs", "landmark", "/organs"),
                nav("cases", "nav-cases", "package-search", "/cases"),
                nav("open-data", "nav-open-data", "database", "/open-data"),
                nav("my", "nav-my", "user-round", "/my"),
            ],
            tabs: vec![
                nav("home", "tab-home", "house", "/"),
                nav("person", "tab-services", "layout-grid", "/person"),
                nav("cases", "tab-progress", "package-search", "/cases"),
                nav("licences", "tab-licences", "id-card", "/my/licences"),
                nav("my", "tab-my", "user-round", "/my"),
            ],
            login_href: "/login".to_owned(),
            demo: false,
            theme: Theme::default(),
        }
    }
}

/// Colour tokens that replace those of `zw.css`, as a style sheet of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Theme {
    css: String,
    hash: String,
}

/// A theme that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    #[error("`{0}` is not a colour token (blue-600, red-600, …)")]
    Token(String),
    #[error("`{0}` is not a colour of the form #rrggbb")]
    Colour(String),
}

/// The tokens that an operator may set.
const TOKENS: [&str; 14] = [
    "blue-900", "blue-800", "blue-700", "blue-600", "blue-500", "blue-200", "blue-100", "blue-50",
    "red-700", "red-600", "red-100", "gold-700", "gold-400", "gold-100",
];

impl Theme {
    /// From pairs like `("blue-600", "#0a5c37")`. Contrast is the operator's duty; the gallery shows it.
    pub fn new(colours: &[(String, String)]) -> Result<Self, ThemeError> {
        if colours.is_empty() {
            return Ok(Self::default());
        }
        let mut css = String::from(":root{");
        for (token, colour) in colours {
            if !TOKENS.contains(&token.as_str()) {
                return Err(ThemeError::Token(token.clone()));
            }
            let hex = colour.strip_prefix('#').unwrap_or("");
            if hex.len() != 6 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(ThemeError::Colour(colour.clone()));
            }
            css.push_str("--");
            css.push_str(token);
            css.push(':');
            css.push_str(colour);
            css.push(';');
        }
        css.push('}');
        let mut hash = String::new();
        for byte in Sha256::digest(css.as_bytes()).iter().take(6) {
            // Writing to a string cannot fail.
            let _ = write!(hash, "{byte:02x}");
        }
        Ok(Self { css, hash })
    }

    /// The style sheet; empty if the operator set nothing.
    pub fn css(&self) -> &str {
        &self.css
    }

    /// Its path; empty if the operator set nothing.
    pub fn path(&self) -> String {
        if self.hash.is_empty() {
            String::new()
        } else {
            format!("/assets/theme.{}.css", self.hash)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_is_colours_and_nothing_else() {
        let pair = |token: &str, colour: &str| [(token.to_owned(), colour.to_owned())];
        let green = Theme::new(&pair("blue-600", "#0a5c37")).expect("sound");
        assert_eq!(green.css(), ":root{--blue-600:#0a5c37;}");
        assert!(green.path().starts_with("/assets/theme.") && green.path().ends_with(".css"));
        assert!(matches!(
            Theme::new(&pair("blue-600", "#fff}body{display:none")),
            Err(ThemeError::Colour(_))
        ));
        assert!(matches!(
            Theme::new(&pair("x}", "#ffffff")),
            Err(ThemeError::Token(_))
        ));
        assert_eq!(Theme::new(&[]).expect("empty").path(), "");
    }
}
