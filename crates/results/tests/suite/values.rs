//! Values of every type go through decoder, Parquet and encoder and come out as they went in.

use crate::support::{all_rows, columns, memory, name, store_pages};
use warren_results::{Numbers, WriterOptions};

/// Stores rows of one column, reads them back and expects the same text.
async fn check(type_text: &str, rows: &[&str]) {
    let store = memory();
    let page = format!("[{}]", rows.iter().map(|row| format!("[{row}]")).collect::<Vec<_>>().join(","));
    let columns = columns(&[type_text]);
    let manifest = store_pages(&store, &name("r"), &columns, &[&page], WriterOptions::default()).await;
    assert_eq!(all_rows(&store, &manifest).await, page, "{type_text}");
}

#[tokio::test]
async fn scalars() {
    check("boolean", &["true", "null", "false"]).await;
    check("tinyint", &["-128", "127", "null", "0"]).await;
    check("smallint", &["-32768", "32767", "null"]).await;
    check("integer", &["-2147483648", "2147483647", "null"]).await;
    check("bigint", &["-9223372036854775808", "9223372036854775807", "null", "9007199254740993"]).await;
    check("real", &["1.0", "-0.0", "3.4028235E38", "1.4E-45", "\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "null"])
        .await;
    check("double", &["1.0", "-0.0", "0.1", "1.0E10", "4.9E-324", "\"NaN\"", "\"-Infinity\"", "null"]).await;
    check("decimal(10, 2)", &["\"1.10\"", "\"-99999999.99\"", "\"0.00\"", "null"]).await;
    check("decimal(38, 0)", &["\"99999999999999999999999999999999999999\"", "\"-1\""]).await;
    check("varchar", &["\"\"", "\"a\\\"b\\\\c\\n\\u0001\"", "\"gr\u{fc}\u{df}e \u{1f980}\"", "null"]).await;
    check("char(3)", &["\"a  \""]).await;
    check("json", &["\"{\\\"a\\\":1}\"", "\"null\"", "null"]).await;
    check("varbinary", &["\"\"", "\"AAEC/w==\"", "null"]).await;
    check("uuid", &["\"6f1f3a54-8b7e-4c1b-9a55-2c1f0f4e0a01\""]).await;
    check("HyperLogLog", &["\"AgwAAA==\""]).await;
    check("interval day to second", &["\"-1 02:03:04.005\""]).await;
    check("unknown", &["null"]).await;
}

#[tokio::test]
async fn time_types() {
    check("date", &["\"2020-01-31\"", "\"-0001-12-31\"", "\"+10000-01-01\"", "\"0000-01-01\"", "null"]).await;
    check("time(0)", &["\"23:59:59\""]).await;
    check("time(3)", &["\"01:02:03.456\"", "null"]).await;
    check("time(6)", &["\"23:59:59.999999\""]).await;
    check("time(12)", &["\"23:59:59.999999999999\""]).await;
    check("time(3) with time zone", &["\"01:02:03.456+02:00\""]).await;
    check("timestamp(0)", &["\"2020-01-01 00:00:00\""]).await;
    check("timestamp(3)", &["\"2020-01-01 00:00:00.000\"", "\"-0044-03-15 12:00:00.120\"", "null"]).await;
    check("timestamp(6)", &["\"1969-12-31 23:59:59.999999\"", "\"+294247-01-10 04:00:54.775807\""]).await;
    check("timestamp(9)", &["\"2020-01-01 00:00:00.123456789\""]).await;
    check("timestamp(12)", &["\"9999-12-31 23:59:59.999999999999\""]).await;
    check("timestamp(3) with time zone", &["\"2020-01-01 00:00:00.000 America/New_York\"", "null"]).await;
}

#[tokio::test]
async fn nested_values() {
    check("array(integer)", &["[]", "[1,null,3]", "null"]).await;
    check("array(array(varchar))", &["[[\"a\"],[],null]", "[]"]).await;
    check("map(varchar, bigint)", &["{}", "{\"a\":1,\"b \\\"q\\\"\":null}", "null"]).await;
    check("map(bigint, array(double))", &["{\"-9223372036854775808\":[1.0,\"NaN\"]}"]).await;
    check("map(double, boolean)", &["{\"NaN\":true,\"1.0E10\":false}"]).await;
    check("map(boolean, date)", &["{\"true\":\"2020-01-31\"}"]).await;
    check("map(decimal(5, 2), real)", &["{\"1.10\":1.5}"]).await;
    check("map(timestamp(3), time(6))", &["{\"2020-01-01 00:00:00.000\":\"00:00:00.000001\"}"]).await;
    check("map(varbinary, varbinary)", &["{\"61 62\":\"AAE=\"}"]).await;
    check("map(row(a bigint), integer)", &["{\"[1]\":2}"]).await;
    check("row(a bigint, b varchar)", &["[1,\"x\"]", "[null,null]", "null"]).await;
    check("row(bigint, bigint, a row(a double, A double))", &["[1,2,[1.0,2.0]]", "[1,2,null]"]).await;
    check("array(map(varchar, row(x array(decimal(3, 1)))))", &["[{\"k\":[[\"1.5\",null]]},null]"]).await;
    check("variant", &["{\"a\":[1,\"x\",null]}", "\"s\"", "1.50", "true", "null"]).await;
}

#[tokio::test]
async fn numbers_are_strings_unless_asked_for() {
    let store = memory();
    let columns = columns(&["integer", "bigint", "decimal(3, 1)", "array(bigint)"]);
    let page = "[[1,2,\"3.0\",[4]]]";
    let manifest = store_pages(&store, &name("r"), &columns, &[page], WriterOptions::default()).await;
    let rows = store.rows(&manifest, 0, 1).await.unwrap();
    let json = |numbers| String::from_utf8(rows.json_rows(numbers).unwrap()).unwrap();
    assert_eq!(json(Numbers::Exact), "[[1,\"2\",\"3.0\",[\"4\"]]]");
    assert_eq!(json(Numbers::Native), "[[1,2,3.0,[4]]]");
    assert_eq!(json(Numbers::Trino), page);
}
