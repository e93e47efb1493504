//! Walks over an expression. Only brackets, CASE, sub-queries, lambdas, row patterns and dotted chains matter in it;
//! everything else is skipped. The walk keeps its own stack, so that no nesting of parentheses costs real stack.

use super::ends::Ends;
use super::{Place, Scan, Scanner, ScopeId, TokenId};
use crate::error::{Fault, SqlErrorCode};
use crate::keywords::Keyword;
use crate::lexer::{Symbol, TokenKind, identifier_key};

/// An open bracket or CASE.
struct Frame {
    /// The bracket or the CASE.
    opened: TokenId,
    closer: Closer,
    content: Content,
    /// The scope around the bracket.
    outer: ScopeId,
    /// The scope inside, to which a comma returns from a lambda's body.
    inner: ScopeId,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Closer {
    Symbol(Symbol),
    End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Plain,
    /// Arguments that FROM may separate: EXTRACT, TRIM, SUBSTRING, OVERLAY.
    WithFrom,
    /// A window or MATCH_RECOGNIZE up to MEASURES or PATTERN: PARTITION BY and ORDER BY know no variables.
    Window,
    /// The rest of it, in which PATTERN defines variables.
    Pattern,
    /// The inside of PATTERN: every identifier is a variable of that scope.
    Variables(ScopeId),
}

/// Where a walk is.
struct Walk {
    frames: Vec<Frame>,
    base: ScopeId,
    base_content: Content,
    scope: ScopeId,
    /// Whether an operand has just ended, so that an operator, an alias or the end follows.
    after_operand: bool,
    /// Where the bracket was opened that was closed last.
    closed: Option<TokenId>,
}

impl Walk {
    const fn new(scope: ScopeId, base_content: Content) -> Self {
        Self { frames: Vec::new(), base: scope, base_content, scope, after_operand: false, closed: None }
    }

    fn content(&self) -> Content {
        self.frames.last().map_or(self.base_content, |frame| frame.content)
    }

    fn open(&mut self, opened: TokenId, closer: Closer, content: Content, inner: ScopeId) {
        self.frames.push(Frame { opened, closer, content, outer: self.scope, inner });
        self.scope = inner;
        self.after_operand = false;
    }

    /// Closes the innermost bracket if `closer` does.
    fn close(&mut self, closer: Closer) -> bool {
        match self.frames.pop_if(|frame| frame.closer == closer) {
            Some(frame) => {
                self.scope = frame.outer;
                self.after_operand = true;
                self.closed = Some(frame.opened);
                true
            }
            None => false,
        }
    }

    /// What follows, to the end of the bracket, sees `scope`, in which a pattern's variables are.
    fn enter_pattern(&mut self, scope: ScopeId) {
        self.scope = scope;
        match self.frames.last_mut() {
            Some(frame) => (frame.content, frame.inner) = (Content::Pattern, scope),
            None => (self.base_content, self.base) = (Content::Pattern, scope),
        }
    }

    /// A comma ends a lambda's body.
    fn comma(&mut self) {
        self.scope = self.frames.last().map_or(self.base, |frame| frame.inner);
        self.after_operand = false;
    }
}

impl Scanner<'_> {
    /// `'(' … ')'`
    pub(super) fn group(&mut self, scope: ScopeId) -> Scan {
        self.expect_symbol(Symbol::LeftParen, "'('")?;
        if self.query_starts(0) {
            self.query(scope, Place::Inner)?;
        } else {
            self.expression(scope, Ends::Closing)?;
        }
        self.expect_symbol(Symbol::RightParen, "')'")
    }

    /// `'(' … ')'` of MATCH_RECOGNIZE. Its input is bound in `scope`.
    pub(super) fn pattern_group(&mut self, scope: ScopeId) -> Scan {
        self.expect_symbol(Symbol::LeftParen, "'('")?;
        self.walk(Walk::new(scope, Content::Window), Ends::Closing)?;
        self.expect_symbol(Symbol::RightParen, "')'")
    }

    /// Walks from here to what ends the expression.
    pub(super) fn expression(&mut self, scope: ScopeId, ends: Ends) -> Scan {
        self.walk(Walk::new(scope, Content::Plain), ends)
    }

    fn walk(&mut self, mut walk: Walk, ends: Ends) -> Scan {
        while let Some(kind) = self.kind(0) {
            if walk.frames.is_empty() && self.ends_here(ends, walk.after_operand) {
                break;
            }
            match kind {
                TokenKind::Symbol(symbol) => {
                    if !self.walk_symbol(&mut walk, symbol)? {
                        break;
                    }
                }
                TokenKind::Word(keyword) if keyword.is_reserved() => {
                    if !self.walk_reserved(&mut walk, keyword)? {
                        break;
                    }
                }
                TokenKind::Word(_) | TokenKind::Delimited => self.walk_chain(&mut walk)?,
                TokenKind::String | TokenKind::Integer | TokenKind::Number => {
                    self.at += 1;
                    walk.after_operand = true;
                }
            }
        }
        match walk.frames.last().map(|frame| frame.closer) {
            None if ends.follow_an_operand() && !walk.after_operand => Err(self.expected("an expression")),
            None => Ok(()),
            Some(Closer::End) => Err(self.expected("END")),
            Some(Closer::Symbol(Symbol::RightParen)) => Err(self.expected("')'")),
            Some(Closer::Symbol(Symbol::RightBracket)) => Err(self.expected("']'")),
            Some(Closer::Symbol(_)) => Err(self.expected("'}'")),
        }
    }

    /// Moves over a symbol. `false` when it closes a bracket that was opened outside of this walk.
    fn walk_symbol(&mut self, walk: &mut Walk, symbol: Symbol) -> Scan<bool> {
        match symbol {
            Symbol::LeftParen if self.query_starts(1) => {
                self.at += 1;
                self.query(walk.scope, Place::Inner)?;
                self.expect_symbol(Symbol::RightParen, "')'")?;
                walk.after_operand = true;
                return Ok(true);
            }
            Symbol::LeftParen => self.open_parenthesis(walk),
            Symbol::LeftBracket => walk.open(self.at, Closer::Symbol(Symbol::RightBracket), Content::Plain, walk.scope),
            Symbol::LeftBrace => walk.open(self.at, Closer::Symbol(Symbol::RightBrace), walk.content(), walk.scope),
            Symbol::LeftExclusion => {
                walk.open(self.at, Closer::Symbol(Symbol::RightExclusion), walk.content(), walk.scope);
            }
            Symbol::RightParen | Symbol::RightBracket | Symbol::RightBrace | Symbol::RightExclusion => {
                if !walk.close(Closer::Symbol(symbol)) {
                    // Either the caller's bracket or one that does not match; the caller finds out which.
                    return if walk.frames.is_empty() {
                        Ok(false)
                    } else {
                        Err(self.expected("another closing bracket"))
                    };
                }
            }
            Symbol::Comma => walk.comma(),
            Symbol::Semicolon => return Err(self.expected("the rest of the expression")),
            Symbol::Arrow if !self.lambda_parameters_end() => return Err(self.expected("an operator")),
            Symbol::Arrow => {
                walk.scope = self.lambda_scope(walk.scope)?;
                walk.after_operand = false;
            }
            Symbol::Dot | Symbol::DoubleColon => {
                // A field of what was closed or called before, or a method: it belongs to no qualifier.
                self.at += 1;
                if !matches!(
                    self.kind(0),
                    Some(TokenKind::Word(_) | TokenKind::Delimited | TokenKind::Symbol(Symbol::Star))
                ) {
                    return Err(self.expected("a field name"));
                }
                if let Some(opened) = walk.closed {
                    self.continue_chain(opened, walk.scope);
                }
                walk.after_operand = true;
            }
            Symbol::Star => walk.after_operand = !walk.after_operand,
            Symbol::Question => walk.after_operand = true,
            _ => walk.after_operand = false,
        }
        self.at += 1;
        Ok(true)
    }

    fn open_parenthesis(&mut self, walk: &mut Walk) {
        let (content, inner) = match (walk.content(), self.word_before(1)) {
            (Content::Variables(scope), _) => (Content::Variables(scope), walk.scope),
            (Content::Pattern, Keyword::Pattern) => (Content::Variables(walk.scope), walk.scope),
            (_, Keyword::Over | Keyword::As) => (Content::Window, walk.scope),
            (_, Keyword::Extract | Keyword::Trim | Keyword::Substring | Keyword::Overlay) => {
                (Content::WithFrom, walk.scope)
            }
            _ => (Content::Plain, walk.scope),
        };
        walk.open(self.at, Closer::Symbol(Symbol::RightParen), content, inner);
    }

    /// Moves over a reserved word. `false` when it is an END that was opened outside of this walk.
    fn walk_reserved(&mut self, walk: &mut Walk, keyword: Keyword) -> Scan<bool> {
        match keyword {
            Keyword::Case => walk.open(self.at, Closer::End, walk.content(), walk.scope),
            Keyword::End => {
                if !walk.close(Closer::End) {
                    return if walk.frames.is_empty() { Ok(false) } else { Err(self.expected("a closing bracket")) };
                }
            }
            _ if keyword.is_set_operator() && walk.after_operand && self.set_operand_follows() => {
                self.set_operations(walk.scope)?;
                return Ok(true);
            }
            Keyword::From if walk.content() == Content::WithFrom || self.is_distinct_from() => {
                walk.after_operand = false;
            }
            Keyword::Where if self.kind_before(1) == Some(TokenKind::Symbol(Symbol::LeftParen)) => {
                walk.after_operand = false;
            }
            Keyword::From
            | Keyword::Where
            | Keyword::Select
            | Keyword::Values
            | Keyword::Table
            | Keyword::Into
            | Keyword::Join
            | Keyword::Having
            | Keyword::Insert
            | Keyword::Delete
            | Keyword::Unnest
            | Keyword::Using
            | Keyword::Create
            | Keyword::Drop
            | Keyword::Alter => return Err(self.expected("the rest of the expression")),
            _ => walk.after_operand = keyword.is_value(),
        }
        self.at += 1;
        Ok(true)
    }

    /// Moves over `a.b.c`, `a.b.*` or the name of a function.
    fn walk_chain(&mut self, walk: &mut Walk) -> Scan {
        if self.pattern_starts(walk) {
            let scope = self.expression_scope(walk.scope)?;
            walk.enter_pattern(scope);
        }
        let first = self.at;
        self.at += 1;
        walk.after_operand = true;
        match walk.content() {
            Content::Variables(scope) => self.shadow(scope, first),
            Content::Pattern if self.is_symbol(0, Symbol::Equal) && self.is_symbol(1, Symbol::LeftParen) => {
                // `SUBSET u = (a, b)`
                self.shadow(walk.scope, first);
            }
            _ => {}
        }
        while self.is_symbol(0, Symbol::Dot) && self.is_identifier(1) {
            self.at += 2;
        }
        let last = self.at - 1;
        let star = self.is_symbol(0, Symbol::Dot) && self.is_symbol(1, Symbol::Star);
        if star {
            self.at += 2;
        }
        self.note_chain(first, last, star, walk.scope);
        Ok(())
    }

    /// Whether MEASURES or PATTERN stands here and not a column of that name.
    fn pattern_starts(&self, walk: &Walk) -> bool {
        let is_word = match self.word(0) {
            Keyword::Pattern => self.is_symbol(1, Symbol::LeftParen),
            word => word == Keyword::Measures,
        };
        let begins = || walk.after_operand || self.kind_before(1) == Some(TokenKind::Symbol(Symbol::LeftParen));
        is_word && walk.content() == Content::Window && begins()
    }

    /// A scope inside of an expression. Such scopes nest without end and cost no stack, but each of them is passed on the
    /// way from a column to its table.
    fn expression_scope(&mut self, around: ScopeId) -> Scan<ScopeId> {
        // A level of queries and relations opens two scopes at most, so that there is always room for some.
        if self.scopes.depth(around) >= 4 * self.max_depth {
            let message = "lambdas and row patterns are nested too deep in one another";
            return Err(Fault::new(SqlErrorCode::TooDeep, self.span_here(), message));
        }
        Ok(self.scopes.open(around))
    }

    fn shadow(&mut self, scope: ScopeId, token: TokenId) {
        let key = identifier_key(self.token_text(token));
        self.scopes.shadow(scope, key);
    }

    /// Whether a list in parentheses or one identifier ends here, and no chain of them.
    fn lambda_parameters_end(&self) -> bool {
        match self.kind_before(1) {
            Some(TokenKind::Word(_) | TokenKind::Delimited) => {
                self.kind_before(2) != Some(TokenKind::Symbol(Symbol::Dot))
            }
            before => before == Some(TokenKind::Symbol(Symbol::RightParen)),
        }
    }

    /// A scope in which the parameters before the arrow that stands here hide everything.
    fn lambda_scope(&mut self, around: ScopeId) -> Scan<ScopeId> {
        let scope = self.expression_scope(around)?;
        let mut index = self.at;
        let mut listed = false;
        while let Some(before) = index.checked_sub(1) {
            match self.tokens[before].kind {
                TokenKind::Symbol(Symbol::RightParen) if index == self.at => listed = true,
                TokenKind::Symbol(Symbol::Comma) if listed => {}
                TokenKind::Word(_) | TokenKind::Delimited => {
                    self.shadow(scope, before);
                    if !listed {
                        break;
                    }
                }
                _ => break,
            }
            index = before;
        }
        Ok(scope)
    }
}
