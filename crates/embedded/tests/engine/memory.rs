//! The catalog `memory`.

use serde_json::{Value, json};
use warren_embedded::EngineOptions;

use crate::support::Fixture;

impl Fixture {
    async fn on_memory() -> Self {
        Self { catalog: Some("memory"), schema: Some("default"), ..Self::start().await }
    }

    /// Runs a statement that changes something; its update type and count.
    async fn change(&self, sql: &str) -> (Value, Value) {
        let answer = self.run(sql).await;
        assert_eq!(answer.error(), None, "{sql}");
        let last = answer.last();
        (last["updateType"].clone(), last["updateCount"].clone())
    }
}

#[tokio::test]
async fn tables_are_made_filled_and_dropped() {
    let fixture = Fixture::on_memory().await;
    let answer = fixture.run("create table u as select name, nationkey as \"K\" from tpch.tiny.nation").await;
    assert_eq!(answer.columns(), ["rows bigint"]);
    assert_eq!(Value::from(answer.rows()), json!([[25]]));
    assert_eq!(answer.last()["updateType"], "CREATE TABLE");
    assert_eq!(answer.last()["updateCount"], 25);
    assert_eq!(fixture.text("describe u").await, r#"[["name","varchar(25)","",""],["k","bigint","",""]]"#);
    assert_eq!(
        fixture.change("create table t (a bigint not null, b varchar(3), c array(row(x integer)))").await,
        (json!("CREATE TABLE"), Value::Null)
    );
    assert_eq!(fixture.change("insert into t values (1, 'abc', array[row(1)])").await, (json!("INSERT"), json!(1)));
    assert_eq!(
        fixture.change("insert into t (b, a) select name, k from u where k < 2 and length(name) < 4").await,
        (json!("INSERT"), json!(0))
    );
    assert_eq!(fixture.change("insert into t (b, a) values ('x', 5), (null, 6)").await, (json!("INSERT"), json!(2)));
    assert_eq!(
        fixture.text("select * from memory.default.t order by a").await,
        r#"[[1,"abc",[[1]]],[5,"x",null],[6,null,null]]"#
    );
    assert_eq!(fixture.text("show tables").await, r#"[["t"],["u"]]"#);
    assert_eq!(
        fixture.text("show create table t").await,
        r#"[["CREATE TABLE memory.default.t (\n   a bigint NOT NULL,\n   b varchar(3),\n   c array(row(x integer))\n)"]]"#
    );
    assert_eq!(fixture.change("drop table t").await.0, json!("DROP TABLE"));
    assert_eq!(fixture.change("drop table if exists t").await.0, json!("DROP TABLE"));
    assert_eq!(fixture.change("create table if not exists u as select 1 as x").await.1, json!(0));
    assert_eq!(fixture.change("create table w (p, q) as select name, k from u with no data").await.1, json!(0));
    assert_eq!(fixture.text("select count(*) from w").await, "[[0]]");
    fixture.engine.stop().await;
}

#[tokio::test]
async fn views_see_the_tables_of_the_moment() {
    let fixture = Fixture::on_memory().await;
    fixture.change("create table t (a bigint)").await;
    assert_eq!(fixture.change("create view v as select a, a + 1 as B from t").await.0, json!("CREATE VIEW"));
    fixture.change("insert into t values 1").await;
    assert_eq!(fixture.text("select * from v where b = 2").await, "[[1,2]]");
    fixture.change("drop table t").await;
    let error = fixture.run("select * from v").await.error();
    assert!(error.as_deref().is_some_and(|text| text.starts_with("INVALID_VIEW 1:15")), "{error:?}");
    fixture.change("create table t as select bigint '7' as a").await;
    assert_eq!(fixture.text("select * from v").await, "[[7,8]]");
    fixture.change("create or replace view v as select count(*) as n from tpch.tiny.nation").await;
    assert_eq!(fixture.text("select n from v").await, "[[25]]");
    assert_eq!(
        fixture
            .text(
                "select table_name, table_type from information_schema.tables where table_schema = 'default' order by 1"
            )
            .await,
        r#"[["t","BASE TABLE"],["v","VIEW"]]"#
    );
    let shown = fixture.text("show create view v").await;
    assert!(shown.contains("CREATE VIEW memory.default.v SECURITY DEFINER AS"), "{shown}");
    fixture.change("create view v2 as select * from v").await;
    for (sql, code) in [
        ("create view v as select 1 as a", "TABLE_ALREADY_EXISTS 1:1"),
        ("create view t as select 1 as a", "TABLE_ALREADY_EXISTS 1:1"),
        ("create or replace view v as select * from v2", "VIEW_IS_RECURSIVE"),
        ("create view w as select 1, 2", "MISSING_COLUMN_NAME 1:1: line 1:1: Column name not specified at position 1"),
        ("drop table v", "GENERIC_USER_ERROR 1:1"),
        ("drop view t", "GENERIC_USER_ERROR 1:1"),
        ("show create table v", "NOT_SUPPORTED 1:1: line 1:1: Relation 'memory.default.v' is a view, not a table"),
    ] {
        let error = fixture.run(sql).await.error().unwrap_or_default();
        assert!(error.starts_with(code), "{sql}: {error}");
    }
    assert_eq!(fixture.change("drop view v").await.0, json!("DROP VIEW"));
    fixture.engine.stop().await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused_as_trino_does() {
    let fixture = Fixture::on_memory().await;
    fixture.change("create schema s").await;
    fixture.change("create table s.t (a bigint not null, b varchar(3))").await;
    for (sql, expect) in [
        ("create schema memory.s", "SCHEMA_ALREADY_EXISTS 1:1: line 1:1: Schema 'memory.s' already exists"),
        ("create table s.t (a bigint)", "TABLE_ALREADY_EXISTS 1:1: line 1:1: Table 'memory.s.t' already exists"),
        (
            "create table s.t as select 1 as a",
            "TABLE_ALREADY_EXISTS 1:1: line 1:1: Destination table 'memory.s.t' already exists",
        ),
        ("create table x (a bigint, A bigint)", "DUPLICATE_COLUMN_NAME 1:1"),
        (
            "create table x as select 1 as a, 2 as a",
            "DUPLICATE_COLUMN_NAME 1:1: line 1:1: Column name 'a' specified more than once",
        ),
        (
            "create table x as select 1, 2 as b",
            "MISSING_COLUMN_NAME 1:1: line 1:1: Column name not specified at position 1",
        ),
        ("create table x as select null as a", "COLUMN_TYPE_UNKNOWN 1:1"),
        ("create table nope.x.y (a bigint)", "CATALOG_NOT_FOUND 1:1: line 1:1: Catalog 'nope' not found"),
        ("create table nope.x (a bigint)", "SCHEMA_NOT_FOUND 1:1"),
        (
            "insert into s.t values (1, 'abc', 2)",
            "TYPE_MISMATCH 1:1: line 1:1: Insert query has mismatched column types: Table: [bigint, varchar(3)], Query: [integer, varchar",
        ),
        ("insert into s.t values ('x', 'abc')", "TYPE_MISMATCH 1:1"),
        ("insert into s.t (b) values 'abc'", "CONSTRAINT_VIOLATION"),
        ("insert into s.t values (1, 'abcd')", "INVALID_CAST_ARGUMENT"),
        (
            "insert into s.t (nope) values 1",
            "COLUMN_NOT_FOUND 1:1: line 1:1: Insert column name does not exist in target table: nope",
        ),
        ("insert into s.nope values 1", "TABLE_NOT_FOUND 1:1: line 1:1: Table 'memory.s.nope' does not exist"),
        ("drop table s.nope", "TABLE_NOT_FOUND 1:1: line 1:1: Table 'memory.s.nope' does not exist"),
        ("drop schema s", "SCHEMA_NOT_EMPTY 1:1: line 1:1: Cannot drop non-empty schema 's'"),
        ("drop schema nope", "SCHEMA_NOT_FOUND 1:1: line 1:1: Schema 'memory.nope' does not exist"),
    ] {
        let error = fixture.run(sql).await.error().unwrap_or_else(|| "no error".to_owned());
        assert!(error.starts_with(expect), "{sql}\n  is  {error}\n  not {expect}");
    }
    assert_eq!(fixture.text("select count(*) from s.t").await, "[[0]]");
    fixture.engine.stop().await;
}

#[tokio::test]
async fn a_full_catalog_says_so_and_keeps_what_it_has() {
    let options = EngineOptions { memory_catalog_bytes: 100_000, ..EngineOptions::default() };
    let fixture = Fixture { catalog: Some("memory"), schema: Some("default"), ..Fixture::start_with(options).await };
    fixture.change("create table small as select * from tpch.tiny.region").await;
    let error = fixture.run("create table large as select * from tpch.tiny.orders").await.error().unwrap_or_default();
    assert!(error.starts_with("EXCEEDED_LOCAL_MEMORY_LIMIT"), "{error}");
    assert_eq!(fixture.text("show tables").await, r#"[["small"]]"#);
    assert_eq!(fixture.text("select count(*) from small").await, "[[5]]");
    fixture.engine.stop().await;
}
