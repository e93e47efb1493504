//! A file as a table of DataFusion, with lower-case column names.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Column, TableReference};
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::csv::CsvFormat;
use datafusion::datasource::file_format::json::JsonFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::datasource::provider_as_source;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, TableType};
use datafusion::physical_plan::ExecutionPlan;
use url::Url;

use super::csv_types;
use super::folder::{DataFile, Format};
use crate::failure::{ErrorCode, QueryFailure};

/// Opens a file and finds its columns.
pub(super) async fn open(file: &DataFile, session: &SessionState) -> Result<Arc<dyn TableProvider>> {
    let path = tokio::fs::canonicalize(&file.path).await.map_err(DataFusionError::IoError)?;
    let url = Url::from_file_path(&path)
        .map_err(|()| QueryFailure::not_supported(format_args!("the path of {}", path.display())))?;
    let url = ListingTableUrl::try_new(url, None)?;
    let format = file.format;
    let looked_at = path.clone();
    let (reader, schema) = tokio::task::spawn_blocking(move || look_at(format, &looked_at))
        .await
        .map_err(|stopped| DataFusionError::ExecutionJoin(Box::new(stopped)))??;
    // The file is named, so its extension decides nothing any more.
    let options = ListingOptions::new(reader).with_file_extension("");
    let schema = match schema {
        Some(schema) => Arc::new(schema),
        None => options.infer_schema(session, &url).await?,
    };
    check_names(&schema, &path)?;
    let config = ListingTableConfig::new(url).with_listing_options(options).with_schema(schema);
    let table = Arc::new(ListingTable::try_new(config)?);
    with_lower_case_names(table)
}

/// What reads the file and, for CSV, its columns. It blocks.
fn look_at(format: Format, path: &Path) -> std::result::Result<(Arc<dyn FileFormat>, Option<Schema>), QueryFailure> {
    Ok(match format {
        // Values may hold line breaks, which a file read from several places at once would tear.
        Format::Csv => {
            let reader = CsvFormat::default().with_has_header(true).with_newlines_in_values(true);
            (Arc::new(reader), Some(csv_types::schema(path)?))
        }
        Format::Json => {
            let lines = !starts_with_bracket(path);
            let reader = JsonFormat::default().with_newline_delimited(lines).with_schema_infer_max_rec(usize::MAX);
            (Arc::new(reader), None)
        }
        Format::Parquet => (Arc::new(ParquetFormat::default()), None),
    })
}

/// Whether a JSON file is one array rather than a value in each line. A file that cannot be read fails later, with a reason.
fn starts_with_bracket(path: &Path) -> bool {
    let Ok(file) = std::fs::File::open(path) else { return false };
    let first = std::io::BufReader::new(file)
        .bytes()
        .map_while(std::result::Result::ok)
        .find(|byte| !byte.is_ascii_whitespace());
    first == Some(b'[')
}

fn check_names(schema: &Schema, path: &Path) -> Result<()> {
    let mut names = HashSet::new();
    match schema.fields().iter().find(|field| !names.insert(field.name().to_lowercase())) {
        None => Ok(()),
        Some(twice) => {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            let message =
                format!("Column name '{}' specified more than once in the file {file}", twice.name().to_lowercase());
            Err(QueryFailure::new(ErrorCode::DuplicateColumnName, message).into_datafusion())
        }
    }
}

/// Readers find the columns of JSON and Parquet by name, so names are folded above the scan.
fn with_lower_case_names(table: Arc<ListingTable>) -> Result<Arc<dyn TableProvider>> {
    let schema = table.schema();
    if schema.fields().iter().all(|field| *field.name() == field.name().to_lowercase()) {
        return Ok(table);
    }
    let file = TableReference::bare("file");
    let columns = schema.fields().iter().map(|field| {
        Expr::Column(Column::new(Some(file.clone()), field.name().clone())).alias(field.name().to_lowercase())
    });
    let plan = LogicalPlanBuilder::scan(file.clone(), provider_as_source(table), None)?.project(columns)?.build()?;
    Ok(Arc::new(Renamed { schema: Arc::clone(plan.schema().inner()), plan }))
}

/// A table whose columns have other names. DataFusion puts the plan in the place of the table.
#[derive(Debug)]
struct Renamed {
    plan: LogicalPlan,
    schema: SchemaRef,
}

#[async_trait]
impl TableProvider for Renamed {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn get_logical_plan(&self) -> Option<Cow<'_, LogicalPlan>> {
        Some(Cow::Borrowed(&self.plan))
    }

    async fn scan(
        &self,
        _session: &dyn Session,
        _projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        datafusion::common::internal_err!("a renamed table is read through its plan")
    }
}
