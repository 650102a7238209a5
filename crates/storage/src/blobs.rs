//! Content-addressed files in a local folder: written beside, synced, renamed; their digest is checked at every read.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tongban_kernel::{Error, Result};

use crate::error;

/// What a row keeps of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobRef {
    /// SHA-256, 64 hex digits: the name of the file.
    pub sha256: String,
    /// SM3 (GB/T 32905), 64 hex digits.
    pub sm3: String,
    /// Bytes.
    pub size: u64,
}

/// The folder of files; cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    root: PathBuf,
}

/// A file on its way in. Dropped without [`Upload::finish`] it leaves nothing behind.
pub struct Upload {
    root: PathBuf,
    path: PathBuf,
    file: Option<File>,
    sha256: Sha256,
    sm3: sm3::Sm3,
    size: u64,
    limit: u64,
}

fn io_error(doing: &str, source: io::Error) -> Error {
    let error = match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => error::full(),
        _ => Error::unavailable("blob store"),
    };
    error.context(format!("{doing}: {source}")).source(source)
}

impl Blobs {
    /// Opens or creates the folder.
    pub fn open(root: &Path) -> Result<Self> {
        fs::create_dir_all(root.join("tmp"))
            .map_err(|source| io_error("create blob folder", source))?;
        Ok(Self {
            root: root.to_owned(),
        })
    }

    fn path(&self, sha256: &str) -> Result<PathBuf> {
        let valid = sha256.len() == 64
            && sha256
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let (Some(folder), true) = (sha256.get(..2), valid) else {
            return Err(Error::not_found());
        };
        Ok(self.root.join(folder).join(sha256))
    }

    /// Starts a file of at most `limit` bytes. `name` must be fresh (a random token).
    pub fn upload(&self, name: &str, limit: u64) -> Result<Upload> {
        let path = self.root.join("tmp").join(name);
        let file = File::options()
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(|source| io_error("create upload", source))?;
        Ok(Upload {
            root: self.root.clone(),
            path,
            file: Some(file),
            sha256: Sha256::new(),
            sm3: <sm3::Sm3 as sm3::Digest>::new(),
            size: 0,
            limit,
        })
    }

    /// Stores `bytes` whole.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<BlobRef> {
        let mut upload = self.upload(name, bytes.len() as u64)?;
        upload.write(bytes)?;
        upload.finish()
    }

    /// Reads a file whole and checks its digest.
    pub fn get(&self, sha256: &str) -> Result<Vec<u8>> {
        let path = self.path(sha256)?;
        let mut bytes = Vec::new();
        match File::open(&path).and_then(|mut file| file.read_to_end(&mut bytes)) {
            Ok(_) => {}
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                return Err(Error::not_found());
            }
            Err(source) => return Err(io_error("read blob", source)),
        }
        if hex::encode(Sha256::digest(&bytes)) != sha256 {
            return Err(Error::internal(format!(
                "blob {sha256} is damaged: its digest differs"
            )));
        }
        Ok(bytes)
    }

    /// Removes a file whose last reference is gone (erasure). Absent is fine.
    pub fn remove(&self, sha256: &str) -> Result<()> {
        match fs::remove_file(self.path(sha256)?) {
            Ok(()) => Ok(()),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(io_error("remove blob", source)),
        }
    }

    /// Removes uploads that were begun before `day` and never finished: a killed process leaves them. Returns how many.
    pub fn sweep(&self, day: Timestamp) -> Result<u64> {
        let listed = fs::read_dir(self.root.join("tmp"));
        let entries = listed.map_err(|source| io_error("list uploads", source))?;
        let mut swept = 0;
        for entry in entries.flatten() {
            // What vanishes meanwhile was finished or given up by its own program.
            let begun = entry.metadata().and_then(|meta| meta.modified());
            let old = begun.is_ok_and(|begun| Timestamp::try_from(begun).is_ok_and(|at| at < day));
            if old && fs::remove_file(entry.path()).is_ok() {
                swept += 1;
            }
        }
        Ok(swept)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl Upload {
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.size += bytes.len() as u64;
        if self.size > self.limit {
            return Err(Error::new(
                tongban_kernel::ErrorKind::TooLarge,
                "upload.too-large",
                format!("文件超过 {} MB 的上限", self.limit / 1_048_576),
            )
            .advice("请压缩或拆分后再上传"));
        }
        let Some(file) = &mut self.file else {
            return Err(Error::internal("upload already finished"));
        };
        file.write_all(bytes)
            .map_err(|source| io_error("write upload", source))?;
        self.sha256.update(bytes);
        sm3::Digest::update(&mut self.sm3, bytes);
        Ok(())
    }

    /// Syncs the file and puts it under its digest. A row may name it only after this.
    pub fn finish(mut self) -> Result<BlobRef> {
        let Some(file) = self.file.take() else {
            return Err(Error::internal("upload already finished"));
        };
        file.sync_all()
            .map_err(|source| io_error("sync upload", source))?;
        let sha256 = hex::encode(std::mem::take(&mut self.sha256).finalize());
        let sm3 = hex::encode(sm3::Digest::finalize(std::mem::take(&mut self.sm3)));
        let folder = self.root.join(&sha256[..2]);
        fs::create_dir_all(&folder).map_err(|source| io_error("create blob folder", source))?;
        fs::rename(&self.path, folder.join(&sha256))
            .map_err(|source| io_error("name blob", source))?;
        // The name is only safe once its folder is.
        File::open(&folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|source| io_error("sync folder", source))?;
        File::open(&self.root)
            .and_then(|root| root.sync_all())
            .map_err(|source| io_error("sync folder", source))?;
        Ok(BlobRef {
            sha256,
            sm3,
            size: self.size,
        })
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // After `finish` the temporary name is gone and this finds nothing.
        let _ = fs::remove_file(&self.path);
    }
}
