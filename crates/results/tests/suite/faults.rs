//! What happens when the store does not do what it is asked: the kind of failure is known, nothing half written is a
//! result, and what was stored before is still good.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use warren_results::{
    DecodeFault, DownloadOptions, Format, Manifest, ManifestExtras, ResultError, ResultStore, StorageFault,
    WriterOptions,
};

use crate::faulty::{Fault, FaultyDriver};
use crate::support::{Noise, all_rows, columns, commit_time, name, store_pages};

struct Bench {
    driver: Arc<FaultyDriver>,
    store: ResultStore,
}

fn bench() -> Bench {
    let driver = Arc::new(FaultyDriver::over(InMemory::new()));
    let store = ResultStore::with_driver(driver.clone(), Path::from("p"), "memory:///p".parse().unwrap());
    Bench { driver, store }
}

impl Bench {
    async fn objects(&self) -> Vec<String> {
        let listed: Vec<_> = self.driver.list(None).try_collect().await.unwrap();
        listed.into_iter().map(|object| object.location.to_string()).collect()
    }

    async fn small_result(&self) -> Manifest {
        store_pages(&self.store, &name("r"), &columns(&["bigint"]), &["[[1],[2]]"], WriterOptions::default()).await
    }
}

/// A page of 6 MiB as it is stored: two of them make a part larger than one request.
fn large_page() -> Bytes {
    static PAGE: LazyLock<Bytes> = LazyLock::new(|| {
        let rows: Vec<String> = Noise::new(7).map(|text| format!("[\"{text}\"]")).take(2048).collect();
        Bytes::from(format!("[{}]", rows.join(",")))
    });
    PAGE.clone()
}

fn large_parts() -> WriterOptions {
    WriterOptions { row_group_bytes: 512 * 1024, ..WriterOptions::default() }
}

#[tokio::test]
async fn a_small_result_is_two_requests() {
    let bench = bench();
    bench.small_result().await;
    assert_eq!(bench.driver.writes(), ["p/r/part-00000.parquet", "p/r/manifest.json"]);
}

#[tokio::test]
async fn a_full_disk_is_told_and_leaves_no_result() {
    let bench = bench();
    bench.driver.plan(Fault::Full, "part");
    let mut writer = bench.store.writer(name("r"), &columns(&["bigint"]), WriterOptions::default());
    writer.write(Bytes::from_static(b"[[1]]")).await.unwrap();
    let error = writer.finish(ManifestExtras::at(commit_time())).await.unwrap_err();
    assert_eq!((error.storage_fault(), error.is_retryable()), (Some(StorageFault::Full), false), "{error:?}");
    let expect = "cannot write p/r/part-00000.parquet: no space left, free some or extend the store";
    assert_eq!(error.to_string(), expect);
    assert!(bench.objects().await.is_empty());
}

#[tokio::test]
async fn a_missing_bucket_is_told_apart_from_a_missing_object() {
    let bench = bench();
    bench.driver.plan(Fault::NoBucket, "");
    let mut writer = bench.store.writer(name("r"), &columns(&["bigint"]), WriterOptions::default());
    writer.write(Bytes::from_static(b"[[1]]")).await.unwrap();
    let error = writer.checkpoint().await.unwrap_err();
    assert_eq!(error.storage_fault(), Some(StorageFault::NoBucket));
    let error = bench.store.check().await.unwrap_err();
    assert_eq!(error.storage_fault(), Some(StorageFault::NoBucket));
    let error = bench.store.manifest(&name("r")).await.unwrap_err();
    assert_eq!(error.storage_fault(), Some(StorageFault::NoBucket));
}

#[tokio::test]
async fn a_lost_connection_aborts_the_upload_and_the_job_resumes() {
    let bench = bench();
    let columns = columns(&["varchar"]);
    let mut writer = bench.store.writer(name("r"), &columns, large_parts());
    writer.write(Bytes::from_static(b"[[\"first\"]]")).await.unwrap();
    let parts = writer.checkpoint().await.unwrap().to_vec();
    bench.driver.plan(Fault::Reset, "part-00001");
    let mut error = None;
    for _ in 0..8 {
        if let Err(failed) = writer.write(large_page()).await {
            error = Some(failed);
            break;
        }
    }
    let error = error.expect("an upload of 48 MiB sees a failed request");
    assert_eq!((error.storage_fault(), error.is_retryable()), (Some(StorageFault::Unavailable), true), "{error:?}");
    assert_eq!(bench.driver.aborted(), 1);
    let again = writer.write(Bytes::from_static(b"[[\"x\"]]")).await;
    assert!(matches!(again, Err(ResultError::WriterFailed { .. })), "{again:?}");
    assert!(matches!(writer.checkpoint().await, Err(ResultError::WriterFailed { .. })));

    bench.driver.heal();
    let mut writer = bench.store.resume(name("r"), &columns, parts, large_parts()).unwrap();
    writer.write(Bytes::from_static(b"[[\"second\"]]")).await.unwrap();
    let manifest = writer.finish(ManifestExtras::at(commit_time())).await.unwrap();
    assert_eq!(all_rows(&bench.store, &manifest).await, "[[\"first\"],[\"second\"]]");
}

#[tokio::test]
async fn a_failure_at_the_end_of_an_upload_aborts_it() {
    let bench = bench();
    let mut writer = bench.store.writer(name("r"), &columns(&["varchar"]), large_parts());
    for _ in 0..2 {
        writer.write(large_page()).await.unwrap();
    }
    bench.driver.plan(Fault::Reset, "part");
    let error = writer.checkpoint().await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    assert_eq!(bench.driver.aborted(), 1);
    assert!(bench.objects().await.is_empty());
}

#[tokio::test]
async fn a_manifest_that_cannot_be_written_is_no_commit_and_can_be_tried_again() {
    let bench = bench();
    let mut writer = bench.store.writer(name("r"), &columns(&["bigint"]), WriterOptions::default());
    writer.write(Bytes::from_static(b"[[1]]")).await.unwrap();
    let parts = writer.checkpoint().await.unwrap().to_vec();
    bench.driver.plan(Fault::Reset, "manifest");
    let error = writer.finish(ManifestExtras::at(commit_time())).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    bench.driver.heal();
    assert!(matches!(bench.store.manifest(&name("r")).await, Err(ResultError::NotFound { .. })));
    let writer = bench.store.resume(name("r"), &columns(&["bigint"]), parts, WriterOptions::default()).unwrap();
    let manifest = writer.finish(ManifestExtras::at(commit_time())).await.unwrap();
    assert_eq!(all_rows(&bench.store, &manifest).await, "[[1]]");
}

#[tokio::test]
async fn a_store_without_conditional_writes_still_commits() {
    let bench = bench();
    bench.driver.plan(Fault::NoConditions, "manifest");
    let manifest = bench.small_result().await;
    assert_eq!(bench.store.manifest(&name("r")).await.unwrap(), manifest);
}

#[tokio::test]
async fn a_write_that_was_given_up_is_not_gone_on_with() {
    let bench = bench();
    let mut writer = bench.store.writer(name("r"), &columns(&["varchar"]), large_parts());
    bench.driver.plan(Fault::Hang, "part");
    let mut hung = false;
    for _ in 0..8 {
        hung |= writer.write(large_page()).boxed().now_or_never().is_none();
    }
    assert!(hung);
    let again = writer.write(Bytes::from_static(b"[[\"x\"]]")).await;
    assert!(matches!(again, Err(ResultError::WriterFailed { .. })), "{again:?}");
}

#[tokio::test]
async fn rows_that_do_not_decode_say_where_in_the_result() {
    let bench = bench();
    let mut writer = bench.store.writer(name("r"), &columns(&["bigint"]), WriterOptions::default());
    writer.write(Bytes::from_static(b"[[1],[2]]")).await.unwrap();
    let error = writer.write(Bytes::from_static(b"[[3],[true]]")).await.unwrap_err();
    let ResultError::Decode(error) = error else { panic!("{error:?}") };
    assert_eq!((error.fault, error.row), (DecodeFault::Integer, 3));
}

#[tokio::test]
async fn a_store_that_fails_while_reading_is_told() {
    let bench = bench();
    let manifest = bench.small_result().await;
    bench.driver.plan(Fault::Reset, "part");
    let error = bench.store.rows(&manifest, 0, 1).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    for format in Format::ALL {
        let chunks: Vec<_> = bench.store.download(&manifest, format, &DownloadOptions::default()).collect().await;
        assert!(matches!(chunks.last(), Some(Err(error)) if error.is_retryable()), "{format:?}");
        assert_eq!(chunks.iter().filter(|chunk| chunk.is_err()).count(), 1, "{format:?}");
    }
}

#[tokio::test]
async fn broken_parts_and_manifests_are_told() {
    let bench = bench();
    let manifest = bench.small_result().await;
    let part = Path::from("p/r/part-00000.parquet");
    let zeros = vec![0; usize::try_from(manifest.bytes).unwrap()];
    bench.driver.put(&part, zeros.into()).await.unwrap();
    let error = bench.store.rows(&manifest, 0, 1).await.unwrap_err();
    assert!(matches!(error, ResultError::Parquet { .. }) && !error.is_retryable(), "{error:?}");
    let path = Path::from("p/r/manifest.json");
    for broken in ["", "{", "{\"version\":2}", "[]"] {
        bench.driver.put(&path, broken.to_owned().into()).await.unwrap();
        let error = bench.store.manifest(&name("r")).await.unwrap_err();
        assert!(matches!(error, ResultError::Manifest { .. }), "{broken}: {error:?}");
    }
}

#[tokio::test]
async fn a_commit_that_the_store_refuses_leaves_nothing() {
    for fails in ["part-00001", "manifest"] {
        let bench = bench();
        let mut writer = bench.store.writer(name("r"), &columns(&["bigint"]), WriterOptions::default());
        writer.write(Bytes::from_static(b"[[1]]")).await.unwrap();
        writer.checkpoint().await.unwrap();
        writer.write(Bytes::from_static(b"[[2]]")).await.unwrap();
        bench.driver.plan(Fault::Full, fails);
        let error = writer.finish(ManifestExtras::at(commit_time())).await.unwrap_err();
        assert_eq!(error.storage_fault(), Some(StorageFault::Full), "{error:?}");
        assert_eq!(bench.objects().await, Vec::<String>::new(), "{fails}");
    }
}

#[tokio::test]
async fn delete_takes_everything_below_a_name_and_no_neighbour() {
    let bench = bench();
    let columns = columns(&["bigint"]);
    let store =
        async |text| store_pages(&bench.store, &name(text), &columns, &["[[1]]"], WriterOptions::default()).await;
    let neighbour = store("d/job2/a1").await;
    store("d/job/a1").await;
    store("d/job/a2").await;
    let mut orphan = bench.store.writer(
        name("d/job/a1"),
        &columns,
        WriterOptions { part_tag: Some("old/er".to_owned()), ..WriterOptions::default() },
    );
    orphan.write(Bytes::from_static(b"[[1]]")).await.unwrap();
    assert_eq!(orphan.checkpoint().await.unwrap()[0].path, "part-00000-old_er.parquet");
    bench.store.delete(&name("d/job")).await.unwrap();
    assert_eq!(bench.objects().await, ["p/d/job2/a1/manifest.json", "p/d/job2/a1/part-00000.parquet"]);
    assert_eq!(all_rows(&bench.store, &neighbour).await, "[[1]]");
}

#[tokio::test]
async fn a_delete_that_breaks_off_has_taken_the_manifests_and_can_be_finished() {
    let bench = bench();
    let columns = columns(&["bigint"]);
    for text in ["job/a1", "job/a2"] {
        store_pages(&bench.store, &name(text), &columns, &["[[1]]"], WriterOptions::default()).await;
    }
    bench.driver.plan(Fault::Reset, "part");
    let error = bench.store.delete(&name("job")).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    assert_eq!(bench.objects().await, ["p/job/a1/part-00000.parquet", "p/job/a2/part-00000.parquet"]);
    bench.driver.plan(Fault::Reset, "job");
    let error = bench.store.delete(&name("job")).await.unwrap_err();
    assert!(error.is_retryable(), "a store that cannot be listed is not one that is empty: {error:?}");
    bench.driver.heal();
    bench.store.delete(&name("job")).await.unwrap();
    assert_eq!(bench.objects().await, Vec::<String>::new());
}
