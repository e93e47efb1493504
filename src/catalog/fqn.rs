//! The fully qualified name of OpenMetadata: segments joined by dots, a segment in double quotes where it holds a dot or
//! a quote. The grammar is that of OpenMetadata's `Fqn.g4` since 1.13.1, which takes everything that older servers store.

use std::fmt;

/// A fully qualified name: one or more raw segments, none of them empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fqn(Vec<String>);

/// Why a text is no fully qualified name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FqnError {
    /// A segment has no characters, as in `a..b`, `a.` or `""`.
    #[error("segment {index} of '{text}' is empty")]
    EmptySegment {
        /// The text.
        text: String,
        /// The segment, from 1.
        index: usize,
    },
    /// A double quote stands where none may stand, or one is never closed.
    #[error("segment {index} of '{text}' has a quote that is out of place")]
    StrayQuote {
        /// The text.
        text: String,
        /// The segment, from 1.
        index: usize,
    },
}

impl Fqn {
    /// Reads the text of a fully qualified name.
    ///
    /// # Errors
    /// When a segment is empty or a quote is out of place.
    pub fn parse(text: &str) -> Result<Self, FqnError> {
        let mut segments = Vec::new();
        let mut rest = text;
        loop {
            let index = segments.len() + 1;
            let (segment, after) = match rest.strip_prefix('"') {
                Some(body) => quoted(body).ok_or_else(|| FqnError::StrayQuote { text: text.to_owned(), index })?,
                None => plain(rest),
            };
            if segment.is_empty() {
                return Err(FqnError::EmptySegment { text: text.to_owned(), index });
            }
            if !rest.starts_with('"') && segment.contains('"') {
                return Err(FqnError::StrayQuote { text: text.to_owned(), index });
            }
            segments.push(segment);
            match after.strip_prefix('.') {
                Some(next) => rest = next,
                None if after.is_empty() => return Ok(Self(segments)),
                None => return Err(FqnError::StrayQuote { text: text.to_owned(), index }),
            }
        }
    }

    /// Makes a name of raw segments; none if there are no segments or one of them is empty.
    #[must_use]
    pub fn from_raw_parts(parts: Vec<String>) -> Option<Self> {
        (!parts.is_empty() && parts.iter().all(|part| !part.is_empty())).then_some(Self(parts))
    }

    /// The raw segments.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        &self.0
    }
}

/// The segment before the closing quote, with doubled quotes made single, and what follows the quote.
fn quoted(body: &str) -> Option<(String, &str)> {
    let mut segment = String::new();
    let mut rest = body;
    loop {
        let end = rest.find('"')?;
        segment.push_str(rest.get(..end)?);
        rest = rest.get(end + 1..)?;
        match rest.strip_prefix('"') {
            Some(after) => {
                segment.push('"');
                rest = after;
            }
            None => return Some((segment, rest)),
        }
    }
}

fn plain(text: &str) -> (String, &str) {
    let end = text.find('.').unwrap_or(text.len());
    let (segment, rest) = text.split_at(end);
    (segment.to_owned(), rest)
}

impl fmt::Display for Fqn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            if part.contains(['.', '"']) {
                write!(f, "\"{}\"", part.replace('"', "\"\""))?;
            } else {
                f.write_str(part)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&[&str]>) {
        let parts = Fqn::parse(text).ok().map(|fqn| fqn.parts().to_vec());
        assert_eq!(
            parts.as_deref().map(|p| p.iter().map(String::as_str).collect::<Vec<_>>()).as_deref(),
            expect,
            "{text}"
        );
    }

    #[test]
    fn segments_are_read_as_openmetadata_reads_them() {
        check("pg.sales.public.orders", Some(&["pg", "sales", "public", "orders"]));
        check("mysql.default.shop.order items", Some(&["mysql", "default", "shop", "order items"]));
        check(r#"pg.sales."my.schema"."t.1""#, Some(&["pg", "sales", "my.schema", "t.1"]));
        check(r#"pg.s.p."a""b""#, Some(&["pg", "s", "p", "a\"b"]));
        check(r#"pg.s.p."a b""#, Some(&["pg", "s", "p", "a b"]));
        check("pg.s.p.`orders`", Some(&["pg", "s", "p", "`orders`"]));
        check("pg.s.p.test's_table", Some(&["pg", "s", "p", "test's_table"]));
        check("lone", Some(&["lone"]));
        for bad in ["", ".", "pg..p.t", "pg.s.p.", "\"\"", "pg.s.\"\".t", "pg.s.p.a\"b", "pg.s.p.\"a.b", "pg.\"a\"b.c"]
        {
            check(bad, None);
        }
    }

    #[test]
    fn what_is_printed_is_read_back() {
        for parts in
            [vec!["svc.v1", "db", "s", "a\"b"], vec!["a"], vec!["한글", "x y", "::", "--"], vec!["\"", ".", "\"\""]]
        {
            let fqn = Fqn::from_raw_parts(parts.into_iter().map(str::to_owned).collect()).unwrap();
            assert_eq!(Fqn::parse(&fqn.to_string()), Ok(fqn));
        }
    }
}
