//! The user's window: the OFFSET, LIMIT and FETCH of the outermost query. What is run instead of it is decided by the
//! caller; how it is written back is here, where it goes is in the rewriter.

use std::fmt::Write as _;

use crate::error::{Fault, SqlErrorCode};
use crate::keywords::Keyword;
use crate::lexer::TokenKind;
use crate::scanner::{Outline, Tail, TokenId};
use crate::span::{Locator, Position, Span};

/// How a window was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WindowKind {
    /// Not at all, or the statement is no plain query.
    None,
    /// With LIMIT, also `LIMIT ALL`, or with OFFSET alone.
    Limit,
    /// With `FETCH FIRST … ROWS ONLY`.
    Fetch,
    /// With `FETCH FIRST … ROWS WITH TIES`, which bounds no number of rows. It stays in the query.
    WithTies,
    /// With a parameter `?` as a count. It stays in the query.
    Parameter,
}

impl WindowKind {
    /// A stable word for the kind.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Limit => "limit",
            Self::Fetch => "fetch",
            Self::WithTies => "with_ties",
            Self::Parameter => "parameter",
        }
    }
}

/// The window of the outermost query. Sub-queries have theirs for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How it was written.
    pub kind: WindowKind,
    /// Rows to skip; `None` when OFFSET is absent or is not split off.
    pub offset: Option<u64>,
    /// Rows at most; `None` when nothing bounds them or the bound is not split off. `FETCH FIRST ROW ONLY` is 1.
    pub limit: Option<u64>,
    /// Where the word OFFSET stands.
    pub offset_at: Option<Position>,
    /// Where the word LIMIT stands.
    pub limit_at: Option<Position>,
    /// Where the word FETCH stands.
    pub fetch_at: Option<Position>,
    /// Bytes from the first of these words to the end of the statement.
    pub(crate) span: Option<Span>,
    /// Whether it must be written anew because LIMIT stands before OFFSET.
    pub(crate) reversed: bool,
}

impl Window {
    /// Whether OFFSET and LIMIT can be split off and others put in their place.
    pub(crate) const fn splits(&self) -> bool {
        matches!(self.kind, WindowKind::None | WindowKind::Limit | WindowKind::Fetch)
    }

    const NONE: Self = Self {
        kind: WindowKind::None,
        offset: None,
        limit: None,
        offset_at: None,
        limit_at: None,
        fetch_at: None,
        span: None,
        reversed: false,
    };
}

/// `OFFSET o LIMIT n`, in the order that Trino wants; empty when neither is there.
pub(crate) fn render(offset: Option<u64>, limit: Option<u64>) -> String {
    let mut text = String::new();
    if let Some(offset) = offset.filter(|offset| *offset > 0) {
        // Writing to a String cannot fail.
        let _ = write!(text, "OFFSET {offset}");
    }
    if let Some(limit) = limit {
        let space = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{space}LIMIT {limit}");
    }
    text
}

/// The window that `outline` has.
pub(crate) fn window(text: &str, outline: &Outline) -> Result<Window, Fault> {
    let Some(tail) = outline.tail else { return Ok(Window::NONE) };
    let mut locator = Locator::new(text);
    let mut locate = |token: Option<TokenId>| token.map(|token| locator.locate(outline.tokens[token].span()));
    let (offset_at, limit_at, fetch_at) = (locate(tail.offset), locate(tail.limit), locate(tail.fetch));
    let counts = [tail.offset_count, tail.limit_count, tail.fetch_count];
    let parameter =
        counts.into_iter().flatten().any(|token| matches!(outline.tokens[token].kind, TokenKind::Symbol(_)));
    let kind = match &tail {
        Tail { ties: true, .. } => WindowKind::WithTies,
        _ if parameter => WindowKind::Parameter,
        Tail { fetch: Some(_), .. } => WindowKind::Fetch,
        Tail { limit: Some(_), .. } | Tail { offset: Some(_), .. } => WindowKind::Limit,
        _ => WindowKind::None,
    };
    let first = [tail.offset, tail.limit, tail.fetch].into_iter().flatten().min();
    let end = outline.tokens.last().map_or(text.len(), |token| token.span().end);
    let span = first.map(|token| Span::new(outline.tokens[token].span().start, end));
    let mut found =
        Window { kind, offset: None, limit: None, offset_at, limit_at, fetch_at, span, reversed: tail.reversed };
    if found.splits() {
        found.offset = tail.offset_count.map(|token| count(text, outline, token)).transpose()?.flatten();
        let limit = tail.limit_count.or(tail.fetch_count);
        found.limit = limit.map(|token| count(text, outline, token)).transpose()?.flatten();
        if tail.fetch.is_some() && tail.fetch_count.is_none() {
            found.limit = Some(1);
        }
    }
    Ok(found)
}

/// The number that a count is, `None` for ALL.
fn count(text: &str, outline: &Outline, token: TokenId) -> Result<Option<u64>, Fault> {
    let token = outline.tokens[token];
    if token.kind == TokenKind::Word(Keyword::All) {
        return Ok(None);
    }
    let written = token.span().of(text);
    let digits = written.replace('_', "").to_ascii_lowercase();
    let (digits, radix) = match digits.get(..2) {
        Some("0x") => (&digits[2..], 16),
        Some("0o") => (&digits[2..], 8),
        Some("0b") => (&digits[2..], 2),
        _ => (digits.as_str(), 10),
    };
    match i64::from_str_radix(digits, radix).ok().and_then(|value| u64::try_from(value).ok()) {
        Some(value) => Ok(Some(value)),
        None => {
            let message = format!("the count {written} does not fit a 64-bit integer");
            Err(Fault::new(SqlErrorCode::LimitOutOfRange, token.span(), message))
        }
    }
}
