//! A document as text with the place of every tag and attribute in it: edits replace ranges, and nothing else moves.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::Refused;
use crate::import::BPMN;
use crate::xml;

/// An attribute and where it stands.
#[derive(Debug, Clone)]
pub(super) struct AttrAt {
    pub ns: Arc<str>,
    pub name: String,
    pub value: String,
    /// With the white space before it.
    pub whole: Range<usize>,
    /// Between the quotes.
    pub inner: Range<usize>,
}

/// An element and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Tag {
    pub ns: Arc<str>,
    pub prefix: String,
    pub name: String,
    pub attrs: Vec<AttrAt>,
    /// Namespaces that it declares, by prefix.
    pub decls: Vec<(String, Arc<str>)>,
    /// Its own text.
    pub text: String,
    pub parent: Option<usize>,
    pub children: Vec<usize>,
    pub start: usize,
    /// Behind the start tag.
    pub open_end: usize,
    /// Before the end tag; the same as `end` where there is none (`<x/>`).
    pub close_start: usize,
    pub end: usize,
}

impl Tag {
    pub(super) fn attr(&self, name: &str) -> Option<&str> {
        self.attr_ns("", name)
    }

    pub(super) fn attr_ns(&self, ns: &str, name: &str) -> Option<&str> {
        let found = self.attrs.iter().find(|a| &*a.ns == ns && a.name == name)?;
        Some(&found.value)
    }

    pub(super) fn is(&self, name: &str) -> bool {
        &*self.ns == BPMN && self.name == name
    }

    /// `<x/>`.
    fn is_closed(&self) -> bool {
        self.close_start == self.end
    }
}

/// Text to put in the place of a range.
#[derive(Debug)]
pub(super) struct Patch(pub Range<usize>, pub String);

/// The document.
#[derive(Debug, Clone)]
pub(super) struct Doc {
    pub text: String,
    pub tags: Vec<Tag>,
    /// Elements of BPMN, without the diagram, by id; of several the first.
    by_id: BTreeMap<String, usize>,
}

impl Doc {
    /// Reads a text that [`xml::read`] takes, whose root is `definitions` of BPMN.
    pub(super) fn read(text: String) -> Result<Self, Refused> {
        let refused = |why: String| Refused::new("xml", None, why);
        let root = xml::read(text.as_bytes()).map_err(|e| refused(e.to_string()))?;
        if root.name != "definitions" || &*root.ns != BPMN {
            return Err(refused("根元素应为 BPMN 2.0 的 definitions".to_owned()));
        }
        let tags = scan(&text).ok_or_else(|| refused("文件不能编辑".to_owned()))?;
        let mut by_id = BTreeMap::new();
        for (i, tag) in tags.iter().enumerate() {
            if let Some(id) = tag.attr("id").filter(|_| &*tag.ns == BPMN) {
                by_id.entry(id.to_owned()).or_insert(i);
            }
        }
        Ok(Self { text, tags, by_id })
    }

    /// Replaces ranges, which must not overlap, and reads the result anew.
    pub(super) fn patch(&mut self, mut patches: Vec<Patch>) -> Result<(), Refused> {
        if patches.is_empty() {
            return Ok(());
        }
        // At one place those that were asked for first stand first.
        patches.sort_by_key(|p| (p.0.start, p.0.end));
        let mut text = String::with_capacity(self.text.len() + 200);
        let mut at = 0;
        for Patch(range, new) in patches {
            // What lies in a range that is replaced already goes with it.
            if range.start < at {
                continue;
            }
            text.push_str(self.slice(at..range.start));
            text.push_str(&new);
            at = range.end;
        }
        text.push_str(self.slice(at..self.text.len()));
        *self = Self::read(text)?;
        Ok(())
    }

    /// Ranges come from tags of this very text.
    pub(super) fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub(super) fn known(&self, id: &str) -> Result<usize, Refused> {
        self.find(id)
            .ok_or_else(|| Refused::new("unknown", Some(id), format!("没有元素 {id:.80}")))
    }

    pub(super) fn tag(&self, at: usize) -> &Tag {
        &self.tags[at]
    }

    pub(super) fn id(&self, at: usize) -> &str {
        self.tags[at].attr("id").unwrap_or_default()
    }

    /// Children of BPMN with this name.
    pub(super) fn all<'a>(&'a self, at: usize, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        let children = self.tags[at].children.iter().copied();
        children.filter(move |c| self.tags[*c].is(name))
    }

    pub(super) fn child(&self, at: usize, name: &str) -> Option<usize> {
        self.all(at, name).next()
    }

    /// `prefix:name` with the prefix of the element `like`.
    pub(super) fn named_like(&self, like: usize, name: &str) -> String {
        match self.tags[like].prefix.as_str() {
            "" => name.to_owned(),
            prefix => format!("{prefix}:{name}"),
        }
    }

    /// A prefix that stands for `ns` at this place.
    pub(super) fn prefix(&self, at: usize, ns: &str) -> Option<&str> {
        let mut seen: Vec<&str> = Vec::new();
        let mut here = Some(at);
        while let Some(tag) = here.map(|i| &self.tags[i]) {
            for (prefix, uri) in tag.decls.iter().filter(|(p, _)| !p.is_empty()) {
                if seen.contains(&prefix.as_str()) {
                    continue;
                }
                if &**uri == ns {
                    return Some(prefix);
                }
                seen.push(prefix);
            }
            here = tag.parent;
        }
        None
    }

    /// Declares `ns` at the root under a prefix that is free everywhere.
    pub(super) fn declare(&mut self, ns: &str, wish: &str) -> Result<(), Refused> {
        let taken = |prefix: &str| {
            let mut decls = self.tags.iter().flat_map(|tag| &tag.decls);
            decls.any(|(known, _)| known == prefix)
        };
        let free = (1..).map(|n| match n {
            1 => wish.to_owned(),
            n => format!("{wish}{n}"),
        });
        let Some(prefix) = free.into_iter().find(|p| !taken(p)) else {
            return Ok(());
        };
        let at = self.tags[0].start + 1 + self.named_like(0, &self.tags[0].name).len();
        self.patch(vec![Patch(at..at, format!(" xmlns:{prefix}=\"{ns}\""))])
    }

    /// The first `stem_n` that nothing in the file is called.
    pub(super) fn fresh(&self, stem: &str) -> String {
        let mut taken = std::collections::BTreeSet::new();
        for tag in &self.tags {
            taken.extend(tag.attr("id"));
            taken.extend(tag.attr("name"));
        }
        let mut n = 1_u32;
        loop {
            let id = format!("{stem}_{n}");
            if !taken.contains(id.as_str()) {
                return id;
            }
            n += 1;
        }
    }

    /// The white space between the beginning of the line and the element; `None` if something else stands there.
    pub(super) fn indent(&self, at: usize) -> Option<&str> {
        let before = self.slice(0..self.tags[at].start);
        let line = before.rsplit_once('\n')?.1;
        line.trim().is_empty().then_some(line)
    }

    /// Puts text behind an element, on a line of its own if that one has one.
    pub(super) fn behind(&self, at: usize, new: &str) -> Patch {
        let end = self.tags[at].end;
        let line = self
            .indent(at)
            .map_or_else(String::new, |indent| format!("\n{indent}"));
        Patch(end..end, format!("{line}{new}"))
    }

    /// Puts text in an element as its last child.
    pub(super) fn inside(&self, at: usize, new: &str) -> Patch {
        let tag = &self.tags[at];
        if let Some(last) = tag.children.last() {
            return self.behind(*last, new);
        }
        // `<x></x>` on one line stays on one.
        let wide = tag.is_closed() || self.slice(tag.open_end..tag.close_start).contains('\n');
        let (line, back) = match self.indent(at).filter(|_| wide) {
            Some(indent) => (format!("\n{indent}  "), format!("\n{indent}")),
            None => (String::new(), String::new()),
        };
        self.refill(at, &format!("{line}{new}{back}"))
    }

    /// Puts text in an element before its children.
    pub(super) fn in_front(&self, at: usize, new: &str) -> Patch {
        match self.tags[at].children.first() {
            None => self.inside(at, new),
            Some(first) => {
                let start = self.tags[*first].start;
                let line = self
                    .indent(*first)
                    .map_or_else(String::new, |indent| format!("\n{indent}"));
                Patch(start..start, format!("{new}{line}"))
            }
        }
    }

    /// Replaces everything between start and end tag.
    pub(super) fn refill(&self, at: usize, new: &str) -> Patch {
        let tag = &self.tags[at];
        if !tag.is_closed() {
            return Patch(tag.open_end..tag.close_start, new.to_owned());
        }
        let name = self.named_like(at, &tag.name);
        let open = self.slice(tag.start..tag.open_end);
        let open = open.strip_suffix("/>").unwrap_or(open).trim_end();
        Patch(tag.start + open.len()..tag.end, format!(">{new}</{name}>"))
    }

    /// Takes an element out, with its line if it has one.
    pub(super) fn without(&self, at: usize) -> Patch {
        let tag = &self.tags[at];
        let back = self.indent(at).map_or(0, |indent| indent.len() + 1);
        // A carriage return belongs to the line.
        let back = back + usize::from(self.slice(0..tag.start - back).ends_with('\r'));
        Patch(tag.start - back..tag.end, String::new())
    }

    /// Sets or takes away an attribute. `None` if there is nothing to do.
    pub(super) fn attribute(
        &self,
        at: usize,
        ns: &str,
        name: &str,
        value: Option<&str>,
    ) -> Result<Option<Patch>, Refused> {
        let tag = &self.tags[at];
        let known = tag.attrs.iter().find(|a| &*a.ns == ns && a.name == name);
        Ok(match (known, value) {
            (None, None) => None,
            (Some(attr), None) => Some(Patch(attr.whole.clone(), String::new())),
            (Some(attr), Some(value)) if attr.value == value => None,
            (Some(attr), Some(value)) => Some(Patch(attr.inner.clone(), escaped(value)?)),
            (None, Some(value)) => {
                let prefix = match (ns, self.prefix(at, ns)) {
                    ("", _) => String::new(),
                    (_, Some(prefix)) => format!("{prefix}:"),
                    (_, None) => return Err(Refused::new("xml", None, "命名空间没有声明")),
                };
                let open = self.slice(tag.start..tag.open_end);
                let open = open.strip_suffix('>').unwrap_or(open);
                let open = open.strip_suffix('/').unwrap_or(open).trim_end();
                let end = tag.start + open.len();
                Some(Patch(
                    end..end,
                    format!(" {prefix}{name}=\"{}\"", escaped(value)?),
                ))
            }
        })
    }
}

/// For an attribute value or text. Characters that XML does not know are refused.
pub(super) fn escaped(value: &str) -> Result<String, Refused> {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                return Err(Refused::new("value", None, "文字中有不能保存的字符"));
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

/// `None`: something that the reader took cannot be placed; never for what it takes.
fn scan(text: &str) -> Option<Vec<Tag>> {
    let mut reader = Reader::from_str(text);
    let (mut tags, mut stack): (Vec<Tag>, Vec<usize>) = (Vec::new(), Vec::new());
    let mut last = 0;
    loop {
        let event = reader.read_event().ok()?;
        let start = last;
        last = usize::try_from(reader.buffer_position()).ok()?;
        match event {
            Event::Start(open) => {
                let at = tags.len();
                tags.push(tag(text, &open, start..last, &tags, stack.last().copied())?);
                if let Some(parent) = stack.last() {
                    tags[*parent].children.push(at);
                }
                stack.push(at);
            }
            Event::Empty(open) => {
                let at = tags.len();
                tags.push(tag(text, &open, start..last, &tags, stack.last().copied())?);
                if let Some(parent) = stack.last() {
                    tags[*parent].children.push(at);
                }
            }
            Event::End(_) => {
                let at = stack.pop()?;
                (tags[at].close_start, tags[at].end) = (start, last);
            }
            Event::Text(t) => own_text(&mut tags, &stack, &t.xml_content(XmlVersion::Implicit1_0)),
            Event::CData(t) => own_text(&mut tags, &stack, &t.xml_content(XmlVersion::Implicit1_0)),
            Event::GeneralRef(r) => {
                let c = xml::character(&r)?;
                own_text(&mut tags, &stack, c.encode_utf8(&mut [0; 4]));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    (!tags.is_empty() && stack.is_empty()).then_some(tags)
}

fn own_text(tags: &mut [Tag], stack: &[usize], text: &str) {
    if let Some(at) = stack.last() {
        tags[*at].text.push_str(text);
    }
}

/// The namespace of a prefix among what stands around.
fn resolve(
    prefix: &str,
    own: &[(String, Arc<str>)],
    tags: &[Tag],
    parent: Option<usize>,
) -> Arc<str> {
    if prefix == "xml" {
        return Arc::from("http://www.w3.org/XML/1998/namespace");
    }
    if let Some((_, uri)) = own.iter().rev().find(|(p, _)| p == prefix) {
        return Arc::clone(uri);
    }
    let mut here = parent;
    while let Some(tag) = here.map(|i| &tags[i]) {
        if let Some((_, uri)) = tag.decls.iter().rev().find(|(p, _)| p == prefix) {
            return Arc::clone(uri);
        }
        here = tag.parent;
    }
    Arc::from("")
}

fn tag(
    text: &str,
    open: &BytesStart<'_>,
    range: Range<usize>,
    tags: &[Tag],
    parent: Option<usize>,
) -> Option<Tag> {
    let qualified = open.name().as_ref().to_owned();
    let places = attributes(text.get(range.clone())?, qualified.len() + 1, range.start)?;
    let (mut decls, mut found) = (Vec::new(), Vec::new());
    for (attribute, (whole, inner)) in open.attributes().zip(places) {
        let attribute = attribute.ok()?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
        let key = attribute.key.as_ref().to_owned();
        match key.strip_prefix("xmlns") {
            Some("") => decls.push((String::new(), Arc::from(&*value))),
            Some(p) if p.starts_with(':') => {
                let prefix = p.trim_start_matches(':').to_owned();
                decls.push((prefix, Arc::from(&*value)));
            }
            _ => found.push((key, value.into_owned(), whole, inner)),
        }
    }
    let attrs = found.into_iter().map(|(key, value, whole, inner)| {
        let (ns, name) = match key.split_once(':') {
            Some((prefix, name)) => (resolve(prefix, &decls, tags, parent), name.to_owned()),
            None => (Arc::from(""), key),
        };
        AttrAt {
            ns,
            name,
            value,
            whole,
            inner,
        }
    });
    let attrs = attrs.collect();
    let (prefix, name) = qualified.split_once(':').unwrap_or(("", &qualified));
    Some(Tag {
        ns: resolve(prefix, &decls, tags, parent),
        prefix: prefix.to_owned(),
        name: name.to_owned(),
        attrs,
        decls,
        text: String::new(),
        parent,
        children: Vec::new(),
        start: range.start,
        open_end: range.end,
        close_start: range.end,
        end: range.end,
    })
}

/// Where the attributes of a start tag are: with the space before, and between the quotes.
fn attributes(open: &str, from: usize, base: usize) -> Option<Vec<(Range<usize>, Range<usize>)>> {
    let bytes = open.as_bytes();
    let mut found = Vec::new();
    let mut at = from;
    loop {
        let before = at;
        while bytes.get(at)?.is_ascii_whitespace() {
            at += 1;
        }
        if matches!(bytes[at], b'>' | b'/') {
            return Some(found);
        }
        while !matches!(bytes.get(at)?, b'"' | b'\'') {
            at += 1;
        }
        let quote = bytes[at];
        let inner = at + 1;
        at = inner;
        while *bytes.get(at)? != quote {
            at += 1;
        }
        found.push((base + before..base + at + 1, base + inner..base + at));
        at += 1;
    }
}
