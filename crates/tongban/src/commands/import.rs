//! Importing what others publish.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use tongban_catalogue::NewVersion;
use tongban_catalogue::model::import::{
    ImportedItem, import_item_list, import_lingshan, import_native,
};
use tongban_kernel::{Error, Result};

use crate::app::App;
use crate::config::Config;

/// 导入。
#[derive(Args)]
pub(super) struct Import {
    #[command(subcommand)]
    what: What,
    /// 只检查，不写入。
    #[arg(long, global = true)]
    dry_run: bool,
}

#[derive(Subcommand)]
enum What {
    /// 事项：本系统的 JSON 文档。
    Items { file: PathBuf },
    /// 事项清单：制表符分隔（demo/items/guangan-511602.tsv 的格式）。
    List { file: PathBuf },
    /// 实施清单：省级数据推送的 AUDIT_* 字段 JSON。
    Audit { file: PathBuf },
    /// 节假日安排：holiday-cn 的 JSON 格式。
    Calendar { file: PathBuf },
}

pub(super) async fn import(config: Config, wish: Import) -> Result<ExitCode> {
    let read = |file: &PathBuf| {
        std::fs::read_to_string(file).map_err(|source| {
            Error::invalid(
                "import.file",
                format!("读不到 {}：{source}", file.display()),
            )
        })
    };
    let bad = |source: tongban_catalogue::model::import::ImportError| {
        Error::invalid("import.format", source.to_string())
    };
    let items = match &wish.what {
        What::Items { file } => import_native(&read(file)?).map_err(bad)?,
        What::List { file } => import_item_list(&read(file)?).map_err(bad)?,
        What::Audit { file } => import_lingshan(&read(file)?).map_err(bad)?,
        What::Calendar { file } => return calendar(config, &read(file)?, wish.dry_run).await,
    };
    for imported in &items {
        for finding in &imported.findings {
            println!(
                "{}：{} {}",
                imported.item.task_name,
                finding.rule.code(),
                finding.message
            );
        }
    }
    println!(
        "{} 个事项，{} 处不符合规则",
        items.len(),
        items.iter().map(|item| item.findings.len()).sum::<usize>()
    );
    if !wish.dry_run {
        publish(config, items).await?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn publish(config: Config, items: Vec<ImportedItem>) -> Result<()> {
    let app = App::open(config).await?;
    let ctx = app.ctx.clone();
    let n = items.len();
    let items = std::sync::Arc::new(items);
    app.ctx
        .db
        .write(move |tx| {
            for imported in items.iter() {
                let new = NewVersion {
                    item: imported.item.clone(),
                    form: None,
                    as_imported: true,
                };
                tongban_catalogue::publish(&ctx, tx, &new)?;
            }
            Ok(())
        })
        .await?;
    println!("已导入 {n} 个事项");
    Ok(())
}

async fn calendar(config: Config, json: &str, dry_run: bool) -> Result<ExitCode> {
    if dry_run {
        let mut calendar = tongban_limits::Calendar::empty();
        let year = calendar
            .import_holiday_cn(json)
            .map_err(|source| Error::invalid("calendar.import", source.to_string()))?;
        println!("{year} 年：{} 个特殊日", calendar.special_days().count());
        return Ok(ExitCode::SUCCESS);
    }
    let app = App::open(config).await?;
    let year = tongban_cases::import_calendar(&app.ctx, json).await?;
    println!("已导入 {year} 年的节假日安排");
    Ok(ExitCode::SUCCESS)
}
