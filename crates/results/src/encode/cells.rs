//! The values of one column of a batch, ready to be printed cell by cell. The column's type is looked at once per
//! batch; how a cell looks in JSON and as text is in `json` and `text`.

use arrow::array::{
    Array, AsArray as _, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array,
    Int8Array, Int16Array, Int32Array, Int64Array, ListArray, MapArray, StringArray, StructArray,
    Time64MicrosecondArray, TimestampMicrosecondArray,
};

use super::EncodeError;
use crate::types::ColumnType;

pub(super) enum Cells<'a> {
    Boolean(&'a BooleanArray),
    TinyInt(&'a Int8Array),
    SmallInt(&'a Int16Array),
    Integer(&'a Int32Array),
    BigInt(&'a Int64Array),
    Real(&'a Float32Array),
    Double(&'a Float64Array),
    Decimal { values: &'a Decimal128Array, scale: u8 },
    Text(&'a StringArray),
    RawJson(&'a StringArray),
    Varbinary(&'a BinaryArray),
    Date(&'a Date32Array),
    Time { values: &'a Time64MicrosecondArray, precision: u8 },
    Timestamp { values: &'a TimestampMicrosecondArray, precision: u8 },
    Array { lists: &'a ListArray, elements: Box<Cells<'a>> },
    Map { maps: &'a MapArray, keys: Box<Cells<'a>>, values: Box<Cells<'a>> },
    Row { rows: &'a StructArray, fields: Vec<(Option<&'a str>, Cells<'a>)> },
}

impl<'a> Cells<'a> {
    /// The cells of `array`, which must have the Arrow type that values of `kind` are kept in.
    pub(super) fn new(kind: &'a ColumnType, array: &'a dyn Array) -> Result<Self, EncodeError> {
        let mismatch = || EncodeError { expected: kind.data_type(), found: array.data_type().clone() };
        Ok(match kind {
            ColumnType::Boolean => Self::Boolean(array.as_boolean_opt().ok_or_else(mismatch)?),
            ColumnType::TinyInt => Self::TinyInt(array.as_primitive_opt().ok_or_else(mismatch)?),
            ColumnType::SmallInt => Self::SmallInt(array.as_primitive_opt().ok_or_else(mismatch)?),
            ColumnType::Integer => Self::Integer(array.as_primitive_opt().ok_or_else(mismatch)?),
            ColumnType::BigInt => Self::BigInt(array.as_primitive_opt().ok_or_else(mismatch)?),
            ColumnType::Real => Self::Real(array.as_primitive_opt().ok_or_else(mismatch)?),
            ColumnType::Double => Self::Double(array.as_primitive_opt().ok_or_else(mismatch)?),
            ColumnType::Decimal { scale, .. } => {
                Self::Decimal { values: array.as_primitive_opt().ok_or_else(mismatch)?, scale: *scale }
            }
            ColumnType::Text | ColumnType::Opaque => Self::Text(array.as_string_opt().ok_or_else(mismatch)?),
            ColumnType::RawJson => Self::RawJson(array.as_string_opt().ok_or_else(mismatch)?),
            ColumnType::Varbinary => Self::Varbinary(array.as_binary_opt().ok_or_else(mismatch)?),
            ColumnType::Date => Self::Date(array.as_primitive_opt().ok_or_else(mismatch)?),
            ColumnType::Time { precision } => {
                Self::Time { values: array.as_primitive_opt().ok_or_else(mismatch)?, precision: *precision }
            }
            ColumnType::Timestamp { precision } => {
                Self::Timestamp { values: array.as_primitive_opt().ok_or_else(mismatch)?, precision: *precision }
            }
            ColumnType::Array(element) => {
                let lists: &ListArray = array.as_list_opt().ok_or_else(mismatch)?;
                Self::Array { lists, elements: Box::new(Self::new(&element.kind, lists.values())?) }
            }
            ColumnType::Map { key, value } => {
                let maps = array.as_map_opt().ok_or_else(mismatch)?;
                let keys = Box::new(Self::new(&key.kind, maps.keys())?);
                Self::Map { maps, keys, values: Box::new(Self::new(&value.kind, maps.values())?) }
            }
            ColumnType::Row(fields) => {
                let rows = array.as_struct_opt().ok_or_else(mismatch)?;
                if rows.num_columns() != fields.len() {
                    return Err(mismatch());
                }
                let fields = fields
                    .iter()
                    .zip(rows.columns())
                    .map(|(field, column)| Ok((field.name.as_deref(), Self::new(&field.field_type.kind, column)?)));
                Self::Row { rows, fields: fields.collect::<Result<_, EncodeError>>()? }
            }
        })
    }

    pub(super) fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Boolean(values) => values.is_null(row),
            Self::TinyInt(values) => values.is_null(row),
            Self::SmallInt(values) => values.is_null(row),
            Self::Integer(values) => values.is_null(row),
            Self::BigInt(values) => values.is_null(row),
            Self::Real(values) => values.is_null(row),
            Self::Double(values) => values.is_null(row),
            Self::Decimal { values, .. } => values.is_null(row),
            Self::Text(values) | Self::RawJson(values) => values.is_null(row),
            Self::Varbinary(values) => values.is_null(row),
            Self::Date(values) => values.is_null(row),
            Self::Time { values, .. } => values.is_null(row),
            Self::Timestamp { values, .. } => values.is_null(row),
            Self::Array { lists, .. } => lists.is_null(row),
            Self::Map { maps, .. } => maps.is_null(row),
            Self::Row { rows, .. } => rows.is_null(row),
        }
    }
}

/// The positions in the child array that belong to the list or map at `row`.
pub(super) fn extent(offsets: &[i32], row: usize) -> std::ops::Range<usize> {
    let offset = |index: usize| offsets.get(index).and_then(|offset| usize::try_from(*offset).ok()).unwrap_or(0);
    offset(row)..offset(row + 1)
}
