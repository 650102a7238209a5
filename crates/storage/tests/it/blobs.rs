//! Files: whole or not at all, and never a wrong byte.

use jiff::{SignedDuration, Timestamp};
use tongban_kernel::ErrorKind;
use tongban_storage::Blobs;

#[test]
fn a_file_comes_back_and_damage_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let blobs = Blobs::open(folder.path()).expect("opened");
    let kept = blobs.put("one", b"abc").expect("stored");
    assert_eq!(
        kept.sha256,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(
        kept.sm3,
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    );
    assert_eq!(blobs.get(&kept.sha256).expect("read"), b"abc");
    std::fs::write(
        folder.path().join(&kept.sha256[..2]).join(&kept.sha256),
        b"abd",
    )
    .expect("damaged");
    assert_eq!(
        blobs.get(&kept.sha256).expect_err("found").kind(),
        ErrorKind::Internal
    );
}

#[test]
fn a_file_over_the_limit_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let blobs = Blobs::open(folder.path()).expect("opened");
    let mut upload = blobs.upload("two", 4).expect("started");
    upload.write(b"1234").expect("fits");
    assert_eq!(
        upload.write(b"5").expect_err("too large").kind(),
        ErrorKind::TooLarge
    );
    drop(upload);
    assert_eq!(
        std::fs::read_dir(folder.path().join("tmp"))
            .expect("a folder")
            .count(),
        0
    );
}

#[test]
fn a_name_that_is_no_digest_reads_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let blobs = Blobs::open(folder.path()).expect("opened");
    for name in ["", "../../etc/passwd", "é", &"A".repeat(64)] {
        assert_eq!(
            blobs.get(name).expect_err("refused").kind(),
            ErrorKind::NotFound,
            "{name}"
        );
    }
}

#[test]
fn only_forgotten_uploads_are_swept() {
    let folder = tempfile::tempdir().expect("a folder");
    let blobs = Blobs::open(folder.path()).expect("opened");
    let kept = blobs.put("whole", b"kept").expect("stored");
    // A killed process drops nothing.
    std::mem::forget(blobs.upload("cut-off", 10).expect("begun"));
    let begun = Timestamp::try_from(
        std::fs::metadata(folder.path().join("tmp/cut-off"))
            .and_then(|meta| meta.modified())
            .expect("there"),
    )
    .expect("a moment");
    assert_eq!(blobs.sweep(begun).expect("swept"), 0, "still being written");
    let later = begun + SignedDuration::from_secs(1);
    assert_eq!(blobs.sweep(later).expect("swept"), 1);
    assert!(!folder.path().join("tmp/cut-off").exists());
    assert_eq!(blobs.get(&kept.sha256).expect("there"), b"kept");
}
