//! Verifying a proof bundle without the platform.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tongban_kernel::{Error, Result};
use tongban_tlog::{Bundle, Policy, Status, verify_bundle};

/// 离线核验一份存证：字段承诺、前后相接、在日志中、日志签名。
#[derive(Args)]
pub(super) struct Verify {
    /// 从“我的办件”下载的存证文件。
    bundle: PathBuf,
    /// 信任策略（C2SP tlog-policy）；可从 /tlog/policy 取得一次并自行保管。缺省为存证旁边的 policy.txt。
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

pub(super) fn verify(what: &Verify) -> Result<ExitCode> {
    let read = |path: &PathBuf| {
        std::fs::read(path).map_err(|source| {
            Error::invalid(
                "verify.file",
                format!("读不到 {}：{source}", path.display()),
            )
        })
    };
    let policy_path = what
        .policy
        .clone()
        .unwrap_or_else(|| what.bundle.with_file_name("policy.txt"));
    let policy = String::from_utf8_lossy(&read(&policy_path)?).into_owned();
    let policy = Policy::parse(&policy)
        .map_err(|source| Error::invalid("verify.policy", source.to_string()))?;
    let bundle = Bundle::from_json(&read(&what.bundle)?).map_err(|source| {
        Error::invalid("verify.bundle", format!("不是有效的存证文件：{source}"))
    })?;
    let report = verify_bundle(&bundle, &policy);
    for step in &report.steps {
        let mark = match step.status {
            Status::Passed => "✔",
            Status::Failed => "✘",
            Status::NotChecked => "–",
        };
        println!("{mark} {}：{}", step.title, step.detail);
    }
    if report.is_ok() {
        println!(
            "结论：{} 个事件与日志一致，没有被改写。",
            bundle.events.len()
        );
        Ok(ExitCode::SUCCESS)
    } else {
        println!("结论：存证与日志不一致。");
        Ok(ExitCode::from(3))
    }
}
