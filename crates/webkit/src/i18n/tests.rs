use super::*;

#[test]
fn both_written_languages_have_the_same_keys_and_variables() {
    assert_eq!(Catalog::disparity(&WEBKIT), BTreeSet::new());
}

#[test]
fn a_missing_key_is_found_by_the_parity_check() {
    let lopsided = Locale {
        name: "t",
        zh_cn: "a = 甲 { $n }\nb = 乙",
        en: "a = A",
        zh_hant_overrides: "",
    };
    let missing = Catalog::disparity(&lopsided);
    assert!(
        missing.contains("b") && missing.contains("a $n"),
        "{missing:?}"
    );
}

#[test]
fn every_text_formats_in_every_language_without_leaving_its_key() {
    let catalog = Catalog::new(&[]).expect("own texts are sound");
    for key in keys(WEBKIT.zh_cn).iter().filter(|key| !key.contains(' ')) {
        for lang in Lang::ALL {
            let args: [(&str, &dyn Arg); 7] = [
                ("n", &3),
                ("total", &9),
                ("name", &"甲"),
                ("limit", &"20 MB"),
                ("field", &"x"),
                ("value", &"v"),
                ("unit", &"u"),
            ];
            let text = catalog.text(lang, key, &args);
            assert!(
                !text.is_empty() && text != *key && !text.contains("{$"),
                "{key} in {lang:?}: {text}"
            );
        }
    }
}

#[test]
fn traditional_text_follows_phrases_and_reviewed_overrides() {
    assert_eq!(
        to_traditional("发展 头发 办理 计划 后台"),
        "發展 頭髮 辦理 計劃 後台"
    );
    let override_one = Locale {
        name: "t",
        zh_cn: "a = 网络\nb = 里程",
        en: "a = net\nb = mile",
        zh_hant_overrides: "a = 網絡（審校）",
    };
    let catalog = Catalog::new(&[override_one]).expect("sound");
    assert_eq!(catalog.text(Lang::ZhHant, "a", &[]), "網絡（審校）");
    assert_eq!(catalog.text(Lang::ZhHant, "b", &[]), "里程");
    assert_eq!(catalog.text(Lang::En, "no-such-key", &[]), "no-such-key");
}

#[test]
fn a_key_defined_twice_and_a_broken_file_are_refused_at_start() {
    let twice = Locale {
        name: "t",
        zh_cn: "skip-to-main = 跳",
        en: "",
        zh_hant_overrides: "",
    };
    assert!(matches!(
        Catalog::new(&[twice]),
        Err(LocaleError::Twice { .. })
    ));
    let broken = Locale {
        name: "t",
        zh_cn: "a = { $",
        en: "",
        zh_hant_overrides: "",
    };
    assert!(matches!(
        Catalog::new(&[broken]),
        Err(LocaleError::Syntax { .. })
    ));
}

#[test]
fn languages_are_negotiated_by_weight() {
    for (accept, lang) in [
        ("", Lang::ZhCn),
        ("en-US,en;q=0.9,zh-CN;q=0.8", Lang::En),
        ("fr-FR,zh-TW;q=0.8,en;q=0.7", Lang::ZhHant),
        ("zh;q=0.1,en;q=0", Lang::ZhCn),
        ("de", Lang::ZhCn),
        ("zh-Hant-HK", Lang::ZhHant),
        (";;;q=,,en;q=abc", Lang::ZhCn),
    ] {
        assert_eq!(Lang::negotiate(accept), lang, "{accept}");
    }
}
