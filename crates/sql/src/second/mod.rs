//! The second reader: sqlparser reads the statement once more, from a syntax tree instead of from structure, and must
//! see the same tables in the same places. It is a check and a source of trees, never an authority, and it never prints
//! SQL: what sqlparser prints for a tree can mean something else than what it read.
//!
//! It reads the tokens of Warren's own lexer, because sqlparser's differs from Trino's (a lone carriage return ends a
//! Trino comment), and it reads them simplified, because sqlparser does not know Trino's whole grammar. Every token
//! keeps its index as its place, so that a name in the tree is the same name in the text.

mod dialect;
mod functions;
mod json;
mod rows;
mod simplify;
mod table_function;
mod tokens;
mod tree;

use std::collections::BTreeMap;
use std::fmt;

use sqlparser::parser::Parser;

use crate::kind::StatementKind;
use crate::lexer::{Symbol, Token, TokenKind};
use crate::names::Role;
use crate::scanner::{Outline, TokenId};
use crate::statement::Statement;

use dialect::TrinoDialect;
use simplify::simplify;
use tree::Reading;

/// What the second reader says about a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecondReading {
    /// It sees the same kind of statement, the same tables, the same WITH queries and the same window.
    Agrees,
    /// It cannot say anything.
    NotParsed(NotParsed),
    /// It sees something else. One of the two is wrong, so the statement must not run.
    Disagrees(Disagreement),
}

/// Why the second reader cannot say anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotParsed {
    /// Statements of this kind are read by the scanner alone.
    Kind,
    /// So long or so deep that sqlparser's recursion could overflow the stack.
    TooLarge,
    /// A construct that is not in sqlparser's grammar.
    Construct(String),
}

/// Where the readings differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disagreement {
    /// In the kind of statement.
    Kind {
        /// As the scanner sees it.
        first: StatementKind,
        /// As the second reader sees it; `None` for one that Warren has no word for.
        second: Option<StatementKind>,
    },
    /// In a name: the text of it, what the scanner and what the second reader takes it for.
    Name {
        /// The name as it is written.
        name: String,
        /// `table`, `with query` or `nothing`.
        first: &'static str,
        /// `table`, `with query` or `nothing`.
        second: &'static str,
    },
    /// In the window of the outermost query: OFFSET, LIMIT and FETCH.
    Window {
        /// Which of the three words the scanner sees.
        first: [bool; 3],
        /// Which of them the second reader sees.
        second: [bool; 3],
    },
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind { first, second } => {
                let second = second.map_or("another statement", StatementKind::as_str);
                write!(f, "one reading is {}, the other {second}", first.as_str())
            }
            Self::Name { name, first, second } => {
                write!(f, "one reading takes {name} for a {first}, the other for a {second}")
            }
            Self::Window { first, second } => {
                let words = |seen: &[bool; 3]| {
                    let words = ["OFFSET", "LIMIT", "FETCH"].into_iter().zip(seen).filter(|(_, seen)| **seen);
                    words.map(|(word, _)| word).collect::<Vec<_>>().join(" ")
                };
                write!(f, "one reading has the window ({}), the other ({})", words(first), words(second))
            }
        }
    }
}

/// Most tokens that sqlparser is given.
const MAX_TOKENS: usize = 20_000;
/// Deepest nesting of brackets that sqlparser is given.
const MAX_DEPTH: usize = 60;
/// Most tokens between two commas of one bracket. A chain of operators becomes a tree as deep as the chain is long, and
/// neither visiting nor dropping such a tree is protected against an overflow of the stack.
const MAX_RUN: usize = 1_200;

/// Reads `statement` a second time.
pub(crate) fn read(statement: &Statement<'_>) -> SecondReading {
    match compare(statement) {
        Ok(None) => SecondReading::Agrees,
        Ok(Some(disagreement)) => SecondReading::Disagrees(disagreement),
        Err(reason) => SecondReading::NotParsed(reason),
    }
}

fn compare(statement: &Statement<'_>) -> Result<Option<Disagreement>, NotParsed> {
    let outline = &statement.outline;
    let kind = match outline.kind {
        StatementKind::Explain | StatementKind::ExplainAnalyze | StatementKind::Prepare => outline.inner,
        kind => Some(kind),
    };
    let kind = kind.filter(|kind| is_compared(*kind)).ok_or(NotParsed::Kind)?;
    if !fits(&outline.tokens) {
        return Err(NotParsed::TooLarge);
    }
    let tokens = simplify(statement.text(), outline, kind)?;
    let mut parser = Parser::new(&TrinoDialect).with_recursion_limit(4 * MAX_DEPTH).with_tokens_with_locations(tokens);
    let construct = |error: &dyn fmt::Display| NotParsed::Construct(error.to_string());
    let tree = parser.parse_statement().map_err(|error| construct(&error))?;
    if parser.peek_token_ref().token != sqlparser::tokenizer::Token::EOF {
        return Err(construct(&format!("something follows the statement: {}", parser.peek_token_ref().token)));
    }
    Ok(difference(statement, kind, &Reading::of(&tree)))
}

/// The kinds whose names sqlparser's visitor finds.
const fn is_compared(kind: StatementKind) -> bool {
    matches!(
        kind,
        StatementKind::Query
            | StatementKind::Insert
            | StatementKind::Delete
            | StatementKind::Update
            | StatementKind::Merge
            | StatementKind::CreateTableAsSelect
            | StatementKind::CreateView
            | StatementKind::CreateMaterializedView
    )
}

/// Whether sqlparser can be trusted with the tokens.
fn fits(tokens: &[Token]) -> bool {
    if tokens.len() > MAX_TOKENS {
        return false;
    }
    let mut runs = vec![0_usize];
    for token in tokens {
        match token.kind {
            TokenKind::Symbol(Symbol::LeftParen | Symbol::LeftBracket | Symbol::LeftBrace) => runs.push(0),
            TokenKind::Symbol(Symbol::RightParen | Symbol::RightBracket | Symbol::RightBrace) => {
                runs.pop();
            }
            TokenKind::Symbol(Symbol::Comma) => {
                if let Some(run) = runs.last_mut() {
                    *run = 0;
                }
            }
            _ => {}
        }
        let Some(run) = runs.last_mut() else { return false };
        *run += 1;
        if *run > MAX_RUN || runs.len() > MAX_DEPTH {
            return false;
        }
    }
    true
}

/// What a name is taken for.
fn word(cte: Option<bool>) -> &'static str {
    match cte {
        None => "nothing",
        Some(false) => "table",
        Some(true) => "with query",
    }
}

fn difference(statement: &Statement<'_>, kind: StatementKind, second: &Reading) -> Option<Disagreement> {
    let outline = &statement.outline;
    if second.kind != Some(kind) {
        return Some(Disagreement::Kind { first: kind, second: second.kind });
    }
    let first = tables(outline);
    let places = first.keys().chain(second.tables.keys());
    for place in places {
        let (one, other) = (first.get(place).copied(), second.tables.get(place).copied());
        if one != other {
            let site = outline.names.binary_search_by_key(place, |site| site.first);
            let last = site.map_or(*place, |index| outline.names[index].last);
            let span = outline.tokens[*place].span.to(outline.tokens[last].span);
            let name = span.of(statement.text()).to_owned();
            return Some(Disagreement::Name { name, first: word(one), second: word(other) });
        }
    }
    let tail = outline.tail?;
    let window = [tail.offset.is_some(), tail.limit.is_some(), tail.fetch.is_some()];
    (window != second.window).then_some(Disagreement::Window { first: window, second: second.window })
}

/// The tables that the scanner sees, by their first token, and whether they are queries in WITH.
fn tables(outline: &Outline) -> BTreeMap<TokenId, bool> {
    let sites = outline.names.iter();
    let tables = sites.filter(|site| matches!(site.role, Role::Relation | Role::Target | Role::Create));
    tables.map(|site| (site.first, site.cte)).collect()
}
