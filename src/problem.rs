//! Errors that people and programs read: one table of codes, and the value that carries one with its position and hint.
//! How a code becomes an HTTP status is the business of `http`.

use serde::{Deserialize, Serialize};
use warren_sql::{Position as SqlPosition, SqlError, SqlErrorCode};

/// Whose fault it is, which decides who should act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Category {
    /// The request or the query is wrong.
    User,
    /// Something is used up: memory, time, a quota.
    Resources,
    /// A system behind Warren failed.
    External,
    /// Warren itself is wrong.
    Internal,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = ($word:literal, $title:literal, $category:ident, $retryable:literal);)*) => {
        /// Every code that Warren itself gives. A failed query carries the error name of Trino instead.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order of this table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// A short, constant description.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// Whose fault it is.
            #[must_use]
            pub fn category(self) -> Category {
                match self { $(Self::$variant => Category::$category,)* }
            }

            /// Whether the same request may succeed later.
            #[must_use]
            pub fn retryable(self) -> bool {
                match self { $(Self::$variant => $retryable,)* }
            }
        }
    };
}

codes! {
    /// The body is not JSON.
    MalformedJson = ("MALFORMED_JSON", "The body is not valid JSON", User, false);
    /// A field or parameter is unknown or has a value that is not allowed.
    InvalidRequest = ("INVALID_REQUEST", "The request is not valid", User, false);
    /// The body is larger than the server takes.
    BodyTooLarge = ("BODY_TOO_LARGE", "The body is too large", User, false);
    /// The body has a media type that is not taken.
    UnsupportedMediaType = ("UNSUPPORTED_MEDIA_TYPE", "The media type is not supported", User, false);
    /// The answer cannot be given in the form that `Accept` asks for.
    NotAcceptable = ("NOT_ACCEPTABLE", "No acceptable form of the answer exists", User, false);
    /// A download format that does not exist.
    UnknownFormat = ("UNKNOWN_FORMAT", "The format does not exist", User, false);
    /// No valid credentials.
    Unauthenticated = ("UNAUTHENTICATED", "Credentials are missing or not valid", User, false);
    /// The caller may not do this.
    Forbidden = ("FORBIDDEN", "Not allowed", User, false);
    /// The path or the resource does not exist, or belongs to somebody else.
    NotFound = ("NOT_FOUND", "Not found", User, false);
    /// The path exists, the method does not.
    MethodNotAllowed = ("METHOD_NOT_ALLOWED", "The method is not allowed", User, false);
    /// The key was used for another body.
    IdempotencyKeyReused = ("IDEMPOTENCY_KEY_REUSED", "The idempotency key was used for another request", User, false);
    /// The job has not ended yet.
    JobNotTerminal = ("JOB_NOT_TERMINAL", "The job has not ended", User, true);
    /// The job has commands in the model queue that must not be lost.
    CommandsWaiting = ("COMMANDS_WAITING", "Commands of the job wait in the model queue", User, true);
    /// A command of the model queue is held under another lease, or by nobody.
    LeaseLost = ("LEASE_LOST", "The lease of the command is another one", User, false);
    /// Only a dead letter can be put back into the model queue.
    CommandNotDead = ("COMMAND_NOT_DEAD", "The command is no dead letter", User, false);
    /// There is a model of that name.
    ModelExists = ("MODEL_EXISTS", "The model exists", User, false);
    /// A job is at work on the model.
    ModelBusy = ("MODEL_BUSY", "A job is at work on the model", User, true);
    /// The query of a model reads the model.
    ModelReadsItself = ("MODEL_READS_ITSELF", "The model reads itself", User, false);
    /// A model is what the job made of it.
    JobOfModel = ("JOB_OF_MODEL", "A model depends on the job", User, false);
    /// The job has not finished yet, so there is no result.
    ResultNotReady = ("RESULT_NOT_READY", "The result is not ready", User, true);
    /// The job ended without a result.
    NoResult = ("NO_RESULT", "The job has no result", User, false);
    /// The result was deleted after its time.
    ResultExpired = ("RESULT_EXPIRED", "The result has expired", User, false);
    /// The query has no statement.
    EmptySql = ("EMPTY_SQL", "The query is empty", User, false);
    /// The query has more than one statement.
    MultipleStatements = ("MULTIPLE_STATEMENTS", "The query has several statements", User, false);
    /// The query does not follow Trino's grammar.
    SyntaxError = ("SYNTAX_ERROR", "The query cannot be read", User, false);
    /// A kind of statement that Warren does not let through.
    UnsupportedStatement = ("UNSUPPORTED_STATEMENT", "The statement is not supported", User, false);
    /// LIMIT or OFFSET beyond 64 bits.
    LimitOutOfRange = ("LIMIT_OUT_OF_RANGE", "LIMIT or OFFSET is out of range", User, false);
    /// The query is longer than Trino takes.
    SqlTooLarge = ("SQL_TOO_LARGE", "The query is too large", User, false);
    /// A string, a delimited identifier or a comment of the query is never closed.
    Unterminated = ("UNTERMINATED", "The query ends within quotes or a comment", User, false);
    /// A qualified column could mean different tables before and after the names are replaced.
    AmbiguousName = ("AMBIGUOUS_NAME", "A name in the query is ambiguous", User, false);
    /// The rewritten query does not hold the names that were put in: a defect of Warren, noticed before anything ran.
    RewriteCheckFailed = ("REWRITE_CHECK_FAILED", "The query could not be rewritten safely", Internal, false);
    /// The query is nested deeper than can be read safely.
    SqlTooDeep = ("TOO_DEEP", "The query is nested too deeply", User, false);
    /// Two readings of the query differ, so that it is not safe to rewrite.
    ReadersDisagree = ("READERS_DISAGREE", "The query can be read in two ways", User, false);
    /// No rule maps the FQN to a Trino catalog.
    NoCatalogMapping = ("NO_CATALOG_MAPPING", "The name is mapped to no Trino catalog", User, false);
    /// A rule maps the FQN to a catalog that Trino does not have.
    MappingBroken = ("MAPPING_BROKEN", "The name is mapped to a catalog that Trino does not have", External, false);
    /// OpenMetadata knows no table or file of that name.
    UnknownTable = ("UNKNOWN_TABLE", "No table has this name", User, false);
    /// The table was deleted in OpenMetadata and can be restored there.
    TableDeleted = ("TABLE_DELETED", "The table was deleted", User, false);
    /// OpenMetadata does not let Warren, or the user, see this.
    AccessDenied = ("ACCESS_DENIED", "Access is denied", User, false);
    /// A name that this version of OpenMetadata cannot have.
    UnsupportedName = ("UNSUPPORTED_NAME", "This OpenMetadata cannot have the name", User, false);
    /// OpenMetadata has a table that Trino does not have.
    StaleFqn = ("STALE_FQN", "The name is out of date", User, false);
    /// OpenMetadata does not answer, and nothing is known of the name.
    CatalogUnavailable = ("CATALOG_UNAVAILABLE", "OpenMetadata is not available", External, true);
    /// OpenMetadata refuses Warren's token, or is no OpenMetadata.
    CatalogRefused = ("CATALOG_REFUSED", "OpenMetadata refuses the gateway", External, false);
    /// A name that cannot be a name in OpenMetadata.
    InvalidName = ("INVALID_NAME", "The name is not valid", User, false);
    /// A short name of the request that names nothing.
    UnknownReferenceModel = ("UNKNOWN_REFERENCE_MODEL", "The reference model names nothing", User, false);
    /// Trino does not answer.
    TrinoUnavailable = ("TRINO_UNAVAILABLE", "Trino is not available", External, true);
    /// Trino or something in front of it answers with something that is not Trino's protocol.
    TrinoProtocol = ("TRINO_PROTOCOL", "Trino's answer cannot be read", External, true);
    /// Trino refuses Warren's credentials.
    TrinoUnauthorized = ("TRINO_UNAUTHORIZED", "Trino refuses the gateway's credentials", External, false);
    /// The query got lost at Trino, and it is not known whether it took effect.
    QueryLost = ("QUERY_LOST", "The query was lost", External, false);
    /// The query failed at Trino with an error that has no name.
    QueryFailed = ("QUERY_FAILED", "The query failed", External, false);
    /// The result cannot be written or read.
    ResultStoreUnavailable = ("RESULT_STORE_UNAVAILABLE", "The result store is not available", External, true);
    /// A value came from Trino that cannot be what its type says.
    ResultNotReadable = ("RESULT_NOT_READABLE", "A value of the result cannot be read", Internal, false);
    /// The metadata database does not answer.
    DatabaseUnavailable = ("DATABASE_UNAVAILABLE", "The database is not available", External, true);
    /// The server is going down.
    ShuttingDown = ("SHUTTING_DOWN", "The server is shutting down", External, true);
    /// A bug in Warren.
    Internal = ("INTERNAL", "Internal error", Internal, false);
}

impl Code {
    /// The code of that word, where Warren itself gives it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word)
    }
}

/// A place in the user's SQL: line and column from 1, offset in characters from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Characters before it.
    pub offset: u32,
    /// Characters that are meant.
    pub length: u32,
}

impl From<SqlPosition> for Position {
    fn from(position: SqlPosition) -> Self {
        let SqlPosition { line, column, offset, length } = position;
        Self { line, column, offset, length }
    }
}

/// What Trino itself said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrinoFault {
    /// Trino's id of the query.
    pub query_id: Option<String>,
    /// Trino's name of the error, such as `COLUMN_NOT_FOUND`.
    pub error_name: Option<String>,
    /// Trino's kind of the error, such as `USER_ERROR`.
    pub error_type: Option<String>,
}

/// An error as people and programs read it: the members of RFC 9457 that do not depend on HTTP, and Warren's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The stable word: one of [`Code`], or the error name of Trino.
    pub code: String,
    /// A short description that is the same for each occurrence.
    pub title: String,
    /// What happened this time.
    pub detail: String,
    /// Whose fault it is.
    pub category: Category,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// What to do next.
    pub hint: Option<String>,
    /// Names that were perhaps meant.
    #[serde(default)]
    pub suggestions: Vec<String>,
    /// Where in the user's SQL.
    pub position: Option<Position>,
    /// What Trino said.
    pub trino: Option<TrinoFault>,
}

impl Problem {
    /// A problem with one of Warren's own codes.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code: code.as_str().to_owned(),
            title: code.title().to_owned(),
            detail: detail.into(),
            category: code.category(),
            retryable: code.retryable(),
            hint: None,
            suggestions: Vec::new(),
            position: None,
            trino: None,
        }
    }

    /// The same with what to do next.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same with names that were perhaps meant.
    #[must_use]
    pub fn with_suggestions(self, suggestions: Vec<String>) -> Self {
        Self { suggestions, ..self }
    }

    /// The same with a place in the user's SQL.
    #[must_use]
    pub fn at(self, position: Position) -> Self {
        Self { position: Some(position), ..self }
    }
}

impl From<SqlErrorCode> for Code {
    fn from(code: SqlErrorCode) -> Self {
        match code {
            SqlErrorCode::EmptySql => Self::EmptySql,
            SqlErrorCode::MultipleStatements => Self::MultipleStatements,
            SqlErrorCode::SyntaxError => Self::SyntaxError,
            SqlErrorCode::Unterminated => Self::Unterminated,
            SqlErrorCode::UnsupportedStatement => Self::UnsupportedStatement,
            SqlErrorCode::LimitOutOfRange => Self::LimitOutOfRange,
            SqlErrorCode::SqlTooLarge => Self::SqlTooLarge,
            SqlErrorCode::TooDeep => Self::SqlTooDeep,
            SqlErrorCode::AmbiguousName => Self::AmbiguousName,
            SqlErrorCode::ReadersDisagree => Self::ReadersDisagree,
            SqlErrorCode::RewriteCheckFailed => Self::RewriteCheckFailed,
        }
    }
}

impl From<&SqlError> for Problem {
    fn from(error: &SqlError) -> Self {
        Self::new(error.code.into(), error.to_string()).with_hint(error.hint()).at(error.position.into())
    }
}
