//! What holds for every statement: replacing nothing changes nothing, replacing twice changes nothing more, and the
//! result names exactly what was put there. The statements are generated from a small grammar with odd names, comments
//! and nesting.
#![expect(clippy::unwrap_used, reason = "what is generated is a statement")]

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use warren_sql::{Mapping, NameRef, Role, SecondReading, SqlErrorCode, TrinoName, analyse, mask_literals};

fn identifier() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-e]",
        1 => "[A-E_][a-c0-9_]{0,3}",
        1 => prop::sample::select(vec!["limit", "offset", "window", "first", "set", "rows", "all", "match", "begin"])
            .prop_map(str::to_owned),
        1 => "\"[a-c .$/*'-]{1,4}\"",
        1 => Just("\"x\"\"y\"".to_owned()),
    ]
}

/// White space and comments.
fn gap() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![" ", " ", " ", "\n", "\t", " /* FROM x */ ", " -- , y\n", " -- z\r", "/**/"])
}

/// A name of one to five parts.
fn name() -> impl Strategy<Value = String> {
    prop::collection::vec(identifier(), 1..=5).prop_map(|parts| parts.join("."))
}

fn column() -> impl Strategy<Value = String> {
    prop::collection::vec(identifier(), 1..=4).prop_map(|parts| parts.join("."))
}

fn expression(query: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        3 => column(),
        1 => Just("1".to_owned()),
        1 => Just("'it''s FROM t'".to_owned()),
        1 => column().prop_map(|column| format!("transform(x, v -> v.{column})")),
        1 => column().prop_map(|column| format!("CASE WHEN {column} IS NOT DISTINCT FROM 1 THEN 2 END")),
        1 => column().prop_map(|column| format!("extract(YEAR FROM {column})")),
    ];
    prop_oneof![
        4 => leaf,
        1 => query.clone().prop_map(|query| format!("({query})")),
        1 => query.prop_map(|query| format!("x IN ({query})")),
    ]
    .boxed()
}

fn relation(query: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let table = (name(), gap(), prop::option::of("[f-h]"))
        .prop_map(|(name, gap, alias)| format!("{name}{gap}{}", alias.unwrap_or_default()));
    let primary = prop_oneof![
        5 => table,
        1 => (query.clone(), "[f-h]").prop_map(|(query, alias)| format!("({query}) AS {alias}")),
        1 => query.clone().prop_map(|query| format!("LATERAL ({query})")),
        1 => column().prop_map(|column| format!("UNNEST({column}) WITH ORDINALITY")),
    ]
    .boxed();
    (primary.clone(), prop::option::of((primary, expression(query))))
        .prop_map(|(left, right)| match right {
            Some((right, condition)) => format!("{left} JOIN {right} ON {condition}"),
            None => left,
        })
        .boxed()
}

fn query() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        3 => (column(), name()).prop_map(|(column, name)| format!("SELECT {column} FROM {name}")),
        1 => name().prop_map(|name| format!("TABLE {name}")),
        1 => Just("VALUES 1, (2)".to_owned()),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let inner = inner.boxed();
        let select = (
            expression(inner.clone()),
            gap(),
            relation(inner.clone()),
            prop::option::of(expression(inner.clone())),
            prop::sample::select(vec!["", " LIMIT 5", " OFFSET 2 ROWS", " ORDER BY 1 FETCH FIRST ROW ONLY"]),
        )
            .prop_map(|(item, gap, relation, condition, tail)| {
                let condition = condition.map(|condition| format!(" WHERE {condition}")).unwrap_or_default();
                format!("SELECT{gap}{item} FROM {relation}{condition}{tail}")
            });
        prop_oneof![
            4 => select,
            1 => (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left}) UNION ALL ({right})")),
            1 => (identifier(), inner.clone(), inner).prop_map(|(name, item, body)| format!("WITH {name} AS ({item}) ({body})")),
        ]
    })
    .boxed()
}

fn statement() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => query(),
        1 => (name(), query()).prop_map(|(name, query)| format!("INSERT INTO {name} {query}")),
        1 => (name(), query()).prop_map(|(name, query)| format!("CREATE TABLE {name} AS {query} WITH NO DATA")),
        1 => (name(), query()).prop_map(|(name, query)| format!("CREATE OR REPLACE VIEW {name} AS {query}")),
        1 => query().prop_map(|query| format!("EXPLAIN (TYPE IO) {query}")),
    ]
}

/// A name of four parts gets a Trino name of its own, with the same or another last part.
fn replacement(name: &NameRef, renames: bool) -> Option<TrinoName> {
    let [service, database, schema, table] = name.object_parts() else { return None };
    let last = if renames { format!("{} \"of\" {schema}", table.to_lowercase()) } else { table.clone() };
    Some(TrinoName::table(format!("{service}.{database}").to_lowercase(), schema.to_lowercase(), last).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn replacing_nothing_changes_nothing(sql in statement()) {
        let statement = analyse(&sql).unwrap();
        let converted = statement.convert(&mut |_| Mapping::Keep).unwrap();
        prop_assert_eq!(&converted.as_written().sql, &sql);
        prop_assert_eq!(&converted.with_window(converted.offset(), converted.limit()).sql, &sql);
    }

    #[test]
    fn the_result_names_what_was_put_there(sql in statement(), renames in any::<bool>()) {
        let statement = analyse(&sql).unwrap();
        let mut replace = |name: &NameRef| replacement(name, renames).map_or(Mapping::Keep, Mapping::Replace);
        // A column that could change its meaning is refused, which is an answer too.
        let converted = match statement.convert(&mut replace) {
            Err(error) if error.code == SqlErrorCode::AmbiguousName => return Ok(()),
            converted => converted.unwrap(),
        };
        let sql = converted.as_written().sql;
        let again = analyse(&sql).unwrap();
        let expected: Vec<_> = statement.names().iter().map(|name| {
            let trino = replacement(name, renames).filter(|_| name.is_mappable());
            (name.role, trino.map_or(name.parts.clone(), |trino| trino.parts().to_vec()), name.cte)
        }).collect();
        let found: Vec<_> = again.names().iter().map(|name| (name.role, name.parts.clone(), name.cte)).collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(again.window().limit, statement.window().limit);
        // No Trino name has four parts, so there is nothing to replace any more.
        let twice = again.convert(&mut replace).unwrap();
        prop_assert_eq!(twice.as_written().sql, sql);
    }

    #[test]
    fn every_place_outside_of_a_name_leads_back_to_the_same_character(sql in statement()) {
        let statement = analyse(&sql).unwrap();
        let mut replace = |name: &NameRef| replacement(name, false).map_or(Mapping::Keep, Mapping::Replace);
        let converted = match statement.convert(&mut replace) {
            Err(error) if error.code == SqlErrorCode::AmbiguousName => return Ok(()),
            converted => converted.unwrap(),
        };
        let executable = converted.as_written();
        let user: Vec<char> = sql.chars().collect();
        let (mut line, mut column) = (1, 1);
        for c in executable.sql.chars() {
            let place = executable.source_map.to_user(line, column);
            if place.length == 1 {
                prop_assert_eq!(user[place.offset as usize], c);
            }
            (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
    }

    #[test]
    fn a_window_put_in_is_the_window_that_is_read(sql in query(), offset in 0_u64..9, limit in 0_u64..9) {
        let converted = analyse(&sql).unwrap().convert(&mut |_| Mapping::Keep).unwrap();
        prop_assert!(converted.can_window());
        let paged = converted.with_window(Some(offset), Some(limit)).sql;
        let window = analyse(&paged).unwrap().window();
        prop_assert_eq!((window.offset.unwrap_or(0), window.limit), (offset, Some(limit)));
        prop_assert_eq!(analyse(converted.query()).unwrap().window().limit, None);
    }

    #[test]
    fn a_masked_statement_reads_the_same(sql in statement()) {
        let masked = mask_literals(&sql);
        prop_assert_eq!(&mask_literals(&masked), &masked);
        let (before, after) = (analyse(&sql).unwrap(), analyse(&masked).unwrap());
        prop_assert_eq!(before.kind(), after.kind());
        let names = |statement: &warren_sql::Statement<'_>| -> Vec<(Role, Vec<String>)> {
            statement.names().iter().map(|name| (name.role, name.parts.clone())).collect()
        };
        prop_assert_eq!(names(&before), names(&after));
    }

    // Digits behind a letter belong to its name, and names are shown; so none stand there.
    #[test]
    fn no_value_is_shown(text in "[89]{0,3}([a-c(),;.*?$ -]|'z*'|'z''9'|[(),;.*? -][89]{1,3}|/\\*z\\*/|--z\n|\"a\"){0,20}") {
        prop_assert!(!mask_literals(&text).contains(['z', '8', '9']), "{}", mask_literals(&text));
    }

    #[test]
    fn no_text_is_too_odd_to_be_answered(text in "([a-c(),;.*'\"$ -]|SELECT |FROM |WITH |AS |/\\*|\\*/|--|\n|\r|ä){0,40}") {
        if let Ok(statement) = analyse(&text) {
            let roles = statement.names().iter().filter(|name| name.role == Role::Relation).count();
            prop_assert!(roles <= text.len());
            let _ = statement.second_reading();
        }
    }
}

#[test]
fn the_two_readers_agree() {
    let mut runner = TestRunner::new(Config { cases: 500, failure_persistence: None, ..Config::default() });
    let (agree, all) = (Cell::new(0), Cell::new(0));
    let result = runner.run(&statement(), |sql| {
        let reading = analyse(&sql).unwrap().second_reading();
        prop_assert!(!matches!(reading, SecondReading::Disagrees(_)), "{:?}", reading);
        all.set(all.get() + 1);
        agree.set(agree.get() + usize::from(reading == SecondReading::Agrees));
        Ok(())
    });
    assert_eq!(result, Ok(()));
    // A reader that reads nothing agrees with everything.
    assert!(agree.get() * 10 >= all.get() * 9, "{} of {}", agree.get(), all.get());
}
