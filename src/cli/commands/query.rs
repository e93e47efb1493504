//! `warren query`: submit a query, wait for it, print its rows.

use std::io::Write;

use clap::Args;

use crate::cli::arguments::{NamesArgs, ServerArgs, SqlArgs, pair};
use crate::cli::client::{Job, SubmitRequest};
use crate::cli::context::Paint;
use crate::cli::deliver::DeliverArgs;
use crate::cli::error::CliError;
use crate::cli::follow::{Followed, OnInterrupt, follow};
use crate::cli::interrupts::Interrupts;
use crate::cli::{Context, Exit};
use crate::jobs::Status;

/// Run a query and print its rows; ctrl-C cancels it
#[derive(Debug, Args)]
pub(crate) struct Query {
    #[command(flatten)]
    sql: SqlArgs,
    #[command(flatten)]
    names: NamesArgs,
    #[command(flatten)]
    how: HowArgs,
    #[command(flatten)]
    deliver: DeliverArgs,
    /// Print the id of the job and do not wait for it
    #[arg(long)]
    detach: bool,
    #[command(flatten)]
    server: ServerArgs,
}

/// How a query runs.
#[derive(Debug, Args)]
struct HowArgs {
    /// The most rows
    #[arg(long, value_name = "ROWS")]
    limit: Option<u64>,
    /// A label of the job; may be repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// A session property of Trino; may be repeated
    #[arg(long = "session", value_name = "NAME=VALUE", value_parser = pair)]
    session: Vec<(String, String)>,
    /// The time zone of the session
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// The queue to wait in
    #[arg(long)]
    queue: Option<String>,
    /// Higher runs first within a queue
    #[arg(long, allow_negative_numbers = true)]
    priority: Option<i32>,
}

impl Query {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let Self { sql, names, how, deliver, detach, server } = self;
        let format = deliver.format(context)?;
        let client = server.client(context)?;
        let query = sql.read(context)?;
        let mut interrupts = Interrupts::listen()?;
        let request = request(&query, names, how);
        let Some(submitted) = interrupts.unless_one(client.submit(&request)).await else {
            writeln!(context.err, "the server has not answered yet; `warren jobs list` shows whether it made a job")?;
            return Ok(Exit::Interrupted);
        };
        let job = submitted.map_err(|error| CliError::about_sql(error, &query))?;
        if detach {
            writeln!(context.out, "{}", job.id)?;
            return Ok(Exit::Ok);
        }
        match follow(context, &client, job, &mut interrupts, OnInterrupt::Cancel).await? {
            Followed::Interrupted => Ok(Exit::Interrupted),
            Followed::Ended(job) => {
                let job = finished(context, *job)?;
                let delivered = interrupts.unless_one(deliver.deliver(context, &client, &job, format)).await;
                delivered.unwrap_or(Ok(Exit::Interrupted))
            }
        }
    }
}

/// The job, if it finished; its warnings are told.
pub(super) fn finished(context: &mut Context, job: Job) -> Result<Job, CliError> {
    for warning in &job.warnings {
        let word = context.err.paint(Paint::Note, "note:");
        writeln!(context.err, "{word} {warning}")?;
    }
    match (job.status, job.error) {
        (Status::Failed, Some(problem)) => {
            Err(CliError::Query { problem: Box::new(problem), sql: Some(job.user_query) })
        }
        (Status::Canceled, _) => Err(CliError::Canceled { id: job.id }),
        (_, error) => Ok(Job { error, ..job }),
    }
}

fn request(query: &str, names: NamesArgs, how: HowArgs) -> SubmitRequest {
    SubmitRequest {
        query: query.to_owned(),
        reference_models: names.models.into_iter().collect(),
        catalog: names.catalog,
        schema: names.schema,
        limit: how.limit,
        queue: how.queue,
        priority: how.priority,
        time_zone: how.time_zone,
        session: how.session.into_iter().collect(),
        tags: how.tags,
    }
}
