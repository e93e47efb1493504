//! `warren openapi`: the description of the API.

use std::io::Write;

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::{Context, Exit};

/// Print the description of the HTTP API (OpenAPI, JSON)
#[derive(Debug, Args)]
pub(crate) struct Openapi {}

impl Openapi {
    pub(crate) fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let Self {} = self;
        writeln!(context.out, "{}", document()?)?;
        Ok(Exit::Ok)
    }
}

/// The document, with a fixed layout: it is committed, and a test compares.
fn document() -> Result<String, CliError> {
    crate::http::openapi().to_pretty_json().map_err(|error| CliError::Stream(error.into()))
}

#[cfg(test)]
mod tests {
    use super::document;

    #[test]
    fn the_committed_document_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed.trim_end() == document().unwrap(),
            "docs/openapi.json is not current: `cargo run -- openapi > docs/openapi.json` writes it"
        );
    }
}
