//! `warren doctor`: tries each part that the settings name, one line each.

use std::collections::BTreeSet;
use std::error::Error;
use std::io::Write;
use std::time::Duration;

use clap::Args;
use secrecy::ExposeSecret;
use warren_results::ResultStore;
use warren_trino::{Client, Session};

use crate::app::Access;
use crate::catalog::Mapping;
use crate::cli::arguments::ConfigArgs;
use crate::cli::context::Paint;
use crate::cli::database;
use crate::cli::error::CliError;
use crate::cli::render::plain;
use crate::cli::{Context, Exit};
use crate::config::{Config, masked_url};
use crate::serve::{configured_clusters, openmetadata_client, read_mapping};
use crate::time::{Clock, System};
use crate::worker::{Cluster, small_query};

/// Try each part that the settings name: database, result store, Trino, mapping, OpenMetadata
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    config: ConfigArgs,
}

/// How long OpenMetadata may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was found out about a part: what it is, or what is wrong with it.
type Finding = Result<String, Box<dyn Error + Send + Sync>>;

impl Doctor {
    /// Every part is tried, also after one that fails.
    pub(crate) async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let config = self.config.load(context, &[])?;
        let mut report = Report { context, sick: false };
        report.line("database", database(&config).await)?;
        report.line("results", results(&config).await)?;
        let mapping = read_mapping(&config);
        let told = mapping.as_ref().map(|mapping| about_mapping(&config, mapping));
        report.line("mapping", told.map_err(|error| chain(error).into()))?;
        trino(&config, mapping.ok().as_ref(), &mut report).await?;
        if config.openmetadata.is_some() {
            report.line("openmetadata", openmetadata(&config).await)?;
        }
        let sick = report.sick;
        Ok(if sick { Exit::Unavailable } else { Exit::Ok })
    }
}

/// Writes the lines, and remembers whether one was bad.
struct Report<'a> {
    context: &'a mut Context,
    sick: bool,
}

impl Report<'_> {
    fn line(&mut self, part: &str, finding: Finding) -> Result<(), CliError> {
        let out = &mut self.context.out;
        let (word, text) = match finding {
            Ok(text) => (out.paint(Paint::Strong, "ok  "), text),
            Err(error) => {
                self.sick = true;
                (out.paint(Paint::Error, "fail"), chain(&*error))
            }
        };
        writeln!(out, "{word}  {part:<12} {}", plain(&text))?;
        Ok(())
    }
}

async fn database(config: &Config) -> Finding {
    let store = database::connect(config).await?;
    let pending = store.pending_migrations().await?;
    let url = masked_url(config.database_url.expose_secret());
    if !pending.is_empty() {
        store.close().await;
        return Ok(format!("{url}; {} migrations are missing, `serve` or `migrate` applies them", pending.len()));
    }
    store.check().await?;
    let nobody = config.access() == Access::Tokens && !store.has_live_token(System.now()).await?;
    store.close().await;
    if nobody {
        return Err("there is no API token, so that nobody could call; make one with `warren token create NAME`".into());
    }
    Ok(format!("{url}, up to date"))
}

async fn results(config: &Config) -> Finding {
    let store = ResultStore::open(&config.results_url, &config.results_options)?;
    store.check().await?;
    Ok(format!("{}, written, listed and deleted", store.url()))
}

fn about_mapping(config: &Config, mapping: &Mapping) -> String {
    let place = config.catalog_file.as_ref().map_or_else(|| "built in".to_owned(), |path| path.display().to_string());
    format!("{place}; rules: {}, tables: {}", mapping.rules.len(), mapping.tables.len())
}

/// OpenMetadata's version, and whose token Warren has there.
async fn openmetadata(config: &Config) -> Finding {
    let client = openmetadata_client(config)?.ok_or("none is configured")?.with_deadline(PATIENCE);
    let version = client.version().await?;
    let user = client.whoami().await?;
    let name = user.head.name;
    if !version.is_known() {
        return Err(format!("version {version} is not one of 1.4 to 2.0, which Warren knows").into());
    }
    match (user.is_bot, config.managed_catalogs.is_some()) {
        (false, true) => Err(format!("the token belongs to '{name}', who is no bot: managed catalogs need one").into()),
        (false, false) => Ok(format!("version {version}, as '{name}', who is no bot")),
        (true, _) => Ok(format!("version {version}, as the bot '{name}'")),
    }
}

async fn trino(config: &Config, mapping: Option<&Mapping>, report: &mut Report<'_>) -> Result<(), CliError> {
    let clusters = match configured_clusters(config) {
        Ok(clusters) => clusters,
        Err(error) => return report.line("trino", Err(chain(&error).into())),
    };
    if clusters.is_empty() {
        return embedded(config, mapping, report).await;
    }
    for Cluster { name, client } in &clusters {
        cluster(name, client, config, mapping, report).await?;
    }
    Ok(())
}

async fn cluster(
    name: &str,
    client: &Client,
    config: &Config,
    mapping: Option<&Mapping>,
    report: &mut Report<'_>,
) -> Result<(), CliError> {
    let about = match client.info().await {
        Ok(info) if info.starting => Err("it is starting".into()),
        Ok(info) => Ok(format!("version {}", info.version)),
        Err(error) => Err(error.into()),
    };
    let answers = about.is_ok();
    report.line(name, about)?;
    match mapping {
        Some(mapping) if answers => report.line("catalogs", catalogs(client, config, mapping).await),
        _ => Ok(()),
    }
}

#[cfg(feature = "embedded")]
async fn embedded(config: &Config, mapping: Option<&Mapping>, report: &mut Report<'_>) -> Result<(), CliError> {
    use warren_embedded::{Engine, EngineOptions};
    use warren_trino::ClusterOptions;
    if let Err(error) = std::fs::create_dir_all(&config.files_dir) {
        return report.line("embedded", Err(error.into()));
    }
    let options = EngineOptions { files_dir: Some(config.files_dir.clone()), ..EngineOptions::default() };
    let engine = match Engine::start(options).await {
        Ok(engine) => engine,
        Err(error) => return report.line("embedded", Err(error.into())),
    };
    let tried = match Client::new(ClusterOptions::new(engine.url())) {
        Ok(client) => cluster("embedded", &client, config, mapping, report).await,
        Err(error) => report.line("embedded", Err(error.into())),
    };
    engine.stop().await;
    tried
}

#[cfg(not(feature = "embedded"))]
async fn embedded(_: &Config, _: Option<&Mapping>, report: &mut Report<'_>) -> Result<(), CliError> {
    report.line("trino", Err("none is configured, and this build has no embedded engine; set WARREN_TRINO_URL".into()))
}

/// Whether Trino has every catalog that the mapping leads to.
async fn catalogs(client: &Client, config: &Config, mapping: &Mapping) -> Finding {
    let there = small_query::<(String,)>(client, "SHOW CATALOGS", &Session::new(config.default_user.as_str())).await?;
    let there: Vec<String> = there.into_iter().map(|(name,)| name).collect();
    let wanted = wanted(mapping);
    let missing: Vec<&str> = wanted.iter().filter(|name| !there.contains(name)).map(String::as_str).collect();
    if missing.is_empty() {
        return Ok(format!("{}; all that the mapping leads to", there.join(", ")));
    }
    Err(format!("the mapping leads to {}, but trino has only {}", missing.join(", "), there.join(", ")).into())
}

/// The catalogs that a mapping leads to, as far as it names them.
fn wanted(mapping: &Mapping) -> BTreeSet<String> {
    let of_rules = mapping.rules.iter().filter_map(|rule| rule.literal_catalog().map(str::to_owned));
    let of_tables = mapping.tables.iter().filter_map(|table| table.trino.parts().first().cloned());
    of_rules.chain(of_tables).map(|name| name.to_lowercase()).collect()
}

/// An error with its causes on one line; one that only repeats what was said is left out.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source()).map(ToString::to_string);
    causes.fold(error.to_string(), |text, cause| if text.contains(&cause) { text } else { format!("{text}: {cause}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_leads_to_the_catalogs_that_it_names() {
        let text = r#"
            [[mapping]]
            service = "pg"
            catalog = "PG_shop"
            [[mapping]]
            service = "trino"
            database = "hive"
            identity = true
            [[mapping]]
            service = "any"
            identity = true
            [[table]]
            fqn = "lake.file"
            trino = "files.raw.file"
        "#;
        let catalogs: Vec<String> = wanted(&Mapping::parse(text).unwrap()).into_iter().collect();
        assert_eq!(catalogs, ["files", "hive", "pg_shop"]);
    }
}
