//! Runs one statement: reads it, plans it, and hands back a result that has not been read yet. Nothing here knows of pages or HTTP.

mod names;
mod select;
pub(crate) mod session;

use datafusion::execution::SendableRecordBatchStream;

pub(crate) use session::{Limits, Runner};

use crate::failure::QueryFailure;
use crate::sql::{Command, SessionNames, parse, prepare};
use crate::types::TrinoType;

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) data_type: TrinoType,
}

/// What a statement results in.
pub(crate) enum Outcome {
    /// Rows, produced while they are read.
    Rows { columns: Vec<Column>, rows: SendableRecordBatchStream },
}

impl Runner {
    /// Runs a statement up to its first row.
    pub(crate) async fn run(&self, sql: &str, session: &SessionNames) -> Result<Outcome, QueryFailure> {
        let (command, originals) = parse(sql)?;
        match command {
            Command::Query(query) => {
                let prepared = prepare(query, &originals, session)?;
                self.select(prepared, session).await
            }
            other => Err(QueryFailure::not_supported(format_args!("{other:?}"))),
        }
    }
}
