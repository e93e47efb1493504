//! The embedded engine: DataFusion behind the protocol of Trino.
