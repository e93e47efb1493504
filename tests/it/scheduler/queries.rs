//! `QUERY`: what OpenMetadata learns of queries that only read, and what it does not.

use std::time::Duration;

use serde_json::{Value, json};
use warren::models::{Command, ModelCommand, Payload};
use warren_openmetadata::Fqn;
use warren_openmetadata::testing::{Fault, Hard};
use warren_trino::testing::Script;

use super::service::settled;
use super::world::{SOURCE, TARGET, VERSIONS, World, columns, ingestion, lineage};
use crate::openmetadata::Bench;

const TEXT: &str = "SELECT id FROM pg.sales.public.Orders WHERE id > ?";

/// A query that used these.
fn query(used: &[String]) -> ModelCommand {
    let payload = Payload {
        statement: "Query".to_owned(),
        query: TEXT.to_owned(),
        owner: "ada".to_owned(),
        used: used.to_vec(),
        duration_ms: Some(1234),
        ..Payload::default()
    };
    let model_name_fqn = Fqn::of_query("pg", TEXT).unwrap().to_string();
    ModelCommand { command: Command::Query, model_name_fqn, from_fqn: None, payload, ..ingestion(TARGET) }
}

/// Two tables; their ids in the order in which they are counted.
fn seed(world: &World) -> Vec<String> {
    let id = |fqn: &str| world.stand_in.seed_table(fqn, columns(&["id"])).unwrap()["id"].as_str().unwrap().to_owned();
    let mut ids: Vec<String> = [SOURCE, TARGET].map(id).into();
    ids.sort();
    ids
}

/// How often each table was counted.
fn counts(world: &World, ids: &[String]) -> Vec<usize> {
    let of = |id: &String| {
        let sent = world.requests(&format!("PUT /api/v1/usage/table/{id}"));
        sent.iter().filter(|own| own.status == 201).count()
    };
    ids.iter().map(of).collect()
}

/// How often the query was taken.
fn told(world: &World) -> usize {
    world.requests("PUT /api/v1/queries").iter().filter(|own| [200, 201].contains(&own.status)).count()
}

pub(super) async fn a_query_arrives_with_its_tables_and_counts_each_once(world: &World) {
    let ids = seed(world);
    world.queue(&[query(&ids)]).await;
    world.rounds().await;
    assert_eq!(world.states().await, ["DONE"]);
    let entity = world.stand_in.entity("query", &query(&ids).model_name_fqn).unwrap();
    assert_eq!((&entity["query"], &entity["duration"]), (&json!(TEXT), &json!(1234.0)));
    assert_eq!((&entity["processedLineage"], &entity["usedBy"]), (&json!(true), &json!(["ada"])));
    let mut used: Vec<&str> =
        entity["queryUsedIn"].as_array().unwrap().iter().map(|own| own["id"].as_str().unwrap()).collect();
    used.sort_unstable();
    assert_eq!(used, ids);
    assert_eq!((told(world), counts(world, &ids)), (1, vec![1, 1]));
    let sent = world.requests("PUT /api/v1/usage/table/");
    let day = world.commands().await[0].created.format("%Y-%m-%d").to_string();
    assert!(sent.iter().all(|own| own.request == json!({"date": day, "count": 1})), "{sent:#?}");
}

pub(super) async fn what_is_no_table_is_left_out_of_a_query(world: &World) {
    let ids = seed(world);
    world.stand_in.delete("table", TARGET, Hard::Yes).unwrap();
    let nothing = vec!["not an id".to_owned(), uuid::Uuid::nil().to_string()];
    world.queue(&[query(&[ids.clone(), nothing.clone()].concat())]).await;
    world.queue(&[query(&nothing)]).await;
    world.drain().await;
    assert_eq!(world.states().await, ["DONE", "DONE"]);
    let mut counted = counts(world, &ids);
    counted.sort_unstable();
    assert_eq!((told(world), counted), (1, vec![0, 1]));
}

/// Carries out the only command that is due until it has made the request that never gets an answer; then the process dies.
async fn die_at(world: &World, beginning: &str) {
    world.stand_in.break_requests(beginning, &Fault::Slow(Duration::from_hours(1)), 1);
    let scheduler = world.scheduler();
    let claimed = scheduler.claim(1, Duration::ZERO).await.unwrap().remove(0);
    let asked = async {
        while world.stand_in.faults_left() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = scheduler.work(claimed) => panic!("the answer never comes"),
        () = asked => {}
    }
    world.restart();
    world.time.pass(Duration::from_hours(1));
}

pub(super) async fn a_query_is_told_and_counted_once_after_a_crash(world: &World) {
    let ids = seed(world);
    world.queue(&[query(&ids)]).await;
    die_at(world, "PUT /api/v1/queries").await;
    world.drain().await;
    assert_eq!((told(world), counts(world, &ids)), (1, vec![1, 1]));
}

pub(super) async fn no_table_is_counted_twice_after_a_crash(world: &World) {
    let ids = seed(world);
    world.queue(&[query(&ids)]).await;
    // Whether the second count arrived cannot be known, so it is not sent again.
    die_at(world, &format!("PUT /api/v1/usage/table/{}", ids[1])).await;
    assert_eq!(world.commands().await[0].progress.counted, ids);
    world.drain().await;
    assert_eq!((world.states().await, told(world)), (vec!["DONE"], 1));
    assert_eq!(counts(world, &ids), [1, 0]);
}

pub(super) async fn a_count_that_did_not_arrive_is_sent_again(world: &World) {
    let ids = seed(world);
    for status in [403, 404, 429] {
        let before = counts(world, &ids);
        world.queue(&[query(&ids)]).await;
        let second = format!("PUT /api/v1/usage/table/{}", ids[1]);
        world.stand_in.break_requests(&second, &Fault::Status(status), 1);
        world.round().await;
        assert_eq!(counts(world, &ids), [before[0] + 1, before[1]], "{status}");
        world.restart();
        world.drain().await;
        assert_eq!(counts(world, &ids), [before[0] + 1, before[1] + 1], "{status}");
    }
    assert_eq!(told(world), 3, "each command tells its query once");
}

pub(super) async fn a_query_of_a_table_does_not_hold_up_its_lineage(world: &World) {
    let ids = seed(world);
    world.stand_in.break_requests("PUT /api/v1/queries", &Fault::Status(400), 1);
    world.queue(&[query(&ids), lineage(SOURCE, TARGET, &[("id", &["id"])])]).await;
    assert_eq!(world.round().await, 2, "both are due at once");
    assert_eq!(world.states().await, ["QUEUED", "DONE"]);
}

/// The way from a query to OpenMetadata, and that nothing of it happens without the setting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_is_told_without_its_literals_where_that_is_wanted() {
    for version in VERSIONS {
        let quiet = Bench::with(version, &[]).await;
        let bench = Bench::with(version, &[("WARREN_OPENMETADATA_QUERIES", "true")]).await;
        let sql = "SELECT id -- for Ann\nFROM pg_prod.sales.public.orders AS o \
                   JOIN pg_prod.sales.public.orders USING (id) WHERE total > 424242.5 AND 's3cret' <> U&'s3cret too'";
        for bench in [&quiet, &bench] {
            bench.table("pg_prod.sales.public.orders");
            bench.trino.on_query(|_| Script::new().column("id", "bigint").page("[[1]]"));
            bench.server.finished(sql).await;
            bench.server.finished("SELECT 1").await;
            bench.server.finished("SHOW TABLES FROM pg_prod.sales.public").await;
            bench.server.finished("EXPLAIN SELECT id FROM pg_prod.sales.public.orders").await;
        }
        assert_eq!(settled(&quiet.server, 0).await, Vec::<Value>::new());
        let items = settled(&bench.server, 1).await;
        let masked = "SELECT id FROM pg_prod.sales.public.orders AS o \
                      JOIN pg_prod.sales.public.orders USING (id) WHERE total > ? AND ? <> ?";
        assert_eq!((&items[0]["command"], &items[0]["state"]), (&json!("QUERY"), &json!("DONE")), "{items:#?}");
        assert_eq!((&items[0]["payload"]["query"], &items[0]["from_fqn"]), (&json!(masked), &Value::Null));
        let entity = bench.catalogue.entity("query", items[0]["model_name_fqn"].as_str().unwrap()).unwrap();
        assert_eq!((&entity["query"], entity["queryUsedIn"].as_array().unwrap().len()), (&json!(masked), 1));
        let all = format!("{:?}", bench.catalogue.exchanges());
        for hidden in ["s3cret", "424242", "Ann"] {
            assert!(!all.contains(hidden), "{hidden}");
        }
        assert_eq!(bench.requests("/api/v1/usage/table/"), 1);
        assert_eq!((quiet.requests("/api/v1/queries"), quiet.requests("/api/v1/usage")), (0, 0));
        quiet.stop().await;
        bench.stop().await;
    }
}
