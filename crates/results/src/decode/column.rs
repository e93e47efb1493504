//! One column under construction. Its kind is decided once per page, its values are appended cell by cell.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float32Builder, Float64Builder,
    Int8Builder, Int16Builder, Int32Builder, Int64Builder, StringBuilder, Time64MicrosecondBuilder,
    TimestampMicrosecondBuilder,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::cursor::{Cursor, whole_integer};
use super::decimal::{SpecialFloat, decimal, float_text};
use super::error::DecodeFault;
use super::nested::{ListColumn, MapColumn, RowColumn};
use super::temporal;
use crate::types::ColumnType;

/// Buffers that cells need for a moment and that live as long as a page.
#[derive(Default)]
pub(super) struct Scratch {
    pub(super) text: String,
    pub(super) bytes: Vec<u8>,
}

pub(super) enum Column {
    Boolean(BooleanBuilder),
    TinyInt(Int8Builder),
    SmallInt(Int16Builder),
    Integer(Int32Builder),
    BigInt(Int64Builder),
    Real(Float32Builder),
    Double(Float64Builder),
    Decimal { values: Decimal128Builder, precision: u8, scale: u8 },
    Text(StringBuilder),
    Opaque(StringBuilder),
    RawJson(StringBuilder),
    Varbinary(BinaryBuilder),
    Date(Date32Builder),
    Time { values: Time64MicrosecondBuilder, precision: u8 },
    Timestamp { values: TimestampMicrosecondBuilder, precision: u8 },
    Array(Box<ListColumn>),
    Map(Box<MapColumn>),
    Row(Box<RowColumn>),
}

impl Column {
    pub(super) fn new(kind: &ColumnType, rows: usize) -> Self {
        match kind {
            ColumnType::Boolean => Self::Boolean(BooleanBuilder::with_capacity(rows)),
            ColumnType::TinyInt => Self::TinyInt(Int8Builder::with_capacity(rows)),
            ColumnType::SmallInt => Self::SmallInt(Int16Builder::with_capacity(rows)),
            ColumnType::Integer => Self::Integer(Int32Builder::with_capacity(rows)),
            ColumnType::BigInt => Self::BigInt(Int64Builder::with_capacity(rows)),
            ColumnType::Real => Self::Real(Float32Builder::with_capacity(rows)),
            ColumnType::Double => Self::Double(Float64Builder::with_capacity(rows)),
            ColumnType::Decimal { precision, scale } => Self::Decimal {
                values: Decimal128Builder::with_capacity(rows).with_data_type(kind.data_type()),
                precision: *precision,
                scale: *scale,
            },
            ColumnType::Text => Self::Text(StringBuilder::with_capacity(rows, rows * 16)),
            ColumnType::Opaque => Self::Opaque(StringBuilder::with_capacity(rows, rows * 16)),
            ColumnType::RawJson => Self::RawJson(StringBuilder::with_capacity(rows, rows * 16)),
            ColumnType::Varbinary => Self::Varbinary(BinaryBuilder::with_capacity(rows, rows * 16)),
            ColumnType::Date => Self::Date(Date32Builder::with_capacity(rows)),
            ColumnType::Time { precision } => {
                Self::Time { values: Time64MicrosecondBuilder::with_capacity(rows), precision: *precision }
            }
            ColumnType::Timestamp { precision } => {
                Self::Timestamp { values: TimestampMicrosecondBuilder::with_capacity(rows), precision: *precision }
            }
            ColumnType::Array(element) => Self::Array(Box::new(ListColumn::new(kind, element, rows))),
            ColumnType::Map { key, value } => Self::Map(Box::new(MapColumn::new(kind, key, value, rows))),
            ColumnType::Row(fields) => Self::Row(Box::new(RowColumn::new(kind, fields, rows))),
        }
    }

    /// Reads one JSON value and appends it.
    #[inline]
    pub(super) fn append(&mut self, cursor: &mut Cursor<'_>, scratch: &mut Scratch) -> Result<(), DecodeFault> {
        if cursor.take_null() {
            self.append_null();
            return Ok(());
        }
        match self {
            Self::Boolean(values) => values.append_value(boolean(cursor)?),
            Self::TinyInt(values) => values.append_value(narrow(cursor.integer()?)?),
            Self::SmallInt(values) => values.append_value(narrow(cursor.integer()?)?),
            Self::Integer(values) => values.append_value(narrow(cursor.integer()?)?),
            Self::BigInt(values) => values.append_value(cursor.integer()?),
            Self::Real(values) => values.append_value(float(cursor, scratch)?),
            Self::Double(values) => values.append_value(float(cursor, scratch)?),
            Self::Decimal { values, precision, scale } => {
                values.append_value(decimal(cursor.string(&mut scratch.text)?, *precision, *scale)?);
            }
            Self::Text(values) => values.append_value(cursor.string(&mut scratch.text)?),
            Self::Opaque(values) if cursor.peek() == b'"' => values.append_value(cursor.string(&mut scratch.text)?),
            Self::Opaque(values) | Self::RawJson(values) => values.append_value(cursor.raw_value()?),
            Self::Varbinary(values) => {
                let text = cursor.string(&mut scratch.text)?;
                scratch.bytes.clear();
                BASE64.decode_vec(text, &mut scratch.bytes).map_err(|_position| DecodeFault::Base64)?;
                values.append_value(&scratch.bytes);
            }
            Self::Date(values) => values.append_value(temporal::date(cursor.string(&mut scratch.text)?)?),
            Self::Time { values, precision } => {
                values.append_value(temporal::time(cursor.string(&mut scratch.text)?, *precision)?);
            }
            Self::Timestamp { values, precision } => {
                values.append_value(temporal::timestamp(cursor.string(&mut scratch.text)?, *precision)?);
            }
            Self::Array(list) => list.append(cursor, scratch)?,
            Self::Map(map) => map.append(cursor, scratch)?,
            Self::Row(row) => row.append(cursor, scratch)?,
        }
        Ok(())
    }

    /// Appends the key of a map's entry, which is a JSON string whatever its type is.
    pub(super) fn append_key(&mut self, text: &str) -> Result<(), DecodeFault> {
        match self {
            Self::Boolean(values) => values.append_value(match text {
                "true" => true,
                "false" => false,
                _ => return Err(DecodeFault::Boolean),
            }),
            Self::TinyInt(values) => values.append_value(narrow(whole_integer(text)?)?),
            Self::SmallInt(values) => values.append_value(narrow(whole_integer(text)?)?),
            Self::Integer(values) => values.append_value(narrow(whole_integer(text)?)?),
            Self::BigInt(values) => values.append_value(whole_integer(text)?),
            Self::Real(values) => values.append_value(float_key(text)?),
            Self::Double(values) => values.append_value(float_key(text)?),
            Self::Decimal { values, precision, scale } => values.append_value(decimal(text, *precision, *scale)?),
            Self::Text(values) => values.append_value(text),
            Self::Date(values) => values.append_value(temporal::date(text)?),
            Self::Time { values, precision } => values.append_value(temporal::time(text, *precision)?),
            Self::Timestamp { values, precision } => values.append_value(temporal::timestamp(text, *precision)?),
            // `ColumnType::Map` keeps every other type of key as text.
            Self::Opaque(_) | Self::RawJson(_) | Self::Varbinary(_) | Self::Array(_) | Self::Map(_) | Self::Row(_) => {
                return Err(DecodeFault::Map);
            }
        }
        Ok(())
    }

    pub(super) fn append_null(&mut self) {
        match self {
            Self::Boolean(values) => values.append_null(),
            Self::TinyInt(values) => values.append_null(),
            Self::SmallInt(values) => values.append_null(),
            Self::Integer(values) => values.append_null(),
            Self::BigInt(values) => values.append_null(),
            Self::Real(values) => values.append_null(),
            Self::Double(values) => values.append_null(),
            Self::Decimal { values, .. } => values.append_null(),
            Self::Text(values) | Self::Opaque(values) | Self::RawJson(values) => values.append_null(),
            Self::Varbinary(values) => values.append_null(),
            Self::Date(values) => values.append_null(),
            Self::Time { values, .. } => values.append_null(),
            Self::Timestamp { values, .. } => values.append_null(),
            Self::Array(list) => list.append_null(),
            Self::Map(map) => map.append_null(),
            Self::Row(row) => row.append_null(),
        }
    }

    /// The values so far as an Arrow array.
    pub(super) fn finish(self) -> Result<ArrayRef, DecodeFault> {
        Ok(match self {
            Self::Boolean(mut values) => Arc::new(values.finish()),
            Self::TinyInt(mut values) => Arc::new(values.finish()),
            Self::SmallInt(mut values) => Arc::new(values.finish()),
            Self::Integer(mut values) => Arc::new(values.finish()),
            Self::BigInt(mut values) => Arc::new(values.finish()),
            Self::Real(mut values) => Arc::new(values.finish()),
            Self::Double(mut values) => Arc::new(values.finish()),
            Self::Decimal { mut values, .. } => Arc::new(values.finish()),
            Self::Text(mut values) | Self::Opaque(mut values) | Self::RawJson(mut values) => Arc::new(values.finish()),
            Self::Varbinary(mut values) => Arc::new(values.finish()),
            Self::Date(mut values) => Arc::new(values.finish()),
            Self::Time { mut values, .. } => Arc::new(values.finish()),
            Self::Timestamp { mut values, .. } => Arc::new(values.finish()),
            Self::Array(list) => list.finish()?,
            Self::Map(map) => map.finish()?,
            Self::Row(row) => row.finish()?,
        })
    }
}

#[inline]
fn boolean(cursor: &mut Cursor<'_>) -> Result<bool, DecodeFault> {
    if cursor.take_word(b"true") {
        Ok(true)
    } else if cursor.take_word(b"false") {
        Ok(false)
    } else {
        Err(DecodeFault::Boolean)
    }
}

#[inline]
fn narrow<T: TryFrom<i64>>(value: i64) -> Result<T, DecodeFault> {
    T::try_from(value).map_err(|_out_of_range| DecodeFault::Integer)
}

/// A JSON number, or one of the strings that Trino sends where JSON has no number.
#[inline]
fn float<F: fast_float2::FastFloat + SpecialFloat>(
    cursor: &mut Cursor<'_>,
    scratch: &mut Scratch,
) -> Result<F, DecodeFault> {
    if cursor.peek() == b'"' {
        return float_text(cursor.string(&mut scratch.text)?);
    }
    finite(cursor.float()?)
}

fn float_key<F: fast_float2::FastFloat + SpecialFloat>(text: &str) -> Result<F, DecodeFault> {
    let mut cursor = Cursor::new(text);
    match cursor.float().and_then(finite) {
        Ok(value) if cursor.at_end() => Ok(value),
        _ => float_text(text),
    }
}

/// A number beyond the type's range was parsed as infinity, which is not what was sent.
#[inline]
fn finite<F: SpecialFloat>(value: F) -> Result<F, DecodeFault> {
    if value.is_number() { Ok(value) } else { Err(DecodeFault::Float) }
}
