//! SM4-GCM of what a submission seals: our cipher of several blocks beside the one-block crate, in one run.

use std::hint::black_box;
use std::time::Instant;

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{AesGcm, Nonce};
use tongban_seal::sm4_gcm_seal;

type OneBlock = AesGcm<sm4::Sm4, sm4::cipher::consts::U12>;

/// Megabytes per second of `seal` over texts of `size` bytes.
fn rate(size: usize, seal: impl Fn(&[u8])) -> f64 {
    let text = vec![0x5a; size];
    let rounds = 30_000_000 / size;
    let begin = Instant::now();
    for _ in 0..rounds {
        seal(black_box(&text));
    }
    (rounds * size) as f64 / begin.elapsed().as_secs_f64() / 1e6
}

fn main() {
    let (key, nonce) = ([7; 16], [9; 12]);
    for size in [48, 512, 2_400, 65_536] {
        let ours = rate(size, |text| {
            let _ = black_box(sm4_gcm_seal(&key, &nonce, b"owner", text));
        });
        let crates = rate(size, |text| {
            let cipher = OneBlock::new(&key.into());
            let _ = black_box(cipher.encrypt(&Nonce::from(nonce), text));
        });
        println!(
            "{size:>6} bytes: {ours:>6.0} MB/s, with the sm4 crate {crates:>6.0} MB/s, {:.1} times",
            ours / crates
        );
    }
}
