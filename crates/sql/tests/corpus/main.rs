//! The statements of Trino's own tests, with the verdict of Trino's own parser, against the scanner: names, places,
//! window; and every name made a fully qualified one and rewritten back.

mod corpus_file;

use corpus_file::{Statement, not_trino_sql, trino_statements};
use warren_sql::{Check, check};

/// What is wrong with the reading of one statement, if anything is.
fn difference(statement: &Statement, found: &Check) -> Option<String> {
    if let Some(error) = &found.error {
        return Some(format!("{} at {}:{}: {}", error.code, error.line, error.column, error.message));
    }
    if found.statement.as_deref() != Some(&statement.kind) {
        return Some(format!("kind {:?}, expected {}", found.statement, statement.kind));
    }
    let refs: Vec<_> = found
        .refs
        .iter()
        .map(|name| (name.role.to_owned(), name.parts.clone(), name.start, name.end, name.cte))
        .collect();
    if refs != statement.refs {
        return Some(format!("names {refs:?}\n  expected {:?}", statement.refs));
    }
    let window = found.limit.map(|window| (window.offset, window.limit, window.fetch, window.ties));
    (window != statement.window).then(|| format!("window {window:?}, expected {:?}", statement.window))
}

#[test]
fn every_statement_of_trino_is_read_as_trino_reads_it() {
    let Some(statements) = trino_statements("every_statement_of_trino_is_read_as_trino_reads_it") else { return };
    let mut wrong = Vec::new();
    for statement in &statements {
        if let Some(difference) = difference(statement, &check(&statement.sql)) {
            wrong.push(format!("{}\n  {difference}", statement.sql));
        }
    }
    for line in wrong.iter().take(20) {
        println!("{line}\n");
    }
    assert_eq!((statements.len() - wrong.len(), statements.len()), (16_733, 16_733));
}

#[test]
fn what_is_no_sql_never_panics() {
    let Some(texts) = not_trino_sql("what_is_no_sql_never_panics") else { return };
    let refused = texts.iter().filter(|text| check(text).error.is_some()).count();
    // Trino judges expressions and clauses that Warren skips, so some of these pass; most do not.
    println!("{refused} of {} refused", texts.len());
    assert!(refused >= 600, "{refused}");
}
