//! Takes a file of SQL apart at its semicolons: those that stand in no text, no name, no comment and no body of a
//! routine. What the pieces are is not looked at here.

/// One statement of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// Its text, without the semicolon.
    pub(super) sql: &'a str,
    /// The line of the file that it begins in, from 1.
    pub(super) line: u32,
    /// The column that it begins at, in characters from 1.
    pub(super) column: u32,
}

impl Piece<'_> {
    /// A place within the statement as a place of the file.
    pub(super) fn in_file(&self, line: u32, column: u32) -> (u32, u32) {
        if line <= 1 { (self.line, self.column + column - 1) } else { (self.line + line - 1, column) }
    }
}

/// The statements of a file.
pub(super) fn split(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut place = Place { line: 1, column: 1 };
    let mut rest = text;
    while !rest.is_empty() {
        let end = statement_end(rest);
        let whole = &rest[..end];
        let (before, sql) = whole.split_at(start(whole));
        place.walk(before);
        if !sql.trim_end().is_empty() {
            pieces.push(Piece { sql: sql.trim_end(), line: place.line, column: place.column });
        }
        place.walk(sql);
        rest = &rest[end..];
        if let Some(after) = rest.strip_prefix(';') {
            place.walk(";");
            rest = after;
        }
    }
    pieces
}

#[derive(Clone, Copy)]
struct Place {
    line: u32,
    column: u32,
}

impl Place {
    fn walk(&mut self, text: &str) {
        for c in text.chars() {
            if c == '\n' {
                *self = Self { line: self.line + 1, column: 1 };
            } else {
                self.column += 1;
            }
        }
    }
}

/// Where the first word of a statement is, behind white space and comments.
fn start(text: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let blank = rest.len() - rest.trim_start().len();
        at = match &rest[blank..] {
            comment if comment.starts_with("--") => after(text, at + blank, "\n"),
            comment if comment.starts_with("/*") => after(text, at + blank + 2, "*/"),
            _ => return at + blank,
        };
    }
}

/// Where the first statement of `text` ends: at its semicolon, or at the end of the text.
fn statement_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut routine = Routine::default();
    while at < bytes.len() {
        at = match bytes[at] {
            b';' if routine.depth == 0 => return at,
            b';' => {
                routine.after_end = false;
                at + 1
            }
            quote @ (b'\'' | b'"' | b'`') => after(text, at + 1, char::from(quote).encode_utf8(&mut [0; 4])),
            b'-' if text[at..].starts_with("--") => after(text, at, "\n"),
            b'/' if text[at..].starts_with("/*") => after(text, at + 2, "*/"),
            byte if is_word(byte) => {
                let end = bytes[at..].iter().position(|byte| !is_word(*byte)).map_or(bytes.len(), |length| at + length);
                routine.read(&text[at..end]);
                end
            }
            _ => at + 1,
        };
    }
    bytes.len()
}

/// The byte behind the next `end`, or the end of the text.
fn after(text: &str, from: usize, end: &str) -> usize {
    text.get(from..).and_then(|rest| rest.find(end)).map_or(text.len(), |found| from + found + end.len())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// How deep within the body of a routine (`FUNCTION … BEGIN … END`) a word stands.
#[derive(Default)]
struct Routine {
    is_routine: bool,
    after_end: bool,
    depth: u32,
}

impl Routine {
    fn read(&mut self, word: &str) {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
        if is("FUNCTION") {
            self.is_routine = true;
        }
        if !self.is_routine {
            return;
        }
        let after_end = std::mem::take(&mut self.after_end);
        if is("END") {
            self.depth = self.depth.saturating_sub(1);
            self.after_end = true;
        } else if after_end && ["IF", "LOOP", "WHILE", "REPEAT"].into_iter().any(is) {
            // What ended was none of those that are counted.
            self.depth += 1;
        } else if is("BEGIN") || (is("CASE") && !after_end) {
            self.depth += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, u32, u32)]) {
        let found: Vec<_> = split(text).into_iter().map(|piece| (piece.sql, piece.line, piece.column)).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn statements_end_at_semicolons() {
        check("", &[]);
        check(" ;\n; ", &[]);
        check("select 1", &[("select 1", 1, 1)]);
        check("select 1;\n  select 2 ;select 3", &[("select 1", 1, 1), ("select 2", 2, 3), ("select 3", 2, 13)]);
        check("select '한;글'; a", &[("select '한;글'", 1, 1), ("a", 1, 15)]);
        check("-- a; b\n /* c */ select 1; -- d", &[("select 1", 2, 10)]);
    }

    #[test]
    fn a_semicolon_within_something_ends_nothing() {
        for one in [
            "select ';', 'it''s;' from \"a;\"\"b\"",
            "select 1 -- a; b\n, 2",
            "select /* ; */ 1",
            "select 'not closed;",
            "create function f(a bigint) returns bigint begin declare b bigint; if a > 1 then set b = 1; end if; \
             set b = case when a > 1 then 2 else 3 end; while b < 3 do set b = b + 1; end while; return b; end",
            "create function f(a bigint) returns bigint begin case a when 1 then return 1; else return 2; end case; end",
        ] {
            check(one, &[(one, 1, 1)]);
            if !one.contains("not closed") {
                let two = format!("{one}; x");
                assert_eq!(split(&two).len(), 2, "{two}");
            }
        }
    }

    #[test]
    fn places_are_those_of_the_file() {
        let pieces = split("a;\n  b\n c");
        assert_eq!(pieces[1].in_file(1, 1), (2, 3));
        assert_eq!(pieces[1].in_file(2, 2), (3, 2));
    }
}
