//! The schema `information_schema` of every catalog: `tables`, `columns`, `schemata` and `views`, with Trino's columns.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringViewArray};
use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, SchemaProvider, Session, TableProvider};
use datafusion::common::ScalarValue;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::Result;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;

use crate::types::TrinoType;
use crate::types::arrow_types::{field, trino_type};

/// The schema's name.
pub(crate) const NAME: &str = "information_schema";

/// A catalog with its `information_schema`.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) name: &'static str,
    pub(crate) inner: Arc<dyn CatalogProvider>,
}

impl CatalogProvider for Described {
    fn schema_names(&self) -> Vec<String> {
        let mut names = self.inner.schema_names();
        names.push(NAME.to_owned());
        names.sort_unstable();
        names
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        if name == NAME {
            let schema = InformationSchema { catalog: self.name, inner: Arc::clone(&self.inner) };
            return Some(Arc::new(schema));
        }
        self.inner.schema(name)
    }
}

#[derive(Debug, Clone)]
struct InformationSchema {
    catalog: &'static str,
    inner: Arc<dyn CatalogProvider>,
}

/// One of the schema's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tables,
    Columns,
    Schemata,
    Views,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Columns, Self::Schemata, Self::Tables, Self::Views];

    fn name(self) -> &'static str {
        match self {
            Self::Tables => "tables",
            Self::Columns => "columns",
            Self::Schemata => "schemata",
            Self::Views => "views",
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Tables => &["table_catalog", "table_schema", "table_name", "table_type"],
            Self::Columns => &[
                "table_catalog",
                "table_schema",
                "table_name",
                "column_name",
                "ordinal_position",
                "column_default",
                "is_nullable",
                "data_type",
            ],
            Self::Schemata => &["catalog_name", "schema_name"],
            Self::Views => &["table_catalog", "table_schema", "table_name", "view_definition"],
        }
    }

    fn schema(self) -> SchemaRef {
        let fields = self.columns().iter().map(|name| {
            let data_type = if *name == "ordinal_position" { TrinoType::Bigint } else { TrinoType::Varchar(None) };
            field(name, &data_type)
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}

#[async_trait]
impl SchemaProvider for InformationSchema {
    fn table_names(&self) -> Vec<String> {
        Kind::ALL.map(|kind| kind.name().to_owned()).to_vec()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
        Ok(kind.map(|kind| {
            Arc::new(InformationTable { kind, schema: kind.schema(), of: self.clone() }) as Arc<dyn TableProvider>
        }))
    }

    fn table_exist(&self, name: &str) -> bool {
        Kind::ALL.iter().any(|kind| kind.name() == name)
    }
}

#[derive(Debug)]
struct InformationTable {
    kind: Kind,
    schema: SchemaRef,
    of: InformationSchema,
}

#[async_trait]
impl TableProvider for InformationTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Conditions on one schema or table spare looking at the others; DataFusion applies them again.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        _session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let wanted = wanted(filters);
        let rows = self.of.rows(self.kind, &wanted).await?;
        let columns = (0..self.schema.fields().len()).map(|column| {
            let values = rows.iter().map(|row| row[column].as_deref());
            if self.kind.columns()[column] == "ordinal_position" {
                Arc::new(values.map(|value| value?.parse().ok()).collect::<Int64Array>()) as ArrayRef
            } else {
                Arc::new(values.collect::<StringViewArray>()) as ArrayRef
            }
        });
        let batch = RecordBatch::try_new(self.schema(), columns.collect())?;
        let plan = MemorySourceConfig::try_new_exec(&[vec![batch]], self.schema(), projection.cloned())?;
        Ok(plan)
    }
}

type Row = Vec<Option<String>>;

/// The values that filters of the form `column = 'text'` demand.
fn wanted(filters: &[Expr]) -> HashMap<String, String> {
    let equal = |filter: &Expr| match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => match (&**left, &**right) {
            (
                Expr::Column(column),
                Expr::Literal(ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)), _),
            ) => Some((column.name.clone(), text.clone())),
            _ => None,
        },
        _ => None,
    };
    filters.iter().filter_map(equal).collect()
}

impl InformationSchema {
    async fn rows(&self, kind: Kind, wanted: &HashMap<String, String>) -> Result<Vec<Row>> {
        let described = Described { name: self.catalog, inner: Arc::clone(&self.inner) };
        let keep = |column: &str, value: &str| wanted.get(column).is_none_or(|text| text == value);
        let mut rows = Vec::new();
        for schema_name in described.schema_names() {
            if kind == Kind::Schemata {
                rows.push(vec![Some(self.catalog.to_owned()), Some(schema_name)]);
                continue;
            }
            let Some(schema) = described.schema(&schema_name).filter(|_| keep("table_schema", &schema_name)) else {
                continue;
            };
            for table_name in schema.table_names() {
                if !keep("table_name", &table_name) {
                    continue;
                }
                let place = [self.catalog, &schema_name, &table_name].map(|part| Some(part.to_owned()));
                // A table that cannot be opened, such as a broken file or view, has no row; reading it says why.
                if let Ok(Some(table)) = schema.table(&table_name).await {
                    rows.extend(
                        rows_of(kind, table.as_ref())
                            .into_iter()
                            .map(|rest| place.iter().cloned().chain(rest).collect()),
                    );
                }
            }
        }
        Ok(rows)
    }
}

/// What comes after catalog, schema and name, for one table.
fn rows_of(kind: Kind, table: &dyn TableProvider) -> Vec<Row> {
    let is_view = table.table_type() == TableType::View;
    match kind {
        Kind::Schemata => vec![],
        Kind::Tables => vec![vec![Some(if is_view { "VIEW" } else { "BASE TABLE" }.to_owned())]],
        Kind::Views if is_view => vec![vec![table.get_table_definition().map(str::to_owned)]],
        Kind::Views => vec![],
        Kind::Columns => {
            let schema = table.schema();
            let column = |(index, field): (usize, &Arc<arrow::datatypes::Field>)| {
                vec![
                    Some(field.name().clone()),
                    Some((index + 1).to_string()),
                    None,
                    Some(if field.is_nullable() { "YES" } else { "NO" }.to_owned()),
                    Some(trino_type(field).map_or_else(|| "unknown".to_owned(), |data_type| data_type.to_string())),
                ]
            };
            schema.fields().iter().enumerate().map(column).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use datafusion::prelude::{col, lit};

    use super::wanted;

    #[test]
    fn equality_with_text_narrows_the_scan() {
        let wanted = wanted(&[col("table_schema").eq(lit("tiny")), col("table_name").not_eq(lit("x"))]);
        assert_eq!(wanted.into_iter().collect::<Vec<_>>(), [("table_schema".to_owned(), "tiny".to_owned())]);
    }
}
