//! From Trino's type signature to the way the values are kept. Nothing here knows Arrow.

use warren_trino::{TypeArgument, TypeSignature};

use super::{ColumnType, NestedType, RowField, unique_names};

/// The precision of `time` and `timestamp` written without one (`TimeType.DEFAULT_PRECISION`).
const DEFAULT_TIME_PRECISION: i64 = 3;
/// Arrow's microseconds hold this many digits after the second.
const MAX_STORED_TIME_PRECISION: u8 = 6;
/// Raw types whose values are JSON strings with a text of their own (`JsonEncodingUtils`, and the types of Trino's
/// plugins that print themselves).
const TEXT_TYPES: [&str; 22] = [
    "varchar",
    "char",
    "json",
    "uuid",
    "ipaddress",
    "color",
    "number",
    "unknown",
    "interval day to second",
    "interval year to month",
    "time with time zone",
    "timestamp with time zone",
    "HyperLogLog",
    "P4HyperLogLog",
    "qdigest",
    "tdigest",
    "SetDigest",
    "Geometry",
    "SphericalGeography",
    "ObjectId",
    "JoniRegExp",
    "JsonPath",
];

/// The largest precision of Trino's `decimal` (`Decimals.MAX_PRECISION`).
const MAX_DECIMAL_PRECISION: i64 = 38;

impl ColumnType {
    /// How values of the type with this signature are kept. Total: what is not known is [`ColumnType::Opaque`].
    #[must_use]
    pub fn of(signature: &TypeSignature) -> Self {
        match signature.raw.as_str() {
            "boolean" => Self::Boolean,
            "tinyint" => Self::TinyInt,
            "smallint" => Self::SmallInt,
            "integer" => Self::Integer,
            "bigint" => Self::BigInt,
            "real" => Self::Real,
            "double" => Self::Double,
            "decimal" => decimal(signature),
            "varbinary" => Self::Varbinary,
            "date" => Self::Date,
            "time" => time_precision(signature).map_or(Self::Text, |precision| Self::Time { precision }),
            "timestamp" => time_precision(signature).map_or(Self::Text, |precision| Self::Timestamp { precision }),
            "variant" | "BingTile" | "KdbTree" => Self::RawJson,
            "array" => array(signature),
            "map" => map(signature),
            "row" => row(signature),
            text if TEXT_TYPES.contains(&text) => Self::Text,
            _ => Self::Opaque,
        }
    }

    /// The same type where it is a map's key: what Trino's text cannot be read back from is kept as that text
    /// (`JsonEncodingUtils.MapTypeEncoder` writes `Object.toString()` of every key).
    fn into_key(self) -> Self {
        match self {
            Self::Varbinary | Self::RawJson | Self::Opaque | Self::Array(_) | Self::Map { .. } | Self::Row(_) => {
                Self::Text
            }
            scalar => scalar,
        }
    }
}

impl NestedType {
    /// The type with this signature.
    #[must_use]
    pub fn of(signature: &TypeSignature) -> Self {
        Self { trino_type: signature.to_string(), kind: ColumnType::of(signature) }
    }
}

fn decimal(signature: &TypeSignature) -> ColumnType {
    let precision = signature.long(0).unwrap_or(MAX_DECIMAL_PRECISION);
    let scale = signature.long(1).unwrap_or(0);
    match (u8::try_from(precision), u8::try_from(scale)) {
        (Ok(precision @ 1..=38), Ok(scale)) if scale <= precision => ColumnType::Decimal { precision, scale },
        _ => ColumnType::Text,
    }
}

fn time_precision(signature: &TypeSignature) -> Option<u8> {
    let precision = u8::try_from(signature.long(0).unwrap_or(DEFAULT_TIME_PRECISION)).ok()?;
    (precision <= MAX_STORED_TIME_PRECISION).then_some(precision)
}

fn array(signature: &TypeSignature) -> ColumnType {
    match nested(signature).as_slice() {
        [(_, element)] => ColumnType::Array(Box::new(NestedType::of(element))),
        _ => ColumnType::RawJson,
    }
}

fn map(signature: &TypeSignature) -> ColumnType {
    match nested(signature).as_slice() {
        [(_, key), (_, value)] => {
            let key = NestedType { trino_type: key.to_string(), kind: ColumnType::of(key).into_key() };
            ColumnType::Map { key: Box::new(key), value: Box::new(NestedType::of(value)) }
        }
        _ => ColumnType::RawJson,
    }
}

fn row(signature: &TypeSignature) -> ColumnType {
    let fields = nested(signature);
    if fields.is_empty() {
        return ColumnType::RawJson;
    }
    let wanted: Vec<String> = fields
        .iter()
        .enumerate()
        .map(|(index, (name, _))| name.map_or_else(|| format!("field{index}"), ToOwned::to_owned))
        .collect();
    let names = unique_names(wanted.iter().map(String::as_str));
    let fields = fields.into_iter().zip(names).map(|((name, field), arrow_name)| RowField {
        name: name.map(ToOwned::to_owned),
        arrow_name,
        field_type: NestedType::of(field),
    });
    ColumnType::Row(fields.collect())
}

/// The types among the arguments, with the field names of a `row`.
fn nested(signature: &TypeSignature) -> Vec<(Option<&str>, &TypeSignature)> {
    let nested = signature.arguments.iter().filter_map(|argument| match argument {
        TypeArgument::Type(signature) => Some((None, signature)),
        TypeArgument::Field(field) => Some((field.name(), &field.signature)),
        TypeArgument::Long(_) | TypeArgument::Variable(_) => None,
    });
    nested.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> ColumnType {
        ColumnType::of(&text.parse().unwrap())
    }

    #[test]
    fn types_are_kept_exactly_or_as_text() {
        let check = |text: &str, expect: ColumnType| assert_eq!(kind(text), expect, "{text}");
        check("boolean", ColumnType::Boolean);
        check("tinyint", ColumnType::TinyInt);
        check("smallint", ColumnType::SmallInt);
        check("integer", ColumnType::Integer);
        check("bigint", ColumnType::BigInt);
        check("real", ColumnType::Real);
        check("double", ColumnType::Double);
        check("decimal(10, 2)", ColumnType::Decimal { precision: 10, scale: 2 });
        check("decimal(38, 38)", ColumnType::Decimal { precision: 38, scale: 38 });
        check("varbinary", ColumnType::Varbinary);
        check("date", ColumnType::Date);
        check("time", ColumnType::Time { precision: 3 });
        check("time(6)", ColumnType::Time { precision: 6 });
        check("timestamp(0)", ColumnType::Timestamp { precision: 0 });
        for text in [
            "varchar",
            "varchar(7)",
            "char(3)",
            "json",
            "uuid",
            "ipaddress",
            "interval day to second",
            "time(7)",
            "timestamp(9)",
            "timestamp(12)",
            "time(3) with time zone",
            "timestamp(3) with time zone",
            "HyperLogLog",
            "Geometry",
            "unknown",
            "number",
            "decimal(39, 0)",
        ] {
            check(text, ColumnType::Text);
        }
        check("some_plugin_type(3)", ColumnType::Opaque);
        check("variant", ColumnType::RawJson);
        check("BingTile", ColumnType::RawJson);
    }

    #[test]
    fn nested_types_know_their_parts() {
        let nested = |text: &str| NestedType { trino_type: text.to_owned(), kind: kind(text) };
        assert_eq!(kind("array(varchar(3))"), ColumnType::Array(Box::new(nested("varchar(3)"))));
        let expect = ColumnType::Map { key: Box::new(nested("bigint")), value: Box::new(nested("array(date)")) };
        assert_eq!(kind("map(bigint, array(date))"), expect);
        let ColumnType::Map { key, .. } = kind("map(varbinary, date)") else { panic!("no map") };
        assert_eq!(*key, NestedType { trino_type: "varbinary".to_owned(), kind: ColumnType::Text });
    }

    #[test]
    fn fields_of_a_row_have_unique_names() {
        let ColumnType::Row(fields) = kind("row(a bigint, double, a date, field1 real)") else { panic!("no row") };
        let names: Vec<_> = fields.iter().map(|field| (field.name.as_deref(), field.arrow_name.as_str())).collect();
        let expect = [(Some("a"), "a"), (None, "field1"), (Some("a"), "a_2"), (Some("field1"), "field1_2")];
        assert_eq!(names, expect);
    }
}
