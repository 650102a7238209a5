//! Decision files on the command line: docs/dmn.md.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use tongban_decisions::{Decisions, Problem, Warning};

/// A file or the input that cannot be loaded.
const NOT_LOADED: u8 = 2;

/// 决策文件（DMN）。
#[derive(Args)]
pub(super) struct Dmn {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// 作一个决策，给出结果和符合的规则。退出码：0 已决定，1 不能决定，2 文件或输入读不了。Decide, and say which rules matched.
    Run {
        /// 决策文件（DMN 1.3–1.5；1.1、1.2 自动转换）。
        file: PathBuf,
        /// 决策的标识或名称；文件中只有一个时可以不给。Id or name of the decision.
        #[arg(long, value_name = "D")]
        decision: Option<String>,
        /// 输入：JSON 对象，或以 @ 开头的文件名。Inputs as a JSON object, or @FILE.
        #[arg(long, value_name = "JSON", default_value = "{}")]
        input: String,
        /// 它引用的其他决策文件，可多次给出。Files that it imports.
        #[arg(long, value_name = "FILE")]
        with: Vec<PathBuf>,
        /// 以 JSON 输出。Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// 检查文件，列出问题和提醒。退出码：0 可用，2 不可用。Check a file.
    Check {
        /// 决策文件。
        file: PathBuf,
        /// 它引用的其他决策文件，可多次给出。Files that it imports.
        #[arg(long, value_name = "FILE")]
        with: Vec<PathBuf>,
        /// 以 JSON 输出。Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What happened, for both forms of output.
#[derive(Default)]
struct Outcome {
    result: Value,
    decision: Option<(String, String)>,
    table: bool,
    rules: Vec<(String, usize)>,
    errors: Vec<Problem>,
    warnings: Vec<Warning>,
    decisions: Vec<String>,
    status: u8,
}

pub(super) fn dmn(wish: &Dmn) -> ExitCode {
    let (outcome, as_json, run) = match &wish.what {
        What::Run {
            file,
            decision,
            input,
            with,
            json,
        } => (run(file, with, decision.as_deref(), input), *json, true),
        What::Check { file, with, json } => {
            let outcome = load(file, with).map_or_else(unloaded, |(decisions, warnings)| Outcome {
                decisions: decisions.names().map(str::to_owned).collect(),
                warnings,
                ..Outcome::default()
            });
            (outcome, *json, false)
        }
    };
    if as_json {
        println!("{}", outcome.to_json(run));
    } else {
        outcome.tell(run);
    }
    ExitCode::from(outcome.status)
}

fn unloaded(errors: Vec<Problem>) -> Outcome {
    Outcome {
        errors,
        status: NOT_LOADED,
        ..Outcome::default()
    }
}

fn problem(message: String) -> Problem {
    Problem {
        element: String::new(),
        line: 0,
        message,
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Vec<Problem>> {
    std::fs::read(file)
        .map_err(|source| vec![problem(format!("读不到 {}：{source}", file.display()))])
}

fn load(file: &Path, with: &[PathBuf]) -> Result<(Decisions, Vec<Warning>), Vec<Problem>> {
    let xml = read(file)?;
    let others = with
        .iter()
        .map(|file| read(file))
        .collect::<Result<Vec<_>, _>>()?;
    let others: Vec<&[u8]> = others.iter().map(Vec::as_slice).collect();
    Decisions::parse_with(&xml, &others)
}

fn inputs(text: &str) -> Result<Map<String, Value>, Vec<Problem>> {
    let text = match text.strip_prefix('@') {
        Some(file) => read(Path::new(file))?,
        None => text.as_bytes().to_vec(),
    };
    serde_json::from_slice(&text)
        .map_err(|error| vec![problem(format!("输入不是 JSON 对象：{error}"))])
}

fn run(file: &Path, with: &[PathBuf], decision: Option<&str>, input: &str) -> Outcome {
    let (decisions, warnings) = match load(file, with) {
        Ok(loaded) => loaded,
        Err(errors) => return unloaded(errors),
    };
    let inputs = match inputs(input) {
        Ok(inputs) => inputs,
        Err(errors) => return unloaded(errors),
    };
    let names: Vec<String> = decisions.names().map(str::to_owned).collect();
    let mut outcome = Outcome {
        warnings,
        ..Outcome::default()
    };
    let asked = match (decision, &names[..]) {
        (Some(asked), _) => asked,
        (None, [only]) => only,
        (None, _) => {
            outcome.errors = vec![problem(format!(
                "请用 --decision 指明决策；有：{}",
                names.join("、")
            ))];
            outcome.status = 1;
            return outcome;
        }
    };
    match decisions.decide(asked, &inputs) {
        Ok(decided) => {
            outcome.decision = Some((decided.id, decided.name));
            outcome.result = decided.value;
            outcome.table = decided.table;
            outcome.rules = decided
                .rules
                .into_iter()
                .map(|rule| (rule.id, rule.index))
                .collect();
        }
        Err(error) => {
            outcome.errors = vec![problem(error.to_string())];
            outcome.status = 1;
        }
    }
    outcome
}

impl Outcome {
    fn to_json(&self, run: bool) -> Value {
        let told = |problem: &Problem| json!({"element": problem.element, "line": problem.line, "message": problem.message});
        let errors: Vec<Value> = self.errors.iter().map(told).collect();
        let warnings: Vec<Value> = self
            .warnings
            .iter()
            .map(|Warning(problem)| told(problem))
            .collect();
        if !run {
            return json!({"decisions": self.decisions, "errors": errors, "warnings": warnings});
        }
        let rules: Vec<Value> = self
            .rules
            .iter()
            .map(|(id, index)| json!({"id": id, "index": index}))
            .collect();
        let decision = self
            .decision
            .as_ref()
            .map(|(id, name)| json!({"id": id, "name": name}));
        json!({"decision": decision, "result": self.result, "rules": rules, "errors": errors, "warnings": warnings})
    }

    fn tell(&self, run: bool) {
        for Warning(problem) in &self.warnings {
            eprintln!("提醒：{problem}");
        }
        for problem in &self.errors {
            eprintln!("tongban: {problem}");
        }
        if self.status != 0 {
            return;
        }
        if !run {
            println!("文件可用；可以问：{}", self.decisions.join("、"));
            return;
        }
        println!("结果：{}", self.result);
        if self.table && self.rules.is_empty() {
            println!("没有规则符合");
        }
        for (id, index) in &self.rules {
            match id.as_str() {
                "" => println!("符合第 {index} 条规则"),
                id => println!("符合第 {index} 条规则（{id}）"),
            }
        }
    }
}
