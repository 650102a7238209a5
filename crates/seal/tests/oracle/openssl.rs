use std::fs;

use tongban_seal::*;

use crate::world::{World, key};
use crate::{ok, run};

const ID: &str = "distid:1234567812345678";

#[test]
#[ignore = "needs openssl; run: cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn openssl_accepts_our_signature_and_key() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let key = key(7);
    fs::write(at.join("m"), "批准").unwrap();
    fs::write(
        at.join("pub.pem"),
        key.verifying_key().to_spki_pem().unwrap(),
    )
    .unwrap();
    fs::write(at.join("key.pem"), key.to_pkcs8_pem().unwrap()).unwrap();
    fs::write(at.join("s"), key.sign("批准".as_bytes()).unwrap().to_der()).unwrap();
    let verify = |id: &str| {
        run(
            at,
            "openssl",
            &[
                "dgst",
                "-sm3",
                "-verify",
                "pub.pem",
                "-signature",
                "s",
                "-sigopt",
                id,
                "m",
            ],
        )
    };
    assert!(verify(ID).status.success());
    assert!(
        !verify("distid:8765432187654321").status.success(),
        "wrong identity"
    );
    // OpenSSL reads our PKCS #8 and derives the same public key.
    let public = ok(at, "openssl", &["pkey", "-in", "key.pem", "-pubout"]);
    assert_eq!(
        Sm2VerifyingKey::from_spki_pem(&public).unwrap(),
        key.verifying_key()
    );
    fs::write(
        at.join("s"),
        key.sign_with_id("alice@example", "批准".as_bytes())
            .unwrap()
            .to_der(),
    )
    .unwrap();
    assert!(verify("distid:alice@example").status.success());
    assert!(!verify(ID).status.success());
}

#[test]
#[ignore = "needs openssl; run: cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn we_accept_openssl_signature_and_key() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("m"), "批准").unwrap();
    ok(
        at,
        "openssl",
        &[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:SM2",
            "-out",
            "key.pem",
        ],
    );
    ok(
        at,
        "openssl",
        &[
            "dgst", "-sm3", "-sign", "key.pem", "-sigopt", ID, "-out", "s", "m",
        ],
    );
    let key =
        Sm2SigningKey::from_pkcs8_pem(&fs::read_to_string(at.join("key.pem")).unwrap()).unwrap();
    let signature = Signature::from_der(&fs::read(at.join("s")).unwrap()).unwrap();
    key.verifying_key()
        .verify("批准".as_bytes(), &signature)
        .unwrap();
    assert!(
        key.verifying_key()
            .verify_with_id("x", "批准".as_bytes(), &signature)
            .is_err()
    );
}

#[test]
#[ignore = "needs openssl; run: cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn openssl_follows_our_chain_and_we_read_its_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let world = World::new();
    fs::write(at.join("root.pem"), world.root.certificate().to_pem()).unwrap();
    fs::write(at.join("middle.pem"), world.middle.certificate().to_pem()).unwrap();
    fs::write(at.join("leaf.pem"), world.organ.certificate().to_pem()).unwrap();
    // OpenSSL gives the identity to the certificate asked for only, so the chain is shown link by link.
    let link = |issuer: &str, subject: &str, id: &str| {
        let base = [
            "verify",
            "-x509_strict",
            "-partial_chain",
            "-attime",
            "1787304660",
        ];
        let arguments = [&base[..], &["-vfyopt", id, "-CAfile", issuer, subject]].concat();
        run(at, "openssl", &arguments)
    };
    for (issuer, subject) in [
        ("root.pem", "root.pem"),
        ("root.pem", "middle.pem"),
        ("middle.pem", "leaf.pem"),
    ] {
        let output = link(issuer, subject, ID);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert!(
        !link("middle.pem", "leaf.pem", "distid:8765432187654321")
            .status
            .success()
    );
    assert!(
        !link("root.pem", "leaf.pem", ID).status.success(),
        "not its issuer"
    );
    let text = ok(
        at,
        "openssl",
        &[
            "x509", "-in", "leaf.pem", "-noout", "-text", "-nameopt", "utf8",
        ],
    );
    assert!(
        text.contains("CN=行政审批专用章") && text.contains("CA:FALSE"),
        "{text}"
    );

    let generate = [
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:SM2",
    ];
    ok(at, "openssl", &[&generate[..], &["-out", "k.pem"]].concat());
    let request = [
        "req", "-new", "-x509", "-key", "k.pem", "-out", "c.pem", "-sm3", "-sigopt", ID,
    ];
    let subject = ["-days", "3650", "-subj", "/C=CN/O=Test/CN=root"];
    ok(at, "openssl", &[&request[..], &subject].concat());
    let theirs = Certificate::from_pem(&fs::read_to_string(at.join("c.pem")).unwrap()).unwrap();
    theirs.verify_signed_by(theirs.public_key()).unwrap();
    assert_eq!(theirs.subject().common_name, "root");
    assert!(theirs.is_ca());
}

#[test]
#[ignore = "needs openssl; run: cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn digests_and_derivation_agree() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for length in [0usize, 1, 55, 56, 63, 64, 65, 1000] {
        let message: Vec<u8> = (0..length).map(|i| i as u8).collect();
        fs::write(at.join("m"), &message).unwrap();
        let theirs = ok(at, "openssl", &["dgst", "-sm3", "-r", "m"]);
        assert!(theirs.starts_with(&hex::encode(sm3(&message))), "{length}");
        for key in [vec![1u8; 16], vec![2; 64], vec![3; 100]] {
            let option = format!("hexkey:{}", hex::encode(&key));
            let theirs = ok(
                at,
                "openssl",
                &[
                    "dgst", "-sm3", "-r", "-mac", "HMAC", "-macopt", &option, "m",
                ],
            );
            assert!(
                theirs.starts_with(&hex::encode(hmac_sm3(&key, &[&message]))),
                "{theirs}"
            );
        }
    }
    let theirs = ok(
        at,
        "openssl",
        &[
            "kdf",
            "-keylen",
            "77",
            "-kdfopt",
            "digest:SM3",
            "-kdfopt",
            "hexkey:0b0b0b0b",
            "-kdfopt",
            "hexsalt:000102",
            "-kdfopt",
            "hexinfo:f0f1",
            "HKDF",
        ],
    );
    let ours = hkdf_sm3(&[0x0b; 4], &[0, 1, 2], &[0xf0, 0xf1], 77).unwrap();
    assert_eq!(
        theirs.trim().replace(':', "").to_lowercase(),
        hex::encode(ours)
    );
}

#[test]
#[ignore = "needs openssl; run: cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn openssl_encrypts_as_our_sm4_does() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (key, nonce) = ([0x3c; 16], [0x71; 12]);
    // GCM (NIST SP 800-38D 7.1) is counter mode from the second counter on.
    let first = [nonce.as_slice(), &[0, 0, 0, 2]].concat();
    for size in [1, 16, 47, 127, 128, 129, 1_000, 4_099] {
        let plain: Vec<u8> = (0..size).map(|n| (n * 7) as u8).collect();
        fs::write(at.join("plain"), &plain).unwrap();
        ok(
            at,
            "openssl",
            &[
                "enc",
                "-sm4-ctr",
                "-K",
                &hex::encode(key),
                "-iv",
                &hex::encode(&first),
                "-in",
                "plain",
                "-out",
                "sealed",
            ],
        );
        let ours = sm4_gcm_seal(&key, &nonce, b"row", &plain).unwrap();
        let theirs = fs::read(at.join("sealed")).unwrap();
        assert_eq!(ours.split_last_chunk::<16>().unwrap().0, theirs, "{size}");
    }
}
