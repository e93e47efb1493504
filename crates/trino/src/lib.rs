//! Trino client protocol: wire types, client and pages.
