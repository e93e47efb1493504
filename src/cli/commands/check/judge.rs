//! What is said about one statement.

use std::collections::{BTreeMap, HashMap};

use warren_sql::{CheckError, check};

use crate::app::{Limits, plan_query};
use crate::catalog::Catalog;
use crate::jobs::{Plan, Principal, ReferenceModels, Submission};
use crate::problem::Problem;

/// Judges statements, with or without a mapping.
pub(super) struct Judge {
    mapping: Option<Mapping>,
}

struct Mapping {
    catalog: Catalog,
    limits: Limits,
    owner: Principal,
}

/// What is said about one statement.
#[derive(Debug)]
pub(super) struct Verdict {
    /// What the text is.
    pub(super) check: warren_sql::Check,
    /// The Trino name of each mapped reference by its first character; `None` where nothing was looked up.
    pub(super) trino: Option<HashMap<u32, String>>,
    /// Why it is refused, with a hint.
    pub(super) problem: Option<Box<Problem>>,
}

impl Judge {
    pub(super) fn new(catalog: Option<Catalog>, limits: Limits) -> Self {
        let mapping = catalog.zip(Principal::parse("check"));
        Self { mapping: mapping.map(|(catalog, owner)| Mapping { catalog, limits, owner }) }
    }

    /// Reads a statement, and looks its names up where there is a mapping.
    pub(super) fn judge(&self, sql: &str) -> Verdict {
        let mut check = check(sql);
        if check.error.is_some() {
            let problem = warren_sql::analyse(sql).err().map(|error| Box::new(Problem::from(&error)));
            return Verdict { check, trino: None, problem };
        }
        let Some(mapping) = &self.mapping else { return Verdict { check, trino: None, problem: None } };
        match mapping.plan(sql) {
            Ok(plan) => {
                let trino = plan.models.into_iter().map(|model| (model.start, model.trino_model_name)).collect();
                Verdict { check, trino: Some(trino), problem: None }
            }
            Err(problem) => {
                check.error = Some(error_of(&problem));
                Verdict { check, trino: Some(HashMap::new()), problem: Some(problem) }
            }
        }
    }
}

impl Mapping {
    fn plan(&self, sql: &str) -> Result<Plan, Box<Problem>> {
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
        plan_query(&submission, &self.catalog, &self.limits).map_err(Box::new)
    }
}

fn error_of(problem: &Problem) -> CheckError {
    let code = crate::problem::Code::parse(&problem.code).map_or("INTERNAL", crate::problem::Code::as_str);
    let (line, column, offset) = problem.position.map_or((1, 1, 0), |at| (at.line, at.column, at.offset));
    CheckError { code, message: problem.detail.clone(), line, column, offset }
}
