//! Compares the sources of columns with those that Trino 476 reports: they are the same, and more only where Trino is known
//! to report too few.

use std::collections::{BTreeMap, BTreeSet};

use warren_sql::{LineageLevel, OutputColumn, analyse};

use crate::oracle_file::{Seen, Session, Statement, Tables};

/// Where Trino reports too few sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// A bare column of a set operation has those of the first branch.
    SetOperation,
    /// The key of JOIN USING has none.
    JoinUsing,
    /// The columns of UNNEST have none.
    Unnest,
    /// The columns of `row.*` have none.
    RowStar,
    /// Measures have none, other columns not always.
    MatchRecognize,
    /// The columns of a recursive query have at most those of its first branch.
    Recursive,
    /// EXISTS has none.
    Exists,
    /// A window that is named in OVER has none.
    NamedWindow,
    /// What an UPDATE assigns has those of sub-queries.
    Update,
    /// What a MERGE assigns has none.
    Merge,
}

/// The classes whose construct a statement has, by its words.
fn classes(sql: &str) -> Vec<Class> {
    let sql = sql.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let words: BTreeSet<&str> = sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let word = |word: &str| words.contains(word);
    let any = |all: &[&str]| all.iter().any(|text| sql.contains(text));
    let classes = [
        (Class::Merge, sql.starts_with("merge ")),
        (Class::Update, sql.starts_with("update ")),
        (Class::Recursive, any(&["with recursive "])),
        (Class::MatchRecognize, any(&["match_recognize", " pattern ("])),
        (Class::RowStar, any(&[").*", ") .*"])),
        (Class::Unnest, word("unnest")),
        (Class::Exists, word("exists") && !any(&["if not exists"])),
        (Class::NamedWindow, word("window") && word("over")),
        (Class::JoinUsing, word("using")),
        (Class::SetOperation, word("union") || word("intersect") || word("except")),
    ];
    classes.into_iter().filter(|(_, has)| *has).map(|(class, _)| class).collect()
}

/// What came of the comparison of some statements.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Statements that are left out because they are about columns that their tables hide.
    pub(crate) hidden: usize,
    pub(crate) statements: usize,
    pub(crate) columns: usize,
    /// Columns with the sources that Trino reports.
    pub(crate) equal: usize,
    /// Columns that are marked complete.
    pub(crate) complete: usize,
    /// Columns with more sources, by the class that lets them have more.
    pub(crate) supersets: BTreeMap<Class, usize>,
    pub(crate) refused: Vec<String>,
    /// Statements of which only the tables are known.
    pub(crate) tables_only: Vec<String>,
    /// Columns without a source that Trino reports.
    pub(crate) missing: Vec<String>,
    /// Columns with a source too many.
    pub(crate) wrong: Vec<String>,
    /// Statements whose columns have other names.
    pub(crate) names: Vec<String>,
    pub(crate) incomplete: Vec<String>,
}

fn sources(column: &OutputColumn<'_>, session: &Session) -> BTreeSet<String> {
    let source = |source: &warren_sql::Source<'_>| format!("{}.{}", session.full_name(source.table), source.column);
    column.sources.iter().map(source).collect()
}

impl Tally {
    /// Compares one statement.
    pub(crate) fn add(&mut self, statement: &Statement, tables: &Tables) {
        let Statement { id, sql, session, columns, referenced } = statement;
        if !columns.iter().flat_map(|(_, sources)| sources).all(|source| tables.have(source)) {
            self.hidden += 1;
            return;
        }
        self.statements += 1;
        self.columns += columns.len();
        let analysed = match analyse(sql) {
            Ok(analysed) => analysed,
            Err(error) => return self.refused.push(format!("{id}: {error}: {sql}")),
        };
        let seen = Seen { tables, session };
        let lineage = analysed.lineage(&seen);
        if let LineageLevel::Tables(reading) = &lineage.level {
            self.tables_only.push(format!("{id}: {reading:?}: {sql}"));
            return;
        }
        let classes = classes(sql);
        // Trino does not count the columns of the target of an UPDATE or MERGE.
        let target =
            lineage.target.filter(|_| classes.iter().any(|class| matches!(class, Class::Update | Class::Merge)));
        let target = target.map(|target| session.full_name(target) + ".");
        let names: Vec<_> = lineage.columns.iter().map(|column| column.name.clone().unwrap_or_default()).collect();
        let expected: Vec<_> = columns.iter().map(|(name, _)| name.clone()).collect();
        // Trino does not list what a MERGE only inserts; Warren lists it behind the rest.
        let same = if classes.contains(&Class::Merge) { names.starts_with(&expected) } else { names == expected };
        if !same {
            self.names.push(format!("{id}: {names:?}, expected {expected:?}: {sql}"));
        }
        for (found, (name, expected)) in lineage.columns.iter().zip(columns) {
            let complete = found.complete;
            let found = sources(found, session);
            let says = format!("{id}.{name}: {found:?}, expected {expected:?}: {sql}");
            self.complete += usize::from(complete);
            if !complete {
                self.incomplete.push(says.clone());
            }
            if found == *expected {
                self.equal += 1;
            } else if !found.is_superset(expected) {
                self.missing.push(says);
            } else if let [class, ..] = classes[..]
                && found.iter().all(|source| {
                    referenced.contains(source) || target.as_ref().is_some_and(|target| source.starts_with(target))
                })
            {
                *self.supersets.entry(class).or_default() += 1;
            } else {
                self.wrong.push(says);
            }
        }
    }
}
