//! The command line: one binary, a server and a client of it. What a command prints on stdout is data; everything that
//! is told to people on the way goes to stderr. What the commands ask of a server goes through its HTTP API.

mod arguments;
mod client;
mod commands;
mod context;
mod database;
mod deliver;
mod error;
mod exit;
mod follow;
mod interrupts;
mod progress;
mod render;
#[cfg(test)]
mod tests;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub use context::{Context, Stream};
pub use exit::Exit;

use commands::{
    cancel, catalog, check, config, convert, demo, doctor, jobs, migrate, model_queue, models, openapi, query, result,
    serve, token,
};
use error::CliError;

/// Warren: an async SQL federation gateway over Trino that speaks OpenMetadata's names.
#[derive(Debug, Parser)]
#[command(name = "warren", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 ok, 1 the query failed, 2 usage or configuration, 3 not reachable or worth \
another try, 4 canceled, 5 truncated with --fail-on-truncate, 130 interrupted.";

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Demo(demo::Demo),
    Query(query::Query),
    Jobs(jobs::Jobs),
    Result(result::ResultOf),
    Cancel(cancel::Cancel),
    Convert(convert::Convert),
    Models(models::Models),
    Catalog(catalog::Catalog),
    ModelQueue(model_queue::ModelQueue),
    Check(check::Check),
    Migrate(migrate::Migrate),
    Config(config::ShowConfig),
    Doctor(doctor::Doctor),
    Openapi(openapi::Openapi),
    Token(token::Token),
}

/// Runs one command line and says how it went. Nothing is read or written but through `context`.
pub async fn run(arguments: impl IntoIterator<Item = OsString>, context: &mut Context) -> Exit {
    let parsed = Cli::command().try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    let outcome = match parsed {
        Ok(cli) => dispatch(cli.command, context).await,
        Err(help_or_mistake) => return context.show_usage(&help_or_mistake),
    };
    match outcome {
        Ok(exit) => exit,
        Err(error) if error.is_closed_pipe() => Exit::Ok,
        Err(error) => {
            // If stderr is gone as well, the exit code is all that is left to say.
            let _ = render::error(&mut context.err, &error);
            error.exit()
        }
    }
}

async fn dispatch(command: Command, context: &mut Context) -> Result<Exit, CliError> {
    match command {
        Command::Serve(serve) => serve.run(context).await,
        Command::Demo(demo) => demo.run(context).await,
        Command::Query(query) => query.run(context).await,
        Command::Jobs(jobs) => jobs.run(context).await,
        Command::Result(result) => result.run(context).await,
        Command::Cancel(cancel) => cancel.run(context).await,
        Command::Convert(convert) => convert.run(context).await,
        Command::Models(models) => models.run(context).await,
        Command::Catalog(catalog) => catalog.run(context).await,
        Command::ModelQueue(queue) => queue.run(context).await,
        Command::Check(check) => check.run(context),
        Command::Migrate(migrate) => migrate.run(context).await,
        Command::Config(config) => config.run(context),
        Command::Doctor(doctor) => doctor.run(context).await,
        Command::Openapi(openapi) => openapi.run(context),
        Command::Token(token) => token.run(context).await,
    }
}
