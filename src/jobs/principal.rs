//! Who asks. A job and its result belong to a principal, and Trino runs the query as that user.

use std::fmt;

/// The name of a user or a program, as Trino will see it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Principal(String);

impl Principal {
    /// The longest name that is accepted, in bytes.
    pub const MAX_BYTES: usize = 256;

    /// Accepts a name of 1 to [`Self::MAX_BYTES`] bytes without control characters; anything else is `None`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let fits = !name.is_empty() && name.len() <= Self::MAX_BYTES;
        (fits && !name.chars().any(char::is_control)).then(|| Self(name.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a caller may do besides what every caller may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nothing.
    User,
    /// See and work off the whole model queue, whoever's jobs its commands follow from.
    Scheduler,
}

impl Scope {
    /// The word in the table `api_token`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Scheduler => "SCHEDULER",
        }
    }

    /// The scope of that name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::User, Self::Scheduler].into_iter().find(|scope| scope.as_str() == word)
    }
}

/// Who calls, and what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who.
    pub principal: Principal,
    /// What.
    pub scope: Scope,
}
