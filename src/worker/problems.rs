//! What went wrong at Trino or in the result store, in the words of problems, with positions in the user's own SQL.

use warren_results::ResultError;
use warren_trino::{Error as TrinoError, ErrorKind, QueryError};

use super::WorkerSettings;
use crate::catalog::Catalog;
use crate::jobs::{FusionModel, Plan};
use crate::problem::{Category, Code, Problem, TrinoFault};

/// The error of a query, with Trino's names and places turned into the user's.
pub(super) fn of_query(error: &QueryError, plan: &Plan, query_id: &str, catalog: &Catalog) -> Problem {
    let fault = TrinoFault {
        query_id: Some(query_id.to_owned()),
        error_name: Some(error.name.clone()),
        error_type: Some(kind_of(error.kind).to_owned()),
    };
    let known = broken_mapping(error, plan, catalog).or_else(|| Some(stale_name(stale_model(error, plan)?)));
    let problem = match known {
        Some(known) => known,
        None => Problem {
            code: if error.name.is_empty() { Code::QueryFailed.as_str().to_owned() } else { error.name.clone() },
            title: Code::QueryFailed.title().to_owned(),
            detail: plan.source_map.message_to_user(&error.message),
            category: category(error.kind),
            retryable: error.is_retryable(),
            hint: None,
            suggestions: Vec::new(),
            position: None,
            trino: None,
        },
    };
    let position = error.location.map(|place| plan.source_map.to_user(place.line, place.column).into());
    Problem { trino: Some(fault), position, ..problem }
}

/// A catalog that a rule names and Trino does not have is the operator's mistake, not the user's.
fn broken_mapping(error: &QueryError, plan: &Plan, catalog: &Catalog) -> Option<Problem> {
    if error.name != "CATALOG_NOT_FOUND" {
        return None;
    }
    let missing = |model: &&FusionModel| {
        let own = model.trino_model_name.split('.').next().unwrap_or_default();
        error.message.contains(&format!("'{}'", own.trim_matches('"')))
    };
    let model = plan.models.iter().find(missing)?;
    let rule = catalog.rule_of(&model.fully_qualified_name)?;
    let detail = format!(
        "'{}' is mapped to '{}' by {rule}, but trino has no such catalog",
        model.fully_qualified_name, model.trino_model_name
    );
    Some(
        Problem::new(Code::MappingBroken, detail)
            .with_hint("the operator corrects the mapping file or adds the catalog to trino"),
    )
}

/// The table of OpenMetadata that Trino does not have, where that is what an error says.
pub(super) fn stale_model<'p>(error: &QueryError, plan: &'p Plan) -> Option<&'p FusionModel> {
    let mut models = plan.models.iter().filter(|model| model.model_id_of_om.is_some() && !model.target);
    match error.name.as_str() {
        "TABLE_NOT_FOUND" => models.find(|model| error.message.contains(&format!("'{}'", model.trino_model_name))),
        "SCHEMA_NOT_FOUND" => {
            // The message has the schema without its catalog, and schemas of many catalogs are called the same.
            let place = error.location?;
            let place = plan.source_map.to_user(place.line, place.column);
            let mut found = models.filter(|model| model.start == place.offset && is_in_schema(model, &error.message));
            // Names in one string have one place.
            found.next().filter(|first| found.all(|own| own.fully_qualified_name == first.fully_qualified_name))
        }
        _ => None,
    }
}

/// Whether a message has the name of a model's schema in quotes. The dots between the parts of a Trino name are not
/// delimited, so that the name is not taken apart.
fn is_in_schema(model: &FusionModel, message: &str) -> bool {
    let mut quoted = message.split('\'').skip(1).step_by(2);
    quoted.any(|name| {
        model.trino_model_name.contains(&format!(".{name}.")) || model.trino_model_name.starts_with(&format!("{name}."))
    })
}

fn stale_name(model: &FusionModel) -> Problem {
    let FusionModel { fully_qualified_name, trino_model_name, .. } = model;
    let detail = format!("OpenMetadata has '{fully_qualified_name}', but trino has no '{trino_model_name}'");
    Problem::new(Code::StaleFqn, detail)
        .with_hint("it was renamed or dropped at its source; run the ingestion of its service, or use another table")
}

/// Trino's own word for the kind.
fn kind_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::User => "USER_ERROR",
        ErrorKind::InsufficientResources => "INSUFFICIENT_RESOURCES",
        ErrorKind::External => "EXTERNAL",
        ErrorKind::Internal => "INTERNAL_ERROR",
    }
}

fn category(kind: ErrorKind) -> Category {
    match kind {
        ErrorKind::User => Category::User,
        ErrorKind::InsufficientResources => Category::Resources,
        ErrorKind::External => Category::External,
        ErrorKind::Internal => Category::Internal,
    }
}

/// Why there is no page.
pub(super) fn of_client(error: &TrinoError) -> Problem {
    let detail = error.to_string();
    match error {
        TrinoError::Unauthorized { .. } | TrinoError::Forbidden { .. } => Problem::new(Code::TrinoUnauthorized, detail)
            .with_hint("the operator checks the credentials of the cluster and its impersonation rules"),
        TrinoError::Header(_) => Problem::new(Code::InvalidRequest, detail),
        TrinoError::Connect { .. }
        | TrinoError::Timeout
        | TrinoError::Broken { .. }
        | TrinoError::Unavailable { .. }
        | TrinoError::Overloaded { .. } => {
            Problem::new(Code::TrinoUnavailable, detail).with_hint("submit the query again when trino is back")
        }
        TrinoError::Unknown | TrinoError::Gone => Problem::new(Code::QueryLost, detail),
        TrinoError::Http { .. }
        | TrinoError::NotJson { .. }
        | TrinoError::CutShort
        | TrinoError::Malformed { .. }
        | TrinoError::TooLarge { .. } => Problem::new(Code::TrinoProtocol, detail)
            .with_hint("the operator checks that the url of the cluster is that of a trino coordinator"),
    }
}

/// Why the result is not stored.
#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`, which gives the error away")]
pub(super) fn of_result(error: ResultError) -> Box<Problem> {
    let problem = if let ResultError::Decode(value) = &error {
        Problem::new(Code::ResultNotReadable, format!("{error}: {value}"))
            .with_hint("cast the column to varchar, and tell the operator of the value")
    } else {
        let hint = if error.is_retryable() {
            "submit the query again; the operator checks the result store with `warren doctor`"
        } else {
            "the operator corrects the result store, which `warren doctor` tries; then submit the query again"
        };
        let problem = Problem::new(Code::ResultStoreUnavailable, error.to_string()).with_hint(hint);
        Problem { retryable: error.is_retryable(), ..problem }
    };
    tracing::warn!(error = ?error, "a result could not be stored");
    Box::new(problem)
}

/// The cluster that runs the query was taken out of the configuration.
pub(super) fn cluster_gone(cluster: &str) -> Problem {
    Problem::new(Code::QueryLost, format!("the query ran on the cluster '{cluster}', which is not configured any more"))
}

/// The query was registered, but there is nothing to ask for.
pub(super) fn no_first_page() -> Problem {
    Problem::new(Code::TrinoProtocol, "trino took the query, but did not say where its pages are")
}

/// Rows came before anybody said what they are.
pub(super) fn rows_without_columns() -> Problem {
    Problem::new(Code::TrinoProtocol, "trino sent rows without their columns")
}

/// Warren made a name that the result store refuses.
pub(super) fn bad_name(error: &warren_results::NameError) -> Problem {
    Problem::new(Code::Internal, error.to_string())
}

/// A statement that cannot be repeated, and of which Trino knows nothing any more.
pub(super) fn lost(query_id: &str) -> Problem {
    Problem::new(Code::QueryLost, format!("trino does not know the query {query_id} any more"))
        .with_hint("the statement may have taken effect: look at its target before running it again")
}

/// Trino ended a statement that cannot be repeated, and its answer was not seen.
pub(super) fn failed_unseen(query_id: &str) -> Problem {
    Problem::new(
        Code::QueryLost,
        format!("the query {query_id} failed at trino, and its error is not kept there any more"),
    )
    .with_hint("look at the query in trino's console, and at its target, before running it again")
}

/// Trino does not say what became of a statement that cannot be repeated.
pub(super) fn unknown_end(error: &TrinoError) -> Problem {
    let detail = format!("it is not known what became of the query: {error}");
    Problem::new(Code::QueryLost, detail)
        .with_hint("the statement may have taken effect: look at its target before running it again")
}

/// A statement took effect, and its result cannot be stored.
pub(super) fn took_effect(problem: Problem) -> Problem {
    Problem { retryable: false, ..problem }
        .with_hint("the statement took effect: do not submit it again to get its answer")
}

/// Workers went silent over the job as often as is allowed.
pub(super) fn workers_lost(settings: &WorkerSettings) -> Problem {
    let detail = format!("{} workers went silent while they ran the job", settings.max_takeovers);
    Problem::new(Code::QueryLost, detail)
        .with_hint("the operator looks for what ended them in their logs, such as memory that ran out")
}

/// It was started as often as is allowed.
pub(super) fn lost_for_good(settings: &WorkerSettings) -> Problem {
    Problem::new(Code::QueryLost, format!("the query got lost at trino {} times", settings.max_attempts))
        .with_hint("submit it again when trino is stable")
}

/// Trino was asked to stop a query and does not say that it did.
pub(super) fn cancel_unconfirmed(query_id: &str) -> Problem {
    let detail = format!("trino was asked to stop the query {query_id}, but did not confirm it");
    Problem::new(Code::TrinoUnavailable, detail)
        .with_hint("trino drops a query that nobody asks for after five minutes (query.client.timeout)")
}
