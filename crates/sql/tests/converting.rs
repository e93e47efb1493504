//! Names replaced, the window split off and put back, and the way back to the user's text.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on says why")]

use warren_sql::{Converted, Level, Mapping, NameRef, SourceMap, SqlErrorCode, TrinoName, analyse};

/// `svc.<database>.…` is the catalog `pg_<database>`, with a table called `old` renamed to `new`.
fn mapping(name: &NameRef) -> Mapping {
    let parts = name.fqn_parts().unwrap_or_else(|| name.object_parts().to_vec());
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let trino = match (parts.as_slice(), name.level) {
        (["svc", database], Level::Catalog) => TrinoName::catalog(format!("pg_{database}")),
        (["svc", database, schema], Level::Schema) => TrinoName::schema(format!("pg_{database}"), *schema),
        (["svc", database, schema, "old"], _) => TrinoName::table(format!("pg_{database}"), *schema, "new"),
        (["svc", database, schema, table], _) => TrinoName::table(format!("pg_{database}"), *schema, *table),
        _ => return Mapping::Keep,
    };
    Mapping::Replace(trino.unwrap())
}

fn convert(sql: &str) -> Converted {
    let statement = analyse(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    statement.convert(&mut mapping).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn check(sql: &str, expect: &str) {
    assert_eq!(convert(sql).as_written().sql, expect, "{sql}");
}

#[test]
fn names_are_replaced_and_nothing_else() {
    check("SELECT * FROM svc.d.s.t", "SELECT * FROM \"pg_d\".\"s\".\"t\"");
    check("SELECT * FROM \"svc\" . d /* x */ . s -- y\n.t z", "SELECT * FROM \"pg_d\".\"s\".\"t\" z");
    check(
        "SELECT 'svc.d.s.t', \"svc.d.s.t\" /* svc.d.s.t */ FROM c.s.t",
        "SELECT 'svc.d.s.t', \"svc.d.s.t\" /* svc.d.s.t */ FROM c.s.t",
    );
    check("SELECT svc.d.s.t(1) FROM svc.d.s.t", "SELECT svc.d.s.t(1) FROM \"pg_d\".\"s\".\"t\"");
    check("SELECT * FROM svc.d.s.\"t.1\"", "SELECT * FROM \"pg_d\".\"s\".\"t.1\"");
    check("SELECT * FROM svc.d.s.\"a\"\"b\"", "SELECT * FROM \"pg_d\".\"s\".\"a\"\"b\"");
    check("SELECT * FROM \"svc.d.s.\"\"t.csv\"\"\"", "SELECT * FROM \"pg_d\".\"s\".\"t.csv\"");
    check("SELECT * FROM svc.d.s.t FOR VERSION AS OF 3 x", "SELECT * FROM \"pg_d\".\"s\".\"t\" FOR VERSION AS OF 3 x");
    check("SELECT * FROM svc.d.s.t\"x\"", "SELECT * FROM \"pg_d\".\"s\".\"t\" \"x\"");
    // Trino takes no such thing, but what it refuses must be what was sent.
    check("SELECT .\"x\"svc.d.s.t.a FROM svc.d.s.t", "SELECT .\"x\" \"pg_d\".\"s\".\"t\".a FROM \"pg_d\".\"s\".\"t\"");
    check("SELECT * FROM svc.d.s.\"t$files\"", "SELECT * FROM \"pg_d\".\"s\".\"t$files\"");
    check(
        "INSERT INTO svc.d.s.t@dev (a) SELECT b FROM svc.e.s.u",
        "INSERT INTO \"pg_d\".\"s\".\"t\"@dev (a) SELECT b FROM \"pg_e\".\"s\".\"u\"",
    );
    check(
        "CREATE TABLE svc.d.s.t AS TABLE svc.d.s.u",
        "CREATE TABLE \"pg_d\".\"s\".\"t\" AS TABLE \"pg_d\".\"s\".\"u\"",
    );
    check(
        "CREATE VIEW svc.d.s.v AS SELECT 1 FROM svc.d.s.u",
        "CREATE VIEW \"pg_d\".\"s\".\"v\" AS SELECT 1 FROM \"pg_d\".\"s\".\"u\"",
    );
    check("COMMENT ON COLUMN svc.d.s.t . c IS 'x'", "COMMENT ON COLUMN \"pg_d\".\"s\".\"t\" . c IS 'x'");
    check("SHOW TABLES FROM svc.d.s LIKE 'x'", "SHOW TABLES FROM \"pg_d\".\"s\" LIKE 'x'");
    check("SHOW SCHEMAS FROM svc.d", "SHOW SCHEMAS FROM \"pg_d\"");
    check("USE svc.d.s", "USE \"pg_d\".\"s\"");
    check("GRANT SELECT ON TABLE svc.d.s.t TO u", "GRANT SELECT ON TABLE \"pg_d\".\"s\".\"t\" TO u");
    check(
        "EXPLAIN ANALYZE SELECT * FROM svc.d.s.t LIMIT 5",
        "EXPLAIN ANALYZE SELECT * FROM \"pg_d\".\"s\".\"t\" LIMIT 5",
    );
    check(
        "PREPARE p FROM SELECT * FROM svc.d.s.t WHERE a = ?",
        "PREPARE p FROM SELECT * FROM \"pg_d\".\"s\".\"t\" WHERE a = ?",
    );
    check(
        "EXECUTE IMMEDIATE 'SELECT ''x'' FROM svc.d.s.t LIMIT ?' USING 1",
        "EXECUTE IMMEDIATE 'SELECT ''x'' FROM \"pg_d\".\"s\".\"t\" LIMIT ?' USING 1",
    );
}

#[test]
fn what_stands_behind_a_statement_in_a_string_stays() {
    check("EXECUTE IMMEDIATE 'SELECT 1 ;'", "EXECUTE IMMEDIATE 'SELECT 1 ;'");
    check(
        "EXECUTE IMMEDIATE 'SELECT * FROM svc.d.s.t; -- ''x'''",
        "EXECUTE IMMEDIATE 'SELECT * FROM \"pg_d\".\"s\".\"t\"; -- ''x'''",
    );
}

#[test]
fn with_queries_and_aliases_are_left_alone() {
    check(
        "WITH t AS (SELECT * FROM svc.d.s.t) SELECT t.a, x.b FROM t, svc.d.s.u x",
        "WITH t AS (SELECT * FROM \"pg_d\".\"s\".\"t\") SELECT t.a, x.b FROM t, \"pg_d\".\"s\".\"u\" x",
    );
}

#[test]
fn columns_follow_their_tables() {
    // A qualifier of one part still names the table, as long as its name stays.
    check("SELECT t.a, t.* FROM svc.d.s.t", "SELECT t.a, t.* FROM \"pg_d\".\"s\".\"t\"");
    check("SELECT svc.d.s.t.a FROM svc.d.s.t", "SELECT \"pg_d\".\"s\".\"t\".a FROM \"pg_d\".\"s\".\"t\"");
    check("SELECT d.s.t.a.b, s.t.* FROM svc.d.s.t", "SELECT \"pg_d\".\"s\".\"t\".a.b, s.t.* FROM \"pg_d\".\"s\".\"t\"");
    check("SELECT SVC.D.S.T.a FROM svc.d.s.t", "SELECT \"pg_d\".\"s\".\"t\".a FROM \"pg_d\".\"s\".\"t\"");
    check("SELECT x.a FROM svc.d.s.old x", "SELECT x.a FROM \"pg_d\".\"s\".\"new\" x");
    check("SELECT old.a FROM svc.d.s.t AS old", "SELECT old.a FROM \"pg_d\".\"s\".\"t\" AS old");
    check("SELECT d.s.old.a FROM svc.d.s.old", "SELECT \"pg_d\".\"s\".\"new\".a FROM \"pg_d\".\"s\".\"new\"");
    // Here no alias can stand.
    check("TABLE svc.d.s.old ORDER BY old.a", "TABLE \"pg_d\".\"s\".\"new\" ORDER BY \"pg_d\".\"s\".\"new\".a");
    check(
        "DELETE FROM svc.d.s.old WHERE old.a = 1",
        "DELETE FROM \"pg_d\".\"s\".\"new\" WHERE \"pg_d\".\"s\".\"new\".a = 1",
    );
    check(
        "UPDATE svc.d.s.old SET a = old.b WHERE old.a = 1",
        "UPDATE \"pg_d\".\"s\".\"new\" SET a = \"pg_d\".\"s\".\"new\".b WHERE \"pg_d\".\"s\".\"new\".a = 1",
    );
}

#[test]
fn parentheses_around_a_qualifier_change_nothing() {
    check("SELECT (old).a FROM svc.d.s.old", "SELECT (old).a FROM \"pg_d\".\"s\".\"new\" AS old");
    check("SELECT ALL ((old)).* FROM svc.d.s.old", "SELECT ALL ((old)).* FROM \"pg_d\".\"s\".\"new\" AS old");
    check("SELECT (svc.d.s.t).a.b FROM svc.d.s.t", "SELECT (\"pg_d\".\"s\".\"t\").a.b FROM \"pg_d\".\"s\".\"t\"");
    check("SELECT x = (s.old).a FROM svc.d.s.old", "SELECT x = (\"pg_d\".\"s\".\"new\").a FROM \"pg_d\".\"s\".\"new\"");
    // These are calls, a parameter and a column. The alias that a parameter leads to does no harm.
    for kept in ["f(old).a", "\"f\"(old).a", "transform(b, old -> (old).a)", "(old.c).a"] {
        let expect = if kept.contains("(old).a)") || kept.contains(".c)") { " AS old" } else { "" };
        check(
            &format!("SELECT {kept} FROM svc.d.s.old"),
            &format!("SELECT {kept} FROM \"pg_d\".\"s\".\"new\"{expect}"),
        );
    }
    let refused = analyse("SELECT (SELECT (old).a FROM other.s.u) FROM svc.d.s.u, other.s.old");
    assert!(refused.unwrap().convert(&mut mapping).is_ok());
    // Taken for the outer table, the column would be another one.
    let sql = "SELECT (SELECT (old).a FROM svc.d.s.old LIMIT 1) FROM c.s.old";
    check(sql, "SELECT (SELECT (old).a FROM \"pg_d\".\"s\".\"new\" AS old LIMIT 1) FROM c.s.old");
}

#[test]
fn a_renamed_table_keeps_its_old_name_as_an_alias_where_columns_have_it() {
    check("SELECT old.a FROM svc.d.s.old", "SELECT old.a FROM \"pg_d\".\"s\".\"new\" AS old");
    check("SELECT \"OLD\".* FROM svc.d.s.old, u", "SELECT \"OLD\".* FROM \"pg_d\".\"s\".\"new\" AS old, u");
    check("SELECT old.a, s.old.b FROM svc.d.s.old", "SELECT old.a, old.b FROM \"pg_d\".\"s\".\"new\" AS old");
    check(
        "SELECT * FROM svc.d.s.old -- x\nORDER BY old.a",
        "SELECT * FROM \"pg_d\".\"s\".\"new\" AS old -- x\nORDER BY old.a",
    );
    check(
        "SELECT old.a FROM svc.d.s.old FOR VERSION AS OF 3 TABLESAMPLE BERNOULLI (1)",
        "SELECT old.a FROM \"pg_d\".\"s\".\"new\" FOR VERSION AS OF 3 AS old TABLESAMPLE BERNOULLI (1)",
    );
    check(
        "SELECT transform(old.a, old -> old.x) FROM svc.d.s.old",
        "SELECT transform(old.a, old -> old.x) FROM \"pg_d\".\"s\".\"new\" AS old",
    );
    check(
        "SELECT * FROM svc.d.s.old MATCH_RECOGNIZE (PARTITION BY old.k MEASURES u.x AS m PATTERN (old u+) SUBSET v = (u) DEFINE u AS u.x > old.x)",
        "SELECT * FROM \"pg_d\".\"s\".\"new\" AS old MATCH_RECOGNIZE (PARTITION BY old.k MEASURES u.x AS m PATTERN (old u+) SUBSET v = (u) DEFINE u AS u.x > old.x)",
    );
    check(
        "MERGE INTO svc.d.s.old USING svc.d.s.u ON old.k = u.k WHEN MATCHED THEN UPDATE SET v = old.v + u.v",
        "MERGE INTO \"pg_d\".\"s\".\"new\" AS old USING \"pg_d\".\"s\".\"u\" ON old.k = u.k WHEN MATCHED THEN UPDATE SET v = old.v + u.v",
    );
    check(
        "SELECT * FROM TABLE(f(TABLE(svc.d.s.old) PARTITION BY old.k, TABLE(svc.d.s.u) PARTITION BY k COPARTITION (old, d.s.u)))",
        "SELECT * FROM TABLE(f(TABLE(\"pg_d\".\"s\".\"new\") AS old PARTITION BY old.k, TABLE(\"pg_d\".\"s\".\"u\") PARTITION BY k COPARTITION (old, \"pg_d\".\"s\".\"u\")))",
    );
}

#[test]
fn what_is_put_in_never_joins_a_neighbour() {
    check(
        "SELECT * FROM TABLE(f(TABLE(svc.d.s.old)PARTITION BY old.k))",
        "SELECT * FROM TABLE(f(TABLE(\"pg_d\".\"s\".\"new\") AS old PARTITION BY old.k))",
    );
    check("SELECT\"s\".old.a, old.b FROM svc.d.s.old", "SELECT old.a, old.b FROM \"pg_d\".\"s\".\"new\" AS old");
    check(
        "SELECT\"s\".\"old\".a, old.b FROM svc.d.s.\"old\"",
        "SELECT\"old\".a, old.b FROM \"pg_d\".\"s\".\"new\" AS \"old\"",
    );
    // Trino takes none of these.
    check("SELECT 1.\"s\".old.a, old.b FROM svc.d.s.old", "SELECT 1. old.a, old.b FROM \"pg_d\".\"s\".\"new\" AS old");
    check(
        "SELECT * FROM TABLE(f(old.k, TABLE(svc.d.s.old)2()))",
        "SELECT * FROM TABLE(f(old.k, TABLE(\"pg_d\".\"s\".\"new\") AS old 2()))",
    );
}

#[test]
fn an_alias_that_is_put_in_stands_before_a_window_that_is_put_in() {
    for sql in ["SELECT old.a FROM svc.d.s.old", "SELECT old.a FROM svc.d.s.old LIMIT 5"] {
        let converted = convert(sql);
        assert_eq!(converted.query(), "SELECT old.a FROM \"pg_d\".\"s\".\"new\" AS old");
        let executable = converted.with_window(None, Some(2));
        assert_eq!(executable.sql, "SELECT old.a FROM \"pg_d\".\"s\".\"new\" AS old LIMIT 2");
        // The alias is no place of the user's text.
        let place = executable.source_map.to_user(1, 40);
        assert_eq!((place.column, place.length), (30, 0));
    }
}

#[test]
fn names_of_lambdas_and_patterns_hide_tables_only_where_they_are_known() {
    check(
        "SELECT reduce(a, 0, (d, x) -> d.s.t.y, x -> d.s.t.y), d.s.t.z FROM svc.d.s.t",
        "SELECT reduce(a, 0, (d, x) -> d.s.t.y, x -> \"pg_d\".\"s\".\"t\".y), \"pg_d\".\"s\".\"t\".z FROM \"pg_d\".\"s\".\"t\"",
    );
    check(
        "SELECT * FROM svc.d.s.t MATCH_RECOGNIZE (PARTITION BY d.s.t.k, measures ORDER BY a, d.s.t.o DESC MEASURES d.x AS m PATTERN (d u+) DEFINE u AS u.x > d.s.t.x)",
        "SELECT * FROM \"pg_d\".\"s\".\"t\" MATCH_RECOGNIZE (PARTITION BY \"pg_d\".\"s\".\"t\".k, measures ORDER BY a, \"pg_d\".\"s\".\"t\".o DESC MEASURES d.x AS m PATTERN (d u+) DEFINE u AS u.x > d.s.t.x)",
    );
    check(
        "SELECT m OVER (PARTITION BY d.s.t.k ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING PATTERN (d) DEFINE d AS d.s.t.x), sum(a) OVER (ORDER BY d.s.t.k) FROM svc.d.s.t",
        "SELECT m OVER (PARTITION BY \"pg_d\".\"s\".\"t\".k ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING PATTERN (d) DEFINE d AS d.s.t.x), sum(a) OVER (ORDER BY \"pg_d\".\"s\".\"t\".k) FROM \"pg_d\".\"s\".\"t\"",
    );
}

fn refused(sql: &str) {
    let error = analyse(sql).unwrap().convert(&mut mapping).unwrap_err();
    assert_eq!(error.code, SqlErrorCode::AmbiguousName, "{sql}");
}

#[test]
fn a_column_never_comes_to_mean_another_table() {
    check("SELECT old.a FROM svc.d.s.old, c.s.old", "SELECT old.a FROM \"pg_d\".\"s\".\"new\" AS old, c.s.old");
    // Which of the two has the column is not known, and only one of them gets another catalog.
    refused("SELECT x.s.t.a FROM svc.x.s.t, x.s.t");
    // No statements of Trino, so that no alias has to stand before the point or the parenthesis.
    check(
        "SELECT * FROM TABLE(f(TABLE(svc.d.s.old)(), old.x))",
        "SELECT * FROM TABLE(f(TABLE(\"pg_d\".\"s\".\"new\")(), \"pg_d\".\"s\".\"new\".x))",
    );
    check(
        "SELECT * FROM TABLE(f(TABLE(svc.d.s.old).k, old.x))",
        "SELECT * FROM TABLE(f(TABLE(\"pg_d\".\"s\".\"new\").k, \"pg_d\".\"s\".\"new\".x))",
    );
    // The method of a column, with a shorter name, would be a function.
    refused("SELECT old.old.v.m() FROM svc.d.old.old");
    check("SELECT old.old.v IN ((1)) FROM svc.d.old.old", "SELECT old.v IN ((1)) FROM \"pg_d\".\"old\".\"new\" AS old");
    // `new` is another table, and one more is about to get that name.
    check(
        "SELECT (SELECT new.a FROM svc.d.s.old) FROM c.s.new",
        "SELECT (SELECT new.a FROM \"pg_d\".\"s\".\"new\" AS old) FROM c.s.new",
    );
    check(
        "SELECT new.a FROM svc.d.s.new, svc.e.s.old",
        "SELECT new.a FROM \"pg_d\".\"s\".\"new\" AS new, \"pg_e\".\"s\".\"new\" AS old",
    );
    refused(
        "DELETE FROM svc.d.s.old WHERE a = (SELECT max(x.b) FROM c.s.u WHERE new.a = 1 AND EXISTS (TABLE c.s.new))",
    );
    check(
        "SELECT t.a FROM svc.d.s.t JOIN svc.e.s.t2 ON true",
        "SELECT t.a FROM \"pg_d\".\"s\".\"t\" JOIN \"pg_e\".\"s\".\"t2\" ON true",
    );
}

/// Trino looks for a column outside of a query only where no relation of it has a column that the name begins with, and
/// nobody here knows what columns they have.
#[test]
fn a_column_of_an_outer_table_is_never_taken_from_a_row_of_an_inner_one() {
    check(
        "SELECT * FROM svc.d.s.old WHERE EXISTS (SELECT 1 FROM c.s.people WHERE old.city = 'x')",
        "SELECT * FROM \"pg_d\".\"s\".\"new\" AS old WHERE EXISTS (SELECT 1 FROM c.s.people WHERE old.city = 'x')",
    );
    check(
        "SELECT * FROM svc.d.s.t WHERE EXISTS (SELECT 1 FROM c.s.u WHERE u.k = t.k AND u.l = s.t.l)",
        "SELECT * FROM \"pg_d\".\"s\".\"t\" WHERE EXISTS (SELECT 1 FROM c.s.u WHERE u.k = t.k AND u.l = s.t.l)",
    );
    refused("SELECT (SELECT max(d.s.t.price) FROM c.s.lines d) FROM svc.d.s.t");
    refused("SELECT (SELECT d.s.t.price FROM (SELECT 1)) FROM svc.d.s.t");
    refused("SELECT (SELECT d.s.t.price FROM UNNEST(a)) FROM svc.d.s.t");
    refused("SELECT old.a, (SELECT svc.d.s.old.b FROM c.s.u) FROM svc.d.s.old");
    refused("DELETE FROM svc.d.s.old WHERE EXISTS (SELECT 1 FROM c.s.u WHERE u.k = old.k)");
    // It may be the inner table that is meant, too.
    refused("SELECT (SELECT max(q.a.b.c.x) FROM svc.q.a.b) FROM x.q.a.b.c");
    // Nothing is passed on the way here.
    check("SELECT (SELECT d.s.t.a) FROM svc.d.s.t", "SELECT (SELECT \"pg_d\".\"s\".\"t\".a) FROM \"pg_d\".\"s\".\"t\"");
    // A whole FQN is always a table.
    check(
        "DELETE FROM svc.d.s.old WHERE EXISTS (SELECT 1 FROM c.s.u WHERE u.k = svc.d.s.old.k)",
        "DELETE FROM \"pg_d\".\"s\".\"new\" WHERE EXISTS (SELECT 1 FROM c.s.u WHERE u.k = \"pg_d\".\"s\".\"new\".k)",
    );
}

#[test]
fn the_window_is_split_off_and_put_back_where_it_stood() {
    let check = |sql: &str, query: &str, limit: Option<u64>, offset: Option<u64>, paged: &str| {
        let converted = convert(sql);
        assert!(converted.can_window(), "{sql}");
        assert_eq!((converted.query(), converted.limit(), converted.offset()), (query, limit, offset), "{sql}");
        assert_eq!(converted.with_window(Some(7), Some(3)).sql, paged, "{sql}");
        assert_eq!(converted.with_window(offset, limit).sql, converted.as_written().sql, "{sql}");
    };
    check("SELECT 1", "SELECT 1", None, None, "SELECT 1 OFFSET 7 LIMIT 3");
    check("SELECT 1 -- one", "SELECT 1 -- one", None, None, "SELECT 1 OFFSET 7 LIMIT 3 -- one");
    check("SELECT 1 LIMIT 5 -- one", "SELECT 1 -- one", Some(5), None, "SELECT 1 OFFSET 7 LIMIT 3 -- one");
    check("SELECT 1 -- one\nLIMIT 5", "SELECT 1 -- one\n", Some(5), None, "SELECT 1 -- one\nOFFSET 7 LIMIT 3");
    check("SELECT 1\n  OFFSET 2 ROWS LIMIT ALL;", "SELECT 1", None, Some(2), "SELECT 1\n  OFFSET 7 LIMIT 3");
    check("SELECT 1 FETCH FIRST ROW ONLY", "SELECT 1", Some(1), None, "SELECT 1 OFFSET 7 LIMIT 3");
    check("SELECT 1 LIMIT 5 OFFSET 2", "SELECT 1", Some(5), Some(2), "SELECT 1 OFFSET 7 LIMIT 3");
    check("(SELECT 1 LIMIT 5)LIMIT 4", "(SELECT 1 LIMIT 5)", Some(4), None, "(SELECT 1 LIMIT 5)OFFSET 7 LIMIT 3");
    check("SELECT * FROM t limit", "SELECT * FROM t limit", None, None, "SELECT * FROM t limit OFFSET 7 LIMIT 3");
}

#[test]
fn a_window_in_the_order_of_postgresql_is_put_in_that_of_trino() {
    check("SELECT 1 LIMIT 5 OFFSET 2", "SELECT 1 OFFSET 2 LIMIT 5");
    check("SELECT 1 LIMIT ALL OFFSET 2 -- x", "SELECT 1 OFFSET 2 -- x");
}

#[test]
fn a_window_that_is_none_goes() {
    let none = |sql: &str| convert(sql).with_window(None, None).sql;
    assert_eq!(none("SELECT 1 LIMIT 5"), "SELECT 1");
    assert_eq!(none("SELECT 1 -- x\nLIMIT 5"), "SELECT 1 -- x\n");
    assert_eq!(none("SELECT 1"), "SELECT 1");
}

#[test]
fn what_cannot_be_windowed_stays_whole() {
    let check = |sql: &str| {
        let converted = convert(sql);
        assert!(!converted.can_window(), "{sql}");
        assert_eq!((converted.limit(), converted.offset(), converted.query()), (None, None, sql));
        assert_eq!(converted.with_window(Some(1), Some(1)).sql, sql);
    };
    check("SELECT 1 OFFSET 3 FETCH FIRST 5 ROWS WITH TIES");
    check("SELECT 1 LIMIT ?");
    check("INSERT INTO t SELECT 1 LIMIT 5");
    check("EXPLAIN SELECT 1 LIMIT 5");
    check("SHOW TABLES");
}

#[test]
fn positions_of_trino_lead_back_to_what_the_user_wrote() {
    let sql = "SELECT 'ä'\nFROM svc.d.s.t x, c.u\nLIMIT 5 -- x";
    let executable = convert(sql).with_window(None, Some(2));
    assert_eq!(executable.sql, "SELECT 'ä'\nFROM \"pg_d\".\"s\".\"t\" x, c.u\nLIMIT 2 -- x");
    let map = SourceMap::from_parts(executable.source_map.to_parts());
    let check = |line, column, expect: (u32, u32, u32, u32)| {
        let found = map.to_user(line, column);
        assert_eq!((found.line, found.column, found.offset, found.length), expect, "{line}:{column}");
    };
    check(1, 9, (1, 9, 8, 1));
    check(2, 1, (2, 1, 11, 1));
    check(2, 6, (2, 6, 16, 9));
    check(2, 12, (2, 6, 16, 9));
    check(2, 21, (2, 16, 26, 1));
    check(2, 24, (2, 19, 29, 1));
    check(3, 3, (3, 1, 33, 7));
    check(3, 9, (3, 9, 41, 1));
    check(9, 9, (3, 13, 45, 0));
    check(0, 0, (1, 1, 0, 1));
}

#[test]
fn messages_of_trino_lead_back_to_what_the_user_wrote() {
    let executable = convert("SELECT * FROM svc.d.s.\"T 1\" JOIN svc . d.s.old ON true").as_written();
    let check = |message: &str, expect: &str| assert_eq!(executable.source_map.message_to_user(message), expect);
    check("line 1:37: Table 'pg_d.s.new' does not exist", "line 1:34: Table 'svc . d.s.old' does not exist");
    check("Table 'pg_d.s.t 1' does not exist", "Table 'svc.d.s.\"T 1\"' does not exist");
    let executable = convert("SELECT * FROM svc.d.s.old").as_written();
    let check = |message: &str, expect: &str| assert_eq!(executable.source_map.message_to_user(message), expect);
    check("line 1:15: Table 'pg_d.s.new' does not exist", "line 1:15: Table 'svc.d.s.old' does not exist");
    check("Table 's.new' not found", "Table 'svc.d.s.old' not found");
    check("Column 'PG_D.S.NEW.x' cannot be resolved", "Column 'svc.d.s.old.x' cannot be resolved");
    check("Access Denied: Cannot select from table pg_d.s.new", "Access Denied: Cannot select from table svc.d.s.old");
    check(
        "\"pg_d\".\"s\".\"new\" and pg_d.s.newer and my_pg_d.s.new",
        "svc.d.s.old and pg_d.s.newer and my_pg_d.s.new",
    );
    check("line 99:1 and line x and line 1:99999999999", "line 1:26 and line x and line 1:99999999999");
    // A place in the text of a view, and one in what the user wrote, are no places of the statement.
    check(
        "line 1:37: Failed analyzing stored view 'c.s.v': line 1:37: Column 'x' cannot be resolved",
        "line 1:26: Failed analyzing stored view 'c.s.v': line 1:37: Column 'x' cannot be resolved",
    );
    check("Column 'line 1:37' cannot be resolved", "Column 'line 1:37' cannot be resolved");
    check("line 1:x", "line 1:x");
}

#[test]
fn a_name_cannot_break_out_of_its_quotes() {
    for hostile in ["a\"b", "\"; DROP TABLE x; --", "a.b", "a\nb", "/*", "--", "'", "\\\"", "\u{202e}x", "𝐚"] {
        let mut replace = |_: &NameRef| Mapping::Replace(TrinoName::table(hostile, hostile, hostile).unwrap());
        let statement = analyse("SELECT t.x FROM t WHERE 1 = 1").unwrap();
        let sql = statement.convert(&mut replace).unwrap().as_written().sql;
        let again = analyse(&sql).unwrap();
        assert_eq!(again.names().len(), 1, "{hostile}");
        assert_eq!(again.names()[0].parts, [hostile; 3]);
    }
    assert!(TrinoName::table("a", "", "b").is_err() && TrinoName::table("a", "b", "c\0").is_err());
}

#[test]
fn names_inside_of_execute_immediate_are_known_beforehand() {
    let statement = analyse("EXECUTE IMMEDIATE 'SELECT * FROM svc.d.s.t'").unwrap();
    let name = &statement.names()[0];
    assert!(name.nested && name.parts == ["svc", "d", "s", "t"] && name.position.offset == 18);
    let broken = analyse("EXECUTE IMMEDIATE 'SELECT FROM'").unwrap();
    let error = broken.convert(&mut mapping).unwrap_err();
    assert_eq!((error.code, error.position.offset), (SqlErrorCode::SyntaxError, 18));
    let unicode = analyse("EXECUTE IMMEDIATE U&'SELECT 1'").unwrap();
    assert_eq!(unicode.convert(&mut mapping).unwrap_err().code, SqlErrorCode::UnsupportedStatement);
}

#[test]
fn each_name_inside_of_execute_immediate_is_asked_for_as_itself() {
    let sql = "EXECUTE IMMEDIATE 'SELECT a FROM svc.d.s.old, ref' USING (SELECT max(b) FROM svc.e.s.t), 1";
    let statement = analyse(sql).unwrap();
    let mut asked = Vec::new();
    let mut resolve = |name: &NameRef| {
        asked.push(name.clone());
        if name.parts == ["ref"] { Mapping::Replace(TrinoName::table("c", "s", "r").unwrap()) } else { mapping(name) }
    };
    let executable = statement.convert(&mut resolve).unwrap().as_written();
    assert_eq!(
        executable.sql,
        "EXECUTE IMMEDIATE 'SELECT a FROM \"pg_d\".\"s\".\"new\", \"c\".\"s\".\"r\"' \
         USING (SELECT max(b) FROM \"pg_e\".\"s\".\"t\"), 1"
    );
    asked.sort_by_key(|name| name.index);
    assert_eq!(asked, statement.names(), "each of them once, as the statement has it");
    let message = "Table 'pg_d.s.new' is not like 'pg_e.s.t'";
    assert_eq!(executable.source_map.message_to_user(message), "Table 'svc.d.s.old' is not like 'svc.e.s.t'");
    let error =
        analyse("EXECUTE IMMEDIATE 'EXECUTE IMMEDIATE ''SELECT 1'''").unwrap().convert(&mut mapping).unwrap_err();
    assert_eq!((error.code, error.position.offset), (SqlErrorCode::UnsupportedStatement, 18));
}

#[test]
fn a_mapping_of_the_wrong_length_is_refused() {
    let statement = analyse("SELECT * FROM t").unwrap();
    let error = statement.convert(&mut |_| Mapping::Replace(TrinoName::schema("a", "b").unwrap())).unwrap_err();
    assert_eq!(error.code, SqlErrorCode::RewriteCheckFailed);
}
