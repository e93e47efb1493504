//! One attempt of a job: the query is sent to Trino, or carried on with where another worker left it, and its pages are
//! collected to the end.

mod ending;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use warren_trino::{Error as TrinoError, ErrorKind, NextUri, Page, QueryError, Session};

use super::collect::{Collected, Collector};
use super::drive::{Driver, LetGo};
use super::lease::{HeldLease, RenewError};
use super::query::Query;
use super::{Cluster, WorkerSettings, problems};
use crate::app::App;
use crate::jobs::{Job, Plan, Remote, Run, State, StoredResult};
use crate::problem::{Code, Problem};

/// How long a job that is canceled waits for Trino to answer that it has the query, so that it can be taken back. A query
/// of which no page was asked for never runs, whether it is taken back or not.
const SUBMIT_AFTER_CANCEL: Duration = Duration::from_secs(2);

/// From this age on the place in a query is stored before each further page is asked for. Before it, a query that
/// another worker starts again has lost next to nothing, and a small query is spared the writes.
const YOUNG: Duration = Duration::from_secs(1);

/// How long a part that does not answer is left alone before it is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// How long a cluster that restarts is left alone before a query is started again.
const PAUSE: Duration = Duration::from_secs(2);

/// One attempt, with what it needs.
pub(super) struct Attempt<'a> {
    pub(super) app: &'a App,
    pub(super) settings: &'a Arc<WorkerSettings>,
    pub(super) lease: &'a HeldLease,
    pub(super) cancel: &'a CancellationToken,
    pub(super) stopping: &'a CancellationToken,
    /// Whether the job is stored. Before it is, Trino may get its query, but nothing may begin to run.
    pub(super) stored: watch::Receiver<bool>,
}

/// How an attempt ended.
pub(super) enum Outcome {
    /// The result is stored.
    Finished(Box<StoredResult>),
    /// The query or its result failed.
    Failed(Box<Problem>),
    /// Somebody asked for it, and Trino has let go of it.
    Canceled,
    /// Trino lost the query, and running it again does no harm.
    Lost,
}

impl Outcome {
    fn failed(problem: Problem) -> Self {
        Self::Failed(Box::new(problem))
    }
}

/// What came instead of a page.
enum Stop {
    Canceled,
    Stopping,
    Trino(TrinoError),
}

/// A query that runs, and the job that it is of.
struct Running<'a> {
    job: &'a Job,
    plan: &'a Plan,
    query: Query<'a>,
    since: Instant,
}

impl Attempt<'_> {
    /// Runs the attempt; the job as it is afterwards, and how the attempt ended.
    pub(super) async fn run(&self, driver: &Driver, job: Job) -> Result<(Job, Outcome), LetGo> {
        if self.cancel.is_cancelled() && job.run().is_some_and(|run| run.remote.is_none()) {
            return Ok((job, Outcome::Canceled));
        }
        let (job, cluster) = match self.attach(driver, job).await? {
            Ok(attached) => attached,
            Err((job, outcome)) => return Ok((job, outcome)),
        };
        let State::Running { plan, run: Run { remote: Some(remote), .. } } = &job.state else {
            return Err(LetGo::LeaseLost);
        };
        let user = job.submission.owner.as_str().to_owned();
        let query = Query { client: &cluster.client, query_id: remote.query_id.clone(), user };
        let running = Running { job: &job, plan, query, since: Instant::now() };
        let outcome = match cluster.client.next_uri(&remote.next_uri) {
            Ok(next) => self.collect(&running, next).await?,
            Err(_unreadable) if plan.repeatable => Outcome::Lost,
            Err(_unreadable) => Outcome::failed(problems::lost(&remote.query_id)),
        };
        Ok((job, outcome))
    }

    /// The job with a query at Trino: the one it has, or a new one, whose id and first page are stored before that page
    /// is asked for.
    async fn attach(&self, driver: &Driver, job: Job) -> Result<Result<(Job, Cluster), (Job, Outcome)>, LetGo> {
        let State::Running { plan, run } = &job.state else { return Err(LetGo::LeaseLost) };
        if let Some(remote) = &run.remote {
            return Ok(match self.app.clusters.named(&remote.cluster) {
                Some(cluster) => {
                    self.lease.note_next(remote.next_uri.clone());
                    Ok((job, cluster.clone()))
                }
                None => {
                    let problem = problems::cluster_gone(&remote.cluster);
                    Err((job, Outcome::failed(problem)))
                }
            });
        }
        let cluster = self.app.clusters.choose().clone();
        let page = match self.submit(&cluster, &job, plan).await? {
            Some(Ok(page)) => page,
            Some(Err(error)) if !self.cancel.is_cancelled() => {
                let problem = problems::of_client(&error);
                return Ok(Err((job, Outcome::failed(problem))));
            }
            // Canceled before Trino said that it has the query, so no page of it was asked for.
            None | Some(Err(_)) => return Ok(Err((job, Outcome::Canceled))),
        };
        let Some(next) = page.next else {
            let outcome = match page.error {
                Some(error) => self.query_failed(&error, plan, &page.query_id).await?,
                None => Outcome::failed(problems::no_first_page()),
            };
            return Ok(Err((job, outcome)));
        };
        let remote = Remote {
            cluster: cluster.name.clone(),
            query_id: page.query_id,
            next_uri: next.as_str().to_owned(),
            info_url: page.info_uri,
        };
        let job = driver.save(job.attach(remote, self.app.clock.now()), &[]).await?;
        Ok(Ok((job, cluster)))
    }

    /// Gives the query to Trino, while the job may still be on its way into the database; nothing when the job is
    /// canceled meanwhile.
    async fn submit(
        &self,
        cluster: &Cluster,
        job: &Job,
        plan: &Plan,
    ) -> Result<Option<Result<Page, TrinoError>>, LetGo> {
        let session = session(job);
        let submitting = async {
            let (page, stored) =
                tokio::join!(cluster.client.submit(&plan.trino_query, &session), is_stored(&self.stored));
            // Trino drops a query whose pages nobody ever asks for, without having run it.
            if stored { Ok(page) } else { Err(LetGo::NotStored) }
        };
        tokio::pin!(submitting);
        tokio::select! {
            biased;
            answer = &mut submitting => answer.map(Some),
            () = self.stopping.cancelled() => Err(LetGo::Stopping),
            () = self.cancel.cancelled() => timeout(SUBMIT_AFTER_CANCEL, submitting).await.ok().transpose(),
        }
    }

    /// The query failed at Trino. Where that shows that a name has gone out of date, what is known of it is asked for anew;
    /// where it shows that the cluster restarts, a statement that can be repeated is.
    async fn query_failed(&self, error: &QueryError, plan: &Plan, query_id: &str) -> Result<Outcome, LetGo> {
        if plan.repeatable && error.kind == ErrorKind::Internal && error.is_retryable() {
            self.wait(PAUSE).await?;
            return Ok(Outcome::Lost);
        }
        let mut problem = problems::of_query(error, plan, query_id, &self.app.catalog);
        if problem.code == Code::StaleFqn.as_str()
            && let Some(model) = problems::stale_model(error, plan)
            && let Some(now) = self.app.reconsider(model).await
        {
            problem.retryable = true;
            problem.hint = Some(format!("the name means '{now}' by now; submit the query again"));
        }
        Ok(Outcome::failed(problem))
    }

    /// Pages to the end, each one written while the next is on its way.
    async fn collect(&self, running: &Running<'_>, first: NextUri) -> Result<Outcome, LetGo> {
        let query = &running.query;
        let mut collector = Collector::new(self.app, running.job, running.plan);
        let mut next = first;
        let mut page = self.page(query, &next).await;
        loop {
            let current = match page {
                Ok(page) => page,
                Err(stop) => return self.stopped(running, stop, &next, collector).await,
            };
            self.lease.note_progress(collector.progress(&current));
            if let Some(error) = &current.error {
                collector.discard().await;
                return self.query_failed(error, running.plan, &query.query_id).await;
            }
            let Some(following) = current.next.clone() else {
                return self.finish(running, &next, collector, &current).await;
            };
            if collector.rows() == 0 && current.rows_json().is_none() {
                self.note_next(running, &following).await?;
            }
            let adding = query.kept_alive(&following, self.settings.heartbeat, collector.add(&current));
            let (collected, fetched) =
                tokio::join!(self.cancel.run_until_cancelled(adding), self.page(query, &following));
            next = following;
            page = match collected {
                Some(Ok(Collected::More)) => fetched,
                Some(Ok(Collected::Enough)) => {
                    query.abandon(&next).await;
                    return self.finish(running, &next, collector, &current).await;
                }
                None => Err(Stop::Canceled),
                Some(Err(problem)) if running.plan.repeatable => {
                    query.abandon(&next).await;
                    collector.discard().await;
                    return Ok(Outcome::Failed(problem));
                }
                Some(Err(_)) => {
                    // What the statement does must come to its end, even if its answer cannot be kept.
                    collector.give_rows_up().await;
                    fetched
                }
            };
        }
    }

    /// Where another worker would carry on; only called while no row was received. What a write did must not be lost, so
    /// for a statement that cannot be repeated it is stored before the page is asked for, however long that takes.
    async fn note_next(&self, running: &Running<'_>, next: &NextUri) -> Result<(), LetGo> {
        let repeatable = running.plan.repeatable;
        self.lease.note_next(next.as_str().to_owned());
        if repeatable && running.since.elapsed() < YOUNG {
            return Ok(());
        }
        let storing = async {
            loop {
                match self.lease.renew().await {
                    Ok(()) => return Ok(()),
                    Err(RenewError::Lost) => return Err(LetGo::LeaseLost),
                    Err(RenewError::Store(error)) => {
                        tracing::warn!(error = ?error, "the place in a query could not be stored");
                        if repeatable {
                            return Ok(());
                        }
                        self.wait(ASK_AGAIN).await?;
                    }
                }
            }
        };
        running.query.kept_alive(next, self.settings.heartbeat, storing).await
    }

    async fn page(&self, query: &Query<'_>, next: &NextUri) -> Result<Page, Stop> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Stop::Canceled),
            () = self.stopping.cancelled() => Err(Stop::Stopping),
            page = query.client.advance(next) => page.map_err(Stop::Trino),
        }
    }

    /// Waits, but not when the process goes down.
    async fn wait(&self, time: Duration) -> Result<(), LetGo> {
        self.stopping.run_until_cancelled(sleep(time)).await.ok_or(LetGo::Stopping)
    }
}

/// Whether the job is stored, once that is known.
pub(super) async fn is_stored(stored: &watch::Receiver<bool>) -> bool {
    stored.clone().wait_for(|stored| *stored).await.is_ok()
}

/// The session of the user who submitted the job.
fn session(job: &Job) -> Session {
    let submission = &job.submission;
    Session {
        catalog: submission.catalog.clone(),
        schema: submission.schema.clone(),
        time_zone: submission.time_zone.clone(),
        client_tags: submission.tags.clone(),
        trace_token: Some(job.id.to_string()),
        properties: submission.session.clone(),
        ..Session::new(submission.owner.as_str())
    }
}
