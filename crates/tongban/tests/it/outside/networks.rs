//! Where the program goes and where it does not: private networks, certificates.

use std::sync::Arc;

use jiff::SignedDuration;
use tokio::io::AsyncWriteExt as _;
use tongban_outside::model::Networks;
use tongban_outside::{Client, NewSystem, deliveries, register, test_delivery};
use tongban_storage::Engine;

use super::{Receiver, beside_the_city, delivered, organ_of, registered};
use crate::city::City;

beside_the_city!(certificates_are_checked,);

/// Without a word of the operator nothing of this machine or of private networks is reached, not even by name.
async fn nothing_private_is_reached(city: City) {
    city.settle().await;
    let receiver = Receiver::default();
    let url = receiver.served().await;
    let manager = city.person("dhscjg-item-manager").await;
    let port = url.rsplit(':').next().expect("a port");
    for url in [
        &format!("{url}/ok"),
        &format!("https://127.0.0.1:{port}/ok"),
        "https://[::1]/",
        "https://169.254.169.254/",
    ] {
        let new = NewSystem {
            code: "x1".to_owned(),
            organ: organ_of(&manager),
            name: "x".to_owned(),
            url: url.to_owned(),
            events: Vec::new(),
        };
        let refused = register(&manager, "register-private", new).await;
        assert_eq!(refused.expect_err(url).code(), "outside.invalid");
    }
    let (id, ..) = registered(
        &manager,
        "by-name",
        &format!("https://localhost:{port}/ok"),
        &[],
    )
    .await;
    test_delivery(&manager, "test-key-01", id)
        .await
        .expect("in line");
    delivered(&city.app.ctx).await;
    let log = deliveries(&manager, id, None, 10)
        .await
        .expect("a log")
        .remove(0);
    assert!(log.error.expect("refused").contains("不允许访问的网段"));
    assert!(receiver.came().is_empty());
}

#[test]
fn nothing_private_is_reached_by_default() {
    tongban_testkit::block_on(async {
        nothing_private_is_reached(City::new(Engine::Sqlite).await).await
    });
}

/// Answers everything with 200 over TLS, under a certificate for `localhost` of an authority of these tests.
async fn guarded() -> u16 {
    use tokio::io::AsyncReadExt as _;
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio_rustls::rustls::{ServerConfig, crypto::ring};

    let certificate =
        CertificateDer::from_pem_slice(include_bytes!("tls/server.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key.pem")).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a pair");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut request = vec![0; 64 * 1024];
            let _ = stream.read(&mut request).await;
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .await;
            let _ = stream.flush().await;
        }
    });
    port
}

async fn certificates_are_checked(city: City) {
    let port = guarded().await;
    let manager = city.person("dhscjg-item-manager").await;
    let (named, ..) = registered(
        &manager,
        "named",
        &format!("https://localhost:{port}/in"),
        &[],
    )
    .await;
    let (bare, ..) = registered(
        &manager,
        "bare",
        &format!("https://127.0.0.1:{port}/in"),
        &[],
    )
    .await;
    let with = |authorities: Option<&std::path::Path>| {
        let networks = Networks::parse("127.0.0.1/32, ::1/128").expect("networks");
        let client = Client::new(networks, authorities).expect("a client");
        let mut ctx = city.app.ctx.clone();
        ctx.parts = ctx.parts.with(client);
        ctx
    };
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/outside/tls/ca.pem");
    test_delivery(&manager, "test-key-01", named)
        .await
        .expect("in line");
    test_delivery(&manager, "test-key-02", bare)
        .await
        .expect("in line");
    // The machine does not know the authority.
    delivered(&with(None)).await;
    let last = |log: Vec<tongban_outside::Delivery>| {
        (
            log[0].state.clone(),
            log[0].error.clone().unwrap_or_default(),
        )
    };
    let (state, error) = last(deliveries(&manager, named, None, 10).await.expect("a log"));
    assert!(
        state == "waiting" && error.contains("TLS"),
        "{state} {error}"
    );
    city.clock.advance(SignedDuration::from_secs(10));
    delivered(&with(Some(own.as_ref()))).await;
    let (state, error) = last(deliveries(&manager, named, None, 10).await.expect("a log"));
    assert_eq!((state.as_str(), error.as_str()), ("done", ""));
    // Its certificate is for another name.
    let (state, error) = last(deliveries(&manager, bare, None, 10).await.expect("a log"));
    assert!(
        state == "waiting" && error.contains("TLS"),
        "{state} {error}"
    );
}
