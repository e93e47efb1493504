//! Splits SQL into tokens by the lexical rules of Trino's `SqlBase.g4`: ASCII identifiers, quotes doubled inside of
//! quotes, no backslash escapes, comments that do not nest, a `--` comment that ends at a carriage return too.
//! What Trino's lexer would call unrecognised is refused here. Structure is the scanner's business.

mod number;
mod token;

use std::borrow::Cow;

use crate::error::{Fault, SqlErrorCode};
use crate::keywords::Keyword;
use crate::limits::Limits;
use crate::span::Span;

use number::number_end;

pub(crate) use token::{Symbol, Token, TokenKind};

/// What places in a text are counted in, whatever the limits are.
const LONGEST_TEXT: usize = u32::MAX as usize;

/// All tokens of `text`.
pub(crate) fn lex(text: &str, limits: &Limits) -> Result<Vec<Token>, Fault> {
    let everything = Span::new(0, text.len());
    if text.len() > limits.max_bytes.min(LONGEST_TEXT) {
        let allowed = limits.max_bytes.min(LONGEST_TEXT);
        let message = format!("the SQL has {} bytes, {allowed} are allowed", text.len());
        return Err(Fault::new(SqlErrorCode::SqlTooLarge, everything, message));
    }
    let mut lexer = Lexer::new(text);
    // Seldom are there more tokens than that, and moving them would cost more than the room.
    let mut tokens = Vec::with_capacity(text.len() / 4);
    while let Some(kind) = lexer.next_token()? {
        if tokens.len() == limits.max_tokens {
            let message = format!("the SQL has more than {} tokens", limits.max_tokens);
            return Err(Fault::new(SqlErrorCode::SqlTooLarge, everything, message));
        }
        tokens.push(Token::new(kind, lexer.span()));
    }
    Ok(tokens)
}

/// What an identifier stands for: without its quotes, doubled quotes as one. `raw` is the token's text.
pub(crate) fn identifier_value(raw: &str) -> Cow<'_, str> {
    match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(body) if body.contains('"') => Cow::Owned(body.replace("\"\"", "\"")),
        Some(body) => Cow::Borrowed(body),
        None => Cow::Borrowed(raw),
    }
}

/// What Trino compares identifiers by: the lower-cased value, delimited or not.
pub(crate) fn identifier_key(raw: &str) -> String {
    identifier_value(raw).to_lowercase()
}

/// Whether Trino takes the two identifiers for the same.
pub(crate) fn same_identifier(left: &str, right: &str) -> bool {
    // Most that are compared differ in their first letter. One that is not ASCII may become one in lower case.
    let first = |raw: &str| raw.strip_prefix('"').unwrap_or(raw).bytes().next().filter(u8::is_ascii);
    if let (Some(left), Some(right)) = (first(left), first(right))
        && !left.eq_ignore_ascii_case(&right)
    {
        return false;
    }
    same_value(&identifier_value(left), &identifier_value(right))
}

/// Whether Trino takes two values of identifiers for the same.
pub(crate) fn same_value(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
        || (!(left.is_ascii() && right.is_ascii()) && left.to_lowercase() == right.to_lowercase())
}

/// Whether the end of `left` and the beginning of `right` would be read as one token without a space between them, where
/// one of them is an identifier.
pub(crate) fn would_join(left: &str, right: &str) -> bool {
    match (left.bytes().next_back(), right.bytes().next()) {
        (Some(b'"'), Some(b'"')) => true,
        // The x of X'65', and a number whose exponent follows.
        (Some(left), Some(b'\'')) => is_word_byte(left),
        (Some(b'.'), Some(right)) => is_word_byte(right),
        (Some(left), Some(right)) => is_word_byte(left) && is_word_byte(right),
        _ => false,
    }
}

/// Gives the tokens of a text one after the other.
pub(crate) struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// Where the token begins that was given last.
    start: usize,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), start: 0, at: 0 }
    }

    /// Passes over what was refused.
    pub(crate) const fn go_on_behind(&mut self, refused: Span) {
        self.at = refused.end;
    }

    /// Where the token stands that was given last.
    pub(crate) const fn span(&self) -> Span {
        Span::new(self.start, self.at)
    }

    /// The next token; `None` at the end of the text. Inlined, so that its place stays in registers: this is the hottest
    /// loop of the crate.
    #[inline(always)]
    pub(crate) fn next_token(&mut self) -> Result<Option<TokenKind>, Fault> {
        self.skip_trivia()?;
        let start = self.at;
        self.start = start;
        let Some(&first) = self.bytes.get(start) else { return Ok(None) };
        let kind = match first {
            b'\'' => self.quoted(start + 1, b'\'', "a string")?,
            b'"' => self.delimited()?,
            b'x' | b'X' if self.peek(1) == Some(b'\'') => self.closed_by("'", 2, "a binary literal")?,
            b'u' | b'U' if self.peek(1) == Some(b'&') && self.peek(2) == Some(b'\'') => {
                self.quoted(start + 3, b'\'', "a string")?
            }
            b'$' if self.peek(1) == Some(b'$') => self.closed_by("$$", 2, "a $$ string")?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                self.at = self.run_end(start, is_word_byte);
                TokenKind::Word(Keyword::of(&self.text[start..self.at]))
            }
            b'0'..=b'9' => self.number()?,
            b'.' if self.peek(1).is_some_and(|next| next.is_ascii_digit()) => self.number()?,
            _ => self.symbol()?,
        };
        Ok(Some(kind))
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// The end of the run of bytes from `from` that `belongs` accepts.
    fn run_end(&self, from: usize, belongs: impl Fn(u8) -> bool) -> usize {
        self.bytes[from..].iter().position(|&byte| !belongs(byte)).map_or(self.bytes.len(), |length| from + length)
    }

    fn find(&self, from: usize, needle: &str) -> Option<usize> {
        self.text[from..].find(needle).map(|found| from + found)
    }

    fn skip_trivia(&mut self) -> Result<(), Fault> {
        loop {
            match self.peek(0) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'-') if self.peek(1) == Some(b'-') => {
                    self.at = self.run_end(self.at, |byte| byte != b'\n' && byte != b'\r');
                }
                Some(b'/') if self.peek(1) == Some(b'*') => match self.find(self.at + 2, "*/") {
                    Some(end) => self.at = end + 2,
                    None => return Err(self.unterminated("a comment")),
                },
                _ => return Ok(()),
            }
        }
    }

    /// Moves behind the quote that closes; a doubled one does not. `body` is the first byte behind the opening quote.
    fn quoted(&mut self, body: usize, quote: u8, what: &str) -> Result<TokenKind, Fault> {
        let mut at = body;
        loop {
            at = self.run_end(at, |byte| byte != quote);
            if at >= self.bytes.len() {
                return Err(self.unterminated(what));
            }
            if self.bytes.get(at + 1) != Some(&quote) {
                self.at = at + 1;
                return Ok(TokenKind::String);
            }
            at += 2;
        }
    }

    fn delimited(&mut self) -> Result<TokenKind, Fault> {
        let start = self.at;
        self.quoted(start + 1, b'"', "a delimited identifier")?;
        if self.at - start == 2 {
            let message = "a delimited identifier must not be empty";
            return Err(Fault::new(SqlErrorCode::SyntaxError, Span::new(start, self.at), message));
        }
        Ok(TokenKind::Delimited)
    }

    /// A literal that `closer` ends wherever it stands: nothing is doubled in it. `opener` is a length in bytes.
    fn closed_by(&mut self, closer: &str, opener: usize, what: &str) -> Result<TokenKind, Fault> {
        let end = self.find(self.at + opener, closer).ok_or_else(|| self.unterminated(what))?;
        self.at = end + closer.len();
        Ok(TokenKind::String)
    }

    /// Longest match, as ANTLR does it: `1e5` is a double, `1e5x` an identifier that begins with a digit, which Trino
    /// refuses.
    fn number(&mut self) -> Result<TokenKind, Fault> {
        let start = self.at;
        let (end, kind) = number_end(self.bytes, start);
        let word_end = self.run_end(start, is_word_byte);
        if word_end > end {
            let span = Span::new(start, word_end);
            return Err(Fault::new(
                SqlErrorCode::SyntaxError,
                span,
                "an identifier must not begin with a digit; put it in double quotes",
            ));
        }
        self.at = end;
        Ok(kind)
    }

    fn symbol(&mut self) -> Result<TokenKind, Fault> {
        let two = [self.bytes[self.at], self.peek(1).unwrap_or_default()];
        let (symbol, length) = match &two {
            b"{-" => (Symbol::LeftExclusion, 2),
            b"-}" => (Symbol::RightExclusion, 2),
            b"->" => (Symbol::Arrow, 2),
            b"=>" => (Symbol::FatArrow, 2),
            b"::" => (Symbol::DoubleColon, 2),
            b"<>" | b"!=" | b"<=" | b">=" | b"||" => (Symbol::Other, 2),
            [first, _] => (self.single(*first)?, 1),
        };
        self.at += length;
        Ok(TokenKind::Symbol(symbol))
    }

    fn single(&self, byte: u8) -> Result<Symbol, Fault> {
        Ok(match byte {
            b'(' => Symbol::LeftParen,
            b')' => Symbol::RightParen,
            b'[' => Symbol::LeftBracket,
            b']' => Symbol::RightBracket,
            b'{' => Symbol::LeftBrace,
            b'}' => Symbol::RightBrace,
            b',' => Symbol::Comma,
            b'.' => Symbol::Dot,
            b';' => Symbol::Semicolon,
            b':' => Symbol::Colon,
            b'*' => Symbol::Star,
            b'=' => Symbol::Equal,
            b'<' => Symbol::Less,
            b'>' => Symbol::Greater,
            b'+' => Symbol::Plus,
            b'-' => Symbol::Minus,
            b'@' => Symbol::At,
            b'?' => Symbol::Question,
            b'/' | b'%' | b'|' | b'^' | b'$' => Symbol::Other,
            _ => return Err(self.unrecognised()),
        })
    }

    fn unrecognised(&self) -> Fault {
        let c = self.text[self.at..].chars().next().unwrap_or_default();
        let span = Span::new(self.at, self.at + c.len_utf8());
        let message = match c {
            '`' => "identifiers are put in double quotes, not in backquotes".to_owned(),
            _ => format!("the character {c:?} has no meaning here"),
        };
        Fault::new(SqlErrorCode::SyntaxError, span, message)
    }

    fn unterminated(&self, what: &str) -> Fault {
        let message = format!("{what} begins here and does not end");
        Fault::new(SqlErrorCode::Unterminated, Span::new(self.at, self.text.len()), message)
    }
}

/// The bytes that an identifier without quotes is made of.
const WORD_BYTES: [bool; 256] = {
    let mut bytes = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        bytes[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        byte += 1;
    }
    bytes
};

const fn is_word_byte(byte: u8) -> bool {
    WORD_BYTES[byte as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(sql: &str) -> Vec<&str> {
        let tokens = lex(sql, &Limits::DEFAULT).unwrap_or_else(|fault| panic!("{sql}: {}", fault.message()));
        tokens.into_iter().map(|token| token.span().of(sql)).collect()
    }

    #[test]
    fn tokens_end_where_those_of_trino_end() {
        let check = |sql: &str, expect: &[&str]| assert_eq!(texts(sql), expect, "{sql}");
        check("a.b .c", &["a", ".", "b", ".", "c"]);
        check("'it''s' \"a\"\"b\"c", &["'it''s'", "\"a\"\"b\"", "c"]);
        check("X'65' x'6''7' U&'\\0041'", &["X'65'", "x'6'", "'7'", "U&'\\0041'"]);
        check("$$ a $ b $$c", &["$$ a $ b $$", "c"]);
        check(
            "1e5 1.e5 .5E-3 1.5 1. .5 0x1_F 0b01 0o17 1_000",
            &["1e5", "1.e5", ".5E-3", "1.5", "1.", ".5", "0x1_F", "0b01", "0o17", "1_000"],
        );
        check("a.5 1.x 1..2 1.5e", &["a", ".5", "1.", "x", "1.", ".2", "1.5", "e"]);
        check(
            "a->b=>c::d<>e!=f<=g||h{-i-}",
            &["a", "->", "b", "=>", "c", "::", "d", "<>", "e", "!=", "f", "<=", "g", "||", "h", "{-", "i", "-}"],
        );
        check("a--b\rc--d\ne/*f/*g*/h", &["a", "c", "e", "h"]);
    }

    #[test]
    fn what_would_be_read_as_one_token_would_join() {
        let check = |left: &str, right: &str, joins: bool| {
            let together = format!("{left}{right}");
            let stay_two = lex(&together, &Limits::DEFAULT).is_ok_and(|_| texts(&together) == [left, right]);
            assert_eq!((would_join(left, right), stay_two), (joins, !joins), "{together}");
        };
        for (left, right) in [("a", "b"), ("1", "a"), ("\"a\"", "\"b\""), ("x", "'65'"), ("1.", "e5")] {
            check(left, right, true);
        }
        for (left, right) in [("a", "\"b\""), ("\"a\"", "b"), ("'a'", "b"), (")", "a"), ("a", "(")] {
            check(left, right, false);
        }
    }

    #[test]
    fn what_trino_does_not_lex_is_refused() {
        for sql in ["1e5x", "1_", "0x", "0b12", "1_0e5", "`a`", "a#b", "a!b", "a&b", "ä", "\"\"", "\u{a0}", "\0"] {
            assert!(lex(sql, &Limits::DEFAULT).is_err(), "{sql}");
        }
    }
}
