//! Any statement: replacing nothing changes nothing, replacing twice changes nothing more, the result names exactly what
//! was put there, every character outside of a name leads back to itself, and a window that is put in is read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use warren_sql::{Converted, Mapping, NameRef, SqlError, SqlErrorCode, Statement, TrinoName, analyse};

fuzz_target!(|text: &str| {
    let Ok(statement) = analyse(text) else { return };
    nothing_changes_nothing(&statement);
    for last in [Last::Kept, Last::Renamed] {
        let mut replace = |name: &NameRef| replacement(name, last).map_or(Mapping::Keep, Mapping::Replace);
        let Some(converted) = answer(&statement, statement.convert(&mut replace)) else { continue };
        result_names_what_was_put_there(&statement, &converted, last);
        characters_lead_back(&statement, &converted);
        window_is_read_again(&converted);
    }
});

/// What was converted. A column that could change its meaning is refused, which is an answer too, and so is what EXECUTE
/// IMMEDIATE executes and is no SQL.
fn answer(statement: &Statement<'_>, converted: Result<Converted, SqlError>) -> Option<Converted> {
    match converted {
        Err(error) if error.code == SqlErrorCode::AmbiguousName => None,
        Err(error) if may_execute_a_string(statement) && error.code != SqlErrorCode::RewriteCheckFailed => None,
        converted => Some(converted.unwrap_or_else(|error| panic!("{}\n{error}", statement.text()))),
    }
}

/// EXECUTE IMMEDIATE can stand behind EXPLAIN, and that as often as one likes.
fn may_execute_a_string(statement: &Statement<'_>) -> bool {
    statement.text().to_ascii_uppercase().contains("IMMEDIATE")
}

/// Whether the last part of a name stays.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Kept,
    Renamed,
}

/// A name of four parts gets a Trino name of its own; no Trino name has four.
fn replacement(name: &NameRef, last: Last) -> Option<TrinoName> {
    let [service, database, schema, table] = name.object_parts() else { return None };
    let catalog = format!("{service}.{database}").to_lowercase();
    let table = match last {
        Last::Kept => table.clone(),
        Last::Renamed => format!("{} \"of\" {schema}", table.to_lowercase()),
    };
    match name.trino_parts() {
        1 => TrinoName::catalog(catalog),
        2 => TrinoName::schema(catalog, table),
        _ => TrinoName::table(catalog, schema.to_lowercase(), table),
    }
    .ok()
}

fn nothing_changes_nothing(statement: &Statement<'_>) {
    let Some(converted) = answer(statement, statement.convert(&mut |_| Mapping::Keep)) else { return };
    let window = statement.window();
    // The order of PostgreSQL is put in Trino's.
    let reversed = window.offset_at.zip(window.limit_at).is_some_and(|(offset, limit)| limit.offset < offset.offset);
    // The window of a statement in a string is not seen from here.
    if !may_execute_a_string(statement) && (!reversed || !converted.can_window()) {
        assert_eq!(converted.as_written().sql, statement.text());
    }
}

fn result_names_what_was_put_there(statement: &Statement<'_>, converted: &Converted, last: Last) {
    let sql = converted.as_written().sql;
    let again = analyse(&sql).unwrap_or_else(|error| panic!("{sql}\n{error}"));
    let expected = statement.names().iter().map(|name| (name.role, expected_parts(name, last), name.cte));
    let found = again.names().iter().map(|name| (name.role, name.parts.clone(), name.cte));
    // A name in COPARTITION follows the argument that it names.
    let own = |(role, ..): &(warren_sql::Role, Vec<String>, bool)| *role != warren_sql::Role::Copartition;
    assert_eq!(found.filter(own).collect::<Vec<_>>(), expected.filter(own).collect::<Vec<_>>(), "{sql}");
    assert_eq!((again.kind(), again.inner_kind()), (statement.kind(), statement.inner_kind()));
    let mut replace = |name: &NameRef| replacement(name, last).map_or(Mapping::Keep, Mapping::Replace);
    let twice = again.convert(&mut replace).unwrap_or_else(|error| panic!("{sql}\n{error}"));
    assert_eq!(twice.as_written().sql, sql);
}

fn expected_parts(name: &NameRef, last: Last) -> Vec<String> {
    match replacement(name, last).filter(|_| name.is_mappable()) {
        None => name.parts.clone(),
        // The column of COMMENT ON COLUMN stays.
        Some(trino) => trino.parts().iter().chain(&name.parts[name.object_parts().len()..]).cloned().collect(),
    }
}

fn characters_lead_back(statement: &Statement<'_>, converted: &Converted) {
    let executable = converted.as_written();
    let user: Vec<char> = statement.text().chars().collect();
    let (mut line, mut column) = (1, 1);
    for c in executable.sql.chars() {
        let place = executable.source_map.to_user(line, column);
        let replaced = executable.source_map.to_parts().ranges.iter().any(|range| range.user_start == place.offset);
        assert!(replaced || user[place.offset as usize] == c, "{line}:{column} {place:?}");
        (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
    }
}

fn window_is_read_again(converted: &Converted) {
    if !converted.can_window() {
        assert_eq!(converted.with_window(Some(7), Some(3)).sql, converted.as_written().sql);
        return;
    }
    let sql = converted.with_window(Some(7), Some(3)).sql;
    let window = analyse(&sql).unwrap_or_else(|error| panic!("{sql}\n{error}")).window();
    assert_eq!((window.offset, window.limit), (Some(7), Some(3)), "{sql}");
    let body = analyse(converted.query()).unwrap_or_else(|error| panic!("{}\n{error}", converted.query()));
    assert_eq!((body.window().offset, body.window().limit), (None, None), "{}", converted.query());
}
