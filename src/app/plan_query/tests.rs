//! What a plan says of statements that hold other statements, of hidden tables, of tables that are not known yet, and of
//! schemas and catalogs.

use std::sync::Arc;

use chrono::DateTime;
use uuid::Uuid;

use super::plan_query;
use crate::app::Limits;
use crate::catalog::{Answer, Catalog, DatabaseFacts, Entity, EntityKind, Facts, Fqn, Known, Mapping, Wanted};
use crate::jobs::{Cap, CapCause, Job, JobId, Plan, Principal, Submission};
use crate::models::consequences;
use crate::problem::Problem;

const RULES: &str = r#"
[[mapping]]
service = "dwh"
database = "lake"
catalog = "lake_cat"

[[mapping]]
service = "many"
catalog = "c_{schema}"
"#;

fn submission(sql: &str) -> Submission {
    Submission {
        owner: Principal::parse("ada").unwrap(),
        user_query: sql.to_owned(),
        reference_models: [("ref", "target"), ("ref$old", "other")]
            .map(|(name, table)| (name.to_owned(), format!("dwh.lake.mart.{table}")))
            .into(),
        catalog: None,
        schema: None,
        time_zone: None,
        session: Default::default(),
        tags: Vec::new(),
        queue: Submission::DEFAULT_QUEUE.to_owned(),
        priority: 0,
        row_limit: Some(10),
    }
}

fn catalog(tables: &str) -> Catalog {
    Catalog::new(Mapping::parse(&format!("{RULES}{tables}")).unwrap())
}

fn plan_with(catalog: &Catalog, sql: &str) -> Result<Plan, Problem> {
    plan_query(&submission(sql), catalog, &Limits::default())
}

fn plan(sql: &str) -> Plan {
    plan_with(&catalog(""), sql).unwrap_or_else(|problem| panic!("{sql}\n{problem:?}"))
}

/// A statement, what is kept of it as the converted query, and the FQNs of its tables.
fn check(catalog: &Catalog, sql: &str, converted: &str, fqns: &[&str]) {
    let plan = plan_with(catalog, sql).unwrap_or_else(|problem| panic!("{sql}\n{problem:?}"));
    assert_eq!(plan.converted_query, converted, "{sql}");
    let found: Vec<&str> = plan.models.iter().map(|model| model.fully_qualified_name.as_str()).collect();
    assert_eq!(found, fqns, "{sql}");
}

#[test]
fn each_name_in_the_string_of_execute_immediate_is_replaced_by_its_own() {
    check(
        &catalog(""),
        "EXECUTE IMMEDIATE 'SELECT * FROM dwh.lake.mart.sales'",
        "EXECUTE IMMEDIATE 'SELECT * FROM \"lake_cat\".\"mart\".\"sales\"'",
        &["dwh.lake.mart.sales"],
    );
    check(
        &catalog(""),
        "EXECUTE IMMEDIATE 'SELECT a, bb FROM pub.sales, ref, dwh.lake.mart.b' USING (SELECT x FROM dwh.lake.mart.c)",
        "EXECUTE IMMEDIATE 'SELECT a, bb FROM pub.sales, \"lake_cat\".\"mart\".\"target\", \"lake_cat\".\"mart\".\"b\"' \
         USING (SELECT x FROM \"lake_cat\".\"mart\".\"c\")",
        &["dwh.lake.mart.c", "dwh.lake.mart.target", "dwh.lake.mart.b"],
    );
    let plan = plan("EXECUTE IMMEDIATE 'SELECT * FROM ref'");
    let message = plan.source_map.message_to_user("Table 'lake_cat.mart.target' does not exist");
    assert_eq!(message, "Table 'ref' does not exist");
}

#[test]
fn a_plan_is_of_what_is_executed() {
    let check = |sql: &str, statement: &str, repeatable: bool, target: Option<&str>| {
        let plan = plan(sql);
        assert_eq!((plan.statement.as_str(), plan.repeatable), (statement, repeatable), "{sql}");
        let cap = repeatable.then_some(Cap { rows: 10, cause: CapCause::Limit });
        assert_eq!(plan.cap, cap, "{sql}");
        let job = Job::new(JobId(Uuid::from_u128(1)), submission(sql), DateTime::UNIX_EPOCH);
        let job = job.enqueue(plan, DateTime::UNIX_EPOCH).unwrap().job;
        let commands = consequences(&job);
        assert_eq!(commands.first().map(|own| own.model_name_fqn.as_str()), target, "{sql}");
        let sources: Vec<&str> = commands.iter().filter_map(|own| own.from_fqn.as_deref()).collect();
        assert_eq!(sources, if target.is_some() { vec!["dwh.lake.mart.s"] } else { vec![] }, "{sql}");
    };
    let target = Some("dwh.lake.mart.t");
    check("TABLE dwh.lake.mart.s", "Query", true, None);
    check("EXECUTE IMMEDIATE 'TABLE dwh.lake.mart.s'", "Query", true, None);
    check("EXPLAIN ANALYZE TABLE dwh.lake.mart.s", "ExplainAnalyze", true, None);
    check("EXPLAIN INSERT INTO dwh.lake.mart.t TABLE dwh.lake.mart.s", "Explain", true, None);
    check("INSERT INTO dwh.lake.mart.t TABLE dwh.lake.mart.s", "Insert", false, target);
    check("EXPLAIN ANALYZE INSERT INTO dwh.lake.mart.t TABLE dwh.lake.mart.s", "Insert", false, target);
    check("EXECUTE IMMEDIATE 'INSERT INTO dwh.lake.mart.t TABLE dwh.lake.mart.s'", "Insert", false, target);
    check(
        "EXECUTE IMMEDIATE 'CREATE TABLE dwh.lake.mart.t AS TABLE dwh.lake.mart.s'",
        "CreateTableAsSelect",
        false,
        target,
    );
}

#[test]
fn what_would_only_change_a_session_is_refused() {
    for sql in [
        "USE dwh.lake.mart",
        "SET SESSION query_max_run_time = '1m'",
        "RESET SESSION query_max_run_time",
        "SET SESSION AUTHORIZATION ada",
        "RESET SESSION AUTHORIZATION",
        "SET ROLE admin",
        "SET PATH a.b",
        "SET TIME ZONE LOCAL",
        "START TRANSACTION",
        "COMMIT",
        "ROLLBACK",
        "PREPARE p FROM SELECT 1",
        "EXECUTE p",
        "DEALLOCATE PREPARE p",
        "DESCRIBE INPUT p",
        "DESCRIBE OUTPUT p",
        "EXPLAIN EXECUTE p",
        "EXECUTE IMMEDIATE 'SET SESSION query_max_run_time = ?' USING '1m'",
    ] {
        let problem = plan_with(&catalog(""), &format!("-- why\n{sql} ;")).expect_err(sql);
        assert_eq!(problem.code, "UNSUPPORTED_STATEMENT", "{sql}");
        let position = problem.position.unwrap();
        let length = u32::try_from(sql.len()).unwrap();
        assert_eq!((position.line, position.column, position.length), (2, 1, length), "{sql}");
        assert!(problem.hint.unwrap().starts_with("send "), "{sql}");
    }
    plan("WITH SESSION query_max_run_time = '1m' SELECT 1");
}

/// A table that OpenMetadata has.
fn entity(fqn: &str) -> Answer {
    Answer::Entity(Arc::new(Entity {
        id: "6f1f3a54-8b7e-4c1b-9a55-2c1f0f4e0a01".to_owned(),
        kind: EntityKind::Table,
        fqn: Fqn::parse(fqn).unwrap(),
        version: "0.1".to_owned(),
        service_type: None,
        deleted: false,
        columns: Vec::new(),
        twin: None,
    }))
}

/// A catalogue with these tables and one database, `pg.shop`, whose catalog is `pg_shop`.
fn catalogue(known: &[&str], missing: &[&str]) -> Catalog {
    let mut facts = Facts::default();
    let mut add = |wanted, answer| facts.insert(wanted, Known { answer, stale: false });
    let database = DatabaseFacts {
        service_type: None,
        trino_catalog: Some("pg_shop".to_owned()),
        trino_host: None,
        service: None,
    };
    add(Wanted::Database(Fqn::parse("pg.shop").unwrap()), Answer::Database(Arc::new(database)));
    for fqn in known {
        add(Wanted::Name(Fqn::parse(fqn).unwrap()), entity(fqn));
    }
    for fqn in missing {
        add(Wanted::Name(Fqn::parse(fqn).unwrap()), Answer::Missing { near: Vec::new() });
    }
    catalog("").with_facts(facts)
}

#[test]
fn a_hidden_table_is_one_of_the_table_in_front_of_its_suffix() {
    let moved = catalog("[[table]]\nfqn = 'dwh.lake.mart.sales'\ntrino = 'lake.archive.sales_v2'\n");
    let expect = r#"TABLE "lake"."archive"."sales_v2$files""#;
    check(&moved, r#"TABLE dwh.lake.mart."sales$files""#, expect, &["dwh.lake.mart.sales"]);
    check(&moved, r#"TABLE "dwh.lake.mart.sales$files""#, expect, &["dwh.lake.mart.sales"]);
    let native = r#"TABLE lake.archive."sales_v2$files""#;
    check(&moved, native, native, &["dwh.lake.mart.sales"]);
    check(&moved, r#"TABLE "ref$files""#, r#"TABLE "lake_cat"."mart"."target$files""#, &["dwh.lake.mart.target"]);

    let by_rule = catalog("");
    let expect = r#"TABLE "lake_cat"."mart"."sales$files""#;
    check(&by_rule, r#"TABLE dwh.lake.mart."sales$files""#, expect, &["dwh.lake.mart.sales"]);
    let native = r#"TABLE lake_cat.mart."sales$files""#;
    check(&by_rule, native, native, &["dwh.lake.mart.sales"]);
    let quoted = r#"TABLE "dwh.lake.mart.""sales.x$files""""#;
    check(&by_rule, quoted, r#"TABLE "lake_cat"."mart"."sales.x$files""#, &[r#"dwh.lake.mart."sales.x""#]);

    let known = catalogue(&["pg.shop.public.sales"], &["pg.shop.public.sales$files"]);
    let expect = r#"TABLE "pg_shop"."public"."sales$files""#;
    check(&known, r#"TABLE pg.shop.public."sales$files""#, expect, &["pg.shop.public.sales"]);
    let unknown = catalogue(&[], &["pg.shop.public.sales$files", "pg.shop.public.sales"]);
    let problem = plan_with(&unknown, r#"TABLE pg.shop.public."sales$files""#).unwrap_err();
    assert_eq!(problem.detail, "OpenMetadata knows no table 'pg.shop.public.sales'");
}

#[test]
fn a_name_that_two_services_can_have_is_neither_of_them() {
    let shared = catalog("[[mapping]]\nservice = 'old_dwh'\ndatabase = 'lake'\ncatalog = 'lake_cat'\n");
    let warning = |sql: &str| plan_with(&shared, sql).unwrap().warnings;
    let both = |table: &str| {
        format!(
            "'lake_cat.mart.{table}' can be 'dwh.lake.mart.{table}' or 'old_dwh.lake.mart.{table}' in OpenMetadata, so \
             no lineage is recorded for it"
        )
    };
    check(&shared, "SELECT * FROM lake_cat.mart.t", "SELECT * FROM lake_cat.mart.t", &[]);
    assert_eq!(warning("SELECT * FROM lake_cat.mart.t"), [""; 0]);
    let write = "CREATE TABLE lake_cat.mart.new AS SELECT * FROM lake_cat.mart.t, dwh.lake.mart.u";
    check(&shared, write, &write.replace("dwh.lake.mart.u", r#""lake_cat"."mart"."u""#), &["dwh.lake.mart.u"]);
    assert_eq!(warning(write), [both("new"), both("t")]);
    assert_eq!(warning(&format!("EXPLAIN {write}")), [""; 0]);
}

#[test]
fn a_dollar_sign_in_the_name_of_a_table_is_its_own() {
    let listed = catalog("[[table]]\nfqn = 'dwh.lake.mart.v$session'\ntrino = 'ora.sys.v_session'\n");
    let sql = r#"TABLE dwh.lake.mart."v$session""#;
    check(&listed, sql, r#"TABLE "ora"."sys"."v_session""#, &["dwh.lake.mart.v$session"]);
    let sql = r#"TABLE "ref$old""#;
    check(&catalog(""), sql, r#"TABLE "lake_cat"."mart"."other""#, &["dwh.lake.mart.other"]);
    let known = catalogue(&["pg.shop.public.v$session", "pg.shop.public.v"], &[]);
    let sql = r#"TABLE pg.shop.public."v$session""#;
    check(&known, sql, r#"TABLE "pg_shop"."public"."v$session""#, &["pg.shop.public.v$session"]);
    let by_rule = catalog("");
    for (sql, converted, fqn) in [
        ("DROP TABLE dwh.lake.mart.\"a$b\"", "DROP TABLE \"lake_cat\".\"mart\".\"a$b\"", "dwh.lake.mart.a$b"),
        ("TABLE dwh.lake.mart.\"a$1\"", "TABLE \"lake_cat\".\"mart\".\"a$1\"", "dwh.lake.mart.a$1"),
        ("TABLE dwh.lake.mart.\"$a\"", "TABLE \"lake_cat\".\"mart\".\"$a\"", "dwh.lake.mart.$a"),
    ] {
        check(&by_rule, sql, converted, &[fqn]);
    }
}

#[test]
fn a_table_that_is_not_ingested_yet_can_be_changed_and_renamed() {
    let catalog = catalogue(&["pg.shop.public.old"], &["pg.shop.public.new"]);
    let expect = |sql: &str, converted: &str, warned: bool| {
        let plan = plan_with(&catalog, sql).unwrap_or_else(|problem| panic!("{sql}\n{problem:?}"));
        assert_eq!(plan.converted_query, converted);
        let warning = "NOT_IN_OPENMETADATA: OpenMetadata does not know 'pg.shop.public.new' (yet)";
        assert_eq!(plan.warnings, if warned { vec![warning] } else { vec![] }, "{sql}");
    };
    let (old, new) = (r#""pg_shop"."public"."old""#, r#""pg_shop"."public"."new""#);
    let rename = "ALTER TABLE pg.shop.public.old RENAME TO pg.shop.public.new";
    expect(rename, &format!("ALTER TABLE {old} RENAME TO {new}"), false);
    let in_string = format!("EXECUTE IMMEDIATE '{rename}'");
    expect(&in_string, &format!("EXECUTE IMMEDIATE 'ALTER TABLE {old} RENAME TO {new}'"), false);
    let back = "ALTER TABLE pg.shop.public.new RENAME TO pg.shop.public.old";
    expect(back, &format!("ALTER TABLE {new} RENAME TO {old}"), true);
    let insert = "INSERT INTO pg.shop.public.new TABLE pg.shop.public.old";
    expect(insert, &format!("INSERT INTO {new} TABLE {old}"), true);
    expect("DROP TABLE pg.shop.public.new", &format!("DROP TABLE {new}"), true);
    expect("COMMENT ON COLUMN pg.shop.public.new.c IS 'x'", &format!("COMMENT ON COLUMN {new}.c IS 'x'"), true);
    expect("CREATE VIEW pg.shop.public.new AS SELECT 1 a", &format!("CREATE VIEW {new} AS SELECT 1 a"), false);
    for sql in [
        "TABLE pg.shop.public.new",
        "DESCRIBE pg.shop.public.new",
        "INSERT INTO pg.shop.public.old TABLE pg.shop.public.new",
        "CREATE TABLE pg.shop.public.old (LIKE pg.shop.public.new)",
    ] {
        assert_eq!(plan_with(&catalog, sql).expect_err(sql).code, "UNKNOWN_TABLE", "{sql}");
    }
}

#[test]
fn schemas_and_catalogs_have_fqns_too() {
    let check = |sql: &str, converted: &str| check(&catalogue(&[], &[]), sql, converted, &[]);
    check("SHOW TABLES FROM dwh.lake.mart", r#"SHOW TABLES FROM "lake_cat"."mart""#);
    check(r#"SHOW TABLES FROM "dwh.lake.mart""#, r#"SHOW TABLES FROM "lake_cat"."mart""#);
    check("SHOW SCHEMAS FROM dwh.lake", r#"SHOW SCHEMAS FROM "lake_cat""#);
    check(r#"SHOW SCHEMAS FROM "dwh.lake""#, r#"SHOW SCHEMAS FROM "lake_cat""#);
    check("SHOW SCHEMAS FROM pg.shop", r#"SHOW SCHEMAS FROM "pg_shop""#);
    for own in [
        "SHOW TABLES FROM lake.mart",
        "SHOW SCHEMAS FROM lake",
        r#"SHOW TABLES FROM "my.own.schema""#,
        r#"SHOW SCHEMAS FROM "my.catalog""#,
    ] {
        check(own, own);
    }
    for (sql, length) in [
        ("SHOW SCHEMAS FROM dwhh.lake", 9),
        ("SHOW SCHEMAS FROM dwh.crm", 7),
        ("SHOW SCHEMAS FROM many.shop", 9),
        (r#"SHOW SCHEMAS FROM "dwh.crm""#, 9),
        (r#"SHOW TABLES FROM "dwh.crm.s""#, 11),
    ] {
        let problem = plan_with(&catalog(""), sql).expect_err(sql);
        assert_eq!(problem.code, "NO_CATALOG_MAPPING", "{sql}");
        assert_eq!(problem.position.unwrap().length, length, "{sql}");
    }
}
