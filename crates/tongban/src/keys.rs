//! The secrets of an installation, in `<data>/keys`, readable by the owner only: master key, keys of the transparency log.
//! A backup without them is no backup.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tongban_kernel::{Error, Result};
use tongban_storage::Random;

/// The folder of secrets.
pub(crate) struct Keys {
    folder: PathBuf,
    /// The store has been lived in: a secret that is missing now was there once, and another one would open nothing.
    begun: bool,
}

impl Keys {
    /// Opens `<data>/keys`, or creates it for a store that has not `begun`.
    pub(crate) fn open(data: &Path, begun: bool) -> Result<Self> {
        let folder = data.join("keys");
        fs::create_dir_all(&folder)
            .map_err(|source| Error::internal("create key folder").source(source))?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))
            .map_err(|source| Error::internal("protect key folder").source(source))?;
        Ok(Self { folder, begun })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The 32 bytes under `name`; made, synced and kept at the first start.
    pub(crate) fn secret(&self, name: &str, random: &dyn Random) -> Result<[u8; 32]> {
        let path = self.folder.join(name);
        let wrong = |what: &str| Error::internal(format!("key file {}: {what}", path.display()));
        match fs::read_to_string(&path) {
            Ok(text) => {
                let bytes = hex::decode(text.trim()).map_err(|_| wrong("not hex"))?;
                bytes.try_into().map_err(|_| wrong("not 32 bytes"))
            }
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound && self.begun => {
                let lost = format!("密钥文件 {} 不在，不能打开这套数据", path.display());
                Err(Error::invalid("config.keys", lost)
                    .advice("请从备份或原来的数据目录恢复 keys 目录；新的密钥读不出已加密的内容"))
            }
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => {
                let mut bytes = [0; 32];
                random.fill(&mut bytes);
                let mut file = fs::OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(&path)
                    .map_err(|source| wrong("cannot be created").source(source))?;
                file.write_all(hex::encode(bytes).as_bytes())
                    .and_then(|()| file.sync_all())
                    .map_err(|source| wrong("cannot be written").source(source))?;
                Ok(bytes)
            }
            Err(source) => Err(wrong("cannot be read").source(source)),
        }
    }
}
