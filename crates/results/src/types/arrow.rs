//! The Arrow schema of a result. The decision how a type is kept is made beside it, in `signature`.

use std::collections::HashMap;
use std::sync::Arc;

use ::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit};
use warren_trino::Column;

use super::{ColumnType, NestedType, RowField, unique_names};
use crate::manifest::ColumnOrigin;

/// Key of a field's metadata: Trino's text of the type.
pub const TRINO_TYPE_KEY: &str = "trino.type";
/// Key of a field's metadata: the name as Trino knows it. Absent for an anonymous field of a `row`.
pub const TRINO_NAME_KEY: &str = "trino.name";
/// Key of a column's metadata: the columns of tables that it is made of, a JSON array of `{fqn, trino, column, use}`.
/// Absent where they are not known.
pub const SOURCES_KEY: &str = "warren.sources";
/// Key of a column's metadata: what it is. Absent where nobody has written that down.
pub const DESCRIPTION_KEY: &str = "warren.description";

/// Name that a column with an empty one gets in Arrow and Parquet.
const NAMELESS_COLUMN: &str = "column";

/// The columns of a result: what Trino calls them, and how they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultSchema {
    columns: Vec<ResultColumn>,
    arrow: SchemaRef,
}

/// One column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultColumn {
    /// The column as Trino describes it. Names may repeat.
    pub trino: Column,
    /// The column's name in Arrow, Parquet and NDJSON: unique within the result, without regard to case.
    pub arrow_name: String,
    /// How the values are kept.
    pub kind: ColumnType,
    /// Where the values come from.
    pub origin: ColumnOrigin,
}

impl ResultSchema {
    /// The schema of a result with these columns; none for a statement that returns no rows.
    #[must_use]
    pub fn new(columns: &[Column]) -> Self {
        Self::with_origins(columns, Vec::new())
    }

    /// As [`Self::new`], with the origins of the columns in their order. A shorter list leaves the other ones without.
    #[must_use]
    pub fn with_origins(columns: &[Column], origins: Vec<ColumnOrigin>) -> Self {
        let names = unique_names(columns.iter().map(|column| match column.name.as_str() {
            "" => NAMELESS_COLUMN,
            name => name,
        }));
        let origins = origins.into_iter().chain(std::iter::repeat_with(ColumnOrigin::default));
        let columns = columns.iter().cloned().zip(names).zip(origins);
        Self::stored(columns.map(|((trino, name), origin)| ResultColumn::new(trino, name, origin)))
    }

    /// The schema of stored columns, whose Arrow names were chosen when they were written.
    pub(crate) fn stored(columns: impl IntoIterator<Item = ResultColumn>) -> Self {
        let columns: Vec<ResultColumn> = columns.into_iter().collect();
        let fields: Fields = columns.iter().map(ResultColumn::field).collect();
        Self { columns, arrow: Arc::new(Schema::new(fields)) }
    }

    /// The columns in order.
    #[must_use]
    pub fn columns(&self) -> &[ResultColumn] {
        &self.columns
    }

    /// The Arrow schema. Every field is nullable and carries [`TRINO_TYPE_KEY`].
    #[must_use]
    pub fn arrow(&self) -> &SchemaRef {
        &self.arrow
    }
}

impl ResultColumn {
    pub(crate) fn new(trino: Column, arrow_name: String, origin: ColumnOrigin) -> Self {
        let kind = ColumnType::of(&trino.signature);
        Self { trino, arrow_name, kind, origin }
    }

    fn field(&self) -> Field {
        let mut metadata = metadata(&self.trino.type_text, Some(&self.trino.name));
        if !self.origin.sources.is_empty() {
            // Strings always serialise.
            metadata
                .extend(serde_json::to_string(&self.origin.sources).ok().map(|json| (SOURCES_KEY.to_owned(), json)));
        }
        metadata.extend(self.origin.description.clone().map(|text| (DESCRIPTION_KEY.to_owned(), text)));
        Field::new(&self.arrow_name, self.kind.data_type(), true).with_metadata(metadata)
    }
}

impl ColumnType {
    /// The Arrow type that values of this type are kept in.
    #[must_use]
    pub fn data_type(&self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::TinyInt => DataType::Int8,
            Self::SmallInt => DataType::Int16,
            Self::Integer => DataType::Int32,
            Self::BigInt => DataType::Int64,
            Self::Real => DataType::Float32,
            Self::Double => DataType::Float64,
            Self::Decimal { precision, scale } => DataType::Decimal128(*precision, scale.cast_signed()),
            Self::Text | Self::Opaque | Self::RawJson => DataType::Utf8,
            Self::Varbinary => DataType::Binary,
            Self::Date => DataType::Date32,
            Self::Time { .. } => DataType::Time64(TimeUnit::Microsecond),
            Self::Timestamp { .. } => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Array(element) => DataType::List(Arc::new(element.field("element", true))),
            Self::Map { key, value } => DataType::Map(map_entries(key, value), false),
            Self::Row(fields) => DataType::Struct(fields.iter().map(RowField::field).collect()),
        }
    }
}

impl NestedType {
    fn field(&self, name: &str, nullable: bool) -> Field {
        Field::new(name, self.kind.data_type(), nullable).with_metadata(metadata(&self.trino_type, None))
    }
}

impl RowField {
    fn field(&self) -> Field {
        let metadata = metadata(&self.field_type.trino_type, self.name.as_deref());
        Field::new(&self.arrow_name, self.field_type.kind.data_type(), true).with_metadata(metadata)
    }
}

/// The entries of a map, named as Parquet's specification names them (LogicalTypes.md, Maps).
fn map_entries(key: &NestedType, value: &NestedType) -> FieldRef {
    let fields = Fields::from(vec![key.field("key", false), value.field("value", true)]);
    Arc::new(Field::new("key_value", DataType::Struct(fields), false))
}

fn metadata(trino_type: &str, trino_name: Option<&str>) -> HashMap<String, String> {
    let mut metadata = HashMap::from([(TRINO_TYPE_KEY.to_owned(), trino_type.to_owned())]);
    if let Some(name) = trino_name {
        metadata.insert(TRINO_NAME_KEY.to_owned(), name.to_owned());
    }
    metadata
}
