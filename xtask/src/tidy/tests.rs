//! Each rule finds its planted fault, and the project has none.

use std::path::Path;

use super::source::Source;
use super::{Finding, Tree, arrows, check, drivers, layers, links, long_files, text};

const TABLE: &str = "\
<!-- arrows -->
| crate | floor | may use | its tests may also use |
|---|---|---|---|
| `tongban` | top | `cases` `kernel` | |
| `cases` | context | `storage` `kernel` | `testkit` |
| `storage` | platform | `kernel` | `testkit` |
| `testkit` | tools | `kernel` | |
| `kernel` | ground | – | |
<!-- /arrows -->
";

/// The one finding, as `place: what`.
fn only(findings: &[Finding]) -> String {
    match findings {
        [finding] => {
            assert!(!finding.instead.is_empty());
            format!("{}: {}", finding.place, finding.what)
        }
        other => panic!("{} findings: {other:?}", other.len()),
    }
}

fn with_manifest(cases: &str) -> Tree {
    Tree::of(&[
        ("ARCHITECTURE.md", TABLE),
        (
            "Cargo.toml",
            "[workspace.dependencies]\ntongban-oversight = { path = \"crates/oversight\" }\n",
        ),
        (
            "crates/tongban/Cargo.toml",
            "[dependencies]\ntongban-cases.workspace = true\n",
        ),
        ("crates/cases/Cargo.toml", cases),
        (
            "crates/storage/Cargo.toml",
            "[dependencies]\nrusqlite.workspace = true\n",
        ),
        ("crates/testkit/Cargo.toml", ""),
        ("crates/kernel/Cargo.toml", ""),
    ])
}

#[test]
fn an_arrow_must_be_in_the_table() {
    let good = "[dependencies]\ntongban-storage.workspace = true\n\n[dev-dependencies]\ntongban-testkit = { path = \"x\" }\n";
    assert_eq!(arrows::check(&with_manifest(good)), []);
    let up = with_manifest("[dependencies]\ntongban-tongban = \"1\"\n");
    assert_eq!(
        only(&arrows::check(&up)),
        "crates/cases/Cargo.toml:2: cases → tongban is not in the table of arrows"
    );
    let tool = with_manifest("[dependencies]\n# why\ntongban_testkit = { path = \"x\" }\n");
    assert_eq!(
        only(&arrows::check(&tool)),
        "crates/cases/Cargo.toml:3: cases → testkit is not in the table of arrows"
    );
    let long_form = with_manifest("[dependencies.tongban-licences]\nworkspace = true\n");
    assert_eq!(
        only(&arrows::check(&long_form)),
        "crates/cases/Cargo.toml:1: cases → licences is not in the table of arrows"
    );
    let only_unix =
        with_manifest("[target.'cfg(unix)'.dependencies]\ntongban-seal.workspace = true\n");
    assert!(only(&arrows::check(&only_unix)).contains("cases → seal"));
}

#[test]
fn the_table_itself_points_down_and_is_complete() {
    let up = TABLE.replace(
        "| `kernel` | ground | – |",
        "| `kernel` | ground | `storage` |",
    );
    let tree = |table: &str| {
        let folders = ["tongban", "cases", "storage", "testkit", "kernel"];
        let manifests: Vec<String> = folders
            .iter()
            .map(|name| format!("crates/{name}/Cargo.toml"))
            .collect();
        let mut files: Vec<(&str, &str)> =
            manifests.iter().map(|path| (path.as_str(), "")).collect();
        files.push(("ARCHITECTURE.md", table));
        Tree::of(&files)
    };
    assert_eq!(arrows::check(&tree(TABLE)), []);
    assert!(only(&arrows::check(&tree(&up))).contains("kernel → storage does not point down"));
    let unknown = TABLE.replace(
        "<!-- /arrows -->",
        "| `ghost` | ground | – | |\n<!-- /arrows -->",
    );
    assert!(only(&arrows::check(&tree(&unknown))).contains("names ghost, which is no crate"));
    let short = TABLE.replace("| `testkit` | tools | `kernel` | |\n", "");
    assert!(only(&arrows::check(&tree(&short))).contains("crate testkit is not in the table"));
    assert!(only(&arrows::check(&tree("# nothing"))).contains("has no table of arrows"));
}

#[test]
fn only_the_store_names_a_driver() {
    let with = |path, code| Tree::of(&[(path, code)]);
    let planted = [
        "fn f() { rusqlite::Connection::open(\"x\"); }",
        "use tokio_postgres::NoTls;",
        "use sqlx;",
    ];
    for code in &planted {
        assert!(
            only(&drivers::check(&with(
                "crates/cases/src/store/cases.rs",
                code
            )))
            .contains("names the database driver")
        );
    }
    for (path, code) in [
        ("crates/storage/src/sqlite.rs", planted[0]),
        ("crates/tongban/src/commands/bench/raw.rs", planted[1]),
        (
            "crates/cases/src/lib.rs",
            "// rusqlite::Connection is hidden\nlet postgres = 1; crate::postgres::run();",
        ),
    ] {
        assert_eq!(drivers::check(&with(path, code)), [], "{path}");
    }
    let manifest = with(
        "crates/cases/Cargo.toml",
        "[dev-dependencies]\nrusqlite = \"1\"\n",
    );
    assert!(only(&drivers::check(&manifest)).contains("depends on the database driver rusqlite"));
}

#[test]
fn layers_do_not_look_up() {
    let context = |path: &str, code: &str| {
        Tree::of(&[
            (path, code),
            ("crates/a/src/service/mod.rs", "//! a"),
            ("crates/a/src/store/rows.rs", ""),
        ])
    };
    let bad = [
        (
            "crates/a/src/http/pages.rs",
            "use crate::store::rows;",
            "http names store",
        ),
        (
            "crates/a/src/http/pages.rs",
            "use crate::{\n    model::{Case, store},\n    store::rows,\n};",
            "http names store",
        ),
        (
            "crates/a/src/http.rs",
            "use super::store::rows;",
            "http names store",
        ),
        (
            "crates/a/src/model/case.rs",
            "fn f() { crate::service::submit() }",
            "model names service",
        ),
        (
            "crates/a/src/model.rs",
            "use crate::http::Page;",
            "model names http",
        ),
        (
            "crates/a/src/store/cases.rs",
            "use crate::service::X;",
            "store names service",
        ),
        (
            "crates/a/src/service/submit.rs",
            "use crate::http::Page;",
            "service names http",
        ),
    ];
    for (path, code, expected) in bad {
        assert!(
            only(&layers::check(&context(path, code))).ends_with(expected),
            "{path} {code}"
        );
    }
    let good = [
        (
            "crates/a/src/http/pages.rs",
            "// use crate::store::x\nuse crate::service::submit; use http::store::X; my_crate::store();",
        ),
        (
            "crates/a/src/service/submit.rs",
            "use crate::store::rows; use crate::model::Case;",
        ),
        ("crates/a/src/lib.rs", "mod store; use crate::store::rows;"),
    ];
    for (path, code) in good {
        assert_eq!(layers::check(&context(path, code)), [], "{path}");
    }
    let no_context = Tree::of(&[("crates/b/src/http/x.rs", "use crate::store::y;")]);
    assert_eq!(layers::check(&no_context), []);
}

#[test]
fn sql_reads_no_clock() {
    let code = |sql: &str| Tree::of(&[("crates/a/src/x.rs", sql)]);
    for sql in [
        "fn f() { tx.put(\"UPDATE a SET at = now()\", p) }",
        "const S: &str = r#\"\n  SELECT CURRENT_TIMESTAMP\"#;",
        "const S: &str = \"insert into a values (datetime('now'))\";",
    ] {
        assert!(
            only(&text::sql_clock(&code(sql))).contains("SQL reads the clock"),
            "{sql}"
        );
    }
    for fine in [
        "let x = \"say now() to it\";",
        "// SELECT now()\nlet y = ctx.now();",
        "\"SELECT at FROM a\"",
    ] {
        assert_eq!(text::sql_clock(&code(fine)), [], "{fine}");
    }
    let migration = Tree::of(&[(
        "crates/a/migrations/0001_a.sql",
        "-- now() is not used\nCREATE TABLE a (at BIGINT DEFAULT CURRENT_TIMESTAMP);",
    )]);
    assert!(only(&text::sql_clock(&migration)).starts_with("crates/a/migrations/0001_a.sql:2"));
}

#[test]
fn migrations_are_numbered_and_run() {
    let code =
        "include_str!(\"../migrations/0001_a.sql\") include_str!(\"../migrations/0003_c.sql\")";
    let first = ("crates/a/migrations/0001_a.sql", "");
    let lib = ("crates/a/src/lib.rs", code);
    assert_eq!(text::migrations(&Tree::of(&[first, lib])), []);
    let gap = Tree::of(&[first, lib, ("crates/a/migrations/0003_c.sql", "")]);
    assert!(only(&text::migrations(&gap)).contains("breaks the numbering"));
    let forgotten = Tree::of(&[first, lib, ("crates/a/migrations/0002_b.sql", "")]);
    assert!(only(&text::migrations(&forgotten)).contains("is run by nobody"));
}

#[test]
fn files_begin_with_what_they_are() {
    for path in ["crates/a/src/lib.rs", "crates/a/src/service/submit.rs"] {
        assert_eq!(text::headers(&Tree::of(&[(path, "//! A.\n")])), []);
        assert!(
            only(&text::headers(&Tree::of(&[(path, "// A.\nmod b;")]))).contains("does not begin")
        );
    }
    assert_eq!(
        text::headers(&Tree::of(&[("crates/a/src/store/x.rs", "mod b;")])),
        []
    );
}

#[test]
fn banned_words_count_in_code_only() {
    let code = |code: &str| text::banned(&Tree::of(&[("crates/a/src/x.rs", code)]));
    // Put together here, or this file would be found.
    let word = ["to", "do!("].concat();
    assert!(only(&code(&format!("fn f() {{\n    {word}) }}"))).starts_with("crates/a/src/x.rs:2"));
    assert_eq!(
        code(&format!("// {word})\nlet x = \"{word}\"; /* {word} */")),
        []
    );
}

#[test]
fn long_files_are_on_a_list_that_shrinks() {
    let body = "x\n".repeat(520);
    let file = ("crates/a/src/x.rs", body.as_str());
    assert!(only(&long_files::check(&Tree::of(&[file]))).contains("has 520 lines"));
    assert_eq!(
        long_files::check(&Tree::of(&[
            file,
            (long_files::LIST, "# h\n520 crates/a/src/x.rs\n")
        ])),
        []
    );
    let grown = Tree::of(&[file, (long_files::LIST, "510 crates/a/src/x.rs\n")]);
    assert!(only(&long_files::check(&grown)).contains("has 520 lines"));
    assert!(
        long_files::shrunk(&grown).contains("510 crates/a/src/x.rs"),
        "never raised"
    );
    let shrunk = Tree::of(&[
        file,
        (long_files::LIST, "600 crates/a/src/x.rs\n501 gone.rs\n"),
    ]);
    assert_eq!(long_files::check(&shrunk).len(), 2);
    assert!(long_files::shrunk(&shrunk).ends_with("\n520 crates/a/src/x.rs\n"));
}

#[test]
fn links_lead_somewhere() {
    let with = |text: &str| {
        links::check(&Tree::of(&[
            ("docs/a.md", text),
            ("README.md", ""),
            ("docs/b/c.md", ""),
        ]))
    };
    let fine = "[x](../README.md#top) [y](b) [z](https://a.invalid/x) [q](#a) `[no](nowhere)`\n```\n[no](nowhere)\n```\n[`code`](b/c.md)";
    assert_eq!(with(fine), []);
    assert_eq!(
        only(&with("a\n[x](c.md)")),
        "docs/a.md:2: the link to c.md leads nowhere"
    );
    assert!(only(&with("![p](../../README.md)")).contains("leads nowhere"));
    assert!(only(&with("[`code`](gone.md)")).contains("leads nowhere"));
}

#[test]
fn no_path_of_one_machine() {
    let with = |text: &str| text::machine_paths(&Tree::of(&[("docs/a.md", text)]));
    assert!(only(&with("see `/home/somebody/x.rs`")).contains("/home/somebody/x.rs"));
    assert!(only(&with("let p = \"/tmp/x\";")).contains("/tmp/x"));
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    assert!(only(&with(&format!("from {here}."))).contains("a path of one machine"));
    assert_eq!(
        with(
            "GET /api/v1/cases, /work/search, /usr/share/common-licenses, https://a.invalid/home/x and a/tmp/x"
        ),
        []
    );
}

#[test]
fn sources_are_taken_apart() {
    let source = Source::of(
        "let a = 'x'; let l: &'static str = \"a \\\" // b\"; // c\nlet r = br#\"say \"no\"\"#; let q = '\\''; b",
    );
    assert!(
        source
            .code
            .starts_with("let a =    ; let l: &'static str = ")
    );
    assert_eq!(source.code.lines().count(), 2);
    assert!(source.code.ends_with("; b"));
    assert_eq!(
        source.strings,
        [(1, "a \" // b".to_owned()), (2, "say \"no\"".to_owned())]
    );
    let nested = Source::of("a /* b /* c */ d */ e");
    assert_eq!(
        nested.code.split_whitespace().collect::<Vec<_>>(),
        ["a", "e"]
    );
}

#[test]
fn the_project_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the project");
    let tree = Tree::read(root).expect("the project can be read");
    assert!(tree.len() > 100, "the walk found the project");
    let findings: Vec<String> = check(&tree).iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}
