//! Stored results: Trino's pages become Parquet parts and a manifest, and these become pages and files again.
//!
//! What lives here: the way values are kept ([`types`]), decoding of Trino's rows ([`decode`]), the store with writer,
//! manifest and rows, and the formats that people and programs read ([`encode`]). What does not: who may read a result,
//! when it expires, and how the pages get here.
//!
//! A value comes out exactly as Trino sent it; a value that cannot be kept exactly is an error.

pub mod decode;
mod download;

pub mod encode;
mod error;
mod footers;
mod manifest;
mod name;
mod recent;
mod row_groups;
mod rows;
mod store;
pub mod types;
mod writer;

pub use decode::{DecodeError, DecodeFault};
pub use encode::{CsvOptions, CsvQuoting, DownloadOptions, EncodeError, Format, Numbers, UnknownFormat};
pub use error::{ResultError, StorageFault, StorageOperation};
pub use manifest::{
    ColumnOrigin, ColumnSource, Manifest, ManifestColumn, ManifestExtras, ManifestVersion, Part, ResultWarning,
    TruncatedBy, Truncation, UnknownVersion,
};
pub use name::{NameError, ResultName};
pub use rows::RowsPage;
pub use store::ResultStore;
pub use writer::{ResultWriter, WriterOptions};
