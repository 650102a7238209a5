use std::io::Read as _;

use axum::body::Body;

use crate::house::{House, request};

const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml");
const JSON: (&str, &str) = ("accept", "application/json");

#[tokio::test]
async fn every_answer_carries_the_protecting_headers_and_its_request() {
    let house = House::with(true).await;
    for path in [
        "/dev/gallery/home",
        "/nothing",
        "/healthz",
        "/prefs",
        "/assets/none.css",
        "/dev/gallery/panic",
        "/favicon.ico",
    ] {
        let answer = house.get(path, &[]).await;
        let csp = answer.header("content-security-policy");
        assert!(
            csp.contains("default-src 'none'; script-src 'self'; style-src 'self'")
                && csp.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!csp.contains("unsafe"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert!(
            answer
                .header("strict-transport-security")
                .starts_with("max-age=")
        );
        assert!(answer.header("x-request-id").starts_with("req_"));
        assert_ne!(answer.header("cache-control"), "");
    }
    let page = house.get("/dev/gallery/home", &[]).await;
    assert!(page.cookies().starts_with("__Host-zw-visitor="));
    assert!(
        page.header("set-cookie").contains("Secure")
            && page.header("set-cookie").contains("HttpOnly")
    );
    assert_eq!(
        House::new()
            .await
            .get("/healthz", &[])
            .await
            .header("strict-transport-security"),
        ""
    );
}

#[tokio::test]
async fn what_a_person_sees_after_log_in_is_not_stored() {
    let house = House::new().await;
    assert_eq!(
        house
            .get("/dev/gallery/home", &[("cookie", "zw=alice")])
            .await
            .header("cache-control"),
        "no-store"
    );
    assert_eq!(
        house
            .get("/dev/gallery/home", &[])
            .await
            .header("cache-control"),
        "private, no-cache"
    );
}

#[tokio::test]
async fn every_kind_of_error_is_a_page_for_people_and_a_problem_for_programs() {
    let house = House::new().await;
    for (kind, status) in [
        ("invalid", 422),
        ("not-allowed", 403),
        ("not-found", 404),
        ("conflict", 409),
        ("too-large", 413),
        ("limited", 429),
        ("unavailable", 503),
        ("storage-full", 507),
        ("internal", 500),
    ] {
        let path = format!("/dev/gallery/error/{kind}");
        let page = house.get(&path, &[HTML]).await;
        assert_eq!(page.status.as_u16(), status, "{kind}");
        let text = page.text();
        for heading in [
            "发生了什么",
            "您可以怎么办",
            "保存情况",
            page.header("x-request-id"),
            "12345",
        ] {
            assert!(text.contains(heading), "{kind}: {heading}");
        }
        let problem = house.get(&path, &[JSON]).await;
        assert_eq!(problem.status.as_u16(), status);
        assert_eq!(problem.header("content-type"), "application/problem+json");
        let body: serde_json::Value = serde_json::from_slice(&problem.bytes).expect("JSON");
        assert_eq!(body["status"], status);
        assert_eq!(
            body["instance"],
            format!("urn:tongban:request:{}", problem.header("x-request-id"))
        );
        assert!(
            body["type"]
                .as_str()
                .is_some_and(|kind| kind.starts_with("/problems/"))
        );
    }
    let invalid = house.get("/dev/gallery/error/invalid", &[JSON]).await;
    assert!(invalid.text().contains("\"field\":\"area\""));
    assert_eq!(
        house
            .get("/dev/gallery/error/limited", &[HTML])
            .await
            .header("retry-after"),
        "60"
    );
    let conflict = house
        .get("/dev/gallery/error/conflict", &[HTML])
        .await
        .text();
    assert!(conflict.contains("本件已由他人办结") && conflict.contains("已存为草稿"));
}

#[tokio::test]
async fn who_is_not_logged_in_is_taken_to_the_log_in_and_back() {
    let house = House::new().await;
    let page = house
        .get("/dev/gallery/error/unauthenticated?x=1", &[HTML])
        .await;
    assert_eq!(page.status, 303);
    assert_eq!(
        page.header("location"),
        "/login?return=%2Fdev%2Fgallery%2Ferror%2Funauthenticated%3Fx%3D1"
    );
    let program = house
        .get("/dev/gallery/error/unauthenticated", &[JSON])
        .await;
    assert_eq!(
        (program.status.as_u16(), program.header("www-authenticate")),
        (401, "Bearer")
    );
}

#[tokio::test]
async fn not_yours_answers_like_does_not_exist() {
    let house = House::new().await;
    let strip = |answer: &crate::house::Answer| {
        let id = answer.header("x-request-id").to_owned();
        let text = answer.text().replace(&id, "").replace(&answer.token(), "");
        text.replace("/hidden/1", "")
            .replace("/nothing", "")
            .replace("%2Fhidden%2F1", "")
            .replace("%2Fnothing", "")
    };
    let (hidden, absent) = (
        house.get("/hidden/1", &[HTML]).await,
        house.get("/nothing", &[HTML]).await,
    );
    assert_eq!((hidden.status.as_u16(), absent.status.as_u16()), (404, 404));
    assert_eq!(strip(&hidden), strip(&absent));
}

#[tokio::test]
async fn a_panic_is_a_page_that_tells_nothing_of_it() {
    let answer = House::new().await.get("/dev/gallery/panic", &[HTML]).await;
    assert_eq!(answer.status, 500);
    assert!(answer.text().contains("系统出了问题") && !answer.text().contains("on purpose"));
}

#[tokio::test]
async fn a_store_that_cannot_say_who_this_is_gives_503_not_a_stranger() {
    let answer = House::new()
        .await
        .get("/dev/gallery/home", &[HTML, ("cookie", "zw=broken")])
        .await;
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("系统暂时繁忙"));
}

#[tokio::test]
async fn bounds_hold() {
    let house = House::new().await;
    let page = house.get("/dev/gallery/home", &[]).await;
    let (cookie, token) = (page.cookies(), page.token());
    let form = |rest: &str| format!("csrf={token}&{rest}");
    let headers = [("cookie", cookie.as_str()), HTML];
    assert_eq!(
        house
            .post(
                "/form",
                &headers,
                &form(&format!("name={}", "x".repeat(3_000)))
            )
            .await
            .status,
        413
    );
    assert_eq!(
        house
            .post("/pairs", &headers, &form(&"a=1&".repeat(19)))
            .await
            .text(),
        "19"
    );
    assert_eq!(
        house
            .post("/pairs", &headers, &form(&"a=1&".repeat(20)))
            .await
            .status,
        413
    );
    assert_eq!(
        house
            .post("/form", &headers, &form("name=%ff"))
            .await
            .status,
        400
    );
    assert_eq!(
        house.post("/form", &headers, &form("other=1")).await.status,
        422
    );
    let wrong = house
        .send(request(
            "POST",
            "/form",
            &[("content-type", "text/plain"), HTML],
            Body::empty(),
        ))
        .await;
    assert_eq!(wrong.status, 415);
    assert_eq!(house.get("/slow", &[HTML]).await.status, 503);
    let method = house
        .send(request("DELETE", "/healthz", &[HTML], Body::empty()))
        .await;
    assert_eq!(method.status, 405);
    assert!(
        method.header("allow").contains("GET") && method.text().contains("不能这样打开这个地址")
    );
}

#[tokio::test]
async fn preferences_are_kept_and_return_to_this_site_only() {
    let house = House::new().await;
    let saved = house
        .post(
            "/prefs",
            &[],
            "elder=1&contrast=1&return=%2Fdev%2Fgallery%2Fhome%3Flang%3Den%26q%3D1",
        )
        .await;
    assert_eq!(
        (saved.status.as_u16(), saved.header("location")),
        (303, "/dev/gallery/home?q=1")
    );
    let cookie = saved.cookies();
    let page = house
        .get("/dev/gallery/home", &[("cookie", &cookie)])
        .await
        .text();
    assert!(page.contains("<html lang=\"zh-CN\" class=\"elder contrast\">"));
    for evil in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ] {
        let form = tongban_webkit::http::encode([("elder", "1"), ("return", evil)]);
        assert_eq!(
            house.post("/prefs", &[], &form).await.header("location"),
            "/",
            "{evil}"
        );
    }
    let english = house.get("/dev/gallery/home?lang=en", &[]).await;
    assert!(
        english.text().contains("<html lang=\"en\"") && english.cookies().contains("zw-prefs=en")
    );
    let accepted = house
        .get(
            "/dev/gallery/home",
            &[("accept-language", "zh-TW,zh;q=0.9")],
        )
        .await;
    assert!(
        accepted.text().contains("<html lang=\"zh-Hant\"") && accepted.text().contains("辦件查詢")
    );
}

#[tokio::test]
async fn pages_are_compressed_for_those_who_can_read_it() {
    let house = House::new().await;
    let packed = house
        .get("/dev/gallery/home", &[("accept-encoding", "gzip, br")])
        .await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.bytes.as_slice())
        .read_to_string(&mut text)
        .expect("gzip");
    assert!(text.contains("</html>") && packed.bytes.len() < text.len() / 2);
    assert_eq!(
        house
            .get("/dev/gallery/home", &[("accept-encoding", "gzip;q=0")])
            .await
            .header("content-encoding"),
        ""
    );
    assert_eq!(
        house
            .get("/dev/gallery/home", &[])
            .await
            .header("content-encoding"),
        ""
    );
    assert_eq!(
        house
            .get("/healthz", &[("accept-encoding", "gzip")])
            .await
            .text(),
        "ok\n"
    );
    let css = house
        .get(
            tongban_webkit::assets::path("zw.css"),
            &[("accept-encoding", "br")],
        )
        .await;
    assert_eq!(
        (css.header("content-encoding"), css.header("cache-control")),
        ("br", "public, max-age=31536000, immutable")
    );
}

#[tokio::test]
async fn interfaces_ask_for_idempotency_and_answer_with_problems() {
    let house = House::new().await;
    let send = async |headers: &[(&str, &str)], body: &str| {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        house
            .send(request(
                "POST",
                "/api/v1/sums",
                &all,
                Body::from(body.to_owned()),
            ))
            .await
    };
    let key = ("idempotency-key", "\"8e03978e-40d5-43e8\"");
    let good = send(&[key], "[1,2]").await;
    assert_eq!(
        (good.status.as_u16(), good.text().as_str()),
        (200, "[\"8e03978e-40d5-43e8\",3]")
    );
    let missing = send(&[], "[1,2]").await;
    assert_eq!(missing.status, 400);
    assert!(missing.text().contains("idempotency-key.missing"));
    assert_eq!(
        send(&[("idempotency-key", "short")], "[1]").await.status,
        400
    );
    let bent = send(&[key], "{").await;
    assert_eq!(
        (bent.status.as_u16(), bent.header("content-type")),
        (400, "application/problem+json")
    );
    assert_eq!(send(&[key], "[\"x\"]").await.status, 400);
    assert_eq!(send(&[key], "[]").await.status, 422);
    let plain = house
        .send(request("POST", "/api/v1/sums", &[key], Body::from("[1]")))
        .await;
    assert_eq!(plain.status, 415);
    assert_eq!(
        send(&[key], &format!("[{}1]", "1,".repeat(3_000)))
            .await
            .status,
        413
    );
    let put = async |headers: &[(&str, &str)]| {
        house
            .send(request("PUT", "/api/v1/things", headers, Body::empty()))
            .await
    };
    assert_eq!(put(&[]).await.status, 428);
    assert_eq!(put(&[("if-match", "\"r7\"")]).await.text(), "7");
    assert_eq!(
        house.get("/api/v1/none", &[]).await.header("content-type"),
        "application/problem+json"
    );
}

#[tokio::test]
async fn health_and_counters_are_plain() {
    let house = House::new().await;
    assert_eq!(house.get("/readyz", &[]).await.text(), "store ok\n");
    house.get("/hidden/4711?secret=1", &[]).await;
    assert_eq!(house.get("/metrics", &[]).await.status, 404);
    assert_eq!(
        house
            .get("/metrics", &[("authorization", "Bearer let me sea")])
            .await
            .status,
        404
    );
    let text = house
        .get("/metrics", &[("authorization", "Bearer let me see")])
        .await
        .text();
    assert!(
        text.contains(
            "http_requests_total{method=\"GET\",route=\"/hidden/{id}\",status=\"404\"} 1"
        ),
        "{text}"
    );
    assert!(!text.contains("4711") && !text.contains("secret"));
}
