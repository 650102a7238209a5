//! What can go wrong while a document is made.

use std::path::PathBuf;

/// Why a document was not made. The text is for the officer or the operator; no personal data in it
/// except what a template itself quotes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// No embedded template and no file in the template folder has this name.
    #[error("没有名为“{0}”的文书模板")]
    UnknownTemplate(String),
    /// The template folder holds the file but it cannot be read.
    #[error("模板文件无法读取：{path}（{reason}）")]
    TemplateFile {
        /// The file.
        path: PathBuf,
        /// The operating system's message.
        reason: String,
    },
    /// The template stopped: a field is absent, or the template itself is wrong.
    #[error("模板“{template}”排版失败：{}", .messages.join("；"))]
    Template {
        /// Template name.
        template: String,
        /// `file:line: message`, one per problem.
        messages: Vec<String>,
    },
    /// The template's own text has characters that no font has (data are handled before).
    #[error("模板“{template}”中有字体缺少的字符：{}", list(.characters))]
    NoGlyph {
        /// Template name.
        template: String,
        /// The characters.
        characters: Vec<char>,
    },
    /// The data are nested too deeply or too large.
    #[error("文书数据过深或过大（上限：{limit}）")]
    TooLarge {
        /// The limit that was passed.
        limit: &'static str,
    },
    /// The laid-out document does not conform to PDF/A-2a.
    #[error("不符合 PDF/A-2a：{}", .0.join("；"))]
    NotArchivable(Vec<String>),
    /// The text of a QR code is longer than a code can carry.
    #[error("二维码内容过长：{0} 字节")]
    QrTooLong(usize),
    /// A seal needs 1–40 characters of organ name and at most 30 below.
    #[error("印章文字长度不合规：{0}")]
    SealText(String),
    /// A font folder or file cannot be read.
    #[error("字体无法读取：{path}（{reason}）")]
    Font {
        /// Folder or file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// `created` is outside the years that a PDF date can carry.
    #[error("文书日期超出可表示的范围")]
    Date,
}

fn list(characters: &[char]) -> String {
    let named: Vec<String> = characters
        .iter()
        .map(|c| format!("U+{:04X}", u32::from(*c)))
        .collect();
    named.join("、")
}
