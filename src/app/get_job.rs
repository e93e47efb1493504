//! Read one job, at once or when something has changed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Instant, timeout_at};

use super::{App, AppError};
use crate::jobs::{Job, JobId, Principal};

/// How often the database is looked at while waiting, for changes that another process made.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The job's end.
    End,
    /// Any version but this.
    ChangeFrom(i64),
}

impl Wait {
    fn is_over(self, job: &Job) -> bool {
        let ended = job.status().is_terminal();
        match self {
            Self::End => ended,
            Self::ChangeFrom(version) => ended || job.version != version,
        }
    }
}

impl App {
    /// A job of the caller.
    ///
    /// # Errors
    /// When the caller has no such job, or the database is gone.
    pub async fn get_job(&self, caller: &Principal, id: JobId) -> Result<Job, AppError> {
        match self.store.job(id).await? {
            Some(job) if job.submission.owner == *caller => Ok(job),
            _ => Err(AppError::job_not_found(id)),
        }
    }

    /// The same, once what is waited for has come or the time is over. The time is cut to the server's bound.
    ///
    /// # Errors
    /// When the caller has no such job, or the database is gone.
    pub async fn wait_for_job(
        &self,
        caller: &Principal,
        id: JobId,
        wait: Wait,
        most: Duration,
    ) -> Result<Job, AppError> {
        let news = self.signals.subscribe();
        let job = self.get_job(caller, id).await?;
        self.follow_job(news, job, wait, most).await
    }

    /// The same for a job that is known, with news that were listened for since before it was read.
    ///
    /// # Errors
    /// When the job is deleted meanwhile, or the database is gone.
    pub async fn follow_job(
        &self,
        mut news: Receiver<Arc<Job>>,
        mut job: Job,
        wait: Wait,
        most: Duration,
    ) -> Result<Job, AppError> {
        let deadline = Instant::now() + most.min(self.limits.max_wait);
        let (caller, id) = (job.submission.owner.clone(), job.id);
        while !wait.is_over(&job) && Instant::now() < deadline {
            let look_again = deadline.min(Instant::now() + LOOK_AGAIN);
            match timeout_at(look_again, next_of(&mut news, id)).await {
                // News can come later than what was read.
                Ok(Some(changed)) if changed.version < job.version => {}
                Ok(Some(changed)) => job = changed,
                Ok(None) | Err(_) => job = self.get_job(&caller, id).await?,
            }
        }
        Ok(job)
    }
}

/// The next news of one job; `None` when some were missed, so that the database has to be asked.
async fn next_of(news: &mut Receiver<Arc<Job>>, id: JobId) -> Option<Job> {
    loop {
        match news.recv().await {
            Ok(job) if job.id == id => return Some((*job).clone()),
            Ok(_) => {}
            Err(RecvError::Lagged(_) | RecvError::Closed) => return None,
        }
    }
}
