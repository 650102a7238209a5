//! Every component in every state on one page, a page like the home page, a form with problems, a workbench and all error
//! pages: the fixture of the browser checks and the place to look at the effect of a change. Not part of an installation.

mod samples;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use tongban_kernel::{Error, ErrorKind, FieldProblem};

use crate::page::Page;
use crate::shell::{Html, PageShell};
use crate::ui::{self, Lamp, Note, Tone};

#[derive(Template)]
#[template(path = "gallery/components.html")]
struct Components<'a> {
    shell: &'a PageShell,
    parts: Vec<(&'static str, Html)>,
    tags: Vec<Html>,
    lamps: Vec<Html>,
    notes: Vec<Html>,
}

#[derive(Template)]
#[template(path = "gallery/home.html")]
struct Home<'a> {
    shell: &'a PageShell,
}

#[derive(Template)]
#[template(path = "gallery/form.html")]
struct Form<'a> {
    shell: &'a PageShell,
    tasks: ui::TaskList,
    form: ui::FormView,
}

#[derive(Template)]
#[template(path = "gallery/case.html")]
struct Case<'a> {
    shell: &'a PageShell,
    ring: ui::Ring,
    steps: ui::Steps,
    timeline: ui::Timeline,
    licence: ui::LicenceCard,
    rating: ui::RatingRow,
}

#[derive(Template)]
#[template(path = "gallery/workbench.html")]
struct Workbench<'a> {
    shell: &'a PageShell,
    tabs: ui::Tabs,
    pager: ui::Pager,
}

/// `/dev/gallery` and below.
pub fn router() -> Router {
    Router::new()
        .route("/dev/gallery", get(components))
        .route("/dev/gallery/home", get(home))
        .route("/dev/gallery/form", get(form))
        .route("/dev/gallery/case", get(case))
        .route("/dev/gallery/workbench", get(workbench))
        .route("/dev/gallery/error/{kind}", get(error))
        .route("/dev/gallery/panic", get(panics))
}

async fn components(page: Page) -> Response {
    let page = page
        .titled("组件一览")
        .crumb("首页", "/")
        .crumb("组件一览", "");
    let shell = page.shell();
    let tags = Tone::ALL
        .into_iter()
        .map(|tone| ui::tag(tone, "标签"))
        .collect();
    let lamps = Lamp::ALL
        .into_iter()
        .map(|lamp| ui::lamp(shell, lamp, ""))
        .collect();
    let text = askama::filters::Safe("说明文字，带<a href=\"#x\">链接</a>。".to_owned());
    let notes = Note::ALL
        .into_iter()
        .map(|kind| ui::note(kind, &text))
        .collect();
    page.html(&Components {
        shell,
        parts: samples::all(shell),
        tags,
        lamps,
        notes,
    })
}

async fn home(page: Page) -> Response {
    let page = page.nav("home");
    page.html(&Home {
        shell: page.shell(),
    })
}

async fn form(page: Page) -> Response {
    let page = page
        .titled("开餐饮店 · 经营信息")
        .nav("bundles")
        .with_htmx();
    page.invalid(&Form {
        shell: page.shell(),
        tasks: samples::tasks(),
        form: samples::form(),
    })
}

async fn case(page: Page) -> Response {
    let page = page
        .titled("办件进度")
        .nav("cases")
        .crumb("首页", "/")
        .crumb("我的办件", "/my/cases")
        .crumb("3301-2026-1119-00871", "");
    page.html(&Case {
        shell: page.shell(),
        ring: samples::ring(5, 2),
        steps: samples::steps(),
        timeline: samples::timeline(),
        licence: samples::licence(ui::LicenceState::Valid),
        rating: samples::rating(),
    })
}

async fn workbench(page: Page) -> Response {
    let mut page = page.titled("待办任务").nav("inbox");
    page.shell_mut().menu = samples::menu();
    page.shell_mut().notices = 5;
    page.staff_html(&Workbench {
        shell: page.shell(),
        tabs: samples::tabs(),
        pager: samples::pager(),
    })
}

async fn error(page: Page, Path(kind): Path<String>) -> Response {
    let problem = FieldProblem::new("area", "number", "经营面积请填写数字，例如 86.5");
    page.error(match kind.as_str() {
        "invalid" => Error::problems("gallery.invalid", vec![problem]),
        "unauthenticated" => Error::unauthenticated(),
        "not-allowed" => Error::not_allowed("gallery.forbidden", "您没有“决定”的权限")
            .advice("请由本单位决定人员办理"),
        "conflict" => Error::conflict("gallery.conflict", "本件已由他人办结")
            .saved("您填写的审查意见已存为草稿"),
        "too-large" => Error::new(
            ErrorKind::TooLarge,
            "upload.too-large",
            "文件超过 20 MB 的上限",
        ),
        "limited" => Error::limited("操作太频繁，请稍后再试"),
        "unavailable" => Error::unavailable("gallery"),
        "storage-full" => Error::new(
            ErrorKind::StorageFull,
            "storage.full",
            "系统存储空间不足，本次操作没有保存",
        ),
        "internal" => Error::internal("gallery"),
        _ => Error::not_found(),
    })
}

/// A handler with a fault: shows that a panic becomes a page.
async fn panics() -> Response {
    panic!("the gallery panics on purpose")
}
