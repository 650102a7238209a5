//! A DMN file before it is read: small and flat enough, no document type, a namespace of 1.3 or later.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Problem, Warning};
use crate::{MAX_XML, scan};

/// Deepest nesting of elements; reading recurses by it.
const MAX_DEPTH: usize = 60;
/// Most elements.
const MAX_ELEMENTS: usize = 200_000;
/// Longest attribute value or name, in bytes.
const MAX_ATTRIBUTE: usize = 4 * 1024;

/// Elements whose `text` is for people, not FEEL.
const PROSE: &[&str] = &["textAnnotation", "annotationEntry"];

/// Namespaces of versions before 1.3 and what stands for them since.
const OLD: &[(&str, &str, &str)] = &[
    ("http://www.omg.org/spec/DMN/20151101/dmn.xsd", MODEL, "1.1"),
    (
        "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
        MODEL,
        "1.1",
    ),
    ("http://www.omg.org/spec/DMN/20151101", MODEL, "1.1"),
    ("http://www.omg.org/spec/DMN/20180521/MODEL/", MODEL, "1.2"),
    (
        "http://www.omg.org/spec/DMN/20180521/DMNDI/",
        "https://www.omg.org/spec/DMN/20191111/DMNDI/",
        "1.2",
    ),
];
const MODEL: &str = "https://www.omg.org/spec/DMN/20191111/MODEL/";

/// Checks a file and brings it to a namespace of 1.3 or later.
pub(super) fn take(xml: &[u8]) -> Result<(String, Vec<Warning>), Vec<Problem>> {
    if xml.len() > MAX_XML {
        return Err(vec![Problem::whole(format!(
            "文件过大：{} 字节，至多 {MAX_XML} 字节",
            xml.len()
        ))]);
    }
    let text = std::str::from_utf8(xml)
        .map_err(|_| vec![Problem::whole("文件不是 UTF-8 编码".to_owned())])?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    guard(text)?;
    Ok(upgrade(text))
}

/// The line of a place in a text, counted from 1.
pub(super) fn line(text: &str, at: usize) -> u32 {
    let lines = text
        .as_bytes()
        .iter()
        .take(at)
        .filter(|byte| **byte == b'\n')
        .count();
    u32::try_from(lines + 1).unwrap_or(u32::MAX)
}

fn guard(text: &str) -> Result<(), Vec<Problem>> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<String> = Vec::new();
    let mut problems = Vec::new();
    let mut elements = 0usize;
    let mut formula = String::new();
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let refuse = |message: String| Problem::at("", line(text, at), message);
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                problems.push(refuse(format!("不是有效的 XML：{error}")));
                return Err(problems);
            }
        };
        match &event {
            Event::DocType(_) => {
                return Err(vec![refuse("不接受 DOCTYPE 和实体定义".to_owned())]);
            }
            Event::Start(start) | Event::Empty(start) => {
                elements += 1;
                if elements > MAX_ELEMENTS {
                    return Err(vec![refuse(format!("元素过多：至多 {MAX_ELEMENTS} 个"))]);
                }
                for attribute in start.attributes().with_checks(false).flatten() {
                    if attribute.value.len() + attribute.key.as_ref().len() > MAX_ATTRIBUTE {
                        return Err(vec![refuse(format!("属性过长：至多 {MAX_ATTRIBUTE} 字节"))]);
                    }
                    let language = attribute.value.as_ref();
                    if attribute.key.local_name().as_ref() == "expressionLanguage"
                        && !language.to_ascii_lowercase().contains("feel")
                    {
                        problems.push(refuse(format!(
                            "表达式语言 {language:.80} 不支持，只执行 FEEL"
                        )));
                    }
                }
                if matches!(event, Event::Start(_)) {
                    open.push(start.local_name().as_ref().to_owned());
                    formula.clear();
                }
                if open.len() > MAX_DEPTH {
                    return Err(vec![refuse(format!("元素嵌套过深：至多 {MAX_DEPTH} 层"))]);
                }
            }
            Event::Text(part) => formula.push_str(part),
            Event::CData(part) => formula.push_str(part),
            Event::GeneralRef(name) => match name.as_ref() {
                "quot" => formula.push('"'),
                "apos" => formula.push('\''),
                "lt" => formula.push('<'),
                "gt" => formula.push('>'),
                _ => formula.push(name.resolve_char_ref().ok().flatten().unwrap_or('&')),
            },
            Event::End(_) => {
                let name = open.pop().unwrap_or_default();
                let prose = open
                    .last()
                    .is_some_and(|parent| PROSE.contains(&parent.as_str()));
                if name == "text"
                    && !prose
                    && let Err(error) = scan::guard(&formula)
                {
                    problems.push(refuse(error.0));
                }
                formula.clear();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

fn upgrade(text: &str) -> (String, Vec<Warning>) {
    let mut text = text.to_owned();
    let mut version = None;
    for (old, new, of) in OLD {
        for quote in ['"', '\''] {
            let from = format!("={quote}{old}{quote}");
            if text.contains(&from) {
                text = text.replace(&from, &format!("={quote}{new}{quote}"));
                version = version.or(Some(*of));
            }
        }
    }
    let Some(version) = version else {
        return (text, Vec::new());
    };
    // 1.1 wrote types as qualified names; tools of that time also wrote those of Java.
    text = text
        .replace("typeRef=\"feel:", "typeRef=\"")
        .replace("<typeRef>feel:", "<typeRef>");
    for java in ["integer", "int", "long", "double", "float", "decimal"] {
        text = text.replace(&format!("typeRef=\"{java}\""), "typeRef=\"number\"");
    }
    // Names of XML Schema, which tools write still.
    for (alias, name) in [
        ("dateTime", "date and time"),
        ("dayTimeDuration", "days and time duration"),
        ("yearMonthDuration", "years and months duration"),
    ] {
        text = text
            .replace(
                &format!("typeRef=\"{alias}\""),
                &format!("typeRef=\"{name}\""),
            )
            .replace(&format!("<typeRef>{alias}<"), &format!("<typeRef>{name}<"));
    }
    let warning = Warning(Problem::whole(format!(
        "文件为 DMN {version}，已按 DMN 1.3 读取；请用编辑器另存为新版本"
    )));
    (text, vec![warning])
}

/// The library takes ids and namespaces for URIs and refuses Chinese ones: in the values of these attributes every character
/// beyond ASCII is written as its number. Both ends of a reference change alike.
pub(super) fn ascii_ids(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let end = match rest {
            _ if rest.starts_with("<![CDATA[") => rest.find("]]>").map(|at| at + 3),
            _ if rest.starts_with("<!--") => rest.find("-->").map(|at| at + 3),
            _ => {
                rest = tag(rest, &mut out);
                continue;
            }
        };
        let end = end.unwrap_or(rest.len());
        out.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// Copies one tag; gives back what follows it.
fn tag<'a>(text: &'a str, out: &mut String) -> &'a str {
    let mut rest = text;
    loop {
        let Some(at) = rest.find(['"', '\'', '>']) else {
            out.push_str(rest);
            return "";
        };
        out.push_str(&rest[..=at]);
        let before = rest[..at].trim_end().trim_end_matches('=').trim_end();
        let quote = rest.as_bytes()[at] as char;
        rest = &rest[at + 1..];
        if quote == '>' {
            return rest;
        }
        let end = rest.find(quote).unwrap_or(rest.len());
        let name = before
            .rsplit(|ch: char| ch.is_whitespace())
            .next()
            .unwrap_or_default();
        if matches!(name, "id" | "href" | "namespace" | "locationURI") {
            for ch in rest[..end].chars() {
                if ch.is_ascii() {
                    out.push(ch);
                } else {
                    out.push_str(&format!("_u{:x}", u32::from(ch)));
                }
            }
        } else {
            out.push_str(&rest[..end]);
        }
        rest = &rest[end..];
        // The closing quote.
        let close = rest.chars().next().map_or(0, char::len_utf8);
        out.push_str(&rest[..close]);
        rest = &rest[close..];
    }
}
