//! What a request asks for, after it was found to be well formed and before anything was made of it.

use std::collections::BTreeMap;
use std::fmt;

use super::Principal;

/// Short names that one request binds to a fully qualified name or to an id of OpenMetadata, keyed in lower case.
pub type ReferenceModels = BTreeMap<String, String>;

/// One request to run a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Who asks; the owner of the job and of its result.
    pub owner: Principal,
    /// The SQL as written.
    pub user_query: String,
    /// Names that are valid in this statement only.
    pub reference_models: ReferenceModels,
    /// Catalog of the Trino session, for names of one or two parts.
    pub catalog: Option<String>,
    /// Schema of the Trino session, for names of one part.
    pub schema: Option<String>,
    /// Time zone of the Trino session, as an IANA name or an offset.
    pub time_zone: Option<String>,
    /// Session properties of Trino.
    pub session: BTreeMap<String, String>,
    /// Labels that people filter by; they go out to Trino as client tags.
    pub tags: Vec<String>,
    /// The queue that the job waits in.
    pub queue: String,
    /// Higher runs first within a queue.
    pub priority: i32,
    /// The most rows that the request wants to have, if it says so.
    pub row_limit: Option<u64>,
}

impl Submission {
    /// The queue of a request that names none.
    pub const DEFAULT_QUEUE: &'static str = "default";
}

/// A client's own name for a request, so that sending it twice makes one job.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey {
    key: String,
    /// SHA-256 of the canonical body: the same key with another body is a mistake, not a repetition.
    pub body_sha256: String,
}

impl IdempotencyKey {
    /// The longest key, in bytes.
    pub const MAX_BYTES: usize = 128;

    /// Accepts 1 to [`Self::MAX_BYTES`] visible ASCII characters; anything else is `None`.
    #[must_use]
    pub fn parse(key: &str, body_sha256: String) -> Option<Self> {
        let fits = !key.is_empty() && key.len() <= Self::MAX_BYTES;
        (fits && key.bytes().all(|b| b.is_ascii_graphic())).then(|| Self { key: key.to_owned(), body_sha256 })
    }

    /// The key as the client sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.key
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IdempotencyKey").field(&self.key).finish()
    }
}
