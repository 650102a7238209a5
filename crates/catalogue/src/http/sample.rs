//! `/items/{code}/form-sample`: the blank form as a page to print, for those who fill in by hand.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde_json::Value;
use tongban_forms::{Choice, FieldKind, FormDocument, Lang as FormLang, Widget, Words};
use tongban_kernel::Error;
use tongban_webkit::{Ctx, Failure, Lang, Page, PageShell};

use super::item_href;
use crate::service;

/// One question on paper.
struct Line {
    label: String,
    hint: String,
    unit: String,
    optional: bool,
    choices: Vec<String>,
    /// Several lines to write on.
    long: bool,
}

/// A section; `repeats` names the row of a repeating group.
struct Block {
    title: String,
    repeats: bool,
    lines: Vec<Line>,
}

struct Sheet {
    title: String,
    blocks: Vec<Block>,
}

#[derive(Template)]
#[template(path = "form_sample.html")]
struct SamplePage<'a> {
    shell: &'a PageShell,
    title: String,
    organ: String,
    href: String,
    sheets: Vec<Sheet>,
    /// Name and formats of what is handed in with it.
    materials: Vec<(String, String)>,
}

/// Words of a form in the reader's language.
struct Reader<'a> {
    shell: &'a PageShell,
    form: &'a FormDocument,
    lang: FormLang,
}

impl Reader<'_> {
    fn words(&self, words: &Words) -> String {
        self.shell.zh(words.get(self.lang))
    }

    fn line(&self, id: &str) -> Option<Line> {
        let field = self.form.field(id)?;
        let FieldKind::Question(question) = &field.kind else {
            return None;
        };
        let words =
            |words: &Option<Words>| words.as_ref().map_or_else(String::new, |w| self.words(w));
        let choice = |choice: &Choice| self.words(&choice.label);
        // A list of hundreds is not printed: it is written in by hand.
        let few = question.choices.len() <= 24;
        Some(Line {
            label: self.words(&field.label),
            hint: words(&field.hint),
            unit: words(&question.unit),
            optional: field.need == tongban_forms::Need::Never,
            choices: if few {
                question.choices.iter().map(choice).collect()
            } else {
                Vec::new()
            },
            long: matches!(question.element.widget, Widget::Textarea | Widget::Address),
        })
    }

    /// The sections of a page in the order of the document. What depends on answers is printed too: paper does not know.
    fn blocks(&self, page: &Value) -> Vec<Block> {
        let mut blocks = Vec::new();
        for section in list(page, "sections") {
            let title = section
                .get("title")
                .map_or_else(String::new, |title| self.raw(title));
            let mut block = Block {
                title,
                repeats: false,
                lines: Vec::new(),
            };
            let mut groups = Vec::new();
            for field in list(section, "fields") {
                let id = text(field, "id");
                let children = list(field, "fields");
                if children.is_empty() {
                    block.lines.extend(self.line(id));
                } else {
                    groups.push(Block {
                        title: self
                            .form
                            .field(id)
                            .map_or_else(String::new, |f| self.words(&f.label)),
                        repeats: true,
                        lines: children
                            .iter()
                            .filter_map(|child| self.line(text(child, "id")))
                            .collect(),
                    });
                }
            }
            if !block.lines.is_empty() {
                blocks.push(block);
            }
            blocks.append(&mut groups);
        }
        blocks
    }

    /// Words as the document writes them: a text, or one per language.
    fn raw(&self, value: &Value) -> String {
        let by_lang = |name: &str| value.get(name).and_then(Value::as_str);
        let english = by_lang("en").filter(|_| self.lang == FormLang::En);
        let chosen = english
            .or_else(|| by_lang("zh-CN"))
            .or_else(|| value.as_str());
        self.shell.zh(chosen.unwrap_or_default())
    }
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// `GET /items/{code}/form-sample`.
pub(super) async fn page(
    page: Page,
    ctx: Ctx,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let offer = service::offer_by_code(&ctx, &code).await?;
    let form = offer.form.as_ref().ok_or_else(Error::not_found)?;
    let document: Value = serde_json::from_str(&form.to_canonical_json())
        .map_err(|source| Error::internal("a form that is not JSON").source(source))?;
    let shell = page.shell();
    let (home, item, word) = (
        shell.t("nav-home"),
        shell.zh(&offer.item.task_name),
        shell.t("guide-blank-form"),
    );
    let href = item_href(&offer.code);
    let page = page
        .titled(format!("{word} · {item}"))
        .nav("organs")
        .crumb(home, "/")
        .crumb(item, &href)
        .crumb(word, "");
    let shell = page.shell();
    let lang = if shell.lang() == Lang::En {
        FormLang::En
    } else {
        FormLang::Zh
    };
    let reader = Reader { shell, form, lang };
    let sheets = list(&document, "pages").iter().map(|page| Sheet {
        title: page
            .get("title")
            .map_or_else(String::new, |title| reader.raw(title)),
        blocks: reader.blocks(page),
    });
    let view = SamplePage {
        shell,
        title: reader.words(form.title()),
        organ: shell.zh(&offer.organ_name),
        sheets: sheets.collect(),
        materials: form
            .materials()
            .iter()
            .map(|material| {
                let hint = material
                    .hint
                    .as_ref()
                    .map_or_else(String::new, |hint| reader.words(hint));
                (reader.words(&material.name), hint)
            })
            .collect(),
        href,
    };
    Ok(page.html(&view))
}
