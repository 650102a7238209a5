//! The description of the interface for people: a server-rendered page made of the OpenAPI document, without script.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::page::Page;
use crate::shell::PageShell;

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    /// Name, place, required, description.
    parameters: Vec<(String, String, bool, String)>,
    body: String,
    responses: Vec<(String, String)>,
}

struct Section {
    tag: String,
    operations: Vec<Operation>,
}

struct Docs {
    json: String,
    title: String,
    version: String,
    sections: Vec<Section>,
}

#[derive(Template)]
#[template(path = "api_docs.html")]
struct DocsPage<'a> {
    shell: &'a PageShell,
    docs: &'a Docs,
}

/// Routes `/api/docs` (for people) and `/api/v1/openapi.json` (for programs) for an OpenAPI 3.1 document.
pub fn docs_router(document: &Value) -> Router {
    let docs = Arc::new(read(document));
    Router::new()
        .route("/api/docs", get(docs_page))
        .route("/api/v1/openapi.json", get(docs_json))
        .with_state(docs)
}

async fn docs_page(State(docs): State<Arc<Docs>>, page: Page) -> Response {
    let page = page.clone().titled(page.shell().t("api-docs-title"));
    page.html(&DocsPage {
        shell: page.shell(),
        docs: &docs,
    })
}

async fn docs_json(State(docs): State<Arc<Docs>>) -> Response {
    ([(CONTENT_TYPE, "application/json")], docs.json.clone()).into_response()
}

fn text(value: &Value, name: &str) -> String {
    value
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// The last piece of a `$ref`, or the type.
fn schema_name(schema: Option<&Value>) -> String {
    let Some(schema) = schema else {
        return String::new();
    };
    match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => reference.rsplit('/').next().unwrap_or_default().to_owned(),
        None => text(schema, "type"),
    }
}

fn content_schema(value: Option<&Value>) -> String {
    let content = value
        .and_then(|value| value.get("content"))
        .and_then(Value::as_object);
    schema_name(
        content
            .and_then(|content| content.values().next())
            .and_then(|media| media.get("schema")),
    )
}

fn operation(method: &str, path: &str, value: &Value) -> Operation {
    let parameters = value
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let responses = value
        .get("responses")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    Operation {
        id: format!(
            "{method}{}",
            path.replace(|c: char| !c.is_ascii_alphanumeric(), "-")
        ),
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        summary: text(value, "summary"),
        description: text(value, "description"),
        parameters: parameters
            .map(|one| {
                let required = one
                    .get("required")
                    .and_then(Value::as_bool)
                    .unwrap_or(false);
                (
                    text(one, "name"),
                    text(one, "in"),
                    required,
                    text(one, "description"),
                )
            })
            .collect(),
        body: content_schema(value.get("requestBody")),
        responses: responses
            .map(|(status, one)| {
                let schema = content_schema(Some(one));
                let description = text(one, "description");
                (
                    status.clone(),
                    if schema.is_empty() {
                        description
                    } else {
                        format!("{description} → {schema}")
                    },
                )
            })
            .collect(),
    }
}

fn read(document: &Value) -> Docs {
    let mut sections: Vec<Section> = Vec::new();
    let paths = document
        .get("paths")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    for (path, methods) in paths {
        for method in ["get", "post", "put", "patch", "delete"] {
            let Some(value) = methods.get(method) else {
                continue;
            };
            let tag = value
                .get("tags")
                .and_then(|tags| tags.get(0))
                .and_then(Value::as_str)
                .unwrap_or("API")
                .to_owned();
            let operation = operation(method, path, value);
            match sections.iter_mut().find(|section| section.tag == tag) {
                Some(section) => section.operations.push(operation),
                None => sections.push(Section {
                    tag,
                    operations: vec![operation],
                }),
            }
        }
    }
    let info = document.get("info").cloned().unwrap_or_default();
    Docs {
        json: document.to_string(),
        title: text(&info, "title"),
        version: text(&info, "version"),
        sections,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_by_tag_and_method() {
        let docs = read(&serde_json::json!({
            "info": {"title": "T", "version": "1"},
            "paths": {"/api/v1/cases/{number}": {
                "get": {"tags": ["cases"], "summary": "看", "parameters": [{"name": "number", "in": "path", "required": true}],
                        "responses": {"200": {"description": "好", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Case"}}}}}},
                "delete": {"responses": {}}
            }}
        }));
        assert_eq!(docs.sections.len(), 2);
        let get = &docs.sections[0].operations[0];
        assert_eq!(
            (get.method.as_str(), get.responses[0].1.as_str()),
            ("GET", "好 → Case")
        );
        assert!(get.parameters[0].2);
        assert_eq!(read(&Value::Null).sections.len(), 0);
    }
}
