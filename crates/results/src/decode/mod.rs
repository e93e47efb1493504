//! Trino's rows to Arrow: page bytes in, record batch out, one pass, nothing kept between pages.
//!
//! The decoder is specialised by column type and works on the raw bytes: no tree of JSON values is built, and no cell
//! allocates. It accepts a little more than Trino writes (whitespace, leading zeros) and refuses whatever it cannot
//! keep exactly: a number out of range, a digit too many, a cut page.

mod column;
mod cursor;
mod decimal;
mod error;
mod nested;
pub(crate) mod temporal;

use arrow::record_batch::{RecordBatch, RecordBatchOptions};

use self::column::{Column, Scratch};
use self::cursor::Cursor;
pub use self::error::{DecodeError, DecodeFault};
use crate::types::ResultSchema;

/// Arrow addresses the bytes of a text column with 32 bits, and no text is longer than the JSON it came in.
const MAX_PAGE_BYTES: usize = i32::MAX as usize;
/// A guess at the size of a cell, to reserve memory once and not too much of it.
const TYPICAL_CELL_BYTES: usize = 9;
/// The most rows for which memory is reserved before they are seen.
const MAX_RESERVED_ROWS: usize = 65_536;

/// Decodes the rows of one page, `[[…],[…]]` exactly as Trino sent them, into a batch with the schema's Arrow types.
///
/// # Errors
///
/// [`DecodeError`] names the first row and column that do not hold what the schema promises. Nothing of the page is
/// kept then.
pub fn decode_rows(schema: &ResultSchema, rows_json: &[u8]) -> Result<RecordBatch, DecodeError> {
    if rows_json.len() > MAX_PAGE_BYTES {
        return Err(DecodeError::new(DecodeFault::TooLarge, 0, None, b""));
    }
    let text = std::str::from_utf8(rows_json).map_err(|error| {
        let broken = rows_json.get(error.valid_up_to()..).unwrap_or_default();
        DecodeError::new(DecodeFault::NotUtf8, 0, None, broken)
    })?;
    let reserved = (text.len() / (TYPICAL_CELL_BYTES * schema.columns().len().max(1))).min(MAX_RESERVED_ROWS);
    let mut page = Page {
        columns: schema.columns().iter().map(|column| Column::new(&column.kind, reserved)).collect(),
        cursor: Cursor::new(text),
        scratch: Scratch::default(),
        rows: 0,
        column: None,
    };
    let decoded = page.read().and_then(|()| page.columns.drain(..).map(Column::finish).collect::<Result<Vec<_>, _>>());
    let batch = decoded.and_then(|arrays| {
        // The count is told, because a batch without columns has none to take it from.
        let options = RecordBatchOptions::new().with_row_count(usize::try_from(page.rows).ok());
        RecordBatch::try_new_with_options(schema.arrow().clone(), arrays, &options)
            .map_err(|_defect| DecodeFault::Arrow)
    });
    batch.map_err(|fault| {
        let column = page.column.and_then(|index| schema.columns().get(index));
        let name = column.map(|column| column.trino.name.as_str());
        DecodeError::new(fault, page.rows, name, page.cursor.rest())
    })
}

/// A page while it is read. `rows` and `column` say where, for the error that may come.
struct Page<'a> {
    columns: Vec<Column>,
    cursor: Cursor<'a>,
    scratch: Scratch,
    rows: u64,
    column: Option<usize>,
}

impl Page<'_> {
    fn read(&mut self) -> Result<(), DecodeFault> {
        if !self.cursor.take(b'[') {
            return Err(DecodeFault::Syntax);
        }
        if !self.cursor.take(b']') {
            loop {
                self.read_row()?;
                self.rows += 1;
                if self.cursor.take(b',') {
                    continue;
                }
                if self.cursor.take(b']') {
                    break;
                }
                return Err(DecodeFault::Syntax);
            }
        }
        if self.cursor.at_end() { Ok(()) } else { Err(DecodeFault::Trailing) }
    }

    #[inline]
    fn read_row(&mut self) -> Result<(), DecodeFault> {
        if !self.cursor.take(b'[') {
            return Err(DecodeFault::Syntax);
        }
        for (index, column) in self.columns.iter_mut().enumerate() {
            self.column = Some(index);
            if index > 0 && !self.cursor.take(b',') {
                return Err(if self.cursor.peek() == b']' { DecodeFault::Arity } else { DecodeFault::Syntax });
            }
            column.append(&mut self.cursor, &mut self.scratch)?;
        }
        if !self.cursor.take(b']') {
            return Err(if self.cursor.peek() == b',' { DecodeFault::Arity } else { DecodeFault::Syntax });
        }
        self.column = None;
        Ok(())
    }
}
