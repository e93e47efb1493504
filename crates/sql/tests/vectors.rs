//! Fully qualified names of every shape that OpenMetadata makes, written in SQL in each way that Trino allows, in every
//! place where the name of a table can stand: which raw parts are found, which bytes are replaced, and that no Trino name
//! that takes their place gets out of its quotes.
#![expect(clippy::panic, reason = "a test that cannot go on says why")]

use warren_sql::{FqnError, Level, Mapping, NameRef, SqlErrorCode, TrinoName, analyse, join_fqn, split_fqn};

/// A fully qualified name, and its raw parts or why it is none.
type Vector = (&'static str, Result<&'static [&'static str], FqnError>);

const VECTORS: [Vector; 25] = [
    ("pg_prod.sales.public.orders", Ok(&["pg_prod", "sales", "public", "orders"])),
    ("mysql_prod.default.shop.order items", Ok(&["mysql_prod", "default", "shop", "order items"])),
    (r#"pg.sales."my.schema"."t.1""#, Ok(&["pg", "sales", "my.schema", "t.1"])),
    (r#""svc.v1".db.sch.tbl"#, Ok(&["svc.v1", "db", "sch", "tbl"])),
    // A field of a row: which four parts are the table is not for SQL to say.
    ("pg.sales.public.orders.addr.street", Ok(&["pg", "sales", "public", "orders", "addr", "street"])),
    (r#"s3_lake.bucket.raw."2024.csv""#, Ok(&["s3_lake", "bucket", "raw", "2024.csv"])),
    (r#"s3_lake.bucket."dir/sub.d/part-0.parquet""#, Ok(&["s3_lake", "bucket", "dir/sub.d/part-0.parquet"])),
    ("looker.dash-1", Ok(&["looker", "dash-1"])),
    ("metabase.model.42", Ok(&["metabase", "model", "42"])),
    ("glue.123456789012.db.tbl$partitions", Ok(&["glue", "123456789012", "db", "tbl$partitions"])),
    ("pg.s.p.test's_table", Ok(&["pg", "s", "p", "test's_table"])),
    (r#"pg.s.p."a b""#, Ok(&["pg", "s", "p", "a b"])),
    (r#"pg.s.p.a"b"#, Err(FqnError::StrayQuote)),
    (r#"pg.s.p."a""b""#, Ok(&["pg", "s", "p", "a\"b"])),
    ("pg.s.p.`orders`", Ok(&["pg", "s", "p", "`orders`"])),
    ("pg..p.t", Err(FqnError::EmptyPart)),
    ("pg.s.p.", Err(FqnError::EmptyPart)),
    (r#""""#, Err(FqnError::EmptyPart)),
    (r#"pg.s."".t"#, Err(FqnError::EmptyPart)),
    ("ora.default.HR.EMPLOYEES", Ok(&["ora", "default", "HR", "EMPLOYEES"])),
    (r#"pg.s.p."a.b"#, Err(FqnError::Unterminated)),
    (r#""svc.v1".db.s."a""b""#, Ok(&["svc.v1", "db", "s", "a\"b"])),
    (r#"pg.Sales DB.public."t.1""#, Ok(&["pg", "Sales DB", "public", "t.1"])),
    (r#"pg.sales.public."a""b""#, Ok(&["pg", "sales", "public", "a\"b"])),
    // How OpenMetadata's own ingestion writes a quote. Reading it as one is for those who know OpenMetadata.
    ("pg.s.p.a__reserved__quote__b", Ok(&["pg", "s", "p", "a__reserved__quote__b"])),
];

/// Statements with a table, `@`, wherever a name of one can stand, and how many times it stands there as a table.
const PLACES: [(&str, usize); 10] = [
    ("SELECT * FROM @", 1),
    ("SELECT @.x, @.*, 'it''s' FROM /* \"pg\".s */ @ WHERE @.y = 1 -- \"end", 1),
    ("SELECT a.x FROM @ AS a JOIN s.u ON a.k = u.k, @ b LIMIT 5", 2),
    ("WITH c AS (TABLE @) SELECT (SELECT max(@.x) FROM @) FROM c", 2),
    ("INSERT INTO @ (x, y) SELECT x, y FROM s.u", 1),
    ("INSERT INTO @ SELECT * FROM @", 2),
    ("CREATE TABLE @ AS SELECT @.x FROM @", 2),
    ("CREATE OR REPLACE VIEW @ SECURITY INVOKER AS SELECT * FROM @", 2),
    ("CREATE MATERIALIZED VIEW IF NOT EXISTS @ COMMENT '\"' AS SELECT 1 AS x", 1),
    ("DELETE FROM @ WHERE @.x IN (SELECT y FROM @)", 2),
];

/// Names that Trino may have, of which each wants to be something else than a name.
const HOSTILE: [&str; 27] = [
    "a\"b",
    "\"",
    "\"\"",
    "a\"\"b",
    "\".\"",
    "\"; DROP TABLE x; --",
    "x\" UNION SELECT * FROM \"secret",
    "x\" AS y, \"secret",
    "\"--",
    "\"/*",
    "a.b",
    ".",
    "a\nb",
    "a\r\nb",
    "\n",
    "--",
    "-- \n",
    "/*",
    "*/",
    "/* */",
    "'",
    "''; --",
    ";",
    "$$",
    "\\\"",
    " ",
    "\u{202e}\u{feff}“x”",
];

/// The vectors that are names.
fn names() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    VECTORS.into_iter().filter_map(|(fqn, parts)| Some((fqn, parts.ok()?)))
}

fn delimited(part: &str) -> String {
    format!("\"{}\"", part.replace('"', "\"\""))
}

fn dotted(parts: &[&str], write: impl Fn(&str) -> String) -> String {
    parts.iter().map(|part| write(part)).collect::<Vec<_>>().join(".")
}

/// Delimited only where Trino's lexer would read something else.
fn bare(part: &str) -> String {
    let begins = part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let goes_on = part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if begins && goes_on { part.to_owned() } else { delimited(part) }
}

/// The ways of writing a name in SQL, part by part.
fn spellings(parts: &[&str]) -> [String; 3] {
    let apart = parts.iter().map(|part| delimited(part)).collect::<Vec<_>>().join(" .\n/* . */ ");
    [dotted(parts, bare), dotted(parts, delimited), apart]
}

/// Converts `sql` with every table that `takes` accepts becoming `trino`.
fn convert(sql: &str, takes: impl Fn(&NameRef) -> bool, trino: &TrinoName) -> String {
    let statement = analyse(sql).unwrap_or_else(|error| panic!("{sql}\n{error}"));
    let mut resolve = |name: &NameRef| if takes(name) { Mapping::Replace(trino.clone()) } else { Mapping::Keep };
    let converted = statement.convert(&mut resolve).unwrap_or_else(|error| panic!("{sql}\n{error}"));
    converted.as_written().sql
}

#[test]
fn a_vector_is_split_into_its_raw_parts_or_refused() {
    for (fqn, expect) in VECTORS {
        let expect = expect.map(|parts| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>());
        assert_eq!(split_fqn(fqn), expect, "{fqn}");
        let Ok(parts) = expect else { continue };
        // Written again it is the same, but for quotes that nothing asks for.
        let again = if fqn == r#"pg.s.p."a b""# { "pg.s.p.a b" } else { fqn };
        assert_eq!(join_fqn(&parts), again);
    }
}

#[test]
fn exactly_the_raw_parts_are_found_wherever_a_table_stands() {
    for ((_, parts), (place, tables)) in names().flat_map(|name| PLACES.map(|place| (name, place))) {
        for spelling in spellings(parts) {
            let sql = place.replace('@', &spelling);
            let statement = analyse(&sql).unwrap_or_else(|error| panic!("{sql}\n{error}"));
            let found: Vec<&NameRef> = statement.names().iter().filter(|name| name.object_parts() == parts).collect();
            assert_eq!(found.len(), tables, "{sql}");
            assert!(found.iter().all(|name| name.span.of(&sql) == spelling && name.level == Level::Table), "{sql}");
            let others = statement.names().iter().filter(|name| name.object_parts() != parts);
            assert!(others.map(|name| name.parts.join(".")).all(|name| name == "s.u" || name == "c"), "{sql}");
            for column in statement.qualified_columns() {
                let table = if column.star { &column.parts[..] } else { &column.parts[..column.parts.len() - 1] };
                assert!(table == parts || table == ["a"] || table == ["u"], "{sql} {column:?}");
            }
        }
    }
}

#[test]
fn one_delimited_identifier_can_hold_a_whole_name() {
    for ((fqn, expect), (place, tables)) in VECTORS.into_iter().flat_map(|vector| PLACES.map(|place| (vector, place))) {
        let sql = place.replace('@', &delimited(fqn));
        let statement = analyse(&sql).unwrap_or_else(|error| panic!("{sql}\n{error}"));
        let found: Vec<&NameRef> = statement.names().iter().filter(|name| name.parts == [fqn]).collect();
        assert_eq!(found.len(), tables, "{sql}");
        for name in found {
            let parts = name.fqn_parts();
            let expect = expect.ok().map(|parts| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>());
            assert_eq!(parts, expect, "{sql}");
            assert_eq!(name.span.of(&sql), delimited(fqn), "{sql}");
        }
    }
}

#[test]
fn names_that_are_none_in_openmetadata_are_identifiers_or_refused() {
    let check = |name: &str, expect: Result<&[&str], SqlErrorCode>| {
        let sql = format!("SELECT * FROM {name}");
        let found = analyse(&sql).map(|statement| statement.names()[0].parts.clone()).map_err(|error| error.code);
        assert_eq!(found, expect.map(|parts| parts.iter().map(|part| (*part).to_owned()).collect()), "{sql}");
    };
    check(r#"pg.s.p."a""b""#, Ok(&["pg", "s", "p", "a\"b"]));
    // A quote in the middle of a word begins an alias that does not end.
    check(r#"pg.s.p.a"b"#, Err(SqlErrorCode::Unterminated));
    check("pg..p.t", Err(SqlErrorCode::SyntaxError));
    check("pg.s.p.", Err(SqlErrorCode::SyntaxError));
    check(r#""""#, Err(SqlErrorCode::SyntaxError));
    check(r#"pg.s."".t"#, Err(SqlErrorCode::SyntaxError));
    check(r#"pg.s.p."a.b"#, Err(SqlErrorCode::Unterminated));
    check("pg.s.p.`orders`", Err(SqlErrorCode::SyntaxError));
    check("glue.123456789012.db.t", Err(SqlErrorCode::SyntaxError));
}

/// Every byte outside of names stays, and what stands in their places is read as exactly that Trino name.
#[test]
fn exactly_the_bytes_of_names_become_a_trino_name_that_stays_in_its_quotes() {
    for (first, hostile) in HOSTILE.into_iter().enumerate() {
        let trino = TrinoName::table(hostile, HOSTILE[(first + 5) % HOSTILE.len()], hostile).unwrap();
        let parts: Vec<&str> = trino.parts().iter().map(String::as_str).collect();
        let written = dotted(&parts, delimited);
        assert_eq!(trino.to_string(), written);
        for ((_, vector), (place, tables)) in names().flat_map(|name| PLACES.map(|place| (name, place))) {
            for spelling in spellings(vector) {
                let sql = place.replace('@', &spelling);
                let ran = convert(&sql, |name| name.object_parts() == vector, &trino);
                assert_eq!(ran, place.replace('@', &written), "{sql}");
                let again = analyse(&ran).unwrap_or_else(|error| panic!("{ran}\n{error}"));
                let found = again.names().iter().filter(|name| name.parts == parts).count();
                assert_eq!((found, again.names().len()), (tables, analyse(&sql).unwrap().names().len()), "{ran}");
            }
        }
    }
}

#[test]
fn a_whole_name_in_one_identifier_becomes_a_trino_name_too() {
    for (fqn, vector) in names() {
        let takes = |name: &NameRef| name.fqn_parts().is_some_and(|parts| parts == vector);
        for hostile in HOSTILE {
            let trino = TrinoName::table("c", hostile, hostile).unwrap();
            let written = dotted(&["c", hostile, hostile], delimited);
            for (place, tables) in PLACES {
                let sql = place.replace('@', &delimited(fqn));
                let ran = convert(&sql, takes, &trino);
                let again = analyse(&ran).unwrap_or_else(|error| panic!("{ran}\n{error}"));
                let found: Vec<&NameRef> =
                    again.names().iter().filter(|name| name.parts == ["c", hostile, hostile]).collect();
                assert!(found.len() == tables && found.iter().all(|name| name.span.of(&ran) == written), "{ran}");
                assert_eq!(again.names().len(), analyse(&sql).unwrap().names().len(), "{ran}");
            }
        }
    }
}

#[test]
fn what_no_delimited_identifier_can_hold_is_no_trino_name() {
    for part in ["", "\0", "a\0b", "\"\0", "x\0\"; DROP TABLE t"] {
        assert!(TrinoName::catalog(part).is_err(), "{part:?}");
        assert!(TrinoName::schema("c", part).is_err(), "{part:?}");
        for (catalog, schema, table) in [(part, "s", "t"), ("c", part, "t"), ("c", "s", part)] {
            assert!(TrinoName::table(catalog, schema, table).is_err(), "{part:?}");
        }
    }
}
