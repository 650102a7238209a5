//! Measures reading, validating and projecting one complete application.
//! `cargo run --release -p tongban-forms --example applications`

use std::hint::black_box;
use std::time::Instant;

use jiff::Timestamp;
use tongban_forms::{Answers, Ctx, Date, Evidence, FormDocument, Lang, Stamp};

fn measure(name: &str, mut work: impl FnMut()) {
    let mut best = f64::MAX;
    for _ in 0..7 {
        let rounds: u32 = 3_000;
        let start = Instant::now();
        for _ in 0..rounds {
            work();
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds));
    }
    println!("{name:28} {best:9.2} µs");
}

fn main() {
    let text = include_str!("../testdata/food-operation.json");
    let form = FormDocument::parse(text).expect("the sample form reads");
    let ctx = Ctx::new(
        Date::constant(2026, 3, 1),
        Timestamp::constant(1_772_330_400, 0),
    );
    let none = Evidence::none();
    let pairs: Vec<(&str, Vec<(&str, &str)>)> = vec![
        (
            "operator",
            vec![
                ("op_name", "同邦小馆"),
                ("op_uscc", "91330102MA28NBU477"),
                ("op_address", "样例市幸福区幸福路1号"),
                ("legal_name", "王芳"),
                ("legal_id_no", "11010519491231002X"),
                ("legal_mobile", "13800138000"),
            ],
        ),
        (
            "business",
            vec![
                ("only_prepacked", "false"),
                ("mode", "catering"),
                ("marks", "online"),
                ("marks", "vending"),
                ("items", "hot"),
                ("items", "raw"),
                ("items", "bulk"),
                ("bulk_cooked", "false"),
                ("raw_cold_room", "true"),
                ("site", "样例点餐"),
                ("has_shop", "true"),
            ],
        ),
        (
            "place",
            vec![
                ("premises.division", "330102"),
                ("premises.detail", "幸福路12号"),
                ("area", "120.5"),
                ("kitchen_area", "40"),
                ("open_date", "2026-12-01"),
                ("lease_until", "2030-12-31"),
                ("machines.0.machine_name", "售货机"),
                ("machines.0.machine_no", "AB1234"),
                ("machines.0.machine_place", "一楼"),
            ],
        ),
        (
            "staff",
            vec![
                ("workers", "12"),
                ("workers_certified", "12"),
                ("managers.0.manager_name", "李雷"),
                ("managers.0.manager_id_no", "11010519491231002X"),
                ("managers.0.manager_post", "officer"),
                ("managers.0.manager_since", "2025-01-01"),
            ],
        ),
        (
            "promise",
            vec![
                ("agent", "true"),
                ("agent_name", "韩梅梅"),
                ("agent_mobile", "13900139000"),
                ("email", "a@example.com"),
                ("notes", "无"),
                ("promise_true", "true"),
            ],
        ),
    ];
    let owned: Vec<(&str, Vec<(String, String)>)> = pairs
        .iter()
        .map(|(page, list)| {
            (
                *page,
                list.iter()
                    .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                    .collect(),
            )
        })
        .collect();
    let mut answers = Answers::default();
    for (page, list) in &owned {
        form.parse_post(page, list)
            .merge_into(&form, &mut answers, &none, &ctx, &Stamp::default());
    }
    let outcome = form.validate(&answers, &none, &ctx);
    println!(
        "{} fields, {} problems",
        form.fields().len(),
        outcome.problems.len()
    );
    for problem in &outcome.problems {
        println!("  {}: {}", problem.path, problem.text(Lang::Zh));
    }
    let blank = Answers::default();
    let stored = serde_json::to_string(&answers).expect("drafts are JSON");
    measure("validate, complete", || {
        drop(black_box(form.validate(black_box(&answers), &none, &ctx)))
    });
    measure("validate, blank", || {
        drop(black_box(form.validate(black_box(&blank), &none, &ctx)))
    });
    measure("read + validate + submit", || {
        let reading = form.read(black_box(&answers), &none, &ctx);
        black_box(reading.validate());
        black_box(reading.submission().to_canonical_json());
    });
    measure("post of one page", || {
        let mut draft = Answers::default();
        if let Some((page, list)) = owned.get(2) {
            form.parse_post(page, list).merge_into(
                &form,
                &mut draft,
                &none,
                &ctx,
                &Stamp::default(),
            );
        }
        black_box(draft);
    });
    measure("page view", || {
        let reading = form.read(black_box(&answers), &none, &ctx);
        black_box(reading.page_view("place", &[], Lang::Zh));
    });
    measure("draft from JSON", || {
        drop(black_box(serde_json::from_str::<Answers>(&stored)))
    });
    measure("progress", || {
        drop(black_box(form.read(&answers, &none, &ctx).progress()))
    });
    measure("parse document", || {
        drop(black_box(FormDocument::parse(black_box(text))))
    });
}
