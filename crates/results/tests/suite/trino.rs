//! A real Trino is the judge: its rows come back byte for byte, and CSV is what its own command line prints.

use std::process::Command;

use bytes::Bytes;
use futures::TryStreamExt as _;
use warren_results::{
    CsvOptions, CsvQuoting, DownloadOptions, Format, Manifest, ManifestExtras, ResultStore, WriterOptions,
};
use warren_trino::{Client, ClusterOptions, Session};

use crate::support::{all_rows, commit_time, memory, name, skip, variable};

/// Values of every type at their edges. Each line is a query.
const QUERIES: &[&str] = &[
    "values (true, tinyint '-128', smallint '32767', 2147483647, -9223372036854775807 - 1), (null, null, null, null, null)",
    "values (real '1.5', 1e0), (real '3.4028235E38', 1.7976931348623157E308), (real '1.4E-45', 4.9E-324), \
     (cast(nan() as real), nan()), (cast(-infinity() as real), infinity()), (real '1E7', 1E7), \
     (real '9999999', 9999999e0), (real '0.001', 0.001e0), (real '0.00099', 0.00099e0), (real '0.1', 2e23), \
     (real '16777216', 123456789.125e0), (real '-0.0', -0e0), (real '1.17549435E-38', 0.1e0 + 0.2e0)",
    "values (decimal '1.10', decimal '-0.00000000000000000000000000000000000001'), \
     (decimal '0.00', decimal '0.99999999999999999999999999999999999999'), (null, null)",
    "select decimal '99999999999999999999999999999999999999' a, decimal '0' b, decimal '-123456789012345678.9' c",
    "values ('', cast('ab' as char(5))), (U&'gr\\00fc\\00dfe \\+01F980 \"q\" \\\\ ', 'x'), (chr(10) || chr(1) || chr(13), '')",
    "values (x'', x'00ff10'), (null, to_utf8('hello, world, this is longer than sixteen bytes'))",
    "values (json '{\"a\": [1, null, \"x\"]}', uuid '6f1f3a54-8b7e-4c1b-9a55-2c1f0f4e0a01', ipaddress '10.0.0.1'), \
     (json 'null', null, ipaddress '2001:db8::1')",
    "values date '0001-01-01', date '2020-02-29', date_add('year', 20000, date '2000-01-01'), \
     date_add('day', -1000000, date '1970-01-01'), date_add('day', -719163, date '1970-01-01'), null",
    "values (cast('01:02:03' as time(0)), time '01:02:03.4', time '23:59:59.999999', time '01:02:03.123456789012', \
     time '01:02:03.456 +02:00')",
    "values (timestamp '2020-01-01 00:00:00', timestamp '1969-12-31 23:59:59.9', timestamp '2020-01-01 01:02:03.456', \
     timestamp '2020-01-01 01:02:03.456789', timestamp '2020-01-01 01:02:03.456789012', \
     timestamp '2020-01-01 01:02:03.123456789012')",
    "values (date_add('year', 20000, timestamp '2000-01-01 00:00:00.120'), date_add('year', -2500, timestamp '0400-02-28 \
     12:00:00.001'))",
    "values (timestamp '2020-01-01 00:00:00.000 America/New_York', timestamp '2020-06-01 00:00:00 UTC', \
     timestamp '2020-01-01 00:00:00.123456 +02:00', timestamp '2020-01-01 00:00:00.123456789012 Asia/Tokyo')",
    "values (interval '1' day, interval '-26' hour, interval '14' month, interval '-3' year)",
    "values (array[1, null, 3], array[array['a'], array[]]), (array[], null), (null, array[null])",
    "select map(array['q\"'], array[null]) a, map(array[9223372036854775807], array[array[1e0, nan()]]) b, \
     map(array[date '2020-01-01'], array[x'00']) c, \
     map(array[-infinity()], array[true]) e, map(array[real '0.1'], array[1]) f, \
     map(array[decimal '1.10'], array[1]) g, map(array[timestamp '2020-01-01 00:00:00.123'], array[time '01:02:03']) h, \
     map(array[true], array[1]) i, \
     cast(map() as map(varchar, bigint)) l, map(array[timestamp '2020-01-01 00:00:00 UTC'], array[1]) m, \
     map(array[uuid '6f1f3a54-8b7e-4c1b-9a55-2c1f0f4e0a01'], array[1]) n",
    "select row(1, 'x', null) a, cast(row(1, row(2.5e0, array[row('z')])) as row(x bigint, y row(d double, e array(row(varchar))))) b, \
     cast(null as row(p integer)) c, cast(row(null) as row(\"weird name\" date)) d, \
     array[map(array['k'], array[row(decimal '1.5', date '2020-01-01')])] e",
    "select map(array[x'6162'], array[1]) a, map(array[row(1, 'x')], array[1]) b, map(array[array[1, 2]], array[1]) c, \
     map(array['k', 'l', 'm'], array[1, null, 3]) d, map(array[1.5e0, infinity(), 2e23], array[true, null, false]) e",
    "select approx_set(1) a, tdigest_agg(1e0) b, qdigest_agg(1) c, make_set_digest(1) d",
    "select null a, 1 as \"A\", 2 as a, 3 as \"with,comma\"",
    "select * from tpch.tiny.orders order by orderkey limit 2000",
    "select * from tpch.tiny.lineitem order by orderkey, linenumber limit 5000",
    "select * from tpch.tiny.nation where false",
];

struct Answer {
    rows: String,
    store: ResultStore,
    manifest: Manifest,
}

/// Runs `sql`, stores its pages, and keeps the text of the rows as Trino sent it.
async fn run(client: &Client, sql: &str) -> Answer {
    let store = memory();
    let (mut pages, mut columns) = (Vec::new(), None);
    let mut page = client.submit(sql, &Session::new("warren-test")).await.unwrap();
    loop {
        assert!(page.error.is_none(), "{sql}: {:?}", page.error);
        columns = columns.or_else(|| page.columns.clone());
        pages.extend(page.rows_bytes());
        let Some(next) = page.next.take() else { break };
        page = client.advance(&next).await.unwrap();
    }
    let mut writer = store.writer(name("r"), &columns.unwrap(), WriterOptions::default());
    let mut rows = Vec::new();
    for page in pages {
        writer.write(page.clone()).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let text = std::str::from_utf8(&page).unwrap();
        rows.push(text.strip_prefix('[').unwrap().strip_suffix(']').unwrap().to_owned());
    }
    rows.retain(|page| !page.is_empty());
    let manifest = writer.finish(ManifestExtras::at(commit_time())).await.unwrap();
    Answer { rows: format!("[{}]", rows.join(",")), store, manifest }
}

async fn client() -> Option<Client> {
    let url = variable("WARREN_TEST_TRINO_URL")?;
    Some(Client::new(ClusterOptions::new(url.parse().unwrap())).unwrap())
}

#[tokio::test]
async fn rows_of_a_real_trino_come_back_byte_for_byte() {
    let Some(client) = client().await else {
        skip("rows_of_a_real_trino_come_back_byte_for_byte", "WARREN_TEST_TRINO_URL");
        return;
    };
    for sql in QUERIES {
        let answer = run(&client, sql).await;
        assert_eq!(all_rows(&answer.store, &answer.manifest).await, answer.rows, "{sql}");
    }
}

#[tokio::test]
async fn csv_is_what_trinos_command_line_prints() {
    let cli = variable("WARREN_TEST_TRINO_CLI");
    let (Some(client), Some(cli)) = (client().await, cli) else {
        skip("csv_is_what_trinos_command_line_prints", "WARREN_TEST_TRINO_CLI");
        return;
    };
    // Sketches are base64 to Warren and bytes to the command line. Binary and nested keys of a map make it fail, and it
    // prints the entries of a map in any order, where Warren keeps Trino's.
    let printable = |sql: &&str| !sql.contains("tdigest_agg") && !sql.contains("map(array[x'");
    let queries: Vec<&str> = QUERIES.iter().copied().filter(printable).collect();
    let printed = printed(&cli, &queries.join(";\n")).await;
    let mut rest = printed.as_str();
    for sql in queries {
        let answer = run(&client, sql).await;
        let csv = CsvOptions { quoting: CsvQuoting::Always, ..CsvOptions::default() };
        let options = DownloadOptions { csv, ..DownloadOptions::default() };
        let chunks: Vec<Bytes> =
            answer.store.download(&answer.manifest, Format::Csv, &options).try_collect().await.unwrap();
        let ours = String::from_utf8(chunks.concat()).unwrap();
        rest = rest.strip_prefix(&ours).unwrap_or_else(|| panic!("{sql}\n{ours}\nis not what follows:\n{rest}"));
    }
    assert_eq!(rest, "");
}

/// What Trino's command line prints for statements, one after the other: each start of it costs a second and more.
async fn printed(cli: &str, sql: &str) -> String {
    let mut command = Command::new(cli);
    command.args(["--server", &variable("WARREN_TEST_TRINO_URL").unwrap()]);
    command.args(["--output-format", "CSV_HEADER", "--execute", sql]);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
