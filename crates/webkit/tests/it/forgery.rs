use axum::body::Body;

use crate::house::{House, request};

#[tokio::test]
async fn a_form_needs_the_token_of_its_visitor() {
    let house = House::new().await;
    let page = house.get("/dev/gallery/home", &[]).await;
    let (cookie, form) = (
        page.cookies(),
        format!("csrf={}&name=%E5%BC%A0", page.token()),
    );
    let good = house.post("/form", &[("cookie", &cookie)], &form).await;
    assert_eq!((good.status.as_u16(), good.text().as_str()), (200, "张"));
    assert_eq!(
        house
            .post("/form", &[("cookie", &cookie)], "name=x")
            .await
            .status,
        403
    );
    assert_eq!(house.post("/form", &[], &form).await.status, 403);
    let other = house.get("/dev/gallery/home", &[]).await.cookies();
    assert_ne!(other, cookie);
    assert_eq!(
        house
            .post("/form", &[("cookie", &other)], &form)
            .await
            .status,
        403
    );
    let by_header = house
        .post(
            "/form",
            &[("cookie", &cookie), ("x-csrf-token", &page.token())],
            "name=x",
        )
        .await;
    assert_eq!(by_header.status, 200);
}

#[tokio::test]
async fn a_token_outlives_the_session_but_not_the_account() {
    let house = House::new().await;
    let page = house
        .get("/dev/gallery/home", &[("cookie", "zw=alice.1")])
        .await;
    let form = format!("csrf={}&name=x", page.token());
    assert_eq!(
        house
            .post("/form", &[("cookie", "zw=alice.2")], &form)
            .await
            .status,
        200
    );
    assert_eq!(
        house
            .post("/form", &[("cookie", "zw=bob.1")], &form)
            .await
            .status,
        403
    );
    assert_eq!(house.post("/form", &[], &form).await.status, 403);
}

#[tokio::test]
async fn another_origin_is_refused_whatever_it_carries() {
    let house = House::new().await;
    let page = house.get("/dev/gallery/home", &[]).await;
    let (cookie, form) = (page.cookies(), format!("csrf={}&name=x", page.token()));
    for foreign in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let answer = house
            .post("/form", &[("cookie", &cookie), foreign], &form)
            .await;
        assert_eq!(answer.status, 403, "{foreign:?}");
        assert!(answer.text().contains("为了您的安全"));
    }
    assert_eq!(
        house
            .post("/prefs", &[("sec-fetch-site", "cross-site")], "elder=1")
            .await
            .status,
        403
    );
    assert_eq!(
        house
            .post(
                "/form",
                &[("cookie", &cookie), ("origin", "https://a.example")],
                &form
            )
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn an_upload_needs_the_token_before_the_first_file() {
    let house = House::new().await;
    let page = house.get("/dev/gallery/home", &[]).await;
    let (cookie, token) = (page.cookies(), page.token());
    let text = |name: &str, value: &str| {
        format!("--B\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = |name: &str, bytes: &str| {
        format!(
            "--B\r\ncontent-disposition: form-data; name=\"f\"; filename=\"{name}\"\r\ncontent-type: image/png\r\n\r\n{bytes}\r\n"
        )
    };
    let send = async |parts: String| {
        let headers = [
            ("cookie", cookie.as_str()),
            ("content-type", "multipart/form-data; boundary=B"),
        ];
        house
            .send(request(
                "POST",
                "/upload",
                &headers,
                Body::from(parts + "--B--\r\n"),
            ))
            .await
    };
    let good =
        send(text("csrf", &token) + &text("note", "甲") + &file("..\\图.png", "12345")).await;
    assert_eq!(
        (good.status.as_u16(), good.text().as_str()),
        (200, "note=甲;图.png:5:5;")
    );
    assert_eq!(
        send(file("a.png", "1") + &text("csrf", &token))
            .await
            .status,
        403
    );
    assert_eq!(
        send(text("csrf", "wrong") + &file("a.png", "1"))
            .await
            .status,
        403
    );
    assert_eq!(send(text("note", "no token at all")).await.status, 403);
    assert_eq!(
        send(text("csrf", &token) + &file("a.png", "more than ten bytes"))
            .await
            .status,
        413
    );
    assert_eq!(
        send(text("csrf", &token) + &text("note", &"x".repeat(65)))
            .await
            .status,
        413
    );
    assert_eq!(
        send(text("csrf", &token) + &text("n", "1").repeat(9))
            .await
            .status,
        413
    );
    assert_eq!(send("nonsense".to_owned()).await.status, 403);
    let cut = format!(
        "{}--B\r\ncontent-disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n12",
        text("csrf", &token)
    );
    let headers = [
        ("cookie", cookie.as_str()),
        ("content-type", "multipart/form-data; boundary=B"),
    ];
    let broken = house
        .send(request("POST", "/upload", &headers, Body::from(cut)))
        .await;
    assert_eq!(broken.status, 400);
    let no_boundary = house
        .send(request(
            "POST",
            "/upload",
            &[("content-type", "multipart/form-data")],
            Body::empty(),
        ))
        .await;
    assert_eq!(no_boundary.status, 400);
}
