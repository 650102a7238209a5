//! Backup while serving, and restore with a check.
//!
//! A backup is a folder: the store copied consistently (`VACUUM INTO`), the files that it names, the keys, and a manifest
//! with the SHA-256 of each file. Keys are in it: keep it as safe as the installation.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tongban_kernel::{Error, Result};
use tongban_storage::{Db, Settings};

use crate::app::App;
use crate::config::Config;
use crate::translog;

/// Without one of these a backup is none.
const NEEDED: [&str; 4] = [
    "tongban.db",
    "keys/master",
    "keys/log-ed25519",
    "keys/log-sm2",
];

#[derive(Serialize, Deserialize)]
struct Manifest {
    version: u32,
    made_at: String,
    /// Leaves in the log when the store was copied: nothing after it is in this backup.
    log_size: u64,
    files: BTreeMap<String, String>,
}

fn io(doing: &'static str) -> impl Fn(std::io::Error) -> Error {
    move |source| match source.kind() {
        std::io::ErrorKind::StorageFull => Error::new(
            tongban_kernel::ErrorKind::StorageFull,
            "backup.full",
            "磁盘空间不足，备份没有完成",
        ),
        _ => Error::internal(doing)
            .context(format!("{doing}: {source}"))
            .source(source),
    }
}

fn digest(path: &Path) -> Result<String> {
    let mut file = fs::File::open(path).map_err(io("open"))?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let n = file.read(&mut buffer).map_err(io("read"))?;
        if n == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(&buffer[..n]);
    }
}

/// Files below `folder`, relative.
fn walk(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        let Ok(entries) = fs::read_dir(&next) else {
            continue;
        };
        for entry in entries {
            let path = entry.map_err(io("list"))?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.extend(path.strip_prefix(folder).map(Path::to_owned));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(io("create folder"))?;
    }
    fs::copy(from, to).map_err(io("copy"))?;
    fs::File::open(to)
        .and_then(|file| file.sync_all())
        .map_err(io("sync"))
}

/// Copies the installation into the new folder `target`.
pub(super) async fn backup(config: Config, target: &Path) -> Result<ExitCode> {
    if target.exists() {
        return Err(Error::invalid(
            "backup.target",
            format!("{} 已存在，备份只写入新目录", target.display()),
        ));
    }
    if config.database.is_some() {
        return Err(Error::invalid(
            "backup.engine",
            "PostgreSQL 存储请用 pg_dump 或 pgBackRest 备份，tongban backup 只备份内嵌存储",
        )
        .advice("文件（blobs）和密钥（keys）仍在数据目录里，请一并备份"));
    }
    let data = config.data.clone();
    if !data.join("tongban.db").exists() {
        return Err(Error::invalid(
            "backup.source",
            format!("{} 里没有可备份的内容", data.display()),
        ));
    }
    let app = App::open_beside(config).await?;
    fs::create_dir_all(target).map_err(io("create target"))?;
    // The store first: it names only files that are there already.
    app.ctx.db.copy_to(&target.join("tongban.db")).await?;
    let copied = Db::open(&Settings::Sqlite {
        path: target.join("tongban.db"),
        readers: 1,
    })?;
    let log_size = copied.read(tongban_storage::log_size).await?;
    drop(copied);
    for folder in ["blobs", "keys"] {
        for path in walk(&data.join(folder))? {
            if path.starts_with("tmp") {
                continue;
            }
            copy(
                &data.join(folder).join(&path),
                &target.join(folder).join(&path),
            )?;
        }
    }
    let mut files = BTreeMap::new();
    for path in walk(target)? {
        let name = path.to_string_lossy().into_owned();
        if !name.ends_with("-wal") && !name.ends_with("-shm") {
            files.insert(name, digest(&target.join(&path))?);
        }
    }
    let n = files.len();
    let manifest = Manifest {
        version: 1,
        made_at: app.ctx.now().to_string(),
        log_size,
        files,
    };
    let json = serde_json::to_string_pretty(&manifest)
        .map_err(|source| Error::internal("manifest").source(source))?;
    fs::write(target.join("manifest.json"), json).map_err(io("write manifest"))?;
    crate::health::backed_up(&app.ctx, log_size).await?;
    println!(
        "已备份 {n} 个文件到 {}，透明日志 {log_size} 条",
        target.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Restores into an empty data folder and checks every file against the manifest.
pub(super) async fn restore(config: Config, source: &Path) -> Result<ExitCode> {
    let text = fs::read_to_string(source.join("manifest.json")).map_err(|error| {
        Error::invalid(
            "restore.source",
            format!("{} 不是备份：{error}", source.display()),
        )
    })?;
    let manifest: Manifest = serde_json::from_str(&text)
        .map_err(|error| Error::invalid("restore.manifest", format!("备份清单损坏：{error}")))?;
    if config.database.is_some() {
        return Err(Error::invalid(
            "restore.engine",
            "备份里是内嵌存储，不能恢复到 PostgreSQL；请去掉 database 设置",
        ));
    }
    let taken = fs::read_dir(&config.data).is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        return Err(Error::invalid(
            "restore.target",
            format!("{} 不是空目录，恢复不会覆盖已有数据", config.data.display()),
        ));
    }
    for name in NEEDED {
        if !manifest.files.contains_key(name) {
            return Err(Error::invalid(
                "restore.incomplete",
                format!("备份不完整：清单里没有 {name}，没有恢复"),
            ));
        }
    }
    for (name, expected) in &manifest.files {
        let relative = Path::new(name);
        let inside = relative
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        // A file that is missing or cannot be read is as bad as one that was changed.
        let same = inside && digest(&source.join(relative)).is_ok_and(|found| found == *expected);
        if !same {
            return Err(Error::invalid(
                "restore.damaged",
                format!("备份文件 {name} 与清单不符，没有恢复"),
            ));
        }
    }
    for name in manifest.files.keys() {
        copy(&source.join(name), &config.data.join(name))?;
    }
    let app = App::open(config).await?;
    let (size, _) = translog::sizes(&app.ctx).await?;
    if size != manifest.log_size {
        return Err(Error::internal(format!(
            "log has {size} leaves, the manifest says {}",
            manifest.log_size
        )));
    }
    println!(
        "已恢复 {} 个文件（备份于 {}），透明日志 {size} 条，核对一致",
        manifest.files.len(),
        manifest.made_at
    );
    Ok(ExitCode::SUCCESS)
}
