//! `warren jobs`: the history, one job, and waiting for one.

use std::io::Write;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;

use super::query::finished;
use crate::cli::arguments::ServerArgs;
use crate::cli::client::{Client, Job};
use crate::cli::error::CliError;
use crate::cli::follow::{Followed, OnInterrupt, follow};
use crate::cli::interrupts::Interrupts;
use crate::cli::render::{bytes, count, elapsed, list, plain};
use crate::cli::{Context, Exit};

/// Characters of a query in a list.
const QUERY: usize = 60;

/// List jobs, show one, or wait for one
#[derive(Debug, Args)]
pub(crate) struct Jobs {
    #[command(subcommand)]
    command: JobsCommand,
}

#[derive(Debug, Subcommand)]
enum JobsCommand {
    /// Your jobs, newest first
    List(List),
    /// One job
    Show(Show),
    /// Wait for a job; the exit code says how it ended
    Wait(Wait),
}

#[derive(Debug, Args)]
struct List {
    /// In one of these statuses, with commas between them
    #[arg(long)]
    status: Option<String>,
    /// With this tag
    #[arg(long)]
    tag: Option<String>,
    /// That refer to this FQN
    #[arg(long, value_name = "FQN")]
    model: Option<String>,
    /// With this text in the query
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// The most jobs
    #[arg(long, default_value_t = 20)]
    limit: u16,
    #[command(flatten)]
    look: LookArgs,
}

#[derive(Debug, Args)]
struct Show {
    /// The job
    id: String,
    #[command(flatten)]
    look: LookArgs,
}

#[derive(Debug, Args)]
struct Wait {
    /// The job
    id: String,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
pub(super) struct LookArgs {
    /// For people, or as the API gives it
    #[arg(long, value_enum, default_value_t = Look::Table)]
    pub(super) format: Look,
    #[command(flatten)]
    pub(super) server: ServerArgs,
}

/// How something that is no result looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Look {
    Table,
    Json,
}

impl Jobs {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        match self.command {
            JobsCommand::List(list) => list.run(context).await,
            JobsCommand::Show(show) => show.run(context).await,
            JobsCommand::Wait(wait) => wait.run(context).await,
        }
    }
}

impl List {
    async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let client = self.look.server.client(context)?;
        let named = [("status", self.status), ("tag", self.tag), ("model", self.model), ("q", self.search)];
        let mut filter: Vec<_> = named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        filter.push(("limit", self.limit.to_string()));
        let answer = client.jobs_json(&filter).await?;
        if self.look.format == Look::Json {
            return json(context, &answer);
        }
        let jobs: Vec<Job> = client.typed(answer.get("items").cloned().unwrap_or_default())?;
        let columns = context.out.columns();
        let rows = jobs.iter().map(row).collect();
        list(&mut context.out, &["id", "status", "created", "took", "rows", "query"], rows, columns)?;
        Ok(Exit::Ok)
    }
}

impl Show {
    async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let client = self.look.server.client(context)?;
        let answer = client.job_json(&self.id).await?;
        if self.look.format == Look::Json {
            return json(context, &answer);
        }
        let job: Job = client.typed(answer)?;
        let models = models(&client, &job).await?;
        for (name, value) in facts(&job).into_iter().chain(models) {
            writeln!(context.out, "{name:<9}  {}", value.replace('\n', "\n           "))?;
        }
        Ok(Exit::Ok)
    }
}

impl Wait {
    async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let client = self.server.client(context)?;
        let mut interrupts = Interrupts::listen()?;
        let job = client.job(&self.id, Duration::ZERO).await?;
        match follow(context, &client, job, &mut interrupts, OnInterrupt::Leave).await? {
            Followed::Interrupted => Ok(Exit::Interrupted),
            Followed::Ended(job) => {
                let job = finished(context, *job)?;
                writeln!(context.out, "{}", job.status.as_str())?;
                Ok(Exit::Ok)
            }
        }
    }
}

/// Prints what the API gave.
pub(super) fn json(context: &mut Context, value: &Value) -> Result<Exit, CliError> {
    writeln!(context.out, "{value:#}")?;
    Ok(Exit::Ok)
}

fn row(job: &Job) -> Vec<String> {
    let rows = job.result.as_ref().and_then(|result| result.rows);
    vec![
        job.id.clone(),
        job.status.as_str().to_owned(),
        job.created.format("%F %T").to_string(),
        job.progress.elapsed_ms.map(elapsed).unwrap_or_default(),
        rows.map(count).unwrap_or_default(),
        one_line(&job.user_query),
    ]
}

/// A query on one line that is not too long.
fn one_line(query: &str) -> String {
    let line = query.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(QUERY) {
        Some((end, _)) => format!("{}…", plain(&line[..end])),
        None => plain(&line),
    }
}

/// What there is to say about a job.
fn facts(job: &Job) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("id", job.id.clone()),
        ("status", job.status.as_str().to_owned()),
        ("owner", plain(&job.owner)),
        ("created", job.created.to_rfc3339()),
        ("query", visible(&job.user_query)),
    ];
    let mut add = |name, value: Option<String>| facts.extend(value.map(|value| (name, value)));
    add("runs", job.converted_query.as_deref().map(visible));
    add("limit", job.limit_.map(|limit| limit.to_string()));
    add("offset", job.offset_.map(|offset| offset.to_string()));
    add("tags", (!job.tags.is_empty()).then(|| plain(&job.tags.join(", "))));
    add("position", job.position.map(|position| position.to_string()));
    add("trino", job.trino.as_ref().map(|trino| format!("{} on {}", trino.query_id, trino.cluster)));
    add("state", job.progress.state.clone());
    add("took", job.progress.elapsed_ms.map(elapsed));
    add("attempt", (job.attempt > 1).then(|| job.attempt.to_string()));
    if let Some(result) = &job.result {
        let size = result.rows.zip(result.bytes).map(|(rows, size)| format!("{} rows, {}", count(rows), bytes(size)));
        add("result", size);
        let cut = result.truncated.as_ref();
        add("cut", cut.map(|cut| format!("at {} rows by {}", count(cut.at_rows), cut.by)));
        add("path", job.result_path.clone());
    }
    add("warning", (!job.warnings.is_empty()).then(|| plain(&job.warnings.join("; "))));
    add("error", job.error.as_ref().map(|error| format!("{}: {}", error.code, plain(&error.detail))));
    facts
}

async fn models(client: &Client, job: &Job) -> Result<Vec<(&'static str, String)>, CliError> {
    let models = client.models(&job.id).await?;
    let line =
        |model: &crate::cli::client::Model| format!("{} = {}", model.fully_qualified_name, model.trino_model_name);
    Ok(models.iter().map(|model| (if model.target { "writes" } else { "reads" }, plain(&line(model)))).collect())
}

/// A query with its lines, and without anything else that a terminal would act on.
fn visible(query: &str) -> String {
    query.lines().map(plain).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_query_in_a_list_is_short() {
        assert_eq!(one_line("select 1\n  from t\t-- x"), "select 1 from t -- x");
        assert_eq!(one_line(&"한".repeat(61)), format!("{}…", "한".repeat(60)));
    }
}
