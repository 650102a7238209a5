//! A load of keep-alive connections over loopback, with as little work per request as possible.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tongban_kernel::{Error, Result};

/// One request, ready to be written.
pub(super) struct Target(Vec<u8>);

impl Target {
    pub(super) fn submit(token: &str, draft: &str, n: usize) -> Self {
        Self(
            format!(
                "POST /api/v1/drafts/{draft}/submission HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\
                 idempotency-key: bench-{draft}-{n}\r\ncontent-length: 0\r\n\r\n"
            )
            .into_bytes(),
        )
    }
    pub(super) fn get(token: &str, path: &str) -> Self {
        Self(
            format!("GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\naccept-encoding: identity\r\n\r\n")
                .into_bytes(),
        )
    }
}

/// What a round gave.
pub(super) struct Outcome {
    pub(super) good: usize,
    pub(super) bad: usize,
    pub(super) cpu_ms: f64,
    elapsed: Duration,
    /// Sorted, in microseconds.
    times_us: Vec<u64>,
}

impl Outcome {
    pub(super) fn rate(&self) -> f64 {
        self.good as f64 / self.elapsed.as_secs_f64().max(0.001)
    }
    pub(super) fn percentile_ms(&self, percent: usize) -> f64 {
        let at = (self.times_us.len() * percent / 100).min(self.times_us.len().saturating_sub(1));
        self.times_us.get(at).map_or(0.0, |us| *us as f64 / 1000.0)
    }
    pub(super) fn cpu_ms_each(&self) -> f64 {
        self.cpu_ms / (self.good.max(1) as f64)
    }
}

/// Runs `targets` over `clients` connections until they are used up or the time is over.
pub(super) async fn run(
    listen: &str,
    targets: Vec<Target>,
    clients: usize,
    time: Duration,
) -> Result<Outcome> {
    let queue = Arc::new(Mutex::new(VecDeque::from(targets)));
    let begun = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..clients {
        let (queue, listen) = (Arc::clone(&queue), listen.to_owned());
        running.spawn(async move {
            let mut stream = connect(&listen).await?;
            let (mut good, mut bad, mut times) = (0, 0, Vec::new());
            let mut buffer = Vec::with_capacity(64 << 10);
            while begun.elapsed() < time {
                let Some(Target(request)) = queue.lock().await.pop_front() else {
                    break;
                };
                let sent = Instant::now();
                let status = exchange(&mut stream, &request, &mut buffer).await?;
                times.push(u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX));
                if (200..300).contains(&status) {
                    good += 1;
                } else {
                    bad += 1;
                }
            }
            Ok::<_, Error>((good, bad, times))
        });
    }
    let mut outcome = Outcome {
        good: 0,
        bad: 0,
        cpu_ms: 0.0,
        elapsed: Duration::ZERO,
        times_us: Vec::new(),
    };
    while let Some(joined) = running.join_next().await {
        let (good, bad, times) = joined.map_err(|_| Error::internal("client panicked"))??;
        outcome.good += good;
        outcome.bad += bad;
        outcome.times_us.extend(times);
    }
    outcome.elapsed = begun.elapsed();
    outcome.times_us.sort_unstable();
    Ok(outcome)
}

async fn connect(listen: &str) -> Result<TcpStream> {
    let stream = TcpStream::connect(listen)
        .await
        .map_err(|source| Error::unavailable("connect").source(source))?;
    stream
        .set_nodelay(true)
        .map_err(|source| Error::internal("nodelay").source(source))?;
    Ok(stream)
}

fn lost(source: std::io::Error) -> Error {
    Error::unavailable("connection lost").source(source)
}

/// One request and its whole answer; the status.
async fn exchange(stream: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) -> Result<u16> {
    stream.write_all(request).await.map_err(lost)?;
    buffer.clear();
    loop {
        if let Some(status) = complete(buffer) {
            return Ok(status);
        }
        if stream.read_buf(buffer).await.map_err(lost)? == 0 {
            return Err(Error::unavailable("connection closed"));
        }
    }
}

/// The status, once head and body are there. Bodies come with a length or in chunks.
fn complete(buffer: &[u8]) -> Option<u16> {
    let end = buffer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&buffer[..end]).ok()?;
    let status = head.get(9..12)?.parse().ok()?;
    let body = &buffer[end + 4..];
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    if let Some(length) = header("content-length").and_then(|length| length.parse::<usize>().ok()) {
        return (body.len() >= length).then_some(status);
    }
    if header("transfer-encoding").is_some() {
        return body.ends_with(b"0\r\n\r\n").then_some(status);
    }
    Some(status)
}

/// Whether the server answers /readyz with 200.
pub(super) async fn ready(listen: &str) -> bool {
    let Ok(mut stream) = connect(listen).await else {
        return false;
    };
    let request = b"GET /readyz HTTP/1.1\r\nhost: bench\r\n\r\n";
    matches!(
        exchange(&mut stream, request, &mut Vec::new()).await,
        Ok(200)
    )
}

/// The body of one GET.
pub(super) async fn body(listen: &str, token: &str, path: &str) -> Result<String> {
    let mut stream = connect(listen).await?;
    let Target(request) = Target::get(token, path);
    let mut buffer = Vec::new();
    exchange(&mut stream, &request, &mut buffer).await?;
    let text = String::from_utf8_lossy(&buffer).into_owned();
    Ok(text
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.to_owned())
        .unwrap_or_default())
}
