//! What is read in a statement: names with their roles, the window, the kind, and refusals.
#![expect(clippy::panic, reason = "a test that cannot go on says why")]

use warren_sql::{Level, SqlErrorCode, StatementKind, WindowKind, analyse};

/// The names of `sql` as `role:part.part`, WITH queries as `cte:name`.
fn names(sql: &str) -> Vec<String> {
    let statement = analyse(sql).unwrap_or_else(|error| panic!("{sql}: {error}\n{}", error.caret(sql)));
    let name = |name: &warren_sql::NameRef| {
        let role = if name.cte { "cte" } else { name.role.as_str() };
        format!("{role}:{}", name.parts.join("."))
    };
    statement.names().iter().map(name).collect()
}

fn check_names(sql: &str, expect: &[&str]) {
    assert_eq!(names(sql), expect, "{sql}");
}

#[test]
fn relations_are_found_wherever_they_can_stand() {
    check_names("SELECT 1", &[]);
    check_names("TABLE a.b.c", &["rel:a.b.c"]);
    check_names("SELECT ALL * FROM a UNION ALL SELECT all * all FROM b", &["rel:a", "rel:b"]);
    check_names("VALUES 1, 2, (SELECT x FROM t)", &["rel:t"]);
    check_names("SELECT * FROM svc.db.s.t", &["rel:svc.db.s.t"]);
    check_names("SELECT * FROM \"svc\" . \"d.b\" /* c */ . s.t x", &["rel:svc.d.b.s.t"]);
    check_names("SELECT * FROM a, b c, (d CROSS JOIN e)", &["rel:a", "rel:b", "rel:d", "rel:e"]);
    check_names("SELECT * FROM a JOIN b JOIN c ON x = y ON z = w", &["rel:a", "rel:b", "rel:c"]);
    check_names("SELECT * FROM a NATURAL FULL OUTER JOIN b LEFT JOIN c USING (x)", &["rel:a", "rel:b", "rel:c"]);
    check_names("SELECT (SELECT max(x) FROM a), EXISTS (TABLE b) FROM c", &["rel:a", "rel:b", "rel:c"]);
    check_names(
        "SELECT * FROM t WHERE x IN (SELECT y FROM u) AND EXISTS (SELECT 1 FROM v)",
        &["rel:t", "rel:u", "rel:v"],
    );
    check_names("SELECT 1 FROM a UNION ALL (SELECT 2 FROM b EXCEPT TABLE c)", &["rel:a", "rel:b", "rel:c"]);
    check_names("SELECT 1 FROM a UNION CORRESPONDING BY (x) SELECT 2 FROM b", &["rel:a", "rel:b"]);
    check_names("SELECT * FROM ((SELECT 1 FROM a) UNION SELECT 2 FROM b) x", &["rel:a", "rel:b"]);
    check_names("SELECT * FROM ((SELECT 1 FROM a) x JOIN b ON true)", &["rel:a", "rel:b"]);
    check_names(
        "SELECT * FROM a, LATERAL (SELECT * FROM b), UNNEST(a.x) WITH ORDINALITY u (v, o)",
        &["rel:a", "rel:b"],
    );
    check_names("SELECT * FROM lateral, nearest, window", &["rel:lateral", "rel:nearest", "rel:window"]);
    check_names("SELECT * FROM t FOR VERSION AS OF 3 v WHERE true", &["rel:t"]);
    check_names(
        "SELECT * FROM t FOR TIMESTAMP AS OF TIMESTAMP '2020-01-01 00:00:00' - INTERVAL '1' DAY v, u",
        &["rel:t", "rel:u"],
    );
    check_names("SELECT * FROM t FOR TIMESTAMP AS OF now() - INTERVAL '1' \"v\", u", &["rel:t", "rel:u"]);
    check_names("SELECT * FROM t FOR TIMESTAMP AS OF timestamp((TABLE u)) v", &["rel:t", "rel:u"]);
    check_names("SELECT * FROM t TABLESAMPLE BERNOULLI (10) JOIN u ON true", &["rel:t", "rel:u"]);
    check_names("SELECT * FROM JSON_TABLE('[]', 'lax $' COLUMNS (a bigint PATH 'lax $.a')), t", &["rel:t"]);
    check_names(
        "SELECT * FROM JSON_TABLE('[]', 'lax $' AS \"p\" COLUMNS (a bigint) PLAN (\"p\" INNER (\"q\" UNION \"r\"))), t",
        &["rel:t"],
    );
    check_names("SELECT * FROM NEAREST(FROM a WHERE a.x > 1 MATCH a.t <= b.t), b", &["rel:a", "rel:b"]);
    check_names("SELECT * FROM t \"orders$snapshots\"", &["rel:t"]);
    check_names("SELECT * FROM s.\"orders$snapshots\"", &["rel:s.orders$snapshots"]);
}

#[test]
fn words_in_expressions_are_no_relations() {
    check_names("SELECT extract(YEAR FROM x), trim(BOTH ' ' FROM y), substring(z FROM 1 FOR 2) FROM t", &["rel:t"]);
    check_names("SELECT a IS NOT DISTINCT FROM b, c IS DISTINCT FROM d FROM t", &["rel:t"]);
    check_names("SELECT count(*) FILTER (WHERE x > 1), listagg(a, ',') WITHIN GROUP (ORDER BY b) FROM t", &["rel:t"]);
    check_names("SELECT 'FROM a', \"from b\" FROM t -- FROM c\n/* FROM d */", &["rel:t"]);
    check_names("SELECT U&'\\0041 FROM a', X'65', $$ FROM b $$ FROM t", &["rel:t"]);
    check_names("SELECT * FROM t -- x\r, secret", &["rel:t", "rel:secret"]);
    check_names("SELECT * FROM t /* /* */ , secret -- */", &["rel:t", "rel:secret"]);
    check_names("SELECT * FROM t WHERE b = 'x\\' AND c = ' FROM u'", &["rel:t"]);
    check_names("SELECT CASE WHEN a THEN b ELSE c END, JSON_OBJECT(KEY 'a' VALUE b) FROM t", &["rel:t"]);
}

#[test]
fn a_word_that_could_go_on_may_begin_something_else() {
    check_names("CREATE TABLE t AS SELECT * FROM u, UNNEST(u.a) WITH NO DATA", &["create:t", "rel:u"]);
    check_names("SELECT * FROM UNNEST(ARRAY[1]) WITH ORDINALITY, t", &["rel:t"]);
    check_names("CREATE TABLE t (a timestamp(6) WITH (p = 1), b time WITH TIME ZONE WITH (q = 2))", &["create:t"]);
    check_names(
        "WITH FUNCTION f() RETURNS timestamp LANGUAGE PYTHON WITH (handler = 'g') AS $$\n$$ SELECT f() FROM t",
        &["routine:f", "rel:t"],
    );
    check_names("SET SESSION authorization.a = 1", &[]);
    check_names("CREATE FUNCTION f() RETURNS int RETURN g((SELECT 1 FROM u))", &["routine:f", "rel:u"]);
    check_names("GRANT grant, to, revoke TO USER u WITH ADMIN OPTION IN c", &[]);
    check_names("REVOKE ADMIN OPTION FOR r, on_call FROM ROLE GRANTED BY USER u", &[]);
    check_names("REVOKE r FROM ROLE granted GRANTED BY role", &[]);
    check_names("DENY CREATE ON SCHEMA to TO USER u", &["grant:to"]);
    check_names("GRANT SELECT ON TABLE to.a.b TO u", &["grant:to.a.b"]);
    check_names("GRANT SELECT ON SCHEMA to.a TO u", &["grant:to.a"]);
    check_names("SHOW TABLES FROM s LIKE U&'x!0041' UESCAPE '!'", &["schema:s"]);
    check_names("REVOKE CREATE ON SCHEMA to FROM u", &["grant:to"]);
    check_names("GRANT SELECT ON schema TO to WITH GRANT OPTION", &["grant:schema"]);
}

#[test]
fn with_queries_shadow_tables_by_the_rules_of_trino() {
    check_names(
        "WITH a AS (SELECT * FROM b), c AS (SELECT * FROM a) SELECT * FROM C, \"A\", s.a",
        &["rel:b", "cte:a", "cte:C", "cte:A", "rel:s.a"],
    );
    check_names("WITH a AS (SELECT * FROM a) SELECT * FROM a", &["rel:a", "cte:a"]);
    check_names("WITH RECURSIVE a (n) AS (SELECT 1 UNION ALL SELECT n FROM a) SELECT * FROM a", &["cte:a", "cte:a"]);
    check_names("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a), a", &["cte:a", "rel:a"]);
    check_names("WITH a AS (SELECT 1) SELECT (SELECT 1 FROM a), b FROM LATERAL (TABLE a)", &["cte:a", "cte:a"]);
    check_names("WITH a AS (WITH b AS (SELECT 1) TABLE b) SELECT * FROM b, a", &["cte:b", "rel:b", "cte:a"]);
    check_names("WITH array AS (SELECT 1), conditional AS (SELECT 2) TABLE array", &["cte:array"]);
    check_names("INSERT INTO a WITH a AS (SELECT 1) SELECT * FROM a", &["target:a", "cte:a"]);
}

#[test]
fn statements_that_write_have_a_target() {
    let check = |sql: &str, kind: StatementKind, expect: &[&str], target: Option<&str>| {
        let statement = analyse(sql).unwrap();
        assert_eq!(statement.kind(), kind, "{sql}");
        assert_eq!(statement.write_target().map(|name| name.parts.join(".")).as_deref(), target, "{sql}");
        assert!(!statement.is_read_only(), "{sql}");
        check_names(sql, expect);
    };
    check("INSERT INTO t@dev (a, b) SELECT * FROM u", StatementKind::Insert, &["target:t", "rel:u"], Some("t"));
    check("DELETE FROM t WHERE x IN (SELECT y FROM u)", StatementKind::Delete, &["target:t", "rel:u"], Some("t"));
    check("UPDATE t SET a = (SELECT 1 FROM u) WHERE t.b = 1", StatementKind::Update, &["target:t", "rel:u"], Some("t"));
    check(
        "MERGE INTO t AS x USING (u JOIN v ON u.a = v.a) ON x.a = u.a WHEN MATCHED AND x.b > 1 THEN UPDATE SET b = CASE \
         WHEN true THEN 1 END WHEN NOT MATCHED THEN INSERT (a) VALUES (u.a) WHEN MATCHED THEN DELETE",
        StatementKind::Merge,
        &["target:t", "rel:u", "rel:v"],
        Some("t"),
    );
    check(
        "CREATE TABLE t AS SELECT * FROM u WITH NO DATA",
        StatementKind::CreateTableAsSelect,
        &["create:t", "rel:u"],
        Some("t"),
    );
    check(
        "CREATE OR REPLACE TABLE t (a, b) COMMENT 'x' WITH (p = 1) AS (TABLE u)",
        StatementKind::CreateTableAsSelect,
        &["create:t", "rel:u"],
        Some("t"),
    );
    check(
        "CREATE TABLE IF NOT EXISTS t (a row(b varchar(10)) NOT NULL COMMENT 'x', LIKE u INCLUDING PROPERTIES)",
        StatementKind::CreateTable,
        &["create:t", "obj:u"],
        Some("t"),
    );
    check("CREATE VIEW v SECURITY INVOKER AS TABLE u", StatementKind::CreateView, &["create:v", "rel:u"], Some("v"));
    check(
        "CREATE MATERIALIZED VIEW v GRACE PERIOD INTERVAL '1' HOUR WHEN STALE INLINE COMMENT 'x' AS TABLE u",
        StatementKind::CreateMaterializedView,
        &["create:v", "rel:u"],
        Some("v"),
    );
    check("TRUNCATE TABLE t", StatementKind::TruncateTable, &["target:t"], Some("t"));
    check("DROP TABLE IF EXISTS t", StatementKind::DropTable, &["obj:t"], None);
    check("ALTER TABLE t RENAME TO s.u", StatementKind::RenameTable, &["obj:t", "obj:s.u"], None);
    check("ALTER TABLE t EXECUTE optimize(a => 'b') WHERE t.x > 1", StatementKind::TableExecute, &["obj:t"], None);
    check("COMMENT ON COLUMN s.t.c IS 'x'", StatementKind::Comment, &["commentcol:s.t.c"], None);
    check("GRANT SELECT ON TABLE t TO ROLE r", StatementKind::Grant, &["grant:t"], None);
    check("EXPLAIN ANALYZE INSERT INTO t TABLE u", StatementKind::ExplainAnalyze, &["target:t", "rel:u"], Some("t"));
    check("CALL s.p('x', a => 1)", StatementKind::Call, &["routine:s.p"], None);
}

#[test]
fn statements_that_only_look_are_read_only() {
    let check = |sql: &str, label: &str, expect: &[&str]| {
        let statement = analyse(sql).unwrap();
        assert_eq!(statement.label(), label, "{sql}");
        assert!(statement.is_read_only(), "{sql}");
        assert_eq!(statement.write_target(), None, "{sql}");
        check_names(sql, expect);
    };
    check("SHOW TABLES FROM svc.db.s LIKE 'a%'", "ShowTables", &["schema:svc.db.s"]);
    check("SHOW SCHEMAS IN c", "ShowSchemas", &["catalog:c"]);
    check("DESCRIBE a.b", "ShowColumns", &["obj:a.b"]);
    check("DESC output", "ShowColumns", &["obj:output"]);
    check("DESCRIBE OUTPUT p", "DescribeOutput", &[]);
    check("SHOW STATS FOR (SELECT * FROM t)", "ShowStats", &["rel:t"]);
    check("SHOW CREATE MATERIALIZED VIEW v", "ShowCreate", &["obj:v"]);
    check("EXPLAIN (TYPE IO) INSERT INTO t TABLE u", "Explain:Insert", &["target:t", "rel:u"]);
    check("EXPLAIN ANALYZE VERBOSE SELECT 1 FROM t", "ExplainAnalyze", &["rel:t"]);
    check("WITH FUNCTION f(x int) RETURNS int RETURN x + 1 SELECT f(1) FROM t", "Query", &["routine:f", "rel:t"]);
    check(
        "WITH FUNCTION begin(x int) RETURNS int BEGIN DECLARE a, b int DEFAULT 1; IF x > 1 THEN RETURN 1; ELSE SET a = \
         if(x, 1, 2); END IF; l: LOOP LEAVE l; END LOOP; CASE x WHEN 1 THEN RETURN 1; END CASE; RETURN 0; END, FUNCTION \
         g() RETURNS varchar LANGUAGE PYTHON AS $$ ; $$ (SELECT 1 FROM t)",
        "Query",
        &["routine:begin", "routine:g", "rel:t"],
    );
    check("WITH SESSION a.b = 1 + 2, c = 'x' SELECT 1 FROM t", "Query", &["rel:t"]);
    check("WITH session AS (SELECT 1), function AS (SELECT 2) SELECT * FROM session", "Query", &["cte:session"]);
}

#[test]
fn a_statement_is_what_it_executes() {
    use StatementKind::{Explain, Insert, Prepare, Query};

    let check = |sql: &str, executed: StatementKind, around: StatementKind, target: Option<&str>| {
        let statement = analyse(sql).unwrap();
        let name = &statement.names()[0];
        assert_eq!((statement.executed_kind(), statement.kind_around(name)), (executed, around), "{sql}");
        assert_eq!(statement.is_read_only(), executed.is_read_only(), "{sql}");
        assert_eq!(statement.write_target().map(|name| name.parts.join(".")).as_deref(), target, "{sql}");
    };
    check("INSERT INTO t TABLE u", Insert, Insert, Some("t"));
    check("EXPLAIN INSERT INTO t TABLE u", Explain, Insert, None);
    check("EXPLAIN ANALYZE INSERT INTO t TABLE u", Insert, Insert, Some("t"));
    check("PREPARE p FROM INSERT INTO t TABLE u", Prepare, Insert, None);
    check("EXECUTE IMMEDIATE 'INSERT INTO t TABLE u'", Insert, Insert, Some("t"));
    check("EXECUTE IMMEDIATE 'EXPLAIN INSERT INTO t TABLE u'", Explain, Insert, None);
    check("EXECUTE IMMEDIATE 'EXPLAIN ANALYZE INSERT INTO t TABLE u'", Insert, Insert, Some("t"));
    check("EXPLAIN ANALYZE EXECUTE IMMEDIATE 'INSERT INTO t TABLE u'", Insert, Insert, Some("t"));
    check("EXPLAIN EXECUTE IMMEDIATE 'INSERT INTO t TABLE u'", Explain, Insert, None);
    check("EXECUTE IMMEDIATE 'TABLE t'", Query, Query, None);
    let unread = analyse("EXECUTE IMMEDIATE 'SELECT FROM'").unwrap();
    assert_eq!(unread.executed_kind(), StatementKind::ExecuteImmediate);
    assert!(!unread.is_read_only());
}

#[test]
fn the_analyze_of_explain_is_a_word_or_a_statement() {
    let check = |sql: &str, label: &str| assert_eq!(analyse(sql).unwrap().label(), label, "{sql}");
    check("EXPLAIN ANALYZE t", "Explain:Analyze");
    check("EXPLAIN ANALYZE a.b WITH (p = 1)", "Explain:Analyze");
    check("EXPLAIN ANALYZE verbose", "Explain:Analyze");
    check("EXPLAIN ANALYZE ANALYZE t", "ExplainAnalyze");
    check("EXPLAIN ANALYZE SHOW TABLES", "ExplainAnalyze");
    check("EXPLAIN ANALYZE SELECT 1", "ExplainAnalyze");
}

#[test]
fn the_window_is_that_of_the_outermost_query() {
    let check = |sql: &str, kind: WindowKind, offset: Option<u64>, limit: Option<u64>| {
        let window = analyse(sql).unwrap_or_else(|error| panic!("{sql}: {error}")).window();
        assert_eq!((window.kind, window.offset, window.limit), (kind, offset, limit), "{sql}");
    };
    check("SELECT 1", WindowKind::None, None, None);
    check("SELECT 1 LIMIT 5", WindowKind::Limit, None, Some(5));
    check("SELECT 1 LIMIT ALL", WindowKind::Limit, None, None);
    check("SELECT 1 OFFSET 3 ROWS", WindowKind::Limit, Some(3), None);
    check("SELECT 1 OFFSET 3 LIMIT 5", WindowKind::Limit, Some(3), Some(5));
    check("SELECT 1 LIMIT 5 OFFSET 3", WindowKind::Limit, Some(3), Some(5));
    check("SELECT 1 ORDER BY 1 FETCH FIRST ROW ONLY", WindowKind::Fetch, None, Some(1));
    check("SELECT 1 OFFSET 2 FETCH NEXT 7 ROWS ONLY", WindowKind::Fetch, Some(2), Some(7));
    check("SELECT 1 ORDER BY 1 FETCH FIRST 7 ROWS WITH TIES", WindowKind::WithTies, None, None);
    check("SELECT 1 LIMIT ?", WindowKind::Parameter, None, None);
    check("SELECT 1 LIMIT 0x10", WindowKind::Limit, None, Some(16));
    check("SELECT 1 LIMIT 1_000", WindowKind::Limit, None, Some(1000));
    check("TABLE t LIMIT 5", WindowKind::Limit, None, Some(5));
    check("VALUES 1, 2 LIMIT 1", WindowKind::Limit, None, Some(1));
    check("SELECT * FROM t FOR VERSION AS OF 3 LIMIT 5", WindowKind::Limit, None, Some(5));
    check("SELECT * FROM t limit LIMIT 5", WindowKind::Limit, None, Some(5));
    check("SELECT a limit FROM t LIMIT 5", WindowKind::Limit, None, Some(5));
    check("SELECT limit, offset, fetch first FROM t offset", WindowKind::None, None, None);
    check("SELECT 1 UNION SELECT 2 LIMIT 5", WindowKind::Limit, None, Some(5));
    check("SELECT 1 UNION (SELECT 2 LIMIT 5)", WindowKind::None, None, None);
    check("(SELECT 1 LIMIT 5)", WindowKind::None, None, None);
    check("SELECT * FROM (SELECT 1 LIMIT 5) LIMIT 2", WindowKind::Limit, None, Some(2));
    check("INSERT INTO t SELECT 1 LIMIT 5", WindowKind::None, None, None);
    check("EXPLAIN SELECT 1 LIMIT 5", WindowKind::None, None, None);
    check("SELECT 1 LIMIT 9223372036854775807", WindowKind::Limit, None, Some(9_223_372_036_854_775_807));
}

#[test]
fn refusals_have_a_code_and_a_place() {
    let check = |sql: &str, code: SqlErrorCode, line: u32, column: u32, text: &str| {
        let error = analyse(sql).expect_err(sql);
        let place = (error.position.line, error.position.column);
        assert_eq!((error.code, place, error.text.as_str()), (code, (line, column), text), "{sql}: {error}");
    };
    check("", SqlErrorCode::EmptySql, 1, 1, "");
    check(" -- nothing\n ;; ", SqlErrorCode::EmptySql, 1, 1, "");
    check("SELECT 1; SELECT 2", SqlErrorCode::MultipleStatements, 1, 9, ";");
    check("SELECT 1\nFROM t WHERE x = (1; 2)", SqlErrorCode::MultipleStatements, 2, 20, ";");
    check("SELECT * FROM where", SqlErrorCode::SyntaxError, 1, 15, "where");
    check("SELECT a FROM t JOIN u", SqlErrorCode::SyntaxError, 1, 23, "");
    check("SELECT (1", SqlErrorCode::SyntaxError, 1, 10, "");
    check("SELECT 1)", SqlErrorCode::SyntaxError, 1, 9, ")");
    check("SELECT (1]", SqlErrorCode::SyntaxError, 1, 10, "]");
    check("SELECT `a`", SqlErrorCode::SyntaxError, 1, 8, "`");
    check("SELECT 1a", SqlErrorCode::SyntaxError, 1, 8, "1a");
    check("SELECT \"\"", SqlErrorCode::SyntaxError, 1, 8, "\"\"");
    check("SELECT ä", SqlErrorCode::SyntaxError, 1, 8, "ä");
    check("SELECT '😀', 'abc", SqlErrorCode::Unterminated, 1, 13, "'abc");
    check("SELECT 1 /* abc", SqlErrorCode::Unterminated, 1, 10, "/* abc");
    check("SELECT \"abc", SqlErrorCode::Unterminated, 1, 8, "\"abc");
    check("VACUUM t", SqlErrorCode::UnsupportedStatement, 1, 1, "VACUUM");
    check("DROP SEQUENCE s", SqlErrorCode::UnsupportedStatement, 1, 6, "SEQUENCE");
    check("SELECT 1 LIMIT 99999999999999999999", SqlErrorCode::LimitOutOfRange, 1, 16, "99999999999999999999");
    check("SELECT 1 OFFSET 9223372036854775808", SqlErrorCode::LimitOutOfRange, 1, 17, "9223372036854775808");
    check("SELECT 1 LIMIT 5 BY a", SqlErrorCode::SyntaxError, 1, 18, "BY");
    check("SELECT 1 LIMIT 2, 5", SqlErrorCode::SyntaxError, 1, 17, ",");
    check("SELECT * FROM (SELECT 1 LIMIT 5 OFFSET 1)", SqlErrorCode::SyntaxError, 1, 33, "OFFSET");
    check("SELECT * FROM t u v", SqlErrorCode::SyntaxError, 1, 19, "v");
    // A window put behind what ends like this would become a part of the expression.
    check("VALUES", SqlErrorCode::SyntaxError, 1, 7, "");
    check("SELECT 1,", SqlErrorCode::SyntaxError, 1, 10, "");
    check("SELECT 1 + FROM t", SqlErrorCode::SyntaxError, 1, 12, "FROM");
    check("SELECT 1 FROM t WHERE a AND", SqlErrorCode::SyntaxError, 1, 28, "");
    check("SELECT 1 FROM t ORDER BY", SqlErrorCode::SyntaxError, 1, 25, "");
    check("SELECT 1 FROM t JOIN u ON", SqlErrorCode::SyntaxError, 1, 26, "");
    check("SELECT 1 FROM t FOR VERSION AS OF:", SqlErrorCode::SyntaxError, 1, 35, "");
}

#[test]
fn a_caret_stands_under_the_place() {
    let sql = "SELECT *\nFROM\ttable x";
    let error = analyse(sql).unwrap_err();
    assert_eq!(error.caret(sql), "FROM table x\n     ^^^^^");
}

#[test]
fn a_column_may_have_its_qualifier_in_parentheses() {
    let check = |sql: &str, expect: &[(&str, &str, bool)]| {
        let statement = analyse(sql).unwrap();
        let columns = statement.qualified_columns();
        let found: Vec<(String, &str, bool)> =
            columns.iter().map(|column| (column.parts.join("|"), column.span.of(sql), column.star)).collect();
        let expect: Vec<_> = expect.iter().map(|(parts, text, star)| ((*parts).to_owned(), *text, *star)).collect();
        assert_eq!(found, expect, "{sql}");
    };
    check("SELECT (t).a, ((s.t)).b.c FROM s.t", &[("t|a", "t).a", false), ("s|t|b|c", "s.t)).b.c", false)]);
    check("SELECT ALL (t).a, json_object(KEY (t).b VALUE c) FROM t", &[("t|a", "t).a", false), ("t|b", "t).b", false)]);
    check(
        "SELECT * FROM t MATCH_RECOGNIZE (MEASURES (t).a AS b PATTERN (x) DEFINE x AS true)",
        &[("t|a", "t).a", false)],
    );
    check("SELECT trim(BOTH (t).a FROM (t).b) FROM t", &[("t|a", "t).a", false), ("t|b", "t).b", false)]);
    check("SELECT (t).*, (t).a.* FROM t", &[("t", "t", true), ("t|a", "t).a", true)]);
    check("SELECT f(t).a, (t, u).a, (t.a), t.a[1].b FROM t", &[("t|a", "t.a", false), ("t|a", "t.a", false)]);
}

#[test]
fn names_know_their_level_and_inner_fqn() {
    let statement = analyse("SELECT * FROM \"svc.db.s.\"\"t.csv\"\"\", a.b.c").unwrap();
    assert_eq!(statement.names()[0].fqn_parts().unwrap(), ["svc", "db", "s", "t.csv"]);
    assert_eq!(statement.names()[1].fqn_parts(), None);
    let column = analyse("COMMENT ON COLUMN a.b.c IS NULL").unwrap();
    assert_eq!(column.names()[0].level, Level::Column);
    assert_eq!(column.names()[0].object_parts(), ["a", "b"]);
}
