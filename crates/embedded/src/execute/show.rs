//! `SHOW` and `DESCRIBE`: small tables of text about the catalogs.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringViewArray};
use arrow::datatypes::Schema;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::TableType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;

use super::names::{TableName, check_table, complete, complete_schema, session_catalog};
use super::{Column, Outcome, Runner};
use crate::catalog::MEMORY;
use crate::catalog::memory::Entry;
use crate::failure::{ErrorCode, QueryFailure};
use crate::sql::{Name, SessionNames, ShowWhat};
use crate::types::TrinoType;
use crate::types::arrow_types::{field, trino_type};

/// A result of text.
pub(super) fn text_table(names: &[&str], rows: &[Vec<String>]) -> Result<Outcome, QueryFailure> {
    let columns =
        names.iter().map(|name| Column { name: (*name).to_owned(), data_type: TrinoType::Varchar(None) }).collect();
    let fields: Vec<_> = names.iter().map(|name| field(name, &TrinoType::Varchar(None))).collect();
    let schema = Arc::new(Schema::new(fields));
    let cells = (0..names.len()).map(|column| {
        Arc::new(StringViewArray::from_iter_values(rows.iter().map(|row| row[column].as_str()))) as ArrayRef
    });
    let batch = RecordBatch::try_new(Arc::clone(&schema), cells.collect())?;
    let batches = futures::stream::iter([Ok(batch)]);
    Ok(Outcome::Rows { columns, rows: Box::pin(RecordBatchStreamAdapter::new(schema, batches)) })
}

impl Runner {
    pub(super) async fn show(
        &self,
        what: &ShowWhat,
        like: Option<&str>,
        session: &SessionNames,
    ) -> Result<Outcome, QueryFailure> {
        let state = self.state(session);
        match what {
            ShowWhat::Catalogs => {
                let mut names = state.catalog_list().catalog_names();
                names.sort_unstable();
                list("Catalog", names, like)
            }
            ShowWhat::Schemas(catalog) => list("Schema", schemas(&state, catalog.as_ref(), session)?, like),
            ShowWhat::Tables(schema) => list("Table", tables(&state, schema.as_ref(), session)?, like),
            ShowWhat::Columns(table) => columns(&state, table, like, session).await,
            ShowWhat::CreateTable(table) => self.create_table_text(&state, table, session).await,
            ShowWhat::CreateView(view) => self.create_view_text(&state, view, session),
            ShowWhat::CreateSchema(schema) => {
                let (catalog, schema) = complete_schema(schema, session)?;
                tables_in(&state, &catalog, &schema)?;
                text_table(&["Create Schema"], &[vec![format!("CREATE SCHEMA {catalog}.{schema}")]])
            }
            ShowWhat::Session => text_table(&["Name", "Value", "Default", "Type", "Description"], &[]),
            ShowWhat::Functions => Err(QueryFailure::not_supported("SHOW FUNCTIONS")),
        }
    }

    async fn create_table_text(
        &self,
        state: &SessionState,
        table: &Name,
        session: &SessionNames,
    ) -> Result<Outcome, QueryFailure> {
        let name = complete(table, session)?;
        let (schema, table_type) = described(state, &name).await?;
        if table_type == TableType::View {
            let message = format!("Relation '{name}' is a view, not a table");
            return Err(QueryFailure::new(ErrorCode::NotSupported, message));
        }
        let columns = schema.fields().iter().map(|field| {
            let not_null = if field.is_nullable() { "" } else { " NOT NULL" };
            format!("   {} {}{not_null}", identifier(field.name()), type_name(field))
        });
        let columns: Vec<String> = columns.collect();
        text_table(&["Create Table"], &[vec![format!("CREATE TABLE {} (\n{}\n)", full(&name), columns.join(",\n"))]])
    }

    fn create_view_text(
        &self,
        state: &SessionState,
        view: &Name,
        session: &SessionNames,
    ) -> Result<Outcome, QueryFailure> {
        let name = complete(view, session)?;
        check_table(state, &name).map_err(QueryFailure::elsewhere)?;
        let entry =
            (name.catalog == MEMORY).then(|| self.memory.memory_schema(&name.schema)?.entry(&name.table)).flatten();
        match entry {
            Some(Entry::View(view)) => {
                let text = format!("CREATE VIEW {} SECURITY DEFINER AS\n{}", full(&name), view.query);
                text_table(&["Create View"], &[vec![text]])
            }
            _ => {
                let message = format!("Relation '{name}' is a table, not a view");
                Err(QueryFailure::new(ErrorCode::NotSupported, message))
            }
        }
    }
}

fn schemas(state: &SessionState, catalog: Option<&Name>, session: &SessionNames) -> Result<Vec<String>, QueryFailure> {
    let catalog = match catalog.and_then(|name| name.parts.first()) {
        Some(catalog) => catalog.clone(),
        None => session_catalog(session, None)?,
    };
    match state.catalog_list().catalog(&catalog) {
        Some(found) => Ok(found.schema_names()),
        None => Err(QueryFailure::new(ErrorCode::CatalogNotFound, format!("Catalog '{catalog}' not found"))),
    }
}

fn tables(state: &SessionState, schema: Option<&Name>, session: &SessionNames) -> Result<Vec<String>, QueryFailure> {
    let (catalog, schema) = match (schema, &session.schema) {
        (Some(name), _) => complete_schema(name, session)?,
        (None, Some(schema)) => (session_catalog(session, None)?, schema.clone()),
        (None, None) => {
            let message = "Schema must be specified when session schema is not set";
            return Err(QueryFailure::new(ErrorCode::MissingSchemaName, message));
        }
    };
    tables_in(state, &catalog, &schema)
}

fn tables_in(state: &SessionState, catalog: &str, schema: &str) -> Result<Vec<String>, QueryFailure> {
    let Some(found) = state.catalog_list().catalog(catalog) else {
        return Err(QueryFailure::new(ErrorCode::CatalogNotFound, format!("Catalog '{catalog}' not found")));
    };
    match found.schema(schema) {
        Some(schema) => Ok(schema.table_names()),
        None => Err(QueryFailure::new(ErrorCode::SchemaNotFound, format!("Schema '{schema}' does not exist"))),
    }
}

async fn columns(
    state: &SessionState,
    table: &Name,
    like: Option<&str>,
    session: &SessionNames,
) -> Result<Outcome, QueryFailure> {
    let name = complete(table, session)?;
    let (schema, _) = described(state, &name).await?;
    let rows = schema
        .fields()
        .iter()
        .filter(|field| like.is_none_or(|pattern| matches_like(field.name(), pattern)))
        .map(|field| vec![field.name().clone(), type_name(field), String::new(), String::new()]);
    text_table(&["Column", "Type", "Extra", "Comment"], &rows.collect::<Vec<_>>())
}

/// The columns of a table that exists, and what it is.
async fn described(state: &SessionState, name: &TableName) -> Result<(Arc<Schema>, TableType), QueryFailure> {
    check_table(state, name).map_err(QueryFailure::elsewhere)?;
    let schema = state.catalog_list().catalog(&name.catalog).and_then(|catalog| catalog.schema(&name.schema));
    let table = match schema {
        Some(schema) => schema.table(&name.table).await?,
        None => None,
    };
    match table {
        Some(table) => Ok((table.schema(), table.table_type())),
        None => Err(QueryFailure::new(ErrorCode::TableNotFound, format!("Table '{name}' does not exist"))),
    }
}

fn type_name(field: &arrow::datatypes::Field) -> String {
    trino_type(field).map_or_else(|| "unknown".to_owned(), |data_type| data_type.to_string())
}

fn list(column: &str, names: Vec<String>, like: Option<&str>) -> Result<Outcome, QueryFailure> {
    let rows = names.into_iter().filter(|name| like.is_none_or(|pattern| matches_like(name, pattern)));
    text_table(&[column], &rows.map(|name| vec![name]).collect::<Vec<_>>())
}

/// A name as SQL wants it: delimited unless it is a plain word.
fn identifier(name: &str) -> String {
    let plain = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

fn full(name: &TableName) -> String {
    [&name.catalog, &name.schema, &name.table].map(|part| identifier(part)).join(".")
}

/// `LIKE` without an escape: `%` is any text, `_` any character.
fn matches_like(text: &str, pattern: &str) -> bool {
    let mut letters = pattern.chars();
    match letters.next() {
        None => text.is_empty(),
        Some('%') => {
            let rest = letters.as_str();
            text.char_indices()
                .map(|(index, _)| index)
                .chain([text.len()])
                .any(|index| matches_like(&text[index..], rest))
        }
        Some(letter) => {
            let mut of_text = text.chars();
            of_text.next().is_some_and(|found| letter == '_' || letter == found)
                && matches_like(of_text.as_str(), letters.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{identifier, matches_like};

    #[test]
    fn patterns_match_whole_names() {
        for (text, pattern, expect) in [
            ("nation", "n%", true),
            ("nation", "n_tion", true),
            ("nation", "ation", false),
            ("a", "%", true),
            ("", "_", false),
        ] {
            assert_eq!(matches_like(text, pattern), expect, "{text} {pattern}");
        }
    }

    #[test]
    fn only_plain_words_stand_bare() {
        assert_eq!(identifier("a_1"), "a_1");
        assert_eq!(identifier("2024.csv"), "\"2024.csv\"");
    }
}
