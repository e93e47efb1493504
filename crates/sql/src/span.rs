//! Places in a text: byte ranges, and the line, column and character offset that a person or Trino would name.
//! No knowledge of SQL.

use memchr::{memchr_iter, memrchr};

/// A byte range of a statement's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    pub(crate) const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// From the start of `self` to the end of `last`.
    pub(crate) const fn to(self, last: Self) -> Self {
        Self::new(self.start, last.end)
    }

    /// The text at this place; empty when the place is not inside of `text`.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// A place in a text in the units that Trino's `NodeLocation` uses: lines end at `\n`, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Characters before the place, from 0.
    pub offset: u32,
    /// Length in characters; 0 when the place is the end of the text.
    pub length: u32,
}

/// `value` as a `u32`; a text too long for it is refused before anybody counts in it.
pub(crate) fn narrow(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// Turns byte ranges into positions. Walks forward, so that asking in order of place costs one pass over the text.
#[derive(Debug)]
pub(crate) struct Locator<'a> {
    text: &'a str,
    /// Whether each byte of the text is a character.
    ascii: bool,
    byte: usize,
    line: u32,
    column: u32,
    offset: u32,
}

impl<'a> Locator<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, ascii: text.is_ascii(), byte: 0, line: 1, column: 1, offset: 0 }
    }

    fn chars(&self, text: &str) -> u32 {
        narrow(if self.ascii { text.len() } else { text.chars().count() })
    }

    pub(crate) fn locate(&mut self, span: Span) -> Position {
        if span.start < self.byte {
            *self = Self::new(self.text);
        }
        let passed = Span::new(self.byte, span.start).of(self.text);
        let chars = self.chars(passed);
        self.offset += chars;
        match memrchr(b'\n', passed.as_bytes()) {
            None => self.column += chars,
            Some(feed) => {
                self.line += narrow(memchr_iter(b'\n', passed.as_bytes()).count());
                self.column = 1 + self.chars(&passed[feed + 1..]);
            }
        }
        self.byte = span.start;
        let length = self.chars(span.of(self.text));
        Position { line: self.line, column: self.column, offset: self.offset, length }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_lines_end_at_line_feeds() {
        let text = "a\r\nä😀 b\rc";
        let check = |needle: &str, line, column, offset| {
            let start = text.find(needle).unwrap();
            let position = Locator::new(text).locate(Span::new(start, start + needle.len()));
            assert_eq!(position, Position { line, column, offset, length: 1 }, "{needle}");
        };
        check("a", 1, 1, 0);
        check("ä", 2, 1, 3);
        check("b", 2, 4, 6);
        check("c", 2, 6, 8);
    }

    #[test]
    fn a_locator_that_is_asked_backwards_starts_again() {
        let mut locator = Locator::new("ab\ncd");
        assert_eq!(locator.locate(Span::new(4, 5)).column, 2);
        assert_eq!(locator.locate(Span::new(0, 1)).line, 1);
    }
}
