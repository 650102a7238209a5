//! `tongban record export`: the record as an event log, from the command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use tongban_cases::model::{LogFormat, RecordSelection, RecordWish};
use tongban_cases::{ExportRecord, export_record};
use tongban_kernel::{Error, Result};

use crate::app::App;
use crate::config::Config;

/// 办件的经过：导出为事件日志。
#[derive(Args)]
pub(super) struct Record {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// 导出为 OCEL 2.0 或 XES，记入透明日志。Export the record of cases as an event log.
    Export(Box<Export>),
}

#[derive(Args)]
struct Export {
    /// 写到这个文件；写完之前不会出现。
    file: PathBuf,
    /// 用途，记入透明日志。
    #[arg(long)]
    purpose: String,
    /// 格式：ocel、xes、xes-tasks。
    #[arg(long, default_value = "ocel")]
    format: String,
    /// 写明工作人员姓名（用途必需时）。
    #[arg(long)]
    names: bool,
    /// 事项的实施编码。
    #[arg(long)]
    item: Option<String>,
    /// 实施主体的统一社会信用代码。
    #[arg(long)]
    organ: Option<String>,
    /// 流程版本的内容摘要。
    #[arg(long, value_name = "HASH")]
    process: Option<String>,
    /// open、ended，或者国家标准状态码。
    #[arg(long)]
    state: Option<String>,
    /// 提交日期从。
    #[arg(long, value_name = "DATE")]
    from: Option<jiff::civil::Date>,
    /// 提交日期到（含）。
    #[arg(long, value_name = "DATE")]
    until: Option<jiff::civil::Date>,
    /// 办件编号，可以多个；给出后不再看其他条件。
    #[arg(long = "case", value_name = "NO")]
    numbers: Vec<String>,
}

pub(super) async fn record(config: Config, wish: Record) -> Result<ExitCode> {
    match wish.what {
        What::Export(what) => export(config, *what).await,
    }
}

async fn export(config: Config, what: Export) -> Result<ExitCode> {
    let format = LogFormat::from_key(&what.format)
        .ok_or_else(|| Error::invalid("record.format", "格式应为 ocel、xes 或 xes-tasks"))?;
    let wish = RecordWish {
        format,
        names: what.names,
        selection: RecordSelection {
            item: what.item,
            organ: what.organ,
            process: what.process,
            state: what.state,
            from: what.from,
            until: what.until,
            numbers: what.numbers,
        },
    };
    let app = App::open_beside(config).await?;
    let purpose = what.purpose;
    let made = export_record(&app.ctx, ExportRecord { wish, purpose }).await?;
    put(made.scratch.path(), &what.file)?;
    let counts = made.export.counts;
    println!(
        "{}：{} 件，{} 条事件，{} 个对象，{} 个关系，SHA-256 {}",
        what.file.display(),
        counts.cases,
        counts.events,
        counts.objects,
        counts.relations,
        made.export.sha256
    );
    Ok(ExitCode::SUCCESS)
}

/// Under its name only when it is whole.
fn put(from: &Path, to: &Path) -> Result<()> {
    let broken = |source: std::io::Error| {
        Error::invalid("record.file", format!("写不到 {}：{source}", to.display()))
    };
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = to.with_file_name(name);
    std::fs::copy(from, &part).map_err(broken)?;
    std::fs::File::open(&part)
        .and_then(|file| file.sync_all())
        .map_err(broken)?;
    std::fs::rename(&part, to).map_err(broken)
}
