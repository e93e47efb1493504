//! The engine's catalogs. Each submodule is one of them; what they share is that names are lower case and that each has the schema
//! `information_schema`.

pub(crate) mod files;
pub(crate) mod information_schema;
pub(crate) mod memory;
pub(crate) mod tpch;

/// The name of the catalog of generated data.
pub(crate) const TPCH: &str = "tpch";
/// The name of the catalog that can be written.
pub(crate) const MEMORY: &str = "memory";
/// The name of the catalog over a folder.
pub(crate) const FILES: &str = "files";
