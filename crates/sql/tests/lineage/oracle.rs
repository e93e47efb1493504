//! The oracle: statements of which Trino 476 told the lineage.

use std::collections::BTreeMap;

use crate::oracle_file::{Tables, statements};
use crate::tally::{Class, Tally};

#[test]
fn sources_are_those_that_trino_reports() {
    let Some(statements) = statements("sources_are_those_that_trino_reports") else { return };
    let tables = Tables::read();
    let mut tally = Tally::default();
    for statement in &statements {
        tally.add(statement, &tables);
    }
    println!("{tally:#?}");
    assert_eq!((tally.hidden, tally.statements, tally.columns), (0, 432, 1_193));
    assert_eq!(tally.refused, Vec::<String>::new());
    assert_eq!(tally.tables_only, Vec::<String>::new());
    assert_eq!(tally.names, Vec::<String>::new());
    assert_eq!(tally.missing, Vec::<String>::new());
    assert_eq!(tally.wrong, Vec::<String>::new());
    let supersets = BTreeMap::from([
        (Class::SetOperation, 24),
        (Class::JoinUsing, 25),
        (Class::Unnest, 25),
        (Class::RowStar, 5),
        (Class::MatchRecognize, 6),
        (Class::Recursive, 1),
        (Class::Exists, 2),
        (Class::NamedWindow, 1),
        (Class::Update, 1),
        (Class::Merge, 3),
    ]);
    assert_eq!(tally.supersets, supersets);
    assert_eq!(tally.equal, 1_100);
    assert!(tally.complete * 100 >= tally.columns * 97, "{} complete", tally.complete);
}
