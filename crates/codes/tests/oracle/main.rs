//! Agreement with an outside implementation (PyPI `python-stdnum`) and with real published codes.
//!
//! The Python that has the package is named by `TONGBAN_PYTHON` (default `python3`).

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tongban_codes::{LicenceIdentifier, LicenceIdentifierParts, ResidentId, Uscc, check};

const INSTALL: &str = "install it with: python3 -m venv .venv && .venv/bin/pip install python-stdnum==2.2 && export TONGBAN_PYTHON=$PWD/.venv/bin/python";

#[expect(
    clippy::disallowed_methods,
    reason = "a test finds its tools by environment variables"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn python() -> String {
    variable("TONGBAN_PYTHON").unwrap_or_else(|| "python3".to_owned())
}

/// Runs `script` with one value per line on its input; it answers one line per value.
fn ask(script: &str, values: &[String]) -> Vec<String> {
    let probe = Command::new(python())
        .args(["-c", "import stdnum"])
        .output();
    assert!(
        probe.is_ok_and(|output| output.status.success()),
        "python-stdnum is missing; {INSTALL}"
    );
    let mut child = Command::new(python())
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let mut input = child.stdin.take().expect("piped");
    let text = values.join("\n");
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("python ends");
    writer.join().expect("writer ends").expect("input taken");
    assert!(output.status.success());
    let answers: Vec<String> = String::from_utf8(output.stdout)
        .expect("utf-8")
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(answers.len(), values.len());
    answers
}

/// A small fixed sequence of numbers: the same values in every run.
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }

    fn text(&mut self, alphabet: &str, length: usize) -> String {
        (0..length)
            .map(|_| char::from(alphabet.as_bytes()[self.below(alphabet.len())]))
            .collect()
    }
}

/// Eighteen letters and digits beginning with a digit: English company names are not meant.
fn is_code(field: &str) -> bool {
    field.len() == 18
        && field.starts_with(|c: char| c.is_ascii_digit())
        && field.bytes().all(|c| c.is_ascii_alphanumeric())
}

const VALID: &str = "import sys\nfrom stdnum.cn import {m} as m\nfor l in sys.stdin.read().split('\\n'): print(int(m.is_valid(l)))";

#[test]
#[ignore = "needs PyPI python-stdnum; run: .ci/run or cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn citizen_numbers_agree() {
    let mut random = Sequence(11_643);
    // Counties whose code the oracle knows for every year from 1985 on.
    let areas = ["110101", "110105", "320102", "440103", "310101", "610102"];
    let values: Vec<String> = (0..6000)
        .map(|i| {
            let (year, month, day) = (
                1985 + random.below(35),
                1 + random.below(13),
                1 + random.below(32),
            );
            let body = format!(
                "{}{year:04}{month:02}{day:02}{:03}",
                areas[random.below(areas.len())],
                random.below(1000)
            );
            let right = check::resident_id(&body).expect("17 digits");
            let last = if i % 3 == 0 {
                random.text("0123456789X", 1)
            } else {
                right.to_string()
            };
            format!("{body}{last}")
        })
        .collect();
    let answers = ask(&VALID.replace("{m}", "ric"), &values);
    let mut valid = 0;
    for (value, answer) in values.iter().zip(&answers) {
        let ours = value.parse::<ResidentId>();
        assert_eq!(ours.is_ok(), answer == "1", "{value}: {ours:?}");
        valid += usize::from(ours.is_ok());
    }
    assert!(
        (3000..5000).contains(&valid),
        "{valid} valid: the sample must hold both kinds"
    );
}

#[test]
#[ignore = "needs PyPI python-stdnum; run: .ci/run or cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn credit_codes_agree() {
    let mut random = Sequence(32_100);
    let values: Vec<String> = (0..6000)
        .map(|i| {
            let body = format!(
                "{}{}{}",
                random.text("159", 1),
                random.text("0123456789", 7),
                random.text(check::USCC_ALPHABET, 9)
            );
            let right = check::uscc(&body).expect("17 characters");
            let last = if i % 3 == 0 {
                random.text("0123456789ABCDEFGHIJ", 1)
            } else {
                right.to_string()
            };
            format!("{body}{last}")
        })
        .collect();
    let answers = ask(&VALID.replace("{m}", "uscc"), &values);
    for (value, answer) in values.iter().zip(&answers) {
        assert_eq!(Uscc::parse(value).is_ok(), answer == "1", "{value}");
    }
    assert!(
        answers.iter().any(|answer| answer == "0") && answers.iter().any(|answer| answer == "1")
    );
}

#[test]
#[ignore = "needs PyPI python-stdnum; run: .ci/run or cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn mod_37_36_agrees() {
    let mut random = Sequence(36_904);
    let alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let parts: Vec<[String; 3]> = (0..5000)
        .map(|_| {
            let type_code = format!(
                "{}{}",
                random.text(alphabet, 18),
                random.text("0123456789", 3)
            );
            let length = 1 + random.below(20);
            [
                type_code,
                random.text(alphabet, 18),
                random.text(alphabet, length),
            ]
        })
        .collect();
    let ids: Vec<LicenceIdentifier> = parts
        .iter()
        .map(|[type_code, issuer, serial]| {
            let parts = LicenceIdentifierParts {
                type_code,
                issuer,
                serial,
                version: 1,
            };
            LicenceIdentifier::build(parts).expect("right form")
        })
        .collect();
    let bodies: Vec<String> = parts
        .iter()
        .map(|parts| format!("{}001", parts.concat()))
        .collect();
    let script = "import sys\nfrom stdnum.iso7064 import mod_37_36 as m\nfor l in sys.stdin.read().split('\\n'): print(m.calc_check_digit(l))";
    for ((id, body), answer) in ids.iter().zip(&bodies).zip(ask(script, &bodies)) {
        assert!(
            id.as_str().ends_with(&format!(".{answer}")),
            "{id} of {body}: {answer}"
        );
    }
}

#[test]
#[ignore = "needs ../shared and PyPI python-stdnum; run: .ci/run or cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn published_credit_codes_agree() {
    let shared = variable("TONGBAN_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = shared.join("data/opendata-zj/travel_agency.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: ../shared is absent");
        return;
    };
    // The credit code is the only field of 18 letters and digits; some rows have none or a damaged one.
    let mut codes: Vec<String> = text
        .lines()
        .skip(1)
        .flat_map(|line| line.split(','))
        .filter(|field| is_code(field))
        .map(str::to_owned)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    assert!(codes.len() > 1_500, "{} codes", codes.len());
    let refused: Vec<_> = codes
        .iter()
        .filter(|code| Uscc::parse(code).is_err())
        .collect();
    // One wrong check character, one letter O typed for a zero.
    assert_eq!(refused, ["9033090376131409XE", "91330106MA2HYKCNOP"]);
    let answers = ask(&VALID.replace("{m}", "uscc"), &codes);
    for (code, answer) in codes.iter().zip(&answers) {
        assert_eq!(Uscc::parse(code).is_ok(), answer == "1", "{code}");
    }
}
