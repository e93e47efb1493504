//! Looking at tokens and moving over them; the names and identifiers that every part of the grammar has.

use super::{Level, NameId, NameSite, Role, Scan, Scanner, ScopeId, Scopes, TokenId};
use crate::error::{Fault, SqlErrorCode};
use crate::keywords::Keyword;
use crate::lexer::{Symbol, TokenKind, identifier_key};

/// Most parts of a name. The deepest names of OpenMetadata, of files in folders of containers, are far from it.
const MAX_PARTS: usize = 64;

impl Scanner<'_> {
    pub(super) fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(super) fn kind(&self, ahead: usize) -> Option<TokenKind> {
        self.tokens.get(self.at + ahead).map(|token| token.kind)
    }

    /// The keyword `ahead` tokens from here; `Plain` when there is another word or none.
    pub(super) fn word(&self, ahead: usize) -> Keyword {
        match self.kind(ahead) {
            Some(TokenKind::Word(keyword)) => keyword,
            _ => Keyword::Plain,
        }
    }

    pub(super) fn kind_before(&self, back: usize) -> Option<TokenKind> {
        Some(self.tokens.get(self.at.checked_sub(back)?)?.kind)
    }

    /// The keyword `back` tokens before this one; `Plain` when there is none.
    pub(super) fn word_before(&self, back: usize) -> Keyword {
        match self.kind_before(back) {
            Some(TokenKind::Word(keyword)) => keyword,
            _ => Keyword::Plain,
        }
    }

    pub(super) fn is_symbol(&self, ahead: usize, symbol: Symbol) -> bool {
        self.kind(ahead) == Some(TokenKind::Symbol(symbol))
    }

    pub(super) fn is_string(&self, ahead: usize) -> bool {
        self.kind(ahead) == Some(TokenKind::String)
    }

    pub(super) fn is_identifier(&self, ahead: usize) -> bool {
        self.kind(ahead).is_some_and(TokenKind::is_identifier)
    }

    /// Whether a LIMIT or OFFSET count stands there.
    pub(super) fn is_count(&self, ahead: usize) -> bool {
        self.kind(ahead) == Some(TokenKind::Integer) || self.is_symbol(ahead, Symbol::Question)
    }

    pub(super) fn token_text(&self, index: TokenId) -> &str {
        self.tokens.get(index).map_or("", |token| token.span().of(self.text))
    }

    pub(super) fn eat(&mut self, keyword: Keyword) -> bool {
        let found = self.word(0) == keyword;
        self.at += usize::from(found);
        found
    }

    /// Eats all of the words, or nothing.
    pub(super) fn eat_all(&mut self, keywords: &[Keyword]) -> bool {
        let found = keywords.iter().enumerate().all(|(ahead, keyword)| self.word(ahead) == *keyword);
        if found {
            self.at += keywords.len();
        }
        found
    }

    /// Eats one of the words, or nothing.
    pub(super) fn eat_any(&mut self, keywords: &[Keyword]) -> bool {
        keywords.iter().any(|keyword| self.eat(*keyword))
    }

    pub(super) fn eat_symbol(&mut self, symbol: Symbol) -> bool {
        let found = self.is_symbol(0, symbol);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, keyword: Keyword, what: &'static str) -> Scan {
        if self.eat(keyword) { Ok(()) } else { Err(self.expected(what)) }
    }

    pub(super) fn expect_symbol(&mut self, symbol: Symbol, what: &'static str) -> Scan {
        if self.eat_symbol(symbol) { Ok(()) } else { Err(self.expected(what)) }
    }

    pub(super) fn string(&mut self) -> Scan {
        if !self.is_string(0) {
            return Err(self.expected("a string"));
        }
        self.at += 1;
        // U&'…' may say what its escapes begin with.
        if self.word(0) == Keyword::Uescape && self.is_string(1) {
            self.at += 2;
        }
        Ok(())
    }

    pub(super) fn identifier(&mut self, what: &'static str) -> Scan<TokenId> {
        if !self.is_identifier(0) {
            return Err(self.expected(what));
        }
        self.at += 1;
        Ok(self.at - 1)
    }

    /// `identifier ('.' identifier)*`, with nothing recorded.
    pub(super) fn path(&mut self, what: &'static str) -> Scan<(TokenId, TokenId)> {
        let first = self.identifier(what)?;
        while self.is_symbol(0, Symbol::Dot) && self.is_identifier(1) {
            self.at += 2;
        }
        Ok((first, self.at - 1))
    }

    /// A path that is recorded as a name.
    pub(super) fn name(&mut self, role: Role, level: Level) -> Scan<NameId> {
        self.name_in(role, level, Scopes::NOTHING)
    }

    pub(super) fn name_in(&mut self, role: Role, level: Level, scope: ScopeId) -> Scan<NameId> {
        let what = match level {
            Level::Table => "a table name",
            Level::Column => "a column name",
            Level::Schema => "a schema name",
            Level::Catalog => "a catalog name",
            Level::Other => "a name",
        };
        let (first, last) = self.path(what)?;
        if (last - first) / 2 >= MAX_PARTS {
            let span = self.tokens[first].span().to(self.tokens[last].span());
            let message = format!("a name has at most {MAX_PARTS} parts");
            return Err(Fault::new(SqlErrorCode::SyntaxError, span, message));
        }
        let cte = role == Role::Relation
            && first == last
            && !self.ctes.is_empty()
            && self.ctes.contains_key(&identifier_key(self.token_text(first)));
        self.names.push(NameSite { role, level, first, last, cte, scope, alias_behind: None });
        Ok(self.names.len() - 1)
    }

    /// `'(' identifier (',' identifier)* ')'`
    pub(super) fn identifier_list(&mut self) -> Scan {
        self.expect_symbol(Symbol::LeftParen, "'('")?;
        loop {
            self.identifier("a column name")?;
            if !self.eat_symbol(Symbol::Comma) {
                return self.expect_symbol(Symbol::RightParen, "',' or ')'");
            }
        }
    }

    /// Whether `'(' identifier (',' identifier)* ')'` stands `ahead` tokens from here.
    pub(super) fn is_identifier_list(&self, ahead: usize) -> bool {
        let mut ahead = ahead;
        if !self.is_symbol(ahead, Symbol::LeftParen) {
            return false;
        }
        loop {
            if !self.is_identifier(ahead + 1) {
                return false;
            }
            ahead += 2;
            if !self.is_symbol(ahead, Symbol::Comma) {
                return self.is_symbol(ahead, Symbol::RightParen);
            }
        }
    }

    /// `IF EXISTS` or `IF NOT EXISTS`
    pub(super) fn if_exists(&mut self) {
        let _found = self.eat_all(&[Keyword::If, Keyword::Exists])
            || self.eat_all(&[Keyword::If, Keyword::Not, Keyword::Exists]);
    }

    /// `'@' branch` behind a table that is written
    pub(super) fn branch_suffix(&mut self) -> Scan {
        if self.eat_symbol(Symbol::At) {
            let branch = self.identifier("a branch name")?;
            self.landmarks.asides.push(branch - 1..branch + 1);
        }
        Ok(())
    }

    /// `WITH '(' property = value, … ')'`, if it stands here
    pub(super) fn properties(&mut self) -> Scan {
        if self.word(0) == Keyword::With && self.is_symbol(1, Symbol::LeftParen) {
            self.at += 1;
            self.group(Scopes::NOTHING)?;
        }
        Ok(())
    }

    /// A refusal that says what was expected and what stands here instead.
    pub(super) fn expected(&self, what: &str) -> Fault {
        let span = self.span_here();
        if self.at_end() {
            return Fault::new(SqlErrorCode::SyntaxError, span, format!("expected {what}, but the statement ends"));
        }
        if self.is_symbol(0, Symbol::Semicolon) {
            return Fault::new(SqlErrorCode::MultipleStatements, span, "there is more than one statement");
        }
        let found: String = span.of(self.text).chars().take(40).collect();
        Fault::new(SqlErrorCode::SyntaxError, span, format!("expected {what}, found {found}"))
    }

    /// A refusal of a kind of statement that is not on the list.
    pub(super) fn unsupported(&self) -> Fault {
        if self.at_end() {
            return self.expected("the rest of the statement");
        }
        let span = self.span_here();
        let found: String = span.of(self.text).chars().take(40).collect();
        Fault::new(SqlErrorCode::UnsupportedStatement, span, format!("no statement of Trino reads {found} here"))
    }
}
