//! `warren model-queue`: what finished jobs ask of the scheduler, and the second chance of a dead letter.

use std::io::Write;

use clap::{Args, Subcommand};

use super::jobs::{Look, LookArgs, json};
use crate::cli::arguments::ServerArgs;
use crate::cli::client::QueuedCommand;
use crate::cli::error::CliError;
use crate::cli::render::{list, plain};
use crate::cli::{Context, Exit};

/// Look at the model queue, or put a dead letter back
#[derive(Debug, Args)]
pub(crate) struct ModelQueue {
    #[command(subcommand)]
    command: ModelQueueCommand,
}

#[derive(Debug, Subcommand)]
enum ModelQueueCommand {
    /// The commands, oldest first: all of them for a scheduler, else those of your jobs
    List(List),
    /// Let a dead letter be tried again, as if it were new
    Requeue(Requeue),
}

#[derive(Debug, Args)]
struct List {
    /// In this state: queued, running, done or dead
    #[arg(long)]
    state: Option<String>,
    /// Of this job
    #[arg(long, value_name = "ID")]
    job: Option<String>,
    /// For the table or view with this FQN
    #[arg(long, value_name = "FQN")]
    model: Option<String>,
    /// The most commands
    #[arg(long, default_value_t = 50)]
    limit: u16,
    #[command(flatten)]
    look: LookArgs,
}

#[derive(Debug, Args)]
struct Requeue {
    /// The number of the command
    id: i64,
    #[command(flatten)]
    server: ServerArgs,
}

impl ModelQueue {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        match self.command {
            ModelQueueCommand::List(list) => list.run(context).await,
            ModelQueueCommand::Requeue(requeue) => requeue.run(context).await,
        }
    }
}

impl List {
    async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let client = self.look.server.client(context)?;
        let named = [("state", self.state), ("job", self.job), ("model", self.model)];
        let mut filter: Vec<_> = named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        filter.push(("limit", self.limit.to_string()));
        let answer = client.model_queue_json(&filter).await?;
        if self.look.format == Look::Json {
            return json(context, &answer);
        }
        let commands: Vec<QueuedCommand> = client.typed(answer.get("items").cloned().unwrap_or_default())?;
        let columns = context.out.columns();
        let header = ["id", "state", "command", "from_fqn", "model_name_fqn", "tries", "last error"];
        list(&mut context.out, &header, commands.iter().map(row).collect(), columns)?;
        Ok(Exit::Ok)
    }
}

impl Requeue {
    async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let command = self.server.client(context)?.requeue_command(self.id).await?;
        writeln!(context.out, "{}", command.state)?;
        Ok(Exit::Ok)
    }
}

fn row(command: &QueuedCommand) -> Vec<String> {
    vec![
        command.id.to_string(),
        plain(&command.state),
        plain(&command.command),
        command.from_fqn.as_deref().map(plain).unwrap_or_default(),
        plain(&command.model_name_fqn),
        command.attempts.to_string(),
        command.last_error.as_deref().map(plain).unwrap_or_default(),
    ]
}
