//! How fast signing is: `cargo run --release -p tongban-seal --example signing`.

use std::time::Instant;

use tongban_seal::*;

fn rate(name: &str, count: u32, mut run: impl FnMut()) {
    let start = Instant::now();
    for _ in 0..count {
        run();
    }
    let micros = start.elapsed().as_secs_f64() * 1e6 / f64::from(count);
    println!("{name}: {micros:.1} µs");
}

fn main() {
    let key = Sm2SigningKey::from_random(&[7; 32]).expect("in range");
    let public = key.verifying_key();
    let message = [5u8; 200];
    let signature = key.sign(&message).expect("software key");
    rate("SM2 sign", 5000, || {
        std::hint::black_box(key.sign(&message).expect("software key"));
    });
    rate("SM2 verify", 5000, || {
        public.verify(&message, &signature).expect("right")
    });
    let record = [1u8; 1024];
    rate("SM4-GCM seal 1 KiB", 20_000, || {
        std::hint::black_box(sm4_gcm_seal(&[1; 16], &[2; 12], b"row", &record).expect("small"));
    });
    rate("blind index", 50_000, || {
        std::hint::black_box(blind_index(&[1; 32], "person.id_no", "33010019900307123X"));
    });
    rate("derive data key", 20_000, || {
        std::hint::black_box(derive_data_key(&[1; 32], b"case", "fields").expect("short"));
    });
}
