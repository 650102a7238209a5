//! `tongban process …`: walks a BPMN file by hand, checks it, writes it back.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tongban_decisions::Decisions;
use tongban_kernel::{Error, Result};
use tongban_limits::{Calendar, OfficeHours, from_local, to_local};
use tongban_process::walk::{Op, View, Walk, WalkError};
use tongban_process::{Definition, Due, ImportError, Options, Severity, Stand, check, petri_net};

/// Exit status when a file cannot be loaded; findings about its soundness do not change it.
const NOT_LOADED: u8 = 2;

/// 流程文件：走查、检查、回写。Walk, check and re-export BPMN files.
#[derive(Args)]
pub(super) struct Process {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// 按步骤文件走查一个流程，每步之后给出状态。Walk a process step by step (docs/process-run.md).
    Run(Run),
    /// 列出导入错误、提醒和健全性问题。List import errors, warnings and soundness findings.
    Check(Check),
    /// 写出控制流的 Petri 网（PNML），供事件日志的符合性检查。The control flow as a Petri net for conformance checking.
    Net {
        /// BPMN 文件。
        file: PathBuf,
    },
    /// 读入后再写出，未执行的内容一个不少。Read and write back without loss.
    Roundtrip {
        /// BPMN 文件。
        file: PathBuf,
    },
}

#[derive(Args)]
struct Run {
    /// BPMN 文件。
    file: PathBuf,
    /// 一起部署的文件：被调用的流程、决策表（DMN）。
    #[arg(long = "with", value_name = "AUX", num_args = 1..)]
    with: Vec<PathBuf>,
    /// 其他引擎的表达式 → FEEL，JSON 对象。
    #[arg(long, value_name = "MAP.json")]
    expr: Option<PathBuf>,
    /// 脚本或服务（按元素 id 或脚本文字）→ "noop"、{"set": {变量: FEEL}}、{"trace": 名}、{"error": 代码}。
    #[arg(long, value_name = "MAP.json")]
    scripts: Option<PathBuf>,
    /// 步骤，JSON 数组。
    #[arg(long, value_name = "STEPS.json")]
    script: PathBuf,
    /// 以 JSON 输出（总是如此；为清楚起见保留）。
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Check {
    /// BPMN 文件。
    file: PathBuf,
    /// 以 JSON 输出。
    #[arg(long)]
    json: bool,
}

/// Why nothing was walked.
enum Stopped {
    /// A file that cannot be loaded, with everything that is wrong in it.
    NotLoaded(String, Vec<ImportError>),
    Failed(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

pub(super) fn process(what: &Process) -> Result<ExitCode> {
    let done = match &what.what {
        What::Run(run) => walk(run).map(|()| ExitCode::SUCCESS),
        What::Check(what) => checked(what),
        What::Net { file } => net(file),
        What::Roundtrip { file } => roundtrip(file),
    };
    match done {
        Ok(status) => Ok(status),
        Err(Stopped::NotLoaded(file, errors)) => {
            eprintln!("tongban: 不能载入 {file}");
            for error in &errors {
                eprintln!("         {error}");
            }
            Ok(ExitCode::from(NOT_LOADED))
        }
        Err(Stopped::Failed(error)) => Err(error),
    }
}

fn bytes(path: &Path) -> std::result::Result<Vec<u8>, Stopped> {
    std::fs::read(path).map_err(|source| not_loaded(path, format!("读不到文件：{source}")))
}

fn not_loaded(path: &Path, message: String) -> Stopped {
    let error = ImportError {
        rule: "file",
        element: None,
        line: 1,
        message,
    };
    Stopped::NotLoaded(path.display().to_string(), vec![error])
}

fn map<T: serde::de::DeserializeOwned + Default>(
    path: Option<&PathBuf>,
) -> std::result::Result<T, Stopped> {
    let Some(path) = path else {
        return Ok(T::default());
    };
    serde_json::from_slice(&bytes(path)?).map_err(|source| not_loaded(path, source.to_string()))
}

fn stand(value: &Value) -> Option<Stand> {
    if value.as_str() == Some("noop") {
        return Some(Stand::Nothing);
    }
    let (key, inner) = value.as_object()?.iter().next()?;
    match key.as_str() {
        "trace" => inner.as_str().map(|name| Stand::Trace(name.to_owned())),
        "error" => inner.as_str().map(|code| Stand::Fail(code.to_owned())),
        "set" => {
            let pairs = inner.as_object()?.iter();
            let pairs = pairs.map(|(name, feel)| {
                let text = feel
                    .as_str()
                    .map_or_else(|| feel.to_string(), str::to_owned);
                (name.clone(), text)
            });
            Some(Stand::Set(pairs.collect()))
        }
        _ => None,
    }
}

#[derive(Serialize)]
struct Line<'a> {
    step: usize,
    op: &'static str,
    error: Option<&'a WalkError>,
    state: View,
}

/// Due times by the calendar that ships with the program; the limit of a case is not known here and counts from now.
fn due(due: &Due, now: Timestamp) -> Timestamp {
    let calendar = Calendar::shipped();
    let today = to_local(now).date();
    let close = |day: jiff::civil::Date| from_local(day.at(23, 59, 59, 0)).unwrap_or(now);
    match due {
        Due::At(at) => *at,
        Due::WorkingDays(n) => calendar.nth_working_day(today, *n).map_or(now, close),
        Due::WorkingMinutes(n) => OfficeHours::default()
            .add_minutes(calendar, to_local(now), *n)
            .and_then(from_local)
            .unwrap_or(now),
        Due::Limit(n) => {
            let day = match u32::try_from(*n) {
                Ok(n) => calendar.nth_working_day(today, n),
                Err(_) => calendar.nth_working_day_before(today, n.unsigned_abs()),
            };
            day.map_or(now, close)
        }
    }
}

fn walk(run: &Run) -> std::result::Result<(), Stopped> {
    let steps: Vec<Op> = serde_json::from_slice(&bytes(&run.script)?)
        .map_err(|source| not_loaded(&run.script, source.to_string()))?;
    let scripts: BTreeMap<String, Value> = map(run.scripts.as_ref())?;
    let mut stands = BTreeMap::new();
    for (key, value) in &scripts {
        let stand = stand(value).ok_or_else(|| {
            let path = run.scripts.clone().unwrap_or_default();
            not_loaded(&path, format!("不认识“{key}”的替代：{value}"))
        })?;
        stands.insert(key.clone(), stand);
    }
    let options = Options {
        expressions: map(run.expr.as_ref())?,
        stands,
        lenient: true,
        ..Options::default()
    };
    let mut files = Vec::new();
    let mut decisions = Vec::new();
    for path in std::iter::once(&run.file).chain(&run.with) {
        if path
            .extension()
            .is_some_and(|ext| ext.eq_ignore_ascii_case("dmn"))
        {
            let (file, _) = Decisions::parse(&bytes(path)?).map_err(|problems| {
                let errors = problems.iter().map(|problem| ImportError {
                    rule: "dmn",
                    element: Some(problem.element.clone()).filter(|e| !e.is_empty()),
                    line: problem.line.max(1),
                    message: problem.message.clone(),
                });
                Stopped::NotLoaded(path.display().to_string(), errors.collect())
            })?;
            decisions.push(file);
            continue;
        }
        let (definition, warnings) = Definition::parse_with(&bytes(path)?, &options)
            .map_err(|errors| Stopped::NotLoaded(path.display().to_string(), errors))?;
        for warning in warnings {
            eprintln!("{}: {warning}", path.display());
        }
        let name = path.file_name().unwrap_or_default();
        files.push((name.to_string_lossy().into_owned(), definition));
    }
    let mut walk = Walk::new(files, decisions, Arc::new(due));
    let mut out = std::io::stdout().lock();
    let written = |source: std::io::Error| Error::internal("output").source(source);
    writeln!(out, "[").map_err(written)?;
    for (n, op) in steps.iter().enumerate() {
        let done = walk.walk(op);
        let line = Line {
            step: n,
            op: op.name(),
            error: done.as_ref().err(),
            state: walk.view(),
        };
        let text = serde_json::to_string(&line)
            .map_err(|source| Error::internal("output").source(source))?;
        let comma = if n + 1 < steps.len() { "," } else { "" };
        writeln!(out, "{text}{comma}").map_err(written)?;
    }
    writeln!(out, "]").map_err(written)?;
    Ok(())
}

fn finding(severity: &str, error: &ImportError) -> Value {
    json!({
        "severity": severity, "rule": error.rule, "element": error.element, "line": error.line,
        "message": error.message,
    })
}

fn checked(what: &Check) -> std::result::Result<ExitCode, Stopped> {
    let xml = bytes(&what.file)?;
    let mut found = Vec::new();
    match Definition::parse(&xml) {
        Err(errors) => found.extend(errors.iter().map(|e| finding("error", e))),
        Ok((definition, warnings)) => {
            found.extend(warnings.iter().map(|w| finding("warning", w)));
            for f in check(&definition) {
                let severity = match f.severity {
                    Severity::Fault => "fault",
                    Severity::NotDecided => "not-decided",
                    Severity::Notice => "notice",
                };
                let line = definition.element(&f.element).map(|e| e.line);
                found.push(json!({
                    "severity": severity, "rule": f.rule, "element": &*f.element, "line": line,
                    "message": f.message,
                }));
            }
        }
    }
    let refused = found.iter().any(|f| f["severity"] == "error");
    if what.json {
        let text = serde_json::to_string_pretty(&found);
        println!(
            "{}",
            text.map_err(|source| Error::internal("output").source(source))?
        );
    } else {
        for f in &found {
            let text = |name: &str| f[name].as_str().unwrap_or_default().to_owned();
            let line = f["line"].as_u64().unwrap_or_default();
            println!(
                "{}: 第 {line} 行 {} [{}] {}",
                text("severity"),
                text("element"),
                text("rule"),
                text("message")
            );
        }
    }
    Ok(ExitCode::from(if refused { NOT_LOADED } else { 0 }))
}

fn roundtrip(file: &Path) -> std::result::Result<ExitCode, Stopped> {
    let xml = bytes(file)?;
    let text = tongban_process::export(&xml)
        .map_err(|error| Stopped::NotLoaded(file.display().to_string(), vec![error]))?;
    std::io::stdout()
        .write_all(text)
        .map_err(|source| Error::internal("output").source(source))?;
    Ok(ExitCode::SUCCESS)
}

fn net(file: &Path) -> std::result::Result<ExitCode, Stopped> {
    let (definition, _) = Definition::parse(&bytes(file)?)
        .map_err(|errors| Stopped::NotLoaded(file.display().to_string(), errors))?;
    let net = petri_net(&definition).map_err(|refused| not_loaded(file, refused.to_string()))?;
    print!("{}", net.to_pnml(definition.id()));
    Ok(ExitCode::SUCCESS)
}
