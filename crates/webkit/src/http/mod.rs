//! Small pieces of HTTP that need no framework: weights, cookies, query strings, safe redirects.

mod cookies;
mod query;
mod redirect;

pub use cookies::{CookieOptions, cookie, set_cookie};
pub(crate) use query::strip_param;
pub use query::{PairsError, encode, pairs, storable};
pub use redirect::local_path;

/// An item of an `Accept…` list and its weight in thousandths; an unreadable weight is 0.
pub(crate) fn weighted(item: &str) -> (&str, u16) {
    let (value, params) = item
        .split_once(';')
        .map_or((item, ""), |(value, params)| (value, params));
    let weight = params.split(';').find_map(|param| {
        param
            .trim()
            .strip_prefix("q=")
            .or_else(|| param.trim().strip_prefix("Q="))
    });
    let weight = match weight {
        None => 1000,
        Some(text) => text
            .trim()
            .parse::<f32>()
            .ok()
            .filter(|q| (0.0..=1.0).contains(q))
            .map_or(0, thousandths),
    };
    (value.trim(), weight)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the caller checked 0..=1"
)]
fn thousandths(q: f32) -> u16 {
    (q * 1000.0).round() as u16
}

#[cfg(test)]
mod tests;
