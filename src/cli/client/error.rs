//! Why a server did not answer as it should.

use crate::problem::{Code, Problem};

/// A request that did not work out.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message())]
pub(crate) struct ClientError {
    /// The server, as it was given.
    pub(crate) server: String,
    /// What went wrong.
    #[source]
    pub(crate) fault: Fault,
}

/// What can go wrong with a request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The address of the server is none.
    #[error("write http://host:port or https://host:port")]
    Address,
    /// The HTTP client cannot be made, most often because the system has no root certificates.
    #[error("the http client cannot be set up")]
    Setup {
        /// What the library says.
        #[source]
        source: reqwest::Error,
    },
    /// Nobody answers.
    #[error("{}", root(cause))]
    Unreachable {
        /// What the library says. Of its chain only the end is of use: `Connection refused`.
        cause: reqwest::Error,
    },
    /// The connection broke while the answer came.
    #[error("{}", root(cause))]
    Broken {
        /// What the library says.
        cause: reqwest::Error,
    },
    /// The server says what is wrong.
    #[error("{}", problem.detail)]
    Refused {
        /// What it says.
        problem: Box<Problem>,
    },
    /// Somebody else answers: a proxy, or another program.
    #[error("its answer is no answer of warren (HTTP status {status})")]
    NotWarren {
        /// The status of the answer.
        status: u16,
    },
    /// The answer lacks something.
    #[error("its answer cannot be read")]
    Unreadable {
        /// What is missing.
        source: Option<serde_json::Error>,
    },
}

impl ClientError {
    fn message(&self) -> String {
        let server = &self.server;
        match &self.fault {
            Fault::Address => format!("'{server}' is no address of a server"),
            Fault::Setup { .. } => format!("cannot prepare to talk to {server}"),
            Fault::Unreachable { .. } => format!("{server} does not answer"),
            Fault::Broken { .. } => format!("the answer of {server} broke off"),
            Fault::Refused { problem } => format!("{} ({})", problem.detail, problem.code),
            Fault::NotWarren { .. } | Fault::Unreadable { .. } => format!("{server} gave an unexpected answer"),
        }
    }

    /// Whether the same request may work in a moment: the server restarts, or something behind it does.
    pub(crate) fn is_passing(&self) -> bool {
        match &self.fault {
            Fault::Unreachable { .. } | Fault::Broken { .. } => true,
            Fault::Refused { problem } => problem.retryable,
            Fault::NotWarren { status } => matches!(status, 502..=504),
            Fault::Address | Fault::Setup { .. } | Fault::Unreadable { .. } => false,
        }
    }

    /// What to do next.
    pub(crate) fn hint(&self) -> Option<String> {
        match &self.fault {
            Fault::Refused { problem } if problem.code == Code::Unauthenticated.as_str() => {
                Some("set WARREN_API_TOKEN; the operator makes a token with `warren token create`".to_owned())
            }
            Fault::Refused { problem } => problem.hint.clone(),
            Fault::Unreachable { .. } => {
                Some("is it running? `warren serve` starts one; WARREN_SERVER or --server says where it is".to_owned())
            }
            Fault::NotWarren { .. } | Fault::Unreadable { .. } => {
                Some("check WARREN_SERVER or --server: is it warren that answers there?".to_owned())
            }
            Fault::Address | Fault::Setup { .. } | Fault::Broken { .. } => None,
        }
    }
}

/// The end of a chain of causes.
fn root(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).last().map(ToString::to_string).unwrap_or_default()
}
