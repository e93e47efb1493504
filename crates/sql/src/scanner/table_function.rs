//! Table functions: `TABLE(name(arguments COPARTITION …))`, whose arguments may be tables and queries.

use super::ends::Ends;
use super::relation::FromScopes;
use super::{Level, Place, Role, Scan, Scanner, ScopeId};
use crate::keywords::Keyword;
use crate::lexer::Symbol;
use crate::span::Span;

impl Scanner<'_> {
    /// The call inside of `TABLE(…)`.
    pub(super) fn table_function(&mut self, scopes: FromScopes) -> Scan {
        self.name(Role::TableFunction, Level::Other)?;
        self.expect_symbol(Symbol::LeftParen, "'('")?;
        // What COPARTITION can name: the table arguments of this call and nothing else.
        let arguments = self.scopes.open(super::Scopes::NOTHING);
        if !self.is_symbol(0, Symbol::RightParen) {
            loop {
                self.table_function_argument(scopes, arguments)?;
                if !self.eat_symbol(Symbol::Comma) {
                    break;
                }
            }
        }
        if self.copartition_starts() {
            self.at += 1;
            self.copartition(arguments)?;
        }
        self.expect_symbol(Symbol::RightParen, "',' or ')'")
    }

    fn table_function_argument(&mut self, scopes: FromScopes, arguments: ScopeId) -> Scan {
        if self.is_identifier(0) && self.is_symbol(1, Symbol::FatArrow) {
            self.at += 2;
        }
        if self.word(0) == Keyword::Table && self.is_symbol(1, Symbol::LeftParen) {
            return self.table_argument(scopes, arguments);
        }
        let start = self.at;
        self.expression(scopes.local, Ends::TableArgument)?;
        if self.at == start { Err(self.expected("an argument")) } else { Ok(()) }
    }

    /// `TABLE '(' table | query ')' [[AS] alias] [PARTITION BY …] [PRUNE|KEEP WHEN EMPTY] [ORDER BY …]`
    fn table_argument(&mut self, scopes: FromScopes, arguments: ScopeId) -> Scan {
        self.at += 2;
        let own = self.scopes.open(scopes.local);
        let table = if self.query_or_parenthesised_query_starts() {
            self.query(scopes.outer, Place::Inner)?;
            None
        } else {
            Some(self.name(Role::Relation, Level::Table)?)
        };
        self.expect_symbol(Symbol::RightParen, "')'")?;
        let alias = self.table_argument_alias()?;
        let called = self.called(table, alias);
        // An argument names columns of its own clauses, of the SELECT around the call, and is named by COPARTITION.
        for scope in [own, scopes.local, arguments] {
            self.scopes.bind(scope, called.binding());
        }
        if self.copartition_starts() { Ok(()) } else { self.expression(own, Ends::TableArgument) }
    }

    fn table_argument_alias(&mut self) -> Scan<Option<Span>> {
        let clause = match self.word(0) {
            Keyword::Partition | Keyword::Order => self.word(1) == Keyword::By,
            Keyword::Prune | Keyword::Keep => self.word(1) == Keyword::When,
            _ => self.copartition_starts(),
        };
        if clause { Ok(None) } else { self.alias() }
    }

    /// `COPARTITION '('`, where it is no function.
    pub(super) fn copartition_starts(&self) -> bool {
        self.word(0) == Keyword::Copartition && self.is_symbol(1, Symbol::LeftParen)
    }

    /// `'(' name (',' name)+ ')' (',' …)*`
    fn copartition(&mut self, arguments: ScopeId) -> Scan {
        loop {
            self.expect_symbol(Symbol::LeftParen, "'('")?;
            loop {
                self.name_in(Role::Copartition, Level::Table, arguments)?;
                if !self.eat_symbol(Symbol::Comma) {
                    break;
                }
            }
            self.expect_symbol(Symbol::RightParen, "',' or ')'")?;
            if !self.eat_symbol(Symbol::Comma) {
                return Ok(());
            }
        }
    }
}
