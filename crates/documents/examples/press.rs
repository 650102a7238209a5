//! Measures the press: `cargo run --release -p tongban-documents --example press [folder]`.
//! Prints the first and the warm time per document and the resident memory; with a folder, also
//! writes every sample there.

#[path = "../tests/it/samples.rs"]
mod samples;

use std::time::Instant;
use std::{env, fs};

use samples::{KINDS, Kind, sample};
use tongban_documents::{FontSet, Press};

/// Resident memory, MiB: all, and without file-backed pages.
fn memory() -> (f64, f64) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |key: &str| {
        let line = status.lines().find(|l| l.starts_with(key));
        let kib = line
            .and_then(|l| l.split_whitespace().nth(1))
            .and_then(|n| n.parse::<f64>().ok());
        kib.unwrap_or_default() / 1024.0
    };
    (of("VmRSS:"), of("RssAnon:"))
}

/// Processor time of all threads so far, milliseconds; unlike the clock on the wall it means
/// something on a busy machine.
fn cpu() -> f64 {
    let tasks = fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let spent = tasks.filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    });
    spent.sum::<f64>() / 1e6
}

fn main() {
    let show = |what: &str| {
        let (all, own) = memory();
        println!("{what:<28} RSS {all:6.1} MiB, of it anonymous {own:6.1} MiB");
    };
    let created = "2026-11-22T09:41:07+08:00".parse().expect("a time");
    show("start");
    let start = Instant::now();
    let press = Press::new(FontSet::embedded());
    println!(
        "press built in {:.1} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    show("press built");
    for template in press.templates() {
        let mut data = sample(&template, Kind::Normal).expect("every template has samples");
        let start = Instant::now();
        let made = press.render(&template, &data, created).expect("renders");
        let first = start.elapsed().as_secs_f64() * 1e3;
        let mut times = Vec::new();
        let before = cpu();
        for i in 0..40 {
            data["number"] = format!("JY1430000{i:07}").into();
            data["qr"] = format!("https://tongban.example/v/{i}").into();
            let start = Instant::now();
            press.render(&template, &data, created).expect("renders");
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        println!(
            "{template:<18} first {first:6.1} ms, then median {:6.1} ms, slowest {:6.1} ms, \
             processor {:6.1} ms, {} bytes, {} page(s)",
            times[times.len() / 2],
            times[times.len() - 1],
            (cpu() - before) / 40.0,
            made.pdf.len(),
            made.pages,
        );
    }
    show("after 41 of each template");
    press.rest();
    show("at rest");
    if let Some(folder) = env::args().nth(1) {
        for template in press.templates() {
            for kind in KINDS {
                let data = sample(&template, kind).expect("every template has samples");
                match press.render(&template, &data, created) {
                    Ok(made) => {
                        let name = format!("{folder}/{template}-{kind:?}.pdf").to_lowercase();
                        fs::write(name, made.pdf).expect("the folder can be written");
                    }
                    Err(e) => println!("{template} {kind:?}: {e}"),
                }
            }
        }
    }
}
