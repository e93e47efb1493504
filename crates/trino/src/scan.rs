//! Finds the rows in the JSON of a page without reading them.
//!
//! A page is some 1 MB of rows between two small parts. Here the rows are skipped, so that the small parts can be read
//! by serde and the rows be decoded once, by whoever knows the types of their columns. Nothing here says that the rows
//! are valid JSON, only where they begin and end.

use std::ops::Range;

use memchr::{memchr2, memmem};

/// What follows the rows in a page of Trino (the order of the members of its `QueryResults`).
const AFTER_ROWS: &[u8] = b"],\"stats\":";

/// Where the scan could not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// The text ends in the middle.
    CutShort,
    /// It does not begin as an object.
    NotAnObject,
    /// This byte cannot stand here.
    Unexpected(usize),
}

/// The position of the value of the top-level member `data`; `None` when there is no such member.
pub(crate) fn data_start(body: &[u8]) -> Result<Option<usize>, Stopped> {
    let mut cursor = Cursor { body, at: 0 };
    if cursor.peek()? != b'{' {
        return Err(Stopped::NotAnObject);
    }
    cursor.at += 1;
    if cursor.peek()? == b'}' {
        return Ok(None);
    }
    loop {
        let key = cursor.string()?;
        cursor.expect(b':')?;
        cursor.peek()?;
        if body.get(key) == Some(b"data") {
            return Ok(Some(cursor.at));
        }
        cursor.value()?;
        match cursor.peek()? {
            b',' => cursor.expect(b',')?,
            b'}' => return Ok(None),
            _ => return Err(Stopped::Unexpected(cursor.at)),
        }
    }
}

/// Where the rows end if the page is laid out as Trino does: just before the last member `stats` that follows an array.
///
/// This looks at the page's end only. In valid JSON the found bytes are no part of a string, for a quote in one has a
/// backslash before it; so they are a key of some object. The caller must see that the rest of the text closes exactly
/// one object, which makes that object the page.
pub(crate) fn likely_rows_end(body: &[u8], start: usize) -> Option<usize> {
    let tail = body.get(start..)?;
    memmem::rfind(tail, AFTER_ROWS).map(|at| start + at + 1)
}

/// The range of the value that begins at `start`, found by walking over it.
pub(crate) fn value_at(body: &[u8], start: usize) -> Result<Range<usize>, Stopped> {
    let mut cursor = Cursor { body, at: start };
    cursor.value()?;
    Ok(start..cursor.at)
}

struct Cursor<'a> {
    body: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    /// The next byte that is no blank; it is not passed.
    fn peek(&mut self) -> Result<u8, Stopped> {
        loop {
            match self.body.get(self.at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(byte) => return Ok(*byte),
                None => return Err(Stopped::CutShort),
            }
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Stopped> {
        if self.peek()? != byte {
            return Err(Stopped::Unexpected(self.at));
        }
        self.at += 1;
        Ok(())
    }

    /// Passes a string; the range is what stands between its quotes.
    fn string(&mut self) -> Result<Range<usize>, Stopped> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            let rest = self.body.get(self.at..).unwrap_or_default();
            let Some(found) = memchr2(b'"', b'\\', rest) else { return Err(Stopped::CutShort) };
            self.at += found;
            if rest[found] == b'"' {
                self.at += 1;
                return Ok(start..self.at - 1);
            }
            self.at += 2;
        }
    }

    /// Passes any value. Only strings and the nesting of brackets are looked at.
    fn value(&mut self) -> Result<(), Stopped> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                }
                b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                b']' | b'}' if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b':' if depth > 0 => {
                    self.at += 1;
                    continue;
                }
                byte if is_scalar(byte) => self.scalar(),
                _ => return Err(Stopped::Unexpected(self.at)),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// Passes a number, `true`, `false` or `null`.
    fn scalar(&mut self) {
        let rest = self.body.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| !is_scalar(*byte)).unwrap_or(rest.len());
    }
}

fn is_scalar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The value of `data` by the walk, and by the guess.
    fn both(body: &str) -> (Option<&str>, Option<&str>) {
        let body_bytes = body.as_bytes();
        let Some(start) = data_start(body_bytes).unwrap() else { return (None, None) };
        let walked = value_at(body_bytes, start).unwrap();
        (Some(&body[walked]), likely_rows_end(body_bytes, start).map(|end| &body[start..end]))
    }

    #[test]
    fn the_rows_are_found_among_the_members() {
        fn check(body: &str, walked: Option<&str>, guessed: Option<&str>) {
            assert_eq!(both(body), (walked, guessed), "{body}");
        }
        check("{}", None, None);
        check(r#" { "id" : "a" , "stats" : {} } "#, None, None);
        check(r#"{"id":"a","data":[[1]],"stats":{}}"#, Some("[[1]]"), Some("[[1]]"));
        check(r#"{"data":[],"stats":{}}"#, Some("[]"), Some("[]"));
        check(r#"{"data": [ [ 1 , "]" ] ] , "stats":{}}"#, Some(r#"[ [ 1 , "]" ] ]"#), None);
        check(
            r#"{"data":[["\"],\"stats\":{"]],"stats":{}}"#,
            Some(r#"[["\"],\"stats\":{"]]"#),
            Some(r#"[["\"],\"stats\":{"]]"#),
        );
        check(r#"{"a":"\\","b":{"data":[1]},"data":[["\\"]],"stats":{}}"#, Some(r#"[["\\"]]"#), Some(r#"[["\\"]]"#));
        check(r#"{"infoUri":"\"data\":[","data":null,"stats":{}}"#, Some("null"), None);
        check(
            r#"{"data":{"encoding":"json","segments":[]},"stats":{}}"#,
            Some(r#"{"encoding":"json","segments":[]}"#),
            None,
        );
        check(r#"{"stats":{},"data":[[{"k":[1],"v":-1.5E+3}]]}"#, Some(r#"[[{"k":[1],"v":-1.5E+3}]]"#), None);
    }

    #[test]
    fn a_text_that_ends_in_the_middle_is_cut_short() {
        let whole = r#"{"id":"a\"b","columns":[{"n":1}],"data":[["x",1,null]],"stats":{}}"#;
        let data = whole.find("[[").unwrap();
        for end in 0..data {
            assert_eq!(data_start(&whole.as_bytes()[..end]), Err(Stopped::CutShort), "{}", &whole[..end]);
        }
        for end in data..data + r#"[["x",1,null]]"#.len() {
            assert_eq!(value_at(&whole.as_bytes()[..end], data), Err(Stopped::CutShort), "{}", &whole[..end]);
        }
    }

    #[test]
    fn what_is_no_json_object_is_not_scanned() {
        fn check(body: &str, at: usize) {
            assert_eq!(data_start(body.as_bytes()), Err(Stopped::Unexpected(at)), "{body}");
        }
        assert_eq!(data_start(b" \n<html>"), Err(Stopped::NotAnObject));
        assert_eq!(data_start(b"[1]"), Err(Stopped::NotAnObject));
        check("{id:1}", 1);
        check(r#"{"id" "a"}"#, 6);
        check(r#"{"id":"a" "data":[]}"#, 10);
        check(r#"{"id":},"data":[]}"#, 6);
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            "([\\[\\]{},:\"\\\\]|stats|data|.){0,12}".prop_map(Into::into),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                proptest::collection::btree_map("stats|data|[a-z\"]{0,3}", inner, 0..4)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_walk_passes_exactly_one_value(value in any_json(), after in "[,\\]} ]{1,3}") {
            let text = value.to_string();
            let padded = format!("{text}{after}");
            prop_assert_eq!(value_at(padded.as_bytes(), 0), Ok(0..text.len()));
        }

        #[test]
        fn the_rows_are_those_that_were_written(before in any_json(), rows in proptest::collection::vec(any_json(), 0..5)) {
            let rows = serde_json::Value::from(rows).to_string();
            let body = format!(r#"{{"id":{before},"data":{rows},"stats":{{"state":"RUNNING"}},"error":{{"stack":["a"]}}}}"#);
            prop_assert_eq!(both(&body), (Some(rows.as_str()), Some(rows.as_str())));
        }

        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(Some(start)) = data_start(&body) {
                let _ = value_at(&body, start);
                let _ = likely_rows_end(&body, start);
            }
        }
    }
}
