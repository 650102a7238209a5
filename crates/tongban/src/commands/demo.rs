//! The sample city, ready to try.

use tongban_kernel::Result;

use super::serve::{ctrl_c, run};
use crate::app::App;
use crate::config::Config;
use crate::demo;
use crate::progress::Progress;

/// Loads the sample city (once) and serves it.
pub(super) async fn demo(config: Config) -> Result<()> {
    let app = prepared(config, Progress::stderr()).await?;
    tell(&app.config)?;
    run(app, ctrl_c()).await
}

/// Opens the installation with the sample city in it and its index filled.
pub(super) async fn prepared(config: Config, progress: Progress) -> Result<App> {
    let mut app = App::open(config).await?;
    let fresh = demo::load(&app.ctx, &progress).await?;
    if fresh || app.index_is_new {
        let bar = progress.bar("建立全文索引", 1);
        tongban_catalogue::http::reindex(&app.ctx).await?;
        bar.add(1);
        bar.finish();
        app.index_is_new = false;
    }
    Ok(app)
}

fn tell(config: &Config) -> Result<()> {
    println!();
    println!(
        "  通办示例城市“云州市”（虚构，演示数据）已就绪：  http://{}",
        config.listen
    );
    println!("  数据目录 {}（删除它即可重来）", config.data.display());
    println!();
    println!("  账号（口令都是 {}）：", demo::password()?);
    for account in demo::accounts()? {
        println!(
            "    {:<18} {:<10} {}",
            account.login, account.name, account.role
        );
    }
    println!();
    println!("  可以试试：");
    println!(
        "    1. 首页搜“spjyxk”或“开饭店”，打开“食品经营许可”指南，回答情形问题，在线办理（chenxiaoyun）"
    );
    println!(
        "    2. 用 zhouchuang 预审 → dhscjg-acceptor 受理 → 三个部门 *-reviewer 并联审查 → dhscjg-decider 决定"
    );
    println!(
        "    3. 再用 chenxiaoyun 看进度、领证照、评价、下载存证，然后离线核验：tongban verify proof.json"
    );
    println!("  按 Ctrl-C 停止。");
    println!();
    Ok(())
}
