//! Statements of a file of SQL, and what is said about each of them to people.

use std::io::{self, Write};

use warren_sql::{CheckWindow, Piece, split};

use super::Tally;
use super::judge::{Judge, Verdict};
use crate::catalog::Fqn;
use crate::cli::render::{plain, snippet};
use crate::problem::Position;

/// Judges every statement of a file.
pub(super) fn check(judge: &Judge, name: &str, text: &str, out: &mut impl Write, tally: &mut Tally) -> io::Result<()> {
    for piece in split(text) {
        let verdict = judge.judge(piece.sql);
        tally.add(verdict.check.error.is_some());
        match &verdict.check.error {
            None => accepted(name, &piece, &verdict, out)?,
            Some(_) => refused(name, &piece, &verdict, text, out)?,
        }
    }
    Ok(())
}

fn accepted(name: &str, piece: &Piece<'_>, verdict: &Verdict, out: &mut impl Write) -> io::Result<()> {
    let kind = verdict.check.statement.as_deref().unwrap_or_default();
    let window = verdict.check.limit.map(window).unwrap_or_default();
    writeln!(out, "{name}:{}: {kind}{window}", piece.position.line)?;
    for own in &verdict.check.refs {
        let shown =
            Fqn::from_raw_parts(own.parts.clone()).map_or_else(|_none| own.parts.join("."), |fqn| fqn.to_string());
        let meant = match verdict.trino.as_ref().and_then(|trino| trino.get(&own.start)) {
            Some(trino) => format!(" = {trino}"),
            None if own.cte => " (of WITH)".to_owned(),
            None => String::new(),
        };
        writeln!(out, "  {:<8} {}", own.role, plain(&format!("{shown}{meant}")))?;
    }
    Ok(())
}

fn window(window: CheckWindow) -> String {
    let words = [("limit", window.limit), ("offset", window.offset), ("fetch", window.fetch)];
    let mut text: String = words.iter().filter(|(_, at)| at.is_some()).map(|(word, _)| format!(", {word}")).collect();
    if window.ties {
        text.push_str(" with ties");
    }
    text
}

fn refused(name: &str, piece: &Piece<'_>, verdict: &Verdict, text: &str, out: &mut impl Write) -> io::Result<()> {
    let Some(error) = &verdict.check.error else { return Ok(()) };
    let length = verdict.problem.as_ref().and_then(|problem| problem.position).map_or(1, |at| at.length);
    let (line, column) = piece.in_text(error.line, error.column);
    writeln!(out, "{name}:{line}:{column}: refused: {} ({})", plain(&error.message), error.code)?;
    if let Some(place) = snippet(text, Position { line, column, offset: 0, length }) {
        write!(out, "{place}")?;
    }
    let Some(problem) = &verdict.problem else { return Ok(()) };
    if let Some(hint) = &problem.hint {
        writeln!(out, "  hint: {}", plain(hint))?;
    }
    if !problem.suggestions.is_empty() {
        writeln!(out, "  perhaps: {}", plain(&problem.suggestions.join(", ")))?;
    }
    Ok(())
}
