//! Replaces names and cuts the window off by changing byte ranges, then scans the result to see that it says what it
//! should. Nothing outside of those ranges changes.

mod columns;
mod readings;
mod verify;

use std::collections::BTreeSet;

use crate::error::{Fault, SqlError, SqlErrorCode};
use crate::lexer::would_join;
use crate::names::{Level, NameRef};
use crate::scanner::NameSite;
use crate::source_map::{Edit, NamePair, SourceMap, apply, splice};
use crate::span::Span;
use crate::statement::{Immediate, Statement, analyse_with};
use crate::trino_name::TrinoName;
use crate::window::{Window, render};

use columns::{Aliases, columns};
use readings::Resolver;
use verify::{Before, verify};

/// What becomes of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapping {
    /// It stays as it is: Trino's own name, or one that Warren does not know.
    Keep,
    /// The Trino name takes its place. It has as many parts as [`NameRef::trino_parts`] says.
    Replace(TrinoName),
}

/// A statement with its names replaced.
#[derive(Debug, Clone)]
pub struct Converted {
    /// The user's text.
    text: String,
    /// The replaced names, in order.
    edits: Vec<Edit>,
    names: Vec<NamePair>,
    query: String,
    window: Window,
    windowed: bool,
    /// Behind the last token of the query's body.
    body_end: usize,
}

/// A text for Trino, and the way back from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executable {
    /// What Trino runs.
    pub sql: String,
    /// From its positions and names to the user's.
    pub source_map: SourceMap,
}

impl Converted {
    /// The statement with Trino names and without its window: what is kept as `converted_query`. A window that cannot
    /// be split off ([`can_window`](Self::can_window)) is still in it.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The user's own bound on the number of rows.
    #[must_use]
    pub const fn limit(&self) -> Option<u64> {
        self.window.limit
    }

    /// How many rows the user wants skipped.
    #[must_use]
    pub const fn offset(&self) -> Option<u64> {
        self.window.offset
    }

    /// Whether another window can be put in the place of the user's: true for plain queries, except those with
    /// `WITH TIES` or with a parameter as a count.
    #[must_use]
    pub const fn can_window(&self) -> bool {
        self.windowed
    }

    /// The statement as it is to run: with this window where the user's stood, or behind the last word of the query,
    /// so that no comment swallows it. Where [`can_window`](Self::can_window) says no, the arguments do nothing and the
    /// statement keeps what the user wrote.
    #[must_use]
    pub fn with_window(&self, offset: Option<u64>, limit: Option<u64>) -> Executable {
        let unchanged = (offset.unwrap_or(0), limit) == (self.window.offset.unwrap_or(0), self.window.limit);
        if !self.windowed || (unchanged && !self.window.reversed) {
            return self.executable(None);
        }
        let window = render(offset, limit);
        let edit = match self.window.span {
            Some(_) if window.is_empty() => Edit { span: self.cut(), text: window },
            Some(span) => Edit { span, text: window },
            None if window.is_empty() => return self.executable(None),
            None => Edit { span: Span::new(self.body_end, self.body_end), text: format!(" {window}") },
        };
        self.executable(Some(&edit))
    }

    /// The statement as it is to run with the window that the user wrote.
    #[must_use]
    pub fn as_written(&self) -> Executable {
        self.with_window(self.window.offset, self.window.limit)
    }

    fn executable(&self, window: Option<&Edit>) -> Executable {
        let (sql, source_map) = apply(&self.text, self.edits.iter().chain(window), self.names.clone());
        Executable { sql, source_map }
    }

    /// What goes when the window goes: also the white space before it, unless a comment stands there, whose line must
    /// not become longer.
    fn cut(&self) -> Span {
        match self.window.span {
            Some(span) if self.text[self.body_end..span.start].trim().is_empty() => Span::new(self.body_end, span.end),
            Some(span) => span,
            None => Span::new(self.body_end, self.body_end),
        }
    }
}

pub(crate) fn convert(
    statement: &Statement<'_>,
    resolve: &mut dyn FnMut(&NameRef) -> Mapping,
) -> Result<Converted, SqlError> {
    let literal = match statement.immediate() {
        Some(immediate) => convert_literal(statement, immediate, resolve)?,
        None => Literal::default(),
    };
    let refuse = |fault| SqlError::new(statement.text(), fault);
    let replacements = replacements(statement, resolve).map_err(refuse)?;
    let mut converted = if replacements.iter().all(Option::is_none) && literal.edit.is_none() {
        converted(statement, Vec::new(), &replacements)
    } else {
        rewrite(statement, &replacements, literal.edit.as_ref()).map_err(refuse)?
    };
    for pair in literal.names {
        if converted.names.iter().all(|known| known.trino != pair.trino) {
            converted.names.push(pair);
        }
    }
    Ok(converted)
}

/// Replaces as little as possible. When that changes what a column could refer to, every replaced table keeps its old
/// name as an alias.
fn rewrite(
    statement: &Statement<'_>,
    replacements: &[Option<TrinoName>],
    literal: Option<&Edit>,
) -> Result<Converted, Fault> {
    let resolver = Resolver::new(statement.text(), &statement.outline);
    let mut changed = None;
    for aliases in [Aliases::AsNeeded, Aliases::All] {
        let mut edits = name_edits(statement, replacements);
        let columns = columns(statement, replacements, &resolver, aliases)?;
        edits.extend(columns.edits);
        edits.extend(literal.cloned());
        edits.sort_by_key(|edit| edit.span.start);
        let sql = splice(statement.text(), edits.iter());
        changed = verify(statement, replacements, Before { resolver: &resolver, rewritten: &columns.rewritten }, &sql)?;
        if changed.is_none() {
            return Ok(converted(statement, edits, replacements));
        }
    }
    let span = changed.unwrap_or(Span::new(0, 0));
    let message = format!("{} could mean another table once the names are replaced", span.of(statement.text()));
    Err(Fault::new(SqlErrorCode::AmbiguousName, span, message))
}

/// The Trino name for each of the statement's own names, where there is one.
fn replacements(
    statement: &Statement<'_>,
    resolve: &mut dyn FnMut(&NameRef) -> Mapping,
) -> Result<Vec<Option<TrinoName>>, Fault> {
    let replacement = |name: &NameRef| {
        if !name.is_mappable() {
            return Ok(None);
        }
        match resolve(name) {
            Mapping::Keep => Ok(None),
            Mapping::Replace(trino) if trino.parts().len() == name.trino_parts() => Ok(Some(trino)),
            Mapping::Replace(trino) => {
                let message =
                    format!("the Trino name {trino} has {} parts, not {}", trino.parts().len(), name.trino_parts());
                Err(Fault::new(SqlErrorCode::RewriteCheckFailed, name.span, message))
            }
        }
    };
    statement.own_names().iter().map(replacement).collect()
}

/// Puts `words` at `span`, with a space where a neighbour would become a part of them.
fn edit_of_words(text: &str, span: Span, mut words: String) -> Edit {
    if would_join(&text[..span.start], &words) {
        words.insert(0, ' ');
    }
    if would_join(&words, &text[span.end..]) {
        words.push(' ');
    }
    Edit { span, text: words }
}

/// One edit for each name that is replaced.
fn name_edits(statement: &Statement<'_>, replacements: &[Option<TrinoName>]) -> Vec<Edit> {
    let sites = statement.outline.names.iter().zip(replacements);
    let edit = |(site, replacement): (&NameSite, &Option<TrinoName>)| {
        Some(edit_of_words(statement.text(), object_span(statement, site), replacement.as_ref()?.delimited()))
    };
    sites.filter_map(edit).collect()
}

/// The name without the column at its end, if it has one.
fn object_span(statement: &Statement<'_>, site: &NameSite) -> Span {
    let tokens = &statement.outline.tokens;
    let last = match site.level {
        // The column and the point before it are the last two tokens. A column without a table has no object.
        Level::Column => site.last.saturating_sub(2).max(site.first),
        _ => site.last,
    };
    tokens[site.first].span().to(tokens[last].span())
}

fn converted(statement: &Statement<'_>, edits: Vec<Edit>, replacements: &[Option<TrinoName>]) -> Converted {
    let window = statement.window();
    let text = statement.text();
    let tokens = &statement.outline.tokens;
    let body_end = match window.span {
        Some(tail) => tokens[..tokens.partition_point(|token| token.span().start < tail.start)].last(),
        None => tokens.last(),
    };
    let mut converted = Converted {
        text: text.to_owned(),
        names: name_pairs(statement, replacements),
        query: String::new(),
        window,
        windowed: statement.is_plain_query() && window.splits(),
        body_end: body_end.map_or(text.len(), |token| token.span().end),
        edits,
    };
    let cut =
        (converted.windowed && window.span.is_some()).then(|| Edit { span: converted.cut(), text: String::new() });
    converted.query = splice(text, converted.edits.iter().chain(&cut));
    converted
}

/// Each replaced name once, with the words that it replaced first.
fn name_pairs(statement: &Statement<'_>, replacements: &[Option<TrinoName>]) -> Vec<NamePair> {
    let mut seen = BTreeSet::new();
    let mut pairs = Vec::new();
    for (site, replacement) in statement.outline.names.iter().zip(replacements) {
        let Some(trino) = replacement else { continue };
        if seen.insert(trino) {
            let user = object_span(statement, site).of(statement.text()).to_owned();
            pairs.push(NamePair { trino: trino.dotted(), user });
        }
    }
    pairs
}

/// What becomes of the string of EXECUTE IMMEDIATE.
#[derive(Default)]
struct Literal {
    /// The string with the names in it replaced; `None` where it stays as it is.
    edit: Option<Edit>,
    names: Vec<NamePair>,
}

/// Converts the statement in the string of EXECUTE IMMEDIATE. `resolve` is asked for its names as the statement around
/// the string has them.
fn convert_literal(
    statement: &Statement<'_>,
    immediate: &Immediate,
    resolve: &mut dyn FnMut(&NameRef) -> Mapping,
) -> Result<Literal, SqlError> {
    if let Err(error) = &immediate.inner {
        return Err(error.clone());
    }
    // Places inside of the literal are the literal for the user.
    let inside = |error: SqlError| {
        let fault = Fault::new(error.code, immediate.span, error.to_string());
        SqlError::new(statement.text(), fault)
    };
    let inner = analyse_with(&immediate.sql, statement.limits()).map_err(inside)?;
    let nested = statement.nested_names();
    let mut resolve_nested = |name: &NameRef| nested.get(name.index).map_or(Mapping::Keep, &mut *resolve);
    let converted = inner.convert(&mut resolve_nested).map_err(inside)?;
    let mut sql = converted.as_written().sql;
    // A semicolon and what follows it.
    sql.push_str(&immediate.sql[inner.text().len()..]);
    let is_changed = sql != immediate.sql;
    let edit = || Edit { span: immediate.span, text: format!("'{}'", sql.replace('\'', "''")) };
    Ok(Literal { edit: is_changed.then(edit), names: converted.names })
}
