//! Why a query failed, as Trino would say it: a code, a message, a place in the SQL. How errors of the parser and of DataFusion
//! become one is in [`convert`]; nothing here knows of HTTP.

mod code;
mod convert;

pub(crate) use code::ErrorCode;
pub(crate) use convert::from_parser;

use std::fmt;

use datafusion::error::DataFusionError;

/// A place in the text of a statement; both count from 1, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u64,
    pub(crate) column: u64,
}

/// A query's failure, sent in the `error` of its last page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) struct QueryFailure {
    pub(crate) code: ErrorCode,
    message: String,
    pub(crate) place: Option<Place>,
}

impl QueryFailure {
    /// A failure without a place.
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), place: None }
    }

    /// What the engine understands but does not do.
    pub(crate) fn not_supported(what: impl fmt::Display) -> Self {
        Self::new(ErrorCode::NotSupported, format!("the embedded engine does not support {what}"))
    }

    /// Adds where it happened, unless the place is known already.
    pub(crate) fn at(mut self, place: Option<Place>) -> Self {
        self.place = self.place.or(place);
        self
    }

    /// Forgets where it happened: what is wrong with a statement as a whole is wrong at its start.
    pub(crate) fn elsewhere(mut self) -> Self {
        self.place = None;
        self
    }

    /// Whether it is about a stored view or a file, whose own text the place would not be in.
    pub(crate) fn is_of_stored_object(&self) -> bool {
        matches!(self.code, ErrorCode::InvalidView | ErrorCode::ViewIsStale)
    }

    /// The message as Trino words it, with the place in front.
    pub(crate) fn message(&self) -> String {
        self.to_string()
    }

    /// A DataFusion error that carries this failure through DataFusion unchanged.
    pub(crate) fn into_datafusion(self) -> DataFusionError {
        DataFusionError::External(Box::new(self))
    }
}

impl fmt::Display for QueryFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(place) => write!(formatter, "line {}:{}: {}", place.line, place.column, self.message),
            None => formatter.write_str(&self.message),
        }
    }
}

impl From<QueryFailure> for DataFusionError {
    fn from(failure: QueryFailure) -> Self {
        failure.into_datafusion()
    }
}

impl From<datafusion::sql::sqlparser::tokenizer::Location> for Place {
    fn from(location: datafusion::sql::sqlparser::tokenizer::Location) -> Self {
        Self { line: location.line, column: location.column }
    }
}

/// The place where a piece of SQL starts; pieces that the engine made itself have none.
pub(crate) fn place_of(span: datafusion::sql::sqlparser::tokenizer::Span) -> Option<Place> {
    (span.start.line > 0).then(|| span.start.into())
}
