//! A document in some format, written batch by batch: what comes before the rows, the rows, what comes after them.

use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::RecordBatch;
use serde::Serialize;

use super::format::{CsvOptions, DownloadOptions, Format};
use super::json::{json_key, push_json_object_rows};
use super::{EncodeError, Numbers, csv, push_json_rows};
use crate::error::{ResultError, StorageOperation};
use crate::manifest::{ColumnOrigin, ManifestColumn};
use crate::types::ResultSchema;
use crate::writer::{PartEncoder, WriterOptions};

/// What a document tells about its rows besides the rows.
#[derive(Debug, Clone)]
pub(crate) struct Head<'a> {
    pub(crate) columns: &'a [ManifestColumn],
    pub(crate) offset: u64,
    pub(crate) total_rows: u64,
    pub(crate) next_offset: Option<u64>,
}

/// A document that is being written.
pub(crate) struct Document {
    schema: ResultSchema,
    body: Body,
}

enum Body {
    Json { numbers: Numbers, rows_begun: bool },
    Ndjson { numbers: Numbers, keys: Vec<Vec<u8>> },
    Csv(CsvOptions),
    Arrow(Box<StreamWriter<Vec<u8>>>),
    Parquet(Box<PartEncoder>, WriterOptions),
}

impl Document {
    /// Begins a document and returns what comes before the rows.
    pub(crate) fn begin(
        format: Format,
        options: &DownloadOptions,
        schema: ResultSchema,
        head: &Head<'_>,
    ) -> Result<(Self, Vec<u8>), ResultError> {
        let mut out = Vec::new();
        let body = match format {
            Format::Json => {
                push_json_head(head, &mut out);
                Body::Json { numbers: options.numbers, rows_begun: false }
            }
            Format::Ndjson => {
                let keys = schema.columns().iter().map(|column| json_key(&column.arrow_name)).collect();
                Body::Ndjson { numbers: options.numbers, keys }
            }
            Format::Csv => {
                csv::push_header(&schema, &options.csv, &mut out);
                Body::Csv(options.csv.clone())
            }
            Format::Arrow => {
                let mut writer = StreamWriter::try_new(Vec::new(), schema.arrow())?;
                out = std::mem::take(writer.get_mut());
                Body::Arrow(Box::new(writer))
            }
            Format::Parquet => {
                let options = WriterOptions::default();
                let encoder = PartEncoder::new(schema.arrow().clone(), &options).map_err(parquet_failed)?;
                Body::Parquet(Box::new(encoder), options)
            }
        };
        Ok((Self { schema, body }, out))
    }

    /// Appends the rows of `batch` to `out`, or as much of them as is final yet.
    pub(crate) fn push(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ResultError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        match &mut self.body {
            Body::Json { numbers, rows_begun } => {
                if *rows_begun {
                    out.extend_from_slice(b",\n");
                }
                *rows_begun = true;
                push_json_rows(&self.schema, batch, *numbers, out)?;
            }
            Body::Ndjson { numbers, keys } => push_json_object_rows(&self.schema, batch, keys, *numbers, out)?,
            Body::Csv(options) => csv::push_rows(&self.schema, batch, options, out)?,
            Body::Arrow(writer) => {
                writer.write(&relabelled(&self.schema, batch)?)?;
                out.append(writer.get_mut());
            }
            Body::Parquet(encoder, options) => {
                let batch = relabelled(&self.schema, batch)?;
                out.extend_from_slice(&encoder.write(&batch, options).map_err(parquet_failed)?);
            }
        }
        Ok(())
    }

    /// Ends the document and returns what comes after the rows.
    pub(crate) fn end(self) -> Result<Vec<u8>, ResultError> {
        match self.body {
            Body::Json { .. } => Ok(b"]}\n".to_vec()),
            Body::Ndjson { .. } | Body::Csv(_) => Ok(Vec::new()),
            Body::Arrow(mut writer) => {
                writer.finish()?;
                Ok(std::mem::take(writer.get_mut()))
            }
            Body::Parquet(encoder, _) => Ok(encoder.finish().map_err(parquet_failed)?.rest.into()),
        }
    }
}

/// The batch with the schema of the document: the one that a part was stored with may carry metadata of its writer.
fn relabelled(schema: &ResultSchema, batch: &RecordBatch) -> Result<RecordBatch, EncodeError> {
    RecordBatch::try_new(schema.arrow().clone(), batch.columns().to_vec())
        .map_err(|_mismatch| EncodeError::between(schema, batch))
}

fn parquet_failed(source: parquet::errors::ParquetError) -> ResultError {
    ResultError::parquet(StorageOperation::Write, "of a download", source)
}

#[derive(Serialize)]
struct JsonColumn<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    type_text: &'a str,
    #[serde(flatten)]
    origin: &'a ColumnOrigin,
}

/// A JSON document is a page that says everything before its rows, so that a reader of a stream knows what comes.
fn push_json_head(head: &Head<'_>, out: &mut Vec<u8>) {
    #[derive(Serialize)]
    struct JsonHead<'a> {
        columns: Vec<JsonColumn<'a>>,
        offset: u64,
        total_rows: u64,
        next_offset: Option<u64>,
        partial: bool,
    }
    let columns = head.columns.iter().map(|column| JsonColumn {
        name: &column.name,
        type_text: &column.type_text,
        origin: &column.origin,
    });
    let head = JsonHead {
        columns: columns.collect(),
        offset: head.offset,
        total_rows: head.total_rows,
        next_offset: head.next_offset,
        // Only a result that is still being written is partial, and such a one has no manifest to read from.
        partial: false,
    };
    // Strings and numbers always serialise, and writing to a vector cannot fail.
    let _infallible = serde_json::to_writer(&mut *out, &head);
    out.pop();
    out.extend_from_slice(b",\"rows\":[");
}
