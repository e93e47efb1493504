//! Column lineage as a job keeps it: which columns of which tables each column of a result, or of a written table, is
//! made of. Names are resolved already, so that it means the same after a name has moved. Tracing is not here.

use serde::{Deserialize, Serialize};

/// The lineage of one statement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnLineage {
    /// Whether every column is there with all of its sources. The default, nothing, is not complete.
    pub complete: bool,
    /// The columns, in the order of the result or of the statement.
    pub columns: Vec<LineageColumn>,
}

/// One column of a result or of a table that is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineageColumn {
    /// Its name, where it has one that is known.
    pub name: Option<String>,
    /// Its place among the columns, from 0; absent behind columns of which the number is not known.
    pub place: Option<usize>,
    /// Whether these are all its sources.
    pub complete: bool,
    /// What it is made of; nothing for a constant.
    pub sources: Vec<LineageSource>,
    /// What it is, in Markdown, where it is one column of a table unchanged and OpenMetadata describes that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A column that goes into another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineageSource {
    /// The FQN of its table, where the table has one.
    pub fqn: Option<String>,
    /// The table in Trino: `catalog.schema.table`, or as it was written where the session completes it.
    pub trino: String,
    /// The column.
    pub column: String,
    /// What happens to it on the way.
    pub usage: ColumnUsage,
}

/// What happens to a column on its way into another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnUsage {
    /// It passes unchanged.
    Identity,
    /// It is an operand of an expression.
    Expression,
    /// It goes into an aggregate function.
    Aggregate,
}

impl ColumnUsage {
    /// The word in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Expression => "expression",
            Self::Aggregate => "aggregate",
        }
    }
}
