//! What the tests of this crate share: columns by their type text, stores, and results written in one go.

use base64::Engine as _;
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

/// A variable of the environment that decides whether a test can run.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration; the service reads its own in one place")]
pub(crate) fn variable(key: &str) -> Option<String> {
    std::env::var(key).ok()
}

/// Says that a test cannot run. Where everything must run, that is a failure.
pub(crate) fn skip(test: &str, absent: &str) {
    assert_ne!(variable("CI").as_deref(), Some("true"), "{test} needs {absent}");
    eprintln!("skipped: {test}: {absent} is absent");
}

/// Texts of 4096 letters that do not compress well, the same ones for the same seed.
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }
}

impl Iterator for Noise {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut bytes = Vec::with_capacity(3072);
        while bytes.len() < 3072 {
            // Knuth's constants; the upper half of the state is the random one.
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            bytes.extend_from_slice(&self.0.to_be_bytes()[..4]);
        }
        Some(base64::engine::general_purpose::STANDARD.encode(bytes))
    }
}
