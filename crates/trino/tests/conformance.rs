//! The conformance cases, against the fake coordinator and against a real Trino where there is one.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a file of tests")]

use url::Url;
use warren_trino::testing::FakeTrino;
use warren_trino::testing::conformance::{Case, script};
use warren_trino::{Client, ClusterOptions};

/// Runs every case before it fails, so that one look shows all that differs.
async fn check(url: Url) {
    let client = Client::new(ClusterOptions::new(url)).unwrap();
    let mut failed = Vec::new();
    for case in Case::ALL {
        match case.run(&client).await {
            Ok(()) => println!("{case:?}: ok"),
            Err(violation) => failed.push(format!("{case:?}: {violation:?}")),
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test]
async fn the_fake_coordinator_conforms() {
    let fake = FakeTrino::start().await.unwrap();
    fake.on_request(script);
    check(fake.url()).await;
}

#[tokio::test]
async fn a_real_trino_conforms() {
    let Some(url) = real_trino("a_real_trino_conforms") else { return };
    check(url).await;
}

/// The real Trino that the environment names.
#[expect(clippy::disallowed_methods, reason = "a test has no configuration; the variable is that of scripts/services")]
fn real_trino(test: &str) -> Option<Url> {
    match std::env::var("WARREN_TEST_TRINO_URL") {
        Ok(url) => Some(url.parse().expect("WARREN_TEST_TRINO_URL is a url")),
        Err(_) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{test}: WARREN_TEST_TRINO_URL is not set");
            println!("skipped: {test}: WARREN_TEST_TRINO_URL is absent");
            None
        }
    }
}
