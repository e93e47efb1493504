//! What handlers call: the use cases, run where the rest of the service runs. Actix gives each of its threads a runtime
//! that ends with the thread. A database or object store connection that was opened there would die with it, while
//! jobs that still end their work use the same pools; so every use case runs on the runtime of the service.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{BoxStream, Stream, StreamExt, unfold};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use warren_results::RowsPage;

use super::problem::ApiError;
use crate::app::{App, AppError, ClaimCommands, RowsRequest, Submitted, Wait};
use crate::jobs::{IdempotencyKey, Job, JobId, Principal, Status, Submission};
use crate::models::QueuedCommand;

/// How many chunks of a download wait for a slow client. A chunk is one encoded batch of rows.
const CHUNKS_AHEAD: usize = 2;

/// The use cases, for handlers. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Core {
    app: App,
    runtime: Handle,
    stopping: CancellationToken,
}

impl Core {
    /// The use cases of `app`, run on `runtime`. Whoever waits for a job is let go when `stopping` is canceled.
    pub(crate) fn new(app: App, runtime: Handle, stopping: CancellationToken) -> Self {
        Self { app, runtime, stopping }
    }

    /// For what needs no runtime: limits, the time, ids.
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// Whether the server is going down.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Runs one use case to its end, even if the client goes away meanwhile.
    ///
    /// # Errors
    /// What the use case says; `INTERNAL` when it panics.
    pub(crate) async fn run<T, F, Fut>(&self, use_case: F) -> Result<T, ApiError>
    where
        F: FnOnce(App) -> Fut,
        Fut: Future<Output = Result<T, AppError>> + Send + 'static,
        T: Send + 'static,
    {
        let task = self.runtime.spawn(use_case(self.app.clone()).in_current_span());
        match task.await {
            Ok(outcome) => outcome.map_err(ApiError::from),
            Err(failure) => Err(ApiError::panicked(&failure)),
        }
    }

    /// The job once what is waited for has come, the time is over, or the server goes down.
    ///
    /// # Errors
    /// When the caller has no such job, or the database is gone.
    pub(crate) async fn wait(
        &self,
        caller: &Principal,
        id: JobId,
        wait: Wait,
        most: Duration,
    ) -> Result<Job, ApiError> {
        let (caller, stopping) = (caller.clone(), self.stopping.clone());
        self.run(move |app| async move {
            let waiting = app.wait_for_job(&caller, id, wait, most);
            match stopping.run_until_cancelled(waiting).await {
                Some(outcome) => outcome,
                None => app.get_job(&caller, id).await,
            }
        })
        .await
    }

    /// Commands of the model queue, as soon as there are some, or none once the time is over or the server goes down. It
    /// waits in the handler, which ends with its client: nothing is taken for a consumer that has gone away.
    ///
    /// # Errors
    /// When the database is gone.
    pub(crate) async fn claim(&self, request: ClaimCommands) -> Result<Vec<QueuedCommand>, ApiError> {
        let mut looks = self.app.looks(request.wait);
        loop {
            let one = request.clone();
            let claimed = self.run(move |app| async move { app.claim_due_commands(&one).await }).await?;
            let is_over = !claimed.is_empty() || self.is_stopping();
            if is_over || self.stopping.run_until_cancelled(looks.again()).await != Some(true) {
                return Ok(claimed);
            }
        }
    }

    /// Submits a query and waits for its end, but not longer than `most`; a job that finished comes with its first rows.
    ///
    /// # Errors
    /// When the request makes no job, or the database is gone.
    pub(crate) async fn submit(
        &self,
        submission: Submission,
        key: Option<IdempotencyKey>,
        most: Duration,
        first: RowsRequest,
    ) -> Result<(Submitted, Option<RowsPage>), ApiError> {
        let stopping = self.stopping.clone();
        self.run(move |app| async move {
            // Listening starts before there is a job, so that no news of it is missed.
            let news = app.signals.subscribe();
            let mut submitted = match most.is_zero() {
                true => app.submit_job(submission, key).await?,
                false => app.run_job(submission, key).await?,
            };
            let waiting = app.follow_job(news, submitted.job.clone(), Wait::End, most);
            match stopping.run_until_cancelled(waiting).await {
                Some(Ok(job)) => submitted.job = job,
                // The job is stored: its id must reach the client, or a write would be sent again.
                Some(Err(error)) => tracing::warn!(job.id = %submitted.job.id, %error, "a job cannot be followed"),
                None => {}
            }
            let page = first_page(&app, &submitted.job, first).await;
            Ok((submitted, page))
        })
        .await
    }

    /// The same chunks, made on the service's runtime a little ahead of the client. A chunk that fails ends the stream
    /// with an error, so that the client sees a broken transfer and not a short file.
    pub(crate) fn pump<E>(
        &self,
        mut chunks: BoxStream<'static, Result<Bytes, E>>,
    ) -> impl Stream<Item = Result<Bytes, E>> + use<E>
    where
        E: std::error::Error + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
        let pumping = async move {
            while let Some(chunk) = chunks.next().await {
                if let Err(error) = &chunk {
                    tracing::error!(error = %Chain(error), "a download broke off");
                }
                let broken = chunk.is_err();
                if sender.send(chunk).await.is_err() || broken {
                    break;
                }
            }
        };
        drop(self.runtime.spawn(pumping.in_current_span()));
        unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|chunk| (chunk, receiver)) })
    }
}

/// A result that cannot be read is no reason to hide that its job finished: the rows can be asked for again.
async fn first_page(app: &App, job: &Job, first: RowsRequest) -> Option<RowsPage> {
    if job.status() != Status::Finished {
        return None;
    }
    match app.rows_of(job, first).await {
        Ok((_, page)) => Some(page),
        Err(error) => {
            tracing::warn!(job.id = %job.id, %error, "the first rows of a job cannot be read");
            None
        }
    }
}

/// An error with its causes on one line, for the log.
pub(crate) struct Chain<'a>(pub(crate) &'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
