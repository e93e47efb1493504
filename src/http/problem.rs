//! Errors as HTTP answers: RFC 9457 problem documents, the status of each code, and what the log gets beside them.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use super::core::Chain;
use crate::app::AppError;
use crate::problem::{Category, Code, Position, Problem, TrinoFault};

/// The media type of RFC 9457.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";
/// How long a client should leave a part alone that is down, in seconds.
const RETRY_UNAVAILABLE_S: &str = "5";
/// How long a client should wait before it looks at an unfinished job again, in seconds.
const RETRY_UNFINISHED_S: &str = "1";

/// An error on its way to the client.
#[derive(Debug)]
pub(crate) struct ApiError(AppError);

impl ApiError {
    /// An error with one of Warren's codes.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        AppError::new(code, detail).into()
    }

    /// A use case or a handler panicked: a bug, and the place of it is in the log already.
    pub(crate) fn panicked(what: &dyn fmt::Display) -> Self {
        tracing::error!(panic = %what, "a request panicked");
        Self::new(Code::Internal, "the server made a mistake while it worked on the request")
    }

    /// What the client reads.
    pub(crate) fn problem(&self) -> &Problem {
        &self.0.problem
    }
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self(problem.into())
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        status_of_problem(self.problem())
    }

    fn error_response(&self) -> HttpResponse {
        let (problem, status) = (self.problem(), self.status_code());
        // What the client did wrong is for the client to know.
        if let Some(source) = self.0.source.as_ref().filter(|_| status.is_server_error()) {
            tracing::error!(code = problem.code, error = %Chain(source.as_ref()), "a request failed");
        }
        let mut answer = HttpResponse::build(status);
        answer.content_type(PROBLEM_JSON).insert_header((CACHE_CONTROL, "no-store"));
        match status {
            StatusCode::UNAUTHORIZED => {
                answer.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"warren\""));
            }
            StatusCode::SERVICE_UNAVAILABLE if problem.retryable => {
                answer.insert_header((RETRY_AFTER, RETRY_UNAVAILABLE_S));
            }
            StatusCode::CONFLICT if problem.retryable => {
                answer.insert_header((RETRY_AFTER, RETRY_UNFINISHED_S));
            }
            _ => {}
        }
        answer.json(ProblemView::from(problem))
    }
}

/// The HTTP status of each code.
pub(crate) fn status_of(code: Code) -> StatusCode {
    match code {
        Code::MalformedJson | Code::InvalidRequest | Code::UnknownFormat | Code::EmptySql => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Forbidden | Code::AccessDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        Code::JobNotTerminal
        | Code::CommandsWaiting
        | Code::LeaseLost
        | Code::CommandNotDead
        | Code::ModelExists
        | Code::ModelBusy
        | Code::JobOfModel
        | Code::ResultNotReady
        | Code::NoResult => StatusCode::CONFLICT,
        Code::ResultExpired => StatusCode::GONE,
        Code::BodyTooLarge | Code::SqlTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::IdempotencyKeyReused
        | Code::MultipleStatements
        | Code::SyntaxError
        | Code::Unterminated
        | Code::AmbiguousName
        | Code::UnsupportedStatement
        | Code::LimitOutOfRange
        | Code::SqlTooDeep
        | Code::ReadersDisagree
        | Code::NoCatalogMapping
        | Code::UnknownTable
        | Code::TableDeleted
        | Code::UnsupportedName
        | Code::StaleFqn
        | Code::InvalidName
        | Code::ModelReadsItself
        | Code::UnknownReferenceModel => StatusCode::UNPROCESSABLE_ENTITY,
        Code::Internal | Code::ResultNotReadable | Code::RewriteCheckFailed => StatusCode::INTERNAL_SERVER_ERROR,
        Code::MappingBroken
        | Code::CatalogRefused
        | Code::TrinoProtocol
        | Code::TrinoUnauthorized
        | Code::QueryLost
        | Code::QueryFailed => StatusCode::BAD_GATEWAY,
        Code::TrinoUnavailable
        | Code::CatalogUnavailable
        | Code::ResultStoreUnavailable
        | Code::DatabaseUnavailable
        | Code::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The status that goes with a problem; one that Trino named goes by its category.
fn status_of_problem(problem: &Problem) -> StatusCode {
    match (Code::parse(&problem.code), problem.category) {
        (Some(code), _) => status_of(code),
        (None, Category::User) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, Category::Resources) => StatusCode::SERVICE_UNAVAILABLE,
        (None, Category::External) => StatusCode::BAD_GATEWAY,
        (None, Category::Internal) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The page that explains a code: an anchor of `docs/errors.md`, which the server itself shows.
fn type_of(problem: &Problem) -> String {
    match Code::parse(&problem.code) {
        Some(code) => format!("/docs/errors#{}", code.as_str().to_lowercase()),
        None => "/docs/errors#errors-of-trino".to_owned(),
    }
}

/// An error: a problem document of RFC 9457 with members of Warren's own.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemView {
    /// Where the code is explained.
    #[schema(example = "/docs/errors#no_catalog_mapping")]
    r#type: String,
    /// A short description that is the same for each occurrence.
    title: String,
    /// The HTTP status; in the `error` of a job the one that it would have had.
    #[schema(example = 422)]
    status: u16,
    /// What happened this time.
    detail: String,
    /// The stable word: one of Warren's codes, or the error name of Trino.
    #[schema(example = "NO_CATALOG_MAPPING")]
    code: String,
    /// Who should act.
    category: CategoryView,
    /// Whether the same request may succeed later.
    retryable: bool,
    /// What to do next.
    hint: Option<String>,
    /// Names that were perhaps meant.
    suggestions: Vec<String>,
    /// Where in the user's SQL, or in the name of a path.
    position: Option<PositionView>,
    /// What Trino said.
    trino: Option<TrinoFaultView>,
}

/// Who should act: the user, whoever has the resources, the operator of a system behind Warren, or Warren's makers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = Category)]
enum CategoryView {
    User,
    Resources,
    External,
    Internal,
}

/// A place in the user's SQL, or in the name of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Position)]
struct PositionView {
    /// Line, from 1.
    line: u32,
    /// Column in characters, from 1.
    column: u32,
    /// Characters before it.
    offset: u32,
    /// Characters that are meant.
    length: u32,
}

/// What Trino said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TrinoFault)]
struct TrinoFaultView {
    /// Trino's id of the query.
    query_id: Option<String>,
    /// Trino's name of the error.
    #[schema(example = "COLUMN_NOT_FOUND")]
    error_name: Option<String>,
    /// Trino's kind of the error.
    #[schema(example = "USER_ERROR")]
    error_type: Option<String>,
}

impl From<&Problem> for ProblemView {
    fn from(problem: &Problem) -> Self {
        Self {
            r#type: type_of(problem),
            title: problem.title.clone(),
            status: status_of_problem(problem).as_u16(),
            detail: problem.detail.clone(),
            code: problem.code.clone(),
            category: problem.category.into(),
            retryable: problem.retryable,
            hint: problem.hint.clone(),
            suggestions: problem.suggestions.clone(),
            position: problem.position.map(Into::into),
            trino: problem.trino.clone().map(Into::into),
        }
    }
}

impl From<Category> for CategoryView {
    fn from(category: Category) -> Self {
        match category {
            Category::User => Self::User,
            Category::Resources => Self::Resources,
            Category::External => Self::External,
            Category::Internal => Self::Internal,
        }
    }
}

impl From<Position> for PositionView {
    fn from(position: Position) -> Self {
        let Position { line, column, offset, length } = position;
        Self { line, column, offset, length }
    }
}

impl From<TrinoFault> for TrinoFaultView {
    fn from(fault: TrinoFault) -> Self {
        let TrinoFault { query_id, error_name, error_type } = fault;
        Self { query_id, error_name, error_type }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use serde_json::{Value, json};

    use super::*;

    const ERRORS_PAGE: &str = include_str!("../../docs/errors.md");

    #[test]
    fn every_code_is_explained_where_its_type_points() {
        for code in Code::ALL {
            assert!(
                ERRORS_PAGE.contains(&format!("\n### {}\n", code.as_str())),
                "docs/errors.md lacks {}",
                code.as_str()
            );
            let anchor = type_of(&Problem::new(*code, ""));
            assert_eq!(anchor, format!("/docs/errors#{}", code.as_str().to_lowercase()));
        }
        assert!(ERRORS_PAGE.contains("\n## Errors of Trino\n"));
    }

    #[test]
    fn the_page_explains_no_code_that_does_not_exist() {
        for heading in ERRORS_PAGE.lines().filter_map(|line| line.strip_prefix("### ")) {
            assert!(Code::parse(heading).is_some(), "docs/errors.md explains {heading}, which is no code");
        }
    }

    #[test]
    fn the_status_says_whose_fault_it_is() {
        for code in Code::ALL {
            let status = status_of(*code);
            match code.category() {
                Category::User => assert!(status.is_client_error(), "{}", code.as_str()),
                _ => assert!(status.is_server_error(), "{}", code.as_str()),
            }
        }
    }

    fn check(problem: &Problem, status: u16, r#type: &str) {
        let view = ProblemView::from(problem);
        assert_eq!((view.status, view.r#type.as_str()), (status, r#type), "{}", problem.code);
    }

    #[test]
    fn errors_of_trino_go_by_their_category() {
        let named =
            |code: &str, category| Problem { code: code.to_owned(), category, ..Problem::new(Code::QueryFailed, "") };
        check(&named("COLUMN_NOT_FOUND", Category::User), 422, "/docs/errors#errors-of-trino");
        check(&named("EXCEEDED_TIME_LIMIT", Category::Resources), 503, "/docs/errors#errors-of-trino");
        check(&named("HIVE_METASTORE_ERROR", Category::External), 502, "/docs/errors#errors-of-trino");
        check(&named("GENERIC_INTERNAL_ERROR", Category::Internal), 500, "/docs/errors#errors-of-trino");
        check(&Problem::new(Code::QueryLost, ""), 502, "/docs/errors#query_lost");
    }

    #[actix_web::test]
    async fn an_error_is_a_problem_document() {
        let problem = Problem::new(Code::NoCatalogMapping, "no rule maps 'a.b.c.d'")
            .with_hint("add a rule")
            .with_suggestions(vec!["a2".to_owned()])
            .at(Position { line: 1, column: 15, offset: 14, length: 7 });
        let answer = ApiError::from(problem).error_response();
        assert_eq!(answer.headers().get("content-type").unwrap(), PROBLEM_JSON);
        let body: Value = serde_json::from_slice(&to_bytes(answer.into_body()).await.unwrap()).unwrap();
        assert_eq!(
            body,
            json!({
                "type": "/docs/errors#no_catalog_mapping",
                "title": "The name is mapped to no Trino catalog",
                "status": 422,
                "detail": "no rule maps 'a.b.c.d'",
                "code": "NO_CATALOG_MAPPING",
                "category": "USER",
                "retryable": false,
                "hint": "add a rule",
                "suggestions": ["a2"],
                "position": {"line": 1, "column": 15, "offset": 14, "length": 7},
                "trino": null
            })
        );
    }

    #[test]
    fn the_headers_say_what_to_do_next() {
        let header = |code, name| {
            let answer = ApiError::new(code, "").error_response();
            answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(header(Code::Unauthenticated, WWW_AUTHENTICATE).as_deref(), Some("Bearer realm=\"warren\""));
        assert_eq!(header(Code::DatabaseUnavailable, RETRY_AFTER).as_deref(), Some("5"));
        assert_eq!(header(Code::ResultNotReady, RETRY_AFTER).as_deref(), Some("1"));
        assert_eq!(header(Code::NotFound, RETRY_AFTER), None);
    }
}
