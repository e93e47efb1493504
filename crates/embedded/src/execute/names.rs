//! Names in a statement against the catalogs and the session: what is missing, said as Trino says it.

use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::common::TableReference;
use datafusion::execution::session_state::SessionState;
use datafusion::sql::sqlparser::ast::{ObjectName, Query, Spanned, visit_relations};

use super::Runner;
use crate::catalog::MEMORY;
use crate::catalog::memory::MemorySchema;
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
    let catalog = parts.next().cloned().map_or_else(|| session_catalog(session, name.place), Ok)?;
    Ok(TableName { catalog, schema, table, place: name.place })
}

/// Completes the name of a schema with the session's catalog.
pub(super) fn complete_schema(name: &Name, session: &SessionNames) -> Result<(String, String), QueryFailure> {
    let mut parts = name.parts.iter().rev();
    let schema = parts.next().cloned().unwrap_or_default();
    let catalog = parts.next().cloned().map_or_else(|| session_catalog(session, name.place), Ok)?;
    Ok((catalog, schema))
}

/// The session's catalog, which a name without one needs.
pub(super) fn session_catalog(session: &SessionNames, place: Option<Place>) -> Result<String, QueryFailure> {
    session.catalog.clone().ok_or_else(|| {
        let message = "Catalog must be specified when session catalog is not set";
        QueryFailure::new(ErrorCode::MissingCatalogName, message).at(place)
    })
}

/// The tables that a query reads, common table expressions left out.
pub(super) fn tables_of(
    state: &SessionState,
    query: &Query,
    session: &SessionNames,
) -> Result<Vec<TableName>, QueryFailure> {
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
    read.iter()
        .map(|reference| {
            let relation = relations.iter().find(|relation| same(relation, reference));
            let place = relation.and_then(|relation| place_of(relation.span()));
            complete(&Name { parts: parts_of(reference), place }, session)
        })
        .collect()
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

/// Checks that tables exist.
pub(super) fn check_tables(state: &SessionState, tables: &[TableName]) -> Result<(), QueryFailure> {
    tables.iter().try_for_each(|table| check_table(state, table))
}

pub(super) fn check_table(state: &SessionState, name: &TableName) -> Result<(), QueryFailure> {
    let (code, message) = match state.catalog_list().catalog(&name.catalog) {
        None => (ErrorCode::CatalogNotFound, format!("Catalog '{}' not found", name.catalog)),
        Some(catalog) => match catalog.schema(&name.schema) {
            None => (ErrorCode::SchemaNotFound, format!("Schema '{}' does not exist", name.schema)),
            Some(schema) if schema.table_exist(&name.table) => return Ok(()),
            Some(_) => (ErrorCode::TableNotFound, format!("Table '{name}' does not exist")),
        },
    };
    Err(QueryFailure::new(code, message).at(name.place))
}

impl Runner {
    /// Checks that a catalog exists and can be written. `what` is the statement's doing, as in "does not support creating views".
    pub(super) fn check_writable(&self, catalog: &str, session: &SessionNames, what: &str) -> Result<(), QueryFailure> {
        if catalog == MEMORY {
            return Ok(());
        }
        if self.state(session).catalog_list().catalog(catalog).is_none() {
            return Err(QueryFailure::new(ErrorCode::CatalogNotFound, format!("Catalog '{catalog}' not found")));
        }
        Err(QueryFailure::new(
            ErrorCode::NotSupported,
            format!("the catalog {catalog} does not support {what}; memory does"),
        ))
    }

    /// The schema that a table or view is to be made in.
    pub(super) fn writable_schema(
        &self,
        name: &TableName,
        session: &SessionNames,
        what: &str,
    ) -> Result<Arc<MemorySchema>, QueryFailure> {
        self.check_writable(&name.catalog, session, what)?;
        self.memory.memory_schema(&name.schema).ok_or_else(|| {
            QueryFailure::new(ErrorCode::SchemaNotFound, format!("Schema '{}' does not exist", name.schema))
        })
    }
}
