use tongban_seal::ses::{Seal, SealInfo, SealSignature, SealUsers};
use tongban_seal::*;

use crate::world::{World, time};

fn info(users: SealUsers) -> SealInfo {
    SealInfo {
        vendor: "Tongban".into(),
        id: "33010000000001".into(),
        kind: 1,
        name: "杭州市市场监督管理局行政审批专用章".into(),
        users,
        created: time("2026-01-02T00:00:00Z"),
        valid_from: time("2026-01-02T00:00:00Z"),
        valid_to: time("2031-01-02T00:00:00Z"),
        picture_type: "PNG".into(),
        picture: vec![1, 2, 3],
        width_mm: 42,
        height_mm: 42,
    }
}

#[test]
fn a_seal_is_made_read_and_verified() {
    let world = World::new();
    let at = time("2026-08-21T09:31:00Z");
    let user = world.organ.certificate();
    for users in [
        SealUsers::Certificates(vec![user.der().to_vec()]),
        SealUsers::Digests(vec![("SM3".into(), user.fingerprint().to_vec())]),
    ] {
        let seal = Seal::make(&info(users.clone()), &world.maker).unwrap();
        let back = Seal::from_der(seal.der()).unwrap();
        assert_eq!(back, seal);
        assert_eq!(back.info, info(users));
        assert_eq!(back.version, 4);
        assert_eq!(&back.maker, world.maker.certificate());
        back.verify(at).unwrap();
        assert!(back.verify(time("2031-01-03T00:00:00Z")).is_err());
        assert!(back.info.users.contains(user));
        assert!(!back.info.users.contains(world.officer.certificate()));

        let hash = sm3(b"<Signature/>");
        let path = "/Doc_0/Signs/Sign_0/Signature.xml";
        let signature = SealSignature::make(&seal, &hash, path, at, &world.organ).unwrap();
        let back = SealSignature::from_der(signature.der()).unwrap();
        assert_eq!((back.time, back.property.as_str()), (at, path));
        back.verify(&hash).unwrap();
        assert!(back.verify(&sm3(b"<signature/>")).is_err());
        assert!(
            SealSignature::make(&seal, &hash, path, at, &world.officer).is_err(),
            "not a user"
        );
        let late = time("2032-01-01T00:00:00Z");
        let expired = SealSignature::make(&seal, &hash, path, late, &world.organ).unwrap();
        assert!(expired.verify(&hash).is_err(), "the seal had expired");
    }
}

#[test]
fn every_flipped_byte_of_a_seal_is_seen() {
    let world = World::new();
    let at = time("2026-08-21T09:31:00Z");
    let users = SealUsers::Certificates(vec![world.organ.certificate().der().to_vec()]);
    let seal = Seal::make(&info(users), &world.maker).unwrap();
    let maker_at = seal
        .der()
        .windows(8)
        .position(|w| w == &world.maker.certificate().der()[..8])
        .unwrap();
    for at_byte in 0..seal.der().len() {
        let mut forged = seal.der().to_vec();
        forged[at_byte] ^= 1;
        let seen = match Seal::from_der(&forged) {
            Err(_) => true,
            // The maker's certificate is not under the maker's signature: its own chain protects it.
            Ok(seal) if at_byte >= maker_at => {
                seal.verify(at).is_err()
                    || verify_chain(&seal.maker, world.maker.chain(), &world.anchors(), at).is_err()
            }
            Ok(seal) => seal.verify(at).is_err(),
        };
        assert!(seen, "byte {at_byte}");
    }
}
