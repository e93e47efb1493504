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
        text = &sql[..last.span().start];
    }
    if tokens.is_empty() {
        return Err(Fault::new(SqlErrorCode::EmptySql, Span::new(0, 0), "the SQL is empty"));
    }
    let outline = scan(text, tokens, limits)?;
    let window = window(text, &outline)?;
    let mut names = name_refs(text, &outline);
    let immediate = Immediate::read(text, &outline, limits);
    if let Some(Immediate { inner: Ok(inner), .. }) = &immediate {
        let own = names.len();
        names.extend(inner.names.iter().map(|name| NameRef { index: own + name.index, ..name.clone() }));
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

    /// What is executed: what an EXPLAIN ANALYZE explains, what is in the string of an EXECUTE IMMEDIATE, and else the
    /// statement itself. `ExecuteImmediate` only where the string cannot be read.
    #[must_use]
    pub const fn executed_kind(&self) -> StatementKind {
        let kind = match (self.kind(), self.inner_kind()) {
            (StatementKind::ExplainAnalyze, Some(inner)) => inner,
            (kind, _) => kind,
        };
        match (kind, &self.immediate) {
            (StatementKind::ExecuteImmediate, Some(Immediate { inner: Ok(inner), .. })) => inner.executed,
            _ => kind,
        }
    }

    /// What the statement around a name does: the one that an EXPLAIN explains, a PREPARE prepares or an EXECUTE
    /// IMMEDIATE has in its string, and else the statement itself.
    #[must_use]
    pub const fn kind_around(&self, name: &NameRef) -> StatementKind {
        match &self.immediate {
            Some(Immediate { inner: Ok(inner), .. }) if name.nested => inner.around,
            _ => innermost(&self.outline),
        }
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

    /// Whether running it twice is the same as running it once: [what is executed](Self::executed_kind) changes no data,
    /// no metadata and no session.
    #[must_use]
    pub const fn is_read_only(&self) -> bool {
        self.executed_kind().is_read_only()
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
            let tokens = &self.outline.tokens[chain.first..=chain.continued.unwrap_or(chain.last)];
            let span = tokens[0].span().to(tokens[tokens.len() - 1].span());
            let is_part = |token: &&Token| !matches!(token.kind, TokenKind::Symbol(_));
            let parts = tokens.iter().filter(is_part).map(|token| identifier_value(token.span().of(self.text)));
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
    /// CREATE VIEW, also in the string of EXECUTE IMMEDIATE. An EXPLAIN has none, for it writes nothing, but an EXPLAIN
    /// ANALYZE has.
    #[must_use]
    pub fn write_target(&self) -> Option<&NameRef> {
        if matches!(self.executed_kind(), StatementKind::Explain | StatementKind::Prepare) {
            return None;
        }
        self.names.iter().find(|name| matches!(name.role, Role::Target | Role::Create))
    }

    /// Where a byte range of [`text`](Self::text) is.
    #[must_use]
    pub fn position(&self, span: Span) -> Position {
        Locator::new(self.text).locate(span)
    }

    /// Where the statement stands in [`text`](Self::text), first word to last.
    #[must_use]
    pub fn place(&self) -> Position {
        let spans = self.outline.tokens.iter().map(|token| token.span());
        self.position(spans.reduce(Span::to).unwrap_or(Span::new(0, 0)))
    }

    /// Replaces names by Trino names and splits the window off. `resolve` is asked once for every name of
    /// [`names`](Self::names) that [may be replaced](NameRef::is_mappable), in order of place.
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

    /// The refusal of a statement on which the two readers do not agree, nor on the one in the string of EXECUTE
    /// IMMEDIATE; `None` when they do or when the second one cannot say.
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

    /// The names in the string of EXECUTE IMMEDIATE, in the order in which the statement there has them.
    pub(crate) fn nested_names(&self) -> &[NameRef] {
        &self.names[self.outline.names.len()..]
    }
}

/// What an EXPLAIN explains or a PREPARE prepares, and else the statement itself.
const fn innermost(outline: &Outline) -> StatementKind {
    match (outline.kind, outline.inner) {
        (StatementKind::Explain | StatementKind::ExplainAnalyze | StatementKind::Prepare, Some(inner)) => inner,
        (kind, _) => kind,
    }
}

fn name_refs(text: &str, outline: &Outline) -> Vec<NameRef> {
    let mut locator = Locator::new(text);
    let name_ref = |(index, site): (usize, &NameSite)| {
        let span = outline.tokens[site.first].span().to(outline.tokens[site.last].span());
        NameRef {
            index,
            role: site.role,
            level: site.level,
            parts: site_parts(text, &outline.tokens, site).map(Cow::into_owned).collect(),
            span,
            position: locator.locate(span),
            cte: site.cte,
            nested: false,
        }
    };
    outline.names.iter().enumerate().map(name_ref).collect()
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
    tokens.iter().step_by(2).map(move |token| identifier_value(token.span().of(text)))
}

/// The string of EXECUTE IMMEDIATE.
#[derive(Debug, Clone)]
pub(crate) struct Immediate {
    /// Where the literal is.
    pub(crate) span: Span,
    /// The text in it.
    pub(crate) sql: String,
    /// The statement in it, or why it cannot be read.
    pub(crate) inner: Result<Inner, SqlError>,
}

/// What is known of the statement in the string of EXECUTE IMMEDIATE.
#[derive(Debug, Clone)]
pub(crate) struct Inner {
    /// Its names, with their places among each other.
    names: Vec<NameRef>,
    /// As [`Statement::executed_kind`].
    executed: StatementKind,
    /// As [`Statement::kind_around`].
    around: StatementKind,
}

impl Immediate {
    fn read(text: &str, outline: &Outline, limits: &Limits) -> Option<Self> {
        let span = outline.tokens[outline.immediate?].span();
        let position = Locator::new(text).locate(span);
        let unsupported =
            |message: &'static str| SqlError::new(text, Fault::new(SqlErrorCode::UnsupportedStatement, span, message));
        let literal = span.of(text).strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        let Some(sql) = literal.map(|body| body.replace("''", "'")) else {
            let message = "EXECUTE IMMEDIATE takes a plain string here, so that the names in it can be found";
            return Some(Self { span, sql: String::new(), inner: Err(unsupported(message)) });
        };
        let inner = match read(&sql, limits) {
            // Trino has one level only as well.
            Ok(inner) if inner.immediate.is_some() => {
                Err(unsupported("a statement that is executed out of a string cannot execute another one"))
            }
            Ok(inner) => Ok(Inner {
                executed: inner.executed_kind(),
                around: innermost(&inner.outline),
                names: inner.names.into_iter().map(|name| NameRef { span, position, nested: true, ..name }).collect(),
            }),
            Err(fault) => Err(SqlError::new(text, fault.at(span))),
        };
        Some(Self { span, sql, inner })
    }
}
