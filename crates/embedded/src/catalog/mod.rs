//! The engine's catalogs. Each submodule is one of them; what they share is that names are lower case and that the schema
//! `information_schema` belongs to all.

pub(crate) mod tpch;
