//! What the algorithms promise, over generated values.

use proptest::prelude::*;
use tongban_codes::*;

use crate::vectors::with_check;

const ALNUM: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

fn text_over(alphabet: &'static str, length: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(alphabet.as_bytes()), length)
        .prop_map(|bytes| String::from_utf8(bytes).unwrap())
}

fn resident_id() -> impl Strategy<Value = String> {
    const PROVINCES: &[&str] = &["11", "34", "51", "65", "71"];
    (
        proptest::sample::select(PROVINCES),
        0..9999u32,
        1900..2025i16,
        1..13i8,
        1..29i8,
        0..999u32,
    )
        .prop_map(|(province, area, year, month, day, sequence)| {
            with_check(&format!(
                "{province}{area:04}{year:04}{month:02}{day:02}{sequence:03}"
            ))
        })
}

fn uscc() -> impl Strategy<Value = String> {
    text_over(check::USCC_ALPHABET, 17)
        .prop_map(|body| format!("{body}{}", check::uscc(&body).unwrap()))
}

fn licence_id() -> impl Strategy<Value = LicenceIdentifier> {
    (
        text_over(ALNUM, 18),
        0..1000u32,
        text_over(ALNUM, 18),
        "[0-9A-Z]{1,30}",
        1..1000u16,
    )
        .prop_map(|(dept, kind, issuer, serial, version)| {
            let type_code = format!("{dept}{kind:03}");
            LicenceIdentifier::build(LicenceIdentifierParts {
                type_code: &type_code,
                issuer: &issuer,
                serial: &serial,
                version,
            })
            .unwrap()
        })
}

fn project_no() -> impl Strategy<Value = ProjectNo> {
    (
        "[1-9][1-9][1-9]{4}",
        2000..2100i16,
        1..13i8,
        1..29i8,
        "[0-9A-Z]{4}",
        1..1_000_000u32,
    )
        .prop_map(|(area, year, month, day, channel, sequence)| {
            let area = DivisionCode::parse(&area).unwrap();
            let day = jiff::civil::date(year, month, day);
            ProjectNo::build(area, day, &channel, sequence).unwrap()
        })
}

/// Every text that differs from `text` in one character of `alphabet`.
fn substitutions(text: &str, alphabet: &str) -> Vec<String> {
    let mut all = Vec::new();
    for at in 0..text.len() {
        for c in alphabet
            .chars()
            .filter(|c| *c != text.as_bytes()[at] as char)
        {
            all.push(format!("{}{c}{}", &text[..at], &text[at + 1..]));
        }
    }
    all
}

/// Every text with two different neighbours exchanged.
fn transpositions(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    (1..bytes.len())
        .filter(|at| bytes[at - 1] != bytes[*at])
        .map(|at| {
            let mut swapped = bytes.to_vec();
            swapped.swap(at - 1, at);
            String::from_utf8(swapped).unwrap()
        })
        .collect()
}

proptest! {
    #[test]
    fn a_citizen_number_shows_every_slip(text in resident_id()) {
        let id: ResidentId = text.parse().unwrap();
        prop_assert_eq!(id.to_string(), text.clone());
        for slip in substitutions(&text, "0123456789X").iter().chain(&transpositions(&text)) {
            prop_assert!(slip.parse::<ResidentId>().is_err(), "{} taken for {}", slip, text);
        }
    }

    #[test]
    fn a_credit_code_shows_every_slip(text in uscc()) {
        prop_assert_eq!(Uscc::parse(&text).unwrap().to_string(), text.clone());
        for slip in substitutions(&text, ALNUM).iter().chain(&transpositions(&text)) {
            prop_assert!(Uscc::parse(slip).is_err(), "{} taken for {}", slip, text);
        }
    }

    #[test]
    fn a_licence_identifier_shows_every_wrong_character(id in licence_id()) {
        let text = id.to_string();
        prop_assert_eq!(&LicenceIdentifier::parse(&text).unwrap(), &id);
        for slip in substitutions(&text, ALNUM) {
            prop_assert!(LicenceIdentifier::parse(&slip).is_err(), "{} taken for {}", slip, text);
        }
    }

    #[test]
    fn a_case_number_shows_every_wrong_character(number in project_no()) {
        let text = number.to_string();
        prop_assert_eq!(&ProjectNo::parse(&text).unwrap(), &number);
        for slip in substitutions(&text, ALNUM) {
            prop_assert!(ProjectNo::parse(&slip).is_err(), "{} taken for {}", slip, text);
        }
    }

    #[test]
    fn an_organisation_code_shows_every_wrong_digit(body in "[0-9]{8}") {
        let text = format!("{body}{}", check::org_code(&body).unwrap());
        let code = OrgCode::parse(&text).unwrap();
        prop_assert_eq!(OrgCode::parse(&code.to_string()).unwrap(), code);
        for slip in substitutions(&text, "0123456789X") {
            let is_digits = slip[..8].bytes().all(|c| c.is_ascii_digit());
            prop_assert!(!is_digits || OrgCode::parse(&slip).is_err(), "{} taken for {}", slip, text);
        }
    }

    #[test]
    fn a_division_code_survives_its_three_lengths(text in "[1-9][0-9]{5}|[1-9][0-9]{8}|[1-9][0-9]{11}") {
        if let Ok(code) = DivisionCode::parse(&text) {
            prop_assert_eq!(DivisionCode::parse(&code.to_string()).unwrap(), code);
            prop_assert_eq!(DivisionCode::parse(&code.twelve()).unwrap(), code);
            prop_assert!(DivisionCode::NATION.contains(code));
            prop_assert!(code.above().is_some_and(|above| above.level() < code.level()));
        }
    }

    #[test]
    fn nothing_panics(text in any::<String>()) {
        check_all(&text);
    }

    #[test]
    fn nothing_panics_near_the_right_form(
        text in "[0-9A-ZＡ０X.\\-中 é]{8,40}",
        prefix in "(1\\.2\\.156\\.3005\\.2\\.)?",
    ) {
        check_all(&format!("{prefix}{text}"));
    }
}

/// Feeds a text to every parser; what parses must survive printing and reading again.
fn check_all(text: &str) {
    macro_rules! round_trip {
        ($($type:ty),+) => { $(
            if let Ok(value) = text.parse::<$type>() {
                assert_eq!(value.to_string().parse::<$type>().unwrap(), value);
            }
        )+ };
    }
    round_trip!(
        ResidentId,
        Uscc,
        PublishedUscc,
        OrgCode,
        LicenceIdentifier,
        CatalogCode,
        TaskCode
    );
    round_trip!(
        HandleItemCode,
        MaterialCode,
        ProjectNo,
        InvestProjectCode,
        Mobile,
        DivisionCode
    );
    round_trip!(
        MainlandTravelPermit,
        TaiwanPermit,
        HmtResidenceId,
        ForeignerResidenceId,
        Passport
    );
    for kind in DocumentKind::ALL {
        let _ = PersonDocument::read(*kind, text);
    }
    for masked in [
        mask::person_name(text),
        mask::phone(text),
        mask::id_number(text),
    ] {
        assert!(
            text.chars().count() < 2
                || text.trim().is_empty()
                || masked.contains('*')
                || masked.is_empty()
        );
    }
    let _ = (
        mask::address(text),
        Divisions::national().find(text, 3),
        codelist::label(text, text),
    );
    let _ = (
        check::uscc(text),
        check::org_code(text),
        check::resident_id(text),
        check::mod_37_36(text),
    );
    let _ = codelist::parse_multi::<lists::ServerType>(text);
}

/// ISO 7064 calls MOD 37,36 proof against single slips and *almost* all transpositions: count them.
#[test]
fn mod_37_36_misses_few_transpositions() {
    let symbols: Vec<char> = ALNUM.chars().collect();
    let (mut missed, mut total) = (0, 0);
    for before in &symbols {
        for a in &symbols {
            for b in symbols.iter().filter(|b| *b != a) {
                total += 1;
                let straight = check::mod_37_36(&format!("{before}{a}{b}"));
                let swapped = check::mod_37_36(&format!("{before}{b}{a}"));
                missed += usize::from(straight == swapped);
            }
        }
    }
    assert_eq!(total, 36 * 36 * 35);
    assert!(missed * 500 < total, "missed {missed} of {total}");
}
