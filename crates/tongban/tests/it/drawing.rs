//! The editor of processes, the figures on the picture of a version, and the flow of a case, through the pages, on both engines.

use axum::body::Body;
use axum::http::Request;
use tongban_cases::{Accept, Pass};
use tongban_process::Definition;

use crate::admin_processes::{FILE, hash_of};
use crate::browser::{Browser, Seen};
use crate::city::{City, in_the_city, on};

in_the_city!(a_drawing_is_handed_in);
in_the_city!(the_flow_of_a_case_and_its_version);

const SEND: &str = "/admin/processes/drawings";

/// Hands a drawing in as the script of the page does.
async fn handed_in(who: &Browser, page: &Seen, xml: &str) -> Seen {
    let token = page.text.split("data-csrf=\"").nth(1).expect("a token");
    let token = token.split('"').next().unwrap_or_default();
    let body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"d.bpmn\"\r\ncontent-type: application/xml\r\n\r\n{xml}\r\n--b--\r\n"
    );
    let request = Request::post(SEND)
        .header("content-type", "multipart/form-data; boundary=b")
        .header("accept", "application/json");
    who.send(request, Body::from(body)).await
}

async fn a_drawing_is_handed_in(city: City) {
    let known = hash_of(FILE);
    let drawing = format!("/admin/processes/{known}/drawing");
    for login in ["zhouchuang", "chenxiaoyun"] {
        let who = Browser::of(&city, login).await;
        for path in [
            "/admin/processes/drawing",
            &drawing,
            &format!("{drawing}.bpmn"),
        ] {
            who.get(path).await.is(403);
        }
        let page = who.get("/").await.is(200);
        who.upload(&page, SEND, "file", FILE.as_bytes())
            .await
            .is(403);
    }
    let admin = Browser::of(&city, "xitong").await;
    let missing = format!("/admin/processes/{}/drawing", "0".repeat(64));
    admin.get(&missing).await.is(404);
    let page = admin.get(&drawing).await.is(200);
    let page = page
        .has("bpmn-modeler.")
        .has(&format!("data-xml=\"{drawing}.bpmn\""))
        .has("action=\"/admin/processes/outlines\"");
    // The canvas and its script are loaded here and nowhere else.
    admin
        .get("/admin/processes")
        .await
        .is(200)
        .lacks("bpmn-modeler.");
    assert_eq!(
        admin.get(&format!("{drawing}.bpmn")).await.is(200).text,
        FILE
    );

    let broken = FILE.replace(
        "tb:post=\"counter\" tb:act=\"pre-review\"",
        "tb:post=\"=1 +\"",
    );
    let told = handed_in(&admin, &page, &broken).await.is(422);
    told.has("\"hash\":null")
        .has("\"severity\":\"refused\"")
        .has("\"element\":\"pre_review\"");
    let nobody = FILE.replace("tb:post=\"decider\"", "tb:post=\"mayor\"");
    let told = handed_in(&admin, &page, &nobody).await.is(200);
    told.has(&format!("\"hash\":\"{}\"", hash_of(&nobody)))
        .has("\"severity\":\"fault\",\"element\":\"decide\"");
    // Without the token nothing is taken.
    let request = Request::post(SEND).header("content-type", "multipart/form-data; boundary=b");
    let bare = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"d.bpmn\"\r\n\r\n<x/>\r\n--b--\r\n";
    admin.send(request, Body::from(bare)).await.is(403);

    // A file without diagram can be opened all the same.
    let cut = |text: &str, from: &str, to: &str| {
        let (a, b) = (
            text.find(from).expect("there"),
            text.rfind(to).expect("there"),
        );
        format!("{}{}", &text[..a], &text[b + to.len()..])
    };
    let bare = cut(FILE, "<bpmndi:BPMNDiagram", "</bpmndi:BPMNDiagram>");
    handed_in(&admin, &page, &bare).await.is(200);
    let opened = admin
        .get(&format!("/admin/processes/{}/drawing.bpmn", hash_of(&bare)))
        .await;
    let opened = opened.is(200);
    let (read, _) = Definition::parse(opened.text.as_bytes()).expect("sound");
    assert!(read.has_diagram());
    let fresh = admin.get("/admin/processes/drawing").await.is(200);
    fresh.has("data-xml=\"\"").has("data-key=\"new\"");
}

async fn the_flow_of_a_case_and_its_version(city: City) {
    let (_, receipt) = city.submitted().await;
    let number = &receipt.project_no;
    let clerk = city.person("zhouchuang").await;
    let task = city.task(&clerk, number, "pre-review").await;
    let pass = Pass {
        opinion: "齐全".to_owned(),
    };
    tongban_cases::pass_pre_review(&clerk, on(task, pass))
        .await
        .expect("passed");
    let page = Browser::of(&city, "chenxiaoyun").await;
    let path = format!("/cases/{number}");
    let seen = page.get(&path).await.is(200);
    let seen = seen
        .has(r#"<g class="node task user is-done" data-id="pre_review">"#)
        .has(r#"<g class="node task user is-current" data-id="accept">"#)
        .has(r#"<g class="flow is-done" data-id="f_passed">"#)
        .has(r#"<g class="flow" data-id="f_supplement">"#)
        .has("办完：");
    assert!(!seen.text.contains("style=\""), "no inline style");
    let alone = page.get(&format!("{path}/flow.svg")).await.is(200);
    alone
        .has(r#"data-id="f_passed""#)
        .has("prefers-color-scheme:dark");

    let admin = Browser::of(&city, "xitong").await;
    let sheet = format!("/admin/processes/{}", hash_of(FILE));
    let figures = admin.get(&sheet).await.is(200);
    figures
        .has(r#"<g class="node task user heat-4" data-id="accept">"#)
        .has("在办 1 件")
        .lacks("其中超期");
    let acceptor = city.person("dhscjg-acceptor").await;
    let task = city.task(&acceptor, number, "accept").await;
    tongban_cases::accept(&acceptor, on(task, Accept::default()))
        .await
        .expect("accepted");
    // Two of three organs stand at their reviews far beyond the day.
    city.clock
        .advance(jiff::SignedDuration::from_hours(24 * 30));
    let admin = Browser::of(&city, "xitong").await;
    let late = admin.get(&sheet).await.is(200);
    late.has(r#"heat-4" data-id="review_1""#)
        .has("其中超期 1 件")
        .has("迟 1");
}
