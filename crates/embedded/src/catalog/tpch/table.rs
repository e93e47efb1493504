//! The eight tables of TPC-H as DataFusion sees them: their columns, and a scan that generates only when it is read.

use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{Statistics, exec_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};

use super::generate::{Generated, Slice};
use crate::types::TrinoType;
use crate::types::arrow_types::field;

/// A table of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Customer,
    Lineitem,
    Nation,
    Orders,
    Part,
    Partsupp,
    Region,
    Supplier,
}

const fn text(length: u32) -> TrinoType {
    TrinoType::Varchar(Some(length))
}

impl Table {
    pub(super) const ALL: [Self; 8] = [
        Self::Customer,
        Self::Lineitem,
        Self::Nation,
        Self::Orders,
        Self::Part,
        Self::Partsupp,
        Self::Region,
        Self::Supplier,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Lineitem => "lineitem",
            Self::Nation => "nation",
            Self::Orders => "orders",
            Self::Part => "part",
            Self::Partsupp => "partsupp",
            Self::Region => "region",
            Self::Supplier => "supplier",
        }
    }

    /// Rows at scale factor 1; `lineitem` has about four for each order.
    fn rows_at_scale_one(self) -> f64 {
        match self {
            Self::Customer => 150_000.0,
            Self::Lineitem => 6_000_000.0,
            Self::Orders => 1_500_000.0,
            Self::Part => 200_000.0,
            Self::Partsupp => 800_000.0,
            Self::Supplier => 10_000.0,
            Self::Nation => 25.0,
            Self::Region => 5.0,
        }
    }

    /// Whether the table has the same rows at every scale.
    pub(super) fn is_fixed(self) -> bool {
        matches!(self, Self::Nation | Self::Region)
    }

    /// Columns in order, with the types that Trino's connector declares (`TpchMetadata`).
    fn columns(self) -> Vec<(&'static str, TrinoType)> {
        use TrinoType::{Bigint, Date, Double, Integer};
        match self {
            Self::Customer => vec![
                ("custkey", Bigint),
                ("name", text(25)),
                ("address", text(40)),
                ("nationkey", Bigint),
                ("phone", text(15)),
                ("acctbal", Double),
                ("mktsegment", text(10)),
                ("comment", text(117)),
            ],
            Self::Lineitem => lineitem(),
            Self::Nation => {
                vec![("nationkey", Bigint), ("name", text(25)), ("regionkey", Bigint), ("comment", text(152))]
            }
            Self::Orders => vec![
                ("orderkey", Bigint),
                ("custkey", Bigint),
                ("orderstatus", text(1)),
                ("totalprice", Double),
                ("orderdate", Date),
                ("orderpriority", text(15)),
                ("clerk", text(15)),
                ("shippriority", Integer),
                ("comment", text(79)),
            ],
            Self::Part => vec![
                ("partkey", Bigint),
                ("name", text(55)),
                ("mfgr", text(25)),
                ("brand", text(10)),
                ("type", text(25)),
                ("size", Integer),
                ("container", text(10)),
                ("retailprice", Double),
                ("comment", text(23)),
            ],
            Self::Partsupp => vec![
                ("partkey", Bigint),
                ("suppkey", Bigint),
                ("availqty", Integer),
                ("supplycost", Double),
                ("comment", text(199)),
            ],
            Self::Region => vec![("regionkey", Bigint), ("name", text(25)), ("comment", text(152))],
            Self::Supplier => vec![
                ("suppkey", Bigint),
                ("name", text(25)),
                ("address", text(40)),
                ("nationkey", Bigint),
                ("phone", text(15)),
                ("acctbal", Double),
                ("comment", text(101)),
            ],
        }
    }

    pub(super) fn schema(self) -> SchemaRef {
        let fields = self.columns().into_iter().map(|(name, data_type)| field(name, &data_type).with_nullable(false));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}

fn lineitem() -> Vec<(&'static str, TrinoType)> {
    use TrinoType::{Bigint, Date, Double, Integer};
    vec![
        ("orderkey", Bigint),
        ("partkey", Bigint),
        ("suppkey", Bigint),
        ("linenumber", Integer),
        ("quantity", Double),
        ("extendedprice", Double),
        ("discount", Double),
        ("tax", Double),
        ("returnflag", text(1)),
        ("linestatus", text(1)),
        ("shipdate", Date),
        ("commitdate", Date),
        ("receiptdate", Date),
        ("shipinstruct", text(25)),
        ("shipmode", text(10)),
        ("comment", text(44)),
    ]
}

/// A table at a scale factor.
#[derive(Debug)]
pub(super) struct TpchTable {
    table: Table,
    scale: f64,
    partitions: usize,
    schema: SchemaRef,
}

impl TpchTable {
    pub(super) fn new(table: Table, scale: f64, partitions: usize) -> Self {
        let partitions = if table.is_fixed() || scale < 1.0 { 1 } else { partitions };
        Self { table, scale, partitions, schema: table.schema() }
    }
}

#[async_trait]
impl TableProvider for TpchTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// The number of rows, so that joins start from the smaller side.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate of at most six billion, never negative"
    )]
    fn statistics(&self) -> Option<Statistics> {
        let scale = if self.table.is_fixed() { 1.0 } else { self.scale };
        let rows = (self.table.rows_at_scale_one() * scale).round() as usize;
        Some(Statistics { num_rows: Precision::Inexact(rows), ..Statistics::new_unknown(&self.schema) })
    }

    async fn scan(
        &self,
        _session: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns: Vec<usize> = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let projected = Arc::new(self.schema.project(&columns)?);
        let Ok(parts) = i32::try_from(self.partitions) else {
            return exec_err!("{} partitions are too many", self.partitions);
        };
        let partitions = (1..=parts)
            .map(|part| {
                let slice = Slice { table: self.table, scale: self.scale, part, parts };
                Arc::new(Generated::new(slice, columns.clone(), Arc::clone(&projected))) as Arc<dyn PartitionStream>
            })
            .collect();
        Ok(Arc::new(StreamingTableExec::try_new(projected, partitions, None, [], false, limit)?))
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_have_trinos_names_and_types() {
        let orders: Vec<String> =
            Table::Orders.columns().into_iter().map(|(name, data_type)| format!("{name} {data_type}")).collect();
        assert_eq!(
            orders.join(", "),
            "orderkey bigint, custkey bigint, orderstatus varchar(1), totalprice double, orderdate date, \
             orderpriority varchar(15), clerk varchar(15), shippriority integer, comment varchar(79)"
        );
        assert_eq!(Table::Lineitem.columns().len(), 16);
    }
}
