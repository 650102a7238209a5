//! How fast the write path is: `cargo run --release -p tongban-tlog --example write_path`.

use std::time::Instant;

use serde_json::json;
use tongban_tlog::*;

fn event(seq: u64) -> LeafBuilder {
    LeafBuilder::after(LeafKind::Case, &[7; 32], seq, &[1; 32], &[2; 32])
        .field("case_no", "330100260821000017")
        .field("event", "accept")
        .field("actor", "clerk-0412")
        .field("actor_role", "window_clerk")
        .field("organ", "11330100002489559F")
        .field("policy_version", 3)
        .field("state_before", "submitted")
        .field("state_after", "accepted")
        .field("files", json!(["3q2+7w=="]))
        .field("basis", "行政许可法 第三十二条")
        .field("request_id", "0198c0de-7000-7000-8000-000000000001")
}

fn append<H: TreeHash>(count: u64) {
    let (mut writer, mut full) = (TileWriter::<H>::new(), Vec::new());
    let start = Instant::now();
    for i in 0..count {
        let leaf = H::leaf(&i.to_be_bytes());
        writer
            .append(leaf, &mut full)
            .expect("below the size limit");
    }
    let secs = start.elapsed().as_secs_f64();
    println!(
        "{}: {count} leaves hashed, appended, {} tiles cut: {secs:.2} s",
        H::NAME,
        full.len()
    );
}

fn main() {
    append::<Sha256Tree>(1_000_000);
    append::<Sm3Tree>(1_000_000);
    let count = 50_000;
    let mut counter = 0u64;
    let mut salt = || {
        counter += 1;
        let mut salt = [0u8; 32];
        salt[..8].copy_from_slice(&counter.to_be_bytes());
        salt
    };
    let start = Instant::now();
    for seq in 0..count {
        let leaf = event(seq)
            .build(1_787_304_660_000, &mut salt)
            .expect("well formed");
        std::hint::black_box((leaf.hash::<Sha256Tree>(), leaf.hash::<Sm3Tree>()));
    }
    let micros = start.elapsed().as_secs_f64() * 1e6 / count as f64;
    println!("case event leaf, 15 fields, both hashes: {micros:.1} µs");
}
