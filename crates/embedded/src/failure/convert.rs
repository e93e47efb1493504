//! Errors of the SQL parser and of DataFusion as [`QueryFailure`]s: the nearest of Trino's codes, and the place if it is known.

use arrow::error::ArrowError;
use datafusion::common::{Diagnostic, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::parser::ParserError;

use super::{ErrorCode, Place, QueryFailure};

/// What the engine's own aggregates say of arguments that they do not take; DataFusion wraps it in words of its own.
const UNEXPECTED_PARAMETERS: &str = "Unexpected parameters for function";

/// A syntax error. `sql` is the text that did not parse: an error at its end has no place of its own.
pub(crate) fn from_parser(error: &ParserError, sql: &str) -> QueryFailure {
    let text = match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.as_str(),
        ParserError::RecursionLimitExceeded => {
            return QueryFailure::new(ErrorCode::NotSupported, "statement is too deeply nested");
        }
    };
    let (message, place) = match text.rsplit_once(" at Line: ") {
        Some((message, location)) => (message, parse_location(location)),
        None => (text, Some(end_of(sql))),
    };
    QueryFailure::new(ErrorCode::SyntaxError, lower_first(message)).at(place)
}

fn parse_location(text: &str) -> Option<Place> {
    let (line, column) = text.split_once(", Column: ")?;
    Some(Place { line: line.parse().ok()?, column: column.parse().ok()? })
}

fn end_of(sql: &str) -> Place {
    let text = sql.trim_end();
    let line = text.split('\n').count() as u64;
    let column = text.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
    Place { line, column }
}

fn lower_first(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

impl From<DataFusionError> for QueryFailure {
    fn from(error: DataFusionError) -> Self {
        from_datafusion(&error)
    }
}

impl From<ArrowError> for QueryFailure {
    fn from(error: ArrowError) -> Self {
        from_arrow(&error)
    }
}

fn from_datafusion(error: &DataFusionError) -> QueryFailure {
    match error {
        DataFusionError::External(inner) => match inner.downcast_ref::<QueryFailure>() {
            Some(failure) => failure.clone(),
            None => match inner.downcast_ref::<DataFusionError>() {
                Some(nested) => from_datafusion(nested),
                None => QueryFailure::new(ErrorCode::GenericInternalError, inner.to_string()),
            },
        },
        DataFusionError::Context(_, inner) => from_datafusion(inner),
        DataFusionError::Shared(inner) => from_datafusion(inner),
        DataFusionError::Diagnostic(diagnostic, inner) => from_datafusion(inner).at(place_of_diagnostic(diagnostic)),
        DataFusionError::Collection(errors) => match errors.first() {
            Some(first) => from_datafusion(first),
            None => QueryFailure::new(ErrorCode::GenericInternalError, "the engine failed without a reason"),
        },
        DataFusionError::ArrowError(inner, _) => from_arrow(inner),
        DataFusionError::SchemaError(inner, _) => from_schema(inner),
        DataFusionError::SQL(inner, _) => from_parser(inner, ""),
        DataFusionError::NotImplemented(message) => QueryFailure::not_supported(message),
        DataFusionError::ResourcesExhausted(message) => QueryFailure::new(ErrorCode::ExceededLocalMemoryLimit, message),
        DataFusionError::Plan(message) => from_plan(message),
        DataFusionError::Execution(message) => from_execution(message),
        other => QueryFailure::new(ErrorCode::GenericInternalError, other.strip_backtrace()),
    }
}

fn place_of_diagnostic(diagnostic: &Diagnostic) -> Option<Place> {
    let start = diagnostic.span?.start;
    (start.line > 0).then_some(Place { line: start.line, column: start.column })
}

fn from_arrow(error: &ArrowError) -> QueryFailure {
    match error {
        ArrowError::ExternalError(inner) => match inner.downcast_ref::<QueryFailure>() {
            Some(failure) => failure.clone(),
            None => match inner.downcast_ref::<DataFusionError>() {
                Some(nested) => from_datafusion(nested),
                None => QueryFailure::new(ErrorCode::GenericInternalError, inner.to_string()),
            },
        },
        ArrowError::DivideByZero => QueryFailure::new(ErrorCode::DivisionByZero, "Division by zero"),
        ArrowError::ArithmeticOverflow(message) => QueryFailure::new(ErrorCode::NumericValueOutOfRange, message),
        ArrowError::CastError(message) | ArrowError::ParseError(message) => {
            QueryFailure::new(ErrorCode::InvalidCastArgument, message)
        }
        ArrowError::InvalidArgumentError(message) | ArrowError::ComputeError(message) => {
            QueryFailure::new(ErrorCode::InvalidFunctionArgument, message)
        }
        ArrowError::NotYetImplemented(message) => QueryFailure::not_supported(message),
        other => QueryFailure::new(ErrorCode::GenericInternalError, other.to_string()),
    }
}

fn from_schema(error: &SchemaError) -> QueryFailure {
    match error {
        SchemaError::AmbiguousReference { field } => {
            QueryFailure::new(ErrorCode::AmbiguousName, format!("Column '{}' is ambiguous", field.flat_name()))
                .at(first_place(field.spans().first()))
        }
        SchemaError::FieldNotFound { field, .. } => {
            QueryFailure::new(ErrorCode::ColumnNotFound, format!("Column '{}' cannot be resolved", field.flat_name()))
                .at(first_place(field.spans().first()))
        }
        SchemaError::DuplicateQualifiedField { name, .. } | SchemaError::DuplicateUnqualifiedField { name } => {
            QueryFailure::new(ErrorCode::DuplicateColumnName, format!("Column name '{name}' specified more than once"))
        }
    }
}

fn first_place(span: Option<datafusion::common::Span>) -> Option<Place> {
    let start = span?.start;
    (start.line > 0).then_some(Place { line: start.line, column: start.column })
}

/// DataFusion's planner has one variant for everything that is wrong with a statement; only its words tell the kinds apart.
fn from_plan(message: &str) -> QueryFailure {
    if let Some(at) = message.find(UNEXPECTED_PARAMETERS) {
        let words = message[at..].split('.').next().unwrap_or_default();
        return QueryFailure::new(ErrorCode::FunctionNotFound, words);
    }
    if let Some(at) = message.find(". No function matches the given name and argument types") {
        return QueryFailure::new(ErrorCode::FunctionNotFound, message[..at].trim_end_matches('.'));
    }
    let code = if message.starts_with("Invalid function") {
        ErrorCode::FunctionNotFound
    } else if message.contains("must appear in the GROUP BY clause")
        || message.contains("must be part of GROUP BY clause")
    {
        ErrorCode::ExpressionNotAggregate
    } else if message.contains("names given as column alias") {
        ErrorCode::MismatchedColumnAliases
    } else if message.contains("coerc") || message.contains("common type") || message.contains("Cannot cast") {
        ErrorCode::TypeMismatch
    } else if message.contains("unnest() can only") {
        ErrorCode::NotSupported
    } else if message.contains("require unique expression names") {
        ErrorCode::DuplicateColumnName
    } else {
        ErrorCode::GenericUserError
    };
    QueryFailure::new(code, first_line(message))
}

fn from_execution(message: &str) -> QueryFailure {
    let code = if message.contains("more than one row") {
        ErrorCode::SubqueryMultipleRows
    } else {
        ErrorCode::GenericUserError
    };
    QueryFailure::new(code, first_line(message))
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use arrow::error::ArrowError;
    use datafusion::error::DataFusionError;
    use datafusion::sql::sqlparser::parser::ParserError;

    use super::from_parser;
    use crate::failure::{ErrorCode, Place, QueryFailure};

    #[test]
    fn syntax_errors_know_their_place() {
        let inside =
            from_parser(&ParserError::ParserError("Expected: x, found: y at Line: 2, Column: 7".to_owned()), "");
        assert_eq!(inside.code, ErrorCode::SyntaxError);
        assert_eq!(inside.message(), "line 2:7: expected: x, found: y");
        let at_end = from_parser(&ParserError::ParserError("Expected: x, found: EOF".to_owned()), "select\n  a from ");
        assert_eq!(at_end.place, Some(Place { line: 2, column: 9 }));
    }

    #[test]
    fn a_failure_passes_through_datafusion_unchanged() {
        let failure = QueryFailure::not_supported("TABLESAMPLE").at(Some(Place { line: 1, column: 2 }));
        let wrapped =
            DataFusionError::Context("while planning".to_owned(), Box::new(failure.clone().into_datafusion()));
        assert_eq!(QueryFailure::from(wrapped), failure);
    }

    #[test]
    fn arithmetic_errors_have_trinos_codes() {
        assert_eq!(QueryFailure::from(ArrowError::DivideByZero).code, ErrorCode::DivisionByZero);
        assert_eq!(
            QueryFailure::from(ArrowError::ArithmeticOverflow("bigint".to_owned())).code,
            ErrorCode::NumericValueOutOfRange
        );
    }
}
