//! Tables and columns.

use serde::Deserialize;
use serde_json::Value;

use super::{EntityHead, EntityRef, TagLabel, or_default};

/// A table or a view.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    /// What all entities have.
    #[serde(flatten)]
    pub head: EntityHead,
    /// Its columns in order; empty when they were not asked for.
    #[serde(default, deserialize_with = "or_default")]
    pub columns: Vec<Column>,
    /// `Regular`, `View`, `Iceberg` …
    pub table_type: Option<String>,
    /// The kind of its service, such as `Postgres`.
    pub service_type: Option<String>,
    /// The schema that it is in.
    pub database_schema: Option<EntityRef>,
    /// The database that it is in.
    pub database: Option<EntityRef>,
    /// The service that it is in.
    pub service: Option<EntityRef>,
    /// The text of a view, when asked for.
    pub schema_definition: Option<String>,
    /// The custom properties, when asked for.
    pub extension: Option<Value>,
    /// Other fully qualified names of it (since 1.13.6).
    #[serde(default, deserialize_with = "or_default")]
    pub aliases: Vec<String>,
}

/// A column, or a field of one.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// Its own name, raw.
    pub name: String,
    /// The text of its fully qualified name.
    pub fully_qualified_name: Option<String>,
    /// Its name for people.
    pub display_name: Option<String>,
    /// OpenMetadata's type, such as `BIGINT`.
    #[serde(default, deserialize_with = "or_default")]
    pub data_type: String,
    /// The type as the source writes it, such as `array(varchar(10))`.
    pub data_type_display: Option<String>,
    /// The type of an array's elements.
    pub array_data_type: Option<String>,
    /// The length of a text or binary type.
    pub data_length: Option<i64>,
    /// The digits of a decimal.
    pub precision: Option<i64>,
    /// The digits of a decimal after the point.
    pub scale: Option<i64>,
    /// What it is, in Markdown.
    pub description: Option<String>,
    /// `PRIMARY_KEY`, `NOT_NULL` …
    pub constraint: Option<String>,
    /// Its place, from 1.
    pub ordinal_position: Option<i64>,
    /// Its tags, when asked for.
    #[serde(default, deserialize_with = "or_default")]
    pub tags: Vec<TagLabel>,
    /// The fields of a row; as deep as the JSON was, which its reader bounds to 128 levels.
    #[serde(default, deserialize_with = "or_default")]
    pub children: Vec<Self>,
}
