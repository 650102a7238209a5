use proptest::prelude::*;
use tongban_licences::{
    OfflineError, SealKeys, SignedLicence, signed_file, verify_file, verify_offline,
};

use crate::city::{City, migrations};

/// A signed document and the root to which it leads.
fn signed() -> (SignedLicence, Vec<tongban_seal::Certificate>) {
    tongban_testkit::block_on(async {
        let city = City::on(tongban_testkit::sqlite(migrations()).await).await;
        let licence = city.issued(1).await.licence;
        let li_na = city.citizen(city.li_na, None);
        let (_, json) = signed_file(&li_na, licence).await.expect("hers");
        let anchors = city
            .ctx
            .parts
            .get::<SealKeys>()
            .expect("wired")
            .anchors()
            .expect("a root");
        assert!(verify_file(&json, &anchors).is_ok_and(|check| check.trusted.is_ok()));
        (serde_json::from_slice(&json).expect("a file"), anchors)
    })
}

#[test]
fn every_flipped_byte_is_noticed_and_a_strange_root_is_not_trusted() {
    let (file, anchors) = signed();
    let signature = file.signature_bytes().expect("base64");
    let bytes = file.licence.as_bytes();
    let check = verify_offline(bytes, &signature, &file.certificates, &anchors).expect("sound");
    assert!(check.trusted.is_ok());
    assert_eq!(check.metadata.certificate_holder, "李娜");
    assert_eq!(
        check.metadata.face_json["licence_no"],
        check.metadata.certificate_number.as_str()
    );
    for at in (0..bytes.len()).step_by(bytes.len() / 16) {
        let mut forged = bytes.to_vec();
        forged[at] ^= 1;
        let refused = verify_offline(&forged, &signature, &file.certificates, &anchors);
        assert!(
            matches!(refused, Err(OfflineError::Signature(_))),
            "byte {at}"
        );
    }
    for at in [0, 31, 32, 63] {
        let mut forged = signature.clone();
        forged[at] ^= 1;
        assert!(
            verify_offline(bytes, &forged, &file.certificates, &anchors).is_err(),
            "byte {at}"
        );
    }
    let alone =
        verify_offline(bytes, &signature, &file.certificates, &[]).expect("signed all the same");
    assert!(alone.trusted.is_err());
    let (other, other_root) = {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = std::sync::Arc::new(tongban_kernel::FrozenClock::at(
            "2026-03-02T01:00:00Z".parse().expect("a moment"),
        ));
        let ids = tongban_storage::Ids::new(tongban_testkit::SeededRandom::new(5));
        let seals = tongban_licences::SoftwareSeals::open(folder.path(), ids, clock).expect("keys");
        use tongban_licences::SealSource as _;
        let signer = seals
            .signer("11339900009900021E", "别的机关")
            .expect("a signer");
        let forged = SignedLicence::sign(&check.metadata, signer.as_ref()).expect("signed");
        (forged, seals.anchors().expect("a root"))
    };
    let signature = other.signature_bytes().expect("base64");
    let foreign = verify_offline(
        other.licence.as_bytes(),
        &signature,
        &other.certificates,
        &other_root,
    );
    assert_eq!(foreign, Err(OfflineError::OtherOrgan));
}

#[test]
fn the_keys_of_an_organ_stay_the_same_after_a_restart() {
    use tongban_licences::{SealSource as _, SoftwareSeals};
    let folder = tempfile::tempdir().expect("a folder");
    let clock = std::sync::Arc::new(tongban_kernel::FrozenClock::at(
        "2026-03-02T01:00:00Z".parse().expect("a moment"),
    ));
    let open = |seed| {
        let ids = tongban_storage::Ids::new(tongban_testkit::SeededRandom::new(seed));
        SoftwareSeals::open(folder.path(), ids, clock.clone()).expect("keys")
    };
    let first = open(1)
        .signer("11339900009900021E", "机关")
        .expect("a signer");
    let second = open(2)
        .signer("11339900009900021E", "机关")
        .expect("a signer");
    assert_eq!(first.certificate(), second.certificate());
    assert_eq!(
        open(3).anchors().expect("a root"),
        open(4).anchors().expect("a root")
    );
    for bad in ["", "../../../../etc/pw", "1133990000990002"] {
        assert!(open(1).signer(bad, "x").is_err(), "{bad}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        for file in std::fs::read_dir(folder.path()).expect("a folder") {
            let mode = file
                .expect("a file")
                .metadata()
                .expect("facts")
                .permissions()
                .mode();
            assert_eq!(mode & 0o077, 0);
        }
    }
}

#[test]
fn a_seal_is_renewed_before_it_runs_out_and_old_signatures_keep_their_root() {
    use tongban_licences::{SealSource as _, SoftwareSeals};
    let folder = tempfile::tempdir().expect("a folder");
    let clock = std::sync::Arc::new(tongban_kernel::FrozenClock::at(
        "2026-03-02T01:00:00Z".parse().expect("a moment"),
    ));
    let ids = tongban_storage::Ids::new(tongban_testkit::SeededRandom::new(9));
    let seals = SoftwareSeals::open(folder.path(), ids, clock.clone()).expect("keys");
    let signer = || {
        seals
            .signer("11339900009900021E", "机关")
            .expect("a signer")
    };
    let mut kept = Vec::new();
    for year in [2026, 2030, 2031, 2041, 2060] {
        let now = format!("{year}-06-01T01:00:00Z").parse().expect("a moment");
        clock.set(now);
        let signer = signer();
        let anchors = seals.anchors().expect("roots");
        let leaf = signer.certificate().clone();
        tongban_seal::verify_chain(&leaf, signer.chain(), &anchors, now)
            .expect("trusted when signed");
        kept.push((leaf, now));
    }
    assert_eq!(kept[0].0, kept[1].0);
    assert_ne!(kept[1].0, kept[2].0);
    let anchors = seals.anchors().expect("roots");
    for (leaf, at) in &kept {
        tongban_seal::verify_chain(leaf, &[], &anchors, *at).expect("trusted for ever");
    }
}

proptest! {
    #[test]
    fn no_file_breaks_the_verifier(bytes in proptest::collection::vec(any::<u8>(), 0..400), text in ".{0,200}") {
        prop_assert!(verify_file(&bytes, &[]).is_err());
        let file = serde_json::json!({"licence": text, "signature": text, "certificates": text});
        prop_assert!(verify_file(file.to_string().as_bytes(), &[]).is_err());
    }
}
