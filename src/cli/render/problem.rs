//! Errors as people read them: what happened, where in their SQL, what to do next.

use std::error::Error;
use std::io::{self, Write};

use super::cell::plain;
use super::snippet::snippet;
use crate::cli::client::Fault;
use crate::cli::context::{Paint, Stream};
use crate::cli::error::CliError;
use crate::problem::Problem;

/// Writes an error with everything that helps.
pub(crate) fn error(to: &mut Stream, error: &CliError) -> io::Result<()> {
    match error {
        CliError::Query { problem: own, sql } => problem(to, own, sql.as_deref()),
        CliError::Client(client) => match &client.fault {
            Fault::Refused { problem: own } if client.hint() == own.hint => problem(to, own, None),
            _ => chain(to, error),
        },
        _ => chain(to, error),
    }
}

/// Writes a problem, with the line of the SQL that it is about.
fn problem(to: &mut Stream, problem: &Problem, sql: Option<&str>) -> io::Result<()> {
    let place = problem.position.map(|at| format!("line {}, column {}: ", at.line, at.column)).unwrap_or_default();
    headline(to, &format!("{place}{} ({})", plain(&problem.detail), problem.code))?;
    if let Some(text) = problem.position.and_then(|position| snippet(sql?, position)) {
        write!(to, "{text}")?;
    }
    if let Some(text) = &problem.hint {
        hint(to, text)?;
    }
    if !problem.suggestions.is_empty() {
        writeln!(to, "  perhaps: {}", plain(&problem.suggestions.join(", ")))?;
    }
    if let Some(query_id) = problem.trino.as_ref().and_then(|trino| trino.query_id.as_deref()) {
        writeln!(to, "  trino: query {}", plain(query_id))?;
    }
    Ok(())
}

/// Writes an error with its causes. One that only repeats what was said is left out.
fn chain(to: &mut Stream, error: &CliError) -> io::Result<()> {
    let mut text = error.to_string();
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    for cause in causes.map(ToString::to_string) {
        let cause = cause.trim_end();
        if !text.contains(cause) {
            text = format!("{text}: {cause}");
        }
    }
    headline(to, &text)?;
    error.hint().map_or(Ok(()), |text| hint(to, &text))
}

fn headline(to: &mut Stream, text: &str) -> io::Result<()> {
    let word = to.paint(Paint::Error, "error:");
    writeln!(to, "{word} {text}")
}

fn hint(to: &mut Stream, text: &str) -> io::Result<()> {
    let word = to.paint(Paint::Note, "hint:");
    writeln!(to, "  {word} {}", plain(text))
}
