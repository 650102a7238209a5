//! Settings: where they come from, and that their table is true.

use std::path::Path;

use tongban::config::{Config, KEYS, table};

#[test]
fn the_documented_table_is_the_real_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let text = std::fs::read_to_string(&path).expect("docs/configuration.md");
    let inner = text
        .split_once("<!-- keys -->")
        .and_then(|(_, rest)| rest.split_once("<!-- /keys -->"));
    let (inner, _) = inner.expect("the markers <!-- keys --> and <!-- /keys -->");
    assert_eq!(
        inner.trim(),
        table().trim(),
        "copy the output of tongban::config::table() into docs/configuration.md"
    );
}

#[test]
fn the_command_line_beats_the_environment_beats_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tongban.toml");
    std::fs::write(
        &file,
        "listen = \"1.1.1.1:1\"\nhotline = \"文件\"\nreaders = 2\n",
    )
    .expect("written");
    let env = |name: &str| match name {
        "TONGBAN_LISTEN" => Some("2.2.2.2:2".to_owned()),
        "TONGBAN_AREA" => Some("110000".to_owned()),
        _ => None,
    };
    let config = Config::load(Some(&file), env, &[("area", "339900".to_owned())]).expect("read");
    assert_eq!(
        (config.listen.as_str(), config.area.as_str()),
        ("2.2.2.2:2", "339900")
    );
    assert_eq!((config.hotline.as_str(), config.readers), ("文件", 2));
}

#[test]
fn mistakes_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tongban.toml");
    for (text, told) in [
        ("liste = 1", "liste"),
        ("readers = \"many\"", "readers"),
        ("demo = 3", "demo"),
        ("= 1", "TOML"),
    ] {
        std::fs::write(&file, text).expect("written");
        let error = Config::load(Some(&file), |_| None, &[]).expect_err("refused");
        assert!(
            error.message().contains(told),
            "{text}: {}",
            error.message()
        );
    }
    assert!(Config::load(Some(Path::new("/no/such/file")), |_| None, &[]).is_err());
}

#[test]
fn every_key_has_both_languages_and_a_valid_default() {
    assert!(
        KEYS.iter()
            .all(|key| !key.zh.is_empty() && !key.en.is_empty())
    );
    Config::load(Some(Path::new("/dev/null")), |_| None, &[])
        .expect("the built-in values are valid");
}
