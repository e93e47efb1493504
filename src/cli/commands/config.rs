//! `warren config`: the settings as they count.

use std::io::Write;

use clap::Args;

use crate::cli::arguments::ConfigArgs;
use crate::cli::context::Paint;
use crate::cli::error::CliError;
use crate::cli::render::plain;
use crate::cli::{Context, Exit};
use crate::config::{Origin, settings};

/// Print every setting, its value and where that came from; secrets are masked
#[derive(Debug, Args)]
pub(crate) struct ShowConfig {
    /// Only what is not a default
    #[arg(long)]
    changed: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

impl ShowConfig {
    pub(crate) fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let config = self.config.load(context, &[])?;
        let shown = config.effective().iter().filter(|setting| !self.changed || setting.origin != Origin::Default);
        let shown: Vec<_> = shown.collect();
        let width = shown.iter().map(|setting| setting.key.len()).max().unwrap_or_default();
        for setting in shown {
            let variable = settings().find(|own| own.key == setting.key).map_or("", |own| own.variable);
            let origin = match &setting.origin {
                Origin::Default => format!("default; {variable}"),
                Origin::Variable(name) => name.clone(),
                other => format!("{other}; {variable}"),
            };
            let origin = context.out.paint(Paint::Faint, &format!("({})", origin.trim_end_matches("; ")));
            let value = setting.value.as_deref().map_or_else(|| "-".to_owned(), plain);
            writeln!(context.out, "{:<width$} = {value}  {origin}", setting.key)?;
        }
        Ok(Exit::Ok)
    }
}
