//! Scalar functions.

use datafusion::sql::sqlparser::ast::{BinaryOperator, DataType, Expr};

use super::super::build::{bigint, binary, call, case, cast, null, number, string, string_of, typed};
use super::super::normalise::SessionNames;
use crate::failure::QueryFailure;
use crate::types::TrinoType;

/// What Trino's `trim` family removes; DataFusion's removes only spaces unless told.
pub(in crate::sql) const WHITE_SPACE: &str = " \t\n\u{b}\u{c}\r";

/// The rewritten call; `None` if there is no such function or it takes another number of arguments.
pub(super) fn rewrite(name: &str, args: Vec<Expr>, session: &SessionNames) -> Option<Result<Expr, QueryFailure>> {
    if let Some(expr) = of_session(name, args.len(), session) {
        return Some(Ok(expr));
    }
    if name == "regexp_replace" {
        return regexp_replace(args);
    }
    renamed(name, args.len())
        .map(|target| call(target, args.clone()))
        .or_else(|| counted(name, args.len()).map(|target| bigint(call(target, args.clone()))))
        .or_else(|| date_part(name, &args))
        .or_else(|| conditional(name, &args))
        .or_else(|| composed(name, args))
        .map(Ok)
}

/// Functions that mean the same in DataFusion, under that name.
fn renamed(name: &str, arity: usize) -> Option<&'static str> {
    Some(match (name, arity) {
        ("abs", 1) => "abs",
        ("ceil" | "ceiling", 1) => "trino_ceil",
        ("floor", 1) => "trino_floor",
        ("round", 1 | 2) => "trino_round",
        ("truncate", 1) => "trino_truncate",
        ("sign", 1) => "trino_sign",
        ("sqrt", 1) => "sqrt",
        ("cbrt", 1) => "cbrt",
        ("exp", 1) => "exp",
        ("ln", 1) => "ln",
        ("log2", 1) => "log2",
        ("log10", 1) => "log10",
        ("power" | "pow", 2) => "power",
        ("sin", 1) => "sin",
        ("cos", 1) => "cos",
        ("tan", 1) => "tan",
        ("asin", 1) => "asin",
        ("acos", 1) => "acos",
        ("atan", 1) => "atan",
        ("atan2", 2) => "atan2",
        ("degrees", 1) => "degrees",
        ("radians", 1) => "radians",
        ("pi", 0) => "pi",
        ("random" | "rand", 0) => "random",
        ("is_nan", 1) => "isnan",
        ("lower", 1) => "lower",
        ("upper", 1) => "upper",
        ("reverse", 1) => "reverse",
        ("replace", 3) => "replace",
        ("translate", 3) => "translate",
        ("lpad", 3) => "lpad",
        ("rpad", 3) => "rpad",
        ("starts_with", 2) => "starts_with",
        ("chr", 1) => "chr",
        ("concat_ws", 2..) => "concat_ws",
        ("regexp_like", 2) => "regexp_like",
        ("sha256", 1) => "sha256",
        ("sha512", 1) => "sha512",
        ("substr" | "substring", 2 | 3) => "trino_substr",
        ("date_trunc", 2) => "trino_date_trunc",
        ("date_add", 3) => "trino_date_add",
        ("date_diff", 3) => "trino_date_diff",
        ("date_format", 2) => "trino_date_format",
        ("element_at", 2) => "trino_element_at",
        ("typeof", 1) => "trino_typeof",
        ("contains", 2) => "array_has",
        ("array_join", 2) => "array_to_string",
        ("array_distinct", 1) => "array_distinct",
        ("flatten", 1) => "flatten",
        ("map", 2) => "map",
        ("map_keys", 1) => "map_keys",
        ("map_values", 1) => "map_values",
        ("row", 1..) => "struct",
        ("coalesce", 1..) => "coalesce",
        ("nullif", 2) => "nullif",
        _ => return None,
    })
}

/// Functions that Trino counts in `bigint` and DataFusion in something else.
fn counted(name: &str, arity: usize) -> Option<&'static str> {
    Some(match (name, arity) {
        ("length", 1) => "character_length",
        ("strpos", 2) => "strpos",
        ("levenshtein_distance", 2) => "levenshtein",
        ("regexp_count", 2) => "regexp_count",
        ("cardinality", 1) => "cardinality",
        _ => return None,
    })
}

/// `year(x)` and the like.
fn date_part(name: &str, args: &[Expr]) -> Option<Expr> {
    let [moment] = args else { return None };
    part_of_date(name, moment.clone())
}

/// One field of a date or timestamp, as a `bigint`.
pub(in crate::sql) fn part_of_date(field: &str, moment: Expr) -> Option<Expr> {
    let part = match field {
        "year" | "quarter" | "month" | "week" | "day" | "hour" | "minute" | "second" => field,
        "week_of_year" => "week",
        "day_of_month" => "day",
        "day_of_year" | "doy" => "doy",
        // DataFusion counts from Sunday as 0, Trino from Monday as 1.
        "day_of_week" | "dow" => {
            let from_sunday = bigint(call("date_part", vec![string("dow"), moment]));
            let shifted = binary(from_sunday, BinaryOperator::Plus, number(6));
            let from_monday = binary(shifted, BinaryOperator::Modulo, number(7));
            return Some(binary(from_monday, BinaryOperator::Plus, number(1)));
        }
        _ => return None,
    };
    Some(bigint(call("date_part", vec![string(part), moment])))
}

fn conditional(name: &str, args: &[Expr]) -> Option<Expr> {
    match (name, args) {
        ("if", [condition, result]) => Some(case(condition.clone(), result.clone(), None)),
        ("if", [condition, result, otherwise]) => {
            Some(case(condition.clone(), result.clone(), Some(otherwise.clone())))
        }
        // Trino's answer is NULL if any argument is; DataFusion's ignores NULLs.
        ("greatest" | "least", [first, rest @ ..]) => {
            let any_null = rest.iter().fold(Expr::IsNull(Box::new(first.clone())), |condition, arg| {
                binary(condition, BinaryOperator::Or, Expr::IsNull(Box::new(arg.clone())))
            });
            Some(case(any_null, null(), Some(call(name, args.to_vec()))))
        }
        _ => None,
    }
}

/// Functions that several of DataFusion's make together.
fn composed(name: &str, args: Vec<Expr>) -> Option<Expr> {
    let arity = args.len();
    let mut args = args.into_iter();
    let mut next = || args.next().unwrap_or_else(null);
    Some(match (name, arity) {
        ("mod", 2) => binary(next(), BinaryOperator::Modulo, next()),
        ("e", 0) => typed(string("2.718281828459045"), &TrinoType::Double),
        ("nan", 0) => typed(string("NaN"), &TrinoType::Double),
        ("infinity", 0) => typed(string("Infinity"), &TrinoType::Double),
        ("bitwise_and", 2) => binary(bigint(next()), BinaryOperator::BitwiseAnd, bigint(next())),
        ("bitwise_or", 2) => binary(bigint(next()), BinaryOperator::BitwiseOr, bigint(next())),
        ("bitwise_xor", 2) => binary(bigint(next()), BinaryOperator::BitwiseXor, bigint(next())),
        // DataFusion's concat skips NULLs, its operator does not.
        ("concat", 2..) => {
            let first = next();
            args.fold(first, |left, right| binary(left, BinaryOperator::StringConcat, right))
        }
        ("replace", 2) => call("replace", vec![next(), next(), string("")]),
        ("trim", 1) => call("btrim", vec![next(), string(WHITE_SPACE)]),
        ("ltrim", 1) => call("ltrim", vec![next(), string(WHITE_SPACE)]),
        ("rtrim", 1) => call("rtrim", vec![next(), string(WHITE_SPACE)]),
        ("codepoint", 1) => cast(call("ascii", vec![next()]), DataType::Int(None)),
        ("to_hex", 1) => call("upper", vec![call("encode", vec![next(), string("hex")])]),
        ("from_hex", 1) => call("decode", vec![next(), string("hex")]),
        ("to_utf8", 1) => call("arrow_cast", vec![next(), string("Binary")]),
        ("md5", 1) => call("decode", vec![call("md5", vec![next()]), string("hex")]),
        ("uuid", 0) => typed(call("uuid", vec![]), &TrinoType::Uuid),
        ("date" | "from_iso8601_date", 1) => typed(next(), &TrinoType::Date),
        ("array_position", 2) => {
            bigint(call("coalesce", vec![call("array_position", vec![next(), next()]), number(0)]))
        }
        ("array_sort", 1) => call("array_sort", vec![next(), string("ASC"), string("NULLS LAST")]),
        ("sequence", 2) => call("trino_sequence", vec![bigint(next()), bigint(next())]),
        ("regexp_extract", 2) => extract_group(next(), next(), number(1)),
        ("regexp_extract", 3) => {
            let (text, pattern, group) = (next(), next(), next());
            extract_group(text, pattern, binary(bigint(group), BinaryOperator::Plus, number(1)))
        }
        _ => return None,
    })
}

/// DataFusion's match has the groups only, so the whole pattern becomes the first of them.
fn extract_group(text: Expr, pattern: Expr, group: Expr) -> Expr {
    let whole = call("concat", vec![string("("), pattern, string(")")]);
    call("array_element", vec![call("regexp_match", vec![text, whole]), group])
}

/// Trino replaces every match and names groups `$1`; DataFusion replaces the first and names them `\1` or `${1}`.
fn regexp_replace(args: Vec<Expr>) -> Option<Result<Expr, QueryFailure>> {
    let mut args = args.into_iter();
    let (text, pattern) = (args.next()?, args.next()?);
    let replacement = match args.next() {
        None => String::new(),
        Some(expr) => match string_of(&expr) {
            Some(text) => text.to_owned(),
            None => return Some(Err(QueryFailure::not_supported("a replacement that is not a string literal"))),
        },
    };
    if args.next().is_some() {
        return None;
    }
    let replacement = braced_groups(&replacement);
    Some(Ok(call("regexp_replace", vec![text, pattern, string(&replacement), string("g")])))
}

fn braced_groups(replacement: &str) -> String {
    let mut braced = String::new();
    let mut letters = replacement.chars().peekable();
    while let Some(letter) = letters.next() {
        braced.push(letter);
        if letter == '$' && letters.peek().is_some_and(char::is_ascii_digit) {
            braced.push('{');
            while let Some(digit) = letters.next_if(char::is_ascii_digit) {
                braced.push(digit);
            }
            braced.push('}');
        }
    }
    braced
}

pub(in crate::sql) fn of_session(name: &str, arity: usize, session: &SessionNames) -> Option<Expr> {
    let zoned = |expr| {
        let target = format!("Timestamp(Millisecond, Some(\"{}\"))", session.time_zone);
        call("arrow_cast", vec![expr, string(&target)])
    };
    let varchar = |text: Option<&str>| text.map_or_else(null, string);
    match (name, arity) {
        ("now" | "current_timestamp", 0) => Some(zoned(call("now", vec![]))),
        ("localtimestamp", 0) => {
            Some(call("arrow_cast", vec![zoned(call("now", vec![])), string("Timestamp(Millisecond, None)")]))
        }
        ("current_date", 0) => Some(call("current_date", vec![])),
        ("current_user", 0) => Some(string(&session.user)),
        ("current_catalog", 0) => Some(varchar(session.catalog.as_deref())),
        ("current_schema", 0) => Some(varchar(session.schema.as_deref())),
        ("current_timezone", 0) => Some(string(&session.time_zone)),
        ("version", 0) => Some(string(crate::server::VERSION)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::braced_groups;

    #[test]
    fn groups_are_braced() {
        assert_eq!(braced_groups("a$1b$12"), "a${1}b${12}");
        assert_eq!(braced_groups("5$ x"), "5$ x");
    }
}
