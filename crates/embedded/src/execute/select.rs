//! Queries: from a prepared syntax tree to a stream of rows with Trino's names and types.

use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast;

use super::interrupt::interruptible;
use super::names::{check_tables, tables_of};
use super::show::text_table;
use super::{Column, Outcome, Request, Runner, coercions};
use crate::failure::QueryFailure;
use crate::sql::{OutputName, PreparedQuery, SessionNames, UNNAMED};
use crate::types::arrow_types::trino_type;

impl Runner {
    pub(super) async fn select(&self, prepared: PreparedQuery, request: &Request) -> Result<Outcome, QueryFailure> {
        let state = self.state(&request.session);
        let plan = plan(&state, prepared.query, &request.session).await?;
        let optimized = state.optimize(&plan)?;
        let physical = state.query_planner().create_physical_plan(&optimized, &state).await?;
        let columns = Columns { names: &optimized, outputs: &prepared.outputs }.of(&physical.schema())?;
        let physical = interruptible(physical, &request.interrupt)?;
        let rows = execute_stream(physical, state.task_ctx())?;
        Ok(Outcome::Rows { columns, rows })
    }

    /// DataFusion's plan as text; it is another engine's plan, so its form is not Trino's.
    pub(super) async fn explain(
        &self,
        prepared: PreparedQuery,
        session: &SessionNames,
    ) -> Result<Outcome, QueryFailure> {
        let state = self.state(session);
        let plan = plan(&state, prepared.query, session).await?;
        let text = state.optimize(&plan)?.display_indent().to_string();
        text_table(&["Query Plan"], &[vec![text]])
    }
}

/// DataFusion's plan of a query whose tables exist, with every type settled.
pub(super) async fn plan(
    state: &SessionState,
    query: Box<ast::Query>,
    session: &SessionNames,
) -> Result<LogicalPlan, QueryFailure> {
    let tables = tables_of(state, &query, session)?;
    check_tables(state, &tables)?;
    let statement = Statement::Statement(Box::new(ast::Statement::Query(query)));
    let plan = state.statement_to_plan(statement).await.map_err(|error| {
        // A broken view or file says so without a place; the first table is where a reader looks.
        let place = tables.first().and_then(|table| table.place);
        let failure = QueryFailure::from(error);
        if failure.is_of_stored_object() { failure.at(place) } else { failure }
    })?;
    check_unnest(&plan)?;
    let analyzed = state.analyzer().execute_and_check(plan, state.config_options(), |_, _| {})?;
    coercions::check(&analyzed)?;
    Ok(analyzed)
}

/// Trino unnests rows into a column for each field; DataFusion leaves them whole.
fn check_unnest(plan: &LogicalPlan) -> Result<(), QueryFailure> {
    let mut of_rows = false;
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::Unnest(unnest) = node {
            let fields = unnest.input.schema().fields();
            let columns = unnest.list_type_columns.iter().filter_map(|(index, _)| fields.get(*index));
            of_rows |=
                !unnest.struct_type_columns.is_empty() || columns.into_iter().any(|field| has_rows(field.data_type()));
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    if of_rows { Err(QueryFailure::not_supported("UNNEST of rows")) } else { Ok(()) }
}

fn has_rows(list: &DataType) -> bool {
    match list {
        DataType::List(element) | DataType::LargeList(element) | DataType::FixedSizeList(element, _) => {
            matches!(element.data_type(), DataType::Struct(_))
        }
        _ => true,
    }
}

/// Trino's view of a plan's columns.
pub(super) struct Columns<'a> {
    /// Names and marks of types are the logical plan's.
    pub(super) names: &'a LogicalPlan,
    pub(super) outputs: &'a [OutputName],
}

impl Columns<'_> {
    /// The columns, with the Arrow types that really come.
    pub(super) fn of(&self, real: &Schema) -> Result<Vec<Column>, QueryFailure> {
        let fields = self.names.schema().fields().iter().zip(real.fields());
        // Without a `*` every column of the result has its output.
        let by_position = self.outputs.len() == real.fields().len();
        fields
            .enumerate()
            .map(|(position, (marked, real))| {
                let output = self.outputs.get(position).filter(|_| by_position);
                let name = self.shown_name(marked, output, position);
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

    fn shown_name(&self, field: &Field, output: Option<&OutputName>, position: usize) -> String {
        match output.or_else(|| self.outputs.iter().find(|output| output.planned == *field.name())) {
            Some(OutputName { shown: Some(shown), .. }) => shown.clone(),
            // DataFusion names the column of an UNNEST after its expression.
            None if !field.name().starts_with(UNNAMED) && !field.name().starts_with("UNNEST(") => field.name().clone(),
            _ => format!("_col{position}"),
        }
    }
}
