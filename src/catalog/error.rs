//! Why a name resolves to nothing: what each failure is called, and what to do about it.

use crate::managed_catalogs::Refusal;
use crate::problem::{Code, Problem};

/// Why a name resolves to nothing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ResolveError {
    /// No rule is for this service and database.
    #[error("no rule maps '{fqn}' to a Trino catalog; tried {tried}")]
    NoCatalogMapping {
        /// The name.
        fqn: String,
        /// What was looked at, for people.
        tried: String,
        /// Names that were perhaps meant.
        near: Vec<String>,
    },
    /// No rule is for it, and Warren cannot make a catalog for it.
    #[error("no rule maps '{fqn}' to a Trino catalog, and Warren cannot make one: {refusal}")]
    Unmanaged {
        /// The name.
        fqn: String,
        /// Why not.
        refusal: Refusal,
    },
    /// A file or a container: only a `[[table]]` or a rule for containers can say which table it is.
    #[error("'{fqn}' has {parts} parts, and the mapping file has no [[table]] and no rule for containers of that name")]
    NoTableEntry {
        /// The name.
        fqn: String,
        /// How many parts it has.
        parts: usize,
        /// Names that were perhaps meant.
        near: Vec<String>,
    },
    /// A service of OpenMetadata in a name of three parts: the schema or the database is missing.
    #[error("'{name}' starts with the service '{service}', but a full name has four parts")]
    TooShort {
        /// The name.
        name: String,
        /// The service.
        service: String,
    },
    /// OpenMetadata knows nothing of that name.
    #[error("OpenMetadata knows no table '{fqn}'")]
    UnknownTable {
        /// The name.
        fqn: String,
        /// Names that were perhaps meant.
        near: Vec<String>,
    },
    /// Several tables differ from the name only in case.
    #[error("'{fqn}' could be any of {}", candidates.join(", "))]
    Ambiguous {
        /// The name.
        fqn: String,
        /// What it could be.
        candidates: Vec<String>,
    },
    /// There is another table whose name is the same in Trino.
    #[error("'{fqn}' cannot be told from another table in Trino, which knows no upper case: {}", candidates.join(", "))]
    SameInTrino {
        /// The name.
        fqn: String,
        /// It and the other one.
        candidates: Vec<String>,
    },
    /// It was deleted in OpenMetadata.
    #[error("'{fqn}' was deleted in OpenMetadata")]
    Deleted {
        /// The name.
        fqn: String,
    },
    /// Warren's bot may not see it.
    #[error("OpenMetadata does not show '{fqn}' to Warren")]
    Denied {
        /// The name.
        fqn: String,
    },
    /// This OpenMetadata cannot have such a name.
    #[error("'{fqn}' cannot be a name here: {reason}")]
    Unsupported {
        /// The name.
        fqn: String,
        /// Why.
        reason: String,
    },
    /// OpenMetadata does not answer.
    #[error("it is not known what '{fqn}' means: {detail}")]
    Unavailable {
        /// The name.
        fqn: String,
        /// What went wrong.
        detail: String,
    },
    /// OpenMetadata refuses Warren.
    #[error("'{fqn}' cannot be looked up: {detail}")]
    Refused {
        /// The name.
        fqn: String,
        /// What it says.
        detail: String,
    },
}

impl ResolveError {
    /// The stable word for it.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::NoCatalogMapping { .. }
            | Self::Unmanaged { .. }
            | Self::NoTableEntry { .. }
            | Self::TooShort { .. } => Code::NoCatalogMapping,
            Self::UnknownTable { .. } => Code::UnknownTable,
            Self::Ambiguous { .. } | Self::SameInTrino { .. } => Code::AmbiguousName,
            Self::Deleted { .. } => Code::TableDeleted,
            Self::Denied { .. } => Code::AccessDenied,
            Self::Unsupported { .. } => Code::UnsupportedName,
            Self::Unavailable { .. } => Code::CatalogUnavailable,
            Self::Refused { .. } => Code::CatalogRefused,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoCatalogMapping { .. } => {
                "check the service and the database, or add a [[mapping]] for them to the mapping file"
            }
            Self::Unmanaged { .. } => {
                "the operator corrects the connection of the service, or adds a [[mapping]] for it to the mapping file"
            }
            Self::NoTableEntry { .. } => {
                "add a [[table]] with this fqn to the mapping file, or write service.database.schema.table"
            }
            Self::TooShort { .. } => "write service.database.schema.table",
            Self::UnknownTable { .. } => "check the spelling; upper and lower case count",
            Self::Ambiguous { .. } => "write the name in the case of the one that you mean",
            Self::SameInTrino { .. } => {
                "the operator adds a [[table]] or a rule with case = \"preserve\" for it to the mapping file"
            }
            Self::Deleted { .. } => "restore it in OpenMetadata, or use another table",
            Self::Denied { .. } => "ask the owner of the table, or the operator for the rights of Warren's bot",
            Self::Unsupported { .. } => "rename the table at its source, or bring OpenMetadata to 1.13.1 or later",
            Self::Unavailable { .. } => "send the request again in a moment",
            Self::Refused { .. } => "the operator corrects the token or the url of OpenMetadata",
        }
    }

    /// Names that were perhaps meant.
    #[must_use]
    pub fn near(&self) -> &[String] {
        match self {
            Self::NoCatalogMapping { near, .. } | Self::NoTableEntry { near, .. } | Self::UnknownTable { near, .. } => {
                near
            }
            Self::Ambiguous { candidates, .. } | Self::SameInTrino { candidates, .. } => candidates,
            Self::TooShort { .. }
            | Self::Unmanaged { .. }
            | Self::Deleted { .. }
            | Self::Denied { .. }
            | Self::Unsupported { .. }
            | Self::Unavailable { .. }
            | Self::Refused { .. } => &[],
        }
    }
}

impl From<&ResolveError> for Problem {
    fn from(error: &ResolveError) -> Self {
        Self::new(error.code(), error.to_string()).with_hint(error.hint()).with_suggestions(error.near().to_vec())
    }
}
