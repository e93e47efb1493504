//! Which row groups of a part hold some rows, and how many rows of them may be decoded at once.

use std::ops::Range;

use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::page_index::offset_index::OffsetIndexMetaData;

/// Bytes of decoded values that a batch should have, so that no poll of a stream takes long and a page of rows ends
/// close to its bound.
const BATCH_BYTES: u64 = 1024 * 1024;
/// Rows of a batch at most, however small they are.
const MAX_BATCH_ROWS: u64 = 8192;
/// Bytes of a decoded value, or of the place of one that has its bytes elsewhere.
const VALUE_BYTES: u64 = 8;

/// The row groups that hold some rows of a part.
pub(crate) struct RowGroups {
    pub(crate) indexes: Vec<usize>,
    /// Rows of the first of them that come before the wanted ones.
    pub(crate) skipped: usize,
    /// Rows that one batch of them should have.
    pub(crate) batch_rows: usize,
}

impl RowGroups {
    /// Those that hold the rows `wanted`, counted from the first row of the part.
    pub(crate) fn holding(footer: &ParquetMetaData, wanted: &Range<u64>) -> Self {
        let (mut indexes, mut skipped) = (Vec::new(), 0);
        let (mut first_row, mut row_bytes) = (0, 1);
        for (index, group) in footer.row_groups().iter().enumerate() {
            let next_row = first_row + unsigned(group.num_rows());
            if first_row < wanted.end && next_row > wanted.start {
                let own = wanted.start.saturating_sub(first_row)..wanted.end - first_row;
                if indexes.is_empty() {
                    skipped = own.start;
                }
                let pages = footer.offset_index().and_then(|groups| groups.get(index));
                row_bytes = row_bytes.max(widest_row_bytes(group, pages.map_or(&[], Vec::as_slice), &own));
                indexes.push(index);
            }
            first_row = next_row;
        }
        let batch_rows = (BATCH_BYTES / row_bytes).clamp(1, MAX_BATCH_ROWS);
        Self {
            indexes,
            skipped: usize::try_from(skipped).unwrap_or(usize::MAX),
            batch_rows: usize::try_from(batch_rows).unwrap_or(1),
        }
    }
}

/// Decoded bytes of a row where the row group is widest: the sum of what each column has in the widest of its data pages
/// that hold the rows `wanted`. The size of the group itself tells too little: a value that repeats is stored once, and
/// wide rows may follow many narrow ones. Rows of one data page count as alike, which they need not be where values
/// repeat; such values are small enough for a dictionary, and a data page has a bound of rows.
fn widest_row_bytes(group: &RowGroupMetaData, pages: &[OffsetIndexMetaData], wanted: &Range<u64>) -> u64 {
    let rows = unsigned(group.num_rows()).max(1);
    let columns = group.columns().iter().enumerate().map(|(index, column)| {
        let values = unsigned(column.num_values()) * VALUE_BYTES;
        let of_group = || column.unencoded_byte_array_data_bytes().map(|texts| unsigned(texts) / rows);
        let of_pages = pages.get(index).and_then(|pages| widest_page_row_bytes(pages, rows, wanted));
        match of_pages.or_else(of_group) {
            Some(texts) => values / rows + texts,
            None => values.max(unsigned(column.uncompressed_size())) / rows,
        }
    });
    columns.sum()
}

/// The same of the texts of one column; none where the file does not tell, or the column has none.
fn widest_page_row_bytes(pages: &OffsetIndexMetaData, rows: u64, wanted: &Range<u64>) -> Option<u64> {
    let sizes = pages.unencoded_byte_array_data_bytes()?;
    let firsts = || pages.page_locations().iter().map(|page| unsigned(page.first_row_index));
    let nexts = firsts().skip(1).chain([rows]);
    let held = firsts().zip(nexts).zip(sizes).filter(|((first, next), _)| *first < wanted.end && *next > wanted.start);
    held.map(|((first, next), size)| unsigned(*size) / next.saturating_sub(first).max(1)).max()
}

/// A count of the file, which is never negative in one that Warren has written.
fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
