//! How one name is written in a statement that somebody is to read: delimited only where Trino needs it. Names that
//! Warren puts into the SQL of users are always delimited; those are [`TrinoName`](crate::TrinoName)s.

use std::borrow::Cow;

use crate::keywords::Keyword;

/// `value` as an identifier of Trino's SQL. `None`: no identifier can say it, because it is empty or holds a NUL.
///
/// ```
/// assert_eq!(warren_sql::identifier("order_items").as_deref(), Some("order_items"));
/// assert_eq!(warren_sql::identifier("order").as_deref(), Some("\"order\""));
/// assert_eq!(warren_sql::identifier("2024 \"raw\"").as_deref(), Some("\"2024 \"\"raw\"\"\""));
/// ```
#[must_use]
pub fn identifier(value: &str) -> Option<Cow<'_, str>> {
    if value.is_empty() || value.contains('\0') {
        return None;
    }
    let begins = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let goes_on = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if begins && goes_on && !Keyword::of(value).is_reserved() {
        return Some(Cow::Borrowed(value));
    }
    Some(Cow::Owned(format!("\"{}\"", value.replace('"', "\"\""))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SecondReading, analyse};

    #[test]
    fn a_name_is_read_as_what_it_was_written_for() {
        let words = Keyword::spellings().flat_map(|word| [word.to_owned(), word.to_lowercase()]);
        let others = ["a", "_", "A1", "1a", "a b", "a.b", "\"", "a\"b", "é", "a$b", "--", "\n", "a@b", "'"];
        for word in words.chain(others.map(str::to_owned)) {
            let name = identifier(&word).unwrap();
            let sql = format!("SELECT {name}, x.{name}, {name} FROM {name}.{name}.{name}.{name} LIMIT 10");
            let statement = analyse(&sql).unwrap_or_else(|error| panic!("{sql}\n{error}"));
            let [only] = statement.names() else { panic!("{sql}") };
            assert_eq!(only.parts, vec![word.clone(); 4], "{sql}");
            assert_eq!(statement.qualified_columns()[0].parts, ["x", &word], "{sql}");
            let reading = statement.second_reading();
            assert!(!matches!(reading, SecondReading::Disagrees(_)), "{sql} {reading:?}");
        }
        assert_eq!((identifier(""), identifier("a\0")), (None, None));
    }
}
