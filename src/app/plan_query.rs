//! From a user query to what Trino is sent: parse, resolve, rewrite, window. Pure: nothing is asked and nothing stored.

use std::collections::HashMap;

use warren_sql::{Converted, Limits as SqlLimits, Mapping, NameRef, Role, SqlError, Statement, analyse_with};

use super::Limits;
use crate::catalog::{Catalog, Fqn, ResolveError, Resolved};
use crate::jobs::{Cap, CapCause, FusionModel, Plan, Submission};
use crate::problem::{Code, Problem};

/// What becomes of a submission's query.
///
/// # Errors
/// A problem with a position in the user's SQL, when the query cannot be read or a name in it is mapped to nothing.
pub fn plan_query(submission: &Submission, catalog: &Catalog, limits: &Limits) -> Result<Plan, Problem> {
    let sql = submission.user_query.as_str();
    let sql_limits = SqlLimits { max_bytes: limits.max_sql_bytes, ..SqlLimits::default() };
    let statement = analyse_with(sql, &sql_limits).map_err(|error| Problem::from(&error))?;
    let resolution = Resolution::of(&statement, submission, catalog)?;
    let converted = statement.convert(&mut |name| resolution.mapping(name)).map_err(|error| Problem::from(&error))?;
    let (trino_query, source_map, cap) = windowed(&statement, &converted, submission, limits);
    Ok(Plan {
        statement: statement.kind().as_str().to_owned(),
        repeatable: statement.kind().is_read_only(),
        converted_query: converted.query().to_owned(),
        offset: converted.offset(),
        limit: converted.limit(),
        trino_query,
        source_map,
        cap,
        models: resolution.models,
        warnings: resolution.warnings,
    })
}

/// The SQL that runs: the converted query with the user's window, narrowed by the request and the server. One row more
/// than the cap is asked for, so that it is known whether rows were cut off without running the query twice.
fn windowed(
    statement: &Statement<'_>,
    converted: &Converted,
    submission: &Submission,
    limits: &Limits,
) -> (String, warren_sql::SourceMap, Option<Cap>) {
    let cap = if statement.kind().is_read_only() { narrowest(submission, limits, converted.limit()) } else { None };
    let limit = match cap {
        Some(cap) => Some(cap.rows.saturating_add(1).min(i64::MAX.unsigned_abs())),
        None => converted.limit(),
    };
    let executable = if converted.can_window() {
        converted.with_window(converted.offset(), limit)
    } else {
        converted.with_window(None, None)
    };
    (executable.sql, executable.source_map, cap)
}

fn narrowest(submission: &Submission, limits: &Limits, user: Option<u64>) -> Option<Cap> {
    let request = submission.row_limit.map(|rows| Cap { rows, cause: CapCause::Limit });
    let server = limits.max_rows.map(|rows| Cap { rows, cause: CapCause::MaxRows });
    let cap = [request, server].into_iter().flatten().min_by_key(|cap| cap.rows)?;
    user.is_none_or(|user| cap.rows < user).then_some(cap)
}

/// What each name of a statement is.
struct Resolution {
    by_start: HashMap<usize, Mapping>,
    models: Vec<FusionModel>,
    warnings: Vec<String>,
}

impl Resolution {
    fn of(statement: &Statement<'_>, submission: &Submission, catalog: &Catalog) -> Result<Self, Problem> {
        let mut resolution = Self { by_start: HashMap::new(), models: Vec::new(), warnings: Vec::new() };
        for name in statement.names() {
            if name.cte {
                continue;
            }
            resolution.add(statement, name, submission, catalog)?;
        }
        Ok(resolution)
    }

    fn mapping(&self, name: &NameRef) -> Mapping {
        self.by_start.get(&name.span.start).cloned().unwrap_or(Mapping::Keep)
    }

    fn add(
        &mut self,
        statement: &Statement<'_>,
        name: &NameRef,
        submission: &Submission,
        catalog: &Catalog,
    ) -> Result<(), Problem> {
        let problem = |error: &ResolveError| unresolved(statement, name, error);
        if name.role == Role::Schema {
            if let Some((catalog, schema)) = catalog.schema(&name.parts).map_err(|error| problem(&error))? {
                self.by_start.insert(name.span.start, schema_mapping(statement, name, &catalog, &schema)?);
            }
            return Ok(());
        }
        if let Some(resolved) = resolve(statement, name, submission, catalog)? {
            self.by_start.insert(name.span.start, Mapping::Replace(resolved.trino.clone()));
            self.record(statement, name, &resolved);
        } else if let Some(native) = native(name, submission, catalog) {
            self.record(statement, name, &native);
        } else if name.role.is_target() {
            self.warnings.push(format!(
                "'{}' has no name in OpenMetadata by the mapping file, so no lineage is recorded for it",
                name.parts.join(".")
            ));
        }
        Ok(())
    }

    fn record(&mut self, statement: &Statement<'_>, name: &NameRef, resolved: &Resolved) {
        let position = statement.position(name.span);
        self.models.push(FusionModel {
            model_id_of_om: resolved.id.clone(),
            fully_qualified_name: resolved.fqn.to_string(),
            trino_model_name: resolved.trino.to_plain(),
            start: position.offset,
            end: position.offset + position.length,
            target: name.role.is_target(),
        });
    }
}

/// What a table name is: a reference model's short name, an FQN, or a whole FQN within one delimited identifier.
fn resolve(
    statement: &Statement<'_>,
    name: &NameRef,
    submission: &Submission,
    catalog: &Catalog,
) -> Result<Option<Resolved>, Problem> {
    let problem = |error: &ResolveError| unresolved(statement, name, error);
    if let [single] = name.parts.as_slice() {
        if let Some(meant) = submission.reference_models.get(&single.to_lowercase()) {
            return reference_model(statement, name, meant, catalog).map(Some);
        }
        return match name.fqn_parts() {
            Some(parts) => catalog.whole_fqn(&parts).map_err(|error| problem(&error)),
            None => Ok(None),
        };
    }
    catalog.table(&name.parts).map_err(|error| problem(&error))
}

fn reference_model(
    statement: &Statement<'_>,
    name: &NameRef,
    meant: &str,
    catalog: &Catalog,
) -> Result<Resolved, Problem> {
    if let Some(resolved) = catalog.by_id(meant) {
        return Ok(resolved);
    }
    let position = statement.position(name.span).into();
    let nothing = |why: String| {
        Problem::new(Code::UnknownReferenceModel, format!("the reference model '{}' is bound to '{meant}': {why}", name.parts.join(".")))
            .with_hint("bind it to an FQN of four parts, or to the id of a [[table]] of the mapping file")
            .at(position)
    };
    let fqn = Fqn::parse(meant).map_err(|error| nothing(error.to_string()))?;
    match catalog.table(fqn.parts()) {
        Ok(Some(resolved)) => Ok(resolved),
        Ok(None) => Err(nothing("that is no FQN".to_owned())),
        Err(error) => Err(unresolved(statement, name, &error)),
    }
}

/// The FQN of a name that was written in Trino's words, so that its lineage is not lost.
fn native(name: &NameRef, submission: &Submission, catalog: &Catalog) -> Option<Resolved> {
    let parts: Vec<&str> = name.parts.iter().map(String::as_str).collect();
    let (session_catalog, session_schema) = (submission.catalog.as_deref(), submission.schema.as_deref());
    let (own_catalog, schema, table) = match parts.as_slice() {
        [table] => (session_catalog?, session_schema?, *table),
        [schema, table] => (session_catalog?, *schema, *table),
        [catalog, schema, table] => (*catalog, *schema, *table),
        _ => return None,
    };
    catalog.fqn_of(&own_catalog.to_lowercase(), &schema.to_lowercase(), &table.to_lowercase())
}

fn schema_mapping(statement: &Statement<'_>, name: &NameRef, catalog: &str, schema: &str) -> Result<Mapping, Problem> {
    warren_sql::TrinoName::schema(catalog, schema).map(Mapping::Replace).map_err(|error| {
        Problem::new(Code::InvalidName, error.to_string()).at(statement.position(name.span).into())
    })
}

fn unresolved(statement: &Statement<'_>, name: &NameRef, error: &ResolveError) -> Problem {
    Problem::new(Code::NoCatalogMapping, error.to_string())
        .with_hint(error.hint())
        .with_suggestions(error.near().to_vec())
        .at(statement.position(name.span).into())
}

impl From<SqlError> for Problem {
    fn from(error: SqlError) -> Self {
        Self::from(&error)
    }
}
