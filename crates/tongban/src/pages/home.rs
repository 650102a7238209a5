//! `/`: search, ways in, what can really be done here, my cases. Every figure is counted in the store.

use askama::Template;
use axum::response::Response;
use tongban_cases::model::CaseState;
use tongban_catalogue::http::{OrganTile, Overview, ThemeTile};
use tongban_kernel::{Actor, Result};
use tongban_webkit::ui::{self, Tone};
use tongban_webkit::{Ctx, Failure, Html, Page, PageShell};

use super::bundles::{Bundle, bundles};

/// Small cards beside the large one.
const CARDS: [&str; 6] = [
    "新生儿出生",
    "教育入学",
    "企业信息变更",
    "开办运输企业",
    "社会保障卡居民服务",
    "退休",
];
/// The large card.
const FEATURED: &str = "开办餐饮店";
/// Themes in the grid; the rest is one press away.
const THEMES: usize = 14;
/// Organs that fill the grid.
const ORGANS: usize = 10;

/// Chips under the search box.
const CHIPS: usize = 6;

/// A case of whoever is logged in.
struct MyCase {
    name: String,
    number: String,
    href: String,
    state: Html,
    /// Steps: done, current.
    steps: Vec<(&'static str, &'static str)>,
    due: String,
}

/// The corner for whoever reads.
enum Mine {
    LogIn,
    Officer,
    Cases(Vec<MyCase>),
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    shell: &'a PageShell,
    overview: &'a Overview,
    featured: Option<Bundle>,
    cards: Vec<Bundle>,
    bundles: usize,
    themes: Vec<ThemeTile>,
    organs: Vec<OrganTile>,
    /// Names and addresses of what can be applied for here.
    open_now: Vec<(String, String)>,
    mine: Mine,
}

impl HomePage<'_> {
    /// The first part that can be applied for.
    fn first_open<'b>(&self, bundle: &'b Bundle) -> Option<&'b String> {
        bundle.parts.iter().find_map(|part| part.href.as_ref())
    }
}

/// A name that fits on a chip: long names often carry the everyday one in brackets at their end.
fn short(name: &str) -> String {
    if name.chars().count() <= 14 {
        return name.to_owned();
    }
    let inner = name
        .strip_suffix('）')
        .and_then(|rest| rest.rsplit_once('（'));
    match inner {
        Some((_, inner)) => inner.to_owned(),
        None => name.chars().take(13).chain(['…']).collect(),
    }
}

/// The four steps of the mini progress: done up to the state's own.
fn steps(state: &CaseState) -> Vec<(&'static str, &'static str)> {
    let at = match state {
        CaseState::Received { .. } | CaseState::Supplementing { .. } => 1,
        CaseState::Accepted { .. } | CaseState::Handling { .. } | CaseState::Special { .. } => 2,
        CaseState::Concluded { .. } => 4,
        CaseState::Ended { .. } | CaseState::Annulled { .. } => return Vec::new(),
    };
    let keys = [
        "home-step-submit",
        "home-step-accept",
        "home-step-review",
        "home-step-decide",
    ];
    let class = |step: usize| match step.cmp(&at) {
        std::cmp::Ordering::Less => "d",
        std::cmp::Ordering::Equal => "n",
        std::cmp::Ordering::Greater => "",
    };
    keys.into_iter()
        .enumerate()
        .map(|(step, key)| (key, class(step)))
        .collect()
}

async fn mine(shell: &PageShell, ctx: &Ctx) -> Result<Mine> {
    match &ctx.actor {
        Actor::Citizen(_) => {}
        Actor::Officer(_) => return Ok(Mine::Officer),
        Actor::Anonymous | Actor::Outside(_) | Actor::System => return Ok(Mine::LogIn),
    }
    let lines = tongban_cases::my_cases(ctx, None, 2).await?;
    let cases = lines.into_iter().map(|line| {
        let tone = match &line.state {
            CaseState::Supplementing { .. } => Tone::Amber,
            CaseState::Concluded { .. } => Tone::Green,
            CaseState::Ended { .. } | CaseState::Annulled { .. } => Tone::Plain,
            _ => Tone::Blue,
        };
        MyCase {
            name: shell.zh(&line.task_name),
            href: format!("/cases/{}", line.project_no),
            state: ui::tag(tone, &shell.zh(line.state.label())),
            steps: steps(&line.state),
            due: line.promise_due.map_or_else(String::new, |due| {
                shell.t1("home-due", "value", due.to_string())
            }),
            number: line.project_no,
        }
    });
    Ok(Mine::Cases(cases.collect()))
}

pub(super) async fn page(page: Page, ctx: Ctx) -> Result<Response, Failure> {
    let overview = tongban_catalogue::http::overview(&ctx).await?;
    let page = page.nav("home");
    let shell = page.shell();
    let mut all = bundles(shell, &overview);
    let count = all.len();
    let mut take = |name: &str| {
        let name = shell.zh(name);
        all.iter()
            .position(|bundle| bundle.name == name)
            .map(|at| all.swap_remove(at))
    };
    let view = HomePage {
        shell,
        featured: take(FEATURED),
        cards: CARDS.into_iter().filter_map(&mut take).collect(),
        bundles: count,
        themes: overview
            .person_themes
            .iter()
            .take(THEMES)
            .cloned()
            .collect(),
        organs: overview.organs.iter().take(ORGANS).cloned().collect(),
        open_now: overview
            .open
            .iter()
            .take(CHIPS)
            .map(|(name, href)| (short(&shell.zh(name)), href.clone()))
            .collect(),
        mine: mine(shell, &ctx).await?,
        overview: &overview,
    };
    Ok(page.html(&view))
}
