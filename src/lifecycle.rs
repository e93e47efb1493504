//! The lifecycle of the process: everything that runs beside the requests is started here and waited for here.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts tasks, tells them to stop, waits for them. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Lifecycle {
    /// Canceled when the process is asked to stop.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// Runs a task that [`Self::stop`] waits for. A task that ends with a panic is logged under its name.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let running = self.tasks.spawn(task);
        self.tasks.spawn(async move {
            if let Err(error) = running.await
                && error.is_panic()
            {
                tracing::error!(task = name, "a task ended with a panic");
            }
        });
    }

    /// Asks every task to stop and waits for them, but not longer than the grace time; whether all of them ended.
    pub async fn stop(&self, grace: Duration) -> bool {
        self.stopping.cancel();
        self.tasks.close();
        timeout(grace, self.tasks.wait()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn stop_waits_for_tasks_and_gives_up_on_those_that_do_not_listen() {
        let lifecycle = Lifecycle::default();
        let stopping = lifecycle.stopping();
        lifecycle.spawn("listens", async move { stopping.cancelled().await });
        assert!(lifecycle.stop(Duration::from_secs(5)).await);

        let lifecycle = Lifecycle::default();
        lifecycle.spawn("does not", std::future::pending());
        assert!(!lifecycle.stop(Duration::ZERO).await);
    }

    #[tokio::test]
    async fn a_task_that_panics_is_no_reason_to_wait_for_ever() {
        let lifecycle = Lifecycle::default();
        lifecycle.spawn("panics", async { panic!("on purpose") });
        assert!(lifecycle.stop(Duration::from_secs(5)).await);
    }
}
