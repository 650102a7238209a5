//! A file that is only there to be taken away: made beside the uploads, removed when nobody holds it any more. What a killed program
//! leaves is swept with the uploads.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tongban_kernel::{Error, Result};

use crate::Blobs;

/// The name of a file under the blob folder's `tmp`; the file goes with it.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
}

impl Blobs {
    /// A new, empty scratch file. `name` must be fresh (a random token).
    pub fn scratch(&self, name: &str) -> Result<(Scratch, File)> {
        let path = self.root().join("tmp").join(name);
        let file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(|source| {
                Error::unavailable("scratch file")
                    .context(source.to_string())
                    .source(source)
            })?;
        Ok((Scratch { path }, file))
    }
}

impl Scratch {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
