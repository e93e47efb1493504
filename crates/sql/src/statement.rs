//! One analysed statement: the crate's front door.

use std::borrow::Cow;

use crate::error::{Fault, SqlError, SqlErrorCode};
use crate::kind::StatementKind;
use crate::lexer::{Symbol, Token, TokenKind, identifier_value, lex};
use crate::limits::Limits;
use crate::lineage::{self, Columns, Lineage};
use crate::names::{ColumnRef, NameRef, Role};
use crate::rewrite::{self, Converted, Mapping};
use crate::scanner::{Chain, NameSite, Outline, scan};
use crate::second::{self, NotParsed, SecondReading};
use crate::span::{Locator, Position, Span};
use crate::window::{Window, window};

/// Reads one statement within the [default limits](Limits::DEFAULT). Trailing semicolons are dropped.
///
/// # Errors
/// [`SqlError`] when the text is empty, holds several statements, is none that Warren knows, or cannot be read.
///
/// ```
/// let statement = warren_sql::analyse("SELECT * FROM sales_pg.shop.public.orders LIMIT 10;").unwrap();
/// assert_eq!(statement.names()[0].parts, ["sales_pg", "shop", "public", "orders"]);
/// assert_eq!(statement.window().limit, Some(10));
/// ```
pub fn analyse(sql: &str) -> Result<Statement<'_>, SqlError> {
    analyse_with(sql, &Limits::DEFAULT)
}

/// Reads one statement within `limits`.
///
/// # Errors
/// As [`analyse`].
pub fn analyse_with<'a>(sql: &'a str, limits: &Limits) -> Result<Statement<'a>, SqlError> {
    read(sql, limits).map_err(|fault| SqlError::new(sql, fault))
}

fn read<'a>(sql: &'a str, limits: &Limits) -> Result<Statement<'a>, Fault> {
    let mut tokens = lex(sql, limits)?;
    let mut text = sql;
    while let Some(last) = tokens.pop_if(|token| token.kind == TokenKind::Symbol(Symbol::Semicolon)) {
        text = &sql[..last.span.start];
    }
    if tokens.is_empty() {
        return Err(Fault::new(SqlErrorCode::EmptySql, Span::new(0, 0), "the SQL is empty"));
    }
    let outline = scan(text, tokens, limits)?;
    let window = window(text, &outline)?;
    let mut names = name_refs(text, &outline);
    let immediate = Immediate::read(text, &outline, limits);
    if let Some(Immediate { names: Ok(inner), .. }) = &immediate {
        names.extend(inner.iter().cloned());
    }
    Ok(Statement { text, outline, names, window, immediate, limits: *limits })
}

/// A statement that was read.
#[derive(Debug, Clone)]
pub struct Statement<'a> {
    text: &'a str,
    pub(crate) outline: Outline,
    names: Vec<NameRef>,
    window: Window,
    immediate: Option<Immediate>,
    limits: Limits,
}

impl<'a> Statement<'a> {
    /// The text as it was given, without trailing semicolons and what stands behind them.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// What the statement does.
    #[must_use]
    pub const fn kind(&self) -> StatementKind {
        self.outline.kind
    }

    /// What an EXPLAIN explains or a PREPARE prepares.
    #[must_use]
    pub const fn inner_kind(&self) -> Option<StatementKind> {
        self.outline.inner
    }

    /// The kind as one word; for EXPLAIN with what it explains, such as `Explain:Query`.
    #[must_use]
    pub fn label(&self) -> String {
        match (self.kind(), self.inner_kind()) {
            (StatementKind::Explain, Some(inner)) => format!("{}:{}", self.kind().as_str(), inner.as_str()),
            (kind, _) => kind.as_str().to_owned(),
        }
    }

    /// Whether running it twice is the same as running it once: it changes no data, no metadata and no session.
    /// `EXPLAIN ANALYZE` is what it runs.
    #[must_use]
    pub const fn is_read_only(&self) -> bool {
        match (self.kind(), self.inner_kind()) {
            (StatementKind::ExplainAnalyze, Some(inner)) => inner.is_read_only(),
            (kind, _) => kind.is_read_only(),
        }
    }

    /// Every name of a table, schema, catalog or routine, in order of place. Names in the literal of EXECUTE IMMEDIATE
    /// come last and are [`nested`](NameRef::nested).
    #[must_use]
    pub fn names(&self) -> &[NameRef] {
        &self.names
    }

    /// Every column with a qualifier and every field of a row, in order of place. What a method is called on is one
    /// where more than three parts show that it cannot be the name of a function.
    #[must_use]
    pub fn qualified_columns(&self) -> Vec<ColumnRef> {
        let mut locator = Locator::new(self.text);
        let column = |chain: &Chain| {
            let span = self.outline.tokens[chain.first].span.to(self.outline.tokens[chain.last].span);
            let parts = identifiers(self.text, &self.outline.tokens[chain.first..=chain.last]);
            ColumnRef {
                parts: parts.map(Cow::into_owned).collect(),
                span,
                position: locator.locate(span),
                star: chain.star,
            }
        };
        self.outline.chains.iter().map(column).collect()
    }

    /// The window of the outermost query.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.window
    }

    /// Whether the statement is a plain query, so that it has a window of its own.
    #[must_use]
    pub const fn is_plain_query(&self) -> bool {
        self.outline.tail.is_some()
    }

    /// What the statement writes or makes: the target of INSERT, UPDATE, DELETE, MERGE, TRUNCATE, CREATE TABLE or
    /// CREATE VIEW. An EXPLAIN has none, for it writes nothing, but an EXPLAIN ANALYZE has.
    #[must_use]
    pub fn write_target(&self) -> Option<&NameRef> {
        if matches!(self.kind(), StatementKind::Explain | StatementKind::Prepare | StatementKind::ExecuteImmediate) {
            return None;
        }
        self.names.iter().find(|name| matches!(name.role, Role::Target | Role::Create))
    }

    /// Where a byte range of [`text`](Self::text) is.
    #[must_use]
    pub fn position(&self, span: Span) -> Position {
        Locator::new(self.text).locate(span)
    }

    /// Replaces names by Trino names and splits the window off. `resolve` is asked once for every name that
    /// [may be replaced](NameRef::is_mappable), in order of place.
    ///
    /// # Errors
    /// [`SqlErrorCode::AmbiguousName`] when a qualified column would change its meaning, the error of the statement
    /// inside of EXECUTE IMMEDIATE, and [`SqlErrorCode::RewriteCheckFailed`] when the result does not scan to what it
    /// should.
    pub fn convert(&self, resolve: &mut dyn FnMut(&NameRef) -> Mapping) -> Result<Converted, SqlError> {
        rewrite::convert(self, resolve)
    }

    /// Reads the statement a second time, with sqlparser, and compares. Of EXECUTE IMMEDIATE that is the statement in its
    /// literal, and the places are those in it. Costs about ten times what [`analyse`] does.
    #[must_use]
    pub fn second_reading(&self) -> SecondReading {
        let Some(immediate) = &self.immediate else { return second::read(self) };
        match analyse_with(&immediate.sql, &self.limits) {
            Ok(inner) => inner.second_reading(),
            Err(_) => SecondReading::NotParsed(NotParsed::Kind),
        }
    }

    /// The refusal of a statement on which the two readers do not agree; `None` when they do or when the second one
    /// cannot say.
    #[must_use]
    pub fn disagreement(&self) -> Option<SqlError> {
        let SecondReading::Disagrees(disagreement) = self.second_reading() else { return None };
        // Places inside of a literal are the literal for the user.
        let literal = self.immediate.as_ref().map(|immediate| immediate.span);
        let span = literal.or(disagreement.span()).unwrap_or(Span::new(0, self.text.len()));
        Some(SqlError::new(self.text, Fault::new(SqlErrorCode::ReadersDisagree, span, disagreement.to_string())))
    }

    /// Which columns of which tables the columns that the statement gives or writes are made of. `columns` knows the
    /// columns of tables; of a table that it does not know only columns that can be of no other table are sources, and
    /// what is made of them is incomplete. Costs about what [`second_reading`](Self::second_reading) does.
    ///
    /// ```
    /// use warren_sql::{Column, ColumnUse, NameRef, analyse};
    ///
    /// struct Shop;
    /// impl warren_sql::Columns for Shop {
    ///     fn columns(&self, table: &NameRef) -> Option<Vec<Column>> {
    ///         let columns = match table.parts.last()?.as_str() {
    ///             "orders" => ["id", "customer_id", "total"],
    ///             "customers" => ["id", "name", "country"],
    ///             _ => return None,
    ///         };
    ///         Some(columns.map(Column::named).to_vec())
    ///     }
    /// }
    ///
    /// let sql = "SELECT c.name, sum(total) AS spent FROM pg.shop.public.orders o
    ///            JOIN pg.shop.public.customers c ON c.id = o.customer_id GROUP BY c.name";
    /// let statement = analyse(sql).unwrap();
    /// let lineage = statement.lineage(&Shop);
    /// assert!(lineage.complete);
    /// let [name, spent] = &lineage.columns[..] else { panic!() };
    /// assert_eq!((name.sources[0].column.as_str(), name.sources[0].usage), ("name", ColumnUse::Identity));
    /// assert_eq!((spent.sources[0].column.as_str(), spent.sources[0].usage), ("total", ColumnUse::Aggregate));
    /// assert_eq!(spent.sources[0].table.parts, ["pg", "shop", "public", "orders"]);
    /// ```
    #[must_use]
    pub fn lineage(&self, columns: &dyn Columns) -> Lineage<'_> {
        lineage::trace(self, columns)
    }

    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) const fn immediate(&self) -> Option<&Immediate> {
        self.immediate.as_ref()
    }

    /// The names in the text itself, one for each site in the outline.
    pub(crate) fn own_names(&self) -> &[NameRef] {
        &self.names[..self.outline.names.len()]
    }
}

fn name_refs(text: &str, outline: &Outline) -> Vec<NameRef> {
    let mut locator = Locator::new(text);
    let name_ref = |site: &NameSite| {
        let span = outline.tokens[site.first].span.to(outline.tokens[site.last].span);
        NameRef {
            role: site.role,
            level: site.level,
            parts: site_parts(text, &outline.tokens, site).map(Cow::into_owned).collect(),
            span,
            position: locator.locate(span),
            cte: site.cte,
            nested: false,
        }
    };
    outline.names.iter().map(name_ref).collect()
}

/// The parts of a name.
pub(crate) fn site_parts<'a>(
    text: &'a str,
    tokens: &'a [Token],
    site: &NameSite,
) -> impl Iterator<Item = Cow<'a, str>> {
    identifiers(text, &tokens[site.first..=site.last])
}

/// The values of the identifiers in `tokens`, which have points between them.
fn identifiers<'a>(text: &'a str, tokens: &'a [Token]) -> impl Iterator<Item = Cow<'a, str>> {
    tokens.iter().step_by(2).map(move |token| identifier_value(token.span.of(text)))
}

/// The statement in the literal of EXECUTE IMMEDIATE.
#[derive(Debug, Clone)]
pub(crate) struct Immediate {
    /// Where the literal is.
    pub(crate) span: Span,
    /// The text in it.
    pub(crate) sql: String,
    /// Its names, or why they are not known.
    pub(crate) names: Result<Vec<NameRef>, SqlError>,
}

impl Immediate {
    fn read(text: &str, outline: &Outline, limits: &Limits) -> Option<Self> {
        let span = outline.tokens[outline.immediate?].span;
        let position = Locator::new(text).locate(span);
        let literal = span.of(text).strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        let Some(sql) = literal.map(|body| body.replace("''", "'")) else {
            let message = "EXECUTE IMMEDIATE takes a plain string here, so that the names in it can be found";
            let fault = Fault::new(SqlErrorCode::UnsupportedStatement, span, message);
            return Some(Self { span, sql: String::new(), names: Err(SqlError::new(text, fault)) });
        };
        // A statement in it may execute another one. Each level doubles its quotes, so that there are few.
        let names = match read(&sql, limits) {
            Ok(inner) => {
                Ok(inner.names.into_iter().map(|name| NameRef { span, position, nested: true, ..name }).collect())
            }
            Err(fault) => Err(SqlError::new(text, fault.at(span))),
        };
        Some(Self { span, sql, names })
    }
}
