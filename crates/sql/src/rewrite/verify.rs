//! Scans a rewritten text again and compares: the same kind of statement, exactly the expected names, and every
//! qualified column with the relations that it could refer to.

use super::readings::{Reading, Resolver, qualified};
use crate::error::{Fault, SqlErrorCode};
use crate::lexer::lex;
use crate::names::{Level, NameRef, Role};
use crate::scanner::{Outline, scan};
use crate::span::Span;
use crate::statement::{Statement, site_parts};
use crate::trino_name::TrinoName;

/// What columns could refer to before names were replaced.
#[derive(Clone, Copy)]
pub(super) struct Before<'b> {
    pub(super) resolver: &'b Resolver<'b>,
    /// For each thing that is qualified the reading that was written anew.
    pub(super) rewritten: &'b [Option<Reading>],
}

/// Compares `sql`, the statement with its names replaced but its window in place, with what it should say. Gives the
/// first column, in the user's text, that has come to mean something else.
pub(super) fn verify(
    statement: &Statement<'_>,
    replacements: &[Option<TrinoName>],
    before: Before<'_>,
    sql: &str,
) -> Result<Option<Span>, Fault> {
    // Trino names can be longer than what they replace, and that must not make a statement too large.
    let mut limits = *statement.limits();
    limits.max_bytes = usize::MAX;
    limits.max_tokens = usize::MAX;
    let tokens = lex(sql, &limits).map_err(|fault| failed(fault.message()))?;
    let outline = scan(sql, tokens, &limits).map_err(|fault| failed(fault.message()))?;
    compare_names(statement, replacements, sql, &outline)?;
    let after = Resolver::new(sql, &outline);
    let mut columns = qualified(&statement.outline).zip(before.rewritten).zip(qualified(&outline));
    let changed = columns.find(|((column, rewritten), now)| match rewritten {
        Some(reading) => !after.readings(*now).next().is_some_and(|found| found.same_relations(reading)),
        None => !before.resolver.readings(*column).eq(after.readings(*now)),
    });
    Ok(changed.map(|((column, _), _)| column.span(&statement.outline)))
}

fn compare_names(
    statement: &Statement<'_>,
    replacements: &[Option<TrinoName>],
    sql: &str,
    outline: &Outline,
) -> Result<(), Fault> {
    let old = &statement.outline;
    if (old.kind, old.inner) != (outline.kind, outline.inner) {
        return Err(failed("another kind of statement"));
    }
    if old.names.len() != outline.names.len() || old.chains.len() != outline.chains.len() {
        return Err(failed("another number of names or columns"));
    }
    for ((name, replacement), site) in statement.own_names().iter().zip(replacements).zip(&outline.names) {
        if (name.role, name.level, name.cte) != (site.role, site.level, site.cte) {
            return Err(failed("a name with another role"));
        }
        // A COPARTITION name follows its argument and is compared as a qualifier.
        if name.role != Role::Copartition
            && !site_parts(sql, &outline.tokens, site).eq(expected_parts(name, replacement.as_ref()))
        {
            return Err(failed("a name that nobody put there"));
        }
    }
    Ok(())
}

fn expected_parts<'a>(name: &'a NameRef, replacement: Option<&'a TrinoName>) -> impl Iterator<Item = &'a str> {
    let (parts, column) = match replacement {
        None => (name.parts.as_slice(), None),
        Some(trino) => (trino.parts(), name.parts.last().filter(|_| name.level == Level::Column)),
    };
    parts.iter().chain(column).map(String::as_str)
}

fn failed(why: &str) -> Fault {
    let message = format!("the statement with its names replaced reads differently: {why}");
    Fault::new(SqlErrorCode::RewriteCheckFailed, Span::new(0, 0), message)
}
