//! `/admin/outside-systems`: the register of systems, their keys, and the log of deliveries.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use jiff::Timestamp;
use tongban_kernel::{Actor, DeliveryId, Error, ErrorKind, Result, SystemId};
use tongban_webkit::ui::{Choice, Field, FieldKind, FormGroup, FormView};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs};

use crate::model::EVENTS;
use crate::service::{self, Change, Delivery, NewSystem, Shown, System};

/// Lines of the log on one page; the interface pages through all.
const LOG_LINES: i64 = 50;

fn id(text: &str) -> Result<SystemId, Error> {
    text.parse().map_err(|_| Error::not_found())
}

/// `2026-11-19 10:46` in China.
fn moment(at: Timestamp) -> String {
    let local = jiff::tz::TimeZone::fixed(tongban_kernel::SHANGHAI).to_datetime(at);
    local.strftime("%Y-%m-%d %H:%M").to_string()
}

struct Line {
    href: String,
    name: String,
    code: String,
    organ: String,
    url: String,
    state: String,
    trouble: bool,
}

#[derive(Template)]
#[template(path = "outside_systems.html")]
struct ListPage<'a> {
    shell: &'a PageShell,
    lines: Vec<Line>,
    form: FormView,
}

#[derive(Template)]
#[template(path = "outside_keys.html")]
struct KeysPage<'a> {
    shell: &'a PageShell,
    href: String,
    keys: Option<(String, String)>,
}

struct DeliveryLine {
    replay_href: String,
    kind: String,
    subject: String,
    at: String,
    state: String,
    done: bool,
    waiting: bool,
    attempts: u32,
    error: String,
}

#[derive(Template)]
#[template(path = "outside_system.html")]
struct OnePage<'a> {
    shell: &'a PageShell,
    title: String,
    code: String,
    state: String,
    trouble: String,
    href: String,
    key: String,
    form: FormView,
    deliveries: Vec<DeliveryLine>,
}

#[derive(Default)]
struct Typed {
    code: String,
    organ: String,
    name: String,
    url: String,
    events: Vec<String>,
    active: bool,
    idem: String,
}

fn typed(fields: &ProtectedPairs) -> Typed {
    let get = |name: &str| fields.text(name);
    Typed {
        code: get("code"),
        organ: get("organ"),
        name: get("name"),
        url: get("url"),
        events: fields.all("events").map(str::to_owned).collect(),
        active: get("active") != "no",
        idem: get("idem"),
    }
}

fn common(shell: &PageShell, typed: &Typed) -> Vec<Field> {
    let events = EVENTS.iter().map(|name| {
        let chosen = typed.events.iter().any(|one| one == name);
        Choice::new(name, &shell.t(&format!("cs-ev-{name}")), chosen)
    });
    let kind = FieldKind::Checks {
        choices: events.collect(),
    };
    vec![
        Field::text("name", &shell.t("os-name"), &typed.name),
        Field::text("url", &shell.t("os-url"), &typed.url).hint(&shell.t("os-url-hint")),
        Field::new("events", &shell.t("os-events"), kind)
            .hint(&shell.t("os-events-hint"))
            .optional(),
    ]
}

fn view(
    shell: &PageShell,
    (legend, send, action): (&str, &str, String),
    fields: Vec<Field>,
    typed: &Typed,
    failed: Option<&Error>,
) -> FormView {
    FormView {
        action,
        submit_text: shell.t(send),
        back_href: "/admin/outside-systems".to_owned(),
        hidden: vec![("idem".to_owned(), typed.idem.clone())],
        groups: vec![FormGroup {
            legend: shell.t(legend),
            icon: "link-2",
            fields,
            ..FormGroup::default()
        }],
        ..FormView::default()
    }
    .told(failed)
}

async fn list_page(
    ctx: &Ctx,
    page: &Page,
    typed: &Typed,
    failed: Option<&Error>,
) -> Result<Response> {
    let systems = service::systems(ctx).await?;
    let organs = tongban_accounts::organs(ctx).await?;
    let Actor::Officer(officer) = &ctx.actor else {
        return Err(Error::unauthenticated());
    };
    let everywhere = officer.holds(tongban_kernel::Post::SecurityAdmin);
    let title = page.shell().t("os-title");
    let page = page.clone().titled(title).nav("outside-systems");
    let shell = page.shell();
    let line = |one: &System| Line {
        href: format!("/admin/outside-systems/{}", one.id),
        name: shell.zh(&one.name),
        code: one.code.clone(),
        organ: organs
            .iter()
            .find(|organ| organ.id == one.organ)
            .map_or_else(String::new, |organ| shell.zh(&organ.name)),
        url: one.url.clone(),
        state: shell.t(&format!("os-state-{}", one.state)),
        trouble: one.failing_since.is_some() || one.state == "disabled",
    };
    let choices = organs
        .iter()
        .filter(|organ| everywhere || organ.id == officer.organ)
        .map(|organ| {
            let value = organ.id.to_string();
            Choice::new(&value, &shell.zh(&organ.name), typed.organ == value)
        });
    let organ = FieldKind::Select {
        choices: choices.collect(),
    };
    let mut fields = vec![
        Field::text("code", &shell.t("os-code"), &typed.code).hint(&shell.t("os-code-hint")),
        Field::new("organ", &shell.t("os-organ"), organ),
    ];
    fields.extend(common(shell, typed));
    let action = "/admin/outside-systems".to_owned();
    let content = ListPage {
        lines: systems.iter().map(line).collect(),
        form: view(
            shell,
            ("os-new", "os-register", action),
            fields,
            typed,
            failed,
        ),
        shell,
    };
    Ok(page.staff_form(&content, failed.is_some()))
}

/// `GET /admin/outside-systems`.
pub(super) async fn list(ctx: Ctx, page: Page) -> Result<Response, Failure> {
    let typed = Typed {
        idem: ctx.ids.token(),
        ..Typed::default()
    };
    Ok(list_page(&ctx, &page, &typed, None).await?)
}

fn keys_page(page: &Page, shown: Shown) -> Response {
    let title = page.shell().t("os-keys");
    let page = page
        .clone()
        .titled(title.clone())
        .nav("outside-systems")
        .crumb(page.shell().t("os-title"), "/admin/outside-systems")
        .crumb(title, "");
    page.staff_html(&KeysPage {
        shell: page.shell(),
        href: format!("/admin/outside-systems/{}", shown.id),
        keys: shown.keys,
    })
}

/// `POST /admin/outside-systems`: the answer shows the keys, this once.
pub(super) async fn create(
    ctx: Ctx,
    page: Page,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let typed = typed(&fields);
    let organ = typed.organ.parse().map_err(|_| Error::not_found())?;
    let new = NewSystem {
        code: typed.code.clone(),
        organ,
        name: typed.name.clone(),
        url: typed.url.clone(),
        events: typed.events.clone(),
    };
    match service::register(&ctx, &typed.idem, new).await {
        Ok(shown) => Ok(keys_page(&page, shown)),
        Err(error) if error.kind() == ErrorKind::Invalid => {
            Ok(list_page(&ctx, &page, &typed, Some(&error)).await?)
        }
        Err(error) => Err(error.into()),
    }
}

fn delivery_line(shell: &PageShell, one: &Delivery) -> DeliveryLine {
    DeliveryLine {
        replay_href: format!(
            "/admin/outside-systems/{}/deliveries/{}/replays",
            one.system, one.id
        ),
        kind: one.kind.clone(),
        subject: one.subject.clone(),
        at: moment(one.last_at.unwrap_or(one.created_at)),
        state: shell.t(&format!("os-delivery-{}", one.state)),
        done: one.state == "done",
        waiting: one.state == "waiting",
        attempts: one.attempts,
        error: one
            .error
            .as_deref()
            .map_or_else(String::new, |error| shell.zh(error)),
    }
}

async fn one_page(
    ctx: &Ctx,
    page: &Page,
    system: SystemId,
    typed: Option<&Typed>,
    failed: Option<&Error>,
) -> Result<Response> {
    let found = service::system(ctx, system).await?;
    let log = service::deliveries(ctx, system, None, LOG_LINES).await?;
    let title = page.shell().zh(&found.name);
    let page = page
        .clone()
        .titled(title.clone())
        .nav("outside-systems")
        .crumb(page.shell().t("os-title"), "/admin/outside-systems")
        .crumb(title.clone(), "");
    let shell = page.shell();
    let kept = Typed {
        name: found.name.clone(),
        url: found.url.clone(),
        events: found.events.clone(),
        active: found.state == "active",
        idem: ctx.ids.token(),
        ..Typed::default()
    };
    let typed = typed.unwrap_or(&kept);
    let mut fields = common(shell, typed);
    let choices = [("yes", typed.active), ("no", !typed.active)];
    let choices = choices
        .map(|(value, chosen)| Choice::new(value, &shell.t(&format!("os-active-{value}")), chosen));
    let active = FieldKind::Radio {
        choices: choices.to_vec(),
        stacked: false,
    };
    fields.push(Field::new("active", &shell.t("os-active"), active));
    let href = format!("/admin/outside-systems/{system}");
    let trouble = match (found.note.as_str(), found.failing_since) {
        ("", None) => String::new(),
        ("", Some(since)) => shell.t1("os-failing", "since", moment(since)),
        (note, _) => shell.t1("os-disabled", "note", shell.zh(note)),
    };
    let content = OnePage {
        title,
        code: found.code,
        state: shell.t(&format!("os-state-{}", found.state)),
        trouble,
        key: ctx.ids.token(),
        form: view(
            shell,
            ("os-change", "os-save", href.clone()),
            fields,
            typed,
            failed,
        ),
        href,
        deliveries: log.iter().map(|one| delivery_line(shell, one)).collect(),
        shell,
    };
    Ok(page.staff_form(&content, failed.is_some()))
}

/// `GET /admin/outside-systems/{system}`.
pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
) -> Result<Response, Failure> {
    Ok(one_page(&ctx, &page, id(&text)?, None, None).await?)
}

/// `POST /admin/outside-systems/{system}`.
pub(super) async fn change(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (system, typed) = (id(&text)?, typed(&fields));
    let what = Change {
        name: typed.name.clone(),
        url: typed.url.clone(),
        events: typed.events.clone(),
        active: typed.active,
    };
    match service::change(&ctx, &typed.idem, system, what).await {
        Ok(()) => Ok(page.see_other(&format!("/admin/outside-systems/{system}"))),
        Err(error) if error.kind() == ErrorKind::Invalid => {
            Ok(one_page(&ctx, &page, system, Some(&typed), Some(&error)).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST …/keys`: the answer shows the new keys, this once.
pub(super) async fn rotate(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let key = format!("{}-keys", fields.get("idem").unwrap_or_default());
    Ok(keys_page(
        &page,
        service::rotate(&ctx, &key, id(&text)?).await?,
    ))
}

/// `POST …/tests`.
pub(super) async fn test(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let system = id(&text)?;
    let key = format!("{}-test", fields.get("idem").unwrap_or_default());
    service::test_delivery(&ctx, &key, system).await?;
    Ok(page.see_other(&format!("/admin/outside-systems/{system}")))
}

/// `POST …/deliveries/{delivery}/replays`.
pub(super) async fn replay(
    ctx: Ctx,
    page: Page,
    Path((text, delivery)): Path<(String, String)>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let system = id(&text)?;
    let of: DeliveryId = delivery.parse().map_err(|_| Error::not_found())?;
    let key = format!("{}-{of}", fields.get("idem").unwrap_or_default());
    service::replay_delivery(&ctx, &key, system, of).await?;
    Ok(page.see_other(&format!("/admin/outside-systems/{system}")))
}
