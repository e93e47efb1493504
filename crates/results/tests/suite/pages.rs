//! Pages of wide rows: they end by their bytes, and lead through all the rows none the less.

use arrow::array::{AsArray as _, RecordBatch};
use arrow::datatypes::Int32Type;
use bytes::Bytes;
use warren_results::{Manifest, ManifestExtras, ResultStore, RowsPage, WriterOptions};

use crate::support::{columns, commit_time, memory, name};

const MIB: usize = 1024 * 1024;

/// A result of numbered rows with these texts, which came in pages of so many rows.
async fn stored(store: &ResultStore, texts: &[String], page_rows: usize) -> Manifest {
    let mut writer = store.writer(name("r"), &columns(&["integer", "varchar"]), WriterOptions::default());
    for (page, texts) in texts.chunks(page_rows).enumerate() {
        let row = |(row, text): (usize, &String)| format!("[{},\"{text}\"]", page * page_rows + row);
        let rows: Vec<String> = texts.iter().enumerate().map(row).collect();
        writer.write(Bytes::from(format!("[{}]", rows.join(",")))).await.unwrap();
    }
    writer.finish(ManifestExtras::at(commit_time())).await.unwrap()
}

/// Every page of a result, each of at most `limit` rows, after a check that they hold each row once and in order.
async fn pages(store: &ResultStore, manifest: &Manifest, limit: u64) -> Vec<RowsPage> {
    let (mut pages, mut next) = (Vec::new(), Some(0));
    while let Some(offset) = next {
        let page = store.rows(manifest, offset, limit).await.unwrap();
        next = page.next_offset();
        pages.push(page);
    }
    let numbers = pages
        .iter()
        .flat_map(|page| &page.batches)
        .flat_map(|batch: &RecordBatch| batch.column(0).as_primitive::<Int32Type>().values().to_vec());
    let expect: Vec<i32> = (0..i32::try_from(manifest.rows).unwrap()).collect();
    assert_eq!(numbers.collect::<Vec<_>>(), expect);
    pages
}

fn bytes(page: &RowsPage) -> usize {
    page.batches.iter().map(RecordBatch::get_array_memory_size).sum()
}

/// No batch is much larger than a megabyte, and no page larger than 16 of them and a batch.
fn check_bounds(pages: &[RowsPage]) {
    for page in pages {
        let largest = page.batches.iter().map(RecordBatch::get_array_memory_size).max().unwrap_or(0);
        // A buffer may have twice the room that its values need.
        assert!(largest < 5 * MIB / 2, "a batch of {largest} bytes");
        assert!(bytes(page) < 37 * MIB / 2, "a page of {} bytes", bytes(page));
    }
}

/// Texts of about a length, of which no two are the same.
fn distinct(count: usize, length: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number:06}{}", "x".repeat(length))).collect()
}

#[tokio::test]
async fn a_page_of_wide_rows_ends_by_its_bytes() {
    let store = memory();
    let manifest = stored(&store, &distinct(60, MIB / 2), 2).await;
    let pages = pages(&store, &manifest, 1000).await;
    check_bounds(&pages);
    assert!(pages.len() > 1 && bytes(&pages[0]) >= 16 * MIB, "{} pages", pages.len());
}

#[tokio::test]
async fn wide_rows_that_are_stored_in_little_space_are_wide_none_the_less() {
    let store = memory();
    let manifest = stored(&store, &vec!["x".repeat(60 * 1024); 400], 20).await;
    assert!(manifest.bytes < 64 * 1024, "a text that repeats is stored once, not in {} bytes", manifest.bytes);
    let pages = pages(&store, &manifest, 1000).await;
    check_bounds(&pages);
    assert!(pages.len() > 1, "24 MiB of texts are more than a page");
}

#[tokio::test]
async fn wide_rows_behind_narrow_ones_are_seen_before_they_are_decoded() {
    let store = memory();
    let texts = [distinct(6000, 4), distinct(400, 60 * 1024), distinct(100, 4)].concat();
    let manifest = stored(&store, &texts, 20).await;
    let pages = pages(&store, &manifest, 10_000).await;
    check_bounds(&pages);
    assert!(pages.len() > 1 && pages[0].rows() > 6000);
}

#[tokio::test]
async fn a_page_has_a_row_however_wide() {
    let store = memory();
    let texts = [distinct(1, 1), distinct(2, 18 * MIB), distinct(1, 1)].concat();
    let manifest = stored(&store, &texts, 4).await;
    let rows: Vec<u64> = pages(&store, &manifest, 10).await.iter().map(RowsPage::rows).collect();
    assert_eq!(rows, [2, 1, 1]);
}

#[tokio::test]
async fn narrow_rows_fill_their_page() {
    let store = memory();
    let options = WriterOptions { part_rows: 7_000, ..WriterOptions::default() };
    let mut writer = store.writer(name("r"), &columns(&["integer"]), options);
    for first in (0..40_000).step_by(1000) {
        let rows: Vec<String> = (first..first + 1000).map(|row| format!("[{row}]")).collect();
        writer.write(Bytes::from(format!("[{}]", rows.join(",")))).await.unwrap();
    }
    let manifest = writer.finish(ManifestExtras::at(commit_time())).await.unwrap();
    assert!(manifest.parts.len() > 1);
    let rows: Vec<u64> = pages(&store, &manifest, 15_000).await.iter().map(RowsPage::rows).collect();
    assert_eq!(rows, [15_000, 15_000, 10_000]);
}
