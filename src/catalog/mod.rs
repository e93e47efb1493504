//! Names: from the words of OpenMetadata to the words of Trino, by the mapping file. What a statement does with a name
//! is the business of `warren_sql`; asking OpenMetadata itself is not here.

mod mapping;
mod pattern;
mod resolve;
#[cfg(test)]
mod resolve_tests;

pub use mapping::{Mapping, MappingError, Rule, TableEntry};
pub use warren_openmetadata::{Fqn, FqnError};

pub use resolve::{Catalog, ResolveError, Resolved};
