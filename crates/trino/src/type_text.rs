//! The text of a type: written as Trino's protocol writes a column's `type` (`ProtocolUtil.formatType`), and read back.

use std::fmt;
use std::str::FromStr;

use crate::type_signature::{RowField, TypeArgument, TypeSignature, UNBOUNDED_VARCHAR};

/// How deep types may nest in a text; deeper ones are refused, so that reading cannot exhaust the stack.
const MAX_DEPTH: usize = 64;

/// Trino's reserved words (`ReservedIdentifiers`): a row field of such a name is quoted.
const RESERVED: &str = "alter and as auto between by case cast constraint create cross cube current_catalog current_date current_path \
    current_role current_schema current_time current_timestamp current_user deallocate delete describe distinct drop \
    else end escape except exists extract false for from full group grouping having in inner insert intersect into \
    is join json_array json_exists json_object json_query json_table json_value left like listagg localtime \
    localtimestamp natural normalize not null on or order outer prepare recursive right rollup select skip table \
    then trim true uescape union unnest using values when where with";

/// The end of two names; an argument stands before it.
const TIME_ZONE_SUFFIX: &str = " with time zone";

/// Names of several words without arguments. Trino's protocol writes these in capitals.
const INTERVALS: [&str; 2] = ["interval day to second", "interval year to month"];

impl fmt::Display for TypeSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.raw == "varchar" && self.long(0) == Some(UNBOUNDED_VARCHAR) {
            return f.write_str("varchar");
        }
        if INTERVALS.contains(&self.raw.as_str()) {
            return f.write_str(&self.raw.to_ascii_uppercase());
        }
        let (name, suffix) = match self.raw.strip_suffix(TIME_ZONE_SUFFIX) {
            Some(name) => (name, TIME_ZONE_SUFFIX),
            None => (self.raw.as_str(), ""),
        };
        f.write_str(name)?;
        for (index, argument) in self.arguments.iter().enumerate() {
            f.write_str(if index == 0 { "(" } else { ", " })?;
            argument.fmt(f)?;
        }
        f.write_str(if self.arguments.is_empty() { "" } else { ")" })?;
        f.write_str(suffix)
    }
}

impl fmt::Display for TypeArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(signature) => signature.fmt(f),
            Self::Long(value) => value.fmt(f),
            Self::Variable(name) => f.write_str(name),
            Self::Field(field) => {
                match field.name() {
                    Some(name) if is_plain(name) => write!(f, "{name} ")?,
                    Some(name) => write!(f, "\"{}\" ", name.replace('"', "\"\""))?,
                    None => {}
                }
                field.signature.fmt(f)
            }
        }
    }
}

/// Whether a field's name stands without quotes.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !RESERVED.split(' ').any(|word| word.eq_ignore_ascii_case(name))
}

/// Why a text is not the name of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a trino type: {expected} expected at byte {at}")]
pub struct TypeTextError {
    /// What should stand there.
    pub expected: &'static str,
    /// Where, in bytes from 0.
    pub at: usize,
}

impl FromStr for TypeSignature {
    type Err = TypeTextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut reader = Reader { text, at: 0, depth: 0 };
        let signature = reader.signature()?;
        reader.skip_blanks();
        if reader.at == text.len() { Ok(signature) } else { Err(reader.expected("the end")) }
    }
}

/// Reads a type from left to right.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn expected(&self, expected: &'static str) -> TypeTextError {
        TypeTextError { expected, at: self.at }
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes `mark` when it is next.
    fn take(&mut self, mark: char) -> bool {
        self.skip_blanks();
        let found = self.rest().starts_with(mark);
        if found {
            self.at += mark.len_utf8();
        }
        found
    }

    /// Takes `words`, blank for blank, in any case, when they are next and end there.
    fn take_words(&mut self, words: &str) -> bool {
        let found = self.rest().get(..words.len()).is_some_and(|next| next.eq_ignore_ascii_case(words))
            && !self.rest()[words.len()..].starts_with(is_word);
        if found {
            self.at += words.len();
        }
        found
    }

    fn word(&mut self) -> Result<&'a str, TypeTextError> {
        self.skip_blanks();
        let rest = self.rest();
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        if end == 0 {
            return Err(self.expected("a name"));
        }
        self.at += end;
        Ok(&rest[..end])
    }

    fn signature(&mut self) -> Result<TypeSignature, TypeTextError> {
        if self.depth == MAX_DEPTH {
            return Err(self.expected("less nesting"));
        }
        self.depth += 1;
        self.skip_blanks();
        if let Some(interval) = INTERVALS.into_iter().find(|interval| self.take_words(interval)) {
            self.depth -= 1;
            return Ok(TypeSignature::simple(interval));
        }
        let mut raw = canonical(self.word()?);
        let mut arguments = Vec::new();
        if self.take('(') {
            loop {
                arguments.push(if raw == "row" { self.field()? } else { self.argument()? });
                if !self.take(',') {
                    break;
                }
            }
            if !self.take(')') {
                return Err(self.expected("`,` or `)`"));
            }
        }
        if matches!(raw.as_str(), "time" | "timestamp") {
            self.skip_blanks();
            if self.take_words(TIME_ZONE_SUFFIX.trim_start()) {
                raw.push_str(TIME_ZONE_SUFFIX);
            }
        }
        if raw == "varchar" && arguments.is_empty() {
            arguments.push(TypeArgument::Long(UNBOUNDED_VARCHAR));
        }
        self.depth -= 1;
        Ok(TypeSignature { raw, arguments })
    }

    fn argument(&mut self) -> Result<TypeArgument, TypeTextError> {
        self.skip_blanks();
        let rest = self.rest();
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if digits == 0 {
            return self.signature().map(TypeArgument::Type);
        }
        let value = rest[..digits].parse().map_err(|_too_large| self.expected("a smaller number"))?;
        self.at += digits;
        Ok(TypeArgument::Long(value))
    }

    /// `name type`, `"any name" type`, or a type alone: what follows a first word tells which.
    fn field(&mut self) -> Result<TypeArgument, TypeTextError> {
        self.skip_blanks();
        let name = if self.rest().starts_with('"') {
            Some(self.quoted()?)
        } else {
            let start = self.at;
            let word = self.word()?;
            self.skip_blanks();
            let alone = self.rest().is_empty() || self.rest().starts_with(['(', ',', ')']);
            self.at = if alone { start } else { self.at };
            let several_words = matches!(word.to_ascii_lowercase().as_str(), "interval" | "time" | "timestamp");
            if several_words && !alone && self.is_type_of_several_words(start) {
                self.at = start;
                None
            } else {
                (!alone).then(|| word.to_owned())
            }
        };
        Ok(TypeArgument::Field(RowField::new(name, self.signature()?)))
    }

    /// Whether a type of several words begins at `start`, and not a field with the name `time`, `interval` …
    fn is_type_of_several_words(&self, start: usize) -> bool {
        let mut from_start = Reader { text: self.text, at: start, depth: 0 };
        INTERVALS.iter().any(|interval| from_start.take_words(interval))
            || ["time with time zone", "timestamp with time zone"].iter().any(|name| from_start.take_words(name))
    }

    fn quoted(&mut self) -> Result<String, TypeTextError> {
        self.at += 1;
        let mut name = String::new();
        loop {
            let Some(end) = self.rest().find('"') else { return Err(self.expected("a closing quote")) };
            name.push_str(&self.rest()[..end]);
            self.at += end + 1;
            if !self.rest().starts_with('"') {
                return Ok(name);
            }
            name.push('"');
            self.at += 1;
        }
    }
}

/// Trino's names are in lower case but for those of some plugins, such as `HyperLogLog`; SQL writes them in capitals.
fn canonical(name: &str) -> String {
    if name.chars().any(char::is_lowercase) { name.to_owned() } else { name.to_ascii_lowercase() }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | ':' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_type_reads_and_writes_the_same() {
        fn check(text: &str) {
            let signature: TypeSignature = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(signature.to_string(), text);
        }
        for text in [
            "boolean",
            "varchar",
            "varchar(10)",
            "char(3)",
            "decimal(10, 2)",
            "time(12)",
            "time(3) with time zone",
            "timestamp(6)",
            "timestamp(6) with time zone",
            "timestamp with time zone",
            "INTERVAL DAY TO SECOND",
            "array(INTERVAL YEAR TO MONTH)",
            "array(array(varchar))",
            "map(varchar, row(x bigint, y double))",
            "row(bigint, double)",
            "row(\"a b\" bigint, \"q\"\"q\" date, \"select\" json, Caps real)",
            "row(time time(3), interval INTERVAL DAY TO SECOND, timestamp timestamp(3) with time zone)",
            "row(INTERVAL YEAR TO MONTH, time with time zone, array(date))",
            "HyperLogLog",
            "qdigest(bigint)",
            "function(integer, boolean)",
            "SphericalGeography",
        ] {
            check(text);
        }
    }

    #[test]
    fn other_spellings_are_read() {
        fn check(text: &str, expect: &str) {
            assert_eq!(text.parse::<TypeSignature>().unwrap().to_string(), expect);
        }
        check("DECIMAL(10,2)", "decimal(10, 2)");
        check(" map ( varchar , bigint ) ", "map(varchar, bigint)");
        check("varchar(2147483647)", "varchar");
        check("interval day to second", "INTERVAL DAY TO SECOND");
    }

    #[test]
    fn what_is_no_type_says_where() {
        fn check(text: &str, at: usize, expected: &str) {
            let error = text.parse::<TypeSignature>().unwrap_err();
            assert_eq!((error.at, error.expected), (at, expected), "{text}");
        }
        check("", 0, "a name");
        check("array(", 6, "a name");
        check("array(bigint", 12, "`,` or `)`");
        check("bigint x", 7, "the end");
        check("decimal(99999999999999999999)", 8, "a smaller number");
        check("row(\"a bigint)", 5, "a closing quote");
        check(&"array(".repeat(100), 64 * 6, "less nesting");
    }

    fn any_signature() -> impl Strategy<Value = TypeSignature> {
        let leaf = prop_oneof![
            Just(TypeSignature::simple("bigint")),
            Just(TypeSignature::simple("interval day to second")),
            (0_i64..100).prop_map(|p| TypeSignature::with("timestamp with time zone", vec![TypeArgument::Long(p)])),
            (1_i64..=UNBOUNDED_VARCHAR).prop_map(|n| TypeSignature::with("varchar", vec![TypeArgument::Long(n)])),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            let field = (proptest::option::of("[ -~äö]{1,8}"), inner.clone())
                .prop_map(|(name, signature)| TypeArgument::Field(RowField::new(name, signature)));
            prop_oneof![
                inner.clone().prop_map(|t| TypeSignature::with("array", vec![TypeArgument::Type(t)])),
                (inner.clone(), inner)
                    .prop_map(|(k, v)| TypeSignature::with("map", vec![TypeArgument::Type(k), TypeArgument::Type(v)])),
                proptest::collection::vec(field, 1..4).prop_map(|fields| TypeSignature::with("row", fields)),
            ]
        })
    }

    proptest! {
        #[test]
        fn writing_and_reading_gives_the_same_type(signature in any_signature()) {
            prop_assert_eq!(signature.to_string().parse::<TypeSignature>().unwrap(), signature);
        }

        #[test]
        fn no_text_makes_reading_panic(text in ".{0,60}") {
            let _ = text.parse::<TypeSignature>();
        }
    }
}
