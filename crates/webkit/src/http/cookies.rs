//! Cookies: reading one by name, writing one with the attributes this platform allows.

use http::HeaderMap;
use http::header::COOKIE;

/// How a cookie is set. `HttpOnly`, `Path=/` and `SameSite=Lax` always hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct CookieOptions {
    /// `Secure`; must be on wherever TLS is.
    pub secure: bool,
    /// Lifetime in seconds; `None` ends with the browser, 0 removes.
    pub max_age: Option<u32>,
}

/// The value of the cookie `name`, if it was sent once; a name sent twice with different values is not trusted.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut found: Option<&str> = None;
    let lines = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    for part in lines.flat_map(|line| line.split(';')).take(64) {
        let Some((key, value)) = part.trim().split_once('=') else {
            continue;
        };
        if key == name {
            match found {
                Some(other) if other != value => return None,
                _ => found = Some(value),
            }
        }
    }
    found
        .filter(|value| !value.is_empty() && value.len() <= 4096)
        .map(str::to_owned)
}

/// A `Set-Cookie` value. Characters outside the token set of names and values are dropped.
pub fn set_cookie(name: &str, value: &str, options: CookieOptions) -> String {
    let safe = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_ascii_alphanumeric() || "-_.~:/+=%".contains(*c))
            .collect()
    };
    let mut line = format!(
        "{}={}; Path=/; HttpOnly; SameSite=Lax",
        safe(name),
        safe(value)
    );
    if options.secure {
        line.push_str("; Secure");
    }
    if let Some(age) = options.max_age {
        line.push_str("; Max-Age=");
        line.push_str(&age.to_string());
    }
    line
}
