//! Queries: WITH, set operations, SELECT, VALUES, TABLE, and the OFFSET, LIMIT and FETCH behind them.

use super::ends::Ends;
use super::{Binding, Level, Place, Role, Scan, Scanner, ScopeId, Scopes, Tail};
use crate::keywords::Keyword;
use crate::lexer::{Symbol, identifier_key};

impl Scanner<'_> {
    /// Whether SELECT, VALUES, WITH or TABLE begins a query `ahead` tokens from here. Right behind an opening
    /// parenthesis it does so whatever follows, but for `TABLE(…)`, a table function.
    pub(super) fn query_starts(&self, ahead: usize) -> bool {
        match self.word(ahead) {
            Keyword::Select | Keyword::Values | Keyword::With => true,
            Keyword::Table => !self.is_symbol(ahead + 1, Symbol::LeftParen),
            _ => false,
        }
    }

    /// The same, also behind any number of opening parentheses.
    pub(super) fn query_or_parenthesised_query_starts(&self) -> bool {
        let mut ahead = 0;
        while self.is_symbol(ahead, Symbol::LeftParen) {
            ahead += 1;
        }
        self.query_starts(ahead)
    }

    /// A query with inline functions and session properties before it.
    pub(super) fn root_query(&mut self, place: Place) -> Scan {
        let start = self.at;
        while self.word(0) == Keyword::With {
            match self.word(1) {
                Keyword::Session if self.is_identifier(2) => self.with_session()?,
                Keyword::Function if self.is_identifier(2) => self.with_functions()?,
                _ => break,
            }
        }
        if self.at > start {
            self.landmarks.asides.push(start..self.at);
        }
        self.query(Scopes::NOTHING, place)
    }

    /// `WITH SESSION property = value, …`
    fn with_session(&mut self) -> Scan {
        self.at += 2;
        loop {
            self.path("a session property")?;
            self.expect_symbol(Symbol::Equal, "'='")?;
            self.expression(Scopes::NOTHING, Ends::RootQuery)?;
            if !self.eat_symbol(Symbol::Comma) {
                return Ok(());
            }
        }
    }

    /// `WITH … query`. Columns of the queries around it are seen through `scope`.
    pub(super) fn query(&mut self, scope: ScopeId, place: Place) -> Scan {
        self.nested(|scanner| {
            let visible = if scanner.eat(Keyword::With) { scanner.with_items(scope)? } else { Vec::new() };
            scanner.query_without_with(scope, place)?;
            for name in visible {
                scanner.hide_cte(&name);
            }
            Ok(())
        })
    }

    /// The items of WITH. Each is visible to those behind it, with RECURSIVE also to itself; gives their names.
    fn with_items(&mut self, scope: ScopeId) -> Scan<Vec<String>> {
        let recursive = self.eat(Keyword::Recursive);
        let mut visible = Vec::new();
        loop {
            let token = self.identifier("the name of a WITH query")?;
            let name = identifier_key(self.token_text(token));
            if self.is_symbol(0, Symbol::LeftParen) {
                self.identifier_list()?;
            }
            self.expect(Keyword::As, "AS")?;
            self.expect_symbol(Symbol::LeftParen, "'('")?;
            if recursive {
                self.show_cte(&name);
            }
            self.query(scope, Place::Inner)?;
            self.expect_symbol(Symbol::RightParen, "')'")?;
            if !recursive {
                self.show_cte(&name);
            }
            visible.push(name);
            if !self.eat_symbol(Symbol::Comma) {
                return Ok(visible);
            }
        }
    }

    fn show_cte(&mut self, name: &str) {
        *self.ctes.entry(name.to_owned()).or_default() += 1;
    }

    fn hide_cte(&mut self, name: &str) {
        if let Some(count) = self.ctes.get_mut(name) {
            *count -= 1;
            if *count == 0 {
                self.ctes.remove(name);
            }
        }
    }

    fn query_without_with(&mut self, scope: ScopeId, place: Place) -> Scan {
        let select_scope = self.query_term(scope)?;
        if self.eat_all(&[Keyword::Order, Keyword::By]) {
            self.expression(select_scope.unwrap_or(scope), Ends::Clause)?;
        }
        let tail = self.query_tail(place)?;
        if place == Place::Outermost {
            self.tail = Some(tail);
        }
        Ok(())
    }

    /// Gives the scope that ORDER BY sees when the term is one single SELECT or TABLE.
    fn query_term(&mut self, scope: ScopeId) -> Scan<Option<ScopeId>> {
        let first = self.query_primary(scope)?;
        if !self.word(0).is_set_operator() {
            return Ok(first);
        }
        self.set_operations(scope)?;
        Ok(None)
    }

    /// What may follow a query in parentheses inside of FROM.
    pub(super) fn rest_of_query(&mut self, scope: ScopeId) -> Scan {
        self.set_operations(scope)?;
        if self.eat_all(&[Keyword::Order, Keyword::By]) {
            self.expression(scope, Ends::Clause)?;
        }
        self.query_tail(Place::Inner).map(drop)
    }

    /// `(UNION … query_primary)*`
    pub(super) fn set_operations(&mut self, scope: ScopeId) -> Scan {
        while self.word(0).is_set_operator() {
            self.at += 1;
            self.eat_any(&[Keyword::All, Keyword::Distinct]);
            if self.eat(Keyword::Corresponding) && self.eat(Keyword::By) {
                self.identifier_list()?;
            }
            self.query_primary(scope)?;
        }
        Ok(())
    }

    /// Whether what follows the set operator here is a query. In the PLAN of a JSON_TABLE it is not.
    pub(super) fn set_operand_follows(&self) -> bool {
        let mut ahead = 1;
        while matches!(self.word(ahead), Keyword::All | Keyword::Distinct | Keyword::Corresponding) {
            ahead += 1;
        }
        if self.word(ahead) == Keyword::By {
            return true;
        }
        while self.is_symbol(ahead, Symbol::LeftParen) {
            ahead += 1;
        }
        self.query_starts(ahead)
    }

    fn query_primary(&mut self, scope: ScopeId) -> Scan<Option<ScopeId>> {
        if self.is_symbol(0, Symbol::LeftParen) {
            self.at += 1;
            self.query(scope, Place::Inner)?;
            self.expect_symbol(Symbol::RightParen, "')'")?;
            return Ok(None);
        }
        match self.word(0) {
            Keyword::Select => self.select(scope).map(Some),
            Keyword::Table => {
                self.at += 1;
                let own = self.scopes.open(scope);
                let name = self.name(Role::Relation, Level::Table)?;
                self.scopes.bind(own, Some(Binding::Table(name)));
                Ok(Some(own))
            }
            Keyword::Values => {
                self.at += 1;
                self.expression(scope, Ends::Clause)?;
                Ok(None)
            }
            _ => Err(self.expected("a query")),
        }
    }

    /// `SELECT … [FROM …] [WHERE …] [GROUP BY …] [HAVING …] [WINDOW …]`; gives its scope.
    fn select(&mut self, outer: ScopeId) -> Scan<ScopeId> {
        self.at += 1;
        let scope = self.scopes.open(outer);
        if !self.eat(Keyword::Distinct) && self.is_symbol(1, Symbol::Star) {
            // ALL could be a column that is multiplied, but `ALL *` must not end with an operator.
            self.eat(Keyword::All);
        }
        self.expression(scope, Ends::SelectList)?;
        if self.eat(Keyword::From) {
            self.comma_relations(scope, outer)?;
        }
        if self.eat(Keyword::Where) {
            self.expression(scope, Ends::Clause)?;
        }
        if self.eat_all(&[Keyword::Group, Keyword::By]) {
            self.expression(scope, Ends::Clause)?;
        }
        if self.eat(Keyword::Having) {
            self.expression(scope, Ends::Clause)?;
        }
        if self.word(0) == Keyword::Window && self.soft_clause_starts() {
            self.at += 1;
            self.expression(scope, Ends::Clause)?;
        }
        Ok(scope)
    }

    /// `[OFFSET n [ROW|ROWS]] [LIMIT n|ALL | FETCH FIRST|NEXT [n] ROW|ROWS ONLY|WITH TIES]`. The user's own window may
    /// also be written `LIMIT n OFFSET n`: it is written anew for Trino, which refuses that order.
    fn query_tail(&mut self, place: Place) -> Scan<Tail> {
        let mut tail = Tail::default();
        self.offset_clause(&mut tail)?;
        match self.word(0) {
            Keyword::Limit => {
                tail.limit = Some(self.at);
                self.at += 1;
                if !self.is_count(0) && self.word(0) != Keyword::All {
                    return Err(self.expected("a whole number or ALL"));
                }
                tail.limit_count = Some(self.at);
                self.at += 1;
                if place == Place::Outermost && tail.offset.is_none() {
                    self.offset_clause(&mut tail)?;
                    tail.reversed = tail.offset.is_some();
                }
            }
            Keyword::Fetch => self.fetch_clause(&mut tail)?,
            _ => {}
        }
        Ok(tail)
    }

    fn offset_clause(&mut self, tail: &mut Tail) -> Scan {
        if self.word(0) != Keyword::Offset {
            return Ok(());
        }
        tail.offset = Some(self.at);
        self.at += 1;
        if !self.is_count(0) {
            return Err(self.expected("a whole number"));
        }
        tail.offset_count = Some(self.at);
        self.at += 1;
        self.eat_any(&[Keyword::Row, Keyword::Rows]);
        Ok(())
    }

    fn fetch_clause(&mut self, tail: &mut Tail) -> Scan {
        tail.fetch = Some(self.at);
        self.at += 1;
        if !self.eat_any(&[Keyword::First, Keyword::Next]) {
            return Err(self.expected("FIRST or NEXT"));
        }
        if self.is_count(0) {
            tail.fetch_count = Some(self.at);
            self.at += 1;
        }
        if !self.eat_any(&[Keyword::Row, Keyword::Rows]) {
            return Err(self.expected("ROW or ROWS"));
        }
        if self.eat_all(&[Keyword::With, Keyword::Ties]) {
            tail.ties = true;
            return Ok(());
        }
        self.expect(Keyword::Only, "ONLY or WITH TIES")
    }
}
