//! `warren check`: many statements, judged one by one without a server: kind, names with offsets, window, and with a
//! mapping file whether each name maps.

mod judge;
mod lines;
mod text;

use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::Limits;
use crate::catalog::Catalog;
use crate::cli::arguments::ConfigArgs;
use crate::cli::error::CliError;
use crate::cli::render::count;
use crate::cli::{Context, Exit};
use crate::serve::read_mapping;
use judge::Judge;

/// Say what many statements are and which are refused; needs no server
///
/// A file holds statements that end with ';'. With --jsonl each line is an object {"sql": …}, and each line of the answer
/// belongs to the line of the same number. Names are looked up when a mapping file is configured.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Files, or - for stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Read and write one JSON object a line
    #[arg(long)]
    jsonl: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// How many statements there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    statements: u64,
    refused: u64,
}

impl Check {
    pub(crate) fn run(self, context: &mut Context) -> Result<Exit, CliError> {
        let config = self.config.load(context, &[])?;
        let catalog = match &config.catalog_file {
            Some(_) => Some(Catalog::new(read_mapping(&config)?)),
            None => None,
        };
        let judge = Judge::new(catalog, Limits { max_rows: None, ..config.limits });
        let mut tally = Tally::default();
        for file in &self.files {
            let mut input = open(context, file)?;
            let mut out = BufWriter::new(&mut context.out);
            if self.jsonl {
                lines::check(&judge, BufReader::new(input), &mut out, &mut tally)?;
            } else {
                let mut text = String::new();
                input.read_to_string(&mut text).map_err(|source| unreadable(file, source))?;
                text::check(&judge, &file.display().to_string(), &text, &mut out, &mut tally)?;
            }
            out.flush()?;
        }
        let Tally { statements, refused } = tally;
        writeln!(context.err, "{} statements, {} refused", count(statements), count(refused))?;
        Ok(if refused == 0 { Exit::Ok } else { Exit::Failed })
    }
}

impl Tally {
    fn add(&mut self, refused: bool) {
        self.statements += 1;
        self.refused += u64::from(refused);
    }
}

fn open(context: &mut Context, file: &Path) -> Result<Box<dyn Read + Send>, CliError> {
    if file == Path::new("-") {
        return Ok(std::mem::replace(&mut context.input, Box::new(std::io::empty())));
    }
    let path = context.working_dir.join(file);
    let opened = std::fs::File::open(&path).map_err(|source| CliError::File { action: "read", path, source })?;
    Ok(Box::new(opened))
}

fn unreadable(file: &Path, source: std::io::Error) -> CliError {
    CliError::File { action: "read", path: file.to_owned(), source }
}
