//! Which schemas belong to a request and its answer.

use serde_json::Value;
use warren_openmetadata::testing::Exchange;

use crate::schemas::Schemas;

/// How the answer's body is made of its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    /// It is one.
    One(&'static str),
    /// It has a list of them in `data`, and `paging`.
    List(&'static str),
    /// It has one in `edge`.
    Edge,
    /// A search engine's or a key server's, of which OpenMetadata has no schema.
    Foreign,
    /// There is none.
    Empty,
}

use Body::{Edge, Empty, Foreign, List, One};

const TABLE: &str = "entity/data/table.json";
const CONTAINER: &str = "entity/data/container.json";
const DATABASE: &str = "entity/data/database.json";
const SCHEMA: &str = "entity/data/databaseSchema.json";
const DATABASE_SERVICE: &str = "entity/services/databaseService.json";
const STORAGE_SERVICE: &str = "entity/services/storageService.json";
const PIPELINE: &str = "entity/services/ingestionPipelines/ingestionPipeline.json";
const RUNNER: &str = "entity/services/ingestionPipelines/pipelineServiceClientResponse.json";
const DETAILS: &str = "type/entityLineage.json#/definitions/lineageDetails";
const RUN: &str = "entity/services/ingestionPipelines/ingestionPipeline.json#/definitions/pipelineStatus";

/// Method and path, the schema of the request, the answer. `{}` stands for an id or a name.
const ROUTES: [(&str, &str, Option<&str>, Body); 36] = [
    ("GET", "system/version", None, One("api/openMetadataServerVersion.json")),
    ("GET", "system/config/jwks", None, Foreign),
    ("GET", "users/loggedInUser", None, One("entity/teams/user.json")),
    ("GET", "permissions/table/name/{}", None, One("entity/policies/accessControl/resourcePermission.json")),
    ("GET", "tables", None, List(TABLE)),
    ("GET", "tables/{}", None, One(TABLE)),
    ("GET", "tables/name/{}", None, One(TABLE)),
    ("PUT", "tables", Some("api/data/createTable.json"), One(TABLE)),
    ("GET", "containers", None, List(CONTAINER)),
    ("GET", "containers/name/{}", None, One(CONTAINER)),
    ("PUT", "containers", Some("api/data/createContainer.json"), One(CONTAINER)),
    ("GET", "databases", None, List(DATABASE)),
    ("GET", "databases/name/{}", None, One(DATABASE)),
    ("PUT", "databases", Some("api/data/createDatabase.json"), One(DATABASE)),
    ("GET", "databaseSchemas", None, List(SCHEMA)),
    ("GET", "databaseSchemas/name/{}", None, One(SCHEMA)),
    ("PUT", "databaseSchemas", Some("api/data/createDatabaseSchema.json"), One(SCHEMA)),
    ("GET", "services/databaseServices", None, List(DATABASE_SERVICE)),
    ("GET", "services/databaseServices/{}", None, One(DATABASE_SERVICE)),
    ("GET", "services/databaseServices/name/{}", None, One(DATABASE_SERVICE)),
    ("PUT", "services/databaseServices", Some("api/services/createDatabaseService.json"), One(DATABASE_SERVICE)),
    ("GET", "services/storageServices", None, List(STORAGE_SERVICE)),
    ("GET", "services/storageServices/name/{}", None, One(STORAGE_SERVICE)),
    ("PUT", "services/storageServices", Some("api/services/createStorageService.json"), One(STORAGE_SERVICE)),
    ("GET", "services/ingestionPipelines", None, List(PIPELINE)),
    ("GET", "services/ingestionPipelines/name/{}", None, One(PIPELINE)),
    (
        "PUT",
        "services/ingestionPipelines",
        Some("api/services/ingestionPipelines/createIngestionPipeline.json"),
        One(PIPELINE),
    ),
    ("POST", "services/ingestionPipelines/trigger/{}", None, One(RUNNER)),
    ("GET", "services/ingestionPipelines/{}/pipelineStatus", None, List(RUN)),
    ("GET", "search/query", None, Foreign),
    ("GET", "search/fieldQuery", None, Foreign),
    ("PUT", "lineage", Some("api/lineage/addLineage.json"), Empty),
    ("PUT", "queries", Some("api/data/createQuery.json"), One("entity/data/query.json")),
    ("PUT", "usage/table/{}", Some("type/dailyCount.json"), One("type/entityUsage.json")),
    ("GET", "events", None, List("type/changeEvent.json")),
    (
        "PUT",
        "events/subscriptions",
        Some("events/api/createEventSubscription.json"),
        One("events/eventSubscription.json"),
    ),
];

/// Routes of lineage, whose paths have two names in them.
const LINEAGE: [(&str, &str, Option<&str>, Body); 5] = [
    ("GET", "lineage/getLineageEdge/{}/{}", None, Edge),
    ("GET", "lineage/table/{}", None, One("type/entityLineage.json")),
    ("GET", "lineage/table/name/{}", None, One("type/entityLineage.json")),
    ("DELETE", "lineage/table/{}/table/{}", None, Empty),
    ("PUT", "lineage/table/name/{}/table/name/{}", Some(DETAILS), Empty),
];

/// Every route of the tables above.
pub(crate) fn all() -> Vec<String> {
    ROUTES.iter().chain(&LINEAGE).map(|(method, path, ..)| format!("{method} {path}")).collect()
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(&path).all(|(want, found)| *want == "{}" || want == found)
}

/// What is wrong with an exchange, and the route that it is of.
pub(crate) fn check(schemas: &mut Schemas, exchange: &Exchange) -> (String, Vec<String>) {
    let path = exchange.target.trim_start_matches("/api/v1/").split('?').next().unwrap();
    let mut routes: Vec<_> = ROUTES.iter().chain(&LINEAGE).collect();
    // A word is a better fit than a name.
    routes.sort_by_key(|(_, template, ..)| template.matches("{}").count());
    let route = routes.into_iter().find(|(method, template, ..)| *method == exchange.method && fits(template, path));
    let Some((method, template, request, body)) = route else {
        return (String::new(), vec![format!("{} {} has no schema", exchange.method, exchange.target)]);
    };
    let mut problems = match request {
        Some(schema) => schemas.problems(schema, &exchange.request),
        None if exchange.request.is_null() => Vec::new(),
        None => vec!["a body that nobody asked for".to_owned()],
    };
    problems.extend(answer_problems(schemas, *body, exchange));
    let problems = problems.into_iter().map(|problem| format!("{method} {}: {problem}", exchange.target)).collect();
    (format!("{method} {template}"), problems)
}

fn answer_problems(schemas: &mut Schemas, body: Body, exchange: &Exchange) -> Vec<String> {
    let answer = &exchange.response;
    if exchange.status >= 400 {
        let is_error = answer["code"] == exchange.status && answer["message"].is_string();
        return if is_error { Vec::new() } else { vec![format!("an error without code and message: {answer}")] };
    }
    match body {
        One(schema) => schemas.problems(schema, answer),
        List(schema) => {
            let mut problems = schemas.problems("type/paging.json", &answer["paging"]);
            for item in answer["data"].as_array().unwrap() {
                problems.extend(schemas.problems(schema, &of_the_schemas_version(schema, item)));
            }
            problems
        }
        Edge => schemas.problems(DETAILS, &answer["edge"]),
        Foreign => Vec::new(),
        Empty if answer.is_null() => Vec::new(),
        Empty => vec!["a body where none is due".to_owned()],
    }
}

/// There are no schemas of 2.0; what it has beyond 1.13 is taken away.
fn of_the_schemas_version(schema: &str, value: &Value) -> Value {
    let mut value = value.clone();
    if schema == "type/changeEvent.json"
        && let Some(fields) = value.as_object_mut()
    {
        fields.remove("recursive");
    }
    value
}
