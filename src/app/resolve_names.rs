//! Resolve: what OpenMetadata says of the names of a query, so that planning it needs to ask nobody.

use warren_sql::{Level, Limits as SqlLimits, NameRef, analyse_with};

use super::managed_catalogs::Missing;
use super::plan_query::without_suffix;
use super::{App, AppError, plan_query};
use crate::catalog::{Catalog, Fqn, Wanted};
use crate::jobs::{FusionModel, Plan, Submission};
use crate::problem::{Code, Problem};

/// What came of planning a query.
pub(super) enum Planned {
    /// It can run.
    Plan(Box<Plan>),
    /// It cannot, whenever it is tried.
    Refused(Problem),
    /// It is not known whether it can, because OpenMetadata does not answer.
    Undecided(Problem),
}

impl App {
    /// What becomes of a submission's query, with what OpenMetadata says of its names.
    pub(super) async fn plan(&self, submission: &Submission) -> Planned {
        let catalog = self.catalog_for(submission).await;
        match plan_query(submission, &catalog, &self.limits) {
            Ok(plan) => Planned::Plan(Box::new(plan)),
            Err(problem) if problem.code == Code::CatalogUnavailable.as_str() => Planned::Undecided(problem),
            Err(problem) => Planned::Refused(problem),
        }
    }

    /// The catalog with all that is known of the names of one statement.
    async fn catalog_for(&self, submission: &Submission) -> Catalog {
        let Some(directory) = &self.directory else { return self.catalog.clone() };
        let wanted = wanted(submission, &self.catalog, self.limits.max_sql_bytes);
        let facts = directory.facts(wanted, &self.catalog).await;
        self.catalog.with_facts(self.with_managed(facts, Missing::Make).await)
    }

    /// Forgets what is known of a name that Trino does not have, and asks once more; the Trino name, if it is another one.
    pub(crate) async fn reconsider(&self, model: &FusionModel) -> Option<String> {
        let directory = self.directory.as_ref()?;
        let fqn = Fqn::parse(&model.fully_qualified_name).ok()?;
        let id = model.model_id_of_om.as_deref().unwrap_or_default();
        if let Err(error) = directory.forget_name(&fqn, id).await {
            tracing::warn!(%error, "a name that is out of date cannot be forgotten everywhere");
        }
        let now = self.resolve_fqn(&fqn).await.ok()??.trino.dotted();
        (now != model.trino_model_name).then_some(now)
    }

    /// What a name is now, for people who look at the catalogue.
    ///
    /// # Errors
    /// When it is mapped to nothing, or it is not known.
    pub async fn resolve_fqn(&self, fqn: &Fqn) -> Result<Option<crate::catalog::Resolved>, AppError> {
        let mut catalog = self.catalog.clone();
        if let Some(directory) = &self.directory {
            let mut wanted: Vec<Wanted> = self.catalog.database_wanted(fqn.parts()).into_iter().collect();
            wanted.extend(self.catalog.whole_fqn_wanted(fqn.parts()));
            let facts = directory.facts(wanted, &self.catalog).await;
            catalog = catalog.with_facts(self.with_managed(facts, Missing::Leave).await);
        }
        let purpose = crate::catalog::Purpose::Use;
        let resolved = match fqn.parts().len() {
            4.. => catalog.table(fqn.parts(), purpose),
            _ => catalog.whole_fqn(fqn.parts(), purpose),
        };
        resolved.map_err(|error| Problem::from(&error).into())
    }
}

/// What OpenMetadata must be asked for. A statement that cannot be read asks for nothing.
fn wanted(submission: &Submission, catalog: &Catalog, max_bytes: usize) -> Vec<Wanted> {
    let limits = SqlLimits { max_bytes, ..SqlLimits::default() };
    let Ok(statement) = analyse_with(&submission.user_query, &limits) else { return Vec::new() };
    let names = statement.names().iter().filter(|name| name.is_mappable());
    names.flat_map(|name| wanted_by(name, submission, catalog)).collect()
}

fn wanted_by(name: &NameRef, submission: &Submission, catalog: &Catalog) -> Vec<Wanted> {
    let held = name.fqn_parts();
    let parts = held.as_deref().unwrap_or(&name.parts);
    match name.level {
        Level::Schema => match parts.len() {
            3 => catalog.database_wanted(parts).into_iter().collect(),
            _ => Vec::new(),
        },
        Level::Catalog => catalog.catalog_wanted(parts).into_iter().collect(),
        Level::Table | Level::Column => {
            let mut wanted = wanted_by_table(name, submission, catalog);
            if let Some((table, _)) = without_suffix(name) {
                wanted.extend(wanted_by_table(&table, submission, catalog));
            }
            wanted
        }
        Level::Other => Vec::new(),
    }
}

fn wanted_by_table(name: &NameRef, submission: &Submission, catalog: &Catalog) -> Vec<Wanted> {
    match name.object_parts() {
        [single] => wanted_by_one(name, single, submission, catalog),
        parts => wanted_by_parts(parts, catalog),
    }
}

/// A reference model, or a whole FQN in one delimited identifier.
fn wanted_by_one(name: &NameRef, single: &str, submission: &Submission, catalog: &Catalog) -> Vec<Wanted> {
    let Some(meant) = submission.reference_models.get(&single.to_lowercase()) else {
        return name.fqn_parts().map(|parts| wanted_by_whole(&parts, catalog)).unwrap_or_default();
    };
    if is_id(meant) {
        return vec![Wanted::Id(meant.to_lowercase())];
    }
    Fqn::parse(meant).map(|fqn| wanted_by_whole(fqn.parts(), catalog)).unwrap_or_default()
}

fn wanted_by_whole(parts: &[String], catalog: &Catalog) -> Vec<Wanted> {
    let database = if parts.len() >= 4 { catalog.database_wanted(parts) } else { None };
    catalog.whole_fqn_wanted(parts).into_iter().chain(database).collect()
}

fn wanted_by_parts(parts: &[String], catalog: &Catalog) -> Vec<Wanted> {
    let database = if parts.len() == 4 { catalog.database_wanted(parts) } else { None };
    catalog.table_wanted(parts).into_iter().chain(database).collect()
}

/// Whether a text is an id of OpenMetadata, which is a UUID.
fn is_id(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok()
}
