//! Serving.

use tokio::net::TcpListener;
use tokio::sync::watch;
use tongban_kernel::{Error, Result};

use crate::app::App;
use crate::config::Config;
use crate::worker;

/// Opens the installation and serves it until it is told to stop.
pub(super) async fn serve(config: Config) -> Result<()> {
    let app = App::open(config).await?;
    run(app, ctrl_c()).await
}

/// Serves `app` until `stop` resolves; requests under way are finished, the workers end after them.
pub(super) async fn run(app: App, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
    let listener = TcpListener::bind(&app.config.listen)
        .await
        .map_err(|source| {
            Error::unavailable(format!("{}: {source}", app.config.listen)).advice(format!(
                "地址 {} 不能监听，可能已被占用；用 --listen 换一个",
                app.config.listen
            ))
        })?;
    if app.index_is_new {
        tongban_catalogue::http::reindex(&app.ctx).await?;
    }
    let (tell, told) = watch::channel(false);
    let workers = tokio::spawn(worker::run(app.ctx.clone(), told));
    tracing::info!("serving on http://{}", app.config.listen);
    axum::serve(listener, app.router())
        .with_graceful_shutdown(stop)
        .await
        .map_err(|source| Error::internal("server").source(source))?;
    let _ = tell.send(true);
    let _ = workers.await;
    Ok(())
}

/// Resolves on Ctrl-C or SIGTERM.
pub(super) async fn ctrl_c() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
