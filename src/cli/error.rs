//! Why a command did not do what it should, and which exit code says so.

use std::io;
use std::path::PathBuf;

use super::Exit;
use super::client::{ClientError, Fault};
use crate::config::ConfigError;
use crate::problem::{Code, Problem};
use crate::serve::StartError;
use crate::store::StoreError;

/// A command that did not work out.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The configuration is refused.
    #[error("the configuration is refused")]
    Config(#[from] ConfigError),
    /// The service did not start.
    #[error("warren did not start")]
    Start(#[from] StartError),
    /// The database did not do what it was asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server did not do what it was asked.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A query was refused or failed.
    #[error("{}", problem.detail)]
    Query {
        /// Why.
        problem: Box<Problem>,
        /// The SQL that its position is in.
        sql: Option<String>,
    },
    /// A job was canceled by somebody else.
    #[error("job {id} was canceled")]
    Canceled {
        /// The job.
        id: String,
    },
    /// Two arguments do not go together, or one makes no sense.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do instead.
        hint: &'static str,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// `read`, `write` or `make the folder`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Stdin, stdout or a signal does not work.
    #[error("cannot read or write a stream of the process")]
    Stream(#[from] io::Error),
}

impl CliError {
    /// A mistake in the arguments.
    pub(super) fn usage(message: impl Into<String>, hint: &'static str) -> Self {
        Self::Usage { message: message.into(), hint }
    }

    /// What the server says about a query or a name, with what it is about.
    pub(super) fn about_sql(error: ClientError, sql: &str) -> Self {
        match error.fault {
            Fault::Refused { problem } if problem.position.is_some() => {
                Self::Query { problem, sql: Some(sql.to_owned()) }
            }
            fault => Self::Client(ClientError { fault, ..error }),
        }
    }

    /// Whether somebody closed the pipe that data goes to, as `head` does. That is no mistake of anybody.
    pub(super) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Stream(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// What to do next.
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::Config(error) => error.hint(),
            Self::Client(error) => error.hint(),
            Self::Usage { hint, .. } => Some((*hint).to_owned()),
            Self::Query { problem, .. } => problem.hint.clone(),
            Self::Start(_) | Self::Store(_) => Some("`warren doctor` tries each part".to_owned()),
            Self::Canceled { .. } | Self::File { .. } | Self::Stream(_) => None,
        }
    }

    /// The exit code that says so.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Config(_) | Self::Usage { .. } | Self::File { .. } | Self::Stream(_) => Exit::Usage,
            Self::Start(error) => exit_of_start(error),
            Self::Store(error) if error.is_unavailable() => Exit::Unavailable,
            Self::Store(_) => Exit::Usage,
            Self::Client(error) => match &error.fault {
                Fault::Refused { problem } => exit_of_problem(problem),
                _ => Exit::Unavailable,
            },
            Self::Query { problem, .. } => exit_of_problem(problem),
            Self::Canceled { .. } => Exit::Canceled,
        }
    }
}

fn exit_of_start(error: &StartError) -> Exit {
    match error {
        StartError::Store(error) if error.is_unavailable() => Exit::Unavailable,
        _ => Exit::Usage,
    }
}

fn exit_of_problem(problem: &Problem) -> Exit {
    use Code::{
        InvalidRequest, MalformedJson, MethodNotAllowed, NoResult, NotFound, ResultExpired, Unauthenticated,
        UnknownFormat,
    };
    if problem.retryable {
        return Exit::Unavailable;
    }
    match Code::parse(&problem.code) {
        Some(
            InvalidRequest | MalformedJson | MethodNotAllowed | NoResult | NotFound | ResultExpired | Unauthenticated
            | UnknownFormat,
        ) => Exit::Usage,
        _ => Exit::Failed,
    }
}
