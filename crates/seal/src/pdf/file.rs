//! Finding objects: cross-reference tables and streams, object streams, incremental updates.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::Read;
use std::rc::Rc;

use flate2::read::ZlibDecoder;

use super::object::{Dict, Lexer, Object, bad};
use crate::error::{Result, SealError};

/// Largest file handled, bytes.
const FILE_BYTES_MAX: usize = 256 * 1024 * 1024;
/// All decoded cross-reference and object streams of a file together: a bomb ends here.
const DECODED_BYTES_MAX: u64 = 128 * 1024 * 1024;
const SECTIONS_MAX: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Entry {
    Free,
    /// Offset and generation.
    At(usize, u16),
    /// Number of the object stream and index in it.
    Inside(u32, usize),
}

/// Dictionary and decoded data.
type ObjectStream = (Dict, Vec<u8>);

/// A parsed file: where each object is, and the newest trailer.
pub(super) struct File<'a> {
    pub(super) bytes: &'a [u8],
    entries: HashMap<u32, Entry>,
    /// Decoded object streams, by number.
    streams: RefCell<HashMap<u32, Rc<ObjectStream>>>,
    /// Bytes that may still be decoded.
    budget: Cell<u64>,
    pub(super) trailer: Dict,
    /// Offset of the newest cross-reference section.
    pub(super) last_xref: usize,
    /// The newest section is a stream, so an update must be one too.
    pub(super) uses_streams: bool,
}

impl<'a> File<'a> {
    pub(super) fn load(bytes: &'a [u8]) -> Result<Self> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(SealError::TooLarge("PDF"));
        }
        let tail = bytes.len().saturating_sub(2048);
        let found = bytes.get(tail..).unwrap_or_default();
        let at = found
            .windows(9)
            .rposition(|w| w == b"startxref")
            .ok_or_else(|| bad("没有 startxref"))?;
        let last_xref = Lexer::new(bytes, tail + at + 9).number()? as usize;
        let mut file = Self {
            bytes,
            entries: HashMap::new(),
            streams: RefCell::default(),
            budget: Cell::new(DECODED_BYTES_MAX),
            trailer: Dict::default(),
            last_xref,
            uses_streams: false,
        };
        let mut queue = vec![last_xref];
        let mut seen = Vec::new();
        while let Some(offset) = queue.pop() {
            if seen.contains(&offset) || seen.len() >= SECTIONS_MAX {
                return Err(bad("交叉引用成环"));
            }
            let is_table = Lexer::new(bytes, offset).take(b"xref");
            let trailer = if is_table {
                file.table(offset)?
            } else {
                file.stream(offset)?
            };
            // Newer sections come first: an older one must not override them.
            queue.extend(trailer.integer("Prev").map(|p| p as usize));
            queue.extend(trailer.integer("XRefStm").map(|p| p as usize));
            if seen.is_empty() {
                file.trailer = trailer;
                file.uses_streams = !is_table;
            }
            seen.push(offset);
        }
        if file.trailer.get("Encrypt").is_some() {
            return Err(bad("加密文件不能签名"));
        }
        Ok(file)
    }

    /// One more than the largest object number.
    pub(super) fn size(&self) -> u32 {
        let stated = self
            .trailer
            .integer("Size")
            .unwrap_or(0)
            .min(u64::from(u32::MAX / 2)) as u32;
        let used = self.entries.keys().max().map_or(0, |n| n.saturating_add(1));
        stated.max(used)
    }

    fn table(&mut self, offset: usize) -> Result<Dict> {
        let mut lexer = Lexer::new(self.bytes, offset);
        lexer.take(b"xref");
        loop {
            if lexer.take(b"trailer") {
                let Object::Dict(trailer) = lexer.object()? else {
                    return Err(bad("trailer"));
                };
                return Ok(trailer);
            }
            let (first, count) = (lexer.number()?, lexer.number()?);
            if count > self.bytes.len() as u64 / 18 {
                return Err(bad("交叉引用表"));
            }
            for number in first..first.saturating_add(count) {
                let (at, generation) = (lexer.number()? as usize, lexer.number()?);
                let entry = if lexer.take(b"n") {
                    Entry::At(at, generation.min(u64::from(u16::MAX)) as u16)
                } else if lexer.take(b"f") {
                    Entry::Free
                } else {
                    return Err(bad("交叉引用表"));
                };
                let number = u32::try_from(number).map_err(|_| bad("对象号"))?;
                self.entries.entry(number).or_insert(entry);
            }
        }
    }

    fn stream(&mut self, offset: usize) -> Result<Dict> {
        let (_, dict, raw) = self.indirect(offset)?;
        let raw = raw.ok_or_else(|| bad("交叉引用流"))?;
        let Object::Dict(dict) = dict else {
            return Err(bad("交叉引用流"));
        };
        if !dict.is_name("Type", "XRef") {
            return Err(bad("交叉引用流"));
        }
        let data = self.decode(&dict, raw)?;
        let integers = |key: &str| -> Option<Vec<u64>> {
            dict.get(key)?
                .as_array()?
                .iter()
                .map(Object::as_integer)
                .collect()
        };
        let widths = integers("W").ok_or_else(|| bad("W"))?;
        let [w0, w1, w2] = widths.as_slice() else {
            return Err(bad("W"));
        };
        if widths.iter().any(|w| *w > 8) {
            return Err(bad("W"));
        }
        let size = dict.integer("Size").ok_or_else(|| bad("Size"))?;
        let index = integers("Index").unwrap_or_else(|| vec![0, size]);
        let mut numbers = index
            .as_chunks::<2>()
            .0
            .iter()
            .flat_map(|[first, count]| *first..first.saturating_add(*count));
        let width = (w0 + w1 + w2) as usize;
        for row in data.chunks_exact(width.max(1)) {
            let Some(number) = numbers.next() else { break };
            let (kind, rest) = row.split_at(*w0 as usize);
            let (second, third) = rest.split_at(*w1 as usize);
            let be = |bytes: &[u8]| bytes.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
            let entry = match if *w0 == 0 { 1 } else { be(kind) } {
                0 => Entry::Free,
                1 => Entry::At(be(second) as usize, be(third) as u16),
                2 => Entry::Inside(be(second) as u32, be(third) as usize),
                _ => continue,
            };
            let number = u32::try_from(number).map_err(|_| bad("对象号"))?;
            self.entries.entry(number).or_insert(entry);
        }
        Ok(dict)
    }

    /// The object at an offset: its number, value, and raw stream data.
    fn indirect(&self, offset: usize) -> Result<(u32, Object, Option<&'a [u8]>)> {
        let mut lexer = Lexer::new(self.bytes, offset);
        let number = u32::try_from(lexer.number()?).map_err(|_| bad("对象号"))?;
        lexer.number()?;
        if !lexer.take(b"obj") {
            return Err(bad("对象"));
        }
        let object = lexer.object()?;
        if !lexer.take(b"stream") {
            return Ok((number, object, None));
        }
        let start = match self.bytes.get(lexer.at..).unwrap_or_default() {
            [b'\r', b'\n', ..] => lexer.at + 2,
            [b'\n', ..] => lexer.at + 1,
            _ => return Err(bad("流")),
        };
        let length = object
            .as_dict()
            .and_then(|d| d.get("Length"))
            .ok_or_else(|| bad("Length"))?;
        let length = match length {
            Object::Ref(target, _) => self.direct_integer(*target)?,
            other => other.as_integer().ok_or_else(|| bad("Length"))?,
        };
        let end = start
            .checked_add(length as usize)
            .ok_or_else(|| bad("Length"))?;
        let raw = self.bytes.get(start..end).ok_or_else(|| bad("Length"))?;
        Ok((number, object, Some(raw)))
    }

    /// An integer object that is not inside a stream (the length of one).
    fn direct_integer(&self, number: u32) -> Result<u64> {
        let Some(Entry::At(offset, _)) = self.entries.get(&number) else {
            return Err(bad("Length"));
        };
        let mut lexer = Lexer::new(self.bytes, *offset);
        let found = lexer.number()?;
        lexer.number()?;
        if found != u64::from(number) || !lexer.take(b"obj") {
            return Err(bad("Length"));
        }
        lexer.number()
    }

    /// The value of an object; null if it is free or absent, as the standard says.
    pub(super) fn get(&self, number: u32) -> Result<Object> {
        match self.entries.get(&number) {
            None | Some(Entry::Free) => Ok(Object::Null),
            Some(Entry::At(offset, _)) => {
                let (found, object, _) = self.indirect(*offset)?;
                if found == number {
                    Ok(object)
                } else {
                    Err(bad("对象号不符"))
                }
            }
            Some(Entry::Inside(stream, index)) => self.inside(number, *stream, *index),
        }
    }

    fn inside(&self, number: u32, stream: u32, index: usize) -> Result<Object> {
        let decoded = self.object_stream(stream)?;
        let (dict, data) = decoded.as_ref();
        let first = dict.integer("First").ok_or_else(|| bad("First"))? as usize;
        let mut header = Lexer::new(data, 0);
        for _ in 0..index {
            header.number()?;
            header.number()?;
        }
        if header.number()? != u64::from(number) {
            return Err(bad("对象流中的对象号不符"));
        }
        let at = first
            .checked_add(header.number()? as usize)
            .ok_or_else(|| bad("对象流"))?;
        Lexer::new(data, at).object()
    }

    fn object_stream(&self, number: u32) -> Result<Rc<ObjectStream>> {
        if let Some(known) = self.streams.borrow().get(&number) {
            return Ok(Rc::clone(known));
        }
        let Some(Entry::At(offset, _)) = self.entries.get(&number) else {
            return Err(bad("对象流"));
        };
        let (_, dict, raw) = self.indirect(*offset)?;
        let (Object::Dict(dict), Some(raw)) = (dict, raw) else {
            return Err(bad("对象流"));
        };
        let data = self.decode(&dict, raw)?;
        let decoded = Rc::new((dict, data));
        self.streams
            .borrow_mut()
            .insert(number, Rc::clone(&decoded));
        Ok(decoded)
    }

    /// Decodes within the budget of the file.
    fn decode(&self, dict: &Dict, raw: &[u8]) -> Result<Vec<u8>> {
        let data = decode(dict, raw, self.budget.get())?;
        let left = self.budget.get().checked_sub(data.len() as u64);
        self.budget.set(left.ok_or(SealError::TooLarge("PDF"))?);
        Ok(data)
    }

    /// Follows a reference, or returns the object itself.
    pub(super) fn resolve(&self, object: &Object) -> Result<Object> {
        match object {
            Object::Ref(number, _) => self.get(*number),
            other => Ok(other.clone()),
        }
    }

    pub(super) fn resolve_dict(&self, object: &Object) -> Result<Dict> {
        match self.resolve(object)? {
            Object::Dict(dict) => Ok(dict),
            _ => Err(bad("应为字典")),
        }
    }

    pub(super) fn generation(&self, number: u32) -> u16 {
        match self.entries.get(&number) {
            Some(Entry::At(_, generation)) => *generation,
            _ => 0,
        }
    }
}

/// Undoes FlateDecode and its PNG predictors.
fn decode(dict: &Dict, raw: &[u8], limit: u64) -> Result<Vec<u8>> {
    let filter = match dict.get("Filter") {
        Some(Object::Array(list)) => match list.as_slice() {
            [] => None,
            [one] => Some(one),
            _ => return Err(bad("多重过滤器")),
        },
        other => other,
    };
    match filter {
        None | Some(Object::Null) => return Ok(raw.to_vec()),
        Some(Object::Name(name)) if name == b"FlateDecode" => {}
        _ => return Err(bad("过滤器")),
    }
    let mut data = Vec::new();
    ZlibDecoder::new(raw)
        .take(limit.saturating_add(1))
        .read_to_end(&mut data)
        .map_err(|_| bad("压缩数据"))?;
    let parameters = match dict.get("DecodeParms") {
        Some(Object::Array(list)) => list.first(),
        other => other,
    };
    let Some(parameters) = parameters.and_then(Object::as_dict) else {
        return Ok(data);
    };
    match parameters.integer("Predictor").unwrap_or(1) {
        1 => Ok(data),
        10..=15 => {
            let one = |key| parameters.integer(key).unwrap_or(1);
            if parameters.integer("BitsPerComponent").unwrap_or(8) != 8 || one("Colors") != 1 {
                return Err(bad("预测器"));
            }
            unpredict(&data, one("Columns").clamp(1, 1024) as usize)
        }
        _ => Err(bad("预测器")),
    }
}

/// PNG predictors with one byte per pixel.
fn unpredict(data: &[u8], columns: usize) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(data.len());
    let mut previous = vec![0u8; columns];
    for row in data.chunks_exact(columns + 1) {
        let Some((kind, row)) = row.split_first() else {
            break;
        };
        let mut current = Vec::with_capacity(columns);
        let (mut left, mut upper_left) = (0u8, 0u8);
        for (byte, up) in row.iter().zip(&previous) {
            let predicted = match kind {
                0 => 0,
                1 => left,
                2 => *up,
                3 => ((u16::from(left) + u16::from(*up)) / 2) as u8,
                4 => paeth(left, *up, upper_left),
                _ => return Err(bad("预测器")),
            };
            left = byte.wrapping_add(predicted);
            upper_left = *up;
            current.push(left);
        }
        out.extend_from_slice(&current);
        previous = current;
    }
    Ok(out)
}

fn paeth(a: u8, b: u8, c: u8) -> u8 {
    let (ia, ib, ic) = (i16::from(a), i16::from(b), i16::from(c));
    let p = ia + ib - ic;
    let (pa, pb, pc) = ((p - ia).abs(), (p - ib).abs(), (p - ic).abs());
    if pa <= pb && pa <= pc {
        a
    } else if pb <= pc {
        b
    } else {
        c
    }
}
