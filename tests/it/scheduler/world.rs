//! What the cases stand on: a database, an OpenMetadata, a clock that moves when somebody sleeps on it, and a scheduler.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;
use warren::app::{Access, App, Limits, Parts, Signals};
use warren::catalog::{Catalog, Mapping};
use warren::config::Publish;
use warren::jobs::{ColumnUsage, Principal};
use warren::lifecycle::Lifecycle;
use warren::models::{ColumnEdge, ColumnOrigin, Command, CommandState, ModelCommand, Payload, QueuedCommand};
use warren::openlineage::OpenLineage;
use warren::scheduler::{Scheduler, SchedulerParts, SchedulerSettings};
use warren::store::{CommandFilter, Store};
use warren::time::{Clock, Ids, System};
use warren::worker::{Cluster, Clusters};
use warren_openmetadata::testing::{BOT_TOKEN, Exchange, PipelineScript, StandIn};
use warren_openmetadata::{
    Client, ColumnLineage, EntityKind, LineageDetails, LineageNode, LineageSource, Options, ServerVersion, Sleeper,
    StaticToken,
};
use warren_results::ResultStore;

use crate::store::fixture::{self, Fixture};
use crate::store::samples::{at, attached, claimed, enqueued, new_job_with, result, stored};

/// The oldest generation and the newest one.
pub(super) const VERSIONS: [ServerVersion; 2] = [ServerVersion::new(1, 4, 8), ServerVersion::new(2, 0, 7)];

/// The table that is made, the table that it is made of, and the pipeline that reads the service of the first.
pub(super) const TARGET: &str = "trino.lake.mart.totals";
pub(super) const SOURCE: &str = "pg.sales.public.Orders";
pub(super) const PIPELINE: &str = "trino.read";

/// Time that passes when somebody sleeps, or when a test says so.
#[derive(Debug)]
pub(super) struct Time {
    /// The stand-in's clock never goes back behind the moment at which it was started, so this one begins after it.
    begin: DateTime<Utc>,
    start: Instant,
    passed: Mutex<Duration>,
}

impl Time {
    pub(super) fn pass(&self, wait: Duration) {
        *self.passed.lock().unwrap() += wait;
    }

    fn passed(&self) -> Duration {
        *self.passed.lock().unwrap()
    }
}

impl Clock for Time {
    fn now(&self) -> DateTime<Utc> {
        self.begin + self.passed()
    }
}

impl Sleeper for Time {
    fn now(&self) -> Instant {
        self.start + self.passed()
    }

    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.pass(wait);
        Box::pin(tokio::task::yield_now())
    }
}

/// Everything around a scheduler.
pub(super) struct World {
    pub(super) app: App,
    pub(super) stand_in: StandIn,
    pub(super) version: ServerVersion,
    pub(super) time: Arc<Time>,
    pub(super) lifecycle: Lifecycle,
    client: Client,
    scheduler: Mutex<Arc<Scheduler>>,
    jobs: Mutex<u128>,
    _folder: TempDir,
}

pub(super) async fn on_sqlite(version: ServerVersion, case: impl AsyncFnOnce(&World)) {
    fixture::on_sqlite(async |db: &Fixture| case(&World::new(db.store.clone(), version).await).await).await;
}

pub(super) async fn on_postgres(name: &str, version: ServerVersion, case: impl AsyncFnOnce(&World)) {
    let on_world = async |db: &Fixture| case(&World::new(db.store.clone(), version).await).await;
    fixture::on_postgres(&format!("scheduler::{name}"), on_world).await;
}

impl World {
    async fn new(store: Store, version: ServerVersion) -> Self {
        let stand_in = StandIn::start(version).await.unwrap();
        let begin = System.now() + Duration::from_secs(1);
        let time = Arc::new(Time { begin, start: Instant::now(), passed: Mutex::default() });
        let clock = Arc::clone(&time);
        stand_in.set_clock(move || Clock::now(&*clock).timestamp_millis());
        let mut options = Options::new(stand_in.base_url()).with_token(StaticToken::new(BOT_TOKEN.into()));
        options.sleeper = time.clone();
        let client = Client::new(options).unwrap();
        let folder = TempDir::new().unwrap();
        let app = app(store, &folder, &client, &time);
        let lifecycle = Lifecycle::default();
        let scheduler = Mutex::new(Arc::new(Scheduler::new(parts(&app, &client, &time, &lifecycle))));
        Self { app, stand_in, version, time, lifecycle, client, scheduler, jobs: Mutex::new(0), _folder: folder }
    }

    /// A process ends and another one begins: nothing is known any more that is not in the database.
    pub(super) fn restart(&self) {
        *self.scheduler.lock().unwrap() = Arc::new(Scheduler::new(self.parts()));
    }

    /// The same with a receiver of OpenLineage's events.
    pub(super) fn restart_with(&self, openlineage: OpenLineage) {
        let parts = SchedulerParts { openlineage: Some(openlineage), ..self.parts() };
        *self.scheduler.lock().unwrap() = Arc::new(Scheduler::new(parts));
    }

    fn parts(&self) -> SchedulerParts {
        parts(&self.app, &self.client, &self.time, &self.lifecycle)
    }

    pub(super) fn scheduler(&self) -> Arc<Scheduler> {
        self.scheduler.lock().unwrap().clone()
    }

    /// A job that finished at the present moment with these commands.
    pub(super) async fn queue(&self, commands: &[ModelCommand]) {
        let number = {
            let mut jobs = self.jobs.lock().unwrap();
            *jobs += 1;
            *jobs
        };
        let job = stored(&self.app.store, new_job_with(number, at(0), |_| {}), &[enqueued, claimed, attached]).await;
        let own = |command: &ModelCommand| ModelCommand { job_id: job.id, ..command.clone() };
        let commands: Vec<ModelCommand> = commands.iter().map(own).collect();
        let finished = job.finish(result(), Clock::now(&*self.time)).unwrap();
        self.app.store.finish(&finished, &commands).await.unwrap();
        self.time.pass(Duration::from_secs(1));
    }

    /// Claims what is due and carries it out; how many commands that was.
    pub(super) async fn round(&self) -> usize {
        let scheduler = self.scheduler();
        let claimed = scheduler.claim(8, Duration::ZERO).await.unwrap();
        let count = claimed.len();
        futures::future::join_all(claimed.into_iter().map(|command| scheduler.work(command))).await;
        count
    }

    /// Rounds until nothing is due.
    pub(super) async fn rounds(&self) {
        while self.round().await > 0 {}
    }

    /// Lets time pass until nothing waits any more.
    pub(super) async fn drain(&self) {
        for _ in 0..100 {
            self.rounds().await;
            if self.commands().await.iter().all(|command| command.state.is_settled()) {
                return;
            }
            self.time.pass(Duration::from_mins(5));
        }
        panic!("the queue is not drained: {:#?}", self.commands().await);
    }

    /// Every command, oldest first.
    pub(super) async fn commands(&self) -> Vec<QueuedCommand> {
        self.app.store.commands(&CommandFilter::default(), None, 1000).await.unwrap().items
    }

    /// The state of every command, oldest first.
    pub(super) async fn states(&self) -> Vec<&'static str> {
        self.commands().await.iter().map(|command| command.state.as_str()).collect()
    }

    /// The command of that place, with how long it waits.
    pub(super) async fn waiting(&self, place: usize) -> (QueuedCommand, Duration) {
        let command = self.commands().await.remove(place);
        let CommandState::Queued { due } = command.state else { panic!("{command:?}") };
        let wait = due.map_or(Duration::ZERO, |due| (due - Clock::now(&*self.time)).to_std().unwrap_or_default());
        (command, wait)
    }

    /// The warnings and the last error of the only command.
    pub(super) async fn only(&self) -> (CommandState, Vec<String>, String) {
        let mut commands = self.commands().await;
        assert_eq!(commands.len(), 1);
        let command = commands.remove(0);
        (command.state, command.progress.warnings, command.last_error.unwrap_or_default())
    }

    /// A pipeline that reads the metadata of a service, which must be there.
    pub(super) fn pipeline(&self, fqn: &str, script: PipelineScript) {
        let (service, name) = fqn.split_once('.').unwrap();
        let service = self.stand_in.entity("databaseService", service).unwrap();
        let body = json!({"name": name, "service": {"id": service["id"], "type": "databaseService"},
            "pipelineType": "metadata", "sourceConfig": {}, "airflowConfig": {}});
        self.stand_in.put("ingestionPipeline", &body).unwrap();
        self.stand_in.script_pipeline(fqn, script).unwrap();
    }

    /// Somebody restores a table in OpenMetadata's console.
    pub(super) async fn restore(&self, fqn: &str) {
        let table = self.stand_in.entity("table", fqn).unwrap();
        let http = reqwest::Client::builder().build().unwrap();
        let url = format!("{}/v1/tables/restore", self.stand_in.base_url());
        let request = http.put(url).bearer_auth(BOT_TOKEN).json(&json!({"id": table["id"]}));
        assert!(request.send().await.unwrap().status().is_success());
    }

    /// The requests so far that begin so.
    pub(super) fn requests(&self, beginning: &str) -> Vec<Exchange> {
        let all = self.stand_in.exchanges().into_iter();
        all.filter(|own| format!("{} {}", own.method, own.target).starts_with(beginning)).collect()
    }

    /// How often a pipeline was started.
    pub(super) fn starts(&self) -> usize {
        self.requests("POST /api/v1/services/ingestionPipelines/trigger").len()
    }

    /// Somebody else tells of the lineage between two tables.
    pub(super) async fn put_edge(&self, from: &str, to: &str, source: LineageSource, lines: &[(&str, &str)]) {
        let line = |(to_column, from_column): &(&str, &str)| ColumnLineage {
            from_columns: vec![format!("{from}.{from_column}")],
            to_column: format!("{to}.{to_column}"),
            function: None,
        };
        let details = LineageDetails {
            sql_query: Some("theirs".to_owned()),
            columns_lineage: lines.iter().map(line).collect(),
            source,
            ..LineageDetails::default()
        };
        let node = |fqn: &str| LineageNode::Named { kind: EntityKind::Table, fqn: fqn.parse().unwrap() };
        self.client.put_lineage(&node(from), &node(to), &details).await.unwrap();
    }

    /// What the edge says, without who wrote it when.
    pub(super) fn edge(&self, from: &str, to: &str) -> Option<Value> {
        let mut edge = self.stand_in.edge(from, to)?;
        for audit in ["updatedAt", "updatedBy"] {
            edge.as_object_mut().unwrap().remove(audit);
        }
        Some(edge)
    }
}

fn app(store: Store, folder: &TempDir, client: &Client, time: &Arc<Time>) -> App {
    let results = url::Url::from_directory_path(folder.path()).unwrap();
    let nowhere = warren_trino::ClusterOptions::new("http://127.0.0.1:9".parse().unwrap());
    let cluster = Cluster { name: "none".to_owned(), client: warren_trino::Client::new(nowhere).unwrap() };
    App::new(Parts {
        store,
        results: ResultStore::open(&results, &std::collections::BTreeMap::new()).unwrap(),
        catalog: Catalog::new(Mapping::demo().unwrap()),
        clusters: Clusters::new(vec![cluster]).unwrap(),
        openmetadata: Some(client.clone()),
        directory: None,
        managed_catalogs: None,
        webhook_secret: None,
        limits: Limits::default(),
        access: Access::Open { default: Principal::parse("warren").unwrap() },
        clock: time.clone(),
        ids: Arc::new(Spread),
        signals: Signals::default(),
    })
}

/// Real ids, but for the random ones' first bytes: waits are not spread.
#[derive(Debug)]
struct Spread;

impl Ids for Spread {
    fn ordered(&self) -> uuid::Uuid {
        System.ordered()
    }

    fn random(&self) -> uuid::Uuid {
        let mut bytes = System.random().into_bytes();
        bytes[..4].fill(0);
        uuid::Uuid::from_bytes(bytes)
    }
}

fn parts(app: &App, client: &Client, time: &Arc<Time>, lifecycle: &Lifecycle) -> SchedulerParts {
    SchedulerParts {
        app: app.clone(),
        openmetadata: client.clone(),
        openlineage: None,
        settings: SchedulerSettings {
            slots: 8,
            lease: Duration::from_hours(1),
            poll: Duration::from_secs(10),
            publish: Publish::Ingest,
        },
        sleeper: time.clone(),
        lifecycle: lifecycle.clone(),
    }
}

pub(super) fn ingestion(target: &str) -> ModelCommand {
    let statement = "CreateTableAsSelect".to_owned();
    let payload =
        Payload { statement, query: "CREATE TABLE …".to_owned(), owner: "ada".to_owned(), ..Payload::default() };
    ModelCommand {
        job_id: crate::store::samples::id(0),
        command: Command::Ingestion,
        model_name_fqn: target.to_owned(),
        from_fqn: None,
        payload,
    }
}

/// Lineage with these columns: each of the target with the ones of the source.
pub(super) fn lineage(source: &str, target: &str, columns: &[(&str, &[&str])]) -> ModelCommand {
    let origin = |name: &&str| ColumnOrigin { column: (*name).to_owned(), usage: ColumnUsage::Expression };
    let edge = |(column, from): &(&str, &[&str])| ColumnEdge {
        column: (*column).to_owned(),
        from: from.iter().map(origin).collect(),
    };
    let own = ingestion(target);
    let payload = Payload { columns: columns.iter().map(edge).collect(), ..own.payload };
    ModelCommand { command: Command::Lineage, from_fqn: Some(source.to_owned()), payload, ..own }
}

/// What a view says that is made of this: all of its lineage.
pub(super) fn of_view(command: ModelCommand) -> ModelCommand {
    let payload = Payload { statement: "CreateView".to_owned(), complete: true, ..command.payload };
    ModelCommand { payload, ..command }
}

/// Columns of a table of OpenMetadata.
pub(super) fn columns(names: &[&str]) -> Value {
    names.iter().map(|name| json!({"name": name, "dataType": "BIGINT"})).collect()
}
