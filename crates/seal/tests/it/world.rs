//! A small CA, an organ, an officer and a seal maker; and two PDF files made by hand.

use jiff::Timestamp;
use tongban_seal::*;

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn key(n: u8) -> Sm2SigningKey {
    Sm2SigningKey::from_random(&[n; 32]).unwrap()
}

pub(crate) fn spec(name: &str, serial: u8, profile: CertificateProfile) -> CertificateSpec {
    CertificateSpec {
        subject: DistinguishedName {
            country: "CN".into(),
            province: "浙江省".into(),
            organization: "杭州市市场监督管理局".into(),
            common_name: name.into(),
            serial: "11330100002489559F".into(),
            ..DistinguishedName::default()
        },
        serial: [serial; 16],
        not_before: time("2026-01-01T00:00:00Z"),
        not_after: time("2051-01-01T00:00:00Z"),
        profile,
    }
}

pub(crate) struct World {
    pub(crate) root: SoftwareSigner,
    pub(crate) middle: SoftwareSigner,
    pub(crate) organ: SoftwareSigner,
    pub(crate) officer: SoftwareSigner,
    pub(crate) maker: SoftwareSigner,
}

/// Made once: key arithmetic is slow without optimisation.
static WORLD: std::sync::LazyLock<World> = std::sync::LazyLock::new(World::make);

impl World {
    pub(crate) fn new() -> &'static Self {
        &WORLD
    }

    fn make() -> Self {
        let ca = |n| CertificateProfile::Authority { path_length: n };
        let root_certificate = self_signed(&spec("试验根", 1, ca(1)), &key(1)).unwrap();
        let root = SoftwareSigner::new(key(1), root_certificate, vec![]).unwrap();
        let certificate = |name, n, profile, issuer: &SoftwareSigner| {
            issue(&spec(name, n, profile), &key(n).verifying_key(), issuer).unwrap()
        };
        let middle =
            SoftwareSigner::new(key(2), certificate("试验中级", 2, ca(0), &root), vec![]).unwrap();
        let chain = vec![middle.certificate().clone()];
        let leaf = |name, n, profile| {
            SoftwareSigner::new(
                key(n),
                certificate(name, n, profile, &middle),
                chain.clone(),
            )
            .unwrap()
        };
        Self {
            organ: leaf("行政审批专用章", 3, CertificateProfile::OrganSeal),
            officer: leaf("李明", 4, CertificateProfile::Officer),
            maker: leaf("制章系统", 5, CertificateProfile::SealMaker),
            root,
            middle,
        }
    }

    pub(crate) fn anchors(&self) -> [Certificate; 1] {
        [self.root.certificate().clone()]
    }
}

const PAGE: &str = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>";
const TEXT: &str = "BT /F1 18 Tf 20 100 Td (Licence \\(sample\\) 42) Tj ET";
const OBJECTS: [&str; 3] = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
    PAGE,
];
const FONT: &str = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";

/// A file with a cross-reference table.
pub(crate) fn table_pdf() -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let content = format!("<< /Length {} >>\nstream\n{TEXT}\nendstream", TEXT.len());
    let mut offsets = vec![];
    for (n, body) in OBJECTS
        .into_iter()
        .chain([content.as_str(), FONT])
        .enumerate()
    {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n{body}\nendobj\n", n + 1).bytes());
    }
    let xref = out.len();
    out.extend(b"xref\n0 6\n0000000000 65535 f \n");
    for offset in offsets {
        out.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    out.extend(format!("trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n").bytes());
    out
}

fn deflate(data: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A file with an object stream and a cross-reference stream with the PNG "up" predictor.
pub(crate) fn stream_pdf() -> Vec<u8> {
    let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let content = out.len();
    out.extend(
        format!(
            "4 0 obj\n<< /Length {} >>\nstream\n{TEXT}\nendstream\nendobj\n",
            TEXT.len()
        )
        .bytes(),
    );
    let (mut header, mut body) = (String::new(), String::new());
    for (number, object) in [(1, OBJECTS[0]), (2, OBJECTS[1]), (3, OBJECTS[2]), (5, FONT)] {
        header += &format!("{number} {} ", body.len());
        body += object;
        body.push(' ');
    }
    let data = deflate(format!("{header}{body}").as_bytes());
    let objects = out.len();
    out.extend(
        format!(
            "6 0 obj\n<< /Type /ObjStm /N 4 /First {} /Filter /FlateDecode /Length {} >>\nstream\n",
            header.len(),
            data.len()
        )
        .bytes(),
    );
    out.extend(&data);
    out.extend(b"\nendstream\nendobj\n");
    let xref = out.len();
    let rows: [(u8, usize, u8); 8] = [
        (0, 0, 0),
        (2, 6, 0),
        (2, 6, 1),
        (2, 6, 2),
        (1, content, 0),
        (2, 6, 3),
        (1, objects, 0),
        (1, xref, 0),
    ];
    let (mut table, mut previous) = (vec![], [0u8; 4]);
    for (kind, at, index) in rows {
        let row = [kind, (at >> 8) as u8, at as u8, index];
        table.push(2);
        table.extend(
            row.iter()
                .zip(previous)
                .map(|(now, before)| now.wrapping_sub(before)),
        );
        previous = row;
    }
    let data = deflate(&table);
    out.extend(format!("7 0 obj\n<< /Type /XRef /Size 8 /Root 1 0 R /W [1 2 1] /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 4 >> /Length {} >>\nstream\n", data.len()).bytes());
    out.extend(&data);
    out.extend(format!("\nendstream\nendobj\nstartxref\n{xref}\n%%EOF\n").bytes());
    out
}
