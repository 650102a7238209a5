//! Three languages: zh-CN is the source, zh-Hant is converted from it when first asked for (OpenCC, Hong Kong usage) with
//! reviewed overrides, English is written by hand. Fluent syntax; ids are `kebab-case`.
//!
//! A context registers its own files with [`Catalog::new`]; a key that is missing falls back to zh-CN and then to itself.

mod args;
mod hant;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

pub use args::Arg;
pub use hant::to_traditional;

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// 简体中文, the language of the law and of the sources.
    #[default]
    ZhCn,
    /// 繁體中文.
    ZhHant,
    /// English.
    En,
}

impl Lang {
    /// All languages, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::ZhCn, Self::ZhHant, Self::En];

    /// The BCP 47 tag for `lang`, `hreflang` and cookies.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::ZhHant => "zh-Hant",
            Self::En => "en",
        }
    }

    /// Its own name, for the language switch.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::ZhCn => "简体",
            Self::ZhHant => "繁體",
            Self::En => "English",
        }
    }

    /// Reads a tag as people and browsers write it: `zh`, `zh-CN`, `zh-TW`, `zh-Hant-HK`, `en-GB`.
    pub fn parse(tag: &str) -> Option<Self> {
        let tag = tag.trim().to_ascii_lowercase();
        let mut parts = tag.split(['-', '_']);
        match parts.next()? {
            "zh" => Some(
                if parts.any(|part| matches!(part, "hant" | "tw" | "hk" | "mo")) {
                    Self::ZhHant
                } else {
                    Self::ZhCn
                },
            ),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The best language for an `Accept-Language` value (RFC 9110, 12.5.4); zh-CN if nothing fits.
    pub fn negotiate(accept: &str) -> Self {
        let mut best = (0_u16, Self::ZhCn);
        for item in accept.split(',').take(16) {
            let (tag, weight) = crate::http::weighted(item);
            if let Some(lang) = Self::parse(tag)
                && weight > best.0
            {
                best = (weight, lang);
            }
        }
        best.1
    }
}

/// The texts of one crate, embedded with `include_str!`.
#[derive(Debug, Clone, Copy)]
pub struct Locale {
    /// Which crate, for messages about faults.
    pub name: &'static str,
    /// `locales/zh-CN/*.ftl`.
    pub zh_cn: &'static str,
    /// `locales/en/*.ftl`.
    pub en: &'static str,
    /// `locales/zh-Hant/*.ftl`: only what the conversion gets wrong; may be empty.
    pub zh_hant_overrides: &'static str,
}

/// The texts of the web floor itself.
pub const WEBKIT: Locale = Locale {
    name: "webkit",
    zh_cn: include_str!("../../locales/zh-CN/webkit.ftl"),
    en: include_str!("../../locales/en/webkit.ftl"),
    zh_hant_overrides: include_str!("../../locales/zh-Hant/webkit.ftl"),
};

type Bundle = FluentBundle<FluentResource>;

/// All texts in all languages.
pub struct Catalog {
    locales: Vec<Locale>,
    zh_cn: Bundle,
    en: Bundle,
    zh_hant: OnceLock<Bundle>,
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalog")
            .field("locales", &self.locales.len())
            .finish_non_exhaustive()
    }
}

/// What is wrong with the texts of a crate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocaleError {
    /// The file is not Fluent.
    #[error("{name} ({lang}): {detail}")]
    Syntax {
        name: &'static str,
        lang: &'static str,
        detail: String,
    },
    /// Two crates define the same id.
    #[error("{name} ({lang}): {detail}")]
    Twice {
        name: &'static str,
        lang: &'static str,
        detail: String,
    },
}

impl Catalog {
    /// The web floor's texts and those of the contexts.
    pub fn new(contexts: &[Locale]) -> Result<Self, LocaleError> {
        let mut locales = vec![WEBKIT];
        locales.extend_from_slice(contexts);
        let zh_cn = bundle(
            Lang::ZhCn,
            locales
                .iter()
                .map(|one| (one.name, Cow::Borrowed(one.zh_cn))),
        )?;
        let en = bundle(
            Lang::En,
            locales.iter().map(|one| (one.name, Cow::Borrowed(one.en))),
        )?;
        // Broken overrides must fail at start, not at the first reader of traditional characters.
        bundle(
            Lang::ZhHant,
            locales
                .iter()
                .map(|one| (one.name, Cow::Borrowed(one.zh_hant_overrides))),
        )?;
        Ok(Self {
            locales,
            zh_cn,
            en,
            zh_hant: OnceLock::new(),
        })
    }

    fn bundle(&self, lang: Lang) -> &Bundle {
        match lang {
            Lang::ZhCn => &self.zh_cn,
            Lang::En => &self.en,
            Lang::ZhHant => self.zh_hant.get_or_init(|| {
                let converted = self
                    .locales
                    .iter()
                    .map(|one| (one.name, to_traditional(one.zh_cn)));
                let mut bundle =
                    bundle(Lang::ZhHant, converted).unwrap_or_else(|_| empty(Lang::ZhHant));
                for one in &self.locales {
                    let overrides = FluentResource::try_new(one.zh_hant_overrides.to_owned());
                    bundle
                        .add_resource_overriding(overrides.unwrap_or_else(|(partial, _)| partial));
                }
                bundle
            }),
        }
    }

    /// The text for `key`, or `None` if no language has it.
    pub fn find(&self, lang: Lang, key: &str, args: &[(&str, &dyn Arg)]) -> Option<String> {
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            values.set((*name).to_owned(), value.to_fluent());
        }
        let mut tried = [lang, Lang::ZhCn].into_iter();
        tried.find_map(|lang| {
            let bundle = self.bundle(lang);
            let pattern = bundle.get_message(key)?.value()?;
            let mut errors = Vec::new();
            Some(
                bundle
                    .format_pattern(pattern, Some(&values), &mut errors)
                    .into_owned(),
            )
        })
    }

    /// The text for `key`; the key itself if there is none (found by the test of rendered pages).
    pub fn text(&self, lang: Lang, key: &str, args: &[(&str, &dyn Arg)]) -> String {
        self.find(lang, key, args).unwrap_or_else(|| key.to_owned())
    }

    /// Keys that only one of the two hand-written languages has: must be empty.
    pub fn disparity(locale: &Locale) -> BTreeSet<String> {
        keys(locale.zh_cn)
            .symmetric_difference(&keys(locale.en))
            .cloned()
            .collect()
    }
}

/// `id` and `id.attribute` with the variables they use, of a Fluent text.
fn keys(ftl: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut current = String::new();
    for line in ftl.lines() {
        if let Some((id, _)) = line.split_once('=')
            && !line.starts_with([' ', '#', '-', '}', '['])
        {
            current = id.trim().to_owned();
            keys.insert(current.clone());
        }
        for piece in line.split('$').skip(1) {
            let name: String = piece
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
                .collect();
            keys.insert(format!("{current} ${name}"));
        }
    }
    keys
}

fn empty(lang: Lang) -> Bundle {
    let tag: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Isolation marks would show as boxes in old browsers and in print.
    bundle.set_use_isolating(false);
    bundle
}

fn bundle<'a>(
    lang: Lang,
    texts: impl Iterator<Item = (&'static str, Cow<'a, str>)>,
) -> Result<Bundle, LocaleError> {
    let mut bundle = empty(lang);
    for (name, text) in texts {
        let resource = FluentResource::try_new(text.into_owned()).map_err(|(_, errors)| {
            let detail = errors.first().map_or_else(String::new, ToString::to_string);
            LocaleError::Syntax {
                name,
                lang: lang.tag(),
                detail,
            }
        })?;
        bundle.add_resource(resource).map_err(|errors| {
            let detail = errors.first().map_or_else(String::new, ToString::to_string);
            LocaleError::Twice {
                name,
                lang: lang.tag(),
                detail,
            }
        })?;
    }
    Ok(bundle)
}

#[cfg(test)]
mod tests;
