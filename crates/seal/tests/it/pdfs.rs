use proptest::prelude::*;
use tongban_seal::pdf::{SignatureField, sign, verify};

use crate::world::{World, stream_pdf, table_pdf, time};

fn field(name: &str) -> SignatureField {
    SignatureField {
        name: name.into(),
        signer_name: "杭州市市场监督管理局".into(),
        reason: "核发食品经营许可证".into(),
        location: "330100".into(),
    }
}

#[test]
fn both_kinds_of_file_are_signed_without_touching_the_original() {
    let world = World::new();
    let at = time("2026-08-21T09:31:00Z");
    for original in [table_pdf(), stream_pdf()] {
        let signed = sign(&original, &world.organ, &field("Signature1"), at).unwrap();
        assert!(signed.starts_with(&original));
        let report = verify(&signed, &world.anchors()).unwrap();
        assert!(report.is_ok(), "{report:#?}");
        let one = &report.signatures[0];
        assert_eq!(one.field, "Signature1");
        assert_eq!(one.reason.as_deref(), Some("核发食品经营许可证"));
        assert_eq!(one.intact.as_ref().unwrap().time, Some(at));
        assert!(one.covers_whole_file);
        assert!(
            !verify(&signed, &[]).unwrap().is_ok(),
            "no anchors, no trust"
        );
        assert!(
            !verify(&original, &world.anchors()).unwrap().is_ok(),
            "unsigned"
        );
    }
}

#[test]
fn a_second_signature_keeps_the_first() {
    let world = World::new();
    let at = time("2026-08-21T09:31:00Z");
    for original in [table_pdf(), stream_pdf()] {
        let once = sign(&original, &world.officer, &field("Officer"), at).unwrap();
        let twice = sign(&once, &world.organ, &field("Organ"), at).unwrap();
        assert!(
            sign(&once, &world.organ, &field("Officer"), at).is_err(),
            "name taken"
        );
        let report = verify(&twice, &world.anchors()).unwrap();
        assert!(report.is_ok(), "{report:#?}");
        let covered: Vec<_> = report.signatures.iter().map(|s| s.covered_bytes).collect();
        assert_eq!(covered, [once.len(), twice.len()]);
        assert!(!report.signatures[0].covers_whole_file);
    }
}

#[test]
fn later_additions_and_moved_values_are_seen() {
    let world = World::new();
    let at = time("2026-08-21T09:31:00Z");
    let signed = sign(&table_pdf(), &world.organ, &field("S"), at).unwrap();
    let mut longer = signed.clone();
    longer.extend(b"% something after the signature\n");
    assert!(!verify(&longer, &world.anchors()).unwrap().is_ok());
    // A byte range that leaves more out than the signature value.
    let text = String::from_utf8_lossy(&signed).into_owned();
    let range = text.find("/ByteRange [0 ").unwrap() + 14;
    let first: String = text[range..]
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let smaller = (first.parse::<usize>().unwrap() - 1).to_string();
    let mut forged = signed.clone();
    forged[range..range + smaller.len()].copy_from_slice(smaller.as_bytes());
    assert!(!verify(&forged, &world.anchors()).unwrap().is_ok());
}

#[test]
fn bad_requests_are_refused() {
    let world = World::new();
    let at = time("2026-08-21T09:31:00Z");
    assert!(sign(b"", &world.organ, &field("S"), at).is_err());
    assert!(
        sign(
            b"%PDF-1.4\nstartxref\n0\n%%EOF",
            &world.organ,
            &field("S"),
            at
        )
        .is_err()
    );
    assert!(sign(&table_pdf(), &world.organ, &field(""), at).is_err());
    assert!(sign(&table_pdf(), &world.organ, &field("a.b"), at).is_err());
    let encrypted = String::from_utf8(table_pdf())
        .unwrap()
        .replace("/Size 6", "/Size 6 /Encrypt 9 0 R");
    assert!(sign(encrypted.as_bytes(), &world.organ, &field("S"), at).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn a_flipped_bit_anywhere_is_seen(pick in any::<prop::sample::Index>(), bit in 0u8..8, streams: bool) {
        let world = World::new();
        let original = if streams { stream_pdf() } else { table_pdf() };
        let signed = sign(&original, &world.organ, &field("S"), time("2026-08-21T09:31:00Z")).unwrap();
        let mut forged = signed.clone();
        forged[pick.index(signed.len())] ^= 1 << bit;
        if let Ok(report) = verify(&forged, &world.anchors())
            && report.is_ok()
        {
            // Only padding after the value and the case of its hexadecimal digits carry no meaning.
            let value = report.signatures[0].intact.as_ref().unwrap();
            prop_assert_eq!(&value.certificate, tongban_seal::Signer::certificate(&world.organ));
            let start = forged.windows(11).position(|w| w == b"/Contents <").unwrap();
            prop_assert!(pick.index(signed.len()) > start);
        }
    }

    #[test]
    fn cut_files_are_refused_without_panic(pick in any::<prop::sample::Index>(), streams: bool) {
        let world = World::new();
        let original = if streams { stream_pdf() } else { table_pdf() };
        let cut = &original[..pick.index(original.len() - 8)];
        prop_assert!(sign(cut, &world.organ, &field("S"), time("2026-08-21T09:31:00Z")).is_err());
    }
}
