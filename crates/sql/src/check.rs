//! One answer per statement, in the shape that a tool prints: kind, references, the place of the window, or the error.

use crate::error::SqlError;
use crate::names::Role;
use crate::span::Position;
use crate::statement::{Statement, analyse};

/// What Warren reads in a statement. Offsets count characters from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The kind of statement, such as `Query` or `Explain:Insert`; `None` when it was refused.
    pub statement: Option<String>,
    /// The references, in order of place.
    pub refs: Vec<CheckRef>,
    /// The window; `None` when the statement is no plain query.
    pub limit: Option<CheckWindow>,
    /// Why it was refused.
    pub error: Option<CheckError>,
}

/// A reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRef {
    /// The word of its [`Role`].
    pub role: &'static str,
    /// Its parts as typed, without quotes.
    pub parts: Vec<String>,
    /// First character.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
    /// Whether it is a query in WITH.
    pub cte: bool,
}

/// Where the words of the outermost window stand, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckWindow {
    /// OFFSET
    pub offset: Option<u32>,
    /// LIMIT
    pub limit: Option<u32>,
    /// FETCH
    pub fetch: Option<u32>,
    /// Whether it is WITH TIES.
    pub ties: bool,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckError {
    /// The stable word of the code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Characters before the place.
    pub offset: u32,
}

/// Reads a statement and says what it found; never fails.
#[must_use]
pub fn check(sql: &str) -> Check {
    match analyse(sql) {
        Ok(statement) => Check::from(&statement),
        Err(error) => Check::from(error),
    }
}

impl From<&Statement<'_>> for Check {
    fn from(statement: &Statement<'_>) -> Self {
        // Only what stands in the text itself and what Trino's own syntax tree calls a qualified name of an object.
        let own = statement.names().iter().filter(|name| !name.nested);
        let listed = own.filter(|name| !matches!(name.role, Role::Session | Role::Catalog));
        let refs = listed.map(|name| CheckRef {
            role: name.role.as_str(),
            parts: name.parts.clone(),
            start: name.position.offset,
            end: name.position.offset + name.position.length,
            cte: name.cte,
        });
        let window = statement.window();
        let at = |position: Option<Position>| position.map(|position| position.offset);
        let limit = CheckWindow {
            offset: at(window.offset_at),
            limit: at(window.limit_at),
            fetch: at(window.fetch_at),
            ties: window.kind == crate::WindowKind::WithTies,
        };
        Self {
            statement: Some(statement.label()),
            refs: refs.collect(),
            limit: statement.is_plain_query().then_some(limit),
            error: None,
        }
    }
}

impl From<SqlError> for Check {
    fn from(error: SqlError) -> Self {
        let Position { line, column, offset, .. } = error.position;
        let error = CheckError { code: error.code_str(), message: error.to_string(), line, column, offset };
        Self { statement: None, refs: Vec::new(), limit: None, error: Some(error) }
    }
}
