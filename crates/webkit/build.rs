//! Prepares the assets: content hash in the name, references between assets rewritten, comments and line breaks taken out of
//! our own CSS, and brotli and gzip forms made once, so that serving is a table lookup.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

/// (logical name, file, content type). What others refer to comes first.
const ASSETS: &[(&str, &str, &str)] = &[
    ("zw-brand.woff2", "zw-brand.woff2", "font/woff2"),
    ("hero.svg", "hero.svg", "image/svg+xml"),
    ("favicon.svg", "favicon.svg", "image/svg+xml"),
    ("icons.svg", "icons.svg", "image/svg+xml"),
    ("zw.css", "zw.css", "text/css; charset=utf-8"),
    ("staff.css", "staff.css", "text/css; charset=utf-8"),
    ("flow.css", "flow.css", "text/css; charset=utf-8"),
    (
        "bpmn.woff2",
        "vendor/bpmn-js-18.31.1/bpmn.woff2",
        "font/woff2",
    ),
    ("drawing.css", "drawing.css", "text/css; charset=utf-8"),
    (
        "diagram-js.css",
        "vendor/bpmn-js-18.31.1/diagram-js.css",
        "text/css; charset=utf-8",
    ),
    (
        "bpmn-js.css",
        "vendor/bpmn-js-18.31.1/bpmn-js.css",
        "text/css; charset=utf-8",
    ),
    (
        "bpmn-codes.css",
        "vendor/bpmn-js-18.31.1/bpmn-codes.css",
        "text/css; charset=utf-8",
    ),
    (
        "bpmn-modeler.js",
        "vendor/bpmn-js-18.31.1/bpmn-modeler.min.js",
        "text/javascript; charset=utf-8",
    ),
    ("drawing.js", "drawing.js", "text/javascript; charset=utf-8"),
    ("zw.js", "zw.js", "text/javascript; charset=utf-8"),
    (
        "htmx.js",
        "vendor/htmx-2.0.11.min.js",
        "text/javascript; charset=utf-8",
    ),
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=assets");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    let mut named: Vec<(&str, String)> = Vec::new();
    let mut table = String::from("&[\n");
    for (name, file, kind) in ASSETS {
        let path = root.join("assets").join(file);
        let mut bytes =
            fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        // What others wrote is served as it came.
        if name.ends_with(".css") && !file.starts_with("vendor/") {
            bytes = rewrite(&minify(&text(bytes, &path)), &named).into_bytes();
        }
        if matches!(*name, "zw.js" | "drawing.js") {
            bytes = lean(&text(bytes, &path)).into_bytes();
        }
        let hash = hex(&Sha256::digest(&bytes)[..6]);
        let (stem, ext) = name.rsplit_once('.').expect("every asset has an extension");
        let public = format!("{stem}.{hash}.{ext}");
        let raw = write(&out, &public, &bytes);
        // A font is compressed already.
        let (br, gz) = if *ext == *"woff2" {
            ("None".to_owned(), "None".to_owned())
        } else {
            let br = packed(&path, "br", &bytes).unwrap_or_else(|| brotli(&bytes));
            let gz = packed(&path, "gz", &bytes).unwrap_or_else(|| gzip(&bytes));
            (
                format!(
                    "Some(include_bytes!({:?}))",
                    write(&out, &format!("{public}.br"), &br)
                ),
                format!(
                    "Some(include_bytes!({:?}))",
                    write(&out, &format!("{public}.gz"), &gz)
                ),
            )
        };
        writeln!(
            table,
            "Asset {{ name: {name:?}, public: {public:?}, path: \"/assets/{public}\", etag: \"\\\"{hash}\\\"\", content_type: {kind:?}, raw: include_bytes!({raw:?}), br: {br}, gz: {gz} }},"
        )
        .expect("writing to a string");
        named.push((name, public));
    }
    table.push(']');
    fs::write(out.join("assets.rs"), table).expect("OUT_DIR is writable");
}

fn text(bytes: Vec<u8>, path: &Path) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Takes out comments, line breaks and indentation; leaves everything else alone.
fn minify(css: &str) -> String {
    let mut rest = css;
    let mut plain = String::with_capacity(css.len());
    while let Some(start) = rest.find("/*") {
        plain.push_str(&rest[..start]);
        let end = rest[start..].find("*/").expect("a comment is closed");
        rest = &rest[start + end + 2..];
    }
    plain.push_str(rest);
    plain
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect()
}

/// Takes out comments that stand on lines of their own, and indentation.
fn lean(script: &str) -> String {
    let mut commented = false;
    let mut lean = String::with_capacity(script.len());
    for line in script.lines().map(str::trim) {
        commented |= line.starts_with("/*");
        if !commented && !line.is_empty() {
            lean.push_str(line);
            lean.push('\n');
        }
        commented &= !line.ends_with("*/");
    }
    lean
}

fn rewrite(css: &str, named: &[(&str, String)]) -> String {
    named.iter().fold(css.to_owned(), |css, (name, public)| {
        css.replace(&format!("url(\"{name}\")"), &format!("url(\"{public}\")"))
    })
}

fn write(out: &Path, name: &str, bytes: &[u8]) -> String {
    let path = out.join(name);
    fs::write(&path, bytes).expect("OUT_DIR is writable");
    path.display().to_string()
}

/// The packed form that lies beside a large file, which nobody has to wait for then; it must unpack to the very file.
fn packed(path: &Path, coding: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let beside = PathBuf::from(format!("{}.{coding}", path.display()));
    let packed = fs::read(&beside).ok()?;
    let mut plain = Vec::with_capacity(bytes.len());
    let unpacked = match coding {
        "br" => brotli::BrotliDecompress(&mut &packed[..], &mut plain).is_ok(),
        _ => flate2::read::GzDecoder::new(&packed[..])
            .read_to_end(&mut plain)
            .is_ok(),
    };
    assert!(
        unpacked && plain == bytes,
        "{} does not unpack to {}",
        beside.display(),
        path.display()
    );
    Some(packed)
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &params).expect("compressing in memory");
    packed
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("compressing in memory");
    encoder.finish().expect("compressing in memory")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string");
        text
    })
}
