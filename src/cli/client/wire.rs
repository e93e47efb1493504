//! The parts of Warren's answers that the command line looks at, and the bodies that it sends.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::jobs::{Status, Truncation};
use crate::problem::Problem;

/// A query to run.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct SubmitRequest {
    pub(crate) query: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) reference_models: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) catalog: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) queue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) priority: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time_zone: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) session: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
}

/// A query to look at.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ConvertRequest {
    pub(crate) query: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) reference_models: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) catalog: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schema: Option<String>,
}

/// A job.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) version: i64,
    #[serde(deserialize_with = "status")]
    pub(crate) status: Status,
    pub(crate) user_query: String,
    pub(crate) converted_query: Option<String>,
    pub(crate) offset_: Option<u64>,
    pub(crate) limit_: Option<u64>,
    pub(crate) result_path: Option<String>,
    pub(crate) created: DateTime<Utc>,
    pub(crate) owner: String,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    pub(crate) position: Option<u64>,
    pub(crate) attempt: u32,
    #[serde(default)]
    pub(crate) warnings: Vec<String>,
    pub(crate) progress: Progress,
    pub(crate) trino: Option<Trino>,
    pub(crate) result: Option<ResultSummary>,
    pub(crate) error: Option<Problem>,
}

/// How far a job is.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Progress {
    pub(crate) percent: Option<f64>,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) elapsed_ms: Option<u64>,
    pub(crate) state: Option<String>,
}

/// The query at Trino.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Trino {
    pub(crate) cluster: String,
    pub(crate) query_id: String,
}

/// The result of a job in short.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ResultSummary {
    pub(crate) rows: Option<u64>,
    pub(crate) bytes: Option<u64>,
    pub(crate) truncated: Option<Truncation>,
}

/// What a result consists of.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) path: Option<String>,
    pub(crate) parts: Vec<Part>,
}

/// A file of a result.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Part {
    pub(crate) path: String,
}

/// Some rows of a result.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Page {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Value>>,
    pub(crate) total_rows: u64,
    pub(crate) next_offset: Option<u64>,
}

/// A column of a result.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) r#type: String,
}

/// What would run for a query.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Conversion {
    pub(crate) statement: String,
    pub(crate) converted_query: String,
    pub(crate) limit_: Option<u64>,
    pub(crate) offset_: Option<u64>,
    pub(crate) models: Vec<Model>,
    pub(crate) warnings: Vec<String>,
}

/// The fusion models of a job.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Models {
    pub(crate) items: Vec<Model>,
}

/// A fusion model.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Model {
    pub(crate) fully_qualified_name: String,
    pub(crate) model_id_of_om: Option<String>,
    pub(crate) trino_model_name: String,
    #[serde(default)]
    pub(crate) target: bool,
}

/// Something that the catalogue has.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CatalogItem {
    pub(crate) fully_qualified_name: String,
    pub(crate) kind: String,
    pub(crate) description: Option<String>,
    pub(crate) trino_model_name: Option<String>,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
}

/// A table or file.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CatalogTable {
    pub(crate) fully_qualified_name: String,
    pub(crate) kind: String,
    pub(crate) id: Option<String>,
    pub(crate) version: Option<f64>,
    #[serde(default)]
    pub(crate) deleted: bool,
    pub(crate) service_type: Option<String>,
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    #[serde(default)]
    pub(crate) owners: Vec<String>,
    #[serde(default)]
    pub(crate) columns: Vec<CatalogColumn>,
    pub(crate) trino_model_name: Option<String>,
    pub(crate) snippet: Option<String>,
}

/// A column of a table or file.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CatalogColumn {
    pub(crate) name: String,
    pub(crate) r#type: String,
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    pub(crate) constraint: Option<String>,
}

/// A command of the model queue.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct QueuedCommand {
    pub(crate) id: i64,
    pub(crate) state: String,
    pub(crate) command: String,
    pub(crate) model_name_fqn: String,
    pub(crate) from_fqn: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) last_error: Option<String>,
}

/// A model to be made.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MakeModelRequest {
    pub(crate) name: String,
    pub(crate) query: String,
    pub(crate) kind: &'static str,
    pub(crate) replace: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) reference_models: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) catalog: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schema: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
}

/// A model that is being made.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct MadeModel {
    pub(crate) id: String,
    pub(crate) trino_model_name: String,
    pub(crate) job: Job,
}

/// A view or table that was made through Warren.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ModelEntry {
    pub(crate) id: String,
    pub(crate) fully_qualified_name: String,
    pub(crate) trino_model_name: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) owner: String,
    pub(crate) updated: DateTime<Utc>,
    pub(crate) error: Option<Problem>,
}

/// What was used together with another name.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CompanionEntry {
    pub(crate) fully_qualified_name: String,
    pub(crate) trino_model_name: String,
    pub(crate) jobs: u64,
    pub(crate) users: u64,
    pub(crate) last_used: DateTime<Utc>,
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Status, D::Error> {
    let word = String::deserialize(deserializer)?;
    Status::parse(&word).ok_or_else(|| serde::de::Error::custom(format!("there is no status '{word}'")))
}
