//! The JSON functions of the SQL standard, whose arguments are separated by words, as plain functions of the same
//! values.

use std::ops::Range;

use sqlparser::tokenizer::Token as Plain;

use super::NotParsed;
use super::simplify::Simplifier;
use crate::keywords::Keyword;
use crate::lexer::Symbol;
use crate::scanner::TokenId;

impl Simplifier<'_> {
    /// `JSON_VALUE(value, path PASSING other AS x RETURNING type DEFAULT one ON EMPTY)` as `f(value, path, other, one)`.
    pub(super) fn json_function(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        if !self.is_symbol(at + 1, Symbol::LeftParen) {
            return Err(NotParsed::Construct("a JSON function without arguments".to_owned()));
        }
        let end = self.group_end(at + 1) - 1;
        self.call(at, at + 2..end)?;
        Ok(end + 1)
    }

    /// `JSON_TABLE(value, path … COLUMNS …)` reads what `UNNEST(f(value))` reads. The `f` stands in the place of
    /// JSON_TABLE.
    pub(super) fn json_table(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        let end = self.group_end(at + 1) - 1;
        let columns = self.find_word(at + 2..end, "COLUMNS").unwrap_or(end);
        self.leave_out(columns..end)?;
        self.put_word("UNNEST");
        self.put(Plain::LParen);
        self.call(at, at + 2..columns)?;
        self.put(Plain::RParen);
        Ok(end + 1)
    }

    /// `f(values)` in the place of the function at `at`.
    fn call(&mut self, at: TokenId, range: Range<TokenId>) -> Result<(), NotParsed> {
        self.put_identifier_at(at, "f");
        self.put(Plain::LParen);
        let mut first = true;
        for value in self.json_values(range)? {
            if !first {
                self.put(Plain::Comma);
            }
            first = false;
            self.range(value)?;
        }
        self.put(Plain::RParen);
        Ok(())
    }

    /// The values among the arguments: what is neither a clause word nor a type nor a name.
    fn json_values(&self, range: Range<TokenId>) -> Result<Vec<Range<TokenId>>, NotParsed> {
        let mut values = Vec::new();
        let mut start = range.start;
        let mut at = range.start;
        while at < range.end {
            let next = self.json_clause_end(at, &range)?;
            if next > at {
                values.push(start..at);
                start = next;
                at = next;
            } else {
                at = if self.opens_group(at) { self.group_end(at) } else { at + 1 };
            }
        }
        values.push(start..range.end);
        values.retain(|value| !value.is_empty());
        Ok(values)
    }

    /// Where the separator or clause that begins at `at` ends; `at` itself when a value goes on there.
    fn json_clause_end(&self, at: TokenId, range: &Range<TokenId>) -> Result<TokenId, NotParsed> {
        let text = |at: TokenId| self.token_text(at).to_ascii_uppercase();
        let follows = |words: &[&str]| words.contains(&text(at + 1).as_str());
        let length = match text(at).as_str() {
            "," | ":" | "PASSING" | "DEFAULT" => 1,
            "VALUE" if at > range.start => 1,
            "KEY" if !matches!(text(at + 1).as_str(), ":" | "," | "VALUE") && at + 1 < range.end => 1,
            "FORMAT" if follows(&["JSON"]) => 2 + 2 * usize::from(text(at + 2) == "ENCODING"),
            "AS" | "ON" => 2,
            "NULL" | "ERROR" | "TRUE" | "FALSE" | "UNKNOWN" | "ABSENT" if follows(&["ON"]) => 3,
            "EMPTY" if follows(&["ARRAY", "OBJECT", "ON"]) => 2,
            "WITH" | "WITHOUT" if self.word(at + 1) != Keyword::Time => {
                let last = (at..range.end).find(|at| matches!(text(*at).as_str(), "WRAPPER" | "KEYS"));
                last.map_or(0, |last| last + 1 - at)
            }
            "KEEP" | "OMIT" if follows(&["QUOTES"]) => 2 + 3 * usize::from(text(at + 2) == "ON"),
            "RETURNING" => self.returning_end(at, range) - at,
            _ => 0,
        };
        let end = (at + length).min(range.end);
        self.leave_out(at..end)
    }

    /// The type behind RETURNING ends where a clause begins.
    fn returning_end(&self, at: TokenId, range: &Range<TokenId>) -> TokenId {
        let mut at = at + 1;
        while at < range.end {
            let clause = match self.token_text(at).to_ascii_uppercase().as_str() {
                "WITH" | "WITHOUT" => self.word(at + 1) != Keyword::Time,
                "FORMAT" | "DEFAULT" | "NULL" | "ERROR" | "EMPTY" | "KEEP" | "OMIT" | "TRUE" | "FALSE" | "UNKNOWN" => {
                    true
                }
                _ => false,
            };
            if clause {
                return at;
            }
            at = if self.opens_group(at) { self.group_end(at) } else { at + 1 };
        }
        range.end
    }

    /// The first token of `range`, outside of inner brackets, that is the word.
    fn find_word(&self, range: Range<TokenId>, word: &str) -> Option<TokenId> {
        let mut at = range.start;
        while at < range.end {
            if self.token_text(at).eq_ignore_ascii_case(word) {
                return Some(at);
            }
            at = if self.opens_group(at) { self.group_end(at) } else { at + 1 };
        }
        None
    }
}
