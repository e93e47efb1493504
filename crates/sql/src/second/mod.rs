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
mod parentheses;
mod pattern;
mod rows;
mod simplify;
mod table_function;
mod tokens;
mod tree;

use std::collections::BTreeMap;
use std::fmt;

use sqlparser::ast::Statement as Tree;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token as Plain, TokenWithSpan};

use crate::kind::StatementKind;
use crate::lexer::{Symbol, Token, TokenKind};
use crate::names::Role;
use crate::scanner::{Outline, TokenId};
use crate::span::Span;
use crate::statement::Statement;

use dialect::TrinoDialect;
use simplify::simplify;
use tree::Reading;

pub(crate) use tokens::token_of;

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
    /// So long or so deep that sqlparser's recursion could overflow the stack, or that it tries too many ways to read it.
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
        /// Where it stands.
        span: Span,
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
            Self::Name { name, first, second, .. } => {
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

impl Disagreement {
    /// The place that the readings differ about; `None` when it is the whole statement.
    #[must_use]
    pub const fn span(&self) -> Option<Span> {
        match self {
            Self::Name { span, .. } => Some(*span),
            Self::Kind { .. } | Self::Window { .. } => None,
        }
    }
}

/// Most tokens that sqlparser is given.
const MAX_TOKENS: usize = 20_000;
/// Deepest nesting of brackets that sqlparser is given.
const MAX_DEPTH: usize = 60;
/// The same with the parentheses that simplifying adds.
const MAX_SIMPLIFIED_DEPTH: usize = 2 * MAX_DEPTH;
/// Most tokens between two commas of one bracket. A chain of operators becomes a tree as deep as the chain is long, and
/// neither visiting nor dropping such a tree is protected against an overflow of the stack.
const MAX_RUN: usize = 1_200;

/// Stack for a statement without brackets, and for each level of them. sqlparser grows its stack too, but only where it
/// has left less than it needs for one level of joins in a debug build, which is 160 KiB.
const BASE_STACK: usize = 512 << 10;
const LEVEL_STACK: usize = 192 << 10;

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
    parsed(statement, kind, |tree| difference(statement, kind, &Reading::of(tree)))
}

/// Gives `body` the syntax tree of a statement that gives rows or writes them, or says why there is none that can be
/// trusted. What an EXPLAIN explains and a PREPARE prepares has none; what EXPLAIN ANALYZE writes has.
pub(crate) fn with_tree<T>(statement: &Statement<'_>, body: impl FnOnce(&Tree) -> T) -> Result<T, SecondReading> {
    let outline = &statement.outline;
    let kind = match outline.kind {
        StatementKind::ExplainAnalyze => outline.inner.filter(|inner| !inner.is_read_only()),
        kind => Some(kind),
    };
    let kind = kind.filter(|kind| is_compared(*kind)).ok_or(SecondReading::NotParsed(NotParsed::Kind))?;
    let answer = parsed(statement, kind, |tree| match difference(statement, kind, &Reading::of(tree)) {
        None => Ok(body(tree)),
        Some(disagreement) => Err(SecondReading::Disagrees(disagreement)),
    });
    answer.map_err(SecondReading::NotParsed)?
}

/// Parses the innermost statement, which is of the kind `kind`, and gives the tree to `body`, on a stack that is large
/// enough for both.
fn parsed<T>(statement: &Statement<'_>, kind: StatementKind, body: impl FnOnce(&Tree) -> T) -> Result<T, NotParsed> {
    let depth = fitting_depth(&statement.outline.tokens).ok_or(NotParsed::TooLarge)?;
    let tokens = with_stack(depth, || simplify(statement.text(), &statement.outline, kind))?;
    with_stack(simplified_depth(&tokens)?, || parse(tokens).map(|tree| body(&tree)))
}

/// Runs `body` on a stack that is large enough for brackets that are nested so deep.
fn with_stack<T>(depth: usize, body: impl FnOnce() -> T) -> T {
    let stack = BASE_STACK + depth * LEVEL_STACK;
    stacker::maybe_grow(stack, stack, body)
}

/// How deep parentheses nest in simplified tokens, which have more of them.
fn simplified_depth(tokens: &[TokenWithSpan]) -> Result<usize, NotParsed> {
    let (mut depth, mut deepest) = (1_usize, 1);
    for token in tokens {
        match token.token {
            Plain::LParen | Plain::LBracket | Plain::LBrace => depth += 1,
            Plain::RParen | Plain::RBracket | Plain::RBrace => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if deepest > MAX_SIMPLIFIED_DEPTH { Err(NotParsed::TooLarge) } else { Ok(deepest) }
}

fn parse(tokens: Vec<TokenWithSpan>) -> Result<Tree, NotParsed> {
    let dialect = TrinoDialect::for_tokens(tokens.len());
    let mut parser = Parser::new(&dialect).with_recursion_limit(4 * MAX_DEPTH).with_tokens_with_locations(tokens);
    let construct = |error: &dyn fmt::Display| NotParsed::Construct(error.to_string());
    let tree = parser.parse_statement();
    if dialect.gave_up() {
        return Err(NotParsed::TooLarge);
    }
    let tree = tree.map_err(|error| construct(&error))?;
    if parser.peek_token_ref().token != Plain::EOF {
        return Err(construct(&format!("something follows the statement: {}", parser.peek_token_ref().token)));
    }
    Ok(tree)
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

/// How deep brackets nest, if sqlparser can be trusted with the tokens.
fn fitting_depth(tokens: &[Token]) -> Option<usize> {
    if tokens.len() > MAX_TOKENS {
        return None;
    }
    let mut depth = 1;
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
        let run = runs.last_mut()?;
        *run += 1;
        if *run > MAX_RUN || runs.len() > MAX_DEPTH {
            return None;
        }
        depth = depth.max(runs.len());
    }
    Some(depth)
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
            let span = outline.tokens[*place].span().to(outline.tokens[last].span());
            let name = span.of(statement.text()).to_owned();
            return Some(Disagreement::Name { name, span, first: word(one), second: word(other) });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::analyse;

    #[test]
    fn a_reading_that_sees_something_else_disagrees() {
        let statement = analyse("SELECT * FROM t, u LIMIT 5").unwrap();
        let agreeing = || Reading {
            kind: Some(StatementKind::Query),
            tables: BTreeMap::from([(3, false), (5, false)]),
            window: [false, true, false],
        };
        let check = |reading: Reading, expect: Option<&str>| {
            let found = difference(&statement, StatementKind::Query, &reading);
            assert_eq!(found.map(|disagreement| disagreement.to_string()).as_deref(), expect);
        };
        check(agreeing(), None);
        let missing = Reading { tables: BTreeMap::from([(3, false)]), ..agreeing() };
        check(missing, Some("one reading takes u for a table, the other for a nothing"));
        let with = Reading { tables: BTreeMap::from([(3, true), (5, false)]), ..agreeing() };
        check(with, Some("one reading takes t for a table, the other for a with query"));
        let window = Reading { window: [true, true, false], ..agreeing() };
        check(window, Some("one reading has the window (LIMIT), the other (OFFSET LIMIT)"));
        let kind = Reading { kind: Some(StatementKind::Insert), ..agreeing() };
        check(kind, Some("one reading is Query, the other Insert"));
    }

    #[test]
    fn what_is_simplified_is_read() {
        let check = |sql: &str| {
            let reading = analyse(sql).unwrap().second_reading();
            assert_eq!(reading, SecondReading::Agrees, "{sql}");
        };
        check("WITH FUNCTION f() RETURNS int RETURN 1 SELECT f() FROM t");
        check("SELECT * FROM t FOR VERSION AS OF 3, TABLE(f(a => TABLE(u) PARTITION BY x, b => DESCRIPTOR(y int)))");
        check("VALUES 1, (2), (SELECT a FROM t), CASE WHEN x THEN 1 END");
        check("SELECT CAST(a AS row(b varchar(3))), DATE '2020-01-01', INTERVAL '1' DAY + x FROM t");
        check(
            "SELECT extract(YEAR FROM a), trim(BOTH ' ' FROM b), overlay(c PLACING d FROM 1), position('x' IN e) FROM t",
        );
        check("SELECT json_value(a, 'lax $' PASSING b AS c RETURNING int DEFAULT (SELECT 1 FROM u) ON EMPTY) FROM t");
        check("SELECT json_object(KEY 'a' VALUE b, 'c' : d ABSENT ON NULL WITH UNIQUE KEYS) FROM t");
        check("SELECT a FROM t GROUP BY ALL a UNION CORRESPONDING BY (a) TABLE u LIMIT ALL");
        check("SELECT * FROM t TABLESAMPLE BERNOULLI (10) OFFSET 7 LIMIT 3");
        check("SELECT a * corresponding FROM t UNION DISTINCT CORRESPONDING SELECT corresponding FROM u");
        check("SELECT x.corresponding, x.group, x.interval, x.auto FROM x");
        check("SELECT x > ALL (VALUES 1, 2), transform(y, z -> z + 1), bigint::parse('1') FROM limit offset");
        check("CREATE TABLE t COMMENT 'x' WITH (p = 1) AS SELECT * FROM u WITH NO DATA");
        check("CREATE OR REPLACE MATERIALIZED VIEW v GRACE PERIOD INTERVAL '1' DAY AS TABLE u");
        check(
            "SELECT * FROM (SELECT a, b FROM t) MATCH_RECOGNIZE (PARTITION BY a ORDER BY b DESC, c MEASURES FINAL last(x.b) AS m, \
             count(*) AS n ALL ROWS PER MATCH AFTER MATCH SKIP TO NEXT ROW PATTERN (x y+) SUBSET z = (x, y) DEFINE y AS y.b > 1) AS p",
        );
        check(
            "SELECT m OVER w, sum(b) OVER w FROM t WINDOW w AS (ORDER BY b MEASURES x.b AS m ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING PATTERN (x) DEFINE x AS true)",
        );
        check(
            "SELECT * FROM t JOIN u MATCH_RECOGNIZE (MEASURES x.a AS m PATTERN (x) DEFINE x AS true) AS p ON p.m = t.a",
        );
        check(
            "SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY measures ORDER BY y DESC, measures MEASURES (SELECT max(z) FROM u) AS n \
             PATTERN (p+) DEFINE p AS true)",
        );
        check("SELECT * FROM (SELECT 1) match_recognize (a), t");
        check("SELECT lag(a) IGNORE NULLS OVER (ORDER BY b), current_timestamp(3), normalize(a, NFC) FROM t");
        check("INSERT INTO match (SELECT 1 FROM window)");
        check("SELECT ((SELECT 1) UNION ((SELECT 2) LIMIT 1)), (VALUES 1, 2) FROM ((t) u) first, (u JOIN t ON true) v");
        check(
            "SELECT * FROM t JOIN u NATURAL JOIN t JOIN u CROSS JOIN t ON true ON true, t JOIN u JOIN t USING (a) USING (b)",
        );
        check("SELECT a time, b row, count(*) error FROM t current JOIN u next ON next.a = current.a WHERE time > 1");
        check(
            "SELECT sum(a) OVER (w ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), listagg(b) WITHIN GROUP (ORDER BY c) FROM t view \
             WINDOW w AS (PARTITION BY a ORDER BY b DESC NULLS LAST) ORDER BY a NULLS FIRST OFFSET 2 ROWS FETCH FIRST ROW ONLY",
        );
        check("SELECT f((SELECT 1), (a) + 1) FROM t WHERE EXISTS (((SELECT 1) OFFSET 1) FETCH FIRST ROW ONLY)");
        check("EXECUTE IMMEDIATE 'SELECT ''a'' FROM t WHERE b = ?' USING 1");
        check("MERGE INTO t@dev AS x USING u ON x.a = u.a WHEN NOT MATCHED THEN INSERT (a) VALUES (u.a)");
    }
}
