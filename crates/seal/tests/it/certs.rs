use proptest::prelude::*;
use tongban_seal::*;

use crate::world::{World, key, spec, time};

#[test]
fn a_chain_is_followed_to_its_anchor() {
    let world = World::new();
    let at = time("2026-08-21T09:31:00Z");
    let leaf = world.organ.certificate();
    let chain = verify_chain(leaf, world.organ.chain(), &world.anchors(), at).unwrap();
    assert_eq!(chain.len(), 3);
    assert_eq!(leaf.subject().common_name, "行政审批专用章");
    assert_eq!(leaf.subject().province, "浙江省");
    assert_eq!(leaf.subject().serial, "11330100002489559F");
    assert_eq!(leaf.issuer().common_name, "试验中级");
    assert_eq!(leaf.serial_hex(), format!("43{}", "03".repeat(15)));
    assert_eq!(leaf.not_after(), time("2051-01-01T00:00:00Z"));
    assert!(leaf.may_sign() && !leaf.is_ca());
    assert_eq!(
        leaf.subject().to_string(),
        "CN=行政审批专用章, O=杭州市市场监督管理局, ST=浙江省, C=CN"
    );
    let back =
        Certificate::chain_from_pem(&format!("{}text\n{}", leaf.to_pem(), chain[2].to_pem()));
    assert_eq!(back.unwrap(), [leaf.clone(), chain[2].clone()]);
}

#[test]
fn chains_are_refused_for_every_reason() {
    let world = World::new();
    let at = time("2026-08-21T09:31:00Z");
    let (leaf, chain) = (world.organ.certificate(), world.organ.chain());
    let refused = |leaf: &Certificate, chain: &[Certificate], anchors: &[Certificate], at| {
        verify_chain(leaf, chain, anchors, at)
            .unwrap_err()
            .to_string()
    };
    assert!(
        refused(leaf, chain, &world.anchors(), time("2025-12-31T23:59:59Z")).contains("有效期")
    );
    assert!(
        refused(leaf, chain, &world.anchors(), time("2051-01-01T00:00:01Z")).contains("有效期")
    );
    assert!(refused(leaf, &[], &world.anchors(), at).contains("找不到"));
    assert!(refused(leaf, chain, &[], at).contains("找不到"));
    let ca = CertificateProfile::Authority { path_length: 0 };
    let stranger = self_signed(&spec("试验根", 1, ca), &key(99)).unwrap();
    assert!(
        refused(leaf, chain, std::slice::from_ref(&stranger), at).contains("找不到"),
        "same name, other key"
    );
    assert!(
        refused(&stranger, &[], &world.anchors(), at).contains("签名"),
        "a CA does not sign documents"
    );
    // An intermediate below one with path length 0.
    let below = issue(&spec("越级", 6, ca), &key(6).verifying_key(), &world.middle).unwrap();
    let below = SoftwareSigner::new(key(6), below, vec![]).unwrap();
    let deep = issue(
        &spec("叶", 8, CertificateProfile::Officer),
        &key(8).verifying_key(),
        &below,
    )
    .unwrap();
    let all = [
        below.certificate().clone(),
        world.middle.certificate().clone(),
    ];
    assert!(refused(&deep, &all, &world.anchors(), at).contains("长度"));
    // A leaf cannot issue.
    assert!(issue(&spec("叶", 8, ca), &key(8).verifying_key(), &world.officer).is_err());
    assert!(SoftwareSigner::new(key(9), leaf.clone(), vec![]).is_err());
}

#[test]
fn signed_data_covers_content_and_time() {
    let world = World::new();
    let at = time("2026-08-21T09:31:00Z");
    let content = b"decision: granted";
    let cms = cms_detached(&world.officer, &sm3(content), at).unwrap();
    let signed = cms_verify(&cms, &[b"decision: ", b"granted"]).unwrap();
    assert_eq!(signed.time, Some(at));
    assert_eq!(&signed.certificate, world.officer.certificate());
    assert_eq!(signed.others, world.officer.chain());
    assert!(cms_verify(&cms, &[b"decision: refused"]).is_err());
    let mut padded = cms.clone();
    padded.extend([0; 100]);
    assert!(cms_verify(&padded, &[content]).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn a_flipped_bit_changes_the_verdict_or_nothing(pick in any::<prop::sample::Index>(), bit in 0u8..8) {
        let world = World::new();
        let at = time("2026-08-21T09:31:00Z");
        let cms = cms_detached(&world.organ, &sm3(b"x"), at).unwrap();
        let mut forged = cms.clone();
        let place = pick.index(cms.len());
        forged[place] ^= 1 << bit;
        if let Ok(signed) = cms_verify(&forged, &[b"x"]) {
            // What is outside the signature may vary; signer and time may not.
            prop_assert_eq!(signed.time, Some(at));
            prop_assert_eq!(signed.certificate.public_key(), world.organ.certificate().public_key());
        }
        let leaf = world.organ.certificate().der();
        let mut forged = leaf.to_vec();
        forged[pick.index(leaf.len())] ^= 1 << bit;
        if let Ok(certificate) = Certificate::from_der(&forged) {
            let verdict = verify_chain(&certificate, world.organ.chain(), &world.anchors(), at);
            prop_assert!(verdict.is_err(), "byte {}", pick.index(leaf.len()));
        }
    }
}
