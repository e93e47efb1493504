//! Statements of a file of SQL, and what is said about each of them to people.

use std::io::{self, Write};

use warren_sql::{CheckWindow, Piece, Span, split};

use super::Tally;
use super::judge::{Judge, Verdict};
use crate::catalog::Fqn;
use crate::cli::render::{plain, snippet_of_lines};
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
    let Surroundings { lines, cut } = Surroundings::of(piece, text);
    let column = if error.line <= 1 { column.saturating_sub(cut) } else { column };
    let place = Position { line, column, offset: 0, length };
    if let Some(place) = snippet_of_lines(lines, piece.position.line, place) {
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

/// The lines that a statement stands on. A file may have any number of statements on any number of lines, so that each of
/// them looks at no more than is shown.
struct Surroundings<'t> {
    lines: &'t str,
    /// How many columns of the first line are left out.
    cut: u32,
}

impl<'t> Surroundings<'t> {
    /// More bytes than what is shown before a place or behind it can have.
    const BYTES: usize = 1000;

    fn of(piece: &Piece<'_>, text: &'t str) -> Self {
        let Span { start, end } = piece.span;
        let mut from = start.saturating_sub(Self::BYTES);
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        from = text[from..start].rfind('\n').map_or(from, |newline| from + newline + 1);
        let mut to = end.saturating_add(Self::BYTES).min(text.len());
        while !text.is_char_boundary(to) {
            to += 1;
        }
        to = text[end..to].find('\n').map_or(to, |newline| end + newline);
        let shown = u32::try_from(text[from..start].chars().count()).unwrap_or(u32::MAX);
        Self { lines: &text[from..to], cut: piece.position.column.saturating_sub(1).saturating_sub(shown) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_looks_at_its_own_lines_only() {
        let check = |text: &str, expect: &[(&str, u32)]| {
            let pieces = split(text);
            let found = pieces.iter().map(|piece| Surroundings::of(piece, text)).map(|own| (own.lines, own.cut));
            assert_eq!(found.collect::<Vec<_>>(), expect);
        };
        check("a;\n b\nc; d\n", &[("a;", 0), (" b\nc; d", 0), ("c; d", 0)]);
        let long = format!("{}ä; b", "é".repeat(900));
        check(&long, &[(&long, 0), (&long[long.len() - 1001..], 402)]);
    }
}
