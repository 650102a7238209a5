//! Reading and checking the signatures of a PDF.

use super::file::File;
use super::object::{Dict, Object, bad};
use crate::cert::Certificate;
use crate::chain::verify_chain;
use crate::cms::{SignedBy, cms_verify};
use crate::error::{Result, SealError};

const FIELDS_MAX: usize = 2000;
const FIELD_DEPTH: usize = 8;

/// All signatures of a file, in the order of its fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// One entry per signed field.
    pub signatures: Vec<SignatureReport>,
}

/// One signature.
#[derive(Debug, Clone, PartialEq)]
pub struct SignatureReport {
    /// Field name.
    pub field: String,
    /// Reason stated.
    pub reason: Option<String>,
    /// Bytes of the file, from its start, that this signature covers.
    pub covered_bytes: usize,
    /// True if nothing was added after this signature.
    pub covers_whole_file: bool,
    /// Signer, if digest and signature are right.
    pub intact: Result<SignedBy>,
    /// Certificate chain up to the anchors at the stated signing time.
    pub trusted: Result<()>,
}

impl Report {
    /// True if there is a signature, all are intact and trusted, and the last one covers the whole file.
    pub fn is_ok(&self) -> bool {
        self.signatures
            .iter()
            .all(|s| s.intact.is_ok() && s.trusted.is_ok())
            && self.signatures.iter().any(|s| s.covers_whole_file)
    }
}

/// Checks every signature of a file against trusted root certificates.
pub fn verify(pdf: &[u8], anchors: &[Certificate]) -> Result<Report> {
    let file = File::load(pdf)?;
    let mut signatures = Vec::new();
    for field in fields(&file)? {
        let Some(value) = field.signature else {
            continue;
        };
        let value = file.resolve_dict(&value)?;
        signatures.push(check(pdf, &file, field.name, &value, anchors));
    }
    Ok(Report { signatures })
}

fn check(
    pdf: &[u8],
    file: &File<'_>,
    field: String,
    value: &Dict,
    anchors: &[Certificate],
) -> SignatureReport {
    let reason = value
        .get("Reason")
        .and_then(|r| file.resolve(r).ok())
        .and_then(|r| r.to_text());
    let (covered_bytes, intact) = match covered(pdf, value) {
        Ok(c) => (c.end, cms_verify(&c.cms, &[c.before, c.after])),
        Err(error) => (0, Err(error)),
    };
    let trusted = match &intact {
        Ok(signed) => match signed.time {
            Some(time) => {
                verify_chain(&signed.certificate, &signed.others, anchors, time).map(|_| ())
            }
            None => Err(SealError::Certificate("签名没有时间".into())),
        },
        Err(error) => Err(error.clone()),
    };
    let covers_whole_file = covered_bytes == pdf.len();
    SignatureReport {
        field,
        reason,
        covered_bytes,
        covers_whole_file,
        intact,
        trusted,
    }
}

/// What a signature covers, and its value.
struct Covered<'a> {
    before: &'a [u8],
    after: &'a [u8],
    end: usize,
    cms: Vec<u8>,
}

/// The two covered parts and the signature between them. The hole must be exactly the string of
/// /Contents, or something unsigned could hide in it.
fn covered<'a>(pdf: &'a [u8], value: &Dict) -> Result<Covered<'a>> {
    let range: Option<Vec<u64>> = value
        .get("ByteRange")
        .and_then(Object::as_array)
        .and_then(|r| r.iter().map(Object::as_integer).collect());
    let Some([0, first, second, length]) = range.as_deref() else {
        return Err(bad("ByteRange"));
    };
    let (first, second) = (*first as usize, *second as usize);
    let end = second
        .checked_add(*length as usize)
        .ok_or_else(|| bad("ByteRange"))?;
    let before = pdf.get(..first).ok_or_else(|| bad("ByteRange"))?;
    let hole = pdf.get(first..second).ok_or_else(|| bad("ByteRange"))?;
    let after = pdf.get(second..end).ok_or_else(|| bad("ByteRange"))?;
    let contents = value.get("Contents").ok_or_else(|| bad("Contents"))?;
    if *contents != Object::Text(hole.to_vec()) || hole.first() != Some(&b'<') {
        return Err(SealError::Signature("签名值不在 ByteRange 留出的位置"));
    }
    let cms = contents.string_bytes().unwrap_or_default();
    Ok(Covered {
        before,
        after,
        end,
        cms,
    })
}

/// A terminal form field.
pub(super) struct Field {
    pub(super) name: String,
    /// Value of a signature field.
    signature: Option<Object>,
}

/// All form fields of the file.
pub(super) fn fields(file: &File<'_>) -> Result<Vec<Field>> {
    let mut found = Vec::new();
    let root = file.trailer.get("Root").ok_or_else(|| bad("Root"))?;
    let catalog = file.resolve_dict(root)?;
    let Some(form) = catalog.get("AcroForm") else {
        return Ok(found);
    };
    let form = file.resolve_dict(form)?;
    let Some(list) = form.get("Fields") else {
        return Ok(found);
    };
    let list = file.resolve(list)?;
    let mut stack: Vec<(Object, String, bool, usize)> = Vec::new();
    for item in list.as_array().unwrap_or_default().iter().rev() {
        stack.push((item.clone(), String::new(), false, 0));
    }
    let mut visited = 0;
    while let Some((item, prefix, inherited, depth)) = stack.pop() {
        visited += 1;
        if visited > FIELDS_MAX || stack.len() > FIELDS_MAX || depth > FIELD_DEPTH {
            return Err(bad("表单域过多"));
        }
        let dict = file.resolve_dict(&item)?;
        let own = match dict.get("T") {
            Some(title) => file.resolve(title)?.to_text().unwrap_or_default(),
            None => String::new(),
        };
        let name = match (prefix.is_empty(), own.is_empty()) {
            (true, _) => own,
            (false, true) => prefix,
            (false, false) => format!("{prefix}.{own}"),
        };
        let is_signature = dict.is_name("FT", "Sig") || (inherited && dict.get("FT").is_none());
        let signature = dict.get("V").filter(|_| is_signature).cloned();
        if let (Some(kids), None) = (dict.get("Kids"), &signature) {
            let kids = file.resolve(kids)?;
            for kid in kids.as_array().unwrap_or_default().iter().rev() {
                stack.push((kid.clone(), name.clone(), is_signature, depth + 1));
            }
            continue;
        }
        found.push(Field { name, signature });
    }
    Ok(found)
}
