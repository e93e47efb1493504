//! `warren serve`: the service.

use std::io::Write;

use clap::Args;

use crate::cli::arguments::ConfigArgs;
use crate::cli::error::CliError;
use crate::cli::{Context, Exit};
use crate::config::{AuthMode, Config};
use crate::serve::{Service, StartError, StopRequest};
use crate::telemetry;

/// Run the service
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// What this process does: all, api, worker or scheduler
    #[arg(long)]
    role: Option<String>,
    #[command(flatten)]
    config: ConfigArgs,
}

impl Serve {
    /// Serves until somebody stops the process. The address is the one line on stdout.
    pub(crate) async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let more = [("--listen", "listen", self.listen.as_deref()), ("--role", "role", self.role.as_deref())];
        let config = self.config.load(context, &more)?;
        telemetry::log_to_stderr(&config.log).map_err(StartError::from)?;
        let who = who_may_call(&config);
        let service = Service::start(config).await?;
        let stop = StopRequest::listen()?;
        writeln!(context.out, "{}", service.url().as_str().trim_end_matches('/'))?;
        context.out.flush()?;
        writeln!(context.err, "warren serves {who}; its API is described at {}docs/; ctrl-C stops it", service.url())?;
        service.run_until(stop).await;
        Ok(Exit::Ok)
    }
}

fn who_may_call(config: &Config) -> String {
    match config.auth {
        AuthMode::None => format!("everybody on this machine (as {})", config.default_user),
        AuthMode::Tokens => "holders of an API token".to_owned(),
    }
}
