//! Outside tools look at the documents: poppler reads them, qpdf checks them.

#[path = "../it/samples.rs"]
mod samples;

use std::path::Path;
use std::process::Command;

use samples::{KINDS, Kind, sample};
use tongban_documents::{FontSet, Press, Seal, qr_svg};

const INSTALL: &str = "apt-get install -y poppler-utils qpdf";

fn run(tool: &str, args: &[&str]) -> String {
    let out = Command::new(tool)
        .args(args)
        .output()
        .unwrap_or_else(|e| panic!("{tool}: {e}; install it with: {INSTALL}"));
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(
        out.status.success(),
        "{tool} {args:?}: {text}{}",
        String::from_utf8_lossy(&out.stderr)
    );
    text
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a readable temporary path")
}

#[test]
#[ignore = "needs poppler-utils and qpdf; run: cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn poppler_and_qpdf_agree_with_every_document() {
    let press = Press::new(FontSet::embedded());
    let folder = tempfile::tempdir().expect("a folder");
    let created = "2026-11-22T09:41:07+08:00".parse().expect("a time");
    for template in press.templates() {
        for kind in KINDS {
            let data = sample(&template, kind).expect("every template has samples");
            let made = press.render(&template, &data, created).expect("renders");
            let file = folder.path().join(format!("{template}-{kind:?}.pdf"));
            std::fs::write(&file, &made.pdf).expect("written");
            run("qpdf", &["--check", path(&file)]);
            let info = run("pdfinfo", &[path(&file)]);
            for expected in [
                format!("Pages:           {}\n", made.pages),
                "Tagged:          yes\n".to_owned(),
                "JavaScript:      no\n".to_owned(),
                "Creator:         Tongban\n".to_owned(),
            ] {
                assert!(
                    info.contains(&expected),
                    "{template} {kind:?}: {expected} in {info}"
                );
            }
            let meta = run("pdfinfo", &["-meta", path(&file)]);
            assert!(
                meta.contains("<pdfaid:part>2<") && meta.contains("<pdfaid:conformance>A<"),
                "{meta}"
            );
            assert!(meta.contains("<pdfuaid:part>1<"), "{meta}");
            let text: String = run("pdftotext", &[path(&file), "-"])
                .split_whitespace()
                .collect();
            let number = data["number"].as_str().expect("a number");
            assert!(
                template == "guide" || text.contains(number),
                "{template} {kind:?}: {text}"
            );
            if kind == Kind::Rare && template != "guide" {
                assert!(
                    text.contains("䶮𫘧〔U+21484〕〔U+1F600〕〔U+2A6A5〕"),
                    "{template}: {text}"
                );
            }
            let fonts = run("pdffonts", &[path(&file)]);
            for line in fonts.lines().skip(2) {
                let flags: Vec<&str> = line.split_whitespace().rev().take(5).collect();
                assert!(
                    matches!(flags[..], [_, _, "yes", "yes", "yes"]),
                    "embedded, subset, Unicode: {line}"
                );
            }
        }
    }
}

#[test]
#[ignore = "needs librsvg2-bin and zbar-tools; run: cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn a_scanner_reads_the_code_and_another_renderer_shows_the_seal() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "https://tongban.example/v/8K3F-22QX-91PD";
    let seal = Seal {
        organ: "云泽市行政审批局",
        bottom: "行政审批专用章 演示",
        star: true,
    };
    let seal = seal.svg().expect("short");
    for (name, svg) in [("qr", qr_svg(text).expect("short")), ("seal", seal)] {
        let (svg_file, png) = (
            folder.path().join("a.svg"),
            folder.path().join(format!("{name}.png")),
        );
        std::fs::write(&svg_file, svg).expect("written");
        let out = Command::new("rsvg-convert")
            .args(["-w", "420", "-o", path(&png), path(&svg_file)])
            .status()
            .expect("apt-get install -y librsvg2-bin zbar-tools");
        assert!(out.success());
    }
    let read = Command::new("zbarimg")
        .args(["--quiet", "--raw", path(&folder.path().join("qr.png"))])
        .output()
        .expect("apt-get install -y librsvg2-bin zbar-tools");
    assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), text);
}
