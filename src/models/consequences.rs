//! What follows from a job that finished: the commands that go into the model queue with it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use warren_sql::StatementKind;

use super::{ColumnEdge, ColumnOrigin, Command, ModelCommand, Payload};
use crate::catalog::Fqn;
use crate::jobs::{FusionModel, Job, LineageColumn, Plan};

/// One `INGESTION` for what was written, and one `LINEAGE` for each source of it. The ingestion comes first: OpenMetadata
/// takes lineage only between tables that it knows. A job that wrote nothing with a name in OpenMetadata has no
/// consequences.
#[must_use]
pub fn consequences(job: &Job) -> Vec<ModelCommand> {
    let Some(plan) = job.plan().filter(|plan| makes_a_model(&plan.statement)) else { return Vec::new() };
    let Some(target) = plan.models.iter().find(|model| model.target) else { return Vec::new() };
    let command = |command, from_fqn: Option<&str>, payload| ModelCommand {
        job_id: job.id,
        command,
        model_name_fqn: target.fully_qualified_name.clone(),
        from_fqn: from_fqn.map(str::to_owned),
        payload,
    };
    let payload = Payload {
        statement: plan.statement.clone(),
        // Whoever reads the text with a parser of SQL takes the names in it for those of the database.
        query: plan.trino_query.clone(),
        owner: job.submission.owner.as_str().to_owned(),
        complete: plan.lineage.complete,
        ..Payload::default()
    };
    let lineage = sources(&plan.models, target).into_iter().map(|source| {
        command(Command::Lineage, Some(source), Payload { columns: columns(plan, source), ..payload.clone() })
    });
    let mut commands = vec![command(Command::Ingestion, None, payload.clone())];
    commands.extend(lineage);
    commands
}

/// What a finished read tells OpenMetadata of itself, where it used something that is there: one `QUERY`.
///
/// Its target is the query as OpenMetadata will know it, not one of the tables. Commands of one target come one after the
/// other, so that reads of a table never hold up its lineage; of the same text there is one at a time.
#[must_use]
pub fn query_to_tell(job: &Job, finished: DateTime<Utc>) -> Option<ModelCommand> {
    let plan = job.plan().filter(|plan| plan.statement == StatementKind::Query.as_str())?;
    let known = |model: &&FusionModel| model.model_id_of_om.is_some();
    let first = plan.models.iter().find(known)?;
    let service = Fqn::parse(&first.fully_qualified_name).ok()?;
    let query = warren_sql::mask_literals(&job.submission.user_query);
    let target = Fqn::of_query(service.service(), &query).ok()?;
    let mut used: Vec<String> = plan.models.iter().filter_map(|model| model.model_id_of_om.clone()).collect();
    used.sort();
    used.dedup();
    let duration = job.run().and_then(|run| u64::try_from((finished - run.started).num_milliseconds()).ok());
    Some(ModelCommand {
        job_id: job.id,
        command: Command::Query,
        model_name_fqn: target.to_string(),
        from_fqn: None,
        payload: Payload {
            statement: plan.statement.clone(),
            query,
            owner: job.submission.owner.as_str().to_owned(),
            used,
            duration_ms: duration,
            ..Payload::default()
        },
    })
}

/// Sources by name, each once; what reads itself is no source of itself.
fn sources<'a>(models: &'a [FusionModel], target: &FusionModel) -> BTreeSet<&'a str> {
    let names = models.iter().filter(|model| !model.target).map(|model| model.fully_qualified_name.as_str());
    names.filter(|name| *name != target.fully_qualified_name).collect()
}

/// What the columns of the target take from one source.
fn columns(plan: &Plan, source: &str) -> Vec<ColumnEdge> {
    let edge = |column: &LineageColumn| {
        let of_source = column.sources.iter().filter(|own| own.fqn.as_deref() == Some(source));
        let from: Vec<ColumnOrigin> =
            of_source.map(|own| ColumnOrigin { column: own.column.clone(), usage: own.usage }).collect();
        let column = column.name.clone().filter(|_| !from.is_empty())?;
        Some(ColumnEdge { column, from })
    };
    plan.lineage.columns.iter().filter_map(edge).collect()
}

/// Statements that put rows or a definition into their target, in the words of `warren_sql::StatementKind`.
fn makes_a_model(statement: &str) -> bool {
    ["Insert", "CreateTableAsSelect", "CreateView", "CreateMaterializedView", "Merge"].contains(&statement)
}
