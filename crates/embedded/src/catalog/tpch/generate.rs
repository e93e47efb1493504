//! Rows of TPC-H tables while they are read.
//!
//! Comments are cut from a pool of 300 MiB of text that takes seconds to make. `nation` and `region` are kept as files, a scan that
//! needs no comment uses a small pool (its other columns do not depend on it), and the large pool is made at the first scan that
//! does need one, on a thread for blocking work, once in a process.

use std::fmt;
use std::sync::{Arc, OnceLock};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringViewArray};
use arrow::compute::cast;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures::{StreamExt, TryStreamExt, stream};
use tpchgen::distribution::Distributions;
use tpchgen::generators::{
    CustomerGenerator, LineItemGenerator, OrderGenerator, PartGenerator, PartSuppGenerator, SupplierGenerator,
};
use tpchgen::text::TextPool;
use tpchgen_arrow::{CustomerArrow, LineItemArrow, OrderArrow, PartArrow, PartSuppArrow, SupplierArrow};

use super::table::Table;

const NATION: &str = include_str!("nation.tsv");
const REGION: &str = include_str!("region.tsv");

/// Larger than any comment, small enough to be made in no time.
const SMALL_POOL_BYTES: i32 = 1 << 16;

type Batches = Box<dyn Iterator<Item = std::result::Result<RecordBatch, ArrowError>> + Send>;

/// One of `parts` equal pieces of a table; the first is 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slice {
    pub(super) table: Table,
    pub(super) scale: f64,
    pub(super) part: i32,
    pub(super) parts: i32,
}

/// A slice with the columns that a scan wants.
pub(super) struct Generated {
    slice: Slice,
    columns: Vec<usize>,
    schema: SchemaRef,
}

impl Generated {
    /// `schema` is that of the columns numbered in `columns`.
    pub(super) fn new(slice: Slice, columns: Vec<usize>, schema: SchemaRef) -> Self {
        Self { slice, columns, schema }
    }

    fn wants_comment(&self) -> bool {
        self.schema.fields().iter().any(|field| field.name() == "comment")
    }
}

impl fmt::Debug for Generated {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Slice { table, scale, part, parts } = self.slice;
        write!(formatter, "{} sf{scale} {part}/{parts}", table.name())
    }
}

impl PartitionStream for Generated {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (slice, columns, schema) = (self.slice, self.columns.clone(), Arc::clone(&self.schema));
        let wants_comment = self.wants_comment();
        let batches = stream::once(async move {
            let batches = open(slice, wants_comment).await?;
            let project = move |batch: std::result::Result<RecordBatch, ArrowError>| {
                project(&batch?, &columns, &schema).map_err(DataFusionError::from)
            };
            Ok::<_, DataFusionError>(stream::iter(batches.map(project)))
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches.try_flatten().boxed()))
    }
}

async fn open(slice: Slice, wants_comment: bool) -> Result<Batches> {
    if slice.table.is_fixed() {
        let batch = fixed_table(slice.table)?;
        return Ok(Box::new(std::iter::once(Ok(batch))));
    }
    let pool = if wants_comment {
        tokio::task::spawn_blocking(TextPool::get_or_init_default)
            .await
            .map_err(|stopped| DataFusionError::ExecutionJoin(Box::new(stopped)))?
    } else {
        small_pool()
    };
    Ok(generate(slice, pool))
}

fn small_pool() -> &'static TextPool {
    static POOL: OnceLock<TextPool> = OnceLock::new();
    POOL.get_or_init(|| TextPool::new(SMALL_POOL_BYTES, Distributions::static_default()))
}

fn generate(slice: Slice, pool: &'static TextPool) -> Batches {
    let Slice { table, scale, part, parts } = slice;
    let words = Distributions::static_default();
    match table {
        Table::Customer => Box::new(CustomerArrow::new(CustomerGenerator::new_with_distributions_and_text_pool(
            scale, part, parts, words, pool,
        ))),
        Table::Orders => Box::new(OrderArrow::new(OrderGenerator::new_with_distributions_and_text_pool(
            scale, part, parts, words, pool,
        ))),
        Table::Part => Box::new(PartArrow::new(PartGenerator::new_with_distributions_and_text_pool(
            scale, part, parts, words, pool,
        ))),
        Table::Partsupp => {
            Box::new(PartSuppArrow::new(PartSuppGenerator::new_with_text_pool(scale, part, parts, pool)))
        }
        Table::Supplier => Box::new(SupplierArrow::new(SupplierGenerator::new_with_distributions_and_text_pool(
            scale, part, parts, words, pool,
        ))),
        Table::Lineitem => Box::new(LineItemArrow::new(LineItemGenerator::new_with_distributions_and_text_pool(
            scale, part, parts, words, pool,
        ))),
        Table::Nation | Table::Region => Box::new(std::iter::empty()),
    }
}

/// The wanted columns of a generated batch, in the types of `schema`: the generator has decimals where Trino has doubles.
fn project(batch: &RecordBatch, columns: &[usize], schema: &SchemaRef) -> std::result::Result<RecordBatch, ArrowError> {
    let cells = columns
        .iter()
        .zip(schema.fields())
        .map(|(&column, field)| {
            let array = batch.column(column);
            if array.data_type() == field.data_type() { Ok(Arc::clone(array)) } else { cast(array, field.data_type()) }
        })
        .collect::<std::result::Result<Vec<_>, _>>()?;
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), cells, &options)
}

fn fixed_table(table: Table) -> std::result::Result<RecordBatch, ArrowError> {
    let file = if table == Table::Nation { NATION } else { REGION };
    let schema = table.schema();
    let cells = (0..schema.fields().len())
        .map(|column| {
            let texts = file.lines().map(|line| line.split('\t').nth(column).unwrap_or_default());
            if schema.field(column).data_type() == &arrow::datatypes::DataType::Int64 {
                let numbers: Int64Array = texts.map(|text| text.parse::<i64>().ok()).collect();
                Arc::new(numbers) as ArrayRef
            } else {
                Arc::new(StringViewArray::from_iter_values(texts)) as ArrayRef
            }
        })
        .collect();
    RecordBatch::try_new(schema, cells)
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray;
    use arrow::datatypes::Int64Type;
    use tpchgen::generators::{NationGenerator, RegionGenerator};

    use super::{fixed_table, generate, small_pool};
    use crate::catalog::tpch::generate::Slice;
    use crate::catalog::tpch::table::Table;

    #[test]
    fn the_kept_tables_are_what_the_generator_makes() {
        let nations = fixed_table(Table::Nation).expect("25 rows");
        assert_eq!(nations.num_rows(), 25);
        for (row, made) in NationGenerator::default().iter().enumerate() {
            assert_eq!(nations.column(0).as_primitive::<Int64Type>().value(row), made.n_nationkey);
            assert_eq!(nations.column(1).as_string_view().value(row), made.n_name);
            assert_eq!(nations.column(2).as_primitive::<Int64Type>().value(row), made.n_regionkey);
            assert_eq!(nations.column(3).as_string_view().value(row), made.n_comment);
        }
        let regions = fixed_table(Table::Region).expect("5 rows");
        assert_eq!(regions.num_rows(), 5);
        for (row, made) in RegionGenerator::default().iter().enumerate() {
            assert_eq!(regions.column(1).as_string_view().value(row), made.r_name);
            assert_eq!(regions.column(2).as_string_view().value(row), made.r_comment);
        }
    }

    #[test]
    fn other_columns_do_not_depend_on_the_text_pool() {
        let slice = Slice { table: Table::Supplier, scale: 0.01, part: 1, parts: 1 };
        let with = |pool| generate(slice, pool).next().expect("a batch").expect("rows");
        let (small, large) = (with(small_pool()), with(tpchgen::text::TextPool::get_or_init_default()));
        assert_eq!(small.num_rows(), 100);
        for column in 0..6 {
            assert_eq!(small.column(column), large.column(column));
        }
    }
}
