//! What is served under `/tlog/`, as C2SP tlog-tiles asks.

use reqwest::StatusCode;
use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE};
use tongban_tlog::{Checkpoint, Note};

use crate::city::{City, in_the_city};

in_the_city!(addresses_types_and_caching_are_those_of_the_specification);

async fn addresses_types_and_caching_are_those_of_the_specification(city: City) {
    city.submitted().await;
    city.sequenced().await;
    let base = city.served().await;
    let get = async |path: &str| {
        let answer = reqwest::get(format!("{base}{path}"))
            .await
            .expect("answered");
        let header = |name| {
            let value = answer.headers().get(name).map(|value| value.to_str());
            value.and_then(Result::ok).unwrap_or_default().to_owned()
        };
        let (kind, cache, status) = (header(CONTENT_TYPE), header(CACHE_CONTROL), answer.status());
        (status, kind, cache, answer.bytes().await.expect("whole"))
    };
    for (tree, origin) in [
        ("", "log.tongban.invalid/2026"),
        ("/sm3", "log.tongban.invalid/2026-sm3"),
    ] {
        let (status, kind, cache, note) = get(&format!("/tlog{tree}/checkpoint")).await;
        assert_eq!(
            (status, kind.as_str(), cache.as_str()),
            (StatusCode::OK, "text/plain; charset=utf-8", "no-cache")
        );
        assert_eq!(note, get(&format!("/tlog/2026{tree}/checkpoint")).await.3);
        let note = Note::parse(std::str::from_utf8(&note).expect("UTF-8")).expect("a note");
        let head = Checkpoint::parse(note.text()).expect("a checkpoint");
        assert_eq!(head.origin, origin);
        assert_eq!(note.text().lines().count(), 3, "no extension lines");
        for tile in [
            format!("tile/0/000.p/{}", head.size),
            format!("tile/entries/000.p/{}", head.size),
            "tile/0/000.p/1".to_owned(),
        ] {
            let (status, kind, cache, bytes) = get(&format!("/tlog/2026{tree}/{tile}")).await;
            assert_eq!(
                (status, kind.as_str(), cache.as_str()),
                (
                    StatusCode::OK,
                    "application/octet-stream",
                    "public, max-age=31536000, immutable"
                ),
                "{tile}"
            );
            // Without the year the address is good until New Year in China: 304 days and 15 hours from the Monday of the tests.
            let (_, _, cache, same) = get(&format!("/tlog{tree}/{tile}")).await;
            assert_eq!(bytes, same);
            let seconds: i64 = cache
                .strip_prefix("public, max-age=")
                .and_then(|seconds| seconds.parse().ok())
                .expect("an age");
            assert!(
                (26_000_000..=304 * 86_400 + 15 * 3_600).contains(&seconds),
                "{cache}"
            );
        }
        for wrong in [
            format!("/tlog/2026{tree}/tile/0/000.p/{}", head.size + 1),
            format!("/tlog/2026{tree}/tile/0/000"),
            format!("/tlog/2026{tree}/tile/0/0.p/1"),
            format!("/tlog/2026{tree}/tile/entries/000.p/0"),
            format!("/tlog/2026{tree}/tile/1/000.p/1"),
            format!("/tlog/2026{tree}/tile/entries/000.p/{}", head.size + 1),
            format!("/tlog/2025{tree}/checkpoint"),
            format!("/tlog/+2026{tree}/checkpoint"),
            format!("/tlog/nothing{tree}/checkpoint"),
            format!("/tlog/2025{tree}/tile/0/000.p/1"),
        ] {
            let (status, _, cache, _) = get(&wrong).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{wrong}");
            assert!(!cache.contains("max-age"), "{wrong}: {cache}");
        }
    }
    let (status, kind, _, policy) = get("/tlog/policy").await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::OK, "text/plain; charset=utf-8")
    );
    let policy = std::str::from_utf8(&policy).expect("UTF-8");
    assert_eq!(
        policy.matches("\nlog ").count(),
        8,
        "two trees, two keys, this year and the next"
    );
    assert!(tongban_tlog::Policy::parse(policy).is_ok());
}
