//! Table functions as UNNEST of a function of the same tables and values.

use std::ops::Range;

use sqlparser::tokenizer::Token as Plain;

use super::NotParsed;
use super::simplify::Simplifier;
use crate::keywords::Keyword;
use crate::lexer::Symbol;
use crate::scanner::TokenId;

impl Simplifier<'_> {
    /// `TABLE(name(a => TABLE(t) PARTITION BY x, b => 1))` as `UNNEST(f((SELECT * FROM t), 1))`. The `f`
    /// stands in the place of TABLE.
    pub(super) fn table_function(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        let end = self.group_end(at + 1);
        let call = (at + 2..end).find(|at| self.is_symbol(*at, Symbol::LeftParen));
        let call = call.ok_or_else(|| NotParsed::Construct("a table function without arguments".to_owned()))?;
        self.put_word("UNNEST");
        self.put(Plain::LParen);
        self.put_identifier_at(at, "f");
        self.put(Plain::LParen);
        let arguments = self.split_at_commas(call + 1..self.group_end(call) - 1);
        for (index, argument) in arguments.into_iter().enumerate() {
            if index > 0 {
                self.put(Plain::Comma);
            }
            self.table_function_argument(argument)?;
        }
        self.put(Plain::RParen);
        self.put(Plain::RParen);
        Ok(end)
    }

    fn table_function_argument(&mut self, mut argument: Range<TokenId>) -> Result<(), NotParsed> {
        if self.is_symbol(argument.start + 1, Symbol::FatArrow) {
            argument.start += 2;
        }
        let start = argument.start;
        if self.is_text(start, "DESCRIPTOR") {
            // Names of columns to come.
            self.put(Plain::SingleQuotedString(String::new()));
            return self.leave_out(argument).map(drop);
        }
        if self.word(start) != Keyword::Table || !self.is_symbol(start + 1, Symbol::LeftParen) {
            let end = argument.clone().find(|at| self.word(*at) == Keyword::Copartition).unwrap_or(argument.end);
            return self.range(start..end);
        }
        let end = self.group_end(start + 1);
        let named = self.site(start + 2).is_some();
        self.put(Plain::LParen);
        if named {
            self.select_all_from();
        }
        self.range(start + 2..end - 1)?;
        self.put(Plain::RParen);
        self.leave_out(end..argument.end).map(drop)
    }

    /// The pieces between the commas outside of inner brackets.
    pub(super) fn split_at_commas(&self, range: Range<TokenId>) -> Vec<Range<TokenId>> {
        let mut pieces = Vec::new();
        let mut start = range.start;
        let mut at = range.start;
        while at < range.end {
            if self.is_symbol(at, Symbol::Comma) {
                pieces.push(start..at);
                start = at + 1;
            }
            at = if self.opens_group(at) { self.group_end(at) } else { at + 1 };
        }
        pieces.push(start..range.end);
        // What follows the commas of a COPARTITION list is no argument.
        pieces.retain(|piece| !piece.is_empty() && !self.is_symbol(piece.start, Symbol::LeftParen) || piece.len() > 2);
        pieces
    }
}
