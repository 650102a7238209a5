//! Verifying a proof bundle without the platform.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use tongban_kernel::{Error, Result};
use tongban_tlog::{
    Bundle, Checkpoint, LogEntries, Note, Policy, Report, Sha256Tree, Status, Step, TileId,
    TreeHash, bundle_heads, decode_entries, verify::verify_paper_entries, verify_bundle,
    verify_completeness,
};

/// 离线核验一份存证：内容没有改过、前后相连、在公开日志中、日志与见证人签名有效；给出日志副本的，再核对没有瞒下的事件。
#[derive(Args)]
pub(super) struct Verify {
    /// 从“我的办件”下载的存证文件。
    bundle: PathBuf,
    /// 信任策略（C2SP tlog-policy）；可从 /tlog/policy 取得一次并自行保管。缺省为存证旁边的 policy.txt。
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// 日志全部条目所在：镜像的目录，或 http:// 地址（如 http://127.0.0.1:8080/tlog）。给出后核对完整：没有瞒下的事件。
    #[arg(long, value_name = "DIR|URL")]
    log: Option<String>,
    /// 纸上抄下的一行：日志名称 条数 总指纹（如 "log.x/2026 5 bo5v…="），或扫描纸上二维码得到的文字。须同时给出 --log。
    #[arg(long, value_name = "LINE", requires = "log")]
    paper: Option<String>,
}

/// The line that the page of the proof shows for paper.
fn on_paper(line: &str) -> Result<Checkpoint> {
    Checkpoint::parse_line(line).map_err(|source| {
        Error::invalid(
            "verify.paper",
            format!("纸上的一行应为“日志名称 条数 总指纹”：{source}"),
        )
    })
}

fn file(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|source| {
        Error::invalid(
            "verify.file",
            format!("读不到 {}：{source}", path.display()),
        )
    })
}

pub(super) async fn verify(what: &Verify) -> Result<ExitCode> {
    let policy_path = what
        .policy
        .clone()
        .unwrap_or_else(|| what.bundle.with_file_name("policy.txt"));
    let policy = file(&policy_path).map_err(|error| {
        error.advice(
            "公钥（信任策略）可从平台的 /tlog/policy 下载一次，自己保管；用 --policy 指出它在哪里",
        )
    })?;
    let policy = String::from_utf8_lossy(&policy).into_owned();
    let policy = Policy::parse(&policy)
        .map_err(|source| Error::invalid("verify.policy", source.to_string()))?;
    let bundle = Bundle::from_json(&file(&what.bundle)?).map_err(|source| {
        Error::invalid("verify.bundle", format!("不是有效的存证文件：{source}"))
    })?;
    let mut report = verify_bundle(&bundle, &policy);
    let paper = what.paper.as_deref().map(on_paper).transpose()?;
    let complete = match &what.log {
        Some(place) => {
            let source = Source::new(place)?;
            let steps = completeness(&bundle, &policy, &source, paper.as_ref()).await;
            let (complete, paper) = steps;
            paper.into_iter().for_each(|step| report.push(step));
            complete
        }
        None => not_checked(
            "没有给出公开日志的副本（--log），所以没有核对平台是否瞒下了别的事件；副本可以从平台或任何镜像取得",
        ),
    };
    // What was asked for and could not be done is no success.
    report.push(complete);
    let undone = what.log.is_some()
        && report
            .steps
            .iter()
            .any(|step| step.title != "国密树证明" && step.status == Status::NotChecked);
    tell(&bundle, &report);
    Ok(match (report.is_ok(), undone) {
        (false, _) => ExitCode::from(3),
        (true, true) => ExitCode::FAILURE,
        (true, false) => ExitCode::SUCCESS,
    })
}

fn not_checked(detail: &str) -> Step {
    Step {
        title: "完整无隐瞒",
        status: Status::NotChecked,
        detail: detail.to_owned(),
    }
}

fn tell(bundle: &Bundle, report: &Report) {
    for step in &report.steps {
        let mark = match step.status {
            Status::Passed => "✔",
            Status::Failed => "✘",
            Status::NotChecked => "–",
        };
        println!("{mark} {}：{}", step.title, step.detail);
    }
    for (name, time) in &report.witnesses {
        let at = i64::try_from(*time)
            .ok()
            .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
        if let Some(at) = at {
            let offset = jiff::tz::Offset::constant(8);
            println!("  见证人 {name} 于 {} 见过这本日志", offset.to_datetime(at));
        }
    }
    let failed = report
        .steps
        .iter()
        .filter(|step| step.status == Status::Failed)
        .count();
    let unchecked = report
        .steps
        .iter()
        .filter(|step| step.status == Status::NotChecked)
        .count();
    if failed > 0 {
        println!(
            "结论：核验不通过（{failed} 项不符）。这份存证被改过，或者平台的记录被改过。请保留原文件，向监察机关或 12345 反映。"
        );
    } else if report.is_ok() {
        let events = bundle.events.len();
        let rest = match unchecked {
            0 => String::new(),
            n => format!("另有 {n} 项没有核对，见上面标“–”的行。"),
        };
        println!("结论：核验通过。{events} 个事件与公开日志一致，没有被改写。{rest}");
    } else {
        println!("结论：什么也没有核对成。");
    }
}

/// Where entries of the logs are: laid out as `/tlog/` serves them, a folder per year.
enum Source {
    Folder(PathBuf),
    Web(reqwest::Client, String),
}

impl Source {
    fn new(place: &str) -> Result<Self> {
        if place.starts_with("https://") {
            return Err(Error::invalid(
                "verify.log",
                "本程序自己不做 TLS：请先用 curl 或 wget 把日志取到一个目录，再用 --log 目录",
            ));
        }
        if !place.starts_with("http://") {
            return Ok(Self::Folder(place.into()));
        }
        let client = reqwest::Client::builder()
            .timeout(std::time::Duration::from_secs(30))
            .build()
            .map_err(|source| Error::internal("client").source(source))?;
        Ok(Self::Web(client, place.trim_end_matches('/').to_owned()))
    }

    /// What lies at `path`; a sentence for people if it cannot be had.
    async fn get(&self, path: &str) -> Result<Vec<u8>, String> {
        let away = |why: String| format!("取不到日志的 {path}：{why}");
        match self {
            Self::Folder(folder) => {
                std::fs::read(folder.join(path)).map_err(|source| away(source.to_string()))
            }
            Self::Web(client, base) => {
                let answer = client
                    .get(format!("{base}/{path}"))
                    .send()
                    .await
                    .and_then(reqwest::Response::error_for_status)
                    .map_err(|source| away(source.to_string()))?;
                let bytes = answer.bytes().await;
                Ok(bytes.map_err(|source| away(source.to_string()))?.to_vec())
            }
        }
    }
}

/// A log that is read: the head of the bundle, the head of the source, all entries.
struct Read {
    head: Checkpoint,
    newest: Checkpoint,
    entries: Vec<Vec<u8>>,
}

/// Completeness, and the comparison with paper if there is one.
async fn completeness(
    bundle: &Bundle,
    policy: &Policy,
    source: &Source,
    paper: Option<&Checkpoint>,
) -> (Step, Option<Step>) {
    let failed = |detail: String| Step {
        title: "完整无隐瞒",
        status: Status::Failed,
        detail,
    };
    if bundle.logs.is_empty() {
        return (
            not_checked("这份存证是旧格式，没有写明收到日志的哪一条为止"),
            None,
        );
    }
    let heads = match bundle_heads(bundle, policy) {
        Ok(heads) => heads,
        Err(source) => return (failed(source.to_string()), None),
    };
    match read_logs(&heads, policy, source).await {
        Err(why) => (not_checked(&why), None),
        Ok(mut logs) => {
            let paper = paper.map(|paper| compared(paper, &logs));
            let mut iterators: Vec<_> = logs
                .iter_mut()
                .map(|log| (&log.head, &log.newest, log.entries.drain(..)))
                .collect();
            let mut entries: Vec<LogEntries<'_>> = iterators
                .iter_mut()
                .map(|(head, newest, entries)| LogEntries {
                    checkpoint: head,
                    newer: Some(newest),
                    entries,
                })
                .collect();
            (verify_completeness(bundle, &mut entries), paper)
        }
    }
}

/// The line on paper against the log of its year.
fn compared(paper: &Checkpoint, logs: &[Read]) -> Step {
    let log = logs.iter().find(|log| log.newest.origin == paper.origin);
    match log {
        Some(log) => verify_paper_entries(paper, log.entries.iter().map(Vec::as_slice)),
        None => Step {
            title: "与纸质凭证比对",
            status: Status::NotChecked,
            detail: format!("纸上是日志 {} 的，这份存证用不着那一年的日志", paper.origin),
        },
    }
}

/// The logs of the bundle, and those of later years that the source has and the policy knows.
async fn read_logs(
    heads: &[Checkpoint],
    policy: &Policy,
    source: &Source,
) -> Result<Vec<Read>, String> {
    let mut logs = Vec::new();
    for head in heads {
        let found = newest(&head.origin, policy, source).await?;
        // A copy that is older than the bundle cannot show that it is complete; the reader then misses entries and says so.
        let newest = if found.size < head.size {
            head.clone()
        } else {
            found
        };
        logs.push(read_log(head.clone(), newest, source).await?);
    }
    let known: Vec<&str> = heads.iter().map(|head| head.origin.as_str()).collect();
    let last = known.iter().filter_map(|origin| year(origin)).max();
    let mut later: Vec<&str> = policy
        .logs()
        .iter()
        .map(|key| key.name())
        .filter(|name| year(name) > last)
        .collect();
    later.dedup();
    for origin in later {
        if let Ok(found) = newest(origin, policy, source).await {
            let nothing = Checkpoint {
                origin: origin.to_owned(),
                size: 0,
                root: Sha256Tree::empty(),
            };
            logs.push(read_log(nothing, found, source).await?);
        }
    }
    Ok(logs)
}

/// The year of `<domain>/<year>`; `None` for the SM3 twins.
fn year(origin: &str) -> Option<u32> {
    origin.rsplit_once('/')?.1.parse().ok()
}

fn folder(origin: &str) -> Result<&str, String> {
    match (origin.rsplit_once('/'), year(origin)) {
        (Some((_, year)), Some(_)) => Ok(year),
        _ => Err(format!("日志名 {origin} 没有年份")),
    }
}

/// The newest head that the source has of a log, if the policy believes it.
async fn newest(origin: &str, policy: &Policy, source: &Source) -> Result<Checkpoint, String> {
    let path = format!("{}/checkpoint", folder(origin)?);
    let text = String::from_utf8_lossy(&source.get(&path).await?).into_owned();
    let believed = Note::parse(&text).and_then(|note| policy.check(&note));
    let head = believed
        .map_err(|source| format!("{path}：{source}"))?
        .checkpoint;
    if head.origin == origin {
        Ok(head)
    } else {
        Err(format!("{path} 是日志 {} 的", head.origin))
    }
}

async fn read_log(head: Checkpoint, newest: Checkpoint, source: &Source) -> Result<Read, String> {
    let mut entries = Vec::new();
    for index in 0..newest.size.div_ceil(256) {
        let width = (newest.size - index * 256).min(256);
        let id = |width: u64| TileId {
            level: None,
            index,
            width: u16::try_from(width).unwrap_or(256),
        };
        let path = |id: TileId| format!("{}/{id}", folder(&newest.origin).unwrap_or_default());
        let bytes = match source.get(&path(id(width))).await {
            // A mirror may have dropped the partial bundle once it had the full one.
            Err(_) if width < 256 => source.get(&path(id(256))).await?,
            other => other?,
        };
        let bundle = decode_entries(&bytes).map_err(|why| format!("{}：{why}", path(id(width))))?;
        let width = usize::try_from(width).unwrap_or(256);
        entries.extend(bundle.into_iter().take(width).map(<[u8]>::to_vec));
    }
    Ok(Read {
        head,
        newest,
        entries,
    })
}
