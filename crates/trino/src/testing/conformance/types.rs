//! One row with a value of every type: its text and its JSON as Trino 476 sends them (`JsonEncodingUtils`).

use super::{Client, Script, Violation, differs, drain, same, user};
use crate::type_signature::TypeSignature;

/// An expression, the text of its type, and the JSON of its value.
const VALUES: &[(&str, &str, &str)] = &[
    ("true", "boolean", "true"),
    ("tinyint '-128'", "tinyint", "-128"),
    ("smallint '32767'", "smallint", "32767"),
    ("integer '-2147483648'", "integer", "-2147483648"),
    ("bigint '9223372036854775807'", "bigint", "9223372036854775807"),
    ("real '1.5'", "real", "1.5"),
    ("double '1'", "double", "1.0"),
    ("nan()", "double", r#""NaN""#),
    ("-infinity()", "double", r#""-Infinity""#),
    ("decimal '123456789012345678901234567890.12'", "decimal(32, 2)", r#""123456789012345678901234567890.12""#),
    ("cast(null as decimal(5,1))", "decimal(5, 1)", "null"),
    (r#"'a "quoted" \ ]},{[ ü 日本 🦀'"#, "varchar(25)", r#""a \"quoted\" \\ ]},{[ ü 日本 🦀""#),
    ("cast('x' as varchar)", "varchar", r#""x""#),
    ("cast('ab' as char(4))", "char(4)", r#""ab  ""#),
    ("X'00ff'", "varbinary", r#""AP8=""#),
    ("date '2020-01-31'", "date", r#""2020-01-31""#),
    ("time '01:02:03.123456789012'", "time(12)", r#""01:02:03.123456789012""#),
    ("time '01:02:03+02:30'", "time(0) with time zone", r#""01:02:03+02:30""#),
    ("timestamp '2020-01-01 00:00:00.123456789'", "timestamp(9)", r#""2020-01-01 00:00:00.123456789""#),
    (
        "timestamp '2020-01-01 00:00:00.001 America/New_York'",
        "timestamp(3) with time zone",
        r#""2020-01-01 00:00:00.001 America/New_York""#,
    ),
    ("interval -'1 02:03:04.005' day to second", "INTERVAL DAY TO SECOND", r#""-1 02:03:04.005""#),
    ("interval '2-3' year to month", "INTERVAL YEAR TO MONTH", r#""2-3""#),
    (r#"json '{"a": [1, null]}'"#, "json", r#""{\"a\":[1,null]}""#),
    ("uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'", "uuid", r#""12151fd2-7586-11e9-8f9e-2a86e4085a59""#),
    ("ipaddress '2001:db8::1'", "ipaddress", r#""2001:db8::1""#),
    ("array[1, null]", "array(integer)", "[1,null]"),
    ("map(array['k'], array[array[date '2020-01-31']])", "map(varchar(1), array(date))", r#"{"k":["2020-01-31"]}"#),
    ("map(array[bigint '5'], array[true])", "map(bigint, boolean)", r#"{"5":true}"#),
    (
        r#"cast(row(5, 'x', null) as row(a bigint, "b ""c" varchar, "select" timestamp(0) with time zone))"#,
        r#"row(a bigint, "b ""c" varchar, "select" timestamp(0) with time zone)"#,
        r#"[5,"x",null]"#,
    ),
    ("row(1, 'x')", "row(integer, varchar(1))", r#"[1,"x"]"#),
    ("null", "unknown", "null"),
    ("approx_set(1)", "HyperLogLog", ""),
];

fn statement() -> String {
    let expressions: Vec<_> = VALUES.iter().map(|(expression, ..)| *expression).collect();
    format!("select {}", expressions.join(",\n  "))
}

pub(super) fn is_statement(sql: &str) -> bool {
    sql == statement()
}

pub(super) fn script() -> Script {
    let row: Vec<_> = VALUES.iter().map(|(.., json)| if json.is_empty() { r#""AgwBAA==""# } else { json }).collect();
    let script = VALUES.iter().fold(Script::new(), |script, (_, type_text, _)| script.column("_col", type_text));
    script.page(format!("[[{}]]", row.join(",")))
}

/// Compares type and value of each column; a value without expectation has to be a string.
pub(super) async fn run(client: &Client) -> Result<(), Violation> {
    let result = drain(client, &statement(), &user()).await?;
    let rows = result.rows()?;
    let [row] = rows.as_slice() else { return differs("rows", "one", &rows.len().to_string()) };
    let values: Vec<&serde_json::value::RawValue> = serde_json::from_str(row)?;
    same("number of columns", &VALUES.len(), &result.columns().len())?;
    same("number of values", &VALUES.len(), &values.len())?;
    for (((expression, type_text, json), column), value) in VALUES.iter().zip(result.columns()).zip(values) {
        same(&format!("the type's text of {expression}"), *type_text, column.type_text.as_str())?;
        same(&format!("the type's tree of {expression}"), *type_text, column.signature.to_string().as_str())?;
        let from_text = type_text.parse::<TypeSignature>().ok();
        same(&format!("the tree that the text of {expression} gives"), &from_text.as_ref(), &Some(&column.signature))?;
        let expected = if json.is_empty() && value.get().starts_with('"') { value.get() } else { json };
        same(&format!("the value of {expression}"), expected, value.get())?;
    }
    Ok(())
}
