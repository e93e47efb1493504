//! `warren token`: API tokens, made and taken back by whoever can reach the metadata database.

use std::io::Write;

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;

use crate::app::{AppError, TokenRequest};
use crate::cli::arguments::ConfigArgs;
use crate::cli::database;
use crate::cli::error::CliError;
use crate::cli::render::{list, plain};
use crate::cli::{Context, Exit};
use crate::jobs::{Principal, Scope};
use crate::store::{ApiToken, StoreError};
use crate::time::{Clock, System};

/// Make, list and revoke API tokens
#[derive(Debug, Args)]
pub(crate) struct Token {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token and print it; it cannot be shown again
    Create(Create),
    /// Every token, with those that do not work any more
    List(ListTokens),
    /// Take a token back
    Revoke(Revoke),
}

#[derive(Debug, Args)]
struct Create {
    /// A name for people
    name: String,
    /// Whom it stands for: the owner of its jobs, and the user at Trino [default: NAME]
    #[arg(long)]
    user: Option<String>,
    /// May also work off the model queue, whoever's jobs its commands follow from
    #[arg(long)]
    scheduler: bool,
    /// Days until it stops working [default: never]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    expires_in_days: Option<u32>,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Debug, Args)]
struct ListTokens {
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Debug, Args)]
struct Revoke {
    /// The token's name or id
    token: String,
    #[command(flatten)]
    config: ConfigArgs,
}

impl Token {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        match self.command {
            TokenCommand::Create(create) => create.run(context).await,
            TokenCommand::List(list) => list.run(context).await,
            TokenCommand::Revoke(revoke) => revoke.run(context).await,
        }
    }
}

impl Create {
    async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let config = self.config.load(context, &[])?;
        let user = self.user.as_deref().unwrap_or(&self.name);
        let principal = Principal::parse(user).ok_or_else(|| {
            CliError::usage("the user name is not valid", "1 to 256 bytes without control characters")
        })?;
        let days = self.expires_in_days.map(|days| TimeDelta::days(days.into()));
        let expires = days.map(|days| System.now() + days);
        let store = database::open(&config).await?;
        let scope = if self.scheduler { Scope::Scheduler } else { Scope::User };
        let request = TokenRequest { name: self.name.clone(), principal, scope, expires };
        let created = request.create(&store, &System, &System).await;
        store.close().await;
        let created = created.map_err(refusal)?;
        writeln!(context.out, "{}", created.token.expose_secret())?;
        let until = expires.map_or_else(|| "until it is revoked".to_owned(), |moment| format!("until {}", day(moment)));
        let name = plain(&self.name);
        writeln!(context.err, "this is token '{name}' for {user}; it works {until} and cannot be shown again")?;
        Ok(Exit::Ok)
    }
}

impl ListTokens {
    async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let config = self.config.load(context, &[])?;
        let store = database::open(&config).await?;
        let tokens = store.tokens().await;
        store.close().await;
        let now = System.now();
        let rows = tokens?.iter().map(|token| row(token, now)).collect();
        let columns = context.out.columns();
        let header = ["id", "name", "user", "scope", "state", "created", "expires", "last used"];
        list(&mut context.out, &header, rows, columns)?;
        Ok(Exit::Ok)
    }
}

impl Revoke {
    async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let config = self.config.load(context, &[])?;
        let store = database::open(&config).await?;
        let revoked = store.revoke_token(&self.token, System.now()).await;
        store.close().await;
        if !revoked? {
            let message = format!("there is no token '{}' that works", plain(&self.token));
            return Err(CliError::usage(message, "`warren token list` shows them"));
        }
        writeln!(context.err, "the token does not work any more")?;
        Ok(Exit::Ok)
    }
}

/// Why no token was made. There is no server whose log says more, so the cause is told here.
fn refusal(error: AppError) -> CliError {
    let AppError { problem, source } = error;
    match source.and_then(|source| source.downcast::<StoreError>().ok()) {
        Some(store) if matches!(*store, StoreError::Conflict { .. }) => CliError::usage(
            "a token of that name works already",
            "take it back with `warren token revoke NAME`, or choose another name",
        ),
        Some(store) => CliError::Store(*store),
        _ => CliError::Query { problem, sql: None },
    }
}

fn row(token: &ApiToken, now: DateTime<Utc>) -> Vec<String> {
    let state = match (token.revoked, token.expires) {
        (Some(_), _) => "revoked",
        (None, Some(expires)) if expires <= now => "expired",
        (None, _) => "works",
    };
    let last_used = token.last_used.map(|moment| moment.format("%F %R").to_string());
    vec![
        token.id.to_string(),
        plain(&token.name),
        plain(token.principal.as_str()),
        token.scope.as_str().to_lowercase(),
        state.to_owned(),
        day(token.created),
        token.expires.map(day).unwrap_or_default(),
        last_used.unwrap_or_default(),
    ]
}

fn day(moment: DateTime<Utc>) -> String {
    moment.format("%F").to_string()
}
