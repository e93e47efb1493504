//! Credentials and certificates: what is sent to whom, and what never shows.

#![expect(clippy::unwrap_used, reason = "a file of tests")]

use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use warren_trino::testing::{FakeTrino, Script};
use warren_trino::{Auth, BuildError, Client, ClusterOptions, Error, NextUri, RetryPolicy, Session, Verification};

const ROOT: &[u8] = include_bytes!("fixtures/tls-root.pem");

fn basic(user: &str, password: &str) -> Auth {
    Auth::Basic { user: user.into(), password: password.into() }
}

async fn first_next(client: &Client) -> Result<NextUri, Error> {
    Ok(client.submit("select 1", &Session::new("ana")).await?.next.unwrap())
}

#[tokio::test]
async fn credentials_go_with_every_request() {
    async fn check(auth: Auth, header: &str) {
        let fake = FakeTrino::start().await.unwrap();
        fake.on_query(|_sql| Script::new().page("[[1]]"));
        fake.require_authorization(header);
        let client = Client::new(ClusterOptions { auth, ..ClusterOptions::new(fake.url()) }).unwrap();
        let next = first_next(&client).await.unwrap();
        let page = client.advance(&next).await.unwrap();
        client.query_state(&page.query_id, "ana").await.unwrap();
        client.cancel(&page.next.unwrap(), &page.query_id, "ana").await.unwrap();
        assert_eq!(fake.requests().len(), 4);
        assert!(fake.requests().iter().all(|request| request.header("authorization") == Some(header)));
        assert_eq!(fake.submitted()[0].header("x-trino-user"), Some("ana"));
    }
    check(basic("warren", "s3cret:ü"), "Basic d2FycmVuOnMzY3JldDrDvA==").await;
    check(Auth::Bearer("eyJ.a.b".into()), "Bearer eyJ.a.b").await;
}

#[tokio::test]
async fn wrong_credentials_are_told_and_not_shown() {
    for auth in [basic("warren", "hunter2hunter2"), Auth::Bearer("hunter2hunter2".into())] {
        let fake = FakeTrino::start().await.unwrap();
        fake.require_authorization("Bearer other");
        let options = ClusterOptions { auth, ..ClusterOptions::new(fake.url()) };
        assert!(!format!("{options:?}").contains("hunter2"));
        let client = Client::new(options).unwrap();
        let error = first_next(&client).await.unwrap_err();
        let shown = format!("{error} {error:?} {client:?}");
        assert!(matches!(error, Error::Unauthorized { .. }), "{shown}");
        assert!(shown.contains("Unauthorized: ") && shown.contains("***"), "{shown}");
        assert!(!shown.contains("hunter2") && !shown.contains("d2FycmVu"), "{shown}");
    }
}

#[test]
fn a_cluster_that_cannot_be_used_is_refused() {
    fn check(change: impl FnOnce(&mut ClusterOptions), expect: &str) {
        let mut options = ClusterOptions::new("https://trino.example.org".parse().unwrap());
        change(&mut options);
        assert_eq!(Client::new(options).unwrap_err().to_string(), expect);
    }
    check(
        |options| (options.url, options.auth) = ("http://trino.example.org:8080".parse().unwrap(), basic("w", "p")),
        "credentials for trino.example.org would travel unencrypted over http; use https, or allow plaintext credentials",
    );
    check(
        |options| options.auth = basic("", "p"),
        "the trino user cannot be sent in an HTTP header: it is empty or holds a colon",
    );
    check(
        |options| options.auth = basic("a:b", "p"),
        "the trino user cannot be sent in an HTTP header: it is empty or holds a colon",
    );
    check(
        |options| options.auth = Auth::Bearer("".into()),
        "the trino token cannot be sent in an HTTP header: it is empty",
    );
    check(
        |options| options.auth = Auth::Bearer("a\nb".into()),
        "the trino token cannot be sent in an HTTP header: it holds a control character",
    );
    check(
        |options| options.source = "a\n".into(),
        "the request header x-trino-source cannot be sent: the value holds a control character",
    );
    check(
        |options| options.tls.extra_roots_pem = vec![ROOT.to_vec(), b"-----BEGIN CERTIFICATE-----\nno\n".to_vec()],
        "extra root certificate 2 is not a PEM certificate",
    );
}

#[test]
fn credentials_may_travel_in_the_clear_where_that_is_allowed() {
    let mut options = ClusterOptions::new("http://trino.example.org:8080".parse().unwrap());
    options.auth = basic("w", "p");
    assert!(matches!(Client::new(options.clone()), Err(BuildError::PlaintextCredentials { .. })));
    options.allow_plaintext_credentials = true;
    assert!(Client::new(options.clone()).is_ok());
    options.allow_plaintext_credentials = false;
    options.url = "http://[::1]:8080".parse().unwrap();
    assert!(Client::new(options).is_ok());
}

#[tokio::test]
async fn a_certificate_is_checked_as_far_as_it_is_said() {
    let fake = FakeTrino::start().await.unwrap();
    let (port, _proxy) = tls_before(&fake).await;
    let check = async |host: &str, roots: &[&[u8]], verification: Verification| {
        let mut options = ClusterOptions::new(format!("https://{host}:{port}").parse().unwrap());
        options.tls.extra_roots_pem = roots.iter().map(|pem| pem.to_vec()).collect();
        options.tls.verification = verification;
        options.auth = Auth::Bearer("token".into());
        options.retry = RetryPolicy { deadline: std::time::Duration::ZERO, ..RetryPolicy::default() };
        let client = Client::new(options).unwrap();
        let next = first_next(&client).await?;
        client.advance(&next).await.map(drop)
    };
    check("localhost", &[ROOT], Verification::Full).await.unwrap();
    check("127.0.0.1", &[ROOT], Verification::Ca).await.unwrap();
    check("127.0.0.1", &[], Verification::None).await.unwrap();
    let requests = fake.requests().len();
    for (host, roots, verification) in [
        ("127.0.0.1", &[ROOT] as &[&[u8]], Verification::Full),
        ("localhost", &[], Verification::Full),
        ("localhost", &[], Verification::Ca),
    ] {
        let refused = check(host, roots, verification).await;
        assert!(matches!(refused, Err(Error::Connect { .. })), "{host} {verification:?}: {refused:?}");
    }
    assert_eq!(fake.requests().len(), requests, "nothing is sent over a connection that is not trusted");
}

/// A TLS proxy before the fake, with a certificate for `localhost`; the coordinator answers with its own inner address.
async fn tls_before(fake: &FakeTrino) -> (u16, JoinSet<()>) {
    let certificate = CertificateDer::from(include_bytes!("fixtures/tls-server.der").to_vec());
    let key = PrivateKeyDer::try_from(include_bytes!("fixtures/tls-server-key.der").to_vec()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let inner = (Ipv4Addr::LOCALHOST, fake.url().port().unwrap());
    let mut proxy = JoinSet::new();
    proxy.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((outer, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            connections.spawn(async move {
                if let Ok(mut outer) = acceptor.accept(outer).await {
                    let mut inner = TcpStream::connect(inner).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut outer, &mut inner).await;
                }
            });
        }
    });
    (port, proxy)
}
