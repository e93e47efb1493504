//! Any text is answered: with a statement whose places lie in the text and in order, or with a refusal that points into
//! the text. Taking the text apart loses nothing, and lineage names columns that tables have.
#![no_main]

use libfuzzer_sys::fuzz_target;
use warren_sql::{Column, Columns, NameRef, Position, Span, SqlError, Statement, analyse, check, split};

fuzz_target!(|text: &str| {
    match analyse(text) {
        Ok(statement) => {
            assert!(check(text).error.is_none());
            names_lie_in_the_text(&statement);
            columns_lie_in_the_text(&statement);
            let _ = statement.second_reading();
            sources_are_columns_of_tables(&statement);
            pieces_of_a_statement(text, &statement);
        }
        Err(error) => {
            assert!(check(text).error.is_some());
            refusal_points_into_the_text(text, &error);
        }
    }
    pieces_lie_in_the_text(text);
});

fn names_lie_in_the_text(statement: &Statement<'_>) {
    let mut end = 0;
    for name in statement.names().iter().filter(|name| !name.nested) {
        assert!(name.span.start >= end, "{name:?}");
        end = name.span.end;
        place_is_of_the_text(statement, name.span, name.position);
        assert!(!name.parts.is_empty() && name.parts.iter().all(|part| !part.is_empty()), "{name:?}");
    }
}

fn columns_lie_in_the_text(statement: &Statement<'_>) {
    let mut end = 0;
    for column in statement.qualified_columns() {
        assert!(column.span.start >= end, "{column:?}");
        end = column.span.end;
        place_is_of_the_text(statement, column.span, column.position);
        assert!(column.parts.len() > usize::from(!column.star), "{column:?}");
    }
}

/// A catalog in which every table has the same columns.
struct Columned;

const COLUMNS: [&str; 3] = ["a", "b", "k"];

impl Columns for Columned {
    fn columns(&self, _table: &NameRef) -> Option<Vec<Column>> {
        Some(COLUMNS.map(Column::named).into())
    }
}

fn sources_are_columns_of_tables(statement: &Statement<'_>) {
    for source in statement.lineage(&Columned).columns.iter().flat_map(|column| &column.sources) {
        assert!(!source.table.cte && COLUMNS.contains(&&*source.column), "{source:?}");
    }
}

fn place_is_of_the_text(statement: &Statement<'_>, span: Span, position: Position) {
    assert!(!span.of(statement.text()).is_empty(), "{span:?}");
    assert_eq!(statement.position(span), position);
}

fn refusal_points_into_the_text(text: &str, error: &SqlError) {
    let Position { offset, length, .. } = error.position;
    assert!((offset + length) as usize <= text.chars().count(), "{error:?}");
    assert!(error.text.chars().count() <= SqlError::TEXT_CHARS);
    assert!(!error.to_string().is_empty() && !error.hint().is_empty());
    assert_eq!(error.caret(text).lines().count(), 2, "{error:?}");
}

fn pieces_lie_in_the_text(text: &str) {
    let mut end = 0;
    for piece in split(text) {
        assert!(piece.span.start >= end && piece.span.of(text) == piece.sql && !piece.sql.is_empty(), "{piece:?}");
        end = piece.span.end;
        assert_eq!(split(piece.sql).iter().map(|again| again.sql).collect::<Vec<_>>(), [piece.sql]);
    }
}

/// What is read as one statement is one piece. In the body of a function that is only nearly so, because taking a text
/// apart looks at fewer words than reading it does.
fn pieces_of_a_statement(text: &str, statement: &Statement<'_>) {
    if text.to_ascii_lowercase().contains("function") {
        return;
    }
    let pieces = split(text);
    assert_eq!(pieces.len(), 1, "{pieces:?}");
    assert!(pieces[0].span.end <= statement.text().len());
}
