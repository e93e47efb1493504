//! Stored results: Trino pages to Parquet parts, manifest, pages and downloads.
