//! What is said when a statement is refused: a stable code, the place, the piece of text and what to do.

use std::borrow::Cow;

use crate::span::{Locator, Position, Span};

/// Why a statement was refused. The words of [`as_str`](Self::as_str) are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SqlErrorCode {
    /// Nothing but white space and comments.
    EmptySql,
    /// A `;` with something behind it.
    MultipleStatements,
    /// The text is not a statement of Trino's grammar as far as Warren looks.
    SyntaxError,
    /// A string, delimited identifier or comment that does not end.
    Unterminated,
    /// A statement of a kind that Warren does not know.
    UnsupportedStatement,
    /// A `LIMIT`, `OFFSET` or `FETCH` count that does not fit 64 bits.
    LimitOutOfRange,
    /// More bytes or tokens than [`Limits`](crate::Limits) allows.
    SqlTooLarge,
    /// Nested deeper than [`Limits`](crate::Limits) allows.
    TooDeep,
    /// A qualified column could mean different tables before and after the names are replaced.
    AmbiguousName,
    /// Warren's two readers do not see the same names or the same kind of statement.
    ReadersDisagree,
    /// The rewritten text does not scan to the names that were put in. A defect of Warren, never of the statement.
    RewriteCheckFailed,
}

impl SqlErrorCode {
    /// The stable word of this code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EmptySql => "EMPTY_SQL",
            Self::MultipleStatements => "MULTIPLE_STATEMENTS",
            Self::SyntaxError => "SYNTAX_ERROR",
            Self::Unterminated => "UNTERMINATED",
            Self::UnsupportedStatement => "UNSUPPORTED_STATEMENT",
            Self::LimitOutOfRange => "LIMIT_OUT_OF_RANGE",
            Self::SqlTooLarge => "SQL_TOO_LARGE",
            Self::TooDeep => "TOO_DEEP",
            Self::AmbiguousName => "AMBIGUOUS_NAME",
            Self::ReadersDisagree => "READERS_DISAGREE",
            Self::RewriteCheckFailed => "REWRITE_CHECK_FAILED",
        }
    }

    const fn hint(self) -> &'static str {
        match self {
            Self::EmptySql => "write one SQL statement",
            Self::MultipleStatements => "send one statement at a time",
            Self::SyntaxError => "check the SQL at the marked place; Warren reads the SQL of Trino",
            Self::Unterminated => "close it; a quote inside of quotes is written twice",
            Self::UnsupportedStatement => {
                "send a statement that Trino knows, such as SELECT, INSERT or CREATE TABLE AS"
            }
            Self::LimitOutOfRange => "use a count of at most 9223372036854775807",
            Self::SqlTooLarge => "shorten the statement, or load long value lists into a table",
            Self::TooDeep => "flatten the nesting, for instance with WITH",
            Self::AmbiguousName => {
                "give the table an alias and qualify the column with it, or qualify it with the whole FQN"
            }
            Self::ReadersDisagree => "write the statement in a simpler way, and report it",
            Self::RewriteCheckFailed => "report the statement; it was not sent to Trino",
        }
    }
}

/// A refusal, without the text it belongs to: what the inside of this crate passes around. Boxed, so that a result with
/// nothing refused in it is as small as what it holds: every step of the lexer and the scanner gives one.
#[derive(Debug, Clone)]
pub(crate) struct Fault(Box<Refusal>);

#[derive(Debug, Clone)]
struct Refusal {
    code: SqlErrorCode,
    span: Span,
    message: Cow<'static, str>,
}

impl Fault {
    pub(crate) fn new(code: SqlErrorCode, span: Span, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Refusal { code, span, message: message.into() }))
    }

    /// The same refusal of another place.
    pub(crate) fn at(mut self, span: Span) -> Self {
        self.0.span = span;
        self
    }

    pub(crate) const fn span(&self) -> Span {
        self.0.span
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }
}

/// A refused statement. `Display` is the message; the place is in [`position`](Self::position).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SqlError {
    /// Why.
    pub code: SqlErrorCode,
    /// Where, in the text that was given.
    pub position: Position,
    /// The piece of the text at that place, at most [`SqlError::TEXT_CHARS`] characters of it.
    pub text: String,
    message: String,
}

impl SqlError {
    /// Longest [`text`](Self::text), in characters.
    pub const TEXT_CHARS: usize = 80;

    pub(crate) fn new(sql: &str, fault: Fault) -> Self {
        let Refusal { code, span, message } = *fault.0;
        Self {
            code,
            position: Locator::new(sql).locate(span),
            text: span.of(sql).chars().take(Self::TEXT_CHARS).collect(),
            message: message.into_owned(),
        }
    }

    /// The stable word of the code, such as `SYNTAX_ERROR`.
    #[must_use]
    pub const fn code_str(&self) -> &'static str {
        self.code.as_str()
    }

    /// What the user can do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        self.code.hint()
    }

    /// The line of `sql` that the error points at, and below it a caret under the place. A long line is cut around
    /// the place; control characters are shown as spaces, so that the caret stands right.
    #[must_use]
    pub fn caret(&self, sql: &str) -> String {
        const BEFORE: usize = 60;
        const WIDTH: usize = 100;
        let line = sql.split('\n').nth(self.position.line.saturating_sub(1) as usize).unwrap_or_default();
        let column = self.position.column.saturating_sub(1) as usize;
        let skipped = column.saturating_sub(BEFORE);
        let shown: String =
            line.chars().skip(skipped).take(WIDTH).map(|c| if c.is_control() { ' ' } else { c }).collect();
        let marks = (self.position.length as usize).clamp(1, (WIDTH - (column - skipped)).max(1));
        let room = shown.chars().count().saturating_sub(column - skipped).max(1);
        format!("{}\n{}{}", shown.trim_end(), " ".repeat(column - skipped), "^".repeat(marks.min(room)))
    }
}
