//! Columns of Trino in the words of OpenMetadata. Its own ingestion of Trino takes the same types, but for text without a
//! length, of which it says that it had one.

use warren_openmetadata::{NewColumn, encode_reserved};
use warren_trino::{Column, RowField, TypeArgument, TypeSignature};

/// The length that Trino gives text without one.
const UNBOUNDED: i64 = 2_147_483_647;

/// The columns of a table or view as they are published.
pub(super) fn new_columns(columns: &[Column]) -> Vec<NewColumn> {
    columns.iter().map(|column| new_column(&column.name, &column.signature)).collect()
}

fn new_column(name: &str, signature: &TypeSignature) -> NewColumn {
    let length = signature.long(0).filter(|length| *length != UNBOUNDED);
    let data_type = data_type(signature);
    let plain = NewColumn {
        name: encode_reserved(name),
        data_type: data_type.to_owned(),
        data_type_display: signature.to_string(),
        ..NewColumn::default()
    };
    match data_type {
        "CHAR" | "VARCHAR" => NewColumn { data_length: length.or(Some(1)), ..plain },
        "DECIMAL" => NewColumn { precision: signature.long(0), scale: signature.long(1), ..plain },
        "ARRAY" => {
            let element = signature.children().next().map_or("UNKNOWN", self::data_type);
            NewColumn { array_data_type: Some(element.to_owned()), ..plain }
        }
        "STRUCT" => NewColumn { children: children(signature), ..plain },
        _ => plain,
    }
}

/// The fields of a row. Trino's own types nest no deeper than its protocol lets them.
fn children(signature: &TypeSignature) -> Vec<NewColumn> {
    let fields = signature.arguments.iter().filter_map(|argument| match argument {
        TypeArgument::Field(field) => Some(field),
        TypeArgument::Type(_) | TypeArgument::Long(_) | TypeArgument::Variable(_) => None,
    });
    let child = |(place, field): (usize, &RowField)| {
        let unnamed = || format!("field{place}");
        new_column(&field.name().map_or_else(unnamed, str::to_owned), &field.signature)
    };
    fields.enumerate().map(child).collect()
}

fn data_type(signature: &TypeSignature) -> &'static str {
    match signature.raw.as_str() {
        "boolean" => "BOOLEAN",
        "tinyint" => "TINYINT",
        "smallint" => "SMALLINT",
        "integer" => "INT",
        "bigint" => "BIGINT",
        "real" => "FLOAT",
        "double" => "DOUBLE",
        "decimal" => "DECIMAL",
        "char" => "CHAR",
        "varchar" if signature.long(0).is_some_and(|length| length != UNBOUNDED) => "VARCHAR",
        "varchar" => "STRING",
        "varbinary" => "BYTES",
        "date" => "DATE",
        "time" | "time with time zone" => "TIME",
        "timestamp" => "TIMESTAMP",
        "timestamp with time zone" => "TIMESTAMPZ",
        "interval day to second" | "interval year to month" => "INTERVAL",
        "json" => "JSON",
        "uuid" => "UUID",
        "array" => "ARRAY",
        "map" => "MAP",
        "row" => "STRUCT",
        _ => "UNKNOWN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_with_what_openmetadata_wants_to_know_of_them() {
        let told = |text: &str| new_column("a\"b", &text.parse().unwrap());
        let plain = told("bigint");
        assert_eq!(plain.name, "a__reserved__quote__b");
        assert_eq!((plain.data_type.as_str(), plain.data_type_display.as_str()), ("BIGINT", "bigint"));
        let decimal = told("decimal(12, 2)");
        assert_eq!((decimal.precision, decimal.scale), (Some(12), Some(2)));
        assert_eq!((told("varchar(7)").data_length, told("varchar").data_length), (Some(7), None));
        assert_eq!(told("varchar").data_type, "STRING");
        assert_eq!(told("timestamp(3) with time zone").data_type, "TIMESTAMPZ");
        assert_eq!(told("array(map(varchar, bigint))").array_data_type.as_deref(), Some("MAP"));
        let row = told("row(street varchar(9), at row(x double))");
        assert_eq!(row.data_type, "STRUCT");
        assert_eq!((row.children[0].name.as_str(), row.children[0].data_length), ("street", Some(9)));
        assert_eq!(row.children[1].children[0].data_type, "DOUBLE");
        assert_eq!(told("hyperloglog").data_type, "UNKNOWN");
    }
}
