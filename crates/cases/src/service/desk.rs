//! A draft with everything its pages show: the offer, the form read against the answers, the files.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tongban_catalogue::{Offer, offer};
use tongban_forms::{
    Check, CheckFail, ElementChecks, Facts, FormDocument, Grade, ItemView, Lang, Reading, Received,
    StandardChecks, Widget,
};
use tongban_kernel::{DraftId, Error, Result};
use tongban_storage::Ctx;

use super::attach;
use super::drafts::{Draft, citizen, opened, own};
use super::parts::Divisions;
use crate::model::FileView;
use crate::store::{attachments, drafts};

/// A draft on the desk of its owner.
pub struct Desk {
    pub draft: Draft,
    pub offer: Arc<Offer>,
    pub files: Vec<FileView>,
    today: Date,
    now: Timestamp,
    checks: Register,
}

/// The usual checks and the names of the divisions that this installation knows.
#[derive(Default)]
pub(crate) struct Register(BTreeMap<String, String>);

impl Register {
    pub(crate) fn of(ctx: &Ctx) -> Self {
        match ctx.parts.get::<Divisions>() {
            Ok(known) => Self(known.0.iter().cloned().collect()),
            Err(_) => Self::default(),
        }
    }
}

impl ElementChecks for Register {
    fn check(&self, kind: Check, text: &str, today: Date) -> Result<(), CheckFail> {
        StandardChecks.check(kind, text, today)
    }
    fn division_name(&self, code: &str) -> Option<String> {
        let known = self.0.get(code).cloned();
        known.or_else(|| tongban_codes::Divisions::national().full_name(code.parse().ok()?))
    }
}

/// An own draft, opened.
pub async fn desk(ctx: &Ctx, id: DraftId) -> Result<Desk> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let ctx = &ctx2;
            let row = own(ctx, tx, id)?;
            let key = ctx.vault.unwrap_key(&row.data_key)?;
            let files = attachments::of_draft(tx, id)?
                .into_iter()
                .map(|file| attach::view(ctx, &key, file))
                .collect::<Result<Vec<_>>>()?;
            Ok(Desk {
                offer: offer(ctx, tx, row.item_version)?,
                draft: opened(ctx, &row)?,
                files,
                today: ctx.clock.today(),
                now: ctx.now(),
                checks: Register::of(ctx),
            })
        })
        .await
}

/// The unsubmitted drafts of whoever acts, latest first, without their files.
pub async fn my_desks(ctx: &Ctx) -> Result<Vec<Desk>> {
    citizen(ctx)?;
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let ctx = &ctx2;
            let rows = drafts::of_principal(tx, &ctx.actor.principal(), ctx.now())?;
            rows.iter()
                .map(|row| {
                    Ok(Desk {
                        offer: offer(ctx, tx, row.item_version)?,
                        draft: opened(ctx, row)?,
                        files: Vec::new(),
                        today: ctx.clock.today(),
                        now: ctx.now(),
                        checks: Register::of(ctx),
                    })
                })
                .collect()
        })
        .await
}

impl Desk {
    /// The form of the item.
    pub fn form(&self) -> Result<&FormDocument> {
        self.offer
            .form
            .as_ref()
            .ok_or_else(|| Error::invalid("item.no-form", "该事项没有在线表单"))
    }

    /// The form read against the answers of the draft.
    pub fn read<R>(&self, look: impl FnOnce(&Reading<'_>, &FormDocument) -> R) -> Result<R> {
        let form = self.form()?;
        let situation: Facts = self.draft.content.situation.iter().cloned().collect();
        let form_ctx = tongban_forms::Ctx::new(self.today, self.now)
            .with_situation(&situation)
            .with_checks(&self.checks);
        let content = &self.draft.content;
        let reading = form.read(&content.answers, &content.evidence, &form_ctx);
        Ok(look(&reading, form))
    }

    /// As the form checks the files.
    pub fn received(&self) -> Vec<Received> {
        let received = |file: &FileView| Received {
            material: file.material.clone(),
            grade: Grade::parse(&file.trust).unwrap_or(Grade::D),
            files: vec![(file.media_type.clone(), file.size)],
            licence: None,
        };
        self.files.iter().map(received).collect()
    }

    /// The desk as it would be with this post of `page`, not saved: to show again what was typed.
    pub fn with_post(mut self, page: &str, pairs: &[(String, String)]) -> Result<Self> {
        let form_ctx = tongban_forms::Ctx::new(self.today, self.now);
        let mut answers = self.draft.content.answers.clone();
        let form = self.form()?;
        form.parse_post(page, pairs).merge_into(
            form,
            &mut answers,
            &self.draft.content.evidence,
            &form_ctx,
            &tongban_forms::Stamp::typed(self.now),
        );
        self.draft.content.answers = answers;
        Ok(self)
    }

    /// A browser sends nothing for a group of boxes without a tick. A whole page that was sent means: none.
    pub fn complete_post(&self, page: &str, pairs: &mut Vec<(String, String)>) -> Result<()> {
        let boxes = self.read(|reading, _| {
            let Some(view) = reading.page_view(page, &[], Lang::Zh) else {
                return Vec::new();
            };
            let mut names = Vec::new();
            for item in view.sections.iter().flat_map(|section| &section.items) {
                let fields: Vec<_> = match item {
                    ItemView::Field(field) => vec![field.as_ref()],
                    ItemView::Group(group) => group
                        .rows
                        .iter()
                        .filter(|row| row.can_remove)
                        .flat_map(|row| &row.fields)
                        .collect(),
                };
                names.extend(
                    fields
                        .into_iter()
                        .filter(|field| field.widget == Widget::Checkboxes && !field.read_only)
                        .map(|field| field.path.clone()),
                );
            }
            names
        })?;
        for name in boxes {
            if !pairs.iter().any(|(key, _)| *key == name) {
                pairs.push((name, String::new()));
            }
        }
        Ok(())
    }
}
