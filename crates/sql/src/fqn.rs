//! OpenMetadata's grammar of fully qualified names, as servers from 1.13.1 on read and write it. Every name that older
//! servers can write reads the same. What a name refers to is for the caller to find out.

/// Why a text is not a fully qualified name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FqnError {
    /// Two points in a row, one at either end, nothing at all, or `""`.
    #[error("a part of the fully qualified name is empty")]
    EmptyPart,
    /// A quote inside of a part that is not in quotes, or something behind the closing quote.
    #[error("a double quote stands where it must not; put the part in quotes and double the quote")]
    StrayQuote,
    /// A part in quotes that does not end.
    #[error("a part in double quotes does not end")]
    Unterminated,
}

/// Splits a fully qualified name into its parts, without their quotes.
///
/// # Errors
/// [`FqnError`] when `text` is not in the grammar.
///
/// ```
/// let parts = warren_sql::split_fqn(r#"s3_lake.bucket."2024.csv""#).unwrap();
/// assert_eq!(parts, ["s3_lake", "bucket", "2024.csv"]);
/// ```
pub fn split_fqn(text: &str) -> Result<Vec<String>, FqnError> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let (part, behind) = match rest.strip_prefix('"') {
            Some(body) => quoted_part(body)?,
            None => plain_part(rest)?,
        };
        parts.push(part);
        match behind.strip_prefix('.') {
            Some(next) => rest = next,
            None if behind.is_empty() => return Ok(parts),
            None => return Err(FqnError::StrayQuote),
        }
    }
}

/// Writes the parts as one fully qualified name: a part with a point or a quote in it is put in quotes.
#[must_use]
pub fn join_fqn<S: AsRef<str>>(parts: &[S]) -> String {
    let encoded: Vec<String> = parts.iter().map(|part| encode(part.as_ref())).collect();
    encoded.join(".")
}

fn encode(part: &str) -> String {
    if part.contains(['.', '"']) { format!("\"{}\"", part.replace('"', "\"\"")) } else { part.to_owned() }
}

/// The part that `body` begins with, whose opening quote is already gone, and what stands behind its closing quote.
fn quoted_part(body: &str) -> Result<(String, &str), FqnError> {
    let mut part = String::new();
    let mut rest = body;
    loop {
        let quote = rest.find('"').ok_or(FqnError::Unterminated)?;
        part.push_str(&rest[..quote]);
        rest = &rest[quote + 1..];
        let Some(doubled) = rest.strip_prefix('"') else { break };
        part.push('"');
        rest = doubled;
    }
    if part.is_empty() { Err(FqnError::EmptyPart) } else { Ok((part, rest)) }
}

fn plain_part(text: &str) -> Result<(String, &str), FqnError> {
    let (part, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    match part {
        "" => Err(FqnError::EmptyPart),
        _ if part.contains('"') => Err(FqnError::StrayQuote),
        _ => Ok((part.to_owned(), rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_by_the_grammar_of_openmetadata() {
        let check = |text: &str, expect: Result<&[&str], FqnError>| {
            let expect = expect.map(|parts| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>());
            assert_eq!(split_fqn(text), expect, "{text}");
        };
        check("pg_prod.sales.public.orders", Ok(&["pg_prod", "sales", "public", "orders"]));
        check("mysql_prod.default.shop.order items", Ok(&["mysql_prod", "default", "shop", "order items"]));
        check(r#"pg.sales."my.schema"."t.1""#, Ok(&["pg", "sales", "my.schema", "t.1"]));
        check(r#""svc.v1".db.sch.tbl"#, Ok(&["svc.v1", "db", "sch", "tbl"]));
        check(r#"s3_lake.bucket."dir/sub.d/part-0.parquet""#, Ok(&["s3_lake", "bucket", "dir/sub.d/part-0.parquet"]));
        check("glue.123456789012.db.tbl$partitions", Ok(&["glue", "123456789012", "db", "tbl$partitions"]));
        check("pg.s.p.`orders`", Ok(&["pg", "s", "p", "`orders`"]));
        check(r#"pg.s.p."a b""#, Ok(&["pg", "s", "p", "a b"]));
        check(r#"pg.s.p."a""b""#, Ok(&["pg", "s", "p", "a\"b"]));
        check(r#"pg.s.p.a"b"#, Err(FqnError::StrayQuote));
        check(r#"pg.s.p."a"b"#, Err(FqnError::StrayQuote));
        check("pg..p.t", Err(FqnError::EmptyPart));
        check("pg.s.p.", Err(FqnError::EmptyPart));
        check("", Err(FqnError::EmptyPart));
        check(r#""""#, Err(FqnError::EmptyPart));
        check(r#"pg.s."".t"#, Err(FqnError::EmptyPart));
        check(r#"pg.s.p."a.b"#, Err(FqnError::Unterminated));
    }

    #[test]
    fn parts_survive_being_joined() {
        let parts = ["svc.v1", "d b", "s\"", "a\"\"b.c", "\""];
        assert_eq!(split_fqn(&join_fqn(&parts)).unwrap(), parts);
        assert_eq!(join_fqn(&["pg", "s", "p", "a b"]), "pg.s.p.a b");
    }
}
