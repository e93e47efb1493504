//! From a user query to what Trino is sent: parse, resolve, rewrite, window. Pure: nothing is asked and nothing stored.

use std::collections::HashMap;
use std::sync::Arc;

use warren_sql::{
    Column, Columns, Converted, Level, Limits as SqlLimits, Mapping, NameRef, Role, SourceMap, Statement, TrinoName,
    analyse_with,
};

use super::Limits;
use super::trace_lineage::{Described, trace_lineage};
use crate::catalog::{Catalog, Entity, EntityColumn, Fqn, Purpose, ResolveError, Resolved};
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
    if let Some(error) = statement.disagreement() {
        metrics::counter!("warren_readers_disagree_total").increment(1);
        return Err(Problem::from(&error));
    }
    let resolution = Resolution::of(&statement, &Names { submission, catalog })?;
    let converted = statement.convert(&mut |name| resolution.mapping(name)).map_err(|error| Problem::from(&error))?;
    let (trino_query, source_map, cap) = windowed(&statement, &converted, submission, limits);
    let lineage = trace_lineage(&statement, &resolution.models, &resolution.columns);
    Ok(Plan {
        statement: statement.kind().as_str().to_owned(),
        repeatable: statement.is_read_only(),
        converted_query: converted.query().to_owned(),
        offset: converted.offset(),
        limit: converted.limit(),
        trino_query,
        source_map,
        cap,
        models: resolution.models,
        lineage,
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
) -> (String, SourceMap, Option<Cap>) {
    let cap = if statement.is_read_only() { narrowest(submission, limits, converted.limit()) } else { None };
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
    columns: KnownColumns,
    warnings: Vec<String>,
}

/// The columns of the tables that OpenMetadata knows, by the first byte of their names.
#[derive(Default)]
struct KnownColumns(HashMap<usize, Arc<Entity>>);

impl Columns for KnownColumns {
    fn columns(&self, table: &NameRef) -> Option<Vec<Column>> {
        let entity = self.0.get(&table.span.start).filter(|entity| !entity.columns.is_empty())?;
        let column = |own: &EntityColumn| Column {
            data_type: own.data_type.clone(),
            ..Column::named(warren_openmetadata::decode_reserved(&own.name))
        };
        Some(entity.columns.iter().map(column).collect())
    }
}

impl Described for KnownColumns {
    fn description(&self, table: &NameRef, column: &str) -> Option<&str> {
        let columns = &self.0.get(&table.span.start)?.columns;
        let named = |own: &&EntityColumn| warren_openmetadata::decode_reserved(&own.name) == column;
        // Trino knows names in lower case only, so that one which differs by nothing else is meant where it is alone.
        let alike = |own: &&EntityColumn| {
            warren_openmetadata::decode_reserved(&own.name).to_lowercase() == column.to_lowercase()
        };
        let found = columns.iter().find(named).or_else(|| {
            let mut alike = columns.iter().filter(alike);
            alike.next().filter(|_| alike.next().is_none())
        });
        found?.description.as_deref()
    }
}

/// What names are resolved with.
struct Names<'a> {
    submission: &'a Submission,
    catalog: &'a Catalog,
}

impl Resolution {
    fn of(statement: &Statement<'_>, names: &Names<'_>) -> Result<Self, Problem> {
        let mut resolution = Self {
            by_start: HashMap::new(),
            models: Vec::new(),
            columns: KnownColumns::default(),
            warnings: Vec::new(),
        };
        for name in statement.names().iter().filter(|name| name.is_mappable()) {
            match name.level {
                Level::Table | Level::Column => resolution.add_table(name, names)?,
                Level::Schema => resolution.add_schema(name, names)?,
                Level::Catalog | Level::Other => {}
            }
        }
        Ok(resolution)
    }

    fn mapping(&self, name: &NameRef) -> Mapping {
        self.by_start.get(&name.span.start).cloned().unwrap_or(Mapping::Keep)
    }

    fn add_table(&mut self, name: &NameRef, names: &Names<'_>) -> Result<(), Problem> {
        if let Some(resolved) = names.table(name)? {
            self.by_start.insert(name.span.start, Mapping::Replace(resolved.trino.clone()));
            self.record(name, &resolved);
        } else if let Some(native) = names.native(name) {
            self.record(name, &native);
        } else if is_target(name) {
            self.warnings.push(format!(
                "'{}' has no name in OpenMetadata that is known, so no lineage is recorded for it",
                name.parts.join(".")
            ));
        }
        Ok(())
    }

    fn add_schema(&mut self, name: &NameRef, names: &Names<'_>) -> Result<(), Problem> {
        let found = names.catalog.schema(&name.parts).map_err(|error| unresolved(name, &error))?;
        if let Some((catalog, schema)) = found {
            let trino = TrinoName::schema(catalog, schema)
                .map_err(|error| Problem::new(Code::InvalidName, error.to_string()).at(name.position.into()))?;
            self.by_start.insert(name.span.start, Mapping::Replace(trino));
        }
        Ok(())
    }

    fn record(&mut self, name: &NameRef, resolved: &Resolved) {
        for warning in &resolved.warnings {
            if !self.warnings.contains(warning) {
                self.warnings.push(warning.clone());
            }
        }
        if let Some(entity) = &resolved.entity {
            self.columns.0.insert(name.span.start, entity.clone());
        }
        self.models.push(FusionModel {
            model_id_of_om: resolved.id.clone(),
            model_version_of_om: resolved.entity.as_ref().map(|entity| entity.version.clone()),
            fully_qualified_name: resolved.fqn.to_string(),
            trino_model_name: resolved.trino.dotted(),
            start: name.position.offset,
            end: name.position.offset + name.position.length,
            target: is_target(name),
        });
    }
}

impl Names<'_> {
    /// What a table name is. A hidden table of a connector, such as `orders$snapshots`, is looked up without its suffix.
    fn table(&self, name: &NameRef) -> Result<Option<Resolved>, Problem> {
        if let Some(resolved) = self.whole(name, name.object_parts())? {
            return Ok(Some(resolved));
        }
        let Some((parts, suffix)) = name.split_suffix() else { return Ok(None) };
        let resolved = self.whole(name, &parts)?;
        // The columns of a hidden table are others.
        Ok(resolved.map(|found| Resolved { trino: found.trino.with_suffix(suffix), entity: None, ..found }))
    }

    /// What these parts are: a reference model's short name, an FQN, or a whole FQN within one delimited identifier.
    fn whole(&self, name: &NameRef, parts: &[String]) -> Result<Option<Resolved>, Problem> {
        let problem = |error: &ResolveError| unresolved(name, error);
        let purpose = purpose(name);
        let [single] = parts else { return self.catalog.table(parts, purpose).map_err(|error| problem(&error)) };
        if let Some(meant) = self.submission.reference_models.get(&single.to_lowercase()) {
            return self.reference_model(name, meant).map(Some);
        }
        match name.fqn_parts() {
            Some(parts) => self.catalog.delimited(&parts, purpose).map_err(|error| problem(&error)),
            None => Ok(None),
        }
    }

    fn reference_model(&self, name: &NameRef, meant: &str) -> Result<Resolved, Problem> {
        if let Some(resolved) = self.catalog.by_id(meant).map_err(|error| unresolved(name, &error))? {
            return Ok(resolved);
        }
        let nothing = |why: String| {
            let detail = format!("the reference model '{}' is bound to '{meant}': {why}", name.parts.join("."));
            Problem::new(Code::UnknownReferenceModel, detail)
                .with_hint("bind it to an FQN, or to the id of a table in OpenMetadata or in the mapping file")
                .at(name.position.into())
        };
        let fqn = Fqn::parse(meant).map_err(|error| nothing(error.to_string()))?;
        let found = match fqn.parts().len() {
            4.. => self.catalog.table(fqn.parts(), purpose(name)),
            _ => self.catalog.whole_fqn(fqn.parts(), purpose(name)),
        };
        match found {
            Ok(Some(resolved)) => Ok(resolved),
            Ok(None) => Err(nothing("no table or file has that name".to_owned())),
            Err(error) => Err(unresolved(name, &error)),
        }
    }

    /// The FQN of a name that was written in Trino's words, so that its lineage is not lost.
    fn native(&self, name: &NameRef) -> Option<Resolved> {
        let parts: Vec<&str> = name.object_parts().iter().map(String::as_str).collect();
        let session = (self.submission.catalog.as_deref(), self.submission.schema.as_deref());
        let (catalog, schema, table) = match parts.as_slice() {
            [table] => (session.0?, session.1?, *table),
            [schema, table] => (session.0?, *schema, *table),
            [catalog, schema, table] => (*catalog, *schema, *table),
            _ => return None,
        };
        self.catalog.fqn_of(&catalog.to_lowercase(), &schema.to_lowercase(), &table.to_lowercase())
    }
}

fn purpose(name: &NameRef) -> Purpose {
    if name.role == Role::Create { Purpose::Create } else { Purpose::Use }
}

fn is_target(name: &NameRef) -> bool {
    matches!(name.role, Role::Target | Role::Create)
}

fn unresolved(name: &NameRef, error: &ResolveError) -> Problem {
    Problem::from(error).at(name.position.into())
}
