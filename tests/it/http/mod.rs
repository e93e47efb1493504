//! The HTTP API, end to end.
