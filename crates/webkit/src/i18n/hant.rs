//! Simplified → traditional, with the phrase tables of OpenCC (发 is 發 or 髮, 里 is 里 or 裏).

use std::borrow::Cow;
use std::sync::OnceLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;

/// `text` in traditional characters as used in Hong Kong. Text without Chinese characters comes back as it is.
/// The tables are unpacked at the first call (some tens of milliseconds).
pub fn to_traditional(text: &str) -> Cow<'_, str> {
    static TABLES: OnceLock<Option<OpenCC>> = OnceLock::new();
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    match TABLES.get_or_init(|| OpenCC::from_config(BuiltinConfig::S2hk).ok()) {
        Some(tables) => Cow::Owned(tables.convert(text)),
        None => Cow::Borrowed(text),
    }
}
