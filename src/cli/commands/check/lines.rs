//! Statements as JSON, one object a line, in and out.

use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};

use super::judge::{Judge, Verdict};
use super::{Tally, next_line};
use crate::cli::error::CliError;

#[derive(Deserialize)]
struct Input {
    sql: String,
}

#[derive(Serialize)]
struct Output<'a> {
    statement: Option<&'a str>,
    refs: Vec<RefOutput<'a>>,
    limit: Option<WindowOutput>,
    error: Option<ErrorOutput<'a>>,
}

#[derive(Serialize)]
struct RefOutput<'a> {
    role: &'a str,
    parts: &'a [String],
    start: u32,
    end: u32,
    cte: bool,
    /// Absent where nothing was looked up, null where the name stays as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    trino: Option<Option<&'a str>>,
}

#[derive(Serialize)]
struct WindowOutput {
    offset: Option<u32>,
    limit: Option<u32>,
    fetch: Option<u32>,
    ties: bool,
}

#[derive(Serialize)]
struct ErrorOutput<'a> {
    code: &'a str,
    message: &'a str,
    line: u32,
    column: u32,
    offset: u32,
}

/// Judges every line.
pub(super) fn check(
    judge: &Judge,
    mut input: impl BufRead,
    out: &mut impl Write,
    tally: &mut Tally,
) -> Result<(), CliError> {
    let mut line = String::new();
    let mut number = 0_u64;
    while next_line(&mut input, &mut line)?.is_some() {
        number += 1;
        let Input { sql } = serde_json::from_str(&line).map_err(|error| {
            CliError::usage(
                format!("line {number} is not readable: {error}"),
                "each line is an object with the text member sql",
            )
        })?;
        let verdict = judge.judge(&sql);
        serde_json::to_writer(&mut *out, &Output::of(&verdict)).map_err(std::io::Error::from)?;
        writeln!(out)?;
        tally.add(verdict.check.error.is_some());
    }
    Ok(())
}

impl<'a> Output<'a> {
    fn of(verdict: &'a Verdict) -> Self {
        let check = &verdict.check;
        let refs = check.refs.iter().map(|own| RefOutput {
            role: own.role,
            parts: &own.parts,
            start: own.start,
            end: own.end,
            cte: own.cte,
            trino: verdict.trino.as_ref().map(|trino| trino.get(&own.start).map(String::as_str)),
        });
        Self {
            statement: check.statement.as_deref(),
            refs: refs.collect(),
            limit: check.limit.map(|limit| WindowOutput {
                offset: limit.offset,
                limit: limit.limit,
                fetch: limit.fetch,
                ties: limit.ties,
            }),
            error: check.error.as_ref().map(|error| ErrorOutput {
                code: error.code,
                message: &error.message,
                line: error.line,
                column: error.column,
                offset: error.offset,
            }),
        }
    }
}
