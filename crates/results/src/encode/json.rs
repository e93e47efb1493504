//! Cells as JSON, exactly: what JSON numbers cannot hold everywhere is a string.

use arrow::record_batch::RecordBatch;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::cells::{Cells, extent};
use super::number::{JavaFloat, push_decimal, push_float, push_integer};
use super::temporal::{push_date, push_time, push_timestamp};
use super::{EncodeError, columns};
use crate::types::ResultSchema;

/// How numbers look in JSON that many readers put into a 64-bit float.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Numbers {
    /// `bigint` and `decimal` are strings, so that no reader can round them. The default.
    #[default]
    Exact,
    /// `bigint` and `decimal` are JSON numbers with all their digits.
    Native,
    /// As Trino's own protocol has it: `bigint` is a JSON number, `decimal` a string.
    Trino,
}

impl Cells<'_> {
    pub(super) fn push_json(&self, row: usize, numbers: Numbers, out: &mut Vec<u8>) {
        if self.is_null(row) {
            out.extend_from_slice(b"null");
            return;
        }
        match self {
            Self::Boolean(values) => out.extend_from_slice(if values.value(row) { b"true" } else { b"false" }),
            Self::TinyInt(values) => push_integer(out, i64::from(values.value(row))),
            Self::SmallInt(values) => push_integer(out, i64::from(values.value(row))),
            Self::Integer(values) => push_integer(out, i64::from(values.value(row))),
            Self::BigInt(values) => {
                quoted(out, numbers == Numbers::Exact, |out| push_integer(out, values.value(row)));
            }
            Self::Real(values) => json_float(out, values.value(row)),
            Self::Double(values) => json_float(out, values.value(row)),
            Self::Decimal { values, scale } => {
                quoted(out, numbers != Numbers::Native, |out| push_decimal(out, values.value(row), *scale));
            }
            Self::Text(values) => push_json_string(out, values.value(row)),
            Self::RawJson(values) => push_raw_json(out, values.value(row)),
            Self::Varbinary(values) => quoted(out, true, |out| push_base64(out, values.value(row))),
            Self::Date(values) => quoted(out, true, |out| push_date(out, i64::from(values.value(row)))),
            Self::Time { values, precision } => {
                quoted(out, true, |out| push_time(out, values.value(row), *precision));
            }
            Self::Timestamp { values, precision } => {
                quoted(out, true, |out| push_timestamp(out, values.value(row), *precision));
            }
            Self::Array { lists, elements } => {
                out.push(b'[');
                separated(out, extent(lists.value_offsets(), row), |out, index| {
                    elements.push_json(index, numbers, out);
                });
                out.push(b']');
            }
            Self::Map { maps, keys, values } => {
                out.push(b'{');
                separated(out, extent(maps.value_offsets(), row), |out, index| {
                    keys.push_json_key(index, out);
                    out.push(b':');
                    values.push_json(index, numbers, out);
                });
                out.push(b'}');
            }
            Self::Row { fields, .. } => {
                out.push(b'[');
                separated(out, fields, |out, (_, field)| field.push_json(row, numbers, out));
                out.push(b']');
            }
        }
    }

    /// A map's key: always a string, with the text that Trino gives it.
    fn push_json_key(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Self::Text(_) | Self::Date(_) | Self::Time { .. } | Self::Timestamp { .. } => {
                self.push_json(row, Numbers::Exact, out);
            }
            scalar => quoted(out, true, |out| scalar.push_text(row, "", out)),
        }
    }
}

/// A JSON value as it was sent, on one line: between tokens a line break is whitespace, inside a string it cannot be.
fn push_raw_json(out: &mut Vec<u8>, json: &str) {
    out.extend(json.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
}

fn json_float<F: JavaFloat>(out: &mut Vec<u8>, value: F) {
    match value.special() {
        Some(word) => quoted(out, true, |out| out.extend_from_slice(word.as_bytes())),
        None => push_float(out, value),
    }
}

fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    let start = out.len();
    // Four characters for each three bytes or part of them; more than a vector's limit cannot have been read.
    out.resize(start + bytes.len().div_ceil(3) * 4, b'=');
    let written = out.get_mut(start..).map(|space| BASE64.encode_slice(bytes, space));
    debug_assert!(matches!(written, Some(Ok(_))), "the space was measured for these bytes");
}

fn quoted(out: &mut Vec<u8>, quotes: bool, push: impl FnOnce(&mut Vec<u8>)) {
    if quotes {
        out.push(b'"');
    }
    push(out);
    if quotes {
        out.push(b'"');
    }
}

/// Pushes every item with a comma between them.
pub(super) fn separated<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut push: impl FnMut(&mut Vec<u8>, T),
) {
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push(out, item);
    }
}

/// A JSON string, escaped as Trino's own encoder (Jackson) escapes it: only what JSON demands.
fn push_json_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    // Without a way out of the loop, it looks at many bytes at once; few texts have anything to escape.
    let plain = bytes.iter().fold(true, |plain, byte| plain & (*byte >= 0x20) & (*byte != b'"') & (*byte != b'\\'));
    if plain {
        out.extend_from_slice(bytes);
    } else {
        push_escaped(out, bytes);
    }
    out.push(b'"');
}

fn push_escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut plain = 0;
    for (index, byte) in bytes.iter().enumerate() {
        let short = match byte {
            b'"' => b'"',
            b'\\' => b'\\',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            8 => b'b',
            12 => b'f',
            0..0x20 => b'u',
            _ => continue,
        };
        out.extend_from_slice(bytes.get(plain..index).unwrap_or_default());
        out.extend_from_slice(&[b'\\', short]);
        if short == b'u' {
            let hex = |digit: u8| char::from_digit(u32::from(digit), 16).map_or(b'0', |c| c.to_ascii_uppercase() as u8);
            out.extend_from_slice(&[b'0', b'0', hex(byte >> 4), hex(byte & 15)]);
        }
        plain = index + 1;
    }
    out.extend_from_slice(bytes.get(plain..).unwrap_or_default());
}

/// The name of a column as the key of a JSON object, with its colon.
pub(super) fn json_key(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 3);
    push_json_string(&mut key, name);
    key.push(b':');
    key
}

/// Appends one line with a JSON object for each row of `batch`. `keys` come from [`json_key`].
pub(super) fn push_json_object_rows(
    schema: &ResultSchema,
    batch: &RecordBatch,
    keys: &[Vec<u8>],
    numbers: Numbers,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let columns = columns(schema, batch)?;
    for row in 0..batch.num_rows() {
        out.push(b'{');
        separated(out, keys.iter().zip(&columns), |out, (key, column)| {
            out.extend_from_slice(key);
            column.push_json(row, numbers, out);
        });
        out.extend_from_slice(b"}\n");
    }
    Ok(())
}
