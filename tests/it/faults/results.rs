//! A result store that cannot take a result.

use std::process::Command;

use serde_json::{Value, json};
use tokio::time::timeout;
use warren_trino::testing::{FakeTrino, Gate, Script, Step};

use super::{PATIENCE, pages};
use crate::harness::{Relay, Stack, TestServer, skipped, variable};

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
    assert_no_store(&job, "the bucket or folder does not exist");
    let ready = server.get("/readyz").await;
    assert_eq!((ready.status.as_u16(), ready.json()["ready"].clone()), (200, json!(true)), "{}", ready.text());
    let parts = ready.json()["parts"].clone();
    let results = parts.as_array().unwrap().iter().find(|part| part["name"] == "results").unwrap().clone();
    assert_eq!(results["healthy"], false, "{results:#}");
    assert!(results["fault"].as_str().unwrap().contains("the bucket or folder does not exist"), "{results:#}");
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
    assert_no_store(&job, "no space left");
    server.finished("SELECT small").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_took_effect_is_finished_when_the_store_is_back() {
    const TEST: &str = "faults::results::a_write_that_took_effect_is_finished_when_the_store_is_back";
    let Some(stack) = Stack::real(TEST) else { return };
    let endpoint = url::Url::parse(&variable("AWS_ENDPOINT").unwrap()).unwrap();
    let relay = Relay::start(format!("{}:{}", endpoint.host_str().unwrap(), endpoint.port().unwrap())).await;
    let (fake, gate) = (FakeTrino::start().await.unwrap(), Gate::new());
    let insert = Script::new().column("rows", "bigint").page("[[7]]").update("INSERT", Some(7));
    let script = insert.gate(Step::Executing(0), &gate);
    fake.on_query(move |_| script.clone());
    let (trino, address) = (fake.url().to_string(), relay.address);
    let server = TestServer::start_with(stack, |_, settings| {
        settings.insert("WARREN_TRINO_URL".to_owned(), trino);
        settings.insert("AWS_ENDPOINT".to_owned(), format!("http://{address}"));
    })
    .await;
    let submitted = server.post("/api/v1/jobs", &json!({"query": "INSERT INTO memory.default.t SELECT 1"})).await;
    let path = format!("/api/v1/jobs/{}", submitted.json()["id"].as_str().unwrap());
    timeout(PATIENCE, gate.reached()).await.unwrap();
    relay.cut();
    gate.open();
    // Long enough for the driver of the store to give up for the first time.
    let waiting = server.get(&format!("{path}?wait_ms=5000")).await.json();
    assert_eq!(waiting["status"], "RUNNING", "{waiting:#}");
    relay.restore();
    let job = timeout(PATIENCE, async {
        loop {
            let job = server.get(&format!("{path}?wait_ms=5000")).await.json();
            if job["status"] != "RUNNING" {
                return job;
            }
        }
    });
    let job = job.await.unwrap();
    assert_eq!((&job["status"], &job["attempt"]), (&json!("FINISHED"), &json!(1)), "{job:#}");
    assert_eq!((fake.submitted().len(), fake.canceled().len()), (1, 0), "it is neither sent again nor stopped");
    server.stop().await;
}

/// Checks that a job failed because of its store, in a way that somebody has to mend.
#[track_caller]
fn assert_no_store(job: &Value, text: &str) {
    let error = &job["error"];
    assert_eq!(
        (&job["status"], &error["code"], &error["status"]),
        (&json!("FAILED"), &json!("RESULT_STORE_UNAVAILABLE"), &json!(503)),
        "{job:#}"
    );
    assert_eq!((&error["category"], &error["retryable"]), (&json!("EXTERNAL"), &json!(false)), "{job:#}");
    assert!(error["detail"].as_str().unwrap().contains(text), "{job:#}");
    assert!(error["hint"].as_str().unwrap().contains("`warren doctor`"), "{job:#}");
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
