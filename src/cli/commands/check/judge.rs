//! What is said about one statement.

use std::collections::{BTreeMap, HashMap};

use warren_sql::{
    Check, CheckError, Limits as SqlLimits, Mapping as NameMapping, SqlError, Statement, analyse_with, split_fqn,
};

use crate::app::{Limits, plan_query};
use crate::catalog::Catalog;
use crate::jobs::{Plan, Principal, ReferenceModels, Submission};
use crate::problem::Problem;

/// Judges statements, with or without a mapping.
pub(super) struct Judge {
    mapping: Option<Mapping>,
    limits: Limits,
}

struct Mapping {
    catalog: Catalog,
    owner: Principal,
}

/// What is said about one statement.
#[derive(Debug)]
pub(super) struct Verdict {
    /// What the text is.
    pub(super) check: Check,
    /// The Trino name of each replaced reference by its first character; `None` where nothing was looked up.
    pub(super) trino: Option<HashMap<u32, String>>,
    /// Why it is refused, with a hint.
    pub(super) problem: Option<Box<Problem>>,
}

impl Judge {
    pub(super) fn new(catalog: Option<Catalog>, limits: Limits) -> Self {
        let mapping = catalog.zip(Principal::parse("check"));
        Self { mapping: mapping.map(|(catalog, owner)| Mapping { catalog, owner }), limits }
    }

    /// Reads a statement, and looks its names up where there is a mapping.
    pub(super) fn judge(&self, sql: &str) -> Verdict {
        let limits = SqlLimits { max_bytes: self.limits.max_sql_bytes, ..SqlLimits::default() };
        let statement = match analyse_with(sql, &limits) {
            Ok(statement) => statement,
            Err(error) => {
                let problem = Some(Box::new(Problem::from(&error)));
                return Verdict { check: Check::from(error), trino: None, problem };
            }
        };
        let check = Check::from(&statement);
        let refused = |problem: Box<Problem>, trino| {
            let error = Some(error_of(&problem));
            Verdict { check: Check { error, ..check.clone() }, trino, problem: Some(problem) }
        };
        match &self.mapping {
            None => match refusal(&statement) {
                Some(error) => refused(Box::new(Problem::from(&error)), None),
                None => Verdict { check, trino: None, problem: None },
            },
            Some(mapping) => match mapping.plan(sql, &self.limits) {
                Err(problem) => refused(problem, Some(HashMap::new())),
                Ok(plan) => Verdict { check, trino: Some(replaced(&plan)), problem: None },
            },
        }
    }
}

/// Why a statement that was read is refused whatever its names are.
fn refusal(statement: &Statement<'_>) -> Option<SqlError> {
    statement.disagreement().or_else(|| statement.convert(&mut |_| NameMapping::Keep).err())
}

/// What took the place of each name: tables have models, other names only their place in the SQL that runs.
fn replaced(plan: &Plan) -> HashMap<u32, String> {
    let characters: Vec<char> = plan.trino_query.chars().collect();
    let written = plan.source_map.to_parts().ranges.into_iter().filter_map(|range| {
        let start = usize::try_from(range.sql_start).ok()?;
        let end = start.checked_add(usize::try_from(range.sql_length).ok()?)?;
        let name = split_fqn(characters.get(start..end)?.iter().collect::<String>().trim_end()).ok()?;
        Some((range.user_start, name.join(".")))
    });
    let models = plan.models.iter().map(|model| (model.start, model.trino_model_name.clone()));
    written.chain(models).collect()
}

impl Mapping {
    fn plan(&self, sql: &str, limits: &Limits) -> Result<Plan, Box<Problem>> {
        let submission = Submission {
            owner: self.owner.clone(),
            user_query: sql.to_owned(),
            reference_models: ReferenceModels::new(),
            catalog: None,
            schema: None,
            time_zone: None,
            session: BTreeMap::new(),
            tags: Vec::new(),
            queue: Submission::DEFAULT_QUEUE.to_owned(),
            priority: 0,
            row_limit: None,
        };
        plan_query(&submission, &self.catalog, limits).map_err(Box::new)
    }
}

fn error_of(problem: &Problem) -> CheckError {
    let code = crate::problem::Code::parse(&problem.code).map_or("INTERNAL", crate::problem::Code::as_str);
    let (line, column, offset) = problem.position.map_or((1, 1, 0), |at| (at.line, at.column, at.offset));
    CheckError { code, message: problem.detail.clone(), line, column, offset }
}
