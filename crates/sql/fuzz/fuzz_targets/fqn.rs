//! Fully qualified names and Trino names: what is split is joined again, what is joined is split again, and no part of a
//! name breaks out of its quotes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use warren_sql::{TrinoName, analyse, join_fqn, split_fqn};

fuzz_target!(|text: &str| {
    if let Ok(parts) = split_fqn(text) {
        assert!(!parts.is_empty() && parts.iter().all(|part| !part.is_empty()), "{text}");
        assert_eq!(split_fqn(&join_fqn(&parts)), Ok(parts));
    }
    let parts: Vec<&str> = text.split('\u{1}').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return;
    }
    let fqn = join_fqn(&parts);
    assert_eq!(split_fqn(&fqn), Ok(parts.iter().map(|part| (*part).to_owned()).collect()));
    in_one_delimited_identifier(&fqn, &parts);
    let [catalog, schema, table] = [0, 1, 2].map(|part| parts[part % parts.len()]);
    if let Ok(name) = TrinoName::table(catalog, schema, table) {
        let sql = format!("SELECT {name}.x FROM {name}, u");
        let statement = analyse(&sql).unwrap_or_else(|error| panic!("{sql}\n{error}"));
        assert_eq!(statement.names().len(), 2, "{sql}");
        assert_eq!(statement.names()[0].parts, [catalog, schema, table], "{sql}");
        assert_eq!(statement.qualified_columns()[0].parts, [catalog, schema, table, "x"], "{sql}");
    }
});

/// A whole fully qualified name in double quotes is read as what it is.
fn in_one_delimited_identifier(fqn: &str, parts: &[&str]) {
    let sql = format!("TABLE \"{}\"", fqn.replace('"', "\"\""));
    let statement = analyse(&sql).unwrap_or_else(|error| panic!("{sql}\n{error}"));
    let [name] = statement.names() else { panic!("{sql}") };
    match name.fqn_parts() {
        Some(found) => assert_eq!(found, parts, "{sql}"),
        None => assert!(!fqn.contains('.'), "{sql}"),
    }
}
