//! A result store that cannot take a result.

use std::process::Command;

use serde_json::json;
use warren_trino::testing::FakeTrino;

use super::pages;
use crate::harness::{Stack, TestServer, skipped};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_is_not_there_fails_the_job_not_the_server() {
    let Some(stack) = Stack::real("faults::results::a_bucket_that_is_not_there_fails_the_job_not_the_server") else {
        return;
    };
    let server = TestServer::start_with(stack, |_, settings| {
        settings.insert("WARREN_RESULTS_URL".to_owned(), "s3://no-such-bucket-here/results".to_owned());
    })
    .await;
    let job = server.run("SELECT 1").await;
    assert_eq!(
        (&job["status"], &job["error"]["code"]),
        (&json!("FAILED"), &json!("RESULT_STORE_UNAVAILABLE")),
        "{job:#}"
    );
    let ready = server.get("/readyz").await.text();
    assert!(ready.contains("results"), "{ready}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_fails_the_job_and_leaves_nothing_half_written() {
    const TEST: &str = "faults::results::a_full_disk_fails_the_job_and_leaves_nothing_half_written";
    let Some(disk) = SmallDisk::mount() else {
        skipped(TEST, "the right to mount a small disk");
        return;
    };
    let fake = FakeTrino::start().await.unwrap();
    // Numbers without a pattern, so that compression does not make them fit.
    let rows: Vec<i64> = (1..60_000_i64).map(|n| n.wrapping_mul(0x5851_F42D_4C95_7F2D)).collect();
    fake.on_query(move |sql| if sql.contains("small") { pages(&[&[1]]) } else { pages(&[&rows]) });
    let (trino, results) = (fake.url().to_string(), format!("file://{}", disk.path()));
    let server = TestServer::start_with(Stack::Embedded, |_, settings| {
        settings.insert("WARREN_TRINO_URL".to_owned(), trino);
        settings.insert("WARREN_RESULTS_URL".to_owned(), results);
    })
    .await;
    let job = server.run("SELECT large").await;
    assert_eq!(
        (&job["status"], &job["error"]["code"]),
        (&json!("FAILED"), &json!("RESULT_STORE_UNAVAILABLE")),
        "{job:#}"
    );
    assert_eq!(job["error"]["retryable"], true);
    server.finished("SELECT small").await;
    server.stop().await;
}

/// A disk of a quarter of a megabyte.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::TempDir::new().unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }

    fn path(&self) -> String {
        self.0.path().display().to_string()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).output();
    }
}
