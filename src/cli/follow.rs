//! Waits for a job: shows how far it is, bears with a server that restarts, and hears ctrl-C.

use std::time::Duration;

use super::client::{Client, ClientError, Job};
use super::context::Context;
use super::error::CliError;
use super::interrupts::Interrupts;
use super::progress::ProgressLine;

/// How long one request waits. A change of the progress line takes as long.
const LOOK: Duration = Duration::from_secs(1);
/// How often in a row a server may not answer, and how long is waited in between. A restart takes a few seconds.
const TRIES: u32 = 30;
const PAUSE: Duration = Duration::from_secs(1);
/// How long a canceled job is given to end before the command does.
const CANCEL: Duration = Duration::from_secs(10);

/// How the waiting ended.
#[derive(Debug)]
pub(super) enum Followed {
    /// The job ended.
    Ended(Box<Job>),
    /// Somebody pressed ctrl-C.
    Interrupted,
}

/// What ctrl-C means for the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnInterrupt {
    /// It is canceled: whoever submitted it does not want it any more.
    Cancel,
    /// It goes on: only the waiting ends.
    Leave,
}

/// Waits for the job's end, or for ctrl-C.
pub(super) async fn follow(
    context: &mut Context,
    client: &Client,
    mut job: Job,
    interrupts: &mut Interrupts,
    on_interrupt: OnInterrupt,
) -> Result<Followed, CliError> {
    let mut line = ProgressLine::new(&mut context.err);
    while !job.status.is_terminal() {
        line.show(&job)?;
        tokio::select! {
            looked = look(client, &job.id, &mut line) => job = looked?,
            () = interrupts.next() => {
                interrupted(client, &job, on_interrupt, interrupts, &mut line).await?;
                return Ok(Followed::Interrupted);
            }
        }
    }
    line.clear()?;
    Ok(Followed::Ended(Box::new(job)))
}

/// The job a moment later. A server that does not answer is asked again for a while.
async fn look(client: &Client, id: &str, line: &mut ProgressLine<'_>) -> Result<Job, CliError> {
    let mut tries = 1;
    loop {
        match client.job(id, LOOK).await {
            Err(error) if error.is_passing() && tries < TRIES => {
                if tries == 1 {
                    line.say(&format!("{error}; the job goes on, and so does the waiting"))?;
                }
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            other => return Ok(other?),
        }
    }
}

async fn interrupted(
    client: &Client,
    job: &Job,
    on_interrupt: OnInterrupt,
    interrupts: &mut Interrupts,
    line: &mut ProgressLine<'_>,
) -> Result<(), CliError> {
    let id = &job.id;
    if on_interrupt == OnInterrupt::Leave {
        line.say(&format!("job {id} goes on; `warren cancel {id}` stops it"))?;
        return Ok(());
    }
    line.say(&format!("canceling job {id}; ctrl-C again leaves it to the server"))?;
    tokio::select! {
        canceled = cancel(client, id) => match canceled {
            Ok(job) => line.say(&format!("job {id} is {}", job.status.as_str()))?,
            Err(error) => line.say(&format!("job {id} may go on: {error}"))?,
        },
        () = interrupts.next() => {}
    }
    Ok(())
}

async fn cancel(client: &Client, id: &str) -> Result<Job, ClientError> {
    let job = client.cancel(id).await?;
    if job.status.is_terminal() { Ok(job) } else { client.job(id, CANCEL).await }
}
