//! `warren catalog`: what tables and files there are, and what is in one of them.

use std::io::Write;

use clap::{Args, Subcommand};

use super::jobs::{Look, LookArgs, json};
use crate::cli::client::{CatalogColumn, CatalogItem, CatalogTable};
use crate::cli::error::CliError;
use crate::cli::render::{list, plain};
use crate::cli::{Context, Exit};

/// Characters of a description in a list.
const DESCRIPTION: usize = 80;

/// Find tables and files, and see what is in them
#[derive(Debug, Args)]
pub(crate) struct Catalog {
    #[command(subcommand)]
    command: CatalogCommand,
}

#[derive(Debug, Subcommand)]
enum CatalogCommand {
    /// Tables and files by words
    Search(Search),
    /// One table or file: its columns, and a query to begin with
    Show(Show),
}

#[derive(Debug, Args)]
struct Search {
    /// Words, all of which count as they stand
    #[arg(required = true, value_name = "TEXT")]
    words: Vec<String>,
    /// Only these: table, container (a folder or file) or service
    #[arg(long)]
    kind: Option<String>,
    /// The most of them
    #[arg(long, default_value_t = 20)]
    limit: u16,
    #[command(flatten)]
    look: LookArgs,
}

#[derive(Debug, Args)]
struct Show {
    /// The name, as queries write it in OpenMetadata's words
    fqn: String,
    #[command(flatten)]
    look: LookArgs,
}

impl Catalog {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        match self.command {
            CatalogCommand::Search(search) => search.run(context).await,
            CatalogCommand::Show(show) => show.run(context).await,
        }
    }
}

impl Search {
    async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let client = self.look.server.client(context)?;
        let mut filter = vec![("q", self.words.join(" ")), ("limit", self.limit.to_string())];
        filter.extend(self.kind.map(|kind| ("kind", kind)));
        let answer = client.search_catalog_json(&filter).await?;
        if self.look.format == Look::Json {
            return json(context, &answer);
        }
        let items: Vec<CatalogItem> = client.typed(answer.get("items").cloned().unwrap_or_default())?;
        if items.is_empty() {
            writeln!(context.err, "nothing was found")?;
            return Ok(Exit::Ok);
        }
        let columns = context.out.columns();
        let header = ["fully_qualified_name", "kind", "trino_model_name", "tags", "description"];
        list(&mut context.out, &header, items.iter().map(row).collect(), columns)?;
        if answer.get("next_cursor").is_some_and(|next| !next.is_null()) {
            writeln!(context.err, "there is more: say more words, or a larger --limit")?;
        }
        Ok(Exit::Ok)
    }
}

impl Show {
    async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let client = self.look.server.client(context)?;
        let answer = client.catalog_table_json(&self.fqn).await;
        let answer = answer.map_err(|error| CliError::about_sql(error, &self.fqn))?;
        if self.look.format == Look::Json {
            return json(context, &answer);
        }
        let table: CatalogTable = client.typed(answer)?;
        for (name, value) in facts(&table) {
            let (first, rest) = value.split_once('\n').unwrap_or((&value, ""));
            writeln!(context.out, "{name:<11}  {first}")?;
            for line in rest.lines() {
                writeln!(context.out, "{}", format!("{:13}{line}", "").trim_end())?;
            }
        }
        if !table.columns.is_empty() {
            let columns = context.out.columns();
            let header = ["column", "type", "constraint", "tags", "description"];
            list(&mut context.out, &header, table.columns.iter().map(column_row).collect(), columns)?;
        }
        Ok(Exit::Ok)
    }
}

fn row(item: &CatalogItem) -> Vec<String> {
    vec![
        plain(&item.fully_qualified_name),
        plain(&item.kind),
        item.trino_model_name.as_deref().map(plain).unwrap_or_default(),
        plain(&item.tags.join(", ")),
        one_line(item.description.as_deref().unwrap_or_default()),
    ]
}

fn column_row(column: &CatalogColumn) -> Vec<String> {
    vec![
        plain(&column.name),
        plain(&column.r#type),
        column.constraint.as_deref().map(plain).unwrap_or_default(),
        plain(&column.tags.join(", ")),
        one_line(column.description.as_deref().unwrap_or_default()),
    ]
}

/// What there is to say about a table besides its columns.
fn facts(table: &CatalogTable) -> Vec<(&'static str, String)> {
    let kind = match &table.service_type {
        Some(service) => format!("{} of {}", plain(&table.kind), plain(service)),
        None => plain(&table.kind),
    };
    let mut facts = vec![("name", plain(&table.fully_qualified_name)), ("kind", kind)];
    let mut add = |name, value: Option<String>| facts.extend(value.map(|value| (name, value)));
    let words = |words: &[String]| (!words.is_empty()).then(|| plain(&words.join(", ")));
    add("deleted", table.deleted.then(|| "yes, and it can be restored in OpenMetadata".to_owned()));
    add("id", table.id.as_deref().map(plain));
    add("version", table.version.map(|version| version.to_string()));
    add("tags", words(&table.tags));
    add("owners", words(&table.owners));
    add("trino", Some(table.trino_model_name.as_deref().map_or_else(|| "not mapped".to_owned(), plain)));
    add("description", table.description.as_deref().map(visible));
    add("query", table.snippet.as_deref().map(plain));
    facts
}

/// A text with its lines, and without anything else that a terminal would act on.
fn visible(text: &str) -> String {
    text.trim_end().lines().map(plain).collect::<Vec<_>>().join("\n")
}

/// A text on one line that is not too long.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(DESCRIPTION) {
        Some((end, _)) => format!("{}…", plain(&line[..end])),
        None => plain(&line),
    }
}
