//! Statements that define: schemas, empty tables, drops, and the session's schema.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::datatypes::Schema;

use super::names::{complete, complete_schema};
use super::{Outcome, Runner};
use crate::catalog::memory::{Entry, MemoryTable};
use crate::failure::{ErrorCode, QueryFailure};
use crate::sql::{ColumnDefinition, Command, Name, SessionNames};
use crate::types::arrow_types::field;

impl Runner {
    pub(super) fn define(&self, command: Command, session: &SessionNames) -> Result<Outcome, QueryFailure> {
        match command {
            Command::CreateTable { table, if_not_exists, columns } => {
                self.create_table(&table, if_not_exists, &columns, session)
            }
            Command::DropTable { table, if_exists } => self.drop_table(&table, if_exists, session),
            Command::DropView { view, if_exists } => self.drop_view(&view, if_exists, session),
            Command::CreateSchema { schema, if_not_exists } => self.create_schema(&schema, if_not_exists, session),
            Command::DropSchema { schema, if_exists } => self.drop_schema(&schema, if_exists, session),
            other => Err(QueryFailure::not_supported(format_args!("{other:?}"))),
        }
    }

    fn create_table(
        &self,
        name: &Name,
        if_not_exists: bool,
        columns: &[ColumnDefinition],
        session: &SessionNames,
    ) -> Result<Outcome, QueryFailure> {
        let name = complete(name, session)?;
        let schema = self.writable_schema(&name, session, "creating tables")?;
        let done = Outcome::Defined { update_type: "CREATE TABLE" };
        if schema.entry(&name.table).is_some() && if_not_exists {
            return Ok(done);
        }
        let mut names = HashSet::new();
        if let Some(twice) = columns.iter().find(|column| !names.insert(&column.name)) {
            let message = format!("Column name '{}' specified more than once", twice.name);
            return Err(QueryFailure::new(ErrorCode::DuplicateColumnName, message));
        }
        let fields = columns.iter().map(|column| field(&column.name, &column.data_type).with_nullable(column.nullable));
        let table = MemoryTable::new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), self.memory.budget());
        match schema.create(&name.table, Entry::Table(Arc::new(table))) {
            Ok(()) => Ok(done),
            Err(_taken) => {
                Err(QueryFailure::new(ErrorCode::TableAlreadyExists, format!("Table '{name}' already exists")))
            }
        }
    }

    fn drop_table(&self, name: &Name, if_exists: bool, session: &SessionNames) -> Result<Outcome, QueryFailure> {
        let name = complete(name, session)?;
        let schema = self.writable_schema(&name, session, "dropping tables")?;
        match schema.entry(&name.table) {
            Some(Entry::Table(_)) => schema.remove(&name.table),
            Some(Entry::View(_)) => {
                let message = format!(
                    "Table '{name}' does not exist, but a view with that name exists. Did you mean DROP VIEW {name}?"
                );
                return Err(QueryFailure::new(ErrorCode::GenericUserError, message));
            }
            None if if_exists => {}
            None => return Err(QueryFailure::new(ErrorCode::TableNotFound, format!("Table '{name}' does not exist"))),
        }
        Ok(Outcome::Defined { update_type: "DROP TABLE" })
    }

    fn drop_view(&self, name: &Name, if_exists: bool, session: &SessionNames) -> Result<Outcome, QueryFailure> {
        let name = complete(name, session)?;
        let schema = self.writable_schema(&name, session, "dropping views")?;
        match schema.entry(&name.table) {
            Some(Entry::View(_)) => schema.remove(&name.table),
            Some(Entry::Table(_)) => {
                let message = format!(
                    "View '{name}' does not exist, but a table with that name exists. Did you mean DROP TABLE {name}?"
                );
                return Err(QueryFailure::new(ErrorCode::GenericUserError, message));
            }
            None if if_exists => {}
            None => {
                return Err(QueryFailure::new(ErrorCode::GenericUserError, format!("View '{name}' does not exist")));
            }
        }
        Ok(Outcome::Defined { update_type: "DROP VIEW" })
    }

    fn create_schema(&self, name: &Name, if_not_exists: bool, session: &SessionNames) -> Result<Outcome, QueryFailure> {
        let (catalog, schema) = complete_schema(name, session)?;
        self.check_writable(&catalog, session, "creating schemas")?;
        match self.memory.create_schema(&schema) {
            Err(_taken) if !if_not_exists => {
                let message = format!("Schema '{catalog}.{schema}' already exists");
                Err(QueryFailure::new(ErrorCode::SchemaAlreadyExists, message))
            }
            _ => Ok(Outcome::Defined { update_type: "CREATE SCHEMA" }),
        }
    }

    fn drop_schema(&self, name: &Name, if_exists: bool, session: &SessionNames) -> Result<Outcome, QueryFailure> {
        let (catalog, schema) = complete_schema(name, session)?;
        self.check_writable(&catalog, session, "dropping schemas")?;
        let done = Outcome::Defined { update_type: "DROP SCHEMA" };
        if self.memory.memory_schema(&schema).is_none() {
            if if_exists {
                return Ok(done);
            }
            let message = format!("Schema '{catalog}.{schema}' does not exist");
            return Err(QueryFailure::new(ErrorCode::SchemaNotFound, message));
        }
        if self.memory.drop_empty_schema(&schema) {
            Ok(done)
        } else {
            let message = format!("Cannot drop non-empty schema '{schema}'");
            Err(QueryFailure::new(ErrorCode::SchemaNotEmpty, message))
        }
    }

    pub(super) fn use_schema(&self, name: &Name, session: &SessionNames) -> Result<Outcome, QueryFailure> {
        let (catalog, schema) = complete_schema(name, session)?;
        let message = match self.state(session).catalog_list().catalog(&catalog) {
            None => format!("Catalog does not exist: {catalog}"),
            Some(found) if found.schema(&schema).is_none() => format!("Schema does not exist: {catalog}.{schema}"),
            Some(_) => return Ok(Outcome::Use { catalog, schema }),
        };
        Err(QueryFailure::new(ErrorCode::NotFound, message))
    }
}
