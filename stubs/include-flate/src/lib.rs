//! Embeds a text as it is. The real crate packs it with zstd: two C builds and a proc-macro to save two megabytes of the program,
//! and a second copy in memory once it is unpacked.

/// `flate!(static NAME: str from "path" with zstd)`, as jieba-rs writes it.
#[macro_export]
macro_rules! flate {
    ($(#[$meta:meta])* $vis:vis static $name:ident: str from $path:literal $(with $algo:ident)?) => {
        $(#[$meta])*
        $vis static $name: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path));
    };
}
