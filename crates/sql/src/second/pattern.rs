//! Row patterns: MATCH_RECOGNIZE, and the windows that have one.

use std::ops::Range;

use sqlparser::tokenizer::Token as Plain;

use super::NotParsed;
use super::simplify::Simplifier;
use crate::keywords::Keyword;
use crate::lexer::{Symbol, TokenKind};
use crate::scanner::TokenId;

impl Simplifier<'_> {
    /// `t MATCH_RECOGNIZE (PARTITION BY a ORDER BY b MEASURES c AS d …)` as
    /// `t CROSS JOIN UNNEST(one_row(partition_by(a), order_by(b), measure(c)))`, because sqlparser takes it behind tables
    /// only. `one_row`, or else `all_rows`, stands in the place of MATCH_RECOGNIZE, `measure` in that of the name `d`.
    pub(super) fn match_recognize(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        let end = self.group_end(at + 1) - 1;
        let mut rest = at + 2;
        let mut columns = Vec::new();
        while rest < end {
            let (function, start) = match self.word(rest) {
                Keyword::Order => ("order_by", rest + 2),
                _ if self.is_text(rest, "PARTITION") => ("partition_by", rest + 2),
                _ if self.is_text(rest, "MEASURES") => ("measure", rest + 1),
                _ => break,
            };
            rest = self.clause_end(start + 1, end);
            columns.extend(self.split_at_commas(start..rest).into_iter().map(|column| (function, column)));
        }
        self.leave_out(rest..end)?;
        let all_rows = (rest..end).any(|at| self.is_text(at, "ALL") && self.is_text(at + 1, "ROWS"));
        ["CROSS", "JOIN", "UNNEST"].into_iter().for_each(|word| self.put_word(word));
        self.put(Plain::LParen);
        self.put_identifier_at(at, if all_rows { "all_rows" } else { "one_row" });
        self.put(Plain::LParen);
        for (index, (function, column)) in columns.into_iter().enumerate() {
            if index > 0 {
                self.put(Plain::Comma);
            }
            self.pattern_column(function, column)?;
        }
        self.put(Plain::RParen);
        self.put(Plain::RParen);
        Ok(end + 1)
    }

    fn pattern_column(&mut self, function: &str, column: Range<TokenId>) -> Result<(), NotParsed> {
        let value = match function {
            "measure" => column.start..column.end.saturating_sub(2),
            _ => {
                let direction = |at: &TokenId| ["ASC", "DESC", "NULLS"].iter().any(|word| self.is_text(*at, word));
                column.start..(column.start + 1..column.end).find(direction).unwrap_or(column.end)
            }
        };
        self.put_identifier_at(column.end.saturating_sub(1), function);
        self.put(Plain::LParen);
        self.patterns += 1;
        self.range(value)?;
        self.patterns -= 1;
        self.put(Plain::RParen);
        Ok(())
    }

    /// Where a clause of a row pattern ends that goes on at `at`.
    fn clause_end(&self, mut at: TokenId, end: TokenId) -> TokenId {
        while at < end && !self.starts_pattern_clause(at) {
            at = if self.opens_group(at) { self.group_end(at) } else { at + 1 };
        }
        at.min(end)
    }

    fn starts_pattern_clause(&self, at: TokenId) -> bool {
        let text = self.token_text(at).to_ascii_uppercase();
        let follows = |word: &str| self.is_text(at + 1, word);
        match text.as_str() {
            "ORDER" => true,
            "MEASURES" => matches!(self.kind(at + 1), Some(TokenKind::Word(_) | TokenKind::Delimited)),
            "ONE" => follows("ROW"),
            "ALL" => follows("ROWS"),
            "AFTER" => follows("MATCH"),
            "INITIAL" | "SEEK" => follows("PATTERN"),
            "PATTERN" => self.is_symbol(at + 1, Symbol::LeftParen),
            "ROWS" | "RANGE" | "GROUPS" => !self.is_symbol_before(at, Symbol::Dot),
            _ => false,
        }
    }

    /// RUNNING or FINAL before a function in a measure says of which rows; sqlparser does not know it.
    pub(super) fn is_processing_mode(&self, at: TokenId) -> bool {
        let word = self.is_text(at, "RUNNING") || self.is_text(at, "FINAL");
        word && self.patterns > 0
            && matches!(self.kind(at + 1), Some(TokenKind::Word(_) | TokenKind::Delimited))
            && self.is_symbol(at + 2, Symbol::LeftParen)
    }

    /// Whether a window with a row pattern begins at a bracket.
    pub(super) fn starts_pattern_window(&self, at: TokenId) -> bool {
        let before = at.checked_sub(1).map_or(Keyword::Plain, |before| self.word(before));
        let query = matches!(
            self.word(at + 1),
            Keyword::Select | Keyword::With | Keyword::Table | Keyword::Values | Keyword::From
        );
        if !self.is_symbol(at, Symbol::LeftParen) || !matches!(before, Keyword::Over | Keyword::As) || query {
            return false;
        }
        let end = self.group_end(at) - 1;
        let mut inside = at + 1;
        while inside < end {
            if self.is_text(inside, "PATTERN") && self.is_symbol(inside + 1, Symbol::LeftParen) {
                return true;
            }
            inside = if self.opens_group(inside) { self.group_end(inside) } else { inside + 1 };
        }
        false
    }

    /// `(PARTITION BY a ORDER BY b MEASURES c AS d ROWS … PATTERN … DEFINE …)` as `(PARTITION BY a ORDER BY b ROWS …)`.
    pub(super) fn pattern_window(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        let end = self.group_end(at) - 1;
        self.put_token(at)?;
        let mut clause = at + 1;
        while clause < end {
            let next = self.clause_end(clause + 1, end);
            let plain = matches!(self.word(clause), Keyword::Order)
                || ["PARTITION", "ROWS", "RANGE", "GROUPS"].iter().any(|word| self.is_text(clause, word));
            // A window may begin with the name of another one.
            match plain || clause == at + 1 && !self.starts_pattern_clause(clause) {
                true => self.range(clause..next)?,
                false => drop(self.leave_out(clause..next)?),
            }
            clause = next;
        }
        self.put_token(end)?;
        Ok(end + 1)
    }

    /// Whether a measure of a window stands here: `name OVER window`.
    pub(super) fn is_window_measure(&self, at: TokenId) -> bool {
        let is_name = |at: TokenId| match self.kind(at) {
            Some(TokenKind::Word(word)) => !word.is_reserved(),
            Some(kind) => kind == TokenKind::Delimited,
            None => false,
        };
        is_name(at)
            && self.word(at + 1) == Keyword::Over
            && (self.is_symbol(at + 2, Symbol::LeftParen) || is_name(at + 2))
            && !self.is_symbol_before(at, Symbol::Dot)
    }

    /// `name OVER window` as `name() OVER window`.
    pub(super) fn window_measure(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        self.put_name_token(at)?;
        self.put(Plain::LParen);
        self.put(Plain::RParen);
        Ok(at + 1)
    }
}
