//! Pages that do not hold what their columns promise: each is refused with the place where it broke, none panics.

use proptest::prelude::{any, proptest};
use warren_results::decode::decode_rows;
use warren_results::types::ResultSchema;
use warren_results::{DecodeError, DecodeFault};

use crate::support::columns;

fn decode(types: &[&str], page: &[u8]) -> Result<usize, DecodeError> {
    decode_rows(&ResultSchema::new(&columns(types)), page).map(|batch| batch.num_rows())
}

#[test]
fn whitespace_is_json_too() {
    let page = b" [ [ 1 , \"a\" , [ 1 , 2 ] , { \"k\" : null } ] ,\n[ null , null , [ ] , { } ] ] ";
    assert_eq!(decode(&["bigint", "varchar", "array(bigint)", "map(varchar, bigint)"], page), Ok(2));
    assert_eq!(decode(&["bigint"], b"[]"), Ok(0));
    assert_eq!(decode(&["bigint"], b" [ ] "), Ok(0));
    assert_eq!(decode(&[], b"[]"), Ok(0));
}

#[test]
fn escapes_become_characters() {
    let check = |json: &str, expect: &str| {
        let schema = ResultSchema::new(&columns(&["varchar"]));
        let batch = decode_rows(&schema, format!("[[\"{json}\"]]").as_bytes()).unwrap();
        let strings = batch.column(0).as_any().downcast_ref::<arrow::array::StringArray>().unwrap();
        assert_eq!(strings.value(0), expect, "{json}");
    };
    check("", "");
    check(r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t");
    check(r"\u0041\u00e9\u00E9\uFFFD", "A\u{e9}\u{e9}\u{fffd}");
    check(r"\ud83e\udd80x", "\u{1f980}x");
    check("0123456789012345678901234567890123456789", "0123456789012345678901234567890123456789");
    check(r"01234567890123456789012345678901234567\n9", "01234567890123456789012345678901234567\n9");
    check("\u{1f980}\u{e9}", "\u{1f980}\u{e9}");
}

#[test]
fn values_that_do_not_fit_are_refused() {
    let check = |type_text: &str, value: &str, fault: DecodeFault| {
        let error = decode(&["integer", type_text], format!("[[1,null],[2,{value}]]").as_bytes()).unwrap_err();
        assert_eq!(error.fault, fault, "{type_text} {value}: {error}");
        assert_eq!((error.row, error.column.as_deref()), (1, Some("c1")), "{error}");
    };
    check("boolean", "1", DecodeFault::Boolean);
    check("boolean", "\"true\"", DecodeFault::Boolean);
    check("tinyint", "128", DecodeFault::Integer);
    check("smallint", "-32769", DecodeFault::Integer);
    check("integer", "2147483648", DecodeFault::Integer);
    check("bigint", "9223372036854775808", DecodeFault::Integer);
    check("bigint", "-9223372036854775809", DecodeFault::Integer);
    check("bigint", "99999999999999999999", DecodeFault::Integer);
    check("bigint", "\"1\"", DecodeFault::Integer);
    check("bigint", "-", DecodeFault::Integer);
    check("double", "\"1.0\"", DecodeFault::Float);
    check("double", "nan", DecodeFault::Float);
    check("double", "1e999", DecodeFault::Float);
    check("real", "3.5E38", DecodeFault::Float);
    check("real", "inf", DecodeFault::Float);
    check("decimal(5, 2)", "1.10", DecodeFault::String);
    check("decimal(5, 2)", "\"1.234\"", DecodeFault::Decimal);
    check("decimal(5, 2)", "\"1234.00\"", DecodeFault::Decimal);
    check("varchar", "1", DecodeFault::String);
    check("varchar", "\"a\\x\"", DecodeFault::Escape);
    check("varchar", "\"\\ud800\"", DecodeFault::Escape);
    check("varchar", "\"\\udc00\"", DecodeFault::Escape);
    check("varchar", "\"\\u12g4\"", DecodeFault::Escape);
    check("varbinary", "\"!!\"", DecodeFault::Base64);
    check("varbinary", "\"AA\"", DecodeFault::Base64);
    check("date", "\"2020-02-30\"", DecodeFault::Date);
    check("time(3)", "\"25:00:00.000\"", DecodeFault::Time);
    check("time(3)", "\"01:00:00.0001\"", DecodeFault::Time);
    check("timestamp(0)", "\"2020-01-01 00:00:00.5\"", DecodeFault::Timestamp);
    check("array(bigint)", "{}", DecodeFault::Array);
    check("array(bigint)", "[1,]", DecodeFault::Integer);
    check("array(bigint)", "[1 2]", DecodeFault::Syntax);
    check("map(varchar, bigint)", "[]", DecodeFault::Map);
    check("map(varchar, bigint)", "{1:1}", DecodeFault::String);
    check("map(bigint, bigint)", "{\"1.5\":1}", DecodeFault::Integer);
    check("map(double, bigint)", "{\"x\":1}", DecodeFault::Float);
    check("map(varchar, bigint)", "{\"a\" 1}", DecodeFault::Syntax);
    check("row(a bigint, b bigint)", "[1]", DecodeFault::Arity);
    check("row(a bigint, b bigint)", "[1,2,3]", DecodeFault::Arity);
    check("row(a bigint)", "{\"a\":1}", DecodeFault::Array);
}

#[test]
fn pages_that_are_cut_or_have_another_shape_are_refused() {
    let check = |page: &[u8], fault: DecodeFault| {
        let error = decode(&["bigint", "varchar"], page).unwrap_err();
        assert_eq!(error.fault, fault, "{}", String::from_utf8_lossy(page));
    };
    check(b"", DecodeFault::Syntax);
    check(b"{}", DecodeFault::Syntax);
    check(b"[1,2]", DecodeFault::Syntax);
    check(b"[[1]]", DecodeFault::Arity);
    check(b"[[1,\"a\",2]]", DecodeFault::Arity);
    check(b"[[1,\"a\"]] x", DecodeFault::Trailing);
    check(b"[[1,\"a\"],]", DecodeFault::Syntax);
    check(b"[[1.5,\"a\"]]", DecodeFault::Syntax);
    check(b"[[1,\"a\xff\"]]", DecodeFault::NotUtf8);
    let whole = br#"[[1,"a"],[2,"b\n\u00e9"]]"#;
    assert_eq!(decode(&["bigint", "varchar"], whole), Ok(2));
    for cut in 0..whole.len() {
        assert!(decode(&["bigint", "varchar"], &whole[..cut]).is_err(), "{cut}");
    }
}

#[test]
fn an_error_says_where_and_shows_little() {
    let page = format!("[[1],[2],[{}]]", "9".repeat(500));
    let error = decode(&["bigint"], page.as_bytes()).unwrap_err();
    assert_eq!((error.row, error.column.as_deref(), error.excerpt.len()), (2, Some("c0"), 60));
    let text = error.to_string();
    assert!(text.starts_with("a value that is no integer of this type in row 2, column \"c0\", near \"999"), "{text}");
}

#[test]
fn texts_of_unknown_types_are_kept_whatever_they_are() {
    let page = br#"[["a"],[1.50],[{"x":[1,"]"]}],[true],[null]]"#;
    assert_eq!(decode(&["some_plugin_type"], page), Ok(5));
    for broken in ["[[{]]", "[[\"]]", "[[]]", "[[{\"a\":1]]", "[[,]]"] {
        assert!(decode(&["some_plugin_type"], broken.as_bytes()).is_err(), "{broken}");
    }
}

/// One column of each kind.
const EVERY_KIND: [&str; 16] = [
    "boolean",
    "tinyint",
    "bigint",
    "real",
    "double",
    "decimal(10, 2)",
    "varchar",
    "varbinary",
    "date",
    "time(3)",
    "timestamp(6)",
    "variant",
    "some_plugin_type",
    "array(bigint)",
    "map(date, varchar)",
    "row(a bigint, b varchar)",
];

proptest! {
    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _either = decode(&EVERY_KIND, &bytes);
    }

    #[test]
    fn no_json_like_text_makes_the_decoder_panic(
        text in "[\\[\\]{}\",:0-9.eE+\\\\untrfalsed \\-é]{0,80}",
        kind in 0..EVERY_KIND.len(),
    ) {
        let _either = decode(&EVERY_KIND[kind..=kind], text.as_bytes());
        let _either = decode(&EVERY_KIND[kind..=kind], format!("[[{text}]]").as_bytes());
    }
}
