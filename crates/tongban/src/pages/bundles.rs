//! `/bundles`: 高效办成一件事 as the State Council published them. None is joined on this platform yet, and the page says so.

use std::sync::LazyLock;

use askama::Template;
use axum::response::Response;
use tongban_catalogue::http::Overview;
use tongban_catalogue::model::OneThings;
use tongban_webkit::{Ctx, Failure, Page, PageShell};

/// The published list; our own file, so it can be read.
static LIST: LazyLock<Option<OneThings>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../../demo/one-things.json")).ok());

/// A part of a bundle; its guide if it is offered here under exactly this name.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) href: Option<String>,
}

/// A bundle.
pub(super) struct Bundle {
    pub(super) name: String,
    pub(super) lead: String,
    pub(super) icon: &'static str,
    pub(super) person: bool,
    pub(super) parts: Vec<Part>,
}

impl Bundle {
    /// Parts that can be applied for here today.
    pub(super) fn open(&self) -> usize {
        self.parts.iter().filter(|part| part.href.is_some()).count()
    }
}

/// Icons for names that have one.
const ICONS: &[(&str, &str)] = &[
    ("开办餐饮店", "store"),
    ("新生儿出生", "baby"),
    ("教育入学", "graduation-cap"),
    ("社会保障卡居民服务", "id-card"),
    ("残疾人服务", "accessibility"),
    ("退休", "sunset"),
    ("企业信息变更", "building-2"),
    ("开办运输企业", "truck"),
    ("水电气网联合报装", "wifi"),
    ("信用修复", "badge-check"),
    ("企业注销登记", "circle-x"),
    ("个人创业", "briefcase"),
    ("外籍来华工作", "plane"),
    ("住房公积金个人住房贷款购房", "house"),
];

fn words(shell: &PageShell, text: &str) -> String {
    shell.zh(text)
}

/// All published bundles whose names are known, in the order of the documents.
pub(super) fn bundles(shell: &PageShell, overview: &Overview) -> Vec<Bundle> {
    let batches = LIST.iter().flat_map(|list| &list.batches);
    let open = |name: &str| {
        overview
            .open
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, href)| href.clone())
    };
    batches
        .flat_map(|batch| &batch.items)
        .map(|one| Bundle {
            name: words(shell, &one.name),
            lead: one
                .lead
                .as_deref()
                .map_or_else(String::new, |lead| words(shell, lead)),
            icon: ICONS
                .iter()
                .find(|(name, _)| *name == one.name)
                .map_or("git-merge", |(_, icon)| icon),
            person: one.target.as_deref() == Some("person"),
            parts: one
                .sub
                .iter()
                .map(|name| Part {
                    href: open(name),
                    name: words(shell, name),
                })
                .collect(),
        })
        .collect()
}

#[derive(Template)]
#[template(path = "bundles.html")]
struct BundlesPage<'a> {
    shell: &'a PageShell,
    sides: [(String, Vec<Bundle>); 2],
    total: usize,
}

pub(super) async fn page(page: Page, ctx: Ctx) -> Result<Response, Failure> {
    let overview = tongban_catalogue::http::overview(&ctx).await?;
    let (home, title) = (page.shell().t("nav-home"), page.shell().t("nav-bundles"));
    let page = page
        .titled(title.clone())
        .nav("bundles")
        .crumb(home, "/")
        .crumb(title, "");
    let shell = page.shell();
    let all = bundles(shell, &overview);
    let total = all.len();
    let (person, legal): (Vec<Bundle>, Vec<Bundle>) =
        all.into_iter().partition(|bundle| bundle.person);
    let sides = [
        (shell.t("bundles-person"), person),
        (shell.t("bundles-legal"), legal),
    ];
    Ok(page.html(&BundlesPage {
        shell,
        sides,
        total,
    }))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_published_list_can_be_read() {
        let list = super::LIST.as_ref().expect("our own file");
        assert!(
            list.batches
                .iter()
                .flat_map(|batch| &batch.items)
                .any(|one| one.name == "开办餐饮店")
        );
    }
}
