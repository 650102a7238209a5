use std::fs;
use std::path::Path;

use tongban_seal::pdf::{SignatureField, sign, verify};
use tongban_seal::*;

use crate::world::{World, stream_pdf, table_pdf, time};
use crate::{ok, run};

fn field(name: &str) -> SignatureField {
    SignatureField {
        name: name.into(),
        signer_name: "杭州市市场监督管理局".into(),
        reason: "核发许可证".into(),
        location: "330100".into(),
    }
}

/// Signs a file twice and shows both results to qpdf and poppler.
fn judge(at: &Path, original: &[u8]) {
    let world = World::new();
    let when = time("2026-08-21T09:31:00Z");
    let before = {
        fs::write(at.join("o.pdf"), original).unwrap();
        ok(at, "pdftotext", &["o.pdf", "-"])
    };
    let once = sign(original, &world.officer, &field("Officer"), when).unwrap();
    let twice = sign(&once, &world.organ, &field("Organ"), when).unwrap();
    for (file, count) in [(&once, 1), (&twice, 2)] {
        fs::write(at.join("s.pdf"), file).unwrap();
        let check = ok(at, "qpdf", &["--check", "s.pdf"]);
        assert!(
            check.contains("No syntax or stream encoding errors"),
            "{check}"
        );
        ok(at, "pdfinfo", &["s.pdf"]);
        assert_eq!(ok(at, "pdftotext", &["s.pdf", "-"]), before);
        // pdfsig exits with an error because it does not know SM2; it must list the fields all the same.
        let output = run(at, "pdfsig", &["s.pdf"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(
            text.matches("Signature Field Name").count(),
            count,
            "{text}"
        );
        assert!(text.contains("Total document signed"), "{text}");
        assert!(verify(file, &world.anchors()).unwrap().is_ok());
    }
    // A rewritten file has lost the signed bytes.
    ok(at, "qpdf", &["--object-streams=generate", "s.pdf", "r.pdf"]);
    let report = verify(&fs::read(at.join("r.pdf")).unwrap(), &world.anchors()).unwrap();
    assert_eq!(report.signatures.len(), 2);
    assert!(!report.is_ok());
}

#[test]
#[ignore = "needs qpdf and poppler-utils; run: cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn files_made_by_hand_and_by_qpdf() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    judge(at, &table_pdf());
    judge(at, &stream_pdf());
    fs::write(at.join("t.pdf"), table_pdf()).unwrap();
    for arguments in [
        ["--object-streams=generate", "--min-version=1.5"],
        ["--object-streams=disable", "--newline-before-endstream"],
        ["--linearize", "--object-streams=preserve"],
        ["--linearize", "--object-streams=generate"],
    ] {
        ok(at, "qpdf", &[arguments[0], arguments[1], "t.pdf", "q.pdf"]);
        judge(at, &fs::read(at.join("q.pdf")).unwrap());
    }
}

#[test]
#[ignore = "needs python3 with typst and reportlab; run: cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn files_made_by_typst_and_reportlab() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let script = "
try:
    import typst, reportlab.pdfgen.canvas as c
except ImportError as e:
    raise SystemExit(f'{e}; install: pip install typst reportlab')
open('a.typ','w').write('= Licence\\n#lorem(300)\\n#pagebreak()\\nlast')
typst.compile('a.typ', output='a.pdf')
typst.compile('a.typ', output='b.pdf', pdf_standards=['a-2b'])
p = c.Canvas('c.pdf'); p.drawString(72, 720, 'Licence'); p.showPage(); p.save()
";
    ok(at, "python3", &["-c", script]);
    for file in ["a.pdf", "b.pdf", "c.pdf"] {
        judge(at, &fs::read(at.join(file)).unwrap());
    }
}

#[test]
#[ignore = "needs openssl; run: cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn openssl_parses_signed_data_and_seals() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let world = World::new();
    let cms = cms_detached(&world.organ, &sm3(b"x"), time("2026-08-21T09:31:00Z")).unwrap();
    fs::write(at.join("cms"), cms).unwrap();
    let text = ok(
        at,
        "openssl",
        &["asn1parse", "-inform", "DER", "-in", "cms"],
    );
    for part in [
        "1.2.156.10197.6.1.4.2.2",
        "messageDigest",
        "signingTime",
        "260821093100Z",
    ] {
        assert!(text.contains(part), "{part} not in {text}");
    }
}
