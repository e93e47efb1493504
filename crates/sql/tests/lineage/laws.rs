//! What holds for every statement.

use proptest::prelude::*;
use warren_sql::{Column, Columns, LineageLevel, NameRef, Role, analyse};

use crate::oracle_file::{Seen, Session, Tables, statements};
use crate::shop::{Shop, lineage};

/// Knows less than there is.
struct Less<'c> {
    all: Seen<'c>,
    lack: Lack,
}

#[derive(Debug, Clone, Copy)]
enum Lack {
    /// Tables with names of a length that leaves this rest when it is divided by three.
    Some(usize),
    Every,
    /// The last column of every table.
    LastColumns,
}

impl Columns for Less<'_> {
    fn columns(&self, table: &NameRef) -> Option<Vec<Column>> {
        match self.lack {
            Lack::Some(rest) if table.parts.last()?.len() % 3 == rest => None,
            Lack::Some(_) => self.all.columns(table),
            Lack::Every => None,
            Lack::LastColumns => {
                let mut columns = self.all.columns(table)?;
                columns.pop();
                Some(columns)
            }
        }
    }
}

#[test]
fn knowing_less_never_gives_another_source() {
    let Some(statements) = statements("knowing_less_never_gives_another_source") else { return };
    let tables = Tables::read();
    let edges = |lineage: &warren_sql::Lineage<'_>, session: &Session| {
        let mut edges = Vec::new();
        for column in &lineage.columns {
            for source in &column.sources {
                let source = format!("{}.{}", session.full_name(source.table), source.column.to_lowercase());
                edges.push((column.name.clone().map(|name| name.to_lowercase()), source));
            }
        }
        edges
    };
    let mut fewer = 0;
    for statement in &statements {
        let analysed = analyse(&statement.sql).unwrap();
        let all = Seen { tables: &tables, session: &statement.session };
        let full = edges(&analysed.lineage(&all), &statement.session);
        for lack in [Lack::Some(0), Lack::Some(1), Lack::Some(2), Lack::Every, Lack::LastColumns] {
            let less = Less { all: Seen { tables: &tables, session: &statement.session }, lack };
            let lineage = analysed.lineage(&less);
            let found = edges(&lineage, &statement.session);
            fewer += full.len() - found.len().min(full.len());
            for edge in &found {
                // Without the names of the target's columns the place of a column is all that is known of it.
                let known =
                    full.iter().any(|(name, source)| *source == edge.1 && (edge.0.is_none() || *name == edge.0));
                assert!(known, "{edge:?} without {lack:?} and not with all: {}", statement.sql);
            }
            // Who does not know of a column does not miss it in `*`.
            let star = matches!(lack, Lack::LastColumns);
            assert!(
                star || !lineage.complete || found.len() == full.len(),
                "complete without {lack:?}: {}",
                statement.sql
            );
        }
    }
    assert!(fewer > 0, "every table was known");
}

/// Relations, expressions and queries, put together at random.
fn query() -> impl Strategy<Value = String> {
    let table =
        prop_oneof![Just("a"), Just("b t"), Just("c AS t (k, x, y)"), Just("e"), Just("nowhere"), Just("s.n m")];
    let leaf = table.prop_map(|table| format!("SELECT * FROM {table}"));
    let item = prop_oneof![
        Just("k"),
        Just("x AS n"),
        Just("t.*"),
        Just("*"),
        Just("max(y) OVER (PARTITION BY k) AS m"),
        Just("person.*"),
        Just("n.k || t.x AS k"),
        Just("q.k"),
        Just("(SELECT k FROM a WHERE a.k = q.k) AS s"),
        Just("EXISTS (SELECT 1 FROM b WHERE k = x) AS x"),
    ];
    leaf.prop_recursive(4, 24, 3, move |inner| {
        let items = prop::collection::vec(item.clone(), 1..4);
        prop_oneof![
            (items, inner.clone(), inner.clone()).prop_map(|(items, one, other)| {
                format!("SELECT {} FROM ({one}) q JOIN ({other}) t USING (k)", items.join(", "))
            }),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) UNION ({other})")),
            (inner.clone(), inner.clone())
                .prop_map(|(one, other)| format!("WITH a AS ({one}), q (k, x) AS ({other}) SELECT * FROM q, a")),
            inner.clone().prop_map(|one| format!("SELECT t.* FROM ({one}) AS t (k, x, y)")),
            inner.prop_map(|one| format!("SELECT u.*, q.x FROM ({one}) q CROSS JOIN UNNEST(q.y, items) AS u (k, x)")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn sources_are_columns_of_tables_that_the_statement_names(sql in query()) {
        let statement = analyse(&sql).unwrap();
        let lineage = statement.lineage(&Shop);
        prop_assert_eq!(&lineage.level, &LineageLevel::Columns);
        for column in &lineage.columns {
            for source in &column.sources {
                prop_assert!(source.table.role == Role::Relation && !source.table.cte, "{}", sql);
                prop_assert!(statement.names().iter().any(|name| std::ptr::eq(name, source.table)));
                if let Some(columns) = Shop.columns(source.table) {
                    prop_assert!(columns.iter().any(|column| column.name == source.column), "{}", sql);
                } else {
                    prop_assert!(!column.complete, "{}", sql);
                }
            }
        }
        let all = lineage.columns.iter().all(|column| column.complete && column.place.is_some());
        prop_assert!(!lineage.complete || all);
    }
}

/// Runs `body` on a stack of the size that worker threads have.
fn on_a_small_stack(body: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(body).unwrap().join().unwrap();
}

/// Any answer will do; it must be one.
fn answer(sql: &str) {
    let _ = analyse(sql).map(|statement| statement.lineage(&Shop).complete);
}

#[test]
fn depth_costs_no_stack() {
    on_a_small_stack(|| {
        let nested = |open: &str, middle: &str, close: &str| {
            for depth in [10, 25, 50, 58, 59, 60, 61, 120, 200, 235, 240, 1_100] {
                answer(&format!("SELECT {}{middle}{} FROM a", open.repeat(depth), close.repeat(depth)));
            }
        };
        nested("(", "k", ")");
        nested("f(", "k", ")");
        nested("(SELECT ", "k", ")");
        nested("k IN (SELECT ", "k", ")");
        nested("EXISTS (SELECT 1 WHERE ", "true", ")");
        nested("NOT ", "true", "");
        nested("x -> ", "x", "");
        nested("CASE WHEN true THEN ", "k", " END");
        nested("ARRAY[", "k", "]");
        nested("(SELECT k FROM (SELECT ", "k", " AS k FROM a))");
        nested("(WITH RECURSIVE t AS (SELECT k FROM a UNION SELECT ", "k", " FROM t) SELECT k FROM t)");
        nested("max(k) OVER (ORDER BY ", "k", ")");
        nested("((SELECT ", "k", ") LIMIT 1)");
        nested("(VALUES ", "k", ")");
        nested("count(*) OVER (ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING PATTERN (p) DEFINE p AS ", "k", ")");
        for depth in [10, 20, 30, 58, 59, 60, 61, 200] {
            let from = |open: &str, close: &str| {
                answer(&format!("SELECT * FROM {}a{}", open.repeat(depth), close.repeat(depth)));
            };
            from("(", ")");
            from("(SELECT * FROM ", ")");
            from("(a JOIN ", " USING (k))");
            from("LATERAL (SELECT * FROM b, ", ")");
            from("(TABLE a UNION SELECT * FROM ", ")");
            from("(", ") b");
            from("((SELECT * FROM ", ") b) c");
            from("a JOIN ", " ON true");
            from("a JOIN b JOIN ", " USING (k) USING (k)");
        }
    });
}

#[test]
fn length_costs_no_stack() {
    on_a_small_stack(|| {
        let long =
            |start: &str, more: &str, count: usize| lineage(&format!("SELECT {start}{} FROM a", more.repeat(count)));
        assert_eq!(long("k", " + k", 590), "_col0<-a.k/e");
        assert_eq!(long("k", " IS NULL", 590), "_col0<-a.k/e");
        assert_eq!(long("k", "[1]", 290), "_col0<-a.k/e");
        assert_eq!(long("k", ".f", 30), "f<-a.k/e");
        assert_eq!(long("k", " AT TIME ZONE x", 250), "_col0<-a.k/e,a.x/e");
        assert_eq!(long("k", " FROM a UNION SELECT y", 230), "k<-a.k,a.y");
        assert_eq!(
            lineage(&format!(
                "SELECT t9.k FROM a{}",
                (0..90).map(|n| format!(" JOIN a AS t{n} ON true")).collect::<String>()
            )),
            "k<-a.k"
        );
    });
}

#[test]
fn what_doubles_is_given_up() {
    let doubled: String = (0..40).map(|n| format!(", t{} AS (SELECT * FROM t{n} p, t{n} q)", n + 1)).collect();
    let lineage = lineage(&format!("WITH t0 AS (SELECT * FROM a){doubled} SELECT * FROM t40"));
    assert_eq!(lineage, "and more");
}
