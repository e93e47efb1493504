//! Writing a result: pages in, Parquet parts into the store, the manifest last.
//!
//! Nothing is a result before its manifest is there, so a writer may fail or be dropped at any moment. What it leaves
//! are parts that no manifest names; [`ResultWriter::abort`] or [`ResultStore::delete`] remove them.
//!
//! Decoding and encoding a page is plain computation. A small page is done at once, because handing it to another
//! thread costs more than its milliseconds; a large one goes to the runtime's blocking threads, so that no
//! other job waits behind it. Either way the caller awaits it: pages never pile up.

mod page;
mod part;
mod upload;

use std::sync::Arc;

use bytes::Bytes;
use warren_trino::Column;

use self::page::{EncodedPage, PageError, encode_page};
pub(crate) use self::part::PartEncoder;
use self::upload::Upload;
use crate::error::{ResultError, StorageFault, StorageOperation};
use crate::manifest::{ColumnOrigin, MANIFEST_FILE, Manifest, ManifestExtras, Part};
use crate::name::{ResultName, is_segment};
use crate::store::ResultStore;
use crate::types::ResultSchema;

/// A page of at most this many bytes takes about a millisecond, and is worked on where it arrived.
const INLINE_PAGE_BYTES: usize = 256 * 1024;
/// Writing out a row group of at most this many bytes is as quick.
const INLINE_PART_BYTES: u64 = 512 * 1024;

/// How results are cut into parts, row groups and pages. The defaults suit results of any size.
///
/// They bound the memory of a writer, whatever the size of its result: one page and its decoded form, one open row
/// group, and at most 32 MiB on their way into the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterOptions {
    /// A part is closed by the page that brings it to this many bytes. Default 64 MiB.
    pub part_bytes: u64,
    /// A part is closed by the page that brings it to this many rows. Default 8 Mi.
    pub part_rows: u64,
    /// Rows of a row group at most; 0 counts as 1. Default 128 Ki.
    pub row_group_rows: usize,
    /// Encoded bytes of a row group at most, about. An open row group is kept in memory. Default 16 MiB.
    pub row_group_bytes: usize,
    /// Rows of a data page at most; 0 counts as 1. A page of rows costs the decoding of one data page of each column.
    /// Default 8 Ki.
    pub data_page_rows: usize,
    /// Put into the file names of the parts, so that two writers of one result, of which one lost its lease, never
    /// write the same file. Up to 64 ASCII letters and digits; anything else becomes `_`. Default none.
    pub part_tag: Option<String>,
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self {
            part_bytes: 64 * 1024 * 1024,
            part_rows: 8 * 1024 * 1024,
            row_group_rows: 128 * 1024,
            row_group_bytes: 16 * 1024 * 1024,
            data_page_rows: 8 * 1024,
            part_tag: None,
        }
    }
}

/// A result that is being written.
#[derive(Debug)]
pub struct ResultWriter {
    store: ResultStore,
    name: ResultName,
    schema: Arc<ResultSchema>,
    options: Arc<WriterOptions>,
    parts: Vec<Part>,
    open: OpenPart,
}

/// The part that rows go to.
enum OpenPart {
    /// No row has come since the last part was closed.
    None,
    Some(Box<PartEncoder>, Upload),
    /// A call failed or was dropped half way: what the part holds is not known.
    Failed,
}

impl std::fmt::Debug for OpenPart {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::None => "None",
            Self::Some(..) => "Some",
            Self::Failed => "Failed",
        })
    }
}

impl ResultStore {
    /// Begins a result. Nothing is written before rows come.
    #[must_use]
    pub fn writer(&self, name: ResultName, columns: &[Column], options: WriterOptions) -> ResultWriter {
        ResultWriter {
            store: self.clone(),
            name,
            schema: Arc::new(ResultSchema::new(columns)),
            options: Arc::new(options),
            parts: Vec::new(),
            open: OpenPart::None,
        }
    }

    /// As [`Self::writer`], with the origins of the columns in their order. A shorter list leaves the other ones without.
    #[must_use]
    pub fn writer_with_origins(
        &self,
        name: ResultName,
        columns: &[Column],
        origins: Vec<ColumnOrigin>,
        options: WriterOptions,
    ) -> ResultWriter {
        let schema = Arc::new(ResultSchema::with_origins(columns, origins));
        ResultWriter { schema, ..self.writer(name, &[], options) }
    }

    /// Goes on with a result after the parts that [`ResultWriter::checkpoint`] returned to an earlier writer of it.
    ///
    /// # Errors
    ///
    /// [`ResultError::Resume`] if the parts do not follow one another from row 0.
    pub fn resume(
        &self,
        name: ResultName,
        columns: &[Column],
        parts: Vec<Part>,
        options: WriterOptions,
    ) -> Result<ResultWriter, ResultError> {
        let mut row_offset = 0;
        for part in &parts {
            if !is_segment(&part.path) {
                return Err(ResultError::Resume { name, reason: "a part has a path that leaves its folder" });
            }
            if part.row_offset != row_offset || part.rows == 0 {
                return Err(ResultError::Resume { name, reason: "the parts do not follow one another" });
            }
            row_offset += part.rows;
        }
        Ok(ResultWriter { parts, ..self.writer(name, columns, options) })
    }
}

impl ResultWriter {
    /// Appends the rows of one page, `[[…],[…]]` exactly as Trino sent them. Returns how many there were.
    ///
    /// # Errors
    ///
    /// [`ResultError::Decode`] for rows that do not fit their columns, else what the store or Parquet say. After an
    /// error this writer is done for; [`ResultStore::resume`] goes on from the last checkpoint.
    pub async fn write(&mut self, rows_json: Bytes) -> Result<u64, ResultError> {
        self.write_at_most(rows_json, usize::MAX).await
    }

    /// As [`Self::write`], but keeps only the first `most` rows of the page. Returns how many the page had.
    ///
    /// # Errors
    ///
    /// As [`Self::write`].
    pub async fn write_at_most(&mut self, rows_json: Bytes, most: usize) -> Result<u64, ResultError> {
        let rows_before = self.rows();
        let schema = self.schema.clone();
        let inline = rows_json.len() <= INLINE_PAGE_BYTES;
        let (encoder, upload) = self.take_open()?;
        let options = self.options.clone();
        let encoded = compute(inline, move || encode_page(&schema, &rows_json, most, encoder, &options)).await;
        match encoded {
            Ok(Ok(page)) => self.store_page(page, upload).await,
            Ok(Err(error)) => {
                abort(upload).await;
                Err(match error {
                    PageError::Decode(error) => ResultError::Decode(error.after_rows(rows_before)),
                    PageError::Parquet(source) => ResultError::parquet(StorageOperation::Write, &self.name, source),
                })
            }
            Err(error) => {
                abort(upload).await;
                Err(error)
            }
        }
    }

    /// Rows received so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let open = match &self.open {
            OpenPart::Some(encoder, _) => encoder.rows(),
            OpenPart::None | OpenPart::Failed => 0,
        };
        self.parts.iter().map(|part| part.rows).sum::<u64>() + open
    }

    /// Bytes of the result so far as it is stored, with an estimate of those that are not encoded yet.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let open = match &self.open {
            OpenPart::Some(encoder, _) => encoder.bytes(),
            OpenPart::None | OpenPart::Failed => 0,
        };
        self.parts.iter().map(|part| part.bytes).sum::<u64>() + open
    }

    /// The parts that are stored, in row order. Rows of an open part are not among them.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Closes the open part, so that every row received so far is stored, and returns all parts. Each call that finds
    /// new rows makes a file: call it when losing the rows would cost more than that.
    ///
    /// # Errors
    ///
    /// What the store or Parquet say. After an error the parts of the checkpoint before are still good.
    pub async fn checkpoint(&mut self) -> Result<&[Part], ResultError> {
        match std::mem::replace(&mut self.open, OpenPart::Failed) {
            OpenPart::None => self.open = OpenPart::None,
            OpenPart::Some(encoder, upload) => self.close_part(encoder, upload).await?,
            OpenPart::Failed => return Err(self.failed_before()),
        }
        Ok(&self.parts)
    }

    /// Closes the open part and commits the result by writing its manifest.
    ///
    /// # Errors
    ///
    /// [`ResultError::AlreadyCommitted`] if another writer was quicker with other parts, else what the store or
    /// Parquet say. Where the manifest surely was not written, the parts are deleted. Where it may have been, they stay:
    /// they can be committed again with [`ResultStore::resume`], and committing twice what is the same succeeds.
    pub async fn finish(mut self, extras: ManifestExtras) -> Result<Manifest, ResultError> {
        self.commit(extras).await
    }

    /// As [`Self::finish`], for a writer that may have to take it back.
    ///
    /// # Errors
    ///
    /// As [`Self::finish`].
    pub async fn commit(&mut self, extras: ManifestExtras) -> Result<Manifest, ResultError> {
        if let Err(error) = self.checkpoint().await {
            self.clean_up().await;
            return Err(error);
        }
        let manifest = Manifest::new(self.name.clone(), &self.schema, self.parts.clone(), extras);
        match self.store.commit(&manifest).await {
            Ok(()) => Ok(manifest),
            Err(error) => {
                if is_refused_write(&error) {
                    self.clean_up().await;
                }
                Err(error)
            }
        }
    }

    /// Deletes the manifest that [`Self::commit`] wrote, so that rows can follow. Nobody may have been told of the result.
    ///
    /// # Errors
    ///
    /// [`ResultError::Storage`] if the store fails.
    pub async fn take_back(&mut self) -> Result<(), ResultError> {
        self.store.delete_object(&self.store.object(&self.name, MANIFEST_FILE)).await
    }

    /// Gives the result up and deletes the parts that this writer knows, also those that it resumed from.
    ///
    /// # Errors
    ///
    /// [`ResultError::Storage`] if the store fails; [`ResultStore::delete`] finishes the work later.
    pub async fn abort(mut self) -> Result<(), ResultError> {
        self.delete_parts().await
    }

    async fn delete_parts(&mut self) -> Result<(), ResultError> {
        if let OpenPart::Some(_, upload) = std::mem::replace(&mut self.open, OpenPart::Failed) {
            upload.abort().await;
        }
        for part in std::mem::take(&mut self.parts) {
            self.store.delete_object(&self.store.object(&self.name, &part.path)).await?;
        }
        Ok(())
    }

    /// The same after an error, which is the one that counts.
    async fn clean_up(&mut self) {
        if let Err(error) = self.delete_parts().await {
            tracing::warn!(result.name = %self.name, error = ?error, "the parts of a failed commit could not be deleted");
        }
    }

    /// The open part, which counts as failed until it is put back: whoever drops the future that has it, drops it too.
    fn take_open(&mut self) -> Result<(Option<Box<PartEncoder>>, Option<Upload>), ResultError> {
        match std::mem::replace(&mut self.open, OpenPart::Failed) {
            OpenPart::None => Ok((None, None)),
            OpenPart::Some(encoder, upload) => Ok((Some(encoder), Some(upload))),
            OpenPart::Failed => Err(self.failed_before()),
        }
    }

    fn failed_before(&self) -> ResultError {
        ResultError::WriterFailed { name: self.name.clone() }
    }

    async fn store_page(&mut self, page: EncodedPage, upload: Option<Upload>) -> Result<u64, ResultError> {
        let Some(encoder) = page.encoder else {
            self.open = OpenPart::None;
            return Ok(page.rows);
        };
        let path = self.store.object(&self.name, &self.next_part_name());
        let mut upload = upload.unwrap_or_else(|| Upload::new(path));
        if !page.final_bytes.is_empty() {
            let written = upload.write(self.store.objects().as_ref(), page.final_bytes).await;
            if let Err(error) = written {
                upload.abort().await;
                return Err(error);
            }
        }
        if encoder.bytes() >= self.options.part_bytes || encoder.rows() >= self.options.part_rows {
            self.close_part(encoder, upload).await?;
        } else {
            self.open = OpenPart::Some(encoder, upload);
        }
        Ok(page.rows)
    }

    async fn close_part(&mut self, encoder: Box<PartEncoder>, mut upload: Upload) -> Result<(), ResultError> {
        let path = self.next_part_name();
        let inline = encoder.bytes() <= INLINE_PART_BYTES;
        let encoded = match compute(inline, move || encoder.finish()).await {
            Ok(Ok(encoded)) => encoded,
            Ok(Err(source)) => {
                upload.abort().await;
                return Err(ResultError::parquet(StorageOperation::Write, &path, source));
            }
            Err(error) => {
                upload.abort().await;
                return Err(error);
            }
        };
        let objects = self.store.objects().clone();
        if let Err(error) = upload.write(objects.as_ref(), encoded.rest).await {
            upload.abort().await;
            return Err(error);
        }
        upload.finish(objects.as_ref()).await?;
        self.parts.push(Part {
            path,
            rows: encoded.rows,
            bytes: encoded.bytes,
            row_offset: self.parts.iter().map(|part| part.rows).sum(),
            sha256: encoded.sha256,
        });
        self.open = OpenPart::None;
        Ok(())
    }

    fn next_part_name(&self) -> String {
        let number = self.parts.len();
        match &self.options.part_tag {
            None => format!("part-{number:05}.parquet"),
            Some(tag) => {
                let safe = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
                format!("part-{number:05}-{}.parquet", tag.chars().take(64).map(safe).collect::<String>())
            }
        }
    }
}

/// Whether the store has refused to write. A store that does not answer may have written all the same.
fn is_refused_write(error: &ResultError) -> bool {
    matches!(error, ResultError::Storage { operation: StorageOperation::Write, fault, .. }
        if *fault != StorageFault::Unavailable)
}

/// Runs `work` here when it is `inline`, else on a blocking thread of the runtime.
async fn compute<T: Send + 'static>(inline: bool, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ResultError> {
    if inline {
        return Ok(work());
    }
    tokio::task::spawn_blocking(work).await.map_err(|source| ResultError::Interrupted { source })
}

async fn abort(upload: Option<Upload>) {
    if let Some(upload) = upload {
        upload.abort().await;
    }
}
