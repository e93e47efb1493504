//! Cells as plain text, as Trino's command line prints them (`FormatUtils.formatValue` of trino-cli): arrays `[1, 2]`,
//! maps `{k=1}`, rows `{x=1, y=2}`, binary as hex pairs, `NULL` for a null inside a nested value.

use super::cells::{Cells, extent};
use super::number::{JavaFloat, push_decimal, push_float, push_integer};
use super::temporal::{push_date, push_time, push_timestamp};

/// What trino-cli writes for a null inside a nested value, whatever it writes for one that is a whole cell.
const NESTED_NULL: &str = "NULL";

impl Cells<'_> {
    pub(super) fn push_text(&self, row: usize, null_text: &str, out: &mut Vec<u8>) {
        if self.is_null(row) {
            out.extend_from_slice(null_text.as_bytes());
            return;
        }
        match self {
            Self::Boolean(values) => out.extend_from_slice(if values.value(row) { b"true" } else { b"false" }),
            Self::TinyInt(values) => push_integer(out, i64::from(values.value(row))),
            Self::SmallInt(values) => push_integer(out, i64::from(values.value(row))),
            Self::Integer(values) => push_integer(out, i64::from(values.value(row))),
            Self::BigInt(values) => push_integer(out, values.value(row)),
            Self::Real(values) => text_float(out, values.value(row)),
            Self::Double(values) => text_float(out, values.value(row)),
            Self::Decimal { values, scale } => push_decimal(out, values.value(row), *scale),
            Self::Text(values) | Self::RawJson(values) => out.extend_from_slice(values.value(row).as_bytes()),
            Self::Varbinary(values) => push_hex_pairs(out, values.value(row)),
            Self::Date(values) => push_date(out, i64::from(values.value(row))),
            Self::Time { values, precision } => push_time(out, values.value(row), *precision),
            Self::Timestamp { values, precision } => push_timestamp(out, values.value(row), *precision),
            Self::Array { lists, elements } => {
                bracketed(out, b"[]", extent(lists.value_offsets(), row), |out, index| {
                    elements.push_text(index, NESTED_NULL, out);
                });
            }
            Self::Map { maps, keys, values } => {
                bracketed(out, b"{}", extent(maps.value_offsets(), row), |out, index| {
                    keys.push_text(index, NESTED_NULL, out);
                    out.push(b'=');
                    values.push_text(index, NESTED_NULL, out);
                });
            }
            Self::Row { fields, .. } => bracketed(out, b"{}", fields, |out, (name, field)| {
                if let Some(name) = name {
                    out.extend_from_slice(name.as_bytes());
                    out.push(b'=');
                }
                field.push_text(row, NESTED_NULL, out);
            }),
        }
    }
}

fn text_float<F: JavaFloat>(out: &mut Vec<u8>, value: F) {
    match value.special() {
        Some(word) => out.extend_from_slice(word.as_bytes()),
        None => push_float(out, value),
    }
}

fn push_hex_pairs(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        let pair = [DIGITS.get(usize::from(byte >> 4)), DIGITS.get(usize::from(byte & 15))];
        out.extend(pair.into_iter().flatten());
    }
}

fn bracketed<T>(
    out: &mut Vec<u8>,
    brackets: &[u8; 2],
    items: impl IntoIterator<Item = T>,
    mut push: impl FnMut(&mut Vec<u8>, T),
) {
    let [open, close] = *brackets;
    out.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(b", ");
        }
        push(out, item);
    }
    out.push(close);
}
