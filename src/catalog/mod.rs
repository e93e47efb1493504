//! Names: from the words of OpenMetadata to the words of Trino, by the mapping file and by what OpenMetadata said. What a
//! statement does with a name is the business of `warren_sql`; asking OpenMetadata itself is not here.

mod apply;
mod database;
mod error;
mod facts;
mod mapping;
mod near;
mod pattern;
mod precedence;
mod resolve;
#[cfg(test)]
mod resolve_tests;
mod rules;
mod spelling;
mod template;

pub use error::ResolveError;
pub use facts::{
    Answer, DatabaseFacts, Entity, EntityColumn, EntityKind, Facts, Known, ServiceFacts, Wanted,
    has_catalog_per_database,
};
pub use mapping::{Case, Mapping, MappingError, Rule, RuleTarget, TableEntry};
pub use near::near;
pub use precedence::Installation;
pub use resolve::{Catalog, Purpose, Resolved};
pub use spelling::{encoded, lower_case};
pub use template::Template;
pub use warren_openmetadata::{Fqn, FqnError};
