//! The manifest: what a result consists of. Writing it is the commit of a result; without it there is none.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use warren_trino::{Column, TypeSignature};

use crate::name::ResultName;
use crate::types::{ResultColumn, ResultSchema};

/// File name of the manifest inside the folder of its result.
pub(crate) const MANIFEST_FILE: &str = "manifest.json";

/// The format of the manifest. A reader refuses what it does not know, instead of guessing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub enum ManifestVersion {
    /// The only version so far, the number 1 in JSON.
    #[default]
    V1,
}

/// A manifest of a version that this Warren does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("manifest version {0} is not known, a newer warren wrote it")]
pub struct UnknownVersion(u32);

impl TryFrom<u32> for ManifestVersion {
    type Error = UnknownVersion;

    fn try_from(number: u32) -> Result<Self, UnknownVersion> {
        match number {
            1 => Ok(Self::V1),
            unknown => Err(UnknownVersion(unknown)),
        }
    }
}

impl From<ManifestVersion> for u32 {
    fn from(version: ManifestVersion) -> Self {
        match version {
            ManifestVersion::V1 => 1,
        }
    }
}

/// A committed result: its columns, its parts and what Trino said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format.
    pub version: ManifestVersion,
    /// Where the result lies in its store. The paths of the parts are relative to it.
    pub name: ResultName,
    /// When the result was committed, by the caller's clock.
    pub created: DateTime<Utc>,
    /// The columns in order; none for a statement that returns no rows.
    pub columns: Vec<ManifestColumn>,
    /// Rows of all parts.
    pub rows: u64,
    /// Stored bytes of all parts.
    pub bytes: u64,
    /// The Parquet files in row order; none for a result without rows.
    pub parts: Vec<Part>,
    /// Set when the rows are not all that the query would have returned.
    pub truncated: Option<Truncation>,
    /// What the statement changed (`INSERT`, `CREATE TABLE` …), by Trino's word.
    pub update_type: Option<String>,
    /// How many rows it changed.
    pub update_count: Option<i64>,
    /// Trino's warnings.
    #[serde(default)]
    pub warnings: Vec<ResultWarning>,
}

/// One column of a committed result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestColumn {
    /// The name as Trino shows it. Names may repeat.
    pub name: String,
    /// Trino's text of the type.
    #[serde(rename = "type")]
    pub type_text: String,
    /// The type, structured as Trino sends it.
    pub signature: TypeSignature,
    /// The column's name in Parquet, Arrow and NDJSON, unique within the result.
    pub arrow_name: String,
    /// Where the values come from.
    #[serde(flatten)]
    pub origin: ColumnOrigin,
}

/// Where the values of a column come from. It stands in the manifest, and in the metadata of the column's field in Arrow
/// and Parquet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnOrigin {
    /// The columns of tables that the values come from; empty when that is not known.
    #[serde(default)]
    pub sources: Vec<ColumnSource>,
    /// What the column is, where somebody has written it down.
    #[serde(default)]
    pub description: Option<String>,
}

/// A column of a table that a result's column is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnSource {
    /// The table's FQN, where it has one.
    pub fqn: Option<String>,
    /// The table's Trino name.
    pub trino: String,
    /// The column of the table.
    pub column: String,
    /// How it is used.
    #[serde(rename = "use")]
    pub usage: String,
}

/// One Parquet file of a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// File name inside the folder of the result.
    pub path: String,
    /// Rows of this part; never 0.
    pub rows: u64,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Rows of all parts before it.
    pub row_offset: u64,
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub sha256: String,
}

/// By what and at how many rows a result was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truncation {
    /// The limit that cut it.
    pub by: TruncatedBy,
    /// That limit, in rows, or in bytes for [`TruncatedBy::MaxBytes`].
    pub at: u64,
}

/// Whose limit cut a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TruncatedBy {
    /// The request's `limit`.
    Limit,
    /// The server's `max_rows`.
    MaxRows,
    /// The server's `max_bytes`.
    MaxBytes,
}

/// A warning of Trino.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultWarning {
    /// Trino's number of the warning.
    pub code: i64,
    /// Trino's name of it.
    pub name: String,
    /// Its text.
    pub message: String,
}

/// What a writer does not know by itself and that stands in the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestExtras {
    /// The time of the commit.
    pub created: DateTime<Utc>,
    /// Set when the result was cut.
    pub truncated: Option<Truncation>,
    /// What the statement changed, by Trino's word.
    pub update_type: Option<String>,
    /// How many rows it changed.
    pub update_count: Option<i64>,
    /// Trino's warnings.
    pub warnings: Vec<ResultWarning>,
}

impl ManifestExtras {
    /// Nothing to add but the time of the commit.
    #[must_use]
    pub fn at(created: DateTime<Utc>) -> Self {
        Self { created, truncated: None, update_type: None, update_count: None, warnings: Vec::new() }
    }
}

impl Manifest {
    pub(crate) fn new(name: ResultName, schema: &ResultSchema, parts: Vec<Part>, extras: ManifestExtras) -> Self {
        let columns = schema.columns().iter().map(|column| ManifestColumn {
            name: column.trino.name.clone(),
            type_text: column.trino.type_text.clone(),
            signature: column.trino.signature.clone(),
            arrow_name: column.arrow_name.clone(),
            origin: column.origin.clone(),
        });
        Self {
            version: ManifestVersion::V1,
            name,
            created: extras.created,
            columns: columns.collect(),
            rows: parts.iter().map(|part| part.rows).sum(),
            bytes: parts.iter().map(|part| part.bytes).sum(),
            parts,
            truncated: extras.truncated,
            update_type: extras.update_type,
            update_count: extras.update_count,
            warnings: extras.warnings,
        }
    }

    /// The schema that the parts are stored with.
    #[must_use]
    pub fn schema(&self) -> ResultSchema {
        ResultSchema::stored(self.columns.iter().map(|column| {
            let trino = Column {
                name: column.name.clone(),
                type_text: column.type_text.clone(),
                signature: column.signature.clone(),
            };
            ResultColumn::new(trino, column.arrow_name.clone(), column.origin.clone())
        }))
    }
}
