//! A small, bounded XML tree: what the importer reads.
//!
//! Document types and entities other than the five predefined ones are refused, so there is nothing to expand;
//! size, depth, number of elements and length of an attribute are limited before anything is built.

use std::sync::Arc;

use quick_xml::{Reader, XmlVersion, events::BytesRef, events::BytesStart, events::Event};

/// Longest file that is read, in bytes.
pub const MAX_FILE: usize = 10 * 1024 * 1024;
/// Deepest nesting of elements.
pub const MAX_DEPTH: usize = 64;
/// Most elements in a file, diagram interchange included.
pub const MAX_ELEMENTS: usize = 50_000;
/// Longest attribute value or text of one element, in bytes.
pub const MAX_VALUE: usize = 64 * 1024;
/// Most attributes on one element.
pub const MAX_ATTRIBUTES: usize = 128;

/// Why the bytes are not an XML document that we read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("第 {line} 行：{why}")]
pub(crate) struct XmlError {
    /// Line, from 1.
    pub line: u32,
    /// The reason, for the person who uploaded the file.
    pub why: String,
}

/// One attribute with its namespace (empty for none).
#[derive(Debug, Clone)]
pub(crate) struct Attr {
    pub ns: Arc<str>,
    pub name: String,
    pub value: String,
}

/// One element.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub ns: Arc<str>,
    pub name: String,
    pub attrs: Vec<Attr>,
    pub children: Vec<Element>,
    pub text: String,
    pub line: u32,
}

impl Element {
    /// Value of an attribute without namespace.
    pub(crate) fn attr(&self, name: &str) -> Option<&str> {
        self.attr_ns("", name)
    }

    /// Value of an attribute in a namespace.
    pub(crate) fn attr_ns(&self, ns: &str, name: &str) -> Option<&str> {
        self.attrs
            .iter()
            .find(|a| &*a.ns == ns && a.name == name)
            .map(|a| a.value.as_str())
    }

    /// Direct children of a namespace and name.
    pub(crate) fn all<'a>(
        &'a self,
        ns: &'a str,
        name: &'a str,
    ) -> impl Iterator<Item = &'a Element> {
        self.children
            .iter()
            .filter(move |c| &*c.ns == ns && c.name == name)
    }

    /// The first such child.
    pub(crate) fn child(&self, ns: &str, name: &str) -> Option<&Element> {
        self.children
            .iter()
            .find(|c| &*c.ns == ns && c.name == name)
    }
}

struct Builder<'a> {
    source: &'a str,
    counted_to: usize,
    line: u32,
    elements: usize,
    scopes: Vec<(usize, String, Arc<str>)>,
    stack: Vec<Element>,
    none: Arc<str>,
}

impl Builder<'_> {
    fn advance(&mut self, position: u64) {
        let to = usize::try_from(position)
            .unwrap_or(usize::MAX)
            .min(self.source.len());
        let seen = self
            .source
            .as_bytes()
            .get(self.counted_to..to)
            .unwrap_or_default();
        let lines = seen.iter().filter(|b| **b == b'\n').count();
        self.line = self
            .line
            .saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.counted_to = self.counted_to.max(to);
    }

    fn fail<T>(&self, why: impl Into<String>) -> Result<T, XmlError> {
        Err(XmlError {
            line: self.line,
            why: why.into(),
        })
    }

    fn resolve(&self, prefix: &str) -> Result<Arc<str>, XmlError> {
        if prefix == "xml" {
            return Ok(Arc::from("http://www.w3.org/XML/1998/namespace"));
        }
        match self.scopes.iter().rev().find(|(_, p, _)| p == prefix) {
            Some((_, _, uri)) => Ok(Arc::clone(uri)),
            None if prefix.is_empty() => Ok(Arc::clone(&self.none)),
            None => self.fail(format!("命名空间前缀 {prefix} 没有声明")),
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), XmlError> {
        if self.stack.len() >= MAX_DEPTH {
            return self.fail(format!("嵌套超过 {MAX_DEPTH} 层"));
        }
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return self.fail(format!("元素超过 {MAX_ELEMENTS} 个"));
        }
        let depth = self.stack.len();
        let mut raw = Vec::new();
        for (n, attribute) in tag.attributes().enumerate() {
            let Ok(attribute) = attribute else {
                return self.fail("属性写法有误或重复");
            };
            let key = attribute.key.as_ref().to_owned();
            if attribute.value.len() > MAX_VALUE || n >= MAX_ATTRIBUTES {
                return self.fail(format!("属性 {key:.40} 过长或属性过多"));
            }
            if self.scopes.len() >= MAX_DEPTH {
                return self.fail("命名空间声明过多");
            }
            let Ok(value) = attribute.normalized_value(XmlVersion::Implicit1_0) else {
                return self.fail("属性值中有不允许的实体引用");
            };
            match key.strip_prefix("xmlns") {
                Some("") => self.scopes.push((depth, String::new(), Arc::from(&*value))),
                Some(p) if p.starts_with(':') => {
                    let prefix = p.get(1..).unwrap_or_default().to_owned();
                    self.scopes.push((depth, prefix, Arc::from(&*value)));
                }
                _ => raw.push((key, value.into_owned())),
            }
        }
        let mut attrs = Vec::with_capacity(raw.len());
        for (key, value) in raw {
            let (ns, name) = match key.split_once(':') {
                Some((prefix, local)) => (self.resolve(prefix)?, local.to_owned()),
                None => (Arc::clone(&self.none), key),
            };
            attrs.push(Attr { ns, name, value });
        }
        let qualified = tag.name().as_ref().to_owned();
        let (prefix, local) = qualified.split_once(':').unwrap_or(("", &qualified));
        let ns = self.resolve(prefix)?;
        let name = local.to_owned();
        let (children, text, line) = (Vec::new(), String::new(), self.line);
        self.stack.push(Element {
            ns,
            name,
            attrs,
            children,
            text,
            line,
        });
        Ok(())
    }

    /// Closes the innermost element; gives it back when it was the root.
    fn close(&mut self) -> Option<Element> {
        let element = self.stack.pop()?;
        let depth = self.stack.len();
        while self.scopes.last().is_some_and(|(d, _, _)| *d >= depth) {
            self.scopes.pop();
        }
        match self.stack.last_mut() {
            Some(parent) => {
                parent.children.push(element);
                None
            }
            None => Some(element),
        }
    }

    fn add_text(&mut self, text: &str) -> Result<(), XmlError> {
        let Some(top) = self.stack.last_mut() else {
            return if text.trim().is_empty() {
                Ok(())
            } else {
                self.fail("根元素之外有文字")
            };
        };
        if top.text.len() + text.len() > MAX_VALUE {
            return self.fail("元素内的文字过长");
        }
        top.text.push_str(text);
        Ok(())
    }
}

/// The five predefined entities and character references; nothing else is an entity here.
pub(crate) fn character(r: &BytesRef<'_>) -> Option<char> {
    match &*r.xml_content(XmlVersion::Implicit1_0) {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => r.resolve_char_ref().ok().flatten(),
    }
}

/// Reads a document into a tree.
pub(crate) fn read(bytes: &[u8]) -> Result<Element, XmlError> {
    let at = |line, why: &str| XmlError {
        line,
        why: why.to_owned(),
    };
    if bytes.len() > MAX_FILE {
        return Err(at(1, "文件超过 10 MB"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let source = std::str::from_utf8(bytes).map_err(|_| at(1, "文件不是 UTF-8 编码"))?;
    let mut reader = Reader::from_str(source);
    let mut b = Builder {
        source,
        counted_to: 0,
        line: 1,
        elements: 0,
        scopes: Vec::new(),
        stack: Vec::new(),
        none: Arc::from(""),
    };
    let mut root = None;
    loop {
        let event = reader.read_event();
        // An element is reported with the line on which its tag ends only if it spans lines; take the start.
        let start_line = b.line;
        b.advance(reader.buffer_position());
        let event = match event {
            Ok(event) => event,
            Err(e) => return b.fail(format!("不是合法的 XML（{e}）")),
        };
        match event {
            Event::Start(_) | Event::Empty(_) if root.is_some() => {
                return b.fail("有两个根元素");
            }
            Event::Start(tag) => {
                let end_line = std::mem::replace(&mut b.line, start_line);
                b.open(&tag)?;
                b.line = end_line;
            }
            Event::Empty(tag) => {
                let end_line = std::mem::replace(&mut b.line, start_line);
                b.open(&tag)?;
                b.line = end_line;
                root = b.close().or(root);
            }
            Event::End(_) => root = b.close().or(root),
            Event::Text(text) => b.add_text(&text.xml_content(XmlVersion::Implicit1_0))?,
            Event::CData(text) => b.add_text(&text.xml_content(XmlVersion::Implicit1_0))?,
            Event::GeneralRef(r) => {
                let c = character(&r);
                let Some(c) = c else {
                    return b.fail("不允许自定义实体");
                };
                b.add_text(c.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return b.fail("不允许 DOCTYPE（文档类型声明、实体定义）"),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    if !b.stack.is_empty() {
        return b.fail("文件不完整：有元素没有结束");
    }
    root.ok_or_else(|| at(b.line, "文件中没有元素"))
}
