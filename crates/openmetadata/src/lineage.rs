//! Edges of lineage: what is sent, what is read, and how ours and somebody else's become one. OpenMetadata keeps one edge
//! between two entities and replaces all of it, so whoever writes reads and merges before.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::entity::{EntityKind, EntityRef, or_default};
use crate::fqn::Fqn;

/// An end of an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineageNode {
    /// An entity by its id.
    Id {
        /// Its kind.
        kind: EntityKind,
        /// Its id.
        id: Uuid,
    },
    /// An entity by its name; the client asks for the id where the server cannot do without.
    Named {
        /// Its kind.
        kind: EntityKind,
        /// Its name.
        fqn: Fqn,
    },
}

/// What the server fills in by itself with every write.
const OF_THE_WRITE: [&str; 2] = ["updatedAt", "updatedBy"];

/// What made an edge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineageSource {
    /// A person.
    #[default]
    Manual,
    /// The text of a view.
    ViewLineage,
    /// A statement that wrote.
    QueryLineage,
    /// The same table in two services.
    CrossDatabaseLineage,
    /// Something else; the word as the server has it.
    #[serde(untagged)]
    Other(String),
}

impl LineageSource {
    /// Whether it is a statement of SQL, whose text is told anew whenever it runs.
    fn is_statement(&self) -> bool {
        matches!(self, Self::ViewLineage | Self::QueryLineage)
    }
}

/// Which columns became a column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnLineage {
    /// Fully qualified names of the columns that were read.
    #[serde(default, deserialize_with = "or_default")]
    pub from_columns: Vec<String>,
    /// The fully qualified name of the column that was made.
    #[serde(default, deserialize_with = "or_default")]
    pub to_column: String,
    /// How, such as `SUM(qty*price)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
}

/// What an edge says beside its ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineageDetails {
    /// The statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql_query: Option<String>,
    /// Column by column.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub columns_lineage: Vec<ColumnLineage>,
    /// The pipeline that ran it.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "reference")]
    pub pipeline: Option<EntityRef>,
    /// A word for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What made the edge.
    #[serde(default, deserialize_with = "or_default")]
    pub source: LineageSource,
    /// What else the server said of it, such as who made it. It goes back as it came, so that nothing is lost with a
    /// write, and a server gets no field that is not its own.
    #[serde(flatten, deserialize_with = "what_else")]
    pub other: Map<String, Value>,
}

fn what_else<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    let mut other = Map::deserialize(deserializer)?;
    other.retain(|field, value| !value.is_null() && !OF_THE_WRITE.contains(&field.as_str()));
    Ok(other)
}

/// A reference as it is sent: id and kind are enough.
#[derive(Serialize)]
struct SentRef<'a> {
    id: Uuid,
    #[serde(rename = "type")]
    kind: &'a str,
}

fn reference<S: serde::Serializer>(entity: &Option<EntityRef>, serializer: S) -> Result<S::Ok, S::Error> {
    entity.as_ref().map(|entity| SentRef { id: entity.id, kind: &entity.kind }).serialize(serializer)
}

/// The body of `PUT /v1/lineage`.
#[derive(Serialize)]
pub(crate) struct AddLineage<'a> {
    edge: SentEdge<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SentEdge<'a> {
    from_entity: SentRef<'a>,
    to_entity: SentRef<'a>,
    lineage_details: &'a LineageDetails,
}

impl<'a> AddLineage<'a> {
    pub(crate) fn new(from: (EntityKind, Uuid), to: (EntityKind, Uuid), details: &'a LineageDetails) -> Self {
        let sent = |(kind, id): (EntityKind, Uuid)| SentRef { id, kind: kind.as_str() };
        Self { edge: SentEdge { from_entity: sent(from), to_entity: sent(to), lineage_details: details } }
    }
}

/// The answer of `getLineageEdge`: the details stand in `edge` itself (`LineageRepository.getLineageEdge`).
#[derive(Deserialize)]
pub(crate) struct EdgeAnswer {
    pub(crate) edge: LineageDetails,
}

/// What lies around an entity.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineageGraph {
    /// The entity in the middle.
    pub entity: EntityRef,
    /// The others.
    #[serde(default, deserialize_with = "or_default")]
    pub nodes: Vec<EntityRef>,
    /// The edges before it.
    #[serde(default, deserialize_with = "or_default")]
    pub upstream_edges: Vec<GraphEdge>,
    /// The edges behind it.
    #[serde(default, deserialize_with = "or_default")]
    pub downstream_edges: Vec<GraphEdge>,
}

/// One edge of a [`LineageGraph`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GraphEdge {
    /// Where it comes from.
    pub from_entity: Uuid,
    /// Where it leads to.
    pub to_entity: Uuid,
    /// What it says.
    #[serde(default, deserialize_with = "or_default")]
    pub lineage_details: LineageDetails,
}

/// The lineage of columns of an edge that exists, with ours in it: for a column that both speak of, ours holds; the
/// columns of others stay, in their order and before ours. Two lines of one side for the same column become one.
/// Merging ours a second time changes nothing.
#[must_use]
pub fn merge_columns(existing: &[ColumnLineage], ours: &[ColumnLineage]) -> Vec<ColumnLineage> {
    let ours = folded(ours);
    let mut merged = folded(existing);
    merged.retain(|line| !ours.iter().any(|own| is_same(&own.to_column, &line.to_column)));
    merged.extend(ours);
    merged
}

/// An edge that exists with ours in it: columns as [`merge_columns`] does, pipeline and description of the existing one
/// where ours has none. What made the edge, and the text of that, are ours only where it was a statement before: an edge
/// that a person drew or another tool found stays theirs.
#[must_use]
pub fn merge_details(existing: &LineageDetails, ours: &LineageDetails) -> LineageDetails {
    let (first, second) = if existing.source.is_statement() { (ours, existing) } else { (existing, ours) };
    LineageDetails {
        sql_query: first.sql_query.clone().or_else(|| second.sql_query.clone()),
        columns_lineage: merge_columns(&existing.columns_lineage, &ours.columns_lineage),
        pipeline: ours.pipeline.clone().or_else(|| existing.pipeline.clone()),
        description: ours.description.clone().or_else(|| existing.description.clone()),
        source: first.source.clone(),
        other: existing.other.clone(),
    }
}

/// One line a column.
fn folded(lines: &[ColumnLineage]) -> Vec<ColumnLineage> {
    let mut folded: Vec<ColumnLineage> = Vec::with_capacity(lines.len());
    for line in lines {
        let Some(known) = folded.iter_mut().find(|known| is_same(&known.to_column, &line.to_column)) else {
            folded.push(line.clone());
            continue;
        };
        for from in &line.from_columns {
            if !known.from_columns.iter().any(|known| is_same(known, from)) {
                known.from_columns.push(from.clone());
            }
        }
        known.function = known.function.take().or_else(|| line.function.clone());
    }
    folded
}

/// Whether two texts are one name, however they are quoted.
fn is_same(one: &str, other: &str) -> bool {
    one == other || matches!((Fqn::parse(one), Fqn::parse(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(to: &str, from: &[&str]) -> ColumnLineage {
        let from_columns = from.iter().map(ToString::to_string).collect();
        ColumnLineage { from_columns, to_column: to.to_owned(), function: None }
    }

    #[test]
    fn ours_holds_and_others_stay() {
        fn check(existing: &[ColumnLineage], ours: &[ColumnLineage], expect: &[ColumnLineage]) {
            assert_eq!(merge_columns(existing, ours), expect);
        }
        check(&[], &[line("t.a", &["s.a"])], &[line("t.a", &["s.a"])]);
        check(&[line("t.a", &["s.a"])], &[], &[line("t.a", &["s.a"])]);
        check(
            &[line("t.b", &["s.b"]), line("t.a", &["s.old"])],
            &[line("t.a", &["s.a"])],
            &[line("t.b", &["s.b"]), line("t.a", &["s.a"])],
        );
        check(&[], &[line("t.a", &["s.a"]), line("t.a", &["s.b", "s.a"])], &[line("t.a", &["s.a", "s.b"])]);
        check(&[line("t.\"a b\"", &["s.old"])], &[line("t.a b", &["s.a"])], &[line("t.a b", &["s.a"])]);
        check(&[line("t.A", &["s.a"])], &[line("t.a", &["s.a"])], &[line("t.A", &["s.a"]), line("t.a", &["s.a"])]);
    }

    /// An edge as a server answers it.
    fn answered(source: &str) -> LineageDetails {
        let text = r#"{"sqlQuery": "theirs", "source": "SOURCE", "createdBy": "x", "updatedBy": "y", "assetEdges": null,
            "pipeline": {"id": "6f1f3a54-8b7e-4c1b-9a55-2c1f0f4e0a01", "type": "pipeline", "name": "p"}}"#;
        serde_json::from_str(&text.replace("SOURCE", source)).unwrap()
    }

    #[test]
    fn what_others_say_of_an_edge_stays() {
        let ours = LineageDetails {
            sql_query: Some("ours".to_owned()),
            source: LineageSource::QueryLineage,
            ..LineageDetails::default()
        };
        for source in ["SparkLineage", "DbtLineage", "Manual"] {
            let merged = serde_json::to_value(merge_details(&answered(source), &ours)).unwrap();
            let pipeline = serde_json::json!({"id": "6f1f3a54-8b7e-4c1b-9a55-2c1f0f4e0a01", "type": "pipeline"});
            let expect =
                serde_json::json!({"sqlQuery": "theirs", "pipeline": pipeline, "source": source, "createdBy": "x"});
            assert_eq!(merged, expect);
        }
        let drawn = LineageDetails::default();
        let merged = merge_details(&drawn, &ours);
        assert_eq!((merged.sql_query.as_deref(), merged.source), (Some("ours"), LineageSource::Manual));
    }

    #[test]
    fn the_text_of_a_statement_gives_way_to_a_newer_one() {
        let ours = LineageDetails { source: LineageSource::QueryLineage, ..LineageDetails::default() };
        let merged = merge_details(&answered("ViewLineage"), &ours);
        assert_eq!((merged.sql_query.as_deref(), merged.source), (Some("theirs"), LineageSource::QueryLineage));
        let ours = LineageDetails { sql_query: Some("ours".to_owned()), ..ours };
        assert_eq!(merge_details(&answered("QueryLineage"), &ours).sql_query.as_deref(), Some("ours"));
    }

    fn lines() -> impl Strategy<Value = Vec<ColumnLineage>> {
        let line = ("[ab]", prop::collection::vec("[xyz]", 0..3));
        let line = line.prop_map(|(to, from_columns)| ColumnLineage { from_columns, to_column: to, function: None });
        prop::collection::vec(line, 0..5)
    }

    proptest! {
        #[test]
        fn merging_twice_is_merging_once(existing in lines(), ours in lines()) {
            let once = merge_columns(&existing, &ours);
            prop_assert_eq!(merge_columns(&once, &ours), once);
        }

        #[test]
        fn every_column_of_both_is_there_once(existing in lines(), ours in lines()) {
            let merged = merge_columns(&existing, &ours);
            for line in existing.iter().chain(&ours) {
                prop_assert_eq!(merged.iter().filter(|found| found.to_column == line.to_column).count(), 1);
            }
        }
    }
}
