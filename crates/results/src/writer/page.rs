//! One page on its way into a part: plain computation, which knows no store.

use arrow::record_batch::RecordBatch;
use bytes::Bytes;

use super::{PartEncoder, WriterOptions};
use crate::decode::{DecodeError, decode_rows};
use crate::types::ResultSchema;

/// What became of a page: the encoder it went to (none if there is still no row), the bytes that are final, and how many
/// rows the page had.
pub(super) struct EncodedPage {
    pub(super) encoder: Option<Box<PartEncoder>>,
    pub(super) final_bytes: Bytes,
    pub(super) rows: u64,
}

/// Why a page could not be encoded.
pub(super) enum PageError {
    Decode(DecodeError),
    Parquet(parquet::errors::ParquetError),
}

/// Decodes a page and gives its first `most` rows to the encoder of the open part, or to a new one.
pub(super) fn encode_page(
    schema: &ResultSchema,
    rows_json: &[u8],
    most: usize,
    encoder: Option<Box<PartEncoder>>,
    options: &WriterOptions,
) -> Result<EncodedPage, PageError> {
    let page: RecordBatch = decode_rows(schema, rows_json).map_err(PageError::Decode)?;
    let rows = page.num_rows() as u64;
    let batch = page.slice(0, page.num_rows().min(most));
    if batch.num_rows() == 0 {
        return Ok(EncodedPage { encoder, final_bytes: Bytes::new(), rows });
    }
    let mut encoder = match encoder {
        Some(encoder) => encoder,
        None => Box::new(PartEncoder::new(schema.arrow().clone(), options).map_err(PageError::Parquet)?),
    };
    let final_bytes = encoder.write(&batch, options).map_err(PageError::Parquet)?;
    Ok(EncodedPage { encoder: Some(encoder), final_bytes, rows })
}
