//! One attempt of a job: the query is sent to Trino, or carried on with where another worker left it, and its pages are
//! collected to the end.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use warren_trino::{Client, Error as TrinoError, NextUri, Page, QueryError, QueryState, Session};

use super::collect::{Collected, Collector};
use super::drive::{Driver, LetGo};
use super::lease::{HeldLease, RenewError};
use super::{WorkerSettings, problems};
use crate::app::App;
use crate::jobs::{Job, Plan, Remote, Run, State, StoredResult};
use crate::problem::{Code, Problem};

/// How often Trino is asked whether a query that was canceled is gone.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(100);

/// How often Trino hears of a worker that is held up; it drops a query after 5 minutes (`query.client.timeout`).
const HEARTBEAT: std::time::Duration = std::time::Duration::from_mins(1);

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

/// A query that Trino knows.
struct Query<'a> {
    client: &'a Client,
    query_id: String,
    user: String,
    plan: &'a Plan,
}

/// What came instead of a page.
enum Stop {
    Canceled,
    Stopping,
    Trino(TrinoError),
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
        let query = Query {
            client: &cluster,
            query_id: remote.query_id.clone(),
            user: job.submission.owner.as_str().to_owned(),
            plan,
        };
        let outcome = match cluster.next_uri(&remote.next_uri) {
            Ok(next) => self.collect(&job, &query, next).await?,
            Err(_unreadable) => self.lost(&job, &query).await?,
        };
        Ok((job, outcome))
    }

    /// The job with a query at Trino: the one it has, or a new one, whose id and first page are stored before that page
    /// is asked for.
    async fn attach(&self, driver: &Driver, job: Job) -> Result<Result<(Job, Client), (Job, Outcome)>, LetGo> {
        let State::Running { plan, run } = &job.state else { return Err(LetGo::LeaseLost) };
        if let Some(remote) = &run.remote {
            return Ok(match self.app.clusters.named(&remote.cluster) {
                Some(cluster) => {
                    self.lease.note_next(remote.next_uri.clone());
                    Ok((job, cluster.client.clone()))
                }
                None => {
                    let problem = problems::cluster_gone(&remote.cluster);
                    Err((job, Outcome::failed(problem)))
                }
            });
        }
        let cluster = self.app.clusters.choose();
        let session = session(&job);
        let (page, stored) = tokio::join!(cluster.client.submit(&plan.trino_query, &session), is_stored(&self.stored));
        if !stored {
            // Trino drops a query whose pages nobody ever asks for, without having run it.
            return Err(LetGo::NotStored);
        }
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                let problem = problems::of_client(&error);
                return Ok(Err((job, Outcome::failed(problem))));
            }
        };
        let Some(next) = page.next else {
            let outcome = match page.error {
                Some(error) => self.query_failed(&error, plan, &page.query_id).await,
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
        let client = cluster.client.clone();
        let job = driver.save(job.attach(remote, self.app.clock.now()), &[]).await?;
        Ok(Ok((job, client)))
    }

    /// The query failed at Trino. Where that shows that a name has gone out of date, what is known of it is asked for anew.
    async fn query_failed(&self, error: &QueryError, plan: &Plan, query_id: &str) -> Outcome {
        let mut problem = problems::of_query(error, plan, query_id, &self.app.catalog);
        if problem.code == Code::StaleFqn.as_str()
            && let Some(model) = problems::stale_model(error, plan)
            && let Some(now) = self.app.reconsider(model).await
        {
            problem.retryable = true;
            problem.hint = Some(format!("the name means '{now}' by now; submit the query again"));
        }
        Outcome::failed(problem)
    }

    /// Pages to the end, each one written while the next is on its way.
    async fn collect(&self, job: &Job, query: &Query<'_>, first: NextUri) -> Result<Outcome, LetGo> {
        let mut collector = Collector::new(self.app, job, query.plan);
        let mut next = first;
        let mut page = self.page(query.client, &next).await;
        loop {
            let current = match page {
                Ok(page) => page,
                Err(Stop::Canceled) => return self.cancel(query, &next, collector).await,
                Err(Stop::Stopping) => {
                    collector.discard().await;
                    return Err(LetGo::Stopping);
                }
                Err(Stop::Trino(TrinoError::Gone | TrinoError::Unknown)) => {
                    collector.discard().await;
                    return self.lost(job, query).await;
                }
                Err(Stop::Trino(error)) => {
                    collector.discard().await;
                    self.abandon(query, &next).await;
                    return Ok(Outcome::failed(problems::of_client(&error)));
                }
            };
            self.lease.note_progress(collector.progress(&current));
            if let Some(error) = &current.error {
                collector.discard().await;
                return Ok(self.query_failed(error, query.plan, &query.query_id).await);
            }
            let Some(following) = current.next.clone() else {
                return self.finish(query, &next, collector, &current).await;
            };
            if collector.rows() == 0 && current.rows_json().is_none() {
                self.note_next(query.plan, &following).await?;
            }
            let collecting = while_heartbeating(query.client, &following, collector.add(&current));
            let (collected, fetched) = tokio::join!(collecting, self.page(query.client, &following));
            next = following;
            match collected {
                Ok(Collected::More) => page = fetched,
                Ok(Collected::Enough) => {
                    self.abandon(query, &next).await;
                    return self.finish(query, &next, collector, &current).await;
                }
                Err(problem) => {
                    collector.discard().await;
                    self.abandon(query, &next).await;
                    return Ok(Outcome::Failed(problem));
                }
            }
        }
    }

    /// Where another worker would carry on; only called while no row was received. What a write did must not be lost,
    /// so for a statement that cannot be repeated it is stored before the page is asked for.
    async fn note_next(&self, plan: &Plan, next: &NextUri) -> Result<(), LetGo> {
        self.lease.note_next(next.as_str().to_owned());
        if plan.repeatable {
            return Ok(());
        }
        match self.lease.renew().await {
            Ok(()) => Ok(()),
            Err(RenewError::Lost) => Err(LetGo::LeaseLost),
            Err(RenewError::Store(error)) => {
                tracing::warn!(error = ?error, "the place in a query could not be stored");
                Ok(())
            }
        }
    }

    async fn page(&self, client: &Client, next: &NextUri) -> Result<Page, Stop> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Stop::Canceled),
            () = self.stopping.cancelled() => Err(Stop::Stopping),
            page = client.advance(next) => page.map_err(Stop::Trino),
        }
    }

    /// The last page: what is left is written, then the manifest. A cancel that comes before the manifest still counts.
    async fn finish(
        &self,
        query: &Query<'_>,
        next: &NextUri,
        mut collector: Collector<'_>,
        last: &Page,
    ) -> Result<Outcome, LetGo> {
        if let Err(problem) = collector.add_last(last).await {
            collector.discard().await;
            return Ok(Outcome::Failed(problem));
        }
        if self.cancel.is_cancelled() {
            return self.cancel(query, next, collector).await;
        }
        Ok(match collector.finish(last).await {
            Ok(result) => Outcome::Finished(Box::new(result)),
            Err(problem) => Outcome::Failed(problem),
        })
    }

    /// The query is taken from Trino, and the job is canceled once it is gone.
    async fn cancel(&self, query: &Query<'_>, next: &NextUri, collector: Collector<'_>) -> Result<Outcome, LetGo> {
        collector.discard().await;
        let deadline = Instant::now() + self.settings.cancel_deadline;
        loop {
            let asked = query.client.cancel(next, &query.query_id, &query.user).await;
            match query.client.query_state(&query.query_id, &query.user).await {
                Ok(None) => return Ok(Outcome::Canceled),
                Ok(Some(state)) if state.is_done() => return Ok(Outcome::Canceled),
                Ok(Some(_)) | Err(_) if Instant::now() < deadline => sleep(LOOK_AGAIN).await,
                Ok(Some(_)) => return Ok(Outcome::failed(problems::cancel_unconfirmed(&query.query_id))),
                Err(error) => {
                    tracing::warn!(error = %asked.err().unwrap_or(error), "a cancel could not be confirmed");
                    return Ok(Outcome::failed(problems::cancel_unconfirmed(&query.query_id)));
                }
            }
        }
    }

    /// Nobody needs the rest of the query. Trino drops it by itself if this does not reach it.
    async fn abandon(&self, query: &Query<'_>, next: &NextUri) {
        if let Err(error) = query.client.cancel(next, &query.query_id, &query.user).await {
            tracing::warn!(%error, "a query that is not needed any more could not be stopped");
        }
    }

    /// Trino does not have the page. A statement that can be repeated is started again; of any other one Trino is
    /// asked what became of it.
    async fn lost(&self, job: &Job, query: &Query<'_>) -> Result<Outcome, LetGo> {
        if query.plan.repeatable {
            return Ok(Outcome::Lost);
        }
        let state = loop {
            match query.client.query_state(&query.query_id, &query.user).await {
                Ok(Some(state)) if !state.is_done() => {
                    if self.cancel.is_cancelled() {
                        return Ok(Outcome::failed(problems::lost(&query.query_id)));
                    }
                    sleep(LOOK_AGAIN).await;
                }
                other => break other,
            }
        };
        match state {
            Ok(Some(QueryState::Finished)) => {
                let collector = Collector::new(self.app, job, query.plan);
                Ok(match collector.finish_unseen().await {
                    Ok(result) => Outcome::Finished(Box::new(result)),
                    Err(problem) => Outcome::Failed(problem),
                })
            }
            Ok(_) => Ok(Outcome::failed(problems::lost(&query.query_id))),
            Err(error) => Ok(Outcome::failed(problems::of_client(&error))),
        }
    }
}

/// Whether the job is stored, once that is known.
pub(super) async fn is_stored(stored: &watch::Receiver<bool>) -> bool {
    stored.clone().wait_for(|stored| *stored).await.is_ok()
}

/// Does the work while Trino hears that somebody is still there: it drops a query whose pages nobody asks for, and an
/// object store may hold the next page up for longer than that.
async fn while_heartbeating<T>(client: &Client, next: &NextUri, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    loop {
        match timeout(HEARTBEAT, &mut work).await {
            Ok(done) => return done,
            Err(_elapsed) => {
                if let Err(error) = client.heartbeat(next).await {
                    tracing::warn!(%error, "trino did not take a heartbeat");
                }
            }
        }
    }
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
