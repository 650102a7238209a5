//! Real seal files from the reference data (`TONGBAN_SHARED`, or `../shared` beside the workspace).

use std::fs;
use std::path::PathBuf;

use tongban_seal::Certificate;
use tongban_seal::ses::{Seal, SealUsers};

use crate::world::time;

fn sample(name: &str) -> Option<Vec<u8>> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    #[expect(
        clippy::disallowed_methods,
        reason = "tests find the reference data by themselves"
    )]
    let shared = std::env::var("TONGBAN_SHARED").unwrap_or_else(|_| beside.into());
    let shared = PathBuf::from(shared);
    if !shared.is_dir() {
        println!("skipped: ../shared is absent");
        return None;
    }
    Some(fs::read(shared.join("data/ofd").join(name)).unwrap())
}

#[test]
#[ignore = "needs ../shared; run: cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn real_seals_of_three_versions_verify() {
    for (name, version, at, late) in [
        (
            "UserV1.esl",
            1,
            "2021-01-01T00:00:00Z",
            "2022-05-01T00:00:00Z",
        ),
        (
            "UserV4.esl",
            4,
            "2021-01-01T00:00:00Z",
            "2022-05-01T00:00:00Z",
        ),
        (
            "UserV5.esl",
            5,
            "2027-01-01T00:00:00Z",
            "2028-05-01T00:00:00Z",
        ),
    ] {
        let Some(bytes) = sample(name) else { return };
        let seal = Seal::from_der(&bytes).unwrap();
        assert_eq!(seal.version, version, "{name}");
        assert!(seal.info.name.contains("测试用印章"), "{}", seal.info.name);
        assert_eq!((seal.info.width_mm, seal.info.height_mm), (40, 40));
        assert!(seal.info.picture.starts_with(b"\x89PNG"));
        let SealUsers::Certificates(users) = &seal.info.users else {
            panic!("{name}")
        };
        let user = Certificate::from_der(&users[0]).unwrap();
        assert!(seal.info.users.contains(&user));
        seal.verify(time(at)).unwrap();
        assert!(seal.verify(time(late)).is_err(), "expired");
        // One pixel of the picture changed.
        let mut forged = bytes.clone();
        forged[10_000] ^= 1;
        assert!(Seal::from_der(&forged).unwrap().verify(time(at)).is_err());
    }
}

#[test]
#[ignore = "needs ../shared; run: cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn damaged_real_seals_are_refused_without_panic() {
    let Some(bytes) = sample("UserV4.esl") else {
        return;
    };
    for end in (0..bytes.len()).step_by(101) {
        assert!(Seal::from_der(&bytes[..end]).is_err());
    }
}
