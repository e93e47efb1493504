//! The life of stored results: they expire, they are deleted with their job, and nothing of any attempt is left behind,
//! whatever breaks off in between. The clock is held still.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use tempfile::TempDir;
use warren::app::{Access, App, AppError, Limits, Parts, RowsRequest, Signals};
use warren::catalog::{Catalog, Mapping};
use warren::jobs::{Job, ResultStatus, StoredResult, Transition, result_folder};
use warren::store::Store;
use warren::time::{Clock, System};
use warren::worker::{Cluster, Clusters};
use warren_results::{ManifestExtras, ResultName, ResultStore, ResultWriter, WriterOptions};
use warren_trino::Column;

use crate::store::fixture::{self, Fixture};
use crate::store::samples::{at, id, new_job, principal, problem, read, result, stored, ways};

/// When the results of these tests expire that do.
const END: i64 = 1000;
const ROWS: RowsRequest = RowsRequest { offset: 0, limit: 10 };

macro_rules! on_both_databases {
    ($($case:ident),+) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::on_sqlite(super::$case).await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::on_postgres(stringify!($case), super::$case).await;
                }
            )+
        }
    };
}

on_both_databases! {
    a_result_is_refused_from_its_end_on_and_then_deleted, a_sweep_that_broke_off_is_finished,
    a_result_that_cannot_be_deleted_is_deleted_later, two_sweepers_do_no_harm,
    a_deleted_job_leaves_nothing_of_its_attempts, a_delete_that_broke_off_is_finished
}

/// A clock that stands where it was put.
#[derive(Debug)]
struct Held(Mutex<DateTime<Utc>>);

impl Clock for Held {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// A process with a database, a folder of results and a clock.
struct World<'a> {
    db: &'a Fixture,
    app: App,
    time: Arc<Held>,
    folder: TempDir,
}

async fn on_sqlite(case: impl AsyncFnOnce(&World<'_>)) {
    fixture::on_sqlite(async |db: &Fixture| case(&World::new(db)).await).await;
}

async fn on_postgres(name: &str, case: impl AsyncFnOnce(&World<'_>)) {
    let on_world = async |db: &Fixture| case(&World::new(db)).await;
    fixture::on_postgres(&format!("results::{name}"), on_world).await;
}

impl<'a> World<'a> {
    fn new(db: &'a Fixture) -> Self {
        let folder = TempDir::new().unwrap();
        let time = Arc::new(Held(Mutex::new(at(5))));
        let app = app(db.store.clone(), folder.path(), &time);
        Self { db, app, time, folder }
    }

    /// Another process on the same database and folder.
    async fn another_process(&self) -> App {
        app(self.db.another_store().await, self.folder.path(), &self.time)
    }

    fn stand_at(&self, seconds: i64) {
        *self.time.0.lock().unwrap() = at(seconds);
    }

    async fn sweep(&self) -> u64 {
        self.app.sweep_results(self.time.now()).await.unwrap()
    }

    /// A job that runs, and of which two attempts that got lost have left a part each.
    async fn running(&self, number: u128) -> Job {
        let job = stored(&self.db.store, new_job(number), &ways()[0].steps[..3]).await;
        for lost in ["1-aaaa", "1-bbbb"] {
            self.writer(&job, lost).await.checkpoint().await.unwrap();
        }
        job
    }

    /// A job that finished with a stored result of one row.
    async fn finished(&self, number: u128, expires_at: Option<DateTime<Utc>>) -> Job {
        let job = self.running(number).await;
        let manifest = self.writer(&job, "2-cccc").await.finish(ManifestExtras::at(at(4))).await.unwrap();
        let result = StoredResult { name: manifest.name.to_string(), rows: 1, truncated: None, expires_at, ..result() };
        self.db.store.save(&job.finish(result, at(4)).unwrap()).await.unwrap()
    }

    /// A job that ended without a result.
    async fn ended(&self, number: u128, end: impl FnOnce(Job) -> Transition) -> Job {
        let job = self.running(number).await;
        self.db.store.save(&end(job)).await.unwrap()
    }

    /// What an attempt has written before it ends.
    async fn writer(&self, job: &Job, attempt: &str) -> ResultWriter {
        let name = ResultName::new(format!("{}/{attempt}", result_folder(job.id, job.created))).unwrap();
        let column =
            Column { name: "n".to_owned(), type_text: "bigint".to_owned(), signature: "bigint".parse().unwrap() };
        let mut writer = self.app.results.writer(name, &[column], WriterOptions::default());
        writer.write(Bytes::from_static(b"[[1]]")).await.unwrap();
        writer
    }

    /// Whether anything is stored of a job.
    fn is_stored(&self, job: &Job) -> bool {
        self.place_of(job).exists()
    }

    fn place_of(&self, job: &Job) -> PathBuf {
        self.folder.path().join(result_folder(job.id, job.created))
    }

    /// Rows of the result, or the code of the problem.
    async fn rows(&self, job: &Job) -> Result<u64, String> {
        code(self.app.get_rows(&job.submission.owner, job.id, ROWS).await.map(|(_, page)| page.rows()))
    }

    async fn delete(&self, job: &Job) -> Result<(), String> {
        code(self.app.delete_job(&job.submission.owner, job.id).await)
    }

    async fn status(&self, job: &Job) -> ResultStatus {
        read(&self.db.store, job).await.result().unwrap().status
    }

    /// Does something while the folders of all results cannot be reached.
    async fn while_away<T>(&self, work: impl Future<Output = T>) -> T {
        let (year, away) = (self.folder.path().join("2026"), self.folder.path().join("away"));
        std::fs::rename(&year, &away).unwrap();
        // Beneath a file there is nothing to list, which is no empty folder.
        std::fs::write(&year, "").unwrap();
        let outcome = work.await;
        std::fs::remove_file(&year).unwrap();
        std::fs::rename(&away, &year).unwrap();
        outcome
    }
}

fn code<T>(outcome: Result<T, AppError>) -> Result<T, String> {
    outcome.map_err(|error| error.problem.code)
}

fn app(store: Store, folder: &Path, time: &Arc<Held>) -> App {
    let results = url::Url::from_directory_path(folder).unwrap();
    let nowhere = warren_trino::ClusterOptions::new("http://127.0.0.1:9".parse().unwrap());
    let cluster = Cluster { name: "none".to_owned(), client: warren_trino::Client::new(nowhere).unwrap() };
    App::new(Parts {
        store,
        results: ResultStore::open(&results, &std::collections::BTreeMap::new()).unwrap(),
        catalog: Catalog::new(Mapping::demo().unwrap()),
        clusters: Clusters::new(vec![cluster]).unwrap(),
        openmetadata: None,
        directory: None,
        managed_catalogs: None,
        webhook_secret: None,
        limits: Limits::default(),
        access: Access::Open { default: principal("warren") },
        clock: time.clone(),
        ids: Arc::new(System),
        signals: Signals::default(),
    })
}

async fn a_result_is_refused_from_its_end_on_and_then_deleted(world: &World<'_>) {
    let ending = world.finished(1, Some(at(END))).await;
    let for_ever = world.finished(2, None).await;
    world.stand_at(END - 1);
    assert_eq!(world.rows(&ending).await, Ok(1));
    assert_eq!(world.sweep().await, 0);
    assert_eq!(world.rows(&ending).await, Ok(1));

    world.stand_at(END);
    assert_eq!(world.rows(&ending).await, Err("RESULT_EXPIRED".to_owned()), "it does not take a sweep");
    assert!(world.is_stored(&ending));
    assert_eq!(world.sweep().await, 1);
    assert!(!world.is_stored(&ending), "nor is anything left of attempts that got lost");
    assert_eq!(world.rows(&ending).await, Err("RESULT_EXPIRED".to_owned()));
    let job = read(&world.db.store, &ending).await;
    let result = StoredResult { status: ResultStatus::Expired, ..ending.result().unwrap().clone() };
    assert_eq!((job.result(), job.version), (Some(&result), ending.version + 1));
    assert_eq!(world.sweep().await, 0);
    assert_eq!(world.rows(&for_ever).await, Ok(1));
}

/// A process is killed after each of the steps of a sweep; another one goes on.
async fn a_sweep_that_broke_off_is_finished(world: &World<'_>) {
    let (untouched, half, gone) =
        (world.finished(1, Some(at(END))).await, world.finished(2, Some(at(END))).await, world.finished(3, None).await);
    world.stand_at(END);
    assert_eq!(world.db.store.expire_results(at(END), 9).await.unwrap(), 2);
    world.db.store.expire_result(gone.id, at(END)).await.unwrap();
    let manifest = world.folder.path().join(&half.result().unwrap().name).join("manifest.json");
    std::fs::remove_file(manifest).unwrap();
    std::fs::remove_dir_all(world.place_of(&gone)).unwrap();

    assert_eq!(world.another_process().await.sweep_results(at(END)).await.unwrap(), 3);
    for job in [untouched, half, gone] {
        assert!(!world.is_stored(&job));
    }
    assert_eq!(world.db.store.expired_results(None, 9).await.unwrap(), []);
}

async fn a_result_that_cannot_be_deleted_is_deleted_later(world: &World<'_>) {
    let job = world.finished(1, Some(at(END))).await;
    world.stand_at(END);
    assert_eq!(world.while_away(world.sweep()).await, 0);
    assert_eq!(world.status(&job).await, ResultStatus::Expired);
    assert_eq!(world.rows(&job).await, Err("RESULT_EXPIRED".to_owned()));
    assert!(world.is_stored(&job));
    assert_eq!(world.sweep().await, 1);
    assert!(!world.is_stored(&job));
}

async fn two_sweepers_do_no_harm(world: &World<'_>) {
    const RESULTS: u64 = 120;
    for number in 1..=RESULTS {
        world.finished(number.into(), Some(at(END))).await;
    }
    world.stand_at(END);
    let other = world.another_process().await;
    let (one, two) = tokio::join!(world.app.sweep_results(at(END)), other.sweep_results(at(END)));
    let rest = world.sweep().await;
    assert_eq!(one.unwrap() + two.unwrap() + rest, RESULTS, "each is counted once");
    assert_eq!(std::fs::read_dir(world.folder.path()).unwrap().count(), 0);
    assert_eq!(world.db.store.expired_results(None, 9).await.unwrap(), []);
}

async fn a_deleted_job_leaves_nothing_of_its_attempts(world: &World<'_>) {
    let jobs = [
        world.finished(1, None).await,
        world.ended(2, |job| job.fail(problem(), at(4)).unwrap()).await,
        world.ended(3, |job| job.cancel(at(4)).unwrap()).await,
    ];
    let neighbour = world.finished(4, None).await;
    for job in jobs {
        assert!(world.is_stored(&job));
        assert_eq!(world.delete(&job).await, Ok(()));
        assert!(!world.is_stored(&job), "{}", job.status().as_str());
        assert_eq!(world.delete(&job).await, Err("NOT_FOUND".to_owned()));
    }
    assert_eq!(world.rows(&neighbour).await, Ok(1));
    let running = world.running(5).await;
    assert_eq!(world.delete(&running).await, Err("JOB_NOT_TERMINAL".to_owned()));
    assert!(world.is_stored(&running));
}

async fn a_delete_that_broke_off_is_finished(world: &World<'_>) {
    let [again, swept] = [world.finished(1, None).await, world.finished(2, Some(at(END))).await];
    for job in [&again, &swept] {
        assert_eq!(world.while_away(world.delete(job)).await, Err("RESULT_STORE_UNAVAILABLE".to_owned()));
        assert_eq!(world.status(job).await, ResultStatus::Expired);
        assert_eq!(world.rows(job).await, Err("RESULT_EXPIRED".to_owned()), "not that the store is away");
    }
    assert_eq!(world.delete(&again).await, Ok(()));
    assert_eq!(world.db.store.job(id(1)).await.unwrap(), None);
    // Nobody tries the other one again.
    assert_eq!(world.sweep().await, 1);
    assert!(!world.is_stored(&again) && !world.is_stored(&swept));
    assert_eq!(world.delete(&swept).await, Ok(()));
}
