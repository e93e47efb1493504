//! What was made of a user query: the SQL that runs, and what each name in it meant at that moment.

use warren_sql::SourceMap;

use super::ColumnLineage;

/// An analysed query that can run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The kind of statement, in the words of `warren_sql::StatementKind`.
    pub statement: String,
    /// Whether running it twice does no harm, so that it may be started again after a crash.
    pub repeatable: bool,
    /// The SQL with Trino's names, without the outermost LIMIT and OFFSET.
    pub converted_query: String,
    /// The OFFSET of the user query.
    pub offset: Option<u64>,
    /// The LIMIT of the user query.
    pub limit: Option<u64>,
    /// What Trino is sent: the converted query with the effective window.
    pub trino_query: String,
    /// The way back from positions in `trino_query` to the user query.
    pub source_map: SourceMap,
    /// The most rows that are kept, when something other than the user query decides it.
    pub cap: Option<Cap>,
    /// What each name referred to. Stored in the table `fusion_model`.
    pub models: Vec<FusionModel>,
    /// Where the columns come from.
    pub lineage: ColumnLineage,
    /// Warnings for whoever asked, such as a stale name.
    pub warnings: Vec<String>,
}

/// A bound on the rows of a result that the user did not write into the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    /// The most rows that are kept.
    pub rows: u64,
    /// Who set the bound.
    pub cause: CapCause,
}

/// Who bounded a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapCause {
    /// The request's `limit`.
    Limit,
    /// The server's `max_rows`.
    MaxRows,
}

impl CapCause {
    /// The word in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::MaxRows => "max_rows",
        }
    }
}

/// One table or file that one job refers to: a receipt of what the name meant when the job was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FusionModel {
    /// OpenMetadata's id of the table or file, where it is known.
    pub model_id_of_om: Option<String>,
    /// The version of it in OpenMetadata when the name was resolved, where it is known.
    pub model_version_of_om: Option<String>,
    /// The name in OpenMetadata's grammar.
    pub fully_qualified_name: String,
    /// `catalog.schema.table`, undelimited where that is unambiguous.
    pub trino_model_name: String,
    /// Where the name stands in the user query: characters from 0, end exclusive.
    pub start: u32,
    /// End of the name, exclusive.
    pub end: u32,
    /// Whether the statement writes to it.
    pub target: bool,
}
