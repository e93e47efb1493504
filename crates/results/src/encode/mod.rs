//! Record batches to the formats that people and programs read. Values come out exactly as Trino sent them.

mod cells;
mod csv;
mod document;
mod format;
mod json;
mod number;
mod temporal;
mod text;

use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;

use self::cells::Cells;
pub(crate) use self::document::{Document, Head};
pub use self::format::{CsvOptions, CsvQuoting, DownloadOptions, Format, UnknownFormat};
pub use self::json::Numbers;
use self::json::separated;
use crate::types::ResultSchema;

/// A stored column has another Arrow type than the manifest says: the parts and the manifest do not belong together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a stored column is {found}, its manifest says {expected}")]
pub struct EncodeError {
    /// The type that the manifest's column is kept in.
    pub expected: DataType,
    /// The type of the stored column.
    pub found: DataType,
}

impl EncodeError {
    fn between(schema: &ResultSchema, batch: &RecordBatch) -> Self {
        Self {
            expected: DataType::Struct(schema.arrow().fields().clone()),
            found: DataType::Struct(batch.schema().fields().clone()),
        }
    }
}

/// Appends the rows of `batch` as JSON arrays in column order, `[…],[…]`, without brackets around them.
///
/// # Errors
///
/// [`EncodeError`] if the batch was not stored with this schema.
pub fn push_json_rows(
    schema: &ResultSchema,
    batch: &RecordBatch,
    numbers: Numbers,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let columns = columns(schema, batch)?;
    separated(out, 0..batch.num_rows(), |out, row| {
        out.push(b'[');
        separated(out, &columns, |out, column| column.push_json(row, numbers, out));
        out.push(b']');
    });
    Ok(())
}

/// The printable columns of a batch.
fn columns<'a>(schema: &'a ResultSchema, batch: &'a RecordBatch) -> Result<Vec<Cells<'a>>, EncodeError> {
    if schema.columns().len() != batch.num_columns() {
        return Err(EncodeError::between(schema, batch));
    }
    let columns = schema.columns().iter().zip(batch.columns());
    columns.map(|(column, array)| Cells::new(&column.kind, array.as_ref())).collect()
}
