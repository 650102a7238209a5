//! Help, statements, site map: texts of our own, made of numbered headings and paragraphs in the Fluent files.

use askama::Template;
use axum::response::Response;
use tongban_webkit::{Page, PageShell};

/// A page of text: `<name>-title`, then `<name>-1`, `<name>-1-text` and so on.
pub(super) struct Statement {
    name: &'static str,
    sections: usize,
}

pub(super) const HELP: Statement = Statement {
    name: "help",
    sections: 6,
};
pub(super) const QUESTIONS: Statement = Statement {
    name: "questions",
    sections: 8,
};
pub(super) const FEEDBACK: Statement = Statement {
    name: "feedback",
    sections: 3,
};
pub(super) const ACCESSIBILITY: Statement = Statement {
    name: "access",
    sections: 5,
};
pub(super) const PRIVACY: Statement = Statement {
    name: "privacy",
    sections: 7,
};

pub(super) const OPEN_DATA: Statement = Statement {
    name: "open-data",
    sections: 2,
};
pub(super) const RECORD: Statement = Statement {
    name: "record",
    sections: 3,
};

#[derive(Template)]
#[template(path = "statement.html")]
struct StatementPage {
    title: String,
    intro: String,
    sections: Vec<(String, String)>,
}

/// Shows `statement`.
pub(super) fn show(page: Page, statement: &Statement) -> Response {
    let name = statement.name;
    let (home, title) = (
        page.shell().t("nav-home"),
        page.shell().t(&format!("{name}-title")),
    );
    let page = page
        .titled(title.clone())
        .crumb(home, "/")
        .crumb(title.clone(), "");
    let shell = page.shell();
    let text = |key: String| shell.t1(&key, "hotline", &shell.site.hotline);
    let sections = (1..=statement.sections).map(|n| {
        (
            text(format!("{name}-{n}")),
            text(format!("{name}-{n}-text")),
        )
    });
    page.html(&StatementPage {
        title,
        intro: text(format!("{name}-intro")),
        sections: sections.collect(),
    })
}

/// Groups of the site map: id of the heading, then id of the text and address.
type Group = (&'static str, &'static [(&'static str, &'static str)]);

const MAP: &[Group] = &[
    (
        "map-services",
        &[
            ("nav-home", "/"),
            ("nav-person", "/person"),
            ("nav-enterprise", "/enterprise"),
            ("nav-bundles", "/bundles"),
            ("nav-organs", "/organs"),
            ("map-items", "/items"),
            ("map-search", "/search"),
        ],
    ),
    (
        "map-mine",
        &[
            ("nav-cases", "/my/cases"),
            ("nav-my", "/my"),
            ("map-licences", "/my/licences"),
            ("map-acting", "/my/acting-for"),
            ("log-in", "/login"),
        ],
    ),
    ("map-open", &[("footer-verify-licence", "/verify")]),
    (
        "map-help",
        &[
            ("footer-guide", "/help"),
            ("footer-faq", "/help/questions"),
            ("footer-feedback", "/feedback"),
            ("footer-accessibility", "/accessibility"),
            ("privacy-title", "/privacy"),
        ],
    ),
];

#[derive(Template)]
#[template(path = "sitemap.html")]
struct SitemapPage<'a> {
    shell: &'a PageShell,
    groups: &'a [Group],
}

/// `GET /sitemap`.
pub(super) async fn sitemap(page: Page) -> Response {
    let (home, title) = (page.shell().t("nav-home"), page.shell().t("footer-sitemap"));
    let page = page.titled(title.clone()).crumb(home, "/").crumb(title, "");
    page.html(&SitemapPage {
        shell: page.shell(),
        groups: MAP,
    })
}
