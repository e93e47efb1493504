//! Arguments that several commands have, and how they become values.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use super::client::Client;
use super::context::Context;
use super::error::CliError;
use crate::config::{Config, Flag, Sources};

/// Where the server is.
#[derive(Clone, Debug, Args)]
pub(super) struct ServerArgs {
    /// The server [default: WARREN_SERVER, else http://127.0.0.1:8080]
    #[arg(long, value_name = "URL")]
    server: Option<String>,
}

impl ServerArgs {
    /// A client of that server. The token comes from `WARREN_API_TOKEN` only: a flag would show in the process list.
    pub(super) fn client(&self, context: &Context) -> Result<Client, CliError> {
        let server = self.server.as_deref().or_else(|| context.environment.get("WARREN_SERVER"));
        Ok(Client::new(server, context.environment.get("WARREN_API_TOKEN"))?)
    }
}

/// Settings of the command line. Each is the same as its variable and wins over it.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub(super) struct ConfigArgs {
    /// The configuration file [default: warren.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Home of the embedded database, results and files
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// The metadata database
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Where results are stored
    #[arg(long, value_name = "URL")]
    results_url: Option<String>,
    /// The Trino coordinator
    #[arg(long, value_name = "URL")]
    trino_url: Option<String>,
    /// The mapping file
    #[arg(long, value_name = "FILE")]
    catalog_file: Option<String>,
    /// Any other setting by its key, as in `--set worker.slots=4`
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl ConfigArgs {
    /// The configuration, with more flags of the command itself.
    pub(super) fn load(&self, context: &Context, more: &[(&str, &str, Option<&str>)]) -> Result<Config, CliError> {
        let own = [
            ("--data-dir", "data_dir", self.data_dir.as_deref()),
            ("--database-url", "database.url", self.database_url.as_deref()),
            ("--results-url", "results.url", self.results_url.as_deref()),
            ("--trino-url", "trino.url", self.trino_url.as_deref()),
            ("--catalog-file", "catalog.file", self.catalog_file.as_deref()),
        ];
        let named = own.iter().chain(more).filter_map(|(name, key, value)| {
            value.map(|value| Flag { name: (*name).to_owned(), key: (*key).to_owned(), value: value.to_owned() })
        });
        let mut flags: Vec<Flag> = named.collect();
        for pair in &self.set {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| CliError::usage(format!("'--set {pair}' has no value"), "write --set KEY=VALUE"))?;
            flags.push(Flag { name: "--set".to_owned(), key: key.trim().to_owned(), value: value.to_owned() });
        }
        Ok(Config::load(&Sources {
            environment: context.environment.clone(),
            working_dir: context.working_dir.clone(),
            file: self.config.clone(),
            flags,
        })?)
    }
}

/// The SQL of one query.
#[derive(Clone, Debug, Args)]
#[group(id = "source", required = true, multiple = false)]
pub(super) struct SqlArgs {
    /// The query, or - for stdin
    #[arg(value_name = "SQL")]
    sql: Option<String>,
    /// A file with the query, or - for stdin
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl SqlArgs {
    /// The text of the query.
    pub(super) fn read(&self, context: &mut Context) -> Result<String, CliError> {
        match (&self.sql, &self.file) {
            (Some(sql), _) if sql != "-" => Ok(sql.clone()),
            (None, Some(path)) if path != Path::new("-") => read_file(context, path),
            _ => read_input(context),
        }
    }
}

/// The short names and the session of one query.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct NamesArgs {
    /// The catalog for names of one or two parts
    #[arg(long)]
    pub(super) catalog: Option<String>,
    /// The schema for names of one part
    #[arg(long)]
    pub(super) schema: Option<String>,
    /// A short name of this query for an FQN, as in `--model o=sales_pg.shop.public.orders`
    #[arg(long = "model", value_name = "NAME=FQN", value_parser = pair)]
    pub(super) models: Vec<(String, String)>,
}

/// `NAME=VALUE`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| "write NAME=VALUE".to_owned())?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// A text file.
pub(super) fn read_file(context: &Context, path: &Path) -> Result<String, CliError> {
    let path = context.working_dir.join(path);
    std::fs::read_to_string(&path).map_err(|source| CliError::File { action: "read", path, source })
}

/// The whole of stdin.
pub(super) fn read_input(context: &mut Context) -> Result<String, CliError> {
    let mut text = String::new();
    context.input.read_to_string(&mut text)?;
    Ok(text)
}
