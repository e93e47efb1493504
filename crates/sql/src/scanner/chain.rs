//! Dotted chains in expressions: which of them begin with a qualifier, so that they may have to follow a table.

use super::{Chain, Scanner, ScopeId, TokenId};
use crate::keywords::Keyword;
use crate::lexer::{Symbol, TokenKind};

impl Scanner<'_> {
    /// Keeps a chain that was just passed, if it has a qualifier. The name of a function has at most three parts, so that a
    /// longer one that is called is a method of a column.
    pub(super) fn note_chain(&mut self, first: TokenId, last: TokenId, star: bool, scope: ScopeId) {
        const LONGEST_FUNCTION: TokenId = 4;
        let is_called = self.is_symbol(0, Symbol::LeftParen) && !star;
        let chain = Chain { first, last, star, continued: None, scope };
        if is_called && last - first > LONGEST_FUNCTION {
            self.chains.push(Chain { last: last - 2, ..chain });
        } else if !is_called && (last > first || star) {
            self.chains.push(chain);
        }
    }

    /// Keeps the chain that is all there is in the parentheses which were opened at `opened` and closed right before the
    /// point that was just passed: it is the qualifier of what stands here. The arguments of a function are no chain.
    pub(super) fn continue_chain(&mut self, opened: TokenId, scope: ScopeId) {
        let closed = self.at - 2;
        if !self.is(opened, Symbol::LeftParen) || !self.is(closed, Symbol::RightParen) || self.is_called(opened) {
            return;
        }
        let Some((first, last)) = self.chain_inside(opened, closed) else { return };
        // It may have been kept with a shorter qualifier.
        self.chains.pop_if(|chain| chain.first == first);
        let mut end = self.at;
        while !self.is(end, Symbol::Star)
            && self.is(end + 1, Symbol::Dot)
            && (self.is_part(end + 2) || self.is(end + 2, Symbol::Star))
        {
            end += 2;
        }
        let star = self.is(end, Symbol::Star);
        let continued = if star { end - 2 } else { end };
        let continued = Some(continued).filter(|continued| *continued >= self.at);
        self.chains.push(Chain { first, last, star, continued, scope });
    }

    /// First and last token of the chain in a pair of parentheses, or in several pairs one around the other.
    fn chain_inside(&self, opened: TokenId, closed: TokenId) -> Option<(TokenId, TokenId)> {
        let (mut first, mut last) = (opened + 1, closed.checked_sub(1)?);
        while self.is(first, Symbol::LeftParen) && self.is(last, Symbol::RightParen) {
            (first, last) = (first + 1, last - 1);
        }
        let is_chain = |index: TokenId| match (index - first).is_multiple_of(2) {
            true => self.is_part(index),
            false => self.is(index, Symbol::Dot),
        };
        (first <= last && self.is_part(last) && (first..=last).all(is_chain)).then_some((first, last))
    }

    /// Whether a bracket opens the arguments of a function, or what is like them. Behind a word with a meaning, as in
    /// `SELECT ALL (t).a` or `KEY (t).a`, it may as well open none, and then it is better to take them for a qualifier.
    fn is_called(&self, opened: TokenId) -> bool {
        let before = opened.checked_sub(1).map(|before| self.tokens[before].kind);
        matches!(
            before,
            Some(
                TokenKind::Word(Keyword::Plain)
                    | TokenKind::Delimited
                    | TokenKind::Symbol(Symbol::RightParen | Symbol::RightBracket)
            )
        )
    }

    fn is(&self, index: TokenId, symbol: Symbol) -> bool {
        self.tokens.get(index).is_some_and(|token| token.kind == TokenKind::Symbol(symbol))
    }

    /// Whether a token can be a part of a chain.
    fn is_part(&self, index: TokenId) -> bool {
        self.tokens.get(index).is_some_and(|token| token.kind.is_identifier())
    }
}
