//! Stopping a query that computes without coming up for air.
//!
//! Dropping DataFusion's stream stops a query at its next pause, but a join can work through billions of pairs between two pauses.
//! So every join gets a look at a flag, behind each batch of its output ([`gate`]) and, where it filters pairs in a loop, inside
//! that filter ([`flag`]).

mod flag;
mod gate;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::BinaryExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::joins::{
    CrossJoinExec, HashJoinExec, NestedLoopJoinExec, NestedLoopJoinExecBuilder, PiecewiseMergeJoinExec,
    SortMergeJoinExec,
};

use self::flag::Uninterrupted;
use self::gate::Gate;
use crate::failure::{ErrorCode, QueryFailure};

/// Whether a query was told to stop. Clones are of one flag.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Tells the query to stop.
    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// An error once the query was told to stop.
    fn check(&self) -> Result<()> {
        if self.0.load(Ordering::Relaxed) {
            return Err(QueryFailure::new(ErrorCode::UserCanceled, "Query was canceled").into_datafusion());
        }
        Ok(())
    }
}

/// The same plan, whose joins stop when they are told to.
pub(super) fn interruptible(plan: Arc<dyn ExecutionPlan>, interrupt: &Interrupt) -> Result<Arc<dyn ExecutionPlan>> {
    let plan = plan.transform_up(|node| {
        let watched = if let Some(join) = node.downcast_ref::<NestedLoopJoinExec>() {
            NestedLoopJoinExecBuilder::new(Arc::clone(join.left()), Arc::clone(join.right()), *join.join_type())
                .with_projection_ref(join.projection().clone())
                .with_filter(join.filter().map(|filter| watched(filter, interrupt)))
                .build()
                .map(|join| Arc::new(join) as Arc<dyn ExecutionPlan>)?
        } else if let Some(join) = node.downcast_ref::<HashJoinExec>() {
            join.builder().with_filter(join.filter().map(|filter| watched(filter, interrupt))).build_exec()?
        } else if node.is::<CrossJoinExec>() || node.is::<SortMergeJoinExec>() || node.is::<PiecewiseMergeJoinExec>() {
            node
        } else {
            return Ok(Transformed::no(node));
        };
        Ok(Transformed::yes(Arc::new(Gate::new(watched, interrupt.clone())) as Arc<dyn ExecutionPlan>))
    })?;
    Ok(plan.data)
}

/// A filter of a join that fails once the query was told to stop.
fn watched(filter: &JoinFilter, interrupt: &Interrupt) -> JoinFilter {
    // On the left, because AND does not look at its right side once its left is false for all rows.
    let watch: Arc<dyn PhysicalExpr> = Arc::new(Uninterrupted::new(interrupt.clone()));
    let both = BinaryExpr::new(watch, Operator::And, Arc::clone(filter.expression()));
    JoinFilter::new(Arc::new(both), filter.column_indices().to_vec(), Arc::clone(filter.schema()))
}
