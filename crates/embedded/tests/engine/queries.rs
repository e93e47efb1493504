//! Queries over `tpch`: the 22 of the benchmark, names, types and literals as Trino has them.

use serde_json::{Value, json};

use crate::support::Fixture;

const TPCH: &str = include_str!("tpch22.sql");

/// Rows of each of the 22 queries at the scale of `tiny`.
const TPCH_ROWS: [usize; 22] = [4, 4, 10, 5, 5, 1, 4, 2, 173, 20, 359, 2, 33, 1, 1, 296, 1, 2, 1, 1, 1, 7];

#[tokio::test]
async fn all_22_queries_run_as_trino_users_write_them() {
    let fixture = Fixture::start().await;
    let mut counts = Vec::new();
    let mut results = Vec::new();
    for sql in TPCH.split(";\n").map(str::trim).filter(|sql| !sql.is_empty()) {
        let answer = fixture.run(sql).await;
        assert_eq!(answer.error(), None, "{sql}");
        counts.push(answer.rows().len());
        results.push(answer.rows());
    }
    println!("{results:#?}");
    assert_eq!(counts, TPCH_ROWS);
    assert_eq!(results[5], [json!([1_193_053.225_3])]);
    fixture.engine.stop().await;
}

#[tokio::test]
async fn tables_have_trinos_names_and_types() {
    let fixture = Fixture::start().await;
    let answer = fixture.run("select * from tpch.tiny.orders order by orderkey limit 1").await;
    assert_eq!(
        answer.columns(),
        [
            "orderkey bigint",
            "custkey bigint",
            "orderstatus varchar(1)",
            "totalprice double",
            "orderdate date",
            "orderpriority varchar(15)",
            "clerk varchar(15)",
            "shippriority integer",
            "comment varchar(79)"
        ]
    );
    assert_eq!(
        Value::from(answer.rows()),
        json!([[
            1,
            370,
            "O",
            172_799.49,
            "1996-01-02",
            "5-LOW",
            "Clerk#000000951",
            0,
            "nstructions sleep furiously among "
        ]])
    );
    fixture.engine.stop().await;
}
