//! The model queue, as a scheduler of any kind sees it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use warren::time::{Clock as _, System};

use super::{counting, server_with};
use crate::harness::{Answer, TestServer, skipped};

/// A statement with two consequences: an ingestion of the target, and lineage from its source.
fn write(table: &str) -> String {
    format!("CREATE TABLE tpch_demo.memory.default.{table} AS SELECT n.name FROM tpch_demo.tpch.tiny.nation n")
}

async fn claim(server: &TestServer, body: Value) -> Vec<Value> {
    let answer = server.post("/api/v1/model-queue/claim", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["items"].as_array().unwrap().clone()
}

async fn say(server: &TestServer, command: &Value, word: &str, body: Value) -> Answer {
    server.post(&format!("/api/v1/model-queue/{}/{word}", command["id"]), &body).await
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (status, &json!(code)), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_are_claimed_and_settled() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let job = server.finished(&write("t")).await;

    let ingestion = claim(&server, json!({"limit": 10})).await.remove(0);
    assert_eq!(ingestion["command"], "INGESTION", "{ingestion:#}");
    assert_eq!(ingestion["job_id"], job["id"]);
    assert_eq!(ingestion["model_name_fqn"], "tpch_demo.memory.default.t");
    assert_eq!(
        (&ingestion["from_fqn"], &ingestion["attempts"], &ingestion["state"]),
        (&json!(null), &json!(1), &json!("RUNNING"))
    );
    assert_eq!(claim(&server, json!({})).await, [json!(null); 0], "its lineage comes after it");

    let wrong = json!({"lease_token": "00000000-0000-0000-0000-000000000000"});
    refused(&say(&server, &ingestion, "ack", wrong).await, 409, "LEASE_LOST");
    let token = json!({"lease_token": ingestion["lease_token"]});
    for _ in 0..2 {
        let done = say(&server, &ingestion, "ack", token.clone()).await.json();
        assert_eq!(done["state"], "DONE", "{done:#}");
        assert_eq!(done.get("lease_token"), None, "only the claim tells it");
    }

    let lineage = claim(&server, json!({"commands": ["LINEAGE"]})).await.remove(0);
    assert_eq!(lineage["from_fqn"], "tpch_demo.tpch.tiny.nation");
    assert_eq!(
        lineage["payload"]["columns"],
        json!([{"column": "name", "from": [{"column": "name", "use": "identity"}]}])
    );
    let nack = json!({"lease_token": lineage["lease_token"], "retry_after_ms": 0, "reason": "it\u{7} is down"});
    let returned = say(&server, &lineage, "nack", nack).await.json();
    assert_eq!((&returned["state"], &returned["last_error"]), (&json!("QUEUED"), &json!("it  is down")));
    let again = claim(&server, json!({})).await.remove(0);
    assert_eq!((&again["id"], &again["attempts"]), (&lineage["id"], &json!(2)));
    refused(&say(&server, &again, "ack", json!({"lease_token": lineage["lease_token"]})).await, 409, "LEASE_LOST");
    say(&server, &again, "ack", json!({"lease_token": again["lease_token"]})).await;

    refused(&say(&server, &again, "requeue", json!({})).await, 409, "COMMAND_NOT_DEAD");
    refused(&say(&server, &json!({"id": 999}), "ack", token.clone()).await, 404, "NOT_FOUND");
    refused(&say(&server, &json!({"id": "x"}), "ack", token).await, 404, "NOT_FOUND");
    refused(&server.post("/api/v1/model-queue/claim", &json!({"commands": ["X"]})).await, 400, "INVALID_REQUEST");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_is_renewed_and_given_up() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    server.finished(&write("t")).await;
    let own = claim(&server, json!({"lease_ms": 1000})).await.remove(0);
    let renewed = say(&server, &own, "renew", json!({"lease_token": own["lease_token"], "lease_ms": 3_600_000})).await;
    let renewed = renewed.json();
    assert_eq!(renewed["state"], "RUNNING", "{renewed:#}");
    let until = |command: &Value| command["lease_until"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>();
    let longer = until(&renewed).unwrap() - until(&own).unwrap();
    assert!(longer > chrono::TimeDelta::minutes(59), "{longer}");
    let stranger = json!({"lease_token": "00000000-0000-0000-0000-000000000000"});
    refused(&say(&server, &own, "renew", stranger).await, 409, "LEASE_LOST");
    let token = json!({"lease_token": own["lease_token"]});
    refused(&say(&server, &json!({"id": 999}), "renew", token).await, 404, "NOT_FOUND");
    let short = json!({"lease_token": own["lease_token"], "lease_ms": 1});
    refused(&say(&server, &own, "renew", short).await, 400, "INVALID_REQUEST");

    for other in ["retry_after_ms", "hand_back"] {
        let mut both = json!({"lease_token": own["lease_token"], "reason": "gone", "give_up": true});
        both[other] = if other == "hand_back" { json!(true) } else { json!(1) };
        refused(&say(&server, &own, "nack", both).await, 400, "INVALID_REQUEST");
    }
    let never = json!({"lease_token": own["lease_token"], "reason": "gone", "give_up": true});
    let dead = say(&server, &own, "nack", never).await.json();
    assert_eq!((&dead["state"], &dead["attempts"], &dead["last_error"]), (&json!("DEAD"), &json!(1), &json!("gone")));
    assert_eq!(dead["warnings"], json!([]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_is_returned_waits_longer_with_every_try() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    server.finished(&write("t")).await;
    let wait = |command: &Value| {
        let due = command["due"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        // A slow machine takes its time between the answer and this line.
        ((due - System.now()).as_seconds_f64() / 10.0).ceil() * 10.0
    };
    let own = claim(&server, json!({})).await.remove(0);
    let back = json!({"lease_token": own["lease_token"], "hand_back": true, "retry_after_ms": 0, "reason": "down"});
    let back = say(&server, &own, "nack", back).await.json();
    assert_eq!((&back["state"], &back["attempts"]), (&json!("QUEUED"), &json!(0)), "that was no try");
    let own = claim(&server, json!({})).await.remove(0);
    let nack = json!({"lease_token": own["lease_token"], "retry_after_ms": 0, "reason": "down"});
    say(&server, &own, "nack", nack).await;
    let own = claim(&server, json!({})).await.remove(0);
    let nack = json!({"lease_token": own["lease_token"], "reason": "down"});
    let returned = say(&server, &own, "nack", nack.clone()).await.json();
    assert_eq!((&returned["attempts"], wait(&returned)), (&json!(2), 30.0), "{returned:#}");
    refused(&say(&server, &own, "nack", nack).await, 409, "LEASE_LOST");

    server.finished(&write("u")).await;
    let other = claim(&server, json!({})).await.remove(0);
    let nack = json!({"lease_token": other["lease_token"], "reason": "down"});
    assert_eq!(wait(&say(&server, &other, "nack", nack).await.json()), 10.0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_of_one_claim_are_settled_at_once() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    for table in ["a", "b", "c"] {
        server.finished(&write(table)).await;
    }
    let own = claim(&server, json!({"limit": 2})).await;
    let other = claim(&server, json!({"limit": 1})).await.remove(0);
    let ids = json!([own[0]["id"], own[1]["id"], other["id"], 999]);
    let ack = async |body: Value| server.post("/api/v1/model-queue/ack", &body).await;
    for _ in 0..2 {
        let acked = ack(json!({"lease_token": own[0]["lease_token"], "ids": ids})).await;
        let expect = json!({"done": [own[0]["id"], own[1]["id"]], "lost": [other["id"], 999]});
        assert_eq!(acked.json(), expect, "to say it twice does no harm");
    }
    assert_eq!(server.get("/api/v1/model-queue?state=running").await.json()["items"][0]["id"], other["id"]);
    let none = ack(json!({"lease_token": own[0]["lease_token"], "ids": []})).await;
    assert_eq!(none.json(), json!({"done": [], "lost": []}));
    let many: Vec<u32> = (0..1001).collect();
    refused(&ack(json!({"lease_token": own[0]["lease_token"], "ids": many})).await, 400, "INVALID_REQUEST");
    refused(&ack(json!({"ids": [1]})).await, 400, "INVALID_REQUEST");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_says_the_same_is_covered_and_carries_the_names_of_trino() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let insert = "INSERT INTO tpch_demo.memory.default.t SELECT n.name FROM tpch_demo.tpch.tiny.nation n LIMIT 3";
    server.finished(insert).await;
    let second = server.finished(insert).await;
    let items = server.get("/api/v1/model-queue").await.json()["items"].clone();
    let own: Vec<_> = items.as_array().unwrap().iter().map(|own| (&own["state"], &own["covered_by"])).collect();
    let (queued, done) = (json!("QUEUED"), json!("DONE"));
    let (ingestion, lineage) = (&items[0]["id"], &items[1]["id"]);
    assert_eq!(own, [(&queued, &Value::Null), (&queued, &Value::Null), (&done, ingestion), (&done, lineage)]);
    assert_eq!(items[2]["job_id"], second["id"], "each job has its own rows");
    assert_eq!(items[0]["made"], items[2]["created"]);
    assert_eq!(
        items[1]["payload"]["query"],
        "INSERT INTO \"memory\".\"default\".\"t\" SELECT n.name FROM \"tpch\".\"tiny\".\"nation\" n LIMIT 3",
        "what ran, with its own window"
    );
    server.stop().await;
}

/// Nothing is taken for a consumer that has gone away while it waited.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_that_goes_away_takes_nothing() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let body = r#"{"wait_ms": 60000}"#;
    let address = server.url("").replace("http://", "");
    let mut waiting = TcpStream::connect(address.trim_end_matches('/')).await.unwrap();
    let head = "POST /api/v1/model-queue/claim HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
    let request = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    waiting.write_all(request.as_bytes()).await.unwrap();
    waiting.shutdown().await.unwrap();
    // The server closes its side as soon as it has let go of the request.
    let mut answer = Vec::new();
    timeout(Duration::from_secs(30), waiting.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "");
    server.finished(&write("t")).await;
    let own = claim(&server, json!({})).await.remove(0);
    assert_eq!((&own["command"], &own["attempts"]), (&json!("INGESTION"), &json!(1)));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_that_waits_holds_up_no_shutdown() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let request = server.request(reqwest::Method::POST, "/api/v1/model-queue/claim").json(&json!({"wait_ms": 60_000}));
    let mut waiting = JoinSet::new();
    waiting.spawn(request.send());
    // A request that came later is answered, so that the one before is there.
    server.get("/api/v1/model-queue").await;
    timeout(Duration::from_secs(30), server.stop()).await.unwrap();
    timeout(Duration::from_secs(30), waiting.join_all()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_may_wait_for_commands() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let query = write("t");
    let (claimed, _) = tokio::join!(claim(&server, json!({"wait_ms": 30_000})), server.finished(&query));
    assert_eq!(claimed[0]["command"], "INGESTION");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queue_is_listed() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let job = server.finished(&write("a")).await;
    server.finished(&write("b")).await;
    let list = async |query: &str| server.get(&format!("/api/v1/model-queue?{query}")).await.json();
    let first = list("limit=3").await;
    assert_eq!(first["items"].as_array().unwrap().len(), 3);
    let rest = list(&format!("limit=3&cursor={}", first["next_cursor"].as_str().unwrap())).await;
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &json!(null)));
    let of_job = list(&format!("job={}&command=lineage", job["id"].as_str().unwrap())).await;
    assert_eq!(of_job["items"][0]["model_name_fqn"], "tpch_demo.memory.default.a");
    assert_eq!(list("state=done").await["items"], json!([]));
    assert_eq!(list("model=tpch_demo.memory.default.b").await["items"].as_array().unwrap().len(), 2);
    for wrong in ["state=x", "command=x", "job=x", "cursor=x", "limit=0", "nothing=1"] {
        refused(&server.get(&format!("/api/v1/model-queue?{wrong}")).await, 400, "INVALID_REQUEST");
    }
    server.stop().await;
}

/// The program that the documentation hands out to people with a scheduler of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documented_scheduler_works_the_queue_off() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    server.finished(&write("t")).await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/scheduler.py");
    let mut python = tokio::process::Command::new("python3");
    python
        .args([script, "--once"])
        .env("WARREN_SERVER", server.url("").trim_end_matches('/'))
        .env_remove("WARREN_API_TOKEN");
    let output = match python.output().await {
        Ok(output) => output,
        Err(_) => return skipped("http::model_queue::the_documented_scheduler_works_the_queue_off", "python3"),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let expect = "INGESTION  -> tpch_demo.memory.default.t\n\
                  LINEAGE tpch_demo.tpch.tiny.nation -> tpch_demo.memory.default.t\n";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expect);
    let done = server.get("/api/v1/model-queue?state=done").await.json();
    assert_eq!(done["items"].as_array().unwrap().len(), 2, "{done:#}");
    server.stop().await;
}
