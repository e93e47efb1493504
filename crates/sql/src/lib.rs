//! Trino SQL: find names, split limits, rewrite byte ranges; pure.
