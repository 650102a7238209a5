//! `tongban simulate-system`: a department's system for trying the protocol of docs/outside-systems.md.

use std::process::ExitCode;

use clap::Args;
use tongban_kernel::{Error, Result};
use tongban_outside::model::Secret;

use crate::simulator::{Manner, Simulator};

/// 扮演一个部门系统。
#[derive(Args)]
pub(super) struct Simulate {
    /// 在哪里接收通知。Where it receives.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8090")]
    at: String,
    /// 平台的地址。The platform.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    platform: String,
    /// 登记的代码。Its registered code.
    #[arg(long)]
    code: String,
    /// 通知密钥（whsec_…）。Signing key of the platform.
    #[arg(long, value_name = "KEY")]
    signing_key: String,
    /// 回报密钥（whsec_…）。Its own reporting key.
    #[arg(long, value_name = "KEY")]
    reporting_key: String,
    /// 回报的意见。Its opinion.
    #[arg(long, default_value = "经审查，符合条件")]
    opinion: String,
    /// 回报不同意。Disagree.
    #[arg(long)]
    refuse: bool,
}

/// Serves until it is ended.
pub(super) async fn simulate(what: &Simulate) -> Result<ExitCode> {
    let key = |text: &str| {
        Secret::parse(text).ok_or_else(|| Error::invalid("simulate.key", "密钥应以 whsec_ 开头"))
    };
    let simulator = Simulator::new(
        &what.platform,
        &what.code,
        key(&what.signing_key)?,
        key(&what.reporting_key)?,
        Manner {
            agreed: !what.refuse,
            opinion: what.opinion.clone(),
            ..Manner::default()
        },
    )?;
    let listener = tokio::net::TcpListener::bind(&what.at)
        .await
        .map_err(|source| {
            Error::invalid("simulate.at", format!("不能监听 {}：{source}", what.at))
        })?;
    println!("接收地址 http://{}/webhook", what.at);
    axum::serve(listener, simulator.router())
        .await
        .map_err(|source| Error::internal("simulator").source(source))?;
    Ok(ExitCode::SUCCESS)
}
