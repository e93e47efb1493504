//! How Trino's types are kept: the shape that decides how a column is decoded, stored and printed.
//!
//! Exactness beats convenience. A type whose values Arrow can hold without loss gets that Arrow type; every other one
//! keeps Trino's own text. So `timestamp(9)` and everything with a time zone are text: Arrow's nanoseconds end in the
//! year 2262, its picoseconds do not exist, and one Arrow column has one zone where each Trino value has its own.

mod arrow;
mod signature;

pub use self::arrow::{DESCRIPTION_KEY, ResultColumn, ResultSchema, SOURCES_KEY, TRINO_NAME_KEY, TRINO_TYPE_KEY};

/// How the values of one Trino type are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    /// `boolean`, an Arrow `Boolean`.
    Boolean,
    /// `tinyint`, an Arrow `Int8`.
    TinyInt,
    /// `smallint`, an Arrow `Int16`.
    SmallInt,
    /// `integer`, an Arrow `Int32`.
    Integer,
    /// `bigint`, an Arrow `Int64`.
    BigInt,
    /// `real`, an Arrow `Float32`.
    Real,
    /// `double`, an Arrow `Float64`.
    Double,
    /// `decimal(precision, scale)`, an Arrow `Decimal128`. The precision is 1 to 38, the scale 0 to the precision.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// Every type that Trino sends as a string and that keeps its text: `varchar`, `char`, `json`, `uuid`, `ipaddress`,
    /// intervals, time types with a zone or more than six digits, sketches in base64.
    Text,
    /// A type unknown to Warren. Strings keep their text; a value that is no string is kept as its JSON text and
    /// comes out as a string.
    Opaque,
    /// A type that Trino sends as any JSON value (`variant`, `BingTile`, `KdbTree`), kept as the text of that value.
    RawJson,
    /// `varbinary`, an Arrow `Binary`. Trino sends base64.
    Varbinary,
    /// `date`, an Arrow `Date32`.
    Date,
    /// `time(precision)` with a precision of 0 to 6, an Arrow `Time64` in microseconds.
    Time {
        /// Digits after the second.
        precision: u8,
    },
    /// `timestamp(precision)` with a precision of 0 to 6, an Arrow `Timestamp` in microseconds without a zone.
    Timestamp {
        /// Digits after the second.
        precision: u8,
    },
    /// `array(element)`, an Arrow `List`.
    Array(Box<NestedType>),
    /// `map(key, value)`, an Arrow `Map`. A key is typed where Trino's text of it can be read back exactly; a key of any
    /// other type (`varbinary`, `array`, `row`, `map`) is text.
    Map {
        /// The type of the keys; never a nested one.
        key: Box<NestedType>,
        /// The type of the values.
        value: Box<NestedType>,
    },
    /// `row(…)` with at least one field, an Arrow `Struct`.
    Row(Vec<RowField>),
}

/// A type below another one, with Trino's text of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NestedType {
    /// Trino's text of the type.
    pub trino_type: String,
    /// How its values are kept.
    pub kind: ColumnType,
}

/// One field of a `row`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowField {
    /// The name as Trino knows it; `None` for an anonymous field.
    pub name: Option<String>,
    /// The name in Arrow and Parquet: `field0`, `field1` … for anonymous fields, unique within the row.
    pub arrow_name: String,
    /// The field's type.
    pub field_type: NestedType,
}

/// Makes `wanted` unique, without regard to case, by appending `_2`, `_3` ….
///
/// Case is ignored because many readers of Parquet ignore it; a name that one of them cannot tell from another one is
/// a column lost.
pub(crate) fn unique_names<'a>(wanted: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted: Vec<&str> = wanted.into_iter().collect();
    // First come, first served would let `a, a, a_2` rename the third column although its own name is free.
    let originals: std::collections::HashSet<String> = wanted.iter().map(|name| name.to_lowercase()).collect();
    let mut taken = std::collections::HashSet::new();
    wanted
        .into_iter()
        .map(|name| {
            if taken.insert(name.to_lowercase()) {
                return name.to_owned();
            }
            let mut suffix = 2_u64;
            loop {
                let candidate = format!("{name}_{suffix}");
                let key = candidate.to_lowercase();
                if !originals.contains(&key) && taken.insert(key) {
                    return candidate;
                }
                suffix = suffix.saturating_add(1);
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::unique_names;

    #[test]
    fn repeated_names_are_numbered_and_free_ones_kept() {
        let check = |input: &[&str], expect: &[&str]| assert_eq!(unique_names(input.iter().copied()), expect);
        check(&["a", "b"], &["a", "b"]);
        check(&["a", "a", "a"], &["a", "a_2", "a_3"]);
        check(&["a", "A"], &["a", "A_2"]);
        check(&["a", "a", "a_2"], &["a", "a_3", "a_2"]);
        check(&["ä", "Ä"], &["ä", "Ä_2"]);
    }
}
