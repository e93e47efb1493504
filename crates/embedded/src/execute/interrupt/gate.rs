//! A plan whose batches pass only while the query was not told to stop, and which pauses now and then so that others can run.

use std::fmt;
use std::sync::Arc;

use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::coop::make_cooperative;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::StreamExt;

use super::Interrupt;

/// The plan.
#[derive(Debug)]
pub(super) struct Gate {
    input: Arc<dyn ExecutionPlan>,
    interrupt: Interrupt,
}

impl Gate {
    pub(super) fn new(input: Arc<dyn ExecutionPlan>, interrupt: Interrupt) -> Self {
        Self { input, interrupt }
    }
}

impl DisplayAs for Gate {
    fn fmt_as(&self, _format: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Gate")
    }
}

impl ExecutionPlan for Gate {
    fn name(&self) -> &'static str {
        "Gate"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, mut children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        match (children.pop(), children.is_empty()) {
            (Some(input), true) => Ok(Arc::new(Self::new(input, self.interrupt.clone()))),
            _ => internal_err!("a gate has one input"),
        }
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let interrupt = self.interrupt.clone();
        let batches = make_cooperative(self.input.execute(partition, context)?);
        let schema = batches.schema();
        let gated = batches.map(move |batch| {
            interrupt.check()?;
            batch
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, gated)))
    }
}
