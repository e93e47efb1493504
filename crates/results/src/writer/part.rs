//! One Parquet file while it is made: rows in, encoded bytes out. It knows no store.

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use sha2::{Digest as _, Sha256};

use super::WriterOptions;

/// The dictionary of a column in one row group at most.
const DICTIONARY_BYTES: usize = 64 * 1024;

/// The encoder of one part.
pub(crate) struct PartEncoder {
    parquet: ArrowWriter<Vec<u8>>,
    digest: Sha256,
    rows: u64,
    bytes: u64,
}

/// A part that is complete.
pub(crate) struct EncodedPart {
    /// The bytes that were not handed out before.
    pub(crate) rest: Bytes,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

impl PartEncoder {
    pub(crate) fn new(schema: SchemaRef, options: &WriterOptions) -> Result<Self, ParquetError> {
        let properties = WriterProperties::builder()
            // The level that costs about what it saves in writing; the example `decode_pages` measures it.
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            // Minimum and maximum per row group let engines skip; per page they would cost more than the pages of a
            // result are ever searched.
            .set_statistics_enabled(EnabledStatistics::Chunk)
            // A column of few values keeps its dictionary, one of many values stops paying for it early. On lineitem a
            // megabyte, the writer's default, costs a third more CPU and a fifth more space.
            .set_dictionary_page_size_limit(DICTIONARY_BYTES)
            .set_max_row_group_row_count(Some(options.row_group_rows.max(1)))
            .set_max_row_group_bytes(Some(options.row_group_bytes.max(1)))
            .set_data_page_row_count_limit(options.data_page_rows.max(1))
            .set_created_by(concat!("warren ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let parquet = ArrowWriter::try_new(Vec::new(), schema, Some(properties))?;
        Ok(Self { parquet, digest: Sha256::new(), rows: 0, bytes: 0 })
    }

    /// Encodes `batch` and returns the bytes that became final by it; mostly none.
    pub(crate) fn write(&mut self, batch: &RecordBatch, options: &WriterOptions) -> Result<Bytes, ParquetError> {
        // A slice at a time, so that the bound on the bytes of a row group is looked at often enough.
        let mut start = 0;
        while start < batch.num_rows() {
            let rows = options.data_page_rows.clamp(1, batch.num_rows() - start);
            self.parquet.write(&batch.slice(start, rows))?;
            start += rows;
        }
        self.rows += batch.num_rows() as u64;
        Ok(self.take_final_bytes())
    }

    /// Encodes what is left and the footer.
    pub(crate) fn finish(mut self) -> Result<EncodedPart, ParquetError> {
        self.parquet.finish()?;
        let rest = self.take_final_bytes();
        let sha256 = self.digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(EncodedPart { rest, rows: self.rows, bytes: self.bytes, sha256 })
    }

    /// Rows of this part so far.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes of this part so far, with an estimate of those that are not final yet.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes + self.parquet.in_progress_size() as u64
    }

    fn take_final_bytes(&mut self) -> Bytes {
        // The writer counts its offsets itself, so that what it has written may be taken out of its buffer.
        let bytes = Bytes::from(std::mem::take(self.parquet.inner_mut()));
        self.digest.update(&bytes);
        self.bytes += bytes.len() as u64;
        bytes
    }
}
