//! The structure scanner: a recursive descent over Trino's grammar that finds names, scopes, qualified columns and the
//! outermost LIMIT, and skips what is between them by balanced brackets.
//!
//! It rests on one property of the grammar: the words that delimit structure (SELECT, FROM, TABLE, VALUES, JOIN, …) are
//! reserved, so they cannot be identifiers inside of an expression. It fails closed: a word that would open structure
//! where the scanner expects none, a token left over, or a FROM item it cannot classify is an error. SQL that Trino
//! would refuse may pass; Trino remains the judge of that.

mod chain;
mod cursor;
mod data;
mod ends;
mod expression;
mod query;
mod relation;
mod routine;
mod scope;
mod session;
mod show;
mod statement;
mod table_function;
mod tables;
mod value;

use std::collections::HashMap;
use std::ops::Range;

use crate::error::{Fault, SqlErrorCode};
use crate::kind::StatementKind;
use crate::lexer::Token;
use crate::limits::Limits;
use crate::names::{Level, Role};
use crate::span::Span;

use relation::RightSide;

pub(crate) use scope::{Binding, NameId, Scope, ScopeId, Scopes, TokenId};

/// What a step of the scanner gives, or the refusal.
type Scan<T = ()> = Result<T, Fault>;

/// A name: the tokens `first..=last`, every other one a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NameSite {
    pub(crate) role: Role,
    pub(crate) level: Level,
    pub(crate) first: TokenId,
    pub(crate) last: TokenId,
    pub(crate) cte: bool,
    /// For a name in COPARTITION: the scope of the table arguments that it can mean.
    pub(crate) scope: ScopeId,
    /// For a table that has no alias but could have one: the token behind which it would stand.
    pub(crate) alias_behind: Option<TokenId>,
}

/// A dotted chain of identifiers in an expression: the tokens `first..=last`, every other one a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) first: TokenId,
    pub(crate) last: TokenId,
    /// Whether `.*` follows, so that the whole chain is a qualifier.
    pub(crate) star: bool,
    /// Of a chain in parentheses that goes on behind them, as in `(t).a`, the last token: then all that is in the
    /// parentheses may be the qualifier, for Trino's tree does not have them.
    pub(crate) continued: Option<TokenId>,
    pub(crate) scope: ScopeId,
}

/// What follows the body of the outermost query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tail {
    /// The words OFFSET, LIMIT and FETCH, and the counts behind them.
    pub(crate) offset: Option<TokenId>,
    pub(crate) offset_count: Option<TokenId>,
    pub(crate) limit: Option<TokenId>,
    pub(crate) limit_count: Option<TokenId>,
    pub(crate) fetch: Option<TokenId>,
    pub(crate) fetch_count: Option<TokenId>,
    pub(crate) ties: bool,
    /// Whether LIMIT stands before OFFSET, which Trino refuses.
    pub(crate) reversed: bool,
}

/// Everything that was found.
#[derive(Debug, Clone)]
pub(crate) struct Outline {
    pub(crate) kind: StatementKind,
    /// What EXPLAIN explains or PREPARE prepares.
    pub(crate) inner: Option<StatementKind>,
    pub(crate) tokens: Vec<Token>,
    /// In order of place.
    pub(crate) names: Vec<NameSite>,
    /// In order of place.
    pub(crate) chains: Vec<Chain>,
    pub(crate) scopes: Scopes,
    /// Of a plain query only.
    pub(crate) tail: Option<Tail>,
    /// The literal of EXECUTE IMMEDIATE.
    pub(crate) immediate: Option<TokenId>,
    pub(crate) landmarks: Landmarks,
}

/// Places that a reader of plain SQL wants to know.
#[derive(Debug, Clone, Default)]
pub(crate) struct Landmarks {
    /// The first token of the innermost statement: of what EXPLAIN explains or PREPARE prepares.
    pub(crate) statement: TokenId,
    /// The query of a CREATE TABLE AS or CREATE VIEW, without `WITH [NO] DATA`.
    pub(crate) body: Option<Range<TokenId>>,
    /// What only Trino writes and a query can do without: `WITH FUNCTION`, `WITH SESSION`, `FOR VERSION AS OF`,
    /// `@branch`.
    pub(crate) asides: Vec<Range<TokenId>>,
    /// The parentheses in FROM that open around relations, not around a query.
    pub(crate) relations: Vec<TokenId>,
    /// The joins that are the right side of a join without parentheses, as in `a JOIN b JOIN c ON … ON …`.
    pub(crate) nested_joins: Vec<Range<TokenId>>,
}

/// What a statement is, and what is inside of it.
#[derive(Debug, Clone, Copy)]
struct Kinds {
    kind: StatementKind,
    inner: Option<StatementKind>,
}

impl From<StatementKind> for Kinds {
    fn from(kind: StatementKind) -> Self {
        Self { kind, inner: None }
    }
}

/// Whether a query is the statement itself, so that its LIMIT is the user's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Outermost,
    Inner,
}

/// Reads the structure of one statement. `tokens` must not be empty.
pub(crate) fn scan(text: &str, tokens: Vec<Token>, limits: &Limits) -> Result<Outline, Fault> {
    let mut scanner = Scanner {
        text,
        tokens,
        at: 0,
        depth: 0,
        max_depth: limits.max_depth,
        names: Vec::new(),
        chains: Vec::new(),
        scopes: Scopes::new(),
        ctes: HashMap::new(),
        tail: None,
        immediate: None,
        landmarks: Landmarks::default(),
        nearest_depth: 0,
        waiting_joins: Vec::new(),
    };
    let Kinds { kind, inner } = scanner.statement(Place::Outermost)?;
    if !scanner.at_end() {
        return Err(scanner.expected("the end of the statement"));
    }
    let Scanner { tokens, names, chains, scopes, tail, immediate, landmarks, .. } = scanner;
    Ok(Outline { kind, inner, tokens, names, chains, scopes, tail, immediate, landmarks })
}

struct Scanner<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    /// The token that is looked at.
    at: TokenId,
    depth: usize,
    max_depth: usize,
    names: Vec<NameSite>,
    chains: Vec<Chain>,
    scopes: Scopes,
    /// How many visible WITH items have each name.
    ctes: HashMap<String, usize>,
    tail: Option<Tail>,
    immediate: Option<TokenId>,
    landmarks: Landmarks,
    /// How many NEAREST relations are open; inside of one, MATCH ends an expression.
    nearest_depth: usize,
    /// The joins that are open, of all FROM clauses around.
    waiting_joins: Vec<RightSide>,
}

impl Scanner<'_> {
    /// Runs `body` one level deeper, or refuses when that is too deep for the stack.
    fn nested<T>(&mut self, body: impl FnOnce(&mut Self) -> Scan<T>) -> Scan<T> {
        if self.depth == self.max_depth {
            let message = format!("the statement is nested deeper than {} levels", self.max_depth);
            return Err(Fault::new(SqlErrorCode::TooDeep, self.span_here(), message));
        }
        self.depth += 1;
        let result = body(self);
        self.depth -= 1;
        result
    }

    fn span_here(&self) -> Span {
        match self.tokens.get(self.at) {
            Some(token) => token.span(),
            None => Span::new(self.text.len(), self.text.len()),
        }
    }
}
