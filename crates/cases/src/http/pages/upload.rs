//! Files on their way in: streamed into the blob store while their beginning is looked at. One bad file harms no other.

use tongban_forms::FormDocument;
use tongban_kernel::{Error, ErrorKind, Result};
use tongban_storage::{BlobRef, Ctx, Upload};
use tongban_webkit::{Failure, FilePart, Multipart, Page, Part};

use crate::service::{FILE_BYTES_MAX, FILES_MAX, FileKind, Looking, NewFile, takes, too_many};

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

/// A file being written: looked at as it streams by, the bytes to the store; too much is read over, not kept.
pub(in crate::http) struct Receiver {
    upload: Option<Upload>,
    looking: Looking,
    refused: Option<Error>,
    size: u64,
}

/// A file that is whole and of a kind that its material takes, but not in the store yet. Dropped, it leaves nothing.
pub(in crate::http) struct Waiting {
    kind: FileKind,
    upload: Upload,
}

impl Waiting {
    /// Puts the file into the store for good.
    pub(in crate::http) async fn keep(self) -> Result<(FileKind, BlobRef)> {
        let (kind, upload) = (self.kind, self.upload);
        let blob = tokio::task::spawn_blocking(move || upload.finish())
            .await
            .map_err(|_| Error::internal("blob write panicked"))??;
        Ok((kind, blob))
    }
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
            looking: Looking::default(),
            refused,
            size: 0,
        })
    }

    pub(in crate::http) fn take(&mut self, chunk: &[u8]) -> Result<()> {
        self.size += chunk.len() as u64;
        let Some(upload) = &mut self.upload else {
            return Ok(());
        };
        self.looking.take(chunk);
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

    /// Why the rest need not be read.
    pub(in crate::http) fn refused(&mut self) -> Option<Error> {
        self.refused.take()
    }

    /// What came under this name for this material; `None`: no file was chosen.
    pub(in crate::http) fn finish(
        self,
        form: Option<&FormDocument>,
        material: &str,
        name: &str,
    ) -> Option<Result<Waiting>> {
        if self.size == 0 && self.refused.is_none() {
            return None;
        }
        let Some(upload) = self.upload else {
            return Some(Err(self
                .refused
                .unwrap_or_else(|| Error::internal("upload vanished"))));
        };
        let kind = self
            .looking
            .kind(name)
            .and_then(|kind| takes(form, material, kind).map(|()| kind));
        Some(kind.map(|kind| Waiting { kind, upload }))
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

/// A file of the form before the form is read to its end.
struct Came {
    material: String,
    name: String,
    file: Result<Waiting>,
}

async fn one(
    ctx: &Ctx,
    form: Option<&FormDocument>,
    part: FilePart<'_>,
) -> Result<Option<Came>, Failure> {
    let (material, name) = (part.name.clone(), part.file_name.clone());
    let mut receiver = Receiver::new(ctx, limit_of(form, &material))?;
    // The total of the form bounds what is read over.
    part.stream(u64::MAX, |chunk: &[u8]| receiver.take(chunk))
        .await?;
    let file = receiver.finish(form, &material, &name);
    Ok(file.map(|file| Came {
        material,
        name,
        file,
    }))
}

async fn arrived(came: Came) -> Arrived {
    let (material, name) = (came.material, came.name);
    let kept = match came.file {
        Ok(waiting) => waiting.keep().await,
        Err(refused) => Err(refused),
    };
    Arrived {
        file: kept.map(|(kind, blob)| NewFile {
            material: material.clone(),
            name: name.clone(),
            kind,
            blob,
        }),
        material,
        name,
    }
}

/// Reads an upload form to its end; only then its files are kept, so that a form that breaks off leaves nothing.
pub(in crate::http) async fn receive(
    ctx: &Ctx,
    form: Option<&FormDocument>,
    mut multipart: Multipart,
) -> Result<Posted, Failure> {
    let (mut texts, mut came) = (Vec::new(), Vec::new());
    while let Some(part) = multipart.next_part().await? {
        match part {
            Part::Token => {}
            Part::Text { name, value } => texts.push((name, value)),
            Part::File(_) if came.len() >= FILES_MAX => return Err(too_many().into()),
            Part::File(part) => came.extend(one(ctx, form, *part).await?),
        }
    }
    let page = multipart.finish()?;
    let mut files = Vec::with_capacity(came.len());
    for one in came {
        files.push(arrived(one).await);
    }
    Ok(Posted { page, texts, files })
}
