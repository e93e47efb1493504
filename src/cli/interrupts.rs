//! Ctrl-C as something to wait for. From the moment that this exists ctrl-C does not end the process any more; one that
//! comes while nobody waits is kept for the next who does.

use std::future::Future;
use std::io;

/// The interrupts of the process.
pub(super) struct Interrupts {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
    #[cfg(windows)]
    signal: tokio::signal::windows::CtrlC,
}

impl Interrupts {
    /// Listens from now on.
    pub(super) fn listen() -> io::Result<Self> {
        #[cfg(unix)]
        let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
        #[cfg(windows)]
        let signal = tokio::signal::windows::ctrl_c()?;
        Ok(Self { signal })
    }

    /// What some work comes to; `None` when ctrl-C comes first, and then the work is dropped.
    pub(super) async fn unless_one<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.next() => None,
        }
    }

    /// Completes at the next ctrl-C.
    pub(super) async fn next(&mut self) {
        if self.signal.recv().await.is_none() {
            // The runtime does not hear signals any more: then there is no next one.
            std::future::pending::<()>().await;
        }
    }
}
