//! OpenLineage as the second sink: what arrives there, and that neither sink waits for the other or is told twice.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use warren::models::Sink;
use warren::openlineage::{OpenLineage, OpenLineageOptions};
use warren_openmetadata::testing::Fault;

use super::world::{SOURCE, TARGET, World, columns, lineage};

const TOKEN: &str = "marquez-token";
const OTHER: &str = "lake.raw.\"2026.csv\"";

/// A receiver of events. Dropping it ends it.
struct Receiver {
    heard: Arc<Mutex<Heard>>,
    client: OpenLineage,
    _server: JoinSet<()>,
}

#[derive(Default)]
struct Heard {
    events: Vec<Value>,
    authorizations: Vec<String>,
    /// The status of the next answers; 201 when there is none left.
    refusals: Vec<u16>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/v1/lineage", listener.local_addr().unwrap()).parse().unwrap();
        let heard: Arc<Mutex<Heard>> = Arc::default();
        let mut server = JoinSet::new();
        let all = Arc::clone(&heard);
        server.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&all)));
            }
        });
        let options = OpenLineageOptions { url, token: Some(TOKEN.into()), namespace: "warren-test".to_owned() };
        Self { heard, client: OpenLineage::new(options).unwrap(), _server: server }
    }

    fn refuse(&self, statuses: &[u16]) {
        self.heard.lock().unwrap().refusals.extend(statuses);
    }

    fn events(&self) -> Vec<Value> {
        self.heard.lock().unwrap().events.clone()
    }
}

async fn serve(stream: TcpStream, heard: Arc<Mutex<Heard>>) {
    let mut stream = BufStream::new(stream);
    loop {
        let (mut length, mut authorization, mut line) = (0, String::new(), String::new());
        while stream.read_line(&mut line).await.unwrap_or(0) > 2 {
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap(),
                "authorization" => authorization = value.trim().to_owned(),
                _ => {}
            }
            line.clear();
        }
        let mut body = vec![0; length];
        if length == 0 || stream.read_exact(&mut body).await.is_err() {
            return;
        }
        let status = {
            let mut heard = heard.lock().unwrap();
            heard.authorizations.push(authorization);
            let refusal = heard.refusals.pop();
            if refusal.is_none() {
                heard.events.push(serde_json::from_slice(&body).unwrap());
            }
            refusal.unwrap_or(201)
        };
        let answer = format!("HTTP/1.1 {status} Done\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
    }
}

fn seed(world: &World) {
    world.stand_in.seed_table(SOURCE, columns(&["id", "price"])).unwrap();
    world.stand_in.seed_table(TARGET, columns(&["id", "total"])).unwrap();
    world.stand_in.put("storageService", &json!({"name": "lake", "serviceType": "S3"})).unwrap();
    world.stand_in.put("container", &json!({"name": "raw", "service": "lake"})).unwrap();
    let raw = world.stand_in.entity("container", "lake.raw").unwrap();
    let parent = json!({"id": raw["id"], "type": "container"});
    let model = json!({"isPartitioned": false, "columns": columns(&["id"])});
    let file = json!({"name": "2026.csv", "service": "lake", "parent": parent, "dataModel": model});
    world.stand_in.put("container", &file).unwrap();
}

pub(super) async fn every_command_is_an_event_that_says_all_of_its_job(world: &World) {
    seed(world);
    let receiver = Receiver::start().await;
    world.restart_with(receiver.client.clone());
    let first = lineage(SOURCE, TARGET, &[("id", &["id"]), ("total", &["price"])]);
    let second = lineage(OTHER, TARGET, &[("id", &["id"])]);
    world.queue(&[first, second]).await;
    world.rounds().await;
    assert_eq!(world.states().await, ["DONE", "DONE"]);
    let events = receiver.events();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0], events[1], "whoever keeps the last one only has it all");
    let event = &events[0];
    let command = world.commands().await.remove(0);
    assert_eq!(event["eventType"], "COMPLETE");
    let time: chrono::DateTime<chrono::Utc> = event["eventTime"].as_str().unwrap().parse().unwrap();
    assert_eq!(time, command.created);
    assert_eq!(event["run"]["runId"], command.command.job_id.to_string());
    assert_eq!((&event["job"]["namespace"], &event["job"]["name"]), (&json!("warren-test"), &json!(TARGET)));
    assert_eq!(event["job"]["facets"]["sql"]["query"], "CREATE TABLE …");
    let file = json!({"namespace": "lake", "name": "raw.\"2026.csv\""});
    let orders = json!({"namespace": "pg", "name": "sales.public.Orders"});
    assert_eq!(event["inputs"], json!([file, orders]));
    let output = &event["outputs"][0];
    assert_eq!((&output["namespace"], &output["name"]), (&json!("trino"), &json!("lake.mart.totals")));
    let fields = &output["facets"]["columnLineage"]["fields"];
    let names = |column: &str| -> Vec<String> {
        let inputs = fields[column]["inputFields"].as_array().unwrap();
        inputs
            .iter()
            .map(|own| format!("{}.{}", own["name"].as_str().unwrap(), own["field"].as_str().unwrap()))
            .collect()
    };
    assert_eq!(names("id"), ["sales.public.Orders.id", "raw.\"2026.csv\".id"]);
    assert_eq!(names("total"), ["sales.public.Orders.price"]);
    assert_eq!(fields["total"]["inputFields"][0]["transformations"][0]["subtype"], "TRANSFORMATION");
    assert!(event["schemaURL"].as_str().unwrap().starts_with("https://openlineage.io/spec/2-0-2/"));
    let heard = receiver.heard.lock().unwrap();
    assert_eq!(heard.authorizations, vec![format!("Bearer {TOKEN}"); 2]);
}

pub(super) async fn a_sink_that_failed_is_told_again_and_the_other_is_not(world: &World) {
    seed(world);
    let receiver = Receiver::start().await;
    world.restart_with(receiver.client.clone());
    receiver.refuse(&[503]);
    world.queue(&[lineage(SOURCE, TARGET, &[("id", &["id"])])]).await;
    world.round().await;
    let (command, wait) = world.waiting(0).await;
    assert_eq!((command.attempts, wait), (0, Duration::from_secs(30)), "an outage of the receiver is no try");
    assert_eq!(command.last_error.unwrap(), "the receiver of OpenLineage's events answered with HTTP 503");
    assert_eq!(command.progress.delivered, [Sink::OpenMetadata]);
    let asked = world.requests("").len();
    world.restart_with(receiver.client.clone());
    world.drain().await;
    assert_eq!((receiver.events().len(), world.requests("").len()), (1, asked), "OpenMetadata has it");

    world.stand_in.break_always(Some(Fault::Status(503)));
    world.queue(&[lineage(SOURCE, TARGET, &[("total", &["price"])])]).await;
    world.round().await;
    assert_eq!(world.waiting(1).await.0.progress.delivered, [Sink::OpenLineage]);
    world.stand_in.break_always(None);
    world.drain().await;
    assert_eq!((receiver.events().len(), world.states().await), (2, vec!["DONE", "DONE"]));
    assert_eq!(world.edge(SOURCE, TARGET).unwrap()["columnsLineage"].as_array().unwrap().len(), 2);
}

pub(super) async fn no_command_dies_while_a_receiver_is_away(world: &World) {
    seed(world);
    let receiver = Receiver::start().await;
    world.restart_with(receiver.client.clone());
    // Of the third the source is gone, so that OpenMetadata alone would give it up.
    let gone = lineage("pg.sales.public.gone", "trino.lake.mart.b", &[("id", &["id"])]);
    world.stand_in.seed_table("trino.lake.mart.a", columns(&["id"])).unwrap();
    world.stand_in.seed_table("trino.lake.mart.b", columns(&["id"])).unwrap();
    let second = lineage(SOURCE, "trino.lake.mart.a", &[("id", &["id"])]);
    world.queue(&[lineage(SOURCE, TARGET, &[("id", &["id"])]), second, gone]).await;
    receiver.refuse(&[503; 1000]);
    let scheduler = world.scheduler();
    for command in scheduler.claim(3, Duration::ZERO).await.unwrap() {
        scheduler.work(command).await;
    }
    assert_eq!(receiver.heard.lock().unwrap().authorizations.len(), 1, "who comes a moment later does not ask again");
    for _ in 0..50 {
        world.round().await;
        world.time.pass(Duration::from_mins(1));
    }
    let waiting = world.commands().await;
    assert!(waiting.iter().all(|command| command.attempts == 0 && !command.state.is_settled()), "{waiting:#?}");
    receiver.heard.lock().unwrap().refusals.clear();
    world.drain().await;
    assert_eq!((world.states().await, receiver.events().len()), (vec!["DONE", "DONE", "DEAD"], 3));
}

pub(super) async fn an_event_that_is_refused_counts_as_a_try(world: &World) {
    seed(world);
    let receiver = Receiver::start().await;
    world.restart_with(receiver.client.clone());
    receiver.refuse(&[400]);
    world.queue(&[lineage(SOURCE, TARGET, &[("id", &["id"])])]).await;
    world.round().await;
    let (command, wait) = world.waiting(0).await;
    assert_eq!((command.attempts, wait), (1, Duration::from_secs(10)));
}
