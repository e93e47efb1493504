//! Literals of types, CAST, and functions whose arguments are separated by words.

use sqlparser::tokenizer::Token as Plain;

use super::NotParsed;
use super::simplify::Simplifier;
use crate::keywords::Keyword;
use crate::lexer::{Symbol, TokenKind};
use crate::scanner::TokenId;

impl Simplifier<'_> {
    /// The index of the value of the interval literal that begins at `at`.
    pub(super) fn interval_value(&self, at: TokenId) -> Option<TokenId> {
        let signed = self.is_symbol(at + 1, Symbol::Plus) || self.is_symbol(at + 1, Symbol::Minus);
        let value = at + 1 + usize::from(signed);
        (self.kind(value) == Some(TokenKind::String) && self.word(value + 1).is_interval_field()).then_some(value)
    }

    /// `INTERVAL '1' DAY` is a literal like any other.
    pub(super) fn interval(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        let Some(value) = self.interval_value(at) else { return self.step_symbol(at) };
        self.put(Plain::SingleQuotedString(String::new()));
        let mut next = value + 2;
        if self.is_symbol(next, Symbol::LeftParen) {
            next = self.group_end(next);
        }
        if self.word(next) == Keyword::To {
            next += 2;
            if self.is_symbol(next, Symbol::LeftParen) {
                next = self.group_end(next);
            }
        }
        Ok(next)
    }

    /// `CAST(value AS type)`: the type names no table. A word stands in the place of its first token.
    pub(super) fn cast(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        let end = self.group_end(at + 1) - 1;
        let mut as_at = None;
        let mut inside = at + 2;
        while inside < end {
            match self.kind(inside) {
                Some(TokenKind::Symbol(Symbol::LeftParen | Symbol::LeftBracket)) => inside = self.group_end(inside),
                _ => {
                    if self.word(inside) == Keyword::As {
                        as_at = Some(inside);
                    }
                    inside += 1;
                }
            }
        }
        let as_at = as_at.ok_or_else(|| NotParsed::Construct("a CAST without a type".to_owned()))?;
        self.put_word("CAST");
        self.put(Plain::LParen);
        self.range(at + 2..as_at)?;
        self.put_word("AS");
        self.put_identifier_at(as_at + 1, "t");
        self.put(Plain::RParen);
        Ok(end + 1)
    }

    /// EXTRACT, TRIM and their like, whose arguments are separated by words, as plain functions.
    pub(super) fn function_with_words(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        let (start, end) = (at + 2, self.group_end(at + 1) - 1);
        let normalizes = self.word(at) == Keyword::Normalize;
        if !normalizes && !(start..end).any(|inside| self.is_argument_separator(inside)) {
            return self.step_symbol(at);
        }
        let mut pieces = Vec::new();
        let mut piece = start;
        let mut inside = start;
        while inside < end {
            let separates = self.is_argument_separator(inside) || self.is_symbol(inside, Symbol::Comma);
            if separates {
                pieces.push(piece..inside);
                piece = inside + 1;
            }
            inside = if self.opens_group(inside) { self.group_end(inside) } else { inside + 1 };
        }
        pieces.push(piece..end);
        match self.word(at) {
            Keyword::Extract => drop(pieces.remove(0)),
            // The form, such as NFC, is no column.
            Keyword::Normalize => pieces.truncate(1),
            _ => {}
        }
        self.put_identifier("f");
        self.put(Plain::LParen);
        let mut first = true;
        for mut piece in pieces {
            let side = self.token_text(piece.start).to_ascii_uppercase();
            if self.word(at) == Keyword::Trim && matches!(side.as_str(), "BOTH" | "LEADING" | "TRAILING") {
                piece.start += 1;
            }
            if piece.is_empty() {
                continue;
            }
            if !first {
                self.put(Plain::Comma);
            }
            first = false;
            self.range(piece)?;
        }
        self.put(Plain::RParen);
        Ok(end + 1)
    }

    /// A word that separates arguments: `EXTRACT(YEAR FROM x)`, `POSITION('a' IN x)`.
    fn is_argument_separator(&self, at: TokenId) -> bool {
        matches!(self.word(at), Keyword::From | Keyword::For | Keyword::In) || self.is_text(at, "PLACING")
    }

    /// `row MATCH [UNIQUE] [SIMPLE|PARTIAL|FULL] (query)` reads what `row IN (query)` reads.
    pub(super) fn match_predicate(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        let mut next = at + 1;
        while matches!(self.token_text(next).to_ascii_uppercase().as_str(), "UNIQUE" | "SIMPLE" | "PARTIAL" | "FULL") {
            next += 1;
        }
        match self.word(next + 1) {
            Keyword::Select | Keyword::Table | Keyword::Values | Keyword::With => {
                self.put_word("IN");
                self.put(Plain::LParen);
                self.select_all_from();
                let end = self.group_end(next);
                self.range(next..end)?;
                self.put(Plain::RParen);
                Ok(end)
            }
            _ => self.step_symbol(at),
        }
    }

    /// `ON OVERFLOW ERROR` or `ON OVERFLOW TRUNCATE ['…'] WITH|WITHOUT COUNT` in LISTAGG.
    pub(super) fn on_overflow(&self, at: TokenId) -> Result<TokenId, NotParsed> {
        let mut end = at + 3;
        while !self.is_text(at + 2, "ERROR") && !self.is_text(end - 1, "COUNT") && end < self.outline.tokens.len() {
            end += 1;
        }
        self.leave_out(at..end)
    }
}
