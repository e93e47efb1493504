//! Input that wants to break the reader: every answer is a result or a refusal, in time that grows with the input, and
//! on the stack of a worker thread.
#![expect(clippy::expect_used, reason = "a thread that dies fails the test")]

use warren_sql::{Limits, Mapping, NotParsed, SecondReading, SqlErrorCode, TrinoName, analyse, analyse_with, check};

/// Runs `body` on a stack of the size that worker threads have.
fn on_a_small_stack(body: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(body);
    thread.expect("a thread starts").join().expect("the reader does not overflow its stack");
}

fn code(sql: &str) -> Option<SqlErrorCode> {
    analyse(sql).err().map(|error| error.code)
}

#[test]
fn parentheses_cost_no_stack() {
    on_a_small_stack(|| {
        let nested = |depth: usize| format!("SELECT {}1{}", "(".repeat(depth), ")".repeat(depth));
        assert_eq!(code(&nested(10_000)), None);
        assert_eq!(code(&nested(1_000_000)), None);
        assert_eq!(code(&"(".repeat(5_000_000)), Some(SqlErrorCode::SqlTooLarge));
        assert_eq!(code(&")".repeat(5_000_000)), Some(SqlErrorCode::SqlTooLarge));
        assert_eq!(
            code(&format!("SELECT {}1{}", "(".repeat(2_500_000), ")".repeat(2_500_000))),
            Some(SqlErrorCode::SqlTooLarge)
        );
        assert_eq!(code(&format!("SELECT {}", "(".repeat(1_000_000))), Some(SqlErrorCode::SyntaxError));
        assert_eq!(code(&"(".repeat(100_000)), Some(SqlErrorCode::TooDeep));
        let relation = format!("SELECT * FROM {}t{}", "(".repeat(10_000), ")".repeat(10_000));
        assert_eq!(code(&relation), Some(SqlErrorCode::TooDeep));
        assert_eq!(code(&format!("SELECT {}1{}", "[".repeat(10_000), "]".repeat(10_000))), None);
        assert_eq!(code(&format!("SELECT {}1{}", "CASE ".repeat(10_000), " END".repeat(10_000))), None);
    });
}

#[test]
fn what_nests_is_refused_before_the_stack_ends() {
    on_a_small_stack(|| {
        let check = |open: &str, middle: &str, close: &str| {
            let nested = |depth: usize| format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
            assert_eq!(code(&nested(60)), None, "{open}");
            // As deep as it gets, and far deeper.
            for depth in [66, 99, 100, 120, 150, 180, 199, 200, 201, 10_000] {
                let answer = code(&nested(depth));
                assert!(matches!(answer, None | Some(SqlErrorCode::TooDeep)), "{open} {depth} {answer:?}");
            }
        };
        check("SELECT (", "SELECT 1", ")");
        check("SELECT * FROM (", "SELECT 1", ")");
        check("SELECT * FROM LATERAL (", "SELECT 1", ")");
        check("WITH a AS (", "SELECT 1", ") SELECT 1");
        check("SELECT 1 UNION (", "SELECT 1", ")");
        check("(", "SELECT 1", ")");
        check("EXPLAIN ", "SELECT 1", "");
        check("SELECT * FROM TABLE(f(TABLE(", "SELECT 1", ")))");
        check("SELECT EXISTS (SELECT * FROM t JOIN (", "SELECT 1", ") x ON true)");
    });
}

#[test]
fn chains_cost_no_stack() {
    on_a_small_stack(|| {
        let terms = |term: &str, count: usize| format!("SELECT * FROM t WHERE a = 1{}", term.repeat(count));
        let sql = terms(" OR a = 1", 200_000);
        assert_eq!(code(&sql), None);
        assert_eq!(code(&terms(" || 'b'", 200_000)), None);
        assert_eq!(code(&format!("SELECT {}1", "- ".repeat(200_000))), None);
        assert_eq!(code(&format!("SELECT {}1", "NOT ".repeat(200_000))), None);
        assert_eq!(code(&format!("SELECT 1{}", " UNION SELECT 1".repeat(50_000))), None);
        assert_eq!(code(&format!("SELECT * FROM t{}", " JOIN t ON true".repeat(50_000))), None);
        assert_eq!(code(&format!("SELECT * FROM t{}", " JOIN t".repeat(50_000))), Some(SqlErrorCode::SyntaxError));
        assert_eq!(code(&format!("SELECT * FROM t {}", "x".repeat(5_000_000))), None);
    });
}

#[test]
fn the_second_reader_is_kept_from_what_would_overflow_its_stack() {
    on_a_small_stack(|| {
        let too_large = SecondReading::NotParsed(NotParsed::TooLarge);
        let reading = |sql: &str| analyse(sql).expect("the first reader reads it").second_reading();
        let terms = |term: &str, count: usize| format!("SELECT * FROM t WHERE a = 1{}", term.repeat(count));
        assert_eq!(reading(&terms(" OR a = 1", 50_000)), too_large);
        assert_eq!(reading(&format!("SELECT {}1{}", "(".repeat(1_000), ")".repeat(1_000))), too_large);
        // The largest that it is given.
        assert_eq!(reading(&terms(" OR a = 1", 290)), SecondReading::Agrees);
        assert_eq!(reading(&terms(" || 'b'", 590)), SecondReading::Agrees);
        assert_eq!(reading(&terms(" IS NULL", 590)), SecondReading::Agrees);
        assert_eq!(reading(&terms("[1]", 290)), SecondReading::Agrees);
        assert_eq!(reading(&format!("SELECT 1{}", " UNION SELECT 1".repeat(390))), SecondReading::Agrees);
        for (open, middle, close) in [
            ("(", "1", ")"),
            ("f(", "1", ")"),
            ("- ", "1", ""),
            ("NOT ", "true", ""),
            ("CASE WHEN true THEN ", "1", " END"),
            ("(SELECT ", "1", ")"),
            ("x -> ", "1", ""),
            ("ARRAY[", "1", "]"),
        ] {
            for depth in [10, 40, 55, 250, 1_100] {
                // Any answer will do; it must be one.
                let sql = format!("SELECT {}{middle}{}", open.repeat(depth), close.repeat(depth));
                let _ = analyse(&sql).map(|statement| statement.second_reading());
            }
        }
    });
}

#[test]
fn odd_characters_are_refused_or_passed_and_never_change_a_meaning() {
    let check = |sql: &str, expect: Option<SqlErrorCode>| assert_eq!(code(sql), expect, "{sql:?}");
    check("SELECT 'a\0b'", None);
    check("SELECT \0", Some(SqlErrorCode::SyntaxError));
    check("SELECT * FROM \"a\0\"", None);
    check("SELECT U&'\\D800'", None);
    check("SELECT U&'\\+0D83Dx' UESCAPE '!'", None);
    check("SELECT * FROM U&\"\\0061\"", Some(SqlErrorCode::SyntaxError));
    check("\0", Some(SqlErrorCode::SyntaxError));
    check("SELECT 1\0; DROP TABLE t", Some(SqlErrorCode::SyntaxError));
    check("SELECT 1 -- \0\n", None);
    // Letters, quotes, a semicolon and spaces that only look like those of SQL.
    check("SELECT * FROM оrders", Some(SqlErrorCode::SyntaxError));
    check("SELECT * FROM ｏrders", Some(SqlErrorCode::SyntaxError));
    check("SELECT * FROM t\u{200b}", Some(SqlErrorCode::SyntaxError));
    check("SELECT ‘a’", Some(SqlErrorCode::SyntaxError));
    check("SELECT * FROM “t”", Some(SqlErrorCode::SyntaxError));
    check("SELECT 1；SELECT 2", Some(SqlErrorCode::SyntaxError));
    check("SELECT 'a\u{2019} OR 1 = 1 --'", None);
    check("SELECT\u{a0}1", Some(SqlErrorCode::SyntaxError));
    check("SELECT\u{2003}1", Some(SqlErrorCode::SyntaxError));
    check("SELECT\u{b}1", Some(SqlErrorCode::SyntaxError));
    check("SELECT 1 -- a\u{2028}, 2", None);
    check("\u{feff}SELECT 1", Some(SqlErrorCode::SyntaxError));
    check("SELECT 'a", Some(SqlErrorCode::Unterminated));
    check("SELECT \"a", Some(SqlErrorCode::Unterminated));
    check("SELECT $$a", Some(SqlErrorCode::Unterminated));
    check("SELECT X'a", Some(SqlErrorCode::Unterminated));
    check("SELECT U&'a", Some(SqlErrorCode::Unterminated));
    check("SELECT 1 /*", Some(SqlErrorCode::Unterminated));
    check("SELECT 1 /*/", Some(SqlErrorCode::Unterminated));
    check("SELECT 'a\\'", None);
    check("SELECT 'a\\' OR 'b'", None);
    check("SELECT \"a\\\" FROM t\"", Some(SqlErrorCode::Unterminated));
    check("SELECT 1 /* /* */ */", Some(SqlErrorCode::SyntaxError));
    check("SELECT 1 --", None);
    check("'", Some(SqlErrorCode::Unterminated));
    check("\"", Some(SqlErrorCode::Unterminated));
    check(";", Some(SqlErrorCode::EmptySql));
}

#[test]
fn only_names_of_one_part_are_parameters_of_a_lambda() {
    let check = |sql: &str, expect: Option<SqlErrorCode>| assert_eq!(code(sql), expect, "{sql:?}");
    // The second reader would take twice as long for each of them.
    check(&format!("SELECT {}1", "a.b -> ".repeat(30)), Some(SqlErrorCode::SyntaxError));
    check("SELECT f(1 -> 2)", Some(SqlErrorCode::SyntaxError));
    check("SELECT f(-> 2)", Some(SqlErrorCode::SyntaxError));
    check("SELECT f(x -> y -> x.a, () -> 1, (\"z\", limit) -> z)", None);
}

/// Parts of names that want to be something else.
const PARTS: [&str; 22] = [
    "a.b",
    "a\"b",
    "\"",
    "\"\"",
    "\".\"",
    "\"; DROP TABLE x; --",
    "x\" UNION SELECT * FROM \"secret",
    "a\nb",
    "a\rb",
    "--",
    "/*",
    "*/",
    "'",
    "''",
    "\\\"",
    "\\",
    "$$",
    ";",
    " ",
    "оrders",
    "\u{202e}x",
    "t$files",
];

#[test]
fn no_part_of_a_name_breaks_out_of_its_quotes() {
    let quoted = |part: &str| format!("\"{}\"", part.replace('"', "\"\""));
    for (first, part) in PARTS.iter().enumerate() {
        let other = PARTS[(first + 7) % PARTS.len()];
        let name = format!("{}.{}.{}.{}", quoted(part), quoted(other), quoted(part), quoted(part));
        let trino = TrinoName::table(other, *part, *part).expect("it is a name");
        let mut replace = |_: &warren_sql::NameRef| Mapping::Replace(trino.clone());
        for sql in [
            format!("SELECT {name}.x FROM {name}"),
            format!("INSERT INTO {name} TABLE {name} -- x"),
            format!("COMMENT ON COLUMN {name}.c IS '{}'", name.replace('\'', "''")),
            format!("CREATE VIEW {name} AS SELECT * FROM {name}\"x\""),
            format!("EXECUTE IMMEDIATE '{}'", format!("DELETE FROM {name} WHERE {name}.c = 1").replace('\'', "''")),
        ] {
            let statement = analyse(&sql).unwrap_or_else(|error| panic!("{sql}\n{error}"));
            let converted = statement.convert(&mut replace).unwrap_or_else(|error| panic!("{sql}\n{error}"));
            let ran = converted.as_written().sql;
            let again = analyse(&ran).unwrap_or_else(|error| panic!("{ran}\n{error}"));
            assert_eq!((again.kind(), again.names().len()), (statement.kind(), statement.names().len()), "{ran}");
            for (before, after) in statement.names().iter().zip(again.names()) {
                assert_eq!(after.object_parts(), trino.parts(), "{ran}");
                assert_eq!(after.role, before.role, "{ran}");
            }
        }
    }
}

#[test]
fn every_refusal_says_where_and_what_to_do() {
    for sql in [
        "",
        "\0",
        "SELECT 'ä\u{1f600}",
        "SELECT 1 /* ä",
        "SELECT (((((",
        "SELECT 1; 2",
        "VACUUM",
        "SELECT 1 LIMIT 99999999999999999999",
        "SELECT ｘ",
        "SELECT * FROM t\n\n  WHERE ä = 1",
    ] {
        let error = analyse(sql).expect_err(sql);
        let chars: Vec<char> = sql.chars().collect();
        let (start, length) = (error.position.offset as usize, error.position.length as usize);
        let text: String = chars[start..start + length].iter().collect();
        assert!(text.starts_with(&error.text) && (length == 0 || !error.text.is_empty()), "{sql}");
        let line = 1 + chars[..start].iter().filter(|c| **c == '\n').count();
        let column = 1 + chars[..start].iter().rev().take_while(|c| **c != '\n').count();
        assert_eq!((error.position.line as usize, error.position.column as usize), (line, column), "{sql}");
        assert!(!error.hint().is_empty() && !error.code_str().is_empty() && !error.to_string().is_empty(), "{sql}");
    }
}

#[test]
fn limits_are_kept() {
    let limits = Limits { max_bytes: 40, max_tokens: 8, max_depth: 3 };
    let code = |sql: &str| analyse_with(sql, &limits).err().map(|error| error.code);
    assert_eq!(code("SELECT 1, 2, 3"), None);
    assert_eq!(code("SELECT 1, 2, 3, 4, 5"), Some(SqlErrorCode::SqlTooLarge));
    assert_eq!(code(&"x".repeat(41)), Some(SqlErrorCode::SqlTooLarge));
    assert_eq!(code("(((SELECT 1)))"), Some(SqlErrorCode::TooDeep));
}

#[test]
fn any_cut_of_a_statement_is_answered() {
    let sql = "WITH FUNCTION f(x int) RETURNS int BEGIN DECLARE y int DEFAULT 1; WHILE y < x DO SET y = y + 1; END WHILE; \
               RETURN y; END WITH a (b) AS (SELECT CASE WHEN x THEN '1' END FROM t FOR VERSION AS OF 3 AS u) SELECT \
               a.b[1], transform(c, (d, e) -> d.f), cast(g AS row(h varchar)), sum(i) OVER (PARTITION BY j MEASURES k.l \
               AS m ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING PATTERN (k+ {2,3}) DEFINE k AS true) FROM a JOIN \
               LATERAL (TABLE b) ON true, UNNEST(a.c) WITH ORDINALITY, TABLE(f(TABLE(t) PARTITION BY x COPARTITION \
               (t, t))) MATCH_RECOGNIZE (PATTERN (a b) DEFINE a AS b.c > 1) WHERE d IN (VALUES 1, 2) GROUP BY ROLLUP \
               (e) HAVING count(*) FILTER (WHERE true) > 1 WINDOW w AS (ORDER BY f) ORDER BY 1 OFFSET 2 ROWS FETCH FIRST \
               3 ROWS WITH TIES";
    assert_eq!(code(sql), None);
    for end in 0..sql.len() {
        let _ = check(&sql[..end]);
        let _ = check(&sql[end..]);
        let _ = analyse(&sql[..end]).map(|statement| statement.second_reading());
    }
    for start in 0..sql.len() {
        let _ = check(&format!("{}{}", &sql[..start], &sql[(start + 7).min(sql.len())..]));
    }
}

#[test]
fn many_columns_and_many_relations_take_no_quadratic_time() {
    // Ten thousand of each: a hundred million comparisons, if each column looked at each relation.
    let tables: Vec<String> = (0..10_000).map(|number| format!("svc.d.s.t{number}")).collect();
    let columns: Vec<String> = (0..10_000).map(|number| format!("t{number}.c")).collect();
    let sql = format!("SELECT {} FROM {}", columns.join(", "), tables.join(", "));
    let statement = analyse(&sql).expect("it is read");
    let mut replace = |name: &warren_sql::NameRef| {
        Mapping::Replace(TrinoName::table("c", "s", format!("{}x", name.parts[3])).expect("it is a name"))
    };
    let converted = statement.convert(&mut replace).expect("it is rewritten");
    assert!(
        converted.query().starts_with("SELECT t0.c, ") && converted.query().contains(" \"c\".\"s\".\"t0x\" AS t0, ")
    );
    let ctes: Vec<String> = (0..10_000).map(|number| format!("c{number} AS (SELECT 1)")).collect();
    let uses: Vec<String> = (0..10_000).map(|number| format!("c{number}")).collect();
    let sql = format!("WITH {} SELECT * FROM {}", ctes.join(", "), uses.join(", "));
    assert!(analyse(&sql).expect("it is read").names().iter().all(|name| name.cte));
}

/// A Trino name with another last part.
fn renamed(name: &warren_sql::NameRef) -> Mapping {
    Mapping::Replace(TrinoName::table("c", name.parts[0].as_str(), "x").expect("it is a name"))
}

/// Each of these takes minutes or all memory where each column looks at each of the others.
#[test]
fn what_has_one_name_a_thousand_times_takes_no_quadratic_time() {
    let many = |text: &str, count: usize| text.repeat(count);
    let converted = |sql: &str| {
        let statement = analyse(sql).map_err(|error| error.code)?;
        statement.convert(&mut renamed).map(|converted| converted.query().len()).map_err(|error| error.code)
    };
    // Relations of one name, and columns of any of them.
    let same = format!("SELECT t.a{} FROM svc.d.s.t{}", many(",t.a", 100_000), many(",t", 200_000));
    assert_eq!(converted(&same), Err(SqlErrorCode::AmbiguousName));
    let tables: String = (0..50_000).map(|number| format!(",t{number}.t")).collect();
    let columns: String = (0..50_000).map(|number| format!(",t{number}.t.a")).collect();
    assert!(converted(&format!("SELECT 1{columns} FROM svc.d.s.u{tables}")).is_ok());
    // Variables of a pattern.
    let variables = format!(
        "SELECT * FROM svc.d.s.t MATCH_RECOGNIZE (PATTERN ({}) DEFINE b AS x.y{})",
        many("a ", 200_000),
        many(" + x.y", 200_000)
    );
    assert!(converted(&variables).is_ok());
    // Lambdas in lambdas.
    let lambdas = format!("SELECT f(1{}) FROM svc.d.s.t", many(" + x -> y.a", 200_000));
    assert_eq!(converted(&lambdas), Err(SqlErrorCode::TooDeep));
    let deep = format!("SELECT f(1{}{}) FROM svc.d.s.t", many(" + x -> y.a", 500), many(" + y.a", 10_000));
    assert!(converted(&deep).is_ok());
    // Parts of a name.
    let parts = format!("SELECT a{0}.b.c FROM a{0}.x", many(".a", 100_000));
    assert_eq!(converted(&parts), Err(SqlErrorCode::SyntaxError));
    let columns = format!("SELECT {} FROM a{}.x", many(&format!("a{}.b,", many(".a", 62)), 4_000), many(".a", 62));
    assert!(converted(&columns.replace("b, FROM", "b FROM")).is_ok());
}

#[test]
fn many_tables_and_many_names_in_a_message_take_no_quadratic_time() {
    let tables: String = (0..150_000).map(|number| format!(",svc.d.s.t{number}")).collect();
    let sql = format!("SELECT * FROM svc.d.s.t{tables}");
    let statement = analyse(&sql).expect("it is read");
    assert_eq!(statement.lineage(&()).tables.len(), 150_001);
    let mut replace = |name: &warren_sql::NameRef| {
        Mapping::Replace(TrinoName::table("c", "s", name.parts[3].as_str()).expect("it is a name"))
    };
    let map = statement.convert(&mut replace).expect("it is rewritten").as_written().source_map;
    assert_eq!(
        map.message_to_user("line 1:1: no c.s.t149999 and no s.t7"),
        "line 1:1: no svc.d.s.t149999 and no svc.d.s.t7"
    );
}

/// What sqlparser cannot read behind words that may stand for themselves it reads again, twice as often for each of them.
#[test]
fn the_second_reader_gives_up_what_it_could_try_for_ever() {
    let nested = format!("SELECT {}a ++ ? b c{}", "TRIM(NOT (".repeat(30), "))".repeat(30));
    let signed = format!("SELECT {}k+ORDINALITY+k++,k+++ T", "+NOT++NOT +++CURRENT_DATE ++".repeat(12));
    assert_eq!(analyse(&nested).unwrap().second_reading(), SecondReading::NotParsed(NotParsed::TooLarge));
    let reading = analyse(&signed).unwrap().second_reading();
    assert!(matches!(reading, SecondReading::NotParsed(NotParsed::Construct(_))), "{reading:?}");
}
