//! Files on their way in: streamed into the blob store while their beginning is looked at. One bad file harms no other.

use tongban_forms::FormDocument;
use tongban_kernel::{Error, ErrorKind, Result};
use tongban_storage::{BlobRef, Ctx, Upload};
use tongban_webkit::{Failure, FilePart, Multipart, Page, Part};

use crate::service::{FILE_BYTES_MAX, FileKind, NewFile};

/// How much of a file is looked at to know what it is, in bytes.
const HEAD: usize = 64 * 1024;

/// A file that is in the blob store, or the sentence why it is not.
pub(in crate::http) struct Arrived {
    /// Name of the input: the material.
    pub(in crate::http) material: String,
    /// As the sender calls it.
    pub(in crate::http) name: String,
    pub(in crate::http) file: Result<NewFile, Error>,
}

/// What came with an upload form.
pub(in crate::http) struct Posted {
    pub(in crate::http) page: Page,
    pub(in crate::http) texts: Vec<(String, String)>,
    pub(in crate::http) files: Vec<Arrived>,
}

impl Posted {
    pub(in crate::http) fn text(&self, name: &str) -> Option<&str> {
        self.texts
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A file being written: its head for the look at its kind, the rest to the store; too much is read over, not kept.
pub(in crate::http) struct Receiver {
    upload: Option<Upload>,
    head: Vec<u8>,
    refused: Option<Error>,
    size: u64,
}

impl Receiver {
    pub(in crate::http) fn new(ctx: &Ctx, limit: u64) -> Result<Self> {
        let (upload, refused) = match ctx.blobs.upload(&ctx.ids.token(), limit) {
            Ok(upload) => (Some(upload), None),
            Err(error) if read_over(&error) => (None, Some(error)),
            Err(error) => return Err(error),
        };
        Ok(Self {
            upload,
            head: Vec::new(),
            refused,
            size: 0,
        })
    }

    pub(in crate::http) fn take(&mut self, chunk: &[u8]) -> Result<()> {
        self.size += chunk.len() as u64;
        let room = HEAD.saturating_sub(self.head.len()).min(chunk.len());
        self.head
            .extend_from_slice(chunk.get(..room).unwrap_or_default());
        let Some(upload) = &mut self.upload else {
            return Ok(());
        };
        match upload.write(chunk) {
            Ok(()) => Ok(()),
            Err(error) if read_over(&error) => {
                self.upload = None;
                self.refused = Some(error);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// The kind of the file and its place in the store; `None`: no file was chosen.
    pub(in crate::http) async fn finish(self, name: &str) -> Option<Result<(FileKind, BlobRef)>> {
        if self.size == 0 && self.refused.is_none() {
            return None;
        }
        let Some(upload) = self.upload else {
            return Some(Err(self
                .refused
                .unwrap_or_else(|| Error::internal("upload vanished"))));
        };
        let kind = match FileKind::of(&self.head, name) {
            Ok(kind) => kind,
            Err(error) => return Some(Err(error)),
        };
        let stored = tokio::task::spawn_blocking(move || upload.finish())
            .await
            .map_err(|_| Error::internal("blob write panicked"));
        Some(stored.and_then(|stored| stored).map(|blob| (kind, blob)))
    }
}

/// The other files of the form shall still be read, and who sends must get to the answer: the rest of the file is thrown away.
fn read_over(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::TooLarge | ErrorKind::StorageFull)
}

/// The largest file that a material takes, in bytes.
pub(in crate::http) fn limit_of(form: Option<&FormDocument>, material: &str) -> u64 {
    form.into_iter()
        .flat_map(|form| form.materials())
        .find(|known| known.id == material)
        .map_or(FILE_BYTES_MAX, |known| known.max_bytes.min(FILE_BYTES_MAX))
}

async fn one(
    ctx: &Ctx,
    form: Option<&FormDocument>,
    part: FilePart<'_>,
) -> Result<Option<Arrived>, Failure> {
    let (material, name) = (part.name.clone(), part.file_name.clone());
    let mut receiver = Receiver::new(ctx, limit_of(form, &material))?;
    // The total of the form bounds what is read over.
    part.stream(u64::MAX, |chunk: &[u8]| receiver.take(chunk))
        .await?;
    let Some(stored) = receiver.finish(&name).await else {
        return Ok(None);
    };
    Ok(Some(Arrived {
        file: stored.map(|(kind, blob)| NewFile {
            material: material.clone(),
            name: name.clone(),
            kind,
            blob,
        }),
        material,
        name,
    }))
}

/// Reads an upload form to its end.
pub(in crate::http) async fn receive(
    ctx: &Ctx,
    form: Option<&FormDocument>,
    mut multipart: Multipart,
) -> Result<Posted, Failure> {
    let (mut texts, mut files) = (Vec::new(), Vec::new());
    while let Some(part) = multipart.next_part().await? {
        match part {
            Part::Token => {}
            Part::Text { name, value } => texts.push((name, value)),
            Part::File(part) => files.extend(one(ctx, form, *part).await?),
        }
    }
    Ok(Posted {
        page: multipart.finish()?,
        texts,
        files,
    })
}
