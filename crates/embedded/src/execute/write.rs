//! Statements that write rows: `INSERT` and `CREATE TABLE … AS`, into the catalog `memory`.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;

use super::insertable::{accepts, stored};
use super::names::complete;
use super::views::named;
use super::{Column, Outcome, Request, Runner};
use crate::catalog::memory::{Appending, Entry, MemoryTable};
use crate::failure::{ErrorCode, QueryFailure};
use crate::sql::{Name, PreparedQuery};
use crate::types::TrinoType;
use crate::types::arrow_types::{arrow_type, field, trino_type};

/// The table that a `CREATE TABLE … AS` makes.
pub(super) struct NewTable {
    pub(super) table: Name,
    pub(super) if_not_exists: bool,
    /// Other names than the query's; empty for the query's own.
    pub(super) columns: Vec<String>,
    pub(super) with_data: bool,
}

impl Runner {
    pub(super) async fn insert(
        &self,
        table: &Name,
        columns: &[String],
        source: PreparedQuery,
        request: &Request,
    ) -> Result<Outcome, QueryFailure> {
        let name = complete(table, &request.session)?;
        let schema = self.writable_schema(&name, &request.session, "inserts")?;
        let target = match schema.entry(&name.table) {
            Some(Entry::Table(target)) => target,
            Some(Entry::View(_)) => return Err(QueryFailure::not_supported("inserting into views")),
            None => return Err(QueryFailure::new(ErrorCode::TableNotFound, format!("Table '{name}' does not exist"))),
        };
        let table_schema = target.schema();
        let positions = positions(&table_schema, columns)?;
        let (query_columns, rows) = self.rows(source, request).await?;
        check_types(&table_schema, &positions, &query_columns)?;
        let rows = write(rows, &positions, &table_schema, target.append()).await?;
        Ok(Outcome::Written { update_type: "INSERT", rows })
    }

    pub(super) async fn create_table_as(
        &self,
        target: NewTable,
        query: PreparedQuery,
        request: &Request,
    ) -> Result<Outcome, QueryFailure> {
        let name = complete(&target.table, &request.session)?;
        let schema = self.writable_schema(&name, &request.session, "creating tables with data")?;
        let taken = || {
            let message = format!("Destination table '{name}' already exists");
            QueryFailure::new(ErrorCode::TableAlreadyExists, message)
        };
        if schema.entry(&name.table).is_some() {
            return if target.if_not_exists {
                Ok(Outcome::Written { update_type: "CREATE TABLE", rows: 0 })
            } else {
                Err(taken())
            };
        }
        let (mut columns, rows) = self.rows(query, request).await?;
        rename(&mut columns, target.columns)?;
        let real_schema = rows.schema();
        let fields = named(columns)?.into_iter().zip(real_schema.fields()).map(|(column, real)| {
            let kept = field(&column.name, &column.data_type);
            // Arrow keeps a time zone in the type of the column.
            if matches!(column.data_type, TrinoType::TimestampWithTimeZone(_)) {
                kept.with_data_type(real.data_type().clone())
            } else {
                kept
            }
        });
        let table_schema = Arc::new(Schema::new(fields.collect::<Vec<Field>>()));
        let table = Arc::new(MemoryTable::new(Arc::clone(&table_schema), self.memory.budget()));
        let positions: Vec<usize> = (0..table_schema.fields().len()).collect();
        let written = if target.with_data { write(rows, &positions, &table_schema, table.append()).await? } else { 0 };
        schema.create(&name.table, Entry::Table(table)).map_err(|_race| taken())?;
        Ok(Outcome::Written { update_type: "CREATE TABLE", rows: written })
    }

    async fn rows(
        &self,
        query: PreparedQuery,
        request: &Request,
    ) -> Result<(Vec<Column>, SendableRecordBatchStream), QueryFailure> {
        match self.select(query, request).await? {
            Outcome::Rows { columns, rows } => Ok((columns, rows)),
            _ => Err(QueryFailure::new(ErrorCode::GenericInternalError, "a query without rows")),
        }
    }
}

/// Where in the table the columns of an `INSERT` lie; all of them if none are named.
fn positions(schema: &SchemaRef, columns: &[String]) -> Result<Vec<usize>, QueryFailure> {
    if columns.is_empty() {
        return Ok((0..schema.fields().len()).collect());
    }
    let mut positions = Vec::with_capacity(columns.len());
    for column in columns {
        let Ok(position) = schema.index_of(column) else {
            let message = format!("Insert column name does not exist in target table: {column}");
            return Err(QueryFailure::new(ErrorCode::ColumnNotFound, message));
        };
        if positions.contains(&position) {
            let message = format!("Insert column name is specified more than once: {column}");
            return Err(QueryFailure::new(ErrorCode::DuplicateColumnName, message));
        }
        positions.push(position);
    }
    Ok(positions)
}

fn check_types(schema: &SchemaRef, positions: &[usize], query: &[Column]) -> Result<(), QueryFailure> {
    let table: Vec<TrinoType> = positions.iter().filter_map(|position| trino_type(schema.field(*position))).collect();
    let fits =
        table.len() == query.len() && table.iter().zip(query).all(|(column, value)| accepts(column, &value.data_type));
    if fits {
        return Ok(());
    }
    let list = |types: &mut dyn Iterator<Item = String>| types.collect::<Vec<_>>().join(", ");
    let message = format!(
        "Insert query has mismatched column types: Table: [{}], Query: [{}]",
        list(&mut table.iter().map(ToString::to_string)),
        list(&mut query.iter().map(|column| column.data_type.to_string()))
    );
    Err(QueryFailure::new(ErrorCode::TypeMismatch, message))
}

fn rename(columns: &mut [Column], names: Vec<String>) -> Result<(), QueryFailure> {
    if names.is_empty() {
        return Ok(());
    }
    if names.len() != columns.len() {
        let message =
            format!("Column alias list has {} entries but relation has {} columns", names.len(), columns.len());
        return Err(QueryFailure::new(ErrorCode::MismatchedColumnAliases, message));
    }
    for (column, name) in columns.iter_mut().zip(names) {
        column.name = name;
    }
    Ok(())
}

/// Writes all rows or none of them; how many they are.
async fn write(
    mut rows: SendableRecordBatchStream,
    positions: &[usize],
    schema: &SchemaRef,
    mut target: Appending,
) -> Result<u64, QueryFailure> {
    while let Some(batch) = rows.next().await {
        let batch = batch?;
        let columns = schema.fields().iter().enumerate().map(|(index, column)| {
            let values: ArrayRef = match positions.iter().position(|position| *position == index) {
                Some(source) => Arc::clone(batch.column(source)),
                None => {
                    new_null_array(&arrow_type(&trino_type(column).unwrap_or(TrinoType::Unknown)), batch.num_rows())
                }
            };
            stored(&values, column)
        });
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        target.push(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)?;
    }
    Ok(target.commit())
}
