//! Errors of Trino in the user's words: names, places, codes, and whose fault it is.

use warren_trino::{ErrorKind, QueryError};

use super::problems::of_query;
use crate::app::{Limits, plan_query};
use crate::catalog::{Catalog, Mapping};
use crate::jobs::{Plan, Principal, Submission};
use crate::problem::{Category, Problem};

const RULES: &str = "[[mapping]]\nservice = \"shop\"\ncatalog = \"pg_shop\"\n";

/// Tables that OpenMetadata has, in two schemas of one name; one of them with a dot in its name.
const TABLES: &str = r#"
[[table]]
fqn = 'shop.main.public.t'
trino = 'cat_a.public.t'
id = "6f1f3a54-8b7e-4c1b-9a55-2c1f0f4e0a01"

[[table]]
fqn = 'shop.other.public."x.y"'
trino = 'cat_b.public."x.y"'
id = "6f1f3a54-8b7e-4c1b-9a55-2c1f0f4e0a02"
"#;

fn plan(sql: &str) -> (Plan, Catalog) {
    let catalog = Catalog::new(Mapping::parse(&format!("{RULES}{TABLES}")).unwrap());
    let submission = Submission {
        owner: Principal::parse("ada").unwrap(),
        user_query: sql.to_owned(),
        reference_models: Default::default(),
        catalog: None,
        schema: None,
        time_zone: None,
        session: Default::default(),
        tags: Vec::new(),
        queue: Submission::DEFAULT_QUEUE.to_owned(),
        priority: 0,
        row_limit: None,
    };
    let plan = plan_query(&submission, &catalog, &Limits::default()).unwrap();
    (plan, catalog)
}

fn problem(sql: &str, name: &str, kind: ErrorKind, message: &str, place: Option<(u32, u32)>) -> Problem {
    let (plan, catalog) = plan(sql);
    let location = place.map(|(line, column)| warren_trino::Location { line, column });
    let error = QueryError { message: message.to_owned(), code: 1, name: name.to_owned(), kind, location };
    of_query(&error, &plan, "q1", &catalog)
}

#[test]
fn the_user_reads_the_names_and_places_of_their_own_sql() {
    let problem = problem(
        "SELECT x\nFROM shop.main.public.orders, y",
        "TABLE_NOT_FOUND",
        ErrorKind::User,
        "line 2:33: Table 'pg_shop.public.orders' does not exist",
        Some((2, 35)),
    );
    assert_eq!(problem.code, "TABLE_NOT_FOUND");
    assert_eq!(problem.category, Category::User);
    assert!(!problem.retryable);
    assert!(problem.detail.contains("'shop.main.public.orders'"), "{}", problem.detail);
    let position = problem.position.unwrap();
    assert_eq!((position.line, position.column), (2, 31), "where `y` stands in the user's text");
    assert_eq!(problem.trino.unwrap().query_id.as_deref(), Some("q1"));
}

#[test]
fn a_catalog_that_a_rule_invented_is_the_operators_mistake() {
    let sql = "SELECT * FROM shop.main.public.orders";
    let found =
        problem(sql, "CATALOG_NOT_FOUND", ErrorKind::User, "line 1:15: Catalog 'pg_shop' not found", Some((1, 15)));
    assert_eq!((found.code.as_str(), found.category), ("MAPPING_BROKEN", Category::External));
    assert!(found.detail.contains("[[mapping]] number 1"), "{}", found.detail);
    let own =
        problem("SELECT * FROM nowhere.s.t", "CATALOG_NOT_FOUND", ErrorKind::User, "Catalog 'nowhere' not found", None);
    assert_eq!(own.code, "CATALOG_NOT_FOUND", "the user's own mistake stays the user's");
}

#[test]
fn a_schema_that_is_missing_is_that_of_the_table_at_the_place() {
    let sql = "SELECT * FROM shop.main.public.t JOIN shop.other.public.\"x.y\" ON true";
    let found = |message: &str, column: Option<u32>| {
        let place = column.map(|column| (1, column));
        problem(sql, "SCHEMA_NOT_FOUND", ErrorKind::User, message, place)
    };
    for (column, fqn) in [(15, "'shop.main.public.t'"), (41, "'shop.other.public.\"x.y\"'")] {
        let stale = found("line 1:15: Schema 'public' does not exist", Some(column));
        assert_eq!(stale.code, "STALE_FQN", "{stale:?}");
        assert!(stale.detail.contains(fqn), "{}", stale.detail);
    }
    assert_eq!(found("Schema 'public' does not exist", None).code, "SCHEMA_NOT_FOUND");
    assert_eq!(found("Schema 'nowhere' does not exist", Some(41)).code, "SCHEMA_NOT_FOUND");
    assert_eq!(found("Schema 'public' does not exist", Some(1)).code, "SCHEMA_NOT_FOUND");
}

#[test]
fn only_what_may_pass_is_worth_a_retry() {
    for (name, kind, retryable) in [
        ("CLUSTER_OUT_OF_MEMORY", ErrorKind::InsufficientResources, true),
        ("EXCEEDED_TIME_LIMIT", ErrorKind::InsufficientResources, false),
        ("SERVER_STARTING_UP", ErrorKind::Internal, true),
        ("DIVISION_BY_ZERO", ErrorKind::User, false),
        ("JDBC_ERROR", ErrorKind::External, false),
    ] {
        assert_eq!(problem("SELECT 1", name, kind, "x", None).retryable, retryable, "{name}");
    }
}
