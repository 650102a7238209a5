//! Redirects go to this site only.

/// `target` if it is a path of this site, else `/`. Refuses other origins in every spelling that browsers accept:
/// `//host`, `/\host`, schemes, control characters, and percent-encoded slashes at the start.
pub fn local_path(target: &str) -> &str {
    let bad_start = |rest: &str| {
        let rest = rest.to_ascii_lowercase();
        rest.starts_with(['/', '\\']) || rest.starts_with("%2f") || rest.starts_with("%5c")
    };
    let plain = target.len() <= 2048
        && !target
            .chars()
            .any(|c| c.is_control() || c == '\\' || c.is_whitespace());
    match target.strip_prefix('/') {
        Some(rest) if plain && !bad_start(rest) => target,
        _ => "/",
    }
}
