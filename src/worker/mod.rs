//! The workers: they claim queued jobs, run them on Trino, store what comes back and end the jobs. Everything a worker
//! does can be taken over by another one at any point.

mod attempt;
mod catalogs;
mod clusters;
mod collect;
mod drive;
mod lease;
mod pool;
mod problems;
#[cfg(test)]
mod problems_tests;
mod query;
mod settings;
mod small_query;

pub use catalogs::{CATALOG_PATIENCE, CatalogFault};
pub use clusters::{Cluster, Clusters};
pub use pool::Pool;
pub use settings::WorkerSettings;
pub use small_query::{SmallQueryError, small_query};
