//! Column lineage: which columns of which tables each output column of a statement is made of, and how. It is read off
//! the second reader's syntax tree and is about values only: conditions, join conditions, grouping and ordering say
//! which rows there are, not what is in them.
//!
//! What is known is said, and what is not known is absent and marked: a source that is given is one. Looking up what
//! columns a table has is the caller's business.

mod expression;
mod from;
mod functions;
mod pattern;
mod query;
mod relation;
mod scope;
mod shape;
mod table_function;
mod target;
mod tracer;
mod value;

use std::collections::{HashMap, HashSet};

use crate::names::{Level, NameRef, Role};
use crate::second::{self, SecondReading};
use crate::statement::Statement;

use relation::{Content, Field};
use tracer::Tracer;

pub use value::ColumnUse;

/// A column of a table, as a catalog knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name. Case does not matter for finding it.
    pub name: String,
    /// Its type as Trino writes it, such as `array(row(sku varchar, qty integer))`. It tells which columns UNNEST of an
    /// array or map and `row.*` give; without it these are known only as far as a list of names says so.
    pub data_type: Option<String>,
}

impl Column {
    /// A column of which the type is not known.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), data_type: None }
    }
}

/// Knows the columns of tables.
///
/// ```
/// use warren_sql::{Column, Columns, NameRef};
///
/// struct Shop;
///
/// impl Columns for Shop {
///     fn columns(&self, table: &NameRef) -> Option<Vec<Column>> {
///         (table.parts.last()? == "orders").then(|| vec![Column::named("id"), Column::named("total")])
///     }
/// }
/// ```
pub trait Columns {
    /// The columns of a table, in order, without hidden ones; `None` when the table is not known. `table` is the name as
    /// the statement has it: 1 to 3 parts within the session's catalog and schema, or an FQN. It is asked once for each
    /// time that the table is read.
    fn columns(&self, table: &NameRef) -> Option<Vec<Column>>;
}

/// No table is known.
impl Columns for () {
    fn columns(&self, _table: &NameRef) -> Option<Vec<Column>> {
        None
    }
}

/// How much the lineage of a statement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineageLevel {
    /// Columns are traced.
    Columns,
    /// Only the tables are known, because the second reader has no tree of the statement: this is what it said. It is
    /// [`NotParsed::Kind`](crate::NotParsed::Kind) for a statement that neither gives rows of tables nor writes them,
    /// such as EXPLAIN and SHOW.
    Tables(SecondReading),
}

/// What a statement makes out of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage<'s> {
    /// Whether columns are traced.
    pub level: LineageLevel,
    /// What is written or made; `None` for a query.
    pub target: Option<&'s NameRef>,
    /// The columns of the result, or those that are written: all of a CREATE TABLE AS or CREATE VIEW, the listed ones of
    /// an INSERT in the order of the statement, the changed ones of an UPDATE in the order of the table, those of a
    /// MERGE that are updated and then those that are only inserted. None for DELETE.
    pub columns: Vec<OutputColumn<'s>>,
    /// The tables that are read, each once, in order of place.
    pub tables: Vec<&'s NameRef>,
    /// Whether every column is there with all of its sources.
    pub complete: bool,
}

/// A column that a statement gives or writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn<'s> {
    /// Its name as typed in the statement or as the catalog has it. `None` where the columns of the target of an INSERT
    /// are not known.
    pub name: Option<String>,
    /// Its place among the columns, from 0; `None` behind columns of which the number is not known.
    pub place: Option<usize>,
    /// What it is made of, by the place of the table in the statement, then by column. Empty for constants.
    pub sources: Vec<Source<'s>>,
    /// Whether these are all its sources.
    pub complete: bool,
}

/// A column that goes into an output column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source<'s> {
    /// The table, where the statement first names it.
    pub table: &'s NameRef,
    /// The column, as the catalog has it; a field of a row is its whole column.
    pub column: String,
    /// What happens to it on the way.
    pub usage: ColumnUse,
}

/// The lineage of `statement`.
pub(crate) fn trace<'s>(statement: &'s Statement<'_>, catalog: &dyn Columns) -> Lineage<'s> {
    let tables = tables(statement);
    let target = statement.write_target();
    let fields = match second::with_tree(statement, |tree| Tracer::new(statement, catalog).statement_fields(tree)) {
        Ok(fields) => fields,
        Err(reading) => {
            let level = LineageLevel::Tables(reading);
            return Lineage { level, target, columns: Vec::new(), tables, complete: false };
        }
    };
    let known = fields.iter().position(Field::is_gap).unwrap_or(fields.len());
    let first = first_names(statement);
    let mut columns = Vec::with_capacity(fields.len());
    for (place, field) in fields.iter().enumerate() {
        let Content::Column { name, value } = &field.content else { continue };
        columns.push(OutputColumn {
            name: name.as_deref().map(str::to_owned),
            place: (place < known).then_some(place),
            sources: sources(statement, value, &first),
            complete: value.complete,
        });
    }
    let complete = known == fields.len() && columns.iter().all(|column| column.complete && column.name.is_some());
    Lineage { level: LineageLevel::Columns, target, columns, tables, complete }
}

/// The sources of a value, each table under the first of its names.
fn sources<'s>(statement: &'s Statement<'_>, value: &value::Value, first: &[usize]) -> Vec<Source<'s>> {
    let names = statement.own_names();
    let mut sources: Vec<Source<'s>> = Vec::new();
    let mut known = HashMap::new();
    for (origin, usage) in value.origins.iter() {
        let (Some(table), Some(first)) = (names.get(origin.table), first.get(origin.table)) else { continue };
        let place = *known.entry((*first, origin.column.to_lowercase())).or_insert(sources.len());
        match sources.get_mut(place) {
            Some(source) => source.usage = source.usage.max(*usage),
            None => sources.push(Source { table, column: origin.column.to_string(), usage: *usage }),
        }
    }
    sources
}

/// The tables that a statement reads.
fn tables<'s>(statement: &'s Statement<'_>) -> Vec<&'s NameRef> {
    let mut known = HashSet::new();
    let read = statement.names().iter();
    let tables = read.filter(|name| name.role == Role::Relation && name.level == Level::Table && !name.cte);
    tables.filter(|name| known.insert(key(name))).collect()
}

/// For each name of the statement itself the first name of the same table.
fn first_names(statement: &Statement<'_>) -> Vec<usize> {
    let mut known = HashMap::new();
    let names = statement.own_names().iter().enumerate();
    names.map(|(index, name)| *known.entry(key(name)).or_insert(index)).collect()
}

/// What names of the same table have in common: quoted or not, case does not matter.
fn key(name: &NameRef) -> Vec<String> {
    name.parts.iter().map(|part| part.to_lowercase()).collect()
}
