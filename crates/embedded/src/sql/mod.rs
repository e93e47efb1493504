//! Trino's SQL, up to a syntax tree that DataFusion plans and that means what Trino means by it.
//!
//! [`parse`] reads one statement; [`normalise`] rewrites the tree of a query; [`refuse`] stops what DataFusion would read
//! differently or overlook. Nothing here knows which tables exist.

mod build;
mod commands;
mod dialect;
mod functions;
mod literals;
mod normalise;
mod refuse;
mod tokens;
pub(crate) mod type_text;
mod values;

pub(crate) use commands::{ColumnDefinition, Command, Name, Parsed, ShowWhat, parse};
pub(crate) use normalise::{OutputName, PreparedQuery, SessionNames, UNNAMED, prepare};
pub(crate) use tokens::Originals;
