//! Makes a statement fit to be shown to others: what it asks stays, the values that somebody wrote into it go.

use crate::lexer::{Lexer, TokenKind};

/// The statement with `?` in the place of every string and every number. Comments go too, for they may say anything; names,
/// in double quotes as well, and keywords stay. What the lexer refuses is a `?` like a literal, so that nothing gets
/// through because it was not understood. Statements that differ by their values only become the same one.
///
/// ```
/// let sql = "SELECT \"o'1\".id -- of Ann\nFROM orders t2 WHERE name = 'Ann' AND total > -1.5e3";
/// assert_eq!(warren_sql::mask_literals(sql), "SELECT \"o'1\".id FROM orders t2 WHERE name = ? AND total > -?");
/// ```
#[must_use]
pub fn mask_literals(sql: &str) -> String {
    let mut masked = String::with_capacity(sql.len());
    let mut lexer = Lexer::new(sql);
    let mut end = 0;
    loop {
        let (span, shown) = match lexer.next_token() {
            Ok(None) => return masked,
            Ok(Some(TokenKind::String | TokenKind::Integer | TokenKind::Number)) => (lexer.span(), "?"),
            Ok(Some(TokenKind::Word(_) | TokenKind::Delimited | TokenKind::Symbol(_))) => {
                (lexer.span(), lexer.span().of(sql))
            }
            Err(fault) => {
                lexer.go_on_behind(fault.span());
                (fault.span(), "?")
            }
        };
        let gap = sql.get(end..span.start).unwrap_or_default();
        if !masked.is_empty() {
            masked.push_str(if gap.trim().is_empty() { gap } else { " " });
        }
        masked.push_str(shown);
        end = span.end;
    }
}

#[cfg(test)]
mod tests {
    use super::mask_literals;

    #[test]
    fn every_value_goes_and_every_name_stays() {
        let check = |sql: &str, expect: &str| assert_eq!(mask_literals(sql), expect, "{sql}");
        check("SELECT 'it''s', U&'\\00e4' UESCAPE '!', X'00 ff', $$raw 'x'$$", "SELECT ?, ? UESCAPE ?, ?, ?");
        check("SELECT 1, 1_000, 0x1F, .5, 1.5e-3, t.a1 FROM s.\"4\".t1", "SELECT ?, ?, ?, ?, ?, t.a1 FROM s.\"4\".t1");
        check("SELECT DATE'2020-01-01', INTERVAL '1' DAY LIMIT 10", "SELECT DATE?, INTERVAL ? DAY LIMIT ?");
        check("/* who */ SELECT--x\r1 /* pin 4 */FROM t -- secret", "SELECT ? FROM t");
        check("a  \n =\t'b'", "a  \n =\t?");
    }

    #[test]
    fn what_cannot_be_read_is_not_shown() {
        for sql in ["SELECT 'secret", "SELECT 1 /* secret", "SELECT $$secret", "SELECT \"secret", "SELECT 12secret"] {
            let masked = mask_literals(sql);
            assert!(!masked.contains("secret"), "{sql}: {masked}");
        }
        assert_eq!(mask_literals("SELECT 'one', 'secret"), "SELECT ?, ?");
        assert_eq!(mask_literals(""), "");
    }
}
