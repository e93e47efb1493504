//! A page of rows as JSON. The rows are encoded where they are stored; here they only find their place.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use warren_results::{Manifest, ManifestColumn, Numbers, RowsPage};

use crate::app::AppError;
use crate::http::problem::ApiError;
use crate::problem::{Code, Problem};

/// Rows that a submission brings along, and those of a page where the client does not say.
pub(crate) const FIRST_PAGE_ROWS: u64 = 1000;

/// Some consecutive rows of a result.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Page)]
pub(crate) struct PageView {
    /// The columns.
    columns: Vec<ColumnView>,
    /// The rows, each an array in the order of the columns. Integers of up to 32 bits, `real` and `double` are numbers
    /// (`"NaN"` and `"Infinity"` strings), `bigint` and `decimal` strings unless `numbers=native`, time types Trino's
    /// text, `varbinary` base64, `row` and `array` arrays, `map` an object.
    #[schema(value_type = Vec<Vec<serde_json::Value>>, example = json!([["ALGERIA", 0], ["ARGENTINA", 1]]))]
    rows: Box<RawValue>,
    /// The first row, from 0.
    offset: u64,
    /// Rows of the whole result.
    #[schema(example = 25)]
    total_rows: u64,
    /// Where the next page begins; null at the end.
    next_offset: Option<u64>,
    /// Whether rows may still be added to the result.
    partial: bool,
}

/// A column of a result.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Column)]
pub(crate) struct ColumnView {
    /// The name as Trino shows it. Names may repeat.
    #[schema(example = "name")]
    name: String,
    /// Trino's type.
    #[schema(example = "varchar(25)")]
    r#type: String,
    /// The columns of tables that the values come from; empty when that is not known.
    sources: Vec<SourceView>,
}

/// A column of a table that a result's column is made of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ColumnSource)]
struct SourceView {
    /// The table's FQN.
    fqn: String,
    /// The table's Trino name.
    trino: String,
    /// The column of the table.
    column: String,
    /// How it is used.
    r#use: String,
}

impl PageView {
    /// A page as JSON.
    ///
    /// # Errors
    /// When the rows do not belong to the manifest.
    pub(crate) fn new(manifest: &Manifest, page: &RowsPage, numbers: Numbers) -> Result<Self, ApiError> {
        let rows = page.json_rows(numbers).map_err(|error| AppError::from(warren_results::ResultError::from(error)))?;
        let rows = String::from_utf8(rows).map_err(|error| not_json(&error))?;
        Ok(Self {
            columns: columns(manifest),
            rows: RawValue::from_string(rows).map_err(|error| not_json(&error))?,
            offset: page.offset,
            total_rows: page.total_rows,
            next_offset: page.next_offset(),
            // A result exists once its manifest does, and then it is whole.
            partial: false,
        })
    }
}

fn not_json(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(Code::ResultNotReadable, format!("the stored rows are not JSON: {error}"))
}

/// The columns of a result.
pub(crate) fn columns(manifest: &Manifest) -> Vec<ColumnView> {
    manifest.columns.iter().map(ColumnView::from).collect()
}

impl From<&ManifestColumn> for ColumnView {
    fn from(column: &ManifestColumn) -> Self {
        let sources = column.sources.iter().map(|source| SourceView {
            fqn: source.fqn.clone(),
            trino: source.trino.clone(),
            column: source.column.clone(),
            r#use: source.usage.clone(),
        });
        Self { name: column.name.clone(), r#type: column.type_text.clone(), sources: sources.collect() }
    }
}
