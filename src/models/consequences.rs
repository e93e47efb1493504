//! What follows from a job that finished: the commands that go into the model queue with it.

use std::collections::BTreeSet;

use super::{Command, ModelCommand};
use crate::jobs::{FusionModel, Job};

/// One `LINEAGE` for each source of what was written, and one `INGESTION` for it. A job that wrote nothing with a name
/// in OpenMetadata has no consequences.
#[must_use]
pub fn consequences(job: &Job) -> Vec<ModelCommand> {
    let models = job.plan().filter(|plan| makes_a_model(&plan.statement)).map_or(&[][..], |plan| &plan.models);
    let Some(target) = models.iter().find(|model| model.target) else { return Vec::new() };
    let command = |command, from_fqn| ModelCommand {
        job_id: job.id,
        command,
        model_name_fqn: target.fully_qualified_name.clone(),
        from_fqn,
    };
    let mut commands: Vec<ModelCommand> =
        sources(models, target).into_iter().map(|source| command(Command::Lineage, Some(source.to_owned()))).collect();
    commands.push(command(Command::Ingestion, None));
    commands
}

/// Sources by name, each once; what reads itself is no source of itself.
fn sources<'a>(models: &'a [FusionModel], target: &FusionModel) -> BTreeSet<&'a str> {
    let names = models.iter().filter(|model| !model.target).map(|model| model.fully_qualified_name.as_str());
    names.filter(|name| *name != target.fully_qualified_name).collect()
}

/// Statements that put rows or a definition into their target, in the words of `warren_sql::StatementKind`.
fn makes_a_model(statement: &str) -> bool {
    ["Insert", "CreateTableAsSelect", "CreateView", "CreateMaterializedView", "Merge"].contains(&statement)
}
