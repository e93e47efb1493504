//! `warren models`: make views and tables of queries, list and drop them, and see what is used together.

use std::io::Write;

use clap::{Args, Subcommand};

use super::jobs::{Look, LookArgs, json};
use super::query::finished;
use crate::cli::arguments::{NamesArgs, ServerArgs, SqlArgs};
use crate::cli::client::{Client, CompanionEntry, Job, MakeModelRequest, ModelEntry};
use crate::cli::error::CliError;
use crate::cli::follow::{Followed, OnInterrupt, follow};
use crate::cli::interrupts::Interrupts;
use crate::cli::render::{count, list, plain};
use crate::cli::{Context, Exit};

/// Make views and tables of queries, list and drop them, see what is used together
#[derive(Debug, Args)]
pub(crate) struct Models {
    #[command(subcommand)]
    command: ModelsCommand,
}

#[derive(Debug, Subcommand)]
enum ModelsCommand {
    /// The models of everybody, newest first
    List(List),
    /// Make a view or table of a query, and wait for it
    Create(Box<Create>),
    /// Drop a model of yours in Trino, and wait for it
    Delete(Delete),
    /// What jobs used together with a table, a file or a model
    Recommend(Recommend),
}

#[derive(Debug, Args)]
struct List {
    /// Of this owner
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// Whose FQN begins like this
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// The most models
    #[arg(long, default_value_t = 50)]
    limit: u16,
    #[command(flatten)]
    look: LookArgs,
}

#[derive(Debug, Args)]
struct Create {
    /// The FQN of the model: service.database.schema.name
    name: String,
    #[command(flatten)]
    sql: SqlArgs,
    #[command(flatten)]
    names: NamesArgs,
    /// A table that is filled once, in the place of a view
    #[arg(long)]
    table: bool,
    /// Let a model of this name that is yours give way
    #[arg(long)]
    replace: bool,
    /// What it is about
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A label of the job that makes it; may be repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
struct Delete {
    /// The FQN of the model, or its id
    model: String,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
struct Recommend {
    /// The FQN of a table, a file or a model
    fqn: String,
    /// The most names
    #[arg(long, default_value_t = 10)]
    limit: u16,
    #[command(flatten)]
    look: LookArgs,
}

impl Models {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        match self.command {
            ModelsCommand::List(list) => list.run(context).await,
            ModelsCommand::Create(create) => create.run(context).await,
            ModelsCommand::Delete(delete) => delete.run(context).await,
            ModelsCommand::Recommend(recommend) => recommend.run(context).await,
        }
    }
}

impl List {
    async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let client = self.look.server.client(context)?;
        let named = [("owner", self.owner), ("q", self.prefix)];
        let mut filter: Vec<_> = named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        filter.push(("limit", self.limit.to_string()));
        let answer = client.data_models_json(&filter).await?;
        if self.look.format == Look::Json {
            return json(context, &answer);
        }
        let models: Vec<ModelEntry> = client.typed(answer.get("items").cloned().unwrap_or_default())?;
        let columns = context.out.columns();
        let header = ["fully_qualified_name", "trino_model_name", "kind", "status", "owner", "updated"];
        list(&mut context.out, &header, models.iter().map(row).collect(), columns)?;
        Ok(Exit::Ok)
    }
}

impl Create {
    async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let client = self.server.client(context)?;
        let query = self.sql.read(context)?;
        let request = MakeModelRequest {
            name: self.name,
            query: query.clone(),
            kind: if self.table { "table" } else { "view" },
            replace: self.replace,
            description: self.description,
            reference_models: self.names.models.into_iter().collect(),
            catalog: self.names.catalog,
            schema: self.names.schema,
            tags: self.tags,
        };
        let made = client.make_model(&request).await.map_err(|error| CliError::about_sql(error, &query))?;
        let Some(job) = ended(context, &client, made.job).await? else { return Ok(Exit::Interrupted) };
        // The places in the model's own error are those of the query, in the job's those of the whole statement.
        if job.error.is_some()
            && let Some(problem) = client.data_model(&made.id).await?.error
        {
            return Err(CliError::Query { problem: Box::new(problem), sql: Some(query) });
        }
        finished(context, job)?;
        writeln!(context.out, "{}", plain(&made.trino_model_name))?;
        Ok(Exit::Ok)
    }
}

impl Delete {
    async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let client = self.server.client(context)?;
        let id = id_of(&client, self.model).await?;
        let Some(job) = client.drop_model(&id).await? else {
            writeln!(context.out, "FORGOTTEN")?;
            return Ok(Exit::Ok);
        };
        let Some(job) = ended(context, &client, job).await? else { return Ok(Exit::Interrupted) };
        finished(context, job)?;
        writeln!(context.out, "DROPPED")?;
        Ok(Exit::Ok)
    }
}

impl Recommend {
    async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let client = self.look.server.client(context)?;
        let answer = client.companions_json(&self.fqn, self.limit).await?;
        if self.look.format == Look::Json {
            return json(context, &answer);
        }
        let found: Vec<CompanionEntry> = client.typed(answer.get("items").cloned().unwrap_or_default())?;
        let columns = context.out.columns();
        let header = ["fully_qualified_name", "trino_model_name", "jobs", "users", "last used"];
        list(&mut context.out, &header, found.iter().map(companion).collect(), columns)?;
        Ok(Exit::Ok)
    }
}

/// The job at its end; none when somebody pressed ctrl-C, and then it is canceled.
async fn ended(context: &mut Context, client: &Client, job: Job) -> Result<Option<Job>, CliError> {
    let mut interrupts = Interrupts::listen()?;
    Ok(match follow(context, client, job, &mut interrupts, OnInterrupt::Cancel).await? {
        Followed::Interrupted => None,
        Followed::Ended(job) => Some(*job),
    })
}

/// The id of a model that is named by its FQN. What no model is named by is taken for an id, which the server knows or not.
async fn id_of(client: &Client, model: String) -> Result<String, CliError> {
    let answer = client.data_models_json(&[("q", model.clone()), ("limit", "500".to_owned())]).await?;
    let found: Vec<ModelEntry> = client.typed(answer.get("items").cloned().unwrap_or_default())?;
    let named = found.into_iter().find(|own| own.fully_qualified_name == model);
    Ok(named.map_or(model, |own| own.id))
}

fn row(model: &ModelEntry) -> Vec<String> {
    vec![
        plain(&model.fully_qualified_name),
        plain(&model.trino_model_name),
        plain(&model.kind),
        plain(&model.status),
        plain(&model.owner),
        model.updated.format("%F %T").to_string(),
    ]
}

fn companion(entry: &CompanionEntry) -> Vec<String> {
    vec![
        plain(&entry.fully_qualified_name),
        plain(&entry.trino_model_name),
        count(entry.jobs),
        count(entry.users),
        entry.last_used.format("%F %T").to_string(),
    ]
}
