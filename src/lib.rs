//! Warren: an async SQL federation gateway over Trino.
