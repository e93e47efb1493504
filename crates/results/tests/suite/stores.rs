//! What every store does alike: one suite, run over memory, a local folder and, if there is one, a bucket.

use std::collections::BTreeMap;

use bytes::Bytes;
use warren_results::{
    ManifestExtras, ManifestVersion, ResultError, ResultStore, ResultWarning, TruncatedBy, Truncation, WriterOptions,
};

use crate::support::{Noise, all_rows, columns, commit_time, memory, name, skip, store_pages, variable};

async fn conformance(store: &ResultStore, root: &str) {
    store.check_readable().await.unwrap();
    store.check().await.unwrap();
    results_are_written_read_and_deleted(store, root).await;
    nothing_is_a_result_before_its_manifest(store, root).await;
    a_writer_can_be_resumed(store, root).await;
    one_of_two_writers_commits(store, root).await;
    large_parts_are_whole(store, root).await;
}

async fn results_are_written_read_and_deleted(store: &ResultStore, root: &str) {
    let name = name(&format!("{root}/2026/written/a1"));
    let pages = ["[[1,\"a\"],[2,null]]", "[]", "[[3,\"c\"]]"];
    let extras = ManifestExtras {
        truncated: Some(Truncation { by: TruncatedBy::MaxRows, at: 3 }),
        update_type: Some("INSERT".to_owned()),
        update_count: Some(3),
        warnings: vec![ResultWarning { code: 1, name: "W".to_owned(), message: "careful".to_owned() }],
        ..ManifestExtras::at(commit_time())
    };
    let mut writer = store.writer(name.clone(), &columns(&["bigint", "varchar"]), WriterOptions::default());
    for page in pages {
        writer.write(Bytes::from(page)).await.unwrap();
    }
    assert_eq!(writer.rows(), 3);
    assert!(writer.bytes() > 0);
    let manifest = writer.finish(extras).await.unwrap();
    assert_eq!((manifest.version, manifest.rows, manifest.parts.len()), (ManifestVersion::V1, 3, 1));
    assert_eq!(manifest.bytes, manifest.parts[0].bytes);
    assert_eq!(store.manifest(&name).await.unwrap(), manifest);
    assert_eq!(all_rows(store, &manifest).await, "[[1,\"a\"],[2,null],[3,\"c\"]]");
    let beyond = store.rows(&manifest, 3, 10).await.unwrap();
    assert_eq!((beyond.rows(), beyond.next_offset(), beyond.total_rows), (0, None, 3));
    store.delete(&name).await.unwrap();
    assert!(matches!(store.manifest(&name).await, Err(ResultError::NotFound { .. })));
    assert!(matches!(store.rows(&manifest, 0, 1).await, Err(ResultError::Storage { .. })));
    store.delete(&name).await.unwrap();
}

async fn nothing_is_a_result_before_its_manifest(store: &ResultStore, root: &str) {
    let name = name(&format!("{root}/uncommitted"));
    let mut writer = store.writer(name.clone(), &columns(&["bigint"]), WriterOptions::default());
    writer.write(Bytes::from_static(b"[[1]]")).await.unwrap();
    assert_eq!(writer.checkpoint().await.unwrap().len(), 1);
    assert_eq!(writer.checkpoint().await.unwrap().len(), 1);
    assert!(matches!(store.manifest(&name).await, Err(ResultError::NotFound { .. })));
    writer.abort().await.unwrap();
    store.delete(&name).await.unwrap();
}

async fn a_writer_can_be_resumed(store: &ResultStore, root: &str) {
    let name = name(&format!("{root}/resumed"));
    let columns = columns(&["bigint"]);
    let mut first = store.writer(name.clone(), &columns, WriterOptions::default());
    first.write(Bytes::from_static(b"[[1],[2]]")).await.unwrap();
    let parts = first.checkpoint().await.unwrap().to_vec();
    first.write(Bytes::from_static(b"[[3]]")).await.unwrap();
    drop(first);
    let mut second = store.resume(name.clone(), &columns, parts, WriterOptions::default()).unwrap();
    assert_eq!(second.rows(), 2);
    second.write(Bytes::from_static(b"[[3],[4]]")).await.unwrap();
    let manifest = second.finish(ManifestExtras::at(commit_time())).await.unwrap();
    assert_eq!(manifest.parts.iter().map(|part| part.row_offset).collect::<Vec<_>>(), [0, 2]);
    assert_eq!(all_rows(store, &manifest).await, "[[1],[2],[3],[4]]");
    store.delete(&name).await.unwrap();
}

async fn one_of_two_writers_commits(store: &ResultStore, root: &str) {
    let name = name(&format!("{root}/raced"));
    let columns = columns(&["bigint"]);
    let tagged = |tag: &str| WriterOptions { part_tag: Some(tag.to_owned()), ..WriterOptions::default() };
    let mut slow = store.writer(name.clone(), &columns, tagged("slow"));
    slow.write(Bytes::from_static(b"[[1]]")).await.unwrap();
    let committed = store_pages(store, &name, &columns, &["[[1],[2]]"], tagged("quick")).await;
    let parts = slow.checkpoint().await.unwrap().to_vec();
    let refused = slow.finish(ManifestExtras::at(commit_time())).await;
    assert!(matches!(refused, Err(ResultError::AlreadyCommitted { .. })), "{refused:?}");
    assert_eq!(store.manifest(&name).await.unwrap(), committed);
    // The answer to a commit may be lost: the same commit again is a success.
    let again = store.resume(name.clone(), &columns, committed.parts.clone(), tagged("again")).unwrap();
    assert_eq!(again.finish(ManifestExtras::at(commit_time())).await.unwrap().parts, committed.parts);
    let loser = store.resume(name.clone(), &columns, parts, tagged("slow")).unwrap();
    loser.abort().await.unwrap();
    assert_eq!(all_rows(store, &committed).await, "[[1],[2]]");
    store.delete(&name).await.unwrap();
}

/// More than one request's worth of bytes in one part, so that it becomes a multipart upload.
async fn large_parts_are_whole(store: &ResultStore, root: &str) {
    let name = name(&format!("{root}/large"));
    let options = WriterOptions { row_group_bytes: 1024 * 1024, ..WriterOptions::default() };
    let mut writer = store.writer(name.clone(), &columns(&["integer", "varchar"]), options);
    let (mut noise, mut rows) = (Noise::new(1), 0);
    for _ in 0..24 {
        let page: Vec<String> = noise
            .by_ref()
            .take(256)
            .enumerate()
            .map(|(row, text)| format!("[{},\"{text}\"]", rows + row as u64))
            .collect();
        rows += writer.write(Bytes::from(format!("[{}]", page.join(",")))).await.unwrap();
    }
    let manifest = writer.finish(ManifestExtras::at(commit_time())).await.unwrap();
    assert_eq!((manifest.rows, manifest.parts.len()), (24 * 256, 1));
    assert!(manifest.bytes > 2 * 8 * 1024 * 1024, "{} bytes are no multipart upload", manifest.bytes);
    let page = store.rows(&manifest, 5000, 2).await.unwrap();
    let json = String::from_utf8(page.json_rows(warren_results::Numbers::Exact).unwrap()).unwrap();
    assert!(json.starts_with("[[5000,\"") && json.contains("],[5001,\""), "{}", &json[..40]);
    store.delete(&name).await.unwrap();
}

#[tokio::test]
async fn memory_keeps_results() {
    conformance(&memory(), "suite").await;
}

#[tokio::test]
async fn a_local_folder_keeps_results() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("made/on/demand");
    let url = url::Url::from_directory_path(&root).unwrap();
    conformance(&ResultStore::open(&url, &BTreeMap::new()).unwrap(), "suite").await;
    assert_eq!(std::fs::read_dir(&root).unwrap().count(), 0, "deleted results leave nothing behind");
}

#[tokio::test]
async fn a_bucket_keeps_results() {
    let Some(url) = variable("WARREN_TEST_RESULTS_URL") else {
        skip("a_bucket_keeps_results", "WARREN_TEST_RESULTS_URL");
        return;
    };
    let options = std::env::vars().collect();
    let store = ResultStore::open(&url.parse().unwrap(), &options).unwrap();
    conformance(&store, &format!("suite-{}", std::process::id())).await;
    let missing = "s3://warren-no-such-bucket/x".parse().unwrap();
    let missing = ResultStore::open(&missing, &options).unwrap();
    for checked in [missing.check_readable().await, missing.check().await] {
        let error = checked.unwrap_err();
        assert_eq!(error.storage_fault(), Some(warren_results::StorageFault::NoBucket), "{error:?}");
    }
}

#[tokio::test]
async fn a_page_may_be_cut() {
    let store = memory();
    let options = WriterOptions::default();
    let mut writer = store.writer(name("r"), &columns(&["bigint", "array(varchar)"]), options);
    let page = Bytes::from_static(b"[[1,[\"a\"]],[2,[]],[3,[\"c\",null]]]");
    assert_eq!(writer.write_at_most(page.clone(), 0).await.unwrap(), 3);
    assert_eq!((writer.rows(), writer.bytes()), (0, 0));
    assert_eq!(writer.write_at_most(page.clone(), 2).await.unwrap(), 3);
    assert_eq!(writer.write_at_most(page, 9).await.unwrap(), 3);
    let manifest = writer.finish(ManifestExtras::at(commit_time())).await.unwrap();
    let expect = "[[1,[\"a\"]],[2,[]],[1,[\"a\"]],[2,[]],[3,[\"c\",null]]]";
    assert_eq!(all_rows(&store, &manifest).await, expect);
}

#[tokio::test]
async fn the_parts_to_resume_from_must_fit_together() {
    let store = memory();
    let columns = columns(&["bigint"]);
    let options = WriterOptions { part_rows: 1, ..WriterOptions::default() };
    let parts = store_pages(&store, &name("r"), &columns, &["[[1]]", "[[2]]"], options).await.parts;
    let resume = |parts| store.resume(name("r"), &columns, parts, WriterOptions::default());
    assert!(resume(parts.clone()).is_ok());
    assert!(matches!(resume(parts[1..].to_vec()), Err(ResultError::Resume { .. })));
    let mut leaving = parts;
    leaving[0].path = "../x".to_owned();
    assert!(matches!(resume(leaving), Err(ResultError::Resume { .. })));
}

#[tokio::test]
async fn a_writer_may_move_between_threads() {
    fn sendable<T: Send>(value: T) -> T {
        value
    }
    let store = memory();
    let manifest = store_pages(&store, &name("r"), &columns(&["bigint"]), &["[[1]]"], WriterOptions::default()).await;
    let mut writer = sendable(store.writer(name("s"), &columns(&["bigint"]), WriterOptions::default()));
    sendable(writer.write(Bytes::from_static(b"[[1]]"))).await.unwrap();
    sendable(writer.checkpoint()).await.unwrap();
    sendable(writer.finish(ManifestExtras::at(commit_time()))).await.unwrap();
    sendable(store.rows(&manifest, 0, 1)).await.unwrap();
}
