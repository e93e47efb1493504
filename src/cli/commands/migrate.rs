//! `warren migrate`: bring the tables of the metadata database up to date.

use std::io::Write;

use clap::Args;

use crate::cli::arguments::ConfigArgs;
use crate::cli::database;
use crate::cli::error::CliError;
use crate::cli::{Context, Exit};

/// Bring the metadata database up to date; `serve` does it as well
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Only print the steps that are missing
    #[arg(long)]
    pending: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

impl Migrate {
    /// Prints the steps, one a line.
    pub(crate) async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let config = self.config.load(context, &[])?;
        let store = database::connect(&config).await?;
        let steps = if self.pending { store.pending_migrations().await? } else { store.migrate().await? };
        store.close().await;
        for step in &steps {
            writeln!(context.out, "{step}")?;
        }
        let count = steps.len();
        let told = match (count, self.pending) {
            (0, _) => "the database is up to date".to_owned(),
            (_, true) => format!("{count} steps are missing; `warren migrate` applies them"),
            (_, false) => format!("{count} steps applied"),
        };
        writeln!(context.err, "{told}")?;
        Ok(Exit::Ok)
    }
}
