//! Catalogs of Trino that Warren itself makes from the database services of OpenMetadata: what they are called, what
//! they are made of, which states they have and what follows from them. Asking OpenMetadata, Trino or the metadata
//! database is not here.

mod decide;
mod definition;
mod managed_catalog;
mod name;
mod refusal;
mod secret_template;
mod statement;
mod upkeep;

pub use decide::{Demand, Step, decide, serving};
pub use definition::{Definition, Source};
pub use managed_catalog::{Made, ManagedCatalog, ManagedCatalogState};
pub use name::catalog_name;
pub use refusal::{Refusal, ValueFault};
pub use secret_template::SecretTemplate;
pub use statement::{create_statement, drop_statement};
pub use upkeep::{Duty, Presence, duties};
