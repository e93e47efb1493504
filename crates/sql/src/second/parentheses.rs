//! Parentheses around relations and queries in which sqlparser expects something else.

use sqlparser::tokenizer::Token as Plain;

use super::NotParsed;
use super::simplify::Simplifier;
use crate::keywords::Keyword;
use crate::lexer::{Symbol, TokenKind};
use crate::scanner::{Landmarks, TokenId};

/// Where relations and joins are grouped, each in order.
pub(super) struct Groups {
    /// Parentheses around relations.
    relations: Vec<TokenId>,
    /// Where a join without parentheses begins that is the right side of another one.
    join_starts: Vec<TokenId>,
    /// What follows such a join.
    join_ends: Vec<TokenId>,
}

impl Groups {
    pub(super) fn of(landmarks: &Landmarks) -> Self {
        let sorted = |mut tokens: Vec<TokenId>| {
            tokens.sort_unstable();
            tokens
        };
        let joins = || landmarks.nested_joins.iter();
        Self {
            relations: sorted(landmarks.relations.clone()),
            join_starts: sorted(joins().map(|join| join.start).collect()),
            join_ends: sorted(joins().map(|join| join.end).collect()),
        }
    }
}

impl Simplifier<'_> {
    /// `a JOIN b JOIN c ON … ON …` as `a JOIN (b JOIN c ON …) ON …`: sqlparser joins from left to right.
    pub(super) fn nested_joins(&mut self, at: TokenId) {
        if self.groups.join_ends.binary_search(&at).is_ok() {
            self.put(Plain::RParen);
        }
        if self.groups.join_starts.binary_search(&at).is_ok() {
            self.put(Plain::LParen);
        }
    }

    /// Whether relations in parentheses begin at `at` that have an alias.
    pub(super) fn is_aliased_relation(&self, at: TokenId) -> bool {
        self.groups.relations.binary_search(&at).is_ok() && {
            let end = self.group_end(at);
            self.relation_alias_end(end) > end
        }
    }

    /// `(t a) b` as `(SELECT * FROM t a) b`: sqlparser takes no alias behind a relation that has one.
    pub(super) fn aliased_relation(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        self.put_token(at)?;
        self.select_all_from();
        Ok(at + 1)
    }

    /// Whether a query in parentheses begins at `at` where a value is expected, and does not begin with SELECT or WITH.
    pub(super) fn is_query_for_a_value(&self, at: TokenId) -> bool {
        if !self.is_symbol(at, Symbol::LeftParen) || !self.expects_a_value(at) {
            return false;
        }
        if self.word(at + 1) == Keyword::Values {
            return true;
        }
        let mut inside = at + 1;
        while self.is_symbol(inside, Symbol::LeftParen) {
            inside += 1;
        }
        let begins = matches!(self.word(inside), Keyword::Select | Keyword::Values | Keyword::Table | Keyword::With);
        begins && inside > at + 1 && {
            let end = self.group_end(at + 1);
            self.word(end).is_set_operator() || self.starts_tail(end)
        }
    }

    /// `((SELECT 1) LIMIT 1)` as `(SELECT * FROM ((SELECT 1) LIMIT 1))`.
    pub(super) fn query_for_a_value(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        let end = self.group_end(at);
        self.put(Plain::LParen);
        self.select_all_from();
        self.put_token(at)?;
        self.range(at + 1..end)?;
        self.put(Plain::RParen);
        Ok(end)
    }

    /// Whether what stands before `at` is followed by a value. Where it may be followed by a relation as well, a query is
    /// the same inside of another one.
    fn expects_a_value(&self, at: TokenId) -> bool {
        match at.checked_sub(1).and_then(|before| self.kind(before)) {
            Some(TokenKind::Word(_)) if self.is_behind_set_operator(at) => false,
            Some(TokenKind::Word(word)) if word.is_reserved() => !matches!(
                word,
                Keyword::As | Keyword::From | Keyword::Join | Keyword::In | Keyword::Exists | Keyword::Using
            ),
            // sqlparser reads no other sub-query behind these either.
            Some(TokenKind::Word(_)) => ["ALL", "ANY", "SOME"].iter().any(|word| self.is_text(at - 1, word)),
            Some(TokenKind::Symbol(symbol)) => {
                !matches!(symbol, Symbol::RightParen | Symbol::RightBracket | Symbol::Dot)
            }
            _ => false,
        }
    }
}
