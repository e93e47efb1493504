//! Measures how names are resolved: 20 names that are known, 20 that OpenMetadata must be asked for, and 1,000 at once that
//! ask for the same. OpenMetadata is the stand-in, which answers each request after 20 ms. `scripts/bench names` runs it.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement prints its table, and stops where it cannot go on"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;
use warren::catalog::{Catalog, Installation, Mapping, Purpose, Wanted};
use warren::directory::{Ages, Directory, Services, TrinoCatalogs};
use warren::store::{Store, StoreOptions};
use warren::time::System;
use warren::worker::{Cluster, Clusters};
use warren_openmetadata::testing::{BOT_TOKEN, Fault, StandIn};
use warren_openmetadata::{Client, Options, ServerVersion, StaticToken};
use warren_trino::ClusterOptions;

const NAMES: usize = 20;
const COLD_ROUNDS: usize = 50;
const WARM_ROUNDS: usize = 20_000;
const AT_ONCE: usize = 1000;
const DELAY: Duration = Duration::from_millis(20);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let stand_in = StandIn::start(ServerVersion::new(2, 0, 7)).await.unwrap();
    for round in 0..COLD_ROUNDS {
        for parts in names(round) {
            stand_in.seed_table(&parts.join("."), json!([{"name": "id", "dataType": "BIGINT"}])).unwrap();
        }
    }
    stand_in.edit("database", "pg_prod.sales", &json!({"extension": {"trinoCatalog": "pg_sales"}})).unwrap();
    stand_in.break_always(Some(Fault::Slow(DELAY)));
    let folder = tempfile::tempdir().unwrap();
    let directory = directory(&stand_in, &format!("sqlite://{}/names.db", folder.path().display())).await;
    let catalog = Catalog::new(Mapping::default()).of(Installation::default());

    let mut cold = Vec::new();
    for round in 0..COLD_ROUNDS {
        cold.push(resolve(&directory, &catalog, &names(round)).await);
    }
    let mut warm = Vec::new();
    for _ in 0..WARM_ROUNDS {
        warm.push(resolve(&directory, &catalog, &names(0)).await);
    }
    let asked = stand_in.exchanges().len();
    let unknown = vec!["pg_prod.sales.public.nobody".split('.').map(str::to_owned).collect::<Vec<_>>()];
    let wanted = wanted(&catalog, &unknown);
    join_all((0..AT_ONCE).map(|_| directory.facts(wanted.clone(), &catalog))).await;
    let tables =
        stand_in.exchanges().into_iter().skip(asked).filter(|own| own.target.contains("/tables/name/")).count();

    println!("| what | p50 ms | p99 ms | most ms |\n|---|---:|---:|---:|");
    row(&format!("{NAMES} names, known"), warm);
    row(&format!("{NAMES} names, unknown, OpenMetadata answers in {} ms", DELAY.as_millis()), cold);
    println!("\n{AT_ONCE} at once for one unknown name: {tables} request for the table");
}

/// Names that no other round has.
fn names(round: usize) -> Vec<Vec<String>> {
    let table = |number: usize| format!("t{round}_{number}");
    (0..NAMES).map(|number| ["pg_prod", "sales", "public", &table(number)].map(str::to_owned).to_vec()).collect()
}

fn wanted(catalog: &Catalog, names: &[Vec<String>]) -> Vec<Wanted> {
    names
        .iter()
        .flat_map(|parts| catalog.table_wanted(parts).into_iter().chain(catalog.database_wanted(parts)))
        .collect()
}

/// How long it takes until all names are Trino's, in milliseconds.
async fn resolve(directory: &Directory, catalog: &Catalog, names: &[Vec<String>]) -> f64 {
    let begin = Instant::now();
    let facts = directory.facts(wanted(catalog, names), catalog).await;
    let catalog = catalog.with_facts(facts);
    for parts in names {
        assert!(catalog.table(parts, Purpose::Use).is_ok_and(|found| found.is_some()), "{parts:?}");
    }
    begin.elapsed().as_secs_f64() * 1000.0
}

async fn directory(stand_in: &StandIn, database: &str) -> Directory {
    let options =
        StoreOptions { url: database.to_owned().into(), max_connections: 10, acquire_timeout: Duration::from_secs(5) };
    let store = Store::connect(&options).await.unwrap();
    store.migrate().await.unwrap();
    let token = StaticToken::new(BOT_TOKEN.to_owned().into());
    let client = Client::new(Options::new(stand_in.base_url()).with_token(token)).unwrap();
    let nowhere = warren_trino::Client::new(ClusterOptions::new("http://127.0.0.1:9".parse().unwrap())).unwrap();
    let clusters = Clusters::new(vec![Cluster { name: "none".to_owned(), client: nowhere }]).unwrap();
    let (fresh, stale) = (Duration::from_mins(10), Duration::from_hours(24));
    let ages = Ages { fresh, stale, lookup: Duration::from_secs(5), repair: None };
    let trino = TrinoCatalogs::new(clusters, "warren".to_owned());
    Directory::new(&client, store, Arc::new(System), ages, trino, Services::Ignored)
}

fn row(what: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!("| {what} | {:.3} | {:.3} | {:.3} |", at(50), at(99), at(100));
}
