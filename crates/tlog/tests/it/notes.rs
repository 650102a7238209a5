use proptest::prelude::*;
use tongban_tlog::note::key_id;
use tongban_tlog::*;

use crate::world::{sm2_log, sm2_public};

#[test]
fn the_specification_example_verifies() {
    // c2sp.org/signed-note, "Verifier keys", example.
    let key = NoteVerifier::parse(
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    )
    .unwrap();
    let text = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    let note = Note::parse(text).unwrap();
    assert!(note.verify(&key).unwrap());
    assert_eq!(note.to_string(), text);
    let forged = Note::parse(&text.replace("example message", "example massage")).unwrap();
    assert!(matches!(forged.verify(&key), Err(TlogError::Signature(_))));
    assert_eq!(key.to_vkey().parse_again(), key);
}

trait ParseAgain {
    fn parse_again(&self) -> NoteVerifier;
}
impl ParseAgain for String {
    fn parse_again(&self) -> NoteVerifier {
        NoteVerifier::parse(self).unwrap()
    }
}

#[test]
fn go_test_keys_are_read() {
    // golang.org/x/mod/sumdb/note, documented example keys (PeterNeumann).
    let skey = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let signer = Ed25519Signer::from_skey(skey).unwrap();
    assert_eq!(signer.to_skey(), skey);
    assert_eq!(signer.verifier().to_vkey(), vkey);
    assert!(Ed25519Signer::from_skey(&skey.replace("c74f20a3", "c74f20a4")).is_err());
    assert!(NoteVerifier::parse(&vkey.replace("c74f20a3", "c74f20a4")).is_err());
}

#[test]
fn malformed_notes_are_refused() {
    let line = "\u{2014} a AAAAAQ1=\n";
    for bad in [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n\nno dash\n",
        "text\u{1}\n\n\u{2014} a AAAAAQE=\n",
        "text\r\n\n\u{2014} a AAAAAQE=\n",
        "text\n\n\u{2014} a+b AAAAAQE=\n",
        "text\n\n\u{2014}  AAAAAQE=\n",
        "text\n\n\u{2014} a AAAAAQE=",
        "text\n\n\u{2014} a AAAA\n",
        "text\n\n\u{2014} a !!!!\n",
        "text\n\n\u{2014} a\u{3000}b AAAAAQE=\n",
        "text\n\n\u{2014} a AAAAAQE= \n",
    ] {
        assert!(Note::parse(bad).is_err(), "{bad:?}");
    }
    assert!(
        Note::parse(&format!("text\n\n{line}")).is_err(),
        "non-canonical base64"
    );
    assert!(Note::parse(&format!("text\n\n{}", "\u{2014} a AAAAAQE=\n".repeat(65))).is_err());
    assert!(Note::parse(&format!("text\n\n{}", "\u{2014} a AAAAAQE=\n".repeat(64))).is_ok());
    assert!(
        Note::parse("a\n\nb\n\n\u{2014} a AAAAAQE=\n")
            .unwrap()
            .text()
            == "a\n\nb\n"
    );
}

#[test]
fn checkpoints_are_signed_by_both_algorithms_and_cosigned() {
    let head = Checkpoint {
        origin: "log.example.gov.cn/2026".into(),
        size: 7,
        root: [9; 32],
    };
    let ed = Ed25519Signer::from_seed(head.origin.clone(), &[1; 32]).unwrap();
    let sm2 = sm2_log(&head.origin);
    let sm2_key = NoteVerifier::sm2(&head.origin, &sm2_public()).unwrap();
    let mut note = head.sign(&[&ed, &sm2]).unwrap();
    let witness = Cosigner::from_seed("audit.example.gov.cn", &[2; 32]).unwrap();
    note.push(witness.cosign(note.text(), 1_790_000_000).unwrap())
        .unwrap();
    let note = Note::parse(&note.to_string()).unwrap();

    assert_eq!(Checkpoint::open(&note, &[ed.verifier()]).unwrap(), head);
    assert_eq!(
        Checkpoint::open(&note, &[NoteVerifier::parse(&sm2_key.to_vkey()).unwrap()]).unwrap(),
        head
    );
    let seen = Cosignature::verify(&note, &witness.verifier())
        .unwrap()
        .unwrap();
    assert_eq!(seen.time, 1_790_000_000);
    let stranger = Ed25519Signer::from_seed(head.origin.clone(), &[3; 32]).unwrap();
    assert!(matches!(
        Checkpoint::open(&note, &[stranger.verifier()]),
        Err(TlogError::Untrusted(_))
    ));
    assert!(
        Cosignature::verify(&note, &ed.verifier()).is_err(),
        "a log key is no witness"
    );
    assert_ne!(
        key_id("a", KeyKind::Ed25519, b"k"),
        key_id("a", KeyKind::CosignatureV1, b"k")
    );
}

#[test]
fn one_wrong_signature_of_a_known_key_refuses_the_note() {
    let head = Checkpoint {
        origin: "log.example/1".into(),
        size: 1,
        root: [0; 32],
    };
    let ed = Ed25519Signer::from_seed("log.example/1", &[1; 32]).unwrap();
    let sm2_key = NoteVerifier::sm2("log.example/1", &sm2_public()).unwrap();
    let mut note = head.sign(&[&ed]).unwrap();
    let wrong = sm2_log("log.example/1").sign(b"something else").unwrap();
    note.push(tongban_tlog::note::NoteSignature {
        name: "log.example/1".into(),
        key_id: sm2_key.key_id(),
        bytes: wrong,
    })
    .unwrap();
    assert!(matches!(
        Checkpoint::open(&note, &[ed.verifier(), sm2_key]),
        Err(TlogError::Signature(_))
    ));
}

#[test]
fn malformed_checkpoints_are_refused() {
    let root = "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=";
    assert!(Checkpoint::parse(&format!("o\n1\n{root}\n")).is_ok());
    assert!(Checkpoint::parse(&format!("o\n1\n{root}\next\n")).is_ok());
    for bad in [
        format!("o\n01\n{root}\n"),
        format!("o\n+1\n{root}\n"),
        format!("o\n\n{root}\n"),
        format!("\n1\n{root}\n"),
        format!("o\n1\n{root}"),
        format!("o\n1\n{}\n", &root[4..]),
        format!("o\n1\n{root}\n\nx\n"),
        format!("o\n99999999999999999999\n{root}\n"),
        "o\n1\n".into(),
    ] {
        assert!(Checkpoint::parse(&bad).is_err(), "{bad:?}");
    }
}

#[test]
fn policies_follow_the_specification() {
    let key = |n: u8| Cosigner::from_seed(format!("w{n}"), &[n; 32]).unwrap();
    let log = Ed25519Signer::from_seed("log.example/1", &[99; 32]).unwrap();
    let text = format!(
        "# policy\nlog {} https://log.example/\n\nwitness X1 {}\nwitness X2 {}\n\twitness Y1 {}\ngroup X any X1 X2\ngroup both all X Y1\nquorum both\n",
        log.verifier().to_vkey(),
        key(1).verifier().to_vkey(),
        key(2).verifier().to_vkey(),
        key(3).verifier().to_vkey(),
    );
    let policy = Policy::parse(&text).unwrap();
    let head = Checkpoint {
        origin: "log.example/1".into(),
        size: 1,
        root: [0; 32],
    };
    let cosigned = |witnesses: &[u8]| {
        let mut note = head.sign(&[&log]).unwrap();
        for w in witnesses {
            note.push(key(*w).cosign(note.text(), 5).unwrap()).unwrap();
        }
        policy.check(&note)
    };
    assert!(cosigned(&[]).is_err());
    assert!(cosigned(&[1, 2]).is_err());
    assert!(cosigned(&[3]).is_err());
    assert_eq!(cosigned(&[2, 3]).unwrap().witnesses.len(), 2);
    for (from, to) in [
        ("quorum both\n", ""),
        ("quorum both", "quorum nobody"),
        ("group X any", "group X 3"),
        ("group X any", "group X 0"),
        ("group X any", "group none any"),
        ("X1 X2", "X1 X1"),
        ("X any X1 X2", "X any both"),
        ("quorum both", "quorum both\nquorum none"),
        ("# policy", "policy"),
    ] {
        assert!(
            Policy::parse(&text.replace(from, to)).is_err(),
            "{from} → {to}"
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_parsed_without_panic(text in "[a\n\u{2014} A=+0-9/]{0,200}") {
        if let Ok(note) = Note::parse(&text) {
            prop_assert_eq!(note.to_string(), text.clone());
        }
        let _ = Checkpoint::parse(&text);
        let _ = TlogProof::parse(&text);
        let _ = Policy::parse(&text);
        let _ = NoteVerifier::parse(&text);
        let _ = LeafText::parse(text.as_bytes());
    }
}
