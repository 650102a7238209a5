//! `/drafts/{id}/materials`: what must be handed in, in which formats, and what is there.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use tongban_forms::{FormDocument, Grade, Material};
use tongban_kernel::{AttachmentId, ErrorKind, Result};
use tongban_webkit::ui::{
    ErrorSummary, Field, FieldKind, Problem, Upload, UploadState, UploadedFile,
};
use tongban_webkit::{Ctx, Failure, Multipart, Page, PageShell};

use super::draft::{framed, open};
use super::draft_nav::{Step, Way, way};
use super::upload::{Posted, limit_of, receive};
use crate::http::words::{anchor, bytes, form_lang, formats, id};
use crate::model::FileView;
use crate::service::{Desk, attach, desk, detach};

pub(super) struct MaterialView {
    pub(super) field: Field,
    pub(super) needed: bool,
    pub(super) tolerable: bool,
    pub(super) complete: bool,
    /// Trust grade in words: A–D.
    pub(super) grade: String,
    /// An electronic licence would do instead (免提交).
    pub(super) from_licence: bool,
}

#[derive(Template)]
#[template(path = "materials.html")]
struct MaterialsPage<'a> {
    shell: &'a PageShell,
    desk: &'a Desk,
    way: Way,
    problems: ErrorSummary,
    materials: Vec<MaterialView>,
    back: String,
}

fn grade_key(grade: Grade) -> &'static str {
    match grade {
        Grade::A => "form-grade-a",
        Grade::B => "form-grade-b",
        Grade::C => "form-grade-c",
        Grade::D => "form-grade-d",
    }
}

/// The upload field of a material with the files that are there.
pub(super) fn field(
    shell: &PageShell,
    form: &FormDocument,
    material: &Material,
    files: &[FileView],
    base: &str,
    removable: bool,
) -> Field {
    let (accept, accept_text) = formats(&material.accept);
    let limit = limit_of(Some(form), &material.id);
    let uploaded = files
        .iter()
        .filter(|file| file.material == material.id)
        .map(|file| UploadedFile {
            name: file.name.clone(),
            detail: bytes(file.size),
            view_href: format!("{base}/files/{}", file.id),
            remove_value: if removable {
                file.id.to_string()
            } else {
                String::new()
            },
            state: UploadState::Done,
        })
        .collect();
    let upload = Upload {
        action: String::new(),
        accept,
        accept_text,
        max_bytes: limit,
        max_text: bytes(limit),
        max_files: material.max_files,
        files: uploaded,
        ..Upload::default()
    };
    let lang = form_lang(shell.lang());
    let mut field = Field::new(
        &material.id,
        &shell.zh(material.name.get(lang)),
        FieldKind::Upload(upload),
    );
    field.hint = material
        .hint
        .as_ref()
        .map_or_else(String::new, |hint| shell.zh(hint.get(lang)));
    field
}

fn views(desk: &Desk, shell: &PageShell, problems: &[Problem]) -> Result<Vec<MaterialView>> {
    let base = format!("/drafts/{}", desk.draft.id);
    let received = desk.received();
    desk.read(|reading, form| {
        let missing = reading.missing_materials(&received);
        reading
            .materials()
            .map(|(material, needed)| {
                let mut field = field(shell, form, material, &desk.files, &base, true);
                if let FieldKind::Upload(upload) = &mut field.kind {
                    upload.action = format!("{base}/materials");
                }
                field.optional = !needed;
                if let Some(problem) = problems.iter().find(|problem| problem.id == field.id) {
                    field.error.clone_from(&problem.text);
                }
                MaterialView {
                    field,
                    needed,
                    tolerable: material.tolerable,
                    complete: missing.iter().all(|one| one.id != material.id)
                        && desk.files.iter().any(|file| file.material == material.id),
                    grade: shell.t(grade_key(material.min_grade)),
                    from_licence: material.from_licence.is_some(),
                }
            })
            .collect()
    })
}

fn render(page: &Page, desk: &Desk, problems: Vec<Problem>) -> Result<Response> {
    let page = framed(page, desk, &page.shell().t("cs-step-materials"));
    let shell = page.shell();
    let last = desk.read(|reading, _| {
        let pages = reading.progress().pages;
        pages.last().map(|page| page.page.clone())
    })?;
    let invalid = !problems.is_empty();
    let content = MaterialsPage {
        shell,
        way: way(desk, shell, Step::Materials)?,
        materials: views(desk, shell, &problems)?,
        problems: ErrorSummary { problems },
        back: last.map_or_else(
            || format!("/drafts/{}", desk.draft.id),
            |last| format!("/drafts/{}/pages/{last}", desk.draft.id),
        ),
        desk,
    };
    Ok(if invalid {
        page.invalid(&content)
    } else {
        page.html(&content)
    })
}

pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
) -> Result<Response, Failure> {
    let desk = match open(&ctx, &page, &text).await? {
        Ok(desk) => desk,
        Err(elsewhere) => return Ok(elsewhere),
    };
    Ok(render(&page, &desk, Vec::new())?)
}

/// The sentence for a file that was not taken; what is not the sender's fault goes on as an error.
pub(super) fn refusal(
    material: &str,
    name: &str,
    error: tongban_kernel::Error,
) -> Result<Problem, Failure> {
    match error.kind() {
        ErrorKind::Invalid | ErrorKind::TooLarge | ErrorKind::Conflict | ErrorKind::NotFound
            if error.code() != "draft.submitted" && error.code() != "supplement.none" =>
        {
            Ok(Problem {
                id: anchor(material),
                text: format!("{name}：{}", error.message()),
            })
        }
        _ => Err(error.into()),
    }
}

async fn take(
    ctx: &Ctx,
    draft: tongban_kernel::DraftId,
    posted: Posted,
) -> Result<Vec<Problem>, Failure> {
    let mut problems = Vec::new();
    for arrived in posted.files {
        let taken = match arrived.file {
            Ok(file) => attach(ctx, draft, file).await.map(|_| ()),
            Err(error) => Err(error),
        };
        if let Err(error) = taken {
            problems.push(refusal(&arrived.material, &arrived.name, error)?);
        }
    }
    Ok(problems)
}

pub(super) async fn save(
    ctx: Ctx,
    Path(text): Path<String>,
    multipart: Multipart,
) -> Result<Response, Failure> {
    let draft = id(&text)?;
    let before = desk(&ctx, draft).await?;
    let posted = receive(&ctx, before.offer.form.as_ref(), multipart).await?;
    let page = posted.page.clone();
    if let Some(file) = posted.text("remove-file") {
        detach(&ctx, draft, id::<AttachmentId>(file)?).await?;
        return Ok(page.see_other(&format!("/drafts/{draft}/materials")));
    }
    let goes_on = posted.text("act") == Some("next");
    let material = posted.text("upload").map(anchor);
    let problems = take(&ctx, draft, posted).await?;
    if !problems.is_empty() {
        return Ok(render(&page, &desk(&ctx, draft).await?, problems)?);
    }
    Ok(page.see_other(&match (goes_on, material) {
        (true, _) => format!("/drafts/{draft}/check"),
        (false, Some(material)) => format!("/drafts/{draft}/materials#{material}"),
        (false, None) => format!("/drafts/{draft}/materials"),
    }))
}
