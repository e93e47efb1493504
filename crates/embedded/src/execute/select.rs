//! Queries: from a prepared syntax tree to a stream of rows with Trino's names and types.

use std::sync::Arc;

use arrow::datatypes::Field;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast;

use super::names::check_tables;
use super::{Column, Outcome, Runner};
use crate::failure::QueryFailure;
use crate::sql::{OutputName, PreparedQuery, SessionNames, UNNAMED};
use crate::types::arrow_types::trino_type;

impl Runner {
    pub(super) async fn select(
        &self,
        prepared: PreparedQuery,
        session: &SessionNames,
    ) -> Result<Outcome, QueryFailure> {
        let state = self.state(session);
        let plan = plan(&state, prepared.query, session).await?;
        let optimized = state.optimize(&plan)?;
        let physical = state.query_planner().create_physical_plan(&optimized, &state).await?;
        let columns = columns(&optimized, physical.as_ref(), &prepared.outputs)?;
        let rows = execute_stream(physical, state.task_ctx())?;
        Ok(Outcome::Rows { columns, rows })
    }
}

/// DataFusion's plan of a query whose tables exist.
pub(super) async fn plan(
    state: &SessionState,
    query: Box<ast::Query>,
    session: &SessionNames,
) -> Result<LogicalPlan, QueryFailure> {
    check_tables(state, &query, session)?;
    let statement = Statement::Statement(Box::new(ast::Statement::Query(query)));
    Ok(state.statement_to_plan(statement).await?)
}

/// Trino's view of a plan's columns. Names and marks of types are the logical plan's, Arrow types those that really come.
fn columns(
    logical: &LogicalPlan,
    physical: &dyn ExecutionPlan,
    outputs: &[OutputName],
) -> Result<Vec<Column>, QueryFailure> {
    let schema = physical.schema();
    let fields = logical.schema().fields().iter().zip(schema.fields());
    fields
        .enumerate()
        .map(|(position, (marked, real))| {
            let name = shown_name(marked, outputs, position);
            let field = marked.as_ref().clone().with_data_type(real.data_type().clone());
            match trino_type(&field) {
                Some(data_type) => Ok(Column { name, data_type }),
                None => {
                    Err(QueryFailure::not_supported(format_args!("a result of type {} ({name})", real.data_type())))
                }
            }
        })
        .collect()
}

fn shown_name(field: &Arc<Field>, outputs: &[OutputName], position: usize) -> String {
    match outputs.iter().find(|output| output.planned == *field.name()) {
        Some(OutputName { shown: Some(shown), .. }) => shown.clone(),
        None if !field.name().starts_with(UNNAMED) => field.name().clone(),
        _ => format!("_col{position}"),
    }
}
