//! What a file is, judged by its bytes while they stream by: the name may only agree, and what carries a second format
//! inside (a polyglot) is refused.

use tongban_kernel::{Error, Result};

/// Bytes at the beginning that tell the format. The list of an OFD may stand behind some large parts.
const HEAD: usize = 64 * 1024;
/// Bytes at the end that are looked at: the longest end record of a ZIP with its comment (APPNOTE 4.3.16).
const TAIL: usize = 22 + 65_535;
/// Longest mark that is looked for, with the character after it.
const LONGEST_MARK: usize = 16;

/// What can be handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Pdf,
    Png,
    Jpeg,
    Ofd,
}

impl FileKind {
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Ofd => "application/ofd",
        }
    }

    const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Ofd => &["ofd"],
        }
    }

    /// By the first bytes.
    fn of_head(head: &[u8], name: &str) -> Option<Self> {
        match head {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some(Self::Png),
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [b'P', b'K', 3, 4, ..] => {
                let listed = find(head, b"OFD.xml").is_some();
                (listed || has_extension(name, Self::Ofd.extensions())).then_some(Self::Ofd)
            }
            _ => None,
        }
    }
}

pub(crate) fn wrong_kind(message: &str) -> Error {
    Error::invalid("upload.kind", message).saved("您已填写的内容和其他文件都在")
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes
        .windows(mark.len())
        .position(|window| window.eq_ignore_ascii_case(mark))
}

fn has_extension(name: &str, allowed: &[&str]) -> bool {
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| allowed.contains(&extension.as_str()))
}

/// A file while it streams by; holds its head and its tail, never the whole.
#[derive(Debug, Default)]
pub struct Looking {
    head: Vec<u8>,
    tail: Vec<u8>,
    /// The end of the last piece, for marks that lie across two.
    carried: Vec<u8>,
    page: bool,
    acting: bool,
}

/// Marks of web pages and scripts. The character after the name must end it, so that compressed data hardly ever hits.
fn is_page(window: &[u8]) -> bool {
    let ended = |length: usize| {
        window
            .get(length)
            .is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
    };
    let begins = |mark: &[u8]| {
        window
            .get(..mark.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(mark))
    };
    begins(b"<!doctype html")
        || [&b"<script"[..], b"<html", b"<iframe", b"<svg", b"<?php"]
            .iter()
            .any(|mark| begins(mark) && ended(mark.len()))
}

/// Names of PDF actions that run something when the file is opened (ISO 32000-1, 12.6.4).
fn is_acting(window: &[u8]) -> bool {
    [&b"/JavaScript"[..], b"/Launch"].iter().any(|mark| {
        window.starts_with(mark)
            && !window
                .get(mark.len())
                .is_some_and(u8::is_ascii_alphanumeric)
    })
}

impl Looking {
    /// The next piece of the file.
    pub fn take(&mut self, piece: &[u8]) {
        let room = HEAD.saturating_sub(self.head.len()).min(piece.len());
        self.head
            .extend_from_slice(piece.get(..room).unwrap_or_default());
        let kept = self.carried.len();
        let mut bytes = std::mem::take(&mut self.carried);
        bytes.extend_from_slice(piece);
        self.scan(&bytes);
        let from = bytes.len().saturating_sub(LONGEST_MARK);
        self.carried = bytes.get(from..).unwrap_or_default().to_vec();
        let fresh = bytes.get(kept..).unwrap_or_default();
        let last = fresh.get(fresh.len().saturating_sub(TAIL)..);
        self.tail.extend_from_slice(last.unwrap_or_default());
        if self.tail.len() > 2 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
    }

    fn scan(&mut self, bytes: &[u8]) {
        for (at, byte) in bytes.iter().enumerate() {
            if !matches!(byte, b'<' | b'/') {
                continue;
            }
            let window = bytes.get(at..).unwrap_or_default();
            let window = window.get(..LONGEST_MARK).unwrap_or(window);
            self.page |= is_page(window);
            self.acting |= is_acting(window);
        }
    }

    /// The end record of a ZIP that closes the file (APPNOTE 4.3.16): its comment reaches exactly to the end.
    fn ends_as_zip(&self) -> bool {
        let ends = |at: usize| {
            let length = self.tail.get(at + 20..at + 22);
            let length = length.and_then(|two| <[u8; 2]>::try_from(two).ok());
            length.is_some_and(|two| {
                at + 22 + usize::from(u16::from_le_bytes(two)) == self.tail.len()
            })
        };
        (0..self.tail.len().saturating_sub(21))
            .any(|at| self.tail.get(at..at + 4) == Some(b"PK\x05\x06") && ends(at))
    }

    /// What stands behind the end of a PDF (`%%EOF`) is blank.
    fn ends_as_pdf(&self) -> bool {
        let end = self.tail.windows(5).rposition(|window| window == b"%%EOF");
        end.and_then(|at| self.tail.get(at + 5..))
            .is_some_and(|rest| {
                rest.iter()
                    .all(|byte| matches!(byte, 0 | b' ' | b'\t' | b'\r' | b'\n'))
            })
    }

    /// The kind of the whole file under this name, if it can be handed in.
    pub fn kind(&self, name: &str) -> Result<FileKind> {
        let kind = FileKind::of_head(&self.head, name)
            .ok_or_else(|| wrong_kind("只能上传 PDF、OFD、PNG、JPG 文件"))?;
        if !has_extension(name, kind.extensions()) {
            return Err(wrong_kind(
                "文件内容与扩展名不一致，请用原来的软件重新保存后再上传",
            ));
        }
        if kind == FileKind::Ofd {
            return Ok(kind);
        }
        if self.page || self.ends_as_zip() {
            return Err(wrong_kind("文件里混有网页、程序或压缩包，不能接收"));
        }
        if kind == FileKind::Pdf && self.acting {
            return Err(wrong_kind(
                "PDF 里带有会自动运行的脚本，请重新打印或另存为普通 PDF 后再上传",
            ));
        }
        if kind == FileKind::Pdf && !self.ends_as_pdf() {
            return Err(wrong_kind(
                "PDF 不完整，或者结尾之后还有别的内容，请重新保存后再上传",
            ));
        }
        Ok(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Judged in pieces of this size.
    fn judged(bytes: &[u8], name: &str, size: usize) -> Result<FileKind> {
        let mut looking = Looking::default();
        bytes.chunks(size).for_each(|piece| looking.take(piece));
        looking.kind(name)
    }

    const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Lang(x)>>endobj\n%%EOF\n";
    const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0 #!/ MZ\x90\x00 <htmlish <scripture";

    #[test]
    fn the_content_decides_what_a_file_is() {
        for size in [1, 7, 100_000] {
            assert_eq!(judged(PDF, "a.pdf", size).expect("pdf"), FileKind::Pdf);
            assert_eq!(judged(JPEG, "a.JPG", size).expect("jpg"), FileKind::Jpeg);
        }
    }

    #[test]
    fn a_second_format_is_found_wherever_it_lies_and_however_it_is_cut() {
        let far = vec![b'.'; 300_000];
        let zip = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0%%EOF";
        let png = b"\x89PNG\r\n\x1a\n";
        let refused: [(&str, Vec<u8>); 12] = [
            ("a.pdf", b"MZ\x90\x00".to_vec()),
            ("a.exe", PDF.to_vec()),
            (
                "a.pdf",
                [&b"%PDF-1.7 <ScRiPt>alert(1)</script>"[..], PDF].concat(),
            ),
            ("a.pdf", [&PDF[..5], &far, b"<html ", &far, PDF].concat()),
            ("a.pdf", [PDF, &far, zip].concat()),
            ("a.pdf", [PDF, b"alert(1)"].concat()),
            (
                "a.pdf",
                b"%PDF-1.7\n/S /JavaScript /JS (app.alert(1))\n%%EOF".to_vec(),
            ),
            ("a.pdf", b"%PDF-1.7 cut off".to_vec()),
            ("a.gif", b"GIF89a=1;alert(1)".to_vec()),
            ("a.docx", b"PK\x03\x04word/document.xml".to_vec()),
            ("a.png", [&png[..], &far, b"<?php echo 1"].concat()),
            ("a.png", [&png[..], &far, &zip[..20], b"\0\0"].concat()),
        ];
        for (name, bytes) in refused {
            for size in [1, 13, 8_192, 1_000_000] {
                let refusal = judged(&bytes, name, size);
                assert!(refusal.is_err(), "{name} in pieces of {size}");
            }
        }
        assert!(judged(b"", "a.pdf", 1).is_err());
    }

    proptest::proptest! {
        #[test]
        fn the_cut_changes_nothing(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400), size in 1usize..50) {
            for head in [PDF, JPEG] {
                let whole = [head, &bytes].concat();
                let name = if head == PDF { "a.pdf" } else { "a.jpg" };
                proptest::prop_assert_eq!(judged(&whole, name, size).is_ok(), judged(&whole, name, 10_000).is_ok());
            }
        }
    }
}
