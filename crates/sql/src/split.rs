//! Takes a text with several statements apart at its semicolons: those of Trino's lexer, so none in a string, a name or a
//! comment, and none in the body of a SQL function. What the statements are is not looked at here, so that a text which
//! nobody can read is taken apart too.

use crate::keywords::Keyword;
use crate::lexer::{Lexer, Symbol, TokenKind};
use crate::span::{Locator, Position, Span};

/// One statement of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// From its first word to its last; neither the semicolon nor comments at its ends.
    pub sql: &'a str,
    /// Where that is in the text, in bytes.
    pub span: Span,
    /// Where that is in the text, as a person would say it.
    pub position: Position,
}

impl Piece<'_> {
    /// A line and a column of the statement as a line and a column of the text, all from 1.
    #[must_use]
    pub const fn in_text(&self, line: u32, column: u32) -> (u32, u32) {
        let Position { line: first, column: before, .. } = self.position;
        if line <= 1 {
            (first, before.saturating_add(column).saturating_sub(1))
        } else {
            (first.saturating_add(line).saturating_sub(1), column)
        }
    }
}

/// The statements of a text, in order. Between two semicolons with nothing but comments there is none.
///
/// A semicolon inside of `BEGIN … END` and the other control statements of a SQL function ends no statement. What the
/// lexer refuses belongs to the statement that it stands in, and a string that does not end goes on to the end.
///
/// ```
/// let pieces = warren_sql::split("SELECT ';' -- one;\n; SELECT 2");
/// assert_eq!(pieces.iter().map(|piece| piece.sql).collect::<Vec<_>>(), ["SELECT ';'", "SELECT 2"]);
/// assert_eq!((pieces[1].position.line, pieces[1].position.column), (2, 3));
/// ```
#[must_use]
pub fn split(text: &str) -> Vec<Piece<'_>> {
    let mut spans = Vec::new();
    let mut current: Option<Span> = None;
    let mut routine = Routine::default();
    let mut lexer = Lexer::new(text);
    loop {
        let span = match lexer.next_token() {
            Ok(None) => break,
            Ok(Some(TokenKind::Symbol(Symbol::Semicolon))) if !routine.is_open() => {
                spans.extend(current.take());
                routine = Routine::default();
                continue;
            }
            Ok(Some(kind)) => {
                routine.read(kind);
                lexer.span()
            }
            Err(fault) => {
                lexer.go_on_behind(fault.span());
                fault.span()
            }
        };
        current = Some(current.map_or(span, |first| first.to(span)));
    }
    spans.extend(current);
    let mut locator = Locator::new(text);
    spans.into_iter().map(|span| Piece { sql: span.of(text), span, position: locator.locate(span) }).collect()
}

/// Where in the SQL functions of a statement a token stands. A body begins with the first control statement behind
/// RETURNS and its type; only there is the word that opens it no name.
#[derive(Debug, Default)]
struct Routine {
    stage: Stage,
    /// Parentheses that are open since the stage or the block began.
    parentheses: usize,
    /// What is open in the body.
    blocks: Vec<Block>,
    before: Option<TokenKind>,
    /// Whether the token before opened a block, unless a colon shows that it is a label.
    just_opened: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Outside of any function.
    #[default]
    Outside,
    /// Behind FUNCTION, in its name and parameters.
    Named,
    /// Behind the parameters.
    Declared,
    /// Behind RETURNS.
    Typed,
}

/// What an END closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    /// `BEGIN`, and `CASE`, `IF`, `LOOP`, `WHILE` and `REPEAT` where they are statements.
    Statements,
    /// A `CASE` that is a value.
    Value,
}

impl Routine {
    const fn is_open(&self) -> bool {
        !self.blocks.is_empty()
    }

    fn read(&mut self, token: TokenKind) {
        let word = if let TokenKind::Word(word) = token { word } else { Keyword::Plain };
        let label = std::mem::take(&mut self.just_opened) && token == TokenKind::Symbol(Symbol::Colon);
        if label {
            self.blocks.pop();
        } else if self.is_open() {
            self.read_body(token, word);
        } else {
            self.read_header(token, word);
        }
        self.before = Some(token);
    }

    fn read_header(&mut self, token: TokenKind, word: Keyword) {
        self.stage = match self.stage {
            Stage::Outside if word == Keyword::Function => Stage::Named,
            Stage::Outside => Stage::Outside,
            Stage::Named if self.parentheses > 0 || token == TokenKind::Symbol(Symbol::LeftParen) => {
                // `function(x)` is a call.
                let named = self.before != Some(TokenKind::Word(Keyword::Function));
                self.count_parentheses(token);
                match self.parentheses {
                    0 => Stage::Declared,
                    _ if named => Stage::Named,
                    _ => self.outside(),
                }
            }
            Stage::Named if is_of_name(token) => Stage::Named,
            Stage::Declared if word == Keyword::Returns => Stage::Typed,
            Stage::Named | Stage::Declared => Stage::Outside,
            Stage::Typed => self.read_characteristic(token, word),
        };
    }

    /// A type, a characteristic of the function, or what begins its body.
    fn read_characteristic(&mut self, token: TokenKind, word: Keyword) -> Stage {
        self.count_parentheses(token);
        let a_name_follows =
            [Keyword::Returns, Keyword::Language, Keyword::Security].map(|word| Some(TokenKind::Word(word)));
        if self.parentheses > 0 || a_name_follows.contains(&self.before) {
            return Stage::Typed;
        }
        match word {
            // A single statement and a body in a string hold no semicolon.
            Keyword::Return | Keyword::Set | Keyword::Iterate | Keyword::Leave | Keyword::As => Stage::Outside,
            _ => {
                self.open(word);
                Stage::Typed
            }
        }
    }

    fn read_body(&mut self, token: TokenKind, word: Keyword) {
        self.count_parentheses(token);
        let ended = self.before == Some(TokenKind::Word(Keyword::End));
        match word {
            Keyword::End => self.end(),
            // The second word of END CASE, END IF and their like: its block is closed already.
            Keyword::Case | Keyword::If | Keyword::Loop | Keyword::While | Keyword::Repeat if ended => {}
            _ if self.statement_begins() => self.open(word),
            Keyword::Case => self.blocks.push(Block::Value),
            _ => {}
        }
    }

    /// Whether a control statement begins here, so that IF is no function and BEGIN no variable.
    fn statement_begins(&self) -> bool {
        if self.parentheses > 0 || self.blocks.last() == Some(&Block::Value) {
            return false;
        }
        match self.before {
            Some(TokenKind::Symbol(Symbol::Semicolon | Symbol::Colon)) => true,
            Some(TokenKind::Word(word)) => matches!(
                word,
                Keyword::Begin | Keyword::Then | Keyword::Else | Keyword::Do | Keyword::Loop | Keyword::Repeat
            ),
            _ => false,
        }
    }

    fn open(&mut self, word: Keyword) {
        self.just_opened = matches!(
            word,
            Keyword::Begin | Keyword::Case | Keyword::If | Keyword::Loop | Keyword::While | Keyword::Repeat
        );
        if self.just_opened {
            self.blocks.push(Block::Statements);
        }
    }

    fn end(&mut self) {
        self.blocks.pop();
        if self.blocks.is_empty() {
            self.stage = self.outside();
        }
    }

    const fn outside(&mut self) -> Stage {
        self.parentheses = 0;
        Stage::Outside
    }

    const fn count_parentheses(&mut self, token: TokenKind) {
        match token {
            TokenKind::Symbol(Symbol::LeftParen) => self.parentheses += 1,
            TokenKind::Symbol(Symbol::RightParen) => self.parentheses = self.parentheses.saturating_sub(1),
            _ => {}
        }
    }
}

/// Whether a token can stand in the dotted name of a function.
const fn is_of_name(token: TokenKind) -> bool {
    token.is_identifier() || matches!(token, TokenKind::Symbol(Symbol::Dot))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, u32, u32)]) {
        let place = |piece: &Piece<'_>| (piece.position.line, piece.position.column);
        let found: Vec<_> = split(text).iter().map(|piece| (piece.sql, place(piece).0, place(piece).1)).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn statements_end_at_semicolons() {
        check("", &[]);
        check(" ;\n; -- a\n /* b */ ;", &[]);
        check("select 1", &[("select 1", 1, 1)]);
        check("select 1;\n  select 2 ;select 3", &[("select 1", 1, 1), ("select 2", 2, 3), ("select 3", 2, 13)]);
        check("select '한;글'; a", &[("select '한;글'", 1, 1), ("a", 1, 15)]);
        check("-- a; b\n /* c */ select 1 -- d\n; -- e", &[("select 1", 2, 10)]);
        check("select 1 -- a\r; select 2", &[("select 1", 1, 1), ("select 2", 1, 17)]);
    }

    #[test]
    fn a_semicolon_within_something_ends_nothing() {
        for one in [
            "select ';', 'it''s;' from \"a;\"\"b\"",
            "select 1 -- a; b\n, 2",
            "select /* ; */ 1",
            "select $$ a; ' b $$, x'6;', U&'\\0041;'",
        ] {
            check(&format!("{one}; x"), &[(one, 1, 1), ("x", 1 + lines(one), column_behind(one))]);
        }
    }

    fn lines(text: &str) -> u32 {
        u32::from(text.contains('\n'))
    }

    fn column_behind(text: &str) -> u32 {
        u32::try_from(text.lines().last().unwrap().chars().count()).unwrap() + 3
    }

    #[test]
    fn a_semicolon_in_the_body_of_a_function_ends_nothing() {
        for one in [
            "create function f(a bigint) returns bigint begin declare b bigint; if a > 1 then set b = 1; end if; \
             set b = case when a > 1 then if(a > 2, 2, 3) else 3 end; while b < 3 do set b = b + 1; end while; \
             return b; end",
            "create or replace function f(a bigint) returns bigint begin case a when 1 then return 1; else return 2; \
             end case; end",
            "create function f(a bigint) returns varchar(5) language sql if a > 1 then return 'a'; else return 'b'; end if",
            "with function f() returns row(if bigint) called on null input x: loop leave x; end loop, function g() returns \
             int return if(true, 1, 2), function h() returns int begin repeat set a = 1; until true end repeat; return \
             begin; end select f() begin, case when h() = 1 then 2 end if from t",
            "create function f() returns begin language if if: loop if do then leave if; end if; set a = (select do if from \
             t); end loop",
        ] {
            let two = format!("{one}; x");
            assert_eq!(split(&two).iter().map(|piece| piece.sql).collect::<Vec<_>>(), [one, "x"]);
            if !one.contains("row(if") {
                assert!(crate::analyse(one).is_ok(), "{one}");
            }
        }
    }

    #[test]
    fn words_that_only_look_like_a_function_hold_nothing_together() {
        for one in [
            "select function, returns, begin from t",
            "select function(x) returns, begin from t",
            "select function x, returns, begin from t",
        ] {
            check(&format!("{one}; x"), &[(one, 1, 1), ("x", 1, column_behind(one))]);
        }
        check(
            "create function f() returns int return 1; begin",
            &[("create function f() returns int return 1", 1, 1), ("begin", 1, 43)],
        );
        check("drop function begin(int); x", &[("drop function begin(int)", 1, 1), ("x", 1, 27)]);
    }

    #[test]
    fn what_cannot_be_read_is_taken_apart_too() {
        check("select `a` 1b \"\"; ä; x", &[("select `a` 1b \"\"", 1, 1), ("ä", 1, 19), ("x", 1, 22)]);
        check("x; select 'not; closed; ", &[("x", 1, 1), ("select 'not; closed; ", 1, 4)]);
        check("x; /* not; closed", &[("x", 1, 1), ("/* not; closed", 1, 4)]);
    }

    #[test]
    fn places_in_a_statement_are_places_in_the_text() {
        let pieces = split("a;\n  b\n c");
        assert_eq!(pieces[1].in_text(1, 1), (2, 3));
        assert_eq!(pieces[1].in_text(2, 2), (3, 2));
    }
}
