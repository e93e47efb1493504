//! Statements as JSON, one object a line, in and out.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

use super::Tally;
use super::judge::{Judge, Verdict};
use crate::problem::Code;

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
pub(super) fn check(judge: &Judge, mut input: impl BufRead, out: &mut impl Write, tally: &mut Tally) -> io::Result<()> {
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        match serde_json::from_slice(&line) {
            Ok(Input { sql }) => {
                let verdict = judge.judge(&sql);
                serde_json::to_writer(&mut *out, &Output::of(&verdict))?;
                tally.add(verdict.check.error.is_some());
            }
            Err(error) => {
                let message = format!("the line is no object with the text member sql: {error}");
                serde_json::to_writer(&mut *out, &Output::unreadable(code_of(&error), &message))?;
                tally.add(true);
            }
        }
        writeln!(out)?;
        line.clear();
    }
    Ok(())
}

/// Whether a line is no JSON, or another value than it should be.
fn code_of(error: &serde_json::Error) -> Code {
    if error.is_data() { Code::InvalidRequest } else { Code::MalformedJson }
}

impl<'a> Output<'a> {
    /// The answer to a line in which there is no statement.
    fn unreadable(code: Code, message: &'a str) -> Self {
        let error = ErrorOutput { code: code.as_str(), message, line: 1, column: 1, offset: 0 };
        Self { statement: None, refs: Vec::new(), limit: None, error: Some(error) }
    }

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
