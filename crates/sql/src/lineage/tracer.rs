//! The state of tracing one statement: its tokens, the caller's catalog, the names of WITH, and how much work is left.

use std::ops::Range;
use std::rc::Rc;

use sqlparser::ast::{Expr, Function, Ident, ObjectName};

use super::Columns;
use super::relation::Field;
use super::scope::Scope;
use super::shape::same_name;
use crate::keywords::Keyword;
use crate::lexer::{Symbol, TokenKind, identifier_value};
use crate::names::NameRef;
use crate::scanner::{NameId, TokenId};
use crate::second::token_of;
use crate::statement::Statement;

/// How many columns and sources are looked at before the rest counts as unknown. The largest statement that the second
/// reader takes needs far less, but WITH items that join each other twice double their columns with every item.
const MAX_WORK: usize = 1_000_000;

pub(super) struct Tracer<'s> {
    pub(super) statement: &'s Statement<'s>,
    pub(super) catalog: &'s dyn Columns,
    work: usize,
    /// How many recursive queries are open.
    pub(super) recursions: usize,
}

/// Where an expression or a relation stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    pub(super) with: &'p With<'p>,
    pub(super) scope: &'p Scope<'p>,
}

/// The queries of WITH that are visible.
#[derive(Default)]
pub(super) struct With<'p> {
    pub(super) items: Vec<(String, Rc<Vec<Field>>)>,
    pub(super) outer: Option<&'p With<'p>>,
}

impl With<'_> {
    pub(super) fn get(&self, name: &str) -> Option<&Rc<Vec<Field>>> {
        let here = self.items.iter().rev().find(|(known, _)| same_name(known, name));
        match (here, self.outer) {
            (Some((_, fields)), _) => Some(fields),
            (None, Some(outer)) => outer.get(name),
            (None, None) => None,
        }
    }
}

impl<'s> Tracer<'s> {
    pub(super) fn new(statement: &'s Statement<'s>, catalog: &'s dyn Columns) -> Self {
        Self { statement, catalog, work: MAX_WORK, recursions: 0 }
    }

    /// Whether there is work left for so many columns or sources.
    pub(super) fn spend(&mut self, amount: usize) -> bool {
        self.work = self.work.saturating_sub(amount);
        self.work > 0
    }

    pub(super) fn token_text(&self, at: TokenId) -> &'s str {
        self.statement.outline.tokens.get(at).map_or("", |token| token.span().of(self.statement.text()))
    }

    pub(super) fn kind(&self, at: TokenId) -> Option<TokenKind> {
        self.statement.outline.tokens.get(at).map(|token| token.kind)
    }

    pub(super) fn word(&self, at: TokenId) -> Keyword {
        match self.kind(at) {
            Some(TokenKind::Word(word)) => word,
            _ => Keyword::Plain,
        }
    }

    pub(super) fn is_symbol(&self, at: TokenId, symbol: Symbol) -> bool {
        self.kind(at) == Some(TokenKind::Symbol(symbol))
    }

    /// One past the bracket that closes the one at `at`.
    pub(super) fn group_end(&self, at: TokenId) -> TokenId {
        let tokens = &self.statement.outline.tokens;
        let mut depth = 0_usize;
        for (index, token) in tokens.iter().enumerate().skip(at) {
            match token.kind {
                TokenKind::Symbol(Symbol::LeftParen | Symbol::LeftBracket) => depth += 1,
                TokenKind::Symbol(Symbol::RightParen | Symbol::RightBracket) => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return index + 1;
            }
        }
        tokens.len()
    }

    /// The pieces between the commas of a range, outside of inner brackets.
    pub(super) fn pieces(&self, range: Range<TokenId>) -> Vec<Range<TokenId>> {
        let mut pieces = Vec::new();
        let (mut start, mut at) = (range.start, range.start);
        while at < range.end {
            match self.kind(at) {
                Some(TokenKind::Symbol(Symbol::Comma)) => {
                    pieces.push(start..at);
                    start = at + 1;
                    at += 1;
                }
                Some(TokenKind::Symbol(Symbol::LeftParen | Symbol::LeftBracket)) => at = self.group_end(at),
                _ => at += 1,
            }
        }
        pieces.push(start..range.end);
        pieces
    }

    /// The names in a list in parentheses that begins at `at`, as typed; empty when none begins there.
    pub(super) fn name_list(&self, at: TokenId) -> Vec<&'s str> {
        if !self.is_symbol(at, Symbol::LeftParen) {
            return Vec::new();
        }
        let pieces = self.pieces(at + 1..self.group_end(at) - 1);
        let names = pieces.into_iter().filter(|piece| !piece.is_empty());
        names.map(|piece| self.token_text(piece.start)).collect()
    }

    /// What [`canonical`] makes of an identifier of the tree.
    pub(super) fn canonical_name(&self, name: &Ident) -> Rc<str> {
        token_of(name.span).map_or_else(|| ident_name(name), |at| canonical(self.token_text(at)))
    }

    /// The name of the statement that begins at a token.
    pub(super) fn name_at(&self, at: TokenId) -> Option<(NameId, &'s NameRef)> {
        let index = self.statement.outline.names.binary_search_by_key(&at, |site| site.first).ok()?;
        Some((index, self.statement.own_names().get(index)?))
    }

    /// The same for a name in the tree.
    pub(super) fn name_of(&self, name: &ObjectName) -> Option<(NameId, &'s NameRef)> {
        self.name_at(token_of(name.0.first()?.as_ident()?.span)?)
    }
}

/// The value of an identifier, as it is typed.
pub(super) fn typed(text: &str) -> Rc<str> {
    identifier_value(text).as_ref().into()
}

/// The value of an identifier, with upper-case letters where it has no quotes, as Trino names the columns of
/// `t.* AS (a)` and `TABLE(f()) AS t (a)`.
pub(super) fn canonical(text: &str) -> Rc<str> {
    match text.starts_with('"') {
        true => typed(text),
        false => text.to_uppercase().into(),
    }
}

pub(super) fn ident_name(ident: &Ident) -> Rc<str> {
    ident.value.as_str().into()
}

/// The token in whose place a function stands.
pub(super) fn function_token(function: &Function) -> Option<TokenId> {
    token_of(last_part(&function.name)?.span)
}

/// The function that UNNEST has in the place of something else, and the token that it stands for.
pub(super) fn stand_in(values: &[Expr]) -> Option<(&Function, TokenId)> {
    let [Expr::Function(function)] = values else { return None };
    Some((function, function_token(function)?))
}

/// The last part of a name.
pub(super) fn last_part(name: &ObjectName) -> Option<&Ident> {
    name.0.last()?.as_ident()
}
