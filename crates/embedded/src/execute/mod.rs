//! Runs one statement: reads it, plans it, and hands back a result that has not been read yet. Nothing here knows of pages or HTTP.

mod coercions;
mod define;
mod insertable;
mod interrupt;
mod names;
mod select;
mod session;
mod show;
mod views;
mod write;

use datafusion::execution::SendableRecordBatchStream;

pub(crate) use interrupt::Interrupt;
pub(crate) use session::{Limits, Runner};

use crate::failure::QueryFailure;
use crate::sql::{Command, Parsed, SessionNames, parse, prepare};
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
    /// Rows that were written.
    Written { update_type: &'static str, rows: u64 },
    /// A definition that was changed.
    Defined { update_type: &'static str },
    /// Another catalog and schema for the client's session.
    Use { catalog: String, schema: String },
}

/// A statement to run.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) sql: String,
    pub(crate) session: SessionNames,
    pub(crate) interrupt: Interrupt,
}

impl Runner {
    /// Runs a statement up to its first row; a statement that writes, to its end.
    pub(crate) async fn run(&self, request: &Request) -> Result<Outcome, QueryFailure> {
        let session = &request.session;
        let Parsed { command, originals, start } = parse(&request.sql)?;
        match command {
            Command::Query(query) => self.select(prepare(query, &originals, session)?, request).await,
            Command::Explain(query) => self.explain(prepare(query, &originals, session)?, session).await,
            Command::Insert { table, columns, source } => {
                let source = prepare(source, &originals, session)?;
                self.insert(&table, &columns, source, request).await.map_err(|failure| failure.at(start))
            }
            Command::CreateTableAs { table, if_not_exists, columns, query, with_data } => {
                let query = prepare(query, &originals, session)?;
                let target = write::NewTable { table, if_not_exists, columns, with_data };
                self.create_table_as(target, query, request).await.map_err(|failure| failure.at(start))
            }
            Command::CreateView { view, or_replace, query } => {
                let outcome = self.create_view(&view, or_replace, query, &originals, session).await;
                outcome.map_err(|failure| failure.at(start))
            }
            Command::Use { schema } => self.use_schema(&schema, session),
            Command::Show { what, like } => {
                self.show(&what, like.as_deref(), session).await.map_err(|failure| failure.at(start))
            }
            definition => self.define(definition, session).map_err(|failure| failure.at(start)),
        }
    }
}
