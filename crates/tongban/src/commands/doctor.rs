//! What is wrong with this installation.

use std::process::ExitCode;

use jiff::ToSpan as _;
use tongban_kernel::{ErrorKind, Result};
use tongban_search::{Health, Index};
use tongban_storage::{dead_letters, params, waiting};

use crate::app::{App, index_folder};
use crate::config::Config;
use crate::translog;

/// So long may witnesses be away before somebody has to look.
const UNWITNESSED_HOURS_MAX: i64 = 4;

/// Brings the schema up to date.
pub(super) async fn migrate(config: Config) -> Result<ExitCode> {
    let app = App::open(config).await?;
    println!("存储结构是最新的（{:?}）", app.ctx.db.engine());
    Ok(ExitCode::SUCCESS)
}

/// Checks and reports; status 3 when something is wrong.
pub(super) async fn doctor(config: Config) -> Result<ExitCode> {
    let app = App::open_beside(config).await?;
    let ctx = &app.ctx;
    let mut wrong = 0;
    let mut say = |good: bool, what: String| {
        println!("{} {what}", if good { "✔" } else { "✘" });
        wrong += usize::from(!good);
    };
    let (leaves, under) = translog::sizes(ctx).await?;
    say(
        leaves.saturating_sub(under) < 10_000,
        format!("透明日志 {leaves} 条，已签名检查点覆盖 {under} 条"),
    );
    let own = translog::signed_with_own_keys(ctx).await?;
    say(
        own,
        format!(
            "最新的检查点与本机日志密钥{}",
            if own { "相符" } else { "签名不符" }
        ),
    );
    for (witness, origin, size, at) in translog::last_seen(ctx).await? {
        say(
            true,
            format!("见证人 {witness} 最近于 {at} 见过日志 {origin} 的 {size} 条"),
        );
    }
    if let Some(since) = translog::unwitnessed_since(ctx).await? {
        let waited = ctx.now().duration_since(since);
        say(
            waited.as_hours() < UNWITNESSED_HOURS_MAX,
            format!("日志自 {since} 起的检查点还没有得到见证人签名，新的存证要等"),
        );
    }
    let (queue, dead) = ctx
        .db
        .read(|tx| Ok((waiting(tx)?, dead_letters(tx)?)))
        .await?;
    say(
        dead == 0,
        format!("待投递消息 {queue} 条，放弃的消息 {dead} 条"),
    );
    let today = ctx.clock.today();
    let calendar = tongban_cases::calendar(ctx)?;
    for year in [
        today.year(),
        today
            .checked_add(60.days())
            .map_or(today.year(), |day| day.year()),
    ] {
        say(
            calendar.is_announced(year),
            format!(
                "{year} 年节假日安排{}",
                if calendar.is_announced(year) {
                    "已载入"
                } else {
                    "尚未公布或未导入，期限按暂定计算"
                }
            ),
        );
    }
    let (blobs, missing) = blobs(&app).await?;
    say(
        missing == 0,
        format!("文件 {blobs} 个，缺失或损坏 {missing} 个"),
    );
    let (keys, closed) = sealed(&app).await?;
    say(
        closed == 0,
        format!("抽查数据密钥 {keys} 把，主密钥打不开 {closed} 把"),
    );
    let (cases, differing) = records(&app).await?;
    say(
        differing == 0,
        format!("抽查办件 {cases} 件，记录与状态不一致 {differing} 件"),
    );
    let index = Index::inspect(index_folder(&app.config));
    say(!matches!(index, Health::Broken { .. }), said(&index));
    Ok(if wrong == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    })
}

fn said(index: &Health) -> String {
    match index {
        Health::Absent => "全文索引尚未建立，启动服务时自动建立".to_owned(),
        Health::Whole { documents } => format!("全文索引可用，{documents} 条"),
        Health::Broken { reason } => {
            format!("全文索引不可用：{reason}；重新启动服务时自动重建")
        }
    }
}

/// Every file that a row names is there and whole.
async fn blobs(app: &App) -> Result<(usize, usize)> {
    let named: Vec<String> = app
        .ctx
        .db
        .read(|tx| {
            tx.all(
                "SELECT DISTINCT sha256 FROM attachment UNION SELECT sha256 FROM case_document WHERE sha256 IS NOT NULL
                   UNION SELECT file_sha256 FROM licence WHERE file_sha256 IS NOT NULL",
                params![],
                |row| row.get(0),
            )
        })
        .await?;
    let missing = named
        .iter()
        .filter(|sha256| app.ctx.blobs.get(sha256).is_err())
        .count();
    Ok((named.len(), missing))
}

/// The newest thousand cases and persons: the master key opens their keys.
async fn sealed(app: &App) -> Result<(usize, usize)> {
    let keys: Vec<Vec<u8>> = app
        .ctx
        .db
        .read(|tx| {
            tx.all(
                "SELECT data_key FROM (SELECT data_key FROM case_file ORDER BY submitted_at DESC LIMIT 1000) AS cases
                 UNION ALL
                 SELECT data_key FROM (SELECT data_key FROM person ORDER BY created_at DESC LIMIT 1000) AS persons",
                params![],
                |row| row.get(0),
            )
        })
        .await?;
    let closed = keys
        .iter()
        .filter(|key| app.ctx.vault.unwrap_key(key).is_err())
        .count();
    Ok((keys.len(), closed))
}

/// The newest thousand cases: their record rebuilds their state.
async fn records(app: &App) -> Result<(usize, usize)> {
    let ids: Vec<tongban_kernel::CaseId> = app
        .ctx
        .db
        .read(|tx| {
            tx.all(
                "SELECT id FROM case_file ORDER BY submitted_at DESC LIMIT 1000",
                params![],
                |row| row.id(0),
            )
        })
        .await?;
    let mut differing = 0;
    for id in &ids {
        differing += match tongban_cases::audit_case(&app.ctx, *id).await {
            Ok(agrees) => usize::from(!agrees),
            // A record that cannot even be read differs; a store that does not answer is another matter.
            Err(error) if error.kind() == ErrorKind::Internal => 1,
            Err(error) => return Err(error),
        };
    }
    Ok((ids.len(), differing))
}
