//! `warren result`: the rows of a job that has finished.

use std::time::Duration;

use clap::Args;

use super::query::finished;
use crate::cli::arguments::ServerArgs;
use crate::cli::deliver::DeliverArgs;
use crate::cli::error::CliError;
use crate::cli::{Context, Exit};

/// Print the rows of a finished job
#[derive(Debug, Args)]
pub(crate) struct ResultOf {
    /// The job
    id: String,
    #[command(flatten)]
    deliver: DeliverArgs,
    #[command(flatten)]
    server: ServerArgs,
}

impl ResultOf {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let format = self.deliver.format(context)?;
        let client = self.server.client(context)?;
        let job = finished(context, client.job(&self.id, Duration::ZERO).await?)?;
        self.deliver.deliver(context, &client, &job, format).await
    }
}
