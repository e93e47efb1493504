//! Names in a statement against the catalogs and the session: what is missing, said as Trino says it.

use std::ops::ControlFlow;

use datafusion::common::TableReference;
use datafusion::execution::session_state::SessionState;
use datafusion::sql::sqlparser::ast::{ObjectName, Query, Spanned, visit_relations};

use crate::failure::{ErrorCode, Place, QueryFailure, place_of};
use crate::sql::{Name, SessionNames};

/// A table's full name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TableName {
    pub(super) catalog: String,
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) place: Option<Place>,
}

impl std::fmt::Display for TableName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}.{}", self.catalog, self.schema, self.table)
    }
}

/// Completes a name with the session's catalog and schema.
pub(super) fn complete(name: &Name, session: &SessionNames) -> Result<TableName, QueryFailure> {
    let mut parts = name.parts.iter().rev();
    let table = parts.next().cloned().unwrap_or_default();
    let schema = match parts.next().or(session.schema.as_ref()) {
        Some(schema) => schema.clone(),
        None => {
            let message = "Schema must be specified when session schema is not set";
            return Err(QueryFailure::new(ErrorCode::MissingSchemaName, message).at(name.place));
        }
    };
    let catalog = match parts.next().or(session.catalog.as_ref()) {
        Some(catalog) => catalog.clone(),
        None => {
            let message = "Catalog must be specified when session catalog is not set";
            return Err(QueryFailure::new(ErrorCode::MissingCatalogName, message).at(name.place));
        }
    };
    Ok(TableName { catalog, schema, table, place: name.place })
}

/// Checks that every table that a query reads exists.
pub(super) fn check_tables(state: &SessionState, query: &Query, session: &SessionNames) -> Result<(), QueryFailure> {
    let mut relations = Vec::new();
    let _: ControlFlow<()> = visit_relations(query, |relation| {
        relations.push(relation.clone());
        ControlFlow::Continue(())
    });
    if let Some(long) = relations.iter().find(|relation| relation.0.len() > 3) {
        let message = format!("Too many dots in table name: {long}");
        return Err(QueryFailure::new(ErrorCode::SyntaxError, message).at(place_of(long.span())));
    }
    let statement = datafusion::sql::sqlparser::ast::Statement::Query(Box::new(query.clone()));
    let read = state.resolve_table_references(&datafusion::sql::parser::Statement::Statement(Box::new(statement)))?;
    for reference in read {
        let place =
            relations.iter().find(|relation| same(relation, &reference)).and_then(|relation| place_of(relation.span()));
        let parts = parts_of(&reference);
        let name = complete(&Name { parts, place }, session)?;
        check_table(state, &name)?;
    }
    Ok(())
}

fn parts_of(reference: &TableReference) -> Vec<String> {
    [reference.catalog(), reference.schema(), Some(reference.table())]
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .collect()
}

fn same(relation: &ObjectName, reference: &TableReference) -> bool {
    let written = relation.0.iter().filter_map(|part| part.as_ident()).map(|ident| ident.value.as_str());
    written.eq(parts_of(reference).iter().map(String::as_str))
}

fn check_table(state: &SessionState, name: &TableName) -> Result<(), QueryFailure> {
    let catalogs = state.catalog_list();
    let (code, message) = match catalogs.catalog(&name.catalog) {
        None => (ErrorCode::CatalogNotFound, format!("Catalog '{}' not found", name.catalog)),
        Some(catalog) => match catalog.schema(&name.schema) {
            None => (ErrorCode::SchemaNotFound, format!("Schema '{}' does not exist", name.schema)),
            Some(schema) if schema.table_exist(&name.table) => return Ok(()),
            Some(_) => (ErrorCode::TableNotFound, format!("Table '{name}' does not exist")),
        },
    };
    Err(QueryFailure::new(code, message).at(name.place))
}
