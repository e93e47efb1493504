//! A page of rows. `warren_results` writes it; here is what it looks like in JSON, for the description of the API.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use warren_results::{DownloadOptions, Format, ManifestColumn, RowsPage};

use crate::app::{AppError, Limits};
use crate::http::problem::ApiError;
use crate::jobs::LineageSource;
use crate::problem::{Code, Problem};

/// Rows of a page where the client does not say, and the server does not give fewer.
const DEFAULT_ROWS: u64 = 1000;

/// Rows of a page where the client does not say.
pub(crate) fn default_rows(limits: &Limits) -> u64 {
    DEFAULT_ROWS.min(limits.max_page_rows)
}

/// Some consecutive rows of a result.
#[derive(Debug, ToSchema)]
#[schema(as = Page)]
#[expect(dead_code, reason = "it describes what `warren_results` writes")]
pub(crate) struct PageView {
    /// The columns.
    columns: Vec<ColumnView>,
    /// The rows, each an array in the order of the columns. Integers of up to 32 bits, `real` and `double` are numbers
    /// (`"NaN"` and `"Infinity"` strings), `bigint` and `decimal` strings unless `numbers=native`, time types Trino's
    /// text, `varbinary` base64, `row` and `array` arrays, `map` an object.
    #[schema(example = json!([["ALGERIA", 0], ["ARGENTINA", 1]]))]
    rows: Vec<Vec<serde_json::Value>>,
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
    /// What it is, in Markdown, where it is one column of a table unchanged and OpenMetadata describes that one.
    #[schema(example = "The name of the nation")]
    description: Option<String>,
}

/// A column of a table that a result's column is made of.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ColumnSource)]
pub(crate) struct SourceView {
    /// The table's FQN, where it has one.
    fqn: Option<String>,
    /// The table's Trino name.
    trino: String,
    /// The column of the table.
    column: String,
    /// What happens to it on the way: `identity`, `expression` or `aggregate`.
    #[schema(example = "identity")]
    r#use: String,
}

/// A page as JSON, to be put into another document.
///
/// # Errors
/// When the rows cannot be written.
pub(crate) fn embedded_page(page: &RowsPage) -> Result<Box<RawValue>, ApiError> {
    let json = page.encode(Format::Json, &DownloadOptions::default()).map_err(AppError::from)?;
    let json = String::from_utf8(json).map_err(|error| not_json(&error))?;
    Ok(RawValue::from_string(json).map_err(|error| not_json(&error))?)
}

fn not_json(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(Code::ResultNotReadable, format!("the stored rows are not JSON: {error}"))
}

impl From<LineageSource> for SourceView {
    fn from(source: LineageSource) -> Self {
        let LineageSource { fqn, trino, column, usage } = source;
        Self { fqn, trino, column, r#use: usage.as_str().to_owned() }
    }
}

impl From<&ManifestColumn> for ColumnView {
    fn from(column: &ManifestColumn) -> Self {
        let sources = column.origin.sources.iter().map(|source| SourceView {
            fqn: source.fqn.clone(),
            trino: source.trino.clone(),
            column: source.column.clone(),
            r#use: source.usage.clone(),
        });
        Self {
            name: column.name.clone(),
            r#type: column.type_text.clone(),
            sources: sources.collect(),
            description: column.origin.description.clone(),
        }
    }
}
