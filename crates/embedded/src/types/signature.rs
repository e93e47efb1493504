//! The `typeSignature` of a protocol column (Trino: `ClientTypeSignature`).

use serde_json::{Value, json};

use super::TrinoType;

/// Trino writes an unbounded `varchar` with this length.
const UNBOUNDED_VARCHAR: u32 = 2_147_483_647;

/// The signature of a type: its raw name and its arguments.
pub(crate) fn type_signature(data_type: &TrinoType) -> Value {
    let (raw_type, arguments) = match data_type {
        TrinoType::Decimal { precision, scale } => ("decimal", vec![long(*precision), long(*scale)]),
        TrinoType::Varchar(length) => ("varchar", vec![long(length.unwrap_or(UNBOUNDED_VARCHAR))]),
        TrinoType::Char(length) => ("char", vec![long(*length)]),
        TrinoType::Time(precision) => ("time", vec![long(*precision)]),
        TrinoType::Timestamp(precision) => ("timestamp", vec![long(*precision)]),
        TrinoType::TimestampWithTimeZone(precision) => ("timestamp with time zone", vec![long(*precision)]),
        TrinoType::Array(element) => ("array", vec![of_type(element)]),
        TrinoType::Map(key, value) => ("map", vec![of_type(key), of_type(value)]),
        TrinoType::Row(fields) => ("row", fields.iter().map(row_field).collect()),
        plain => return json!({"rawType": plain.to_string(), "arguments": []}),
    };
    json!({"rawType": raw_type, "arguments": arguments})
}

fn row_field(field: &super::RowField) -> Value {
    let signature = type_signature(&field.data_type);
    let value = match &field.name {
        Some(name) => json!({"fieldName": {"name": name}, "typeSignature": signature}),
        None => json!({"typeSignature": signature}),
    };
    json!({"kind": "NAMED_TYPE", "value": value})
}

fn long(value: impl Into<u64>) -> Value {
    json!({"kind": "LONG", "value": value.into()})
}

fn of_type(data_type: &TrinoType) -> Value {
    json!({"kind": "TYPE", "value": type_signature(data_type)})
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::type_signature;
    use crate::types::{RowField, TrinoType};

    #[test]
    fn signatures_follow_trino() {
        assert_eq!(type_signature(&TrinoType::Bigint), json!({"rawType": "bigint", "arguments": []}));
        assert_eq!(
            type_signature(&TrinoType::Varchar(None)),
            json!({"rawType": "varchar", "arguments": [{"kind": "LONG", "value": 2_147_483_647}]})
        );
        let row = TrinoType::Row(vec![RowField { name: Some("x".to_owned()), data_type: TrinoType::Bigint }]);
        assert_eq!(
            type_signature(&TrinoType::Array(Box::new(row))),
            json!({"rawType": "array", "arguments": [{"kind": "TYPE", "value": {"rawType": "row", "arguments": [
                {"kind": "NAMED_TYPE", "value": {"fieldName": {"name": "x"}, "typeSignature": {"rawType": "bigint", "arguments": []}}}
            ]}}]})
        );
    }
}
