//! A table in memory: batches that are only ever added.

use std::sync::{Arc, RwLock};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Statistics;
use datafusion::common::stats::Precision;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::{Budget, read, write};
use crate::failure::QueryFailure;

/// A table of the catalog `memory`.
#[derive(Debug)]
pub(crate) struct MemoryTable {
    schema: SchemaRef,
    batches: RwLock<Vec<RecordBatch>>,
    budget: Arc<Budget>,
}

impl MemoryTable {
    /// An empty table.
    pub(crate) fn new(schema: SchemaRef, budget: Arc<Budget>) -> Self {
        Self { schema, batches: RwLock::default(), budget }
    }

    /// Begins to add rows.
    pub(crate) fn append(self: &Arc<Self>) -> Appending {
        Appending { table: Arc::clone(self), batches: vec![], rows: 0 }
    }

    fn row_count(&self) -> usize {
        read(&self.batches).iter().map(RecordBatch::num_rows).sum()
    }
}

/// Rows on their way into a table: nobody reads them before [`Appending::commit`], and dropping this drops them.
#[derive(Debug)]
pub(crate) struct Appending {
    table: Arc<MemoryTable>,
    batches: Vec<RecordBatch>,
    rows: u64,
}

impl Appending {
    /// Adds rows of the table's schema, if the catalog has room for them.
    pub(crate) fn push(&mut self, batch: RecordBatch) -> std::result::Result<(), QueryFailure> {
        self.table.budget.take(batch.get_array_memory_size())?;
        self.rows += batch.num_rows() as u64;
        self.batches.push(batch);
        Ok(())
    }

    /// Makes the rows part of the table; how many they are.
    pub(crate) fn commit(mut self) -> u64 {
        write(&self.table.batches).append(&mut self.batches);
        self.rows
    }
}

impl Drop for Appending {
    fn drop(&mut self) {
        self.table.budget.give_back(size(&self.batches));
    }
}

fn size(batches: &[RecordBatch]) -> usize {
    batches.iter().map(RecordBatch::get_array_memory_size).sum()
}

impl Drop for MemoryTable {
    fn drop(&mut self) {
        let bytes = size(&read(&self.batches));
        self.budget.give_back(bytes);
    }
}

#[async_trait]
impl TableProvider for MemoryTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn statistics(&self) -> Option<Statistics> {
        Some(Statistics { num_rows: Precision::Exact(self.row_count()), ..Statistics::new_unknown(&self.schema) })
    }

    async fn scan(
        &self,
        _session: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let batches = read(&self.batches).clone();
        let plan = MemorySourceConfig::try_new_exec(&[batches], self.schema(), projection.cloned())?;
        Ok(plan)
    }
}
