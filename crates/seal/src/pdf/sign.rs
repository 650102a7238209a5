//! Adding a signature field and its value as an incremental update.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::file::File;
use super::object::{Dict, Object, bad};
use super::verify::fields;
use crate::cms::cms_detached;
use crate::digest::sm3_parts;
use crate::error::Result;
use crate::signer::Signer;

/// What the signature field says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureField {
    /// Field name, unique in the file, without a full stop: `Signature1`.
    pub name: String,
    /// Who signs, as shown by readers.
    pub signer_name: String,
    /// Why: 核发许可证件.
    pub reason: String,
    /// Where: division or organ.
    pub location: String,
}

/// Room for attributes and structure around the certificates.
const CMS_OVERHEAD: usize = 2048;
/// Room for the four numbers of /ByteRange.
const RANGE_WIDTH: usize = 44;
const PAGE_TREE_DEPTH: usize = 32;

/// Signs the whole file (invisible field on the first page). The original bytes stay as they are.
pub fn sign(
    pdf: &[u8],
    signer: &dyn Signer,
    field: &SignatureField,
    time: Timestamp,
) -> Result<Vec<u8>> {
    let file = File::load(pdf)?;
    if field.name.is_empty() || field.name.contains('.') {
        return Err(bad("签名域名称"));
    }
    if fields(&file)?.iter().any(|f| f.name == field.name) {
        return Err(bad("签名域名称已被使用"));
    }
    let update = Update::prepare(&file, field)?;
    let capacity = CMS_OVERHEAD
        + signer.certificate().der().len()
        + signer.chain().iter().map(|c| c.der().len()).sum::<usize>();
    let mut out = pdf.to_vec();
    if !out.ends_with(b"\n") {
        out.push(b'\n');
    }
    let mut offsets = Vec::new();
    let holes = write_signature(
        &mut out,
        &mut offsets,
        update.signature,
        field,
        time,
        capacity,
    );
    for (number, object) in &update.objects {
        let generation = file.generation(*number);
        offsets.push((*number, generation, out.len()));
        out.extend(format!("{number} {generation} obj\n").bytes());
        object.write(&mut out);
        out.extend(b"\nendobj\n");
    }
    write_xref(&file, &mut out, offsets, update.next)?;
    fill(out, &holes, signer, time)
}

/// Where the placeholders are.
struct Holes {
    range: usize,
    contents: std::ops::Range<usize>,
}

/// Objects of the update besides the signature value.
struct Update {
    signature: u32,
    next: u32,
    objects: Vec<(u32, Object)>,
}

impl Update {
    fn prepare(file: &File<'_>, field: &SignatureField) -> Result<Self> {
        let signature = file.size();
        let widget = signature + 1;
        let root = file
            .trailer
            .get("Root")
            .and_then(Object::as_ref)
            .ok_or_else(|| bad("Root"))?;
        let mut catalog = file.resolve_dict(&Object::Ref(root.0, root.1))?;
        let (page_ref, mut page) = first_page(file, &catalog)?;
        let reference = Object::Ref(widget, 0);
        let mut objects = vec![(widget, widget_object(field, signature, page_ref))];

        let mut annotations = match page.get("Annots") {
            Some(list) => file.resolve(list)?.as_array().unwrap_or_default().to_vec(),
            None => Vec::new(),
        };
        annotations.push(reference.clone());
        page.set("Annots", Object::Array(annotations));
        objects.push((page_ref.0, Object::Dict(page)));

        let existing = catalog.get("AcroForm").cloned();
        let mut form = match &existing {
            Some(form) => file.resolve_dict(form)?,
            None => Dict::default(),
        };
        let mut list = match form.get("Fields") {
            Some(list) => file.resolve(list)?.as_array().unwrap_or_default().to_vec(),
            None => Vec::new(),
        };
        list.push(reference);
        form.set("Fields", Object::Array(list));
        // SignaturesExist and AppendOnly (ISO 32000 12.7.2).
        form.set("SigFlags", Object::integer(3));
        match existing.as_ref().and_then(Object::as_ref) {
            Some((number, _)) => objects.push((number, Object::Dict(form))),
            None => {
                catalog.set("AcroForm", Object::Dict(form));
                objects.push((root.0, Object::Dict(catalog)));
            }
        }
        Ok(Self {
            signature,
            next: widget + 1,
            objects,
        })
    }
}

fn first_page(file: &File<'_>, catalog: &Dict) -> Result<((u32, u16), Dict)> {
    let mut reference = catalog
        .get("Pages")
        .and_then(Object::as_ref)
        .ok_or_else(|| bad("Pages"))?;
    for _ in 0..PAGE_TREE_DEPTH {
        let node = file.resolve_dict(&Object::Ref(reference.0, reference.1))?;
        let Some(kids) = node.get("Kids") else {
            return Ok((reference, node));
        };
        let kids = file.resolve(kids)?;
        let first = kids
            .as_array()
            .and_then(|k| k.first())
            .and_then(Object::as_ref);
        reference = first.ok_or_else(|| bad("没有页"))?;
    }
    Err(bad("页树过深"))
}

fn widget_object(field: &SignatureField, signature: u32, page: (u32, u16)) -> Object {
    let mut dict = Dict::default();
    dict.set("Type", Object::name("Annot"));
    dict.set("Subtype", Object::name("Widget"));
    dict.set("FT", Object::name("Sig"));
    dict.set("T", Object::text(&field.name));
    dict.set("V", Object::Ref(signature, 0));
    dict.set("Rect", Object::Array(vec![Object::integer(0); 4]));
    // Print and locked.
    dict.set("F", Object::integer(132));
    dict.set("P", Object::Ref(page.0, page.1));
    Object::Dict(dict)
}

fn write_signature(
    out: &mut Vec<u8>,
    offsets: &mut Vec<(u32, u16, usize)>,
    number: u32,
    field: &SignatureField,
    time: Timestamp,
    capacity: usize,
) -> Holes {
    offsets.push((number, 0, out.len()));
    let head = "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached";
    out.extend(format!("{number} 0 obj\n{head} /ByteRange [").bytes());
    let range = out.len();
    out.extend(std::iter::repeat_n(b' ', RANGE_WIDTH));
    out.extend(b"] /Contents ");
    let start = out.len();
    out.push(b'<');
    out.extend(std::iter::repeat_n(b'0', capacity * 2));
    out.push(b'>');
    let contents = start..out.len();
    let china = time.to_zoned(TimeZone::fixed(Offset::constant(8)));
    out.extend(format!(" /M (D:{}+08'00')", china.strftime("%Y%m%d%H%M%S")).bytes());
    for (key, value) in [
        ("Name", &field.signer_name),
        ("Reason", &field.reason),
        ("Location", &field.location),
    ] {
        if !value.is_empty() {
            out.extend(format!(" /{key} ").bytes());
            Object::text(value).write(out);
        }
    }
    out.extend(b" >>\nendobj\n");
    Holes { range, contents }
}

fn write_xref(
    file: &File<'_>,
    out: &mut Vec<u8>,
    mut offsets: Vec<(u32, u16, usize)>,
    next: u32,
) -> Result<()> {
    let start = out.len();
    let mut trailer = Dict::default();
    for key in ["Root", "Info", "ID"] {
        if let Some(value) = file.trailer.get(key) {
            trailer.set(key, value.clone());
        }
    }
    trailer.set("Prev", Object::integer(file.last_xref as u64));
    if file.uses_streams {
        offsets.push((next, 0, start));
        trailer.set("Size", Object::integer(u64::from(next) + 1));
    } else {
        trailer.set("Size", Object::integer(u64::from(next)));
    }
    offsets.sort_unstable();
    if file.uses_streams {
        write_xref_stream(out, &offsets, trailer, next)?;
    } else {
        out.extend(b"xref\n");
        for run in offsets.chunk_by(|a, b| a.0 + 1 == b.0) {
            let first = run.first().map_or(0, |r| r.0);
            out.extend(format!("{first} {}\n", run.len()).bytes());
            for (_, generation, offset) in run {
                out.extend(format!("{offset:010} {generation:05} n \n").bytes());
            }
        }
        out.extend(b"trailer\n");
        Object::Dict(trailer).write(out);
    }
    out.extend(format!("\nstartxref\n{start}\n%%EOF\n").bytes());
    Ok(())
}

fn write_xref_stream(
    out: &mut Vec<u8>,
    offsets: &[(u32, u16, usize)],
    mut dict: Dict,
    number: u32,
) -> Result<()> {
    let mut data = Vec::new();
    let mut index = Vec::new();
    for run in offsets.chunk_by(|a, b| a.0 + 1 == b.0) {
        index.push(Object::integer(run.first().map_or(0, |r| u64::from(r.0))));
        index.push(Object::integer(run.len() as u64));
        for (_, generation, offset) in run {
            let offset = u32::try_from(*offset).map_err(|_| bad("过大"))?;
            data.push(1);
            data.extend(offset.to_be_bytes());
            data.extend(generation.to_be_bytes());
        }
    }
    dict.set("Type", Object::name("XRef"));
    dict.set("W", Object::Array([1, 4, 2].map(Object::integer).to_vec()));
    dict.set("Index", Object::Array(index));
    dict.set("Length", Object::integer(data.len() as u64));
    out.extend(format!("{number} 0 obj\n").bytes());
    Object::Dict(dict).write(out);
    out.extend(b"\nstream\n");
    out.extend(data);
    out.extend(b"\nendstream\nendobj");
    Ok(())
}

/// Writes the byte range, signs what it covers, and puts the signature into its hole.
fn fill(mut out: Vec<u8>, holes: &Holes, signer: &dyn Signer, time: Timestamp) -> Result<Vec<u8>> {
    let tail = holes.contents.end;
    let range = format!("0 {} {tail} {}", holes.contents.start, out.len() - tail);
    put(&mut out, holes.range, range.as_bytes())?;
    let before = out.get(..holes.contents.start).unwrap_or_default();
    let after = out.get(tail..).unwrap_or_default();
    let digest = sm3_parts(&[before, after]);
    let cms = hex::encode_upper(cms_detached(signer, &digest, time)?);
    if cms.len() + 2 > holes.contents.len() {
        return Err(bad("签名值超出预留空间"));
    }
    put(&mut out, holes.contents.start + 1, cms.as_bytes())?;
    Ok(out)
}

fn put(out: &mut [u8], at: usize, bytes: &[u8]) -> Result<()> {
    let hole = out
        .get_mut(at..at + bytes.len())
        .ok_or_else(|| bad("预留空间"))?;
    hole.copy_from_slice(bytes);
    Ok(())
}
