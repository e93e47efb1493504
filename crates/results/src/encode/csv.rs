//! Rows as CSV (RFC 4180) with the texts of trino-cli. Lines end with a line feed, as trino-cli's do.

use arrow::record_batch::RecordBatch;

use super::cells::Cells;
use super::format::{CsvOptions, CsvQuoting};
use super::{EncodeError, columns};
use crate::types::ResultSchema;

/// Appends the header line. A result without columns has none.
pub(super) fn push_header(schema: &ResultSchema, options: &CsvOptions, out: &mut Vec<u8>) {
    let names = schema.columns().iter().map(|column| column.trino.name.as_bytes());
    for (index, name) in names.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let start = out.len();
        out.extend_from_slice(name);
        quote_if_needed(out, start, options);
    }
    if !schema.columns().is_empty() {
        out.push(b'\n');
    }
}

/// Appends one line for each row.
pub(super) fn push_rows(
    schema: &ResultSchema,
    batch: &RecordBatch,
    options: &CsvOptions,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let columns = columns(schema, batch)?;
    let quote_null = options.quoting == CsvQuoting::Always || (columns.len() == 1 && options.null_text.is_empty());
    for row in 0..batch.num_rows() {
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            if column.is_null(row) {
                push_null(out, options, quote_null);
            } else {
                push_value(out, column, row, options);
            }
        }
        out.push(b'\n');
    }
    Ok(())
}

fn push_null(out: &mut Vec<u8>, options: &CsvOptions, quote_null: bool) {
    let start = out.len();
    out.extend_from_slice(options.null_text.as_bytes());
    if quote_null {
        quote(out, start);
    }
}

fn push_value(out: &mut Vec<u8>, column: &Cells<'_>, row: usize, options: &CsvOptions) {
    let start = out.len();
    column.push_text(row, "", out);
    quote_if_needed(out, start, options);
}

/// Quotes the field that begins at `start`, if its content or the options ask for it.
fn quote_if_needed(out: &mut Vec<u8>, start: usize, options: &CsvOptions) {
    let field = out.get(start..).unwrap_or_default();
    let needed = options.quoting == CsvQuoting::Always
        || field == options.null_text.as_bytes()
        || field.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'));
    if needed {
        quote(out, start);
    }
}

fn quote(out: &mut Vec<u8>, start: usize) {
    let field = out.split_off(start);
    out.push(b'"');
    for piece in field.split_inclusive(|byte| *byte == b'"') {
        out.extend_from_slice(piece);
        if piece.ends_with(b"\"") {
            out.push(b'"');
        }
    }
    out.push(b'"');
}
