//! Measures what a result costs: decoding pages, writing them to Parquet, and downloading the result again.
//!
//! ```text
//! cargo run --release -p warren-results --example decode_pages [PAGES]
//! ```
//!
//! `PAGES` holds bodies of Trino's answers, each behind its length as 32 bits in little-endian order. Without it
//! the rows are made up: 1,000,000 that look like those of TPC-H's `lineitem`.
#![expect(clippy::print_stdout, reason = "the table is what the example is for")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::TryStreamExt as _;
use serde::Deserialize;
use serde_json::value::RawValue;
use warren_results::decode::decode_rows;
use warren_results::types::ResultSchema;
use warren_results::{DownloadOptions, Format, ManifestExtras, ResultStore, WriterOptions};
use warren_trino::{Column, TypeSignature};

/// Rows of a made up page; Trino's own pages of `lineitem` have about as many.
const PAGE_ROWS: u64 = 8_000;
const ROWS: u64 = 1_000_000;
/// Small results that are written to know what one costs.
const SMALL_RESULTS: u32 = 200;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (columns, pages) = match std::env::args().nth(1) {
        Some(path) => recorded(&std::fs::read(path)?)?,
        None => made_up()?,
    };
    let bytes: usize = pages.iter().map(Bytes::len).sum();
    let schema = ResultSchema::new(&columns);
    println!("{} pages, {:.1} MB of rows as JSON", pages.len(), megabytes(bytes));

    let mut rows = 0;
    for _ in 0..3 {
        let cost = Cost::start();
        rows = 0;
        for page in &pages {
            rows += decode_rows(&schema, page)?.num_rows();
        }
        cost.report("decode", bytes);
    }

    let store = ResultStore::open(&"memory:///bench".parse()?, &BTreeMap::new())?;
    let mut writer = store.writer("bench".parse()?, &columns, WriterOptions::default());
    let cost = Cost::start();
    for page in &pages {
        writer.write(page.clone()).await?;
    }
    let manifest = writer.finish(ManifestExtras::at(chrono::DateTime::UNIX_EPOCH)).await?;
    cost.report("decode and write", bytes);
    println!(
        "  {rows} rows, {:.1} MB stored in {} parts",
        megabytes(usize::try_from(manifest.bytes)?),
        manifest.parts.len()
    );

    let small = Bytes::from_static(b"[[1,\"a\"],[2,\"b\"],[3,null],[4,\"d\"],[5,\"e\"]]");
    let two = [Column::new("id", "bigint".parse()?), Column::new("name", "varchar(25)".parse()?)];
    let start = Instant::now();
    for number in 0..SMALL_RESULTS {
        let mut writer = store.writer(format!("small/{number}").parse()?, &two, WriterOptions::default());
        writer.write(small.clone()).await?;
        writer.finish(ManifestExtras::at(chrono::DateTime::UNIX_EPOCH)).await?;
    }
    println!("  a result of 5 rows and 2 columns: {:?}", start.elapsed() / SMALL_RESULTS);

    for page in 0..3 {
        let start = Instant::now();
        let page = store.rows(&manifest, manifest.rows / 2 + page, 100).await?;
        println!("  a page of {} rows from the middle: {:?}", page.rows(), start.elapsed());
    }
    for format in Format::ALL {
        let cost = Cost::start();
        let chunks = store.download(&manifest, format, &DownloadOptions::default());
        let size = chunks.try_fold(0, |size, chunk| std::future::ready(Ok(size + chunk.len()))).await?;
        cost.report(&format!("download {}", format.file_extension()), size);
    }
    Ok(())
}

/// Wall and CPU time since a start. On a busy machine only the second one means something.
struct Cost {
    wall: Instant,
    cpu: Option<Duration>,
}

impl Cost {
    fn start() -> Self {
        Self { wall: Instant::now(), cpu: cpu_time() }
    }

    fn report(&self, what: &str, bytes: usize) {
        let wall = self.wall.elapsed();
        let cpu = cpu_time().zip(self.cpu).map_or(wall, |(now, then)| now.saturating_sub(then));
        let (wall, cpu, size) = (wall.as_secs_f64(), cpu.as_secs_f64(), megabytes(bytes));
        println!("{what:<18} {size:>7.1} MB {wall:>7.3} s {cpu:>7.2} cpu s {:>7.0} MB per cpu s", size / cpu.max(0.01));
    }
}

/// User and system time of this process, where the system has `/proc`; in steps of 10 ms.
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program is in parentheses and may hold spaces; user and system time are the 12th and 13th after it.
    let mut ticks = stat.rsplit(')').next()?.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    Some(Duration::from_millis((ticks.next()?.ok()? + ticks.next()?.ok()?) * 10))
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files, shown with one decimal")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// What is measured of a recorded answer.
#[derive(Deserialize)]
struct Answer<'a> {
    columns: Option<Vec<AnswerColumn>>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnswerColumn {
    name: String,
    #[serde(rename = "type")]
    type_text: String,
    type_signature: TypeSignature,
}

fn recorded(file: &[u8]) -> Result<(Vec<Column>, Vec<Bytes>), Box<dyn Error>> {
    let (mut columns, mut pages) = (Vec::new(), Vec::new());
    let mut rest = file;
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_le_bytes(*length))?;
        let (body, after) = after.split_at_checked(length).ok_or("the file is cut")?;
        rest = after;
        let answer: Answer<'_> = serde_json::from_slice(body)?;
        if let Some(found) = answer.columns {
            let column = |c: AnswerColumn| Column { name: c.name, type_text: c.type_text, signature: c.type_signature };
            columns = found.into_iter().map(column).collect();
        }
        pages.extend(answer.data.map(|data| Bytes::copy_from_slice(data.get().as_bytes())));
    }
    Ok((columns, pages))
}

fn made_up() -> Result<(Vec<Column>, Vec<Bytes>), Box<dyn Error>> {
    let types = [
        ("orderkey", "bigint"),
        ("partkey", "bigint"),
        ("suppkey", "bigint"),
        ("linenumber", "integer"),
        ("quantity", "double"),
        ("extendedprice", "double"),
        ("discount", "double"),
        ("tax", "double"),
        ("returnflag", "varchar(1)"),
        ("linestatus", "varchar(1)"),
        ("shipdate", "date"),
        ("commitdate", "date"),
        ("receiptdate", "date"),
        ("shipinstruct", "varchar(25)"),
        ("shipmode", "varchar(10)"),
        ("comment", "varchar(44)"),
    ];
    let mut columns = Vec::new();
    for (name, text) in types {
        columns.push(Column::new(name, text.parse()?));
    }
    let mut pages = Vec::new();
    for first in (0..ROWS).step_by(usize::try_from(PAGE_ROWS)?) {
        let mut page = String::from("[");
        for row in first..ROWS.min(first + PAGE_ROWS) {
            page.push_str(if row == first { "" } else { "," });
            push_row(&mut page, row)?;
        }
        page.push(']');
        pages.push(Bytes::from(page));
    }
    Ok((columns, pages))
}

fn push_row(page: &mut String, row: u64) -> std::fmt::Result {
    // Knuth's multiplier spreads the row over 64 bits; slices of them are the columns.
    let random = row.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let word = |shift: u32, below: u64| (random >> shift) % below;
    let flag = ["A", "N", "R"].get(usize::try_from(word(40, 3)).unwrap_or(0)).unwrap_or(&"N");
    let mode =
        ["AIR", "TRUCK", "MAIL", "SHIP", "REG AIR"].get(usize::try_from(word(44, 5)).unwrap_or(0)).unwrap_or(&"FOB");
    write!(
        page,
        "[{},{},{},{},{}.0,{}.{:02},0.0{},0.0{},\"{flag}\",\"{}\",",
        row / 4 * 8 + 1,
        word(3, 200_000),
        word(5, 10_000),
        row % 4 + 1,
        word(7, 50) + 1,
        word(9, 100_000),
        word(11, 100),
        word(13, 9) + 1,
        word(15, 8) + 1,
        if word(17, 2) == 0 { "O" } else { "F" },
    )?;
    for shift in [19, 21, 23] {
        write!(page, "\"199{}-{:02}-{:02}\",", word(shift, 8), word(shift + 3, 12) + 1, word(shift + 6, 28) + 1)?;
    }
    write!(
        page,
        "\"DELIVER IN PERSON\",\"{mode}\",\"carefully {} deposits {} sleep\"]",
        word(30, 5_000),
        word(33, 7_000)
    )
}
