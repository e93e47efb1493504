//! One value of a row as text.

use std::fmt::Write;

use serde_json::Value;

/// What an absent value looks like. A text of the same letters looks alike, which is the price of being readable.
const NULL: &str = "NULL";

/// A value as text. Nested values are JSON.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::Null => NULL.to_owned(),
        Value::String(text) => plain(text),
        other => plain(&other.to_string()),
    }
}

/// The text with its control characters made visible: a stored value must not drive somebody's terminal, and a line
/// break must not break a table.
pub(crate) fn plain(text: &str) -> String {
    if !text.chars().any(char::is_control) {
        return text.to_owned();
    }
    text.chars().fold(String::with_capacity(text.len() + 8), |mut plain, c| {
        // Writing to a text cannot fail.
        let _ = if c.is_control() { write!(plain, "{}", c.escape_default()) } else { plain.write_char(c) };
        plain
    })
}

/// Whether values of a type stand at the right of their column.
pub(crate) fn is_number(type_text: &str) -> bool {
    const NUMBERS: [&str; 7] = ["tinyint", "smallint", "integer", "bigint", "real", "double", "decimal"];
    NUMBERS.contains(&type_text.split('(').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_text() {
        for (value, expect) in [
            (json!(null), "NULL"),
            (json!("NaN"), "NaN"),
            (json!(1.5), "1.5"),
            (json!(true), "true"),
            (json!("a\nb\t\u{1b}[31m"), "a\\nb\\t\\u{1b}[31m"),
            (json!([1, null, {"a": "b"}]), "[1,null,{\"a\":\"b\"}]"),
            (json!("한글"), "한글"),
        ] {
            assert_eq!(cell(&value), expect);
        }
    }

    #[test]
    fn numbers_are_known_by_their_type() {
        for (type_text, expect) in
            [("bigint", true), ("decimal(10,2)", true), ("varchar(25)", false), ("array(bigint)", false)]
        {
            assert_eq!(is_number(type_text), expect, "{type_text}");
        }
    }
}
