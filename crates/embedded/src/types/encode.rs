//! Arrow columns to the JSON of a page's `data` (Trino: `JsonEncodingUtils`).

use std::fmt::{self, Write};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array,
    Int64Array, StringViewArray, Time64NanosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int64Type,
    Time64NanosecondType, TimeUnit,
};
use arrow::error::ArrowError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::TrinoType;
use super::arrow_types::{arrow_type, unit_of};
use super::text;

/// One column of a batch, ready to be written cell by cell.
pub(crate) struct Encoder {
    cells: Cells,
    array: ArrayRef,
}

enum Cells {
    Null,
    Boolean(BooleanArray),
    Integer(Int64Array),
    Real(Float32Array),
    Double(Float64Array),
    Decimal(Decimal128Array, u8),
    Text(StringViewArray),
    /// The length that a value is padded to.
    Padded(StringViewArray, usize),
    Binary(BinaryArray),
    Date(Date32Array),
    Time(Time64NanosecondArray, u8),
    Moment {
        counts: Int64Array,
        unit: TimeUnit,
        precision: u8,
        zone: Option<Arc<str>>,
    },
    Interval(Int64Array),
    Array(Vec<i32>, Box<Encoder>),
    Map(Vec<i32>, Box<Encoder>, Box<Encoder>),
    Row(Vec<Encoder>),
}

impl Encoder {
    /// Prepares a column whose type on the wire is `data_type`.
    pub(crate) fn new(array: &ArrayRef, data_type: &TrinoType) -> Result<Self, ArrowError> {
        let target = canonical(array.data_type(), data_type);
        let array =
            if array.data_type().equals_datatype(&target) { Arc::clone(array) } else { cast(array.as_ref(), &target)? };
        let cells = Cells::new(&array, data_type)?;
        Ok(Self { cells, array })
    }

    /// Appends the JSON of one cell.
    pub(crate) fn write(&self, row: usize, out: &mut String) -> fmt::Result {
        if self.array.is_null(row) {
            return out.write_str("null");
        }
        match &self.cells {
            Cells::Null => out.write_str("null"),
            Cells::Boolean(cells) => out.write_str(if cells.value(row) { "true" } else { "false" }),
            Cells::Integer(cells) => write!(out, "{}", cells.value(row)),
            Cells::Real(cells) => {
                write_float(out, f64::from(cells.value(row)), |out| text::write_real(out, cells.value(row)))
            }
            Cells::Double(cells) => write_float(out, cells.value(row), |out| text::write_double(out, cells.value(row))),
            Cells::Decimal(cells, scale) => quoted(out, |out| text::write_decimal(out, cells.value(row), *scale)),
            Cells::Text(cells) => write_json_string(out, cells.value(row)),
            Cells::Padded(cells, length) => write_json_string(out, &format!("{:<length$}", cells.value(row))),
            Cells::Binary(cells) => quoted(out, |out| out.write_str(&STANDARD.encode(cells.value(row)))),
            Cells::Date(cells) => quoted(out, |out| text::write_date(out, cells.value(row))),
            Cells::Time(cells, precision) => quoted(out, |out| text::write_time(out, cells.value(row), *precision)),
            Cells::Moment { counts, unit, precision, zone } => quoted(out, |out| match zone {
                None => text::write_timestamp(out, counts.value(row), *unit, *precision),
                Some(zone) => text::write_timestamp_tz(out, counts.value(row), *unit, *precision, zone),
            }),
            Cells::Interval(millis) => quoted(out, |out| text::write_interval(out, millis.value(row))),
            Cells::Array(offsets, element) => write_array(out, offsets, row, element),
            Cells::Map(offsets, keys, values) => write_map(out, offsets, row, keys, values),
            Cells::Row(fields) => write_row(out, fields, row),
        }
    }
}

impl Cells {
    fn new(array: &ArrayRef, data_type: &TrinoType) -> Result<Self, ArrowError> {
        Ok(match data_type {
            TrinoType::Unknown => Self::Null,
            TrinoType::Boolean => Self::Boolean(array.as_boolean().clone()),
            TrinoType::Tinyint | TrinoType::Smallint | TrinoType::Integer | TrinoType::Bigint => {
                Self::Integer(array.as_primitive::<Int64Type>().clone())
            }
            TrinoType::Real => Self::Real(array.as_primitive::<Float32Type>().clone()),
            TrinoType::Double => Self::Double(array.as_primitive::<Float64Type>().clone()),
            TrinoType::Decimal { scale, .. } => Self::Decimal(array.as_primitive::<Decimal128Type>().clone(), *scale),
            TrinoType::Varchar(_) | TrinoType::Uuid => Self::Text(array.as_string_view().clone()),
            TrinoType::Char(length) => Self::Padded(array.as_string_view().clone(), *length as usize),
            TrinoType::Varbinary => Self::Binary(array.as_binary::<i32>().clone()),
            TrinoType::Date => Self::Date(array.as_primitive::<Date32Type>().clone()),
            TrinoType::Time(precision) => Self::Time(array.as_primitive::<Time64NanosecondType>().clone(), *precision),
            TrinoType::Timestamp(precision) | TrinoType::TimestampWithTimeZone(precision) => moment(array, *precision)?,
            TrinoType::IntervalDayToSecond => {
                Self::Interval(array.as_primitive::<DurationMillisecondType>().reinterpret_cast::<Int64Type>())
            }
            TrinoType::Array(element) => {
                let list = array.as_list::<i32>();
                Self::Array(list.value_offsets().to_vec(), Box::new(Encoder::new(list.values(), element)?))
            }
            TrinoType::Map(key, value) => {
                let map = array.as_map();
                let (keys, values) = (Encoder::new(map.keys(), key)?, Encoder::new(map.values(), value)?);
                Self::Map(map.value_offsets().to_vec(), Box::new(keys), Box::new(values))
            }
            TrinoType::Row(fields) => {
                let columns = array.as_struct().columns().iter().zip(fields);
                Self::Row(
                    columns.map(|(column, field)| Encoder::new(column, &field.data_type)).collect::<Result<_, _>>()?,
                )
            }
        })
    }
}

/// The one Arrow shape that cells of a type are read from. A time zone stays what it is.
fn canonical(actual: &DataType, data_type: &TrinoType) -> DataType {
    match (data_type, actual) {
        (TrinoType::Tinyint | TrinoType::Smallint | TrinoType::Integer, _) => DataType::Int64,
        (TrinoType::TimestampWithTimeZone(precision), DataType::Timestamp(_, zone)) => {
            DataType::Timestamp(unit_of(*precision), zone.clone())
        }
        _ => arrow_type(data_type),
    }
}

fn moment(array: &ArrayRef, precision: u8) -> Result<Cells, ArrowError> {
    let DataType::Timestamp(unit, zone) = array.data_type() else {
        return Err(ArrowError::CastError(format!("{} is not a timestamp", array.data_type())));
    };
    let counts = cast(array.as_ref(), &DataType::Int64)?.as_primitive::<Int64Type>().clone();
    Ok(Cells::Moment { counts, unit: *unit, precision, zone: zone.clone() })
}

fn quoted(out: &mut String, write: impl FnOnce(&mut String) -> fmt::Result) -> fmt::Result {
    out.push('"');
    write(out)?;
    out.push('"');
    Ok(())
}

fn write_float(out: &mut String, value: f64, write: impl FnOnce(&mut String) -> fmt::Result) -> fmt::Result {
    if value.is_finite() { write(out) } else { quoted(out, write) }
}

/// Appends a JSON string. Control characters, the quote and the backslash are all that JSON wants escaped.
pub(crate) fn write_json_string(out: &mut String, value: &str) -> fmt::Result {
    out.push('"');
    let mut clean_from = 0;
    for (index, byte) in value.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&value[clean_from..index]);
        clean_from = index + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => write!(out, "\\u{control:04x}")?,
        }
    }
    out.push_str(&value[clean_from..]);
    out.push('"');
    Ok(())
}

fn span(offsets: &[i32], row: usize) -> std::ops::Range<usize> {
    let at = |index: usize| usize::try_from(offsets[index]).unwrap_or_default();
    at(row)..at(row + 1)
}

fn write_array(out: &mut String, offsets: &[i32], row: usize, element: &Encoder) -> fmt::Result {
    out.push('[');
    for (index, position) in span(offsets, row).enumerate() {
        if index > 0 {
            out.push(',');
        }
        element.write(position, out)?;
    }
    out.push(']');
    Ok(())
}

/// A map is an object, whatever its keys are: Trino sends their text.
fn write_map(out: &mut String, offsets: &[i32], row: usize, keys: &Encoder, values: &Encoder) -> fmt::Result {
    out.push('{');
    for (index, position) in span(offsets, row).enumerate() {
        if index > 0 {
            out.push(',');
        }
        let mut key = String::new();
        keys.write(position, &mut key)?;
        if key.starts_with('"') {
            out.push_str(&key);
        } else {
            write_json_string(out, &key)?;
        }
        out.push(':');
        values.write(position, out)?;
    }
    out.push('}');
    Ok(())
}

fn write_row(out: &mut String, fields: &[Encoder], row: usize) -> fmt::Result {
    out.push('[');
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        field.write(row, out)?;
    }
    out.push(']');
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        Array, ArrayRef, BinaryArray, Decimal128Array, Float64Array, Int32Array, ListArray, StringArray, StructArray,
        TimestampMillisecondArray, UInt64Array,
    };
    use arrow::datatypes::{DataType, Field, Int32Type};

    use super::Encoder;
    use crate::types::arrow_types::trino_type;

    fn json(array: impl Array + 'static) -> Vec<String> {
        let array: ArrayRef = Arc::new(array);
        let data_type = trino_type(&Field::new("c", array.data_type().clone(), true)).expect("a type of Trino");
        let encoder = Encoder::new(&array, &data_type).expect("an encoder");
        let cell = |row| {
            let mut out = String::new();
            encoder.write(row, &mut out).expect("a cell");
            out
        };
        (0..array.len()).map(cell).collect()
    }

    #[test]
    fn cells_are_written_as_trino_writes_them() {
        assert_eq!(json(UInt64Array::from(vec![Some(7), None])), ["7", "null"]);
        assert_eq!(json(Float64Array::from(vec![1.0, f64::NAN])), ["1.0", "\"NaN\""]);
        assert_eq!(json(StringArray::from(vec!["a\"b\\\u{1}\n", "ü"])), ["\"a\\\"b\\\\\\u0001\\n\"", "\"ü\""]);
        assert_eq!(json(BinaryArray::from(vec![&b"ab"[..]])), ["\"YWI=\""]);
        let decimal = Decimal128Array::from(vec![110]).with_precision_and_scale(10, 2).expect("a decimal");
        assert_eq!(json(decimal), ["\"1.10\""]);
        let zoned = TimestampMillisecondArray::from(vec![0]).with_timezone("America/New_York");
        assert_eq!(json(zoned), ["\"1969-12-31 19:00:00.000 America/New_York\""]);
    }

    #[test]
    fn nested_cells_keep_their_nulls() {
        let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None, Some(vec![])]);
        assert_eq!(json(list), ["[1,null]", "null", "[]"]);
        let row = StructArray::from(vec![
            (Arc::new(Field::new("x", DataType::Int32, true)), Arc::new(Int32Array::from(vec![5])) as ArrayRef),
            (Arc::new(Field::new("y", DataType::Utf8, true)), Arc::new(StringArray::from(vec!["NaN"])) as ArrayRef),
        ]);
        assert_eq!(json(row), ["[5,\"NaN\"]"]);
    }
}
