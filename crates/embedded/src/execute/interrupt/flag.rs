//! An expression that is true until the query is told to stop, and an error from then on.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;

use super::Interrupt;

/// The expression.
#[derive(Debug, Clone)]
pub(super) struct Uninterrupted {
    interrupt: Interrupt,
}

impl Uninterrupted {
    pub(super) fn new(interrupt: Interrupt) -> Self {
        Self { interrupt }
    }
}

impl fmt::Display for Uninterrupted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("uninterrupted")
    }
}

impl PartialEq for Uninterrupted {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.interrupt.0, &other.interrupt.0)
    }
}

impl Eq for Uninterrupted {}

impl Hash for Uninterrupted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.interrupt.0).hash(state);
    }
}

impl PhysicalExpr for Uninterrupted {
    fn data_type(&self, _input: &Schema) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn nullable(&self, _input: &Schema) -> Result<bool> {
        Ok(false)
    }

    fn evaluate(&self, _batch: &RecordBatch) -> Result<ColumnarValue> {
        self.interrupt.check()?;
        Ok(ColumnarValue::Scalar(ScalarValue::Boolean(Some(true))))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![]
    }

    fn with_new_children(self: Arc<Self>, _children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        Ok(self)
    }

    fn fmt_sql(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
