//! SQL over HTTP: what Warren would make of a query.

pub(crate) mod convert;
