//! SQL functions: `CREATE FUNCTION`, the inline ones of `WITH FUNCTION`, and the control statements in their bodies.

use super::ends::Ends;
use super::{Level, Role, Scan, Scanner, Scopes};
use crate::keywords::Keyword;
use crate::lexer::Symbol;

impl Scanner<'_> {
    /// `WITH FUNCTION … (',' FUNCTION …)*`, the cursor at WITH.
    pub(super) fn with_functions(&mut self) -> Scan {
        self.at += 1;
        loop {
            self.function(Ends::RootQuery)?;
            if !self.eat_symbol(Symbol::Comma) {
                return Ok(());
            }
        }
    }

    /// `FUNCTION name '(' parameters ')' RETURNS type characteristic* (control statement | AS '…')`
    ///
    /// `ends` is what ends the value of a RETURN that stands by itself.
    pub(super) fn function(&mut self, ends: Ends) -> Scan {
        self.expect(Keyword::Function, "FUNCTION")?;
        self.function_declaration()?;
        self.expect(Keyword::Returns, "RETURNS")?;
        self.data_type()?;
        while self.routine_characteristic()? {}
        if self.eat(Keyword::As) { self.string() } else { self.control_statement(ends) }
    }

    /// `name '(' parameters ')'`
    pub(super) fn function_declaration(&mut self) -> Scan {
        self.name(Role::Routine, Level::Other)?;
        self.group(Scopes::NOTHING)
    }

    fn routine_characteristic(&mut self) -> Scan<bool> {
        match self.word(0) {
            Keyword::Language | Keyword::Security => {
                self.at += 1;
                self.identifier("a language or DEFINER or INVOKER")?;
            }
            Keyword::Not | Keyword::Deterministic => {
                self.eat(Keyword::Not);
                self.expect(Keyword::Deterministic, "DETERMINISTIC")?;
            }
            Keyword::Returns => {
                self.at += 1;
                self.expect(Keyword::Null, "NULL ON NULL INPUT")?;
                self.on_null_input()?;
            }
            Keyword::Called => {
                self.at += 1;
                self.on_null_input()?;
            }
            Keyword::Comment => {
                self.at += 1;
                self.string()?;
            }
            Keyword::With if self.is_symbol(1, Symbol::LeftParen) => self.properties()?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn on_null_input(&mut self) -> Scan {
        if self.eat_all(&[Keyword::On, Keyword::Null, Keyword::Input]) {
            return Ok(());
        }
        Err(self.expected("ON NULL INPUT"))
    }

    /// One control statement. `ends` is what ends the value of a RETURN that stands by itself.
    fn control_statement(&mut self, ends: Ends) -> Scan {
        self.nested(|scanner| {
            if scanner.is_identifier(0) && scanner.is_symbol(1, Symbol::Colon) {
                scanner.at += 2;
            }
            match scanner.word(0) {
                Keyword::Return => {
                    scanner.at += 1;
                    scanner.expression(Scopes::NOTHING, ends)
                }
                Keyword::Set => {
                    scanner.at += 1;
                    scanner.identifier("a variable")?;
                    scanner.expect_symbol(Symbol::Equal, "'='")?;
                    scanner.expression(Scopes::NOTHING, ends)
                }
                Keyword::Iterate | Keyword::Leave => {
                    scanner.at += 1;
                    scanner.identifier("a label").map(drop)
                }
                Keyword::Begin => scanner.compound_statement(),
                Keyword::Case => scanner.case_statement(),
                Keyword::If => scanner.if_statement(),
                Keyword::Loop => {
                    scanner.at += 1;
                    scanner.statement_list()?;
                    scanner.block_end(Keyword::Loop, "END LOOP")
                }
                Keyword::While => {
                    scanner.at += 1;
                    scanner.expression(Scopes::NOTHING, Ends::ControlStatement)?;
                    scanner.expect(Keyword::Do, "DO")?;
                    scanner.statement_list()?;
                    scanner.block_end(Keyword::While, "END WHILE")
                }
                Keyword::Repeat => {
                    scanner.at += 1;
                    scanner.statement_list()?;
                    scanner.expect(Keyword::Until, "UNTIL")?;
                    scanner.expression(Scopes::NOTHING, Ends::ControlStatement)?;
                    scanner.block_end(Keyword::Repeat, "END REPEAT")
                }
                _ => Err(scanner.expected("RETURN, BEGIN or another control statement")),
            }
        })
    }

    /// `BEGIN (DECLARE …;)* (statement;)* END`
    fn compound_statement(&mut self) -> Scan {
        self.at += 1;
        while self.word(0) == Keyword::Declare {
            self.at += 1;
            loop {
                self.identifier("a variable")?;
                if !self.eat_symbol(Symbol::Comma) {
                    break;
                }
            }
            self.data_type()?;
            if self.eat(Keyword::Default) {
                self.expression(Scopes::NOTHING, Ends::ControlStatement)?;
            }
            self.expect_symbol(Symbol::Semicolon, "';'")?;
        }
        self.statement_list()?;
        self.expect(Keyword::End, "END")
    }

    /// `CASE [value] (WHEN … THEN statements)+ [ELSE statements] END CASE`
    fn case_statement(&mut self) -> Scan {
        self.at += 1;
        if self.word(0) != Keyword::When {
            self.expression(Scopes::NOTHING, Ends::ControlStatement)?;
        }
        while self.eat(Keyword::When) {
            self.then_branch()?;
        }
        self.else_branch()?;
        self.block_end(Keyword::Case, "WHEN, ELSE or END CASE")
    }

    /// `IF … THEN statements (ELSEIF … THEN statements)* [ELSE statements] END IF`
    fn if_statement(&mut self) -> Scan {
        self.at += 1;
        self.then_branch()?;
        while self.eat(Keyword::Elseif) {
            self.then_branch()?;
        }
        self.else_branch()?;
        self.block_end(Keyword::If, "ELSEIF, ELSE or END IF")
    }

    fn then_branch(&mut self) -> Scan {
        self.expression(Scopes::NOTHING, Ends::ControlStatement)?;
        self.expect(Keyword::Then, "THEN")?;
        self.statement_list()
    }

    fn else_branch(&mut self) -> Scan {
        if self.eat(Keyword::Else) { self.statement_list() } else { Ok(()) }
    }

    /// `(statement ';')*`
    fn statement_list(&mut self) -> Scan {
        while !self.statement_list_ends() {
            self.control_statement(Ends::ControlStatement)?;
            self.expect_symbol(Symbol::Semicolon, "';'")?;
        }
        Ok(())
    }

    fn statement_list_ends(&self) -> bool {
        let label = self.is_symbol(1, Symbol::Colon);
        match self.word(0) {
            Keyword::End | Keyword::Else | Keyword::When => true,
            Keyword::Elseif | Keyword::Until => !label,
            _ => self.at_end(),
        }
    }

    fn block_end(&mut self, block: Keyword, what: &'static str) -> Scan {
        if self.eat_all(&[Keyword::End, block]) { Ok(()) } else { Err(self.expected(what)) }
    }
}
