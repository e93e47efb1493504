//! VALUES, GROUP BY, and what ends a query.

use sqlparser::tokenizer::Token as Plain;

use super::NotParsed;
use super::simplify::Simplifier;
use crate::keywords::Keyword;
use crate::lexer::{Symbol, TokenKind};
use crate::scanner::TokenId;

impl Simplifier<'_> {
    /// `VALUES 1, (2)`: every row gets its parentheses.
    pub(super) fn values(&mut self, at: TokenId, end: TokenId) -> Result<TokenId, NotParsed> {
        self.put_token(at)?;
        let mut start = at + 1;
        loop {
            let row_end = self.row_end(start, end);
            // A query in parentheses is one value of a row and no row.
            let query =
                matches!(self.word(start + 1), Keyword::Select | Keyword::Values | Keyword::Table | Keyword::With);
            let parenthesised = self.is_symbol(start, Symbol::LeftParen) && !query && self.group_end(start) == row_end;
            if !parenthesised {
                self.put(Plain::LParen);
            }
            self.range(start..row_end)?;
            if !parenthesised {
                self.put(Plain::RParen);
            }
            if row_end >= end || !self.is_symbol(row_end, Symbol::Comma) {
                return Ok(row_end);
            }
            self.put_token(row_end)?;
            start = row_end + 1;
        }
    }

    /// Where a row of VALUES ends: at a comma or at what follows the query.
    fn row_end(&self, start: TokenId, end: TokenId) -> TokenId {
        let mut at = start;
        let mut cases = 0_usize;
        while at < end {
            match self.word(at) {
                Keyword::Case => cases += 1,
                Keyword::End => cases = cases.saturating_sub(1),
                word if cases == 0 && at > start && (word.is_set_operator() || self.starts_tail(at)) => return at,
                _ => {}
            }
            match self.kind(at) {
                Some(TokenKind::Symbol(Symbol::LeftParen | Symbol::LeftBracket)) => at = self.group_end(at),
                Some(TokenKind::Symbol(Symbol::RightParen)) => return at,
                Some(TokenKind::Symbol(Symbol::Comma)) if cases == 0 => return at,
                _ => at += 1,
            }
        }
        end
    }

    /// ORDER BY, OFFSET, LIMIT or FETCH behind a query.
    pub(super) fn starts_tail(&self, at: TokenId) -> bool {
        let counts = |ahead| matches!(self.kind(ahead), Some(TokenKind::Integer | TokenKind::Symbol(Symbol::Question)));
        match self.word(at) {
            Keyword::Order => true,
            Keyword::Limit => counts(at + 1) || self.word(at + 1) == Keyword::All,
            Keyword::Offset => counts(at + 1),
            Keyword::Fetch => matches!(self.word(at + 1), Keyword::First | Keyword::Next),
            _ => false,
        }
    }

    /// `GROUP BY [ALL|DISTINCT] …`; ALL by itself groups by what is not aggregated.
    pub(super) fn group_by(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        self.put_token(at)?;
        self.put_token(at + 1)?;
        match self.word(at + 2) {
            Keyword::Distinct => Ok(at + 3),
            Keyword::All if self.word(at + 3) == Keyword::Auto || self.begins_operand(at + 3) => Ok(at + 3),
            _ => Ok(at + 2),
        }
    }

    /// `SELECT * FROM`
    pub(super) fn select_all_from(&mut self) {
        self.put_word("SELECT");
        self.put(Plain::Mul);
        self.put_word("FROM");
    }

    fn begins_operand(&self, at: TokenId) -> bool {
        match self.kind(at) {
            Some(TokenKind::Word(word)) => !word.is_reserved() && !self.starts_tail(at),
            Some(TokenKind::Symbol(symbol)) => symbol == Symbol::LeftParen,
            other => other.is_some(),
        }
    }
}
