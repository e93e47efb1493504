//! A whole result as one file, streamed: never more than a row group of it is in memory.
//!
//! The rows of a batch are decoded and encoded where the stream is polled. A batch is about a megabyte, a few
//! milliseconds of work, and between two of them the reader's connection decides when it goes on.

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::ObjectStoreExt as _;
use object_store::path::Path;
use parquet::arrow::async_reader::ParquetRecordBatchStream;

use crate::encode::{Document, DownloadOptions, Format, Head};
use crate::error::{ResultError, StorageOperation};
use crate::manifest::{Manifest, Part};
use crate::rows::PartReader;
use crate::store::ResultStore;

impl ResultStore {
    /// Streams the result as one file in `format`. Nothing is read before the stream is polled.
    ///
    /// As Parquet, a result of one part is that part, byte for byte; several parts are written anew into one file.
    ///
    /// # Errors
    ///
    /// An item of the stream is an error, and the last one, if the store fails or a part is broken. What came before
    /// it is then no whole file.
    #[must_use]
    pub fn download(
        &self,
        manifest: &Manifest,
        format: Format,
        options: &DownloadOptions,
    ) -> BoxStream<'static, Result<Bytes, ResultError>> {
        if let (Format::Parquet, [part]) = (format, manifest.parts.as_slice()) {
            return self.download_part(self.object(&manifest.name, &part.path));
        }
        let download = Download {
            store: self.clone(),
            manifest: manifest.clone(),
            next_part: 0,
            stage: Stage::Begin(format, options.clone()),
        };
        futures::stream::try_unfold(download, Download::next).boxed()
    }

    fn download_part(&self, path: Path) -> BoxStream<'static, Result<Bytes, ResultError>> {
        let objects = self.objects().clone();
        let opened = async move {
            let failed = |error| ResultError::storage(StorageOperation::Read, &path, error);
            let object = objects.get(&path).await.map_err(failed)?;
            let path = path.clone();
            let bytes = object.into_stream();
            Ok::<_, ResultError>(bytes.map_err(move |error| ResultError::storage(StorageOperation::Read, &path, error)))
        };
        futures::stream::once(opened).try_flatten().boxed()
    }
}

/// A download between two chunks.
struct Download {
    store: ResultStore,
    manifest: Manifest,
    next_part: usize,
    stage: Stage,
}

enum Stage {
    Begin(Format, DownloadOptions),
    BetweenParts(Document),
    Part(Document, Box<ParquetRecordBatchStream<PartReader>>),
    Done,
}

impl Download {
    /// The next chunk that is not empty; `None` after the last one.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, ResultError> {
        loop {
            let (chunk, stage) = match std::mem::replace(&mut self.stage, Stage::Done) {
                Stage::Begin(format, options) => self.begin(format, &options)?,
                Stage::BetweenParts(document) => self.open_part(document).await?,
                Stage::Part(document, rows) => self.next_batch(document, rows).await?,
                Stage::Done => return Ok(None),
            };
            self.stage = stage;
            if !chunk.is_empty() {
                return Ok(Some((Bytes::from(chunk), self)));
            }
        }
    }

    fn begin(&self, format: Format, options: &DownloadOptions) -> Result<(Vec<u8>, Stage), ResultError> {
        let manifest = &self.manifest;
        let head = Head { columns: &manifest.columns, offset: 0, total_rows: manifest.rows, next_offset: None };
        let (document, chunk) = Document::begin(format, options, manifest.schema(), &head)?;
        Ok((chunk, Stage::BetweenParts(document)))
    }

    async fn open_part(&mut self, document: Document) -> Result<(Vec<u8>, Stage), ResultError> {
        let Some(part) = self.manifest.parts.get(self.next_part) else {
            return Ok((document.end()?, Stage::Done));
        };
        self.next_part += 1;
        let rows = self.store.part_rows(self.part_path(part), part, 0..part.rows).await?;
        Ok((Vec::new(), Stage::Part(document, Box::new(rows))))
    }

    // Exclusive although it only reads: a Parquet reader may be sent to another thread, but not be shared with one.
    async fn next_batch(
        &mut self,
        mut document: Document,
        mut rows: Box<ParquetRecordBatchStream<PartReader>>,
    ) -> Result<(Vec<u8>, Stage), ResultError> {
        let batch = rows.try_next().await.map_err(|error| {
            let part = self.manifest.parts.get(self.next_part.saturating_sub(1));
            let path = part.map_or_else(Path::default, |part| self.part_path(part));
            ResultError::parquet(StorageOperation::Read, path, error)
        })?;
        match batch {
            Some(batch) => {
                let mut chunk = Vec::new();
                document.push(&batch, &mut chunk)?;
                Ok((chunk, Stage::Part(document, rows)))
            }
            None => Ok((Vec::new(), Stage::BetweenParts(document))),
        }
    }

    fn part_path(&self, part: &Part) -> Path {
        self.store.object(&self.manifest.name, &part.path)
    }
}
