//! A `RunEvent` of OpenLineage 2-0-2 as Warren sends it: complete, with inputs, outputs, the statement and the lineage of
//! columns.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::jobs::ColumnUsage;

const PRODUCER: &str = concat!("urn:warren:", env!("CARGO_PKG_VERSION"));
const SCHEMA: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
const SQL_FACET: &str = "https://openlineage.io/spec/facets/1-0-1/SQLJobFacet.json#/$defs/SQLJobFacet";
const COLUMN_FACET: &str =
    "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet";

/// A run that ended well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEvent {
    /// When.
    pub time: DateTime<Utc>,
    /// The run.
    pub run: Uuid,
    /// What ran, by its name in Warren's namespace. Runs of the same thing share it.
    pub job: String,
    /// The statement.
    pub sql: String,
    /// What was read.
    pub inputs: Vec<Dataset>,
    /// What was made or filled.
    pub output: Output,
}

/// A table or file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dataset {
    /// Where it is: the service.
    pub namespace: String,
    /// Its name there.
    pub name: String,
}

/// What was made or filled, column by column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The table or view.
    pub dataset: Dataset,
    /// What its columns take from which inputs.
    pub columns: Vec<ColumnInputs>,
}

/// What one column is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnInputs {
    /// The column.
    pub column: String,
    /// The columns that it takes.
    pub inputs: Vec<FieldInput>,
}

/// A column that goes into another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldInput {
    /// Of which dataset.
    pub dataset: Dataset,
    /// Its name.
    pub field: String,
    /// What happens to it on the way.
    pub usage: ColumnUsage,
}

impl RunEvent {
    /// The JSON of the specification, with the job in `namespace`.
    #[must_use]
    pub fn json(&self, namespace: &str) -> Value {
        let Self { time, run, job, sql, inputs, output } = self;
        let inputs: Vec<Value> = inputs.iter().map(Dataset::json).collect();
        json!({
            "eventType": "COMPLETE",
            "eventTime": time.to_rfc3339_opts(SecondsFormat::Micros, true),
            "run": {"runId": run},
            "job": {
                "namespace": namespace,
                "name": job,
                "facets": {"sql": {"_producer": PRODUCER, "_schemaURL": SQL_FACET, "query": sql}},
            },
            "inputs": inputs,
            "outputs": [output.json()],
            "producer": PRODUCER,
            "schemaURL": SCHEMA,
        })
    }
}

impl Dataset {
    fn json(&self) -> Value {
        json!({"namespace": self.namespace, "name": self.name})
    }
}

impl Output {
    fn json(&self) -> Value {
        let Dataset { namespace, name } = &self.dataset;
        let fields: Map<String, Value> = self
            .columns
            .iter()
            .map(|own| {
                let inputs: Vec<Value> = own.inputs.iter().map(FieldInput::json).collect();
                (own.column.clone(), json!({"inputFields": inputs}))
            })
            .collect();
        let facets = if fields.is_empty() {
            json!({})
        } else {
            json!({"columnLineage": {"_producer": PRODUCER, "_schemaURL": COLUMN_FACET, "fields": fields}})
        };
        json!({"namespace": namespace, "name": name, "facets": facets})
    }
}

impl FieldInput {
    fn json(&self) -> Value {
        let Dataset { namespace, name } = &self.dataset;
        let subtype = match self.usage {
            ColumnUsage::Identity => "IDENTITY",
            ColumnUsage::Expression => "TRANSFORMATION",
            ColumnUsage::Aggregate => "AGGREGATION",
        };
        let transformation = json!({"type": "DIRECT", "subtype": subtype, "description": "", "masking": false});
        json!({"namespace": namespace, "name": name, "field": self.field, "transformations": [transformation]})
    }
}
