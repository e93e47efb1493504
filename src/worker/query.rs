//! A query that Trino knows: kept alive while its worker is held up, taken from Trino when nobody wants it any more.

use std::future::Future;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use warren_trino::{Client, Liveness, NextUri, QueryState};

/// How often Trino is asked whether a query that was canceled is gone.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How long a query that nobody needs may take to be stopped. Trino drops it by itself if this does not reach it.
const ABANDON_WITHIN: Duration = Duration::from_secs(5);

/// A query of one user at one cluster.
pub(super) struct Query<'a> {
    pub(super) client: &'a Client,
    pub(super) query_id: String,
    pub(super) user: String,
}

impl Query<'_> {
    /// Takes the query from Trino; whether Trino confirmed within the time that it is gone.
    pub(super) async fn cancel(&self, next: &NextUri, within: Duration) -> bool {
        let canceling = async {
            loop {
                if let Err(error) = self.client.cancel(next, &self.query_id, &self.user).await {
                    tracing::warn!(%error, "trino did not take a cancel");
                }
                match self.client.query_state(&self.query_id, &self.user).await {
                    Ok(None) => return,
                    Ok(Some(state)) if state.is_done() => return,
                    Ok(Some(_)) | Err(_) => sleep(LOOK_AGAIN).await,
                }
            }
        };
        timeout(within, canceling).await.is_ok()
    }

    /// Nobody needs the rest of the query.
    pub(super) async fn abandon(&self, next: &NextUri) {
        match timeout(ABANDON_WITHIN, self.client.cancel(next, &self.query_id, &self.user)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a query that is not needed any more could not be stopped"),
            Err(_elapsed) => tracing::warn!("trino does not answer, so a query that is not needed any more runs on"),
        }
    }

    /// What became of the query, asked again while it runs; `None` when Trino does not know it (any more).
    pub(super) async fn end(&self, next: &NextUri) -> Result<Option<QueryState>, warren_trino::Error> {
        loop {
            match self.client.query_state(&self.query_id, &self.user).await? {
                Some(state) if !state.is_done() => {
                    self.beat(next).await;
                    sleep(LOOK_AGAIN).await;
                }
                ended => return Ok(ended),
            }
        }
    }

    /// Does the work while Trino hears every so often that somebody is still there: it drops a query whose pages nobody
    /// asks for (`query.client.timeout`, 5 minutes), and a store may hold the next page up for longer than that.
    pub(super) async fn kept_alive<T>(&self, next: &NextUri, every: Duration, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        loop {
            match timeout(every, &mut work).await {
                Ok(done) => return done,
                // The work goes on meanwhile: a heartbeat may take as long as its own timeout.
                Err(_elapsed) => tokio::select! {
                    done = &mut work => return done,
                    () = self.beat(next) => {}
                },
            }
        }
    }

    async fn beat(&self, next: &NextUri) {
        match self.client.heartbeat(next).await {
            Ok(Liveness::Alive) => {}
            Ok(liveness) => tracing::debug!(?liveness, "trino took no heartbeat"),
            Err(error) => tracing::warn!(%error, "trino did not take a heartbeat"),
        }
    }
}
