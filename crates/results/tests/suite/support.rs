//! What the tests of this crate share: columns by their type text, stores, and results written in one go.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use warren_results::{Manifest, ManifestExtras, Numbers, ResultName, ResultStore, WriterOptions};
use warren_trino::Column;

/// Columns named `c0`, `c1` … of these Trino types.
pub(crate) fn columns(types: &[&str]) -> Vec<Column> {
    let column = |(index, text): (usize, &&str)| named(&format!("c{index}"), text);
    types.iter().enumerate().map(column).collect()
}

/// One column.
pub(crate) fn named(name: &str, type_text: &str) -> Column {
    Column { name: name.to_owned(), type_text: type_text.to_owned(), signature: type_text.parse().unwrap() }
}

/// A fresh store in memory.
pub(crate) fn memory() -> ResultStore {
    ResultStore::open(&"memory:///results".parse().unwrap(), &std::collections::BTreeMap::new()).unwrap()
}

pub(crate) fn name(text: &str) -> ResultName {
    text.parse().unwrap()
}

/// A fixed time of commit.
pub(crate) fn commit_time() -> DateTime<Utc> {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

/// Writes `pages` and commits.
pub(crate) async fn store_pages(
    store: &ResultStore,
    name: &ResultName,
    columns: &[Column],
    pages: &[&str],
    options: WriterOptions,
) -> Manifest {
    let mut writer = store.writer(name.clone(), columns, options);
    for page in pages {
        writer.write(Bytes::copy_from_slice(page.as_bytes())).await.unwrap();
    }
    writer.finish(ManifestExtras::at(commit_time())).await.unwrap()
}

/// All rows of a result as Trino's own JSON.
pub(crate) async fn all_rows(store: &ResultStore, manifest: &Manifest) -> String {
    let page = store.rows(manifest, 0, u64::MAX).await.unwrap();
    String::from_utf8(page.json_rows(Numbers::Trino).unwrap()).unwrap()
}
