//! Statements that change or maintain the rows of a table: INSERT, DELETE, UPDATE, MERGE, TRUNCATE, ANALYZE, REFRESH,
//! and COMMENT.

use super::ends::Ends;
use super::relation::FromScopes;
use super::{Binding, Level, NameId, Place, Role, Scan, Scanner, ScopeId, Scopes};
use crate::keywords::Keyword;
use crate::kind::StatementKind;
use crate::lexer::Symbol;

impl Scanner<'_> {
    /// A table that is written, its branch, and a scope in which its columns can be qualified.
    fn target(&mut self) -> Scan<(NameId, ScopeId)> {
        let table = self.name(Role::Target, Level::Table)?;
        self.branch_suffix()?;
        Ok((table, self.scopes.open(Scopes::NOTHING)))
    }

    fn bound_target(&mut self) -> Scan<ScopeId> {
        let (table, scope) = self.target()?;
        self.scopes.bind(scope, Some(Binding::Table(table)));
        Ok(scope)
    }

    pub(super) fn insert(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.expect(Keyword::Into, "INTO")?;
        self.target()?;
        if self.is_symbol(0, Symbol::LeftParen) && self.is_identifier(1) {
            self.identifier_list()?;
        }
        self.root_query(Place::Inner)?;
        Ok(StatementKind::Insert)
    }

    pub(super) fn delete(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.expect(Keyword::From, "FROM")?;
        let scope = self.bound_target()?;
        self.where_clause(scope)?;
        Ok(StatementKind::Delete)
    }

    pub(super) fn update(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        let scope = self.bound_target()?;
        self.expect(Keyword::Set, "SET")?;
        self.expression(scope, Ends::Clause)?;
        self.where_clause(scope)?;
        Ok(StatementKind::Update)
    }

    /// `[WHERE condition]`
    pub(super) fn where_clause(&mut self, scope: ScopeId) -> Scan {
        if self.eat(Keyword::Where) { self.expression(scope, Ends::Closing) } else { Ok(()) }
    }

    pub(super) fn merge(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.expect(Keyword::Into, "INTO")?;
        let (table, scope) = self.target()?;
        let alias = self.alias()?;
        let called = self.called(Some(table), alias);
        self.scopes.bind(scope, called.binding());
        self.expect(Keyword::Using, "USING")?;
        self.relation(FromScopes { local: scope, outer: Scopes::NOTHING })?;
        self.expect(Keyword::On, "ON")?;
        self.expression(scope, Ends::JoinCondition)?;
        loop {
            self.merge_case(scope)?;
            if self.word(0) != Keyword::When {
                return Ok(StatementKind::Merge);
            }
        }
    }

    /// `WHEN [NOT] MATCHED [AND …] THEN (UPDATE SET … | DELETE | INSERT [(…)] VALUES (…))`
    fn merge_case(&mut self, scope: ScopeId) -> Scan {
        self.expect(Keyword::When, "WHEN")?;
        self.eat(Keyword::Not);
        self.expect(Keyword::Matched, "MATCHED")?;
        if self.eat(Keyword::And) {
            self.expression(scope, Ends::Then)?;
        }
        self.expect(Keyword::Then, "THEN")?;
        if self.eat(Keyword::Delete) {
            return Ok(());
        }
        if self.eat(Keyword::Update) {
            self.expect(Keyword::Set, "SET")?;
            return self.expression(scope, Ends::MergeAction);
        }
        self.expect(Keyword::Insert, "UPDATE, DELETE or INSERT")?;
        if self.is_symbol(0, Symbol::LeftParen) {
            self.identifier_list()?;
        }
        self.expect(Keyword::Values, "VALUES")?;
        self.group(scope)
    }

    pub(super) fn truncate(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.expect(Keyword::Table, "TABLE")?;
        self.name(Role::Target, Level::Table)?;
        Ok(StatementKind::TruncateTable)
    }

    pub(super) fn analyze(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.name(Role::Object, Level::Table)?;
        self.properties()?;
        Ok(StatementKind::Analyze)
    }

    pub(super) fn refresh(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        if !self.eat_all(&[Keyword::Materialized, Keyword::View]) {
            return Err(self.unsupported());
        }
        self.name(Role::Object, Level::Table)?;
        Ok(StatementKind::RefreshMaterializedView)
    }

    pub(super) fn comment(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.expect(Keyword::On, "ON")?;
        let (role, level) = match self.word(0) {
            Keyword::Table | Keyword::View => (Role::Object, Level::Table),
            Keyword::Column => (Role::CommentColumn, Level::Column),
            _ => return Err(self.unsupported()),
        };
        self.at += 1;
        self.name(role, level)?;
        self.expect(Keyword::Is, "IS")?;
        if !self.eat(Keyword::Null) {
            self.string()?;
        }
        Ok(StatementKind::Comment)
    }
}
