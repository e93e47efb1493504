//! The FROM clause: relations, joins, aliases, MATCH_RECOGNIZE, and what each of them makes visible.

use super::ends::Ends;
use super::{Binding, Level, NameId, Place, Role, Scan, Scanner, ScopeId, TokenId};
use crate::keywords::Keyword;
use crate::lexer::Symbol;
use crate::span::Span;

/// Where relations are bound, and what a sub-query in FROM sees of its surroundings.
#[derive(Debug, Clone, Copy)]
pub(super) struct FromScopes {
    pub(super) local: ScopeId,
    pub(super) outer: ScopeId,
}

/// What an opening parenthesis in FROM turned out to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parenthesised {
    Query,
    Relation,
}

/// The right side of a join that waits for its criteria.
#[derive(Debug, Clone, Copy)]
pub(super) struct RightSide {
    start: TokenId,
    /// Whether it is a join itself, without parentheses.
    is_join: bool,
}

/// What a relation is called from outside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Called {
    table: Option<NameId>,
    alias: Option<Span>,
}

impl Called {
    pub(super) fn binding(self) -> Option<Binding> {
        self.alias.map(Binding::Alias).or(self.table.map(Binding::Table))
    }
}

impl Scanner<'_> {
    /// `relation (',' relation)*`
    pub(super) fn comma_relations(&mut self, local: ScopeId, outer: ScopeId) -> Scan {
        loop {
            self.relation(FromScopes { local, outer })?;
            if !self.eat_symbol(Symbol::Comma) {
                return Ok(());
            }
        }
    }

    /// One relation with all its joins.
    pub(super) fn relation(&mut self, scopes: FromScopes) -> Scan {
        self.sampled_relation(scopes)?;
        self.joins(scopes)
    }

    pub(super) fn join_starts(&self) -> bool {
        matches!(
            self.word(0),
            Keyword::Cross
                | Keyword::Join
                | Keyword::Inner
                | Keyword::Left
                | Keyword::Right
                | Keyword::Full
                | Keyword::Natural
        )
    }

    /// Joins nest to the right: in `a JOIN b JOIN c ON … ON …` the first ON belongs to the inner join. Keeping the joins
    /// that still want theirs reads the same language without recursion.
    fn joins(&mut self, scopes: FromScopes) -> Scan {
        let waiting_around = self.waiting_joins.len();
        loop {
            if self.join_starts() {
                if let Some(right) = self.waiting_joins[waiting_around..].last_mut() {
                    right.is_join = true;
                }
                let complete = self.join_words()?;
                let start = self.at;
                self.sampled_relation(scopes)?;
                if !complete {
                    self.waiting_joins.push(RightSide { start, is_join: false });
                }
                continue;
            }
            if self.waiting_joins.len() == waiting_around {
                return Ok(());
            }
            let right = self.waiting_joins.pop();
            if let Some(right) = right.filter(|right| right.is_join) {
                self.landmarks.nested_joins.push(right.start..self.at);
            }
            if self.eat(Keyword::On) {
                self.expression(scopes.local, Ends::JoinCondition)?;
            } else if self.eat(Keyword::Using) {
                self.identifier_list()?;
            } else {
                return Err(self.expected("ON or USING"));
            }
        }
    }

    /// `[NATURAL] [INNER | LEFT|RIGHT|FULL [OUTER]] JOIN` or `CROSS JOIN`; gives whether it needs no criteria.
    fn join_words(&mut self) -> Scan<bool> {
        let complete = if self.eat(Keyword::Cross) {
            true
        } else {
            let natural = self.eat(Keyword::Natural);
            if self.eat_any(&[Keyword::Left, Keyword::Right, Keyword::Full]) {
                self.eat(Keyword::Outer);
            } else {
                self.eat(Keyword::Inner);
            }
            natural
        };
        self.expect(Keyword::Join, "JOIN")?;
        Ok(complete)
    }

    /// A relation with its alias, MATCH_RECOGNIZE and TABLESAMPLE, bound to its scope.
    fn sampled_relation(&mut self, scopes: FromScopes) -> Scan {
        self.nested(|scanner| {
            let table = scanner.relation_primary(scopes)?;
            scanner.relation_suffix(scopes, table)
        })
    }

    /// What follows a relation.
    fn relation_suffix(&mut self, scopes: FromScopes, table: Option<NameId>) -> Scan {
        let alias = self.alias()?;
        let mut called = self.called(table, alias);
        if self.match_recognize_starts() {
            self.at += 1;
            let inside = self.scopes.open(scopes.local);
            self.scopes.bind(inside, called.binding());
            self.pattern_group(inside)?;
            let alias = self.alias()?;
            called = self.called(None, alias);
        }
        if self.word(0) == Keyword::Tablesample && self.soft_clause_starts() {
            self.at += 2;
            self.group(scopes.local)?;
        }
        self.scopes.bind(scopes.local, called.binding());
        Ok(())
    }

    /// Gives the table when the relation is one.
    fn relation_primary(&mut self, scopes: FromScopes) -> Scan<Option<NameId>> {
        let parenthesis = self.is_symbol(1, Symbol::LeftParen);
        match self.word(0) {
            Keyword::Unnest => {
                self.at += 1;
                self.group(scopes.local)?;
                // CREATE TABLE AS may end WITH NO DATA.
                self.eat_all(&[Keyword::With, Keyword::Ordinality]);
            }
            Keyword::Lateral if parenthesis => {
                self.at += 2;
                self.query(scopes.local, Place::Inner)?;
                self.expect_symbol(Symbol::RightParen, "')'")?;
            }
            Keyword::Table if parenthesis => {
                self.at += 2;
                self.table_function(scopes)?;
                self.expect_symbol(Symbol::RightParen, "')'")?;
            }
            Keyword::JsonTable => {
                self.at += 1;
                self.group(scopes.local)?;
            }
            Keyword::Nearest if parenthesis && self.word(2) == Keyword::From => self.nearest(scopes)?,
            _ if self.is_symbol(0, Symbol::LeftParen) => {
                self.parenthesised(scopes)?;
            }
            _ => {
                let name = self.name(Role::Relation, Level::Table)?;
                self.query_period(scopes.local)?;
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// `FOR TIMESTAMP|VERSION AS OF value`
    fn query_period(&mut self, scope: ScopeId) -> Scan {
        let start = self.at;
        if self.eat(Keyword::For) {
            if !self.eat_any(&[Keyword::Timestamp, Keyword::Version]) {
                return Err(self.expected("TIMESTAMP or VERSION"));
            }
            self.expect(Keyword::As, "AS OF")?;
            self.expect(Keyword::Of, "OF")?;
            self.value_expression(scope)?;
            self.landmarks.asides.push(start..self.at);
        }
        Ok(())
    }

    /// `NEAREST '(' FROM relation [WHERE …] MATCH … ')'`
    fn nearest(&mut self, scopes: FromScopes) -> Scan {
        self.at += 3;
        self.nearest_depth += 1;
        self.relation(scopes)?;
        if self.eat(Keyword::Where) {
            self.expression(scopes.local, Ends::NearestMatch)?;
        }
        self.nearest_depth -= 1;
        self.expect(Keyword::Match, "MATCH")?;
        self.expression(scopes.local, Ends::Closing)?;
        self.expect_symbol(Symbol::RightParen, "')'")
    }

    /// `'(' query ')'` or `'(' relation ')'`. Behind several parentheses only what follows the inner ones tells which:
    /// `((SELECT 1) UNION SELECT 2)` is a query, `((SELECT 1) a JOIN b ON …)` a relation.
    fn parenthesised(&mut self, scopes: FromScopes) -> Scan<Parenthesised> {
        let opened = self.at;
        let holds = self.what_is_parenthesised(scopes)?;
        if holds == Parenthesised::Relation {
            self.landmarks.relations.push(opened);
        }
        Ok(holds)
    }

    fn what_is_parenthesised(&mut self, scopes: FromScopes) -> Scan<Parenthesised> {
        self.at += 1;
        if self.query_starts(0) {
            self.query(scopes.outer, Place::Inner)?;
            self.expect_symbol(Symbol::RightParen, "')'")?;
            return Ok(Parenthesised::Query);
        }
        if !self.is_symbol(0, Symbol::LeftParen) {
            self.relation(scopes)?;
            self.expect_symbol(Symbol::RightParen, "')'")?;
            return Ok(Parenthesised::Relation);
        }
        let inner = self.nested(|scanner| scanner.parenthesised(scopes))?;
        if inner == Parenthesised::Query {
            if self.eat_symbol(Symbol::RightParen) {
                return Ok(Parenthesised::Query);
            }
            if self.query_goes_on() {
                self.rest_of_query(scopes.outer)?;
                self.expect_symbol(Symbol::RightParen, "')'")?;
                return Ok(Parenthesised::Query);
            }
        }
        self.relation_suffix(scopes, None)?;
        self.joins(scopes)?;
        self.expect_symbol(Symbol::RightParen, "')'")?;
        Ok(Parenthesised::Relation)
    }

    /// Whether a set operation, ORDER BY, OFFSET, LIMIT or FETCH follows a query in parentheses.
    fn query_goes_on(&self) -> bool {
        let word = self.word(0);
        word.is_set_operator()
            || word == Keyword::Order
            || (matches!(word, Keyword::Limit | Keyword::Offset | Keyword::Fetch) && self.soft_clause_starts())
    }

    /// What the relation that has just ended is called: by its alias, or by its name. Where it has no alias, one could
    /// stand here.
    pub(super) fn called(&mut self, table: Option<NameId>, alias: Option<Span>) -> Called {
        if let (Some(table), None) = (table, alias) {
            self.names[table].alias_behind = self.at.checked_sub(1);
        }
        Called { table, alias }
    }

    /// `[AS] alias ['(' column, … ')']`, if it stands here.
    pub(super) fn alias(&mut self) -> Scan<Option<Span>> {
        let explicit = self.eat(Keyword::As);
        if !explicit && (!self.is_identifier(0) || self.relation_suffix_starts()) {
            return Ok(None);
        }
        let token = self.identifier("an alias")?;
        if self.is_symbol(0, Symbol::LeftParen) {
            self.identifier_list()?;
        }
        Ok(Some(self.tokens[token].span()))
    }

    /// Whether the identifier here is no alias but begins what follows a relation.
    fn relation_suffix_starts(&self) -> bool {
        self.soft_clause_starts()
            || self.match_recognize_starts()
            || (self.nearest_depth > 0 && self.word(0) == Keyword::Match)
    }

    /// `MATCH_RECOGNIZE '('`, unless it is an alias with a list of columns.
    fn match_recognize_starts(&self) -> bool {
        self.word(0) == Keyword::MatchRecognize && self.is_symbol(1, Symbol::LeftParen) && !self.is_identifier_list(1)
    }
}
