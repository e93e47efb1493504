//! What goes wrong, as Trino 476 says it: name, place, words; and what the engine does not do, refused by name.

use crate::support::Fixture;

/// Statements and the error that each ends with.
const ERRORS: &[(&str, &str)] = &[
    ("select * from tpch.tiny.nope", "TABLE_NOT_FOUND 1:15: line 1:15: Table 'tpch.tiny.nope' does not exist"),
    ("select *\nfrom tpch.nope.nope", "SCHEMA_NOT_FOUND 2:6: line 2:6: Schema 'nope' does not exist"),
    ("select * from nope.nope.nope", "CATALOG_NOT_FOUND 1:15: line 1:15: Catalog 'nope' not found"),
    ("select * from a.b.c.d", "SYNTAX_ERROR 1:15: line 1:15: Too many dots in table name: a.b.c.d"),
    ("select nope from nation", "COLUMN_NOT_FOUND 1:8: line 1:8: Column 'nope' cannot be resolved"),
    ("select n.nope from nation n", "COLUMN_NOT_FOUND 1:8: line 1:8: Column 'n.nope' cannot be resolved"),
    (
        "select name from nation a join nation b on a.nationkey = b.nationkey",
        "AMBIGUOUS_NAME 1:8: line 1:8: Column 'name' is ambiguous",
    ),
    ("select 9223372036854775807 + 1", "NUMERIC_VALUE_OUT_OF_RANGE: "),
    ("select 2147483647 + 1", "NUMERIC_VALUE_OUT_OF_RANGE: "),
    (
        "select sum(x) from (values 9223372036854775807, 1) as t(x)",
        "NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow",
    ),
    ("select 1 / 0", "DIVISION_BY_ZERO: Division by zero"),
    ("select 1.5 % 0", "DIVISION_BY_ZERO: Division by zero"),
    ("select cast('x' as bigint)", "INVALID_CAST_ARGUMENT: Cannot cast 'x' to BIGINT"),
    ("select cast(300 as tinyint)", "NUMERIC_VALUE_OUT_OF_RANGE: Out of range for tinyint: 300"),
    ("select cast(date '2020-01-01' as bigint)", "TYPE_MISMATCH"),
    ("select cast(1 as nope)", "TYPE_MISMATCH 1:"),
    ("select 1 = '1'", "TYPE_MISMATCH"),
    ("select name + 1 from nation", "TYPE_MISMATCH"),
    ("select 1 in ('1')", "TYPE_MISMATCH"),
    ("select coalesce(1, 'a')", "TYPE_MISMATCH"),
    ("select case when true then 1 else 'a' end", "TYPE_MISMATCH"),
    ("select 1 union select 'a'", "TYPE_MISMATCH"),
    ("select count(*) from orders where orderdate between '1995-01-01' and '1995-02-01'", "TYPE_MISMATCH"),
    ("select upper(1)", "FUNCTION_NOT_FOUND"),
    ("select now() > timestamp '2020-01-01 00:00:00'", "TYPE_MISMATCH"),
    (
        "select date '2020-01-01' + interval '1' hour",
        "INVALID_FUNCTION_ARGUMENT: Cannot add hour, minutes or seconds to a date",
    ),
    (
        "select array[1, 2][3]",
        "INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: 3 > 2",
    ),
    ("select map(array['a'], array[1])['z']", "INVALID_FUNCTION_ARGUMENT: Key not present in map"),
    ("select date '2020-13-01'", "INVALID_LITERAL 1:13: line 1:13: '2020-13-01' is not a valid DATE literal"),
    ("select 9223372036854775808", "SYNTAX_ERROR 1:8: line 1:8: Invalid numeric literal: 9223372036854775808"),
    ("select foo(1)", "FUNCTION_NOT_FOUND 1:8: line 1:8: Function 'foo' not registered"),
    ("select array_to_string(array[1], ',')", "FUNCTION_NOT_FOUND 1:8"),
    ("select sum(name) from nation", "FUNCTION_NOT_FOUND"),
    ("select count(*), name from nation", "EXPRESSION_NOT_AGGREGATE"),
    ("select name from nation where nationkey = (select nationkey from nation)", "SUBQUERY_MULTIPLE_ROWS"),
    ("select 1 from 2", "SYNTAX_ERROR 1:15"),
    (
        "select regionkey from nation group by cube(1, 2, 3, 4, 5, 6), cube(1, 2, 3, 4, 5, 6)",
        "TOO_MANY_GROUPING_SETS 1:1",
    ),
    (
        "select sequence(1, 10001)",
        "INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 entries",
    ),
    ("select 1;", "SYNTAX_ERROR 1:9"),
    ("select", "SYNTAX_ERROR 1:7"),
    ("selec 1", "SYNTAX_ERROR 1:1"),
    ("select 1; select 2", "SYNTAX_ERROR 1:9"),
    ("show tables from tpch.nope", "SCHEMA_NOT_FOUND 1:1: line 1:1: Schema 'nope' does not exist"),
    ("describe nope", "TABLE_NOT_FOUND 1:1: line 1:1: Table 'tpch.tiny.nope' does not exist"),
    ("use tpch.nope", "NOT_FOUND: Schema does not exist: tpch.nope"),
];

#[tokio::test]
async fn errors_have_trinos_names_and_places() {
    let fixture = Fixture::start().await;
    let mut wrong = Vec::new();
    for (sql, expect) in ERRORS {
        let error = fixture.run(sql).await.error().unwrap_or_else(|| "no error".to_owned());
        if !error.starts_with(expect) {
            wrong.push(format!("{sql}\n  is  {error}\n  not {expect}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    fixture.engine.stop().await;
}

/// Statements that Trino runs and the engine refuses; each would otherwise be read past or mean something else.
const UNSUPPORTED: &[&str] = &[
    "select * from nation tablesample bernoulli (50)",
    "select * from nation for version as of 1",
    "select name from nation order by regionkey fetch first 1 rows with ties",
    "select * from nation natural join region",
    "select * from nation join region using (regionkey)",
    "select cast('a' as char(3)) = 'a'",
    "values timestamp '2020-01-01 00:00:00 Europe/Berlin', timestamp '2020-01-01 00:00:00 UTC'",
    "select * from nation full join region using (regionkey)",
    "select name from nation intersect all select name from nation",
    "select timestamp '2020-01-01 00:00:00' at time zone 'America/New_York'",
    "select transform(array[1], x -> x + 1)",
    "select * from unnest(array[1]) with ordinality",
    "select * from region r, lateral (select count(*) from nation n where n.regionkey < r.regionkey)",
    "values cast(row(1, 2) as row(a bigint, b bigint))",
    "select * from unnest(array[row(1, 'a')])",
    "select * from unnest(map(array['a'], array[1]))",
    "select * from table(sequence(1, 3))",
    "select * from nation match_recognize (order by nationkey measures a.nationkey as x pattern (a) define a as true)",
    "select cast('{}' as json)",
    "select ?",
    "table nation",
    "delete from nation",
    "update nation set name = 'x'",
    "prepare p from select 1",
    "execute immediate 'select 1'",
    "set session query_max_run_time = '1h'",
    "start transaction",
    "explain analyze select 1",
    "explain (type distributed) select 1",
    "call system.runtime.kill_query('x', 'y')",
    "create table tpch.tiny.t (a bigint)",
    "create table tpch.tiny.t as select 1 as a",
    "create view tpch.tiny.v as select 1 as a",
    "create schema tpch.s",
    "create materialized view memory.default.v as select 1 as a",
    "create table memory.default.t (a bigint) with (format = 'ORC')",
    "drop table tpch.tiny.nation",
    "insert into tpch.tiny.nation select * from nation",
    "grant select on nation to x",
    "show functions",
    "show stats for nation",
];

#[tokio::test]
async fn what_is_not_supported_says_so() {
    let fixture = Fixture::start().await;
    let mut wrong = Vec::new();
    for sql in UNSUPPORTED {
        let error = fixture.run(sql).await.error().unwrap_or_else(|| "no error".to_owned());
        if !error.starts_with("NOT_SUPPORTED") {
            wrong.push(format!("{sql}\n  is  {error}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    fixture.engine.stop().await;
}

#[tokio::test]
async fn deep_statements_end_in_an_answer() {
    let fixture = Fixture::start().await;
    let parentheses = format!("select {}1{}", "(".repeat(5000), ")".repeat(5000));
    let error = fixture.run(&parentheses).await.error().unwrap_or_default();
    assert!(error.starts_with("NOT_SUPPORTED: statement is too deeply nested"), "{error}");
    let sum = format!("select 1{}", " + 1".repeat(90));
    assert_eq!(fixture.text(&sum).await, "[[91]]");
    let error = fixture.run(&format!("select 1{}", " + 1".repeat(5000))).await.error().unwrap_or_default();
    assert!(error.starts_with("NOT_SUPPORTED"), "{error}");
    let conditions = format!("select count(*) from nation where nationkey < 0{}", " or nationkey = 1".repeat(300));
    assert_eq!(fixture.text(&conditions).await, "[[1]]");
    let joined = format!("select length('a'{})", " || 'a'".repeat(300));
    assert_eq!(fixture.text(&joined).await, "[[301]]");
    let union = format!("select count(*) from (select 1{})", " union all select 1".repeat(300));
    assert_eq!(fixture.text(&union).await, "[[301]]");
    let list = (0..5000).map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
    assert_eq!(fixture.text(&format!("select count(*) from orders where orderkey in ({list})")).await, "[[1255]]");
    fixture.engine.stop().await;
}

#[tokio::test]
async fn an_error_page_is_trinos() {
    let fixture = Fixture::start().await;
    let answer = fixture.run("select nope from nation").await;
    let last = answer.last();
    assert_eq!(last["stats"]["state"], "FAILED");
    assert!(last.get("nextUri").is_none() && last.get("data").is_none());
    let error = &last["error"];
    assert_eq!(error["errorCode"], 47);
    assert_eq!(error["errorType"], "USER_ERROR");
    assert_eq!(error["failureInfo"]["type"], "io.trino.spi.TrinoException");
    assert_eq!(error["failureInfo"]["errorInfo"]["name"], "COLUMN_NOT_FOUND");
    assert!(error["failureInfo"]["stack"].is_array() && error["failureInfo"]["suppressed"].is_array());
    fixture.engine.stop().await;
}
