//! Laws that hold for every value: what goes in comes out, and a page is a slice of the result.

use base64::Engine as _;
use bytes::Bytes;
use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _};
use proptest::collection::{btree_map, vec};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert_eq, proptest};
use proptest::strategy::{BoxedStrategy, Union};
use warren_results::{ManifestExtras, Numbers, WriterOptions};
use warren_trino::{TypeArgument, TypeSignature};

use crate::support::{all_rows, columns, commit_time, memory, name};

/// Any type, as text.
fn any_type() -> BoxedStrategy<String> {
    let leaf = Union::new([
        Just("boolean").prop_map(str::to_owned).boxed(),
        proptest::sample::select(vec!["tinyint", "smallint", "integer", "bigint", "real", "double", "varchar"])
            .prop_map(str::to_owned)
            .boxed(),
        proptest::sample::select(vec!["varbinary", "date", "uuid", "timestamp(3) with time zone", "timestamp(9)"])
            .prop_map(str::to_owned)
            .boxed(),
        (1..=38_u8).prop_flat_map(|p| (Just(p), 0..=p)).prop_map(|(p, s)| format!("decimal({p}, {s})")).boxed(),
        (0..=6_u8).prop_map(|p| format!("time({p})")).boxed(),
        (0..=6_u8).prop_map(|p| format!("timestamp({p})")).boxed(),
    ]);
    let nested = leaf.prop_recursive(3, 8, 3, |inner| {
        Union::new([
            inner.clone().prop_map(|element| format!("array({element})")).boxed(),
            (key_type(), inner.clone()).prop_map(|(key, value)| format!("map({key}, {value})")).boxed(),
            (inner.clone(), inner).prop_map(|(a, b)| format!("row(a {a}, {b})")).boxed(),
        ])
    });
    nested.boxed()
}

fn key_type() -> impl Strategy<Value = String> {
    let keys = vec!["varchar", "bigint", "integer", "double", "date", "decimal(9, 3)", "timestamp(6)", "boolean"];
    proptest::sample::select(keys).prop_map(str::to_owned)
}

/// A value of the type as Trino's JSON, or `null`.
fn value_or_null(signature: &TypeSignature) -> BoxedStrategy<String> {
    let value = value(signature);
    proptest::option::weighted(0.85, value).prop_map(|value| value.unwrap_or_else(|| "null".to_owned())).boxed()
}

fn value(signature: &TypeSignature) -> BoxedStrategy<String> {
    let precision = |index| u32::try_from(signature.long(index).unwrap()).unwrap();
    match signature.raw.as_str() {
        "boolean" => any::<bool>().prop_map(|value| value.to_string()).boxed(),
        "tinyint" => any::<i8>().prop_map(|value| value.to_string()).boxed(),
        "smallint" => any::<i16>().prop_map(|value| value.to_string()).boxed(),
        "integer" => any::<i32>().prop_map(|value| value.to_string()).boxed(),
        "bigint" => any::<i64>().prop_map(|value| value.to_string()).boxed(),
        "real" => float(6, 36),
        "double" => float(15, 300),
        "decimal" => decimal(precision(0), precision(1)),
        "varchar" => {
            "[ -~\u{e9}\u{1f980}\n\t\"\\\\]{0,20}".prop_map(|text| serde_json::to_string(&text).unwrap()).boxed()
        }
        "varbinary" => {
            let base64 = |bytes: Vec<u8>| base64::engine::general_purpose::STANDARD.encode(bytes);
            vec(any::<u8>(), 0..9).prop_map(move |bytes| format!("\"{}\"", base64(bytes))).boxed()
        }
        "date" => moment().prop_map(|moment| format!("\"{}\"", date(moment.date()))).boxed(),
        "time" => {
            let digits = precision(0);
            moment().prop_map(move |moment| format!("\"{}\"", time(moment.time(), digits))).boxed()
        }
        "timestamp" if precision(0) <= 6 => {
            let digits = precision(0);
            let text = move |moment: NaiveDateTime| format!("{} {}", date(moment.date()), time(moment.time(), digits));
            moment().prop_map(move |moment| format!("\"{}\"", text(moment))).boxed()
        }
        "timestamp" | "timestamp with time zone" => Just("\"2020-01-01 00:00:00.000 Asia/Tokyo\"".to_owned()).boxed(),
        "uuid" => Just("\"6f1f3a54-8b7e-4c1b-9a55-2c1f0f4e0a01\"".to_owned()).boxed(),
        _ => nested_value(signature),
    }
}

fn nested_value(signature: &TypeSignature) -> BoxedStrategy<String> {
    let children: Vec<TypeSignature> = signature
        .arguments
        .iter()
        .filter_map(|argument| match argument {
            TypeArgument::Type(child) => Some(child.clone()),
            TypeArgument::Field(field) => Some(field.signature.clone()),
            _ => None,
        })
        .collect();
    match (signature.raw.as_str(), children.as_slice()) {
        ("array", [element]) => {
            vec(value_or_null(element), 0..4).prop_map(|values| format!("[{}]", values.join(","))).boxed()
        }
        ("map", [key, value]) => btree_map(map_key(key), value_or_null(value), 0..4)
            .prop_map(|map| {
                let entries: Vec<String> = map.iter().map(|(key, value)| format!("{key}:{value}")).collect();
                format!("{{{}}}", entries.join(","))
            })
            .boxed(),
        ("row", fields) => {
            let fields: Vec<_> = fields.iter().map(value_or_null).collect();
            fields.prop_map(|values| format!("[{}]", values.join(","))).boxed()
        }
        other => panic!("no values for {other:?}"),
    }
}

/// A key is a JSON string whatever its type is.
fn map_key(signature: &TypeSignature) -> BoxedStrategy<String> {
    value(signature).prop_map(|key| if key.starts_with('"') { key } else { format!("\"{key}\"") }).boxed()
}

/// A number of at most `digits` digits, which a float holds exactly enough to print them again, in Java's shape.
fn float(digits: usize, exponents: i32) -> BoxedStrategy<String> {
    let text = (any::<bool>(), 1..10_u8, vec(0..10_u8, 0..digits), -exponents..exponents).prop_map(java_float);
    let special = proptest::sample::select(vec!["0.0", "-0.0", "\"NaN\"", "\"Infinity\"", "\"-Infinity\""]);
    Union::new([text.boxed(), special.prop_map(str::to_owned).boxed()]).boxed()
}

fn java_float((negative, first, rest, exponent): (bool, u8, Vec<u8>, i32)) -> String {
    let rest: String = rest.iter().map(u8::to_string).collect();
    let rest = rest.trim_end_matches('0');
    let sign = if negative { "-" } else { "" };
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap());
    match exponent {
        -3..=-1 => format!("{sign}0.{}{first}{rest}", zeros(-exponent - 1)),
        0..=6 => {
            let places = usize::try_from(exponent).unwrap();
            let padded = format!("{rest}{}", "0".repeat(places.saturating_sub(rest.len())));
            let (whole, fraction) = padded.split_at(places);
            format!("{sign}{first}{whole}.{}", if fraction.is_empty() { "0" } else { fraction })
        }
        _ => format!("{sign}{first}.{}E{exponent}", if rest.is_empty() { "0" } else { rest }),
    }
}

fn decimal(precision: u32, scale: u32) -> BoxedStrategy<String> {
    let bound = 10_i128.pow(precision);
    (1 - bound..bound)
        .prop_map(move |unscaled| {
            let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale as usize + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale as usize);
            let point = if scale > 0 { "." } else { "" };
            format!("\"{}{whole}{point}{fraction}\"", if unscaled < 0 { "-" } else { "" })
        })
        .boxed()
}

/// Any moment that chrono knows, years -262,000 to 262,000. Chrono's calendar is the oracle for the crate's own.
fn moment() -> BoxedStrategy<NaiveDateTime> {
    let days = -95_000_000..95_000_000_i64;
    let micros = 0..86_400_000_000_i64;
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap().and_time(NaiveTime::MIN);
    (days, micros)
        .prop_map(move |(days, micros)| epoch + TimeDelta::days(days) + TimeDelta::microseconds(micros))
        .boxed()
}

fn date(date: NaiveDate) -> String {
    let sign = match date.year() {
        ..0 => "-",
        0..=9999 => "",
        _ => "+",
    };
    format!("{sign}{:04}-{:02}-{:02}", date.year().unsigned_abs(), date.month(), date.day())
}

fn time(time: NaiveTime, digits: u32) -> String {
    let clock = format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second());
    let fraction = format!("{:06}", time.nanosecond() / 1000);
    match &fraction[..digits as usize] {
        "" => clock,
        fraction => format!("{clock}.{fraction}"),
    }
}

/// Columns of any types, and rows of them.
fn table() -> impl Strategy<Value = (Vec<String>, Vec<String>)> {
    vec(any_type(), 1..4).prop_flat_map(|types| {
        let row: Vec<_> = types.iter().map(|text| value_or_null(&text.parse().unwrap())).collect();
        let row = row.prop_map(|values| format!("[{}]", values.join(",")));
        (Just(types), vec(row, 0..12))
    })
}

fn options() -> impl Strategy<Value = WriterOptions> {
    (1..9_u64, 1..5_usize, 1..4_usize).prop_map(|(part_rows, row_group_rows, data_page_rows)| WriterOptions {
        part_rows,
        row_group_rows,
        data_page_rows,
        ..WriterOptions::default()
    })
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn rows_come_out_as_they_went_in((types, rows) in table(), page_rows in 1..6_usize, options in options()) {
        let read = block_on(async {
            let store = memory();
            let types: Vec<&str> = types.iter().map(String::as_str).collect();
            let mut writer = store.writer(name("r"), &columns(&types), options);
            for page in rows.chunks(page_rows) {
                writer.write(Bytes::from(format!("[{}]", page.join(",")))).await.unwrap();
            }
            let manifest = writer.finish(ManifestExtras::at(commit_time())).await.unwrap();
            all_rows(&store, &manifest).await
        });
        prop_assert_eq!(read, format!("[{}]", rows.join(",")));
    }

    #[test]
    fn a_page_is_a_slice(
        rows in 0..60_u64, page_rows in 1..20_u64, options in options(), offset in 0..70_u64, limit in 0..70_u64,
    ) {
        block_on(async {
            let store = memory();
            let mut writer = store.writer(name("r"), &columns(&["bigint"]), options);
            for first in (0..rows).step_by(usize::try_from(page_rows).unwrap()) {
                let page: Vec<String> = (first..rows.min(first + page_rows)).map(|row| format!("[{row}]")).collect();
                writer.write(Bytes::from(format!("[{}]", page.join(",")))).await.unwrap();
            }
            let manifest = writer.finish(ManifestExtras::at(commit_time())).await.unwrap();
            let page = store.rows(&manifest, offset, limit).await.unwrap();
            let expect: Vec<String> = (offset..rows.min(offset + limit)).map(|row| format!("[{row}]")).collect();
            let read = String::from_utf8(page.json_rows(Numbers::Trino).unwrap()).unwrap();
            assert_eq!(read, format!("[{}]", expect.join(",")));
            let end = offset + expect.len() as u64;
            assert_eq!(page.next_offset(), (end < rows).then_some(end));
        });
    }
}
