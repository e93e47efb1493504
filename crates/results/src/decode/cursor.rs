//! Reading JSON tokens from the raw bytes of a page. It knows JSON, not Trino's types.

use super::error::DecodeFault;

/// More digits than this do not fit into 64 bits without a check.
const MAX_INTEGER_DIGITS: usize = 19;
/// Strings are mostly short: so many bytes are looked at one by one before `memchr` is worth its call.
const SHORT_STRING_BYTES: usize = 32;

/// A position in a page. Every read is bounds-checked; past the end it sees the byte 0, which begins no token.
pub(super) struct Cursor<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.position..).unwrap_or_default()
    }

    #[inline]
    pub(super) fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.position).copied().unwrap_or(0)
    }

    #[inline]
    pub(super) fn skip_whitespace(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.position += 1;
        }
    }

    /// Steps over `byte` and the whitespace around it, if it is next. Trino writes no whitespace, so it is looked for
    /// only where something else than the byte is.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> bool {
        if self.peek() != byte {
            self.skip_whitespace();
            if self.peek() != byte {
                return false;
            }
        }
        self.position += 1;
        if self.peek() <= b' ' {
            self.skip_whitespace();
        }
        true
    }

    /// Steps over `word`, if it is next.
    #[inline]
    pub(super) fn take_word(&mut self, word: &[u8]) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.position += word.len();
        }
        found
    }

    #[inline]
    pub(super) fn take_null(&mut self) -> bool {
        self.peek() == b'n' && self.take_word(b"null")
    }

    pub(super) fn at_end(&self) -> bool {
        self.position >= self.text.len()
    }

    /// A whole number of at most 64 bits. A fraction or exponent behind it is left for the caller to stumble over.
    #[inline]
    pub(super) fn integer(&mut self) -> Result<i64, DecodeFault> {
        let (value, length) = leading_integer(self.rest()).ok_or(DecodeFault::Integer)?;
        self.position += length;
        Ok(value)
    }

    /// A JSON number as the nearest `real` or `double`.
    #[inline]
    pub(super) fn float<F: fast_float2::FastFloat>(&mut self) -> Result<F, DecodeFault> {
        let rest = self.rest();
        let digits = rest.strip_prefix(b"-").unwrap_or(rest);
        // The parser also reads `inf` and `nan`, which JSON has not.
        if !digits.first().is_some_and(u8::is_ascii_digit) {
            return Err(DecodeFault::Float);
        }
        match fast_float2::parse_partial::<F, _>(rest) {
            Ok((value, length)) => {
                self.position += length;
                Ok(value)
            }
            Err(_) => Err(DecodeFault::Float),
        }
    }

    /// The content of a JSON string: a slice of the page, or `scratch` when it has escapes.
    #[inline]
    pub(super) fn string<'s>(&mut self, scratch: &'s mut String) -> Result<&'s str, DecodeFault>
    where
        'a: 's,
    {
        if self.peek() != b'"' {
            return Err(DecodeFault::String);
        }
        let start = self.position + 1;
        let end =
            start + string_stop(self.text.as_bytes().get(start..).unwrap_or_default()).ok_or(DecodeFault::Syntax)?;
        let plain = self.text.get(start..end).ok_or(DecodeFault::Syntax)?;
        self.position = end;
        if self.peek() == b'"' {
            self.position += 1;
            return Ok(plain);
        }
        scratch.clear();
        scratch.push_str(plain);
        self.escaped_rest(scratch)?;
        Ok(scratch)
    }

    /// The part of a string from its first backslash on, unescaped into `content`.
    fn escaped_rest(&mut self, content: &mut String) -> Result<(), DecodeFault> {
        loop {
            let stop = string_stop(self.rest()).ok_or(DecodeFault::Syntax)?;
            let end = self.position + stop;
            content.push_str(self.text.get(self.position..end).ok_or(DecodeFault::Syntax)?);
            self.position = end + 1;
            if self.text.as_bytes().get(end) == Some(&b'"') {
                return Ok(());
            }
            let escaped = self.peek();
            self.position += 1;
            content.push(match escaped {
                b'"' | b'\\' | b'/' => char::from(escaped),
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.unicode_escape()?,
                _ => return Err(DecodeFault::Escape),
            });
        }
    }

    /// The character of a `\uXXXX` escape, or of a surrogate pair of two.
    fn unicode_escape(&mut self) -> Result<char, DecodeFault> {
        let unit = self.hex_unit()?;
        if !(0xD800..=0xDBFF).contains(&unit) {
            return char::from_u32(unit).ok_or(DecodeFault::Escape);
        }
        if !self.take_word(b"\\u") {
            return Err(DecodeFault::Escape);
        }
        let low = self.hex_unit()?;
        if !(0xDC00..=0xDFFF).contains(&low) {
            return Err(DecodeFault::Escape);
        }
        char::from_u32(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00)).ok_or(DecodeFault::Escape)
    }

    fn hex_unit(&mut self) -> Result<u32, DecodeFault> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = char::from(self.peek()).to_digit(16).ok_or(DecodeFault::Escape)?;
            unit = unit * 16 + digit;
            self.position += 1;
        }
        Ok(unit)
    }

    /// The text of any JSON value. These values are rare, so that finding their end and checking them may be two steps.
    pub(super) fn raw_value(&mut self) -> Result<&'a str, DecodeFault> {
        let start = self.position;
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                b'"' => self.skip_string()?,
                b'[' | b'{' => {
                    depth += 1;
                    self.position += 1;
                }
                b']' | b'}' if depth > 0 => {
                    depth -= 1;
                    self.position += 1;
                }
                0 | b']' | b'}' | b',' if depth == 0 => return Err(DecodeFault::Syntax),
                0 => return Err(DecodeFault::Syntax),
                b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' => self.position += 1,
                _ => self.skip_word(),
            }
            if depth == 0 {
                break;
            }
        }
        let value = self.text.get(start..self.position).ok_or(DecodeFault::Syntax)?;
        match serde_json::from_str::<serde::de::IgnoredAny>(value) {
            Ok(_) => Ok(value),
            Err(_) => Err(DecodeFault::Syntax),
        }
    }

    fn skip_string(&mut self) -> Result<(), DecodeFault> {
        self.position += 1;
        loop {
            let stop = string_stop(self.rest()).ok_or(DecodeFault::Syntax)?;
            self.position += stop;
            if self.peek() == b'"' {
                self.position += 1;
                return Ok(());
            }
            // A backslash and what it escapes, which may be a quote. A cut in between is found by the next search.
            self.position = self.text.len().min(self.position + 2);
        }
    }

    fn skip_word(&mut self) {
        while !matches!(self.peek(), 0 | b'"' | b'[' | b']' | b'{' | b'}' | b',' | b':' | b' ' | b'\n' | b'\r' | b'\t')
        {
            self.position += 1;
        }
    }
}

/// Where the first quote or backslash of `bytes` is.
#[inline]
fn string_stop(bytes: &[u8]) -> Option<usize> {
    let short = bytes.get(..SHORT_STRING_BYTES).unwrap_or(bytes);
    if let Some(stop) = short.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
        return Some(stop);
    }
    memchr::memchr2(b'"', b'\\', bytes.get(short.len()..)?).map(|stop| short.len() + stop)
}

/// The whole number that `bytes` begin with, and how many bytes it has.
#[inline]
fn leading_integer(bytes: &[u8]) -> Option<(i64, usize)> {
    let negative = bytes.first() == Some(&b'-');
    let digits = bytes.get(usize::from(negative)..)?;
    let mut magnitude = 0_u64;
    let mut length = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        if length == MAX_INTEGER_DIGITS {
            return None;
        }
        magnitude = magnitude * 10 + u64::from(digit);
        length += 1;
    }
    if length == 0 {
        return None;
    }
    let value = if negative { 0_i64.checked_sub_unsigned(magnitude)? } else { i64::try_from(magnitude).ok()? };
    Some((value, length + usize::from(negative)))
}

/// A text that is a whole number and nothing else.
pub(super) fn whole_integer(text: &str) -> Result<i64, DecodeFault> {
    match leading_integer(text.as_bytes()) {
        Some((value, length)) if length == text.len() => Ok(value),
        _ => Err(DecodeFault::Integer),
    }
}
