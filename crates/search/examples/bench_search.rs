//! Measures the index at 100,000 guides: `cargo run --release -p tongban-search --example
//! bench_search [guides] [names.json]`. Names come from a JSON list of objects with `name`, or
//! from the built-in words.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use tongban_search::{Facet, Index, IndexDocument, Kind, Query, Sort};

const WORDS: &str = "申请人 申请 材料 提交 身份证 复印件 原件 窗口 受理 审查 决定 送达 经营 许可 登记 备案 变更 注销 \
    延续 换证 食品 药品 餐饮 道路 运输 货物 旅客 车辆 驾驶 企业 个体 工商户 公司 法定 代表人 营业执照 场所 使用 证明 \
    房屋 租赁 合同 消防 安全 卫生 环境 保护 影响 评价 建设 工程 规划 施工 验收 项目 投资 节能 土地 不动产 抵押 转移 \
    户口 迁移 居住证 签注 出生 婚姻 结婚 收养 社会 保险 养老 医疗 失业 工伤 生育 待遇 资格 认定 补贴 救助 残疾 最低 \
    生活 保障 教育 学校 教师 培训 劳动 就业 创业 贷款 公积金 提取 农药 兽药 种子 渔业 捕捞 养殖 林木 采伐 取水 河道 \
    户外 广告 招牌 设置 审批 条件 符合 规定 工作日 期限 收费 标准 依据 法律 法规 规章 办法 条例 国家 行政 机关 部门";

/// A small generator of our own (splitmix64), so that runs compare.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % most.max(1) as u64).unwrap_or(0)
    }
}

fn names(path: Option<&str>) -> Vec<String> {
    let read = path.and_then(|p| std::fs::read_to_string(p).ok());
    let list: Vec<serde_json::Value> = read
        .and_then(|t| serde_json::from_str(&t).ok())
        .unwrap_or_default();
    let mut names: Vec<String> = list
        .iter()
        .filter_map(|v| v.get("name")?.as_str().map(str::to_owned))
        .collect();
    if names.is_empty() {
        let words: Vec<&str> = WORDS.split_whitespace().collect();
        let mut dice = Dice(1);
        names = (0..1_135)
            .map(|_| (0..4).map(|_| words[dice.below(words.len())]).collect())
            .collect();
    }
    names
}

fn guide(n: usize, names: &[String], words: &[&str], dice: &mut Dice) -> IndexDocument {
    let name = &names[n % names.len()];
    let mut body = String::with_capacity(1_800);
    while body.chars().count() < 520 {
        for _ in 0..12 {
            // Squaring makes some words far commoner than others, as in real text.
            let at = dice.below(words.len()) * dice.below(words.len()) / words.len();
            body.push_str(words[at]);
        }
        let _ = write!(body, "{}。", names[dice.below(names.len())]);
    }
    IndexDocument {
        id: format!("guide-{n}"),
        kind: if n.is_multiple_of(10) {
            Kind::ALL[n / 10 % 4]
        } else {
            Kind::Item
        },
        title: format!("{name}（第{}分厅）", n / names.len() + 1),
        body,
        organ: "区行政审批局".to_owned(),
        organ_code: format!("organ-{}", n % 60),
        division: format!("5116{:02}", n % 90),
        objects: vec![format!("{}", n % 3), "9".to_owned()],
        themes: vec![format!("t{}", n % 40), format!("t{}", n % 7)],
        depth: format!("{}", n % 4 + 1),
        published_on: i32::try_from(n % 4_000).unwrap_or(0),
        ..IndexDocument::default()
    }
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status
        .lines()
        .filter(|l| l.starts_with("VmRSS") || l.starts_with("RssAnon"));
    lines
        .map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Processor time of this thread: what a query costs, however busy the machine is (Linux only).
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(
        stat.split(' ')
            .next()
            .and_then(|n| n.parse().ok())
            .unwrap_or(0),
    )
}

/// The mean processor time of each query over many runs: the kernel counts in steps coarser than one query.
fn each(index: &Index, queries: &[(&str, String)]) {
    const RUNS: u32 = 40;
    for (what, text) in queries {
        let query = Query::new(text.clone());
        let before = processor();
        for _ in 0..RUNS {
            index.search(&query).expect("search");
        }
        let mean = processor().saturating_sub(before) / RUNS;
        println!("    {what:<30} mean processor time {mean:>8.2?}");
    }
}

/// What a process that only serves costs at rest: opened, a few queries answered.
fn rest(folder: &str) {
    let (index, _) = Index::open_or_create(folder).expect("open");
    println!("at rest, opened: {}", resident());
    for text in ["食品经营许可", "登记", "spjyxk", "开饭店", "餐飲許可證"] {
        index.search(&Query::new(text)).expect("search");
    }
    println!("at rest, after five queries: {}", resident());
}

fn report(what: &str, mut times: Vec<Duration>, found: usize) {
    times.sort();
    let at = |p: usize| times[(times.len() - 1) * p / 100];
    println!(
        "{what:<34} p50 {:>8.2?}  p99 {:>8.2?}  max {:>8.2?}  ({} found on average)",
        at(50),
        at(99),
        at(100),
        found / times.len()
    );
}

fn measure(what: &str, index: &Index, queries: &[Query]) {
    let mut found = 0;
    let (mut times, mut costs) = (Vec::new(), Vec::new());
    for query in queries {
        let (begun, before) = (Instant::now(), processor());
        found += index.search(query).expect("search").total;
        times.push(begun.elapsed());
        costs.push(processor().saturating_sub(before));
    }
    report(what, times, found);
    report("    processor time", costs, found);
}

fn measure_suggest(what: &str, index: &Index, typed: &[String]) {
    let mut found = 0;
    let (mut times, mut costs) = (Vec::new(), Vec::new());
    for typed in typed {
        let (begun, before) = (Instant::now(), processor());
        found += index.suggest(typed, 10).expect("suggest").len();
        times.push(begun.elapsed());
        costs.push(processor().saturating_sub(before));
    }
    report(what, times, found);
    report("    processor time", costs, found);
}

fn size(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|e| match e.metadata() {
            Ok(m) if m.is_dir() => size(&e.path()),
            Ok(m) => m.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Makes so many queries by the same dice.
type Many<'a> = dyn FnMut(usize, &mut dyn FnMut(&mut Dice) -> Query) -> Vec<Query> + 'a;

/// Queries nobody meant well, or meant too much.
fn hostile(index: &Index, words: &[&str], many: &mut Many<'_>) {
    let every: Vec<&str> = words.iter().rev().copied().collect();
    let hostile = [
        ("one word repeated", "登记".repeat(5_000)),
        ("three words repeated", "登记 许可 审批 ".repeat(700)),
        ("no pinyin", "qqqqzzzz".to_owned()),
        ("one letter", "x".to_owned()),
        ("one syllable repeated", "shi".repeat(3_000)),
        ("operators", "(.*)+ AND id:[* TO *]".to_owned()),
        ("every word", words.concat()),
        ("every word, rarest first", every.concat()),
        ("every word, apart", words.join(" ")),
        ("single characters, apart", "登 记 许 可 审 批 证 件 核 发 换 补 变 更 注 销".to_owned()),
        ("common and unknown", "申请材料身份证窗口受理审查决定嗄嗄嗄鬯鬰魃".to_owned()),
        ("letters, apart", "d j x k s p z b h f b g y w".to_owned()),
        ("initials, apart", "dj xk sp zj hf bg zx yw qy gs".to_owned()),
        ("a long sentence", "我是外地来的想在城里开个小饭店不知道要办哪些证件要带什么材料去哪里办多久能办好要不要钱".to_owned()),
    ];
    let queries = many(560, &mut |d| {
        Query::new(hostile[d.below(hostile.len())].1.clone())
    });
    measure("hostile", index, &queries);
    each(index, &hostile);
}

fn searches(index: &Index, names: &[String], words: &[&str]) {
    let mut dice = Dice(7);
    let mut many = |n: usize, make: &mut dyn FnMut(&mut Dice) -> Query| -> Vec<Query> {
        (0..n).map(|_| make(&mut dice)).collect()
    };
    let pick = |dice: &mut Dice, n: usize| -> String {
        (0..n)
            .map(|_| words[dice.below(words.len())])
            .collect::<Vec<_>>()
            .join(" ")
    };
    for n in 1..=4 {
        let queries = many(500, &mut |d| Query::new(pick(d, n)));
        measure(&format!("{n} words"), index, &queries);
    }
    let queries = many(500, &mut |d| {
        Query::new(pick(d, 2))
            .filter(Facet::Theme, "t3")
            .filter(Facet::Depth, "4")
    });
    measure("2 words, 2 filters", index, &queries);
    let queries = many(500, &mut |d| Query {
        sort: Sort::Newest,
        limit: 20,
        ..Query::new(pick(d, 2))
    });
    measure("2 words, newest, 20 a page", index, &queries);
    let queries = many(500, &mut |d| {
        Query::new(names[d.below(names.len())].clone())
    });
    measure("whole real names", index, &queries);
    let known = [
        "开饭店",
        "办营业执照",
        "驾照丢了",
        "我要开个奶茶店",
        "落户",
        "公积金",
        "怎么办居住证",
    ];
    measure(
        "citizens' words",
        index,
        &many(500, &mut |d| Query::new(known[d.below(7)])),
    );
    let queries = many(500, &mut |d| {
        let mut name: Vec<char> = names[d.below(names.len())].chars().take(6).collect();
        if let Some(last) = name.last_mut() {
            *last = '嗄';
        }
        Query::new(name.into_iter().collect::<String>())
    });
    measure("one character wrong", index, &queries);
    let letters = [
        "spjyxk",
        "shipin",
        "jyxk",
        "dlys",
        "jiehun",
        "gtgsh",
        "zhucedengj",
        "xk",
        "dj",
    ];
    measure(
        "pinyin and initials",
        index,
        &many(500, &mut |d| Query::new(letters[d.below(9)])),
    );
    hostile(index, words, &mut many);
    measure("everything", index, &many(50, &mut |_| Query::default()));
    let typed: Vec<String> = (0..500)
        .map(|n| {
            names[dice.below(names.len())]
                .chars()
                .take(1 + n % 5)
                .collect()
        })
        .collect();
    measure_suggest("suggest, 1 to 5 characters", index, &typed);
    let typed: Vec<String> = [
        "s", "sp", "spj", "spjy", "sh", "shi", "ship", "j", "g", "gtgsh", "x", "z", "食品j",
    ]
    .map(str::to_owned)
    .to_vec();
    let typed: Vec<String> = (0..500).map(|n| typed[n % typed.len()].clone()).collect();
    measure_suggest("suggest, letters", index, &typed);
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next();
    if first.as_deref() == Some("--rest") {
        return rest(&arguments.next().unwrap_or_default());
    }
    let guides: usize = first.and_then(|a| a.parse().ok()).unwrap_or(100_000);
    let path = arguments.next();
    let names = names(path.as_deref());
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let folder = std::env::temp_dir().join(format!("tongban-bench-{}", std::process::id()));
    println!(
        "{guides} guides from {} names; at start {}",
        names.len(),
        resident()
    );

    let begun = Instant::now();
    let (index, _) = Index::open_or_create(&folder).expect("open");
    println!("first open {:.2?}, {}", begun.elapsed(), resident());
    let begun = Instant::now();
    let mut dice = Dice(42);
    let docs = (0..guides).map(|n| guide(n, &names, &words, &mut dice));
    index.replace_all(docs, 1).expect("rebuild");
    let took = begun.elapsed();
    println!(
        "indexed in {took:.2?}: {:.0} guides/s; index {} MB; {}",
        guides as f64 / took.as_secs_f64(),
        size(&folder) / 1_000_000,
        resident()
    );
    drop(index);
    let begun = Instant::now();
    let (index, opened) = Index::open_or_create(&folder).expect("open");
    println!(
        "reopened in {:.2?} ({opened:?}), {}",
        begun.elapsed(),
        resident()
    );
    if let Ok(program) = std::env::current_exe() {
        let _ = std::process::Command::new(program)
            .arg("--rest")
            .arg(&folder)
            .status();
    }
    searches(&index, &names, &words);

    let mut times = Vec::new();
    for n in 0..20 {
        let begun = Instant::now();
        index
            .put(&[guide(n, &names, &words, &mut dice)])
            .expect("put");
        index.commit(2 + n as u64).expect("commit");
        times.push(begun.elapsed());
    }
    report("one guide put and committed", times, 20);
    println!("at the end {}", resident());
    drop(index);
    let _ = std::fs::remove_dir_all(&folder);
}
