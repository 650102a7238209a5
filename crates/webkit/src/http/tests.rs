use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::*;

#[test]
fn redirects_stay_on_this_site() {
    for good in ["/", "/my/cases?x=1#y", "/prefs", "/a//b", "/%E4%BA%8B"] {
        assert_eq!(local_path(good), good);
    }
    for bad in [
        "",
        "my",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "https://evil.example/",
        "javascript:alert(1)",
        "/%2f%2fevil.example",
        "/%5cevil",
        "/\tevil",
        "/ok\r\nSet-Cookie: a=b",
        " /x",
        "/a b",
        "/\u{2028}",
    ] {
        assert_eq!(local_path(bad), "/", "{bad:?}");
    }
}

#[test]
fn a_cookie_sent_twice_with_two_values_is_not_trusted() {
    let mut headers = HeaderMap::new();
    headers.append("cookie", HeaderValue::from_static("a=1; b=2; a=1"));
    assert_eq!(cookie(&headers, "a").as_deref(), Some("1"));
    headers.append("cookie", HeaderValue::from_static("a=3"));
    assert_eq!(cookie(&headers, "a"), None);
    assert_eq!(cookie(&headers, "b").as_deref(), Some("2"));
}

#[test]
fn cookie_values_cannot_break_out() {
    let line = set_cookie(
        "p",
        "x; Domain=evil\r\nX: y",
        CookieOptions {
            secure: true,
            max_age: Some(60),
        },
    );
    assert_eq!(
        line,
        "p=xDomain=evilX:y; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60"
    );
}

#[test]
fn fields_are_bounded_and_decoded() {
    assert_eq!(
        pairs(b"a=1&b=%E5%90%8D+x&c", 9),
        Ok(vec![
            ("a".into(), "1".into()),
            ("b".into(), "名 x".into()),
            ("c".into(), String::new())
        ])
    );
    assert_eq!(pairs(b"a&b&c", 2), Err(PairsError::TooMany(2)));
    assert_eq!(pairs(b"a=%ff", 2), Err(PairsError::NotUtf8));
    assert_eq!(pairs(b"a=%zz%2", 2), Ok(vec![("a".into(), "%zz%2".into())]));
    assert_eq!(strip_param("lang=en&q=1&lang=zh", "lang"), "q=1");
}

proptest! {
    #[test]
    fn encoding_round_trips(fields in proptest::collection::vec(("[^\\x00]{0,8}", "[^\\x00]{0,12}"), 0..6)) {
        let fields: Vec<(String, String)> = fields.into_iter().filter(|(key, value)| !key.is_empty() || !value.is_empty()).collect();
        let text = encode(fields.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        prop_assert_eq!(pairs(text.as_bytes(), 100), Ok(fields));
        let with_nul = format!("{text}&a=b%00c");
        prop_assert_eq!(pairs(with_nul.as_bytes(), 100), Err(PairsError::NotUtf8));
    }

    #[test]
    fn no_input_becomes_a_foreign_redirect(target in ".{0,40}") {
        let path = local_path(&target);
        prop_assert!(path.starts_with('/') && !path.starts_with("//") && !path.contains('\\'));
    }
}
