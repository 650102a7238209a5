//! The one way out: a POST to a checked address. The name is resolved here, every address of it judged, and the connection made to
//! one that was judged; there are no redirects, no proxies, no cookies; the answer's body is not read.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, header};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tongban_kernel::{Error, Result};

use crate::model::{Networks, Target, retry_after};

/// The longest that one try may take, from the name to the head of the answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// Largest head of an answer, bytes.
const HEAD_MAX: usize = 16 * 1024;
/// Where systems keep the certificates of the authorities that they trust.
const BUNDLES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Reaches the systems of organs.
#[derive(Clone)]
pub struct Client {
    networks: Networks,
    tls: TlsConnector,
    patience: Duration,
}

/// The head of an answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<SignedDuration>,
}

/// What is sent.
pub(crate) struct Letter<'a> {
    pub(crate) id: &'a str,
    pub(crate) at: Timestamp,
    pub(crate) signature: &'a str,
    pub(crate) body: &'a str,
}

impl Client {
    /// `networks`: private ones that may be reached; `authorities`: a file with certificates, else those that the machine trusts.
    pub fn new(networks: Networks, authorities: Option<&Path>) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        let files: Vec<&Path> = match authorities {
            Some(file) => vec![file],
            None => BUNDLES
                .iter()
                .map(Path::new)
                .filter(|file| file.exists())
                .take(1)
                .collect(),
        };
        for file in files {
            let unreadable = |what: String| {
                Error::invalid(
                    "config.outside_ca",
                    format!("读不到证书文件 {}：{what}", file.display()),
                )
            };
            let found = CertificateDer::pem_file_iter(file)
                .map_err(|source| unreadable(source.to_string()))?;
            let (added, _) = roots.add_parsable_certificates(found.flatten());
            if added == 0 {
                return Err(unreadable("没有证书".to_owned()));
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|source| Error::internal("TLS").source(source))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            networks,
            tls: TlsConnector::from(Arc::new(config)),
            patience: PATIENCE,
        })
    }

    /// With another patience, for tests.
    #[must_use]
    pub fn patient_for(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Whether an address could be reached as far as it tells itself; names are judged when they are resolved.
    pub(crate) fn sound(&self, url: &str) -> Option<Target> {
        let target = Target::parse(url)?;
        match target.host.parse::<IpAddr>() {
            Ok(ip) => self.networks.allow(ip, target.tls).then_some(target),
            Err(_) => Some(target),
        }
    }

    /// Sends, and waits for the head of the answer. The error is a sentence for the log of deliveries.
    pub(crate) async fn post(&self, url: &str, letter: &Letter<'_>) -> Result<Answer, String> {
        match tokio::time::timeout(self.patience, self.send(url, letter)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(format!("{} 秒内没有答复", self.patience.as_secs())),
        }
    }

    async fn send(&self, url: &str, letter: &Letter<'_>) -> Result<Answer, String> {
        let target = Target::parse(url).ok_or("地址不对")?;
        let stream = self.connect(&target).await?;
        if !target.tls {
            return exchange(stream, &target, letter).await;
        }
        let name =
            ServerName::try_from(target.host.clone()).map_err(|_| "证书不能核对这个主机名")?;
        let stream = self.tls.connect(name, stream).await;
        exchange(
            stream.map_err(|error| format!("TLS：{error}"))?,
            &target,
            letter,
        )
        .await
    }

    async fn connect(&self, target: &Target) -> Result<TcpStream, String> {
        let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
        let found: Vec<SocketAddr> = found.map_err(|_| "主机名解析不到")?.collect();
        // One address that must not be reached speaks against the name as a whole: it may answer with another one next time.
        let ips = found.iter().map(SocketAddr::ip);
        if !self.networks.allow_all(ips, target.tls) {
            return Err("地址在不允许访问的网段（配置项 outside_networks）".to_owned());
        }
        let mut last = String::new();
        for one in found.iter().take(4) {
            match TcpStream::connect(one).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = format!("连接不上：{}", error.kind()),
            }
        }
        Err(last)
    }
}

async fn exchange<S>(stream: S, target: &Target, letter: &Letter<'_>) -> Result<Answer, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .max_buf_size(HEAD_MAX)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|_| "连接中断")?;
    let request = Request::builder()
        .method(Method::POST)
        .uri(&target.path)
        .header(header::HOST, &target.authority)
        .header(
            header::CONTENT_TYPE,
            "application/cloudevents+json; charset=utf-8",
        )
        .header(
            header::USER_AGENT,
            concat!("tongban/", env!("CARGO_PKG_VERSION")),
        )
        .header(header::CONNECTION, "close")
        .header("webhook-id", letter.id)
        .header("webhook-timestamp", letter.at.as_second().to_string())
        .header("webhook-signature", letter.signature)
        .body(Full::new(Bytes::from(letter.body.to_owned())))
        .map_err(|_| "请求写不成")?;
    let answered = sender.send_request(request);
    tokio::pin!(connection, answered);
    let answer = tokio::select! {
        answer = &mut answered => answer,
        _ = &mut connection => answered.await,
    };
    // Dropping both ends the connection, however much of a body is still to come.
    let answer = answer.map_err(|_| "没有得到 HTTP 答复".to_owned())?;
    let asked = answer.headers().get(header::RETRY_AFTER);
    Ok(Answer {
        status: answer.status().as_u16(),
        retry_after: asked
            .and_then(|text| text.to_str().ok())
            .and_then(|text| retry_after(text, letter.at)),
    })
}
