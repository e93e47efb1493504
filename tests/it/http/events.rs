//! Following a job: every change in order, an end, and nothing lost between two connections.

use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{counting, gated, path, server_with};
use crate::harness::TestServer;

const PATIENCE: Duration = Duration::from_secs(60);

/// One event.
#[derive(Debug)]
struct Event {
    id: i64,
    name: String,
    data: Value,
}

/// A stream that is read event by event.
struct Stream {
    answer: Response,
    text: String,
}

impl Stream {
    async fn open(server: &TestServer, job: &Value, last: Option<i64>) -> Self {
        let request = server.request(Method::GET, &format!("{}/events", path(job)));
        let request = match last {
            Some(last) => request.header("last-event-id", last.to_string()),
            None => request,
        };
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { answer, text: String::new() }
    }

    /// The next event; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let event = event(block);
                self.text = rest.to_owned();
                match event {
                    Some(event) => return Some(event),
                    None => continue,
                }
            }
            let chunk = timeout(PATIENCE, self.answer.chunk()).await.unwrap().unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    async fn rest(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }
}

fn event(block: &str) -> Option<Event> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    let data = field("data").map(|data| serde_json::from_str(data).unwrap())?;
    Some(Event { id: field("id")?.parse().unwrap(), name: field("event")?.to_owned(), data })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_status_comes_and_then_the_end() {
    let (fake, gate) = gated().await;
    let server = server_with(&fake, &[]).await;
    let job = server.post("/api/v1/jobs", &json!({"query": "SELECT n FROM t"})).await.json();
    timeout(PATIENCE, gate.reached()).await.unwrap();
    let mut stream = Stream::open(&server, &job, None).await;
    let first = stream.next().await.unwrap();
    assert_eq!((first.name.as_str(), &first.data["status"]), ("status", &json!("RUNNING")));
    assert_eq!((&first.data["id"], &first.data["version"]), (&job["id"], &json!(first.id)));
    gate.open();
    let rest = stream.rest().await;
    let (end, before) = rest.split_last().unwrap();
    assert_eq!(
        (end.name.as_str(), &end.data["status"], &end.data["result"]["rows"]),
        ("end", &json!("FINISHED"), &json!(1))
    );
    let finished = before.last().unwrap();
    assert_eq!((finished.name.as_str(), &finished.data["status"]), ("status", &json!("FINISHED")));
    assert!(before.iter().all(|event| event.name == "progress" || event.data["status"] == "FINISHED"), "{before:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_comes_back_is_told_what_it_missed() {
    let fake = counting(2).await;
    let server = server_with(&fake, &[]).await;
    let job = server.finished("SELECT n FROM t").await;
    let missed = Stream::open(&server, &job, Some(1)).await.rest().await;
    let names: Vec<&str> = missed.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["status", "end"]);
    let known = server.request(Method::GET, &format!("{}/events", path(&job)));
    let known = server.send(known.header("last-event-id", missed[1].id.to_string())).await;
    assert_eq!(known.status, StatusCode::NO_CONTENT, "a browser stops coming back");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_goes_down_lets_everybody_go() {
    let (fake, gate) = gated().await;
    let server = server_with(&fake, &[]).await;
    let job = server.post("/api/v1/jobs", &json!({"query": "SELECT n FROM t"})).await.json();
    timeout(PATIENCE, gate.reached()).await.unwrap();
    let mut waiting = JoinSet::new();
    waiting.spawn(server.request(Method::GET, &format!("{}?wait_ms=60000", path(&job))).send());
    let signals = server.service().app().signals.clone();
    let waits = async {
        while !signals.has_listeners() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, waits).await.unwrap();
    let mut stream = Stream::open(&server, &job, None).await;
    assert!(stream.next().await.is_some());
    // Much less than either of them would wait, and than the server gives to downloads.
    timeout(Duration::from_secs(10), server.stop()).await.unwrap();
    let answer = timeout(PATIENCE, waiting.join_next()).await.unwrap().unwrap().unwrap().unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.json::<Value>().await.unwrap()["status"], "RUNNING");
    assert!(stream.rest().await.iter().all(|event| event.name != "end"), "the job has not ended");
}
