use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::{Digest, Sha256};
use tongban_tlog::leaf::{minute_text, parse_minute};
use tongban_tlog::*;

use crate::world::{KEY, event, salts};

#[test]
fn the_public_part_is_five_lines() {
    let leaf = event(0, None, "submit");
    let text = leaf.text.to_string();
    let lines: Vec<&str> = text.split('\n').collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(lines[0], "gov-case-event/v1");
    assert_eq!(lines[1], "2026-08-21T09:31Z");
    assert_eq!(lines[5], "");
    assert!(text.len() < 200);
    assert!(!text.contains("330100"));
    assert_eq!(LeafText::parse(text.as_bytes()).unwrap(), leaf.text);
}

#[test]
fn digests_follow_the_published_formula() {
    // Written out once more, straight from the format's definition.
    let leaf = event(0, None, "submit");
    let mut commit = Sha256::new();
    commit.update(b"gov-case-event/v1/commit\0");
    for field in &leaf.fields {
        let mut d = Sha256::new();
        d.update(b"gov-case-event/v1/field\0");
        d.update(field.salt);
        d.update((field.name.len() as u32).to_be_bytes());
        d.update(field.name.as_bytes());
        d.update(field.value.as_bytes());
        commit.update(d.finalize());
    }
    assert_eq!(commit.finalize()[..], leaf.text.commit[..]);
    let mut mac = Hmac::<Sha256>::new_from_slice(&KEY).unwrap();
    mac.update(b"gov-case-event/v1/ref\0");
    mac.update(&0u64.to_be_bytes());
    assert_eq!(mac.finalize().into_bytes()[..], leaf.text.case_ref[..]);
    let opinion = leaf.fields.iter().find(|f| f.name == "opinion").unwrap();
    assert_eq!(opinion.value, "{\"同意\":true,\"理由\":\"材料齐全\"}");
    assert!(leaf.fields.windows(2).all(|w| w[0].name < w[1].name));
}

#[test]
fn events_of_a_case_share_nothing_in_public() {
    let (a, b) = (event(0, None, "submit"), event(0, None, "submit"));
    assert_eq!(a, b, "same input, same leaf");
    let next = event(1, Some(&a), "submit");
    assert_ne!(a.text.case_ref, next.text.case_ref);
    assert_ne!(a.text.commit, next.text.commit);
}

#[test]
fn fields_are_checked() {
    let base = || {
        LeafBuilder::first(LeafKind::Access, &KEY)
            .field("event", "view")
            .field("actor", "a")
            .field("basis", "个人信息保护法 第十三条")
    };
    assert!(base().build(0, salts(0)).is_ok());
    assert!(
        base()
            .field("purpose", "exchange")
            .build(0, salts(0))
            .is_ok(),
        "other kinds are open"
    );
    assert!(
        base().field("actor", "b").build(0, salts(0)).is_err(),
        "repeated"
    );
    assert!(
        base().field("seq", 1).build(0, salts(0)).is_err(),
        "repeated"
    );
    assert!(
        base().field("Name", 1).build(0, salts(0)).is_err(),
        "malformed"
    );
    assert!(base().field("", 1).build(0, salts(0)).is_err(), "empty");
    assert!(
        base()
            .field("big", "x".repeat(70_000))
            .build(0, salts(0))
            .is_err(),
        "too large"
    );
    assert!(base().build(-1, salts(0)).is_err(), "before the epoch");
    assert!(
        base().build(i64::MAX, salts(0)).is_err(),
        "beyond the calendar"
    );
    let case = LeafBuilder::first(LeafKind::Case, &KEY).field("event", "submit");
    assert!(case.build(0, salts(0)).is_err(), "mandatory fields missing");
    let mut many = base();
    for i in 0..60 {
        many = many.field(&format!("f{i}"), json!(null));
    }
    assert!(many.build(0, salts(0)).is_err(), "too many");
}

#[test]
fn malformed_entries_are_refused() {
    let text = event(0, None, "submit").text.to_string();
    for bad in [
        text.replace("v1", "v2"),
        text.replace("09:31Z", "09:61Z"),
        text.replace("2026-08-21", "2026-02-30"),
        text.trim_end().to_owned(),
        format!("{text}\n"),
        text.replace('\n', "\r\n"),
        String::new(),
    ] {
        assert!(LeafText::parse(bad.as_bytes()).is_err(), "{bad:?}");
    }
    assert!(LeafText::parse(&[0xff, 0xfe]).is_err());
}

#[test]
fn minutes_print_and_parse() {
    for (minute, text) in [
        (0, "1970-01-01T00:00Z"),
        (29_788_411, "2026-08-21T09:31Z"),
        (15_855_839, "2000-02-23T23:59Z"),
        (15_865_200, "2000-02-29T24:00Z"),
    ] {
        if text.contains("24:00") {
            assert!(parse_minute(text).is_none());
        } else {
            assert_eq!(parse_minute(text), Some(minute), "{text}");
            assert_eq!(minute_text(minute), text);
        }
    }
    for day in (0..40_000u32).step_by(13) {
        let text = minute_text(day * 1440 + 61);
        assert_eq!(parse_minute(&text), Some(day * 1440 + 61));
    }
}
