//! `warren convert`: what would run for a query, and why.

use std::io::Write;

use clap::Args;

use super::jobs::{Look, json};
use crate::cli::arguments::{NamesArgs, ServerArgs, SqlArgs};
use crate::cli::client::{Conversion, ConvertRequest, Model};
use crate::cli::error::CliError;
use crate::cli::render::plain;
use crate::cli::{Context, Exit};

/// Show what Trino would run for a query, without running it
#[derive(Debug, Args)]
pub(crate) struct Convert {
    #[command(flatten)]
    sql: SqlArgs,
    #[command(flatten)]
    names: NamesArgs,
    /// The SQL on stdout and the reasons on stderr, or all of it as the API gives it
    #[arg(long, value_enum, default_value_t = Look::Table)]
    format: Look,
    #[command(flatten)]
    server: ServerArgs,
}

impl Convert {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let client = self.server.client(context)?;
        let query = self.sql.read(context)?;
        let request = ConvertRequest {
            query: query.clone(),
            reference_models: self.names.models.into_iter().collect(),
            catalog: self.names.catalog,
            schema: self.names.schema,
        };
        let answer = client.convert_json(&request).await.map_err(|error| CliError::about_sql(error, &query))?;
        if self.format == Look::Json {
            return json(context, &answer);
        }
        let conversion: Conversion = client.typed(answer)?;
        for reason in reasons(&conversion) {
            writeln!(context.err, "{reason}")?;
        }
        writeln!(context.out, "{}", conversion.converted_query)?;
        Ok(Exit::Ok)
    }
}

fn reasons(conversion: &Conversion) -> Vec<String> {
    let mut reasons = vec![format!("statement: {}", conversion.statement)];
    reasons.extend(conversion.models.iter().map(|model| {
        let Model { fully_qualified_name, trino_model_name, target, .. } = model;
        let verb = if *target { "writes" } else { "reads" };
        plain(&format!("{verb}: {fully_qualified_name} = {trino_model_name}"))
    }));
    let window = [("limit", conversion.limit_), ("offset", conversion.offset_)];
    reasons
        .extend(window.iter().filter_map(|(word, rows)| Some(format!("{word}: {}, applied when it runs", (*rows)?))));
    reasons.extend(conversion.warnings.iter().map(|warning| format!("note: {}", plain(warning))));
    reasons
}
