use proptest::prelude::*;
use tongban_seal::*;

use crate::world::key;

fn unhex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap()
}

#[test]
fn sm3_vectors_of_gbt_32905() {
    assert_eq!(
        hex::encode(sm3(b"abc")),
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    );
    assert_eq!(
        hex::encode(sm3("abcd".repeat(16).as_bytes())),
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    );
}

#[test]
fn sm2_signature_of_gbt_32918_5() {
    // GB/T 32918.5 appendix A.2: key pair, "message digest", default identity.
    let key = Sm2SigningKey::from_random(
        &unhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
            .try_into()
            .unwrap(),
    )
    .unwrap();
    let point = hex::encode_upper(key.verifying_key().to_point());
    assert_eq!(
        point,
        "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
    );
    let signature = Signature::from_raw(&unhex(
        "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3 B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA",
    ))
    .unwrap();
    key.verifying_key()
        .verify(b"message digest", &signature)
        .unwrap();
    assert!(
        key.verifying_key()
            .verify(b"message digesT", &signature)
            .is_err()
    );
    assert!(
        key.verifying_key()
            .verify_with_id("another", b"message digest", &signature)
            .is_err()
    );
}

#[test]
fn sm4_gcm_vector_of_rfc_8998() {
    let key = unhex("0123456789ABCDEFFEDCBA9876543210")
        .try_into()
        .unwrap();
    let nonce = unhex("00001234567800000000ABCD").try_into().unwrap();
    let aad = unhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2");
    let plain = unhex(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDDEEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA",
    );
    let sealed = sm4_gcm_seal(&key, &nonce, &aad, &plain).unwrap();
    assert_eq!(
        hex::encode_upper(&sealed),
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D83DE3541E4C2B58177E065A9BF7B62EC"
    );
    assert_eq!(sm4_gcm_open(&key, &nonce, &aad, &sealed).unwrap(), plain);
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert_eq!(
            sm4_gcm_open(&key, &nonce, &aad, &changed),
            Err(SealError::Decrypt)
        );
    }
    assert!(sm4_gcm_open(&key, &nonce, &aad[1..], &sealed).is_err());
    assert!(sm4_gcm_open(&key, &nonce, &aad, &sealed[..15]).is_err());
}

#[test]
fn data_keys_are_bound_to_their_owner() {
    let (master, data) = ([1; 32], [2; 16]);
    let wrapped = wrap_key(&master, b"case-1", &data, &[3; 12]).unwrap();
    assert_eq!(wrapped.len(), 44);
    assert_eq!(unwrap_key(&master, b"case-1", &wrapped).unwrap(), data);
    assert!(unwrap_key(&master, b"case-2", &wrapped).is_err());
    assert!(unwrap_key(&[9; 32], b"case-1", &wrapped).is_err());
    assert!(unwrap_key(&master, b"case-1", &wrapped[..10]).is_err());
    let derived = |id: &[u8], purpose| derive_data_key(&master, id, purpose).unwrap();
    assert_ne!(derived(b"1", "fields"), derived(b"2", "fields"));
    assert_ne!(derived(b"1", "fields"), derived(b"1", "blobs"));
    assert!(hkdf_sm3(&master, b"", b"", 255 * 32 + 1).is_err());
    assert_eq!(hkdf_sm3(&master, b"", b"", 255 * 32).unwrap().len(), 8160);
}

#[test]
fn blind_indices_depend_on_key_and_domain() {
    let index = blind_index(&[1; 32], "person.id_no", "33010019900307123X");
    assert_eq!(
        index,
        blind_index(&[1; 32], "person.id_no", "33010019900307123X")
    );
    assert_ne!(
        index,
        blind_index(&[2; 32], "person.id_no", "33010019900307123X")
    );
    assert_ne!(
        index,
        blind_index(&[1; 32], "person.phone", "33010019900307123X")
    );
    assert_ne!(
        blind_index(&[1; 32], "ab", "c"),
        blind_index(&[1; 32], "a", "bc")
    );
}

#[test]
fn keys_travel_as_pkcs8_and_spki() {
    let key = key(7);
    let public = key.verifying_key();
    let back = Sm2SigningKey::from_pkcs8_pem(&key.to_pkcs8_pem().unwrap()).unwrap();
    assert_eq!(back.verifying_key(), public);
    let back = Sm2SigningKey::from_pkcs8_der(&key.to_pkcs8_der().unwrap()).unwrap();
    assert_eq!(back.verifying_key(), public);
    let pem = public.to_spki_pem().unwrap();
    assert_eq!(Sm2VerifyingKey::from_spki_pem(&pem).unwrap(), public);
    assert_eq!(
        Sm2VerifyingKey::from_point(&public.to_point()).unwrap(),
        public
    );
    assert!(!format!("{key:?}").contains("07"));
    for bad in [[0u8; 32], [0xff; 32]] {
        assert!(Sm2SigningKey::from_random(&bad).is_err());
    }
    assert!(Sm2SigningKey::from_pkcs8_pem("nonsense").is_err());
    assert!(Sm2VerifyingKey::from_point(&[4; 65]).is_err());
    assert!(Sm2VerifyingKey::from_point(&[0]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn signatures_verify_and_nothing_else_does(
        seed in 1u8..=254, message in prop::collection::vec(any::<u8>(), 0..200),
        byte in 0usize..64, bit in 0u8..8, id in "[a-z0-9]{1,30}",
    ) {
        let key = key(seed);
        let public = key.verifying_key();
        let signature = key.sign(&message).unwrap();
        prop_assert!(public.verify(&message, &signature).is_ok());
        prop_assert_eq!(Signature::from_der(&signature.to_der()).unwrap(), signature);
        prop_assert_eq!(Signature::from_raw(&signature.to_raw()).unwrap(), signature);
        let mut raw = signature.to_raw();
        raw[byte] ^= 1 << bit;
        if let Ok(forged) = Signature::from_raw(&raw) {
            prop_assert!(public.verify(&message, &forged).is_err());
        }
        let named = key.sign_with_id(&id, &message).unwrap();
        prop_assert!(public.verify_with_id(&id, &message, &named).is_ok());
        prop_assert!(public.verify(&message, &named).is_err());
    }

    #[test]
    fn any_bytes_are_parsed_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Certificate::from_der(&bytes);
        let _ = Signature::from_der(&bytes);
        let _ = cms_verify(&bytes, &[b"x"]);
        let _ = ses::Seal::from_der(&bytes);
        let _ = ses::SealSignature::from_der(&bytes);
        let _ = pdf::verify(&bytes, &[]);
    }
}
