//! What makes an answer of OpenMetadata old: changes that are announced, to this process or another one, or that got lost.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;
use warren::catalog::{Answer, Fqn, Known, Wanted};
use warren::directory::{Ages, Change, Directory, KeepUp, Services, TrinoCatalogs};
use warren::time::{Clock, System};
use warren::worker::{Cluster, Clusters};
use warren_openmetadata::testing::{BOT_TOKEN, Fault, Hard, InstantSleeper, StandIn};
use warren_openmetadata::{Client, Options, ServerVersion, StaticToken, parse_events};

use crate::store::fixture::{self, Fixture};

const ORDERS: &str = "pg.sales.public.orders";
const PEOPLE: &str = "pg.sales.public.people";
const FRESH: i64 = 600;
const WEEK: i64 = 7 * 24 * 3600;

/// A clock that stands still until it is moved.
#[derive(Clone, Debug)]
struct Time(Arc<Mutex<DateTime<Utc>>>);

impl Time {
    fn pass(&self, seconds: i64) {
        *self.0.lock().unwrap() += TimeDelta::seconds(seconds);
    }
}

impl Clock for Time {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// An OpenMetadata, a database, and one process beside them.
struct World<'a> {
    catalogue: StandIn,
    db: &'a Fixture,
    time: Time,
    directory: Directory,
}

impl<'a> World<'a> {
    async fn new(db: &'a Fixture) -> Self {
        let catalogue = StandIn::start(ServerVersion::new(2, 0, 7)).await.unwrap();
        let time = Time(Arc::new(Mutex::new(System.now())));
        let own = time.clone();
        catalogue.set_clock(move || own.now().timestamp_millis());
        let directory = directory(&catalogue, db, &time);
        Self { catalogue, db, time, directory }
    }

    /// The directory of another process.
    fn another(&self) -> Directory {
        directory(&self.catalogue, self.db, &self.time)
    }

    fn table(&self, fqn: &str) -> String {
        let table = self.catalogue.seed_table(fqn, json!([{"name": "id", "dataType": "BIGINT"}])).unwrap();
        table["id"].as_str().unwrap().to_owned()
    }

    fn describe(&self, kind: &str, fqn: &str, description: &str) {
        self.catalogue.edit(kind, fqn, &json!({"description": description})).unwrap();
    }

    /// The last event of OpenMetadata.
    fn last(&self) -> Change {
        change(self.catalogue.events().last().unwrap())
    }

    /// How many times OpenMetadata was asked for a table by its name.
    fn asked(&self) -> usize {
        self.catalogue.exchanges().iter().filter(|exchange| exchange.target.contains("/tables/name/")).count()
    }
}

fn directory(catalogue: &StandIn, db: &Fixture, time: &Time) -> Directory {
    let mut options = Options::new(catalogue.base_url()).with_token(StaticToken::new(BOT_TOKEN.into()));
    options.sleeper = Arc::new(InstantSleeper::new());
    let nowhere = warren_trino::ClusterOptions::new("http://127.0.0.1:9".parse().unwrap());
    let cluster = Cluster { name: "none".to_owned(), client: warren_trino::Client::new(nowhere).unwrap() };
    let trino = TrinoCatalogs::new(Clusters::new(vec![cluster]).unwrap(), "warren".to_owned());
    let ages = Ages {
        fresh: Duration::from_secs(600),
        stale: Duration::from_secs(86_400),
        lookup: Duration::from_secs(5),
        repair: None,
    };
    let client = Client::new(options).unwrap();
    Directory::new(&client, db.store.clone(), Arc::new(time.clone()), ages, trino, Services::Ignored)
}

fn change(event: &Value) -> Change {
    Change::of(parse_events(event.to_string().as_bytes()).unwrap().remove(0)).unwrap()
}

fn wanted(fqn: &str) -> Wanted {
    Wanted::Name(Fqn::parse(fqn).unwrap())
}

/// The id of the table of that name, and whether the answer is one from before that could not be asked for again.
async fn id(directory: &Directory, fqn: &str) -> (String, bool) {
    match directory.known(&wanted(fqn)).await {
        Known { answer: Answer::Entity(entity), stale } => (entity.id.clone(), stale),
        other => panic!("{fqn}: {other:?}"),
    }
}

#[tokio::test]
async fn a_change_whose_delivery_failed_is_found_by_polling() {
    fixture::on_sqlite(async |db| {
        let world = World::new(db).await;
        world.table(ORDERS);
        world.table(PEOPLE);
        world.time.pass(3_600);
        let mut keep_up = KeepUp::new(world.directory.clone());
        keep_up.repair().await.unwrap();
        id(&world.directory, ORDERS).await;
        world.time.pass(60);
        world.describe("table", ORDERS, "this delivery fails");
        world.time.pass(300);
        world.describe("table", PEOPLE, "this one arrives");
        world.directory.accept(vec![world.last()]).await.unwrap();
        let asked = world.asked();
        id(&world.directory, ORDERS).await;
        assert_eq!(world.asked(), asked, "nothing was said");
        keep_up.repair().await.unwrap();
        id(&world.directory, ORDERS).await;
        assert_eq!(world.asked(), asked + 1);
        // The next question begins where the last answer ended.
        keep_up.repair().await.unwrap();
        let exchanges = world.catalogue.exchanges();
        let polls = exchanges.iter().filter(|exchange| exchange.target.contains("/v1/events"));
        let since = |target: &str| target.split("timestamp=").nth(1)?.split('&').next()?.parse::<i64>().ok();
        let since: Vec<i64> = polls.map(|poll| since(&poll.target).unwrap()).collect();
        assert_eq!([since[1] - since[0], since[2] - since[1]], [FRESH * 1_000, 360_000], "{since:?}");
    })
    .await;
}

#[tokio::test]
async fn what_another_process_heard_of_is_heard_of_here() {
    fixture::on_sqlite(async |db| {
        let world = World::new(db).await;
        world.table(ORDERS);
        let other = world.another();
        let mut keep_up = KeepUp::new(other.clone());
        keep_up.look().await.unwrap();
        id(&other, ORDERS).await;
        world.describe("table", ORDERS, "new");
        world.directory.accept(vec![world.last()]).await.unwrap();
        let asked = world.asked();
        id(&other, ORDERS).await;
        assert_eq!(world.asked(), asked, "it has not looked yet");
        keep_up.look().await.unwrap();
        id(&other, ORDERS).await;
        assert_eq!(world.asked(), asked + 1);
        keep_up.look().await.unwrap();
        id(&other, ORDERS).await;
        assert_eq!(world.asked(), asked + 1, "each change is taken in once");
        // One whose number is lower is stored a moment after the others.
        db.run("UPDATE om_event SET seq = seq + 10").await.unwrap();
        keep_up.look().await.unwrap();
        id(&other, ORDERS).await;
        world.describe("table", ORDERS, "newer");
        world.directory.accept(vec![world.last()]).await.unwrap();
        db.run("UPDATE om_event SET seq = 5 WHERE seq = (SELECT max(seq) FROM om_event)").await.unwrap();
        let asked = world.asked();
        keep_up.look().await.unwrap();
        id(&other, ORDERS).await;
        assert_eq!(world.asked(), asked + 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_changed_counts_on_while_openmetadata_is_down() {
    fixture::on_sqlite(async |db| {
        let world = World::new(db).await;
        let orders = world.table(ORDERS);
        world.table(PEOPLE);
        assert_eq!(id(&world.directory, ORDERS).await, (orders.clone(), false));
        id(&world.directory, PEOPLE).await;
        world.describe("databaseService", "pg", "somebody edits a text");
        world.directory.accept(vec![world.last()]).await.unwrap();
        world.catalogue.delete("table", PEOPLE, Hard::Yes).unwrap();
        let gone = world.catalogue.events().into_iter().filter(|event| event["eventType"] == "entityDeleted");
        world.directory.accept(gone.map(|event| change(&event)).collect()).await.unwrap();
        world.catalogue.break_always(Some(Fault::Status(503)));
        for directory in [&world.directory, &world.another()] {
            assert_eq!(id(directory, ORDERS).await, (orders.clone(), true));
            let people = directory.known(&wanted(PEOPLE)).await.answer;
            assert!(matches!(people, Answer::Unavailable { .. }), "{people:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_new_table_ends_what_was_taken_for_it() {
    fixture::on_sqlite(async |db| {
        let world = World::new(db).await;
        let (typed, lower) = ("pg.sales.public.Orders", world.table(ORDERS));
        let people = world.table(PEOPLE);
        assert_eq!(id(&world.directory, typed).await.0, lower, "it differs in case only");
        id(&world.directory, PEOPLE).await;
        world.table(typed);
        // The event of the deletion is lost.
        world.catalogue.delete("table", PEOPLE, Hard::Yes).unwrap();
        let again = world.table(PEOPLE);
        assert_ne!(people, again);
        let made = world.catalogue.events().into_iter().filter(|event| event["eventType"] == "entityCreated");
        let made = made.filter(|event| event["entityType"] == "table" && event["entityId"] != json!(lower));
        world.directory.accept(made.map(|event| change(&event)).collect()).await.unwrap();
        for directory in [&world.directory, &world.another()] {
            let answer = directory.known(&wanted(typed)).await.answer;
            assert!(!matches!(&answer, Answer::Entity(entity) if entity.id == lower), "{answer:?}");
            assert_eq!(id(directory, PEOPLE).await.0, again);
        }
    })
    .await;
}

#[tokio::test]
async fn a_rename_ends_the_names_from_before() {
    fixture::on_sqlite(async |db| {
        let world = World::new(db).await;
        world.table(ORDERS);
        id(&world.directory, ORDERS).await;
        let asked = world.asked();
        let renamed = Change {
            id: Uuid::from_u128(1).to_string(),
            event_type: "entityUpdated".to_owned(),
            entity_type: "database".to_owned(),
            entity_id: Uuid::from_u128(2).to_string(),
            fqn: Some("pg.turnover".to_owned()),
            formerly: Some("pg.sales".to_owned()),
            happened: world.time.now(),
        };
        world.directory.accept(vec![renamed]).await.unwrap();
        id(&world.directory, ORDERS).await;
        assert_eq!(world.asked(), asked + 1);
        // Another process reads the name from before in the database.
        let other = world.another();
        id(&other, ORDERS).await;
        assert_eq!(world.asked(), asked + 1);
        KeepUp::new(other.clone()).look().await.unwrap();
        id(&other, ORDERS).await;
        assert_eq!(world.asked(), asked + 2);
    })
    .await;
}

#[tokio::test]
async fn a_table_that_went_without_an_event_does_not_come_back() {
    fixture::on_sqlite(async |db| {
        let world = World::new(db).await;
        world.table(ORDERS);
        id(&world.directory, ORDERS).await;
        world.catalogue.delete("table", ORDERS, Hard::Yes).unwrap();
        world.time.pass(FRESH + 1);
        let missing = world.directory.known(&wanted(ORDERS)).await.answer;
        assert!(matches!(missing, Answer::Missing { .. }), "{missing:?}");
        world.time.pass(60);
        world.catalogue.break_always(Some(Fault::Status(503)));
        for directory in [&world.directory, &world.another()] {
            let unknown = directory.known(&wanted(ORDERS)).await.answer;
            assert!(matches!(unknown, Answer::Unavailable { .. }), "{unknown:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_change_while_many_wait_does_not_make_each_of_them_ask() {
    fixture::on_sqlite(async |db| {
        let world = World::new(db).await;
        world.table(ORDERS);
        world.describe("table", ORDERS, "new");
        let late = Fault::Slow(Duration::from_millis(300));
        world.catalogue.break_requests("GET /api/v1/tables/name/", &late, 1);
        let asking = (0..100).map(|_| id(&world.directory, ORDERS));
        let (known, accepted) = futures::join!(join_all(asking), world.directory.accept(vec![world.last()]));
        accepted.unwrap();
        assert_eq!((known.len(), world.asked()), (100, 1));
        // It was not kept: what was announced may be news to it.
        id(&world.directory, ORDERS).await;
        assert_eq!(world.asked(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_is_too_old_is_purged_though_nobody_asks_for_changes() {
    fixture::on_sqlite(async |db| {
        let world = World::new(db).await;
        world.table(ORDERS);
        id(&world.directory, ORDERS).await;
        world.describe("table", ORDERS, "new");
        world.directory.accept(vec![world.last()]).await.unwrap();
        let keep_up = KeepUp::new(world.directory.clone());
        keep_up.purge().await.unwrap();
        assert_eq!((db.count("om_event").await, db.count("om_entity").await), (1, 1));
        world.time.pass(WEEK + 1);
        keep_up.purge().await.unwrap();
        assert_eq!((db.count("om_event").await, db.count("om_entity").await), (0, 0));
    })
    .await;
}
