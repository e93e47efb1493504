//! `warren cancel`: stop a job.

use std::io::Write;

use clap::Args;

use crate::cli::arguments::ServerArgs;
use crate::cli::error::CliError;
use crate::cli::{Context, Exit};

/// Cancel a job; one that has ended stays as it is
#[derive(Debug, Args)]
pub(crate) struct Cancel {
    /// The job
    id: String,
    #[command(flatten)]
    server: ServerArgs,
}

impl Cancel {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let job = self.server.client(context)?.cancel(&self.id).await?;
        let word = if job.status.is_terminal() { job.status.as_str() } else { "CANCELING" };
        writeln!(context.out, "{word}")?;
        Ok(Exit::Ok)
    }
}
