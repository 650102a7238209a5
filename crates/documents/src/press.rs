//! The press: template + data → laid-out pages → PDF.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::Value;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::frames::{self, Page, UsedFont};
use crate::templates::Templates;
use crate::{DocumentError, FontSet, Seal, qr_svg, text};

/// After how many further documents an unused cache entry is dropped.
const KEEP: usize = 6;
/// China has one time zone and no summer time.
const SHANGHAI: Offset = Offset::constant(8);

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// Makes documents. Build one and share it between threads.
pub struct Press {
    fonts: FontSet,
    book: LazyHash<FontBook>,
    templates: Templates,
}

/// A finished document.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The PDF/A-2a file.
    pub pdf: Vec<u8>,
    /// Number of pages.
    pub pages: usize,
    /// Characters of the data that no font has; each is printed as `〔U+…〕`. Tell the officer.
    pub missing: Vec<char>,
    /// What the layout engine complains about (a font that a changed template names and nobody has).
    pub warnings: Vec<String>,
}

/// A document after layout, before a file format is chosen.
pub struct Laid {
    document: PagedDocument,
    ident: String,
    created: Timestamp,
    missing: Vec<char>,
    warnings: Vec<String>,
}

impl Press {
    /// A press with the embedded templates.
    pub fn new(fonts: FontSet) -> Press {
        let book = fonts.book();
        Press {
            fonts,
            book,
            templates: Templates::default(),
        }
    }

    /// The same with a folder whose `*.typ` files replace embedded templates of the same name or add
    /// new ones; read anew for every document.
    #[must_use]
    pub fn with_templates(mut self, folder: &std::path::Path) -> Press {
        self.templates = Templates::with_folder(folder);
        self
    }

    /// Names of the templates that can be rendered.
    pub fn templates(&self) -> Vec<String> {
        self.templates.names()
    }

    /// Lays out and writes a PDF/A-2a. `created` is the document's date (its PDF metadata and, in
    /// templates that print none of their own, the day in Asia/Shanghai).
    ///
    /// Some keys of `data` are read here: `qr` (text) becomes `/qr.svg`, `seal`
    /// (`{organ, bottom, star?}`) becomes `/seal.svg`; everything is `/data.json` to the template.
    ///
    /// # Errors
    /// See [`DocumentError`]; nothing is half made.
    pub fn render(
        &self,
        template: &str,
        data: &Value,
        created: Timestamp,
    ) -> Result<Rendered, DocumentError> {
        let laid = self.lay_out(template, data, created)?;
        let pdf = laid.pdf();
        let pages = laid.document.pages().len();
        let rendered = Rendered {
            pdf: pdf?,
            pages,
            missing: laid.missing,
            warnings: laid.warnings,
        };
        typst::comemo::evict(KEEP);
        Ok(rendered)
    }

    /// Lays out only; [`Laid::pages`] is what an OFD writer walks.
    ///
    /// # Errors
    /// As [`Press::render`].
    pub fn lay_out(
        &self,
        template: &str,
        data: &Value,
        created: Timestamp,
    ) -> Result<Laid, DocumentError> {
        let source = self.templates.source(template)?;
        let (data, missing) = text::printable(data, &self.fonts)?;
        let desk = Desk::new(self, template, source, &data, created)?;
        let typst::diag::Warned { output, warnings } = typst::compile::<PagedDocument>(&desk);
        let document = output.map_err(|errors| DocumentError::Template {
            template: template.to_owned(),
            messages: errors.iter().map(|e| desk.describe(e)).collect(),
        })?;
        let holes = frames::without_glyph(&document);
        if !holes.is_empty() {
            return Err(DocumentError::NoGlyph {
                template: template.to_owned(),
                characters: holes.into_iter().collect(),
            });
        }
        Ok(Laid {
            document,
            ident: desk.ident(created),
            created,
            missing: missing.into_iter().collect(),
            warnings: warnings.iter().map(|w| desk.describe(w)).collect(),
        })
    }

    /// Drops all caches and closes the fonts: for a worker that has had nothing to print for a while.
    pub fn rest(&self) {
        typst::comemo::evict(0);
        self.fonts.close();
    }
}

impl Laid {
    /// Writes the PDF/A-2a.
    ///
    /// # Errors
    /// [`DocumentError::NotArchivable`] when the standard forbids something in the document.
    pub fn pdf(&self) -> Result<Vec<u8>, DocumentError> {
        let refused = |messages: Vec<String>| DocumentError::NotArchivable(messages);
        let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
            .map_err(|e| refused(vec![e.message().to_string()]))?;
        let options = PdfOptions {
            ident: Smart::Custom(self.ident.clone()),
            creator: Smart::Custom(Some("Tongban".to_owned())),
            timestamp: pdf_date(self.created),
            standards,
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&self.document, &options)
            .map_err(|errors| refused(errors.iter().map(sentence).collect()))
    }

    /// The pages as text runs, paths and pictures in millimetres, in painting order.
    pub fn pages(&self) -> Vec<Page> {
        frames::pages(&self.document)
    }

    /// The fonts that [`crate::TextRun::font`] counts into.
    pub fn fonts(&self) -> Vec<UsedFont> {
        frames::fonts(&self.document)
    }

    /// See [`Rendered::missing`].
    pub fn missing(&self) -> &[char] {
        &self.missing
    }

    /// See [`Rendered::warnings`].
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

fn sentence(problem: &SourceDiagnostic) -> String {
    let hints: String = problem
        .hints
        .iter()
        .map(|hint| format!("（{}）", hint.v))
        .collect();
    format!("{}{hints}", problem.message)
}

fn local(created: Timestamp) -> Option<Datetime> {
    let t = SHANGHAI.to_datetime(created);
    let unsigned = |n: i8| u8::try_from(n).ok();
    Datetime::from_ymd_hms(
        i32::from(t.year()),
        unsigned(t.month())?,
        unsigned(t.day())?,
        unsigned(t.hour())?,
        unsigned(t.minute())?,
        unsigned(t.second())?,
    )
}

fn pdf_date(created: Timestamp) -> Option<typst_pdf::Timestamp> {
    typst_pdf::Timestamp::new_local(local(created)?, 8 * 60)
}

/// One document's view of the world: four files, the fonts, and the day.
struct Desk<'a> {
    press: &'a Press,
    main: Source,
    base: Source,
    data: Bytes,
    qr: Option<Bytes>,
    seal: Option<Bytes>,
    day: Datetime,
}

impl<'a> Desk<'a> {
    fn new(
        press: &'a Press,
        name: &str,
        source: String,
        data: &Value,
        created: Timestamp,
    ) -> Result<Desk<'a>, DocumentError> {
        let base = press.templates.source("base")?;
        let qr = match data.get("qr").and_then(Value::as_str) {
            Some(text) => Some(Bytes::from_string(qr_svg(&with_head(text, data))?)),
            None => None,
        };
        let seal = match data.get("seal").filter(|seal| seal.is_object()) {
            Some(seal) => {
                let text = |key: &str| seal.get(key).and_then(Value::as_str).unwrap_or_default();
                let star = seal.get("star").and_then(Value::as_bool).unwrap_or(false);
                let seal = Seal {
                    organ: text("organ"),
                    bottom: text("bottom"),
                    star,
                };
                Some(Bytes::from_string(seal.svg()?))
            }
            None => None,
        };
        Ok(Desk {
            press,
            main: Source::new(file(&format!("{name}.typ")), source),
            base: Source::new(file("base.typ"), base),
            data: Bytes::from_string(data.to_string()),
            qr,
            seal,
            day: local(created).ok_or(DocumentError::Date)?,
        })
    }

    /// Names the document by its content: the same content is the same document.
    fn ident(&self, created: Timestamp) -> String {
        let content = (
            self.main.text(),
            self.base.text(),
            &self.data,
            created.as_second(),
        );
        format!("{:032x}", typst::utils::hash128(&content))
    }

    fn describe(&self, problem: &SourceDiagnostic) -> String {
        let place = problem.span.id().and_then(|id| {
            let source = self.source(id).ok()?;
            let line = source
                .lines()
                .byte_to_line(self.range(problem.span)?.start)?
                + 1;
            Some(format!("{}:{line}: ", id.get().vpath().get_without_slash()))
        });
        place.unwrap_or_default() + &sentence(problem)
    }
}

/// The address of the QR with the head of the log as its fragment: one code for the phone and for the drawer.
fn with_head(address: &str, data: &Value) -> String {
    match data.pointer("/log/head").and_then(Value::as_str) {
        Some(head) => format!("{address}#{}", head.replace(' ', ",")),
        None => address.to_owned(),
    }
}

fn file(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("a name that `templates::valid` let pass is a path");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.press.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        [&self.main, &self.base]
            .into_iter()
            .find(|source| source.id() == id)
            .cloned()
            .ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let found = match id.get().vpath().get_without_slash() {
            _ if *id.get().root() != VirtualRoot::Project => None,
            "data.json" => Some(&self.data),
            "qr.svg" => self.qr.as_ref(),
            "seal.svg" => self.seal.as_ref(),
            _ => None,
        };
        found.cloned().ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.press.fonts.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        Some(self.day)
    }
}
