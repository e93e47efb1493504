//! The process is killed, and another one carries on.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Client;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;
use warren_trino::testing::{FakeTrino, Gate, Step};

use super::{PATIENCE, pages};

/// The real program as a process of its own, so that it can be killed.
struct Process {
    child: Child,
    url: String,
}

impl Process {
    async fn start(folder: &Path, trino: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(env!("CARGO_BIN_EXE_warren"))
            .arg("serve")
            .env("WARREN_LISTEN", format!("127.0.0.1:{port}"))
            .env("WARREN_DATA_DIR", folder)
            .env("WARREN_TRINO_URL", trino)
            .env("WARREN_WORKER_LEASE_MS", "600")
            .env("WARREN_WORKER_RENEW_MS", "100")
            .env("WARREN_WORKER_POLL_MS", "50")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let process = Self { child, url: format!("http://127.0.0.1:{port}") };
        timeout(PATIENCE, async {
            while process.get("/readyz").await.is_none() {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
        process
    }

    async fn get(&self, path: &str) -> Option<Value> {
        let answer = Client::builder().build().unwrap().get(format!("{}{path}", self.url)).send().await.ok()?;
        answer.json().await.ok()
    }

    async fn submit(&self, sql: &str) -> String {
        let client = Client::builder().build().unwrap();
        let answer =
            client.post(format!("{}/api/v1/jobs", self.url)).json(&json!({"query": sql})).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()
    }

    async fn ended(&self, id: &str) -> Value {
        timeout(PATIENCE, async {
            loop {
                let job = self.get(&format!("/api/v1/jobs/{id}?wait_ms=5000")).await.unwrap();
                if !["INIT", "QUEUED", "RUNNING"].contains(&job["status"].as_str().unwrap()) {
                    return job;
                }
            }
        })
        .await
        .unwrap()
    }

    async fn delete(&self, id: &str) -> u16 {
        let client = Client::builder().build().unwrap();
        client.delete(format!("{}/api/v1/jobs/{id}", self.url)).send().await.unwrap().status().as_u16()
    }

    /// `kill -9`.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

async fn rows(process: &Process, id: &str) -> Value {
    process.get(&format!("/api/v1/jobs/{id}/result/rows?numbers=native")).await.unwrap()["rows"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_first_row_the_same_query_is_carried_on_with() {
    let (fake, gate, folder) = (FakeTrino::start().await.unwrap(), Gate::new(), TempDir::new().unwrap());
    let script = pages(&[&[1], &[2]]).queued(1).gate(Step::Executing(0), &gate);
    fake.on_query(move |_| script.clone());
    let trino = fake.url().to_string();
    let first = Process::start(folder.path(), &trino).await;
    let id = first.submit("SELECT n FROM t").await;
    timeout(PATIENCE, gate.reached()).await.unwrap();
    stored_place(folder.path(), "/executing/").await;
    first.kill();
    gate.open();
    let second = Process::start(folder.path(), &trino).await;
    let job = second.ended(&id).await;
    assert_eq!((&job["status"], &job["attempt"]), (&json!("FINISHED"), &json!(1)), "{job:#}");
    assert_eq!(rows(&second, &id).await, json!([[1], [2]]));
    assert_eq!(fake.submitted().len(), 1, "the same query is carried on with");
    second.kill();
}

/// Waits until the place of the only job in its query is stored as one like this.
async fn stored_place(folder: &Path, like: &str) {
    let database = database(folder).await;
    timeout(PATIENCE, async {
        loop {
            let place = Statement::from_string(DbBackend::Sqlite, "SELECT trino_next_uri FROM job");
            let row = database.query_one_raw(place).await.unwrap().unwrap();
            if row.try_get_by_index::<Option<String>>(0).unwrap().is_some_and(|place| place.contains(like)) {
                return;
            }
        }
    })
    .await
    .unwrap();
}

async fn database(folder: &Path) -> DatabaseConnection {
    Database::connect(format!("sqlite://{}", folder.join("warren.db").display())).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_ends_its_workers_is_not_run_for_ever() {
    let (fake, gate, folder) = (FakeTrino::start().await.unwrap(), Gate::new(), TempDir::new().unwrap());
    let script = pages(&[&[1]]).gate(Step::Executing(0), &gate);
    fake.on_query(move |_| script.clone());
    let trino = fake.url().to_string();
    let first = Process::start(folder.path(), &trino).await;
    let id = first.submit("SELECT n FROM t").await;
    timeout(PATIENCE, gate.reached()).await.unwrap();
    first.kill();
    database(folder.path()).await.execute_unprepared("UPDATE job SET takeovers = 10").await.unwrap();
    let second = Process::start(folder.path(), &trino).await;
    let job = second.ended(&id).await;
    assert_eq!((&job["status"], &job["error"]["code"]), (&json!("FAILED"), &json!("QUERY_LOST")), "{job:#}");
    assert!(job["error"]["detail"].as_str().unwrap().contains("10 workers went silent"), "{job:#}");
    second.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_first_rows_the_query_is_started_again_and_no_row_is_doubled() {
    let (fake, gate, folder) = (FakeTrino::start().await.unwrap(), Gate::new(), TempDir::new().unwrap());
    let (held, seen) = (gate.clone(), AtomicUsize::new(0));
    fake.on_query(move |_| match seen.fetch_add(1, Ordering::SeqCst) {
        0 => pages(&[&[1], &[2], &[3]]).gate(Step::Executing(2), &held),
        _ => pages(&[&[1], &[2], &[3]]),
    });
    let trino = fake.url().to_string();
    let first = Process::start(folder.path(), &trino).await;
    let id = first.submit("SELECT n FROM t").await;
    timeout(PATIENCE, gate.reached()).await.unwrap();
    first.kill();
    let second = Process::start(folder.path(), &trino).await;
    let job = second.ended(&id).await;
    assert_eq!((&job["status"], &job["attempt"]), (&json!("FINISHED"), &json!(2)), "{job:#}");
    assert_eq!(rows(&second, &id).await, json!([[1], [2], [3]]));
    assert_eq!(second.delete(&id).await, 204);
    let left = std::fs::read_dir(folder.path().join("results")).unwrap().count();
    assert_eq!(left, 0, "nor is anything left of the attempt that was killed");
    second.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_is_carried_on_with_and_never_sent_twice() {
    let (fake, gate, folder) = (FakeTrino::start().await.unwrap(), Gate::new(), TempDir::new().unwrap());
    let held = gate.clone();
    fake.on_query(move |_| {
        let script = warren_trino::testing::Script::new().column("rows", "bigint").page("").page("[[7]]");
        script.update("INSERT", Some(7)).gate(Step::Executing(1), &held)
    });
    let trino = fake.url().to_string();
    let first = Process::start(folder.path(), &trino).await;
    let id = first.submit("INSERT INTO memory.default.t SELECT 1").await;
    timeout(PATIENCE, gate.reached()).await.unwrap();
    first.kill();
    gate.open();
    let second = Process::start(folder.path(), &trino).await;
    let job = second.ended(&id).await;
    assert_eq!((&job["status"], &job["attempt"]), (&json!("FINISHED"), &json!(1)), "{job:#}");
    assert_eq!(rows(&second, &id).await, json!([[7]]));
    assert_eq!(fake.submitted().len(), 1);
    second.kill();
}
