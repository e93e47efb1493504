//! Where a number ends, by the rules INTEGER_VALUE, DECIMAL_VALUE and DOUBLE_VALUE of Trino's `SqlBase.g4`.

use super::TokenKind;

/// The end of the longest number that begins at `start`, which is a digit or a point before a digit.
pub(super) fn number_end(bytes: &[u8], start: usize) -> (usize, TokenKind) {
    if bytes[start] == b'0' {
        let radix_digit: Option<fn(&u8) -> bool> = match bytes.get(start + 1).map(u8::to_ascii_lowercase) {
            Some(b'x') => Some(u8::is_ascii_hexdigit),
            Some(b'o') => Some(|byte| matches!(byte, b'0'..=b'7')),
            Some(b'b') => Some(|byte| matches!(byte, b'0' | b'1')),
            _ => None,
        };
        if let Some(is_digit) = radix_digit {
            let end = digits_end(bytes, start + 2, is_digit, Underscores::AlsoLeading);
            if end > start + 2 {
                return (end, TokenKind::Integer);
            }
        }
    }
    let whole = digits_end(bytes, start, u8::is_ascii_digit, Underscores::Between);
    let (mut end, mut kind) = (whole, TokenKind::Integer);
    if bytes.get(whole) == Some(&b'.') {
        end = digits_end(bytes, whole + 1, u8::is_ascii_digit, Underscores::Between);
        kind = TokenKind::Number;
    }
    // A double has no underscores, so its mantissa may end before that of a decimal; the longer token wins.
    match double_end(bytes, start) {
        Some(double) if double >= end => (double, TokenKind::Number),
        _ => (end, kind),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Underscores {
    None,
    Between,
    AlsoLeading,
}

/// The end of the digits from `from`, each of which may have one underscore before it.
fn digits_end(bytes: &[u8], from: usize, is_digit: fn(&u8) -> bool, underscores: Underscores) -> usize {
    let mut at = from;
    loop {
        let underscore_allowed = match underscores {
            Underscores::None => false,
            Underscores::Between => at > from,
            Underscores::AlsoLeading => true,
        };
        if bytes.get(at).is_some_and(is_digit) {
            at += 1;
        } else if underscore_allowed && bytes.get(at) == Some(&b'_') && bytes.get(at + 1).is_some_and(is_digit) {
            at += 2;
        } else {
            return at;
        }
    }
}

/// The end of `1e5`, `1.e5`, `1.5E-3` or `.5e1` at `start`.
fn double_end(bytes: &[u8], start: usize) -> Option<usize> {
    let digits = |from| digits_end(bytes, from, u8::is_ascii_digit, Underscores::None);
    let mut at = digits(start);
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1);
    }
    if !matches!(bytes.get(at), Some(b'e' | b'E')) {
        return None;
    }
    at += 1;
    if matches!(bytes.get(at), Some(b'+' | b'-')) {
        at += 1;
    }
    let end = digits(at);
    (end > at).then_some(end)
}
