//! `warren demo`: the whole product on a temporary folder, shown step by step through its own HTTP API.

mod files;
mod story;

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use tempfile::TempDir;

use crate::cli::client::Client;
use crate::cli::context::Paint;
use crate::cli::error::CliError;
use crate::cli::interrupts::Interrupts;
use crate::cli::{Context, Exit};
use crate::config::{AuthMode, Config, Environment, Flag, Sources};
use crate::serve::{Service, StartError, StopRequest};
use crate::telemetry;
use story::Story;

/// Variables that count in the demo. The others are about a real installation, which the demo leaves alone.
const VARIABLES: [&str; 3] = ["WARREN_LISTEN", "WARREN_LOG", "WARREN_LOG_FORMAT"];

/// Serve on a temporary folder, run a federated query step by step, then keep serving
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// End after the last step
    #[arg(long)]
    once: bool,
    /// Address and port; a free port is taken when this one is not
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
}

impl Demo {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let mut interrupts = Interrupts::listen()?;
        let folder = tempfile::Builder::new().prefix("warren-demo-").tempdir()?;
        files::write(folder.path())?;
        let service = self.start(context, folder.path()).await?;
        let told = tokio::select! {
            told = tell(context, &service, folder.path()) => told,
            () = interrupts.next() => {
                stop(service, folder).await?;
                return Ok(Exit::Interrupted);
            }
        };
        if told.is_err() || self.once {
            stop(service, folder).await?;
            return told.map(|()| Exit::Ok);
        }
        let stop = StopRequest::listen()?;
        writeln!(context.out, "{}", invitation(service.url().as_str()))?;
        context.out.flush()?;
        service.run_until(stop).await;
        folder.close()?;
        Ok(Exit::Ok)
    }

    /// The service on the wanted port, or on a free one.
    async fn start(&self, context: &mut Context, folder: &Path) -> Result<Service, CliError> {
        let config = self.config(context, folder, self.listen.as_deref())?;
        telemetry::log_to_stderr(&config.log).map_err(StartError::from)?;
        let wanted = config.listen;
        match Service::start(config).await {
            Err(StartError::Io { source, .. }) if source.kind() == io::ErrorKind::AddrInUse => {
                writeln!(context.err, "port {} is taken, so the demo takes a free one", wanted.port())?;
                let free = format!("{}:0", wanted.ip());
                Ok(Service::start(self.config(context, folder, Some(&free))?).await?)
            }
            started => Ok(started?),
        }
    }

    fn config(&self, context: &Context, folder: &Path, listen: Option<&str>) -> Result<Config, CliError> {
        let kept = context.environment.iter().filter(|(name, _)| VARIABLES.contains(name));
        let quiet = context.environment.get("WARREN_LOG").is_none().then_some("warn");
        let flags = [
            ("listen", listen),
            ("data_dir", Some("data")),
            ("files_dir", Some("files")),
            ("catalog.file", Some(files::MAPPING)),
            ("log.filter", quiet),
        ];
        let flag = |(key, value): (&str, Option<&str>)| {
            Some(Flag { name: "demo".to_owned(), key: key.to_owned(), value: value?.to_owned() })
        };
        // The folder is the working directory: no warren.toml of somebody else is found there.
        let config = Config::load(&Sources {
            environment: Environment::from_iter(kept),
            working_dir: folder.to_owned(),
            file: None,
            flags: flags.into_iter().filter_map(flag).collect(),
        })?;
        if config.auth == AuthMode::Tokens {
            return Err(CliError::usage("the demo listens on loopback only", "leave WARREN_LISTEN and --listen out"));
        }
        Ok(config)
    }
}

async fn tell(context: &mut Context, service: &Service, folder: &Path) -> Result<(), CliError> {
    let client = Client::new(Some(service.url().as_str()), None)?;
    let title = context.out.paint(Paint::Strong, "Warren demo");
    writeln!(context.out, "{title} at {}, with everything in {} until it ends.", service.url(), folder.display())?;
    Story::new(&mut context.out, &client).tell().await
}

async fn stop(service: Service, folder: TempDir) -> io::Result<()> {
    service.stop().await;
    folder.close()
}

/// What to try from a second terminal.
fn invitation(url: &str) -> String {
    format!(
        "\nNow you, from a second terminal:\n\n  \
         curl -s {url}api/v1/jobs -H 'Content-Type: application/json' -d \
         '{{\"query\": \"select name from tpch_demo.tpch.tiny.region order by name\", \"wait_ms\": 5000}}'\n\n\
         The API is described at {url}docs/. Ctrl-C ends the demo and removes its folder."
    )
}
