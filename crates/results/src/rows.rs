//! Rows out of a committed result: a page anywhere, at the cost of a page.

use std::ops::Range;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::async_reader::{AsyncFileReader, ParquetRecordBatchStream, ParquetRecordBatchStreamBuilder};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};

use crate::encode::{Document, DownloadOptions, EncodeError, Format, Head, Numbers, push_json_rows};
use crate::error::{ResultError, StorageOperation};
use crate::footers::{FooterCache, FooterKey};
use crate::manifest::{Manifest, ManifestColumn, Part};
use crate::row_groups::RowGroups;
use crate::store::ResultStore;
use crate::types::ResultSchema;

/// A page ends with the batch that brings its decoded values to this many bytes. A batch has about a megabyte of them,
/// or one row.
const PAGE_BYTES: usize = 16 * 1024 * 1024;

/// Bytes read at the end of a part in the hope that they hold its footer and index, to need one request for both.
const FOOTER_GUESS_BYTES: usize = 64 * 1024;

/// Some consecutive rows of a result.
#[derive(Debug, Clone)]
pub struct RowsPage {
    /// The columns.
    pub columns: Vec<ManifestColumn>,
    /// How their values are kept.
    pub schema: ResultSchema,
    /// The rows, in order.
    pub batches: Vec<RecordBatch>,
    /// The row that the page begins with, counted from 0, as it was asked for.
    pub offset: u64,
    /// Rows of the whole result.
    pub total_rows: u64,
}

impl RowsPage {
    /// Rows of this page.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.batches.iter().map(|batch| batch.num_rows() as u64).sum()
    }

    /// The offset of the next page; `None` when this one reaches the end of the result.
    #[must_use]
    pub fn next_offset(&self) -> Option<u64> {
        let next = self.offset.saturating_add(self.rows());
        (next < self.total_rows).then_some(next)
    }

    /// The rows as one JSON array of arrays, `[[…],[…]]`.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the parts and the manifest do not belong together.
    pub fn json_rows(&self, numbers: Numbers) -> Result<Vec<u8>, EncodeError> {
        let mut out = vec![b'['];
        for batch in self.batches.iter().filter(|batch| batch.num_rows() > 0) {
            if out.len() > 1 {
                out.push(b',');
            }
            push_json_rows(&self.schema, batch, numbers, &mut out)?;
        }
        out.push(b']');
        Ok(out)
    }

    /// The page as a document of its own; as JSON it is `{columns, offset, total_rows, next_offset, partial, rows}`.
    ///
    /// # Errors
    ///
    /// [`ResultError::Encode`] if the parts and the manifest do not belong together; what Arrow or Parquet say.
    pub fn encode(&self, format: Format, options: &DownloadOptions) -> Result<Vec<u8>, ResultError> {
        let head = Head {
            columns: &self.columns,
            offset: self.offset,
            total_rows: self.total_rows,
            next_offset: self.next_offset(),
        };
        let (mut document, mut out) = Document::begin(format, options, self.schema.clone(), &head)?;
        for batch in &self.batches {
            document.push(batch, &mut out)?;
        }
        out.append(&mut document.end()?);
        Ok(out)
    }
}

impl ResultStore {
    /// Reads `limit` rows from `offset` on, fewer at the end of the result and none beyond it. Only the parts, row
    /// groups and data pages that hold these rows are read. The rows are in memory at once, so a page of wide ones ends
    /// earlier: at about 16 MiB of decoded values, but never before its first row. [`RowsPage::next_offset`] says where
    /// to go on.
    ///
    /// # Errors
    ///
    /// [`ResultError::Storage`] if the store fails, [`ResultError::Parquet`] if a part is broken.
    pub async fn rows(&self, manifest: &Manifest, offset: u64, limit: u64) -> Result<RowsPage, ResultError> {
        let end = offset.saturating_add(limit).min(manifest.rows);
        let (mut batches, mut bytes) = (Vec::new(), 0);
        for part in &manifest.parts {
            let wanted = overlap(part, offset..end);
            if wanted.is_empty() {
                continue;
            }
            let path = self.object(&manifest.name, &part.path);
            let failed = |error| ResultError::parquet(StorageOperation::Read, &path, error);
            let mut rows = self.part_rows(path.clone(), part, wanted).await?;
            while bytes < PAGE_BYTES
                && let Some(batch) = rows.try_next().await.map_err(failed)?
            {
                bytes += batch.get_array_memory_size();
                batches.push(batch);
            }
            if bytes >= PAGE_BYTES {
                break;
            }
        }
        Ok(RowsPage {
            columns: manifest.columns.clone(),
            schema: manifest.schema(),
            batches,
            offset,
            total_rows: manifest.rows,
        })
    }

    /// Streams the rows `wanted` of a part, counted from the part's first row.
    pub(crate) async fn part_rows(
        &self,
        path: Path,
        part: &Part,
        wanted: Range<u64>,
    ) -> Result<ParquetRecordBatchStream<PartReader>, ResultError> {
        let failed = |error| ResultError::parquet(StorageOperation::Read, &path, error);
        let key = FooterKey { path: path.clone(), sha256: part.sha256.clone() };
        let mut reader =
            PartReader { objects: self.objects().clone(), key, bytes: part.bytes, footers: self.footers.clone() };
        let options = ArrowReaderOptions::new().with_offset_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load_async(&mut reader, options).await.map_err(failed)?;
        let selection = RowGroups::holding(metadata.metadata(), &wanted);
        ParquetRecordBatchStreamBuilder::new_with_metadata(reader, metadata)
            .with_batch_size(selection.batch_rows)
            .with_row_groups(selection.indexes)
            .with_offset(selection.skipped)
            .with_limit(usize::try_from(wanted.end - wanted.start).unwrap_or(usize::MAX))
            .build()
            .map_err(failed)
    }
}

/// The part of `rows` that lies in `part`, counted from the part's first row.
fn overlap(part: &Part, rows: Range<u64>) -> Range<u64> {
    let start = rows.start.saturating_sub(part.row_offset);
    let end = rows.end.saturating_sub(part.row_offset).min(part.rows);
    start..end.max(start)
}

/// Reads a part for the Parquet reader. Its size is known from the manifest, its footer perhaps from the cache.
pub(crate) struct PartReader {
    objects: Arc<dyn ObjectStore>,
    key: FooterKey,
    bytes: u64,
    footers: Arc<FooterCache>,
}

impl AsyncFileReader for PartReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, ParquetError>> {
        self.objects.get_range(&self.key.path, range).map(|bytes| bytes.map_err(external)).boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, Result<Vec<Bytes>, ParquetError>> {
        async move { self.objects.get_ranges(&self.key.path, &ranges).await.map_err(external) }.boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>, ParquetError>> {
        async move {
            if let Some(footer) = self.footers.get(&self.key) {
                return Ok(footer);
            }
            let bytes = self.bytes;
            let reader = ParquetMetaDataReader::new()
                .with_offset_index_policy(PageIndexPolicy::Optional)
                .with_prefetch_hint(Some(FOOTER_GUESS_BYTES));
            let footer = Arc::new(reader.load_and_finish(&mut *self, bytes).await?);
            self.footers.put(self.key.clone(), footer.clone());
            Ok(footer)
        }
        .boxed()
    }
}

fn external(error: object_store::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}
