//! Views of the catalog `memory`: made from a query, planned again whenever they are read.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::execution::context::SessionContext;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::sql::sqlparser::ast::Query;

use super::names::{complete, tables_of};
use super::select::{Columns, plan};
use super::{Column, Outcome, Runner};
use crate::catalog::memory::{Entry, View, ViewColumn, ViewPlanner};
use crate::failure::{ErrorCode, QueryFailure};
use crate::sql::{Name, Originals, PreparedQuery, SessionNames, prepare};
use crate::types::TrinoType;

/// Plans queries in DataFusion's session.
pub(crate) struct Planner {
    pub(super) context: SessionContext,
}

impl fmt::Debug for Planner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Planner")
    }
}

impl Planner {
    /// The state for one statement: a copy with the session's names and the time at which it starts.
    pub(super) fn state(&self, session: &SessionNames) -> SessionState {
        let mut state = self.context.state();
        let options = state.config_mut().options_mut();
        options.execution.time_zone = Some(session.time_zone.clone());
        if let Some(catalog) = &session.catalog {
            options.catalog.default_catalog.clone_from(catalog);
        }
        if let Some(schema) = &session.schema {
            options.catalog.default_schema.clone_from(schema);
        }
        state
    }

    async fn plan_named(
        &self,
        prepared: PreparedQuery,
        session: &SessionNames,
    ) -> Result<(LogicalPlan, Vec<ViewColumn>), QueryFailure> {
        let state = self.state(session);
        let plan = plan(&state, prepared.query, session).await?;
        let columns = Columns { names: &plan, outputs: &prepared.outputs }.of(plan.schema().as_arrow())?;
        let columns = named(columns)?;
        let renamed = plan.schema().columns().into_iter().zip(&columns);
        let exprs: Vec<Expr> =
            renamed.map(|(column, view)| Expr::Column(column).alias(view.name.to_lowercase())).collect();
        let plan = LogicalPlanBuilder::from(plan).project(exprs)?.build()?;
        Ok((plan, columns))
    }
}

#[async_trait]
impl ViewPlanner for Planner {
    async fn plan_view(&self, view: &View) -> Result<(LogicalPlan, Vec<ViewColumn>), QueryFailure> {
        let prepared = prepare(view.query.clone(), &Originals::default(), &view.session)?;
        self.plan_named(prepared, &view.session).await
    }
}

/// The columns of something that is kept: each has a name and a type, and no two have one name.
pub(super) fn named(columns: Vec<Column>) -> Result<Vec<ViewColumn>, QueryFailure> {
    let mut names = HashSet::new();
    for (index, column) in columns.iter().enumerate() {
        let failure = if is_unnamed(&column.name) {
            let message = format!("Column name not specified at position {}", index + 1);
            QueryFailure::new(ErrorCode::MissingColumnName, message)
        } else if !names.insert(column.name.to_lowercase()) {
            let message = format!("Column name '{}' specified more than once", column.name);
            QueryFailure::new(ErrorCode::DuplicateColumnName, message)
        } else if column.data_type == TrinoType::Unknown {
            QueryFailure::new(ErrorCode::ColumnTypeUnknown, format!("Column type is unknown: {}", column.name))
        } else {
            continue;
        };
        return Err(failure);
    }
    let kept =
        columns.into_iter().map(|column| ViewColumn { name: column.name.to_lowercase(), data_type: column.data_type });
    Ok(kept.collect())
}

/// Whether the name is one that the engine made up.
fn is_unnamed(name: &str) -> bool {
    name.strip_prefix("_col")
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Runner {
    pub(super) async fn create_view(
        &self,
        name: &Name,
        or_replace: bool,
        query: Box<Query>,
        originals: &Originals,
        session: &SessionNames,
    ) -> Result<Outcome, QueryFailure> {
        let name = complete(name, session)?;
        let schema = self.writable_schema(&name, session, "creating views")?;
        match schema.entry(&name.table) {
            Some(Entry::Table(_)) => return Err(taken(format!("Table already exists: '{name}'"))),
            Some(Entry::View(_)) if !or_replace => return Err(taken(format!("View already exists: '{name}'"))),
            _ => {}
        }
        let reads = tables_of(&self.state(session), &query, session)?;
        let full_name = name.to_string();
        let reads: Vec<String> = reads.iter().map(ToString::to_string).collect();
        if self.reaches(&reads, &full_name) {
            return Err(QueryFailure::new(ErrorCode::ViewIsRecursive, "Statement would create a recursive view"));
        }
        let prepared = prepare(query.clone(), originals, session)?;
        let (_, columns) = self.planner.plan_named(prepared, session).await?;
        let view = Arc::new(View { name: full_name, query, session: session.clone(), columns, reads });
        let stored = if or_replace {
            schema.replace_view(&name.table, view)
        } else {
            schema.create(&name.table, Entry::View(view))
        };
        match stored {
            Ok(()) => Ok(Outcome::Defined { update_type: "CREATE VIEW" }),
            Err(_taken) => Err(taken(format!("View already exists: '{name}'"))),
        }
    }

    /// Whether one of these tables is, or is a view over, the table `target`.
    fn reaches(&self, tables: &[String], target: &str) -> bool {
        let mut seen = HashSet::new();
        let mut waiting: Vec<String> = tables.to_vec();
        while let Some(table) = waiting.pop() {
            if table == target {
                return true;
            }
            if seen.insert(table.clone())
                && let Some(Entry::View(view)) = self.entry(&table)
            {
                waiting.extend(view.reads.iter().cloned());
            }
        }
        false
    }

    fn entry(&self, full_name: &str) -> Option<Entry> {
        let (schema, table) = full_name.strip_prefix(crate::catalog::MEMORY)?.strip_prefix('.')?.split_once('.')?;
        self.memory.memory_schema(schema)?.entry(table)
    }
}

fn taken(message: String) -> QueryFailure {
    QueryFailure::new(ErrorCode::TableAlreadyExists, message)
}
