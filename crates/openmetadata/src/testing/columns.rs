//! Columns of tables and containers: their names, and whether a name is one of theirs.

use serde_json::{Value, json};

use crate::fqn::Fqn;

/// Gives every column its fully qualified name and its place. Columns lie in each other as deep as their JSON, which its
/// reader bounds to 128 levels.
pub(super) fn name_columns(columns: &mut Value, owner: &Fqn) {
    let Some(columns) = columns.as_array_mut() else { return };
    for (index, column) in columns.iter_mut().enumerate() {
        let name = column.get("name").and_then(Value::as_str).unwrap_or_default();
        let Ok(fqn) = owner.child(name) else { continue };
        if let Some(children) = column.get_mut("children") {
            name_columns(children, &fqn);
        }
        if let Some(fields) = column.as_object_mut() {
            fields.insert("fullyQualifiedName".to_owned(), json!(fqn));
            fields.entry("ordinalPosition").or_insert(json!(index + 1));
            fields.entry("tags").or_insert(json!([]));
        }
    }
}

/// Whether a column with this fully qualified name is among `columns`.
pub(super) fn has_column(columns: &Value, fqn: &str) -> bool {
    columns.as_array().is_some_and(|columns| {
        columns.iter().any(|column| {
            column.get("fullyQualifiedName").and_then(Value::as_str) == Some(fqn)
                || column.get("children").is_some_and(|children| has_column(children, fqn))
        })
    })
}

/// Why a list of columns cannot be taken, if so: OpenMetadata wants a length for some types, and an array's type.
pub(super) fn problem(columns: &Value) -> Option<String> {
    columns.as_array()?.iter().find_map(|column| {
        let text = |field: &str| column.get(field).and_then(Value::as_str).unwrap_or_default();
        let name = text("name");
        match text("dataType") {
            kind @ ("CHAR" | "VARCHAR" | "BINARY" | "VARBINARY") if column.get("dataLength").is_none() => {
                Some(format!(
                    "For column data types char, varchar, binary, varbinary dataLength must not be null: {name} {kind}"
                ))
            }
            "ARRAY" if column.get("arrayDataType").is_none() => {
                Some(format!("For column data type array, arrayDataType must not be null: {name}"))
            }
            "" => Some(format!("[columns[].dataType must not be null] {name}")),
            _ => column.get("children").and_then(problem),
        }
    })
}
