//! A view: a query that is planned again whenever the view is read, so that it sees the tables of that moment.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::TableProvider;
use datafusion::datasource::ViewTable;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::sqlparser::ast::Query;

use crate::failure::{ErrorCode, QueryFailure};
use crate::sql::SessionNames;
use crate::types::TrinoType;

/// A column of a view, as it was when the view was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ViewColumn {
    pub(crate) name: String,
    pub(crate) data_type: TrinoType,
}

/// A view of the catalog `memory`.
#[derive(Debug)]
pub(crate) struct View {
    /// The full name, for messages.
    pub(crate) name: String,
    /// The query as it was written, with names in lower case.
    pub(crate) query: Box<Query>,
    /// The session that the view was made in: it completes the names in the query.
    pub(crate) session: SessionNames,
    pub(crate) columns: Vec<ViewColumn>,
    /// The full names of what the query reads.
    pub(crate) reads: Vec<String>,
}

/// Plans the query of a view.
#[async_trait]
pub(crate) trait ViewPlanner: fmt::Debug + Send + Sync {
    /// The plan, its columns named as the view's are, and what columns it has now.
    async fn plan_view(&self, view: &View) -> Result<(LogicalPlan, Vec<ViewColumn>), QueryFailure>;
}

impl View {
    /// The view as a table. A view whose query does not plan any more, or has other columns, says so.
    pub(super) async fn provider(&self, planner: &dyn ViewPlanner) -> Result<Arc<dyn TableProvider>, QueryFailure> {
        let (plan, columns) = planner.plan_view(self).await.map_err(|failure| {
            let message = format!("Failed analyzing stored view '{}': {failure}", self.name);
            QueryFailure::new(ErrorCode::InvalidView, message)
        })?;
        if columns != self.columns {
            let message = format!("View '{}' is stale or in invalid state: its columns have changed", self.name);
            return Err(QueryFailure::new(ErrorCode::ViewIsStale, message));
        }
        Ok(Arc::new(ViewTable::new(plan, Some(self.query.to_string()))))
    }
}
