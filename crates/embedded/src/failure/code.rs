//! Trino's error codes (`StandardErrorCode`), as far as the engine uses them.

/// The class of an error, Trino's `ErrorType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorType {
    UserError,
    InternalError,
    InsufficientResources,
}

impl ErrorType {
    /// The name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::UserError => "USER_ERROR",
            Self::InternalError => "INTERNAL_ERROR",
            Self::InsufficientResources => "INSUFFICIENT_RESOURCES",
        }
    }
}

macro_rules! error_codes {
    ($($variant:ident = $number:literal $name:literal,)*) => {
        /// One of Trino's standard error codes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum ErrorCode {
            $($variant,)*
        }

        impl ErrorCode {
            /// The number on the wire.
            pub(crate) fn number(self) -> u32 {
                match self { $(Self::$variant => $number,)* }
            }

            /// The name on the wire.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

error_codes! {
    GenericUserError = 0 "GENERIC_USER_ERROR",
    SyntaxError = 1 "SYNTAX_ERROR",
    AbandonedQuery = 2 "ABANDONED_QUERY",
    UserCanceled = 3 "USER_CANCELED",
    NotFound = 5 "NOT_FOUND",
    FunctionNotFound = 6 "FUNCTION_NOT_FOUND",
    InvalidFunctionArgument = 7 "INVALID_FUNCTION_ARGUMENT",
    DivisionByZero = 8 "DIVISION_BY_ZERO",
    InvalidCastArgument = 9 "INVALID_CAST_ARGUMENT",
    InvalidView = 11 "INVALID_VIEW",
    NotSupported = 13 "NOT_SUPPORTED",
    ConstraintViolation = 16 "CONSTRAINT_VIOLATION",
    NumericValueOutOfRange = 19 "NUMERIC_VALUE_OUT_OF_RANGE",
    SubqueryMultipleRows = 28 "SUBQUERY_MULTIPLE_ROWS",
    SchemaNotEmpty = 34 "SCHEMA_NOT_EMPTY",
    QueryTextTooLarge = 35 "QUERY_TEXT_TOO_LARGE",
    CatalogNotFound = 44 "CATALOG_NOT_FOUND",
    SchemaNotFound = 45 "SCHEMA_NOT_FOUND",
    TableNotFound = 46 "TABLE_NOT_FOUND",
    ColumnNotFound = 47 "COLUMN_NOT_FOUND",
    SchemaAlreadyExists = 49 "SCHEMA_ALREADY_EXISTS",
    TableAlreadyExists = 50 "TABLE_ALREADY_EXISTS",
    DuplicateColumnName = 54 "DUPLICATE_COLUMN_NAME",
    MissingColumnName = 55 "MISSING_COLUMN_NAME",
    MissingCatalogName = 56 "MISSING_CATALOG_NAME",
    MissingSchemaName = 57 "MISSING_SCHEMA_NAME",
    TypeMismatch = 58 "TYPE_MISMATCH",
    InvalidLiteral = 59 "INVALID_LITERAL",
    ColumnTypeUnknown = 60 "COLUMN_TYPE_UNKNOWN",
    MismatchedColumnAliases = 61 "MISMATCHED_COLUMN_ALIASES",
    AmbiguousName = 62 "AMBIGUOUS_NAME",
    TooManyGroupingSets = 70 "TOO_MANY_GROUPING_SETS",
    ExpressionNotAggregate = 73 "EXPRESSION_NOT_AGGREGATE",
    ViewIsStale = 81 "VIEW_IS_STALE",
    ViewIsRecursive = 82 "VIEW_IS_RECURSIVE",
    GenericInternalError = 65_536 "GENERIC_INTERNAL_ERROR",
    ExceededLocalMemoryLimit = 131_079 "EXCEEDED_LOCAL_MEMORY_LIMIT",
}

impl ErrorCode {
    /// The class that the number lies in.
    pub(crate) fn error_type(self) -> ErrorType {
        match self.number() {
            0..65_536 => ErrorType::UserError,
            65_536..131_072 => ErrorType::InternalError,
            _ => ErrorType::InsufficientResources,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ErrorCode, ErrorType};

    #[test]
    fn numbers_decide_the_class() {
        assert_eq!(ErrorCode::TableNotFound.error_type(), ErrorType::UserError);
        assert_eq!(ErrorCode::GenericInternalError.error_type(), ErrorType::InternalError);
        assert_eq!(ErrorCode::ExceededLocalMemoryLimit.error_type(), ErrorType::InsufficientResources);
    }
}
